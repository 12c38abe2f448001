import { checkInteger, checkKeys } from "../base/index.ts";
import {
  averageCorrelation,
  backtestOverfitting,
  type DeflatedSharpe,
  deflatedSharpe,
  effectiveTrials,
  minimumBacktestLength,
  mostTrials,
  type Overfitting,
  type ParameterStability,
  parameterStability,
  type RealityCheck,
  realityCheck,
  type SharpeMoments,
  sharpeMoments,
  sharpeTrials,
  shuffleTrades,
  type TradeShuffles,
} from "../stat/index.ts";
import { crossValidate, type SweepCrossOptions, type SweepCrossValidation } from "./cross-validation.ts";
import type { PointResult } from "./point-result.ts";
import { isReturnMetric, periodsPerYearOf } from "./return-figures.ts";
import type { SweepResult } from "./sweep.ts";
import type { SweepPlan } from "./sweep-options.ts";
import { type SweepWalk, type SweepWalkOptions, walkForward } from "./walk-forward.ts";

const BLOCKS_MOST = 16;
/** Trials are compared in pairs: of more, as many spread over all of them. */
const PAIRED_MAX = 1_000;
/** Tests of ten periods: five behind three tests' training, or ten groups. */
const WALK_PERIODS_MIN = 80;
const CROSS_PERIODS_MIN = 100;

/** What a sweep's best point is worth, given how many were tried. Ratios are per period of the sweep unless said. */
export interface SweepStudy {
  /** Points that ran, to their end or not, all of which were trials. */
  readonly trials: number;
  /** Trials among them that ended early. */
  readonly pruned: number;
  /** What they are worth as independent trials, by their average correlation; null where that is not known. */
  readonly effectiveTrials: number | null;
  /** Returns of each, and how many of them make a year. */
  readonly periods: number;
  readonly periodsPerYear: number;
  /** The point with the largest Sharpe ratio of those that ran to their end, by its index; null where none has one. */
  readonly best: number | null;
  readonly moments: SharpeMoments | null;
  /** By the bare number of trials: counting dependent ones as fewer would forgive their likeness twice. */
  readonly deflated: DeflatedSharpe | null;
  /** Periods it takes for a ratio like the best not to be expected of so many trials by chance. */
  readonly minimumLength: number | null;
  /** How many trials these periods bear before a ratio like the best is expected by chance. */
  readonly mostTrials: number | null;
  /** By blocks of the periods; null where there are too few periods, or one trial. */
  readonly overfitting: Overfitting | null;
  readonly reality: RealityCheck | null;
  /**
   * Of the objective over the space, of points that ran to their end; texts and truths count as their places. Null
   * below two.
   */
  readonly stability: ParameterStability | null;
  /** The best point's periods in another order, and drawn anew in blocks. */
  readonly shuffled: TradeShuffles | null;
  readonly resampled: TradeShuffles | null;
  /**
   * Choosing by what was known then: by the sweep's objective where returns alone tell it, else by Sharpe ratio. Null
   * below two points or 80 periods, unless options are given.
   */
  readonly walkForward: SweepWalk | null;
  /** The same over every combination of groups; null below two points or 100 periods, unless options are given. */
  readonly crossValidation: SweepCrossValidation | null;
}

/** How a study is made. */
export interface SweepStudyOptions {
  /** Of the bootstraps; 1,000 unless given. */
  readonly resamples?: number;
  /** 1 unless given. */
  readonly seed?: number;
  /** Five folds, a purge of one period and an embargo of one in a hundred unless given. */
  readonly walkForward?: SweepWalkOptions;
  /** Ten groups, three tested, purge and embargo alike, unless given. */
  readonly crossValidation?: SweepCrossOptions;
}

/**
 * Judges a sweep by what it tried: the number of trials is the number of points that ran.
 *
 * A point that ended early was a trial: of the strategy under the rule that ended it, which holds cash from there on.
 * So it counts wherever trials do, with returns of 0 from there on: in the number and the spread of ratios that luck is
 * measured by, in the splits of overfitting and in the reality check. Without it a choice among what survived would
 * pass for a choice among all. It is never the best, and has no figure for the parameters' stability.
 *
 * @throws `FAULT_CONFIG` naming the option.
 * @cost For 1,000 points of 1,024 periods about 5 s, most of it overfitting, bootstrap and cross-validation.
 */
