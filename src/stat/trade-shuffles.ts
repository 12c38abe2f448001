import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkKeys,
  checkNumber,
  checkPositive,
  Fault,
  Prng,
} from "../base/index.ts";
import { checkSeries, mean, quantileSorted, type Series } from "./series.ts";
import { StationaryBootstrap } from "./stationary-bootstrap.ts";

/** How {@link shuffleTrades} draws and what it counts. */
export interface TradeShuffleOptions {
  /** What equity begins with, in the currency of the trades' profits. */
  readonly capital: number;
  /**
   * `permutation` plays the same trades in another order: the end is the same, the way is not. `bootstrap` draws as
   * many trades with replacement: the end differs too.
   */
  readonly method: "permutation" | "bootstrap";
  /** Trades are returns on the equity before them, and compound; false unless given: amounts that add up. */
  readonly compounded?: boolean;
  /** Ruined is whose equity reaches this share of the capital or falls below it; 0 unless given. */
  readonly ruin?: number;
  /** Of a bootstrap, the mean length of blocks of trades in their order; 1 unless given. */
  readonly blockLength?: number;
  /** 10,000 unless given. */
  readonly draws?: number;
  /** 1 unless given. */
  readonly seed?: number;
  /** The quantiles told, each within 0 and 1; 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99 unless given. */
  readonly quantiles?: readonly number[];
}

/** One way through trades. */
export interface TradePath {
  /** The largest fall below an earlier peak, as a share of the peak; above 1 where equity falls below 0. */
  readonly maxDrawdown: number;
  readonly finalEquity: number;
  /** The smallest equity on the way, the capital included. */
  readonly lowestEquity: number;
  readonly isRuined: boolean;
}

/** What a share of the draws stays below. */
export interface TradeShuffleQuantile {
  readonly share: number;
  readonly maxDrawdown: number;
  readonly finalEquity: number;
  readonly lowestEquity: number;
}

/** What else could have become of the same trades. */
export interface TradeShuffles {
  readonly trades: number;
  readonly draws: number;
  /** The trades in the order they were given. */
  readonly actual: TradePath;
  /** The share of draws that are ruined, and the deviation of that share as an estimate. */
  readonly ruinProbability: number;
  readonly ruinStandardError: number;
  /** The share of draws whose drawdown is at most the actual one: near 0, the actual order was a lucky one. */
  readonly drawdownRank: number;
  readonly meanDrawdown: number;
  readonly meanFinalEquity: number;
  readonly quantiles: readonly TradeShuffleQuantile[];
  /** Of every draw, each sorted by itself. */
  readonly maxDrawdowns: Float64Array;
  readonly finalEquities: Float64Array;
}

const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/**
 * Plays the trades of a run again in random order, or draws others like them, and tells how deep equity may fall, where
 * it may end and how often it is ruined. A path goes on after ruin. Null without trades.
 *
 * @units trades in the currency of `capital`, or returns where `compounded` (0.01 is 1 %); drawdowns are shares
 * @invariant A permutation ends where the trades end, up to rounding, whatever the order. Equal arguments give equal
 * results. No draw falls deeper than the losers one after another from the highest equity there can be.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` where a trade is not finite, or a return below -1
 * @cost O(draws * trades), and sorting the draws
 * @source Efron, Bootstrap methods, 1979; Aronson, Evidence-Based Technical Analysis, 2006, ch. 5 (permutation);
 * Politis and Romano, The Stationary Bootstrap, 1994 (blocks)
 * @example
 * ```ts
 * import { shuffleTrades } from "tickwright/stat";
 * const again = shuffleTrades([10, -5, 10, -5], { capital: 100, method: "permutation" });
 * again?.meanFinalEquity; // => 110
 * again?.maxDrawdowns.at(-1); // => 0.1
 * ```
 */
