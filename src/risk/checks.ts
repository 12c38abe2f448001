import { checkEquity, checkPosition, checkRate } from "./checks-exposure.ts";
import { checkLosses, checkValueAtRisk } from "./checks-loss.ts";
import {
  checkFields,
  checkLatch,
  checkLimitsSaid,
  checkReserveFields,
  checkTrading,
  findPlaces,
  refusePlaces,
} from "./checks-order.ts";
import { checkPrice, checkReserveSize, checkSize, weigh } from "./checks-price.ts";
import {
  checkBreakers,
  checkCompliance,
  checkDrift,
  checkDuplicate,
  checkOrderToTrade,
  checkPermissions,
  checkRepeatedParent,
  checkReserved,
} from "./checks-rules.ts";
import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import type { GateParts } from "./gate-parts.ts";

/**
 * All checks in their order. Says whether the order is stopped: by the first refusal, or never where the decision
 * collects them (an order whose own fields are wrong is always stopped: nothing more can be worked out from it).
 *
 * @invariant Nothing but the decision, its warnings and latches of losses is changed.
 */
export function judge(parts: GateParts, decision: Decision): boolean {
  const isPlaced = findPlaces(parts, decision);
  if (checkLatch(parts, decision, isPlaced)) return true;
  if (!isPlaced) {
    refusePlaces(parts, decision);
    return true;
  }
  if (checkFields(parts, decision)) return true;
  if (parts.isUnlimited) return checkRoom(parts, decision) || checkLatch(parts, decision, true);
  weigh(parts, decision);
  if (checkWorth(decision)) return true;
  return (
    checkPermissions(parts, decision) ||
    checkLimitsSaid(parts, decision) ||
    checkTrading(parts, decision) ||
    checkSize(parts, decision) ||
    checkPrice(parts, decision) ||
    checkDrift(parts, decision) ||
    checkDuplicate(parts, decision) ||
    checkRate(parts, decision) ||
    checkPosition(parts, decision) ||
    checkEquity(parts, decision) ||
    checkValueAtRisk(parts, decision) ||
    checkLosses(parts, decision) ||
    checkBreakers(parts, decision) ||
    checkCompliance(parts, decision) ||
    checkOrderToTrade(parts, decision) ||
    checkRoom(parts, decision) ||
    (!decision.collects && checkLatch(parts, decision, true))
  );
}

/**
 * The checks of a parent order, in their order: those that are about a total. Says whether it is stopped.
 *
 * @invariant As of {@link judge}.
 */
export function judgeReserve(parts: GateParts, decision: Decision, limitTicks: number): boolean {
  const isPlaced = findPlaces(parts, decision);
  if (checkLatch(parts, decision, isPlaced)) return true;
  if (!isPlaced) {
    refusePlaces(parts, decision);
    return true;
  }
  if (checkReserveFields(decision)) return true;
  if (parts.isUnlimited) return checkRoom(parts, decision) || checkLatch(parts, decision, true);
  weigh(parts, decision, limitTicks);
  if (checkWorth(decision)) return true;
  return (
    checkPermissions(parts, decision) ||
    checkLimitsSaid(parts, decision) ||
    checkReserveSize(parts, decision) ||
    checkRepeatedParent(parts, decision) ||
    checkPosition(parts, decision) ||
    checkEquity(parts, decision) ||
    checkValueAtRisk(parts, decision) ||
    checkLosses(parts, decision) ||
    checkReserved(parts, decision) ||
    checkRoom(parts, decision) ||
    checkLatch(parts, decision, true)
  );
}

/**
 * An order whose worth is past 2^53 of the gate's money can't be counted exactly.
 *
 * @refuses `RISK_ORDER_INVALID`
 */
function checkWorth(decision: Decision): boolean {
  if (!(decision.orderValue > Number.MAX_SAFE_INTEGER)) return false;
  decision.fail(
    "RISK_ORDER_INVALID",
    "lots",
    decision.order.lots,
    "an order worth less than 2^53 minor units",
  );
  return true;
}

/**
 * Room for one more order, for one more parent of a seat that opens one, and for the records of the decision.
 *
 * @refuses `RISK_CAPACITY`, `RISK_RECORDS_FULL`
 */
function checkRoom(parts: GateParts, decision: Decision): boolean {
  const { orders, parents, log } = parts;
  if (decision.kind === DECISION.order && orders.room === 0) {
    const expected = `at most ${orders.capacity} orders at one time`;
    if (decision.fail("RISK_CAPACITY", "orders", orders.capacity, expected)) return true;
  }
  const { id, seat } = decision.order;
  const isOpening = decision.kind === DECISION.reserve && parents.find(seat, id) === undefined;
  if (isOpening && parents.sizeOf(seat) >= parents.seatCapacity) {
    const expected = `at most ${parents.seatCapacity} parents of one seat at one time`;
    return decision.fail("RISK_CAPACITY", "parents", parents.sizeOf(seat), expected);
  }
  if (log.hasRoom) return false;
  return decision.fail("RISK_RECORDS_FULL", "records", log.size, "decisions drained by whoever records them");
}
