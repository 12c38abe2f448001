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
export { type LeanFilesOptions, readLeanBars } from "./lean-files.ts";
export {
  openBarTape,
  openDepthTape,
  openTape,
  TapeFile,
  type TapeFileOptions,
  writeTape,
} from "./tape-file.ts";
