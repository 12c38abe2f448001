import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import { SlidingMedian } from "./sliding-median.ts";

/** Weight of the newest change in the variance of accepted prices. */
const ALPHA = 1 / 64;
/** Prices seen before there are bounds: one poisoned first price must not set them. */
const WARM = 3;

const LAST = 0;
const VARIANCE = 1;
const PENDING = 2;
const BAND_LOW = 3;
const BAND_HIGH = 4;
const SAVED = 5;

/** Roundings cannot make a variance that is so far below the limit pass it. */
const SURELY = 1 - 1e-9;

/** Places in {@link PriceReference.bounds}. */
export const BOUND = { low: 0, high: 1, hardLow: 2, hardHigh: 3, askLeast: 4, bidMost: 5 } as const;

/** Places in {@link PriceReference.whole}. */
export const WHOLE = { askLeast: 0, bidMost: 1, least: 2 } as const;

/** What a {@link PriceReference} is made from: see `ValidationParameters`. */
export interface PriceReferenceOptions {
  readonly samples: number;
  readonly hardRatio: number;
  readonly sigmas: number;
  readonly band: number;
  readonly bandTicks: number;
  readonly leaveShare: number;
  readonly isSigned: boolean;
}

/** What it keeps over a restart, JSON-safe. */
export interface SavedPriceReference {
  readonly prices: readonly number[];
  readonly cells: readonly number[];
  readonly outliers: number;
  readonly isOut: boolean;
}

/**
 * What a price should be near: the median of the last accepted ones, with a soft band of so many standard deviations
 * of their changes (or a share of the price, if that is wider) and a hard one of a ratio.
 *
 * The soft band is |ln(p / R)| <= ln(1 + b): R / (1 + b) to R (1 + b). Where prices may be below 0, it is R +- w.
 *
 * @units `twice`: doubled ticks, since a mid may lie between two ticks; bounds in ticks
 */
export class PriceReference {
  /** See {@link BOUND}: soft and hard bounds, and what is left of a band for asks and bids. */
  readonly bounds: Float64Array = new Float64Array(6);
  /** See {@link WHOLE}: the whole ticks within the bounds of asks, of bids, of prices of both sides. */
  readonly whole: Int32Array = new Int32Array(3);
  /** Outliers in a row that agreed with one another. */
  outliers = 0;
  readonly #options: PriceReferenceOptions;
  readonly #prices: SlidingMedian;
  readonly #cells = new Float64Array(SAVED);
  /** The median that the bounds are of, and up to which variance they are the band's alone; below 0: never. */
  readonly #quiet = new Float64Array([0, -1]);
  #isOut = false;

  constructor(options: PriceReferenceOptions) {
    this.#options = options;
    this.#prices = new SlidingMedian(options.samples);
    this.#cells[BAND_LOW] = TICK_MIN;
    this.#cells[BAND_HIGH] = TICK_MAX;
    this.#bind();
  }

  /** The reference in doubled ticks; NaN before the first price. */
  get twice(): number {
    return this.#prices.median;
  }

