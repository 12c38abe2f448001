import { checkInteger } from "../base/index.ts";

/**
 * Where the fields of a decision stand in its record of doubles.
 *
 * @units `atNs` ns from the session's base; `lots` lots; `priceTicks` ticks; `measured` and `bound` in the limit's unit
 */
export const DECISION_FIELD = {
  /** Rises by one with every decision, from 1. */
  sequence: 0,
  atNs: 1,
  /** A code of {@link DECISION}. */
  kind: 2,
  /** 0 approved; else `RISK_CODE` of the refusal, or of the limit that is nearly used up. */
  code: 3,
  id: 4,
  seat: 5,
  instrument: 6,
  side: 7,
  lots: 8,
  priceTicks: 9,
  /** The node and column of the limit, -1 where the rule is none. */
  node: 10,
  limit: 11,
  measured: 12,
  bound: 13,
  /** The version of the limits that were asked. */
  version: 14,
  /** The word of the kill latch. */
  latch: 15,
} as const;

/** Kinds of records; `reserve`: of a parent order, `id` is its own number. */
export const DECISION = { order: 0, replace: 1, warning: 2, cancel: 3, reserve: 4 } as const;

const ROOM_AT_FIRST = 128;

/** Doubles in one record. */
export const DECISION_STRIDE = 16;

/**
 * The decisions of a gate on their way to the audit trail: a ring of records that refuses when it is full.
 *
 * @shape a record is 16 doubles, `DECISION_FIELD`
 * @invariant Records come out in the order and number they went in; none is overwritten.
 * @cost 16 stores a record; nothing allocated once the room is there.
 */
export class DecisionLog {
  readonly capacity: number;
  /** Records that there is room for; doubles as needed, up to the capacity. A power of two. */
  #room: number;
  #cells: Float64Array;
  #head = 0;
  #tail = 0;

  /** @throws `FAULT_CONFIG` unless the capacity is a power of two within 2 and 2^20. */
  constructor(capacity: number) {
    this.capacity = checkInteger("riskGate.records", capacity, 2, 1 << 20);
    checkInteger("riskGate.records (a power of two)", Math.log2(capacity), 1, 20);
    this.#room = Math.min(capacity, ROOM_AT_FIRST);
    this.#cells = new Float64Array(this.#room * DECISION_STRIDE);
  }

  /** Records waiting. */
  get size(): number {
    return this.#head - this.#tail;
  }

  /** Records written so far. */
  get count(): number {
    return this.#head;
  }

  /** Room for one more decision; one place is kept for the refusal that says so. */
  get hasRoom(): boolean {
    return this.#head - this.#tail <= this.capacity - 2;
  }

  /** Room for a warning as well. */
  get hasRoomToWarn(): boolean {
    return this.#head - this.#tail <= this.capacity - 3;
  }

  /** Where the next record is to be written, in `cells` as they are after this call. */
  next(): number {
    if (this.#head - this.#tail >= this.#room && this.#room < this.capacity) this.#grow();
    return (this.#head++ & (this.#room - 1)) * DECISION_STRIDE;
  }

  get cells(): Float64Array {
    return this.#cells;
  }

  /** Hands every waiting record to `take`, oldest first, as a view that is good during the call. */
  drain(take: (cells: Float64Array, offset: number) => void): void {
    while (this.#tail < this.#head) {
      take(this.#cells, (this.#tail & (this.#room - 1)) * DECISION_STRIDE);
      this.#tail += 1;
    }
  }

  /** Hands every waiting record to `take` as bytes, in one or two blocks. */
  drainBlocks(take: (bytes: Uint8Array) => void): void {
    while (this.#tail < this.#head) {
      const from = this.#tail & (this.#room - 1);
      const count = Math.min(this.#head - this.#tail, this.#room - from);
      const { buffer } = this.#cells;
      take(new Uint8Array(buffer, from * DECISION_STRIDE * 8, count * DECISION_STRIDE * 8));
      this.#tail += count;
    }
  }

  /** Goes on behind so many records, of which none waits. */
  goOn(count: number): void {
    this.#head = count;
    this.#tail = count;
  }

  /** Twice the room: each waiting record goes where its number puts it. */
  #grow(): void {
    const before = this.#cells;
    const mask = this.#room - 1;
    this.#room *= 2;
    this.#cells = new Float64Array(this.#room * DECISION_STRIDE);
    for (let number = this.#tail; number < this.#head; number++) {
      const from = (number & mask) * DECISION_STRIDE;
      const to = (number & (this.#room - 1)) * DECISION_STRIDE;
      this.#cells.set(before.subarray(from, from + DECISION_STRIDE), to);
    }
  }
}
