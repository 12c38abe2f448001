export type { BacktestMarket, BacktestOptions, BacktestPlan } from "./backtest-options.ts";
export { type BacktestEvents, Backtester, type Progress } from "./backtester.ts";
export type {
  Distribution,
  InstrumentSeries,
  ResultFill,
  RunInput,
  RunManifest,
  RunResult,
} from "./result.ts";
export { VERSION } from "./version.ts";
