import { MAX_TICKS, ORDER_TYPE } from "../model/index.ts";
import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import type { GateParts } from "./gate-parts.ts";
import { checkLevels, SHARE_RULES, SIZE_RULES } from "./level-rules.ts";
import { PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

const WHOLE_BPS = 10_000;

/**
 * Works out what the other checks need: the reference, how far a price may lie from it, the worst price the order can
 * trade at and what the order is worth there. What can't be known is NaN, which no check lets through. A parent's
 * children trade no further than at its `limitTicks`.
 */
export function weigh(parts: GateParts, decision: Decision, limitTicks: number = Number.NaN): void {
  const { order, nowNs } = decision;
  const twice = parts.references.twice(order.instrument, nowNs);
  const allowed = allowedTwice(parts, decision, twice);
  decision.twiceReference = twice;
  decision.allowedTwice = allowed;
  const worst = worstTicks(parts, decision, twice, allowed);
  const isWithin = Number.isNaN(limitTicks) || Number.isNaN(worst);
  const bounded = order.side > 0 ? Math.min(worst, limitTicks) : Math.max(worst, limitTicks);
  const unit = Math.abs(isWithin ? worst : bounded);
  // What closes a position at the market is worth what the position is, where no fresh price is known.
  decision.unitTicks =
    Number.isNaN(unit) && decision.isReducing ? (parts.exposure.markTicks[order.instrument] as number) : unit;
  decision.addTickLots = addedTickLots(parts, decision);
  const tickLots =
    decision.kind === DECISION.reserve ? decision.addTickLots : order.lots * decision.unitTicks;
  decision.orderValue = parts.worth.up(order.instrument, tickLots);
  if (order.parent > 0) parts.parents.weighed(decision);
}

/** What would be held beyond what is held now, a parent's of its own taken off. */
function addedTickLots(parts: GateParts, { kind, slot, order, unitTicks }: Decision): number {
  if (kind === DECISION.replace) return parts.orders.addedTickLots(slot, order.lots, unitTicks);
  const row = kind === DECISION.reserve ? parts.parents.find(order.seat, order.id) : undefined;
  return row === undefined ? order.lots * unitTicks : parts.parents.tickLotsFor(row, order.lots, unitTicks);
}

/** How far a doubled price may lie from the doubled reference: the strictest level's. */
function allowedTwice(parts: GateParts, decision: Decision, twice: number): number {
  const { hard } = parts.limits;
  const { paths } = parts.hierarchy;
  let least = Number.POSITIVE_INFINITY;
  for (let at = decision.from; at < decision.from + PATH_LENGTH; at++) {
    const row = (paths[at] as number) * LIMIT_COLUMNS;
    const bps = hard[row + LIMIT.priceCollarBps] as number;
    if (bps === Number.POSITIVE_INFINITY) continue;
    const allowed = Math.max((twice * bps) / WHOLE_BPS, 2 * (hard[row + LIMIT.priceCollarTicks] as number));
    if (!(allowed >= least)) least = allowed;
  }
  return least;
}

/** The worst price an order can trade at: its limit, for sells the reference where that is higher; else the bound. */
function worstTicks(parts: GateParts, decision: Decision, twice: number, allowed: number): number {
  const { order } = decision;
  const isBuy = order.side > 0;
  const hasLimit = order.type === ORDER_TYPE.limit || order.type === ORDER_TYPE.stopLimit;
  if (hasLimit) {
    if (isBuy) return order.priceTicks;
    return twice / 2 > order.priceTicks ? Math.ceil(twice / 2) : order.priceTicks;
  }
  const base = order.type === ORDER_TYPE.stop ? 2 * order.stopTicks : twice;
  if (!isBuy) return Math.ceil(base / 2);
  if (allowed < Number.POSITIVE_INFINITY) return Math.min(MAX_TICKS, Math.floor((base + allowed) / 2));
  const ask = parts.references.askTicks[order.instrument] as number;
  return order.type === ORDER_TYPE.market && parts.references.hasBook(order.instrument, decision.nowNs)
    ? ask
    : Math.ceil(base / 2);
}

/** The price a market order may trade at, at worst; NaN where there is no bound. */
export function marketBoundTicks(decision: Decision): number {
  const { twiceReference, allowedTwice, order } = decision;
  if (allowedTwice === Number.POSITIVE_INFINITY) return Number.NaN;
  return order.side > 0
    ? Math.min(MAX_TICKS, Math.floor((twiceReference + allowedTwice) / 2))
    : Math.max(-MAX_TICKS, Math.ceil((twiceReference - allowedTwice) / 2));
}

/**
 * The size of the order at every level: lots, worth, share of the daily volume.
 *
 * @refuses `RISK_QUANTITY_EXCEEDED`, `RISK_NOTIONAL_EXCEEDED`, `RISK_VOLUME_SHARE_EXCEEDED`
 */
export function checkSize(parts: GateParts, decision: Decision): boolean {
  return checkLevels(parts, decision, SIZE_RULES);
}

/**
 * What a parent is worth, and its share of the daily volume: no other size of a parent is bound.
 *
 * @refuses `RISK_REFERENCE_UNAVAILABLE`, `RISK_VOLUME_SHARE_EXCEEDED`
 */
export function checkReserveSize(parts: GateParts, decision: Decision): boolean {
  const { unitTicks, order } = decision;
  const expected = "a fresh price to value a parent order by";
  if (Number.isNaN(unitTicks)) {
    return decision.fail("RISK_REFERENCE_UNAVAILABLE", "priceTicks", order.priceTicks, expected);
  }
  return checkLevels(parts, decision, SHARE_RULES);
}

/**
 * Fat fingers: the price's distance from the reference, and how far it goes through the other side.
 *
 * @refuses `RISK_REFERENCE_UNAVAILABLE`, `RISK_PRICE_COLLAR`, `RISK_PRICE_THROUGH`, `RISK_STOP_SIDE`
 */
export function checkPrice(parts: GateParts, decision: Decision): boolean {
  const { order } = decision;
  const hasLimit = order.type === ORDER_TYPE.limit || order.type === ORDER_TYPE.stopLimit;
  const hasStop = order.type === ORDER_TYPE.stop || order.type === ORDER_TYPE.stopLimit;
  if (isUnknown(parts, decision, hasLimit)) {
    const expected = "a fresh book, last trade or close";
    const value = decision.twiceReference / 2;
    if (decision.fail("RISK_REFERENCE_UNAVAILABLE", "reference", value, expected)) return true;
  }
  return (
    (hasLimit && isFar(decision, order.priceTicks) && refuseFar(parts, decision, order.priceTicks)) ||
    (hasStop && isFar(decision, order.stopTicks) && refuseFar(parts, decision, order.stopTicks)) ||
    (hasLimit && checkThrough(parts, decision)) ||
    (hasStop && checkStop(decision))
  );
}

function isFar(decision: Decision, ticks: number): boolean {
  return Math.abs(2 * ticks - decision.twiceReference) > decision.allowedTwice;
}

/** Names each level that refuses, by the wider of its two collars: basis points, or ticks. */
function refuseFar(parts: GateParts, decision: Decision, ticks: number): boolean {
  const { twiceReference } = decision;
  const off = Math.abs(2 * ticks - twiceReference);
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const row = node * LIMIT_COLUMNS;
    const bps = parts.limits.hard[row + LIMIT.priceCollarBps] as number;
    const inTicks = parts.limits.hard[row + LIMIT.priceCollarTicks] as number;
    const byBps = (twiceReference * bps) / WHOLE_BPS;
    if (bps === Number.POSITIVE_INFINITY || off <= Math.max(byBps, 2 * inTicks)) continue;
    const stops =
      2 * inTicks > byBps
        ? decision.stop(
            "RISK_PRICE_COLLAR",
            "priceCollarTicks",
            node,
            LIMIT.priceCollarTicks,
            off / 2,
            inTicks,
          )
        : decision.stop(
            "RISK_PRICE_COLLAR",
            "priceCollarBps",
            node,
            LIMIT.priceCollarBps,
            (off * WHOLE_BPS) / Math.abs(twiceReference),
            bps,
          );
    if (stops) return true;
  }
  return false;
}

