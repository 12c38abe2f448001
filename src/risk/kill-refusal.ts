/** Every code that the kill switch returns, in order of precedence. */
export const KILL_REFUSAL_CODES = [
  "RISK_KILL_UNKNOWN_SCOPE",
  "RISK_KILL_FORBIDDEN",
  "RISK_KILL_NOT_ACTIVE",
  "RISK_KILL_NOT_REQUESTED",
  "RISK_KILL_EXPIRED",
  "RISK_KILL_SAME_PERSON",
  "RISK_KILL_NO_RISK_MANAGER",
  "RISK_KILL_UNKNOWN_ORDERS",
  "RISK_KILL_NOT_PERSISTED",
  "RISK_KILL_NO_PLAN",
  "RISK_KILL_STALE_REFERENCE",
  "RISK_KILL_PLAN_FAILED",
] as const;

/** A code of {@link KILL_REFUSAL_CODES}. The last three are of a flattening, in reports and records only. */
export type KillRefusalCode = (typeof KILL_REFUSAL_CODES)[number];
