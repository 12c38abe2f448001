import { ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import { checkLosses, checkValueAtRisk } from "./checks-loss.ts";
import { checkBreakers, checkCompliance, checkDrift, checkPermissions } from "./checks-rules.ts";
import type { Decision } from "./decision.ts";
import { GATE_FLAG, type GateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { KillLatch } from "./kill-latch.ts";
import { FIRM_NODE, OWNER_LEVELS, PATH_LENGTH } from "./levels.ts";
import { LIMIT_COLUMNS, REQUIRED_MASK } from "./limit-table.ts";
import { LIMIT } from "./limits.ts";

const MAX_PRICE = 1_000_000_000;
const WHOLE_BPS = 10_000;
const NONE = Number.POSITIVE_INFINITY;
const LONG = LIMIT.maxLongLots;
const SHORT = LIMIT.maxShortLots;
const GROSS = LIMIT.maxGrossValue;
const NET = LIMIT.maxNetValue;
const OPEN_ORDERS = LIMIT.maxOpenOrders;
const OPEN_VALUE = LIMIT.maxOpenValue;
const CONCENTRATION = LIMIT.maxConcentration;
const MARGIN = LIMIT.maxMarginShare;
const LEVERAGE = LIMIT.maxLeverage;
const PER_MINUTE = LIMIT.maxOrdersPerMinute;
const DAY_LOSS = LIMIT.maxDailyLoss;
const VENUE_FLAGS = GATE_FLAG.postOnly;

/** Columns of one path: the strictest of its static limits, their soft part. */
const BOUND = {
  lots: 0,
  value: 1,
  share: 2,
  bps: 3,
  leastTwice: 4,
  through: 5,
  isQuick: 6,
  hasRules: 7,
} as const;
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
  readonly #hasShares: Uint8Array;

  constructor(parts: GateParts) {
    this.#parts = parts;
    const paths = parts.hierarchy.paths.length / PATH_LENGTH;
    this.#bounds = new Float64Array(paths * BOUNDS);
    this.#version = new Int32Array(paths);
    this.#hasShares = new Uint8Array(parts.hierarchy.nodes);
  }

  /** Whether an order clearly passes. What it would hold is left in the decision and in the exposure's plan. */
  isClear(order: GateOrder, nowNs: number, decision: Decision): boolean {
    const parts = this.#parts;
    const word = parts.latch.peek();
    const { seat, instrument } = order;
    const instruments = parts.instruments.length;
    if (!KillLatch.isOpen(word) || (seat | 0) !== seat || (instrument | 0) !== instrument) return false;
    if (seat < 0 || seat >= parts.hierarchy.seats.length || instrument < 0 || instrument >= instruments)
      return false;
    const path = seat * instruments + instrument;
    if (this.#version[path] !== parts.version) this.#resolve(path);
    decision.latch = word;
    decision.from = path * PATH_LENGTH;
    return (
      this.#areFieldsClear(order, nowNs) &&
      this.#isPriceClear(order, nowNs, path * BOUNDS, decision) &&
      this.#isTradingClear(order, nowNs) &&
      this.#areLevelsClear(order, nowNs, decision) &&
      this.#isNew(order, nowNs) &&
      (this.#bounds[path * BOUNDS + BOUND.hasRules] === 0 || this.#areRulesClear(decision))
    );
  }

  #areFieldsClear(order: GateOrder, nowNs: number): boolean {
    const { lots, priceTicks, id, flags, timeInForce } = order;
    return (
      lots > 0 &&
      lots <= Number.MAX_SAFE_INTEGER &&
      Math.floor(lots) === lots &&
      (priceTicks | 0) === priceTicks &&
      priceTicks > 0 &&
      priceTicks <= MAX_PRICE &&
      order.type === ORDER_TYPE.limit &&
      !Object.is(order.type, -0) &&
      (order.side === 1 || order.side === -1) &&
      Object.is(order.stopTicks, 0) &&
      Object.is(order.displayLots, 0) &&
      order.slice >= 0 &&
      Math.floor(order.slice) === order.slice &&
      !Object.is(order.slice, -0) &&
      order.slice <= Number.MAX_SAFE_INTEGER &&
      (Object.is(flags, 0) || flags === VENUE_FLAGS) &&
      timeInForce >= 0 &&
      timeInForce <= TIME_IN_FORCE.DAY &&
      Math.floor(timeInForce) === timeInForce &&
      !Object.is(timeInForce, -0) &&
      order.expireNs === NONE &&
      id >= 1 &&
      id <= Number.MAX_SAFE_INTEGER &&
      Math.floor(id) === id &&
      nowNs > 0 &&
      nowNs < NONE &&
      !Object.is(order.seat, -0) &&
      !Object.is(order.instrument, -0)
    );
  }

  #isPriceClear(order: GateOrder, nowNs: number, at: number, decision: Decision): boolean {
    const { references, worth, volumeLots } = this.#parts;
    const bounds = this.#bounds;
    const { instrument, side, priceTicks, lots } = order;
    if ((bounds[at + BOUND.isQuick] as number) !== 1 || !references.hasBook(instrument, nowNs)) return false;
    const bid = references.bidTicks[instrument] as number;
    const ask = references.askTicks[instrument] as number;
    const twice = bid + ask;
    const allowed = Math.max(
      (twice * (bounds[at + BOUND.bps] as number)) / WHOLE_BPS,
      bounds[at + BOUND.leastTwice] as number,
    );
    if (!(Math.abs(2 * priceTicks - twice) <= allowed)) return false;
    const through = side > 0 ? priceTicks - ask : bid - priceTicks;
    const isBelow = side < 0 && twice > 2 * priceTicks;
    const unit = isBelow ? Math.ceil(twice / 2) : priceTicks;
    const tickLots = lots * unit;
    const value = worth.up(instrument, tickLots);
    const share = bounds[at + BOUND.share] as number;
    decision.unitTicks = unit;
    decision.addTickLots = tickLots;
    decision.orderValue = value;
    decision.twiceReference = twice;
    decision.allowedTwice = allowed;
    return (
      through <= (bounds[at + BOUND.through] as number) &&
      lots <= (bounds[at + BOUND.lots] as number) &&
      value <= (bounds[at + BOUND.value] as number) &&
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

  #areLevelsClear(order: GateOrder, nowNs: number, decision: Decision): boolean {
    const { exposure } = this.#parts;
    const { paths } = this.#parts.hierarchy;
    const { from } = decision;
    exposure.plan(paths, from, order.instrument, order.side, decision.addTickLots);
    return (
      this.#areLotsClear(paths, from, order) &&
      this.#areSumsClear(paths, from, order, decision.orderValue) &&
      this.#areRatesClear(paths, from, nowNs)
    );
  }

  #areLotsClear(paths: Int32Array, from: number, order: GateOrder): boolean {
    const { exposure, limits } = this.#parts;
    const { positionLots, instruments } = exposure;
    const { soft } = limits;
    const { instrument, side, lots } = order;
    const isBuy = side > 0;
    const column = isBuy ? LONG : SHORT;
    const open = isBuy ? exposure.buyLots : exposure.sellLots;
    let firm = 0;
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const node = paths[from + level] as number;
      const cell = node * instruments + instrument;
      const worst = side * (positionLots[cell] as number) + (open[cell] as number) + lots;
      if (!(worst <= (soft[node * LIMIT_COLUMNS + column] as number))) return false;
      if (level === 0) firm = worst;
    }
    for (let level = OWNER_LEVELS; level < PATH_LENGTH; level++) {
      const node = paths[from + level] as number;
      if (!(firm <= (soft[node * LIMIT_COLUMNS + column] as number))) return false;
    }
    return true;
  }

  #areSumsClear(paths: Int32Array, from: number, order: GateOrder, value: number): boolean {
    const { exposure, capital, isLossLatched, limits } = this.#parts;
    const { cellGross, cellMargin, planGross, planSide, planMargin } = exposure;
    const { gross, margin, today, openOrders, openValue, instruments } = exposure;
    const { soft } = limits;
    const { instrument, side } = order;
    const sums = side > 0 ? exposure.long : exposure.short;
    const cells = side > 0 ? exposure.cellLong : exposure.cellShort;
    for (let level = 0; level < PATH_LENGTH; level++) {
      const node = paths[from + level] as number;
      const row = node * LIMIT_COLUMNS;
      const owner = level < OWNER_LEVELS ? level : 0;
      const cell = (level < OWNER_LEVELS ? node : FIRM_NODE) * instruments + instrument;
      const planned = planGross[owner] as number;
      const newGross = (gross[node] as number) + planned - (cellGross[cell] as number);
      const net = side * ((sums[node] as number) + (planSide[owner] as number) - (cells[cell] as number));
      const newMargin =
        (margin[node] as number) + (planMargin[owner] as number) - (cellMargin[cell] as number);
      const day = today[node] as number;
      const equity = (capital[node] as number) + day;
      const isBelow =
        newGross <= (soft[row + GROSS] as number) &&
        net <= (soft[row + NET] as number) &&
        (openOrders[node] as number) < (soft[row + OPEN_ORDERS] as number) &&
        (openValue[node] as number) + value <= (soft[row + OPEN_VALUE] as number) &&
        0 - day <= (soft[row + DAY_LOSS] as number) &&
        isLossLatched[node] === 0 &&
        (this.#hasShares[node] === 0 ||
          (equity > 0 &&
            planned <= (soft[row + CONCENTRATION] as number) * equity &&
            newMargin <= (soft[row + MARGIN] as number) * equity &&
            newGross <= (soft[row + LEVERAGE] as number) * equity));
      if (!isBelow) return false;
    }
    return true;
  }

  #areRatesClear(paths: Int32Array, from: number, nowNs: number): boolean {
    const { perSecond, perMinute, limits } = this.#parts;
    const { soft } = limits;
    perMinute.advance(nowNs);
    const { counts } = perMinute;
    for (let at = from; at < from + PATH_LENGTH; at++) {
      const node = paths[at] as number;
      if (!((counts[node] as number) + 1 <= (soft[node * LIMIT_COLUMNS + PER_MINUTE] as number)))
        return false;
    }
    return perSecond.allowsAll(paths, from, PATH_LENGTH, nowNs);
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
      checkCompliance(parts, decision)
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
      const shares = [CONCENTRATION, MARGIN, LEVERAGE].some(
        (column) => (limits.hard[row + column] as number) < NONE,
      );
      this.#hasShares[node] = shares ? 1 : 0;
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
    this.#bounds[at + BOUND.lots] = Math.min(maxLots, least(LIMIT.maxOrderLots));
    this.#bounds[at + BOUND.value] = least(LIMIT.maxOrderValue);
    this.#bounds[at + BOUND.share] = least(LIMIT.maxVolumeShare);
    this.#bounds[at + BOUND.bps] = least(LIMIT.priceCollarBps);
    this.#bounds[at + BOUND.leastTwice] = leastTwice === NONE ? 0 : leastTwice;
    this.#bounds[at + BOUND.through] = least(LIMIT.maxTicksThrough);
    this.#bounds[at + BOUND.isQuick] = isQuick;
    this.#bounds[at + BOUND.hasRules] = hasRules ? 1 : 0;
    this.#version[path] = this.#parts.version;
  }
}
