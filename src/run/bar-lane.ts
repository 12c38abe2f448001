import type { Station, TradingKernel } from "../kernel/index.ts";
import { BAR_ROW, BarBlock, BLOCK_ROWS } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { SimBarVenue } from "../sim/index.ts";
import { BlockWindow } from "./block-window.ts";
import type { Lane } from "./lane.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * A bar tape: every bar is two events, its open (orders made before meet it) and its close (the inside is
 * met, then the strategies see the bar). Closes of one moment come before opens of the same moment, so that
 * no open is missed by an order made at a close.
 *
 * @invariant A strategy sees a bar only at its close.
 */
export class BarLane implements Lane {
  rows = 0;
  readonly totalRows: number;
  readonly #kernel: TradingKernel;
  readonly station: Station;
  readonly venue: SimBarVenue;
  readonly #window: BlockWindow<BarBlock>;
  #block: BarBlock;
  #index = 0;
  #i = 0;
  #isOpen = false;

  constructor(
    source: TapeSource<BarBlock>,
    shiftNs: number,
    kernel: TradingKernel,
    station: Station,
    venue: SimBarVenue,
  ) {
    this.#kernel = kernel;
    this.station = station;
    this.venue = venue;
    this.#window = new BlockWindow(
      source,
      () => new BarBlock(Math.min(source.meta.rows, BLOCK_ROWS)),
      shiftNs,
    );
    this.totalRows = source.meta.rows;
    this.#block = source.blockCount > 0 ? this.#window.take(0) : new BarBlock(1);
  }

  nextNs(): number {
    const reports = this.venue.reports.ring.nextNs[0] as number;
    const market = (this.#isOpen ? this.#block.closeNs[this.#i] : this.#block.openNs[this.#i]) as number;
    return Math.min(reports, market);
  }

  /** Orders at bars expire with bars. */
  restNs(): number {
    return NEVER;
  }

  nextRank(): number {
    return this.#isOpen || (this.venue.reports.ring.nextNs[0] as number) < NEVER ? 0 : 1;
  }

  advance(limitNs: number, inclusive: boolean, once: boolean): void {
    const { activity } = this.#kernel;
    const before = activity.count;
    for (;;) {
      if (!this.#isOpen && !once) this.#watch(limitNs, inclusive);
      this.#receive(limitNs);
      if (activity.count !== before) return;
      const block = this.#block;
      const i = this.#i;
      const ns = (this.#isOpen ? block.closeNs[i] : block.openNs[i]) as number;
      if (ns > limitNs || (!inclusive && ns === limitNs) || ns === NEVER) return;
      this.#step(block, i, ns);
      if (once || activity.count !== before) return;
    }
  }

  /** Bars that no order of ours waits for: only the strategies look. */
  #watch(limitNs: number, inclusive: boolean): void {
    const { venue, station } = this;
    const now = this.#kernel.nowNs;
    const { activity } = this.#kernel;
    const before = activity.count;
    const block = this.#block;
    const { closeNs, kind, n } = block;
    const last = n - 1;
    while (this.#i < last && venue.isIdle && kind[this.#i] === BAR_ROW.bar) {
      const i = this.#i;
      const ns = closeNs[i] as number;
      if (ns > limitNs || (!inclusive && ns === limitNs)) return;
      now[0] = ns;
      venue.skip();
      this.#i = i + 1;
      this.rows += 1;
      station.bar(block, i);
      if (activity.count !== before) return;
    }
  }

  #step(block: BarBlock, i: number, ns: number): void {
    const { venue, station } = this;
    const now = this.#kernel.nowNs;
    if (ns > (now[0] as number)) now[0] = ns;
    venue.nowNs[0] = ns;
    const kind = block.kind[i] as number;
    if (kind === BAR_ROW.split) {
      venue.split(block.open[i] as number, block.high[i] as number);
      this.#receive(ns);
      this.#kernel.split(station, block.open[i] as number, block.high[i] as number);
      this.#i += 1;
      this.rows += 1;
    } else if (kind === BAR_ROW.dividend) {
      this.#kernel.dividend(station, block.volume[i] as number);
      this.#i += 1;
      this.rows += 1;
    } else if (!this.#isOpen) {
      venue.open(block, i);
      this.#isOpen = true;
    } else {
      venue.close(block, i);
      this.#isOpen = false;
      this.#i += 1;
      this.rows += 1;
      this.#receive(ns);
      station.bar(block, i);
    }
    this.#turn();
  }

  /** Hands over what the venue reported up to `limit`. */
  #receive(limit: number): void {
    const { ring } = this.venue.reports;
    while ((ring.nextNs[0] as number) <= limit) {
      const offset = ring.first;
      const { cells } = ring;
      this.#kernel.nowNs[0] = Math.max(ring.nextNs[0] as number, this.#kernel.nowNs[0] as number);
      ring.shift();
      this.#kernel.report(this.station, cells, offset);
    }
  }

  /** Turns to the next block at the end of one. */
  #turn(): void {
    if (this.#i < this.#block.n || this.#index + 1 >= this.#window.blockCount) return;
    this.#window.release(this.#index);
    this.#index += 1;
    this.#block = this.#window.take(this.#index);
    this.#i = 0;
    this.#kernel.activity.count += 1; // look up once a block: progress
  }
}
