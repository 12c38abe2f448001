export { type MonthlyReturn, monthlyReturns, type YearlyReturn, yearlyReturns } from "./calendar-returns.ts";
export { type Drawdown, drawdownSeries, maxDrawdown, ulcerIndex } from "./drawdown.ts";
export { type Distribution, LatencyHistogram } from "./latency-histogram.ts";
export { MARKOUT_HORIZONS_NS, type Markout, Markouts, type MarkoutsOptions } from "./markouts.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export {
  PERFORMANCE_FIGURES,
  type Performance,
  type PerformanceFigure,
  type PerformanceInput,
  performance,
  timeInvested,
} from "./performance.ts";
export {
  calmar,
  downsideDeviation,
  type RatioOptions,
  sharpe,
  sortino,
  tailRatio,
  volatility,
} from "./ratios.ts";
export { cagr, logReturns, simpleReturns, totalReturn, turnoverRatio } from "./returns.ts";
export { RoundTrips, type RoundTripsOptions, sumTrades } from "./round-trips.ts";
export { inferSampling, periodsPerYear, type SampleCalendar, type Sampling } from "./sampling.ts";
export {
  kurtosis,
  mean,
  type QuantileRule,
  quantile,
  quantileSorted,
  type Series,
  skewness,
  stdev,
  sum,
} from "./series.ts";
export {
  autocorrelations,
  minimumTrackRecord,
  probabilisticSharpe,
  type SharpeMoments,
  sharpeMoments,
  sharpeScale,
  sharpeStandardError,
} from "./sharpe-inference.ts";
export {
  expectancy,
  fillRate,
  hitRate,
  profitFactor,
  Slippage,
  slippageBp,
  successRate,
  type TradeTotals,
} from "./trade-figures.ts";
