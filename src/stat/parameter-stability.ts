import { checkArray, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import { checkColumns } from "./effective-trials.ts";
import { rankCorrelation, ranks } from "./rank-correlation.ts";
import { checkSeries, finite, mean, type Series } from "./series.ts";

/** The points of a parameter search and what became of them. */
export interface ParameterSearch {
  /** One row a point: the value of each parameter, as a number. */
  readonly points: readonly Series[];
  /** What each point came to in sample; larger is better. */
  readonly figures: Series;
  /** What each point came to out of sample, where that is known. */
  readonly outOfSample?: Series;
}

/** What {@link parameterStability} calls near and good. */
export interface ParameterStabilityOptions {
  /** Of scattered points, how many nearest ones are neighbours; twice the parameters unless given. */
  readonly neighbours?: number;
  /** The share of the best figure that a point of the plateau reaches; 0.8 unless given. */
  readonly plateau?: number;
  /** Into how many classes a parameter with more values is cut for its sensitivity; 8 unless given. */
  readonly classes?: number;
}

/** How much of the figures' variance one parameter explains by itself. */
export interface ParameterSensitivity {
  /** The position of the parameter in a point. */
  readonly parameter: number;
  /**
   * The variance of the means at its values (or classes of values) over the whole variance, within 0 and 1. Null where
   * figures do not vary.
   */
  readonly share: number | null;
  /** What that share is in the mean where figures have nothing to do with it: (classes - 1) / (points - 1). */
  readonly byChance: number;
  readonly classes: number;
}

/** Whether the best point of a search stands alone: see {@link parameterStability}. */
export interface ParameterStability {
  /** `grid`: every combination of the parameters' values once. Neighbours are one value away at most, also across. */
  readonly layout: "grid" | "scattered";
  /** The point with the largest figure, the first of equals. */
  readonly best: number;
  readonly bestFigure: number;
  /** Neighbours of the best point, rising; itself is none. */
  readonly neighbours: Int32Array;
  readonly neighbourMean: number | null;
  readonly neighbourWorst: number | null;
  /** The same over the best figure: 1 on a flat top. Null where the best is not above 0, or has no neighbours. */
  readonly meanOverBest: number | null;
  readonly worstOverBest: number | null;
  /**
   * The share of all points that can be reached from the best one, from neighbour to neighbour, without falling below
   * the plateau's share of the best figure; the best one counts. Null where the best is not above 0.
   */
  readonly plateau: number | null;
  /** Spearman's, of figures in and out of sample over all points; null without the latter. */
  readonly rankCorrelation: number | null;
  /** One a parameter, in their order. */
  readonly sensitivity: readonly ParameterSensitivity[];
}

/**
 * How a figure changes around the best point of a parameter search: an edge stands on a plateau, a fluke on a peak.
 * Points on a grid are told by themselves; others are scattered, their parameters scaled to 0 to 1 and their distances
 * Euclidean.
 *
 * @units figures in their own unit
 * @shape as many figures as points; as many values in each point as there are parameters
 * @invariant Unchanged when points are reordered without ties, or a parameter is scaled by a power of two or shifted
 * exactly. On a grid the sensitivities' shares sum to at most 1; what is missing are interactions.
 * @throws `FAULT_INPUT` where lengths differ or a value is not finite; `FAULT_CONFIG` on an option that is none
 * @cost O(p n log n) for sensitivities, O(p n) for the best point's neighbours and for each point of the plateau
 * @source Pardo, The Evaluation and Optimization of Trading Strategies, 2008, ch. 10 (plateaus and neighbours); Sobol,
 * Sensitivity estimates for nonlinear mathematical models, 1993 (first-order shares); Pearson, 1905 (correlation ratio)
 * @example
 * ```ts
 * import { parameterStability } from "tickwright/stat";
 * const points = [[10], [20], [30], [40]];
 * const found = parameterStability({ points, figures: [0.5, 0.75, 1, 0.25] });
 * found.best; // => 2
 * found.meanOverBest; // => 0.5
 * ```
 */
export function parameterStability(
  search: ParameterSearch,
  options: ParameterStabilityOptions = {},
): ParameterStability {
  checkKeys("search", search, ["points", "figures", "outOfSample"]);
  checkKeys("options", options, ["neighbours", "plateau", "classes"]);
  const { points, figures, outOfSample } = search;
  checkSearch(search);
  const parameters = (points[0] as Series).length;
  const plateau = checkNumber("options.plateau", options.plateau ?? 0.8, 0, 1);
  const classes = checkInteger("options.classes", options.classes ?? 8, 2);
  const near = checkInteger("options.neighbours", options.neighbours ?? 2 * parameters, 1);
  const places = new Places(points);
  const neighboursOf = places.isGrid
    ? (i: number) => places.oneStepFrom(i)
    : (i: number) => places.nearest(i, near);
  const best = largest(figures);
  const bestFigure = figures[best] as number;
  const neighbours = neighboursOf(best);
  const around = Array.from(neighbours, (i) => figures[i] as number);
  const neighbourMean = mean(around);
  const neighbourWorst = around.length === 0 ? null : Math.min(...around);
  const over = (value: number | null): number | null =>
    value === null || bestFigure <= 0 ? null : finite(value / bestFigure);
  return {
    ...{ layout: places.isGrid ? "grid" : "scattered", best, bestFigure, neighbours },
    ...{ neighbourMean, neighbourWorst },
    ...{ meanOverBest: over(neighbourMean), worstOverBest: over(neighbourWorst) },
    plateau:
      bestFigure <= 0 ? null : reached(best, figures, plateau * bestFigure, neighboursOf) / points.length,
    rankCorrelation: outOfSample === undefined ? null : rankCorrelation(figures, outOfSample),
    sensitivity: Array.from({ length: parameters }, (_, parameter) =>
      sensitivityOf(parameter, points, figures, places.isGrid ? points.length : classes),
    ),
  };
}

/** Where points lie to one another. */
class Places {
  readonly isGrid: boolean;
  readonly #parameters: number;
  readonly #count: number;
  /** Of point i and parameter p at `i * parameters + p`: the place of its value among the parameter's values. */
  readonly #steps: Int32Array;
  /** The same place: its value, scaled to 0 to 1. */
  readonly #scaled: Float64Array;

  constructor(points: readonly Series[]) {
    this.#count = points.length;
    this.#parameters = (points[0] as Series).length;
    this.#steps = new Int32Array(this.#count * this.#parameters);
    this.#scaled = new Float64Array(this.#count * this.#parameters);
    let cells = 1;
    for (let p = 0; p < this.#parameters; p++) cells *= this.#place(points, p);
    this.isGrid = cells === this.#count && new Set(points.map((_, i) => this.#key(i))).size === cells;
  }

  /** The points of a grid that are at most one value away in every parameter. */
  oneStepFrom(i: number): Int32Array {
    const found: number[] = [];
    for (let j = 0; j < this.#count; j++) if (j !== i && this.#isOneStep(i, j)) found.push(j);
    return Int32Array.from(found);
  }

  /** The nearest points, the earlier of equally far ones, rising. */
  nearest(i: number, most: number): Int32Array {
    const found: { readonly at: number; readonly far: number }[] = [];
    for (let j = 0; j < this.#count; j++) {
      if (j === i) continue;
      const far = this.#distance(i, j);
      if (found.length === most && far >= (found[most - 1]?.far as number)) continue;
      let k = found.length;
      while (k > 0 && (found[k - 1]?.far as number) > far) k -= 1;
      found.splice(k, 0, { at: j, far });
      if (found.length > most) found.pop();
    }
    return Int32Array.from(found, (one) => one.at).sort();
  }

  #place(points: readonly Series[], p: number): number {
    const values = points.map((point) => point[p] as number);
    const sorted = [...new Set(values)].sort((a, b) => a - b);
    const steps = new Map(sorted.map((value, step) => [value, step]));
    const [low, high] = [sorted[0] as number, sorted[sorted.length - 1] as number];
    for (const [i, value] of values.entries()) {
      this.#steps[i * this.#parameters + p] = steps.get(value) as number;
      this.#scaled[i * this.#parameters + p] = high > low ? (value - low) / (high - low) : 0;
    }
    return sorted.length;
  }

  #key(i: number): string {
    return this.#steps.subarray(i * this.#parameters, (i + 1) * this.#parameters).join();
  }

  #isOneStep(i: number, j: number): boolean {
    const [a, b] = [i * this.#parameters, j * this.#parameters];
    for (let p = 0; p < this.#parameters; p++) {
      if (Math.abs((this.#steps[a + p] as number) - (this.#steps[b + p] as number)) > 1) return false;
    }
    return true;
  }

  #distance(i: number, j: number): number {
    const [a, b] = [i * this.#parameters, j * this.#parameters];
    let total = 0;
    for (let p = 0; p < this.#parameters; p++) {
      const gap = (this.#scaled[a + p] as number) - (this.#scaled[b + p] as number);
      total += gap * gap;
    }
    return total;
  }
}

/** How many points are reached from one over neighbours whose figure is at least so much. */
function reached(
  from: number,
  figures: Series,
  least: number,
  neighboursOf: (i: number) => Int32Array,
): number {
  const seen = new Set([from]);
  for (const at of seen) {
    for (const next of neighboursOf(at)) if ((figures[next] as number) >= least) seen.add(next);
  }
  return seen.size;
}

function sensitivityOf(
  parameter: number,
  points: readonly Series[],
  figures: Series,
  most: number,
): ParameterSensitivity {
  const classOf = classesOf(
    points.map((point) => point[parameter] as number),
    most,
  );
  const sums = new Map<number, { sum: number; count: number }>();
  const center = mean(figures) as number;
  let whole = 0;
  for (let i = 0; i < figures.length; i++) {
    const gap = (figures[i] as number) - center;
    whole += gap * gap;
    const of = classOf[i] as number;
    const { sum, count } = sums.get(of) ?? { sum: 0, count: 0 };
    sums.set(of, { sum: sum + gap, count: count + 1 });
  }
  let between = 0;
  for (const { sum, count } of sums.values()) between += (sum * sum) / count;
  const byChance = figures.length < 2 ? 0 : (sums.size - 1) / (figures.length - 1);
  const share = whole === 0 ? null : finite(Math.min(between / whole, 1));
  return { parameter, share, byChance, classes: sums.size };
}

/** Each value's own class where there are few; else classes of about equally many, equal values in one. */
function classesOf(values: readonly number[], most: number): Float64Array {
  if (new Set(values).size <= most) return ranks(values);
  return ranks(values).map((rank) => Math.floor(((rank - 0.5) * most) / values.length));
}

function checkSearch({ points, figures, outOfSample }: ParameterSearch): void {
  checkArray("search.points", points);
  checkColumns("search.points", points);
  checkInteger("search.points[0].length", (points[0] as Series).length, 1);
  for (const [path, series] of [
    ["search.figures", figures],
    ["search.outOfSample", outOfSample],
  ] as const) {
    if (series === undefined) continue;
    checkSeries(path, series);
    if (series.length === points.length) continue;
    const expected = `one a point (${points.length})`;
    throw new Fault("FAULT_INPUT", { path: `${path}.length`, value: series.length, expected });
  }
}

function largest(values: Series): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
