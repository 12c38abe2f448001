import { checkArray, checkChoice, checkFunction, checkKeys, Fault } from "../base/index.ts";
import { NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND } from "../model/index.ts";
import { BarBuilder, type BarBuilderCounts } from "./bars-builder.ts";
import type { BarBuilderOptions, FinishedBar } from "./bars-options.ts";

/** The usual periods by name. @units ns */
export const BAR_PERIODS = {
  "1s": NANOS_PER_SECOND,
  "1m": NANOS_PER_MINUTE,
  "5m": 5 * NANOS_PER_MINUTE,
  "1h": NANOS_PER_HOUR,
  "1d": NANOS_PER_DAY,
} as const;

/** The name of one of {@link BAR_PERIODS}. */
export type BarPeriod = keyof typeof BAR_PERIODS;

const NAMES = Object.keys(BAR_PERIODS) as readonly BarPeriod[];

/** What a {@link BarLadder} is made from. */
export interface BarLadderOptions extends Pick<BarBuilderOptions, "latenessNs" | "late" | "alignNs"> {
  /** Which periods; all five unless given. */
  readonly periods?: readonly BarPeriod[];
  /** Receives each finished bar: of one period in order, a period's before those of longer ones that end with it. */
  readonly onBar: (period: BarPeriod, bar: FinishedBar) => void;
}

/**
 * Builds bars of several periods at once: the shortest from trades, each longer one from the bars of the one before.
 *
 * @units `ns`: whole ns from one base; `tick`: ticks; `lots`: book lots
 * @invariant The bars of a period are those of a {@link BarBuilder} of that period over the same trades, none of them
 * late. What is late for the shortest period is late for all: they never disagree.
 * @throws as {@link BarBuilder}; `FAULT_CONFIG` on a period that is none or stands twice
 * @cost O(1) a trade whatever the number of periods; a bar of the shortest period adds one fold for each longer one.
 * @example
 * ```ts
 * import { BarLadder } from "tickwright/feed";
 * const bars: string[] = [];
 * const ladder = new BarLadder({ periods: ["1s", "1m"], onBar: (period, bar) => bars.push(`${period} ${bar.close}`) });
 * ladder.add(0, 500, 1);
 * ladder.add(1_500_000_000, 501, 2);
 * ladder.advance(60_000_000_000);
 * bars; // => ["1s 500", "1s 501", "1m 501"]
 * ```
 */
export class BarLadder {
  readonly periods: readonly BarPeriod[];
  readonly #first: BarBuilder;
  readonly #rungs: readonly Rung[];

  constructor(options: BarLadderOptions) {
    checkKeys("bars", options, ["periods", "latenessNs", "late", "alignNs", "onBar"]);
    this.periods = checkPeriods(options.periods ?? NAMES);
    const onBar = checkFunction("bars.onBar", options.onBar);
    const { alignNs = 0, latenessNs = 0, late = "fail" } = options;
    const [first, ...longer] = this.periods as readonly [BarPeriod, ...BarPeriod[]];
    this.#rungs = longer.map((period) => new Rung(period, alignNs, onBar));
    this.#first = new BarBuilder({
      periodNs: BAR_PERIODS[first],
      alignNs,
      latenessNs,
      late,
      onBar: (bar) => {
        // What ended before this bar began is finished first: bars come in the order of their ends.
        this.#climb(bar.openNs);
        onBar(first, bar);
        for (const rung of this.#rungs) rung.add(bar);
        this.#climb(bar.closeNs);
      },
    });
  }

  /** What the shortest period counted. */
  get counts(): Readonly<BarBuilderCounts> {
    return this.#first.counts;
  }

  /** A trade. */
  add(ns: number, tick: number, lots: number): void {
    this.#first.add(ns, tick, lots);
  }

  /** Time has passed without a trade: finishes the periods that are over. */
  advance(ns: number): void {
    this.#first.advance(ns);
    this.#climb(this.#first.floorNs);
  }

  /** Finishes all bars there are, the last ones also before their time. */
  end(): void {
    this.#first.end();
    this.#climb(Number.POSITIVE_INFINITY);
  }

  #climb(ns: number): void {
    for (const rung of this.#rungs) rung.close(ns);
  }
}

/** Folds bars of a shorter period into one of a longer. */
class Rung {
  readonly #period: BarPeriod;
  readonly #alignNs: number;
  readonly #onBar: BarLadderOptions["onBar"];
  #bar:
    | {
        openNs: number;
        closeNs: number;
        open: number;
        high: number;
        low: number;
        close: number;
        volume: number;
      }
    | undefined;

  constructor(period: BarPeriod, alignNs: number, onBar: BarLadderOptions["onBar"]) {
    this.#period = period;
    this.#alignNs = alignNs;
    this.#onBar = onBar;
  }

  add(bar: FinishedBar): void {
    const open = this.#bar;
    if (open === undefined) {
      const periodNs = BAR_PERIODS[this.#period];
      const past = (bar.openNs - this.#alignNs) % periodNs;
      const openNs = bar.openNs - (past < 0 ? past + periodNs : past);
      this.#bar = { ...bar, openNs, closeNs: openNs + periodNs };
      return;
    }
    if (bar.high > open.high) open.high = bar.high;
    if (bar.low < open.low) open.low = bar.low;
    open.close = bar.close;
    open.volume += bar.volume;
  }

  /** Finishes the bar that ends at or before `ns`. */
  close(ns: number): void {
    const bar = this.#bar;
    if (bar === undefined || bar.closeNs > ns) return;
    this.#bar = undefined;
    this.#onBar(this.#period, bar);
  }
}

function checkPeriods(given: readonly BarPeriod[]): readonly BarPeriod[] {
  const periods = checkArray<BarPeriod>("bars.periods", given);
  for (const [i, period] of periods.entries()) checkChoice(`bars.periods[${i}]`, period, NAMES);
  if (periods.length === 0 || new Set(periods).size !== periods.length) {
    throw new Fault("FAULT_CONFIG", {
      path: "bars.periods",
      value: periods,
      expected: `one or more of ${NAMES.join(", ")}, each once`,
    });
  }
  return NAMES.filter((name) => periods.includes(name));
}
