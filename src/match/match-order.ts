import type { Side } from "../model/index.ts";

/** Who sent it calls it that: unique among the orders of a book that have not ended. */
export type MatchOrderId = string | number;

/**
 * What an order is. Those that wait for a price (stops, and those if touched) become market or limit orders when it
 * comes.
 */
export type MatchOrderType =
  | "limit"
  | "market"
  | "stop"
  | "stopLimit"
  | "trailingStop"
  | "marketIfTouched"
  | "limitIfTouched";

/** Times in force; `atOpen` and `atClose` take part in that auction only. */
export type MatchTimeInForce = "GTC" | "DAY" | "GTD" | "IOC" | "FOK" | "atOpen" | "atClose";

/** Which price makes a waiting order active: last trade, the side it would take from, or a price told to the book. */
export type MatchTrigger = "last" | "bidAsk" | "mark" | "index";

/** What becomes of an order that meets one of its own owner's; the mode of the order that takes decides. */
export type SelfMatch = "none" | "cancelNewest" | "cancelOldest" | "cancelBoth" | "decrement";

/** What a pegged order follows: its own side's best, the other side's, or the middle. */
export type PegTo = "primary" | "market" | "mid";

/**
 * An order as it comes to a {@link MatchingBook}.
 *
 * @units prices and distances in ticks, quantities in lots, `expireNs` nanoseconds of the book's clock (`advance`)
 */
export interface MatchOrder {
  readonly id: MatchOrderId;
  readonly side: Side;
  readonly lots: number;
  /** `limit` unless given. */
  readonly type?: MatchOrderType;
  /** The limit; of a pegged order the worst price it follows to. */
  readonly priceTicks?: number;
  /** `GTC` unless given; `IOC` for what trades at the market. */
  readonly timeInForce?: MatchTimeInForce;
  /** Of GTD orders. */
  readonly expireNs?: number;
  /** Whose it is: 0 unless given, below the book's `ownersMax`. */
  readonly owner?: number;
  /** Never takes: refused, or with `reprice` put one tick behind the price it would have taken. */
  readonly postOnly?: boolean | "reprice";
  /** May only bring its owner's position nearer to 0. */
  readonly reduceOnly?: boolean;
  /** How much is shown at one time; the rest stands behind it. */
  readonly displayLots?: number;
  /** Each shown part is drawn from `displayLots` ± this. */
  readonly displayJitterLots?: number;
  /** Not shown; behind every shown order of its price. */
  readonly hidden?: boolean;
  /** With IOC: the least that must trade at once. With `hidden`: the least of any trade of it. */
  readonly minLots?: number;
  /** Executed whole or not at all, yet may rest. Keeps its place: what stands behind it waits. */
  readonly allOrNone?: boolean;
  /** Its trigger: buy stops wait for a price at or above it, sell stops at or below; orders if touched the reverse. */
  readonly stopTicks?: number;
  /** `last` unless given. */
  readonly trigger?: MatchTrigger;
  /** Of a trailing stop: how far behind the best price since its entry the trigger stays. */
  readonly trailTicks?: number;
  /** Of a trailing stop: the trigger moves by at least this at a time; 1 unless given. */
  readonly trailStepTicks?: number;
  /** Of orders that trade at the market: how far beyond the best price (stops: their trigger) they may trade. */
  readonly guardTicks?: number;
  /** Follows a price of the shown book; hidden. Its limit, where given, is never passed. */
  readonly peg?: { readonly to: PegTo; readonly offsetTicks?: number };
  /** `none` unless given. */
  readonly selfMatch?: SelfMatch;
}

/** Orders that belong together. With a parent the others become active at its end, for what it executed. */
export interface MatchOrderList {
  readonly parent?: MatchOrder;
  /** With a parent one or more, without two or more. */
  readonly orders: readonly MatchOrder[];
  /** A trade of one of `orders` ends the others, or takes its lots off them; `cancel` unless given. */
  readonly onTrade?: "cancel" | "reduce";
}

/** New terms; what is left out stays. @units ticks, lots */
export interface MatchReplace {
  readonly priceTicks?: number;
  /** The new whole quantity, the executed part included. */
  readonly lots?: number;
  readonly stopTicks?: number;
}

/** Types as small numbers. */
export const MATCH_TYPE: Readonly<Record<MatchOrderType, number>> = {
  ...{ limit: 0, market: 1, stop: 2, stopLimit: 3, trailingStop: 4, marketIfTouched: 5, limitIfTouched: 6 },
};

/** Times in force as small numbers: those of the model. */
export const SELF_MATCH: Readonly<Record<SelfMatch, number>> = {
  ...{ none: 0, cancelNewest: 1, cancelOldest: 2, cancelBoth: 3, decrement: 4 },
};

/** Triggers as small numbers. */
export const MATCH_TRIGGER: Readonly<Record<MatchTrigger, number>> = {
  last: 0,
  bidAsk: 1,
  mark: 2,
  index: 3,
};

/** Pegs as small numbers; 0 is none. */
export const PEG: Readonly<Record<PegTo, number>> = { primary: 1, market: 2, mid: 3 };
