import { type Refusal, refuse } from "../base/index.ts";
import { MATCH_TRIGGER, MATCH_TYPE, type MatchOrder, PEG, SELF_MATCH } from "./match-order.ts";
import type { MatchingSettings } from "./matching-options.ts";
import type { MatchRefusalCode } from "./refusals.ts";

type Refused = Refusal<MatchRefusalCode> | undefined;

const FIELDS: ReadonlySet<string> = new Set(
  (
    "id side lots type priceTicks timeInForce expireNs owner postOnly reduceOnly displayLots displayJitterLots hidden " +
    "minLots allOrNone stopTicks trigger trailTicks trailStepTicks guardTicks peg selfMatch"
  ).split(" "),
);
const TIMES = new Set(["GTC", "DAY", "GTD", "IOC", "FOK", "atOpen", "atClose"]);
/** Types that trade at the market once they are active. */
const AT_MARKET = new Set(["market", "stop", "trailingStop", "marketIfTouched"]);
const WITH_STOP = new Set(["stop", "stopLimit", "marketIfTouched", "limitIfTouched"]);

/** Why an order is none; undefined where it is one. Of several faults the first. */
export function checkOrder(order: MatchOrder, settings: MatchingSettings, nowNs: number): Refused {
  if (typeof order !== "object" || order === null) return invalid("order", order, "an object");
  for (const field in order) if (!FIELDS.has(field)) return invalid(field, undefined, "a field of an order");
  return checkBasics(order, settings) ?? checkTerms(order, settings, nowNs) ?? checkKind(order);
}

/** Whether an order trades at the market once it is active. */
export function isAtMarket(order: MatchOrder): boolean {
  return AT_MARKET.has(order.type ?? "limit");
}

function checkBasics(order: MatchOrder, { lotsMax }: MatchingSettings): Refused {
  const { id, side, lots, type = "limit" } = order;
  if (!isId(id)) {
    return invalid("id", id, "a text that is not empty, or an integer");
  }
  if (side !== "buy" && side !== "sell") return invalid("side", side, "buy or sell");
  if (!isInteger(lots, 1, lotsMax)) return invalid("lots", lots, `an integer within 1 to ${lotsMax}`);
  if (!Object.hasOwn(MATCH_TYPE, type))
    return invalid("type", type, `one of ${Object.keys(MATCH_TYPE).join(", ")}`);
  return undefined;
}

function checkTerms(order: MatchOrder, settings: MatchingSettings, nowNs: number): Refused {
  const {
    type = "limit",
    priceTicks,
    stopTicks,
    trailTicks,
    trailStepTicks,
    guardTicks,
    peg,
    expireNs,
  } = order;
  const isMarket = isAtMarket(order);
  const { timeInForce = isMarket ? "IOC" : "GTC" } = order;
  if (isMarket && priceTicks !== undefined)
    return invalid("priceTicks", priceTicks, `no limit of a ${type} order`);
  if (!isMarket && (peg === undefined || priceTicks !== undefined) && !isTick(priceTicks, settings)) {
    return invalid("priceTicks", priceTicks, range(settings));
  }
  const wantsStop = WITH_STOP.has(type) || (type === "trailingStop" && stopTicks !== undefined);
  if (wantsStop && !isTick(stopTicks, settings)) return invalid("stopTicks", stopTicks, range(settings));
  if (!wantsStop && stopTicks !== undefined)
    return invalid("stopTicks", stopTicks, `none of a ${type} order`);
  if (type === "trailingStop") {
    if (!isInteger(trailTicks, 1, SPAN))
      return invalid("trailTicks", trailTicks, `an integer within 1 to ${SPAN}`);
    if (trailStepTicks !== undefined && !isInteger(trailStepTicks, 1, SPAN)) {
      return invalid("trailStepTicks", trailStepTicks, `an integer within 1 to ${SPAN}`);
    }
  } else if (trailTicks !== undefined)
    return invalid("trailTicks", trailTicks, "none but of a trailing stop");
  else if (trailStepTicks !== undefined)
    return invalid("trailStepTicks", trailStepTicks, "none but of a trailing stop");
  if (guardTicks !== undefined && !(isMarket && isInteger(guardTicks, 0, SPAN))) {
    return invalid(
      "guardTicks",
      guardTicks,
      `an integer within 0 to ${SPAN}, of an order that trades at the market`,
    );
  }
  if (!TIMES.has(timeInForce)) return invalid("timeInForce", timeInForce, `one of ${[...TIMES].join(", ")}`);
  if (type === "market" && ["GTC", "DAY", "GTD"].includes(timeInForce)) {
    return invalid("timeInForce", timeInForce, "IOC, FOK, atOpen or atClose of a market order");
  }
  if (type !== "limit" && type !== "market" && (timeInForce === "atOpen" || timeInForce === "atClose")) {
    return invalid("timeInForce", timeInForce, "none of an auction for an order that waits for a price");
  }
  const isDated = timeInForce === "GTD";
  if (isDated ? isInteger(expireNs, nowNs + 1, Number.MAX_SAFE_INTEGER) : expireNs === undefined)
    return undefined;
  return invalid("expireNs", expireNs, isDated ? `an integer after ${nowNs}` : "none but of a GTD order");
}

