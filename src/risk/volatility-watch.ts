import { checkInteger, checkKeys, checkPositive } from "../base/index.ts";
import { ExtremeWindow, type SavedExtremes } from "./extreme-window.ts";
import { savedFields } from "./saved-state.ts";

const BUCKETS_MAX = 65_535;
const HIGH = 0;
const LOW = 1;

/** Options of a {@link VolatilityWatch}. */
export interface VolatilityWatchOptions {
  readonly windowNs: number;
  /** How many standard deviations of the return over the window still pass, above 0. */
  readonly sigmas: number;
  /** Steps of the window, 64 unless given, at most 65,535. */
  readonly buckets?: number;
}

/** What a {@link VolatilityWatch} keeps over a restart: the highs, and the lows negated. */
export interface SavedVolatilityWatch {
  readonly extremes: readonly SavedExtremes[];
}

/**
 * Trips when a price has moved more than so many standard deviations within a window: its return from the window's
 * lowest price, or to it from the highest, whichever is larger. That is never less than the return from the window's
 * first price. Steps as in `ExtremeWindow`: a price counts for at least the window.
 *
 * @units price in any unit, above 0; sigma: standard deviation of the return over this window, a fraction (0.01 is
 * 1 %)
 * @invariant A price that is not above 0 and finite, a sigma below 0, and NaN anywhere trip; such a price is not kept.
 * @cost O(1) amortised, nothing allocated; 32 (buckets + 1) bytes.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { VolatilityWatch } from "tickwright/risk";
 * const moves = new VolatilityWatch({ windowNs: 1_000, sigmas: 4 });
 * [moves.add(100, 0.25, 0), moves.add(200, 0.25, 10), moves.add(201, 0.25, 20)]; // => [false, false, true]
 * ```
 */
export class VolatilityWatch {
  readonly #sigmas: number;
  readonly #window: ExtremeWindow;

  constructor(options: VolatilityWatchOptions) {
    checkKeys("volatilityWatch", options, ["windowNs", "sigmas", "buckets"]);
    const { windowNs, sigmas, buckets = 64 } = options;
    this.#sigmas = checkPositive("volatilityWatch.sigmas", sigmas);
    checkInteger("volatilityWatch.windowNs", windowNs, 1);
    checkInteger("volatilityWatch.buckets", buckets, 1, BUCKETS_MAX);
    this.#window = new ExtremeWindow({ lanes: 2, depth: buckets + 1 });
    const gridNs = Math.ceil(windowNs / buckets);
    this.#window.configure(HIGH, windowNs, gridNs);
    this.#window.configure(LOW, windowNs, gridNs);
  }

  /** Takes a price and the sigma of now; true when the move is above the limit. */
  add(price: number, sigma: number, nowNs: number): boolean {
    if (!(price > 0 && price < Number.POSITIVE_INFINITY && Number.isFinite(nowNs))) return true;
    this.#window.push(HIGH, price, nowNs);
    this.#window.push(LOW, -price, nowNs);
    const high = this.#window.highest(HIGH, nowNs);
    const low = -this.#window.highest(LOW, nowNs);
    const limit = this.#sigmas * sigma;
    return !(price - low <= limit * low && high - price <= limit * high);
  }

  /** Forgets every price. */
  clear(): void {
    this.#window.clear(HIGH);
    this.#window.clear(LOW);
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedVolatilityWatch {
    return { extremes: this.#window.save() };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const { extremes } = savedFields<SavedVolatilityWatch>("volatilityWatch", data, ["extremes"]);
    this.#window.load("volatilityWatch.extremes", extremes);
  }
}
