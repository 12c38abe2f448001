import { ColumnPool, checkInteger, Fault } from "../base/index.ts";
import { MESSAGE_STRIDE as STRIDE } from "../model/index.ts";

const MAX_MESSAGES = 1 << 22;

/**
 * Messages on their way between a strategy and a venue, first in, first out: a later message never overtakes
 * an earlier one.
 *
 * @invariant Arrival times never fall along the ring; `nextNs[0]` is the first one, Infinity when empty.
 * @cost Pushing and popping touch one record of 96 bytes; the ring doubles when full, up to 2^22 messages.
 */
export class MessageRing {
  /** The arrival time of the first message, Infinity when there is none. */
  readonly nextNs: Float64Array = new Float64Array([Number.POSITIVE_INFINITY]);
  cells: Float64Array;
  #capacity: number;
  #head = 0;
  #size = 0;

  /** @throws `FAULT_CONFIG` unless `capacity` is a power of two, up to 2^22. */
  constructor(capacity: number = 1024, columns: ColumnPool = new ColumnPool()) {
    checkInteger("ring.capacity", capacity, 1, MAX_MESSAGES);
    if ((capacity & (capacity - 1)) !== 0) {
      throw new Fault("FAULT_CONFIG", { path: "ring.capacity", value: capacity, expected: "a power of two" });
    }
    this.#capacity = capacity;
    this.cells = columns.float64(capacity * STRIDE);
  }

  get size(): number {
    return this.#size;
  }

  /** The offset of the first message's record. */
  get first(): number {
    return this.#head * STRIDE;
  }

  /**
   * Makes room for a message arriving at `timeNs`, or when the last one before it does if that is later;
   * returns the offset of its record, whose other fields the caller fills.
   *
   * @throws `FAULT_CAPACITY` past 2^22 messages.
   */
  push(timeNs: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const cells = this.cells;
    let at = timeNs;
    if (this.#size === 0) this.nextNs[0] = at;
    else {
      const last = cells[((this.#head + this.#size - 1) & (this.#capacity - 1)) * STRIDE] as number;
      if (last > at) at = last;
    }
    const offset = ((this.#head + this.#size) & (this.#capacity - 1)) * STRIDE;
    this.#size += 1;
    cells[offset] = at;
    return offset;
  }

  /** Drops the first message; its record stays readable until the next push. */
  shift(): void {
    this.#head = (this.#head + 1) & (this.#capacity - 1);
    this.#size -= 1;
    this.nextNs[0] =
      this.#size === 0 ? Number.POSITIVE_INFINITY : (this.cells[this.#head * STRIDE] as number);
  }

  #grow(): void {
    if (this.#capacity === MAX_MESSAGES) {
      throw new Fault("FAULT_CAPACITY", {
        path: "sim.messages",
        value: this.#size,
        expected: `at most ${MAX_MESSAGES} messages on their way`,
      });
    }
    const grown = new Float64Array(this.#capacity * 2 * STRIDE);
    const split = this.#head * STRIDE;
    grown.set(this.cells.subarray(split));
    grown.set(this.cells.subarray(0, split), this.cells.length - split);
    this.cells = grown;
    this.#head = 0;
    this.#capacity *= 2;
  }
}
