import { checkArray, checkChoice, checkInteger, checkKeys, Fault, isRefusal } from "../base/index.ts";
import { AUDIT_EVENTS, type AuditEventName } from "./audit-event.ts";
import { AUDIT_RECORD_AT, type AuditRecord, decodeRecordAt } from "./audit-record.ts";
import { AUDIT_FRAME, AUDIT_FRAME_HEAD_BYTES, decodeBlockParts } from "./audit-segment.ts";

/** Which records are wanted; what is left out is not asked. */
export interface AuditFilter {
  readonly fromSeq?: number;
  /** Included. */
  readonly toSeq?: number;
  /** @units epoch ns */
  readonly fromNs?: bigint;
  /** Not included. @units epoch ns */
  readonly toNs?: bigint;
  readonly types?: readonly AuditEventName[];
  readonly order?: string;
  readonly parent?: string;
  readonly strategy?: string;
  readonly venue?: string;
  readonly actor?: string;
  /** Asked last, of what passed all others. */
  readonly where?: (record: AuditRecord) => boolean;
}

/** A record that was wanted, and where its bytes are. */
export interface AuditFound {
  readonly record: AuditRecord;
  /** @units bytes from the segment's beginning */
  readonly offset: number;
  readonly byteLength: number;
}

const KEYS = [
  "fromSeq",
  "toSeq",
  "fromNs",
  "toNs",
  "types",
  "order",
  "parent",
  "strategy",
  "venue",
  "actor",
  "where",
];

/**
 * Finds records in the bytes of one segment, in their order. It proves nothing: an `AuditVerifier` does.
 *
 * @throws `FAULT_CONFIG` naming a filter's field; `FAULT_INPUT` where the bytes are no segment's.
 * @cost Four numbers are read of each record, and the whole of those whose number, time and type are wanted. Blocks
 * outside of the range are passed over by their number alone.
 * @example
 * ```ts
 * import { scanRecords } from "tickwright/audit";
 * const fills = scanRecords(new Uint8Array(0), { types: ["fill", "fillBust"], order: "42" });
 * Array.from(fills).length; // => 0
 * ```
 */
export function* scanRecords(segment: Uint8Array, filter: AuditFilter = {}): Generator<AuditFound, void> {
  const wanted = new Wanted(filter);
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  for (let at = 0; at + AUDIT_FRAME_HEAD_BYTES <= segment.length; ) {
    const from = at + AUDIT_FRAME_HEAD_BYTES;
    const end = from + view.getUint32(at + 4, true);
    if (end > segment.length) return;
    if (view.getUint32(at, true) === AUDIT_FRAME.block) {
      const parts = decodeBlockParts(segment.subarray(from, end));
      if ("code" in parts) throw wrong(at, parts.message);
      if (parts.firstSeq > wanted.toSeq) return;
      if (parts.firstSeq + parts.count > wanted.fromSeq) {
        yield* scanBlock(segment, view, from + parts.from, from + parts.to, wanted);
      }
    }
    at = end;
  }
}

function* scanBlock(
  segment: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  wanted: Wanted,
): Generator<AuditFound, void> {
  for (let at = from; at < to; ) {
    const left = to - at;
    const byteLength = left < AUDIT_RECORD_AT.texts ? 0 : view.getUint32(at + AUDIT_RECORD_AT.length, true);
    if (byteLength < AUDIT_RECORD_AT.texts || byteLength > left)
      throw wrong(at, "a record that is cut short");
    if (wanted.byHead(view, at)) {
      const record = decodeRecordAt(segment, at, at + byteLength);
      if (isRefusal(record)) throw wrong(at, record.message);
      if (wanted.byTexts(record)) yield { record, offset: at, byteLength };
    }
    at += byteLength;
  }
}

/** A filter as it is asked. */
class Wanted {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly #fromNs: bigint | undefined;
  readonly #toNs: bigint | undefined;
  readonly #codes: ReadonlySet<number> | undefined;
  readonly #filter: AuditFilter;

  constructor(filter: AuditFilter) {
    checkKeys("auditFilter", filter, KEYS);
    const { types } = filter;
    this.#filter = filter;
    this.fromSeq = checkInteger("auditFilter.fromSeq", filter.fromSeq ?? 1, 1);
    this.toSeq = checkInteger("auditFilter.toSeq", filter.toSeq ?? Number.MAX_SAFE_INTEGER, 1);
    this.#fromNs = checkMoment("fromNs", filter.fromNs);
    this.#toNs = checkMoment("toNs", filter.toNs);
    const names = Object.keys(AUDIT_EVENTS) as AuditEventName[];
    for (const type of types === undefined ? [] : checkArray("auditFilter.types", types)) {
      checkChoice("auditFilter.types", type, names);
    }
    this.#codes = types === undefined ? undefined : new Set(types.map((type) => AUDIT_EVENTS[type].code));
  }

  byHead(view: DataView, at: number): boolean {
    if (this.#codes?.has(view.getUint16(at + AUDIT_RECORD_AT.type, true)) === false) return false;
    const high = view.getUint32(at + AUDIT_RECORD_AT.seq + 4, true);
    const seq = high * 4_294_967_296 + view.getUint32(at + AUDIT_RECORD_AT.seq, true);
    if (seq < this.fromSeq || seq > this.toSeq) return false;
    if (this.#fromNs === undefined && this.#toNs === undefined) return true;
    const tsNs = view.getBigInt64(at + AUDIT_RECORD_AT.tsNs, true);
    return (
      (this.#fromNs === undefined || tsNs >= this.#fromNs) && (this.#toNs === undefined || tsNs < this.#toNs)
    );
  }

  byTexts(record: AuditRecord): boolean {
    const { order, parent, strategy, venue, actor, where } = this.#filter;
    return (
      (order === undefined || order === record.order) &&
      (parent === undefined || parent === record.parent) &&
      (strategy === undefined || strategy === record.strategy) &&
      (venue === undefined || venue === record.venue) &&
      (actor === undefined || actor === record.actor.id) &&
      (where === undefined || where(record))
    );
  }
}

function checkMoment(field: string, value: bigint | undefined): bigint | undefined {
  if (value === undefined || typeof value === "bigint") return value;
  throw new Fault("FAULT_CONFIG", { path: `auditFilter.${field}`, value, expected: "epoch ns, a bigint" });
}

function wrong(offset: number, found: string): Fault {
  return new Fault("FAULT_INPUT", {
    path: `segment[${offset}]`,
    value: found,
    expected: "a segment's frames",
  });
}
