export { crossValidate, type SweepCrossOptions, type SweepCrossValidation } from "./cross-validation.ts";
export {
  isFailure,
  isPruned,
  outcomeLine,
  type PointFailure,
  type PointOutcome,
  type PointPruned,
  type PointResult,
  type PointRun,
  readOutcome,
  type SweepPoint,
} from "./point-result.ts";
export { PointRunner } from "./point-run.ts";
export { equityOf, RETURN_FIGURES, type SweepReturns } from "./return-figures.ts";
export { POINTS_MAX, pointsOf, type Search, type SearchOptions } from "./search.ts";
export {
  type Axis,
  axesOf,
  type ParamRange,
  type Params,
  type ParamValue,
  type SearchSpace,
} from "./search-space.ts";
export { SerialExecutor } from "./serial-executor.ts";
export { SOBOL_AXES_MAX, Sobol } from "./sobol.ts";
export { Sweep, type SweepEnd, type SweepProgress, type SweepResult, type SweepRun } from "./sweep.ts";
export type { SweepDesk, SweepExecutor, SweepWork } from "./sweep-executor.ts";
export type { SweepOptions, SweepPatience, SweepPlan, SweepPruning } from "./sweep-options.ts";
export { loadRecipe, type MakeBacktest, type SweepRecipe } from "./sweep-recipe.ts";
export { RETURNS_MAX, returnsBetween, type SweepSeries, seriesOf } from "./sweep-series.ts";
export { type SweepStudy, type SweepStudyOptions, sweepStudy } from "./sweep-study.ts";
export { sweepCsv, sweepJson, writeSweepParquet } from "./sweep-tables.ts";
export { ThreadExecutor, type ThreadExecutorOptions } from "./thread-executor.ts";
export {
  type PeriodSpan,
  type SweepWalk,
  type SweepWalkOptions,
  type SweepWalkWindow,
  walkForward,
} from "./walk-forward.ts";
