export { type FileProgress, readChunks } from "./capture-chunks.ts";
export { type CsvFileOptions, importCsvBars, importCsvTicks } from "./csv-files.ts";
export { FileBytes } from "./file-bytes.ts";
export {
  type CaptureFileOptions,
  type CaptureImportOptions,
  type CaptureProgress,
  checkBinanceCapture,
  importBinanceCapture,
} from "./import-capture.ts";
export { type Disk, type DiskFile, localDisk } from "./journal-disk.ts";
export { FileJournal, type OpenedJournal, openJournal } from "./journal-files.ts";
export type { SegmentCodec } from "./journal-folder.ts";
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
export { type LeanFilesOptions, readLeanBars } from "./lean-files.ts";
export {
  openBarTape,
  openDepthTape,
  openTape,
  TapeFile,
  type TapeFileOptions,
  writeTape,
} from "./tape-file.ts";
