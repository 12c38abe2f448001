import { ORDER_FLAG, ORDER_TYPE, REASON, REPORT, TIME_IN_FORCE } from "../model/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { MarketGuest, TortureMarket } from "./torture-market.ts";
import { EXECUTION_STATE } from "./truth-executions.ts";
import { STANDING, TRUTH_STATE } from "./truth-orders.ts";
import type { VenueBook } from "./venue-book.ts";
import { VENUE_FAULT, type VenueFaults } from "./venue-faults.ts";
import type { VenueReports } from "./venue-reports.ts";
import type { VenueTruth } from "./venue-truth.ts";

/** Events of a venue that fills put. */
export const FILL_EVENT = { bust: 1, correct: 2 } as const;

const NONE = -1;
/** Levels an order may take at once; what is left of it then is canceled. */
const LEVELS_MAX = 64;
/** How far a correction moves a price at most. @units ticks */
const CORRECTION_TICKS = 3;

/**
 * How our orders fill at a simulated venue: they take from the others' book, rest with a place in the queue,
 * and what was filled may be undone or corrected later.
 *
 * @invariant No order fills beyond its lots, but by the fault `overfill`.
 */
export class VenueFills implements MarketGuest {
  readonly #truth: VenueTruth;
  readonly #market: TortureMarket;
  readonly #reports: VenueReports;
  readonly #faults: VenueFaults;
  readonly #scheduler: Scheduler;
  #actor = NONE;
  #ended: (row: number) => void = () => {};

  constructor(
    truth: VenueTruth,
    market: TortureMarket,
    reports: VenueReports,
    faults: VenueFaults,
    scheduler: Scheduler,
  ) {
    this.#truth = truth;
    this.#market = market;
    this.#reports = reports;
    this.#faults = faults;
    this.#scheduler = scheduler;
    market.admit(this);
  }

  /** Sets whose events later busts and corrections are. */
  bind(actor: number): void {
    this.#actor = actor;
  }

  /** Sets who hears that an order was filled, canceled or has expired, after that was told. */
  watch(ended: (row: number) => void): void {
    this.#ended = ended;
  }

  bestKey(local: number, side: number): number {
    const { orders } = this.#truth;
    const head = orders.head(local, side);
    return head === NONE ? Number.NEGATIVE_INFINITY : orders.key(head);
  }

  traded(local: number, side: number, key: number, lots: number, levelLots: number): number {
    const { orders } = this.#truth;
    const book = this.#market.books[local] as VenueBook;
    let left = lots;
    for (let row = orders.head(local, side); row !== NONE && left > 0; ) {
      const following = orders.nextRow[row] as number;
      const at = orders.key(row);
      if (at < key) break;
      let reached = left;
      if (at === key) {
        const ahead = Math.min(orders.aheadLots[row] as number, levelLots);
        reached = left - ahead;
        orders.aheadLots[row] = reached < 0 ? -reached : 0;
      }
      if (reached > 0) {
        const reason = at > key ? REASON.tradeThrough : REASON.queueReached;
        const tick = orders.priceTicks[row] as number;
        const filled = this.fill(row, tick, reached, true, reason);
        if (filled > 0) book.printTrade(side, at, filled);
        left -= filled;
      }
      row = following;
    }
    this.#market.flushIfFull(local);
    return lots - left;
  }

