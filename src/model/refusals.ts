/**
 * Every code the room `model` can return, in order of precedence.
 */
export const MODEL_REFUSALS = [
  "TIME_MALFORMED",
  "MONEY_NOT_A_NUMBER",
  "MONEY_TOO_FINE",
  "PRICE_NOT_A_NUMBER",
  "PRICE_OFF_GRID",
  "PRICE_OUT_OF_RANGE",
  "QUANTITY_NOT_A_NUMBER",
  "QUANTITY_OFF_GRID",
  "QUANTITY_OUT_OF_RANGE",
] as const;

/** A refusal code of the room `model`. */
export type ModelRefusalCode = (typeof MODEL_REFUSALS)[number];
