import { ORDER_FLAG, ORDER_TYPE, REASON, REPORT, TIME_IN_FORCE } from "../model/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TortureMarket } from "./torture-market.ts";
import { STALE_EPOCH } from "./truth-log.ts";
import { TRUTH_STATE } from "./truth-orders.ts";
import type { VenueClock } from "./venue-clock.ts";
import { VENUE_FAULT, VENUE_REASON, type VenueFaults } from "./venue-faults.ts";
import type { VenueFills } from "./venue-fills.ts";
import type { VenueReports } from "./venue-reports.ts";
import type { VenueTruth } from "./venue-truth.ts";
import type { VenueUnasked } from "./venue-unasked.ts";
import { WIRE, WIRE_KIND } from "./wire.ts";

/** Events of a venue that its desk puts. */
export const DESK_EVENT = { unsolicitedCancel: 3, expiry: 4 } as const;

const NONE = -1;
const SECOND_NS = 1e9;
const LOTS_MAX = 1e12;
const TICKS_MAX = 0x7fffffff;

/** The parts that a desk works with. */
export interface VenueDeskParts {
  readonly truth: VenueTruth;
  readonly fills: VenueFills;
  readonly reports: VenueReports;
  readonly market: TortureMarket;
  readonly faults: VenueFaults;
  readonly unasked: VenueUnasked;
  readonly scheduler: Scheduler;
  readonly clock: VenueClock;
  /** The venue's index of each instrument, by the engine's. */
  readonly localOf: Int32Array;
  /** Requests a second that are taken; 0 for any number. */
  readonly requestsPerSecond: number;
  readonly recvWindowNs: number;
}

/**
 * Decides on what the engine asks for, as an exchange does: checks it, accepts or rejects it, carries it out.
 *
 * @invariant Every message is logged with what became of it; one of an epoch below the highest seen changes
 * nothing and is not answered.
 */
export class VenueDesk {
  readonly #parts: VenueDeskParts;
  #actor = NONE;
  #second = -1;
  #inSecond = 0;
  /** Whether the message is too old to be taken. */
  #isStale = false;
  /** Why `#target` rejected. */
  #why: number = REASON.none;

  constructor(parts: VenueDeskParts) {
    this.#parts = parts;
  }

  /** Sets whose events expiries are. */
  bind(actor: number): void {
    this.#actor = actor;
  }

  /** Decides on one message; the checksum's cell holds when it arrived. */
  decide(cells: Float64Array, offset: number): void {
    const { truth } = this.#parts;
    truth.counts.messages += 1;
    const line = truth.log.add(cells[offset + WIRE.check] as number, cells, offset);
    const epoch = cells[offset + WIRE.epoch] as number;
    if (epoch < truth.highestEpoch) {
      truth.counts.staleEpochs += 1;
      truth.log.judge(line, STALE_EPOCH);
      return;
    }
    truth.highestEpoch = epoch;
    this.#isStale = this.#comesTooLate(cells, offset);
    const verdict = this.#carryOut(cells, offset);
    if (verdict === REASON.none) return;
    truth.counts.rejected += 1;
    truth.log.judge(line, verdict);
  }

