import { checkArray, checkChoice, Fault } from "../base/index.ts";
import { NO_SPREAD } from "./ratios.ts";
import { mean, type Series, stdev } from "./series.ts";

/**
 * How dependent trials are counted. `averageCorrelation` is `r + (1 - r) N` with the mean r of all pairs, within 0 and
 * 1; `participation` is `(sum of eigenvalues)^2 / sum of their squares` of the correlation matrix, which is
 * `N^2 / sum of all squared correlations`.
 */
export type TrialEstimate = "averageCorrelation" | "participation";

/**
 * The mean correlation over all pairs of columns; columns that do not vary are left out. Null where fewer than two
 * vary.
 *
 * @shape one column a trial, of as many returns of the same periods; O(T) memory besides
 * @invariant Within -1 / (N - 1) and 1, up to rounding; equal to the mean over all pairs.
 * @throws `FAULT_INPUT` where lengths differ or a value is not finite; `FAULT_CONFIG` without columns
 * @cost O(T N): the pairs are never formed, their sum is the variance of the sum of standardized columns.
 * @source Bailey and Lopez de Prado, The Deflated Sharpe Ratio, 2014, appendix 3
 * @example
 * ```ts
 * import { averageCorrelation } from "tickwright/stat";
 * averageCorrelation([[1, 2, 3, 4], [2, 4, 6, 8]])?.toFixed(6); // => "1.000000"
 * averageCorrelation([[1, 2, 3, 4]]); // => null
 * ```
 */
export function averageCorrelation(columns: readonly Series[]): number | null {
  checkColumns("columns", columns);
  return pairsOf(columns).average;
}

/**
 * How many independent trials dependent ones are worth. Columns that do not vary are no trials. The first estimate is
 * the paper's; the second counts directions in which the trials differ, and is smaller where they fall into
 * clusters. Both are 1 for copies of one trial, and N for uncorrelated ones, but for what a sample's correlations
 * stray from 0: `participation` of N independent columns of T returns is near `N / (1 + N / T)`.
 *
 * @shape one column a trial, of as many returns of the same periods
 * @invariant Within 1 and N; unchanged when a column is scaled or shifted.
 * @throws as {@link averageCorrelation}; `FAULT_CONFIG` on an unknown estimate
 * @cost `averageCorrelation` O(T N); `participation` O(T N min(T, N)), and a copy of the columns.
 * @source Bailey and Lopez de Prado, The Deflated Sharpe Ratio, 2014, appendix 3 (average correlation); Bell and Dean,
 * Atomic vibrations in vitreous silica, 1970 (participation ratio). Clustering (Lopez de Prado and Lewis, 2019) is not
 * built.
 * @remarks Correlated trials also have a smaller variance. {@link sharpeTrials} of an effective count with that
 * variance takes the correlation off twice: the bare count is the safe one.
 * @example
 * ```ts
 * import { effectiveTrials } from "tickwright/stat";
 * effectiveTrials([[1, -1, 1, -1], [1, 1, -1, -1]]).toFixed(6); // => "2.000000"
 * effectiveTrials([[1, -1, 1, -1], [2, -2, 2, -2]]).toFixed(6); // => "1.000000"
 * ```
 */
export function effectiveTrials(
  columns: readonly Series[],
  estimate: TrialEstimate = "averageCorrelation",
): number {
  checkChoice("estimate", estimate, ["averageCorrelation", "participation"]);
  checkColumns("columns", columns);
  if (estimate === "participation") return participation(columns);
  const { average, count } = pairsOf(columns);
  if (average === null) return 1;
  const share = Math.min(Math.max(average, 0), 1);
  return share + (1 - share) * count;
}

/** Throws unless there are columns, all of one length and finite. */
export function checkColumns(path: string, columns: readonly Series[]): number {
  checkArray(path, columns);
  const rows = (columns[0] as Series).length;
  for (const [i, column] of columns.entries()) {
    if (column.length !== rows) {
      const expected = `as many values as ${path}[0] (${rows})`;
      throw new Fault("FAULT_INPUT", { path: `${path}[${i}].length`, value: column.length, expected });
    }
    for (let t = 0; t < rows; t++) {
      if (Number.isFinite(column[t])) continue;
      const expected = "a finite number";
      throw new Fault("FAULT_INPUT", { path: `${path}[${i}][${t}]`, value: column[t], expected });
    }
  }
  return rows;
}

/** The mean correlation of all pairs, and how many columns vary. */
function pairsOf(columns: readonly Series[]): { average: number | null; count: number } {
  const rows = (columns[0] as Series).length;
  const totals = new Float64Array(rows);
  let count = 0;
  for (const column of columns) {
    const scores = standardized(column);
    if (scores === null) continue;
    count += 1;
    for (let t = 0; t < rows; t++) totals[t] = (totals[t] as number) + (scores[t] as number);
  }
  if (count < 2) return { average: null, count };
  return { average: (dot(totals, totals) / rows - count) / (count * (count - 1)), count };
}

function participation(columns: readonly Series[]): number {
  const scores = columns.map(standardized).filter((column) => column !== null);
  const count = scores.length;
  if (count < 2) return 1;
  const rows = (scores[0] as Float64Array).length;
  // The squares of Z'Z and of ZZ' have one sum: the smaller of both is formed.
  const vectors = count <= rows ? scores : transposed(scores);
  let squares = 0;
  for (let i = 0; i < vectors.length; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(vectors[i] as Float64Array, vectors[j] as Float64Array) / rows;
      squares += (i === j ? 1 : 2) * product * product;
    }
  }
  return Math.min(Math.max((count * count) / squares, 1), count);
}

/** A column less its mean, over its deviation with n; null where it does not vary. */
function standardized(column: Series): Float64Array | null {
  const center = mean(column);
  const spread = stdev(column);
  if (center === null || spread === null || spread <= NO_SPREAD) return null;
  const scale = 1 / (spread * Math.sqrt((column.length - 1) / column.length));
  return Float64Array.from(column, (value) => (value - center) * scale);
}

function transposed(columns: readonly Float64Array[]): Float64Array[] {
  const rows = (columns[0] as Float64Array).length;
  return Array.from({ length: rows }, (_, t) => Float64Array.from(columns, (column) => column[t] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}
