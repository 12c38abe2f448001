import { canonicalJson, checkKeys, Fault } from "../base/index.ts";

/** The value of one option of a signal, as its state repeats it. */
export type SignalOption = number | string | boolean;

/**
 * The whole memory of a signal, JSON-safe: the options it was made with and its numbers in a fixed order.
 *
 * @invariant A signal that loads a state goes on exactly as the one that saved it.
 */
export interface SignalState {
  readonly signal: string;
  readonly version: 1;
  readonly options: Readonly<Record<string, SignalOption>>;
  readonly numbers: readonly number[];
}

/**
 * What every streaming signal has in common. `value` is NaN until `ready`, and a finite number from then
 * on; `update` of the concrete class returns the same `value`.
 *
 * @invariant `ready` stays true once it is true, until `reset()` or `load()`.
 * @cost `update` never allocates and does the same work at any length of history; `save` and `load`
 * allocate.
 */
export interface Signal {
  /** False until enough samples were seen: `value` is NaN exactly as long. */
  readonly ready: boolean;
  /** Samples accepted since the start or the last reset. */
  readonly count: number;
  readonly value: number;
  /** Forgets every sample and keeps the options. */
  reset(): void;
  save(): SignalState;
  /** @throws `FAULT_INPUT` when the state is another signal's, or was made with other options. */
  load(state: SignalState): void;
}

/** Reads the numbers of a state in the order they were written. */
export class StateReader {
  readonly #signal: string;
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(signal: string, numbers: readonly number[]) {
    this.#signal = signal;
    this.#numbers = numbers;
  }

  next(): number {
    const value = this.#numbers[this.#at++];
    if (value === undefined) throw this.#fault("one more number");
    return value;
  }

  /** The next number, which must be an integer within [0, most]. */
  index(most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.next();
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw this.#fault(`an integer within 0 and ${most} at position ${this.#at - 1}`);
  }

  fill(into: Float64Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.next();
  }

  end(): void {
    if (this.#at !== this.#numbers.length) throw this.#fault(`${this.#at} numbers`);
  }

  #fault(expected: string): Fault {
    return new Fault("FAULT_INPUT", {
      path: `${this.#signal}.load.numbers`,
      value: this.#numbers.length,
      expected,
    });
  }
}

/**
 * The base of every signal class: its name, its options, and its state written and read as one list of
 * numbers.
 *
 * @invariant The number of state numbers depends on the options alone.
 */
export abstract class Indicator implements Signal {
  protected samples = 0;
  readonly #name: string;
  readonly #options: Readonly<Record<string, SignalOption>>;

  constructor(name: string, options: Readonly<Record<string, SignalOption>>) {
    this.#name = name;
    this.#options = options;
  }

  /** Samples accepted since the start or the last reset. */
  get count(): number {
    return this.samples;
  }

  abstract get ready(): boolean;
  abstract get value(): number;
  abstract reset(): void;
  /** Appends the state to a list of numbers; every one is finite. */
  abstract writeState(out: number[]): void;
  /** Takes the state back from where {@link Indicator.writeState} left it. */
  abstract readState(from: StateReader): void;

  save(): SignalState {
    const numbers: number[] = [];
    this.writeState(numbers);
    return { signal: this.#name, version: 1, options: { ...this.#options }, numbers };
  }

  load(state: SignalState): void {
    this.#check(state);
    const from = new StateReader(this.#name, state.numbers);
    try {
      this.readState(from);
      from.end();
    } catch (cause) {
      this.reset();
      throw cause;
    }
  }

  #check(state: SignalState): void {
    checkKeys(`${this.#name}.load`, state, ["signal", "version", "options", "numbers"]);
    const found = { signal: state.signal, version: state.version, options: state.options };
    const wanted = { signal: this.#name, version: 1, options: this.#options };
    if (canonicalJson(found) !== canonicalJson(wanted)) {
      throw new Fault("FAULT_INPUT", {
        path: `${this.#name}.load`,
        value: found,
        expected: `a state of ${canonicalJson(wanted)}`,
      });
    }
    if (Array.isArray(state.numbers) && state.numbers.every((item) => Number.isFinite(item))) return;
    throw new Fault("FAULT_INPUT", {
      path: `${this.#name}.load.numbers`,
      value: state.numbers,
      expected: "finite numbers",
    });
  }
}

/** The largest size of a sample: its square, its product with another, and their sums stay finite. */
export const MAX_SAMPLE = 1e100;

/** The longest window: a column of it takes 128 MiB. */
export const MAX_PERIOD = 16_777_216;

/** Throws `FAULT_INPUT` unless `x` is a number within {@link MAX_SAMPLE}. */
export function checkSample(path: string, x: number): void {
  if (x >= -MAX_SAMPLE && x <= MAX_SAMPLE) return;
  throw inputFault(path, x, "a finite number within 1e100");
}

/** Throws `FAULT_INPUT` unless `x` is a number above 0 and within {@link MAX_SAMPLE}. */
export function checkPositiveSample(path: string, x: number): void {
  if (x > 0 && x <= MAX_SAMPLE) return;
  throw inputFault(path, x, "a finite number above 0, within 1e100");
}

/** Throws `FAULT_INPUT` unless `x` is a number of at least 0 and within {@link MAX_SAMPLE}. */
export function checkSizeSample(path: string, x: number): void {
  if (x >= 0 && x <= MAX_SAMPLE) return;
  throw inputFault(path, x, "a finite number of at least 0, within 1e100");
}

/** Makes the fault for a sample that cannot be used; kept out of the hot path. */
export function inputFault(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
