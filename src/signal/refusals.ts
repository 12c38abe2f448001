/**
 * Every code the room `signal` can return, in order of precedence.
 */
export const SIGNAL_REFUSALS = [
  "MICROPRICE_TOO_FEW_MOVES",
  "MICROPRICE_NOT_CONVERGENT",
  "SIMD_LEVEL_ABSENT",
] as const;

/** A refusal code of the room `signal`. */
export type SignalRefusalCode = (typeof SIGNAL_REFUSALS)[number];
