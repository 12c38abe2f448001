import { type DepthBlock, VALIDATION_CODE } from "../model/index.ts";
import type { Findings } from "./validation-findings.ts";
import type { ValidationParameters } from "./validation-options.ts";

const INVALID = VALIDATION_CODE.FEED_TIME_INVALID;
const FUTURE = VALIDATION_CODE.FEED_TIME_FUTURE;
const FAR_FUTURE = VALIDATION_CODE.FEED_TIME_FAR_FUTURE;
const STALE = VALIDATION_CODE.FEED_TIME_STALE;
const FALLS = VALIDATION_CODE.FEED_TIME_FALLS;
const CLOCK_FALLS = VALIDATION_CODE.FEED_CLOCK_FALLS;
const IMPLAUSIBLE = VALIDATION_CODE.FEED_TIME_IMPLAUSIBLE;
const LATENCY = VALIDATION_CODE.FEED_LATENCY;

/** Added to what our clock may be wrong: the spec's own tolerance of exchange times ahead of us. */
const TOLERANCE_NS = 1e6;
const GAP_WEIGHT = 1 / 64;
const NEVER = -Number.MAX_VALUE;
const FOREVER = Number.MAX_VALUE;

/** The channel of messages whose exchange time is not their own. */
export const UNTIMED = 0;

const LOCAL = 0;
/** The latest exchange time by channel, 1 to 5. */
const EXCH = 0;
const FROM = 6;
const TO = 7;
const FLOOR = 8;
const FLOOR_BEFORE = 9;
const FLOOR_SINCE = 10;
const GAP_MEAN = 11;
const ALIVE = 12;
const SAVED = 13;
/** Latencies from here on are too long or too old; local times from here on begin another window. */
const LATE = 13;
const TURN = 14;
const CELLS = 15;

/**
 * Times of messages: plausible, not ahead, not stale, not falling, not late; and how long a channel has been silent.
 *
 * The venue's clock and the least latency are estimated together, as the least (local - exchange) time of one to two
 * windows; latency is what is above it. Expected silence is a multiple of the mean time between messages.
 *
 * @units ns
 */
export class TimeCheck {
  readonly #findings: Findings;
  readonly #parameters: ValidationParameters;
  readonly #cells = new Float64Array(CELLS).fill(NEVER);
  readonly #least: number;
  readonly #ageNsMax: number;
  readonly #latencyNsMax: number;
  readonly #latencyNsLeave: number;
  readonly #windowNs: number;
  #isLate = false;

  constructor(findings: Findings, parameters: ValidationParameters) {
    this.#findings = findings;
    this.#parameters = parameters;
    this.#least = -(parameters.clockErrorNs + TOLERANCE_NS);
    this.#ageNsMax = parameters.ageNsMax;
    this.#latencyNsMax = parameters.latencyNsMax;
    this.#latencyNsLeave = parameters.latencyNsMax * parameters.leaveShare;
    this.#windowNs = parameters.skewWindowNs;
    this.#cells[TO] = FOREVER;
    this.#cells[FLOOR] = FOREVER;
    this.#cells[FLOOR_BEFORE] = FOREVER;
    this.#cells[GAP_MEAN] = 0;
    this.#cells[TURN] = NEVER;
    this.#limits();
  }

  /** The least latency and the difference of clocks; NaN before the first message. */
  get skewNs(): number {
    const floor = this.#floor();
    return floor === FOREVER ? Number.NaN : floor;
  }

  /** The mean time between messages. */
  get gapNsMean(): number {
    return this.#cells[GAP_MEAN] as number;
  }

