import { createWriteStream, openSync, type WriteStream } from "node:fs";
import process from "node:process";
import { finished } from "node:stream/promises";
import { Fault } from "../base/index.ts";
import { jsonLogger, LogRedaction, pinoLogger } from "../host/index.ts";
import type { Logger, LogLevel } from "../port/index.ts";
import { type OptionPaths, Usage, usageOf } from "./usage.ts";

/** Options of commands that trade, about their log. */
export const LOG_OPTIONS = {
  log: { type: "string" },
  "log-level": { type: "string" },
  "log-by": { type: "string" },
} as const;

/** What help says of {@link LOG_OPTIONS}. */
export const LOG_HELP = `  --log FILE         a log of JSON lines, appended to; - for standard error
  --log-level LEVEL  trace, debug, info, warn, error or fatal; info unless given
  --log-by WHO       json, without any package, or pino, the optional peer; json unless given
`;

const PATHS: OptionPaths = { "jsonLogger.level": "--log-level", "pinoLogger.level": "--log-level" };
/** What may wait for a file before lines are lost. @units bytes */
const WAITING_MAX = 1 << 20;
const LEAST = 6;
/** Environment variables that hold a secret, by how their names end. */
const SECRET_NAME = /(^|_)(api_?key|secret|secret_?key|password|passphrase|passwd|token|private_?key)$/i;

/** Values of the options of {@link LOG_OPTIONS}. */
export interface LogValues {
  readonly log?: string | undefined;
  readonly "log-level"?: string | undefined;
  readonly "log-by"?: string | undefined;
}

/** A command's log, and what it hides. */
export interface CommandLog {
  readonly redaction: LogRedaction;
  /** Undefined where none was asked for. */
  readonly logger: Logger | undefined;
  /** Writes what waits. */
  close(): Promise<void>;
}

/**
 * What nothing that a command writes may hold: the values of environment variables that are named, and of all that are
 * called like a secret.
 */
export function environmentRedaction(names: readonly string[] = []): LogRedaction {
  const secrets = new Set<string>();
  for (const [name, value = ""] of Object.entries(process.env)) {
    if (value.length >= LEAST && (names.includes(name) || SECRET_NAME.test(name))) secrets.add(value);
  }
  return new LogRedaction({ secrets: [...secrets] });
}

/** Opens the log that was asked for. @throws `Usage`; `FAULT_IO` for a file, `FAULT_PEER_MISSING` without pino */
export async function openLog(values: LogValues, redaction: LogRedaction): Promise<CommandLog> {
  const { log, "log-by": by = "json" } = values;
  const idle = (["log-level", "log-by"] as const).find((name) => values[name] !== undefined);
  if (log === undefined && idle !== undefined) throw new Usage(`--${idle} does nothing without --log`);
  if (by !== "json" && by !== "pino") throw new Usage(`--log-by is json or pino, not ${by}`);
  if (log === undefined) return { redaction, logger: undefined, close: async () => {} };
  if (log === "") throw new Usage("--log which file?");
  const file = log === "-" ? undefined : openFile(log);
  const stream = file ?? process.stderr;
  const level = { redact: redaction, ...(values["log-level"] && { level: values["log-level"] as LogLevel }) };
  const write = (line: string): void => {
    if (stream.writableLength <= WAITING_MAX && !stream.destroyed) stream.write(line);
  };
  try {
    const logger = await usageOf(PATHS, async () =>
      by === "json"
        ? jsonLogger({ stream, ...level })
        : await pinoLogger({ destination: { write }, ...level }),
    );
    return { redaction, logger, close: async () => await ended(file) };
  } catch (error) {
    await ended(file);
    throw error;
  }
}

function openFile(path: string): WriteStream {
  try {
    const stream = createWriteStream(path, { fd: openSync(path, "a", 0o600) });
    // A log that fails stops no trading.
    stream.on("error", () => {});
    return stream;
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a file that can be appended to", cause });
  }
}

async function ended(file: WriteStream | undefined): Promise<void> {
  if (file === undefined) return;
  file.end();
  await finished(file).catch(() => {});
}

/** What was thrown, without secrets; as it was where it holds none. */
export function hidden(error: unknown, redaction: LogRedaction): unknown {
  if (!(error instanceof Error)) return redaction.withoutSecrets(String(error));
  const hide = (text: string): string => redaction.withoutSecrets(text);
  const told = everythingOf(error);
  if (hide(told) === told) return error;
  if (!(error instanceof Fault)) {
    const safe = new Error(hide(error.message));
    safe.stack = hide(error.stack ?? "");
    return safe;
  }
  const { code, path, value, message } = error;
  const where = path === undefined ? {} : { path: hide(path) };
  const found = hide(typeof value === "string" ? value : message);
  return new Fault(code, { ...where, value: found, expected: hide(error.expected ?? "") });
}

/** Everything of an error that a terminal could be told. */
function everythingOf(error: Error): string {
  const texts: string[] = [];
  for (let at: unknown = error; at instanceof Error && texts.length < 20; at = at.cause)
    texts.push(at.message, at.stack ?? "");
  return texts.join("\n");
}

/** A value as one line of JSON, without secrets. */
export function hiddenJson(value: unknown, redaction: LogRedaction): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "string" ? redaction.withoutSecrets(each) : each,
  );
}
