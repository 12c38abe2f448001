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
