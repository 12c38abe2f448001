import type { Side } from "./side.ts";
import type { Lots, Ticks } from "./units.ts";

/** Order types the core knows so far. */
export type OrderType = "limit" | "market";

/**
 * How long an order stays: until canceled, immediately or not at all (IOC: what can be had; FOK: all or
 * nothing), for the day, or until a given time.
 */
export type TimeInForce = "GTC" | "IOC" | "FOK" | "DAY" | "GTD";

/**
 * What a strategy asks for. Prices are in ticks and quantities in lots of the instrument: use
 * `instrument.price(...)`, `priceDown`, `quantity(...)` to come from decimals.
 *
 * @units `priceTicks` ticks, `lots` lots, `expireNs` nanoseconds from the session's base (GTD only)
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
  /** The strategy's own word for this order, carried into reports. */
  readonly tag?: string;
}

/** New terms for a live order; what is left out stays. */
export interface ReplaceRequest {
  readonly priceTicks?: Ticks | number;
  /** The new total quantity, filled part included. */
  readonly lots?: Lots | number;
}