  /**
   * Judges and accepts the times of a row, as those of its message, where nothing can be found against them at a
   * glance. False where they are to be looked at: nothing has changed then.
   */
  passes(block: DepthBlock, row: number, channel: number): boolean {
    const cells = this.#cells;
    const local = block.local[row] as number;
    const exch = block.exch[row] as number;
    const last = cells[LOCAL] as number;
    if (channel === UNTIMED) {
      if (!(local >= last && last !== NEVER && local <= FOREVER && Number.isFinite(exch))) return false;
    } else if (!this.#isPlain(local, exch, channel)) return false;
    const mean = cells[GAP_MEAN] as number;
    if (local > last) cells[GAP_MEAN] = mean + (local - last - mean) * GAP_WEIGHT;
    if (channel !== UNTIMED) cells[EXCH + channel] = exch;
    cells[LOCAL] = local;
    return true;
  }

  /** The times of a row, as those of its message. */
  judge(block: DepthBlock, row: number, channel: number): void {
    const cells = this.#cells;
    const local = block.local[row] as number;
    const exch = block.exch[row] as number;
    if (channel === UNTIMED) {
      if (!(Number.isFinite(local) && Number.isFinite(exch))) this.#findings.raise(INVALID);
      if (local < (cells[LOCAL] as number)) this.#findings.raise(CLOCK_FALLS);
      return;
    }
    const behind = local - exch;
    const isPlain =
      behind >= this.#least &&
      behind <= this.#ageNsMax &&
      local >= (cells[LOCAL] as number) &&
      exch >= (cells[EXCH + channel] as number) &&
      exch >= (cells[FROM] as number) &&
      exch <= (cells[TO] as number);
    if (!isPlain) this.#trouble(local, exch, channel);
    if (behind - this.#floor() >= this.#limit() && behind >= this.#least && behind <= FOREVER) {
      this.#isLate = true;
      this.#findings.raise(LATENCY);
    } else this.#isLate = false;
  }

  /** The message was not left out. */
  accept(block: DepthBlock, row: number, channel: number): void {
    const cells = this.#cells;
    const local = block.local[row] as number;
    const exch = block.exch[row] as number;
    const heard = cells[LOCAL] as number;
    if (heard !== NEVER && local > heard) {
      cells[GAP_MEAN] =
        (cells[GAP_MEAN] as number) + (local - heard - (cells[GAP_MEAN] as number)) * GAP_WEIGHT;
    }
    cells[LOCAL] = local;
    if (channel === UNTIMED) return;
    cells[EXCH + channel] = exch;
    const behind = local - exch;
    if (behind < this.#least) return;
    if (local - (cells[FLOOR_SINCE] as number) >= this.#windowNs) this.#turn(local);
    if (behind < (cells[FLOOR] as number)) cells[FLOOR] = behind;
    this.#limits();
  }

  /** The channel said that it lives. */
  alive(nowNs: number): void {
    if (nowNs > (this.#cells[ALIVE] as number)) this.#cells[ALIVE] = nowNs;
  }

  /** Raises what the silence until now means. */
  idle(nowNs: number, silent: number, dead: number): void {
    const { idleNsMin, idleGaps, heartbeatNs, heartbeatsMissed } = this.#parameters;
    const heard = this.#cells[LOCAL] as number;
    const alive = this.#cells[ALIVE] as number;
    const sign = alive > heard ? alive : heard;
    if (sign === NEVER) return;
    if (heartbeatNs > 0) {
      if (nowNs - sign > heartbeatNs * heartbeatsMissed) this.#findings.raise(dead);
      return;
    }
    const usual = idleGaps * (this.#cells[GAP_MEAN] as number);
    if (nowNs - sign > (usual > idleNsMin ? usual : idleNsMin)) this.#findings.raise(silent);
  }

  /** When exchange times are plausible. */
  setSession(fromNs: number, toNs: number): void {
    this.#cells[FROM] = fromNs;
    this.#cells[TO] = toNs;
  }

  save(): { readonly cells: number[]; readonly isLate: boolean } {
    return { cells: [...this.#cells.subarray(0, SAVED)], isLate: this.#isLate };
  }

  load(saved: { readonly cells: readonly number[]; readonly isLate: boolean }): void {
    this.#cells.set(saved.cells);
    this.#isLate = saved.isLate;
    this.#limits();
  }

  #floor(): number {
    const now = this.#cells[FLOOR] as number;
    const before = this.#cells[FLOOR_BEFORE] as number;
    return now < before ? now : before;
  }

  #isPlain(local: number, exch: number, channel: number): boolean {
    const cells = this.#cells;
    const behind = local - exch;
    return (
      behind >= this.#least &&
      behind >= (cells[FLOOR] as number) &&
      behind < (cells[LATE] as number) &&
      local >= (cells[LOCAL] as number) &&
      local < (cells[TURN] as number) &&
      exch >= (cells[EXCH + channel] as number) &&
      exch >= (cells[FROM] as number) &&
      exch <= (cells[TO] as number) &&
      !this.#isLate
    );
  }

  /** What {@link passes} looks at, of what it follows from. */
  #limits(): void {
    const cells = this.#cells;
    const late = this.#floor() + this.#latencyNsMax;
    cells[LATE] = late <= this.#ageNsMax ? late : this.#ageNsMax;
    const since = cells[FLOOR_SINCE] as number;
    cells[TURN] = since === NEVER ? NEVER : since + this.#windowNs;
  }

  #limit(): number {
    return this.#isLate ? this.#latencyNsLeave : this.#latencyNsMax;
  }

  #turn(nowNs: number): void {
    const cells = this.#cells;
    const isOld = nowNs - (cells[FLOOR_SINCE] as number) >= 2 * this.#windowNs;
    cells[FLOOR_BEFORE] = isOld ? FOREVER : (cells[FLOOR] as number);
    cells[FLOOR] = FOREVER;
    cells[FLOOR_SINCE] = nowNs;
  }

  #trouble(local: number, exch: number, channel: number): void {
    const findings = this.#findings;
    const cells = this.#cells;
    if (!(Number.isFinite(local) && Number.isFinite(exch))) {
      findings.raise(INVALID);
      return;
    }
    const behind = local - exch;
    const { apartNsMax, futureNsMax, ageNsMax } = this.#parameters;
    const isInSession = exch >= (cells[FROM] as number) && exch <= (cells[TO] as number);
    if (!isInSession || Math.abs(behind) > apartNsMax) findings.raise(IMPLAUSIBLE);
    if (behind < -futureNsMax && behind < this.#least) findings.raise(FAR_FUTURE);
    else if (behind < this.#least) findings.raise(FUTURE);
    if (behind > ageNsMax) findings.raise(STALE);
    if (local < (cells[LOCAL] as number)) findings.raise(CLOCK_FALLS);
    if (exch < (cells[EXCH + channel] as number)) findings.raise(FALLS);
  }
}
