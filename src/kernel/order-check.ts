import { type Refusal, refuse } from "../base/index.ts";
import {
  MAX_TICKS,
  ORDER_FLAG,
  ORDER_TYPE,
  type OrderRequest,
  type ReplaceRequest,
  TIME_IN_FORCE,
} from "../model/index.ts";
import type { OrderTerms } from "../order/index.ts";
import type { OrderTicket } from "../strategy/index.ts";
import type { KernelRefusalCode } from "./refusals.ts";
import type { Station } from "./station.ts";

/** What a kernel's venues take; the other types of the model need one that knows triggers and auctions. */
const TYPES = { limit: ORDER_TYPE.limit, market: ORDER_TYPE.market };
const TIMES_IN_FORCE = {
  GTC: TIME_IN_FORCE.GTC,
  IOC: TIME_IN_FORCE.IOC,
  FOK: TIME_IN_FORCE.FOK,
  DAY: TIME_IN_FORCE.DAY,
  GTD: TIME_IN_FORCE.GTD,
};
/** What only some venues take, of limit orders. */
const AUCTION_TIMES = { atOpen: TIME_IN_FORCE.atOpen, atClose: TIME_IN_FORCE.atClose };

const FIELDS = new Set([
  "instrument",
  "side",
  "lots",
  "type",
  "priceTicks",
  "timeInForce",
  "postOnly",
  "reduceOnly",
  "expireNs",
  "tag",
  "parent",
  "slice",
]);

/**
 * Checks that a request is an object with known fields only: a misspelt one is refused, never ignored.
 *
 * @refuses `ORDER_MALFORMED`
 */
export function checkFields(request: OrderRequest): Refusal<KernelRefusalCode> | undefined {
  if (typeof request !== "object" || request === null) {
    return refuse("ORDER_MALFORMED", "request", request, "an order request");
  }
  for (const key in request) {
    if (!FIELDS.has(key)) {
      const value: unknown = Reflect.get(request, key);
      return refuse("ORDER_MALFORMED", key, value, `one of ${[...FIELDS].join(", ")}`);
    }
  }
  if (request.tag !== undefined && typeof request.tag !== "string")
    return refuse("ORDER_MALFORMED", "tag", request.tag, "text");
  return checkChild(request);
}

/** A slice is one of a parent: without one it would tell any two orders apart. */
function checkChild({ parent, slice }: OrderRequest): Refusal<KernelRefusalCode> | undefined {
  if (parent !== undefined && !(Number.isSafeInteger(parent) && parent >= 1))
    return refuse("ORDER_MALFORMED", "parent", parent, "the number that reserve returned");
  if (slice === undefined) return undefined;
  if (parent !== undefined && Number.isSafeInteger(slice) && slice >= 1) return undefined;
  const expected = parent === undefined ? "none without a parent" : "a whole number of at least 1";
  return refuse("ORDER_MALFORMED", "slice", slice, expected);
}

/**
 * Checks what a strategy asks for and writes it into `terms`; the refusal names the field.
 *
 * @refuses `ORDER_SIDE`, `ORDER_TYPE`, `ORDER_TIME_IN_FORCE`, `ORDER_QUANTITY`,
 * `ORDER_PRICE`, `ORDER_EXPIRY`, `ORDER_FLAGS`
 * @cost About twenty comparisons; nothing allocated when accepted.
 */
