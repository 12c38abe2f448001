import { checkInteger, checkKeys } from "../base/index.ts";
import { Ema, type EmaSeed } from "./ema.ts";
import { Indicator, MAX_PERIOD, type StateReader } from "./indicator.ts";
import { checkPeriod } from "./options.ts";

/** The options of {@link Macd}. */
export interface MacdOptions {
  /** 12 unless given; below `slow`. */
  readonly fast?: number;
  /** 26 unless given. */
  readonly slow?: number;
  /** 9 unless given. */
  readonly signal?: number;
  /** How all three averages start; `sma` unless given. */
  readonly seed?: EmaSeed;
}

/**
 * Moving average convergence divergence: a fast average minus a slow one, and the average of that
 * difference.
 *
 * @invariant `histogram` is `value - signal`. All three are NaN until `ready`, after `slow + signal - 1`
 * samples.
 * @throws `FAULT_CONFIG` on periods below 1, or a fast period not below the slow one; `FAULT_INPUT` on a
 * sample that is not finite.
 * @cost O(1), no allocation.
 * @example
 * ```ts
 * import { Macd } from "tickwright/signal";
 * const macd = new Macd({ fast: 1, slow: 2, signal: 1 });
 * macd.update(10);
 * macd.update(14); // => 2
 * macd.histogram; // => 0
 * ```
 */
export class Macd extends Indicator {
  readonly #fast: Ema;
  readonly #slow: Ema;
  readonly #signal: Ema;

  constructor(options: MacdOptions = {}) {
    checkKeys("Macd", options, ["fast", "slow", "signal", "seed"]);
    const fast = checkPeriod("Macd.fast", options.fast ?? 12);
    const slow = checkInteger("Macd.slow", options.slow ?? 26, fast + 1, MAX_PERIOD);
    const signal = checkPeriod("Macd.signal", options.signal ?? 9);
    const seed = options.seed ?? "sma";
    super("Macd", { fast, slow, signal, seed });
    this.#fast = new Ema({ period: fast, seed });
    this.#slow = new Ema({ period: slow, seed });
    this.#signal = new Ema({ period: signal, seed });
  }

  get ready(): boolean {
    return this.#signal.ready;
  }

  /** The fast average minus the slow one. */
  get value(): number {
    return this.#signal.ready ? this.#fast.value - this.#slow.value : Number.NaN;
  }

  /** The average of {@link Macd.value}. */
  get signal(): number {
    return this.#signal.value;
  }

  get histogram(): number {
    return this.value - this.#signal.value;
  }

  update(x: number): number {
    const fast = this.#fast.update(x);
    const slow = this.#slow.update(x);
    this.samples += 1;
    if (this.#slow.ready) this.#signal.update(fast - slow);
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#fast.reset();
    this.#slow.reset();
    this.#signal.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples);
    this.#fast.writeState(out);
    this.#slow.writeState(out);
    this.#signal.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#fast.readState(from);
    this.#slow.readState(from);
    this.#signal.readState(from);
  }
}
