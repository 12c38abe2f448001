import {
  MATCH_EVENT,
  MATCH_REASON,
  type MatchEvents,
  MatchingBook,
  type MatchOrder,
} from "../match/index.ts";
import { type DepthBlock, ROW, type SideSign } from "../model/index.ts";
import { Background } from "./background.ts";
import { type ExchangeSymbol, MATCHING_TICKS_MAX } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import { SymbolMarket, type SymbolMarketOptions } from "./symbol-market.ts";
import type { Units } from "./units.ts";

/**
 * Who hears what becomes of clients' orders in a matching book. The book takes no command while it is told.
 *
 * @units ticks, lots
 */
export interface MatchHearer {
  accepted(id: number): void;
  /** An order executed; its trade is public as `tradeId`. */
  traded(id: number, tradeId: number, ticks: number, lots: number, isMaker: boolean): void;
  /** A trade's price is known, after those who traded were told. */
  priceTraded(ticks: number): void;
  /** An order met one of its own account: it has so much left. `takerId` is the one that came. */
  prevented(id: number, takerId: number, leaves: number): void;
  /** An order ended with something left. */
  ended(id: number, wasAsked: boolean): void;
  /** An iceberg shows its next part. */
  refreshed(id: number): void;
}

/** Orders of the market's own that a book has room for, beside the clients'. */
const BACKGROUND_MAX = 262_144;
const ACCOUNTS_MAX = 65_536;

/**
 * A market where everybody's orders stand in one book: clients', and those of the source as a {@link Background}. What
 * is published is what stands there.
 *
 * @units lots of the symbol: what a source says beyond whole lots is left out
 * @invariant The published levels are the book's shown ones after each command; each public trade is one of the book's.
 */
export class MatchingMarket extends SymbolMarket {
  readonly book: MatchingBook;
  hearer: MatchHearer | undefined;
  readonly #background: Background;
  readonly #lotsPerLot: number;
  readonly #publishedBids: Map<number, number> = new Map();
  readonly #publishedAsks: Map<number, number> = new Map();
  /** Levels that were there when the source began to tell its book anew, and that it has not told again. */
  readonly #staleBids: Set<number> = new Set();
  readonly #staleAsks: Set<number> = new Set();

  constructor(symbol: ExchangeSymbol, time: ExchangeTime, options: SymbolMarketOptions) {
    super(symbol, time, options);
    this.#lotsPerLot = symbol.instrument.bookLotsPerLot;
    this.book = new MatchingBook({
      ...{ lowestTicks: 1, highestTicks: MATCHING_TICKS_MAX, ownersMax: ACCOUNTS_MAX },
      ordersMax: options.capacity + BACKGROUND_MAX,
    });
    this.#background = new Background(this.book, (id, buys) => this.#heard(id, buys));
  }

  get bestBid(): number {
    return this.book.bestBid;
  }

  get bestAsk(): number {
    return this.book.bestAsk;
  }

  levelUnits(side: number, tick: number): Units {
    return this.symbol.quantity(this.book.shownLots(side > 0 ? "buy" : "sell", tick));
  }

  levels(side: number, depth: number): number[] {
    const { bids, asks } = this.book.depth(depth);
    return (side > 0 ? bids : asks).map(({ priceTicks }) => priceTicks);
  }

  /** What the market's own orders have at a price. @units ticks, lots */
  backgroundLots(side: number, tick: number): number {
    return this.#background.lots(side, tick);
  }

  // --- the source ---

  protected override level(block: DepthBlock, i: number, word: number, tick: number): void {
    const side = word === ROW.bid ? 1 : -1;
    this.#staleOf(side).delete(tick);
    this.#background.set(side, tick, this.#wholeLots(block, i));
  }

  /** A stranger takes what the book has up to the price; between the best prices two of them meet. */
  protected override strangersTrade(block: DepthBlock, i: number, word: number, tick: number): void {
    const lots = this.#wholeLots(block, i);
    if (lots === 0) return;
    const side: SideSign = word === ROW.sell || (word === ROW.trade && tick <= this.bestBid) ? -1 : 1;
    const rest = this.#background.take(side, tick, lots);
    if (rest > 0 && this.bestBid < tick && tick < this.bestAsk) this.#background.meet(side, tick, rest);
  }

