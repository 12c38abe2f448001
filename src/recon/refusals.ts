/** Every code the room `recon` can return, in order of precedence. */
export const RECON_REFUSALS = [
  "RECON_FIELD_UNKNOWN",
  "RECON_FIELD_MALFORMED",
  "RECON_ROWS_EXCEEDED",
  "RECON_KEY_REPEATED",
  "RECON_ACCOUNT_WRONG",
  "RECON_AS_OF_CROSSED",
  "RECON_SNAPSHOT_STALE",
  "RECON_CLOCK_BACKWARDS",
  "RECON_BREAKS_FULL",
  "RECON_DOUBT_UNKNOWN",
  "RECON_DOUBT_REPEATED",
  "RECON_DOUBT_FULL",
  "RECON_ANSWER_CONTRADICTS",
  "RECON_WORST_CASE",
] as const;

/** A refusal code of the room `recon`. */
export type ReconRefusalCode = (typeof RECON_REFUSALS)[number];
