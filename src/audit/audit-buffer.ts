import { checkInteger, Fault } from "../base/index.ts";

const TWO_32 = 4_294_967_296;
/** The exponent of two that marks what is no finite number. */
const NOT_FINITE = 32_767;
/** Larger integers are written as an odd mantissa and an exponent. */
const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

const encoder = new TextEncoder();
const cell = new Float64Array(1);
const words = new Uint32Array(cell.buffer);
/** Which of the two words of a double is the lower one on this machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/**
 * Bytes of a fixed capacity that records are written into, one behind the other. All numbers are little-endian.
 *
 * @invariant `length` never passes `capacity`.
 * @throws `FAULT_CAPACITY` from every write that does not fit; what was written before it stays.
 * @cost The number methods allocate nothing.
 * @example
 * ```ts
 * import { AuditBuffer } from "tickwright/audit";
 * const buffer = new AuditBuffer(64);
 * buffer.count(258);
 * Array.from(buffer.bytes.subarray(0, buffer.length)); // => [2, 1, 0, 0, 0, 0, 0, 0]
 * ```
 */
export class AuditBuffer {
  readonly capacity: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Bytes written so far; set it to 0 to begin again. */
  length = 0;

  /** @throws `FAULT_CONFIG` unless the capacity is within 1 and 2^30 bytes. */
  constructor(capacity: number) {
    this.capacity = checkInteger("auditBuffer.capacity", capacity, 1, 1_073_741_824);
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.bytes[at] = value;
  }

  i8(value: number): void {
    this.#view.setInt8(this.#take(1), value);
  }

  u16(value: number): void {
    this.#view.setUint16(this.#take(2), value, true);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#take(4), value, true);
  }

  /** Writes 8 bytes of an integer within 0 and 2^53 - 1. */
  count(value: number): void {
    this.setCount(this.#take(8), value);
  }

  /** Writes 8 bytes of an integer within ± (2^53 - 1). */
  int(value: number): void {
    const at = this.#take(8);
    const low = value % TWO_32;
    this.#view.setUint32(at, low, true);
    this.#view.setInt32(at + 4, Math.floor(value / TWO_32), true);
  }

  i64(value: bigint): void {
    this.#view.setBigInt64(this.#take(8), value, true);
  }

  /** Writes 8 bytes of an integer given as its two words of 32 bits. */
  wide(high: number, low: number): void {
    const at = this.#take(8);
    this.#view.setUint32(at, low, true);
    this.#view.setUint32(at + 4, high, true);
  }

  /** Writes 10 bytes of any number, exactly: a mantissa and an exponent of two. */
  real(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.int(value);
      this.u16(0);
      return;
    }
    if (!Number.isFinite(value) || value === 0) {
      // NaN 0, infinities their sign, and minus zero -2.
      this.int(value === 0 ? -2 : Number.isNaN(value) ? 0 : Math.sign(value));
      this.u16(NOT_FINITE);
      return;
    }
    this.#fraction(value);
  }

  /** Writes a text: its length in `width` bytes, 1 or 2, and UTF-8 in NFC. @throws `FAULT_INPUT` naming the path. */
  text(value: unknown, path: string, width: 1 | 2): void {
    if (typeof value !== "string" || !value.isWellFormed()) {
      throw new Fault("FAULT_INPUT", { path, value, expected: "a text of well-formed Unicode" });
    }
    const utf8 = encoder.encode(value.normalize("NFC"));
    const most = width === 1 ? 255 : 65_535;
    if (utf8.length > most) {
      throw new Fault("FAULT_INPUT", { path, value: `${utf8.length} bytes`, expected: `at most ${most}` });
    }
    if (width === 1) this.u8(utf8.length);
    else this.u16(utf8.length);
    this.raw(utf8);
  }

