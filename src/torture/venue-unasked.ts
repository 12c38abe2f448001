import { ORDER_FLAG, ORDER_TYPE, REASON, REPORT, TIME_IN_FORCE } from "../model/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TortureMarket } from "./torture-market.ts";
import { STANDING, TRUTH_STATE } from "./truth-orders.ts";
import { VENUE_FAULT, VENUE_REASON, type VenueFaults } from "./venue-faults.ts";
import type { VenueFills } from "./venue-fills.ts";
import type { VenueReports } from "./venue-reports.ts";
import type { VenueTruth } from "./venue-truth.ts";

/** Events of a venue that come to orders unasked. */
export const UNASKED_EVENT = {
  happen: 9,
  comeBack: 10,
  guaranteed: 11,
  calculate: 12,
  reinstate: 13,
  cancelAfterAll: 14,
} as const;

const {
  restate: RESTATE,
  suspendOrder: SUSPEND,
  stopOrder: STOP,
  expireOrder: EXPIRE,
  rejectLate: REJECT,
  reinstate: REINSTATE,
  cancelAfterAll: AFTER_ALL,
  dayEnds: DAY_ENDS,
} = VENUE_FAULT;
/** What may come to an open order, in the order it is drawn. */
const KINDS: readonly number[] = [RESTATE, SUSPEND, STOP, EXPIRE, REJECT, DAY_ENDS];
/** One of so many comes in place of the acceptance, which is told later. */
const INSTEAD = 4;
/** One word of so many is said twice; one order of so many meets something more while it is away or stopped. */
const REPEATED = 4;
/** The codes of faults stay below. */
const CODES = 64;
const SECOND_NS = 1e9;

/** The parts that a venue works with when nobody asks. */
export interface VenueUnaskedParts {
  readonly truth: VenueTruth;
  readonly fills: VenueFills;
  readonly reports: VenueReports;
  readonly market: TortureMarket;
  readonly faults: VenueFaults;
  readonly scheduler: Scheduler;
}

/**
 * What a simulated venue does to orders unasked, as exchanges do: restates, suspends, reactivates, guarantees, expires,
 * rejects after all, reinstates, and is done for the day with them.
 *
 * @invariant What is told is done to the venue's own book first. An order that is away neither fills nor meets another.
 * @cost While none of its faults is on, an acceptance and a request each ask six faults.
 */
export class VenueUnasked {
  readonly #parts: VenueUnaskedParts;
  #actor = -1;
  /** Whether it is night: `dayEnds` is on. */
  #isNight = false;

