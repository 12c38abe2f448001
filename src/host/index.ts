export { FileBytes } from "./file-bytes.ts";
export { openBarTape, openDepthTape, openTape, TapeFile, type TapeFileOptions, writeTape } from "./tape-file.ts";
