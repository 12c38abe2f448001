/**
 * Every code the kernel can refuse an order with, in order of precedence.
 */
export const KERNEL_REFUSALS = [
  "ORDER_STRATEGY_STOPPED",
  "ORDER_MALFORMED",
  "ORDER_INSTRUMENT_UNKNOWN",
  "ORDER_SIDE",
  "ORDER_TYPE",
  "ORDER_TIME_IN_FORCE",
  "ORDER_QUANTITY",
  "ORDER_PRICE",
  "ORDER_EXPIRY",
  "ORDER_FLAGS",
  "ORDER_NOT_WARM",
  "ORDER_NO_VENUE",
  "ORDER_INSTRUMENT_HELD",
  "ORDER_CAPACITY",
  "ORDER_NOT_YOURS",
  "ORDER_NOT_OPEN",
  "ORDER_REQUEST_PENDING",
  "RISK_APPROVAL_LATE",
] as const;

/** A refusal code of the kernel. */
export type KernelRefusalCode = (typeof KERNEL_REFUSALS)[number];
