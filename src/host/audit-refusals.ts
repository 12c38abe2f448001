/** Every code an audit folder can refuse with, in order of precedence. */
export const AUDIT_FOLDER_REFUSALS = [
  "AUDIT_HOLD_TAKEN",
  "AUDIT_HOLD_UNKNOWN",
  "AUDIT_SEGMENT_UNKNOWN",
  "AUDIT_SEGMENT_UNSEALED",
  "AUDIT_CONTENT_DIFFERS",
  "AUDIT_RETENTION_CLOCK",
  "AUDIT_RETENTION_HELD",
  "AUDIT_RETENTION_YOUNG",
  "AUDIT_RETENTION_ORDER",
] as const;

/** A code an audit folder refuses with. */
export type AuditFolderRefusalCode = (typeof AUDIT_FOLDER_REFUSALS)[number];
