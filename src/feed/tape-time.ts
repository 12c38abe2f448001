import { Fault } from "../base/index.ts";

const WORD = 4_294_967_296;
const EPOCH_MAX = 0x7fff_ffff_ffff_ffffn;

/**
 * The epoch ns that a tape's time columns count from, split in two 32-bit words.
 *
 * @units ns since 1970-01-01T00:00:00Z
 * @throws `FAULT_TIME` where the base is no moment within 0 and 2^63 - 1.
 */
export class TimeBase {
  readonly epochNs: bigint;
  readonly high: number;
  readonly low: number;

  constructor(epochNs: bigint) {
    if (typeof epochNs !== "bigint" || epochNs < 0n || epochNs > EPOCH_MAX) {
      throw new Fault("FAULT_TIME", {
        path: "baseNs",
        value: epochNs,
        expected: "epoch ns as a bigint within 0 and 2^63 - 1",
      });
    }
    this.epochNs = epochNs;
    this.high = Number(epochNs >> 32n);
    this.low = Number(epochNs & 0xffff_ffffn);
  }

  /** The base as decimal text, as `TapeMeta.baseNs` holds it. */
  get text(): string {
    return this.epochNs.toString();
  }

  /** The epoch ns of an offset from this base, as decimal text. */
  epochText(offsetNs: number): string {
    return (this.epochNs + BigInt(offsetNs)).toString();
  }

  /**
   * The offset of a moment from this base.
   *
   * @throws `FAULT_TIME` where a double cannot hold it exactly.
   */
  offsetOf(epochNs: bigint): number {
    const offset = Number(epochNs - this.epochNs);
    if (BigInt(offset) === epochNs - this.epochNs) return offset;
    throw inexact(epochNs, this);
  }
}

/** The UTC midnight before a moment: the base our own readers choose, so that tapes of a day share it. */
export function utcDayBase(epochNs: bigint): bigint {
  return epochNs - (epochNs % 86_400_000_000_000n);
}

/**
 * Writes offsets as epoch ns, little-endian int64, into `words` (two words a row, low first).
 *
 * @throws `FAULT_TIME` where an offset is no whole number or leaves the int64 range.
 * @cost O(rows), no BigInt.
 */
export function storeTimes(offsets: Float64Array, rows: number, base: TimeBase, words: Uint32Array): void {
  for (let i = 0; i < rows; i++) {
    const offset = offsets[i] as number;
    const high = Math.floor(offset / WORD);
    const low = offset - high * WORD + base.low;
    const carry = low >= WORD ? 1 : 0;
    const top = high + base.high + carry;
    if (!Number.isInteger(offset) || top < 0 || top > 0x7fff_ffff) {
      throw new Fault("FAULT_TIME", {
        path: `row ${i}`,
        value: offset,
        expected: `whole ns from base ${base.text} that stay within 1970 and 2262`,
      });
    }
    words[2 * i] = low - carry * WORD;
    words[2 * i + 1] = top;
  }
}

/**
 * Reads int64 epoch ns back into offsets from `base`.
 *
 * @invariant Undoes {@link storeTimes} exactly, for any base that a double can measure the times from.
 * @throws `FAULT_TIME` where a double cannot hold an offset exactly.
 * @cost About 1.2 ns a row; hi/lo words, no BigInt.
 */
export function loadTimes(words: Uint32Array, rows: number, base: TimeBase, into: Float64Array): void {
  const { high, low } = base;
  for (let i = 0; i < rows; i++) {
    into[i] = ((words[2 * i + 1] as number) - high) * WORD + ((words[2 * i] as number) - low);
  }
  if (rows === 0) return;
  // Both ends within 2^53 prove a sorted column exact; the slow check settles the rest.
  if (isSafe(into[0] as number) && isSafe(into[rows - 1] as number)) return;
  checkExact(words, rows, base, into);
}

/** Like the check of {@link loadTimes}, for columns that need not be sorted. */
export function checkExact(words: Uint32Array, rows: number, base: TimeBase, loaded: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    const coarse = ((words[2 * i + 1] as number) - base.high) * WORD;
    const fine = (words[2 * i] as number) - base.low;
    // |coarse| >= |fine| or coarse = 0, so the sum lost nothing exactly when this difference gives `fine`.
    if ((loaded[i] as number) - coarse !== fine) {
      const epochNs = (BigInt(words[2 * i + 1] as number) << 32n) + BigInt(words[2 * i] as number);
      throw inexact(epochNs, base);
    }
  }
}

function isSafe(offset: number): boolean {
  return Math.abs(offset) <= Number.MAX_SAFE_INTEGER;
}

function inexact(epochNs: bigint, base: TimeBase): Fault {
  return new Fault("FAULT_TIME", {
    path: "offset",
    value: epochNs,
    expected: `a moment whose distance from base ${base.text} a double holds exactly (any within 104 days)`,
  });
}
