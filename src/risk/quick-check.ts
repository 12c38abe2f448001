import { checkLosses, checkValueAtRisk } from "./checks-loss.ts";
import {
  checkBreakers,
  checkCompliance,
  checkDrift,
  checkOrderToTrade,
  checkPermissions,
} from "./checks-rules.ts";
import type { Decision } from "./decision.ts";
import type { GateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS, REQUIRED_MASK } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

const MAX_PRICE = 1_000_000_000;
const WHOLE_BPS = 10_000;
const NONE = Number.POSITIVE_INFINITY;

/**
 * Columns of one path's static limits, the strictest along it: lots, worth, share of volume, collar in basis points
 * and in doubled ticks, ticks through; whether such orders can be decided here; whether further rules are asked.
 */
const BOUNDS = 8;

/**
 * The same checks for the order that breaks nothing: a limit order by a known seat with a fresh book, within 80 % of
 * every limit with its own worth on top. It says yes to no order that `judge` would refuse or warn of, and leaves every other one to `judge`:
 * which rule is broken, at which level and by how much, is found there alone.
 *
 * @invariant `isClear` implies that `judge` does not stop the order (`test/property/risk-quick-check.test.ts`).
 * @cost One pass over five cells and seven nodes; nothing allocated.
 */
export class QuickCheck {
  readonly #parts: GateParts;
  readonly #bounds: Float64Array;
  readonly #version: Int32Array;

  constructor(parts: GateParts) {
    this.#parts = parts;
    const paths = parts.hierarchy.paths.length / PATH_LENGTH;
    this.#bounds = new Float64Array(paths * BOUNDS);
    this.#version = new Int32Array(paths);
  }

  /** Whether an order clearly passes. What it would hold is left in the decision and in the exposure's plan. */
  isClear(order: GateOrder, nowNs: number, decision: Decision): boolean {
    const parts = this.#parts;
    const word = parts.latch.peek();
    const { seat, instrument } = order;
    const seats = parts.hierarchy.seats.length;
    const instruments = parts.instruments.length;
    if ((word & 3) !== 0 || !Number.isInteger(seat) || !Number.isInteger(instrument)) return false;
    if (!(seat >= 0 && seat < seats && instrument >= 0 && instrument < instruments)) return false;
    if (Object.is(seat, -0) || Object.is(instrument, -0)) return false;
    const path = seat * instruments + instrument;
    if (this.#version[path] !== parts.version) this.#resolve(path);
    decision.latch = word;
    decision.path = path;
    decision.from = path * 7;
    return (
      this.#areFieldsClear(order, nowNs) &&
      this.#isPriceClear(order, nowNs, path * 8, decision) &&
      this.#isTradingClear(order, nowNs) &&
      this.#isNew(order, nowNs) &&
      this.#areLevelsClear(order, path, decision) &&
      (this.#bounds[path * 8 + 7] === 0 || this.#areRulesClear(decision)) &&
      parts.latch.peek() === word
    );
  }

  #areFieldsClear(order: GateOrder, nowNs: number): boolean {
    const { lots, priceTicks, id, flags, timeInForce, slice, row } = order;
    // What is held for a parent is asked by `judge`.
    return (
      Object.is(order.parent, 0) &&
      Number.isSafeInteger(lots) &&
      lots > 0 &&
      Number.isSafeInteger(priceTicks) &&
      priceTicks > 0 &&
      priceTicks <= MAX_PRICE &&
      Object.is(order.type, 0) &&
      (order.side === 1 || order.side === -1) &&
      Object.is(order.stopTicks, 0) &&
      Number.isSafeInteger(order.displayLots) &&
      order.displayLots >= 0 &&
      order.displayLots <= lots &&
      !Object.is(order.displayLots, -0) &&
      Number.isSafeInteger(slice) &&
      slice >= 0 &&
      !Object.is(slice, -0) &&
      (Object.is(flags, 0) || (flags === 1 && Object.is(timeInForce, 0))) &&
      (Object.is(timeInForce, 0) || timeInForce === 1 || timeInForce === 3) &&
      order.expireNs === Number.POSITIVE_INFINITY &&
      Number.isSafeInteger(id) &&
      id >= 1 &&
      Number.isSafeInteger(row) &&
      row >= 0 &&
      row <= 0x7fff_ffff &&
      !Object.is(row, -0) &&
      typeof nowNs === "number" &&
      nowNs > 0 &&
      nowNs < Number.POSITIVE_INFINITY
    );
  }

  #isPriceClear(order: GateOrder, nowNs: number, at: number, decision: Decision): boolean {
    const { references, worth, volumeLots } = this.#parts;
    const bounds = this.#bounds;
    const { instrument, side, priceTicks, lots } = order;
    if ((bounds[at + 6] as number) !== 1 || !references.hasBook(instrument, nowNs)) return false;
    const bid = references.bidTicks[instrument] as number;
    const ask = references.askTicks[instrument] as number;
    const twice = bid + ask;
    const allowed = Math.max((twice * (bounds[at + 3] as number)) / WHOLE_BPS, bounds[at + 4] as number);
    if (!(Math.abs(2 * priceTicks - twice) <= allowed)) return false;
    const through = side > 0 ? priceTicks - ask : bid - priceTicks;
    const isBelow = side < 0 && twice > 2 * priceTicks;
    const unit = isBelow ? Math.ceil(twice / 2) : priceTicks;
    const tickLots = lots * unit;
    const value = worth.up(instrument, tickLots);
    const share = bounds[at + 2] as number;
    decision.unitTicks = unit;
    decision.addTickLots = tickLots;
    decision.orderValue = value;
    decision.twiceReference = twice;
    decision.allowedTwice = allowed;
    return (
      through <= (bounds[at + 5] as number) &&
      lots <= (bounds[at] as number) &&
      value <= (bounds[at + 1] as number) &&
      (share === NONE || lots <= share * (volumeLots[instrument] as number))
    );
  }

