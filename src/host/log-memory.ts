import { checkInteger, checkKeys } from "../base/index.ts";
import { LineLogger, LOGGER_OPTIONS, type LoggerOptions, type LogLine } from "./log-lines.ts";

/** How many lines are kept. */
export interface MemoryLoggerOptions extends LoggerOptions {
  /** The newest so many; 10,000 unless given. */
  readonly linesMax?: number;
}

/**
 * A logger that keeps its lines, for tests.
 *
 * @example
 * ```ts
 * import { memoryLogger } from "tickwright/host";
 * const { logger, lines } = memoryLogger();
 * logger.log("info", "begun", { seed: 7 });
 * logger.log("debug", "not written");
 * lines.map(({ words, fields }) => [words, fields]); // => [["begun", { seed: 7 }]]
 * ```
 */
export function memoryLogger(options: MemoryLoggerOptions = {}): {
  readonly logger: LineLogger;
  readonly lines: readonly LogLine[];
} {
  checkKeys("memoryLogger", options, [...LOGGER_OPTIONS, "linesMax"]);
  const linesMax = checkInteger("memoryLogger.linesMax", options.linesMax ?? 10_000, 1, 10_000_000);
  const lines: LogLine[] = [];
  const logger = LineLogger.make("memoryLogger", options, (line) => {
    if (lines.length === linesMax) lines.shift();
    lines.push(line);
    return true;
  });
  return { logger, lines };
}
