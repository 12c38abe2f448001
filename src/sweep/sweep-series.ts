import { checkInteger, Fault } from "../base/index.ts";
import {
  BarBlock,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MILLI,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
} from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";

/** Returns a point keeps at most: longer runs are told in longer periods. */
export const RETURNS_MAX = 1_024;
const PERIODS_WANTED = 250;
const PERIODS = [
  ...[NANOS_PER_DAY, 4 * NANOS_PER_HOUR, NANOS_PER_HOUR, 15 * NANOS_PER_MINUTE, 5 * NANOS_PER_MINUTE],
  ...[NANOS_PER_MINUTE, 10 * NANOS_PER_SECOND, NANOS_PER_SECOND],
] as const;

/**
 * The moments between which returns of every point are taken: the same for all, so that they can be set side by
 * side.
 */
export interface SweepSeries {
  /** How far the run samples its equity. @units ns */
  readonly periodNs: number;
  /** One more than there are returns. @units epoch ms */
  readonly boundariesMs: readonly number[];
}

/**
 * The moments for tapes: of bars, ends of periods with trading; else every period. Without a period given the longest
 * that makes 250 of them.
 *
 * @throws `FAULT_CONFIG` where the tapes are shorter than two periods.
 */
export function seriesOf(tapes: readonly TapeSource[], periodNs?: number): SweepSeries {
  const closes = tapes.every(({ meta }) => meta.schema === "bars") ? closesOf(tapes) : undefined;
  const ends = (period: number): number[] =>
    closes === undefined ? everyMs(tapes, period) : endsWithTrading(closes, period);
  if (periodNs !== undefined) checkInteger("sweep.periodNs", periodNs, NANOS_PER_MILLI);
  const candidates = periodNs === undefined ? PERIODS : [periodNs];
  const period =
    candidates.find((each) => ends(each).length > PERIODS_WANTED) ?? (candidates.at(-1) as number);
  const all = ends(period);
  if (all.length < 3) {
    const expected = "tapes of two periods at least";
    throw new Fault("FAULT_CONFIG", { path: "sweep.periodNs", value: period, expected });
  }
  const factor = Math.ceil((all.length - 1) / RETURNS_MAX);
  return { periodNs: period, boundariesMs: all.filter((_, i) => i % factor === 0) };
}

/** Returns between the moments, from samples of equity: what a moment without a sample of its own had last. */
export function returnsBetween(
  { boundariesMs }: SweepSeries,
  ms: readonly number[],
  equity: readonly number[],
): Float64Array {
  const returns = new Float64Array(boundariesMs.length - 1);
  let at = 0;
  let before = Number.NaN;
  for (const [i, boundary] of boundariesMs.entries()) {
    while (at + 1 < ms.length && (ms[at + 1] as number) <= boundary) at++;
    const now = equity[at] as number;
    if (i > 0) returns[i - 1] = before > 0 ? now / before - 1 : 0;
    before = now;
  }
  return returns;
}

/** Last of the closes in ns from the epoch's start, in doubles: to the microsecond. */
function closesOf(tapes: readonly TapeSource[]): Float64Array {
  const all: number[] = [];
  const block = new BarBlock();
  for (const tape of tapes) {
    const baseMs = Number(BigInt(tape.meta.baseNs) / 1_000_000n);
    for (let i = 0; i < tape.blockCount; i++) {
      tape.read(i, block);
      for (let row = 0; row < block.n; row++)
        all.push(baseMs + (block.closeNs[row] as number) / NANOS_PER_MILLI);
    }
  }
  return Float64Array.from(all).sort();
}

function endsWithTrading(closesMs: Float64Array, periodNs: number): number[] {
  const period = periodNs / NANOS_PER_MILLI;
  const ends: number[] = [];
  for (const ms of closesMs) {
    const end = Math.ceil(ms / period) * period;
    if (end !== ends.at(-1)) ends.push(end);
  }
  return ends;
}

function everyMs(tapes: readonly TapeSource[], periodNs: number): number[] {
  const period = periodNs / NANOS_PER_MILLI;
  const from = Math.min(...tapes.map(({ meta }) => Number(BigInt(meta.fromNs) / 1_000_000n)));
  const to = Math.max(...tapes.map(({ meta }) => Number(BigInt(meta.toNs) / 1_000_000n)));
  const first = Math.ceil(from / period) * period;
  const count = Math.max(0, Math.floor((to - first) / period) + 1);
  if (count > 20_000_000) return [];
  return Array.from({ length: count }, (_, i) => first + i * period);
}
