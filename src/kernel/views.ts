import { NO_ASK, NO_BID, type OrderBook } from "../book/index.ts";
import {
  type BarBlock,
  type BookLots,
  DATA_VALIDITIES,
  type DataValidity,
  DepthBlock,
  type Instrument,
  KIND_MASK,
  ROW,
  reasonOf,
  type Side,
  type Ticks,
  type ValidationReason,
} from "../model/index.ts";
import type {
  BarCopy,
  BarView,
  BookCopy,
  BookView,
  QuoteCopy,
  QuoteView,
  TradeCopy,
  TradeView,
  ValidityView,
} from "../strategy/index.ts";

/** Validity and reason of an instrument's data, as numbers: one pair, read by every view of the instrument. */
export class ValidityCells {
  state = 0;
  reason = 0;
}

/** What every view of market data says beside its own: how far it can be trusted. */
class MarketFlyweight implements ValidityView {
  readonly instrument: Instrument;
  readonly #cells: ValidityCells;

  constructor(instrument: Instrument, cells: ValidityCells) {
    this.instrument = instrument;
    this.#cells = cells;
  }

  get validity(): DataValidity {
    return DATA_VALIDITIES[this.#cells.state] ?? "halted";
  }
  get validityReason(): ValidationReason | "" {
    return reasonOf(this.#cells.reason);
  }
}

/** The book of one instrument as strategies see it: no state of its own. */
export class BookFlyweight extends MarketFlyweight implements BookView {
  readonly #book: OrderBook;

  constructor(instrument: Instrument, book: OrderBook, cells: ValidityCells) {
    super(instrument, cells);
    this.#book = book;
  }

  get bestBid(): Ticks {
    return this.#book.bestBid as Ticks;
  }
  get bestAsk(): Ticks {
    return this.#book.bestAsk as Ticks;
  }
  get hasBid(): boolean {
    return this.#book.bestBid !== NO_BID;
  }
  get hasAsk(): boolean {
    return this.#book.bestAsk !== NO_ASK;
  }
  get bestBidLots(): BookLots {
    return this.#book.bestBidLots as BookLots;
  }
  get bestAskLots(): BookLots {
    return this.#book.bestAskLots as BookLots;
  }
  get midTicks(): number {
    return this.#book.midTicks;
  }
  bidLots(price: number): BookLots {
    return this.#book.bidLots(price) as BookLots;
  }
  askLots(price: number): BookLots {
    return this.#book.askLots(price) as BookLots;
  }
  nextBid(price: number): Ticks {
    return this.#book.nextBid(price) as Ticks;
  }
  nextAsk(price: number): Ticks {
    return this.#book.nextAsk(price) as Ticks;
  }
  copy(depth = 10): BookCopy {
    return this.#book.copy(depth);
  }
}

/** One trade row of a depth block, read in place. */
export class TradeFlyweight extends MarketFlyweight implements TradeView {
  block: DepthBlock = new DepthBlock(1);
  i = 0;

  get ns(): number {
    return this.block.local[this.i] as number;
  }
  get exchNs(): number {
    return this.block.exch[this.i] as number;
  }
  get priceTicks(): Ticks {
    return this.block.tick[this.i] as Ticks;
  }
  get lots(): BookLots {
    return this.block.lots[this.i] as BookLots;
  }
  get aggressor(): Side | undefined {
    const kind = (this.block.kind[this.i] as number) & KIND_MASK;
    return kind === ROW.buy ? "buy" : kind === ROW.sell ? "sell" : undefined;
  }
  copy(): TradeCopy {
    const { instrument, ns, exchNs, priceTicks, lots, aggressor, validity, validityReason } = this;
    return { instrument, ns, exchNs, priceTicks, lots, aggressor, validity, validityReason };
  }
}

/** The last quote of an instrument. */
export class QuoteFlyweight extends MarketFlyweight implements QuoteView {
  readonly #nowNs: Float64Array;
  bidTicks: Ticks = NO_BID as Ticks;
  bidLots: BookLots = 0 as BookLots;
  askTicks: Ticks = NO_ASK as Ticks;
  askLots: BookLots = 0 as BookLots;

  constructor(instrument: Instrument, nowNs: Float64Array, cells: ValidityCells) {
    super(instrument, cells);
    this.#nowNs = nowNs;
  }

  get ns(): number {
    return this.#nowNs[0] as number;
  }
  copy(): QuoteCopy {
    const { instrument, ns, bidTicks, bidLots, askTicks, askLots, validity, validityReason } = this;
    return { instrument, ns, bidTicks, bidLots, askTicks, askLots, validity, validityReason };
  }
}

/** One bar of a bar block, read in place. */
export class BarFlyweight implements BarView {
  readonly instrument: Instrument;
  block: BarBlock;
  i = 0;

  constructor(instrument: Instrument, block: BarBlock) {
    this.instrument = instrument;
    this.block = block;
  }

  get openNs(): number {
    return this.block.openNs[this.i] as number;
  }
  get closeNs(): number {
    return this.block.closeNs[this.i] as number;
  }
  get openTicks(): Ticks {
    return this.block.open[this.i] as Ticks;
  }
  get highTicks(): Ticks {
    return this.block.high[this.i] as Ticks;
  }
  get lowTicks(): Ticks {
    return this.block.low[this.i] as Ticks;
  }
  get closeTicks(): Ticks {
    return this.block.close[this.i] as Ticks;
  }
  get volumeLots(): BookLots {
    return this.block.volume[this.i] as BookLots;
  }
  get open(): number {
    return this.openTicks * this.instrument.tickSize;
  }
  get high(): number {
    return this.highTicks * this.instrument.tickSize;
  }
  get low(): number {
    return this.lowTicks * this.instrument.tickSize;
  }
  get close(): number {
    return this.closeTicks * this.instrument.tickSize;
  }
  get adjustedClose(): number {
    return this.closeTicks * this.instrument.tickSize * (this.block.factor[this.i] as number);
  }
  copy(): BarCopy {
    const { instrument, openNs, closeNs, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = this;
    const { open, high, low, close, adjustedClose } = this;
    const prices = { openTicks, highTicks, lowTicks, closeTicks, volumeLots };
    return { instrument, openNs, closeNs, ...prices, open, high, low, close, adjustedClose };
  }
}
