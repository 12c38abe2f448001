import { PairQuoter, type PairReference } from "../algo/index.ts";
import { checkInteger, checkKeys, checkNumber, checkPositive, checkText, Fault } from "../base/index.ts";
import { type Instrument, MAX_TICKS, NANOS_PER_SECOND } from "../model/index.ts";
import { optimalSpread, reservationPrice, type SignalState, VolatilityRate } from "../signal/index.ts";
import type { BookView, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import { checkPart, checkSaved, savedInteger } from "./saved-state.ts";

/** What an {@link AvellanedaStoikovMaker} is made from. */
export interface AvellanedaStoikovMakerOptions {
  /** Key or symbol of the instrument it quotes. */
  readonly instrument: string;
  /** Risk aversion, per order of inventory and per unit of price; above 0. */
  readonly gamma: number;
  /** How fast fills fade with distance, per unit of price; above 0. */
  readonly k: number;
  /** The horizon it looks ahead, always the same; 60 s unless given. */
  readonly horizonNs?: number;
  /** Lots of each quote. */
  readonly orderLots: number;
  /** The largest position in lots; the side that could pass it is dropped. */
  readonly maxPositionLots: number;
  /** How often the mid is sampled for the volatility, in ns; 1 s unless given. */
  readonly sampleNs?: number;
  /** After how long a move weighs half in the volatility, in ns; 60 s unless given. */
  readonly halfLifeNs?: number;
  /** Samples before the first quote; 60 unless given. */
  readonly samples?: number;
  /** A quote within this many ticks of where it should be stays; 1 unless given. */
  readonly toleranceTicks?: number;
  /** The least distance between the quotes; 1 unless given. */
  readonly minSpreadTicks?: number;
  /**
   * Without word of the market for so long both quotes are withdrawn, in ns; they stay however long it
   * is silent unless given.
   */
  readonly staleNs?: number;
  /** After a refusal or a rejection, and between requests to cancel one quote, in ns; 0.5 s unless given. */
  readonly retryNs?: number;
  /** Above this share of the mid no quotes are sent; at the first quote it is a fault. 0.05 unless given. */
  readonly maxSpread?: number;
}

const KEYS = [
  "instrument",
  "gamma",
  "k",
  "horizonNs",
  "orderLots",
  "maxPositionLots",
  "sampleNs",
  "halfLifeNs",
  "samples",
  "toleranceTicks",
  "minSpreadTicks",
  "staleNs",
  "retryNs",
  "maxSpread",
] as const;

const NAME = "avellanedaStoikovMaker";

/** Of its saved state: 2 held the ids of two quotes, and no pair. */
const MAKER_VERSION = 3;

/**
 * Quotes one post-only order a side around Avellaneda and Stoikov's reservation price, over a horizon that
 * moves along. Volatility is measured from mids sampled on a timer; quotes are looked at with every book
 * and stay where they are while they are near enough. On data that is not valid there are none, and no mid is sampled.
 *
 * @units Volatility is in units of the price per sqrt(second), `k` per unit of price, inventory in orders
 * (`position / orderLots`); never returns. A spread above `maxSpread` of the mid at the first quote is
 * taken for a mistake of units.
 * @invariant The bid is rounded down and the ask up, and neither reaches the other side of the book. With
 * both quotes filled the position stays within `maxPositionLots`. At most one order a side is open.
 * @throws `FAULT_CONFIG` naming the option; from `onBook` where the first spread shows that units are mixed
 * up.
 * @source Avellaneda and Stoikov, High-frequency Trading in a Limit Order Book, 2008
 * @example
 * ```ts
 * import { AvellanedaStoikovMaker } from "tickwright/strategies";
 * const maker = new AvellanedaStoikovMaker({
 *   instrument: "BTCUSDT",
 *   gamma: 0.1,
 *   k: 1.5,
 *   orderLots: 1,
 *   maxPositionLots: 5,
 * });
 * maker.params.toleranceTicks; // => 1
 * ```
 */
export class AvellanedaStoikovMaker implements Strategy {
  readonly name = "avellaneda-stoikov-maker";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #terms: Required<AvellanedaStoikovMakerOptions>;
  readonly #tau: number;
  readonly #volatility: VolatilityRate;
  readonly #pair: PairQuoter;
  #instrument: Instrument | undefined = undefined;
  #book: BookView | undefined = undefined;
  #timer = -1;
  #hasQuoted = false;

  constructor(options: AvellanedaStoikovMakerOptions) {
    this.#terms = checkTerms(options);
    this.params = { ...this.#terms };
    this.#tau = this.#terms.horizonNs / NANOS_PER_SECOND;
    const { halfLifeNs, samples } = this.#terms;
    this.#volatility = new VolatilityRate({ halfLifeNs, of: "price", warmup: samples });
    const { instrument, orderLots: lots, maxPositionLots, minSpreadTicks: spreadTicks } = this.#terms;
    const { staleNs, retryNs, toleranceTicks } = this.#terms;
    this.#pair = new PairQuoter({
      ...{ instrument, lots, maxPositionLots, spreadTicks, staleNs, retryNs, tag: "" },
      ...{ maxSpreadTicks: 2 * MAX_TICKS, requoteTicks: toleranceTicks + 1 },
    });
  }

  /** The measured volatility in units of the price per sqrt(second); NaN until there are enough samples. */
  get volatility(): number {
    return this.#volatility.value;
  }

  onStart(ctx: StrategyContext): void {
    this.#bind(ctx);
    this.#timer = ctx.clock.every(this.#terms.sampleNs);
  }

  /** Samples the mid, and looks at the quotes where no book came for a while. */
  onTimer(timer: number, ctx: StrategyContext): void {
    if (this.#pair.onTimer(timer, ctx)) return;
    if (timer !== this.#timer || this.#book === undefined || this.#instrument === undefined) return;
    if (isSound(this.#book)) {
      this.#volatility.update(this.#book.midTicks * this.#instrument.tickSize, ctx.clock.ns);
    }
    this.#look(this.#book, false, ctx);
  }

  onBook(book: BookView, ctx: StrategyContext): void {
    if (book.instrument.key === this.#instrument?.key) this.#look(book, true, ctx);
  }

  /** Forgets a quote that is over: a bust does not bring it back. What is wanted is looked at with the next book. */
  onOrder(order: OrderView, ctx: StrategyContext): void {
    this.#pair.settle(order, ctx);
  }

  onStop(ctx: StrategyContext): void {
    if (this.#book !== undefined) this.#pair.pull(ctx);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    const volatility = this.#volatility.save();
    const state = { volatility, hasQuoted: this.#hasQuoted, timer: this.#timer, pair: this.#pair.onSave() };
    return { version: MAKER_VERSION, state };
  }

  /** @throws `FAULT_INPUT` on a state of another version or of other options, or a quote that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved(NAME, saved, ["volatility", "hasQuoted", "timer", "pair"], MAKER_VERSION);
    this.#volatility.load(state.volatility as SignalState);
    this.#hasQuoted = state.hasQuoted === true;
    this.#timer = savedInteger(`${NAME}.load.timer`, state.timer, -1);
    this.#bind(ctx);
    this.#pair.onLoad(checkPart(`${NAME}.load.pair`, state.pair), ctx);
  }

  #bind(ctx: StrategyContext): Instrument {
    this.#instrument = ctx.instrument(this.#terms.instrument);
    this.#book = ctx.book(this.#instrument.key);
    return this.#instrument;
  }

  #look(book: BookView, isWord: boolean, ctx: StrategyContext): void {
    const isReady = this.#volatility.ready && ctx.isWarm && isSound(book);
    this.#pair.follow(isReady ? this.#reference(book, ctx) : undefined, isWord, ctx);
  }

  /** Where the pair goes; undefined where a spread is out of all proportion. */
  #reference(book: BookView, ctx: StrategyContext): PairReference | undefined {
    const { gamma, k, orderLots, minSpreadTicks } = this.#terms;
    const { tickSize, key } = this.#instrument as Instrument;
    const position = ctx.position(key).lots;
    const mid = book.midTicks * tickSize;
    const sigma = this.#volatility.value;
    const spread = Math.max(optimalSpread(gamma, sigma, k, this.#tau), minSpreadTicks * tickSize);
    if (!this.#isSane(spread, mid)) return undefined;
    const centre = reservationPrice(mid, position / orderLots, gamma, sigma, this.#tau);
    return { referenceTicks: centre / tickSize, spreadTicks: spread / tickSize };
  }

  /** Whether a spread is one to quote; the first one that is not shows mixed units. */
  #isSane(spread: number, mid: number): boolean {
    if (spread <= this.#terms.maxSpread * Math.abs(mid)) {
      this.#hasQuoted = true;
      return true;
    }
    if (this.#hasQuoted) return false;
    const { gamma, k, maxSpread } = this.#terms;
    throw new Fault("FAULT_CONFIG", {
      path: `${NAME}.gamma`,
      value: { gamma, k, volatility: this.#volatility.value, mid, spread },
      expected: `gamma and k per unit of price, for a spread within ${maxSpread} of the mid`,
    });
  }
}

/** Both sides are there and apart, and nothing was wrong with the data of late. */
function isSound(book: BookView): boolean {
  return book.validity === "valid" && book.hasBid && book.hasAsk && book.bestBid < book.bestAsk;
}

function checkTerms(options: AvellanedaStoikovMakerOptions): Required<AvellanedaStoikovMakerOptions> {
  checkKeys(NAME, options, KEYS);
  const horizonNs = checkInteger(`${NAME}.horizonNs`, options.horizonNs ?? 60 * NANOS_PER_SECOND, 1);
  const orderLots = checkInteger(`${NAME}.orderLots`, options.orderLots, 1);
  return {
    instrument: checkText(`${NAME}.instrument`, options.instrument),
    gamma: checkPositive(`${NAME}.gamma`, options.gamma),
    k: checkPositive(`${NAME}.k`, options.k),
    horizonNs,
    orderLots,
    maxPositionLots: checkInteger(`${NAME}.maxPositionLots`, options.maxPositionLots, orderLots),
    sampleNs: checkInteger(`${NAME}.sampleNs`, options.sampleNs ?? NANOS_PER_SECOND, 1),
    halfLifeNs: checkInteger(`${NAME}.halfLifeNs`, options.halfLifeNs ?? 60 * NANOS_PER_SECOND, 1),
    samples: checkInteger(`${NAME}.samples`, options.samples ?? 60, 1),
    toleranceTicks: checkInteger(`${NAME}.toleranceTicks`, options.toleranceTicks ?? 1, 0),
    minSpreadTicks: checkInteger(`${NAME}.minSpreadTicks`, options.minSpreadTicks ?? 1, 1),
    staleNs: checkInteger(`${NAME}.staleNs`, options.staleNs ?? Number.MAX_SAFE_INTEGER, 1),
    retryNs: checkInteger(`${NAME}.retryNs`, options.retryNs ?? NANOS_PER_SECOND / 2, 1),
    maxSpread: checkNumber(`${NAME}.maxSpread`, options.maxSpread ?? 0.05, 1e-9, 1),
  };
}
