import { Fault } from "../base/index.ts";
import type { TapeSource } from "../port/index.ts";
import {
  Backtester,
  type BacktestOptions,
  type RunMemory,
  type RunResult,
  type RunStop,
} from "../run/index.ts";
import type { PointOutcome, PointPruned, PointResult, SweepPoint } from "./point-result.ts";
import type { MakeBacktest } from "./sweep-recipe.ts";
import { returnsBetween, type SweepSeries } from "./sweep-series.ts";

/**
 * Runs backtests of points, one after another. Markouts and costs, which are no part of a run's hash, are left out
 * unless the recipe asks for them.
 *
 * With `prune` a backtest ends early where it is hopeless, in place of a stop of the recipe's own.
 *
 * What fails is told as the point's outcome, not thrown: a sweep goes on past parameters that a strategy refuses.
 */
export class PointRunner {
  readonly #make: MakeBacktest;
  readonly #tapes: readonly TapeSource[];
  readonly #series: SweepSeries;
  readonly #prune: RunStop | undefined;
  /** What the run before held its books in. */
  #memory: RunMemory | undefined;

  constructor(make: MakeBacktest, tapes: readonly TapeSource[], series: SweepSeries, prune?: RunStop) {
    this.#make = make;
    this.#tapes = tapes;
    this.#series = series;
    this.#prune = prune;
  }

  run(point: SweepPoint): PointOutcome {
    const { index, params } = point;
    try {
      const options: BacktestOptions = {
        ...{ sampleNs: this.#series.periodNs, tca: false, markouts: false },
        ...this.#make(params, this.#tapes),
        // A point has no page for single trades.
        drill: false,
        ...(this.#prune === undefined ? {} : { stop: this.#prune }),
      };
      const memory = this.#memory;
      this.#memory = undefined;
      const backtester = new Backtester(options, memory);
      const result = resultOf(point, backtester.runToEnd(), this.#series);
      this.#memory = backtester.surrender();
      return result;
    } catch (error) {
      const fault = error instanceof Error && !(error instanceof Fault) ? error.cause : error;
      const code = fault instanceof Fault ? fault.code : "FAULT_CALLBACK";
      const message = error instanceof Error ? error.message : String(error);
      return { index, params, failed: { code, message } };
    }
  }
}

function resultOf(
  { index, params }: SweepPoint,
  run: RunResult,
  series: SweepSeries,
): PointResult | PointPruned {
  const { ms, equity } = run.samples;
  const sums = {
    ...{ index, params, runHash: run.runHash, currency: run.currency },
    ...{ initialEquity: run.money.initialEquity, finalEquity: run.money.finalEquity, fees: run.money.fees },
    ...{ orders: run.orders.submitted, fills: run.fills.count, trades: run.trades.count },
  };
  const returns = returnsBetween(series, ms, equity);
  if (run.stopped === undefined) return { ...sums, stats: run.stats, returns };
  return { ...sums, pruned: run.stopped, returns };
}
