import { Fault, type FaultCode } from "../base/index.ts";
import { AuditBuffer } from "./audit-buffer.ts";
import type { AuditEdge } from "./audit-digest.ts";
import { AUDIT_RECORD_AT, AUDIT_RECORD_BYTES_MAX, AUDIT_RECORD_VERSION } from "./audit-record.ts";
import {
  AUDIT_BLOCK_HEAD_BYTES,
  AUDIT_BLOCK_RECORDS_MAX,
  AUDIT_FRAME,
  AUDIT_FRAME_HEAD_BYTES,
  type AuditLeaves,
  checkWord,
  LINK_HEAD_BYTES,
} from "./audit-segment.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";

const TWO_32 = 4_294_967_296;
/** A block is closed once its records pass this. @units bytes */
const BLOCK_BYTES = 65_536;
const CAPACITY =
  LINK_HEAD_BYTES + BLOCK_BYTES + AUDIT_RECORD_BYTES_MAX + 4 * AUDIT_BLOCK_RECORDS_MAX + MERKLE_HASH_BYTES;

/** The records of a chain that no sink has yet, and the number and time of the last one. */
export class OpenBlock {
  /** What stands before the records is where their link is made, and then the frame's head. */
  readonly buffer = new AuditBuffer(CAPACITY);
  readonly #view = new DataView(this.buffer.bytes.buffer);
  readonly #checks = new Uint32Array(AUDIT_BLOCK_RECORDS_MAX);
  readonly #recordsMax: number;
  #end = LINK_HEAD_BYTES;
  count = 0;
  nextSeq: number;
  /** The time of the last record, as two words of 32 bits; before the first record of all it is not known. */
  tsHigh: number;
  tsLow: number;
  #hasTime: boolean;

  constructor(recordsMax: number, nextSeq: number, lastTsNs: bigint) {
    this.#recordsMax = recordsMax;
    this.nextSeq = nextSeq;
    this.tsHigh = Number(lastTsNs >> 32n);
    this.tsLow = Number(BigInt.asUintN(32, lastTsNs));
    this.#hasTime = nextSeq > 1;
    this.buffer.length = LINK_HEAD_BYTES;
  }

  get isFull(): boolean {
    return this.count >= this.#recordsMax || this.#end - LINK_HEAD_BYTES >= BLOCK_BYTES;
  }

  get lastTsNs(): bigint {
    return (BigInt(this.tsHigh) << 32n) + BigInt(this.tsLow);
  }

  /** How long before the last record a moment was. @units ns */
  sinceNs(high: number, low: number): number {
    return (this.tsHigh - high) * TWO_32 + (this.tsLow - low);
  }

  /** Forgets what was written behind the last record that was taken. */
  rewind(): void {
    this.buffer.length = this.#end;
  }

  /**
   * Takes what was written behind the last record as the next one, and says whether it is the first of all.
   *
   * @throws `FAULT_INPUT` where it is not one whole record, `FAULT_TIME` where it is before the last; it is forgotten.
   */
  admit(): boolean {
    const { buffer } = this;
    const from = this.#end;
    const { length } = buffer;
    if (!this.#isRecord(from, length)) {
      this.rewind();
      throw fault("FAULT_INPUT", "record", `${length - from} bytes`, "one whole record");
    }
    const low = buffer.getU32(from + AUDIT_RECORD_AT.tsNs);
    const high = buffer.getI32(from + AUDIT_RECORD_AT.tsNs + 4);
    const isFirst = !this.#hasTime;
    if (!isFirst && (high < this.tsHigh || (high === this.tsHigh && low < this.tsLow))) {
      this.rewind();
      const found = (BigInt(high) << 32n) + BigInt(low);
      throw fault("FAULT_TIME", "record.tsNs", found, `at least ${this.lastTsNs}`);
    }
    buffer.setCount(from + AUDIT_RECORD_AT.seq, this.nextSeq);
    this.#checks[this.count] = checkWord(this.#view, from, length);
    this.#end = length;
    this.nextSeq += 1;
    this.count += 1;
    this.#hasTime = true;
    this.tsHigh = high;
    this.tsLow = low;
    return isFirst;
  }

  /** Moves an edge on over the records. */
  advance(edge: AuditEdge, leaves: AuditLeaves): void {
    edge.take(this.buffer, this.#end, this.nextSeq - this.count, leaves);
  }

  /** The block's frame, with its link; a view that is good until the next record is written. */
  frame(link: Uint8Array): Uint8Array {
    const { buffer, count } = this;
    const length = this.#end - LINK_HEAD_BYTES;
    const start = LINK_HEAD_BYTES - AUDIT_BLOCK_HEAD_BYTES - AUDIT_FRAME_HEAD_BYTES;
    buffer.setU32(start, AUDIT_FRAME.block);
    buffer.setU32(start + 4, AUDIT_BLOCK_HEAD_BYTES + length + 4 * count + MERKLE_HASH_BYTES);
    buffer.setCount(start + 8, this.nextSeq - count);
    buffer.setU32(start + 16, count);
    buffer.setU32(start + 20, length);
    buffer.length = this.#end;
    for (let i = 0; i < count; i++) buffer.u32(this.#checks[i] as number);
    buffer.raw(link);
    return buffer.bytes.subarray(start, buffer.length);
  }

  /** Begins the next block. */
  clear(): void {
    this.count = 0;
    this.#end = LINK_HEAD_BYTES;
    this.buffer.length = LINK_HEAD_BYTES;
  }

  #isRecord(from: number, to: number): boolean {
    const length = to - from;
    const { buffer } = this;
    return (
      length >= AUDIT_RECORD_AT.texts &&
      length <= AUDIT_RECORD_BYTES_MAX &&
      buffer.bytes[from] === AUDIT_RECORD_VERSION &&
      buffer.getU32(from + AUDIT_RECORD_AT.length) === length
    );
  }
}

/** A fault of the chain. */
export function fault(code: FaultCode, path: string, value: unknown, expected: string): Fault {
  return new Fault(code, { path: `auditChain.${path}`, value, expected });
}
