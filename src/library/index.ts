export type { DownloadProgress, TapeDownloadOptions } from "./download-options.ts";
export type { DownloadGap, DownloadReport } from "./download-report.ts";
export { TapeDownload, type TapeDownloaded } from "./tape-download.ts";
export type { TapeEntry, TapeFilter } from "./tape-entry.ts";
export { exportTape, mergeTapeFiles, sliceTapeFile, type TapeExportOptions } from "./tape-files.ts";
export {
  type TapeAddOptions,
  type TapeFinding,
  TapeLibrary,
  type TapeLibraryOptions,
} from "./tape-library.ts";
export { queryTapes } from "./tape-query.ts";
export { surveyTapes, type TapeSurvey } from "./tape-survey.ts";
