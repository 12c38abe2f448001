/**
 * The volume of the feed's prints since a parent began, without blocks.
 *
 * @units lots; a double, for prints may be finer than order lots
 */
export class VolumeMeter {
  #lots = 0;
  readonly #blockLots: number;
  readonly #hasOwn: boolean;

  constructor(blockLots: number, hasOwn: boolean) {
    this.#blockLots = blockLots;
    this.#hasOwn = hasOwn;
  }

  /** Lots printed. */
  get lots(): number {
    return this.#lots;
  }

  /** Counts a print, unless it is a block. */
  add(lots: number): void {
    if (lots < this.#blockLots) this.#lots += lots;
  }

  /** The most that may be filled and at work at a share of all volume. */
  budget(share: number): number {
    if (share >= 1) return Number.MAX_SAFE_INTEGER;
    return Math.floor(this.#lots * (this.#hasOwn ? share : share / (1 - share)));
  }

  /** Goes on from so many lots. */
  load(lots: number): void {
    this.#lots = lots;
  }
}
