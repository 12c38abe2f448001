export type { TapeSource } from "./tape-source.ts";
