import {
  checkArray,
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkText,
  Fault,
} from "../base/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import {
  type Currency,
  checkMoney,
  currency,
  type FeeSchedule,
  Instrument,
  type InstrumentOptions,
  type Money,
  NANOS_PER_DAY,
  NANOS_PER_MILLI,
  NANOS_PER_SECOND,
} from "../model/index.ts";
import type { Journal, TapeSource } from "../port/index.ts";
import {
  type ClosedMarketOptions,
  type ClosedVenueOptions,
  closedMarketHead,
  type SimBarVenueOptions,
  type SimVenueOptions,
} from "../sim/index.ts";
import type { Strategy } from "../strategy/index.ts";
import { type CostOptions, checkCosts } from "./cost-watch.ts";
import { checkStop, type RunStop } from "./run-stop.ts";
import { checkTradeDrill, type TradeDrillOptions, type TradeDrillPlan } from "./trade-drill.ts";

/** One market of a backtest: a tape and how its venue is simulated. */
export interface BacktestMarket {
  readonly tape: TapeSource;
  /** Replaces the fees the tape's instrument was recorded with. */
  readonly fees?: FeeSchedule;
  /** Simulation of a depth tape's venue. */
  readonly venue?: Omit<SimVenueOptions, "instrument" | "capacity" | "baseNs">;
  /** Simulation of a bar tape's venue. */
  readonly bars?: Omit<SimBarVenueOptions, "instrument" | "capacity" | "baseNs">;
}

/**
 * A market of a backtest that reacts: our orders stand in one book with those of a seeded crowd, and what that book
 * shows is the feed. Simulated, always; what it costs to trade there is what its crowd makes of it.
 */
export interface ClosedBacktestMarket {
  readonly closed: ClosedMarketOptions;
  /** Replaces the fees of the market's instrument. */
  readonly fees?: FeeSchedule;
  /** How its venue works. */
  readonly venue?: ClosedVenueOptions;
}

/** A market as a plan has it: its own instrument, and its distance from the run's base. */
export type PlannedMarket = (BacktestMarket | ClosedBacktestMarket) & {
  readonly instrument: Instrument;
  readonly shiftNs: number;
};

/** What a {@link Backtester} is made from. */
export interface BacktestOptions {
  /** The run's name, for its folder and its report; the first strategy's unless given. */
  readonly name?: string;
  /** Tapes, or closed markets. */
  readonly markets: readonly (BacktestMarket | ClosedBacktestMarket)[];
  readonly strategies: readonly Strategy[];
  /** Cash at the start by currency, as decimals: `{ USDT: "100000" }`. */
  readonly cash: Readonly<Record<string, string>>;
  /** The currency everything is valued in; that of the first cash unless given. */
  readonly reporting?: string;
  readonly seed?: number;
  /** Distance of equity samples: a day where all tapes are bars, else a second, unless given. */
  readonly sampleNs?: number;
  readonly markouts?: boolean;
  /** Analyses what orders cost (`RunResult.tca`); false not to. True unless given. */
  readonly tca?: boolean | CostOptions;
  /** Keeps single trades with the book around their fills (`RunResult.drill`); false unless given. */
  readonly drill?: boolean | TradeDrillOptions;
  readonly orderCapacity?: number;
  /** How long an order that is over keeps its place, as in a session; 0 unless given. @units ns */
  readonly lingerNs?: number;
  /** When the run begins, if not with the first event of its tapes. @units ns from the base: the tapes' earliest */
  readonly fromNs?: number;
  /** When the run ends, timers and expiries going on until then; what comes later does not happen. @units as `fromNs` */
  readonly toNs?: number;
  /** When it ends early, judged at each sample: `RunResult.stopped` tells where. Not of a run with a `journal`. */
  readonly stop?: RunStop;
  /** Limits every order must keep, as live; without them only orders' own fields are looked at. */
  readonly risk?: KernelRisk;
  /** Poisons views after their callback. */
  readonly debug?: boolean;
  /** Records the run as a session: what `replaySession` runs again. */
  readonly journal?: Journal;
}

