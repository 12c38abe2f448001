import process from "node:process";
import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { LineLogger, LOGGER_OPTIONS, type LoggerOptions, type LogLine } from "./log-lines.ts";

/** What lines are written to: a stream of Node's, such as a file's. */
export interface LogStream {
  /** Bytes or characters that wait to be written. */
  readonly writableLength: number;
  write(text: string): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** How a log of JSON lines is written. */
export interface JsonLoggerOptions extends LoggerOptions {
  /**
   * Where lines go; stderr unless given. To a file or a terminal stderr waits for the system: for a log that never
   * does, give `createWriteStream(path, { flags: "a" })`.
   */
  readonly stream?: LogStream;
  /** What may wait in the stream: a line that finds more there is lost; 1 MiB unless given. @units bytes */
  readonly bufferBytesMax?: number;
}

const PATH = "jsonLogger";

/**
 * A logger of JSON lines, without any package: `time` (ISO 8601), `level`, `msg`, then the fields.
 *
 * @invariant It never waits for the stream, and never throws: a line that has no room, or comes after the stream
 * failed, is counted in `stats().lostByWriter`.
 * @throws `FAULT_CONFIG` for options.
 * @example
 * ```ts
 * import { jsonLogger } from "tickwright/host";
 * const lines: string[] = [];
 * const stream = { writableLength: 0, write: (line: string) => lines.push(line) > 0, on: () => undefined };
 * const logger = jsonLogger({ stream, level: "debug" }).with({ venue: "binance" });
 * logger.log("warn", "order refused", { apiKey: "abc", lots: 5 });
 * const { time, ...line } = JSON.parse(lines[0] ?? "");
 * line; // => { level: "warn", msg: "order refused", venue: "binance", apiKey: "[redacted]", lots: 5 }
 * ```
 */
export function jsonLogger(options: JsonLoggerOptions = {}): LineLogger {
  checkKeys(PATH, options, [...LOGGER_OPTIONS, "stream", "bufferBytesMax"]);
  const bufferBytesMax = checkInteger(
    `${PATH}.bufferBytesMax`,
    options.bufferBytesMax ?? 1 << 20,
    1,
    2 ** 30,
  );
  const stream = options.stream ?? process.stderr;
  if (typeof stream.write !== "function" || typeof stream.on !== "function") {
    throw new Fault("FAULT_CONFIG", {
      path: `${PATH}.stream`,
      value: typeof stream,
      expected: "a writable stream",
    });
  }
  let hasFailed = false;
  stream.on("error", () => {
    hasFailed = true;
  });
  return LineLogger.make(PATH, options, (line) => {
    const text = jsonLine(line);
    if (hasFailed || stream.writableLength + text.length > bufferBytesMax) return false;
    stream.write(text);
    return true;
  });
}

/** Fields never take the place of what every line has. */
function jsonLine({ timeMs, level, words, fields }: LogLine): string {
  const own: Record<string, unknown> = { time: new Date(timeMs).toISOString(), level, msg: words };
  for (const [name, value] of Object.entries(fields)) own[name in own ? `${name}_` : name] = value;
  return `${JSON.stringify(own)}\n`;
}
