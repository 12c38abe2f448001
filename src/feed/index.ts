export {
  type ArbiterSourceOptions,
  type CompositeSink,
  DISQUALIFIERS,
  type Disqualifier,
  type FeedArbiterListener,
  type FeedArbiterOptions,
  type SwitchReason,
} from "./arbiter-options.ts";
export type { SavedFeedArbiter } from "./arbiter-source.ts";
export { BarBuilder, type BarBuilderCounts } from "./bars-builder.ts";
export { BAR_PERIODS, BarLadder, type BarLadderOptions, type BarPeriod } from "./bars-ladder.ts";
export type { BarBuilderOptions, BarRule, FinishedBar } from "./bars-options.ts";
export { type BuildBarsOptions, buildBars } from "./bars-tape.ts";
export { type BookChecksumOptions, bookChecksum, CHECKSUM_STYLES } from "./book-checksum.ts";
export { applyBookRow } from "./book-row.ts";
export { type CaptureBarRule, CaptureBars } from "./capture-bars.ts";
export { StepGrid } from "./capture-grid.ts";
export { CaptureLine } from "./capture-line.ts";
export { CAPTURE, type CaptureKind, type CaptureMarket, CaptureMessage } from "./capture-message.ts";
export { binanceInstrument, type CaptureOptions } from "./capture-options.ts";
export {
  BINANCE_POLICIES,
  type CapturePolicies,
  LIVE_POLICIES,
  TROUBLES,
  type Trouble,
  type TroubleListener,
} from "./capture-policy.ts";
export { CaptureRecording, type CaptureRecordingOptions } from "./capture-recording.ts";
export { CaptureScanner } from "./capture-scanner.ts";
export {
  CaptureStream,
  type CaptureStreamOptions,
  type StreamKind,
  type StreamMessage,
} from "./capture-stream.ts";
export { CaptureCheck, type CaptureReport, checkCapture } from "./check.ts";
export type { TouchMismatch } from "./check-touch.ts";
export { CSV_TROUBLES, type CsvBarOptions, CsvBarReader, type CsvTrouble, readCsvBars } from "./csv-bars.ts";
export type { LinePolicy } from "./csv-policy.ts";
export {
  CSV_TICK_TROUBLES,
  type CsvTickKind,
  type CsvTickOptions,
  type CsvTickTrouble,
} from "./csv-tick-options.ts";
export { CsvTickReader, readCsvTicks } from "./csv-ticks.ts";
export type { SavedDecayingQuantile } from "./decaying-quantile.ts";
export { FeedArbiter, type SourceReport } from "./feed-arbiter.ts";
export {
  GAP_REFRESHES,
  GAP_STATES,
  type GapCounts,
  type GapRecoveryListener,
  type GapRecoveryOptions,
  type GapRefresh,
  type GapState,
} from "./gap-options.ts";
export { GapRecovery } from "./gap-recovery.ts";
export { CaptureImport, importCapture } from "./import.ts";
export type { JudgedMessage, ValidatorCounts } from "./judged-message.ts";
export { LeanBarReader } from "./lean-bars.ts";
export { leanDate, leanDay } from "./lean-day.ts";
export { type CorporateAction, type LeanFactorRow, LeanFactors } from "./lean-factors.ts";
export { LeanMap } from "./lean-map.ts";
export { newYorkNanos } from "./lean-new-york.ts";
export {
  LEAN_MARKETS,
  LEAN_RESOLUTIONS,
  LEAN_TROUBLES,
  type LeanBarOptions,
  type LeanMarket,
  type LeanResolution,
  type LeanTrouble,
  leanInstrument,
} from "./lean-options.ts";
export { ZipArchive, type ZipEntry } from "./lean-zip.ts";
export { LineArbiter } from "./line-arbiter.ts";
export type { LineArbiterOptions, LineCounts, LineListener, LineTotals } from "./line-options.ts";
export { MarketDataValidator } from "./market-data-validator.ts";
export type { SavedPriceReference } from "./price-reference.ts";
export {
  judgeQuality,
  QUALITY_LIMITS,
  type QualityCode,
  type QualityLimits,
  type QualityReason,
  type QualityVerdict,
} from "./quality-gate.ts";
export type { QualityChannel, QualityGap, QualityNumbers, QualityReport } from "./quality-report.ts";
export { CHANNEL } from "./row-check.ts";
export { NUMBERINGS, type Numbering, type SequencedRows } from "./sequenced-rows.ts";
export { SharedTape, type SharedTapeHandle } from "./shared-tape.ts";
export { AGREEMENT, type SavedSourceBoard, SourceBoard, type SourceBoardOptions } from "./source-board.ts";
export {
  QUALITY_WEIGHTS,
  type QualityParts,
  type QualityWeights,
  type SavedQuality,
} from "./source-quality.ts";
export type { SavedWatch } from "./source-watch.ts";
export { SuspectSymbols, type SuspectSymbolsOptions } from "./suspect-symbols.ts";
export { BarTapeBuilder, DepthTapeBuilder, type DepthTapeOptions } from "./tape-builder.ts";
export { encodeColumns, rawLengthOf } from "./tape-columns.ts";
export { type TapeCsvOptions, tapeCsv } from "./tape-csv.ts";
export { buildDraft, type TapeDraft, type TapeOutlet } from "./tape-draft.ts";
export { type BlockEntry, TAPE_MAGIC, type TapeCodec } from "./tape-format.ts";
export { MemoryTape } from "./tape-memory.ts";
export { type MergeOptions, mergeTapes } from "./tape-merge.ts";
export { type ByteSource, bytesInMemory, TapeReader } from "./tape-reader.ts";
export { type BarRow, BarRows, DepthRows, type DepthRowsOptions, type LocalFalls } from "./tape-rows.ts";
export { sliceTape } from "./tape-slice.ts";
export type { TapeHead } from "./tape-tally.ts";
export { contentSha256, loadTape, tileTape } from "./tape-tile.ts";
export { TimeBase, utcDayBase } from "./tape-time.ts";
export type { TapeWindow } from "./tape-window.ts";
export { TapeWriter, type TapeWriterOptions } from "./tape-writer.ts";
export type { SavedTouchCheck } from "./touch-check.ts";
export type { FeedValidity } from "./validation-findings.ts";
export {
  VALIDATION_TIERS,
  type ValidationParameters,
  type ValidationTier,
  type ValidatorOptions,
  validationParameters,
} from "./validation-options.ts";
export {
  reasonCodeOf,
  VALIDATION_RULES,
  type ValidationCheck,
  type ValidationRule,
  VERDICT,
  type Verdict,
  verdictOf,
} from "./validation-rules.ts";
export type { SavedValidator } from "./validator-state.ts";
export type { SavedHysteresis } from "./validity-hysteresis.ts";
export { type DataQuality, type DataQualityFacts, dataQuality, validityRow } from "./validity-row.ts";