/** The options checked, with every default filled in. */
export interface BacktestPlan {
  readonly name: string;
  readonly markets: readonly PlannedMarket[];
  readonly strategies: readonly Strategy[];
  readonly cash: readonly Money[];
  readonly reporting: Currency;
  readonly seed: number;
  readonly baseNs: bigint;
  readonly sampleNs: number;
  readonly isBars: boolean;
  readonly markouts: boolean;
  /** Absent where costs are not analysed. */
  readonly tca: CostOptions | undefined;
  /** Absent where single trades are not kept. */
  readonly drill: TradeDrillPlan | undefined;
  readonly orderCapacity: number;
  readonly lingerNs: number;
  readonly fromNs: number | undefined;
  readonly toNs: number | undefined;
  readonly stop: RunStop | undefined;
  readonly risk: KernelRisk | undefined;
  readonly debug: boolean;
  readonly journal: Journal | undefined;
}

const KEYS = [
  "name",
  "markets",
  "strategies",
  "cash",
  "reporting",
  "seed",
  "sampleNs",
  "markouts",
  "tca",
  "drill",
  "orderCapacity",
  "lingerNs",
  "fromNs",
  "toNs",
  "stop",
  "risk",
  "debug",
  "journal",
] as const;

/**
 * Checks the options of a backtest.
 *
 * @throws `FAULT_CONFIG` naming the option, the value and what was expected.
 */
export function planBacktest(options: BacktestOptions): BacktestPlan {
  checkKeys("backtest", options, KEYS);
  const markets = checkArray("backtest.markets", options.markets);
  for (const [i, market] of markets.entries())
    checkMarket(`backtest.markets[${i}]`, market, options.toNs !== undefined);
  const strategies = checkArray("backtest.strategies", options.strategies);
  const heads = markets.map(headOf);
  const quotes = markets.map(({ fees }, i) => {
    const described = (heads[i] as MarketHead).instrument;
    return new Instrument(fees === undefined ? described : { ...described, fees });
  });
  const cash = planCash(options.cash, quotes);
  const baseNs = heads.map((head) => head.baseNs).reduce((a, b) => (a < b ? a : b));
  const isBars = markets.every((market) => !isClosed(market) && market.tape.meta.schema === "bars");
  const reporting = (cash.find((amount) => amount.currency.code === options.reporting) ?? cash[0]) as Money;
  if (options.reporting !== undefined && reporting.currency.code !== options.reporting) {
    const expected = `one of the cash currencies ${cash.map((amount) => amount.currency.code).join(", ")}`;
    throw new Fault("FAULT_CONFIG", { path: "backtest.reporting", value: options.reporting, expected });
  }
  return {
    name: checkText("backtest.name", options.name ?? strategies[0]?.name ?? "backtest"),
    markets: markets.map((market, i) => ({
      ...market,
      instrument: quotes[i] as Instrument,
      shiftNs: Number((heads[i] as MarketHead).baseNs - baseNs),
    })),
    strategies,
    cash,
    reporting: reporting.currency,
    seed: checkInteger("backtest.seed", options.seed ?? 1),
    baseNs,
    sampleNs: checkInteger(
      "backtest.sampleNs",
      options.sampleNs ?? (isBars ? NANOS_PER_DAY : NANOS_PER_SECOND),
      NANOS_PER_MILLI,
    ),
    isBars,
    markouts: checkBoolean("backtest.markouts", options.markouts ?? !isBars),
    tca: checkCosts("backtest.tca", options.tca),
    drill: checkTradeDrill("backtest.drill", options.drill),
    orderCapacity: checkInteger("backtest.orderCapacity", options.orderCapacity ?? 4096, 1, 1 << 20),
    lingerNs: checkInteger("backtest.lingerNs", options.lingerNs ?? 0, 0),
    ...checkSpan(options),
    stop: stopOf(options),
    risk: options.risk,
    debug: checkBoolean("backtest.debug", options.debug ?? false),
    journal: options.journal,
  };
}

