import { NO_ASK, NO_BID } from "../book/index.ts";
import { DepthBlock, KIND_MASK, LAST, ROW } from "../model/index.ts";
import { SimExchange } from "../sim/index.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import type { MarketRows } from "./market-rows.ts";
import { type PublicTrade, PublicTrades } from "./public-trades.ts";
import type { TradingDesk } from "./trading-desk.ts";
import { parseUnits, type Units } from "./units.ts";

/** Who hears a market. */
export interface MarketListener {
  /** A level holds another quantity: `side` +1 is a bid. @units ticks */
  level(side: number, tick: number): void;
  trade(trade: PublicTrade): void;
  /** A message of the feed is done: best prices may have changed. */
  settled(): void;
}

/** A driver's hands on one symbol's market. */
export interface DrivenMarket {
  /** Rises by one with each level that changes. */
  readonly updateId: number;
  /** Sets a level of the book; quantity 0 removes it. @throws `FAULT_INPUT` off the grid */
  setLevel(side: "bid" | "ask", price: string, quantity: string): void;
  /** Replaces the book. */
  setBook(bids: readonly TextLevel[], asks: readonly TextLevel[]): void;
  /** A stranger takes: `side` is the taker's. */
  trade(side: "buy" | "sell", price: string, quantity: string): void;
}

/** Levels of a book as decimal text: price, quantity. */
export type TextLevel = readonly [price: string, quantity: string];

/**
 * The market of one symbol: rows of its source reach the venue's book when they are due, and become the public feed.
 * A driver may give rows too.
 *
 * @invariant `updateId` rises by one with each level that changes; the REST snapshot and the diff streams count by it.
 */
export class SymbolMarket implements DrivenMarket {
  readonly symbol: ExchangeSymbol;
  readonly venue: SimExchange;
  readonly trades: PublicTrades;
  updateId = 0;
  desk: TradingDesk | undefined;
  listener: MarketListener | undefined;
  readonly #time: ExchangeTime;
  readonly #rows: MarketRows | undefined;
  readonly #speed: number;
  readonly #startNs: number;
  readonly #driven: DepthBlock = new DepthBlock(1);
  /** Book lots of the row at hand that went to clients. */
  #toClients = 0;
  #rowTicks = 0;

  constructor(
    symbol: ExchangeSymbol,
    time: ExchangeTime,
    options: {
      rows: MarketRows | undefined;
      speed: number;
      tradesKept: number;
      capacity: number;
      headStartNs: number;
    },
  ) {
    this.symbol = symbol;
    this.#time = time;
    this.#rows = options.rows;
    this.#speed = options.speed;
    this.#startNs = -options.headStartNs;
    this.trades = new PublicTrades(options.tradesKept);
    this.venue = new SimExchange({
      instrument: symbol.instrument,
      capacity: options.capacity,
      fills: "partial",
      baseNs: time.baseNs,
    });
  }

  /** When the next row is due; Infinity when there is none. @units ns from the exchange's base */
  get dueNs(): number {
    return this.#rows === undefined
      ? Number.POSITIVE_INFINITY
      : this.#startNs + this.#rows.dueNs / this.#speed;
  }

  /** Lives the next row; the exchange's time stands at it. */
  step(): void {
    const rows = this.#rows;
    if (rows === undefined) return;
    this.#row(rows.block, rows.at);
    rows.advance();
  }

  // --- a driver's rows ---

  /** Sets a level of the book; quantity 0 removes it. */
  setLevel(side: "bid" | "ask", price: string, quantity: string): void {
    this.#drive(side === "bid" ? ROW.bid : ROW.ask, price, quantity);
  }

  /** Replaces the book. */
  setBook(bids: readonly TextLevel[], asks: readonly TextLevel[]): void {
    this.#driveRow(ROW.clear, 0, 0);
    for (const [price, quantity] of bids) this.#drive(ROW.bid, price, quantity, 0);
    for (const [price, quantity] of asks) this.#drive(ROW.ask, price, quantity, 0);
    this.#settle();
  }

  /** A stranger takes: `side` is the taker's. */
  trade(side: "buy" | "sell", price: string, quantity: string): void {
    this.#drive(side === "buy" ? ROW.buy : ROW.sell, price, quantity);
  }

