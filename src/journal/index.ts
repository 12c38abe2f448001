export { JournalScan, type JournalScanOptions } from "./journal-scan.ts";
export { RecordEncoder, type RecordEncoderOptions } from "./record-encoder.ts";
export {
  EPOCH_MAX,
  PAYLOAD_BYTES_MAX,
  PLACE_MAX,
  RECORD_HEADER_BYTES,
  RECORD_TYPE_MAX,
  recordBytes,
} from "./record-format.ts";
export { NO_RECORD, RecordView, type RecordVisitor } from "./record-view.ts";
export {
  decodeSegmentHeader,
  encodeSegmentHeader,
  NO_HASH,
  SEGMENT_HEADER_BYTES,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  type SegmentHeader,
} from "./segment-header.ts";
export { type SegmentScan, type SegmentScanOptions, scanSegment, type TornBatch } from "./segment-scan.ts";
export {
  decodeSnapshot,
  encodeSnapshot,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type Snapshot,
  type SnapshotSection,
} from "./snapshot.ts";
export { type JournalTrouble, type JournalTroubleKind, journalFault } from "./trouble.ts";
