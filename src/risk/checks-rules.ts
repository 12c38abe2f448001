import { ORDER_TYPE } from "../model/index.ts";
import { marketBoundTicks } from "./checks-price.ts";
import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import { CELL } from "./exposure-rows.ts";
import type { GateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { ACCOUNT, CLASS, PATH_LENGTH } from "./levels.ts";
import type { Fingerprint } from "./recent-orders.ts";
import { RESTRICTIONS, restrictionAllows } from "./restriction.ts";
import { SELF_MATCH_OUTCOME } from "./self-match.ts";
import { shortLots } from "./short-sale.ts";

/** A type that no order has: parents are not mistaken for orders. */
const PARENT_TYPE = 255;

/**
 * Which classes the nodes of the order's path may trade.
 *
 * @refuses `RISK_NOT_PERMITTED`
 */
export function checkPermissions(parts: GateParts, decision: Decision): boolean {
  const { permissions } = parts.rules;
  if (permissions === undefined || decision.isReducing) return false;
  const productClass = decision.nodeAt(CLASS) - parts.hierarchy.owners;
  const account = decision.nodeAt(ACCOUNT);
  if (permissions.allows(account, productClass)) return false;
  const name = parts.hierarchy.describe(decision.nodeAt(CLASS));
  return decision.fail(
    "RISK_NOT_PERMITTED",
    "instrument",
    name,
    `a class that ${parts.hierarchy.describe(account)} may trade`,
  );
}

/**
 * The same order again, by its id or by what it is.
 *
 * @refuses `RISK_DUPLICATE_ID`, `RISK_DUPLICATE_ORDER`
 */
export function checkDuplicate(parts: GateParts, decision: Decision): boolean {
  if (decision.kind !== DECISION.order) return false;
  const { order, nowNs } = decision;
  const id = parts.ids.check(order.seat, order.id);
  if (
    id !== "clear" &&
    decision.fail("RISK_DUPLICATE_ID", "id", order.id, "an id above every earlier one of its seat")
  ) {
    return true;
  }
  if (parts.parents.isRepeated(order)) {
    const slice = "a slice above every earlier one of its parent";
    if (decision.fail("RISK_DUPLICATE_ORDER", "slice", order.slice, slice)) return true;
  }
  const verdict = parts.recent.check(fingerprintOf(parts, decision), nowNs);
  if (verdict === "clear") return false;
  const expected =
    verdict === "full" ? "fewer orders within the window" : "no order like it within the window";
  return decision.fail("RISK_DUPLICATE_ORDER", "order", verdict, expected);
}

/**
 * What tells an order from another: its parent and slice only for what they stand for, a part of what is held. The
 * first child of a parent is told from no other order: who opens a parent for each order repeats itself.
 */
function fingerprintOf(parts: GateParts, { order }: Decision): Fingerprint {
  const { parents } = parts;
  if (order.parent === 0 || (order.slice > 0 && parents.covers(order) && !parents.isFirst(order)))
    return order;
  return { ...order, parent: 0, slice: 0 };
}

/**
 * The same parent opened again within the window. A change of one is none.
 *
 * @refuses `RISK_DUPLICATE_ORDER`
 */
export function checkRepeatedParent(parts: GateParts, decision: Decision): boolean {
  const { order, nowNs } = decision;
  if (parts.parents.find(order.seat, order.id) !== undefined) return false;
  const verdict = parts.recent.check(parentPrint(order), nowNs);
  if (verdict === "clear") return false;
  const expected =
    verdict === "full" ? "fewer orders within the window" : "no parent like it within the window";
  return decision.fail("RISK_DUPLICATE_ORDER", "parent", verdict, expected);
}

/** What tells a parent from another, and from every order. */
export function parentPrint(order: GateOrder): Fingerprint {
  return { ...order, type: PARENT_TYPE, parent: 0 };
}

/**
 * How far own orders drove a price within a window, and the venue's price bands.
 *
 * @refuses `RISK_PRICE_DRIFT`, `RISK_PRICE_BAND`
 */
export function checkDrift(parts: GateParts, decision: Decision): boolean {
  const { drift, bands } = parts.rules;
  if (decision.isReducing) return false;
  const { order } = decision;
  const ticks = priceOf(decision);
  if (drift !== undefined) {
    const verdict = drift.check(
      order.instrument,
      order.side,
      ticks,
      decision.twiceReference / 2,
      decision.nowNs,
    );
    if (
      verdict !== "clear" &&
      decision.fail("RISK_PRICE_DRIFT", "priceTicks", ticks, `a smaller move: ${verdict}`)
    ) {
      return true;
    }
  }
  if (bands === undefined) return false;
  bands.advance(order.instrument, decision.nowNs);
  if (bands.allows(order.instrument, order.side, parts.priceE4(order.instrument, order.side, ticks)))
    return false;
  return decision.fail("RISK_PRICE_BAND", "priceTicks", ticks, "a price within the bands");
}

/** The price an order may trade at, at worst: its limit, or a market order's bound. */
function priceOf(decision: Decision): number {
  const { order } = decision;
  if (order.type === ORDER_TYPE.limit || order.type === ORDER_TYPE.stopLimit) return order.priceTicks;
  return order.type === ORDER_TYPE.stop ? order.stopTicks : marketBoundTicks(decision);
}

/**
 * Restricted instruments, short sales and the locates they need, own orders that would be met.
 *
 * @refuses `RISK_RESTRICTED`, `RISK_SHORT_SALE`, `RISK_LOCATE_MISSING`, `RISK_SELF_MATCH`
 */
export function checkCompliance(parts: GateParts, decision: Decision): boolean {
  return checkReserved(parts, decision) || checkOwnOrders(parts, decision);
}

/**
 * What of it can be asked of a parent: no price of it is known yet.
 *
 * @refuses `RISK_RESTRICTED`, `RISK_LOCATE_MISSING`
 */
export function checkReserved(parts: GateParts, decision: Decision): boolean {
  return checkRestricted(parts, decision) || checkShort(parts, decision);
}

function checkRestricted(parts: GateParts, decision: Decision): boolean {
  const { restricted } = parts.rules;
  if (restricted === undefined) return false;
  const { instrument, side } = decision.order;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const code = restricted.codeOf(instrument, decision.nodeAt(level), decision.nowNs);
    if (restrictionAllows(code, side, decision.isReducing)) continue;
    const expected = "an instrument that may be traded so";
    if (decision.fail("RISK_RESTRICTED", "instrument", RESTRICTIONS[code], expected)) return true;
  }
  return false;
}

