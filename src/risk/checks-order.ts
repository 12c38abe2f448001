import { type Instrument, MAX_TICKS, ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import { GATE_FLAG } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { FIRM_SCOPE, KillLatch } from "./kill-latch.ts";
import { ACCOUNT, PATH_LENGTH } from "./levels.ts";
import { REQUIRED_MASK } from "./limit-table.ts";
import { LIMIT, REQUIRED_LIMITS } from "./limits.ts";

/** The last code of order types and times in force there is. */
const LAST_TYPE = Math.max(...Object.values(ORDER_TYPE));
const LAST_TIME_IN_FORCE = Math.max(...Object.values(TIME_IN_FORCE));
/** The largest mark of a caller: 32 bits. */
const LAST_ROW = 0x7fff_ffff;
/** The most lots of a parent: 2^50, as the room `algo` has it. */
const MOST_PARENT_LOTS = 1_125_899_906_842_624;
const ALL_FLAGS = GATE_FLAG.postOnly | GATE_FLAG.reduceOnly | GATE_FLAG.flatten;
/** The level of a kill that closes positions. */
const FLATTEN_LEVEL = 3;

/** Whether a value is a whole number within 2^53 that is not -0. */
export function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0);
}

/**
 * The kill latch, read first and last. Before the order's places are known only the firm's own latch can be asked.
 *
 * @refuses `RISK_KILLED`
 */
export function checkLatch(parts: GateParts, decision: Decision, isPlaced: boolean): boolean {
  const word = parts.latch.read();
  decision.latch = word;
  if (KillLatch.isOpen(word)) return false;
  if (!isPlaced) return KillLatch.isFirmLatched(word) && noKilled(parts, decision, FIRM_SCOPE);
  const { flags } = decision.order;
  const isFlatten = isWhole(flags) && (flags & GATE_FLAG.flatten) !== 0 && decision.isReducing;
  const venue = parts.scopeOfVenue[decision.order.instrument] as number;
  if (isClosed(parts, venue, isFlatten) && noKilled(parts, decision, venue)) return true;
  for (let level = 0; level < PATH_LENGTH; level++) {
    const scope = parts.scopeOfNode[decision.nodeAt(level)] as number;
    if (isClosed(parts, scope, isFlatten) && noKilled(parts, decision, scope)) return true;
  }
  return false;
}

function isClosed(parts: GateParts, scope: number, isFlatten: boolean): boolean {
  if (scope < 0) return false;
  const level = parts.latch.levelOf(scope);
  return level > 0 && !(isFlatten && level >= FLATTEN_LEVEL);
}

function noKilled(parts: GateParts, decision: Decision, scope: number): boolean {
  const what = parts.scopes.scopeAt(scope);
  const where = what === null ? "firm" : `${what.kind} ${what.name}`;
  const value = `${where} at level ${parts.latch.levelOf(scope)}`;
  return decision.fail("RISK_KILLED", "killLatch", value, "no kill latched");
}

/** Whether the order's seat and instrument exist; where they do, its path is looked up. */
export function findPlaces(parts: GateParts, decision: Decision): boolean {
  const { seat, instrument } = decision.order;
  const isPlaced =
    isIndex(seat, parts.hierarchy.seats.length) && isIndex(instrument, parts.instruments.length);
  decision.isReducing = false;
  if (!isPlaced) return false;
  decision.path = seat * parts.instruments.length + instrument;
  decision.from = decision.path * PATH_LENGTH;
  decision.isReducing =
    isSide(decision.order.side) &&
    isWhole(decision.addLots) &&
    (decision.reducesAt(ACCOUNT, heldAside(parts, decision)) || isSmaller(parts, decision));
  return true;
}

/** What a flatten order leaves out of what is held: parents, which can send nothing under the kill it belongs to. */
function heldAside(parts: GateParts, decision: Decision): number {
  const { flags, instrument, side } = decision.order;
  if (!isWhole(flags) || (flags & GATE_FLAG.flatten) === 0) return 0;
  return parts.parents.heldAt(ACCOUNT, decision.nodeAt(ACCOUNT), instrument, side);
}

function isSide(side: number): boolean {
  return side === 1 || side === -1;
}

