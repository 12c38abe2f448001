import { checkLosses, checkValueAtRisk } from "./checks-loss.ts";
import {
  checkBreakers,
  checkCompliance,
  checkDrift,
  checkOrderToTrade,
  checkPermissions,
} from "./checks-rules.ts";
import type { Decision } from "./decision.ts";
import { NODE } from "./exposure.ts";
import type { GateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS, REQUIRED_MASK } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

const MAX_PRICE = 1_000_000_000;
const WHOLE_BPS = 10_000;
const NONE = Number.POSITIVE_INFINITY;
const CONCENTRATION = LIMIT.maxConcentration;
const MARGIN = LIMIT.maxMarginShare;
const LEVERAGE = LIMIT.maxLeverage;

/**
 * Columns of one path's static limits, the strictest along it: lots, worth, share of volume, collar in basis points
 * and in doubled ticks, ticks through; whether such orders can be decided here; whether further rules are asked.
 */
const BOUNDS = 8;

/**
 * The same checks for the order that breaks nothing: a limit order by a known seat with a fresh book, within 80 % of
 * every limit. It says yes to no order that `judge` would refuse or warn of, and leaves every other one to `judge`:
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
    decision.from = path * 7;
    return (
      this.#areFieldsClear(order, nowNs) &&
      this.#isPriceClear(order, nowNs, path * 8, decision) &&
      this.#isTradingClear(order, nowNs) &&
      this.#areRatesClear(decision.from, nowNs) &&
      this.#areLevelsClear(order, decision) &&
      this.#isNew(order, nowNs) &&
      (this.#bounds[path * 8 + 7] === 0 || this.#areRulesClear(decision)) &&
      parts.latch.peek() === word
    );
  }

  #areFieldsClear(order: GateOrder, nowNs: number): boolean {
    const { lots, priceTicks, id, flags, timeInForce, slice, row } = order;
    return (
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
   * The worst case at every level, losses, equity and messages: one pass without a call, leaving the exposure's plan.
   *
   * Columns stand here as numbers: a constant of another file is loaded and checked at every use, which costs this
   * pass a quarter. `test/unit/risk-quick-check.test.ts` compares them with `NODE`, `CELL`, `PLAN` and `LIMIT`.
   */
  #areLevelsClear(order: GateOrder, decision: Decision): boolean {
    const { exposure, limits, hierarchy, worth } = this.#parts;
    const { cells, nodes, planned, instruments } = exposure;
    const { soft } = limits;
    const { paths } = hierarchy;
    const { instrument, side, lots } = order;
    const { from, addTickLots, orderValue } = decision;
    const mark = exposure.markTicks[instrument] as number;
    const bps = exposure.marginBps[instrument] as number;
    const above = worth.numerator[instrument] as number;
    const below = worth.denominator[instrument] as number;
    const isBuy = side > 0;
    const lotsLimit = isBuy ? 3 : 4;
    const openLots = isBuy ? 1 : 2;
    const sideCell = isBuy ? 7 : 8;
    const sideSum = isBuy ? 1 : 2;
    for (let level = 0; level < 7; level++) {
      const node = paths[from + level] as number;
      const at = level < 5 ? level << 2 : 0;
      const cell = (Math.imul(level < 5 ? node : 0, instruments) + instrument) << 4;
      const row = node << 4;
      const limit = Math.imul(node, 22);
      const position = cells[cell] as number;
      if (level < 5) {
        const held = position === 0 ? 0 : position * mark;
        const long = held + (cells[cell + 3] as number) + (isBuy ? addTickLots : 0);
        const short = held - (cells[cell + 4] as number) - (isBuy ? 0 : addTickLots);
        const most = Math.max(Math.abs(long), Math.abs(short)) * above;
        if (!(most <= Number.MAX_SAFE_INTEGER)) return false;
        const gross = below === 1 ? most : Math.ceil(most / below);
        planned[at] = gross;
        planned[at + 1] = isBuy ? Math.ceil((long * above) / below) : Math.floor((short * above) / below);
        planned[at + 2] = bps === 10_000 ? gross : Math.ceil((gross * bps) / 10_000);
      }
      const plan = planned[at] as number;
      const gross = (nodes[row] as number) + plan - (cells[cell + 6] as number);
      const net =
        (nodes[row + sideSum] as number) + (planned[at + 1] as number) - (cells[cell + sideCell] as number);
      const today = nodes[row + 4] as number;
      const isBelow =
        side * position + (cells[cell + openLots] as number) + lots <= (soft[limit + lotsLimit] as number) &&
        gross <= (soft[limit + 5] as number) &&
        side * net <= (soft[limit + 6] as number) &&
        (nodes[row + 5] as number) + 1 <= (soft[limit + 7] as number) &&
        (nodes[row + 6] as number) + orderValue <= (soft[limit + 8] as number) &&
        0 - today < (soft[limit + 10] as number) &&
        nodes[row + 8] === 0 &&
        (nodes[row + 9] as number) + 1 <= (soft[limit + 12] as number);
      if (!isBelow) return false;
      if (nodes[row + 10] === 0) continue;
      const equity = (nodes[row + 7] as number) + today;
      const margin = (nodes[row + 3] as number) + (planned[at + 2] as number) - (cells[cell + 9] as number);
      const isCovered =
        equity > 0 &&
        plan <= (soft[limit + 9] as number) * equity &&
        margin <= (soft[limit + 16] as number) * equity &&
        gross <= (soft[limit + 17] as number) * equity;
      if (!isCovered) return false;
    }
    return true;
  }

  /** A token at every level; messages that left the last minute no longer count. */
  #areRatesClear(from: number, nowNs: number): boolean {
    const { perSecond, perMinute, hierarchy } = this.#parts;
    perMinute.advance(nowNs);
    return perSecond.allowsAll(hierarchy.paths, from, PATH_LENGTH, nowNs);
  }

  #isNew(order: GateOrder, nowNs: number): boolean {
    const { ids, recent, orders, log } = this.#parts;
    return (
      ids.check(order.seat, order.id) === "clear" &&
      recent.check(order, nowNs) === "clear" &&
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
    const { limits, hierarchy, rules, losses, instruments, exposure } = this.#parts;
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
      const shares = [CONCENTRATION, MARGIN, LEVERAGE].some(
        (column) => (limits.hard[row + column] as number) < NONE,
      );
      exposure.setNode(node, NODE.hasShares, shares ? 1 : 0);
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
    this.#bounds[at + 1] = least(LIMIT.maxOrderValue);
    this.#bounds[at + 2] = least(LIMIT.maxVolumeShare);
    this.#bounds[at + 3] = least(LIMIT.priceCollarBps);
    this.#bounds[at + 4] = leastTwice === NONE ? 0 : leastTwice;
    this.#bounds[at + 5] = least(LIMIT.maxTicksThrough);
    this.#bounds[at + 6] = isQuick;
    this.#bounds[at + 7] = hasRules ? 1 : 0;
    this.#version[path] = this.#parts.version;
  }
}