export function sweepStudy(result: SweepResult, options: SweepStudyOptions = {}): SweepStudy {
  checkKeys("study", options, ["resamples", "seed", "walkForward", "crossValidation"]);
  const resamples = checkInteger("study.resamples", options.resamples ?? 1_000, 100, 1_000_000);
  const seed = checkInteger("study.seed", options.seed ?? 1);
  const { plan, points, pruned } = result;
  const { boundariesMs } = plan.series;
  const periods = boundariesMs.length - 1;
  const moments = points.map(({ returns }) => sharpeMoments(returns));
  const best = indexOfBest(moments);
  const top = best === null ? null : (moments[best] as SharpeMoments);
  const columns = [...points, ...pruned].sort((a, b) => a.index - b.index).map(({ returns }) => returns);
  const trials = sharpeTrials(columns.map((column) => sharpeMoments(column)?.sharpe ?? 0));
  const hasEdge = top !== null && top.sharpe > 0;
  const own = best === null ? [] : [...(points[best] as PointResult).returns];
  const ways = { capital: 1, compounded: true, draws: resamples, seed } as const;
  return {
    trials: columns.length,
    pruned: pruned.length,
    effectiveTrials: effectiveOf(columns),
    ...{ periods, periodsPerYear: periodsPerYearOf(plan.series) },
    best: best === null ? null : (points[best] as PointResult).index,
    moments: top,
    deflated: top === null || trials === null ? null : deflatedSharpe(top, trials),
    minimumLength: hasEdge ? minimumBacktestLength(columns.length, top.sharpe) : null,
    mostTrials: hasEdge ? mostTrials(periods, top.sharpe) : null,
    overfitting: overfittingOf(columns, periods),
    reality: columns.length === 0 ? null : realityCheck(columns, { resamples, seed }),
    stability: stabilityOf(plan, points),
    shuffled: own.length < 2 ? null : shuffleTrades(own, { ...ways, method: "permutation" }),
    resampled: own.length < 2 ? null : shuffleTrades(own, { ...ways, method: "bootstrap", blockLength: 10 }),
    ...crossed(result, options),
  };
}

/** Periods left out beside tests: one for what is held over an edge, and the hundredth part that the book names. */
function crossed(
  result: SweepResult,
  options: SweepStudyOptions,
): Pick<SweepStudy, "walkForward" | "crossValidation"> {
  const { plan, points } = result;
  const periods = plan.series.boundariesMs.length - 1;
  const isBorne = (given: object | undefined, least: number): boolean =>
    points.length > 0 && (given !== undefined || (points.length > 1 && periods >= least));
  const objective = `${plan.sign < 0 ? "-" : ""}${plan.objective}`;
  const metric = isReturnMetric(objective) ? objective : "sharpe";
  const standard = { metric, purge: 1, embargo: Math.ceil(periods / 100) };
  return {
    walkForward: isBorne(options.walkForward, WALK_PERIODS_MIN)
      ? walkForward(result, options.walkForward ?? standard)
      : null,
    crossValidation: isBorne(options.crossValidation, CROSS_PERIODS_MIN)
      ? crossValidate(result, options.crossValidation ?? standard)
      : null,
  };
}

function indexOfBest(moments: readonly (SharpeMoments | null)[]): number | null {
  let best: number | null = null;
  for (const [i, each] of moments.entries()) {
    if (each !== null && (best === null || each.sharpe > (moments[best] as SharpeMoments).sharpe)) best = i;
  }
  return best;
}

function effectiveOf(columns: readonly Float64Array[]): number | null {
  const step = Math.max(1, columns.length / PAIRED_MAX);
  const spread = Array.from(
    { length: Math.min(columns.length, PAIRED_MAX) },
    (_, i) => columns[Math.floor(i * step)] as Float64Array,
  ).filter((column) => column.some((value) => value !== column[0]));
  if (spread.length < 2) return null;
  if (columns.length <= PAIRED_MAX) return effectiveTrials(spread, "averageCorrelation");
  const rho = averageCorrelation(spread);
  return rho === null ? null : Math.max(1, rho + (1 - rho) * columns.length);
}

/** Blocks of two periods at least: where there are fewer periods, fewer blocks. */
function overfittingOf(columns: readonly Float64Array[], periods: number): Overfitting | null {
  const blocks = Math.min(BLOCKS_MOST, 2 * Math.floor(periods / 4));
  return columns.length < 2 || blocks < 2 ? null : backtestOverfitting(columns, { blocks });
}

function stabilityOf(
  { axes, objective, sign }: SweepPlan,
  points: readonly PointResult[],
): ParameterStability | null {
  const judged = points.filter(({ stats }) => (stats[objective] ?? null) !== null);
  if (judged.length < 2) return null;
  return parameterStability({
    points: judged.map(({ params }) => axes.map((axis) => axis.shareOf(params[axis.name] ?? 0))),
    figures: judged.map(({ stats }) => sign * (stats[objective] as number)),
  });
}
