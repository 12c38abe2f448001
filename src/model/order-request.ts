import type { Side } from "./side.ts";
import type { Lots, Ticks } from "./units.ts";

/**
 * Order types. A `stop` becomes a market order and a `stopLimit` a limit order when its trigger price is reached.
 * Which fields go with which type: `ORDER_TYPE_FIELDS` of the room `order`.
 */
export type OrderType = "limit" | "market" | "stop" | "stopLimit";

/**
 * How long an order stays: until canceled, immediately or not at all (IOC: what can be had; FOK: all or
 * nothing), for the day, until a given time, or in the opening or closing auction only.
 */
export type TimeInForce = "GTC" | "IOC" | "FOK" | "DAY" | "GTD" | "atOpen" | "atClose";

/**
 * What a strategy asks for. Prices are in ticks and quantities in lots of the instrument: use
 * `instrument.price(...)`, `priceDown`, `quantity(...)` to come from decimals.
 *
 * @units `priceTicks`, `stopTicks`, `guardTicks` ticks; `lots`, `displayLots`, `minLots` lots; `expireNs` nanoseconds
 * from the session's base (GTD only)
 */
export interface OrderRequest {
  /** The instrument's key `symbol@venue`, or its symbol where one venue lists it. */
  readonly instrument: string;
  readonly side: Side;
  readonly lots: Lots | number;
  /** `limit` unless given. */
  readonly type?: OrderType;
  /** The limit; market orders have none. */
  readonly priceTicks?: Ticks | number;
  /** `GTC` for limit orders, `IOC` for market orders, unless given. */
  readonly timeInForce?: TimeInForce;
  /** Refused by the venue when it would take. */
  readonly postOnly?: boolean;
  /** May only bring the position nearer to 0. */
  readonly reduceOnly?: boolean;
  readonly expireNs?: number;
  /** The trigger price of a stop: a buy triggers at or above it, a sell at or below it. */
  readonly stopTicks?: Ticks | number;
  /** Which price triggers a stop: last trade, the side it would trade with, mark price, or index. */
  readonly trigger?: "last" | "bidAsk" | "mark" | "index";
  /** How far beyond its trigger price a triggered `stop` may trade; without limit unless given. */
  readonly guardTicks?: number;
  /** How much of the order is shown at one time. */
  readonly displayLots?: Lots | number;
  /** The least a single execution may fill. */
  readonly minLots?: Lots | number;
  /** Not shown at all. */
  readonly hidden?: boolean;
  /** The strategy's own word for this order, carried into reports. */
  readonly tag?: string;
  /** The parent order it is a child of, as `ctx.reserve` returned its number: what is held moves from the parent to it. */
  readonly parent?: number;
  /**
   * The number of a child, from 1, above that of every child of `parent` that was approved: children that look the same
   * are no repetition of one another then, and one that is sent twice is.
   */
  readonly slice?: number;
}

/**
 * What a strategy asks to be held for a parent order: a quantity that it will work by child orders.
 *
 * @units `lots` lots; `priceTicks` ticks
 */
export interface ReserveRequest {
  /** Key or symbol of the instrument. */
  readonly instrument: string;
  readonly side: Side;
  /** The whole quantity. */
  readonly lots: Lots | number;
  /** No child is beyond it; without limit unless given. */
  readonly priceTicks?: Ticks | number;
}

/** New terms for a live order; what is left out stays. */
export interface ReplaceRequest {
  readonly priceTicks?: Ticks | number;
  /** The new total quantity, filled part included. */
  readonly lots?: Lots | number;
}
