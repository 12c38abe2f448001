import process from "node:process";
import { checkKeys, Fault } from "../base/index.ts";
import type { LogLevel } from "../port/index.ts";
import { LineLogger, LOGGER_OPTIONS, type LoggerOptions } from "./log-lines.ts";

/** What is used of a pino logger. */
export type PinoLike = { readonly [Level in LogLevel]: (fields: object, words: string) => void };

/** A logger over pino. */
export interface PinoLoggerOptions extends LoggerOptions {
  /** A pino logger that is there already; its level must let through what is to be written. Ours unless given. */
  readonly pino?: PinoLike;
  /** Where pino's lines go, for one of our own: what `pino.destination` gives, or a stream; stdout unless given. */
  readonly destination?: { write(line: string): void };
}

/**
 * A logger over the package `pino`, which is loaded here first: what is written went through the redaction before pino
 * sees it, whatever serializers it has.
 *
 * A destination of pino's own (`pino.destination({ sync: false })`, a transport) writes beside the trading thread; what
 * it loses only it knows.
 *
 * @throws `FAULT_PEER_MISSING` saying what to install; `FAULT_CONFIG` for options.
 * @example
 * ```ts
 * import { pinoLogger } from "tickwright/host";
 * const lines: string[] = [];
 * const destination = { write: (line: string) => void lines.push(line) };
 * const logger = await pinoLogger({ destination, redact: { secrets: ["hunter2-hunter2"] } });
 * logger.log("info", "signed with hunter2-hunter2", { listenKey: "abc" });
 * const { msg, listenKey } = JSON.parse(lines[0] ?? "");
 * [msg, listenKey]; // => ["signed with [redacted]", "[redacted]"]
 * ```
 */
export async function pinoLogger(options: PinoLoggerOptions = {}): Promise<LineLogger> {
  checkKeys("pinoLogger", options, [...LOGGER_OPTIONS, "pino", "destination"]);
  const { pino: given, destination, level = "info" } = options;
  if (given !== undefined && (typeof given.info !== "function" || destination !== undefined)) {
    const expected = "a pino logger, without a destination beside it";
    throw new Fault("FAULT_CONFIG", { path: "pinoLogger.pino", value: typeof given, expected });
  }
  const target = given ?? (await load()).pino({ level, base: null }, destination ?? process.stdout);
  return LineLogger.make("pinoLogger", options, (line) => {
    target[line.level](line.fields, line.words);
    return true;
  });
}

/** The module as it is, loaded when it is first needed. */
async function load(): Promise<Pick<typeof import("pino"), "pino">> {
  try {
    const { pino } = await import("pino");
    return { pino };
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "the optional peer pino: npm install pino";
    throw new Fault("FAULT_PEER_MISSING", { path: "pino", value, expected, cause });
  }
}
