import type { Station, TradingKernel } from "../kernel/index.ts";
import { BLOCK_ROWS, DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { SimVenue } from "../sim/index.ts";
import { BlockWindow } from "./block-window.ts";
import type { Lane } from "./lane.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * A depth tape walked twice at once: by the venue in exchange time, by us in local time.
 *
 * Events of one moment come in this order: what we receive from the feed, reports to us, what the venue
 * lives, our orders arriving there.
 *
 * @invariant We never see a row before its local time, the venue never before its exchange time.
 * @cost Rows run in one short loop between slow events; nothing is allocated per row.
 */
export class DepthLane implements Lane {
  rows = 0;
  readonly totalRows: number;
  readonly venue: SimVenue;
  readonly station: Station;
  readonly #kernel: TradingKernel;
  readonly #window: BlockWindow<DepthBlock>;
  readonly #usesFeedLatency: boolean;
  #local: DepthBlock;
  #exch: DepthBlock;
  #localIndex = 0;
  #exchIndex = 0;
  #iLocal = 0;
  #iExch = 0;

  constructor(
    source: TapeSource<DepthBlock>,
    shiftNs: number,
    kernel: TradingKernel,
    station: Station,
    venue: SimVenue,
  ) {
    this.#kernel = kernel;
    this.station = station;
    this.venue = venue;
    this.#usesFeedLatency = venue.settings.latency.usesFeedLatency;
    this.#window = new BlockWindow(
      source,
      () => new DepthBlock(Math.min(source.meta.rows, BLOCK_ROWS)),
      shiftNs,
    );
    this.totalRows = source.meta.rows;
    this.#local = source.blockCount > 0 ? this.#window.take(0) : new DepthBlock(1);
    this.#exch = source.blockCount > 0 ? this.#window.take(0) : this.#local;
  }

  nextNs(): number {
    const market = Math.min(
      this.#local.local[this.#iLocal] as number,
      this.#exch.exch[this.#iExch] as number,
    );
    return this.#onlyExpiriesLeft() ? NEVER : Math.min(market, this.#slowNs());
  }

  restNs(): number {
    return this.#onlyExpiriesLeft() ? (this.venue.nextExpiryNs[0] as number) : NEVER;
  }

  nextRank(): number {
    return 0;
  }

  advance(limitNs: number, inclusive: boolean): void {
    const limit = inclusive ? limitNs : limitNs - 1;
    const { activity } = this.#kernel;
    const before = activity.count;
    if (this.#onlyExpiriesLeft()) return this.#expire(limit);
    for (;;) {
      if (this.#drain(limit) || activity.count !== before) return;
      if (!this.#slow(limit) || activity.count !== before) return;
    }
  }

  /** The market is over and nothing is on its way: a run does not wait for orders to expire. */
  #onlyExpiriesLeft(): boolean {
    const { venue } = this;
    if (this.#local.local[this.#iLocal] !== NEVER || this.#exch.exch[this.#iExch] !== NEVER) return false;
    return venue.requests.nextNs[0] === NEVER && venue.reports.ring.nextNs[0] === NEVER;
  }

  /** What expires first of the orders that outlived the tape. */
  #expire(limit: number): void {
    const { venue } = this;
    const ns = venue.nextExpiryNs[0] as number;
    if (ns > limit) return;
    venue.nowNs[0] = ns;
    venue.expire();
  }

  #slowNs(): number {
    const { venue } = this;
    const reports = venue.reports.ring.nextNs[0] as number;
    const requests = venue.requests.nextNs[0] as number;
    return Math.min(reports, requests, venue.nextExpiryNs[0] as number);
  }

  /** Rows until the next slow event; true when a block ended. One short method: it must stay easy to compile. */
  #drain(limit: number): boolean {
    const { venue, station } = this;
    const kernelNow = this.#kernel.nowNs;
    const activity = this.#kernel.activity;
    const before = activity.count;
    const localBlock = this.#local;
    const exchBlock = this.#exch;
    const localNs = localBlock.local;
    const exchNs = exchBlock.exch;
    const start = this.#iLocal;
    let iLocal = start;
    let iExch = this.#iExch;
    let ended = false;
    let reports = venue.reports.ring.nextNs[0] as number;
    const stopExch = Math.min(venue.requests.nextNs[0] as number, venue.nextExpiryNs[0] as number, limit);
    let stopLocal = Math.min(reports, stopExch);
    venue.changed = false;
    for (;;) {
      const local = localNs[iLocal] as number;
      const exch = exchNs[iExch] as number;
      if (local <= exch) {
        if (local > stopLocal || local === NEVER) break;
        kernelNow[0] = local;
        if (this.#usesFeedLatency) venue.feedLatencyNs[0] = local - (localBlock.exch[iLocal] as number);
        station.row(localBlock, iLocal);
        iLocal += 1;
        ended = iLocal === localBlock.n;
        if (ended || activity.count !== before) break;
      } else {
        if (exch > stopExch || exch >= reports) break;
        venue.nowNs[0] = exch;
        venue.row(exchBlock, iExch);
        iExch += 1;
        ended = iExch === exchBlock.n;
        if (ended) break;
        if (venue.changed) {
          venue.changed = false;
          reports = venue.reports.ring.nextNs[0] as number;
          stopLocal = Math.min(reports, stopExch);
        }
      }
    }
    this.rows += iLocal - start;
    this.#iLocal = iLocal;
    this.#iExch = iExch;
    if (ended) this.#turnPages();
    return ended;
  }

  /** Moves a cursor at the end of its block to the next block. */
  #turnPages(): void {
    if (this.#iLocal === this.#local.n && this.#localIndex + 1 < this.#window.blockCount) {
      this.#window.release(this.#localIndex);
      this.#localIndex += 1;
      this.#local = this.#window.take(this.#localIndex);
      this.#iLocal = 0;
    }
    if (this.#iExch === this.#exch.n && this.#exchIndex + 1 < this.#window.blockCount) {
      this.#window.release(this.#exchIndex);
      this.#exchIndex += 1;
      this.#exch = this.#window.take(this.#exchIndex);
      this.#iExch = 0;
    }
  }

  /** The one slow event that is due before the next row: a report, an expiry or an arriving order. */
  #slow(limit: number): boolean {
    const { venue } = this;
    const reports = venue.reports.ring.nextNs[0] as number;
    const requests = venue.requests.nextNs[0] as number;
    const expiry = venue.nextExpiryNs[0] as number;
    const local = this.#local.local[this.#iLocal] as number;
    const exch = this.#exch.exch[this.#iExch] as number;
    const next = Math.min(reports, requests, expiry);
    if (next > limit || next === NEVER || this.#onlyExpiriesLeft()) return false;
    if (next === reports) {
      if (local <= next) return true;
      this.#receive(next);
    } else {
      if (local <= next || exch <= next) return true;
      venue.nowNs[0] = next;
      if (next === expiry) venue.expire();
      else venue.arrive();
    }
    return true;
  }

  #receive(ns: number): void {
    const { venue } = this;
    this.#kernel.nowNs[0] = ns;
    const ring = venue.reports.ring;
    const offset = ring.first;
    const { cells } = ring;
    ring.shift();
    this.#kernel.report(this.station, cells, offset);
  }
}