/** A replace to no more lots at the same price only reduces. */
function isSmaller(parts: GateParts, decision: Decision): boolean {
  return (
    decision.kind === DECISION.replace &&
    decision.addLots === 0 &&
    decision.order.priceTicks === parts.orders.priceTicks[decision.slot]
  );
}

function isIndex(value: number, count: number): boolean {
  return isWhole(value) && value >= 0 && value < count;
}

/**
 * Who sends it, and what: places that must exist before anything else can be looked up.
 *
 * @refuses `RISK_SEAT_UNKNOWN`, `RISK_INSTRUMENT_UNKNOWN`
 */
export function refusePlaces(parts: GateParts, decision: Decision): void {
  const { seat, instrument } = decision.order;
  const seats = parts.hierarchy.seats.length;
  if (!isIndex(seat, seats)) decision.fail("RISK_SEAT_UNKNOWN", "seat", seat, `an index below ${seats}`);
  const { length } = parts.instruments;
  if (isIndex(instrument, length)) return;
  decision.fail("RISK_INSTRUMENT_UNKNOWN", "instrument", instrument, `an index below ${length}`);
}

/**
 * The order's own fields: whole numbers of their range, and none that its type has no use for. One that is wrong ends
 * the decision, in explain mode too: nothing more can be worked out from it.
 *
 * @refuses `RISK_ORDER_INVALID`
 */
export function checkFields(parts: GateParts, decision: Decision): boolean {
  const { order, nowNs } = decision;
  const no = (field: string, value: unknown, expected: string): boolean =>
    decision.fail("RISK_ORDER_INVALID", field, value, expected) || true;
  const instrument = parts.instruments[order.instrument] as Instrument;
  const { lots, type, timeInForce, flags } = order;
  if (!Number.isFinite(nowNs) || Object.is(nowNs, -0)) return no("nowNs", nowNs, "a time in ns");
  if (!isWhole(order.id) || order.id < 1) return no("id", order.id, "a whole number of at least 1");
  if (!isSide(order.side)) return no("side", order.side, "1 or -1");
  if (!isWhole(type) || type < 0 || type > LAST_TYPE) return no("type", type, "a code of ORDER_TYPE");
  if (!isWhole(timeInForce) || timeInForce < 0 || timeInForce > LAST_TIME_IN_FORCE) {
    return no("timeInForce", timeInForce, "a code of TIME_IN_FORCE");
  }
  if (!isWhole(flags) || (flags & ALL_FLAGS) !== flags) return no("flags", flags, "bits of GATE_FLAG");
  if (!isWhole(lots) || lots < instrument.minLots || lots > instrument.maxLots) {
    return no("lots", lots, `a whole number of lots within ${instrument.minLots} and ${instrument.maxLots}`);
  }
  if (!isWhole(order.displayLots) || order.displayLots < 0 || order.displayLots > lots) {
    return no("displayLots", order.displayLots, "a whole number of lots within 0 and the order's");
  }
  if (!isWhole(order.row) || order.row < 0 || order.row > LAST_ROW) {
    return no("row", order.row, `a whole number within 0 and ${LAST_ROW}`);
  }
  if (!isWhole(order.slice) || order.slice < 0)
    return no("slice", order.slice, "a whole number of at least 0");
  if (!isWhole(order.parent) || order.parent < 0)
    return no("parent", order.parent, "0, or the number of a parent order");
  if (order.parent > 0 && decision.kind === DECISION.order && !parts.parents.isParentOf(order)) {
    const expected = "a parent of its seat, in its instrument and on its side, that was not released";
    return no("parent", order.parent, expected);
  }
  return checkPrices(decision) || checkExpiry(decision) || checkPostOnly(decision);
}

/**
 * A parent order's fields.
 *
 * @refuses `RISK_ORDER_INVALID`
 */
export function checkReserveFields(decision: Decision): boolean {
  const { order, nowNs } = decision;
  const no = (field: string, value: unknown, expected: string): boolean =>
    decision.fail("RISK_ORDER_INVALID", field, value, expected) || true;
  if (!Number.isFinite(nowNs) || Object.is(nowNs, -0)) return no("nowNs", nowNs, "a time in ns");
  if (!isSide(order.side)) return no("side", order.side, "1 or -1");
  if (!isWhole(order.lots) || order.lots < 1 || order.lots > MOST_PARENT_LOTS) {
    return no("lots", order.lots, `a whole number of lots within 1 and ${MOST_PARENT_LOTS}`);
  }
  if (isTicks(order.priceTicks)) return false;
  return no("priceTicks", order.priceTicks, `whole ticks within ${MAX_TICKS}`);
}

