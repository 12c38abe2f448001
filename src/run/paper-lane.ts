import { type DepthBlock, MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import type { SimVenue } from "../sim/index.ts";
import type { TradingSession } from "./trading-session.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What could not be simulated as a backtest would do it, counted. */
export interface PaperFigures {
  /** Rows that came after something that the venue had lived already, though they had happened before it. */
  lateRows: number;
  /** Reports that were due before the venue could know what they tell. */
  lateReports: number;
}

/**
 * One instrument's simulated venue in real time: it lives a row when we receive it, at the time it happened there, and
 * brings requests and expiries in between.
 *
 * A request that arrives at a time of which the feed may still tell something waits `settleNs` for it, or until a later
 * row shows that nothing is missing.
 *
 * @units ns from the session's base
 * @invariant With no late row and no late report everything happens in the order and at the times of a backtest.
 */
export class PaperLane {
  readonly venue: SimVenue;
  readonly station: number;
  readonly figures: PaperFigures;
  readonly #settleNs: number;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);

  constructor(station: number, venue: SimVenue, settleNs: number, figures: PaperFigures) {
    this.station = station;
    this.venue = venue;
    this.#settleNs = settleNs;
    this.figures = figures;
  }

  /** When a report is due here, or a request or expiry has waited long enough. */
  nextNs(): number {
    const { reports } = this.venue;
    return Math.min(reports.ring.nextNs[0] as number, this.#slowNs() + this.#settleNs);
  }

  /** The first thing that is due. */
  step(session: TradingSession): void {
    const reportNs = this.venue.reports.ring.nextNs[0] as number;
    const slowNs = this.#slowNs();
    if (slowNs + this.#settleNs < reportNs) this.#slow(slowNs);
    else if (reportNs < NEVER) this.#report(session);
  }

  /** Rows as they were received: the venue lives them, and what came to it before them. */
  rows(block: DepthBlock, from: number, to: number): void {
    const { venue } = this;
    for (let i = from; i < to; i++) {
      const exchNs = block.exch[i] as number;
      for (let slow = this.#slowNs(); slow < exchNs; slow = this.#slowNs()) this.#slow(slow);
      this.#at(exchNs);
      venue.row(block, i);
    }
  }

  /** The process that held these orders is gone, and with it their places in the queue: they end. */
  endOrders(session: TradingSession, nowNs: number): void {
    const { orders, ledger } = session.kernel;
    this.venue.position[0] = ledger.positionLots[this.station] as number;
    this.venue.nowNs[0] = nowNs;
    for (let row = orders.firstOfInstrument(this.station); row >= 0; ) {
      const next = orders.nextOfInstrument(row);
      const cells = this.#cells.fill(0);
      cells[FIELD.timeNs] = nowNs;
      cells[FIELD.exchNs] = nowNs;
      cells[FIELD.kind] = REPORT.canceled;
      cells[FIELD.row] = row;
      cells[FIELD.id] = orders.id[row] as number;
      cells[FIELD.reason] = REASON.lostOnTheWay;
      session.report(this.station, cells, 0, nowNs, "the simulated venue ended with its process");
      row = next;
    }
  }

  #slowNs(): number {
    return Math.min(this.venue.requests.nextNs[0] as number, this.venue.nextExpiryNs[0] as number);
  }

  #slow(ns: number): void {
    const { venue } = this;
    const isExpiry = ns === venue.nextExpiryNs[0];
    if (ns > (venue.nowNs[0] as number)) venue.nowNs[0] = ns;
    if (isExpiry) venue.expire();
    else venue.arrive();
  }

  #at(ns: number): void {
    const { nowNs } = this.venue;
    if (ns >= (nowNs[0] as number)) nowNs[0] = ns;
    else this.figures.lateRows += 1;
  }

  #report(session: TradingSession): void {
    const { ring } = this.venue.reports;
    const cells = this.#cells;
    cells.set(ring.cells.subarray(ring.first, ring.first + MESSAGE_STRIDE));
    ring.shift();
    const dueNs = cells[FIELD.timeNs] as number;
    const nowNs = session.kernel.nowNs[0] as number;
    if (dueNs < nowNs) {
      this.figures.lateReports += 1;
      cells[FIELD.timeNs] = nowNs;
    }
    session.report(this.station, cells, 0, Math.max(dueNs, nowNs));
  }
}
