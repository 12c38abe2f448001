import { canonicalJson, Fault } from "../base/index.ts";
import type { TapeMeta, TapeSchema } from "../model/index.ts";

/** What a library knows of one of its tapes. JSON-safe. */
export interface TapeEntry {
  /** From the library's folder, with slashes. */
  readonly path: string;
  readonly symbol: string;
  readonly venue: string;
  readonly schema: TapeSchema;
  /** First and last time, epoch ns as decimals: local times of depth rows, close times of bars. */
  readonly fromNs: string;
  readonly toNs: string;
  readonly rows: number;
  /** Over the rows; see `TapeMeta`. */
  readonly contentSha256: string;
  /** Of the file. */
  readonly fileSha256: string;
  /** Of the file. @units bytes */
  readonly bytes: number;
  readonly source: string;
  readonly simulated: boolean;
}

/** Which tapes of a library are meant; a field that is not given asks for nothing. */
export interface TapeFilter {
  readonly symbol?: string;
  readonly venue?: string;
  readonly schema?: TapeSchema;
  /** Tapes with a time from this moment on, and before that one, epoch ns. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
}

/** The entry of a tape. */
export function entryOf(meta: TapeMeta, path: string, bytes: number, fileSha256: string): TapeEntry {
  const { instrument, schema, fromNs, toNs, rows, contentSha256, source, simulated } = meta;
  const { symbol, venue } = instrument;
  return {
    ...{ path, symbol, venue, schema, fromNs, toNs, rows },
    ...{ contentSha256, fileSha256, bytes, source, simulated },
  };
}

/** Whether a filter means an entry. */
export function isMeant(entry: TapeEntry, { symbol, venue, schema, fromNs, toNs }: TapeFilter): boolean {
  return (
    (symbol === undefined || entry.symbol === symbol) &&
    (venue === undefined || entry.venue === venue) &&
    (schema === undefined || entry.schema === schema) &&
    (fromNs === undefined || BigInt(entry.toNs) >= fromNs) &&
    (toNs === undefined || BigInt(entry.fromNs) < toNs)
  );
}

/** By instrument, schema, time and path. */
export function byPlace(a: TapeEntry, b: TapeEntry): number {
  for (const key of ["symbol", "venue", "schema"] as const) {
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1;
  }
  const ns = BigInt(a.fromNs) - BigInt(b.fromNs);
  if (ns !== 0n) return ns < 0n ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

const FORMAT = 1;
const PATH = /^date=\d{4}-\d\d-\d\d\/symbol=[^/\\]+\/[^/\\]+\.tape$/;
const DECIMAL = /^\d{1,19}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** The text of a manifest: canonical JSON, entries by path. */
export function manifestText(entries: readonly TapeEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  return `${canonicalJson({ format: FORMAT, entries: sorted })}\n`;
}

/** Reads a manifest. @throws `FAULT_TAPE_CORRUPT` naming file and entry */
export function readManifest(text: string, path: string): TapeEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("FAULT_TAPE_CORRUPT", {
      path,
      value: `${text.length} characters`,
      expected: "JSON",
      cause,
    });
  }
  const { format, entries } = (value ?? {}) as { format?: unknown; entries?: unknown };
  if (format !== FORMAT || !Array.isArray(entries)) {
    throw new Fault("FAULT_TAPE_CORRUPT", { path, value: format, expected: `format ${FORMAT} and entries` });
  }
  const seen = new Set<string>();
  for (const [i, entry] of (entries as TapeEntry[]).entries()) {
    const wrong = wrongField(entry);
    if (wrong !== undefined) {
      const found = Object.entries(entry ?? {}).find(([name]) => name === wrong)?.[1];
      const expected = "what an entry of a library has there";
      throw new Fault("FAULT_TAPE_CORRUPT", {
        path: `${path} entries[${i}].${wrong}`,
        value: found,
        expected,
      });
    }
    if (seen.has(entry.path)) {
      const expected = "each path once";
      throw new Fault("FAULT_TAPE_CORRUPT", {
        path: `${path} entries[${i}].path`,
        value: entry.path,
        expected,
      });
    }
    seen.add(entry.path);
  }
  return entries as TapeEntry[];
}

function wrongField(entry: TapeEntry | null): string | undefined {
  if (typeof entry !== "object" || entry === null) return "path";
  const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
  const matches = (pattern: RegExp, value: unknown): boolean =>
    typeof value === "string" && pattern.test(value);
  const checks: Readonly<Record<keyof TapeEntry, boolean>> = {
    path: matches(PATH, entry.path),
    symbol: isText(entry.symbol),
    venue: isText(entry.venue),
    schema: entry.schema === "depth" || entry.schema === "bars",
    fromNs: matches(DECIMAL, entry.fromNs),
    toNs: matches(DECIMAL, entry.toNs),
    rows: isCount(entry.rows),
    contentSha256: matches(SHA256, entry.contentSha256),
    fileSha256: matches(SHA256, entry.fileSha256),
    bytes: isCount(entry.bytes),
    source: isText(entry.source),
    simulated: typeof entry.simulated === "boolean",
  };
  return Object.entries(checks).find(([, holds]) => !holds)?.[0];
}
