import { AlgoDesk } from "../../src/algo/index.ts";
import { Backtester } from "../../src/run/index.ts";
import {
  type ClosedMarketOptions,
  ConstantLatency,
  DepthMarket,
  MatchingVenue,
} from "../../src/sim/index.ts";
import type { BookView, FillView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, type Run, ratioOf, spreadOf } from "./rounds.ts";

const SECOND = 1_000_000_000;
const INSTRUMENT = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" } as const;
const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1);
const SIZES = [5, 10, 20, 40, 80, 160, 320];
const ALGO_LOTS = 240;
const MARKET = { instrument: INSTRUMENT, durationNs: 75 * SECOND } as const;
/** For algorithms: less of what the market does anyway. */
const CALM = { volatilityTicks: 0.2 } as const;

type Act = (ctx: StrategyContext, desk: AlgoDesk) => void;

/** Acts once, ten seconds after the start, and keeps what it paid and where the market went. */
class Execution implements Strategy {
  readonly name = "execution";
  readonly desk = new AlgoDesk();
  readonly #act: Act;
  arrival = Number.NaN;
  after = Number.NaN;
  paid = 0;
  got = 0;
  /** Lots that traded in the minute after. */
  volume = 0;
  #seconds = 0;

  constructor(act: Act) {
    this.#act = act;
  }

  onStart(ctx: StrategyContext) {
    ctx.clock.every(SECOND);
  }