  /** Writes an integer of at least 0 as its decimal digits behind their length in one byte. */
  digits(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length += 1;
    const from = this.#take(1 + length);
    this.bytes[from] = length;
    let rest = value;
    for (let at = from + length; at > from; at--) {
      const tens = Math.floor(rest / 10);
      this.bytes[at] = 48 + rest - tens * 10;
      rest = tens;
    }
  }

  /** Writes bytes as they are. */
  raw(bytes: Uint8Array): void {
    const from = this.#take(bytes.length);
    const { bytes: into } = this;
    if (bytes.length > 256) {
      into.set(bytes, from);
      return;
    }
    for (let i = 0; i < bytes.length; i++) into[from + i] = bytes[i] as number;
  }

  /** Overwrites 8 bytes at `at` with an integer within 0 and 2^53 - 1. */
  setCount(at: number, value: number): void {
    const low = value % TWO_32;
    this.#view.setUint32(at, low, true);
    this.#view.setUint32(at + 4, (value - low) / TWO_32, true);
  }

  /** Overwrites 4 bytes at `at`. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** The 4 bytes at `at`, as an integer of at least 0. */
  getU32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  /** The 4 bytes at `at`, as a signed integer. */
  getI32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  /** A number that is no integer up to 2^53, by its bits: an odd mantissa and an exponent. */
  #fraction(value: number): void {
    cell[0] = value;
    const high = words[HIGH] as number;
    const low = words[LOW] as number;
    const biased = (high >>> 20) & 0x7ff;
    const top = (high & 0xfffff) + (biased === 0 ? 0 : 0x100000);
    const zeros = low === 0 ? 32 + trailingZeros(top) : trailingZeros(low);
    // Dividing by a power of two that leaves an integer is exact.
    const mantissa = (top * TWO_32 + low) / (POWERS_OF_TWO[zeros] as number);
    this.int(value < 0 ? -mantissa : mantissa);
    this.#view.setInt16(this.#take(2), (biased === 0 ? 1 : biased) - 1075 + zeros, true);
  }

  #take(width: number): number {
    const at = this.length;
    if (at + width > this.capacity) {
      const expected = `${width} bytes free`;
      throw new Fault("FAULT_CAPACITY", { path: "auditBuffer", value: this.capacity - at, expected });
    }
    this.length = at + width;
    return at;
  }
}

/** 2^0 to 2^63, exactly. */
const POWERS_OF_TWO: Readonly<Float64Array> = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(64);
  for (let i = 0, power = 1; i < 64; i++, power *= 2) powers[i] = power;
  return powers;
}

/** Zero bits at the lower end of a word that is not 0. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Whether a mantissa and an exponent are how {@link AuditBuffer.real} writes a number; the number, or `undefined`. */
export function realOf(mantissa: number, exponent: number): number | undefined {
  if (exponent === 0) return mantissa;
  if (exponent === NOT_FINITE) {
    if (mantissa === 0) return Number.NaN;
    if (mantissa === -2) return -0;
    return mantissa === 1 || mantissa === -1 ? mantissa * Number.POSITIVE_INFINITY : undefined;
  }
  const size = Math.abs(mantissa);
  if (size % 2 !== 1 || exponent < -1074 || exponent > 971) return undefined;
  const value = scale(mantissa, exponent);
  // What overflows, is a small integer, or lost bits was not written so.
  if (!Number.isFinite(value) || (Math.abs(value) <= INTEGER_MAX && exponent > 0)) return undefined;
  return scale(value, -exponent) === mantissa ? value : undefined;
}

/** `value * 2^exponent`, in steps that stay within the range of doubles. */
function scale(value: number, exponent: number): number {
  let scaled = value;
  let rest = exponent;
  for (; rest >= 60; rest -= 60) scaled *= POWERS_OF_TWO[60] as number;
  for (; rest <= -60; rest += 60) scaled /= POWERS_OF_TWO[60] as number;
  return rest >= 0 ? scaled * (POWERS_OF_TWO[rest] as number) : scaled / (POWERS_OF_TWO[-rest] as number);
}