  /** The source tells its book anew: what it does not tell again goes when its message is done. */
  protected override clear(): void {
    for (const side of [1, -1]) {
      for (const tick of this.#background.ticks(side)) this.#staleOf(side).add(tick);
    }
  }

  protected override finish(): void {
    for (const side of [1, -1] as const) {
      const stale = this.#staleOf(side);
      if (stale.size === 0) continue;
      const gone = [...stale];
      stale.clear();
      for (const tick of gone) this.#background.set(side, tick, 0);
    }
  }

  #staleOf(side: number): Set<number> {
    return side > 0 ? this.#staleBids : this.#staleAsks;
  }

  #wholeLots(block: DepthBlock, i: number): number {
    const lots = Math.floor((block.lots[i] as number) / this.#lotsPerLot);
    return Math.min(lots, this.book.settings.lotsMax);
  }

  // --- clients ---

  /** A client's order enters; the code of what refused it, which changed nothing. */
  submit(order: MatchOrder & { readonly id: number }): string | undefined {
    const refused = this.book.submit(order);
    if (refused === undefined) this.#heard(order.id, order.side === "buy");
    return refused?.code;
  }

  /** A client's order ends. */
  cancel(id: number): void {
    if (this.book.cancel(id) === undefined) this.#heard(id, true);
  }

  /** A client's order gets a smaller whole quantity, and keeps its place. @units lots */
  shrink(id: number, lots: number): void {
    if (this.book.replace(id, { lots }) === undefined) this.#heard(id, true);
  }

  // --- what happened ---

  #heard(takerId: number, takerBuys: boolean): void {
    const { events } = this.book;
    for (let i = 0; i < events.count; i++) this.#event(events, i, takerId, takerBuys);
    for (let i = 0; i < events.count; i++) {
      this.#publishLevel(1, events.tick[i] as number);
      this.#publishLevel(-1, events.tick[i] as number);
    }
  }

  #event(events: MatchEvents, i: number, takerId: number, takerBuys: boolean): void {
    const id = events.idAt(i) as number;
    const tick = events.tick[i] as number;
    const leaves = events.leaves[i] as number;
    const kind = events.kind[i];
    if (kind === MATCH_EVENT.traded) this.#traded(events, i, takerBuys);
    else if (id < 0) {
      if (kind === MATCH_EVENT.canceled || kind === MATCH_EVENT.expired) this.#background.left(id, 0);
    } else if (kind === MATCH_EVENT.accepted) {
      this.#background.cameBehind(takerBuys ? 1 : -1, tick);
      this.hearer?.accepted(id);
    } else if (kind === MATCH_EVENT.refreshed) {
      this.#background.cameBehind(1, tick);
      this.#background.cameBehind(-1, tick);
      this.hearer?.refreshed(id);
    } else if (kind === MATCH_EVENT.restated || events.reason[i] === MATCH_REASON.selfMatch) {
      this.hearer?.prevented(id, takerId, kind === MATCH_EVENT.restated ? leaves : 0);
    } else if (kind === MATCH_EVENT.canceled || kind === MATCH_EVENT.expired) {
      this.hearer?.ended(id, events.reason[i] === MATCH_REASON.asked);
    }
  }

  #traded(events: MatchEvents, i: number, takerBuys: boolean): void {
    const [taker, maker] = [events.idAt(i) as number, events.otherIdAt(i) as number];
    const tick = events.tick[i] as number;
    const lots = events.lots[i] as number;
    const tradeId = this.publish(tick, lots * this.#lotsPerLot, !takerBuys);
    if (maker < 0) this.#background.left(maker, events.otherLeaves[i] as number);
    else this.hearer?.traded(maker, tradeId, tick, lots, true);
    if (taker < 0) this.#background.left(taker, events.leaves[i] as number);
    else this.hearer?.traded(taker, tradeId, tick, lots, false);
    this.hearer?.priceTraded(tick);
  }

  #publishLevel(side: number, tick: number): void {
    const published = side > 0 ? this.#publishedBids : this.#publishedAsks;
    const lots = this.book.shownLots(side > 0 ? "buy" : "sell", tick);
    if (lots === (published.get(tick) ?? 0)) return;
    if (lots === 0) published.delete(tick);
    else published.set(tick, lots);
    this.tellLevel(side, tick);
  }
}
