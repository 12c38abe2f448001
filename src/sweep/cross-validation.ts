import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { CombinatorialFolds, mean, quantile, sharpe, stdev } from "../stat/index.ts";
import { Chooser, type SweepReturns } from "./return-figures.ts";

const GROUPS = 10;
const GROUPS_MOST = 24;
const TEST_GROUPS = 3;
/** What splits return is held until paths are put together from it. */
const SPLITS_MOST = 10_000;
const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** How a sweep is cross-validated; lengths count periods of the sweep. */
export interface SweepCrossOptions {
  /** Into how many groups of periods the sweep is cut, 2 to 24; 10 unless given. */
  readonly groups?: number;
  /** How many of them are tested at a time; 3 unless given. No more than 10,000 splits may come of it. */
  readonly testGroups?: number;
  /** Periods a return is taken to depend on later ones: so many on both sides of a test are not trained on. 0 unless
   * given. */
  readonly purge?: number;
  /** Periods behind those that are not trained on after a test; 0 unless given. */
  readonly embargo?: number;
  /** One of `RETURN_FIGURES`; with a `-` before it, wanted low. `sharpe` unless given. */
  readonly metric?: string;
}

/** What choosing among the points of a sweep came to, over every combination of groups. */
export interface SweepCrossValidation {
  readonly metric: string;
  readonly groups: number;
  readonly testGroups: number;
  readonly purge: number;
  readonly embargo: number;
  /** C(groups, testGroups). */
  readonly splits: number;
  /** Per split the point that is best in training, by its index; null where none has a figure. */
  readonly chosen: readonly (number | null)[];
  /** Means over splits of the chosen point's metric; null where no split has both. */
  readonly inSample: number | null;
  readonly outOfSample: number | null;
  /** Returns of each path out of sample: splits * testGroups / groups of them, each over every period once. */
  readonly paths: readonly Float64Array[];
  /** The Sharpe ratio of each path a year; 0 where it does not vary. */
  readonly sharpes: Float64Array;
  readonly mean: number;
  /** Null where there is one path. */
  readonly deviation: number | null;
  /** The ratio below which a share of the paths lies, interpolated linearly. */
  readonly quantiles: readonly { readonly share: number; readonly sharpe: number }[];
  /** The share of paths with a ratio below 0. */
  readonly belowZero: number;
}

/**
 * Combinatorial purged cross-validation of a sweep: for every choice of test groups takes the point that is best in
 * the other groups, and puts what it returned in the test groups together to paths, each over all periods. One walk
 * forward is one history; the paths are a distribution of Sharpe ratios, though not of independent ones: they share
 * the market and most trainings.
 *
 * It chooses among points that have run, those that were pruned among them, which keep cash from their end on: a
 * return in a test may come from a position that was opened in training, which `purge` and `embargo` bound; nothing is
 * run again over a test alone. Trainings lie behind tests too.
 *
 * @units lengths in periods of the sweep; ratios a year of 365.25 days
 * @shape one return a period and path
 * @invariant A split's choice depends on the returns of its training alone: no period of a test group, purged or under
 * embargo changes it. Every split's returns are in exactly one path, each at its own period.
 * @throws `FAULT_CONFIG` naming the option, or where periods are too few; `FAULT_INPUT` for a sweep without points
 * @cost O(splits * points * periods): for 120 splits of 1,000 points over 1,024 periods 1.1 s by Sharpe
 * ratio, 2.4 by largest drawdown, 6.4 by tail ratio
 * @source Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 7 (purging, embargo) and 12 (paths)
 * @example
 * ```ts
 * import { crossValidate } from "tickwright/sweep";
 * const day = 86_400_000;
 * const series = { periodNs: day * 1e6, boundariesMs: [0, 1, 2, 3, 4, 5, 6].map((i) => i * day) };
 * const { chosen, paths } = crossValidate({ plan: { series }, points: [
 *   { index: 0, returns: Float64Array.of(0.02, 0.01, -0.01, -0.02, 0, 0.01) },
 *   { index: 1, returns: Float64Array.of(-0.01, 0, 0.01, 0.02, 0.01, 0) },
 * ] }, { groups: 3, testGroups: 1 });
 * chosen; // => [1, 0, 1]
 * paths; // => [Float64Array.of(-0.01, 0, -0.01, -0.02, 0.01, 0)]
 * ```
 */
