import type { LevelMerge } from "./level-merge.ts";

/**
 * The cheapest lots that every venue takes: multiples of its step, none or at least its least order.
 *
 * The merge without steps is a lower bound. Where its answer is not made of orders the venues take, one venue's lots
 * are bounded below or above what it said, and each half is searched: branch and bound. First as many lots as
 * possible, then as cheap as possible.
 *
 * @cost one merge where steps do not bind; else at most `nodesMax` merges, and `gap` says how far it may be from
 * the best
 */
export class LotSearch {
  /** Found, by venue. */
  readonly lots: Float64Array;
  unfilled = 0;
  cost = 0;
  /** False where the search ended before it knew that nothing is better. */
  isOptimal = true;
  /** How much cheaper, at most, the best might be; 0 where this is the best, NaN where it might have more lots. */
  gap = 0;
  readonly #merge: LevelMerge;
  readonly #step: Float64Array;
  readonly #min: Float64Array;
  readonly #nodesMax: number;
  #nodes = 0;
  #isOpen = false;

  constructor(merge: LevelMerge, step: Float64Array, min: Float64Array, nodesMax: number) {
    this.#merge = merge;
    this.#step = step;
    this.#min = min;
    this.#nodesMax = nodesMax;
    this.lots = new Float64Array(step.length);
  }

  /** Finds `lots` within the merge's bounds; false where the least of all venues is more than is wanted. */
  run(): boolean {
    const merge = this.#merge;
    this.#nodes = 0;
    this.#isOpen = false;
    if (this.#leastSum() > merge.wanted) return false;
    merge.run();
    if (merge.isShort) return false;
    this.isOptimal = true;
    this.gap = 0;
    if (this.#broken() < 0) {
      this.#keep();
      return true;
    }
    const { unfilled, cost } = merge;
    this.#roundDown();
    this.#visit();
    if (this.#isOpen) {
      this.isOptimal = this.unfilled === unfilled && this.cost === cost;
      this.gap = this.unfilled > unfilled ? Number.NaN : this.cost - cost;
    }
    return true;
  }

  #visit(): void {
    const merge = this.#merge;
    if (this.#nodes >= this.#nodesMax) {
      this.#isOpen = true;
      return;
    }
    this.#nodes += 1;
    merge.run();
    if (merge.isShort) return;
    if (merge.unfilled > this.unfilled || (merge.unfilled === this.unfilled && merge.cost >= this.cost))
      return;
    const venue = this.#broken();
    if (venue < 0) {
      this.#keep();
      return;
    }
    const lots = merge.lots[venue] as number;
    const step = this.#step[venue] as number;
    const min = this.#min[venue] as number;
    const down = lots < min ? 0 : Math.floor(lots / step) * step;
    const up = lots < min ? min : down + step;
    const most = merge.most[venue] as number;
    const least = merge.least[venue] as number;
    if (down >= least) {
      merge.most[venue] = down;
      this.#visit();
      merge.most[venue] = most;
    }
    if (up <= most) {
      merge.least[venue] = up;
      if (this.#leastSum() <= merge.wanted) this.#visit();
      merge.least[venue] = least;
    }
  }

  /** A first answer: what the merge said, each venue's lots rounded down, then what still fits, step by step. */
  #roundDown(): void {
    const merge = this.#merge;
    let left = merge.wanted;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      const step = this.#step[venue] as number;
      const least = merge.least[venue] as number;
      const whole = Math.floor((merge.lots[venue] as number) / step) * step;
      this.lots[venue] = Math.max(least, whole < (this.#min[venue] as number) ? 0 : whole);
      left -= this.lots[venue] as number;
    }
    this.unfilled = left;
    this.cost = 0;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      const [step, min] = [this.#step[venue] as number, this.#min[venue] as number];
      const lots = this.lots[venue] as number;
      const room = Math.min((merge.most[venue] as number) - lots, this.unfilled);
      const more = Math.floor(room / step) * step;
      if (more > 0 && lots + more >= min && merge.costOf(venue, lots + more) < Infinity) {
        this.lots[venue] = lots + more;
        this.unfilled -= more;
      }
      this.cost += merge.costOf(venue, this.lots[venue] as number);
    }
  }

  /** The first venue whose lots are no order it takes, or -1. */
  #broken(): number {
    const merge = this.#merge;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      const lots = merge.lots[venue] as number;
      if (lots === 0) continue;
      if (lots < (this.#min[venue] as number) || lots % (this.#step[venue] as number) !== 0) return venue;
    }
    return -1;
  }

  #keep(): void {
    const merge = this.#merge;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      this.lots[venue] = merge.lots[venue] as number;
    }
    this.unfilled = merge.unfilled;
    this.cost = merge.cost;
  }

  #leastSum(): number {
    const merge = this.#merge;
    let sum = 0;
    for (let i = 0; i < merge.venueCount; i++) sum += merge.least[merge.venues[i] as number] as number;
    return sum;
  }
}
