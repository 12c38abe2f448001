import { Fault } from "../base/index.ts";
import { dateText } from "./civil-date.ts";
import { PHASES } from "./phase.ts";

/** When a phase begins, and the trading day it counts for. */
export interface PhaseStart {
  readonly seconds: number;
  readonly phase: number;
  readonly day: number;
}

/** A stretch of time with a phase of its own, laid over a calendar. */
export interface PhaseWindow {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly phase: number;
}

/**
 * The phases of one year as columns: span `i` begins at `starts[i]` and ends where the next one begins.
 *
 * @invariant The spans tile the year: the first begins with it, the last ends with it, none is empty.
 */
export class PhaseTimeline {
  /** The year's first second and its end, in seconds since 1970 (UTC). */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** Where the spans begin, in seconds since 1970, and after them the year's end. */
  readonly starts: Float64Array;
  /** The codes of the spans' phases. */
  readonly phases: Uint8Array;
  /** The trading days that the spans count for, in days since 1970-01-01. */
  readonly days: Int32Array;

  /** @param spans in order of time; the first one begins at or before the year. */
  constructor(fromSeconds: number, untilSeconds: number, spans: readonly PhaseStart[]) {
    this.fromSeconds = fromSeconds;
    this.untilSeconds = untilSeconds;
    const kept = spans.filter((span, i) => {
      const next = spans[i + 1];
      return span.seconds < untilSeconds && (next === undefined || next.seconds > fromSeconds);
    });
    this.starts = new Float64Array(kept.length + 1);
    this.phases = new Uint8Array(kept.length);
    this.days = new Int32Array(kept.length);
    for (const [i, span] of kept.entries()) {
      this.starts[i] = Math.max(span.seconds, fromSeconds);
      this.phases[i] = span.phase;
      this.days[i] = span.day;
    }
    this.starts[kept.length] = untilSeconds;
  }

  /** The span that holds a moment of the year; O(log n), no allocation. */
  spanAt(seconds: number): number {
    const { starts } = this;
    let low = 0;
    let high = this.phases.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= seconds) low = middle;
      else high = middle;
    }
    return low;
  }
}

/**
 * Collects phases day by day, in order of time.
 *
 * A phase that begins where the one before begins takes its place: a day that ends at 17:00 meets one that begins
 * at 17:00.
 */
export class PhaseSpans {
  #spans: PhaseStart[];

  constructor(first: PhaseStart) {
    this.#spans = [first];
  }

  get spans(): readonly PhaseStart[] {
    return this.#spans;
  }

  add(span: PhaseStart): void {
    const last = this.#spans[this.#spans.length - 1] as PhaseStart;
    if (span.seconds < last.seconds) {
      throw new Fault("FAULT_CONFIG", {
        path: "calendar.hours",
        value: `${PHASES[span.phase]} of ${dateText(span.day)}`,
        expected: `phases that do not begin before ${PHASES[last.phase]} of ${dateText(last.day)}`,
      });
    }
    if (span.seconds === last.seconds) this.#spans.pop();
    const before = this.#spans[this.#spans.length - 1];
    if (before?.phase === span.phase && before.day === span.day) return;
    this.#spans.push(span);
  }

  /** Lays a window over what was collected; the trading days stay. */
  lay(window: PhaseWindow): void {
    const { fromSeconds, untilSeconds, phase } = window;
    const under = this.#spans;
    this.#spans = [];
    for (const [i, span] of under.entries()) {
      const end = under[i + 1]?.seconds ?? Number.POSITIVE_INFINITY;
      if (span.seconds < fromSeconds) this.#spans.push(span);
      if (span.seconds < untilSeconds && end > fromSeconds) {
        this.#spans.push({ seconds: Math.max(span.seconds, fromSeconds), phase, day: span.day });
      }
      if (end > untilSeconds) this.#spans.push({ ...span, seconds: Math.max(span.seconds, untilSeconds) });
    }
  }
}
