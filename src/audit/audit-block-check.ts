import { isRefusal } from "../base/index.ts";
import { AUDIT_RECORD_AT, type AuditRecord, decodeRecordAt } from "./audit-record.ts";
import { type AuditBlockParts, checkWord } from "./audit-segment.ts";
import type { AuditProblemCode } from "./audit-verdict.ts";

/** What is wrong, without its place. */
export class Trouble {
  readonly code: AuditProblemCode;
  readonly message: string;
  /** Within the frame's body; -1 is the frame itself. */
  readonly at: number;
  readonly fromSeq: number;
  readonly toSeq: number;

  constructor(code: AuditProblemCode, message: string, fromSeq: number, toSeq: number, at = -1) {
    this.code = code;
    this.message = message;
    this.at = at;
    this.fromSeq = fromSeq;
    this.toSeq = toSeq;
  }
}

/** A record in the body of a block's frame. */
export interface FoundRecord {
  readonly record: AuditRecord;
  readonly from: number;
  readonly to: number;
}

/** Reads the records of a block and checks each: length, check word, canonical form, number, time. */
export function readBlockRecords(
  body: Uint8Array,
  parts: AuditBlockParts,
  lastTsNs: bigint,
): FoundRecord[] | Trouble {
  const { firstSeq, count, from, to } = parts;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const records: FoundRecord[] = [];
  let at = from;
  let beforeNs = lastTsNs;
  for (let i = 0; i < count; i++) {
    const seq = firstSeq + i;
    const bad = (code: AuditProblemCode, message: string): Trouble =>
      new Trouble(code, message, seq, seq, at);
    const left = to - at;
    const length = left < AUDIT_RECORD_AT.texts ? 0 : view.getUint32(at + AUDIT_RECORD_AT.length, true);
    if (length < AUDIT_RECORD_AT.texts || length > left) {
      return bad("AUDIT_RECORD_DAMAGED", `found a length of ${length} in ${left} bytes`);
    }
    if (checkWord(view, at, at + length) !== view.getUint32(to + 4 * i, true)) {
      return bad("AUDIT_RECORD_DAMAGED", "the check word is another record's");
    }
    const record = decodeRecordAt(body, at, at + length);
    if (isRefusal(record)) return bad("AUDIT_RECORD_MALFORMED", record.message);
    if (record.seq !== seq) return bad("AUDIT_SEQ_GAP", `found ${record.seq}, expected ${seq}`);
    if (record.tsNs < beforeNs && seq > 1) {
      return bad("AUDIT_TIME_BACKWARDS", `found ${record.tsNs}, expected at least ${beforeNs}`);
    }
    beforeNs = record.tsNs;
    records.push({ record, from: at, to: at + length });
    at += length;
  }
  if (at === to) return records;
  const message = `${to - at} bytes behind the last record`;
  return new Trouble("AUDIT_FRAME_MALFORMED", message, firstSeq, firstSeq + count - 1, at);
}
