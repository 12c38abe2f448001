import { checkInteger, checkKeys, checkNumber, checkPositive, checkText, Fault } from "../base/index.ts";
import { type Instrument, MAX_TICKS, NANOS_PER_SECOND, type Side } from "../model/index.ts";
import { optimalSpread, reservationPrice, type SignalState, VolatilityRate } from "../signal/index.ts";
import type { BookView, OrderTicket, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import { checkSaved, openOrder, SAVED_VERSION, savedInteger, savedOrder } from "./saved-state.ts";

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
  "maxSpread",
] as const;

const NAME = "avellanedaStoikovMaker";
const NO_QUOTE = Number.NaN;

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
  readonly #bid = new Quote("buy");
  readonly #ask = new Quote("sell");
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
    if (timer !== this.#timer || this.#book === undefined || this.#instrument === undefined) return;
    if (isSound(this.#book)) {
      this.#volatility.update(this.#book.midTicks * this.#instrument.tickSize, ctx.clock.ns);
    }
    this.#look(this.#book, ctx);
  }

  onBook(book: BookView, ctx: StrategyContext): void {
    if (book.instrument.key === this.#instrument?.key) this.#look(book, ctx);
  }

  /** Forgets a quote that is over: a bust does not bring it back. */
  onOrder(order: OrderView): void {
    this.#bid.settle(order.ticket);
    this.#ask.settle(order.ticket);
  }

  onStop(ctx: StrategyContext): void {
    this.#bid.withdraw(ctx);
    this.#ask.withdraw(ctx);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    const [bid, ask] = [this.#bid.save(), this.#ask.save()];
    const volatility = this.#volatility.save();
    const state = { volatility, hasQuoted: this.#hasQuoted, timer: this.#timer, bid, ask };
    return { version: SAVED_VERSION, state };
  }

  /** @throws `FAULT_INPUT` on a state of another version or of other options, or a quote that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved(NAME, saved, ["volatility", "hasQuoted", "timer", "bid", "ask"]);
    this.#volatility.load(state.volatility as SignalState);
    this.#hasQuoted = state.hasQuoted === true;
    this.#timer = savedInteger(`${NAME}.load.timer`, state.timer, -1);
    const instrument = this.#bind(ctx);
    const open = ctx.openOrders(instrument.key);
    this.#bid.load(state.bid, open);
    this.#ask.load(state.ask, open);
  }

  #bind(ctx: StrategyContext): Instrument {
    this.#instrument = ctx.instrument(this.#terms.instrument);
    this.#book = ctx.book(this.#instrument.key);
    return this.#instrument;
  }

  #look(book: BookView, ctx: StrategyContext): void {
    if (!this.#volatility.ready || !ctx.isWarm || !isSound(book)) {
      this.#bid.withdraw(ctx);
      this.#ask.withdraw(ctx);
      return;
    }
    const { gamma, k, orderLots, maxPositionLots, minSpreadTicks, toleranceTicks } = this.#terms;
    const instrument = this.#instrument as Instrument;
    const { tickSize, key } = instrument;
    const position = ctx.position(key).lots;
    const mid = book.midTicks * tickSize;
    const sigma = this.#volatility.value;
    const spread = Math.max(optimalSpread(gamma, sigma, k, this.#tau), minSpreadTicks * tickSize);
    if (!this.#isSane(spread, mid)) {
      this.#bid.withdraw(ctx);
      this.#ask.withdraw(ctx);
      return;
    }
    const centre = reservationPrice(mid, position / orderLots, gamma, sigma, this.#tau);
    let bid = NO_QUOTE;
    let ask = NO_QUOTE;
    if (position + orderLots <= maxPositionLots) {
      bid = Math.min(downTicks(instrument, centre - spread / 2), book.bestAsk - 1);
    }
    if (position - orderLots >= -maxPositionLots) {
      ask = Math.max(upTicks(instrument, centre + spread / 2), book.bestBid + 1);
    }
    this.#bid.keepAt(ctx, key, bid, orderLots, toleranceTicks);
    this.#ask.keepAt(ctx, key, ask, orderLots, toleranceTicks);
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

/** One side's quote: at most one open order, moved by cancel and new. */
class Quote {
  readonly #side: Side;
  #ticket: OrderTicket | undefined = undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  settle(ticket: OrderTicket): void {
    if (ticket === this.#ticket && !ticket.isOpen) this.#ticket = undefined;
  }

  save(): number | null {
    return savedOrder(this.#ticket);
  }

  load(id: unknown, open: readonly OrderTicket[]): void {
    const path = `${NAME}.load.${this.#side === "buy" ? "bid" : "ask"}`;
    const own = open.filter((ticket) => ticket.side === this.#side);
    this.#ticket = openOrder(path, id, own);
  }

  withdraw(ctx: StrategyContext): void {
    const ticket = this.#ticket;
    if (ticket?.isOpen === true && !ticket.isPending) ctx.cancel(ticket);
  }

  /** Leaves an order that is near enough, cancels one that is not, sends one where there is none. */
  keepAt(ctx: StrategyContext, key: string, priceTicks: number, lots: number, tolerance: number): void {
    const ticket = this.#ticket;
    if (ticket?.isOpen === true) {
      if (!(Math.abs(ticket.priceTicks - priceTicks) <= tolerance)) this.withdraw(ctx);
      return;
    }
    this.#ticket = undefined;
    if (!(Math.abs(priceTicks) <= MAX_TICKS)) return;
    const sent = ctx.submit({ instrument: key, side: this.#side, lots, priceTicks, postOnly: true });
    if (sent.ok) this.#ticket = sent;
  }
}

/** Both sides are there and apart, and nothing was wrong with the data of late. */
function isSound(book: BookView): boolean {
  return book.validity === "valid" && book.hasBid && book.hasAsk && book.bestBid < book.bestAsk;
}

function downTicks(instrument: Instrument, price: number): number {
  return Math.abs(price) < MAX_TICKS * instrument.tickSize ? instrument.priceDown(price) : NO_QUOTE;
}

function upTicks(instrument: Instrument, price: number): number {
  return Math.abs(price) < MAX_TICKS * instrument.tickSize ? instrument.priceUp(price) : NO_QUOTE;
}

function checkTerms(options: AvellanedaStoikovMakerOptions): Required<AvellanedaStoikovMakerOptions> {
  checkKeys(NAME, options, KEYS);
  const orderLots = checkInteger(`${NAME}.orderLots`, options.orderLots, 1);
  return {
    instrument: checkText(`${NAME}.instrument`, options.instrument),
    gamma: checkPositive(`${NAME}.gamma`, options.gamma),
    k: checkPositive(`${NAME}.k`, options.k),
    horizonNs: checkInteger(`${NAME}.horizonNs`, options.horizonNs ?? 60 * NANOS_PER_SECOND, 1),
    orderLots,
    maxPositionLots: checkInteger(`${NAME}.maxPositionLots`, options.maxPositionLots, orderLots),
    sampleNs: checkInteger(`${NAME}.sampleNs`, options.sampleNs ?? NANOS_PER_SECOND, 1),
    halfLifeNs: checkInteger(`${NAME}.halfLifeNs`, options.halfLifeNs ?? 60 * NANOS_PER_SECOND, 1),
    samples: checkInteger(`${NAME}.samples`, options.samples ?? 60, 1),
    toleranceTicks: checkInteger(`${NAME}.toleranceTicks`, options.toleranceTicks ?? 1, 0),
    minSpreadTicks: checkInteger(`${NAME}.minSpreadTicks`, options.minSpreadTicks ?? 1, 1),
    maxSpread: checkNumber(`${NAME}.maxSpread`, options.maxSpread ?? 0.05, 1e-9, 1),
  };
}
