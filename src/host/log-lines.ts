import { checkChoice, checkInteger } from "../base/index.ts";
import type { LogFields, Logger, LogLevel } from "../port/index.ts";
import { LogRedaction, type LogValue, type RedactionOptions } from "./log-redaction.ts";

/** Every level, the least first. */
export const LOG_LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal"];

/** What every logger of this room can be told. */
export interface LoggerOptions {
  /** The least level that is written; `info` unless given. */
  readonly level?: LogLevel;
  /** Lines a second at most, 1 to 1,000,000: what is beyond is counted and lost; 10,000 unless given. */
  readonly linesPerSecondMax?: number;
  /** What lines hide; see {@link RedactionOptions}. One redaction can serve several loggers. */
  readonly redact?: RedactionOptions | LogRedaction;
}

/** One line, when nothing in it must be hidden any longer. */
export interface LogLine {
  /** When it came, by the machine's clock. @units ms since 1970 */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly words: string;
  readonly fields: { readonly [name: string]: LogValue };
}

/** What became of the lines that a logger was given. */
export interface LogStats {
  readonly written: number;
  /** Beyond the bound of lines a second. */
  readonly lostByRate: number;
  /** That had no room, or could not be written. */
  readonly lostByWriter: number;
}

/** The names of {@link LoggerOptions}. */
export const LOGGER_OPTIONS = ["level", "linesPerSecondMax", "redact"] as const;

/** Writes a line, or says that it was lost. It may throw: the line is lost then. */
type WriteLine = (line: LogLine) => boolean;

/** What loggers that came of each other by `with` share. */
class Pen {
  readonly redaction: LogRedaction;
  readonly least: number;
  readonly #write: WriteLine;
  readonly #most: number;
  #second = 0;
  #inSecond = 0;
  written = 0;
  lostByRate = 0;
  lostByWriter = 0;

  constructor(path: string, options: LoggerOptions, write: WriteLine) {
    const { redact = {} } = options;
    this.redaction = redact instanceof LogRedaction ? redact : new LogRedaction(redact);
    this.least = LOG_LEVELS.indexOf(checkChoice(`${path}.level`, options.level ?? "info", LOG_LEVELS));
    this.#most = checkInteger(`${path}.linesPerSecondMax`, options.linesPerSecondMax ?? 10_000, 1, 1_000_000);
    this.#write = write;
  }

  put(level: LogLevel, words: string, fields: LogFields): void {
    const timeMs = Date.now();
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    if (this.#inSecond >= this.#most) {
      this.lostByRate += 1;
      return;
    }
    this.#inSecond += 1;
    if (this.#tried({ timeMs, level, words: String(words), fields })) this.written += 1;
    else this.lostByWriter += 1;
  }

  #tried(line: Omit<LogLine, "fields"> & { readonly fields: LogFields }): boolean {
    try {
      const words = this.redaction.text(line.words);
      return this.#write({ ...line, words, fields: this.redaction.fields(line.fields) });
    } catch {
      return false;
    }
  }
}

/**
 * A logger of this room: what it writes went through a {@link LogRedaction}, is at most so many lines a second, and
 * never throws into whoever logs.
 *
 * @invariant Each line of a level that is written is written, or counted as lost.
 */
export class LineLogger implements Logger {
  readonly #pen: Pen;
  readonly #fields: LogFields;

  private constructor(pen: Pen, fields: LogFields) {
    this.#pen = pen;
    this.#fields = fields;
  }

  /** @internal Made by the functions of this room. */
  static make(path: string, options: LoggerOptions, write: WriteLine): LineLogger {
    return new LineLogger(new Pen(path, options, write), {});
  }

  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#pen.least;
  }

  log(level: LogLevel, words: string, fields?: LogFields): void {
    if (!this.isEnabled(level)) return;
    try {
      this.#pen.put(level, words, fields === undefined ? this.#fields : { ...this.#fields, ...fields });
    } catch {
      // Fields that cannot even be read, words that have no text.
      this.#pen.lostByWriter += 1;
    }
  }

  with(fields: LogFields): LineLogger {
    return new LineLogger(this.#pen, { ...this.#fields, ...fields });
  }

  /** Hides one more secret from now on, in every logger of the same redaction. @throws `FAULT_CONFIG` for a short one */
  addSecret(secret: string): void {
    this.#pen.redaction.addSecret(secret);
  }

  /** Of this logger, and of all that came of it by `with`. */
  stats(): LogStats {
    const { written, lostByRate, lostByWriter } = this.#pen;
    return { written, lostByRate, lostByWriter };
  }
}
