/** How grave a line of a log is, the least first. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Fields of a line: names of the field's terms, JSON-safe values. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>;

/**
 * Takes lines for people and machines. It is told after things were done and can change nothing; a line that cannot be
 * written is lost and counted by whoever writes, it never stops trading.
 */
export interface Logger {
  /** Whether lines of a level are written: ask before fields are made. */
  isEnabled(level: LogLevel): boolean;
  /** Writes a line. `fields` are read before this returns. */
  log(level: LogLevel, words: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields. */
  with(fields: LogFields): Logger;
}
