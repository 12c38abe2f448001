import { DepthBlock, KIND_MASK, LAST, ROW } from "../model/index.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import type { MarketRows } from "./market-rows.ts";
import { type PublicTrade, PublicTrades } from "./public-trades.ts";
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

/** What a market is made from. */
export interface SymbolMarketOptions {
  readonly rows: MarketRows | undefined;
  readonly speed: number;
  readonly tradesKept: number;
  /** Orders of clients that may be open at one time. */
  readonly capacity: number;
  readonly headStartNs: number;
}

/** Where clients' orders stand, as far as a market needs it. */
export interface MarketDesk {
  /** Takes in what rows of the market did to clients' orders. */
  settle(): void;
  /** Sends the orders whose price was reached. */
  trigger(): void;
}

/**
 * The market of one symbol: rows of its source reach the book when they are due, and become the public feed. A driver
 * may give rows too. Which book, and who meets whom in it, is told by the classes on it.
 *
 * @invariant `updateId` rises by one with each level that changes; the REST snapshot and the diff streams count by it.
 */
export abstract class SymbolMarket implements DrivenMarket {
  readonly symbol: ExchangeSymbol;
  readonly trades: PublicTrades;
  updateId = 0;
  desk: MarketDesk | undefined;
  listener: MarketListener | undefined;
  protected readonly time: ExchangeTime;
  readonly #rows: MarketRows | undefined;
  readonly #speed: number;
  readonly #startNs: number;
  readonly #driven: DepthBlock = new DepthBlock(1);

  constructor(symbol: ExchangeSymbol, time: ExchangeTime, options: SymbolMarketOptions) {
    this.symbol = symbol;
    this.time = time;
    this.#rows = options.rows;
    this.#speed = options.speed;
    this.#startNs = -options.headStartNs;
    this.trades = new PublicTrades(options.tradesKept);
  }

  // --- what classes on this one add ---

  /** The best published bid, or `NO_BID`. @units ticks */
  abstract get bestBid(): number;
  /** The best published ask, or `NO_ASK`. @units ticks */
  abstract get bestAsk(): number;
  /** What a level holds now. @units 1e-8 of the base asset */
  abstract levelUnits(side: number, tick: number): Units;
  /** The best `depth` levels of a side, best first. @units ticks */
  abstract levels(side: number, depth: number): number[];
  /** A level of the source holds another quantity. */
  protected abstract level(block: DepthBlock, i: number, word: number, tick: number): void;
  /** A trade of the source. */
  protected abstract strangersTrade(block: DepthBlock, i: number, word: number, tick: number): void;
  /** The source's book is empty. */
  protected abstract clear(block: DepthBlock, i: number): void;
  /** Before a row is lived. */
  protected begin(): void {}
  /** A message of the source is done. */
  protected finish(): void {}

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
    this.settled();
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
    const kind = block.kind[i] as number;
    const word = kind & KIND_MASK;
    const tick = block.tick[i] as number;
    this.begin();
    if (word === ROW.bid || word === ROW.ask) this.level(block, i, word, tick);
    else if (word === ROW.buy || word === ROW.sell || word === ROW.trade)
      this.strangersTrade(block, i, word, tick);
    else if (word === ROW.clear) this.clear(block, i);
    if ((kind & LAST) !== 0) this.settled();
  }

  /** A message is done: what it did to clients is told, and what it reached is sent. */
  protected settled(): void {
    this.finish();
    this.desk?.settle();
    this.desk?.trigger();
    this.listener?.settled();
  }

  /** A trade becomes public; `lots` are book lots. */
  publish(ticks: number, lots: number, buyerIsMaker: boolean): number {
    const trade = this.trades.add(ticks, lots, this.time.wireMs, buyerIsMaker);
    this.trades.aggregate(trade);
    this.listener?.trade(trade);
    return trade.id;
  }

  /** A level is told to hold another quantity. */
  protected tellLevel(side: number, tick: number): void {
    this.updateId += 1;
    this.listener?.level(side, tick);
  }
}
