import type { Station, TradingKernel } from "../kernel/index.ts";
import type { MatchingVenue } from "../sim/index.ts";
import type { Lane } from "./lane.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** Events between two looks at what else is due. */
const STRETCH = 65_536;

/**
 * A closed market: its venue lives by itself, and what it tells comes to us later.
 *
 * Events of one moment come in the order of a {@link DepthLane}: what we receive from the feed, reports to us, what the
 * venue lives, our orders arriving there.
 *
 * @invariant We never see a row before its local time; the venue's time never falls.
 */
export class ClosedLane implements Lane {
  rows = 0;
  readonly venue: MatchingVenue;
  readonly station: Station;
  readonly #kernel: TradingKernel;

  constructor(kernel: TradingKernel, station: Station, venue: MatchingVenue) {
    this.#kernel = kernel;
    this.station = station;
    this.venue = venue;
  }

  /** What it will be at the end, judged by the share of its time that has passed. */
  get totalRows(): number {
    const { rows, passed } = this.venue;
    return passed > 0 ? Math.round(rows.count / passed) : rows.count;
  }

  nextNs(): number {
    const { venue } = this;
    if (this.#onlyExpiriesLeft()) return NEVER;
    return Math.min(this.#comingNs(), venue.nextNs[0] as number, this.#arrivalNs(), venue.nextExpiryNs);
  }

  restNs(): number {
    return this.#onlyExpiriesLeft() ? this.venue.nextExpiryNs : NEVER;
  }

  nextRank(): number {
    return 0;
  }

  advance(limitNs: number, inclusive: boolean): void {
    const limit = inclusive ? limitNs : limitNs - 1;
    const { activity } = this.#kernel;
    const before = activity.count;
    if (this.#onlyExpiriesLeft()) return this.#expire(limit);
    for (let events = 0; events < STRETCH; events++) {
      if (!this.#step(limit) || activity.count !== before) return;
    }
  }

  /** What comes to us: rows and reports. */
  #comingNs(): number {
    return Math.min(this.venue.rows.nextNs[0] as number, this.venue.reports.ring.nextNs[0] as number);
  }

  #arrivalNs(): number {
    return this.venue.requests.nextNs[0] as number;
  }

  #onlyExpiriesLeft(): boolean {
    return this.venue.nextNs[0] === NEVER && this.#comingNs() === NEVER && this.#arrivalNs() === NEVER;
  }

  #expire(limit: number): void {
    const { venue } = this;
    const ns = venue.nextExpiryNs;
    if (ns > limit) return;
    venue.nowNs[0] = ns;
    venue.expire();
  }

  #step(limit: number): boolean {
    const { venue } = this;
    const next = this.nextNs();
    if (next > limit || next === NEVER) return false;
    if (next === venue.rows.nextNs[0]) this.#hear(next);
    else if (next === venue.reports.ring.nextNs[0]) this.#receive(next);
    else if (next === venue.nextNs[0]) venue.live();
    else {
      venue.nowNs[0] = next;
      if (next === venue.nextExpiryNs) venue.expire();
      else venue.arrive();
    }
    return true;
  }

  #hear(ns: number): void {
    const { rows, feedLatencyNs } = this.venue;
    const { block, first } = rows;
    this.#kernel.nowNs[0] = ns;
    feedLatencyNs[0] = ns - (block.exch[first] as number);
    rows.shift();
    this.rows += 1;
    this.station.row(block, first);
  }

  #receive(ns: number): void {
    this.#kernel.nowNs[0] = ns;
    const { ring } = this.venue.reports;
    const offset = ring.first;
    const { cells } = ring;
    ring.shift();
    this.#kernel.report(this.station, cells, offset);
  }
}
