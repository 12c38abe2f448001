import { NO_ASK, NO_BID } from "../book/index.ts";
import { type DepthBlock, ROW } from "../model/index.ts";
import { SimExchange } from "../sim/index.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import { SymbolMarket, type SymbolMarketOptions } from "./symbol-market.ts";
import type { Units } from "./units.ts";

/**
 * A market that shows its source's book as it is: clients' orders are filled by the simulated venue, stand in no public
 * book, and do not meet one another.
 */
export class TapeMarket extends SymbolMarket {
  readonly venue: SimExchange;
  /** Book lots of the row at hand that went to clients. */
  #toClients = 0;
  #rowTicks = 0;

  constructor(symbol: ExchangeSymbol, time: ExchangeTime, options: SymbolMarketOptions) {
    super(symbol, time, options);
    this.venue = new SimExchange({
      instrument: symbol.instrument,
      capacity: options.capacity,
      fills: "partial",
      baseNs: time.baseNs,
    });
  }

  get bestBid(): number {
    return this.venue.book.bestBid;
  }

  get bestAsk(): number {
    return this.venue.book.bestAsk;
  }

  protected override begin(): void {
    this.venue.nowNs[0] = this.time.nowNs;
  }

  protected override level(block: DepthBlock, i: number, word: number, tick: number): void {
    const { book } = this.venue;
    const side = word === ROW.bid ? 1 : -1;
    const before = side > 0 ? book.bidLots(tick) : book.askLots(tick);
    this.venue.row(block, i);
    this.desk?.settle();
    if (before === block.lots[i]) return;
    this.tellLevel(side, tick);
  }

  protected override strangersTrade(block: DepthBlock, i: number, word: number, tick: number): void {
    this.#toClients = 0;
    this.#rowTicks = tick;
    this.venue.row(block, i);
    this.desk?.settle();
    this.#rowTicks = 0;
    const rest = (block.lots[i] as number) - this.#toClients;
    if (rest > 0) this.publish(tick, rest, word === ROW.sell);
  }

  protected override clear(block: DepthBlock, i: number): void {
    const { book } = this.venue;
    const gone: [number, number][] = [];
    for (let tick = book.bestBid; tick !== NO_BID; tick = book.nextBid(tick)) gone.push([1, tick]);
    for (let tick = book.bestAsk; tick !== NO_ASK; tick = book.nextAsk(tick)) gone.push([-1, tick]);
    this.venue.row(block, i);
    for (const [side, tick] of gone) {
      this.tellLevel(side, tick);
    }
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
