import { checkArray, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { RunResult } from "../run/index.ts";
import { type DifferenceInterval, pairedReturns, simpleReturns } from "../stat/index.ts";
import { type SharedCurves, type SharedSpan, sharedCurves } from "./comparison-curves.ts";
import { type ComparedFigure, comparedFigures } from "./comparison-figures.ts";
import { type ManifestDifference, manifestDifferences } from "./comparison-manifest.ts";
import { type ComparisonNotice, comparable, comparisonNotices } from "./comparison-notices.ts";
import { checkResult } from "./result-check.ts";

/** How runs are compared. */
export interface ComparisonOptions {
  /** What each run is called, one label a run; its name unless given, with a number where names are equal. */
  readonly labels?: readonly string[];
  /** Of the bootstrap; 2,000 unless given. */
  readonly resamples?: number;
  /** 1 unless given. */
  readonly seed?: number;
}

/** A run as a comparison names it. */
export interface ComparedRun {
  readonly label: string;
  readonly name: string;
  readonly runHash: string;
  readonly version: string;
  readonly currency: string;
  readonly simulated: boolean;
  readonly fromNs: string;
  readonly toNs: string;
  readonly strategies: readonly string[];
  readonly instruments: readonly string[];
}

/** What a run earned above an earlier one of the list, over the same periods. */
export interface ComparedPair {
  readonly first: number;
  readonly second: number;
  readonly correlation: number | null;
  /** Of the sum of all periods' returns. @units share of equity */
  readonly returns: DifferenceInterval;
  /** @units per year */
  readonly sharpe: DifferenceInterval | null;
}

/** Differences of runs that have periods in common, and how their intervals were made. */
export interface ComparedReturns {
  readonly periods: number;
  readonly periodsPerYear: number;
  readonly blockLength: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly pairs: readonly ComparedPair[];
}

/** Runs side by side, JSON-safe. */
export interface RunComparison {
  readonly schema: "tickwright.comparison/1";
  readonly runs: readonly ComparedRun[];
  /** What may not be compared, and what to be careful of; the gravest first. */
  readonly notices: readonly ComparisonNotice[];
  readonly figures: readonly ComparedFigure[];
  /** The moments at which all runs have a sample; null where there are fewer than two. */
  readonly common: SharedSpan | null;
  /** Equity over those moments, thinned out to 2,400 of them; null as `common`. */
  readonly curves: SharedCurves | null;
  /** Null for one run, and where the notices refuse it. */
  readonly differences: ComparedReturns | null;
  /** What differs in what the runs were made from. */
  readonly manifest: readonly ManifestDifference[];
}

const MOST_RUNS = 8;
const CONFIDENCE = 0.95;

/**
 * Compares runs side by side: figures with the best marked where better is unambiguous, equity over what the runs have
 * in common, differences of return and Sharpe ratio with paired intervals, and what differs in how they were made.
 *
 * Runs that are not alike are not ranked: figures of runs over different tapes or spans, or in different currencies,
 * have no best; returns in different currencies, or of a generated market and another one, have no difference. The
 * notices say so.
 *
 * @shape one to eight results
 * @invariant Equal results give an equal comparison; the order of runs changes signs and places, no size.
 * @throws `FAULT_CONFIG` naming an option; `FAULT_INPUT` naming a result that is none, or more than eight
 * @cost As `pairedReturns`: about 2 s for eight runs of 5,000 samples
 */
export function compareRuns(results: readonly RunResult[], options: ComparisonOptions = {}): RunComparison {
  checkKeys("comparison", options, ["labels", "resamples", "seed"]);
  const resamples = checkInteger("comparison.resamples", options.resamples ?? 2_000, 10, 100_000);
  const seed = checkInteger("comparison.seed", options.seed ?? 1, 0, 0xffffffff);
  checkArray("results", results);
  if (results.length > MOST_RUNS) {
    const expected = `${MOST_RUNS} at most`;
    throw new Fault("FAULT_INPUT", { path: "results.length", value: results.length, expected });
  }
  for (const [i, result] of results.entries()) checkResult(result, `results[${i}]`);
  const labels = labelsOf(results, options.labels);
  const alike = comparable(results);
  const common = sharedCurves(results);
  const differences = alike.returns && common !== null ? differencesOf(common, resamples, seed) : null;
  return {
    schema: "tickwright.comparison/1",
    runs: results.map((result, i) => runOf(result, labels[i] as string)),
    notices: comparisonNotices(results, labels, alike, common),
    figures: comparedFigures(results, alike, common, differences),
    common: common?.span ?? null,
    curves: common?.curves ?? null,
    differences,
    manifest: manifestDifferences(results),
  };
}

function runOf(result: RunResult, label: string): ComparedRun {
  const { manifest, name, runHash, currency, simulated, fromNs, toNs } = result;
  return {
    ...{ label, name, runHash, currency, simulated, fromNs, toNs, version: manifest.version },
    strategies: manifest.strategies.map((one) => one.name),
    instruments: [...new Set(manifest.inputs.map(({ instrument }) => instrument))],
  };
}

function labelsOf(results: readonly RunResult[], given: readonly string[] | undefined): readonly string[] {
  if (given !== undefined) {
    if (given.length !== results.length) {
      const expected = `one a run (${results.length})`;
      throw new Fault("FAULT_CONFIG", { path: "comparison.labels.length", value: given.length, expected });
    }
    return given.map((label, i) => checkText(`comparison.labels[${i}]`, label));
  }
  const names = results.map(({ name }) => name);
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${i + 1})`,
  );
}

type Common = NonNullable<ReturnType<typeof sharedCurves>>;

function differencesOf({ equity, span }: Common, resamples: number, seed: number): ComparedReturns | null {
  const columns = equity.map((values) => simpleReturns(values));
  if (columns.length < 2 || columns.some((column) => column === null)) return null;
  const paired = pairedReturns(
    columns.map((column) => column ?? []),
    { resamples, seed, confidence: CONFIDENCE },
  );
  if (paired === null) return null;
  const { periods, blockLength, pairs } = paired;
  const { periodsPerYear } = span;
  return {
    ...{ periods, periodsPerYear, blockLength, resamples, confidence: CONFIDENCE },
    pairs: pairs.map(({ first, second, correlation, mean, sharpe }) => ({
      ...{ first, second, correlation },
      returns: scaled(mean, periods),
      sharpe: sharpe === null ? null : scaled(sharpe, Math.sqrt(periodsPerYear)),
    })),
  };
}

function scaled({ difference, low, high }: DifferenceInterval, by: number): DifferenceInterval {
  return { difference: difference * by, low: low * by, high: high * by };
}
