export { type AlteredTape, alterTape, WORLDS, type World } from "./altered-tape.ts";
export { type Decision, watched } from "./decisions.ts";
export { findLookAhead, type Leak, type LookAheadReport } from "./look-ahead.ts";
export type { TrialOptions } from "./trial-options.ts";
export { checkWarmUp, type WarmUpReport, type WarmUpStart } from "./warm-up.ts";
