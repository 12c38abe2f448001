/** Each algorithm buys the same on the BTCUSDT capture (else on a simulated market), beside one market order. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlgoDesk } from "tickwright/algo";
import { importBinanceCapture, openDepthTape } from "tickwright/host";
import { type AlgoSpec, type DepthBlock, flatFees } from "tickwright/model";
import type { TapeSource } from "tickwright/port";
import { Backtester } from "tickwright/run";
import { ConstantLatency, generateDepthTape } from "tickwright/sim";
import type { BookView, FillView, Strategy, StrategyContext } from "tickwright/strategy";

const LASTS_NS = 120_000_000_000;
type Plan = (touch: { readonly nowNs: number; readonly ask: number }) => AlgoSpec | undefined;

const impact = { riskAversion: 1e-5, sigma: 30, eta: 1, gamma: 0, epsilon: 1 };
const plans = (instrument: string, lots: number): Readonly<Record<string, Plan>> => {
  const common = { side: "buy", lots, residual: "cross" } as const;
  const base = ({ nowNs }: { readonly nowNs: number }) => ({
    ...common,
    instrument,
    endNs: nowNs + LASTS_NS,
  });
  return {
    market: () => undefined,
    sweep: (at) => ({ ...base(at), algo: "sweep", limitTicks: at.ask + 200, levels: 200 }),
    twap: (at) => ({ ...base(at), algo: "twap", slices: 24, seed: 1 }),
    vwap: (at) => ({ ...base(at), algo: "vwap", curve: new Array(24).fill(1) }),
    pov: (at) => ({ ...base(at), algo: "pov", participation: 0.2, ownPrints: false }),
    shortfall: (at) => ({ ...base(at), algo: "shortfall", slices: 24, impact }),
    iceberg: (at) => ({
      ...base(at),
      algo: "iceberg",
      limitTicks: at.ask - 1,
      displayLots: lots / 20,
      seed: 1,
    }),
  };
};

/** Works one plan from the first book on. */
class Execution implements Strategy {
  readonly name: string;
  readonly plan: Plan;
  readonly wanted: number;
  readonly desk = new AlgoDesk();
  hasBegun = false;
  constructor(name: string, plan: Plan, wanted: number) {
    this.name = name;
    this.plan = plan;
    this.wanted = wanted;
  }
  onBook(book: BookView, ctx: StrategyContext) {
    if (!this.hasBegun && book.hasBid && book.hasAsk) {
      this.hasBegun = true;
      const spec = this.plan({ nowNs: ctx.clock.ns, ask: book.bestAsk });
      const { key } = book.instrument;
      const answer =
        spec === undefined
          ? ctx.submit({ instrument: key, side: "buy", lots: this.wanted, type: "market" })
          : this.desk.start(spec, ctx);
      if (!answer.ok) ctx.log(answer.message, "warn");
    }
    this.desk.onBook(book, ctx);
  }
  onTrade(trade: Parameters<NonNullable<Strategy["onTrade"]>>[0], ctx: StrategyContext) {
    this.desk.onTrade(trade, ctx);
  }
  onFill(fill: FillView, ctx: StrategyContext) {
    this.desk.onFill(fill, ctx);
  }
  onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext) {
    this.desk.onOrder(order, ctx);
  }
  onTimer(timer: number, ctx: StrategyContext) {
    this.desk.onTimer(timer, ctx);
  }
}

/** What each algorithm cost, from the analysis that every backtest makes of itself. */
function table(tape: TapeSource<DepthBlock>): void {
  console.log(
    `${tape.meta.simulated ? "SIMULATED market: no capture found" : tape.meta.source}; slippages in bp, costs in USDT`,
  );
  console.log("algorithm   filled  orders  vs arrival  vs VWAP  spread  impact    fees    total");
  const lots = tape.meta.simulated ? 400 : 5_000;
  for (const [name, plan] of Object.entries(plans(tape.meta.instrument.symbol, lots))) {
    const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
    const market = { tape, fees: flatFees("0.0002", "0.0005"), venue: { latency } };
    const strategies = [new Execution(name, plan, lots)];
    const result = new Backtester({ markets: [market], strategies, cash: { USDT: "10000000" } }).runToEnd();
    const { total, orders, rates } = result.tca?.[0] ?? {};
    const [order] = orders ?? [];
    const filled = `${Math.round(((order?.filledLots ?? 0) / lots) * 100)}%`;
    const bp = (value: number | null | undefined) => value?.toFixed(2) ?? "-";
    const money = (text: string | undefined) => Number(text ?? 0).toFixed(2);
    const { spreadCrossing, impact, fees } = total?.items ?? {};
    const cells = [
      ...[filled.padStart(8), `${rates?.sent}`.padStart(8), bp(order?.slippage.arrival).padStart(12)],
      ...[bp(order?.slippage.intervalVwap).padStart(9), money(spreadCrossing).padStart(8)],
      ...[money(impact).padStart(8), money(fees).padStart(8), money(total?.total).padStart(9)],
    ];
    console.log(name.padEnd(10) + cells.join(""));
  }
}

const capture = join(
  process.env.TICKWRIGHT_DATA ?? "../shared/data",
  "binance-raw",
  "usdm_btcusdt_20240808.gz",
);
if (existsSync(capture)) {
  const folder = mkdtempSync(join(tmpdir(), "tickwright-"));
  await importBinanceCapture({ path: capture, out: join(folder, "tape"), market: "usdm" });
  const tape = openDepthTape(join(folder, "tape"));
  table(tape);
  tape.close();
  rmSync(folder, { recursive: true });
} else {
  const grid = { symbol: "SIMUSDT", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };
  table(generateDepthTape({ instrument: grid, seed: 7, priceTicks: 600_000, durationNs: 150_000_000_000 }));
}
