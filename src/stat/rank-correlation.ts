import { Fault } from "../base/index.ts";
import { checkSeries, finite, mean, type Series } from "./series.ts";

/**
 * Spearman's rank correlation of two series: 1 where one orders as the other does, -1 where it orders the other way.
 * Equal values share the mean of their ranks. Null below two values and where one of them does not vary.
 *
 * @invariant Within -1 and 1, up to rounding; unchanged when values are replaced by others in the same order.
 * @throws `FAULT_INPUT` where lengths differ or a value is not finite
 * @cost O(n log n)
 * @source Spearman, The proof and measurement of association between two things, 1904; Kendall, 1948 (ties)
 * @example
 * ```ts
 * import { rankCorrelation } from "tickwright/stat";
 * rankCorrelation([1, 2, 3], [10, 20, 1_000]); // => 1
 * rankCorrelation([1, 2, 3], [3, 3, 3]); // => null
 * ```
 */
export function rankCorrelation(a: Series, b: Series): number | null {
  checkSeries("a", a);
  checkSeries("b", b);
  if (a.length !== b.length) {
    const expected = `as many values as a (${a.length})`;
    throw new Fault("FAULT_INPUT", { path: "b.length", value: b.length, expected });
  }
  const [x, y] = [ranks(a), ranks(b)];
  const center = mean(x);
  if (center === null) return null;
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] as number) - center, (y[i] as number) - center];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : finite(xy / Math.sqrt(xx * yy));
}

/** The rank of each value, from 1; equals share the mean of theirs. */
export function ranks(values: Series): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const found = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    const value = values[order[first] as number];
    let end = first + 1;
    while (end < order.length && values[order[end] as number] === value) end += 1;
    for (let k = first; k < end; k++) found[order[k] as number] = (first + 1 + end) / 2;
    first = end;
  }
  return found;
}