function checkPrices(decision: Decision): boolean {
  const { type, priceTicks, stopTicks } = decision.order;
  const hasPrice = type === ORDER_TYPE.limit || type === ORDER_TYPE.stopLimit;
  const hasStop = type === ORDER_TYPE.stop || type === ORDER_TYPE.stopLimit;
  if (!isTicks(priceTicks) || (!hasPrice && priceTicks !== 0)) {
    const expected = hasPrice ? `whole ticks within ${MAX_TICKS}` : "0 for an order without a limit";
    return decision.fail("RISK_ORDER_INVALID", "priceTicks", priceTicks, expected) || true;
  }
  if (isTicks(stopTicks) && (hasStop || stopTicks === 0)) return false;
  const expected = hasStop ? `whole ticks within ${MAX_TICKS}` : "0 for an order without a stop";
  return decision.fail("RISK_ORDER_INVALID", "stopTicks", stopTicks, expected) || true;
}

/** An order that must not take can be nothing but a limit order that rests. */
function checkPostOnly(decision: Decision): boolean {
  const { flags, type, timeInForce } = decision.order;
  const hasLimit = type === ORDER_TYPE.limit || type === ORDER_TYPE.stopLimit;
  const isPassive = hasLimit && timeInForce !== TIME_IN_FORCE.IOC && timeInForce !== TIME_IN_FORCE.FOK;
  if ((flags & GATE_FLAG.postOnly) === 0 || isPassive) return false;
  const expected = "no post-only flag but on a limit order that may rest";
  return decision.fail("RISK_ORDER_INVALID", "flags", flags, expected) || true;
}

function checkExpiry(decision: Decision): boolean {
  const { expireNs, timeInForce } = decision.order;
  const ends = timeInForce === TIME_IN_FORCE.GTD;
  if (ends ? isWhole(expireNs) && expireNs > decision.nowNs : expireNs === Number.POSITIVE_INFINITY)
    return false;
  const expected = ends ? "a whole number of ns after now" : "Infinity unless GTD";
  return decision.fail("RISK_ORDER_INVALID", "expireNs", expireNs, expected) || true;
}

/** Whether a value is a price in ticks. */
export function isTicks(value: number): boolean {
  return isWhole(value) && value <= MAX_TICKS && value >= -MAX_TICKS;
}

/**
 * Every required limit must be said at one level of the path at least.
 *
 * @refuses `RISK_LIMIT_MISSING`
 */
export function checkLimitsSaid(parts: GateParts, decision: Decision): boolean {
  const { paths } = parts.hierarchy;
  let said = 0;
  for (let at = decision.from; at < decision.from + PATH_LENGTH; at++) {
    said |= parts.limits.said[paths[at] as number] as number;
  }
  if ((said & REQUIRED_MASK) === REQUIRED_MASK || decision.isReducing) return false;
  for (const name of REQUIRED_LIMITS) {
    if ((said & (1 << LIMIT[name])) !== 0) continue;
    if (
      decision.fail("RISK_LIMIT_MISSING", name, undefined, "a number or unlimited, at one level at least")
    ) {
      return true;
    }
  }
  return false;
}

/**
 * Whether the venue takes such an order now, and whether the instrument trades. Orders that only reduce pass a halt,
 * and a closed session: the venue says no, if it must.
 *
 * @refuses `RISK_SESSION_CLOSED`, `RISK_HALTED`
 */
export function checkTrading(parts: GateParts, decision: Decision): boolean {
  const { order, nowNs, isReducing } = decision;
  const hours = parts.hours[order.instrument];
  if (hours !== undefined && !isReducing && !hours.allows(nowNs, order.type, order.timeInForce)) {
    const expected = "a session that takes this order type and time in force";
    if (decision.fail("RISK_SESSION_CLOSED", "nowNs", nowNs, expected)) return true;
  }
  if (parts.status === undefined || isReducing || parts.status.isTrading(order.instrument, nowNs))
    return false;
  const status = parts.status.statusOf(order.instrument);
  return decision.fail("RISK_HALTED", "status", status, "an instrument known to trade, confirmed of late");
}