  constructor(parts: VenueUnaskedParts) {
    this.#parts = parts;
    parts.fills.watch((row) => this.#ended(row));
  }

  /** Sets whose events come later. */
  bind(actor: number): void {
    this.#actor = actor;
  }

  /** An order is accepted: draws what will come to it; true where something comes at once, and was told instead. */
  insteadOfAck(row: number): boolean {
    const { truth, reports, faults } = this.#parts;
    if (!this.#isOn() || !rests(truth, row)) return false;
    let told = false;
    for (const code of KINDS) {
      if (!faults.draws(code)) continue;
      const isNow = !told && faults.below(code, INSTEAD) === 0;
      if (!isNow) this.#at(faults.delay(code), UNASKED_EVENT.happen, row * CODES + code);
      else if (code === SUSPEND && faults.below(SUSPEND, 2) === 0) {
        // It waits without a word: the first one says that it is active.
        faults.hit(SUSPEND);
        truth.orders.putAway(row, STANDING.suspended);
        this.#comeBackLater(row, SUSPEND);
        told = true;
        reports.stateLater(REPORT.accepted, row, REASON.none, faults.delay(code));
      } else if (this.#happen(code, row)) {
        told = true;
        if (code !== REJECT) reports.stateLater(REPORT.accepted, row, REASON.none, faults.delay(code));
      }
      if (!truth.orders.isOpen(row)) break;
    }
    return told;
  }

  /** A cancel or replace has come: what the venue does first was on its way to us before it. */
  beforeRequest(row: number): void {
    const { truth, faults } = this.#parts;
    if (!this.#isOn() || !rests(truth, row)) return;
    for (const code of KINDS) {
      if (truth.orders.isOpen(row) && faults.draws(code)) this.#happen(code, row);
    }
  }

  /** A cancel has come that could be carried out: true where it is rejected now, and carried out later all the same. */
  cancelsAfterAll(row: number, requestId: number): boolean {
    const { faults } = this.#parts;
    if (!faults.strikes(AFTER_ALL)) return false;
    this.#at(faults.delay(AFTER_ALL), UNASKED_EVENT.cancelAfterAll, row, requestId);
    return true;
  }

  /** `dayEnds` was switched: the open orders are done for the day, or the morning comes. */
  turn(): void {
    const { truth, faults } = this.#parts;
    const isNight = faults.isOn(DAY_ENDS);
    if (isNight === this.#isNight) return;
    this.#isNight = isNight;
    const { orders } = truth;
    if (!isNight) {
      for (const row of orders.away) {
        if (orders.standing[row] === STANDING.doneForDay) this.#comeBackLater(row, DAY_ENDS);
      }
      return;
    }
    for (let row = 0; row < orders.count; row++) {
      if (orders.isOpen(row) && rests(truth, row) && faults.draws(DAY_ENDS)) this.#happen(DAY_ENDS, row);
    }
  }

  /** Trading of an instrument was halted: its orders are suspended, where the venue does that now. */
  halted(local: number): void {
    const { truth, faults } = this.#parts;
    const { orders } = truth;
    if (!faults.isOn(SUSPEND)) return;
    for (let row = 0; row < orders.count; row++) {
      if (orders.local[row] === local && orders.isOpen(row) && rests(truth, row)) this.#suspend(row);
    }
  }

  /** Carries out an event of {@link UNASKED_EVENT}. */
  fire(kind: number, a: number, b: number): void {
    const { orders } = this.#parts.truth;
    if (kind === UNASKED_EVENT.happen) {
      const row = Math.floor(a / CODES);
      if (orders.isOpen(row)) this.#happen(a % CODES, row);
    } else if (kind === UNASKED_EVENT.comeBack) this.#comeBack(a);
    else if (kind === UNASKED_EVENT.guaranteed) this.#fillGuaranteed(a);
    else if (kind === UNASKED_EVENT.calculate) this.#calculate(a);
    else if (kind === UNASKED_EVENT.reinstate) this.#reinstate(a);
    else if (orders.isOpen(a)) this.#parts.fills.end(a, TRUTH_STATE.canceled, b, REASON.none);
  }

  #isOn(): boolean {
    const { faults } = this.#parts;
    for (const code of KINDS) if (faults.isOn(code)) return true;
    return false;
  }

  /** Does it to an open order; false where it cannot be done to this one. */
  #happen(code: number, row: number): boolean {
    if (code === RESTATE) return this.#restate(row, RESTATE);
    if (code === SUSPEND) return this.#suspend(row);
    if (code === STOP) return this.#stop(row);
    if (code === EXPIRE) return this.#expire(row);
    if (code === REJECT) return this.#reject(row);
    return this.#isNight && this.#finishDay(row, DAY_ENDS);
  }

  /** A smaller quantity, or another price: the order enters the book anew then. */
  #restate(row: number, code: number): boolean {
    const { truth, fills, faults } = this.#parts;
    const { orders } = truth;
    const leaves = orders.leaves(row);
    const ticks = orders.priceTicks[row] as number;
    const isCut = faults.below(code, 2) === 0;
    const by = faults.below(code, 2) === 0 ? 1 : -1;
    const less = 1 + faults.below(code, Math.max(1, Math.min(leaves - 1, 1e9)));
    if (isCut && leaves > 1) {
      truth.setTerms(row, ticks, (orders.cumLots[row] as number) + less);
      this.#tell(REPORT.restated, row, code);
      return true;
    }
    if (ticks + by < 1 || !this.#mayRest(row, ticks + by)) return false;
    const wasResting = orders.resting[row] === 1;
    orders.unlink(row);
    truth.setTerms(row, ticks + by, orders.lots[row] as number);
    this.#tell(REPORT.restated, row, code);
    if (wasResting) fills.enter(row);
    return true;
  }

  /** Out of the matching for a while; one that is suspended already is back at once. */
  #suspend(row: number): boolean {
    const { truth } = this.#parts;
    const { orders } = truth;
    const standing = orders.standing[row] as number;
    if (standing === STANDING.doneForDay) return false;
    if (standing === STANDING.suspended) {
      this.#comeBack(row);
      return false;
    }
    orders.putAway(row, STANDING.suspended);
    this.#tell(REPORT.suspended, row, SUSPEND);
    this.#comeBackLater(row, SUSPEND);
    return true;
  }

  /** So many of its lots will be filled, at its price. */
  #stop(row: number): boolean {
    const { truth, faults, reports } = this.#parts;
    const { orders } = truth;
    if (orders.isAway(row)) return false;
    const lots = 1 + faults.below(STOP, Math.min(orders.leaves(row), 1e9));
    faults.hit(STOP);
    reports.stopped(row, lots);
    if (faults.below(STOP, REPEATED) === 0) {
      reports.stateLater(REPORT.stopped, row, REASON.none, faults.delay(STOP), lots);
    }
    this.#at(faults.delay(STOP), UNASKED_EVENT.guaranteed, row);
    return true;
  }

