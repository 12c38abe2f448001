import { Fault } from "../base/index.ts";
import { type Disk, errorCode, onDisk } from "./journal-disk.ts";

/** The lock of the one that writes. */
export const AUDIT_LOCK = "audit.lock";
/** What was sealed, held, moved and retired: one canonical JSON line each. */
export const AUDIT_INDEX = "index.jsonl";
/** The log's first verifier key. */
export const AUDIT_KEY_FILE = "verifier.key";
/** The next segment while its header is written. */
export const AUDIT_NEXT = "next.twa.partial";
/** What is set aside, and the key, while they are written. */
export const AUDIT_ASIDE_PARTIAL = "aside.partial";
/** Where segments go that need not be at hand. */
export const AUDIT_COLD = "cold";

const PARTIALS: readonly string[] = [AUDIT_NEXT, AUDIT_ASIDE_PARTIAL];
const SEGMENT = /^segment-(\d{10})\.twa$/;
const ASIDE = /^segment-\d{10}\.twa\.aside-\d+$/;

/** A segment's file name. */
export function auditSegmentName(segment: number): string {
  return `segment-${String(segment).padStart(10, "0")}.twa`;
}

/** The name of what stood behind a byte of a segment that a loss of power left damaged. */
export function auditAsideName(segment: number, offset: number): string {
  return `${auditSegmentName(segment)}.aside-${offset}`;
}

/** Which files of an audit trail lie in a folder. */
export interface AuditNames {
  /** The numbers of the segments in place, and of those in the subfolder `cold`. */
  readonly hot: ReadonlySet<number>;
  readonly cold: ReadonlySet<number>;
  readonly hasIndex: boolean;
  readonly hasKey: boolean;
  readonly partials: readonly string[];
}

/**
 * Lists a folder; `undefined` where there is none.
 *
 * @throws `FAULT_JOURNAL_FORMAT` naming a file that is not a trail's.
 */
export function listAuditNames(disk: Disk, path: string): AuditNames | undefined {
  const names = onDisk(path, () => disk.list(path));
  if (names === undefined) return undefined;
  const hot = new Set<number>();
  const partials: string[] = [];
  for (const name of names) {
    const match = SEGMENT.exec(name);
    if (match !== null) hot.add(Number(match[1]));
    else if (PARTIALS.includes(name)) partials.push(name);
    else if (!isOwn(name)) throw foreign(`${path}/${name}`);
  }
  const folder = `${path}/${AUDIT_COLD}`;
  const cold = new Set<number>();
  for (const name of onDisk(folder, () => disk.list(folder)) ?? []) {
    const match = SEGMENT.exec(name);
    if (match === null) throw foreign(`${folder}/${name}`);
    cold.add(Number(match[1]));
  }
  const hasIndex = names.includes(AUDIT_INDEX);
  return { hot, cold, hasIndex, hasKey: names.includes(AUDIT_KEY_FILE), partials };
}

function isOwn(name: string): boolean {
  const known = name === AUDIT_INDEX || name === AUDIT_KEY_FILE || name.startsWith(AUDIT_LOCK);
  return known || ASIDE.test(name) || name === AUDIT_COLD || name.startsWith(`${AUDIT_COLD}/`);
}

function foreign(path: string): Fault {
  const expected = "only files of one audit trail";
  return new Fault("FAULT_JOURNAL_FORMAT", { path, value: "a file of others", expected });
}

/** Runs a disk operation; a disk without room is `FAULT_DISK_FULL`, all else the system says `FAULT_IO`. */
export function onAuditDisk<Value>(path: string, operation: () => Value): Value {
  return onDisk(path, () => {
    try {
      return operation();
    } catch (cause) {
      if (errorCode(cause) !== "ENOSPC") throw cause;
      const expected = "room for the audit trail: stop trading until there is";
      throw new Fault("FAULT_DISK_FULL", { path, value: "a full disk", expected, cause });
    }
  });
}

/** What had been durable is damaged or missing. */
export function auditCorrupt(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_JOURNAL_CORRUPT", { path, value, expected });
}

/** The length of a file. @units bytes */
export function auditFileSize(disk: Disk, path: string): number {
  return onAuditDisk(path, () => {
    const file = disk.open(path, "read");
    try {
      return file.size();
    } finally {
      file.close();
    }
  });
}
