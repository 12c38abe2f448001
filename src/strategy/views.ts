import type {
  BookLots,
  DataValidity,
  Instrument,
  Lots,
  Side,
  Ticks,
  ValidationReason,
} from "../model/index.ts";

/** What the feed's validator says of an instrument's data now: `valid` wherever there is none. */
export interface ValidityView {
  /** Quote on `valid` only. */
  readonly validity: DataValidity;
  /** Why it is not valid; empty where it is. */
  readonly validityReason: ValidationReason | "";
}

/**
 * The book of one instrument as the strategy knows it now. Views are reused: keep numbers, or `copy()`.
 *
 * @units prices in ticks, quantities in book lots
 */
export interface BookView extends ValidityView {
  readonly instrument: Instrument;
  /** The best bid, or `NO_BID` where there is none: test `hasBid`. */
  readonly bestBid: Ticks;
  /** The best ask, or `NO_ASK` where there is none: test `hasAsk`. */
  readonly bestAsk: Ticks;
  readonly hasBid: boolean;
  readonly hasAsk: boolean;
  readonly bestBidLots: BookLots;
  readonly bestAskLots: BookLots;
  /** Half the sum of best bid and ask, in ticks; NaN unless both are there. */
  readonly midTicks: number;
  bidLots(price: Ticks | number): BookLots;
  askLots(price: Ticks | number): BookLots;
  /** The next bid level below a price, or `NO_BID` where there is none. */
  nextBid(price: Ticks | number): Ticks;
  /** The next ask level above a price, or `NO_ASK` where there is none. */
  nextAsk(price: Ticks | number): Ticks;
  /** The best levels of both sides as plain values. */
  copy(depth?: number): BookCopy;
}

/** A book kept: up to `depth` levels a side, best first. */
export interface BookCopy {
  readonly bids: readonly { readonly priceTicks: Ticks; readonly lots: BookLots }[];
  readonly asks: readonly { readonly priceTicks: Ticks; readonly lots: BookLots }[];
}

/** A best bid and offer as the feed's quote channel reports it. */
export interface QuoteView extends ValidityView {
  readonly instrument: Instrument;
  readonly ns: number;
  readonly bidTicks: Ticks;
  readonly bidLots: BookLots;
  readonly askTicks: Ticks;
  readonly askLots: BookLots;
  copy(): QuoteCopy;
}

/** A quote kept. */
export type QuoteCopy = Omit<QuoteView, "copy">;

/** A trade print. */
export interface TradeView extends ValidityView {
  readonly instrument: Instrument;
  /** Local receive time and exchange time, ns from the session's base. */
  readonly ns: number;
  readonly exchNs: number;
  readonly priceTicks: Ticks;
  readonly lots: BookLots;
  /** The aggressor's side; undefined where the feed does not say. */
  readonly aggressor: Side | undefined;
  copy(): TradeCopy;
}

/** A trade kept. */
export type TradeCopy = Omit<TradeView, "copy">;

/**
 * A finished bar. Raw prices are what trades happen at; adjusted prices (splits and dividends folded in) are
 * for indicators only.
 */
export interface BarView {
  readonly instrument: Instrument;
  readonly openNs: number;
  readonly closeNs: number;
  readonly openTicks: Ticks;
  readonly highTicks: Ticks;
  readonly lowTicks: Ticks;
  readonly closeTicks: Ticks;
  readonly volumeLots: BookLots;
  /** Raw prices as doubles, in the quote currency. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** The close of the adjusted series (splits and dividends folded in as its reader was told), for indicators. */
  readonly adjustedClose: number;
  copy(): BarCopy;
}

/** A bar kept. */
export type BarCopy = Omit<BarView, "copy">;

/** What happened to one of the strategy's orders. */
export type OrderEventKind =
  | "accepted"
  | "rejected"
  | "canceled"
  | "expired"
  | "replaced"
  | "cancelRejected"
  | "replaceRejected"
  | "filled"
  | "partiallyFilled"
  | "busted"
  | "corrected"
  | "status"
  | "restated"
  | "doneForDay"
  | "suspended"
  | "triggered"
  | "stopped"
  | "calculated"
  | "unknown";

