import { MATCH_REASON } from "../match/index.ts";
import { REASON, REPORT, TIME_IN_FORCE } from "../model/index.ts";
import type { BookEar, Standing } from "./closed-book.ts";
import type { VenueOrders } from "./venue-orders.ts";
import { VENUE_STATE } from "./venue-orders.ts";
import type { VenueReports } from "./venue-reports.ts";

/** Why, in the words of reports, by the book's code. */
const WHY: Readonly<Record<number, number>> = {
  [MATCH_REASON.iocRemainder]: REASON.iocRemainder,
  [MATCH_REASON.fokNotFillable]: REASON.fokNotFillable,
  [MATCH_REASON.noLiquidity]: REASON.noLiquidity,
  [MATCH_REASON.selfMatch]: REASON.selfMatch,
  [MATCH_REASON.reduceOnlyWouldOpen]: REASON.reduceOnlyWouldOpen,
  [MATCH_REASON.dayEnded]: REASON.dayEnded,
  [MATCH_REASON.gtdReached]: REASON.gtdReached,
  [MATCH_REASON.auctionEnded]: REASON.auctionEnded,
  [MATCH_REASON.postOnlyWouldTake]: REASON.postOnlyWouldTake,
  [MATCH_REASON.band]: REASON.band,
  [MATCH_REASON.interrupted]: REASON.interrupted,
};

/**
 * Our orders in a closed market's book: what becomes of them becomes reports.
 *
 * @invariant Each event of the book about an order of ours is one report, in the book's order; of a trade with
 * ourselves two.
 */
export class OwnOrders implements BookEar {
  /** The request that is being carried out: its number answers what it leads to; 0 for none. */
  requestId = 0;
  /** Set while the book is told to end orders of the day. */
  endsDay = false;
  readonly #orders: VenueOrders;
  readonly #reports: VenueReports;
  /** Rows by the book's id, and back. */
  readonly #rows: Map<number, number> = new Map();
  readonly #ids: Float64Array;
  #replaces = false;

  constructor(orders: VenueOrders, reports: VenueReports, capacity: number) {
    this.#orders = orders;
    this.#reports = reports;
    this.#ids = new Float64Array(capacity);
  }

  /** The book's id of a row's order. */
  idOf(row: number): number {
    return this.#ids[row] as number;
  }

  /** Rows whose orders stand, the oldest first. */
  rows(): readonly number[] {
    return [...this.#rows.values()];
  }

  /** The order of a row is on its way into the book, under this id. */
  entering(row: number, id: number): void {
    this.#ids[row] = id;
    this.#rows.set(id, row);
    this.#orders.state[row] = VENUE_STATE.resting;
  }

  /** It never came in. */
  refused(row: number): void {
    this.#forget(row, this.idOf(row));
  }

  accepted({ id }: Standing): void {
    this.#say(REPORT.accepted, id, 0);
  }

  triggered({ id }: Standing): void {
    this.#say(REPORT.triggered, id, 0);
  }

  traded(order: Standing, tick: number, lots: number, isMaker: boolean, isAuction: boolean): void {
    const row = this.#rows.get(order.id);
    if (row === undefined) return;
    const orders = this.#orders;
    // With ourselves both sides are told, each with what was left of it then.
    orders.leaves[row] = (orders.leaves[row] as number) - lots;
    const why = isAuction ? REASON.auction : isMaker ? REASON.queueReached : REASON.taken;
    this.#reports.trade(row, tick, lots, isMaker, why);
    if (order.leaves === 0) this.#forget(row, order.id);
  }

  changed({ id, tick, lots, leaves }: Standing, reason: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const orders = this.#orders;
    orders.tick[row] = tick;
    orders.lots[row] = lots;
    orders.leaves[row] = leaves;
    if (reason === MATCH_REASON.asked) this.#reports.replaced(row, this.requestId);
    else this.#reports.restated(row, WHY[reason] ?? 0);
  }

  ended({ id }: Standing, isExpired: boolean, reason: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const orders = this.#orders;
    this.#forget(row, id);
    if (this.requestId !== 0 && reason === MATCH_REASON.asked && this.#replaces) {
      orders.lots[row] = (orders.lots[row] as number) - (orders.leaves[row] as number);
      orders.leaves[row] = 0;
      this.#reports.replaced(row, this.requestId);
      return;
    }
    const isDay = orders.timeInForce[row] === TIME_IN_FORCE.DAY;
    const isDated = reason === MATCH_REASON.gtdReached || reason === MATCH_REASON.dayEnded;
    const kind = isExpired || this.endsDay ? REPORT.expired : REPORT.canceled;
    const why = this.endsDay || (isDated && isDay) ? REASON.dayEnded : (WHY[reason] ?? 0);
    const asked = reason === MATCH_REASON.asked && !this.endsDay ? this.requestId : 0;
    this.#reports.state(kind, row, orders.id[row] as number, asked, why);
  }

  /** Does what a request asks, so that what it leads to bears its number. */
  answering<Value>(requestId: number, replaces: boolean, work: () => Value): Value {
    this.requestId = requestId;
    this.#replaces = replaces;
    const value = work();
    this.requestId = 0;
    this.#replaces = false;
    return value;
  }

  #say(kind: number, id: number, reason: number): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#reports.state(kind, row, this.#orders.id[row] as number, 0, reason);
  }

  #forget(row: number, id: number): void {
    this.#rows.delete(id);
    this.#orders.state[row] = VENUE_STATE.done;
  }
}
