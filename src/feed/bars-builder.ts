import { checkFunction, Fault } from "../base/index.ts";
import {
  type BarBuilderOptions,
  type BarTerms,
  checkBarRule,
  checkLateness,
  type FinishedBar,
} from "./bars-options.ts";

const NONE = Number.NEGATIVE_INFINITY;

/** What a {@link BarBuilder} counted. */
export interface BarBuilderCounts {
  bars: number;
  /** Bars that repeat the close before, for want of a price. */
  emptyBars: number;
  /** Bars that `end` finished before their time. */
  partialBars: number;
  lateDropped: number;
  lateCarried: number;
  /** Calls of `volume` before there was any price. */
  volumeWithoutPrice: number;
}

/** A bar that may still change. Of equal times the one that came first opens, the one that came last closes. */
class OpenBar {
  readonly startNs: number;
  trades = 0;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = 0;
  firstNs = 0;
  lastNs = 0;

  constructor(startNs: number) {
    this.startNs = startNs;
  }

  add(ns: number, tick: number, lots: number): void {
    if (this.trades === 0) {
      this.open = this.high = this.low = this.close = tick;
      this.firstNs = this.lastNs = ns;
    } else {
      if (tick > this.high) this.high = tick;
      if (tick < this.low) this.low = tick;
      if (ns < this.firstNs) {
        this.firstNs = ns;
        this.open = tick;
      }
      if (ns >= this.lastNs) {
        this.lastNs = ns;
        this.close = tick;
      }
    }
    this.trades += 1;
    this.volume += lots;
  }
}

/**
 * Builds bars from trades, or from any prices, as they come: bars of a period, of a number of trades, or of a
 * quantity.
 *
 * Time is the trades' own. A period holds its start and not its end; it is finished when a trade, or `advance`,
 * reaches its end plus the lateness allowed. What comes for a finished bar is late, and the policy decides.
 *
 * @units `ns`: whole ns from one base; `tick`: ticks; `lots`: book lots
 * @invariant Bars come in the order of their times and do not overlap; trades cut into any portions, and trades
 * in any order within the lateness allowed, give the bars of the sorted whole.
 * @throws `FAULT_CONFIG` naming the option; from `add` and its like `FAULT_TIME` on a time that is no whole
 * number or, by policy, late, and `FAULT_INPUT` on a tick or lots that are none.
 * @cost O(1) a trade, and O(open bars) where it opens a period; allocates per bar.
 * @example
 * ```ts
 * import { BarBuilder } from "tickwright/feed";
 * const closes: number[] = [];
 * const builder = new BarBuilder({ periodNs: 1_000_000_000, onBar: (bar) => closes.push(bar.close) });
 * builder.add(100, 5_000, 1);
 * builder.add(999_999_999, 5_002, 2);
 * builder.add(1_000_000_000, 5_001, 1); // belongs to the next second
 * closes; // => [5002]
 * ```
 */
export class BarBuilder {
  readonly counts: BarBuilderCounts = {
    bars: 0,
    emptyBars: 0,
    partialBars: 0,
    lateDropped: 0,
    lateCarried: 0,
    volumeWithoutPrice: 0,
  };
  readonly #terms: BarTerms;
  readonly #latenessNs: number;
  readonly #late: "fail" | "drop" | "carry";
  readonly #onBar: (bar: FinishedBar) => void;
  /** Bars that may still change, by their start. */
  readonly #open: OpenBar[] = [];
  /** The latest time seen; what lies before `#floorNs` is late. */
  #nowNs = NONE;
  #floorNs = NONE;
  /** Where the next period begins, once a bar is finished. */
  #nextNs = NONE;
  #lastClose = 0;
  #lastTick = Number.NaN;

  constructor(options: BarBuilderOptions) {
    this.#latenessNs = checkLateness(options);
    this.#terms = checkBarRule("bars", options);
    this.#late = options.late ?? "fail";
    this.#onBar = checkFunction("bars.onBar", options.onBar);
  }

  /** What lies before this moment is finished: -Infinity before the first time. @units ns from the base */
  get floorNs(): number {
    return this.#floorNs;
  }

