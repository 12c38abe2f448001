import { crc32cOfView } from "../base/index.ts";
import { PAYLOAD_BYTES_MAX, RECORD_AT, RECORD_HEADER_BYTES, readSafe64 } from "./record-format.ts";

/** What {@link RecordView.read} returns where a record could stand and none does. */
export const NO_RECORD = -1;

/**
 * One record of some bytes. The object is used again for the next one: copy what is kept.
 *
 * @units `tsNs` epoch ns
 */
export class RecordView {
  seq = 0;
  epoch = 0;
  type = 0;
  /** How many records before this one the disk was not known to have when this one was written. */
  place = 0;
  /** The byte the record starts at. */
  byte = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #end = 0;

  /** @cost One bigint. */
  get tsNs(): bigint {
    return this.#view.getBigUint64(this.byte + RECORD_AT.tsNs, true);
  }

  /** The payload; a window on the bytes that were read. @cost One typed array. */
  get payload(): Uint8Array {
    return this.#bytes.subarray(this.byte + RECORD_HEADER_BYTES, this.#end);
  }

  /** Sets the bytes that records are read from. */
  over(bytes: Uint8Array): this {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.byte = 0;
    this.#end = 0;
    return this;
  }

  /** Whether a record could begin at a byte: enough bytes, and the length is not 0. */
  mayBegin(at: number): boolean {
    return at + RECORD_HEADER_BYTES <= this.#bytes.length && this.#view.getUint32(at, true) !== 0;
  }

  /** The sequence number that bytes would have if a record stood there; NaN where it is above 2^53 - 1. */
  seqAt(at: number): number {
    return readSafe64(this.#view, at + RECORD_AT.seq);
  }

  /**
   * Reads the record at a byte; returns the byte behind it and its padding, or {@link NO_RECORD} where the length,
   * the checksum or the padding is wrong; the fields then stay as they were.
   */
  read(at: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    if (at + RECORD_HEADER_BYTES > bytes.length) return NO_RECORD;
    const length = view.getUint32(at, true);
    if (length < RECORD_HEADER_BYTES || length > RECORD_HEADER_BYTES + PAYLOAD_BYTES_MAX) return NO_RECORD;
    const end = at + length;
    const next = at + ((length + 7) & ~7);
    if (next > bytes.length) return NO_RECORD;
    if (view.getUint32(at + RECORD_AT.crc, true) !== crc32cOfView(view, at + RECORD_AT.seq, end))
      return NO_RECORD;
    for (let i = end; i < next; i++) if (bytes[i] !== 0) return NO_RECORD;
    const seq = readSafe64(view, at + RECORD_AT.seq);
    if (!(seq >= 1)) return NO_RECORD;
    this.seq = seq;
    this.type = view.getUint16(at + RECORD_AT.type, true);
    this.place = view.getUint16(at + RECORD_AT.place, true);
    this.epoch = view.getUint32(at + RECORD_AT.epoch, true);
    this.byte = at;
    this.#end = end;
    return next;
  }
}

/** Takes one record; the view is used again for the next. */
export type RecordVisitor = (record: RecordView) => void;
