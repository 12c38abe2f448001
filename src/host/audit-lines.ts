import type { AuditChainState } from "../audit/index.ts";
import { canonicalJson, sha256Hex } from "../base/index.ts";
import { auditCorrupt } from "./audit-names.ts";

/** A segment that is complete, as the index keeps it. */
export interface SegmentLine {
  readonly kind: "segment";
  readonly segment: number;
  /** Where it holds no record, `lastSeq` is one below `firstSeq`. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The times of its first and last record. @units epoch ns */
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly byteLength: number;
  /** Of the file's bytes. @shape 64 hex digits */
  readonly sha256: string;
  /** Whether its writer ended it; else a crash did. */
  readonly isSealed: boolean;
  /** Bytes at its end that are no whole frame. */
  readonly tornBytes: number;
  /** When it was listed. @units epoch ns */
  readonly atNs: bigint;
  /** It stays at least until then. @units epoch ns */
  readonly retainUntilNs: bigint;
  /** The log's last signed checkpoint at its end; `null` where there was none yet. */
  readonly checkpoint: string | null;
  /** What the next segment continues from. */
  readonly state: AuditChainState;
}

/** Records that must stay, whatever their age. */
export interface HoldLine {
  readonly kind: "hold";
  readonly id: string;
  /** The first and the last moment it covers; `null` for all before, or all behind. @units epoch ns */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
  readonly subject: string;
  readonly reason: string;
  readonly approver: string;
  readonly atNs: bigint;
}

/** The end of a hold. */
export interface ReleaseLine {
  readonly kind: "release";
  readonly id: string;
  readonly reason: string;
  readonly approver: string;
  readonly atNs: bigint;
}

/** A segment that was moved to the subfolder, or somewhere else where `location` says so. */
export interface ColdLine {
  readonly kind: "cold";
  readonly segment: number;
  /** Empty for the subfolder. */
  readonly location: string;
  readonly atNs: bigint;
}

/** A segment that was deleted when its time was over: its tombstone. */
export interface RetiredLine {
  readonly kind: "retired";
  readonly segment: number;
  readonly approver: string;
  /** The number of the `retentionTombstone` in the trail. */
  readonly recordSeq: number;
  readonly atNs: bigint;
}

/** A line of the index. */
export type AuditLine = SegmentLine | HoldLine | ReleaseLine | ColdLine | RetiredLine;

/** The hash the first line names as the one before it. */
export const FIRST_AFTER = "00".repeat(32);

/** Writes a line, with the hash of the line before. */
export function encodeLine(line: AuditLine, after: string): string {
  return canonicalJson({ ...line, after });
}

type Raw = Readonly<Record<string, unknown>>;
type Kind = (value: unknown) => unknown;

const count: Kind = (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? value : undefined);
const text: Kind = (value) => (typeof value === "string" ? value : undefined);
const flag: Kind = (value) => (typeof value === "boolean" ? value : undefined);
const time: Kind = (value) =>
  typeof value === "string" && /^(?:0|-?[1-9]\d{0,18})$/.test(value) ? BigInt(value) : undefined;
const orNull =
  (kind: Kind): Kind =>
  (value) =>
    value === null ? null : kind(value);
const isHash = (value: unknown): boolean => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isList = (value: unknown, kind: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(kind);
/** So much that it can be read; the files say whether it is true. */
const state: Kind = (value) => {
  if (typeof value !== "object" || value === null) return undefined;
  const { origin, nextSeq, lastTsNs, tip, rotations, tree } = value as Raw;
  const { size, peaks } = (tree ?? {}) as Raw;
  const isPlace = typeof origin === "string" && count(nextSeq) !== undefined && time(lastTsNs) !== undefined;
  const isTree = isHash(tip) && count(size) !== undefined && isList(peaks, isHash);
  return isPlace && isTree && isList(rotations, (note) => typeof note === "string") ? value : undefined;
};

const FIELDS: Readonly<Record<AuditLine["kind"], Readonly<Record<string, Kind>>>> = {
  segment: {
    segment: count,
    firstSeq: count,
    lastSeq: count,
    fromNs: time,
    toNs: time,
    byteLength: count,
    sha256: text,
    isSealed: flag,
    tornBytes: count,
    atNs: time,
    retainUntilNs: time,
    checkpoint: orNull(text),
    state,
  },
  hold: {
    id: text,
    fromNs: orNull(time),
    toNs: orNull(time),
    subject: text,
    reason: text,
    approver: text,
    atNs: time,
  },
  release: { id: text, reason: text, approver: text, atNs: time },
  cold: { segment: count, location: text, atNs: time },
  retired: { segment: count, approver: text, recordSeq: count, atNs: time },
};

/** Reads a line. @throws `FAULT_JOURNAL_CORRUPT` naming its place where `encodeLine` would not write it so */
export function parseLine(written: string, after: string, place: string): AuditLine {
  let raw: Raw;
  try {
    raw = JSON.parse(written) as Raw;
  } catch {
    throw auditCorrupt(place, written, "a line of JSON");
  }
  const fields = Object.hasOwn(FIELDS, String(raw?.["kind"])) ? FIELDS[raw["kind"] as AuditLine["kind"]] : {};
  const line: Record<string, unknown> = { kind: raw?.["kind"] };
  for (const [name, kind] of Object.entries(fields)) {
    line[name] = kind(raw[name]);
    if (line[name] === undefined) throw auditCorrupt(`${place} ${name}`, raw[name], "a field of its kind");
  }
  if (raw?.["after"] !== after)
    throw auditCorrupt(place, raw?.["after"], `the hash of the line before, ${after}`);
  const made = line as AuditLine & Raw;
  if (encodeLine(made, after) === written) return made;
  throw auditCorrupt(place, written, "a canonical line of an audit folder");
}

/** The hash that the line behind this one names. */
export function lineHash(written: string): string {
  return sha256Hex(written);
}
