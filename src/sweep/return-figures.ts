import { Fault } from "../base/index.ts";
import {
  cagr,
  calmar,
  drawdownSeries,
  mean,
  probabilisticSharpe,
  sharpe,
  sharpeMoments,
  sortino,
  tailRatio,
  ulcerIndex,
  volatility,
} from "../stat/index.ts";
import type { PointPruned, PointResult } from "./point-result.ts";
import type { SweepSeries } from "./sweep-series.ts";

const MS_PER_YEAR = 365.25 * 86_400_000;

/** What a cross-validation of a sweep reads of it: a `SweepResult` has it. */
export interface SweepReturns {
  readonly plan: { readonly series: SweepSeries };
  readonly points: readonly Pick<PointResult, "index" | "returns">[];
  /** Points that ended early: choices too, until then and after, when they keep cash. */
  readonly pruned?: readonly Pick<PointPruned, "index" | "returns">[];
}

type Figure = (returns: Float64Array, periodsPerYear: number) => number | null;

const FIGURES = {
  totalReturn: (returns) => growthOf(returns),
  cagr: (returns, perYear) => cagr(growthOf(returns), returns.length / perYear),
  volatility: (returns, perYear) => volatility(returns, perYear),
  sharpe: (returns, periodsPerYear) => sharpe(returns, { periodsPerYear }),
  probabilisticSharpe: (returns) => {
    const moments = sharpeMoments(returns);
    return moments === null ? null : probabilisticSharpe(moments);
  },
  sortino: (returns, periodsPerYear) => sortino(returns, { periodsPerYear }),
  calmar: (returns, perYear) =>
    calmar(cagr(growthOf(returns), returns.length / perYear), deepestFall(returns)),
  maxDrawdown: (returns) => deepestFall(returns),
  ulcerIndex: (returns) => ulcerIndex(equityOf(returns)),
  tailRatio: (returns) => tailRatio(returns),
  positivePeriods: (returns) =>
    returns.length === 0 ? null : returns.filter((value) => value > 0).length / returns.length,
} as const satisfies Readonly<Record<string, Figure>>;

/** Figures of `performance` that returns alone tell: what the points of a sweep can be chosen by in a part of its time. */
export const RETURN_FIGURES = Object.keys(FIGURES) as readonly (keyof typeof FIGURES)[];

/** Chooses among points by one figure of their returns. */
export class Chooser {
  /** With a `-` before it where it is wanted low. */
  readonly metric: string;
  readonly periodsPerYear: number;
  /** 1 where a high figure is wanted, else -1. */
  readonly sign: 1 | -1;
  readonly #figure: Figure;
  readonly #points: SweepReturns["points"];

  /** @throws `FAULT_CONFIG` where the metric is none; `FAULT_INPUT` where the sweep has no points */
  constructor(path: string, { plan, points: whole, pruned = [] }: SweepReturns, metric: unknown) {
    const points = [...whole, ...pruned].sort((a, b) => a.index - b.index);
    if (points.length === 0) {
      throw new Fault("FAULT_INPUT", {
        path: "result.points.length",
        value: 0,
        expected: "one point at least",
      });
    }
    const figure = figureOf(metric);
    if (figure === undefined) {
      const expected = `one of ${RETURN_FIGURES.join(", ")}, with a - before it where it is wanted low`;
      throw new Fault("FAULT_CONFIG", { path: `${path}.metric`, value: metric, expected });
    }
    this.metric = metric as string;
    this.sign = this.metric.startsWith("-") ? -1 : 1;
    this.periodsPerYear = periodsPerYearOf(plan.series);
    this.#figure = figure;
    this.#points = points;
  }

  /** The figure of returns; null where they have none. */
  figure(returns: Float64Array): number | null {
    return this.#figure(returns, this.periodsPerYear);
  }

  /** The mean of returns, scaled to a year without compounding. */
  yearly(returns: Float64Array): number {
    return (mean(returns) ?? 0) * this.periodsPerYear;
  }

  /** The place of the point that is best in some periods, the first of equals; null where none has a figure. */
  best(periods: Int32Array): number | null {
    const returns = new Float64Array(periods.length);
    let [best, most]: [number | null, number] = [null, Number.NEGATIVE_INFINITY];
    for (const [place, point] of this.#points.entries()) {
      const figure = this.figure(taken(point.returns, periods, returns));
      if (figure === null || this.sign * figure <= most) continue;
      [best, most] = [place, this.sign * figure];
    }
    return best;
  }

  /** Returns of a point in some periods; of none, 0: the cash is kept. */
  returns(place: number | null, periods: Int32Array): Float64Array {
    const returns = new Float64Array(periods.length);
    const point = place === null ? undefined : this.#points[place];
    return point === undefined ? returns : taken(point.returns, periods, returns);
  }

  /** The index of a point in the sweep. */
  indexOf(place: number | null): number | null {
    return place === null ? null : (this.#points[place]?.index ?? null);
  }
}

/** Whether returns alone tell a figure. */
export function isReturnMetric(metric: unknown): boolean {
  return figureOf(metric) !== undefined;
}

/** How many periods of a sweep make a year of 365.25 days. */
export function periodsPerYearOf({ boundariesMs }: SweepSeries): number {
  const years = ((boundariesMs.at(-1) ?? 0) - (boundariesMs[0] ?? 0)) / MS_PER_YEAR;
  return (boundariesMs.length - 1) / years;
}

/**
 * What returns make of 1, compounded.
 *
 * @units returns are shares: 0.01 is 1 %
 * @shape one value more than there are returns
 */
export function equityOf(returns: ArrayLike<number>): Float64Array {
  const equity = new Float64Array(returns.length + 1).fill(1);
  for (let i = 0; i < returns.length; i++)
    equity[i + 1] = (equity[i] as number) * (1 + (returns[i] as number));
  return equity;
}

function figureOf(metric: unknown): Figure | undefined {
  if (typeof metric !== "string") return undefined;
  const name = metric.startsWith("-") ? metric.slice(1) : metric;
  return Object.hasOwn(FIGURES, name) ? FIGURES[name as keyof typeof FIGURES] : undefined;
}

function taken(from: Float64Array, periods: Int32Array, into: Float64Array): Float64Array {
  for (let i = 0; i < periods.length; i++) into[i] = from[periods[i] as number] as number;
  return into;
}

function growthOf(returns: Float64Array): number {
  return (equityOf(returns).at(-1) as number) - 1;
}

function deepestFall(returns: Float64Array): number {
  let most = 0;
  for (const fall of drawdownSeries(equityOf(returns)) ?? []) most = Math.max(most, fall);
  return most;
}
