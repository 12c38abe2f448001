export { type AlteredTape, alterTape, WORLDS, type World } from "./altered-tape.ts";
export { type Decision, watched } from "./decisions.ts";
export { findLookAhead, type Leak, type LookAheadReport } from "./look-ahead.ts";
export {
  STRESS_FIGURES,
  type StressDecay,
  type StressFigure,
  type StressFigures,
  type StressOptions,
  type StressReport,
  type StressRun,
  type StressWorld,
  stressBacktest,
  stressCsv,
} from "./stress.ts";
export { parseStress, STRESS_FORM } from "./stress-words.ts";
export type { TrialOptions } from "./trial-options.ts";
export { checkWarmUp, type WarmUpReport, type WarmUpStart } from "./warm-up.ts";