function checkSpan({ fromNs, toNs }: BacktestOptions): Pick<BacktestPlan, "fromNs" | "toNs"> {
  const from = fromNs === undefined ? undefined : checkNumber("backtest.fromNs", fromNs);
  return { fromNs: from, toNs: toNs === undefined ? undefined : checkNumber("backtest.toNs", toNs, from) };
}

/** A replay has the journal's inputs alone, and would not know why they end. */
function stopOf({ stop, journal }: BacktestOptions): RunStop | undefined {
  if (stop === undefined) return undefined;
  if (journal === undefined) return checkStop("backtest.stop", stop);
  throw new Fault("FAULT_CONFIG", { path: "backtest.stop", value: stop, expected: "no stop with a journal" });
}

/** Whether a market of a backtest is a closed one. */
export function isClosed(market: BacktestMarket | ClosedBacktestMarket): market is ClosedBacktestMarket {
  return "closed" in market;
}

interface MarketHead {
  readonly instrument: InstrumentOptions;
  readonly baseNs: bigint;
}

function headOf(market: BacktestMarket | ClosedBacktestMarket): MarketHead {
  if (isClosed(market)) return closedMarketHead(market.closed);
  const { instrument, baseNs } = market.tape.meta;
  return { instrument, baseNs: BigInt(baseNs) };
}

function checkMarket(path: string, market: BacktestMarket | ClosedBacktestMarket, hasEnd: boolean): void {
  if (typeof market === "object" && market !== null && isClosed(market)) {
    checkKeys(path, market, ["closed", "fees", "venue"]);
    return;
  }
  checkKeys(path, market, ["tape", "fees", "venue", "bars"]);
  const { tape } = market;
  if (typeof tape?.read !== "function" || typeof tape.meta?.schema !== "string") {
    throw new Fault("FAULT_CONFIG", { path: `${path}.tape`, value: tape, expected: "an opened tape" });
  }
  if (tape.meta.rows === 0 && !hasEnd) {
    throw new Fault("FAULT_CONFIG", { path: `${path}.tape`, value: "0 rows", expected: "a tape with rows" });
  }
  const wrong = tape.meta.schema === "bars" ? "venue" : "bars";
  if (market[wrong] === undefined) return;
  const expected = `no ${wrong} options for a tape of ${tape.meta.schema}`;
  throw new Fault("FAULT_CONFIG", { path: `${path}.${wrong}`, value: market[wrong], expected });
}

/** Cash in the instruments' own currencies: their decimals, so that every notional stays exact. */
function planCash(
  cash: Readonly<Record<string, string>>,
  instruments: readonly Instrument[],
): readonly Money[] {
  checkKeys("backtest.cash", cash, Object.keys(cash ?? {}));
  const units = new Map<string, Currency>();
  for (const { quote, key } of instruments) {
    const known = units.get(quote.code);
    if (known !== undefined && known.decimals !== quote.decimals) {
      const expected = `${quote.code} with ${known.decimals} decimals, as the other instruments have it`;
      throw new Fault("FAULT_CONFIG", { path: `instrument ${key} quote`, value: quote, expected });
    }
    units.set(quote.code, quote);
  }
  const amounts = Object.entries(cash).map(([code, text]) =>
    checkMoney(`backtest.cash.${code}`, text, units.get(code) ?? currency(code)),
  );
  if (amounts.length === 0) {
    throw new Fault("FAULT_CONFIG", {
      path: "backtest.cash",
      value: cash,
      expected: "at least one currency",
    });
  }
  for (const unit of units.values()) {
    if (!amounts.some((amount) => amount.currency.code === unit.code))
      amounts.push({ minor: 0n, currency: unit });
  }
  return amounts;
}