/** Lots of the order that would be sold short: a replace is asked as if the order came anew. */
function shortPart(parts: GateParts, decision: Decision): number {
  const { cells } = parts.exposure;
  const cell = decision.cellAt(ACCOUNT);
  const { slot, order } = decision;
  const isReplace = decision.kind === DECISION.replace;
  const own = isReplace ? (parts.orders.heldLots[slot] as number) : 0;
  const filled = isReplace ? (parts.orders.cumLots[slot] as number) : 0;
  // What a parent has not sent yet comes after its child.
  const openSells = (cells[cell + CELL.sellLots] as number) - own - parts.parents.restOf(order);
  const lots = decision.kind === DECISION.reserve ? decision.addLots : order.lots - filled;
  return shortLots(cells[cell + CELL.positionLots] as number, openSells, lots);
}

function checkShort(parts: GateParts, decision: Decision): boolean {
  const { shortSale, locates } = parts.rules;
  const { order, nowNs } = decision;
  decision.shortLots = 0;
  if (order.side > 0 || (shortSale === undefined && locates === undefined)) return false;
  const short = shortPart(parts, decision);
  const held = decision.kind === DECISION.replace ? (locates?.reservedLots(decision.slot) ?? 0) : 0;
  decision.shortLots = Math.max(0, short - held);
  if (short === 0) return false;
  if (shortSale !== undefined && decision.kind !== DECISION.reserve) {
    const isFresh = parts.references.hasBook(order.instrument, nowNs);
    const bid = isFresh ? (parts.references.bidTicks[order.instrument] as number) : Number.NaN;
    const isAllowed = shortSale.allows(order.instrument, parts.day, order.priceTicks, bid);
    const expected = `above the best bid ${bid}`;
    if (!isAllowed && decision.fail("RISK_SHORT_SALE", "priceTicks", order.priceTicks, expected)) return true;
  }
  if (locates === undefined) return false;
  const account = decision.nodeAt(ACCOUNT);
  const heldLots = parts.parents.locatedAt(account, order.instrument, order.parent);
  const available = Math.max(0, locates.availableLots(account, order.instrument, nowNs) - heldLots);
  if (decision.shortLots <= available) return false;
  const expected = `located shares for at most ${available} lots`;
  return decision.fail("RISK_LOCATE_MISSING", "lots", decision.shortLots, expected);
}

function checkOwnOrders(parts: GateParts, decision: Decision): boolean {
  const { selfMatch } = parts.rules;
  const { order } = decision;
  if (selfMatch === undefined || isStop(order.type)) return false;
  const ticks = order.type === ORDER_TYPE.market ? order.side * Number.POSITIVE_INFINITY : order.priceTicks;
  const group = decision.nodeAt(ACCOUNT);
  const outcome = selfMatch.check(
    group,
    order.instrument,
    order.side,
    ticks,
    order.lots,
    parts.selfMatchMode,
  );
  if (outcome === SELF_MATCH_OUTCOME.pass) return false;
  const what = outcome === SELF_MATCH_OUTCOME.wait ? "sent after they were canceled" : "none at that price";
  return decision.fail(
    "RISK_SELF_MATCH",
    "priceTicks",
    order.priceTicks,
    `no own resting order in its way: ${what}`,
  );
}

/**
 * Breakers that are open, and strategies that were disabled.
 *
 * @refuses `RISK_BREAKER_OPEN`, `RISK_REPEATED_EXECUTIONS`
 */
export function checkBreakers(parts: GateParts, decision: Decision): boolean {
  const { breakers, repeats } = parts.rules;
  const { collects, nowNs, isReducing } = decision;
  if (isReducing) return false;
  for (const [i, breaker] of (breakers ?? []).entries()) {
    if (collects ? breaker.wouldAllow(nowNs) : breaker.allows(nowNs)) continue;
    if (decision.fail("RISK_BREAKER_OPEN", `breakers[${i}]`, breaker.state, "a closed breaker")) return true;
  }
  const { seat } = decision.order;
  if (repeats === undefined || repeats.isEnabled(seat)) return false;
  const { strategy } = parts.hierarchy.seats[seat] as { strategy: string };
  return decision.fail("RISK_REPEATED_EXECUTIONS", "seat", strategy, "a strategy that was enabled again");
}

/**
 * Messages for each trade.
 *
 * @refuses `RISK_ORDER_TO_TRADE`
 */
export function checkOrderToTrade(parts: GateParts, decision: Decision): boolean {
  const { orderToTrade } = parts.rules;
  const { instrument, lots } = decision.order;
  if (decision.isReducing || orderToTrade === undefined) return false;
  if (orderToTrade.allows(instrument, "single", lots)) return false;
  return decision.fail("RISK_ORDER_TO_TRADE", "instrument", instrument, "fewer messages for each trade");
}

/** Whether orders of a type wait for a stop. */
export function isStop(type: number): boolean {
  return type === ORDER_TYPE.stop || type === ORDER_TYPE.stopLimit;
}