function checkKind(order: MatchOrder): Refused {
  const {
    type = "limit",
    lots,
    displayLots,
    displayJitterLots,
    hidden = false,
    minLots,
    peg,
    trigger,
  } = order;
  const { postOnly = false, reduceOnly = false, allOrNone = false, selfMatch = "none" } = order;
  const { timeInForce = isAtMarket(order) ? "IOC" : "GTC" } = order;
  const isResting = !isAtMarket(order) && timeInForce !== "IOC" && timeInForce !== "FOK";
  const isAside = timeInForce === "atOpen" || timeInForce === "atClose";
  for (const [field, value] of Object.entries({ hidden, reduceOnly, allOrNone })) {
    if (typeof value !== "boolean") return invalid(field, value, "true or false");
  }
  if (postOnly !== true && postOnly !== false && postOnly !== "reprice") {
    return invalid("postOnly", postOnly, "true, false or reprice");
  }
  if (postOnly !== false && (!isResting || isAside))
    return invalid("postOnly", postOnly, "an order that rests");
  if (hidden && (!isResting || isAside)) return invalid("hidden", hidden, "an order that rests");
  if (displayLots !== undefined) {
    if (!isInteger(displayLots, 1, lots))
      return invalid("displayLots", displayLots, `an integer within 1 to ${lots}`);
    if (!isResting || isAside || hidden || peg !== undefined) {
      return invalid("displayLots", displayLots, "an order that rests and is shown");
    }
  }
  if (displayJitterLots !== undefined && !isInteger(displayJitterLots, 0, (displayLots ?? 0) - 1)) {
    return invalid("displayJitterLots", displayJitterLots, "an integer below displayLots");
  }
  if (minLots !== undefined) {
    if (!isInteger(minLots, 1, lots)) return invalid("minLots", minLots, `an integer within 1 to ${lots}`);
    if (timeInForce !== "IOC" && !hidden && peg === undefined) {
      return invalid("minLots", minLots, "an IOC order, or one that is hidden");
    }
  }
  if (
    allOrNone &&
    (type !== "limit" || isAside || hidden || reduceOnly || postOnly !== false || peg !== undefined)
  ) {
    return invalid("allOrNone", allOrNone, "a plain limit order");
  }
  if (allOrNone && (displayLots !== undefined || minLots !== undefined)) {
    return invalid("allOrNone", allOrNone, "no displayLots and no minLots");
  }
  if (peg !== undefined) {
    const { to, offsetTicks = 0 } = peg ?? {};
    if (type !== "limit" || !isResting || isAside) return invalid("peg", peg, "a limit order that rests");
    for (const field in peg) {
      if (field !== "to" && field !== "offsetTicks")
        return invalid(`peg.${field}`, undefined, "to or offsetTicks");
    }
    if (!Object.hasOwn(PEG, to)) return invalid("peg.to", to, "primary, market or mid");
    const least = to === "market" ? 1 : 0;
    if (!isInteger(offsetTicks, least, SPAN)) {
      return invalid("peg.offsetTicks", offsetTicks, `an integer within ${least} to ${SPAN}`);
    }
  }
  if (trigger !== undefined && !Object.hasOwn(MATCH_TRIGGER, trigger)) {
    return invalid("trigger", trigger, "last, bidAsk, mark or index");
  }
  if (!Object.hasOwn(SELF_MATCH, selfMatch)) {
    return invalid("selfMatch", selfMatch, `one of ${Object.keys(SELF_MATCH).join(", ")}`);
  }
  return undefined;
}

/** Distances in ticks are not above it. */
const SPAN = 67_108_864;

/** Whether a price is within the book's range. */
export function isTick(value: unknown, { lowestTicks, highestTicks }: MatchingSettings): value is number {
  return isInteger(value, lowestTicks, highestTicks);
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
}

/** The book's range of prices in words. */
export function range({ lowestTicks, highestTicks }: MatchingSettings): string {
  return `an integer within ${lowestTicks} to ${highestTicks}`;
}

/** Refuses a field. */
export function invalid(field: string, value: unknown, expected: string): Refusal<MatchRefusalCode> {
  return refuse("MATCH_ORDER_INVALID", field, value, expected);
}

/** Whether an order has no fields but those that `submitLimit` knows; what they say is not looked at. */
export function isPlainLimit(order: MatchOrder): boolean {
  if (typeof order !== "object" || order === null) return false;
  // A class may have getters that no loop over fields finds. (Asking for the prototype leaves compiled code.)
  if (order.constructor !== Object) return false;
  for (const field in order) {
    switch (field) {
      case "id":
      case "side":
      case "lots":
      case "priceTicks":
      case "owner":
      case "timeInForce":
        continue;
      case "type":
        if (order.type !== "limit" && order.type !== undefined) return false;
        continue;
      default:
        return false;
    }
  }
  return true;
}

/** Whether something can name an order. */
export function isId(id: unknown): boolean {
  return typeof id === "string" ? id !== "" : Number.isSafeInteger(id);
}
