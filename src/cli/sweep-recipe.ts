import type { MakeBacktest } from "../sweep/index.ts";
import { type BacktestValues, backtestOver } from "./backtest-command.ts";
import { loadStrategyMaker } from "./load-strategy.ts";

/** What the threads of `tickwright sweep` make backtests from: the words of the command line, as they are. */
export interface SweepArgs {
  readonly strategy: string;
  /** SHA-256 of the strategy's file: points of another text are another sweep's. */
  readonly code: string;
  /** Parameters of all points; a point's own win. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly values: BacktestValues;
}

/** The recipe of `tickwright sweep`. */
export async function recipe({ strategy, params, values }: SweepArgs): Promise<MakeBacktest> {
  const make = await loadStrategyMaker(strategy);
  return (point, tapes) => backtestOver(tapes, values, make({ ...params, ...point }, { tapes }));
}
