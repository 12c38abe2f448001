/**
 * What our own taking orders have taken from the venue's book since the feed last restated the level.
 *
 * @units quantities in book lots
 * @cost One Map entry for each level taken from; nothing while none is.
 */
export class Consumed {
  readonly #bids: Map<number, number> = new Map();
  readonly #asks: Map<number, number> = new Map();
  /** Levels remembered now. */
  size = 0;

  /** What was taken from a level; side +1 is a bid level. */
  at(side: number, tick: number): number {
    if (this.size === 0) return 0;
    return (side > 0 ? this.#bids : this.#asks).get(tick) ?? 0;
  }

  take(side: number, tick: number, lots: number): void {
    const levels = side > 0 ? this.#bids : this.#asks;
    levels.set(tick, (levels.get(tick) ?? 0) + lots);
    this.size = this.#bids.size + this.#asks.size;
  }

  /** The feed restated the level: what it says now is there. */
  restated(side: number, tick: number): void {
    (side > 0 ? this.#bids : this.#asks).delete(tick);
    this.size = this.#bids.size + this.#asks.size;
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.size = 0;
  }
}
