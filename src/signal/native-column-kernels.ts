import { Fault, type Refusal, refuse } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import {
  bookImbalances,
  type ColumnKernels,
  checkDepthColumns,
  checkQuotes,
  checkSnapshots,
  type DepthBounds,
  type DepthSum,
  depthOf,
  type QuoteColumns,
  quoteFlows,
  sumDepth,
} from "./column-kernels.ts";

/** The sets of instructions that the kernels are compiled for, the least first. */
export const SIMD_LEVELS = ["scalar", "avx2", "avx512"] as const;

/** One of {@link SIMD_LEVELS}. */
export type SimdLevel = (typeof SIMD_LEVELS)[number];

/** The kernels in C++, and the instructions they use. */
export interface NativeKernels extends ColumnKernels {
  readonly level: SimdLevel;
}

/** What native/signal/signal_binding.cpp offers. A count of at least 0, or a code below 0. */
interface SignalDoor {
  level(): number;
  quoteFlows(
    level: number,
    bid: Int32Array,
    bidLots: Float64Array,
    ask: Int32Array,
    askLots: Float64Array,
    out: Float64Array,
  ): number;
  bookImbalances(
    level: number,
    bidLots: Float64Array,
    askLots: Float64Array,
    levels: number,
    out: Float64Array,
  ): number;
  sumDepth(
    level: number,
    ticks: Int32Array,
    lots: Float64Array,
    levels: number,
    within: number,
    out: Float64Array,
  ): number;
}

/** `EDOM`: a value that cannot be summed exactly. The body in TypeScript then says which. */
const NOT_EXACT = -33;

/**
 * `quoteFlows`, `bookImbalances` and `sumDepth` of `tickwright/signal` in C++, for the best instructions that this
 * processor has, or for those asked for. Every level gives the same bits as the functions in TypeScript, and the
 * same faults.
 *
 * @refuses `SIMD_LEVEL_ABSENT` for a level that this processor does not have
 * @throws `FAULT_CONFIG` for a level that is none; `FAULT_NATIVE_UNAVAILABLE` where there is no binary.
 * @cost A call about 0.2 us, then 0.2 to 0.9 ns an element with AVX2 or AVX-512, where the columns are in the cache.
 * @example
 * ```ts
 * import { isRefusal } from "tickwright/base";
 * import { nativeReport } from "tickwright/base/native";
 * import * as signal from "tickwright/signal";
 * import { columnKernels } from "tickwright/signal/native";
 * const native = nativeReport().isAvailable ? columnKernels() : signal;
 * const { sumDepth } = isRefusal(native) ? signal : native;
 * sumDepth(Int32Array.of(100, 99), Float64Array.of(2, 2)).vwapTicks; // => 99.5
 * ```
 */
export function columnKernels(level?: SimdLevel): NativeKernels | Refusal<"SIMD_LEVEL_ABSENT"> {
  const door = nativeDoor("signal") as SignalDoor;
  const chosen = chooseLevel(level, door.level());
  return typeof chosen === "number" ? kernelsOver(door, chosen) : chosen;
}

/** The number of the level that is wanted, or of the best one, where the best that there is has the number `best`. */
export function chooseLevel(
  wanted: SimdLevel | undefined,
  best: number,
): number | Refusal<"SIMD_LEVEL_ABSENT"> {
  if (wanted === undefined) return best;
  const level = SIMD_LEVELS.indexOf(wanted);
  if (level === -1) {
    const expected = `one of ${SIMD_LEVELS.join(", ")}`;
    throw new Fault("FAULT_CONFIG", { path: "columnKernels.level", value: wanted, expected });
  }
  if (level <= best) return level;
  return refuse("SIMD_LEVEL_ABSENT", "level", wanted, `at most ${SIMD_LEVELS[best]} on this processor`);
}

function kernelsOver(door: SignalDoor, level: number): NativeKernels {
  const sums = new Float64Array(3);
  return {
    level: SIMD_LEVELS[level] ?? "scalar",
    quoteFlows(quotes: QuoteColumns, out: Float64Array): number {
      checkQuotes(quotes, out);
      const { bid, bidLots, ask, askLots } = quotes;
      const skipped = door.quoteFlows(level, bid, bidLots, ask, askLots, out);
      if (skipped >= 0) return skipped;
      checkAnswer("quoteFlows", skipped);
      return quoteFlows(quotes, out);
    },
    bookImbalances(bids: Float64Array, asks: Float64Array, levels: number, out: Float64Array): void {
      checkSnapshots(bids, asks, levels, out);
      const answer = door.bookImbalances(level, bids, asks, levels, out);
      if (answer === 0) return;
      checkAnswer("bookImbalances", answer);
      bookImbalances(bids, asks, levels, out);
    },
    sumDepth(ticks: Int32Array, lots: Float64Array, bounds: DepthBounds = {}): DepthSum {
      const [most, within] = checkDepthColumns(ticks, lots, bounds);
      const answer = door.sumDepth(level, ticks, lots, most, within, sums);
      if (answer === 0) {
        const [levels = 0, size = 0, worth = 0] = sums;
        return depthOf(ticks.length > 0 && most > 0 ? (ticks[0] as number) : 0, levels, size, worth);
      }
      checkAnswer("sumDepth", answer);
      return sumDepth(ticks, lots, bounds);
    },
  };
}

/** Anything but {@link NOT_EXACT} means that the door and the binary misunderstand each other. */
function checkAnswer(name: string, answer: number): void {
  if (answer === NOT_EXACT) return;
  throw new Fault("FAULT_INVARIANT", {
    path: `native.${name}`,
    value: answer,
    expected: "columns that were checked",
  });
}