export function checkRequest(
  request: OrderRequest,
  { instrument, takesAuctionOrders }: Pick<Station, "instrument" | "takesAuctionOrders">,
  nowNs: number,
  terms: OrderTerms,
): Refusal<KernelRefusalCode> | undefined {
  const { side, lots, reduceOnly, postOnly } = request;
  if (side !== "buy" && side !== "sell") return refuse("ORDER_SIDE", "side", side, "buy or sell");
  const type = codeOf(TYPES, request.type === undefined ? "limit" : request.type);
  if (type === undefined) return refuse("ORDER_TYPE", "type", request.type, "limit or market");
  const market = type === ORDER_TYPE.market;
  const asked = request.timeInForce === undefined ? (market ? "IOC" : "GTC") : request.timeInForce;
  const auction = takesAuctionOrders ? codeOf(AUCTION_TIMES, asked) : undefined;
  const timeInForce = codeOf(TIMES_IN_FORCE, asked) ?? auction;
  if (
    timeInForce === undefined ||
    (market && timeInForce !== TIME_IN_FORCE.IOC && timeInForce !== TIME_IN_FORCE.FOK)
  ) {
    const limits = takesAuctionOrders
      ? "GTC, IOC, FOK, DAY, GTD, atOpen or atClose"
      : "GTC, IOC, FOK, DAY or GTD: its venue has no orders for an auction alone";
    const expected = market ? "IOC or FOK for a market order" : limits;
    return refuse("ORDER_TIME_IN_FORCE", "timeInForce", request.timeInForce, expected);
  }
  if (!Number.isSafeInteger(lots) || lots < instrument.minLots || lots > instrument.maxLots) {
    const expected = `a whole number of lots within ${instrument.minLots} and ${instrument.maxLots}`;
    return refuse("ORDER_QUANTITY", "lots", lots, expected);
  }
  const priceTicks = market ? 0 : request.priceTicks;
  if (!isPrice(priceTicks) || (market && request.priceTicks !== undefined)) {
    const expected = market ? "no price for a market order" : `a whole number of ticks within ${MAX_TICKS}`;
    return refuse("ORDER_PRICE", "priceTicks", request.priceTicks, expected);
  }
  const expires = timeInForce === TIME_IN_FORCE.GTD;
  const expireNs = request.expireNs;
  if (expires ? !(Number.isSafeInteger(expireNs) && (expireNs as number) > nowNs) : expireNs !== undefined) {
    const expected = expires ? "a time after now, ns from the session's base" : "no time unless GTD";
    return refuse("ORDER_EXPIRY", "expireNs", expireNs, expected);
  }
  const flags = checkFlags(postOnly, reduceOnly, market || isImmediate(timeInForce) || auction !== undefined);
  if (typeof flags !== "number") return flags;
  terms.side = side === "buy" ? 1 : -1;
  terms.type = type;
  terms.timeInForce = timeInForce;
  terms.flags = flags;
  terms.priceTicks = priceTicks as number;
  terms.lots = lots;
  terms.expireNs = expires ? (expireNs as number) : Number.POSITIVE_INFINITY;
  terms.createdNs = nowNs;
  return undefined;
}

/**
 * Checks new terms for a live order.
 *
 * @refuses `ORDER_MALFORMED`, `ORDER_QUANTITY`, `ORDER_PRICE`
 */
export function checkChange(
  change: ReplaceRequest,
  ticket: OrderTicket,
): Refusal<KernelRefusalCode> | undefined {
  if (typeof change !== "object" || change === null) {
    return refuse("ORDER_MALFORMED", "terms", change, "{ priceTicks?, lots? }");
  }
  for (const key in change) {
    if (key === "priceTicks" || key === "lots") continue;
    return refuse("ORDER_MALFORMED", key, Reflect.get(change, key), "priceTicks or lots");
  }
  const { priceTicks, lots } = change;
  if (priceTicks === undefined && lots === undefined) {
    return refuse("ORDER_MALFORMED", "terms", change, "priceTicks or lots");
  }
  const { minLots, maxLots } = ticket.instrument;
  if (lots !== undefined && !(Number.isSafeInteger(lots) && lots >= minLots && lots <= maxLots)) {
    return refuse("ORDER_QUANTITY", "lots", lots, `a whole number of lots within ${minLots} and ${maxLots}`);
  }
  if (priceTicks !== undefined && !isPrice(priceTicks)) {
    return refuse("ORDER_PRICE", "priceTicks", priceTicks, "a whole number of ticks");
  }
  return undefined;
}

/** The code of a word, undefined for any other value: `toString` is no order type. */
function codeOf(codes: Readonly<Record<string, number>>, word: string): number | undefined {
  const code = typeof word === "string" ? codes[word] : undefined;
  return typeof code === "number" ? code : undefined;
}

/** Whether a value can be a price in ticks. */
export function isPrice(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) <= MAX_TICKS && (value as number) >= -MAX_TICKS;
}

function isImmediate(timeInForce: number): boolean {
  return timeInForce === TIME_IN_FORCE.IOC || timeInForce === TIME_IN_FORCE.FOK;
}

function checkFlags(
  postOnly: boolean | undefined,
  reduceOnly: boolean | undefined,
  immediate: boolean,
): number | Refusal<"ORDER_FLAGS"> {
  if (postOnly !== undefined && typeof postOnly !== "boolean") {
    return refuse("ORDER_FLAGS", "postOnly", postOnly, "true or false");
  }
  if (reduceOnly !== undefined && typeof reduceOnly !== "boolean") {
    return refuse("ORDER_FLAGS", "reduceOnly", reduceOnly, "true or false");
  }
  if (postOnly === true && immediate) {
    return refuse("ORDER_FLAGS", "postOnly", postOnly, "false for an order that does not rest in a book");
  }
  return (postOnly === true ? ORDER_FLAG.postOnly : 0) | (reduceOnly === true ? ORDER_FLAG.reduceOnly : 0);
}
