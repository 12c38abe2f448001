import { checkInteger, checkKeys, Digest, Fault, type Prng } from "../base/index.ts";

/** Something that happens at a time of its own choosing: what a {@link Scheduler} calls. */
export interface Actor {
  /** An event that was put with {@link Scheduler.at} is due; `a` and `b` are what was put with it. */
  fire(kind: number, a: number, b: number): void;
}

/** The options of a {@link Scheduler}. */
export interface SchedulerOptions {
  /** Draws the order of events at one time; it is the scheduler's own from then on. */
  readonly rng: Prng;
  /** Events that there is room for at first; doubles as needed. 1,024 unless told. */
  readonly capacity?: number;
  /** Events that may wait at once. 2^20 unless told. */
  readonly maxCapacity?: number;
}

/** One line of a trace: an event that was fired, or a note (then `actor` is -1 and `kind` its code). */
export interface TraceLine {
  readonly ns: number;
  readonly actor: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

/** Lines that are gathered before they are hashed, and that {@link Scheduler.tail} can show. */
const TRACE_LINES = 2048;
const TRACE_STRIDE = 4;
const MAX_ACTORS = 1 << 20;

/**
 * A virtual clock with the events that are still to come: the only source of order in a simulation.
 *
 * Events fire by time. Those at one time fire in an order drawn from the seed, so that no code can come to
 * rely on one; what must keep its order must have different times.
 *
 * @units ns from the session's base, as doubles
 * @invariant Equal seeds and equal calls give equal order and equal {@link Scheduler.traceHash}; time never
 * goes back.
 * @cost `at` and `step`: O(log n); no objects are made once the room is there.
 * @example
 * ```ts
 * import { Prng } from "tickwright/base";
 * import { Scheduler } from "tickwright/torture";
 * const scheduler = new Scheduler({ rng: new Prng(7) });
 * const seen: number[] = [];
 * const actor = scheduler.actor({ fire: (kind) => seen.push(kind) });
 * scheduler.at(2_000, actor, 2);
 * scheduler.at(1_000, actor, 1);
 * scheduler.run(5_000);
 * seen; // => [1, 2]
 * scheduler.nowNs[0]; // => 5000
 * ```
 */
export class Scheduler {
  /** The time now, in one slot that may be read without a call. */
  readonly nowNs = new Float64Array(1);
  readonly #rng: Prng;
  readonly #maxCapacity: number;
  readonly #actors: (Actor | null)[] = [];
  #pausedUntilNs = new Float64Array(16);
  /** The heap: times beside the slots that hold the rest. */
  #size = 0;
  #times: Float64Array;
  #slots: Int32Array;
  /** The slots; the free ones are the tail of `#slots`. */
  #ties: Uint32Array;
  #orders: Float64Array;
  #actorOf: Int32Array;
  #kinds: Int32Array;
  #args: Float64Array;
  #order = 0;
  #fired = 0;
  readonly #trace = new Float64Array(TRACE_LINES * TRACE_STRIDE);
  readonly #traceBytes = new Uint8Array(this.#trace.buffer);
  #traceEnd = 0;
  #lines = 0;
  readonly #digest = new Digest();

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(options: SchedulerOptions) {
    checkKeys("scheduler", options, ["rng", "capacity", "maxCapacity"]);
    const { rng, capacity = 1024, maxCapacity = 1 << 20 } = options;
    checkInteger("scheduler.maxCapacity", maxCapacity, 1, 1 << 24);
    checkInteger("scheduler.capacity", capacity, 1, maxCapacity);
    this.#rng = rng;
    this.#maxCapacity = maxCapacity;
    this.#times = new Float64Array(capacity);
    this.#slots = Int32Array.from({ length: capacity }, (_, slot) => slot);
    this.#ties = new Uint32Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#actorOf = new Int32Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#args = new Float64Array(2 * capacity);
  }

  /** Events that wait. */
  get size(): number {
    return this.#size;
  }

  /** Events that were fired so far. */
  get fired(): number {
    return this.#fired;
  }