export function crossValidate(result: SweepReturns, options: SweepCrossOptions = {}): SweepCrossValidation {
  const periods = result.plan.series.boundariesMs.length - 1;
  const plan = checked(options, periods);
  const { groups, testGroups, purge, embargo } = plan;
  const chooser = new Chooser("crossValidation", result, options.metric ?? "sharpe");
  // A return that depends on `purge` later ones is known so much later.
  const places = Int32Array.from({ length: periods }, (_, i) => i);
  const spans = { fromNs: places, toNs: places.map((i) => i + purge) };
  const folds = new CombinatorialFolds(spans, { groups, testGroups, embargo });
  const tested = Array.from({ length: folds.splits }, (_, split) => {
    const { train, test } = folds.fold(split);
    checkTraining(train, plan);
    const place = chooser.best(train);
    const returns = chooser.returns(place, test);
    const inSample = place === null ? null : chooser.figure(chooser.returns(place, train));
    return { point: chooser.indexOf(place), inSample, outOfSample: chooser.figure(returns), returns };
  });
  const both = tested.filter(({ inSample, outOfSample }) => inSample !== null && outOfSample !== null);
  const paths = folds.assemble(tested.map(({ returns }) => returns));
  return {
    ...{ metric: chooser.metric, groups, testGroups, purge, embargo, splits: folds.splits },
    chosen: tested.map(({ point }) => point),
    inSample: mean(both.map(({ inSample }) => inSample as number)),
    outOfSample: mean(both.map(({ outOfSample }) => outOfSample as number)),
    paths,
    ...distributionOf(paths, chooser.periodsPerYear),
  };
}

type Plan = Required<Omit<SweepCrossOptions, "metric">>;

function checked(options: SweepCrossOptions, periods: number): Plan {
  checkKeys("crossValidation", options, ["groups", "testGroups", "purge", "embargo", "metric"]);
  const whole = (name: keyof Plan, standard: number, least: number, most: number): number =>
    checkInteger(`crossValidation.${name}`, options[name] ?? standard, least, most);
  const groups = whole("groups", GROUPS, 2, Math.min(GROUPS_MOST, periods));
  const testGroups = whole("testGroups", Math.min(TEST_GROUPS, groups - 1), 1, groups - 1);
  const splits = waysOf(groups, testGroups);
  if (splits > SPLITS_MOST) {
    const expected = `no more than ${SPLITS_MOST} splits; of ${groups} groups these are ${splits}`;
    throw new Fault("FAULT_CONFIG", { path: "crossValidation.testGroups", value: testGroups, expected });
  }
  return {
    groups,
    testGroups,
    purge: whole("purge", 0, 0, periods),
    embargo: whole("embargo", 0, 0, periods),
  };
}

function waysOf(groups: number, testGroups: number): number {
  let ways = 1;
  for (let i = 0; i < testGroups; i++) ways = Math.round((ways * (groups - i)) / (i + 1));
  return ways;
}

function checkTraining(train: Int32Array, { purge, embargo }: Plan): void {
  if (train.length >= 2) return;
  const path = `crossValidation.${embargo > purge ? "embargo" : "purge"}`;
  const expected = "so few that every split has two periods to train on";
  throw new Fault("FAULT_CONFIG", { path, value: Math.max(purge, embargo), expected });
}

function distributionOf(
  paths: readonly Float64Array[],
  periodsPerYear: number,
): Pick<SweepCrossValidation, "sharpes" | "mean" | "deviation" | "quantiles" | "belowZero"> {
  const sharpes = Float64Array.from(paths, (path) => sharpe(path, { periodsPerYear }) ?? 0);
  return {
    sharpes,
    mean: mean(sharpes) as number,
    deviation: stdev(sharpes),
    quantiles: QUANTILES.map((share) => ({ share, sharpe: quantile(sharpes, share) as number })),
    belowZero: sharpes.filter((ratio) => ratio < 0).length / sharpes.length,
  };
}
