import { ColumnPool } from "../base/index.ts";
/** Where the venue's own record of an order stands. */
export const VENUE_STATE = { none: 0, onTheWay: 1, resting: 2, done: 3 } as const;

const BUCKETS = 4096;
const NONE = -1;

/**
 * The orders a simulated venue has of us, by row: terms, quantities, and for resting ones two intrusive
 * lists: by price (4,096 buckets, so that nearly every row of the feed meets an empty one) and by side in
 * order of acceptance.
 *
 * @units prices in ticks, quantities in lots
 * @invariant A row is in its bucket and its side's list exactly while its state is `resting`; `lowestAsk`
 * and `highestBid` are the best prices among resting rows.
 */
export class VenueOrders {
  readonly state: Uint8Array;
  readonly id: Float64Array;
  readonly side: Int8Array;
  readonly type: Uint8Array;
  readonly timeInForce: Uint8Array;
  readonly flags: Uint8Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
  readonly leaves: Float64Array;
  readonly expireNs: Float64Array;
  /** The next row in the same price bucket, or -1. */
  readonly nextInBucket: Int32Array;
  /** The next row of the same side, oldest first, or -1. */
  readonly nextOfSide: Int32Array;
  readonly #previousOfSide: Int32Array;
  readonly #bucket: Int32Array = new Int32Array(BUCKETS).fill(NONE);
  lowestAsk = 0x7fffffff;
  highestBid = -0x80000000;
  firstBid = NONE;
  firstAsk = NONE;
  #lastBid = NONE;
  #lastAsk = NONE;
  resting = 0;

  constructor(capacity: number, columns: ColumnPool = new ColumnPool()) {
    this.state = columns.uint8(capacity);
    this.id = columns.float64(capacity);
    this.side = columns.int8(capacity);
    this.type = columns.uint8(capacity);
    this.timeInForce = columns.uint8(capacity);
    this.flags = columns.uint8(capacity);
    this.tick = columns.int32(capacity);
    this.lots = columns.float64(capacity);
    this.leaves = columns.float64(capacity);
    this.expireNs = columns.float64(capacity);
    this.nextInBucket = columns.int32(capacity).fill(NONE);
    this.nextOfSide = columns.int32(capacity).fill(NONE);
    this.#previousOfSide = columns.int32(capacity).fill(NONE);
  }

  /** The first resting row whose price may be `tick` (its bucket holds others too), or -1. */
  bucketOf(tick: number): number {
    return this.#bucket[tick & (BUCKETS - 1)] as number;
  }

  /** Whether `row` still is the order `id`: rows are used again. */
  isOrder(row: number, id: number): boolean {
    return this.id[row] === id && this.state[row] !== VENUE_STATE.none;
  }

  /** The row rests at its price from now on, behind what rests there already. */
  rest(row: number): void {
    this.state[row] = VENUE_STATE.resting;
    this.resting += 1;
    const tick = this.tick[row] as number;
    this.#pushBucket(row, tick & (BUCKETS - 1));
    this.#pushSide(row);
    if ((this.side[row] as number) > 0) {
      if (tick > this.highestBid) this.highestBid = tick;
    } else if (tick < this.lowestAsk) this.lowestAsk = tick;
  }

  /** The row rests no longer; its state becomes `done`. */
  remove(row: number): void {
    this.state[row] = VENUE_STATE.done;
    this.resting -= 1;
    const tick = this.tick[row] as number;
    this.#dropBucket(row, tick & (BUCKETS - 1));
    this.#dropSide(row);
    if ((this.side[row] as number) > 0) {
      if (tick === this.highestBid) this.#findHighestBid();
    } else if (tick === this.lowestAsk) this.#findLowestAsk();
  }

  #pushBucket(row: number, bucket: number): void {
    this.nextInBucket[row] = NONE;
    let at = this.#bucket[bucket] as number;
    if (at === NONE) {
      this.#bucket[bucket] = row;
      return;
    }
    while ((this.nextInBucket[at] as number) !== NONE) at = this.nextInBucket[at] as number;
    this.nextInBucket[at] = row;
  }

  #dropBucket(row: number, bucket: number): void {
    const next = this.nextInBucket[row] as number;
    let at = this.#bucket[bucket] as number;
    if (at === row) {
      this.#bucket[bucket] = next;
      return;
    }
    while ((this.nextInBucket[at] as number) !== row) at = this.nextInBucket[at] as number;
    this.nextInBucket[at] = next;
  }

  #pushSide(row: number): void {
    const buys = (this.side[row] as number) > 0;
    const last = buys ? this.#lastBid : this.#lastAsk;
    this.nextOfSide[row] = NONE;
    this.#previousOfSide[row] = last;
    if (last !== NONE) this.nextOfSide[last] = row;
    else if (buys) this.firstBid = row;
    else this.firstAsk = row;
    if (buys) this.#lastBid = row;
    else this.#lastAsk = row;
  }

  #dropSide(row: number): void {
    const buys = (this.side[row] as number) > 0;
    const next = this.nextOfSide[row] as number;
    const previous = this.#previousOfSide[row] as number;
    if (previous !== NONE) this.nextOfSide[previous] = next;
    else if (buys) this.firstBid = next;
    else this.firstAsk = next;
    if (next !== NONE) this.#previousOfSide[next] = previous;
    else if (buys) this.#lastBid = previous;
    else this.#lastAsk = previous;
  }

  #findHighestBid(): void {
    let best = -0x80000000;
    for (let row = this.firstBid; row !== NONE; row = this.nextOfSide[row] as number) {
      if ((this.tick[row] as number) > best) best = this.tick[row] as number;
    }
    this.highestBid = best;
  }

  #findLowestAsk(): void {
    let best = 0x7fffffff;
    for (let row = this.firstAsk; row !== NONE; row = this.nextOfSide[row] as number) {
      if ((this.tick[row] as number) < best) best = this.tick[row] as number;
    }
    this.lowestAsk = best;
  }
}