  /** When the next event is due; Infinity where none waits. It may be of an actor that was stopped. */
  get nextNs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /**
   * Registers an actor.
   *
   * @returns its index, for {@link Scheduler.at}.
   * @throws `FAULT_CAPACITY` past 2^20 actors.
   */
  actor(actor: Actor): number {
    const index = this.#actors.length;
    if (index >= MAX_ACTORS) {
      throw new Fault("FAULT_CAPACITY", { path: "scheduler.actors", value: index, expected: "fewer" });
    }
    this.#actors.push(actor);
    if (index >= this.#pausedUntilNs.length) {
      const wider = new Float64Array(2 * index);
      wider.set(this.#pausedUntilNs);
      this.#pausedUntilNs = wider;
    }
    return index;
  }

  /** Ends an actor, as a crash does: its events are dropped when they come, and no index is used twice. */
  stopActor(index: number): void {
    this.#checkActor(index);
    this.#actors[index] = null;
  }

  /**
   * Holds an actor up, as a stalled process is: its events until `untilNs` come then, in the order that they
   * were due in and before what else is due then.
   */
  pauseActor(index: number, untilNs: number): void {
    this.#checkActor(index);
    if (!Number.isFinite(untilNs)) this.#refuseTime(untilNs);
    this.#pausedUntilNs[index] = untilNs;
  }

  /**
   * Puts an event.
   *
   * @param kind - a 32-bit integer, like `a` and `b` of the actor's own meaning.
   * @throws `FAULT_INPUT` for a time before now or not finite, or an actor that was never registered;
   * `FAULT_CAPACITY` where as many wait as may.
   */
  at(ns: number, actor: number, kind: number, a = 0, b = 0): void {
    if (!(ns >= (this.nowNs[0] as number) && ns < Number.POSITIVE_INFINITY)) this.#refuseTime(ns);
    if (actor >>> 0 >= this.#actors.length) this.#checkActor(actor);
    if (this.#size === this.#times.length) this.#grow();
    const slot = this.#slots[this.#size] as number;
    this.#actorOf[slot] = actor;
    this.#kinds[slot] = kind;
    this.#args[2 * slot] = a;
    this.#args[2 * slot + 1] = b;
    this.#put(ns, slot, this.#rng.uint32());
  }

  /**
   * Fires the next event that is due at or before `untilNs`.
   *
   * @returns false where there is none; the time then stays.
   */
  step(untilNs: number): boolean {
    while (this.#size > 0) {
      const ns = this.#times[0] as number;
      if (ns > untilNs) return false;
      const slot = this.#take();
      const index = this.#actorOf[slot] as number;
      const actor = this.#actors[index] as Actor | null;
      if (actor === null) continue;
      const pausedUntilNs = this.#pausedUntilNs[index] as number;
      if (pausedUntilNs > ns) {
        this.#put(pausedUntilNs, slot, 0);
        continue;
      }
      this.nowNs[0] = ns;
      this.#fired += 1;
      const kind = this.#kinds[slot] as number;
      const a = this.#args[2 * slot] as number;
      const b = this.#args[2 * slot + 1] as number;
      this.#write(index * 4294967296 + (kind >>> 0), a, b);
      actor.fire(kind, a, b);
      return true;
    }
    return false;
  }

  /** Fires everything that is due at or before `untilNs`; the time is `untilNs` afterwards. */
  run(untilNs: number): void {
    if (!(untilNs >= (this.nowNs[0] as number) && untilNs < Number.POSITIVE_INFINITY)) {
      this.#refuseTime(untilNs);
    }
    while (this.step(untilNs)) {
      // step does the work
    }
    this.nowNs[0] = untilNs;
  }

  /** Adds a line to the trace: what an actor decided, beside when it was called. */
  note(code: number, a: number, b: number): void {
    this.#write(-1 - (code >>> 0), a, b);
  }

  /** SHA-256 of everything that was fired and noted so far, in order, as 64 hex digits. */
  traceHash(): string {
    this.#flush();
    return this.#digest.hex();
  }

  /** The last lines of the trace, oldest first, 2,048 at most: for a failure's report. */
  tail(count: number): TraceLine[] {
    const lines: TraceLine[] = [];
    const kept = Math.min(count, this.#lines, TRACE_LINES);
    for (let i = kept; i > 0; i--) {
      const at = (((this.#lines - i) % TRACE_LINES) * TRACE_STRIDE) | 0;
      const [ns = 0, key = 0, a = 0, b = 0] = this.#trace.subarray(at, at + TRACE_STRIDE);
      const isNote = key < 0;
      const actor = isNote ? -1 : Math.floor(key / 4294967296);
      lines.push({ ns, actor, kind: isNote ? -1 - key : (key - actor * 4294967296) | 0, a, b });
    }
    return lines;
  }

  #write(key: number, a: number, b: number): void {
    const trace = this.#trace;
    const at = (this.#lines % TRACE_LINES) * TRACE_STRIDE;
    trace[at] = this.nowNs[0] as number;
    trace[at + 1] = key;
    trace[at + 2] = a;
    trace[at + 3] = b;
    this.#lines += 1;
    if (this.#lines % TRACE_LINES === 0) this.#flush();
  }

  /** Hashes the lines since the last time; called at least once a round of the buffer. */
  #flush(): void {
    if (this.#traceEnd === this.#lines) return;
    const stride = TRACE_STRIDE * 8;
    const from = (this.#traceEnd % TRACE_LINES) * stride;
    const count = this.#lines - this.#traceEnd;
    this.#digest.update(this.#traceBytes.subarray(from, from + count * stride));
    this.#traceEnd = this.#lines;
  }

  /** Moves a slot up from the heap's end to its place. */
  #put(ns: number, slot: number, tie: number): void {
    this.#ties[slot] = tie;
    this.#orders[slot] = this.#order++;
    const times = this.#times;
    const slots = this.#slots;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentNs = times[parent] as number;
      const parentSlot = slots[parent] as number;
      if (parentNs < ns || (parentNs === ns && this.#precedes(parentSlot, slot))) break;
      times[at] = parentNs;
      slots[at] = parentSlot;
      at = parent;
    }
    times[at] = ns;
    slots[at] = slot;
  }

  /** Takes the first slot out of the heap; it is free afterwards, its fields stay until the next event. */
  #take(): number {
    const times = this.#times;
    const slots = this.#slots;
    const first = slots[0] as number;
    const size = --this.#size;
    const ns = times[size] as number;
    const slot = slots[size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let childNs = times[child] as number;
      const right = child + 1;
      if (right < size) {
        const rightNs = times[right] as number;
        const isFirst =
          rightNs < childNs ||
          (rightNs === childNs && this.#precedes(slots[right] as number, slots[child] as number));
        if (isFirst) {
          child = right;
          childNs = rightNs;
        }
      }
      const childSlot = slots[child] as number;
      if (ns < childNs || (ns === childNs && this.#precedes(slot, childSlot))) break;
      times[at] = childNs;
      slots[at] = childSlot;
      at = child;
    }
    times[at] = ns;
    slots[at] = slot;
    slots[size] = first;
    return first;
  }

  /** The order of two slots at one time. */
  #precedes(left: number, right: number): boolean {
    const leftTie = this.#ties[left] as number;
    const rightTie = this.#ties[right] as number;
    if (leftTie !== rightTie) return leftTie < rightTie;
    return (this.#orders[left] as number) < (this.#orders[right] as number);
  }

  #grow(): void {
    const before = this.#times.length;
    if (before >= this.#maxCapacity) {
      throw new Fault("FAULT_CAPACITY", {
        path: "scheduler.maxCapacity",
        value: before + 1,
        expected: `at most ${this.#maxCapacity} waiting events`,
      });
    }
    const after = Math.min(2 * before, this.#maxCapacity);
    this.#times = copied(this.#times, new Float64Array(after));
    const slots = Int32Array.from({ length: after }, (_, slot) => slot);
    slots.set(this.#slots);
    this.#slots = slots;
    this.#ties = copied(this.#ties, new Uint32Array(after));
    this.#orders = copied(this.#orders, new Float64Array(after));
    this.#actorOf = copied(this.#actorOf, new Int32Array(after));
    this.#kinds = copied(this.#kinds, new Int32Array(after));
    this.#args = copied(this.#args, new Float64Array(2 * after));
  }

  #refuseTime(ns: number): never {
    const expected = `a finite time from ${this.nowNs[0]} on`;
    throw new Fault("FAULT_INPUT", { path: "scheduler.ns", value: ns, expected });
  }

  #checkActor(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.#actors.length) return;
    throw new Fault("FAULT_INPUT", { path: "scheduler.actor", value: index, expected: "a registered actor" });
  }
}

function copied<Column extends Float64Array | Uint32Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from as Float64Array);
  return to;
}