  #drive(kind: number, price: string, quantity: string, last: number = LAST): void {
    const { instrument } = this.symbol;
    const lots = instrument.parseBookQuantity(quantity);
    const isZero = parseUnits(quantity) === 0n;
    if (!isZero && !lots.ok) instrument.quantity(quantity);
    this.#driveRow(kind | last, instrument.price(price), lots.ok ? lots.value : 0);
  }

  #driveRow(kind: number, tick: number, lots: number): void {
    const block = this.#driven;
    block.kind[0] = kind;
    block.tick[0] = tick;
    block.lots[0] = lots;
    this.#row(block, 0);
  }

  // --- rows ---

  #row(block: DepthBlock, i: number): void {
    const { venue } = this;
    const kind = block.kind[i] as number;
    const word = kind & KIND_MASK;
    const tick = block.tick[i] as number;
    venue.nowNs[0] = this.#time.nowNs;
    if (word === ROW.bid || word === ROW.ask) this.#level(block, i, word, tick);
    else if (word === ROW.buy || word === ROW.sell || word === ROW.trade) this.#trade(block, i, word, tick);
    else if (word === ROW.clear) this.#clear(block, i);
    if ((kind & LAST) !== 0) this.#settle();
  }

  #level(block: DepthBlock, i: number, word: number, tick: number): void {
    const { book } = this.venue;
    const side = word === ROW.bid ? 1 : -1;
    const before = side > 0 ? book.bidLots(tick) : book.askLots(tick);
    this.venue.row(block, i);
    this.desk?.settle();
    if (before === block.lots[i]) return;
    this.updateId += 1;
    this.listener?.level(side, tick);
  }

  #trade(block: DepthBlock, i: number, word: number, tick: number): void {
    this.#toClients = 0;
    this.#rowTicks = tick;
    this.venue.row(block, i);
    this.desk?.settle();
    this.#rowTicks = 0;
    const rest = (block.lots[i] as number) - this.#toClients;
    if (rest > 0) this.publish(tick, rest, word === ROW.sell);
  }

  #clear(block: DepthBlock, i: number): void {
    const { book } = this.venue;
    const gone: [number, number][] = [];
    for (let tick = book.bestBid; tick !== NO_BID; tick = book.nextBid(tick)) gone.push([1, tick]);
    for (let tick = book.bestAsk; tick !== NO_ASK; tick = book.nextAsk(tick)) gone.push([-1, tick]);
    this.venue.row(block, i);
    for (const [side, tick] of gone) {
      this.updateId += 1;
      this.listener?.level(side, tick);
    }
  }

  #settle(): void {
    this.desk?.settle();
    this.desk?.trigger();
    this.listener?.settled();
  }

  /** A trade becomes public; `lots` are book lots. */
  publish(ticks: number, lots: number, buyerIsMaker: boolean): number {
    const trade = this.trades.add(ticks, lots, this.#time.wireMs, buyerIsMaker);
    this.trades.aggregate(trade);
    this.listener?.trade(trade);
    return trade.id;
  }

  /** A client's execution becomes public; what of a stranger's trade went to it is not published twice. */
  publishFill(ticks: number, lots: number, buyerIsMaker: boolean): number {
    const bookLots = lots * this.symbol.instrument.bookLotsPerLot;
    if (ticks === this.#rowTicks) this.#toClients += bookLots;
    return this.publish(ticks, bookLots, buyerIsMaker);
  }

  /** What a level holds now. @units 1e-8 of the base asset */
  levelUnits(side: number, tick: number): Units {
    const { book } = this.venue;
    return BigInt(side > 0 ? book.bidLots(tick) : book.askLots(tick)) * this.symbol.bookLotUnits;
  }

  /** The best `depth` levels of a side, best first. */
  levels(side: number, depth: number): number[] {
    const { book } = this.venue;
    const end = side > 0 ? NO_BID : NO_ASK;
    const ticks: number[] = [];
    for (let tick = side > 0 ? book.bestBid : book.bestAsk; tick !== end && ticks.length < depth; ) {
      ticks.push(tick);
      tick = side > 0 ? book.nextBid(tick) : book.nextAsk(tick);
    }
    return ticks;
  }
}
