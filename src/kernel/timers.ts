import { Fault } from "../base/index.ts";

interface Timer {
  readonly id: number;
  readonly owner: number;
  /** Infinity for timers that fire once. */
  readonly periodNs: number;
  ns: number;
  stopped: boolean;
}

/** The whole state of {@link Timers}, JSON-safe; `periodNs` null for timers that fire once. */
export interface SavedTimers {
  readonly ids: number;
  readonly timers: readonly {
    readonly id: number;
    readonly owner: number;
    readonly ns: number;
    readonly periodNs: number | null;
  }[];
}

const MAX_TIMERS = 100_000;

/**
 * The timers of all strategies, next one first; timers of one moment fire in the order they were made.
 *
 * @units ns from the session's base
 * @invariant `nextNs[0]` is the time of the next timer, Infinity when there is none.
 * @cost O(log n) to add, fire and move on.
 */
export class Timers {
  readonly nextNs: Float64Array = new Float64Array([Number.POSITIVE_INFINITY]);
  readonly #heap: Timer[] = [];
  readonly #byId: Map<number, Timer> = new Map();
  #ids = 0;

  /** @throws `FAULT_CAPACITY` past 100,000 timers. */
  add(owner: number, ns: number, periodNs: number): number {
    if (this.#heap.length >= MAX_TIMERS) this.#forgetStopped();
    if (this.#heap.length >= MAX_TIMERS) {
      const expected = `at most ${MAX_TIMERS} timers`;
      throw new Fault("FAULT_CAPACITY", { path: "clock", value: this.#heap.length, expected });
    }
    this.#ids += 1;
    const timer = { id: this.#ids, owner, periodNs, ns, stopped: false };
    this.#byId.set(timer.id, timer);
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    this.#settle();
    return timer.id;
  }

  /** Stops a timer of `owner`; unknown and finished ones are left alone. */
  stop(owner: number, id: number): void {
    const timer = this.#byId.get(id);
    if (timer === undefined || timer.owner !== owner) return;
    timer.stopped = true;
    this.#byId.delete(id);
    this.#settle();
  }

  /** Stops every timer of `owner`. */
  stopAll(owner: number): void {
    for (const timer of this.#byId.values()) {
      if (timer.owner !== owner) continue;
      timer.stopped = true;
      this.#byId.delete(timer.id);
    }
    this.#settle();
  }

  /** The period of the next timer; Infinity for one that fires once, or where there is none. */
  get nextPeriodNs(): number {
    return this.#heap[0]?.periodNs ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the next timer: its owner and id. A repeating one is set again, one period later; where `toNs` is above 0,
   * periods before it are left out: it fires next at its first time that is not before `toNs`.
   */
  take(toNs = 0): { readonly owner: number; readonly id: number } {
    const timer = this.#heap[0] as Timer;
    if (timer.periodNs === Number.POSITIVE_INFINITY) {
      timer.stopped = true;
      this.#byId.delete(timer.id);
    } else {
      if (toNs > 0)
        timer.ns += Math.max(0, Math.ceil((toNs - timer.ns) / timer.periodNs) - 1) * timer.periodNs;
      do timer.ns += timer.periodNs;
      while (timer.ns < toNs);
      this.#sink(0);
    }
    this.#settle();
    return timer;
  }

  /** The state now, JSON-safe: timers in the order in which they were made. */
  save(): SavedTimers {
    const live = this.#heap.filter((timer) => !timer.stopped).sort((a, b) => a.id - b.id);
    return {
      ids: this.#ids,
      timers: live.map(({ id, owner, periodNs, ns }) => ({
        id,
        owner,
        ns,
        periodNs: periodNs === Number.POSITIVE_INFINITY ? null : periodNs,
      })),
    };
  }

  /** Takes a saved state in place of its own. */
  load(saved: SavedTimers): void {
    this.#ids = saved.ids;
    this.#heap.length = 0;
    this.#byId.clear();
    for (const { id, owner, ns, periodNs } of saved.timers) {
      const timer = { id, owner, ns, periodNs: periodNs ?? Number.POSITIVE_INFINITY, stopped: false };
      this.#heap.push(timer);
      this.#byId.set(id, timer);
      this.#rise(this.#heap.length - 1);
    }
    this.#settle();
  }

  /** Stopped timers wait in the heap for their time: drops them all. A sorted array is a heap. */
  #forgetStopped(): void {
    const live = this.#heap.filter((timer) => !timer.stopped);
    live.sort((a, b) => (this.#before(a, b) ? -1 : 1));
    this.#heap.length = 0;
    for (const timer of live) this.#heap.push(timer);
  }

  #settle(): void {
    const heap = this.#heap;
    while (heap.length > 0 && (heap[0] as Timer).stopped) {
      const last = heap.pop() as Timer;
      if (heap.length === 0) break;
      heap[0] = last;
      this.#sink(0);
    }
    this.nextNs[0] = heap.length === 0 ? Number.POSITIVE_INFINITY : (heap[0] as Timer).ns;
  }

  #before(a: Timer, b: Timer): boolean {
    return a.ns < b.ns || (a.ns === b.ns && a.id < b.id);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(heap[at] as Timer, heap[parent] as Timer)) return;
      [heap[at], heap[parent]] = [heap[parent] as Timer, heap[at] as Timer];
      at = parent;
    }
  }

  #sink(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#before(heap[child] as Timer, heap[least] as Timer)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as Timer, heap[at] as Timer];
      at = least;
    }
  }
}