  #isTradingClear(order: GateOrder, nowNs: number): boolean {
    const { hours, status } = this.#parts;
    const own = hours[order.instrument];
    return (
      (own === undefined || own.allows(nowNs, order.type, order.timeInForce)) &&
      (status === undefined || status.isTrading(order.instrument, nowNs))
    );
  }

  /**
   * The worst case at every level, losses, equity and messages: one pass without a call, which changes nothing.
   *
   * No cell's worst case grows by more than the order's own worth, so sums are asked with that on top: what is within
   * its worth of a soft limit is left to `judge`.
   *
   * Columns stand here as numbers: a constant of another file is loaded and checked at every use, which costs this
   * pass a quarter. `test/property/risk-quick-check.test.ts` compares them with `NODE`, `CELL` and `PLANNED`.
   */
  #areLevelsClear(order: GateOrder, path: number, decision: Decision): boolean {
    const { exposure, perMinute } = this.#parts;
    const { rows, places } = exposure;
    const { side, lots } = order;
    const { addTickLots, orderValue, nowNs } = decision;
    const margin = Math.ceil((orderValue * (exposure.marginBps[order.instrument] as number)) / 10_000);
    const first = path << 4;
    const sum = side > 0 ? 1 : 2;
    const own = side > 0 ? 4 : 8;
    const mostLots = side > 0 ? 16 : 17;
    rows[24] = lots;
    rows[25] = addTickLots;
    rows[26] = orderValue;
    rows[27] = nowNs;
    rows[28] = perMinute.isCounted[path] as number;
    let worstLots = 0;
    let worth = 0;
    for (let place = 0; place < 7; place++) {
      // A class and a symbol are measured by the firm's cell, which comes before them.
      if (place < 5) {
        const cell = places[first | place] as number;
        worstLots = side * (rows[cell] as number) + (rows[cell | own] as number) + lots;
        worth = (rows[cell | 2] as number) + orderValue;
      }
      const node = places[first | 8 | place] as number;
      const today = rows[node | 4] as number;
      const isBelow =
        worstLots <= (rows[node | mostLots] as number) &&
        (rows[node] as number) + orderValue <= (rows[node | 18] as number) &&
        (rows[node | sum] as number) + orderValue <= (rows[node | 19] as number) &&
        (rows[node | 5] as number) + 1 <= (rows[node | 20] as number) &&
        (rows[node | 6] as number) + orderValue <= (rows[node | 21] as number) &&
        0 - today < (rows[node | 22] as number) &&
        rows[node | 8] === 0 &&
        (rows[node | 9] as number) + 1 <= (rows[node | 23] as number) &&
        (rows[node | 12] as number) <= nowNs + (rows[node | 13] as number);
      if (!isBelow) return false;
      if (rows[node | 10] === 0) continue;
      const equity = (rows[node | 7] as number) + today;
      const isCovered =
        equity > 0 &&
        worth <= (rows[node | 24] as number) * equity &&
        (rows[node | 3] as number) + margin <= (rows[node | 25] as number) * equity &&
        (rows[node] as number) + orderValue <= (rows[node | 26] as number) * equity;
      if (!isCovered) return false;
    }
    return true;
  }

  /** Room for an order that is none again; messages that left the last minute no longer count. */
  #isNew(order: GateOrder, nowNs: number): boolean {
    const { ids, recent, orders, log, perMinute } = this.#parts;
    perMinute.advance(nowNs);
    return (
      ids.check(order.seat, order.id) === "clear" &&
      recent.checkWhole(order, nowNs) === "clear" &&
      orders.room > 0 &&
      log.hasRoom
    );
  }

  /** The rules that are not always there, as `judge` asks them; the order counts as new risk. */
  #areRulesClear(decision: Decision): boolean {
    const parts = this.#parts;
    decision.isReducing = false;
    return !(
      checkPermissions(parts, decision) ||
      checkDrift(parts, decision) ||
      checkValueAtRisk(parts, decision) ||
      checkLosses(parts, decision) ||
      checkBreakers(parts, decision) ||
      checkCompliance(parts, decision) ||
      checkOrderToTrade(parts, decision)
    );
  }

  /** Brings the bounds of a path in line with the limits of now. */
  #resolve(path: number): void {
    const { limits, hierarchy, rules, losses, instruments } = this.#parts;
    const at = path * BOUNDS;
    const instrument = path % instruments.length;
    let [said, isQuick] = [0, 1];
    const least = (column: number): number => {
      let bound = NONE;
      for (let level = 0; level < PATH_LENGTH; level++) {
        const node = hierarchy.paths[path * PATH_LENGTH + level] as number;
        bound = Math.min(bound, limits.soft[node * LIMIT_COLUMNS + column] as number);
      }
      return bound;
    };
    let leastTwice = NONE;
    for (let level = 0; level < PATH_LENGTH; level++) {
      const node = hierarchy.paths[path * PATH_LENGTH + level] as number;
      const row = node * LIMIT_COLUMNS;
      said |= limits.said[node] as number;
      if ((limits.hard[row + LIMIT.priceCollarBps] as number) < NONE) {
        leastTwice = Math.min(leastTwice, 2 * (limits.hard[row + LIMIT.priceCollarTicks] as number));
      }
      const perSecond = limits.hard[row + LIMIT.maxOrdersPerSecond] as number;
      if (perSecond === 0 || (perSecond < NONE && limits.burst[node] === 0)) isQuick = 0;
    }
    if ((said & REQUIRED_MASK) !== REQUIRED_MASK) isQuick = 0;
    const hasRules = Object.keys(rules).length > 0 || losses.isUsed || least(LIMIT.maxValueAtRisk) < NONE;
    const { minLots, maxLots } = instruments[instrument] as { minLots: number; maxLots: number };
    if (minLots > 1) isQuick = 0;
    this.#bounds[at] = Math.min(maxLots, least(LIMIT.maxOrderLots));
    this.#bounds[at + 1] = Math.min(Number.MAX_SAFE_INTEGER, least(LIMIT.maxOrderValue));
    this.#bounds[at + 2] = least(LIMIT.maxVolumeShare);
    this.#bounds[at + 3] = least(LIMIT.priceCollarBps);
    this.#bounds[at + 4] = leastTwice === NONE ? 0 : leastTwice;
    this.#bounds[at + 5] = least(LIMIT.maxTicksThrough);
    this.#bounds[at + 6] = isQuick;
    this.#bounds[at + 7] = hasRules ? 1 : 0;
    this.#version[path] = this.#parts.version;
  }
}
