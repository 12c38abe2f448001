import type { RunResult } from "../run/index.ts";
import { drawdownSeries, inferSampling } from "../stat/index.ts";
import { significant } from "./chart.ts";
import { drawnPlaces } from "./places.ts";

/** What runs have in common in time. */
export interface SharedSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Moments at which every run has a sample. */
  readonly samples: number;
  readonly periodsPerYear: number;
}

/** Equity of every run over the common moments, for drawing. */
export interface SharedCurves {
  readonly ms: readonly number[];
  /** 100 at the first common moment; one column a run, null where that equity is not above 0. */
  readonly index: readonly (readonly (number | null)[])[];
  /** From the running peak since then, at most 0. @units percent */
  readonly drawdown: readonly (readonly (number | null)[])[];
}

const DRAWN = 2_400;

/**
 * Equity of all runs at the moments they have in common; null below two such moments.
 *
 * @cost Linear in samples
 */
export function sharedCurves(results: readonly RunResult[]): {
  readonly span: SharedSpan;
  readonly ms: readonly number[];
  /** One column a run, at every common moment. */
  readonly equity: readonly (readonly number[])[];
  readonly curves: SharedCurves;
} | null {
  const [first, ...others] = results.map(({ samples }) => samples);
  if (first === undefined) return null;
  const known = others.map(({ ms }) => new Set(ms));
  const ms = first.ms.filter((at) => known.every((moments) => moments.has(at)));
  const sampling = ms.length < 2 ? null : inferSampling(ms);
  if (sampling === null) return null;
  const equity = results.map(({ samples }) => equityAt(samples, ms));
  const span = {
    fromMs: ms[0] as number,
    toMs: ms.at(-1) as number,
    samples: ms.length,
    periodsPerYear: sampling.periodsPerYear,
  };
  return { span, ms, equity, curves: drawn(ms, equity) };
}

function equityAt({ ms, equity }: RunResult["samples"], moments: readonly number[]): number[] {
  let at = 0;
  return moments.map((moment) => {
    while ((ms[at] as number) < moment) at += 1;
    return equity[at] as number;
  });
}

function drawn(ms: readonly number[], equity: readonly (readonly number[])[]): SharedCurves {
  const index = equity.map((values) => {
    const start = values[0] as number;
    return values.map((value) => (start > 0 ? (value / start) * 100 : null));
  });
  const falls = equity.map((values) => {
    const series = drawdownSeries(values);
    return values.map((_, i) => (series === null ? null : -100 * (series[i] as number) || 0));
  });
  // Each line keeps its own peaks; all share the moments.
  const each = Math.max(2, Math.floor(DRAWN / (2 * equity.length)));
  const kept = new Set([...index, ...falls].flatMap((line) => drawnPlaces(line, each)));
  const places = [...kept].sort((a, b) => a - b);
  const pick = (values: readonly (number | null)[]): (number | null)[] =>
    places.map((place) => significant(values[place] ?? null, 8));
  return {
    ms: places.map((place) => ms[place] as number),
    index: index.map(pick),
    drawdown: falls.map(pick),
  };
}
