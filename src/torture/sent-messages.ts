import { checkInteger, Fault } from "../base/index.ts";
import { seal, WIRE, WIRE_FLAG, WIRE_STRIDE } from "./wire.ts";

/** Stands in a stored record's kind: the number was used for the session's own message. */
const OWN = 0;
/** Stands in a stored record's kind: whatever the number carried is not known any more. */
const UNKNOWN = -1;

/**
 * The last messages that one end of a session sent, by their numbers: what it can send again.
 *
 * @invariant It holds the numbers from `firstSeq` to below `nextSeq`, at most `capacity` of them; the oldest
 * is forgotten for the newest.
 * @cost `add` is one copy and one checksum; nothing is allocated.
 */
export class SentMessages {
  /** The records, {@link WIRE_STRIDE} cells each; {@link SentMessages.offsetOf} finds one. */
  readonly cells: Float64Array;
  readonly capacity: number;
  #mask: number;
  #firstSeq = 1;
  #nextSeq = 1;

  /** @throws `FAULT_CONFIG` unless the capacity is a power of two within 2 and 2^20. */
  constructor(capacity: number) {
    checkInteger("sentMessages.capacity", capacity, 2, 1 << 20);
    if ((capacity & (capacity - 1)) !== 0) {
      throw new Fault("FAULT_CONFIG", {
        path: "sentMessages.capacity",
        value: capacity,
        expected: "a power of two",
      });
    }
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.cells = new Float64Array(capacity * WIRE_STRIDE);
  }

  /** The number that the next message gets. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The oldest number that is still known. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Takes in a copy of an application's message, numbered and sealed; returns its offset in `cells`. */
  add(cells: Float64Array, offset: number): number {
    const own = this.cells;
    const start = this.#take();
    for (let i = 0; i < WIRE.check; i++) own[start + i] = cells[offset + i] as number;
    own[start + WIRE.seq] = this.#nextSeq - 1;
    seal(own, start);
    return start;
  }

  /** Uses a number for a message of the session's own; returns it. */
  addOwn(): number {
    this.cells[this.#take() + WIRE.kind] = OWN;
    return this.#nextSeq - 1;
  }

  /** Uses up `count` numbers for nothing, as a sequence reset does. */
  skip(count: number): void {
    const kept = Math.min(count, this.capacity);
    this.#nextSeq += count - kept;
    for (let i = 0; i < kept; i++) this.cells[this.#take() + WIRE.kind] = UNKNOWN;
    if (count >= this.capacity) this.#firstSeq = this.#nextSeq - this.capacity;
  }

  /** Forgets everything; the next number is `seq`. */
  startAt(seq: number): void {
    this.#firstSeq = seq;
    this.#nextSeq = seq;
  }

  /** Where a number's record stands in `cells`; the number is within `firstSeq` and below `nextSeq`. */
  offsetOf(seq: number): number {
    return (seq & this.#mask) * WIRE_STRIDE;
  }

  /** Whether a number carries a message of an application that is still known. */
  isMessage(seq: number): boolean {
    return seq >= this.#firstSeq && (this.cells[this.offsetOf(seq) + WIRE.kind] as number) > 0;
  }

  /** Whether what a number carried is not known any more. */
  isUnknown(seq: number): boolean {
    return seq < this.#firstSeq || this.cells[this.offsetOf(seq) + WIRE.kind] === UNKNOWN;
  }

  /**
   * The end of the run of numbers from `seq` on that carry no message: all unknown, or none of them; the
   * first number after it.
   */
  runEnd(seq: number): number {
    const isUnknown = this.isUnknown(seq);
    let end = Math.max(seq + 1, isUnknown ? this.#firstSeq : 0);
    while (end < this.#nextSeq && !this.isMessage(end) && this.isUnknown(end) === isUnknown) end += 1;
    return end;
  }

  /** Marks a stored message as one that may have arrived before; returns its offset in `cells`. */
  markResent(seq: number): number {
    const start = this.offsetOf(seq);
    const flags = this.cells[start + WIRE.flags] as number;
    if ((flags & WIRE_FLAG.possDup) === 0) {
      this.cells[start + WIRE.flags] = flags | WIRE_FLAG.possDup;
      seal(this.cells, start);
    }
    return start;
  }

  /** The place of the next number. */
  #take(): number {
    const start = this.offsetOf(this.#nextSeq);
    this.#nextSeq += 1;
    if (this.#nextSeq - this.#firstSeq > this.capacity) this.#firstSeq += 1;
    return start;
  }
}
