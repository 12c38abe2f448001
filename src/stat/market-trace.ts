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

/** Changes that stay known: a moment further back is not answered. */
const KEPT = 8_192;
const CELLS = 7;

/** The largest mid of either sign: no difference of two passes 2^53. @units half ticks */
const MID_MAX = 0x8_0000_0000_0000;

/**
 * What a market did, as running sums from which anyone can ask what it was at a moment, past or to come: with two
 * moments of it the VWAP, the TWAP and the volume between them are differences.
 *
 * A quote with a missing side, or crossed, changes nothing: the last whole one stays in force. Times that fall are
 * taken as the latest one seen.
 *
 * @units ns from any base, ticks, lots
 * @invariant An answer is of the end of that very nanosecond: of the last that came at or before it.
 * @invariant At most 8,192 changes and `waitingMax` questions are kept: 459 KB of changes.
 * @invariant A question is answered rightly, or not at all: what is not answered is counted.
 * @throws `FAULT_INPUT` for a mid that is no whole number of half ticks within 2^51, and for prints that are no numbers
 * @cost A quote that moves nothing is four comparisons; a change writes seven numbers; a look back is 13 comparisons.
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
  /** Questions that were not answered because what they ask of lies before the oldest change that is kept. */
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
  /** The price of the prints in the newest change; NaN without one. */
  #ticksThere = Number.NaN;

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
    // Prints of another price are a change of their own, so that a part of them is worth what it was.
    const at = this.#open(!Number.isNaN(this.#ticksThere) && this.#ticksThere !== ticks);
    this.#ticksThere = ticks;
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
   * @returns false where it is never answered: too many wait (counted in `dropped`), or the moment lies before what is
   * kept (counted in `late`)
   */
  ask(ns: number, told: MomentTold): boolean {
    if (ns >= this.#ns) {
      if (this.#waiting.put(ns, told)) return true;
      this.dropped += 1;
      return false;
    }
    const at = this.#find(ns);
    if (at === undefined) {
      this.late += 1;
      return false;
    }
    this.#read(at, ns);
    told(this.#moment, true);
    return true;
  }

  /**
   * Asks what it is, or was, when all that traded comes to `lots`, a part of a print where that falls within one.
   *
   * @returns as `ask`; false for lots that are no number above 0, too
   */
  askVolume(lots: number, told: MomentTold): boolean {
    if (!(lots > 0 && lots < Infinity)) return false;
    const traded = this.#count === 0 ? 0 : (this.#cells[this.#at + 4] as number);
    if (lots <= traded) return this.#tellVolume(lots, told);
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
    if (!(Number.isSafeInteger(mid) && Math.abs(mid) <= MID_MAX)) {
      const expected = "a whole number of half ticks within 2^51";
      throw new Fault("FAULT_INPUT", { path: "trace.mid", value: mid, expected });
    }
    if (this.#count === 0 || Number.isNaN(this.#cells[this.#at + 3])) this.baseHalfTicks = mid;
    const at = this.#open();
    const cells = this.#cells;
    cells[at + 1] = bidTicks;
    cells[at + 2] = askTicks;
    cells[at + 3] = mid;
  }

  /** The place of what is true from now on; what was stays where it is. */
  #open(isApart = false): number {
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
    if (before === ns && !isApart) return from;
    this.#ticksThere = Number.NaN;
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

  /** The change in force at a moment: -1 before the first, undefined where it is not kept. */
  #find(ns: number): number | undefined {
    const kept = Math.min(this.#count, KEPT);
    const after = this.#first(kept, (at) => (this.#cells[at] as number) > ns);
    if (after > 0) return this.#place(kept, after - 1);
    return this.#count > KEPT ? undefined : -1;
  }

  /** Tells what it was when so much had traded. */
  #tellVolume(lots: number, told: MomentTold): boolean {
    const cells = this.#cells;
    const kept = Math.min(this.#count, KEPT);
    const nth = this.#first(kept, (at) => (cells[at + 4] as number) >= lots);
    if (nth === 0 && this.#count > KEPT) {
      this.late += 1;
      return false;
    }
    const at = this.#place(kept, nth);
    const before = nth === 0 ? -1 : this.#place(kept, nth - 1);
    const [had, worth] = before < 0 ? [0, 0] : [cells[before + 4] as number, cells[before + 5] as number];
    const share = (lots - had) / ((cells[at + 4] as number) - had);
    this.#read(at, cells[at] as number);
    this.#moment.lots = lots;
    this.#moment.worth = worth + share * ((cells[at + 5] as number) - worth);
    told(this.#moment, true);
    return true;
  }

  /** The first of the changes kept, oldest first, of which something holds that holds of all after it; `kept` if none. */
  #first(kept: number, holds: (at: number) => boolean): number {
    let [low, high] = [0, kept];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#place(kept, middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Where the nth of the changes kept stands, the oldest first. */
  #place(kept: number, nth: number): number {
    const at = this.#at - (kept - 1 - nth) * CELLS;
    return at < 0 ? at + this.#cells.length : at;
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
