export type { AuditBeginning } from "./audit-beginning.ts";
export { AuditBuffer } from "./audit-buffer.ts";
export { AuditChain } from "./audit-chain.ts";
export type { AuditChainOptions } from "./audit-chain-options.ts";
export type { AuditChainState } from "./audit-chain-state.ts";
export type { AuditDigest, AuditEdge } from "./audit-digest.ts";
export {
  AUDIT_EVENTS,
  type AuditEventName,
  type AuditEventType,
  type AuditFields,
  type AuditPayload,
  auditEventOf,
  auditFieldsOf,
} from "./audit-event.ts";
export { AuditKey } from "./audit-key.ts";
export {
  AUDIT_WORDS,
  type AuditFieldKind,
  type AuditKind,
  type AuditValue,
  type AuditWordKind,
} from "./audit-kind.ts";
export type { AnchoredCheckpoint, AuditAnchor, AuditSink } from "./audit-port.ts";
export {
  AuditProver,
  type ProvedRecord,
  type RecordProof,
  type RecordProofCode,
  verifyRecordProof,
} from "./audit-proof.ts";
export {
  AUDIT_ACTORS,
  AUDIT_RECORD_AT,
  AUDIT_RECORD_BYTES_MAX,
  AUDIT_RECORD_VERSION,
  AUDIT_UNCERTAINTY_UNKNOWN,
  type AuditActor,
  type AuditEntry,
  type AuditHeader,
  type AuditRecord,
  type AuditRecordRefusal,
  auditText,
  decodeRecord,
  encodeRecord,
  recordFromJson,
  recordToJson,
  writeRecord,
} from "./audit-record.ts";
export { type AuditFilter, type AuditFound, scanRecords } from "./audit-scan.ts";
export {
  AUDIT_BLOCK_RECORDS_MAX,
  AUDIT_FRAME,
  AUDIT_FRAME_BYTES_MAX,
  type AuditLeaves,
} from "./audit-segment.ts";
export {
  AUDIT_PROBLEMS,
  type AuditProblem,
  type AuditProblemCode,
  type AuditRange,
  type AuditVerdict,
} from "./audit-verdict.ts";
export { AuditVerifier } from "./audit-verifier.ts";
export type { AuditPlaceFound, AuditVerifierOptions } from "./audit-verifier-options.ts";
export { AuditWriter } from "./audit-writer.ts";
export type {
  AuditInstrument,
  AuditPlace,
  AuditRequest,
  AuditSeat,
  AuditWriterOptions,
} from "./audit-writer-options.ts";
export {
  CHECKPOINT_REFUSALS,
  type Checkpoint,
  type CheckpointRefusalCode,
  CLOCK_STATUSES,
  type ClockStatus,
  checkpointHash,
  checkpointText,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseTreeHead,
  signCheckpoint,
  type TreeHead,
} from "./checkpoint.ts";
export { type CheckpointPair, verifyGrowth, verifySuccession } from "./checkpoint-succession.ts";
export {
  isKeyChain,
  KEY_REFUSALS,
  KeyChain,
  type KeyRefusalCode,
  type KeyTerm,
  parseRotation,
  type Rotation,
  type RotationTerms,
  signRotation,
  verifyKeyChain,
} from "./key-rotation.ts";
export type { LinkBatch } from "./link-batch.ts";
export { MerkleFrontier, type MerkleFrontierState } from "./merkle-frontier.ts";
export { MERKLE_HASH_BYTES, merkleEmptyRoot, merkleLeafHash, merkleNodeHash } from "./merkle-hash.ts";
export {
  type ConsistencyClaim,
  type InclusionClaim,
  type InclusionPath,
  MERKLE_REFUSALS,
  type MerkleRefusalCode,
  type ProofHolds,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-proof.ts";
export { MerkleTree, type MerkleTreeOptions, type MerkleTreeState } from "./merkle-tree.ts";
export { RecordChain, type RecordChainOptions } from "./record-chain.ts";
export { AUDIT_REFUSALS, type AuditRefusalCode } from "./refusals.ts";
export {
  composeNote,
  NOTE_REFUSALS,
  type NoteRefusalCode,
  type NoteSignature,
  noteMessage,
  type OpenedNote,
  openNote,
  type ParsedNote,
  parseNote,
  type Signer,
  signNote,
} from "./signed-note.ts";
export { parseVerifierKey, VerifierKey } from "./verifier-key.ts";
