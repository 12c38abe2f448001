import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { type EpochNanos, NANOS_PER_DAY, NANOS_PER_SECOND } from "../model/index.ts";
import { DAY_SECONDS } from "./civil-date.ts";
import { ordersAllowed } from "./order-phases.ts";
import { PHASE } from "./phase.ts";
import { TradingCalendar } from "./trading-calendar.ts";

/** What a {@link PhaseCursor} is made of. */
export interface PhaseCursorOptions {
  readonly calendar: TradingCalendar;
  /** The session's base: moments are nanoseconds from here. */
  readonly baseNs: EpochNanos;
  /** How far the clock may be off, to either side; a day at most. */
  readonly uncertaintyNs: number;
}

/** Places in the cursor's window. */
const [FROM, UNTIL, DAY_FROM, DAY_UNTIL] = [0, 1, 2, 3];

/**
 * A calendar for the check of every order: moments are doubles, and the answer of the last question is kept until
 * time leaves it.
 *
 * A clock that may be off by `uncertaintyNs` may be in several phases. The cursor then answers with the most
 * restrictive of them, and takes only orders that all of them take.
 *
 * @invariant `phaseAt(now)` is the lowest phase of the calendar within `now - uncertaintyNs` and `now +
 * uncertaintyNs`, both included; time may go back.
 * @units nanoseconds from `baseNs`, whole
 * @throws `FAULT_CONFIG` on an option that is missing or wrong.
 * @cost O(1) and no allocation while the phase holds; a binary search at its end.
 * @example
 * ```ts
 * import { PhaseCursor, PHASES, tradingCalendar } from "tickwright/calendar";
 * const baseNs = 1_720_099_800_000_000_000n; // 2024-07-04T13:30:00Z
 * const calendar = tradingCalendar("NYSE");
 * const cursor = new PhaseCursor({ calendar, baseNs, uncertaintyNs: 1_000_000 });
 * const nextMorning = 86_400e9;
 * PHASES[cursor.phaseAt(0)]; // => "closed"
 * PHASES[cursor.phaseAt(nextMorning)]; // => "preOpen"
 * PHASES[cursor.phaseAt(nextMorning + 1_000_001)]; // => "continuous"
 * ```
 */
export class PhaseCursor {
  readonly calendar: TradingCalendar;
  readonly baseNs: EpochNanos;
  readonly uncertaintyNs: number;
  readonly #baseSeconds: number;
  readonly #baseRestNs: number;
  /** The moments for which phase and mask hold, and those for which the trading day does. */
  readonly #window = new Float64Array(4);
  readonly #minNs: number;
  readonly #maxNs: number;
  #phase: number = PHASE.closed;
  #mask = 0;
  #day = 0;

  constructor(options: PhaseCursorOptions) {
    checkKeys("phaseCursor", options, ["calendar", "baseNs", "uncertaintyNs"]);
    const { calendar, baseNs, uncertaintyNs } = options;
    checkInteger("phaseCursor.uncertaintyNs", uncertaintyNs, 0, NANOS_PER_DAY);
    if (!(calendar instanceof TradingCalendar)) {
      const expected = "a TradingCalendar";
      throw new Fault("FAULT_CONFIG", { path: "phaseCursor.calendar", value: calendar, expected });
    }
    if (typeof baseNs !== "bigint") {
      const expected = "a bigint, in nanoseconds since 1970";
      throw new Fault("FAULT_CONFIG", { path: "phaseCursor.baseNs", value: baseNs, expected });
    }
    calendar.phaseAt(baseNs);
    this.calendar = calendar;
    this.baseNs = baseNs;
    this.uncertaintyNs = uncertaintyNs;
    this.#baseSeconds = Number(baseNs / BigInt(NANOS_PER_SECOND));
    this.#baseRestNs = Number(baseNs % BigInt(NANOS_PER_SECOND));
    const exact = Number.MAX_SAFE_INTEGER - NANOS_PER_DAY - NANOS_PER_SECOND;
    this.#minNs = Math.max(-exact, this.#nsOf(calendar.firstDay * DAY_SECONDS) + uncertaintyNs);
    this.#maxNs = Math.min(exact, this.#nsOf((calendar.lastDay + 1) * DAY_SECONDS) - uncertaintyNs - 1);
  }

