import { mean, normalCdf, stdev } from "../stat/index.ts";
import { type HistogramChart, significant } from "./chart.ts";
import { rangeDecimals } from "./figures.ts";

/** A histogram of returns and how many of them lie outside its outermost bins. */
export interface ReturnsHistogram {
  readonly chart: HistogramChart;
  readonly below: number;
  readonly above: number;
  /** Mean and deviation (n - 1), in the chart's unit. */
  readonly mean: number;
  readonly deviation: number;
}

/** Bins reach this many deviations to each side of the mean; the outermost take what lies beyond. */
const REACH = 4;

/**
 * Sorts returns into even bins within four deviations of the mean, with the count that a normal distribution
 * of the same mean and deviation expects in each. Null below eight returns or where they do not vary.
 *
 * @units the chart is in percent, or in basis points where the deviation is below 0.01 %
 * @invariant Counts sum to the number of returns; the outermost bins hold everything beyond them.
 */
export function returnsHistogram(returns: ArrayLike<number>): ReturnsHistogram | null {
  const spread = stdev(returns);
  const middle = mean(returns);
  if (returns.length < 8 || spread === null || middle === null || !(spread > 0)) return null;
  const scale = spread < 1e-4 ? 1e4 : 100;
  const count = Math.min(61, Math.max(21, Math.round(1.2 * Math.sqrt(returns.length)))) | 1;
  const width = (2 * REACH * spread) / count;
  const low = middle - REACH * spread;
  const counts = new Array<number>(count).fill(0);
  let [below, above] = [0, 0];
  for (let i = 0; i < returns.length; i += 1) {
    const bin = Math.floor(((returns[i] as number) - low) / width);
    if (bin < 0) below += 1;
    if (bin >= count) above += 1;
    const place = Math.min(count - 1, Math.max(0, bin));
    counts[place] = (counts[place] as number) + 1;
  }
  const edge = (i: number): number => -REACH + (i * 2 * REACH) / count;
  const expected = counts.map((_count, i) => {
    const lower = i === 0 ? 0 : normalCdf(edge(i));
    const upper = i === count - 1 ? 1 : normalCdf(edge(i + 1));
    return (upper - lower) * returns.length;
  });
  const chart: HistogramChart = {
    kind: "histogram",
    id: "chart-returns",
    label: "Distribution of returns",
    unit: scale === 100 ? "%" : "bp",
    decimals: rangeDecimals(width * scale * 4),
    height: 260,
    x: counts.map((_count, i) => significant((low + (i + 0.5) * width) * scale) ?? 0),
    width: significant(width * scale) ?? 0,
    counts,
    normal: expected.map((value) => significant(value, 5) ?? 0),
  };
  return { chart, below, above, mean: middle * scale, deviation: spread * scale };
}
