import { NO_ASK, NO_BID, OrderBook } from "../book/index.ts";
import { BarBlock, type DepthBlock, type Instrument, KIND_MASK, LAST, ROW } from "../model/index.ts";
import type { VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import type { BookView } from "../strategy/index.ts";
import type { PositionFlyweight } from "./report-views.ts";
import type { Slot } from "./slot.ts";
import { BarFlyweight, BookFlyweight, QuoteFlyweight, TradeFlyweight, ValidityCells } from "./views.ts";

/** Told of the market in exchange time, as it comes: it may change nothing. */
export interface MarketEar {
  /** Both sides after a message, where both are there. */
  quote(exchNs: number, bidTicks: number, askTicks: number): void;
  trade(exchNs: number, ticks: number, lots: number): void;
  /** What it is worth where no book is known. */
  price(exchNs: number, ticks: number): void;
}

/** What a {@link Station} holds beside its book, JSON-safe. */
export interface SavedStation {
  readonly messages: number;
  readonly gaps: number;
  readonly lastTicks: number | null;
  readonly settleTicks: number | null;
  readonly seenNs: number | null;
  /** Bid ticks and lots, ask ticks and lots. */
  readonly quote: readonly [number, number, number, number];
  /** Where new orders are refused. */
  readonly isHeld?: true;
  /** Where no venue is connected. */
  readonly isDoorless?: true;
  /** Where the venue has orders for an auction alone. */
  readonly takesAuctionOrders?: true;
  /** Present where a split came after the last word from the market: what `messages` was then. */
  readonly splitAt?: number;
  /** Present where its data is not valid: the numbers of validity and reason. */
  readonly validity?: readonly [state: number, reason: number];
}

/**
 * Where one instrument's market data becomes settled state and reaches the strategies: its book as we know
 * it, its last price, and who listens.
 *
 * @invariant Strategies see an event only after the state it changed is settled, in order of registration.
 * @cost A row of a level costs a book update; callbacks are direct calls with reused views.
 */
export class Station {
  readonly index: number;
  readonly instrument: Instrument;
  readonly book: OrderBook = new OrderBook();
  /** What the last `validity` row said of its data; valid before any. */
  readonly validity: ValidityCells = new ValidityCells();
  readonly bookView: BookView;
  readonly position: PositionFlyweight;
  /** The last trade or close, in ticks; NaN before the first. */
  readonly lastTicks: Float64Array = new Float64Array([Number.NaN]);
  /** The venue's own mark price, in ticks; NaN before the first. */
  readonly settleTicks: Float64Array = new Float64Array([Number.NaN]);
  door: VenueDoor<ApprovedOrder> | undefined = undefined;
  /** New orders and replaces are refused: somebody stopped the instrument. */
  isHeld = false;
  /** No venue was connected when its session began, or went on: a replay, which has doors for all, refuses too. */
  isDoorless = false;
  /** Whether its venue has orders for an auction alone. */
  takesAuctionOrders = false;
  /** When it last heard of its market, in ns from the base; NaN before. */
  readonly seenNs: Float64Array = new Float64Array([Number.NaN]);
  /** Who listens to the market beside the strategies; lots are those of its rows. */
  ear: MarketEar | undefined = undefined;
  /** Called with the rate of a funding row, in units of 1e-12. */
  onFunding: ((rate: number) => void) | undefined = undefined;
  bookSlots: readonly Slot[] = [];
  tradeSlots: readonly Slot[] = [];
  quoteSlots: readonly Slot[] = [];
  barSlots: readonly Slot[] = [];
  /** Feed messages and bars seen. */
  messages = 0;
  /** Rows that said a part of the feed is missing. */
  gaps = 0;
  /** What `messages` was at the last split; -1 before. */
  splitAt = -1;
  readonly #nowNs: Float64Array;
  readonly #trade: TradeFlyweight;
  readonly #quote: QuoteFlyweight;
  readonly #bar: BarFlyweight;

  constructor(index: number, instrument: Instrument, position: PositionFlyweight, nowNs: Float64Array) {
    this.index = index;
    this.#nowNs = nowNs;
    this.instrument = instrument;
    this.position = position;
    position.market = this;
    this.bookView = new BookFlyweight(instrument, this.book, this.validity);
    this.#trade = new TradeFlyweight(instrument, this.validity);
    this.#quote = new QuoteFlyweight(instrument, nowNs, this.validity);
    this.#bar = new BarFlyweight(instrument, new BarBlock(1));
  }

  /** One row of a depth tape, as we received it. */
  row(block: DepthBlock, i: number): void {
    const kind = block.kind[i] as number;
    switch (kind & KIND_MASK) {
      case ROW.bid:
        this.book.setBid(block.tick[i] as number, block.lots[i] as number);
        break;
      case ROW.ask:
        this.book.setAsk(block.tick[i] as number, block.lots[i] as number);
        break;
      case ROW.buy:
      case ROW.sell:
      case ROW.trade:
        this.#tell(block, i);
        return;
      case ROW.clear:
        this.book.clear();
        break;
      default:
        this.#other(block, i, kind);
        return;
    }
    if ((kind & LAST) === 0) return;
    if (this.ear !== undefined) {
      const { bestBid, bestAsk } = this.book;
      if (bestBid !== NO_BID && bestAsk !== NO_ASK) this.ear.quote(block.exch[i] as number, bestBid, bestAsk);
    }
    this.#tellBook();
  }

  /** One bar, at its close. */
  bar(block: BarBlock, i: number): void {
    this.messages += 1;
    this.seenNs[0] = this.#nowNs[0] as number;
    this.lastTicks[0] = block.close[i] as number;
    if (this.ear !== undefined) {
      const closeNs = block.closeNs[i] as number;
      this.ear.price(closeNs, block.close[i] as number);
      this.ear.trade(closeNs, block.close[i] as number, block.volume[i] as number);
    }
    const view = this.#bar;
    view.block = block;
    view.i = i;
    const slots = this.barSlots;
    for (let s = 0; s < slots.length; s++) (slots[s] as Slot).onBar(view);
  }

  /** What one lot is worth now, in ticks: the mid, else the last price; NaN before either. */
  markTicks(): number {
    const { bestBid, bestAsk } = this.book;
    if (bestBid !== NO_BID && bestAsk !== NO_ASK) return (bestBid + bestAsk) / 2;
    return this.lastTicks[0] as number;
  }

  /** The same, but NaN where a split made it another unit's price: the ledger's mark was split with it. */
  worthTicks(): number {
    return this.messages === this.splitAt ? Number.NaN : this.markTicks();
  }

  /** Its state beside the book, JSON-safe: null for what never came. */
  /** Its orders go to this door. */
  connect(door: VenueDoor<ApprovedOrder>): void {
    this.door = door;
    // A session says so itself, for its replays: its doors do not.
    if (door.takesAuctionOrders !== undefined) this.takesAuctionOrders = door.takesAuctionOrders;
  }

  save(): SavedStation {
    const { messages, gaps } = this;
    const { bidTicks, bidLots, askTicks, askLots } = this.#quote;
    const known = (cell: Float64Array): number | null => (Number.isNaN(cell[0]) ? null : (cell[0] as number));
    return {
      messages,
      gaps,
      lastTicks: known(this.lastTicks),
      settleTicks: known(this.settleTicks),
      seenNs: known(this.seenNs),
      quote: [bidTicks, bidLots, askTicks, askLots],
      ...(this.isHeld ? { isHeld: true } : {}),
      ...(this.isDoorless ? { isDoorless: true } : {}),
      ...(this.takesAuctionOrders ? { takesAuctionOrders: true } : {}),
      ...(this.splitAt === messages ? { splitAt: messages } : {}),
      ...(this.validity.state === 0
        ? {}
        : { validity: [this.validity.state, this.validity.reason] as const }),
    };
  }

  load(saved: SavedStation): void {
    this.messages = saved.messages;
    this.gaps = saved.gaps;
    this.isHeld = saved.isHeld === true;
    this.isDoorless = saved.isDoorless === true;
    this.takesAuctionOrders = saved.takesAuctionOrders === true;
    this.splitAt = saved.splitAt ?? -1;
    this.lastTicks[0] = saved.lastTicks ?? Number.NaN;
    this.settleTicks[0] = saved.settleTicks ?? Number.NaN;
    this.seenNs[0] = saved.seenNs ?? Number.NaN;
    [this.validity.state, this.validity.reason] = saved.validity ?? [0, 0];
    const quote = this.#quote;
    const [bidTicks, bidLots, askTicks, askLots] = saved.quote;
    quote.bidTicks = bidTicks as typeof quote.bidTicks;
    quote.bidLots = bidLots as typeof quote.bidLots;
    quote.askTicks = askTicks as typeof quote.askTicks;
    quote.askLots = askLots as typeof quote.askLots;
  }

  #tellBook(): void {
    this.messages += 1;
    this.seenNs[0] = this.#nowNs[0] as number;
    const slots = this.bookSlots;
    for (let s = 0; s < slots.length; s++) (slots[s] as Slot).onBook(this.bookView);
  }

  #tell(block: DepthBlock, i: number): void {
    this.messages += 1;
    this.seenNs[0] = this.#nowNs[0] as number;
    this.lastTicks[0] = block.tick[i] as number;
    if (this.ear !== undefined)
      this.ear.trade(block.exch[i] as number, block.tick[i] as number, block.lots[i] as number);
    const view = this.#trade;
    view.block = block;
    view.i = i;
    const slots = this.tradeSlots;
    for (let s = 0; s < slots.length; s++) (slots[s] as Slot).onTrade(view);
  }

  #other(block: DepthBlock, i: number, kind: number): void {
    const quote = this.#quote;
    switch (kind & KIND_MASK) {
      case ROW.quoteBid:
        quote.bidTicks = block.tick[i] as typeof quote.bidTicks;
        quote.bidLots = block.lots[i] as typeof quote.bidLots;
        break;
      case ROW.quoteAsk:
        quote.askTicks = block.tick[i] as typeof quote.askTicks;
        quote.askLots = block.lots[i] as typeof quote.askLots;
        break;
      case ROW.gap:
        this.gaps += 1;
        return;
      case ROW.mark:
        this.settleTicks[0] = block.tick[i] as number;
        return;
      case ROW.funding:
        this.onFunding?.(block.lots[i] as number);
        return;
      case ROW.validity:
        this.#judged(block.tick[i] as number, block.lots[i] as number);
        return;
      default:
        return;
    }
    if ((kind & LAST) === 0) return;
    this.messages += 1;
    this.seenNs[0] = this.#nowNs[0] as number;
    const slots = this.quoteSlots;
    for (let s = 0; s < slots.length; s++) (slots[s] as Slot).onQuote(quote);
  }

  /** The word of the feed's validator: no message of the market, and strategies that follow the book hear it. */
  #judged(state: number, reason: number): void {
    this.validity.state = state;
    this.validity.reason = reason;
    const slots = this.bookSlots;
    for (let s = 0; s < slots.length; s++) (slots[s] as Slot).onBook(this.bookView);
  }
}
