import type { Prng } from "../base/index.ts";
import type { SideSign } from "../model/index.ts";
import { CAUSE } from "./market-generator-book.ts";
import type { MarketSettings } from "./market-generator-options.ts";
import type { TradedBook } from "./traded-book.ts";

const SECOND_NS = 1e9;

/**
 * The fundamental price that no feed tells: a geometric random walk with jumps.
 *
 * @units ticks, not rounded; times in ns
 * @invariant A martingale, but where it is shifted, and where it is held within twice the book's reach and 5e8 ticks.
 */
export class Fundamental {
  ticks: number;
  jumps = 0;
  readonly #rng: Prng;
  readonly #least: number;
  readonly #diffusion: number;
  readonly #jump: number;
  readonly #jumpMeanNs: number;
  #jumpNs: number;
  #lastNs: number;

  constructor(settings: MarketSettings, rng: Prng, startNs: number) {
    const { priceTicks, volatilityTicks, jumpShare, jumpsPerHour, reachTicks } = settings;
    this.ticks = priceTicks;
    this.#rng = rng;
    this.#least = 2 * reachTicks;
    const sigma = volatilityTicks / priceTicks;
    this.#diffusion = sigma * Math.sqrt(1 - jumpShare);
    this.#jump = sigma * Math.sqrt((jumpShare * 3600) / jumpsPerHour);
    this.#jumpMeanNs = (3600 * SECOND_NS) / jumpsPerHour;
    this.#jumpNs = jumpShare === 0 ? Number.POSITIVE_INFINITY : startNs + rng.exponential(this.#jumpMeanNs);
    this.#lastNs = startNs;
  }

  /**
   * Brings it to a later time, in one step: the law of the walk does not depend on how often it is looked
   * at.
   */
  advance(nowNs: number): void {
    if (nowNs > this.#lastNs) {
      this.#step(this.#diffusion * Math.sqrt((nowNs - this.#lastNs) / SECOND_NS));
      this.#lastNs = nowNs;
    }
    while (this.#jumpNs <= nowNs) {
      this.#step(this.#jump);
      this.jumps += 1;
      this.#jumpNs += this.#rng.exponential(this.#jumpMeanNs);
    }
  }

  /** Moves it, as if something were known that nobody has told. @units ticks */
  shift(ticks: number): void {
    this.ticks = Math.min(Math.max(this.ticks + ticks, this.#least), 5e8);
  }

  #step(sigma: number): void {
    if (sigma === 0) return;
    const ticks = this.ticks * Math.exp(sigma * this.#rng.normal() - (sigma * sigma) / 2);
    this.ticks = Math.min(Math.max(ticks, this.#least), 5e8);
  }
}

/**
 * The intensities of self-exciting buys and sells: a Hawkes process of two sides with exponential kernels.
 *
 * @units per second
 * @source Hawkes, Spectra of some self-exciting and mutually exciting point processes, Biometrika 1971
 */
export class Excitement {
  readonly #base: number;
  readonly #own: number;
  readonly #cross: number;
  readonly #decay: number;
  /** What trades so far add to the intensity of buys, and of sells. */
  readonly #added = new Float64Array(2);

  constructor(settings: MarketSettings["excited"]) {
    const { ratePerSecond, branching, crossShare, decayPerSecond } = settings;
    this.#base = ratePerSecond / 2;
    this.#own = branching * (1 - crossShare) * decayPerSecond;
    this.#cross = branching * crossShare * decayPerSecond;
    this.#decay = decayPerSecond;
  }

  /** The intensity of both sides together; until the next trade it only falls. */
  get rate(): number {
    return 2 * this.#base + (this.#added[0] as number) + (this.#added[1] as number);
  }

  get buyRate(): number {
    return this.#base + (this.#added[0] as number);
  }

  pass(seconds: number): void {
    const factor = Math.exp(-this.#decay * seconds);
    this.#added[0] = (this.#added[0] as number) * factor;
    this.#added[1] = (this.#added[1] as number) * factor;
  }

  excite(side: SideSign): void {
    const [own, other] = side > 0 ? [0, 1] : [1, 0];
    this.#added[own as number] = (this.#added[own as number] as number) + this.#own;
    this.#added[other as number] = (this.#added[other as number] as number) + this.#cross;
  }
}

/**
 * Makers who keep some levels quoted around a lagging estimate of the fundamental.
 *
 * @units `estimate`: ticks, not rounded
 */
export class Makers {
  estimate: number;
  readonly #half: number;
  readonly #levels: number;
  readonly #lots: number;
  readonly #lagNs: number;
  readonly #flowTicksPerLot: number;
  /** The best and worst key quoted: of bids, then of asks. */
  readonly #quoted = new Float64Array([0, 1, 0, 1]);
  #lastNs: number;

  constructor(settings: MarketSettings["makers"], estimate: number, startNs: number) {
    this.estimate = estimate;
    this.#half = settings.halfSpreadTicks;
    this.#levels = settings.levels;
    this.#lots = settings.lots;
    this.#lagNs = settings.lagNs;
    this.#flowTicksPerLot = settings.flowTicksPerLot;
    this.#lastNs = startNs;
  }

  /** Quotes both sides anew, the side that gives way first. */
  quote(book: TradedBook, fundamental: number, nowNs: number): void {
    const gap = fundamental - this.estimate;
    this.estimate += gap * (1 - Math.exp((this.#lastNs - nowNs) / this.#lagNs));
    this.#lastNs = nowNs;
    const first: SideSign = gap > 0 ? -1 : 1;
    this.#side(book, first);
    this.#side(book, first > 0 ? -1 : 1);
  }

  /** Somebody of a side has taken lots: what that says of the price. */
  saw(side: SideSign, lots: number): void {
    this.estimate += side * lots * this.#flowTicksPerLot;
  }

  /** New levels are posted before old ones are pulled; a level is filled up once half of it is gone. */
  #side(book: TradedBook, side: SideSign): void {
    const top = Math.min(Math.floor(side * this.estimate - this.#half), book.limit(side));
    const bottom = top - this.#levels + 1;
    for (let key = top; key >= bottom; key--) {
      const missing = this.#lots - book.quotedAt(side, key);
      if (2 * missing >= this.#lots) book.post(side, key, missing, CAUSE.quote);
    }
    const at = side > 0 ? 0 : 2;
    const oldBottom = Math.max(this.#quoted[at + 1] as number, book.worst(side));
    for (let key = Math.min(this.#quoted[at] as number, book.best(side)); key >= oldBottom; key--) {
      if (key > top || key < bottom) book.pull(side, key);
    }
    this.#quoted[at] = top;
    this.#quoted[at + 1] = bottom;
  }
}