  onTimer(timer: number, ctx: StrategyContext) {
    if (this.desk.onTimer(timer, ctx)) return;
    this.#seconds += 1;
    const mid = ctx.book("ABC").midTicks;
    if (this.#seconds === 10) {
      this.arrival = mid;
      this.#act(ctx, this.desk);
    } else if (this.#seconds === 70) this.after = mid;
  }

  onBook(book: BookView, ctx: StrategyContext) {
    this.desk.onBook(book, ctx);
  }

  onTrade(trade: Parameters<NonNullable<Strategy["onTrade"]>>[0], ctx: StrategyContext) {
    if (this.#seconds >= 10 && this.#seconds < 70) this.volume += trade.lots;
    this.desk.onTrade(trade, ctx);
  }

  onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext) {
    this.desk.onOrder(order, ctx);
  }

  onFill(fill: FillView, ctx: StrategyContext) {
    this.paid += fill.priceTicks * fill.lots;
    this.got += fill.lots;
    this.desk.onFill(fill, ctx);
  }
}

interface Cost {
  /** Paid beyond the mid at arrival, in ticks a lot, and how far the mid was from it a minute later. */
  readonly ticks: number;
  readonly error: number;
  readonly moved: number;
  readonly movedError: number;
  readonly filled: number;
}

/** The mean over all seeds, against the same seeds without us: what the market did anyway is taken off. */
function costOf(act: Act, lots: number, more: Partial<ClosedMarketOptions> = {}): Cost {
  const costs: number[] = [];
  const moves: number[] = [];
  let filled = 0;
  for (const seed of SEEDS) {
    const own = run(act, seed, more);
    const without = alone(seed);
    costs.push(own.paid / own.got - own.arrival);
    moves.push(own.after - own.arrival - (without.after - without.arrival));
    filled += own.got / lots / SEEDS.length;
  }
  const [[ticks, error], [moved, movedError]] = [meanOf(costs), meanOf(moves)];
  return { ticks, error, moved, movedError, filled };
}

/** The mean and its standard error. */
function meanOf(figures: readonly number[]): readonly [number, number] {
  const n = figures.length;
  const mean = figures.reduce((a, b) => a + b, 0) / n;
  const squares = figures.reduce((sum, each) => sum + (each - mean) * (each - mean), 0);
  return [mean, Math.sqrt(squares / (n - 1) / n)];
}

function run(act: Act, seed: number, more: Partial<ClosedMarketOptions> = {}): Execution {
  const own = new Execution(act);
  const latency = new ConstantLatency({ entryNs: 1_000_000, responseNs: 1_000_000 });
  const closed: ClosedMarketOptions = { ...MARKET, ...more, seed };
  const backtester = new Backtester({
    markets: [{ closed, venue: { latency } }],
    ...{ strategies: [own], cash: { USD: "100000000" }, markouts: false },
  });
  backtester.runToEnd();
  return own;
}

const market =
  (lots: number): Act =>
  (ctx) =>
    void ctx.submit({ instrument: "ABC", side: "buy", lots, type: "market" });

const algo =
  (name: "twap" | "vwap" | "pov"): Act =>
  (ctx, desk) => {
    const common = { instrument: "ABC", side: "buy", lots: ALGO_LOTS, residual: "cross" } as const;
    const times = { startNs: ctx.clock.ns + 1, endNs: ctx.clock.ns + 60 * SECOND };
    const answer = desk.start(
      name === "twap"
        ? { ...common, ...times, algo: "twap", slices: 12, seed: 1 }
        : name === "vwap"
          ? { ...common, ...times, algo: "vwap", curve: new Array(12).fill(1) }
          : { ...common, ...times, algo: "pov", participation: 0.3, ownPrints: true },
      ctx,
    );
    if (!answer.ok) throw new Error(answer.message);
  };

/** Traded lots and the standard deviation of the mid over a minute, without us. */
function base(): { readonly lots: number; readonly ticks: number } {
  let [lots, squares] = [0, 0];
  for (const seed of SEEDS) {
    const { after, arrival, volume } = alone(seed);
    squares += (after - arrival) * (after - arrival);
    lots += volume;
  }
  return { lots: lots / SEEDS.length, ticks: Math.sqrt(squares / SEEDS.length) };
}

const withoutUs = new Map<number, Execution>();

/** A seed's market without us. */
function alone(seed: number): Execution {
  const known = withoutUs.get(seed) ?? run(() => {}, seed);
  withoutUs.set(seed, known);
  return known;
}

/** Prints what size costs in a closed market, what algorithms make of it, and how fast such a market goes. */
export async function bench(): Promise<BenchResult> {
  const { lots: volume, ticks: sigma } = base();
  const notes = [
    `${SEEDS.length} seeded crowds, simulated; ${volume.toFixed(0)} lots a minute, mid moves ${sigma.toFixed(2)} ticks a minute (sd)`,
    "market orders: lots, cost in ticks a lot beyond the mid at arrival (standard error), mid a minute later less that of the same seed without us (standard error), Y of cost = Y sigma sqrt(lots / volume of a minute)",
  ];
  for (const lots of SIZES) {
    const { ticks, error, moved, movedError, filled } = costOf(market(lots), lots);
    const y = ticks / (sigma * Math.sqrt(lots / volume));
    const whole = filled < 0.9995 ? `, ${(100 * filled).toFixed(0)} % filled` : "";
    notes.push(
      `  ${lots}: ${ticks.toFixed(2)} (${error.toFixed(2)}), ${moved.toFixed(2)} (${movedError.toFixed(2)}), Y ${y.toFixed(2)}${whole}`,
    );
  }
  notes.push(
    `${ALGO_LOTS} lots within a minute where the fundamental moves 0.2 ticks a second: cost in ticks a lot (standard error), share filled`,
  );
  const acts: readonly (readonly [string, Act])[] = [
    ["market order", market(ALGO_LOTS)],
    ...(["twap", "vwap", "pov"] as const).map((name) => [name, algo(name)] as const),
  ];
  for (const [name, act] of acts) {
    const { ticks, error, filled } = costOf(act, ALGO_LOTS, CALM);
    notes.push(`  ${name}: ${ticks.toFixed(2)} (${error.toFixed(2)}), ${(100 * filled).toFixed(0)} %`);
  }
  return { rows: [await speed()], notes };
}

/** A crowd in a matching book beside the same kinds of flow in a book of levels. */
async function speed(): Promise<BenchRow> {
  const shared = { instrument: INSTRUMENT, seed: 7, durationNs: 600 * SECOND };
  const closed = (): Run => {
    const venue = new MatchingVenue({ market: { ...shared, startNs: 0n } });
    while (venue.nextNs[0] !== Number.POSITIVE_INFINITY) {
      venue.live();
      while (venue.rows.size > 0) venue.rows.shift();
    }
    return { units: 600 };
  };
  const levels = (): Run => {
    const depth = new DepthMarket(shared, () => {});
    while (depth.next());
    return { units: 600 };
  };
  const measured = await interleave(
    [
      { name: "closed", run: closed },
      { name: "levels", run: levels },
    ],
    { rounds: 5 },
  );
  const of = (name: string): Measured => measured.get(name) as Measured;
  return {
    name: "a market without us",
    ours: spreadOf(of("closed").nsPerUnit).median,
    unit: "ns/simulated s",
    peer: "DepthMarket",
    peerValue: spreadOf(of("levels").nsPerUnit).median,
    ...ratioFields(ratioOf(of("levels"), of("closed"))),
  };
}
