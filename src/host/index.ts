export {
  AuditFolder,
  type OpenedAuditFolder,
  openAuditFolder,
  type RetentionDone,
  type RetentionWork,
} from "./audit-folder.ts";
export type { AuditFolderOptions, HoldRequest, ReleaseRequest } from "./audit-folder-options.ts";
export { type AuditFrame, readAuditFrames } from "./audit-frames.ts";
export type { HoldDone } from "./audit-holds.ts";
export type { AuditSegmentEntry, LegalHold } from "./audit-index.ts";
export type { HoldLine } from "./audit-lines.ts";
export { type AuditListing, type AuditSegmentFile, readAuditFolder } from "./audit-listing.ts";
export { type AuditProofFile, checkAuditProof, proveAuditRecord } from "./audit-record-proof.ts";
export type { AuditRecovery, AuditTorn } from "./audit-recovery.ts";
export { AUDIT_FOLDER_REFUSALS, type AuditFolderRefusalCode } from "./audit-refusals.ts";
export type { AuditRetention, RetentionPlan, RetentionRefusal } from "./audit-retention.ts";
export { AuditFileSink, type AuditSync } from "./audit-sink-file.ts";
export {
  type AuditFolderProblem,
  type AuditFolderProblemCode,
  type AuditFolderVerdict,
  type AuditProgress,
  type AuditRecordPlace,
  type FoundHold,
  type ProvingCheckpoint,
  type VerifyAuditOptions,
  verifyAuditFolder,
} from "./audit-verify.ts";
export { type FileProgress, readChunks } from "./capture-chunks.ts";
export {
  CaptureSegments,
  type CaptureSegmentsOptions,
  type CaptureSegmentsRead,
  readCaptureSegments,
} from "./capture-segments.ts";
export type { ClockPath, ClockProof, ClockReason, ClockTerms } from "./clock-bound.ts";
export {
  type ChronycSourceOptions,
  ChronySource,
  type ChronySourceOptions,
  chronycSource,
  chronyUdpSource,
} from "./clock-chrony.ts";
export type { ClockDayEvidence } from "./clock-evidence.ts";
export {
  CLOCK_STATES,
  type ClockAuditEvent,
  type ClockEvent,
  type ClockEventType,
  type ClockFinding,
  type ClockState,
  clockAuditEvent,
} from "./clock-finding.ts";
export { ClockMonitor, type ClockSampled } from "./clock-monitor.ts";
export type { ClockMonitorOptions, ClockSettings } from "./clock-options.ts";
export {
  CLOCK_PROFILES,
  type ClockPolicy,
  type ClockProfile,
  type ClockProfileName,
  type ClockVerdict,
  type ClockVerdictReason,
} from "./clock-profiles.ts";
export { type PmcSourceOptions, PtpSource, pmcSource } from "./clock-ptp.ts";
export type { PtpFieldKind, PtpFieldValue } from "./clock-ptp-fields.ts";
export { type PtpRequest, ptpRequest, ptpResponse, readPtpResponse } from "./clock-ptp-message.ts";
export {
  PTP_DATA_SETS,
  PTP_PORT_STATES,
  PTP_TIME_FLAGS,
  type PtpDataSet,
  type PtpSetName,
} from "./clock-ptp-sets.ts";
export type {
  ClockPart,
  ClockReading,
  ClockSource,
  ClockSourceTrouble,
  ClockStamps,
  ClockTransport,
  KernelClockReading,
  LeapNotice,
  NtpReading,
  PhcReading,
  PtpReading,
} from "./clock-readings.ts";
export { CLOCK_REFUSALS, type ClockRefusalCode } from "./clock-refusals.ts";
export { nodeClockStamps } from "./clock-stamps.ts";
export { type ClockSourceFound, type ClockSurvey, defaultClockSources, surveyClock } from "./clock-survey.ts";
export { UdpTransport, type UdpTransportOptions } from "./clock-udp.ts";
export { ClockWatch, type ClockWatchOptions, closeClockSources, readClockSources } from "./clock-watch.ts";
export { CPU_REFUSALS, type CpuRefusal, type CpuRefusalCode } from "./cpu-refusals.ts";
export {
  type CpuReport,
  type CpuReportOptions,
  cpuReport,
  type InterruptReading,
  type LatencyWords,
} from "./cpu-report.ts";
export type { CpuReading, HugePages, IdleState, NumaNode } from "./cpu-topology.ts";
export { type CsvFileOptions, importCsvBars, importCsvTicks } from "./csv-files.ts";
export { DATAGRAM_BYTES_AT, DATAGRAM_SLOT, type DatagramFields, datagramBytes } from "./datagram-slot.ts";
export { FileBytes } from "./file-bytes.ts";
export {
  buildBinanceBars,
  type CaptureBarsFileOptions,
  type CaptureFileOptions,
  type CaptureImportOptions,
  type CaptureProgress,
  checkBinanceCapture,
  importBinanceCapture,
} from "./import-capture.ts";
export { type Disk, type DiskFile, localDisk } from "./journal-disk.ts";
export { FileJournal, type OpenedJournal, openJournal } from "./journal-files.ts";
export type { SegmentCodec } from "./journal-folder.ts";
export { lockFile, unlockFile } from "./journal-lock.ts";
export { type MeasureSyncOptions, measureSync, type SyncFigures } from "./journal-measure.ts";
export type { JournalOptions } from "./journal-options.ts";
export { type ReadJournalOptions, readJournal } from "./journal-read.ts";
export type { JournalRecovery, TornTail } from "./journal-recovery.ts";
export {
  type DamagedSnapshot,
  type NewestSnapshot,
  SnapshotFolder,
  verifySnapshot,
} from "./journal-snapshots.ts";
export type { Retired } from "./journal-upkeep.ts";
export { LATENCY_TIERS, type LatencyCheck, type LatencyTier } from "./latency-check.ts";
export { type ClockFacts, latencyChecks, type MachineFacts, tierReached } from "./latency-checks.ts";
export { type LeanFilesOptions, readLeanBars } from "./lean-files.ts";
export { type JsonLoggerOptions, jsonLogger, type LogStream } from "./log-json.ts";
export { LineLogger, LOG_LEVELS, type LoggerOptions, type LogLine, type LogStats } from "./log-lines.ts";
export { type MemoryLoggerOptions, memoryLogger } from "./log-memory.ts";
export { type PinoLike, type PinoLoggerOptions, pinoLogger } from "./log-pino.ts";
export { LogRedaction, type LogValue, type RedactionOptions } from "./log-redaction.ts";
export type { MulticastGroup, MulticastOptions, MulticastStats } from "./multicast-options.ts";
export { MulticastReceiver } from "./multicast-receiver.ts";
export { type InterfaceReading, type NetworkReport, networkReport } from "./network-report.ts";
export { type ProcessReport, processReport } from "./process-report.ts";
export {
  isTape,
  openBarTape,
  openDepthTape,
  openTape,
  TapeFile,
  type TapeFileOptions,
  writeDraft,
  writeTape,
} from "./tape-file.ts";
export { threadFlags, threadModule } from "./thread-module.ts";
