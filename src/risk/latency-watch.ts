import { checkInteger, checkKeys } from "../base/index.ts";
import { ceilBps } from "./basis-points.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields, savedList } from "./saved-state.ts";

const SAMPLES_MAX = 65_536;
const LATENCY_NS_MAX = 137_438_953_472; // 2^37: the sum of 2^16 is exact
const WHOLE_BPS = 10_000;

/** Options of a {@link LatencyWatch}. */
export interface LatencyWatchOptions {
  /** The mean or the quantile that still passes; at most 2^37 ns (137 s). */
  readonly limitNs: number;
  /** The last samples that count, within 1 and 65,536; nothing is said before there are so many. */
  readonly samples: number;
  /** The quantile in basis points, such as 9,900, within 1 and 10,000; the mean unless given. */
  readonly quantileBps?: number;
}

/** What a {@link LatencyWatch} keeps over a restart: oldest first. */
export interface SavedLatencyWatch {
  readonly samplesNs: readonly number[];
}

/**
 * Trips when the mean, or a quantile (nearest rank), of the last latencies is above a limit.
 *
 * The quantile needs no sorting: it is above the limit exactly while fewer samples than its rank are not.
 *
 * @units ns, whole
 * @invariant Mean and quantile are exact. What is no latency (NaN, below 0, above 2^37 ns) trips and is not kept.
 * @cost O(1), nothing allocated; 8 bytes a sample.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { LatencyWatch } from "tickwright/risk";
 * const mean = new LatencyWatch({ limitNs: 100, samples: 2 });
 * const median = new LatencyWatch({ limitNs: 100, samples: 3, quantileBps: 5_000 });
 * [90, 110, 111].map((ns) => mean.add(ns)); // => [false, false, true]
 * [90, 110, 111].map((ns) => median.add(ns)); // => [false, false, true]
 * ```
 */
export class LatencyWatch {
  readonly #limitNs: number;
  /** How many of the samples must not be above the limit; 0 for the mean. */
  readonly #rank: number;
  readonly #samples: Float64Array;
  #count = 0;
  #next = 0;
  #sum = 0;
  #above = 0;

  constructor(options: LatencyWatchOptions) {
    checkKeys("latencyWatch", options, ["limitNs", "samples", "quantileBps"]);
    const { limitNs, samples, quantileBps } = options;
    this.#limitNs = checkInteger("latencyWatch.limitNs", limitNs, 0, LATENCY_NS_MAX);
    this.#samples = new Float64Array(checkInteger("latencyWatch.samples", samples, 1, SAMPLES_MAX));
    this.#rank =
      quantileBps === undefined
        ? 0
        : ceilBps(samples, checkInteger("latencyWatch.quantileBps", quantileBps, 1, WHOLE_BPS));
  }

  /** Takes a latency; true when the figure is above the limit. */
  add(latencyNs: number): boolean {
    if (!(latencyNs >= 0 && latencyNs <= LATENCY_NS_MAX)) return true;
    const samples = this.#samples;
    const size = samples.length;
    if (this.#count === size) this.#forget(samples[this.#next] as number);
    samples[this.#next] = latencyNs;
    this.#next = (this.#next + 1) % size;
    this.#count++;
    this.#sum += latencyNs;
    if (latencyNs > this.#limitNs) this.#above++;
    if (this.#count < size) return false;
    return this.#rank === 0 ? this.#sum > this.#limitNs * size : size - this.#above < this.#rank;
  }

  /** Forgets every sample. */
  clear(): void {
    this.#count = 0;
    this.#next = 0;
    this.#sum = 0;
    this.#above = 0;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedLatencyWatch {
    const size = this.#samples.length;
    const first = this.#next + size - this.#count;
    const at = (i: number) => this.#samples[(first + i) % size] as number;
    return { samplesNs: Array.from({ length: this.#count }, (_, i) => at(i)) };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "latencyWatch";
    const { samplesNs } = savedFields<SavedLatencyWatch>(path, data, ["samplesNs"]);
    const list = savedList<number>(`${path}.samplesNs`, samplesNs, 0, this.#samples.length);
    const column = readColumn(`${path}.samplesNs`, list, list.length, 0, LATENCY_NS_MAX, false);
    this.clear();
    for (const latencyNs of column) this.add(latencyNs);
  }

  #forget(latencyNs: number): void {
    this.#count--;
    this.#sum -= latencyNs;
    if (latencyNs > this.#limitNs) this.#above--;
  }
}
