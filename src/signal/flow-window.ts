import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { checkSample, inputFault, MAX_PERIOD, type StateReader } from "./indicator.ts";
import { SumWindow } from "./sum-window.ts";

/** The window of a flow signal: the last `events` events, or the last `windowNs` nanoseconds. */
export interface FlowWindowOptions {
  /** Events in the window. Give this or `windowNs`. */
  readonly events?: number;
  /** Nanoseconds in the window. Give this or `events`; `update` then needs the time. */
  readonly windowNs?: number;
  /** Equal slices a time window is made of: its edge moves by one slice; 100 unless given. */
  readonly slices?: number;
}

/** The options of a flow window after the check: `windowNs` is 0 for a window of events. */
export interface FlowWindowTerms {
  readonly events: number;
  readonly windowNs: number;
  readonly slices: number;
}

/** Checks that a window is given once, by events or by time, and nothing is misspelt. */
export function checkFlowWindow(name: string, options: FlowWindowOptions): FlowWindowTerms {
  checkKeys(name, options, ["events", "windowNs", "slices"]);
  const { events, windowNs, slices } = options;
  if ((events === undefined) === (windowNs === undefined)) {
    throw new Fault("FAULT_CONFIG", { path: name, value: options, expected: "one of events and windowNs" });
  }
  if (windowNs === undefined) {
    if (slices !== undefined) {
      throw new Fault("FAULT_CONFIG", {
        path: `${name}.slices`,
        value: slices,
        expected: "windowNs beside it",
      });
    }
    return { events: checkInteger(`${name}.events`, events, 1, MAX_PERIOD), windowNs: 0, slices: 0 };
  }
  const count = checkInteger(`${name}.slices`, slices ?? 100, 2, 65_536);
  return { events: 0, windowNs: checkInteger(`${name}.windowNs`, windowNs, count), slices: count };
}

/**
 * A sum over the last events or over a span of time. A span is cut in slices on a fixed grid; the sum
 * holds the slice of now and the `slices - 1` before it, so it covers between `windowNs - windowNs /
 * slices` and `windowNs`.
 *
 * @invariant Memory is fixed by the options, however dense the events are.
 * @cost O(1) an event; a silence costs at most one step a slice, once.
 */
export class FlowWindow {
  readonly #events: number;
  readonly #sliceNs: number;
  readonly #slices: number;
  readonly #closed: SumWindow;
  #slice = 0;
  #first = 0;
  #open = 0;
  #seen = 0;

  constructor(terms: FlowWindowTerms) {
    this.#events = terms.events;
    this.#slices = terms.slices;
    this.#sliceNs = terms.windowNs === 0 ? 0 : terms.windowNs / terms.slices;
    this.#closed = new SumWindow(terms.windowNs === 0 ? terms.events : terms.slices - 1);
  }

  get sum(): number {
    return this.#closed.sum + this.#open;
  }

  /** True once the window has been filled: enough events, or enough time since the first. */
  get full(): boolean {
    if (this.#sliceNs === 0) return this.#seen >= this.#events;
    return this.#seen > 0 && this.#slice - this.#first >= this.#slices;
  }

  /** Adds one amount; `ns` is used by windows of time alone. */
  add(path: string, amount: number, ns: number): void {
    if (this.#sliceNs === 0) this.#closed.push(amount);
    else {
      this.advance(path, ns);
      this.#open += amount;
    }
    this.#seen += 1;
  }

  /** Moves a window of time to `ns`: what is too old leaves. A window of events stays as it is. */
  advance(path: string, ns: number): void {
    if (this.#sliceNs === 0) return;
    checkSample(path, ns);
    const slice = Math.floor(ns / this.#sliceNs);
    if (this.#seen === 0) {
      this.#slice = slice;
      this.#first = slice;
    }
    if (slice === this.#slice) return;
    if (slice < this.#slice) throw inputFault(path, ns, "a time that never falls");
    if (slice - this.#slice >= this.#slices) {
      this.#closed.reset();
    } else {
      this.#closed.push(this.#open);
      for (let i = this.#slice + 1; i < slice; i++) this.#closed.push(0);
    }
    this.#open = 0;
    this.#slice = slice;
  }

  reset(): void {
    this.#slice = 0;
    this.#first = 0;
    this.#open = 0;
    this.#seen = 0;
    this.#closed.reset();
  }

  writeState(out: number[]): void {
    out.push(this.#slice, this.#first, this.#open, this.#seen);
    this.#closed.writeState(out);
  }

  readState(from: StateReader): void {
    this.#slice = from.next();
    this.#first = from.next();
    this.#open = from.next();
    this.#seen = from.index();
    this.#closed.readState(from);
  }
}
