/** Where a process can be made to die, as coverage names it. */
export const CRASH_POINTS = [
  "disk: before a write",
  "disk: in a write",
  "disk: after a write, before its sync",
  "send: after the sync, before the effect",
  "send: after the effect, before its mark",
  "anywhere: killed for memory",
  "anywhere: power lost",
] as const;

/** A name of {@link CRASH_POINTS}. */
export type CrashPoint = (typeof CRASH_POINTS)[number];
