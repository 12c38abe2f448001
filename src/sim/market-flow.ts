import type { Prng } from "../base/index.ts";
import { NANOS_PER_SECOND, type SideSign } from "../model/index.ts";
import { CAUSE } from "./market-generator-book.ts";
import { Excitement, Fundamental, Makers } from "./market-generator-latent.ts";
import type { MarketSettings } from "./market-generator-options.ts";
import type { TradedBook } from "./traded-book.ts";

/**
 * What the traders of a simulated market do and when: ordinary orders and their cancels, noise, self-exciting and
 * informed trades, makers. They see the book as it is.
 *
 * @units `nextNs`: ns, with fractions
 * @invariant One seed and one book's answers, one sequence of events.
 * @source as `DepthMarket`
 */
export class MarketFlow {
  /** When the next event is. */
  readonly nextNs: Float64Array;
  readonly fundamental: Fundamental;
  readonly makers: Makers;
  readonly #settings: MarketSettings;
  readonly #book: TradedBook;
  readonly #rng: Prng;
  readonly #excitement: Excitement;
  /** How long after the one before it the next event is, in seconds. */
  readonly #waits: Float64Array = new Float64Array(1);

  constructor(settings: MarketSettings, book: TradedBook, rng: Prng, fromNs: number) {
    this.#settings = settings;
    this.#book = book;
    this.#rng = rng.fork("flow");
    this.fundamental = new Fundamental(settings, rng.fork("fundamental"), fromNs);
    this.makers = new Makers(settings.makers, settings.priceTicks, fromNs);
    this.#excitement = new Excitement(settings.excited);
    this.nextNs = new Float64Array([fromNs]);
  }

  /** Places what an empty book would hold in the long run, without trades and makers. */
  begin(): void {
    const { orders, priceTicks } = this.#settings;
    const perTick = ((orders.ratePerSecond / 2) * (1 - Math.exp(-orders.decayPerTick))) / orders.within;
    for (const side of [1, -1] as const) {
      for (let d = 1; d <= orders.levels; d++) {
        const mean =
          (perTick * Math.exp(-orders.decayPerTick * (d - 1)) * orders.lots) / orders.cancelPerSecond;
        const lots = Math.round(mean * 2 * this.#rng.float());
        const key = side * priceTicks - d;
        if (d === 1) this.#book.place(side, key, Math.max(1, lots), true);
        else if (lots > 0) this.#book.place(side, key, lots, false);
      }
    }
  }

  /** Draws the time of the next event. */
  draw(): void {
    const seconds = -Math.log(1 - this.#rng.float()) / this.#rate;
    this.nextNs[0] = (this.nextNs[0] as number) + seconds * NANOS_PER_SECOND;
    this.#waits[0] = seconds;
  }

  /** Does what is next, and draws when the one after it is. */
  event(): void {
    const { orders, noise, informed, makers } = this.#settings;
    const book = this.#book;
    book.nowNs = Math.floor(this.nextNs[0] as number);
    const at = this.#rng.float() * this.#rate;
    this.#excitement.pass(this.#waits[0] as number);
    const cancels = ((book.restLots(1) + book.restLots(-1)) / orders.lots) * orders.cancelPerSecond;
    const quotesFrom = orders.ratePerSecond + cancels;
    const looksFrom = quotesFrom + makers.ratePerSecond;
    const noiseFrom = looksFrom + informed.ratePerSecond;
    const excitedFrom = noiseFrom + noise.ratePerSecond;
    if (at < orders.ratePerSecond) this.#order();
    else if (at < quotesFrom) this.#cancel((at - orders.ratePerSecond) / cancels);
    else if (at < looksFrom) this.#requote();
    else if (at < noiseFrom) this.#look();
    else if (at < excitedFrom) this.#trade(2 * (at - noiseFrom) < noise.ratePerSecond ? 1 : -1, CAUSE.noise);
    else this.#excite(at - excitedFrom);
    this.draw();
  }

  /**
   * The rate of all that may happen next: an upper bound, which only the self-exciting trades may fall
   * below.
   */
  get #rate(): number {
    const { orders, noise, informed, makers } = this.#settings;
    const book = this.#book;
    const cancels = ((book.restLots(1) + book.restLots(-1)) / orders.lots) * orders.cancelPerSecond;
    const steady = orders.ratePerSecond + noise.ratePerSecond + informed.ratePerSecond + makers.ratePerSecond;
    return steady + cancels + this.#excitement.rate;
  }

  /** A limit order of a random side arrives some ticks from the other side's best. */
  #order(): void {
    const { decayPerTick, within, drawMean } = this.#settings.orders;
    const side = this.#rng.uint32() < 0x8000_0000 ? 1 : -1;
    const distance = Math.floor(-Math.log(1 - within * this.#rng.float()) / decayPerTick);
    this.#book.post(side, this.#book.limit(side) - distance, this.#size(drawMean), CAUSE.order);
  }

  /** A part of what rests is cancelled, each lot as likely as any other. */
  #cancel(share: number): void {
    const book = this.#book;
    const bids = book.restLots(1);
    const at = share * (bids + book.restLots(-1));
    const side: SideSign = at < bids ? 1 : -1;
    const within = at < bids ? at : at - bids;
    book.cancel(side, book.restLevel(side, within), this.#size(this.#settings.orders.drawMean));
  }

  #requote(): void {
    this.fundamental.advance(this.#book.nowNs);
    this.makers.quote(this.#book, this.fundamental.ticks, this.#book.nowNs);
  }

  /** An informed trader looks, and takes what gains more than the cost. */
  #look(): void {
    const { costTicks, drawMean } = this.#settings.informed;
    const book = this.#book;
    this.fundamental.advance(book.nowNs);
    const { ticks } = this.fundamental;
    if (ticks - costTicks > -book.best(-1)) {
      this.#take(1, this.#size(drawMean), costTicks - ticks, CAUSE.informed);
    } else if (ticks + costTicks < book.best(1)) {
      this.#take(-1, this.#size(drawMean), ticks + costTicks, CAUSE.informed);
    }
  }

  /**
   * A point under the bound of the intensity is a trade where it lies under the intensity itself
   * (thinning).
   */
  #excite(at: number): void {
    if (at >= this.#excitement.rate) return;
    const side = at < this.#excitement.buyRate ? 1 : -1;
    this.#trade(side, CAUSE.excited);
    this.#excitement.excite(side);
  }

  #trade(side: SideSign, cause: number): void {
    const { drawMean, reachTicks } = this.#settings.noise;
    const best = this.#book.best(side > 0 ? -1 : 1);
    this.#take(side, this.#size(drawMean), best - reachTicks, cause);
  }

  #take(side: SideSign, lots: number, reachKey: number, cause: number): void {
    const traded = this.#book.take(side, lots, reachKey, cause);
    if (traded > 0) this.makers.saw(side, traded);
  }

  /** A size, at least 1: geometric, from an exponential draw. @units order lots */
  #size(drawMean: number): number {
    return 1 + Math.floor(-Math.log(1 - this.#rng.float()) * drawMean);
  }
}