/** A stop that has already been reached is a market order in disguise. */
function checkStop(decision: Decision): boolean {
  const { order, twiceReference } = decision;
  if (!(order.side * (2 * order.stopTicks - twiceReference) < 0)) return false;
  const side = order.side > 0 ? "at or above" : "at or below";
  const expected = `a stop ${side} the reference ${twiceReference / 2}`;
  return decision.fail("RISK_STOP_SIDE", "stopTicks", order.stopTicks, expected);
}

function checkThrough(parts: GateParts, decision: Decision): boolean {
  const { order } = decision;
  const { references } = parts;
  if (!references.hasBook(order.instrument, decision.nowNs)) return false;
  const touch = (order.side > 0 ? references.askTicks : references.bidTicks)[order.instrument] as number;
  const through = order.side * (order.priceTicks - touch);
  const column = LIMIT.maxTicksThrough;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const node = decision.nodeAt(level);
    const bound = parts.limits.hard[node * LIMIT_COLUMNS + column] as number;
    if (through <= bound) continue;
    if (decision.stop("RISK_PRICE_THROUGH", "maxTicksThrough", node, column, through, bound)) return true;
  }
  return false;
}

/** Whether what the price checks need is not there: a reference, or for a limit of ticks through a fresh book. */
function isUnknown(parts: GateParts, decision: Decision, hasLimit: boolean): boolean {
  if (Number.isNaN(decision.unitTicks)) return true;
  if (decision.isReducing) return false;
  if (Number.isNaN(decision.allowedTwice)) return true;
  if (!hasLimit || parts.references.hasBook(decision.order.instrument, decision.nowNs)) return false;
  for (let level = 0; level < PATH_LENGTH; level++) {
    if (parts.limits.of(decision.nodeAt(level), "maxTicksThrough") < Number.POSITIVE_INFINITY) return true;
  }
  return false;
}
