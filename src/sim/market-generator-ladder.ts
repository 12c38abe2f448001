/**
 * One side of a simulated book: the lots of each level, and which of them are the makers'.
 *
 * Levels are kept by key, the tick times the side's sign, so that on both sides the best level has the
 * highest key and what is said of one side holds for the other.
 *
 * @units keys in signed ticks, quantities in order lots
 * @invariant Never empty once filled; levels lie within `worst` and `best`, both of which hold lots, and
 * those are less than `reach` + 1 apart; `0 <= quoted <= lots` on each level.
 * @cost O(1), but for the search of the next level when the best or the worst goes.
 */
export class MarketLadder {
  best = 0;
  worst = 0;
  /** Lots on all levels that are not the makers'. */
  restLots = 0;
  readonly reach: number;
  readonly #lots: Float64Array;
  readonly #quoted: Float64Array;
  readonly #mask: number;

  constructor(reach: number) {
    this.reach = reach;
    let size = 64;
    while (size < 2 * (reach + 1)) size *= 2;
    this.#lots = new Float64Array(size);
    this.#quoted = new Float64Array(size);
    this.#mask = size - 1;
  }

  lotsAt(key: number): number {
    return key > this.best || key < this.worst ? 0 : (this.#lots[key & this.#mask] as number);
  }

  /** The levels that hold lots, best first. */
  *keys(): Generator<number, void, void> {
    for (let key = this.best; key > this.worst; key = this.below(key)) yield key;
    yield this.worst;
  }

  /** The makers' part of a level. */
  quotedAt(key: number): number {
    return key > this.best || key < this.worst ? 0 : (this.#quoted[key & this.#mask] as number);
  }

  /** Takes away the only level. */
  clear(): void {
    const at = this.best & this.#mask;
    this.#lots[at] = 0;
    this.#quoted[at] = 0;
    this.restLots = 0;
  }

  /** Puts the first level on an empty side. */
  fill(key: number, lots: number, quoted: boolean): void {
    this.best = key;
    this.worst = key;
    this.add(key, lots, quoted);
  }

  /** Adds to a level within reach of both ends. */
  add(key: number, lots: number, quoted: boolean): void {
    const at = key & this.#mask;
    this.#lots[at] = (this.#lots[at] as number) + lots;
    if (quoted) this.#quoted[at] = (this.#quoted[at] as number) + lots;
    else this.restLots += lots;
    if (key > this.best) this.best = key;
    if (key < this.worst) this.worst = key;
  }

  /** Takes lots off a level, `quoted` of them the makers'; the last level keeps at least one lot. */
  remove(key: number, lots: number, quoted: number): void {
    const at = key & this.#mask;
    const left = (this.#lots[at] as number) - lots;
    this.#lots[at] = left;
    this.#quoted[at] = (this.#quoted[at] as number) - quoted;
    this.restLots -= lots - quoted;
    if (left > 0) return;
    if (key === this.best) this.best = this.below(key);
    else if (key === this.worst) this.worst = this.#above(key);
  }

  /** The next level behind a key that is not the worst. */
  below(key: number): number {
    let next = key - 1;
    while ((this.#lots[next & this.#mask] as number) === 0) next -= 1;
    return next;
  }

  /** What is not the makers' at the level where a running total from the best exceeds `lots`. */
  levelOfRest(lots: number): number {
    let key = this.best;
    let left = lots;
    for (;;) {
      const at = key & this.#mask;
      left -= (this.#lots[at] as number) - (this.#quoted[at] as number);
      if (left < 0 || key <= this.worst) return key;
      key -= 1;
    }
  }

  /** Turns a maker's lot into an ordinary one: the last lot of a side, which nobody takes back. */
  abandon(key: number, lots: number): void {
    const at = key & this.#mask;
    this.#quoted[at] = (this.#quoted[at] as number) - lots;
    this.restLots += lots;
  }

  #above(key: number): number {
    let next = key + 1;
    while ((this.#lots[next & this.#mask] as number) === 0) next += 1;
    return next;
  }
}
