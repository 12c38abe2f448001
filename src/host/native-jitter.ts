import { checkArray, checkChoice, checkKeys, checkNumber } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import { answered } from "./native-calls.ts";
import { threadAffinity } from "./native-cpu.ts";
import { calibrateTsc } from "./native-tsc.ts";

interface JitterBinding {
  jitter(clock: number, ns: number, hz: number, thresholds: Float64Array, into: Float64Array): number;
}

/** How to look for gaps. */
export interface JitterOptions {
  /** How long the calling thread spins, 1 to 10,000; 100 unless given. @units ms */
  readonly ms?: number;
  /** `raw` is CLOCK_MONOTONIC_RAW, unless given; `tsc` is finer, and for processors with an invariant counter alone. */
  readonly clock?: "raw" | "tsc";
  /** Gaps of at least this length are counted, at most 16; 1,000, 10,000, 100,000, 1,000,000 unless given. @units ns */
  readonly thresholdsNs?: readonly number[];
}

/** How often something took the core away for this long. */
export interface GapCount {
  readonly thresholdNs: number;
  readonly count: number;
  /** What these gaps took together. @units ns */
  readonly totalNs: number;
}

/** What a thread that did nothing but read a clock saw between two reads. */
export interface JitterReport {
  readonly clock: "raw" | "tsc";
  /** The processors that the thread could run on. */
  readonly cpus: readonly number[];
  /** Gaps, so reads less one. */
  readonly gaps: number;
  /** @units ns */
  readonly totalNs: number;
  /** What a read takes where nothing intervenes. @units ns */
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly p9999Ns: number;
  readonly p99999Ns: number;
  readonly maxNs: number;
  readonly above: readonly GapCount[];
}

const FIGURES = 9;
const THRESHOLDS_NS = [1_000, 10_000, 100_000, 1_000_000];

/**
 * Measures what takes the core away from a thread: the calling one reads a clock in a loop, and counts the gaps.
 *
 * It says what happened in this time on these processors, nothing about another time. Of short thefts many more are
 * seen on a pinned thread of an isolated core than here; on a virtual machine the host's thefts are in it.
 *
 * @invariant A quantile is never below the exact one, and above it by at most 1/32; least and greatest are exact.
 * @cost Blocks the calling thread for `ms`; with `tsc` 20 ms more for the counter's rate.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` for `tsc` without an invariant counter; `FAULT_NATIVE_UNAVAILABLE`.
 */
export function measureJitter(options: JitterOptions = {}): JitterReport {
  checkKeys("measureJitter", options, ["ms", "clock", "thresholdsNs"]);
  const ms = checkNumber("measureJitter.ms", options.ms ?? 100, 1, 10_000);
  const clock = checkChoice("measureJitter.clock", options.clock ?? "raw", ["raw", "tsc"]);
  const thresholdsNs = checkArray("measureJitter.thresholdsNs", options.thresholdsNs ?? THRESHOLDS_NS, 0);
  checkNumber("measureJitter.thresholdsNs.length", thresholdsNs.length, 0, 16);
  for (const [at, ns] of thresholdsNs.entries())
    checkNumber(`measureJitter.thresholdsNs[${at}]`, ns, 0, 1e10);
  const hz = clock === "tsc" ? calibrateTsc({ ms: 20 }).hz : 0;
  const into = new Float64Array(FIGURES + 2 * thresholdsNs.length);
  const binding = nativeDoor("cpu") as JitterBinding;
  const code = binding.jitter(clock === "tsc" ? 1 : 0, ms * 1e6, hz, Float64Array.from(thresholdsNs), into);
  answered("measureJitter", code, "a clock that can be read");
  const [gaps = 0, totalNs = 0, minNs = 0, p50Ns = 0, p99Ns = 0, p999Ns = 0] = into;
  const [p9999Ns = 0, p99999Ns = 0, maxNs = 0] = into.subarray(6);
  const above = thresholdsNs.map((thresholdNs, at) => ({
    thresholdNs,
    count: into[FIGURES + 2 * at] ?? 0,
    totalNs: into[FIGURES + 2 * at + 1] ?? 0,
  }));
  const cpus = process.platform === "linux" ? threadAffinity() : [];
  return { clock, cpus, gaps, totalNs, minNs, p50Ns, p99Ns, p999Ns, p9999Ns, p99999Ns, maxNs, above };
}
