import { crc32c, Fault } from "../base/index.ts";
import type { LogLevel } from "../port/index.ts";

/** Levels by their number in an effect record: only added, at the end. */
const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal"];
const WORDS_MAX = 2000;

/** A line of a strategy's log, as `ctx.log` was given it. */
export interface StrategyLine {
  readonly strategy: string;
  readonly level: LogLevel;
  /** At most 2,000 characters. */
  readonly words: string;
  /** When the turn was. @units ns from the session's base */
  readonly ns: number;
}

/** What an effect record holds of a line: its level, its length, its checksum. */
export interface LineRecord {
  readonly words: string;
  readonly level: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** What a line is recorded as. @throws `FAULT_INPUT` for a level that is none */
export function lineRecord(given: unknown, level: LogLevel): LineRecord {
  if (!LEVELS.includes(level)) {
    const expected = `one of ${LEVELS.join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "ctx.log.level", value: level, expected });
  }
  const text = String(given);
  const words = text.length > WORDS_MAX ? `${text.slice(0, WORDS_MAX)}…` : text;
  const bytes = new TextEncoder().encode(words);
  return { words, level: LEVELS.indexOf(level), bytes: bytes.length, checksum: crc32c(bytes) };
}
