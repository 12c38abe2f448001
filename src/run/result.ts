import type { TapeCounts } from "../model/index.ts";
import type { TcaRecord } from "../stat/index.ts";
import type { RunStopped } from "./run-stop.ts";
import type { TradeDrill } from "./trade-drill.ts";

/** One input of a run, as its manifest names it. */
export interface RunInput {
  readonly instrument: string;
  /** What its tape was; `closed` where there was none, and what was told is what came of the run. */
  readonly schema: "depth" | "bars" | "closed";
  readonly source: string;
  readonly simulated: boolean;
  readonly rows: number;
  readonly fromNs: string;
  readonly toNs: string;
  readonly contentSha256: string;
  /** Everything that was dropped, repaired or adjusted on import. */
  readonly counts: TapeCounts;
}

/** What makes a run: enough to run it again and get the same `runHash`. */
export interface RunManifest {
  readonly version: string;
  readonly seed: number;
  readonly strategies: readonly { readonly name: string; readonly params: unknown }[];
  readonly inputs: readonly RunInput[];
  /** The simulation's models by instrument key: latency, queue, fill, fees, in words and numbers. */
  readonly models: Readonly<Record<string, unknown>>;
  /** Limits every order had to keep; null where there were none. */
  readonly risk: Readonly<Record<string, unknown>> | null;
  readonly cash: Readonly<Record<string, string>>;
}

/** A fill as the result keeps it. Prices and quantities in decimal units, times in epoch ns. */
export interface ResultFill {
  readonly ns: string;
  readonly instrument: string;
  readonly orderId: number;
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly quantity: number;
  readonly maker: boolean;
  readonly reason: string;
  readonly fee: number;
}

/** A distribution in nanoseconds. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** A column chart's data: one instrument over the samples of the run. */
export interface InstrumentSeries {
  readonly instrument: string;
  /** The mark at each sample, in units of the quote currency; null before the first. */
  readonly price: readonly (number | null)[];
  /** Signed position at each sample, in units of quantity. */
  readonly position: readonly number[];
}

/**
 * Everything a run produced, JSON-safe: what `result.json` holds and what the tear sheet is made of.
 */
export interface RunResult {
  readonly schema: "tickwright.run/1";
  readonly name: string;
  /** True when any input was simulated: every output must say so. */
  readonly simulated: boolean;
  readonly manifest: RunManifest;
  /** SHA-256 over inputs, decisions, effects and final state: equal for equal runs, anywhere. */
  readonly runHash: string;
  /** Not part of the hash. */
  readonly environment: { readonly node: string; readonly platform: string; readonly elapsedMs: number };
  readonly currency: string;
  readonly fromNs: string;
  readonly toNs: string;
  readonly events: number;
  readonly money: {
    readonly initialEquity: string;
    readonly finalEquity: string;
    readonly realized: string;
    readonly unrealized: string;
    readonly fees: string;
    readonly funding: string;
    readonly dividends: string;
  };
  readonly positions: readonly {
    readonly instrument: string;
    readonly quantity: string;
    readonly realized: string;
    readonly unrealized: string;
    readonly fees: string;
  }[];
  /** Evenly spaced samples: `ms` epoch milliseconds, `equity` in the reporting currency. */
  readonly samples: {
    readonly periodNs: number;
    readonly ms: readonly number[];
    readonly equity: readonly number[];
    /** Gross exposure at the sample, in the reporting currency. */
    readonly exposure: readonly number[];
    readonly instruments: readonly InstrumentSeries[];
  };
  readonly orders: {
    readonly submitted: number;
    readonly accepted: number;
    readonly refused: number;
    readonly rejected: number;
    readonly canceled: number;
    readonly expired: number;
    readonly replaced: number;
    readonly filled: number;
    /** Orders that ended with a part of them filled. */
    readonly partiallyFilled: number;
    /** Quantity filled over quantity ordered. */
    readonly fillRate: number;
    readonly refusals: Readonly<Record<string, number>>;
    /** Why the venue rejected, expired or canceled orders. */
    readonly reasons: Readonly<Record<string, number>>;
    /** Submission to exchange, and exchange to report. */
    readonly entryLatency: Distribution | null;
    readonly reportLatency: Distribution | null;
  };
  readonly fills: {
    readonly count: number;
    readonly makerCount: number;
    readonly volume: number;
    readonly turnover: number;
    readonly reasons: Readonly<Record<string, number>>;
    /** The first fills, up to a bound; `count` is the truth. */
    readonly kept: readonly ResultFill[];
    /** Mean of `side * (fill - mid at submission)`, in basis points; positive is a cost. */
    readonly slippageBp: number | null;
    /** Mean of `side * (mid after - fill)` in basis points, by horizon; negative is adverse selection. */
    readonly markouts: readonly { readonly horizonNs: number; readonly bp: number; readonly count: number }[];
  };
  /** Closed trades (flat to flat): what hit rate and profit factor are made of. */
  readonly trades: {
    readonly count: number;
    readonly wins: number;
    readonly losses: number;
    readonly grossProfit: number;
    readonly grossLoss: number;
  };
  /**
   * What the orders cost, one analysis for each currency in which anything was ordered; `tcaOfRecord` of `stat` reads
   * it. Absent where the run was asked not to collect it. Not part of the hash.
   */
  readonly tca?: readonly TcaRecord[];
  /** Single trades with the book around their fills, where that was asked for. Not part of the hash. */
  readonly drill?: TradeDrill;
  /** Performance, as `stat` computes it from the samples. Absent figures are null. */
  readonly stats: Readonly<Record<string, number | null>>;
  readonly warnings: readonly string[];
  /** Where its `stop` ended the run: all figures are of the part before. Absent where nothing did. */
  readonly stopped?: RunStopped;
}
