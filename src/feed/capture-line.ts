import { Fault } from "../base/index.ts";

const HEAD_BYTES = 20;
const LINE_FEED = 10;
const SPACE = 0x20;
const ZERO = 0x30;
const SECOND = 1_000_000_000;
const FIRST = 1_000_000_000;
const END = 10_000_000_000;

/**
 * One line of a capture, made in place: 19 digits of local epoch ns, a space, a message's bytes as they came, a line
 * feed. The bytes are reused for the next line.
 *
 * @shape `bytes` holds the line from 0 up to `length`
 * @cost One copy of the message, no strings, no bigints; the room grows to the longest message and stays.
 * @example
 * ```ts
 * import { CaptureLine } from "tickwright/feed";
 * const line = new CaptureLine(1_723_161_600_000_000_000n);
 * const message = new TextEncoder().encode('{"u":1}');
 * line.write(message, 0, message.length, 250); // => true
 * new TextDecoder().decode(line.bytes.subarray(0, line.length)); // => '1723161600000000250 {"u":1}\n'
 * ```
 */
export class CaptureLine {
  bytes: Uint8Array = new Uint8Array(65_536);
  length = 0;
  readonly #baseSeconds: number;
  #second = -1;

  /** @throws `FAULT_TIME` where the base is no whole second between 2001 and 2286 */
  constructor(baseNs: bigint) {
    this.#baseSeconds = wholeSeconds(baseNs);
  }

  /**
   * Writes a message that came at `localNs`; false, and no line, where it has a line feed of its own.
   *
   * @units ns from the base
   * @throws `FAULT_TIME` on a time that is no whole number, or outside of 19 digits
   */
  write(message: Uint8Array, from: number, to: number, localNs: number): boolean {
    const feed = message.indexOf(LINE_FEED, from);
    if (feed >= 0 && feed < to) return false;
    const size = HEAD_BYTES + to - from + 1;
    if (size > this.bytes.length) this.#widen(size);
    this.#stamp(localNs);
    this.bytes.set(from === 0 && to === message.length ? message : message.subarray(from, to), HEAD_BYTES);
    this.bytes[size - 1] = LINE_FEED;
    this.length = size;
    return true;
  }

  #widen(size: number): void {
    this.bytes = new Uint8Array(Math.max(size, 2 * this.bytes.length));
    this.#second = -1;
  }

  #stamp(localNs: number): void {
    const past = Math.floor(localNs / SECOND);
    const second = this.#baseSeconds + past;
    if (!Number.isSafeInteger(localNs) || second < FIRST || second >= END) throw badTime(localNs);
    if (second !== this.#second) {
      digits(this.bytes, 0, 10, second);
      this.bytes[HEAD_BYTES - 1] = SPACE;
      this.#second = second;
    }
    digits(this.bytes, 10, 9, localNs - past * SECOND);
  }
}

function digits(bytes: Uint8Array, at: number, count: number, value: number): void {
  let rest = value;
  for (let p = at + count - 1; p >= at; p--) {
    const next = Math.floor(rest / 10);
    bytes[p] = ZERO + rest - next * 10;
    rest = next;
  }
}

/** A base as whole epoch seconds. @throws `FAULT_TIME` where it is none of 10 digits */
export function wholeSeconds(baseNs: bigint): number {
  const seconds =
    typeof baseNs === "bigint" && baseNs % 1_000_000_000n === 0n ? Number(baseNs / 1_000_000_000n) : 0;
  if (seconds >= FIRST && seconds < END) return seconds;
  throw new Fault("FAULT_TIME", {
    path: "baseNs",
    value: baseNs,
    expected: "whole seconds as epoch ns, between the years 2001 and 2286",
  });
}

function badTime(value: number): Fault {
  return new Fault("FAULT_TIME", {
    path: "localNs",
    value,
    expected: "whole ns from the base, of 19 digits",
  });
}
