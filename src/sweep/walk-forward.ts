import { checkBoolean, checkInteger, checkKeys, Fault } from "../base/index.ts";
import {
  mean,
  probabilisticSharpe,
  type SharpeMoments,
  sharpeMoments,
  walkForwardFolds,
} from "../stat/index.ts";
import { Chooser, type SweepReturns } from "./return-figures.ts";

/** Windows unless said otherwise: the test is then a third of the training, within Pardo's 25 to 35 %. */
const FOLDS = 5;
const TRAIN_TESTS = 3;

/** How a sweep is walked through; lengths count periods of the sweep. */
export interface SweepWalkOptions {
  /** How many windows, where `train` and `test` are not given: tests of equal length, three of them and what is left
   * over to train on first. 5 unless given. */
  readonly folds?: number;
  /** Periods before the first test; the length of all trainings unless `anchored`. With `test`. */
  readonly train?: number;
  /** Periods of each test. With `train`. */
  readonly test?: number;
  /** Periods a return is taken to depend on later ones: so many before a test are not trained on. 0 unless given. */
  readonly purge?: number;
  /** Periods before a test that are not trained on; the longer of `purge` and this holds. 0 unless given. */
  readonly embargo?: number;
  /** Every training begins with the first period; false unless given. */
  readonly anchored?: boolean;
  /** One of `RETURN_FIGURES`; with a `-` before it, wanted low. `sharpe` unless given. */
  readonly metric?: string;
}

