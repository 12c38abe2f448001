import { realOf } from "./audit-buffer.ts";

const TWO_32 = 4_294_967_296;
const HIGH_MAX = 2_097_151;

/** What a reader could not accept. */
export interface AuditTrouble {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
  /** Where in the bytes it stood. */
  readonly offset: number;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads what an `AuditBuffer` wrote. It never throws: the first thing that cannot be is kept in `trouble`, and what
 * is read after it means nothing.
 */
export class AuditReader {
  trouble: AuditTrouble | undefined;
  #bytes: Uint8Array;
  #view: DataView;
  #at: number;
  #end: number;

  constructor(bytes: Uint8Array, from = 0, to: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
    this.#end = to;
  }

  /** Where the next read begins. */
  get at(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get rest(): number {
    return this.#end - this.#at;
  }

  /** Keeps the first trouble. */
  refuse(field: string, value: unknown, expected: string): void {
    this.trouble ??= { field, value, expected, offset: this.#at };
  }

  u8(): number {
    const at = this.#step(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  i8(): number {
    const at = this.#step(1);
    return at < 0 ? 0 : this.#view.getInt8(at);
  }

  u16(): number {
    const at = this.#step(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#step(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  count(field: string): number {
    const at = this.#step(8);
    if (at < 0) return 0;
    const high = this.#view.getUint32(at + 4, true);
    if (high > HIGH_MAX) this.refuse(field, this.#view.getBigUint64(at, true), "below 2^53");
    return high * TWO_32 + this.#view.getUint32(at, true);
  }

  int(field: string): number {
    const at = this.#step(8);
    if (at < 0) return 0;
    const value = this.#view.getInt32(at + 4, true) * TWO_32 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) {
      this.refuse(field, this.#view.getBigInt64(at, true), "within ± (2^53 - 1)");
    }
    return value;
  }

  i64(): bigint {
    const at = this.#step(8);
    return at < 0 ? 0n : this.#view.getBigInt64(at, true);
  }

  real(field: string): number {
    const mantissa = this.int(field);
    const at = this.#step(2);
    const exponent = at < 0 ? 0 : this.#view.getInt16(at, true);
    const value = realOf(mantissa, exponent);
    if (value === undefined) this.refuse(field, `${mantissa} * 2^${exponent}`, "the one form of a number");
    return value ?? 0;
  }

  text(field: string, width: 1 | 2): string {
    const length = width === 1 ? this.u8() : this.u16();
    const from = this.#step(length);
    if (from < 0) return "";
    const bytes = this.#bytes;
    let isAscii = true;
    let short = "";
    for (let i = from; i < from + length; i++) {
      const byte = bytes[i] as number;
      if (byte > 127) {
        isAscii = false;
        break;
      }
      if (length < 48) short += String.fromCharCode(byte);
    }
    if (isAscii && length < 48) return short;
    return this.#unicode(field, bytes.subarray(from, from + length));
  }

  /** A copy of the next bytes. */
  raw(length: number): Uint8Array {
    const at = this.#step(length);
    return at < 0 ? new Uint8Array(length) : this.#bytes.slice(at, at + length);
  }

  #unicode(field: string, bytes: Uint8Array): string {
    let text: string | undefined;
    try {
      text = decoder.decode(bytes);
    } catch {
      this.refuse(field, "other bytes", "UTF-8");
      return "";
    }
    if (text.normalize("NFC") !== text) this.refuse(field, text, "a text in NFC");
    return text;
  }

  #step(width: number): number {
    const at = this.#at;
    if (at + width > this.#end) {
      this.refuse("length", this.#end - at, `at least ${width} bytes more`);
      this.#at = this.#end;
      return -1;
    }
    this.#at = at + width;
    return at;
  }
}
