import {
  AUDIT_EVENTS,
  AUDIT_FRAME,
  AUDIT_RECORD_AT,
  type AuditEventName,
  auditEventOf,
  scanRecords,
} from "../audit/index.ts";
import { Fault } from "../base/index.ts";
import { type Disk, localDisk, readAuditFolder, readAuditFrames } from "../host/index.ts";
import { REMARK_TYPES } from "./session-remark.ts";

/** One block of a trail. Its bytes are good until the next one is read. */
export interface AuditTrailBlock {
  readonly lastSeq: number;
  /** @shape 64 hex digits */
  readonly link: string;
  /** The block's frame. */
  readonly frame: Uint8Array;
}

/**
 * Reads the blocks of a trail, oldest first, from that with record `fromSeq` on; those before `fromNs` may be left out.
 */
export type AuditTrailReader = (fromSeq: number, fromNs?: bigint) => Iterable<AuditTrailBlock>;

const LINK_BYTES = 32;
const FIRST_SEQ_AT = 8;
const COUNT_AT = 16;

/**
 * The reader of an audit folder, for a `SessionAudit`. Nothing is opened before it is asked.
 *
 * @throws what `readAuditFolder` throws, when it is asked
 * @cost Segments that are listed and end before the range are not opened.
 */
export function readAuditTrail(path: string, disk: Disk = localDisk): AuditTrailReader {
  return function* read(fromSeq, fromNs) {
    for (const { path: file, entry } of readAuditFolder(path, disk).files) {
      if (entry !== undefined && (entry.lastSeq < fromSeq || entry.toNs < (fromNs ?? entry.toNs))) continue;
      for (const { tag, bytes } of readAuditFrames(disk, file)) {
        if (tag !== AUDIT_FRAME.block) continue;
        const view = viewOf(bytes);
        const lastSeq = Number(view.getBigUint64(FIRST_SEQ_AT, true)) + view.getUint32(COUNT_AT, true) - 1;
        if (lastSeq < fromSeq) continue;
        yield { lastSeq, link: Buffer.from(bytes.subarray(-LINK_BYTES)).toString("hex"), frame: bytes };
      }
    }
  };
}

/** Types of records that a session makes anew whenever its journal is replayed. */
const MADE_NAMES: readonly AuditEventName[] = [
  "orderNew",
  "orderModify",
  "orderCancel",
  "venueResponse",
  "fill",
  "fillBust",
  "fillCorrection",
  "riskDecision",
  "limitChange",
  "limitOverride",
  "configChange",
  "strategyStart",
  "strategyStop",
  "systemEvent",
  "recovery",
];
/** Types that only remarks of a session say, whoever's words they are. */
const REMARKED: ReadonlySet<number> = new Set(REMARK_TYPES.map((name) => AUDIT_EVENTS[name].code));
const MADE: ReadonlySet<number> = new Set(MADE_NAMES.map((name) => AUDIT_EVENTS[name].code));
/** What these say comes from the options of the trail, which may be others now. */
const OPTIONAL: ReadonlySet<number> = new Set([
  AUDIT_EVENTS.configChange.code,
  AUDIT_EVENTS.strategyStart.code,
]);
const RECOVERY = AUDIT_EVENTS.recovery.code;
const ERROR = AUDIT_EVENTS.error.code;
/** The role of whose errors are of strategies. */
const STRATEGIES = Buffer.from("strategies");

/**
 * Holds the records that a replay makes against those the trail has already.
 *
 * A record of the session itself is one of a remark's types, or one of its own types whose actor has no role; what
 * others appended has one, and is passed over.
 *
 * @throws `FAULT_JOURNAL_FORMAT` naming the record: the trail is another session's, lost what it had, or was changed
 */
export class TrailMatch {
  /** Records that were there already. */
  skipped = 0;
  /** Records in the trail that the journal lost; above 0 only where the journal is not `sync`. */
  ahead = 0;
  /** Whether what a strategy threw stands between the last record that was there already and the next. */
  hasThrown = false;
  readonly #read: AuditTrailReader;
  /** The number the next record of the trail gets: those from here on are our own additions. */
  readonly #endSeq: number;
  readonly #isLossy: boolean;
  #records: Iterator<Uint8Array> | undefined = undefined;
  #next: Uint8Array | undefined = undefined;
  #isBegun = false;

  constructor(read: AuditTrailReader, endSeq: number, isLossy: boolean) {
    this.#read = read;
    this.#endSeq = endSeq;
    this.#isLossy = isLossy;
  }

  /** The replay begins behind a snapshot: the block that ends before record `seq` has this link. */
  from(seq: number, link: string): void {
    const blocks = this.#open(seq - 1, undefined);
    const block = blocks.next();
    if (block.done === true || block.value.lastSeq !== seq - 1 || block.value.link !== link) {
      const found = block.done === true ? "no block" : `a block that ends with record ${block.value.lastSeq}`;
      blocks.return?.();
      throw different(seq - 1, found, `a block that ends there, with the link ${link}`);
    }
    this.#step();
  }

