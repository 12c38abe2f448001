import { Fault } from "../base/index.ts";
import { DueHeap } from "./due-heap.ts";

/** What a market was at a moment: reused, so that whoever is told copies what it keeps. */
export interface MarketMoment {
  /** NaN before the first quote, and where only prices are known. @units ticks */
  readonly bidTicks: number;
  readonly askTicks: number;
  /** NaN before the first quote or price. @units half ticks */
  readonly midHalfTicks: number;
  /** All that traded up to here, and its worth above that of the first print's price. @units lots; ticks times lots */
  readonly lots: number;
  readonly worth: number;
  /** The mid times how long it held, above the first mid. @units half ticks times ns */
  readonly area: number;
}

/** Told what a market was at the moment it waits for; `isKnown` is false where the market ended before. */
export type MomentTold = (moment: MarketMoment, isKnown: boolean) => void;

/** Changes that stay known: a moment further back is answered with the oldest of them. */
const KEPT = 2_048;
const CELLS = 7;

/**
 * What a market did, as running sums from which anyone can ask what it was at a moment, past or to come: with two
 * moments of it the VWAP, the TWAP and the volume between them are differences.
 *
 * A quote with a missing side, or crossed, changes nothing: the last whole one stays in force. Times that fall are
 * taken as the latest one seen.
 *
 * @units ns from any base, ticks, lots
 * @invariant An answer is of the end of that very nanosecond: of the last that came at or before it.
 * @invariant At most 2,048 changes and `waitingMax` questions are kept.
 * @cost A quote that moves nothing is four comparisons; a change writes seven numbers.
 * @example
 * ```ts
 * import { MarketTrace } from "tickwright/stat";
 * const trace = new MarketTrace();
 * trace.quote(0, 99, 101);
 * const mids: number[] = [];
 * trace.ask(5, (moment) => mids.push(moment.midHalfTicks));
 * trace.quote(10, 100, 102);
 * trace.ask(10, (moment, isKnown) => mids.push(moment.midHalfTicks, Number(isKnown)));
 * trace.finish();
 * mids; // => [200, 202, 1]
 * ```
 */
