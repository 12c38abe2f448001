import { checkInteger, checkKeys } from "../base/index.ts";
import { checkSample, checkSizeSample, Indicator, type StateReader } from "./indicator.ts";
import { checkPeriodOnly, type PeriodOptions } from "./options.ts";
import { SumWindow } from "./sum-window.ts";

/** The options of {@link SessionVwap}. */
export interface SessionVwapOptions {
  /** The length of a session in ns; without it a session lasts until {@link SessionVwap.startSession}. */
  readonly sessionNs?: number;
  /** When a session starts, in ns from the base that `update` counts from; 0 unless given. */
  readonly offsetNs?: number;
}

/**
 * The volume-weighted average price since the session started.
 *
 * @invariant Within the lowest and highest price traded in the session, to rounding. Samples without volume
 * change nothing; `ready` once the session has volume.
 * @throws `FAULT_CONFIG` on a session below 1 ns; `FAULT_INPUT` on a price that is not finite, a volume
 * below 0, or a time left out where sessions have a length.
 * @cost O(1), no allocation. Sums are compensated: a session's rounding error stays below a few ulps.
 * @source Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974
 * @example
 * ```ts
 * import { SessionVwap } from "tickwright/signal";
 * const vwap = new SessionVwap({ sessionNs: 1_000 });
 * vwap.update(10, 1, 0);
 * vwap.update(13, 2, 500); // => 12
 * vwap.update(20, 1, 1_000); // => 20
 * ```
 */
export class SessionVwap extends Indicator {
  readonly #sessionNs: number;
  readonly #offsetNs: number;
  #session = 0;
  #worth = 0;
  #worthRest = 0;
  #volume = 0;
  #volumeRest = 0;

  constructor(options: SessionVwapOptions = {}) {
    checkKeys("SessionVwap", options, ["sessionNs", "offsetNs"]);
    const sessionNs =
      options.sessionNs === undefined ? 0 : checkInteger("SessionVwap.sessionNs", options.sessionNs, 1);
    const offsetNs = checkInteger("SessionVwap.offsetNs", options.offsetNs ?? 0);
    super("SessionVwap", { sessionNs, offsetNs });
    this.#sessionNs = sessionNs;
    this.#offsetNs = offsetNs;
  }

  get ready(): boolean {
    return this.#volume > 0;
  }

  get value(): number {
    if (!(this.#volume > 0)) return Number.NaN;
    return (this.#worth + this.#worthRest) / (this.#volume + this.#volumeRest);
  }

  /** The volume of the session so far. */
  get volume(): number {
    return this.#volume + this.#volumeRest;
  }

  update(price: number, volume: number, ns: number = Number.NaN): number {
    checkSample("SessionVwap.update.price", price);
    checkSizeSample("SessionVwap.update.volume", volume);
    if (this.#sessionNs > 0) {
      checkSample("SessionVwap.update.ns", ns);
      const session = Math.floor((ns - this.#offsetNs) / this.#sessionNs);
      if (session !== this.#session) this.startSession();
      this.#session = session;
    }
    this.samples += 1;
    const worth = price * volume;
    const sum = this.#worth + worth;
    this.#worthRest += lost(this.#worth, worth, sum);
    this.#worth = sum;
    const total = this.#volume + volume;
    this.#volumeRest += lost(this.#volume, volume, total);
    this.#volume = total;
    return this.value;
  }

  /** Forgets what was traded: the next sample opens a session. */
  startSession(): void {
    this.#worth = 0;
    this.#worthRest = 0;
    this.#volume = 0;
    this.#volumeRest = 0;
  }

  reset(): void {
    this.samples = 0;
    this.#session = 0;
    this.startSession();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#session, this.#worth, this.#worthRest, this.#volume, this.#volumeRest);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#session = from.next();
    this.#worth = from.next();
    this.#worthRest = from.next();
    this.#volume = from.next();
    this.#volumeRest = from.next();
  }
}

/**
 * The volume-weighted average price of the last `period` samples.
 *
 * @invariant Where the whole window has no volume the value is the last one there was; `ready` after
 * `period` samples once there was any volume.
 * @throws `FAULT_CONFIG` on a period below 1; `FAULT_INPUT` on a price that is not finite or a volume
 * below 0.
 * @cost O(1) worst case, no allocation.
 * @example
 * ```ts
 * import { RollingVwap } from "tickwright/signal";
 * const vwap = new RollingVwap({ period: 2 });
 * vwap.update(10, 1);
 * vwap.update(13, 2); // => 12
 * ```
 */
export class RollingVwap extends Indicator {
  readonly #period: number;
  readonly #worth: SumWindow;
  readonly #volume: SumWindow;
  #price = 0;
  #traded = false;

  constructor(options: PeriodOptions) {
    const period = checkPeriodOnly("RollingVwap", options);
    super("RollingVwap", { period });
    this.#period = period;
    this.#worth = new SumWindow(period);
    this.#volume = new SumWindow(period);
  }

  get ready(): boolean {
    return this.#traded && this.samples >= this.#period;
  }

  get value(): number {
    return this.#traded && this.samples >= this.#period ? this.#price : Number.NaN;
  }

  update(price: number, volume: number): number {
    checkSample("RollingVwap.update.price", price);
    checkSizeSample("RollingVwap.update.volume", volume);
    this.samples += 1;
    const worth = this.#worth.push(price * volume);
    const total = this.#volume.push(volume);
    if (total > 0) {
      this.#price = worth / total;
      this.#traded = true;
    }
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#price = 0;
    this.#traded = false;
    this.#worth.reset();
    this.#volume.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#price, this.#traded ? 1 : 0);
    this.#worth.writeState(out);
    this.#volume.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#price = from.next();
    this.#traded = from.index(1) === 1;
    this.#worth.readState(from);
    this.#volume.readState(from);
  }
}

/** What rounding dropped from `sum = left + right`. */
function lost(left: number, right: number, sum: number): number {
  return Math.abs(left) >= Math.abs(right) ? left - sum + right : right - sum + left;
}