  /** Whether the trail has the record that `bytes` are, the next of the replay. */
  has(bytes: Uint8Array): boolean {
    const type = typeOf(bytes);
    if (!this.#isBegun) this.#begin(bytes);
    if (this.#isLossy && type === RECOVERY) this.#passToRecovery();
    const there = this.#next;
    if (there === undefined) return false;
    if (!isSame(bytes, there)) {
      throw different(seqOf(there), describe(there), `${describe(bytes)}, which the journal tells of`);
    }
    this.skipped += 1;
    this.#step();
    return true;
  }

  /** Whether the trail has no more of the session's records. */
  get isAtEnd(): boolean {
    return this.#next === undefined;
  }

  /** The replay is over: what is left in the trail is ahead of the journal. */
  finish(): void {
    this.#isBegun = true;
    const left = this.#next;
    for (; this.#next !== undefined; this.#step()) this.ahead += 1;
    if (left === undefined || this.#isLossy) return;
    throw different(seqOf(left), describe(left), "no record: the journal has nothing of it");
  }

  /** Finds where the replay's first record stands: nothing of its time or later may be of anything else. */
  #begin(bytes: Uint8Array): void {
    const tsNs = timeOf(bytes);
    this.#open(1, tsNs);
    this.#step();
    while (this.#next !== undefined && timeOf(this.#next) === tsNs && !isSame(bytes, this.#next))
      this.#step();
  }

  #open(fromSeq: number, fromNs: bigint | undefined): Iterator<AuditTrailBlock> {
    this.#isBegun = true;
    const blocks = this.#read(fromSeq, fromNs)[Symbol.iterator]();
    this.#records = madeRecords(blocks, fromNs, this.#endSeq, () => {
      this.hasThrown = true;
    });
    return blocks;
  }

  #passToRecovery(): void {
    for (; this.#next !== undefined && typeOf(this.#next) !== RECOVERY; this.#step()) this.ahead += 1;
  }

  #step(): void {
    this.hasThrown = false;
    const step = this.#records?.next();
    this.#next = step?.done === false ? step.value : undefined;
  }
}

/** The records that a session made itself, out of what is left of `blocks`; `thrown` is told of strategies' errors. */
function* madeRecords(
  blocks: Iterator<AuditTrailBlock>,
  fromNs: bigint | undefined,
  endSeq: number,
  thrown: () => void,
): Generator<Uint8Array, void> {
  const wanted = fromNs === undefined ? {} : { fromNs };
  try {
    for (let step = blocks.next(); step.done !== true; step = blocks.next()) {
      const { frame } = step.value;
      for (const { offset, byteLength } of scanRecords(frame, wanted)) {
        const bytes = frame.subarray(offset, offset + byteLength);
        if (seqOf(bytes) >= endSeq) return;
        if (isMade(bytes)) yield bytes;
        else if (isThrown(bytes)) thrown();
      }
    }
  } finally {
    blocks.return?.();
  }
}

/** Whether a session makes this record itself, from its journal. */
function isMade(bytes: Uint8Array): boolean {
  const type = typeOf(bytes);
  if (REMARKED.has(type)) return true;
  if (!MADE.has(type)) return false;
  const actor = afterText(bytes, AUDIT_RECORD_AT.texts);
  return bytes[afterText(bytes, actor)] === 0;
}

/** Whether this record is what a strategy threw. */
function isThrown(bytes: Uint8Array): boolean {
  if (typeOf(bytes) !== ERROR) return false;
  const role = afterText(bytes, afterText(bytes, AUDIT_RECORD_AT.texts));
  return STRATEGIES.equals(bytes.subarray(role + 1, afterText(bytes, role)));
}

/** Whether two records say the same: all but who recorded them, under which number, epoch and hashes. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const isEqual = (aFrom: number, aTo: number, bFrom: number, bTo: number): boolean =>
    Buffer.compare(a.subarray(aFrom, aTo), b.subarray(bFrom, bTo)) === 0;
  const { length, tsNs, clockUncertaintyNs, texts } = AUDIT_RECORD_AT;
  const [aFrom, bFrom] = [afterText(a, texts), afterText(b, texts)];
  const isWhole = !OPTIONAL.has(typeOf(a));
  const [aTo, bTo] = isWhole ? [a.length, b.length] : [afterTexts(a, aFrom), afterTexts(b, bFrom)];
  return (
    isEqual(0, length, 0, length) &&
    isEqual(tsNs, clockUncertaintyNs, tsNs, clockUncertaintyNs) &&
    isEqual(aFrom, aTo, bFrom, bTo)
  );
}

function afterText(bytes: Uint8Array, at: number): number {
  return at + 1 + (bytes[at] as number);
}

/** Behind the six texts that follow the node: actor, role, strategy, venue, parent, order. */
function afterTexts(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let i = 0; i < 6; i++) at = afterText(bytes, at);
  return at;
}

function typeOf(bytes: Uint8Array): number {
  return (bytes[AUDIT_RECORD_AT.type] as number) + 256 * (bytes[AUDIT_RECORD_AT.type + 1] as number);
}

function seqOf(bytes: Uint8Array): number {
  return Number(viewOf(bytes).getBigUint64(AUDIT_RECORD_AT.seq, true));
}

function timeOf(bytes: Uint8Array): bigint {
  return viewOf(bytes).getBigInt64(AUDIT_RECORD_AT.tsNs, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function describe(bytes: Uint8Array): string {
  return `${auditEventOf(typeOf(bytes))} at ${timeOf(bytes)} ns, ${bytes.length} bytes`;
}

function different(seq: number, value: string, expected: string): Fault {
  return new Fault("FAULT_JOURNAL_FORMAT", { path: `sessionAudit.trail record ${seq}`, value, expected });
}
