import { DepthBlock } from "../model/index.ts";
import type { SequencedRows } from "./sequenced-rows.ts";

/** What became of a message given to {@link HeldMessages}. */
export const HELD = { kept: 0, duplicate: 1, full: 2 } as const;

/** One of the values of {@link HELD}. */
export type Held = (typeof HELD)[keyof typeof HELD];

const FIELDS = 6;
const BEFORE = 0;
const LAST_NUMBER = 1;
const SINCE = 2;
const WIRE = 3; // first, last and previous number as they came

/** A message that is held, as {@link SequencedRows}. */
class HeldView implements SequencedRows {
  readonly isSnapshot = false;
  firstSequence = -1;
  lastSequence = -1;
  previousSequence = -1;
  block: DepthBlock;
  from = 0;
  to = 0;

  constructor(block: DepthBlock) {
    this.block = block;
  }
}

/**
 * Messages that wait for others, in the order of their numbers, in memory made once.
 *
 * @invariant At most `messagesMax` messages and `rowsMax` rows; none twice.
 * @cost A message in order: its rows are copied. One out of order moves the places of those behind it. Rows of messages
 * let go are reclaimed all at once, when the block's end is reached.
 */
export class HeldMessages {
  /** Messages held. */
  count = 0;
  readonly #rowsMax: number;
  #block: DepthBlock;
  #spare: DepthBlock;
  /** Where the next row goes. */
  #top = 0;
  readonly #numbers: Float64Array;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** Slots in the order of their numbers; `#free` those that are not used, as a stack. */
  readonly #order: Int32Array;
  readonly #free: Int32Array;
  readonly #view: HeldView;

  constructor(messagesMax: number, rowsMax: number) {
    this.#rowsMax = rowsMax;
    this.#block = new DepthBlock(rowsMax);
    this.#spare = new DepthBlock(rowsMax);
    // Rows of messages stand anywhere in them: who judges them may look at all.
    this.#block.seal(rowsMax);
    this.#spare.seal(rowsMax);
    this.#numbers = new Float64Array(messagesMax * FIELDS);
    this.#from = new Int32Array(messagesMax);
    this.#to = new Int32Array(messagesMax);
    this.#order = new Int32Array(messagesMax);
    this.#free = Int32Array.from({ length: messagesMax }, (_, i) => i);
    this.#view = new HeldView(this.#block);
  }

  /** The number before the message at a place, 0 being the first in order. */
  before(place: number): number {
    return this.#number(place, BEFORE);
  }

  /** The last number of the message at a place. */
  last(place: number): number {
    return this.#number(place, LAST_NUMBER);
  }

  /** The highest number that any message held covers; -Infinity where none is held. */
  get reach(): number {
    let reach = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.count; i++) reach = Math.max(reach, this.last(i));
    return reach;
  }

  /** When the message that has waited longest came; Infinity where none is held. @units ns */
  get oldestNs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.count; i++) oldest = Math.min(oldest, this.#number(i, SINCE));
    return oldest;
  }

  /** How many of the numbers above one and up to another the messages held cover. */
  covered(above: number, upTo: number): number {
    let covered = 0;
    let reach = above;
    for (let i = 0; i < this.count; i++) {
      const to = Math.min(this.last(i), upTo);
      const from = Math.max(this.before(i), reach);
      if (to <= from) continue;
      covered += to - from;
      reach = to;
    }
    return covered;
  }

  /** Copies a message in. */
  add(rows: SequencedRows, before: number, last: number, nowNs: number): Held {
    const place = this.#place(before, last);
    if (place > 0 && this.before(place - 1) === before && this.last(place - 1) === last)
      return HELD.duplicate;
    const size = rows.to - rows.from;
    if (this.count === this.#order.length) return HELD.full;
    if (this.#top + size > this.#rowsMax) this.#reclaim();
    if (this.#top + size > this.#rowsMax) return HELD.full;
    const slot = this.#free[this.count] as number;
    copyRows(rows.block, rows.from, size, this.#block, this.#top);
    this.#from[slot] = this.#top;
    this.#top += size;
    this.#to[slot] = this.#top;
    const at = slot * FIELDS;
    this.#numbers[at + BEFORE] = before;
    this.#numbers[at + LAST_NUMBER] = last;
    this.#numbers[at + SINCE] = nowNs;
    this.#numbers[at + WIRE] = rows.firstSequence;
    this.#numbers[at + WIRE + 1] = rows.lastSequence;
    this.#numbers[at + WIRE + 2] = rows.previousSequence;
    if (place < this.count) this.#order.copyWithin(place + 1, place, this.count);
    this.#order[place] = slot;
    this.count += 1;
    return HELD.kept;
  }

  /** The first message in order, its rows' local time being now; good until the next call. */
  first(nowNs: number): SequencedRows {
    const slot = this.#order[0] as number;
    const view = this.#view;
    const at = slot * FIELDS + WIRE;
    view.block = this.#block;
    view.from = this.#from[slot] as number;
    view.to = this.#to[slot] as number;
    view.firstSequence = this.#numbers[at] as number;
    view.lastSequence = this.#numbers[at + 1] as number;
    view.previousSequence = this.#numbers[at + 2] as number;
    view.block.local.fill(nowNs, view.from, view.to);
    return view;
  }

  /** Lets the first message in order go. */
  shift(): void {
    const slot = this.#order[0] as number;
    this.count -= 1;
    this.#order.copyWithin(0, 1, this.count + 1);
    this.#free[this.count] = slot;
    if (this.count === 0) this.#top = 0;
  }

  /** Lets all go and says how many they were. */
  clear(): number {
    const count = this.count;
    while (this.count > 0) {
      this.count -= 1;
      this.#free[this.count] = this.#order[this.count] as number;
    }
    this.#top = 0;
    return count;
  }

  #number(place: number, field: number): number {
    return this.#numbers[(this.#order[place] as number) * FIELDS + field] as number;
  }

  /** Where a message belongs: behind all whose numbers are not above its own. */
  #place(before: number, last: number): number {
    let place = this.count;
    while (place > 0) {
      const least = this.before(place - 1);
      if (least < before || (least === before && this.last(place - 1) <= last)) break;
      place -= 1;
    }
    return place;
  }

  /** Moves what is held to the beginning of the other block. */
  #reclaim(): void {
    let top = 0;
    for (let i = 0; i < this.count; i++) {
      const slot = this.#order[i] as number;
      const from = this.#from[slot] as number;
      const size = (this.#to[slot] as number) - from;
      copyRows(this.#block, from, size, this.#spare, top);
      this.#from[slot] = top;
      top += size;
      this.#to[slot] = top;
    }
    const block = this.#block;
    this.#block = this.#spare;
    this.#spare = block;
    this.#top = top;
  }
}

/** Copies rows from one block into another. */
function copyRows(from: DepthBlock, start: number, size: number, to: DepthBlock, at: number): void {
  for (let i = 0; i < size; i++) {
    to.exch[at + i] = from.exch[start + i] as number;
    to.local[at + i] = from.local[start + i] as number;
    to.kind[at + i] = from.kind[start + i] as number;
    to.tick[at + i] = from.tick[start + i] as number;
    to.lots[at + i] = from.lots[start + i] as number;
  }
}