  #expire(row: number): boolean {
    const { truth, fills, faults } = this.#parts;
    const leaves = truth.orders.leaves(row);
    const isAway = truth.orders.isAway(row);
    fills.close(row, TRUTH_STATE.expired);
    this.#tell(REPORT.expired, row, EXPIRE);
    if (!isAway && faults.draws(VENUE_FAULT.lateFill)) fills.fillLate(row, leaves);
    this.#ended(row);
    return true;
  }

  #reject(row: number): boolean {
    const { truth, fills } = this.#parts;
    if (truth.orders.cumLots[row] !== 0) return false;
    fills.close(row, TRUTH_STATE.rejected);
    this.#tell(REPORT.rejected, row, REJECT);
    return true;
  }

  /** No more of it today; one that is done for the day may be over before the morning. */
  #finishDay(row: number, code: number): boolean {
    const { truth, fills, faults } = this.#parts;
    const { orders } = truth;
    if (orders.standing[row] === STANDING.doneForDay) {
      if (faults.below(DAY_ENDS, 2) === 0) return false;
      fills.close(row, TRUTH_STATE.expired);
      this.#calculate(row);
      return true;
    }
    orders.putAway(row, STANDING.doneForDay);
    this.#tell(REPORT.doneForDay, row, code);
    return true;
  }

  #comeBackLater(row: number, code: number): void {
    this.#at(this.#parts.faults.delay(code), UNASKED_EVENT.comeBack, row);
  }

  /** An order that is away goes on, or it is over: with the day, or because it could not rest where it is. */
  #comeBack(row: number): void {
    const { truth, fills, faults, reports, market } = this.#parts;
    const { orders } = truth;
    if (!orders.isAway(row)) return;
    const isOfDay = orders.standing[row] === STANDING.doneForDay;
    if (isOfDay && this.#isNight) return;
    if (market.halted[orders.local[row] as number] === 1) {
      this.#at(SECOND_NS, UNASKED_EVENT.comeBack, row);
      return;
    }
    // Terms are renewed before trading begins.
    const code = isOfDay ? DAY_ENDS : SUSPEND;
    if (faults.below(code, REPEATED) === 0) this.#restate(row, code);
    // A halt may last until the close.
    if (!isOfDay && faults.below(SUSPEND, 2 * REPEATED) === 0) {
      this.#finishDay(row, SUSPEND);
      this.#comeBackLater(row, SUSPEND);
      return;
    }
    const how = isOfDay ? faults.below(DAY_ENDS, 4) : NOTHING;
    if (how === 0 || (isOfDay && orders.timeInForce[row] === TIME_IN_FORCE.DAY)) {
      fills.end(row, TRUTH_STATE.expired, 0, REASON.dayEnded);
      if (faults.below(DAY_ENDS, 2) === 0) this.#at(faults.delay(DAY_ENDS), UNASKED_EVENT.calculate, row);
    } else if (how === 1) {
      fills.close(row, TRUTH_STATE.expired);
      this.#calculate(row);
    } else if (!isOfDay && faults.below(SUSPEND, REPEATED) === 0) {
      fills.end(row, TRUTH_STATE.expired, 0, REASON.none);
    } else if (!this.#mayRest(row, orders.priceTicks[row] as number)) {
      fills.end(row, TRUTH_STATE.canceled, 0, VENUE_REASON.selfMatch);
    } else {
      orders.bringBack(row);
      reports.state(REPORT.triggered, row, 0, REASON.none);
      fills.enter(row);
    }
  }

  /** What was guaranteed, as far as the order is still there; some meet something else instead. */
  #fillGuaranteed(row: number): void {
    const { truth, fills, faults } = this.#parts;
    const { orders } = truth;
    if (!orders.isOpen(row)) return;
    const what = faults.below(STOP, 2 * REPEATED);
    if (what === 0) this.#restate(row, STOP);
    else if (what === 1) this.#suspend(row);
    else if (what === 2) fills.end(row, TRUTH_STATE.expired, 0, REASON.none);
    else if (what === 3 && !orders.isAway(row) && this.#finishDay(row, STOP)) this.#comeBackLater(row, STOP);
    if (!orders.isOpen(row)) return;
    const lots = 1 + faults.below(STOP, Math.min(orders.leaves(row), 1e9));
    fills.fill(row, orders.priceTicks[row] as number, lots, true, REASON.crossed);
  }

  /** An order was filled, canceled or has expired: its day is closed, or it comes back. */
  #ended(row: number): void {
    const { truth, faults, reports } = this.#parts;
    const { orders } = truth;
    const isFilled = orders.state[row] === TRUTH_STATE.filled;
    if (isFilled && rests(truth, row) && faults.draws(RESTATE)) this.#tell(REPORT.restated, row, RESTATE);
    if (!isFilled && faults.draws(REINSTATE)) {
      this.#at(faults.delay(REINSTATE), UNASKED_EVENT.reinstate, row);
    } else if (faults.draws(DAY_ENDS)) {
      faults.hit(DAY_ENDS);
      const delayNs = faults.delay(DAY_ENDS);
      if (isFilled && faults.below(DAY_ENDS, 2) === 0) reports.state(REPORT.doneForDay, row, 0, REASON.none);
      this.#at(delayNs, UNASKED_EVENT.calculate, row);
    }
  }

  /** The last word on an order that is over. */
  #calculate(row: number): void {
    const { orders } = this.#parts.truth;
    const state = orders.state[row];
    const isOver =
      state === TRUTH_STATE.filled || state === TRUTH_STATE.canceled || state === TRUTH_STATE.expired;
    if (!isOver || orders.forgotten[row] === 1) return;
    orders.standing[row] = STANDING.calculated;
    this.#tell(REPORT.calculated, row, DAY_ENDS);
  }

  /** An order that was over is open again as it was. */
  #reinstate(row: number): void {
    const { truth, fills, faults, reports } = this.#parts;
    const { orders } = truth;
    const state = orders.state[row];
    if (state !== TRUTH_STATE.canceled && state !== TRUTH_STATE.expired) return;
    if (orders.standing[row] === STANDING.calculated || orders.forgotten[row] === 1) return;
    const left = (orders.lots[row] as number) - (orders.cumLots[row] as number);
    const isGoodTill = orders.timeInForce[row] === TIME_IN_FORCE.GTC && orders.type[row] === ORDER_TYPE.limit;
    if (left <= 0 || !isGoodTill || !this.#mayRest(row, orders.priceTicks[row] as number)) return;
    faults.hit(REINSTATE);
    truth.setState(row, TRUTH_STATE.open);
    reports.state(REPORT.triggered, row, 0, REASON.none);
    fills.enter(row);
  }

  /** Whether an order may enter the book at a price: it meets none of ours, and takes only where it may. */
  #mayRest(row: number, ticks: number): boolean {
    const { truth, fills } = this.#parts;
    const { orders } = truth;
    const local = orders.local[row] as number;
    const side = orders.sideIndex(row);
    const key = ticks * (orders.sideSign[row] as number);
    if (fills.wouldMeetOwn(local, side, key)) return false;
    const isPostOnly = ((orders.flags[row] as number) & ORDER_FLAG.postOnly) !== 0;
    return !(isPostOnly && fills.wouldTake(local, side, key));
  }

  /** Counts it and tells it, now and then twice: later too where an old word ends no order and changes no terms. */
  #tell(report: number, row: number, code: number): void {
    const { faults, reports } = this.#parts;
    faults.hit(code);
    reports.state(report, row, 0, REASON.none);
    if (faults.below(code, REPEATED) !== 0) return;
    const isHarmless = report === REPORT.suspended || report === REPORT.doneForDay;
    if (isHarmless && faults.below(code, 2) === 0) {
      reports.stateLater(report, row, REASON.none, faults.delay(code));
    } else reports.state(report, row, 0, REASON.none);
  }

  #at(delayNs: number, kind: number, a: number, b = 0): void {
    const { scheduler } = this.#parts;
    scheduler.at((scheduler.nowNs[0] as number) + delayNs, this.#actor, kind, a, b);
  }
}

const NOTHING = -1;

/** Whether an order is of a kind that rests. */
function rests({ orders }: VenueTruth, row: number): boolean {
  const term = orders.timeInForce[row] as number;
  const isAtOnce = term === TIME_IN_FORCE.IOC || term === TIME_IN_FORCE.FOK;
  return orders.type[row] === ORDER_TYPE.limit && !isAtOnce;
}