/** A change of one of the strategy's own orders. */
export interface OrderView {
  readonly kind: OrderEventKind;
  readonly ticket: OrderTicket;
  readonly instrument: Instrument;
  readonly ns: number;
  /** The venue's word for a rejection, expiry or cancel nobody asked for; empty otherwise. */
  readonly reason: string;
}

/** Why a simulated fill happened. */
export type FillReason =
  | "taken"
  | "crossed"
  | "queueReached"
  | "tradeThrough"
  | "barOpen"
  | "barTraded"
  | "reported";

/** A fill of one of the strategy's own orders. */
export interface FillView {
  readonly ticket: OrderTicket;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly priceTicks: Ticks;
  readonly lots: Lots;
  /** True where the order rested and was taken. */
  readonly maker: boolean;
  readonly reason: FillReason;
  /** Local time the report came, and exchange time it happened, ns from the session's base. */
  readonly ns: number;
  readonly exchNs: number;
  /** What it cost in minor units of `feeCurrency`, negative for a rebate: as the venue told, else as scheduled. */
  readonly feeMinor: bigint;
  /** The currency it was charged in: the quote currency, unless a venue takes it from what was bought, or a third. */
  readonly feeCurrency: string;
  copy(): FillCopy;
}

/** A fill kept. */
export type FillCopy = Omit<FillView, "copy" | "ticket"> & { readonly orderId: number };

/**
 * A quantity that a strategy works by orders, as `tellParent` takes it: one object from its decision to its end. A
 * `ParentOrder` of the room `algo` is one.
 */
export interface ParentView {
  /** Its own among the strategy's parents. */
  readonly id: number;
  readonly instrument: Instrument;
  readonly side: Side;
  /** The whole quantity. */
  readonly lots: number;
  /** Whether nothing more of it can trade. */
  readonly isOver: boolean;
  /** Whether an order, by its id, was sent for it. */
  knows(orderId: number): boolean;
}

/** A position of one instrument over all strategies of the run. */
export interface PositionView {
  readonly instrument: Instrument;
  /** Signed: what was bought less what was sold. */
  readonly lots: Lots;
  /**
   * What can be delivered by a sale, whole lots of at least 0: the position with what is owned beside it, less fees
   * taken from the base currency. Orders that are open hold some of it. The position where that is above 0, of
   * instruments without a base currency.
   */
  readonly deliverableLots: Lots;
  /** The mean price of what is held, in ticks; NaN when flat. */
  readonly averageTicks: number;
  readonly realizedMinor: bigint;
  /** At `markTicks`. */
  readonly unrealizedMinor: bigint;
  /**
   * What a lot is worth now, in ticks: the mid, else the last price, else that of the last fill; after a split the
   * split price, until the market speaks. NaN before any.
   */
  readonly markTicks: number;
}

/** The receipt for a parent order that is held. */
export interface ReserveTicket {
  readonly ok: true;
  /** What its children name as their `parent`: a number unique in the run, rising from 1. */
  readonly id: number;
}

/** The receipt for an order that was sent. It stays true while the order lives and after. */
export interface OrderTicket {
  readonly ok: true;
  /** A number unique in the run, rising from 1. */
  readonly id: number;
  readonly clientOrderId: string;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly status: OrderStatus;
  readonly priceTicks: Ticks;
  readonly lots: Lots;
  readonly cumLots: Lots;
  readonly leavesLots: Lots;
  /** The mean fill price in ticks; NaN before the first fill. */
  readonly averageTicks: number;
  /** Not finished, whether or not the venue has answered. */
  readonly isOpen: boolean;
  /** A cancel or replace is on its way. */
  readonly isPending: boolean;
  readonly tag: string;
}

/** The reported status of an order: the higher in precedence of its base state and its pending requests. */
export type OrderStatus =
  | "created"
  | "pendingNew"
  | "new"
  | "partiallyFilled"
  | "filled"
  | "doneForDay"
  | "pendingCancel"
  | "pendingReplace"
  | "stopped"
  | "suspended"
  | "canceled"
  | "rejected"
  | "expired"
  | "calculated";