  /** The standard deviation of changes of accepted prices, in doubled ticks. */
  get sigmaTwice(): number {
    return Math.sqrt(this.#cells[VARIANCE] as number);
  }

  /** Takes an accepted price; one that equals the one before says nothing new. */
  push(twice: number): void {
    this.outliers = 0;
    const cells = this.#cells;
    const known = this.#prices.count > 0;
    if (known) {
      const change = twice - (cells[LAST] as number);
      if (change === 0 && !this.#isOut) return;
      cells[VARIANCE] = (cells[VARIANCE] as number) + (change * change - (cells[VARIANCE] as number)) * ALPHA;
    }
    cells[LAST] = twice;
    this.#prices.push(twice);
    this.#isOut = false;
    const quiet = this.#quiet;
    // Most prices leave the median where it is: the bounds are those that they were.
    if ((cells[VARIANCE] as number) <= (quiet[1] as number) && this.#prices.median === quiet[0]) return;
    this.#bind();
  }

  /** Takes note of an outlier, and says how many in a row there have been that agree. */
  outlier(twice: number): number {
    if (!this.#isOut) {
      this.#isOut = true;
      this.#bind();
    }
    this.outliers =
      this.outliers > 0 && this.isNear(this.#cells[PENDING] as number, twice) ? this.outliers + 1 : 1;
    this.#cells[PENDING] = twice;
    return this.outliers;
  }

  /** Whether two prices agree within the narrowest soft band. */
  isNear(left: number, right: number): boolean {
    const { band, bandTicks, isSigned } = this.#options;
    if (isSigned) return Math.abs(left - right) <= 2 * bandTicks;
    return right <= left * (1 + band) && left <= right * (1 + band);
  }

  /** Forgets what it knew; from now on the reference is this price. */
  anchor(twice: number): void {
    this.clear();
    this.#cells[LAST] = twice;
    for (let i = 0; i < WARM; i++) this.#prices.push(twice);
    this.#bind();
  }

  /** Forgets every price: a split, a roll, an auction. */
  clear(): void {
    this.#prices.clear();
    this.#cells[VARIANCE] = 0;
    this.outliers = 0;
    this.#isOut = false;
    this.#bind();
  }

  /** A static band, limit up and limit down. */
  setBand(lowTicks: number, highTicks: number): void {
    this.#cells[BAND_LOW] = lowTicks;
    this.#cells[BAND_HIGH] = highTicks;
    this.#bind();
  }

  isBelowBand(tick: number): boolean {
    return tick < (this.#cells[BAND_LOW] as number);
  }

  isAboveBand(tick: number): boolean {
    return tick > (this.#cells[BAND_HIGH] as number);
  }

  save(): SavedPriceReference {
    const { outliers } = this;
    return { prices: this.#prices.save(), cells: [...this.#cells], outliers, isOut: this.#isOut };
  }

  load(saved: SavedPriceReference): void {
    this.#prices.load(saved.prices);
    this.#cells.set(saved.cells);
    this.outliers = saved.outliers;
    this.#isOut = saved.isOut;
    this.#bind();
  }

  #bind(): void {
    const { hardRatio, sigmas, band, bandTicks, leaveShare, isSigned } = this.#options;
    const bounds = this.bounds;
    bounds[BOUND.low] = TICK_MIN;
    bounds[BOUND.high] = TICK_MAX;
    bounds[BOUND.hardLow] = TICK_MIN;
    bounds[BOUND.hardHigh] = TICK_MAX;
    this.#quiet[1] = -1;
    if (this.#prices.count >= WARM) {
      const median = this.#prices.median;
      const middle = median / 2;
      const share = this.#isOut ? leaveShare : 1;
      const variance = this.#cells[VARIANCE] as number;
      if (isSigned) {
        const deviation = (sigmas * Math.sqrt(variance)) / 2;
        const width = (deviation > bandTicks ? deviation : bandTicks) * share;
        bounds[BOUND.low] = middle - width;
        bounds[BOUND.high] = middle + width;
      } else {
        const most = (band * median) / sigmas;
        const quiet = most * most * SURELY;
        const relative = variance <= quiet ? band : (sigmas * Math.sqrt(variance)) / 2 / middle;
        const factor = 1 + (relative > band ? relative : band) * share;
        if (variance <= quiet && !this.#isOut) {
          this.#quiet[0] = median;
          this.#quiet[1] = quiet;
        }
        bounds[BOUND.low] = middle / factor;
        bounds[BOUND.high] = middle * factor;
        bounds[BOUND.hardLow] = middle / hardRatio;
        bounds[BOUND.hardHigh] = middle * hardRatio;
      }
    }
    // A wild series makes the soft band wider than the hard one: what is left is within both.
    const low = Math.max(bounds[BOUND.low] as number, bounds[BOUND.hardLow] as number);
    const high = Math.min(bounds[BOUND.high] as number, bounds[BOUND.hardHigh] as number);
    const bandLow = this.#cells[BAND_LOW] as number;
    const bandHigh = this.#cells[BAND_HIGH] as number;
    const askLeast = low > bandLow ? low : bandLow;
    const bidMost = high < bandHigh ? high : bandHigh;
    bounds[BOUND.askLeast] = askLeast;
    bounds[BOUND.bidMost] = bidMost;
    const whole = this.whole;
    const least = isSigned ? TICK_MIN : 1;
    const ceiling = Math.ceil(askLeast);
    const floor = Math.floor(bidMost);
    whole[WHOLE.askLeast] = ceiling <= least ? least : ceiling <= TICK_MAX ? ceiling : TICK_MAX + 1;
    whole[WHOLE.bidMost] = floor >= TICK_MAX ? TICK_MAX : floor >= least ? floor : least - 1;
    whole[WHOLE.least] = least;
  }
}