  #comesTooLate(cells: Float64Array, offset: number): boolean {
    const { recvWindowNs, scheduler } = this.#parts;
    const kind = cells[offset + WIRE.kind];
    if (recvWindowNs === 0 || (kind !== WIRE_KIND.newOrder && kind !== WIRE_KIND.replace)) return false;
    return (scheduler.nowNs[0] as number) - (cells[offset + WIRE.exchNs] as number) > recvWindowNs;
  }

  /** Carries a message out; returns why it was rejected, 0 where it was not. */
  #carryOut(cells: Float64Array, offset: number): number {
    switch (cells[offset + WIRE.kind]) {
      case WIRE_KIND.newOrder:
        return this.#newOrder(cells, offset);
      case WIRE_KIND.cancel:
        return this.#cancel(cells, offset);
      case WIRE_KIND.replace:
        return this.#replace(cells, offset);
      case WIRE_KIND.massCancel:
        return this.#massCancel(cells, offset);
      default:
        return VENUE_REASON.unsupported;
    }
  }

  #newOrder(cells: Float64Array, offset: number): number {
    const { truth, reports, scheduler, clock, localOf } = this.#parts;
    const { orders } = truth;
    const known = orders.rowOf(cells[offset + WIRE.id] as number);
    if (known !== NONE) {
      orders.received[known] = (orders.received[known] as number) + 1;
      truth.counts.repeatedOrders += 1;
      reports.stranger(REPORT.rejected, cells, offset, VENUE_REASON.duplicateId);
      return VENUE_REASON.duplicateId;
    }
    const local = localOf[cells[offset + WIRE.instrument] as number] ?? NONE;
    const now = scheduler.nowNs[0] as number;
    const row = orders.add(cells, offset, local, now, clock.read());
    const reason = this.#refusalOf(row);
    if (reason !== REASON.none) {
      orders.state[row] = TRUTH_STATE.rejected;
      if (local === NONE) reports.stranger(REPORT.rejected, cells, offset, reason);
      else reports.state(REPORT.rejected, row, 0, reason);
      return reason;
    }
    this.#accept(row, now);
    return REASON.none;
  }

  #accept(row: number, now: number): void {
    const { truth, reports, fills, faults, scheduler, unasked } = this.#parts;
    const { orders } = truth;
    truth.setState(row, TRUTH_STATE.open);
    if (!unasked.insteadOfAck(row)) reports.accepted(row);
    if (faults.draws(VENUE_FAULT.unsolicitedCancel)) {
      const delay = faults.delay(VENUE_FAULT.unsolicitedCancel);
      scheduler.at(now + delay, this.#actor, DESK_EVENT.unsolicitedCancel, row);
    }
    if (orders.timeInForce[row] === TIME_IN_FORCE.GTD) {
      scheduler.at(orders.expireNs[row] as number, this.#actor, DESK_EVENT.expiry, row);
    }
    if (orders.isOpen(row) && !orders.isAway(row)) fills.enter(row);
  }

  /** Why a new order is not accepted; 0 where it is. */
  #refusalOf(row: number): number {
    const { truth, fills, market, scheduler } = this.#parts;
    const { orders } = truth;
    const local = orders.local[row] as number;
    const sign = orders.sideSign[row] as number;
    if (local === NONE) return VENUE_REASON.unknownInstrument;
    if (sign !== 1 && sign !== -1) return VENUE_REASON.badSide;
    const type = orders.type[row] as number;
    const timeInForce = orders.timeInForce[row] as number;
    if (type > ORDER_TYPE.market || timeInForce > TIME_IN_FORCE.GTD) return VENUE_REASON.unsupported;
    if (!isQuantity(orders.lots[row] as number)) return VENUE_REASON.badLots;
    const isMarket = type === ORDER_TYPE.market;
    if (!isMarket && !isPrice(orders.priceTicks[row] as number)) return VENUE_REASON.badPrice;
    const blocked = this.#blocked();
    if (blocked !== REASON.none) return blocked;
    if (timeInForce === TIME_IN_FORCE.GTD) {
      const expireNs = orders.expireNs[row] as number;
      if (!(expireNs > (scheduler.nowNs[0] as number) && Number.isFinite(expireNs))) return REASON.gtdReached;
    }
    if (market.halted[local] === 1) return VENUE_REASON.halted;
    const side = orders.sideIndex(row);
    const key = fills.reachKey(row);
    if (fills.wouldMeetOwn(local, side, key)) return VENUE_REASON.selfMatch;
    const flags = orders.flags[row] as number;
    if ((flags & ORDER_FLAG.postOnly) !== 0 && (isMarket || fills.wouldTake(local, side, key))) {
      return REASON.postOnlyWouldTake;
    }
    const isReduce = (flags & ORDER_FLAG.reduceOnly) !== 0;
    return isReduce && fills.roomToReduce(row) <= 0 ? REASON.reduceOnlyWouldOpen : REASON.none;
  }

  /** Whether requests are not taken now: too many of them, or a storm of rejections. */
  #blocked(): number {
    if (this.#isStale) return VENUE_REASON.stale;
    const { faults, scheduler, requestsPerSecond } = this.#parts;
    const second = Math.floor((scheduler.nowNs[0] as number) / SECOND_NS);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += 1;
    const isThrottled = faults.isOn(VENUE_FAULT.throttle);
    const most = isThrottled ? (faults.count[VENUE_FAULT.throttle] as number) : requestsPerSecond;
    if (most > 0 && this.#inSecond > most) {
      if (isThrottled) faults.hit(VENUE_FAULT.throttle);
      return VENUE_REASON.throttled;
    }
    return faults.strikes(VENUE_FAULT.rejectStorm) ? VENUE_REASON.storm : REASON.none;
  }

  /** The row that a cancel or replace is about; -1 where it was rejected at once. */
  #target(cells: Float64Array, offset: number, report: number): number {
    const { truth, reports } = this.#parts;
    const { orders } = truth;
    const row = orders.rowOf(cells[offset + WIRE.id] as number);
    const requestId = cells[offset + WIRE.requestId] as number;
    this.#why = REASON.none;
    if (row === NONE || orders.forgotten[row] === 1) this.#why = REASON.unknownOrder;
    else if (requestId <= (orders.lastRequest[row] as number)) {
      truth.counts.repeatedRequests += 1;
      this.#why = VENUE_REASON.duplicateId;
    } else orders.lastRequest[row] = requestId;
    if (this.#why === REASON.none) return row;
    reports.stranger(report, cells, offset, this.#why);
    return NONE;
  }

  #cancel(cells: Float64Array, offset: number): number {
    const { truth, fills, faults, unasked } = this.#parts;
    const { orders } = truth;
    const row = this.#target(cells, offset, REPORT.cancelRejected);
    if (row === NONE) return this.#why;
    const requestId = cells[offset + WIRE.requestId] as number;
    let reason = this.#blocked();
    unasked.beforeRequest(row);
    if (reason === REASON.none && !orders.isOpen(row)) reason = REASON.tooLate;
    if (reason !== REASON.none) {
      this.#rejectRequest(REPORT.cancelRejected, row, requestId, reason);
      return reason;
    }
    if (unasked.cancelsAfterAll(row, requestId)) {
      this.#rejectRequest(REPORT.cancelRejected, row, requestId, VENUE_REASON.storm);
      return VENUE_REASON.storm;
    }
    const wasAway = orders.isAway(row);
    if (!wasAway && faults.strikes(VENUE_FAULT.cancelRace)) {
      fills.fill(row, orders.priceTicks[row] as number, orders.leaves(row), true, REASON.crossed);
      if (!orders.isOpen(row)) {
        this.#rejectRequest(REPORT.cancelRejected, row, requestId, REASON.tooLate);
        return REASON.tooLate;
      }
    }
    const leaves = orders.leaves(row);
    fills.end(row, TRUTH_STATE.canceled, requestId, REASON.none);
    if (!wasAway && faults.draws(VENUE_FAULT.lateFill)) fills.fillLate(row, leaves);
    return REASON.none;
  }

  #replace(cells: Float64Array, offset: number): number {
    const { truth, faults, fills, market, unasked } = this.#parts;
    const { orders } = truth;
    const row = this.#target(cells, offset, REPORT.replaceRejected);
    if (row === NONE) return this.#why;
    const requestId = cells[offset + WIRE.requestId] as number;
    const tick = cells[offset + WIRE.priceTicks] as number;
    const lots = cells[offset + WIRE.lots] as number;
    let reason = this.#blocked();
    unasked.beforeRequest(row);
    if (reason === REASON.none && !orders.isOpen(row)) reason = REASON.tooLate;
    if (reason === REASON.none && market.halted[orders.local[row] as number] === 1) {
      reason = VENUE_REASON.halted;
    }
    const isInMatching = !orders.isAway(row);
    if (reason === REASON.none && isInMatching && faults.strikes(VENUE_FAULT.replaceRace)) {
      const leaves = orders.leaves(row);
      const part = 1 + faults.below(VENUE_FAULT.replaceRace, Math.min(leaves, 1e9));
      const isWhole = faults.below(VENUE_FAULT.replaceRace, 2) === 0;
      fills.fill(row, orders.priceTicks[row] as number, isWhole ? leaves : part, true, REASON.crossed);
      if (!orders.isOpen(row)) reason = REASON.tooLate;
    }
    if (reason === REASON.none) reason = this.#replaceRefusal(row, tick, lots);
    if (reason !== REASON.none) {
      this.#rejectRequest(REPORT.replaceRejected, row, requestId, reason);
      return reason;
    }
    this.#putTerms(row, requestId, tick, lots);
    return REASON.none;
  }

  #replaceRefusal(row: number, tick: number, lots: number): number {
    const { truth, fills } = this.#parts;
    const { orders } = truth;
    if (!isQuantity(lots)) return VENUE_REASON.badLots;
    if (!isPrice(tick)) return VENUE_REASON.badPrice;
    const local = orders.local[row] as number;
    const side = orders.sideIndex(row);
    const key = tick * (orders.sideSign[row] as number);
    if (fills.wouldMeetOwn(local, side, key)) return VENUE_REASON.selfMatch;
    const isPostOnly = ((orders.flags[row] as number) & ORDER_FLAG.postOnly) !== 0;
    return isPostOnly && fills.wouldTake(local, side, key) ? REASON.postOnlyWouldTake : REASON.none;
  }

  /** Less at the same price keeps its place; anything else begins anew. A total that is filled is the end. */
  #putTerms(row: number, requestId: number, tick: number, lots: number): void {
    const { truth, fills, reports } = this.#parts;
    const { orders } = truth;
    const keeps = tick === orders.priceTicks[row] && lots <= (orders.lots[row] as number);
    const total = Math.max(lots, orders.cumLots[row] as number);
    if (!keeps) orders.unlink(row);
    truth.setTerms(row, tick, total);
    if (orders.leaves(row) === 0) {
      fills.close(row, TRUTH_STATE.filled);
      reports.state(REPORT.replaced, row, requestId, REASON.none);
      return;
    }
    reports.state(REPORT.replaced, row, requestId, REASON.none);
    if (!keeps && !orders.isAway(row)) fills.enter(row);
  }

  /** Cancels the open orders of an instrument (-1: of all) and side (0: both). */
  #massCancel(cells: Float64Array, offset: number): number {
    const { truth, fills, faults, localOf } = this.#parts;
    const { orders } = truth;
    const instrument = cells[offset + WIRE.instrument] as number;
    const sign = cells[offset + WIRE.sideSign] as number;
    const only = instrument < 0 ? NONE : (localOf[instrument] ?? NONE);
    if (instrument >= 0 && only === NONE) return VENUE_REASON.unknownInstrument;
    for (let local = 0; local < truth.instruments.length; local++) {
      if (only !== NONE && local !== only) continue;
      for (let side = 0; side < 2; side++) {
        if (sign !== 0 && side !== (sign > 0 ? 0 : 1)) continue;
        for (let row = orders.head(local, side); row !== NONE; ) {
          const following = orders.nextRow[row] as number;
          if (!faults.strikes(VENUE_FAULT.partialMassCancel)) {
            fills.end(row, TRUTH_STATE.canceled, 0, REASON.none);
          }
          row = following;
        }
      }
    }
    for (const row of [...orders.away]) {
      if (only !== NONE && orders.local[row] !== only) continue;
      if (sign !== 0 && orders.sideSign[row] !== Math.sign(sign)) continue;
      if (!faults.strikes(VENUE_FAULT.partialMassCancel))
        fills.end(row, TRUTH_STATE.canceled, 0, REASON.none);
    }
    return REASON.none;
  }

  #rejectRequest(report: number, row: number, requestId: number, reason: number): void {
    this.#parts.reports.state(report, row, requestId, reason);
  }
}

function isQuantity(lots: number): boolean {
  return Number.isInteger(lots) && lots > 0 && lots <= LOTS_MAX;
}

function isPrice(ticks: number): boolean {
  return Number.isInteger(ticks) && ticks > 0 && ticks <= TICKS_MAX;
}