  /** Whether an order of a side would trade with others at once. */
  wouldTake(local: number, side: number, key: number): boolean {
    return ((this.#market.books[local] as VenueBook).best[1 - side] as number) >= -key;
  }

  /** Whether an order would trade with one of ours. A market order meets what is not behind the others' best. */
  wouldMeetOwn(local: number, side: number, key: number): boolean {
    const own = this.bestKey(local, 1 - side);
    const others = (this.#market.books[local] as VenueBook).best[1 - side] as number;
    return key === Number.POSITIVE_INFINITY ? own >= others : own >= -key;
  }

  /** The key up to which an order trades: infinite for a market order. */
  reachKey(row: number): number {
    const { orders } = this.#truth;
    return orders.type[row] === ORDER_TYPE.market ? Number.POSITIVE_INFINITY : orders.key(row);
  }

  /** An open order meets the book: takes what it may, then rests or ends. */
  enter(row: number): void {
    const { orders } = this.#truth;
    const local = orders.local[row] as number;
    const timeInForce = orders.timeInForce[row] as number;
    if (timeInForce === TIME_IN_FORCE.FOK && !this.#fillable(row)) {
      this.end(row, TRUTH_STATE.canceled, 0, REASON.fokNotFillable);
      return;
    }
    const isSpent = this.#take(row);
    this.#market.flush(local);
    if (!orders.isOpen(row)) return;
    const isMarket = orders.type[row] === ORDER_TYPE.market;
    if (isMarket || isSpent) this.end(row, TRUTH_STATE.canceled, 0, REASON.noLiquidity);
    else if (timeInForce === TIME_IN_FORCE.IOC) this.end(row, TRUTH_STATE.canceled, 0, REASON.iocRemainder);
    else this.#rest(row);
  }

  /** Ends an open order and tells so. @param requestId - the cancel that asked for it, or 0. */
  end(row: number, state: number, requestId: number, reason: number): void {
    this.close(row, state);
    const report = state === TRUTH_STATE.expired ? REPORT.expired : REPORT.canceled;
    this.#reports.state(report, row, requestId, reason);
    this.#ended(row);
  }

  /** An execution before an order's end, of some of what it had left, that is told after it. */
  fillLate(row: number, leaves: number): void {
    const faults = this.#faults;
    const { orders } = this.#truth;
    const code = VENUE_FAULT.lateFill;
    const isReduce = ((orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
    const most = isReduce ? Math.min(leaves, this.roomToReduce(row)) : leaves;
    if (most <= 0) return;
    faults.hit(code);
    const lots = 1 + faults.below(code, Math.min(most, 1e9));
    const exec = this.#truth.execute(row, orders.priceTicks[row] as number, lots, true, REASON.crossed);
    this.#reports.trade(exec, faults.delay(code));
  }

  /** Ends an open order without a word. */
  close(row: number, state: number): void {
    this.#truth.orders.unlink(row);
    this.#truth.setState(row, state);
  }

  /**
   * Fills an open order by up to `lots`; less where a reduce-only order would open a position, nothing while it is away.
   *
   * @returns what was filled, without what the fault `overfill` adds.
   */
  fill(row: number, tick: number, lots: number, maker: boolean, reason: number): number {
    const truth = this.#truth;
    const { orders } = truth;
    if (orders.isAway(row)) return 0;
    const leaves = orders.leaves(row);
    const isReduce = ((orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
    const room = isReduce ? this.roomToReduce(row) : Number.POSITIVE_INFINITY;
    const filled = Math.min(lots, leaves, room);
    if (filled > 0) this.#execute(row, tick, filled, filled === leaves, maker, reason);
    if (isReduce && orders.isOpen(row) && this.roomToReduce(row) <= 0) {
      this.end(row, TRUTH_STATE.canceled, 0, REASON.reduceOnlyWouldOpen);
    }
    return filled;
  }

  /** How many lots an order can fill before it would open a position. */
  roomToReduce(row: number): number {
    const { orders, position } = this.#truth;
    const held = position[orders.local[row] as number] as number;
    return Math.max(0, -held * (orders.sideSign[row] as number));
  }

  /** Undoes an execution, where it still counts; what becomes of its order is told as well. */
  bust(exec: number): void {
    if (!this.#truth.executions.isLive(exec)) return;
    this.#faults.hit(VENUE_FAULT.bust);
    this.#truth.undo(exec);
    const order = this.#truth.executions.order[exec] as number;
    const returns = this.#isToReturn(order, VENUE_FAULT.bust);
    if (returns) this.#truth.setState(order, TRUTH_STATE.open);
    this.#reports.busted(exec);
    this.#settleReduced(order, returns);
  }

  /** Replaces an execution by one at another price, and perhaps of fewer lots. */
  correct(exec: number): void {
    const truth = this.#truth;
    const { executions } = truth;
    const code = VENUE_FAULT.correct;
    if (!executions.isLive(exec)) return;
    this.#faults.hit(code);
    const order = executions.order[exec] as number;
    const lots = executions.lots[exec] as number;
    const moved = this.#faults.below(code, 2 * CORRECTION_TICKS + 1) - CORRECTION_TICKS;
    const tick = Math.max(1, (executions.priceTicks[exec] as number) + moved);
    const fewer = lots > 1 && this.#faults.below(code, 2) === 0 ? 1 : 0;
    truth.undo(exec, EXECUTION_STATE.corrected);
    const maker = executions.maker[exec] === 1;
    const other = truth.execute(
      order,
      tick,
      lots - fewer,
      maker,
      executions.reason[exec] as number,
      exec + 1,
    );
    const returns = fewer > 0 && this.#isToReturn(order, code);
    if (returns) truth.setState(order, TRUTH_STATE.open);
    executions.leavesLots[other] = truth.orders.leaves(order);
    this.#reports.corrected(other);
    if (fewer > 0) this.#settleReduced(order, returns);
  }

  #execute(row: number, tick: number, lots: number, isLast: boolean, maker: boolean, reason: number): void {
    const faults = this.#faults;
    const truth = this.#truth;
    let all = lots;
    if (isLast && faults.strikes(VENUE_FAULT.overfill)) {
      const more = faults.amount(VENUE_FAULT.overfill);
      truth.overfilledLots += more;
      all += more;
    }
    if (isLast) truth.orders.unlink(row);
    const exec = truth.execute(row, tick, all, maker, reason);
    this.#reports.trade(exec);
    this.#doubt(exec);
    if (truth.orders.state[row] === TRUTH_STATE.filled) this.#ended(row);
  }

  /** Puts the bust or correction that may follow. */
  #doubt(exec: number): void {
    const now = this.#scheduler.nowNs[0] as number;
    const faults = this.#faults;
    if (faults.draws(VENUE_FAULT.bust)) {
      this.#scheduler.at(now + faults.delay(VENUE_FAULT.bust), this.#actor, FILL_EVENT.bust, exec);
    }
    if (faults.draws(VENUE_FAULT.correct)) {
      this.#scheduler.at(now + faults.delay(VENUE_FAULT.correct), this.#actor, FILL_EVENT.correct, exec);
    }
  }

  /** Whether a filled order that lost an execution comes back to the book; half of those that can do. */
  #isToReturn(row: number, code: number): boolean {
    const { orders } = this.#truth;
    if (orders.state[row] !== TRUTH_STATE.filled) return false;
    if ((orders.cumLots[row] as number) >= (orders.lots[row] as number)) return false;
    if (orders.standing[row] === STANDING.calculated) return false;
    if (orders.type[row] !== ORDER_TYPE.limit || this.#faults.below(code, 2) === 0) return false;
    const timeInForce = orders.timeInForce[row] as number;
    if (timeInForce === TIME_IN_FORCE.IOC || timeInForce === TIME_IN_FORCE.FOK) return false;
    const local = orders.local[row] as number;
    const side = orders.sideIndex(row);
    if (timeInForce === TIME_IN_FORCE.DAY || timeInForce === TIME_IN_FORCE.GTD) return false;
    return !this.wouldMeetOwn(local, side, orders.key(row)) && !this.wouldTake(local, side, orders.key(row));
  }

  /** A filled order that is not full any more rests again, or what is left of it is canceled. */
  #settleReduced(row: number, returns: boolean): void {
    const { orders } = this.#truth;
    if (returns) this.#rest(row);
    else if (orders.state[row] === TRUTH_STATE.filled) {
      if ((orders.cumLots[row] as number) >= (orders.lots[row] as number)) return;
      // Nothing more is said of an order that was calculated.
      if (orders.standing[row] === STANDING.calculated) this.close(row, TRUTH_STATE.expired);
      else this.end(row, TRUTH_STATE.canceled, 0, REASON.none);
    }
  }

  #fillable(row: number): boolean {
    const { orders } = this.#truth;
    const leaves = orders.leaves(row);
    const isReduce = ((orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
    if (isReduce && this.roomToReduce(row) < leaves) return false;
    const book = this.#market.books[orders.local[row] as number] as VenueBook;
    return book.available(1 - orders.sideIndex(row), -this.reachKey(row), leaves) >= leaves;
  }

  /** Takes from the other side, best first; true where it took as many levels as it may. */
  #take(row: number): boolean {
    const { orders } = this.#truth;
    const local = orders.local[row] as number;
    const side = 1 - orders.sideIndex(row);
    const book = this.#market.books[local] as VenueBook;
    const limit = -this.reachKey(row);
    for (let level = 0; level < LEVELS_MAX; level++) {
      if (!orders.isOpen(row)) return false;
      const key = book.best[side] as number;
      if (key < limit) return false;
      const lots = Math.min(orders.leaves(row), book.lotsAt(side, key));
      const filled = this.fill(row, book.tick(side, key), lots, false, REASON.taken);
      if (filled > 0) book.takeBest(side, filled);
      this.#market.flushIfFull(local);
    }
    return orders.isOpen(row);
  }

  #rest(row: number): void {
    const { orders } = this.#truth;
    const book = this.#market.books[orders.local[row] as number] as VenueBook;
    orders.aheadLots[row] = book.lotsAt(orders.sideIndex(row), orders.key(row));
    orders.link(row);
  }
}