  /** A trade. */
  add(ns: number, tick: number, lots: number): void {
    checkTime(ns);
    if ((tick | 0) !== tick) throw bad("tick", tick, "a whole number of ticks");
    if (!Number.isSafeInteger(lots) || lots < 0) throw bad("lots", lots, "a whole number of lots, 0 or more");
    let at = ns;
    if (at < this.#floorNs) {
      if (!this.#isCarried(ns)) return;
      at = this.#floorNs;
    }
    this.#lastTick = tick;
    if (this.#terms.periodNs === Number.POSITIVE_INFINITY) this.#count(at, tick, lots);
    else {
      this.#barAt(this.#startOf(at)).add(at, tick, lots);
      this.advance(at);
    }
  }

  /** A price at which nothing was traded, such as a mid. */
  price(ns: number, tick: number): void {
    this.add(ns, tick, 0);
  }

  /** A quantity traded while the last price stood; left out and counted where there was no price yet. */
  volume(ns: number, lots: number): void {
    if (Number.isNaN(this.#lastTick)) this.counts.volumeWithoutPrice += 1;
    else this.add(ns, this.#lastTick, lots);
  }

  /** Time has passed without a trade: finishes the periods that are over. */
  advance(ns: number): void {
    checkTime(ns);
    if (!(ns > this.#nowNs) || this.#terms.periodNs === Number.POSITIVE_INFINITY) return;
    this.#nowNs = ns;
    const floorNs = this.#startOf(ns - this.#latenessNs);
    if (floorNs <= this.#floorNs) return;
    this.#floorNs = floorNs;
    for (let bar = this.#open[0]; bar !== undefined && bar.startNs < floorNs; bar = this.#open[0]) {
      this.#open.shift();
      this.#finishPeriod(bar);
    }
    this.#repeatUpTo(floorNs);
  }

  /** Finishes all bars there are, the last one also before its time. */
  end(): void {
    for (const bar of this.#open) {
      const isTimed = this.#terms.periodNs !== Number.POSITIVE_INFINITY;
      if (!isTimed || this.#nowNs < bar.startNs + this.#terms.periodNs) this.counts.partialBars += 1;
      if (isTimed) this.#finishPeriod(bar);
      else this.#finish(bar, bar.firstNs, bar.lastNs);
    }
    this.#open.length = 0;
  }

  #startOf(ns: number): number {
    const { periodNs, alignNs } = this.#terms;
    const past = (ns - alignNs) % periodNs;
    return ns - (past < 0 ? past + periodNs : past);
  }

  #barAt(startNs: number): OpenBar {
    const open = this.#open;
    let i = open.length;
    while (i > 0 && (open[i - 1] as OpenBar).startNs > startNs) i -= 1;
    const found = open[i - 1];
    if (found !== undefined && found.startNs === startNs) return found;
    const bar = new OpenBar(startNs);
    open.splice(i, 0, bar);
    return bar;
  }

  #count(ns: number, tick: number, lots: number): void {
    const bar = this.#open[0] ?? new OpenBar(ns);
    this.#open[0] = bar;
    bar.add(ns, tick, lots);
    this.#floorNs = ns;
    if (bar.trades < this.#terms.trades && bar.volume < this.#terms.lots) return;
    this.#open.length = 0;
    this.#finish(bar, bar.firstNs, bar.lastNs);
  }

  #isCarried(ns: number): boolean {
    if (this.#late === "fail") {
      throw new Fault("FAULT_TIME", {
        path: "bars ns",
        value: ns,
        expected: `at least ${this.#floorNs}: the bar before is finished`,
      });
    }
    if (this.#late === "carry") this.counts.lateCarried += 1;
    else this.counts.lateDropped += 1;
    return this.#late === "carry";
  }

  #finishPeriod(bar: OpenBar): void {
    this.#repeatUpTo(bar.startNs);
    this.#nextNs = bar.startNs + this.#terms.periodNs;
    this.#finish(bar, bar.startNs, this.#nextNs);
  }

  #repeatUpTo(endNs: number): void {
    if (!this.#terms.repeats || this.#nextNs === NONE) return;
    const close = this.#lastClose;
    const prices = { open: close, high: close, low: close, close, volume: 0 };
    while (this.#nextNs < endNs) {
      const openNs = this.#nextNs;
      this.#nextNs += this.#terms.periodNs;
      this.counts.emptyBars += 1;
      this.counts.bars += 1;
      this.#onBar({ openNs, closeNs: this.#nextNs, ...prices });
    }
  }

  #finish(bar: OpenBar, openNs: number, closeNs: number): void {
    const { open, high, low, close, volume } = bar;
    this.#lastClose = close;
    this.counts.bars += 1;
    this.#onBar({ openNs, closeNs, open, high, low, close, volume });
  }
}

function checkTime(ns: number): void {
  if (Math.floor(ns) === ns && Math.abs(ns) !== Number.POSITIVE_INFINITY) return;
  throw new Fault("FAULT_TIME", { path: "bars ns", value: ns, expected: "whole ns from the base" });
}

function bad(field: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: `bars ${field}`, value, expected });
}
