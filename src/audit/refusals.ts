import { CHECKPOINT_REFUSALS } from "./checkpoint.ts";
import { KEY_REFUSALS } from "./key-rotation.ts";
import { MERKLE_REFUSALS } from "./merkle-proof.ts";
import { NOTE_REFUSALS } from "./signed-note.ts";

/**
 * Every code this room can refuse with; within one call, in order of precedence. What a verifier finds is no refusal:
 * `AUDIT_PROBLEMS`.
 */
export const AUDIT_REFUSALS = [
  "AUDIT_RECORD_MALFORMED",
  "AUDIT_PROOF_MALFORMED",
  ...NOTE_REFUSALS,
  ...CHECKPOINT_REFUSALS,
  ...KEY_REFUSALS,
  ...MERKLE_REFUSALS,
] as const;

/** A code this room can refuse with. */
export type AuditRefusalCode = (typeof AUDIT_REFUSALS)[number];
