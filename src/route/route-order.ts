import { type Refusal, refuse } from "../base/index.ts";
import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import type { Side } from "../model/index.ts";
import type { RouteRefusalCode } from "./refusals.ts";
import { LOTS_MAX } from "./venue-books.ts";

/**
 * How a parent is divided: `sweep` by price, then by the age of the book; `cost` by price with fees and score;
 * `passive` posts where a fill is likely enough and takes the rest as `cost` does.
 */
export type RoutePolicy = "sweep" | "cost" | "passive";

/** A parent to be divided. */
export interface RouteOrder {
  readonly side: Side;
  /** @units lots */
  readonly lots: number;
  /** No slice trades beyond it; no limit unless given. @units ticks */
  readonly limitTicks?: number;
  /** @units ns */
  readonly nowNs: number;
  readonly policy: RoutePolicy;
  /** Whether protected quotes bind (17 CFR 242.611); true unless given. */
  readonly isProtecting?: boolean;
  /** Whether slices that take are sent so as to arrive together; true unless given. */
  readonly arrivesTogether?: boolean;
  /** How much of a slice may be moved to another venue at random; 0 unless given. @units basis points of its lots */
  readonly jitterBps?: number;
  /** Refuse (`ROUTE_LIQUIDITY_SHORT`) what cannot be sent whole; false unless given. */
  readonly isWhole?: boolean;
  /** Venues with a lower learned fill rate are left out; 0 unless given. */
  readonly fillRateMin?: number;
  /** Passive: the price to post at; the best own-side price, one tick off the other side at most, unless given. */
  readonly postTicks?: number;
  /** Passive: how long slices stand before the clean-up; 1 s unless given. @units ns */
  readonly horizonNs?: number;
  /** Passive: the least probability at which more is posted at a venue; 0.5 unless given. */
  readonly fillProbabilityMin?: number;
  /** Passive: the most that is posted at one venue; no bound unless given. @units lots */
  readonly postLotsMax?: number;
}

/** The fields of an order; others are refused by name. */
const FIELDS: ReadonlySet<string> = new Set([
  ...["side", "lots", "limitTicks", "nowNs", "policy", "isProtecting", "arrivesTogether", "jitterBps"],
  ...["isWhole", "fillRateMin", "postTicks", "horizonNs", "fillProbabilityMin", "postLotsMax"],
]);

type Refused = Refusal<RouteRefusalCode> | undefined;

/** The first fault of an order, or undefined. @cost no allocation without a fault */
export function orderFault(order: RouteOrder): Refused {
  if (typeof order !== "object" || order === null) return invalid("order", order, "an order");
  for (const field in order) {
    if (!FIELDS.has(field)) return invalid(field, order[field as keyof RouteOrder], "no such field");
  }
  const { side, lots, limitTicks, nowNs, policy } = order;
  if (side !== "buy" && side !== "sell") return invalid("side", side, "buy or sell");
  if (!isWithin(lots, 1, LOTS_MAX)) return invalid("lots", lots, "whole lots within 1 and 2^46");
  if (limitTicks !== undefined && !isTick(limitTicks))
    return invalid("limitTicks", limitTicks, "a whole tick");
  if (!isWithin(nowNs, 0, Number.MAX_SAFE_INTEGER)) return invalid("nowNs", nowNs, "whole ns of at least 0");
  if (policy !== "sweep" && policy !== "cost" && policy !== "passive") {
    return invalid("policy", policy, "sweep, cost or passive");
  }
  return switchFault(order) ?? shareFault(order) ?? postFault(order);
}

function switchFault({ isProtecting, arrivesTogether, isWhole }: RouteOrder): Refused {
  if (!isSwitch(isProtecting)) return invalid("isProtecting", isProtecting, "true or false");
  if (!isSwitch(arrivesTogether)) return invalid("arrivesTogether", arrivesTogether, "true or false");
  return isSwitch(isWhole) ? undefined : invalid("isWhole", isWhole, "true or false");
}

function shareFault({ jitterBps = 0, fillRateMin = 0 }: RouteOrder): Refused {
  if (!isWithin(jitterBps, 0, 10_000)) return invalid("jitterBps", jitterBps, "0 to 10,000");
  return fillRateMin >= 0 && fillRateMin <= 1 ? undefined : invalid("fillRateMin", fillRateMin, "0 to 1");
}

function postFault(order: RouteOrder): Refused {
  const { postTicks, horizonNs = 1, fillProbabilityMin = 0, postLotsMax = 0, policy } = order;
  if (policy !== "passive") {
    if (postTicks !== undefined) return invalid("postTicks", postTicks, "nothing: it is for passive orders");
    if (order.horizonNs !== undefined)
      return invalid("horizonNs", horizonNs, "nothing: it is for passive orders");
    if (order.fillProbabilityMin !== undefined)
      return invalid("fillProbabilityMin", fillProbabilityMin, "nothing: it is for passive orders");
    if (order.postLotsMax !== undefined)
      return invalid("postLotsMax", postLotsMax, "nothing: it is for passive orders");
    return undefined;
  }
  if (postTicks !== undefined && !isTick(postTicks)) return invalid("postTicks", postTicks, "a whole tick");
  if (!isWithin(horizonNs, 1, 86_400_000_000_000)) return invalid("horizonNs", horizonNs, "1 ns to a day");
  if (!(fillProbabilityMin >= 0 && fillProbabilityMin <= 1))
    return invalid("fillProbabilityMin", fillProbabilityMin, "0 to 1");
  return isWithin(postLotsMax, 0, LOTS_MAX) ? undefined : invalid("postLotsMax", postLotsMax, "whole lots");
}

function invalid(field: string, value: unknown, expected: string): Refusal<RouteRefusalCode> {
  return refuse("ROUTE_ORDER_INVALID", field, value, expected);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Whether a price is a whole tick that books can hold. */
export function isTick(ticks: unknown): boolean {
  return isWithin(ticks, TICK_MIN + 1, TICK_MAX - 1);
}

function isSwitch(value: unknown): boolean {
  return value === undefined || typeof value === "boolean";
}