/** Periods that follow one another. */
export interface PeriodSpan {
  /** The first period, counted from 0, and the one behind the last. */
  readonly first: number;
  readonly end: number;
  /** @units epoch ms */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One training and the test behind it. Figures are of the metric, a year where `performance` gives them a year. */
export interface SweepWalkWindow {
  readonly train: PeriodSpan;
  readonly test: PeriodSpan;
  /** The point that is best in training, by its index; null where none has a figure: cash is kept then. */
  readonly point: number | null;
  readonly inSample: number | null;
  readonly outOfSample: number | null;
  /** Mean returns, scaled to a year without compounding. */
  readonly inSampleReturn: number;
  readonly outOfSampleReturn: number;
}

/** What walking through a sweep came to. */
export interface SweepWalk {
  readonly metric: string;
  readonly purge: number;
  readonly embargo: number;
  readonly anchored: boolean;
  readonly windows: readonly SweepWalkWindow[];
  /** Returns of the tests one after another, and the moments between which they are: one more. */
  readonly returns: Float64Array;
  readonly boundariesMs: readonly number[];
  /** Of these returns, per period; null where they do not vary. */
  readonly moments: SharpeMoments | null;
  /** Their Sharpe ratio a year. */
  readonly sharpe: number | null;
  /** The probability that the true one is above 0. */
  readonly probabilisticSharpe: number | null;
  /** Means of the metric over windows that have both, and by how much it is worse out of sample. */
  readonly inSample: number | null;
  readonly outOfSample: number | null;
  readonly degradation: number | null;
  /** Means of returns over windows, a year without compounding. */
  readonly inSampleReturn: number;
  readonly outOfSampleReturn: number;
  /** Walk-forward efficiency: the latter over the former; null where nothing was earned in sample. */
  readonly efficiency: number | null;
  /** How often a window chose another point than the one before it. */
  readonly changes: number;
  /** The point that is best over all periods, by its index: what nobody knew at the time. */
  readonly hindsight: number | null;
}

/**
 * Walks through a sweep: for each window chooses the point that is best in its training, and takes what that point
 * returned in the test behind it. The tests follow one another without a gap.
 *
 * It chooses among points that have run, those that were pruned among them, which keep cash from their end on: a
 * return in a test may come from a position that was opened before it, by indicators warmed up before it. `purge` and
 * `embargo` bound how near a choice comes to that; nothing is run again over the test alone.
 *
 * @units lengths in periods of the sweep; `sharpe`, `*Return` a year of 365.25 days
 * @shape one return a test period
 * @invariant A window's choice depends on the returns of its training alone. Returns are those of points, none is
 * made up; 0 where no point has a figure in training.
 * @throws `FAULT_CONFIG` naming the option, or where periods are too few; `FAULT_INPUT` for a sweep without points
 * @cost O(windows * points * train)
 * @source Pardo, The Evaluation and Optimization of Trading Strategies, 2008, ch. 11 (windows, efficiency); Bailey and
 * Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk, 2012 (probabilistic Sharpe ratio)
 * @example
 * ```ts
 * import { walkForward } from "tickwright/sweep";
 * const day = 86_400_000;
 * const series = { periodNs: day * 1e6, boundariesMs: [0, 1, 2, 3, 4, 5, 6].map((i) => i * day) };
 * const walk = walkForward({ plan: { series }, points: [
 *   { index: 0, returns: Float64Array.of(0.02, 0.01, -0.01, -0.02, 0, 0.01) },
 *   { index: 1, returns: Float64Array.of(-0.01, 0, 0.01, 0.02, 0.01, 0) },
 * ] }, { train: 2, test: 2 });
 * walk.windows.map(({ point }) => point); // => [0, 1]
 * walk.returns; // => Float64Array.of(-0.01, -0.02, 0.01, 0)
 * ```
 */
export function walkForward(result: SweepReturns, options: SweepWalkOptions = {}): SweepWalk {
  const { boundariesMs } = result.plan.series;
  const periods = boundariesMs.length - 1;
  const plan = checked(options, periods);
  const chooser = new Chooser("walkForward", result, options.metric ?? "sharpe");
  const { purge, embargo, anchored } = plan;
  // A return that depends on `purge` later ones is known so much later.
  const places = Int32Array.from({ length: periods }, (_, i) => i);
  const spans = { fromNs: places, toNs: places.map((i) => i + purge) };
  const folds = walkForwardFolds(spans, { train: plan.train, test: plan.test, embargo, anchored });
  const returns = new Float64Array(folds.length * plan.test);
  const windows = folds.map(({ train, test }, i) => {
    const place = chooser.best(train);
    const [inside, outside] = [chooser.returns(place, train), chooser.returns(place, test)];
    returns.set(outside, i * plan.test);
    return {
      ...{ train: spanOf(train, boundariesMs), test: spanOf(test, boundariesMs) },
      point: chooser.indexOf(place),
      inSample: place === null ? null : chooser.figure(inside),
      outOfSample: place === null ? null : chooser.figure(outside),
      ...{ inSampleReturn: chooser.yearly(inside), outOfSampleReturn: chooser.yearly(outside) },
    };
  });
  return {
    ...{ metric: chooser.metric, purge, embargo, anchored, windows, returns },
    boundariesMs: boundariesMs.slice(plan.train, plan.train + returns.length + 1),
    ...sharpeOf(returns, chooser),
    ...lossOf(windows, chooser.sign),
    changes: windows.filter(({ point }, i) => i > 0 && point !== windows[i - 1]?.point).length,
    hindsight: chooser.indexOf(chooser.best(places)),
  };
}

type Plan = Required<Pick<SweepWalkOptions, "train" | "test" | "purge" | "embargo" | "anchored">>;

function checked(options: SweepWalkOptions, periods: number): Plan {
  const keys = ["folds", "train", "test", "purge", "embargo", "anchored", "metric"];
  checkKeys("walkForward", options, keys);
  const lengths = lengthsOf(options, periods);
  // Two periods at least are left to train on.
  const gap = (name: "purge" | "embargo"): number =>
    checkInteger(`walkForward.${name}`, options[name] ?? 0, 0, lengths.train - 2);
  const anchored = checkBoolean("walkForward.anchored", options.anchored ?? false);
  return { ...lengths, purge: gap("purge"), embargo: gap("embargo"), anchored };
}

function lengthsOf({ folds, train, test }: SweepWalkOptions, periods: number): Pick<Plan, "train" | "test"> {
  if (train === undefined && test === undefined) {
    const count = checkInteger("walkForward.folds", folds ?? FOLDS, 1, periods - TRAIN_TESTS);
    const length = Math.floor(periods / (count + TRAIN_TESTS));
    return { train: periods - count * length, test: length };
  }
  if (folds !== undefined) {
    const expected = "no number of folds where train and test are given";
    throw new Fault("FAULT_CONFIG", { path: "walkForward.folds", value: folds, expected });
  }
  const length = checkInteger("walkForward.train", train, 2, periods - 1);
  return { train: length, test: checkInteger("walkForward.test", test, 1, periods - length) };
}

function spanOf(periods: Int32Array, boundariesMs: readonly number[]): PeriodSpan {
  const [first, end] = [periods[0] as number, (periods.at(-1) as number) + 1];
  return { first, end, fromMs: boundariesMs[first] as number, toMs: boundariesMs[end] as number };
}

function sharpeOf(
  returns: Float64Array,
  { periodsPerYear }: Chooser,
): Pick<SweepWalk, "moments" | "sharpe" | "probabilisticSharpe"> {
  const moments = sharpeMoments(returns);
  if (moments === null) return { moments, sharpe: null, probabilisticSharpe: null };
  const sharpe = moments.sharpe * Math.sqrt(periodsPerYear);
  return { moments, sharpe, probabilisticSharpe: probabilisticSharpe(moments) };
}

function lossOf(
  windows: readonly SweepWalkWindow[],
  sign: 1 | -1,
): Pick<
  SweepWalk,
  "inSample" | "outOfSample" | "degradation" | "inSampleReturn" | "outOfSampleReturn" | "efficiency"
> {
  const both = windows.filter(({ inSample, outOfSample }) => inSample !== null && outOfSample !== null);
  const inSample = mean(both.map((window) => window.inSample as number));
  const outOfSample = mean(both.map((window) => window.outOfSample as number));
  const inSampleReturn = mean(windows.map((window) => window.inSampleReturn)) as number;
  const outOfSampleReturn = mean(windows.map((window) => window.outOfSampleReturn)) as number;
  return {
    ...{ inSample, outOfSample, inSampleReturn, outOfSampleReturn },
    degradation: inSample === null || outOfSample === null ? null : sign * (inSample - outOfSample),
    efficiency: inSampleReturn > 0 ? outOfSampleReturn / inSampleReturn : null,
  };
}