export function shuffleTrades(trades: Series, options: TradeShuffleOptions): TradeShuffles | null {
  const plan = checkedOptions(options);
  checkTrades(trades, plan.compounded);
  const count = trades.length;
  if (count === 0) return null;
  const values = Float64Array.from(trades);
  const actual = playedPath(values, plan);
  const drawdowns = new Float64Array(plan.draws);
  const finals = new Float64Array(plan.draws);
  const lows = new Float64Array(plan.draws);
  let [ruined, shallower] = [0, 0];
  const shuffle = shuffler(values, plan);
  for (let draw = 0; draw < plan.draws; draw++) {
    const path = playedPath(shuffle(), plan);
    drawdowns[draw] = path.maxDrawdown;
    finals[draw] = path.finalEquity;
    lows[draw] = path.lowestEquity;
    if (path.isRuined) ruined += 1;
    if (path.maxDrawdown <= actual.maxDrawdown) shallower += 1;
  }
  const ruinProbability = ruined / plan.draws;
  const [meanDrawdown, meanFinalEquity] = [mean(drawdowns) as number, mean(finals) as number];
  const [maxDrawdowns, finalEquities, lowest] = [drawdowns.sort(), finals.sort(), lows.sort()];
  const at = (sorted: Float64Array, share: number): number => quantileSorted(sorted, share) as number;
  return {
    ...{ trades: count, draws: plan.draws, actual, ruinProbability },
    ruinStandardError: Math.sqrt((ruinProbability * (1 - ruinProbability)) / plan.draws),
    ...{ drawdownRank: shallower / plan.draws, meanDrawdown, meanFinalEquity },
    quantiles: plan.quantiles.map((share) => ({
      share,
      maxDrawdown: at(maxDrawdowns, share),
      finalEquity: at(finalEquities, share),
      lowestEquity: at(lowest, share),
    })),
    ...{ maxDrawdowns, finalEquities },
  };
}

type Plan = Required<TradeShuffleOptions>;

function checkedOptions(options: TradeShuffleOptions): Plan {
  const known = ["capital", "method", "compounded", "ruin", "blockLength", "draws", "seed", "quantiles"];
  checkKeys("options", options, known);
  const method = checkChoice("options.method", options.method, ["permutation", "bootstrap"]);
  const blockLength = checkNumber("options.blockLength", options.blockLength ?? 1, 1);
  if (method === "permutation" && blockLength !== 1) {
    const expected = "none: a permutation has no blocks";
    throw new Fault("FAULT_CONFIG", { path: "options.blockLength", value: blockLength, expected });
  }
  const quantiles = checkArray("options.quantiles", options.quantiles ?? QUANTILES);
  for (const [i, share] of quantiles.entries()) checkNumber(`options.quantiles[${i}]`, share, 0, 1);
  return {
    ...{ method, blockLength, quantiles },
    capital: checkPositive("options.capital", options.capital),
    compounded: checkBoolean("options.compounded", options.compounded ?? false),
    ruin: checkNumber("options.ruin", options.ruin ?? 0, 0, 1),
    draws: checkInteger("options.draws", options.draws ?? 10_000, 10, 10_000_000),
    seed: checkInteger("options.seed", options.seed ?? 1, 0, 0xffffffff),
  };
}

function checkTrades(trades: Series, compounded: boolean): void {
  checkSeries("trades", trades);
  for (let i = 0; compounded && i < trades.length; i++) {
    const value = trades[i] as number;
    if (value >= -1) continue;
    throw new Fault("FAULT_INPUT", { path: `trades[${i}]`, value, expected: "a return of at least -1" });
  }
}

/** Gives a new order of the trades, or other trades, at every call: in one array, which the next call overwrites. */
function shuffler(trades: Float64Array, { method, blockLength, seed }: Plan): () => Float64Array {
  const drawn = trades.slice();
  if (method === "bootstrap") {
    const bootstrap = new StationaryBootstrap({ count: trades.length, blockLength, seed });
    return () => {
      let filled = 0;
      bootstrap.blocks((start, length) => {
        for (let i = 0; i < length; i++) drawn[filled++] = trades[start + i] as number;
      });
      return drawn;
    };
  }
  const rng = new Prng(seed);
  return () => {
    // Fisher and Yates: every order is as likely, from whatever order it begins.
    for (let i = drawn.length - 1; i > 0; i--) {
      const other = rng.below(i + 1);
      const value = drawn[i] as number;
      drawn[i] = drawn[other] as number;
      drawn[other] = value;
    }
    return drawn;
  };
}

function playedPath(trades: Float64Array, { capital, compounded, ruin }: Plan): TradePath {
  let [equity, peak, lowest, deepest] = [capital, capital, capital, 0];
  for (let i = 0; i < trades.length; i++) {
    const trade = trades[i] as number;
    equity += compounded ? equity * trade : trade;
    if (equity > peak) peak = equity;
    if (equity < lowest) lowest = equity;
    const fall = (peak - equity) / peak;
    if (fall > deepest) deepest = fall;
  }
  return {
    maxDrawdown: deepest,
    finalEquity: equity,
    lowestEquity: lowest,
    isRuined: lowest <= ruin * capital,
  };
}
