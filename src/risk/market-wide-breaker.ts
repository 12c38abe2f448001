import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { NANOS_PER_MINUTE } from "../model/index.ts";
import { checkMoment, checkWhole } from "./inputs.ts";
import { REGULAR_SESSION_NS } from "./luld-bands.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";

/** The declines of levels 1, 2 and 3, in percent of the prior close of the S&P 500. */
export const MARKET_WIDE_PERCENT = [7, 13, 20] as const;

/** A level 1 or 2 halt lasts 15 minutes. */
export const MARKET_WIDE_HALT_NS: number = 15 * NANOS_PER_MINUTE;

/**
 * Levels 1 and 2 halt until 35 minutes before the close (15:25 ET, or 12:25 on a day that ends at 13:00).
 */
export const MARKET_WIDE_CUTOFF_NS: number = 35 * NANOS_PER_MINUTE;

/** Options of a {@link MarketWideBreaker}, and of each further day. */
export interface MarketWideDay {
  /** The prior close of the index, in hundredths of a point. */
  readonly priorCloseE2: number;
  /** When the day opens (9:30 ET), in ns from the session's base. */
  readonly openNs: number;
  /** The length of the day; `REGULAR_SESSION_NS` unless it closes early. */
  readonly sessionNs?: number;
}

const DAY_OPTIONS = ["priorCloseE2", "openNs", "sessionNs"] as const;

/**
 * The market-wide circuit breakers of the US equity markets: 7 % and 13 % below the prior close of the S&P
 * 500 halt every stock for 15 minutes, 20 % for the rest of the day.
 *
 * Levels 1 and 2 halt once a day each, and only before 15:25 ET; a level above one already reached halts
 * again. The trigger values are rounded to the nearest hundredth of a point, halves up, as they are
 * published.
 *
 * @units the index in hundredths of a point; times in ns from the session's base
 * @invariant The level never falls within a day.
 * @cost O(1), nothing allocated but by `save`.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an index or a moment that is none.
 * @example
 * ```ts
 * import { MarketWideBreaker } from "tickwright/risk";
 * const breaker = new MarketWideBreaker({ priorCloseE2: 268_166, openNs: 0 });
 * [1, 2, 3].map((level) => breaker.triggerE2(level)); // => [249394, 233304, 214533]
 * breaker.update(249_394, 60e9); // => 1
 * [breaker.isHalted(60e9), breaker.isHalted(959e9), breaker.isHalted(960e9)]; // => [true, true, false]
 * ```
 * @source NYSE Rule 7.12, Nasdaq Rule 4121 (Equity 4), FINRA Rule 6121
 */
export class MarketWideBreaker {
  #priorCloseE2 = 0;
  #openNs = 0;
  #sessionNs = 0;
  #level = 0;
  #untilNs = 0;

  constructor(day: MarketWideDay) {
    this.startDay(day);
  }

  /** The highest level reached today, 0 for none. */
  get level(): number {
    return this.#level;
  }

  /** When the last halt ends: Infinity after level 3; it means nothing while the level is 0. */
  get haltedUntilNs(): number {
    return this.#untilNs;
  }

  /** Begins a trading day, with nothing reached. */
  startDay(day: MarketWideDay): void {
    checkKeys("marketWideBreaker", day, DAY_OPTIONS);
    this.#priorCloseE2 = checkInteger("marketWideBreaker.priorCloseE2", day.priorCloseE2, 1, 1e12);
    this.#openNs = checkNumber("marketWideBreaker.openNs", day.openNs);
    this.#sessionNs = checkNumber("marketWideBreaker.sessionNs", day.sessionNs ?? REGULAR_SESSION_NS, 1);
    this.#level = 0;
    this.#untilNs = 0;
  }

  /** The value of the index that triggers a level (1 to 3), in hundredths of a point; NaN for any other. */
  triggerE2(level: number): number {
    const percent = MARKET_WIDE_PERCENT[level - 1] ?? Number.NaN;
    return Math.floor((this.#priorCloseE2 * (100 - percent) + 50) / 100);
  }

  /**
   * Takes a value of the index within the day and returns the level that halts because of it, 0 for none.
   */
  update(indexE2: number, nowNs: number): number {
    checkWhole("marketWideBreaker.indexE2", indexE2, 0);
    const sinceOpenNs = checkMoment("marketWideBreaker.nowNs", nowNs) - this.#openNs;
    const late = sinceOpenNs >= this.#sessionNs - MARKET_WIDE_CUTOFF_NS;
    if (sinceOpenNs < 0 || sinceOpenNs > this.#sessionNs) return 0;
    for (let level = MARKET_WIDE_PERCENT.length; level > this.#level; level--) {
      if (indexE2 > this.triggerE2(level)) continue;
      if (late && level < MARKET_WIDE_PERCENT.length) return 0;
      this.#level = level;
      this.#untilNs = level < MARKET_WIDE_PERCENT.length ? nowNs + MARKET_WIDE_HALT_NS : Infinity;
      return level;
    }
    return 0;
  }

  /** Whether the whole market is halted now: after level 3 it is until the next day is started. */
  isHalted(nowNs: number): boolean {
    return this.#level > 0 && !(nowNs >= this.#untilNs);
  }

  /** What happened today, JSON-safe. */
  save(): SavedColumn {
    return saveColumn([this.#level, this.#untilNs]);
  }

  /**
   * Takes what `save` wrote, of the day that this was made or started with.
   *
   * @throws `FAULT_INPUT` for anything else.
   */
  load(saved: SavedColumn): void {
    const [level, untilNs] = readColumn("marketWideBreaker", saved, 2, -Number.MAX_VALUE, Infinity, false);
    this.#level = checkWhole("marketWideBreaker.level", level as number, 0, MARKET_WIDE_PERCENT.length);
    this.#untilNs = untilNs as number;
  }
}
