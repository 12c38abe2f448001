import type { Prng, Refusal } from "../base/index.ts";
import type {
  BookLots,
  DataValidity,
  Instrument,
  Lots,
  OrderRequest,
  ReserveRequest,
  Side,
  Ticks,
} from "../model/index.ts";

/** An order that was sent, as an algorithm reads it. An `OrderTicket` is one. */
export interface ChildTicket {
  readonly ok: true;
  readonly id: number;
  readonly instrument: Instrument;
  readonly side: Side;
  /** Only `doneForDay` is looked at: not open, but it may fill another day. */
  readonly status: string;
  readonly priceTicks: Ticks;
  readonly lots: Lots;
  readonly cumLots: Lots;
  /** NaN before the first fill. */
  readonly averageTicks: number;
  readonly isOpen: boolean;
  readonly isPending: boolean;
}

/** The book as an algorithm reads it. A `BookView` is one. */
export interface AlgoBook {
  readonly instrument: Instrument;
  readonly validity: DataValidity;
  readonly bestBid: Ticks;
  readonly bestAsk: Ticks;
  readonly hasBid: boolean;
  readonly hasAsk: boolean;
  readonly midTicks: number;
  bidLots(price: Ticks | number): BookLots;
  askLots(price: Ticks | number): BookLots;
  nextBid(price: Ticks | number): Ticks;
  nextAsk(price: Ticks | number): Ticks;
}

/**
 * All that an algorithm may see and do. A strategy's context is one, so that the same algorithm runs wherever a
 * strategy does.
 *
 * @units `clock.ns` nanoseconds from the session's base
 */
export interface AlgoPort {
  readonly clock: {
    readonly ns: number;
    at(ns: number): number;
    stop(timer: number): void;
  };
  readonly rng: Prng;
  readonly instruments: readonly Instrument[];
  book(instrument: string): AlgoBook;
  position(instrument: string): { readonly lots: Lots };
  submit(request: OrderRequest): ChildTicket | Refusal;
  cancel(ticket: ChildTicket): { readonly ok: true } | Refusal;
  openOrders(instrument?: string): readonly ChildTicket[];
  /** Holds what a parent may still do; its number is named by its children. Without it parents are not held. */
  reserve?(request: ReserveRequest): { readonly ok: true; readonly id: number } | Refusal;
  changeReserve?(
    id: number,
    change: Pick<ReserveRequest, "lots" | "priceTicks">,
  ): { readonly ok: true } | Refusal;
  release?(id: number): { readonly ok: true } | Refusal;
  /** Told of a parent when it is decided, and after anything about it changed: watchers group its orders. */
  tellParent?(parent: ToldParent): void;
  /** Every rule of the gate that an order would break now. Without it parents are not looked at as a whole. */
  explain?(request: OrderRequest): readonly Refusal[];
}

/** A parent as it is told of. A `ParentOrder` is one. */
export interface ToldParent {
  readonly id: number;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly lots: number;
  readonly isOver: boolean;
  knows(orderId: number): boolean;
}

/** A print, as an algorithm reads it. A `TradeView` is one. */
export interface AlgoTrade {
  readonly instrument: Instrument;
  readonly lots: BookLots;
}

/** An event that is about one order. An `OrderView` and a `FillView` are. */
export interface ChildEvent {
  readonly ticket: ChildTicket;
  /** What happened, in an `OrderView`. */
  readonly kind?: string;
  readonly reason?: string;
}