export class MarketTrace {
  /** The price that worths count from: the first print's. 0 before. @units ticks */
  baseTicks = 0;
  /** The mid that areas count from. @units half ticks */
  baseHalfTicks = 0;
  /** The last print's price; NaN before one. */
  closeTicks = Number.NaN;
  /** Questions that were not taken: as many as may were waiting. */
  dropped = 0;
  /** Questions about a moment before the oldest change that is kept. */
  late = 0;
  readonly #cells: Float64Array = new Float64Array(KEPT * CELLS);
  readonly #waiting: DueHeap<MomentTold>;
  readonly #volumes: DueHeap<MomentTold>;
  readonly #moment = {
    bidTicks: Number.NaN,
    askTicks: Number.NaN,
    midHalfTicks: Number.NaN,
    lots: 0,
    worth: 0,
    area: 0,
  };
  #count = 0;
  /** Where the newest change stands. */
  #at = 0;
  #ns = Number.NEGATIVE_INFINITY;
  #hasPrint = false;

  /** @param waitingMax - questions that may wait at once; 262,144 unless given */
  constructor(waitingMax = 262_144) {
    this.#waiting = new DueHeap(waitingMax);
    this.#volumes = new DueHeap(waitingMax);
  }

  /** The last moment heard of; -Infinity before any. */
  get nowNs(): number {
    return this.#ns;
  }

  /** A quote: both sides of the book as they are from now on. */
  quote(ns: number, bidTicks: number, askTicks: number): void {
    if (ns > this.#ns) {
      if (ns > this.#waiting.next) this.#settle(ns);
      this.#ns = ns;
    }
    const cells = this.#cells;
    const at = this.#at;
    if (this.#count > 0 && cells[at + 1] === bidTicks && cells[at + 2] === askTicks) return;
    if (bidTicks <= askTicks) this.#change(bidTicks, askTicks, bidTicks + askTicks);
  }

  /** A price where no quotes are known: what the mid is taken to be. */
  price(ns: number, ticks: number): void {
    this.#pass(ns);
    this.#change(Number.NaN, Number.NaN, 2 * ticks);
  }

  /** A print. */
  trade(ns: number, ticks: number, lots: number): void {
    if (!(lots > 0)) return;
    if (!(Number.isFinite(ticks) && lots < Infinity)) {
      throw new Fault("FAULT_INPUT", {
        path: "trace.trade",
        value: { ticks, lots },
        expected: "finite numbers",
      });
    }
    this.#pass(ns);
    if (!this.#hasPrint) {
      this.#hasPrint = true;
      this.baseTicks = ticks;
    }
    this.closeTicks = ticks;
    const at = this.#open();
    const cells = this.#cells;
    const before = cells[at + 4] as number;
    const worth = cells[at + 5] as number;
    const over = ticks - this.baseTicks;
    while (this.#volumes.next <= before + lots) {
      const due = this.#volumes.next;
      this.#read(at, this.#ns);
      this.#moment.lots = due;
      this.#moment.worth = worth + (due - before) * over;
      this.#volumes.take()(this.#moment, true);
    }
    cells[at + 4] = before + lots;
    cells[at + 5] = worth + lots * over;
  }

  /**
   * Asks what the market is, or was, at a moment: answered at once where it has passed, else when it has.
   *
   * @returns false where too many wait: never answered, counted in `dropped`
   */
  ask(ns: number, told: MomentTold): boolean {
    if (ns >= this.#ns) {
      if (this.#waiting.put(ns, told)) return true;
      this.dropped += 1;
      return false;
    }
    this.#read(this.#find(ns), ns);
    told(this.#moment, true);
    return true;
  }

  /** Asks what it is when all that traded has come to `lots`, a part of a print where that falls within one. */
  askVolume(lots: number, told: MomentTold): boolean {
    const traded = this.#count === 0 ? 0 : (this.#cells[this.#at + 4] as number);
    if (lots <= traded || !Number.isFinite(lots)) return false;
    if (this.#volumes.put(lots, told)) return true;
    this.dropped += 1;
    return false;
  }

  /** What it is now. */
  now(): MarketMoment {
    this.#read(this.#at, this.#ns);
    return this.#moment;
  }

  /** It is over: every question is answered with what holds last, and whether it came so far. */
  finish(): void {
    while (this.#waiting.next < Number.POSITIVE_INFINITY) {
      const ns = this.#waiting.next;
      this.#read(this.#at, Math.max(ns, this.#ns));
      this.#waiting.take()(this.#moment, ns <= this.#ns);
    }
    this.#volumes.clear();
  }

  /** Time goes on: questions about what has passed are answered before anything changes. */
  #pass(ns: number): void {
    if (!(ns > this.#ns)) return;
    if (ns > this.#waiting.next) this.#settle(ns);
    this.#ns = ns;
  }

  #settle(ns: number): void {
    while (this.#waiting.next < ns) {
      this.#read(this.#at, this.#waiting.next);
      this.#waiting.take()(this.#moment, true);
    }
  }

  #change(bidTicks: number, askTicks: number, mid: number): void {
    if (!Number.isFinite(mid)) {
      throw new Fault("FAULT_INPUT", { path: "trace.mid", value: mid, expected: "finite prices" });
    }
    if (this.#count === 0 || Number.isNaN(this.#cells[this.#at + 3])) this.baseHalfTicks = mid;
    const at = this.#open();
    const cells = this.#cells;
    cells[at + 1] = bidTicks;
    cells[at + 2] = askTicks;
    cells[at + 3] = mid;
  }

  /** The place of what is true from now on; what was stays where it is. */
  #open(): number {
    const cells = this.#cells;
    const from = this.#at;
    if (this.#count === 0) {
      this.#count = 1;
      cells.fill(Number.NaN, 1, 4);
      cells[0] = this.#ns;
      return from;
    }
    const ns = this.#ns;
    const before = cells[from] as number;
    if (before === ns) return from;
    const to = from + CELLS === cells.length ? 0 : from + CELLS;
    const mid = cells[from + 3] as number;
    const area = cells[from + 6] as number;
    cells[to] = ns;
    cells[to + 1] = cells[from + 1] as number;
    cells[to + 2] = cells[from + 2] as number;
    cells[to + 3] = mid;
    cells[to + 4] = cells[from + 4] as number;
    cells[to + 5] = cells[from + 5] as number;
    cells[to + 6] = Number.isNaN(mid) ? 0 : area + (mid - this.baseHalfTicks) * (ns - before);
    this.#at = to;
    this.#count += 1;
    return to;
  }

  /** The change in force at a moment: the oldest one kept where it is further back. */
  #find(ns: number): number {
    const kept = Math.min(this.#count, KEPT);
    let at = this.#at;
    for (let i = 0; i < kept; i++) {
      if ((this.#cells[at] as number) <= ns) return at;
      at = at === 0 ? this.#cells.length - CELLS : at - CELLS;
    }
    if (this.#count <= KEPT) return -1;
    this.late += 1;
    return this.#at + CELLS === this.#cells.length ? 0 : this.#at + CELLS;
  }

  #read(at: number, ns: number): void {
    const moment = this.#moment;
    if (this.#count === 0 || at < 0) {
      moment.bidTicks = moment.askTicks = moment.midHalfTicks = Number.NaN;
      moment.lots = moment.worth = moment.area = 0;
      return;
    }
    const cells = this.#cells;
    moment.bidTicks = cells[at + 1] as number;
    moment.askTicks = cells[at + 2] as number;
    moment.midHalfTicks = cells[at + 3] as number;
    moment.lots = cells[at + 4] as number;
    moment.worth = cells[at + 5] as number;
    const held = (moment.midHalfTicks - this.baseHalfTicks) * (ns - (cells[at] as number));
    moment.area = Number.isNaN(held) ? 0 : (cells[at + 6] as number) + held;
  }
}