  /** The most restrictive phase that the moment may be in; `closed` for NaN and outside of the calendar. */
  phaseAt(nowNs: number): number {
    const window = this.#window;
    if (!(nowNs >= (window[FROM] as number) && nowNs < (window[UNTIL] as number))) this.#move(nowNs);
    return this.#phase;
  }

  /** The orders that every phase takes in which the moment may be, as a mask for `ordersAllowed`. */
  orderMaskAt(nowNs: number): number {
    const window = this.#window;
    if (!(nowNs >= (window[FROM] as number) && nowNs < (window[UNTIL] as number))) this.#move(nowNs);
    return this.#mask;
  }

  /** Whether an order may be sent at the moment, wherever within the uncertainty it really is. */
  allows(nowNs: number, type: number, timeInForce: number): boolean {
    return ordersAllowed(this.orderMaskAt(nowNs), type, timeInForce);
  }

  /**
   * The trading day that the moment counts for, in days since 1970-01-01; the uncertainty is left out.
   *
   * @throws `FAULT_TIME` outside of the calendar, and for NaN.
   */
  tradingDayAt(nowNs: number): number {
    const window = this.#window;
    if (!(nowNs >= (window[DAY_FROM] as number) && nowNs < (window[DAY_UNTIL] as number))) {
      const seconds = this.#secondsOf(nowNs);
      const timeline = this.calendar.timelineAt(seconds);
      const span = timeline.spanAt(seconds);
      window[DAY_FROM] = this.#nsOf(timeline.starts[span] as number);
      window[DAY_UNTIL] = this.#nsOf(timeline.starts[span + 1] as number);
      this.#day = timeline.days[span] as number;
    }
    return this.#day;
  }

  #move(nowNs: number): void {
    const { calendar, uncertaintyNs } = this;
    const window = this.#window;
    this.#phase = PHASE.closed;
    this.#mask = 0;
    window[FROM] = window[UNTIL] = 0;
    if (!(nowNs >= this.#minNs && nowNs <= this.#maxNs)) return;
    const last = this.#secondsOf(nowNs + uncertaintyNs);
    let at = this.#secondsOf(nowNs - uncertaintyNs);
    let [phase, mask, until] = [PHASE.continuous, -1, Number.POSITIVE_INFINITY];
    for (;;) {
      const timeline = calendar.timelineAt(at);
      const span = timeline.spanAt(at);
      const code = timeline.phases[span] as number;
      const begins = this.#nsOf(timeline.starts[span] as number);
      phase = Math.min(phase, code);
      mask &= calendar.orderMask(code);
      at = timeline.starts[span + 1] as number;
      // The answer changes when the earliest moment leaves the first span, or the latest moment the last one.
      if (until === Number.POSITIVE_INFINITY) {
        window[FROM] = begins + uncertaintyNs;
        until = this.#nsOf(at) + uncertaintyNs;
      }
      if (at <= last) continue;
      window[FROM] = Math.max(window[FROM] as number, begins - uncertaintyNs);
      window[UNTIL] = Math.min(until, this.#nsOf(at) - uncertaintyNs);
      break;
    }
    this.#phase = phase;
    this.#mask = mask;
  }

  #nsOf(seconds: number): number {
    return (seconds - this.#baseSeconds) * NANOS_PER_SECOND - this.#baseRestNs;
  }

  /** The second that holds a moment, exactly: a quotient could round up to the next one. */
  #secondsOf(nowNs: number): number {
    const ns = nowNs + this.#baseRestNs;
    const rest = ns % NANOS_PER_SECOND;
    return this.#baseSeconds + (ns - rest) / NANOS_PER_SECOND - (rest < 0 ? 1 : 0);
  }
}
