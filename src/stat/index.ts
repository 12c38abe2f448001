export { type BootstrapOptions, bootstrapMean, type Draws, type Interval } from "./bootstrap.ts";
export { type MonthlyReturn, monthlyReturns, type YearlyReturn, yearlyReturns } from "./calendar-returns.ts";
export { CarriedImpact, type CarriedImpactOptions } from "./carried-impact.ts";
export { CombinatorialFolds, type CombinatorialFoldsOptions } from "./combinatorial-folds.ts";
export {
  type DeflatedSharpe,
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumBacktestLength,
  mostTrials,
  type SharpeTest,
  type SharpeTrials,
  sharpeHurdle,
  sharpePower,
  sharpeTrials,
} from "./deflated-sharpe.ts";
export type { StochasticDominance } from "./dominance.ts";
export { type Drawdown, drawdownSeries, maxDrawdown, ulcerIndex } from "./drawdown.ts";
export { averageCorrelation, effectiveTrials, type TrialEstimate } from "./effective-trials.ts";
export { adjustedPValues, type HaircutRule, type HaircutSharpe, haircutSharpes } from "./haircut-sharpe.ts";
export {
  type AlmgrenOrder,
  type FlowBar,
  type FlowPrint,
  fitAlmgren,
  fitKyle,
  fitSquareRoot,
  flowBars,
  type ImpactFit,
  type ImpactFitOptions,
  type ImpactOrder,
} from "./impact-fit.ts";
export {
  type AlmgrenTerms,
  almgrenImpact,
  type ImpactCost,
  kyleImpact,
  type LinearTerms,
  linearImpact,
  Propagator,
  type PropagatorOptions,
  type SquareRootTerms,
  squareRootImpact,
} from "./impact-models.ts";
export type { Embargo, InformationSpans, Times } from "./information-spans.ts";
export { type Distribution, LatencyHistogram } from "./latency-histogram.ts";
export { type MarketMoment, MarketTrace, type MomentTold } from "./market-trace.ts";
export { MARKOUT_HORIZONS_NS, type Markout, Markouts, type MarkoutsOptions } from "./markouts.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export type { CostFill, CostMarket, CostOpening, CostPart, CostSpan, OrderCosts } from "./order-costs.ts";
export {
  backtestOverfitting,
  type Overfitting,
  type OverfittingOptions,
  type PerformanceDegradation,
} from "./overfitting.ts";
export {
  type DifferenceInterval,
  type PairedDifference,
  type PairedReturns,
  type PairedReturnsOptions,
  pairedReturns,
} from "./paired-returns.ts";
export {
  type ParameterSearch,
  type ParameterSensitivity,
  type ParameterStability,
  type ParameterStabilityOptions,
  parameterStability,
} from "./parameter-stability.ts";
export {
  PERFORMANCE_FIGURES,
  type Performance,
  type PerformanceFigure,
  type PerformanceInput,
  performance,
  timeInvested,
} from "./performance.ts";
export {
  fitPropagator,
  type PropagatorFit,
  type PropagatorFitOptions,
  type PropagatorTrade,
} from "./propagator-fit.ts";
export {
  type Fold,
  type PurgedFoldsOptions,
  purgedFolds,
  type WalkForwardOptions,
  walkForwardFolds,
} from "./purged-folds.ts";
export { rankCorrelation } from "./rank-correlation.ts";
export {
  calmar,
  downsideDeviation,
  type RatioOptions,
  sharpe,
  sortino,
  tailRatio,
  volatility,
} from "./ratios.ts";
export {
  type RealityCheck,
  type RealityCheckOptions,
  realityCheck,
  type SuperiorAbility,
} from "./reality-check.ts";
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
  StationaryBootstrap,
  type StationaryBootstrapOptions,
  stationaryBlockLength,
} from "./stationary-bootstrap.ts";
export { TcaCollector, type TcaCollectorOptions } from "./tca-collector.ts";
export {
  COST_ITEMS,
  type CostEntry,
  type CostItem,
  costEntries,
  type InfrastructureBasis,
  infrastructureEntries,
  type Shortfall,
  shortfall,
} from "./tca-costs.ts";
export {
  type Benchmarks,
  benchmarksOf,
  fillTimeOf,
  improvementOf,
  markoutBp,
  midAt,
  PWP_MULTIPLE,
  participationOf,
  reversionBp,
  type Slippages,
  type SpreadMeasures,
  slippagesOf,
  spreadMeasures,
  type TcaMarket,
} from "./tca-market.ts";
export type { TcaFill, TcaOptions, TcaOrder } from "./tca-order.ts";
export { type AsRecord, type TcaRecord, tcaOfRecord, tcaRecord } from "./tca-record.ts";
export {
  type CostRow,
  leftOut,
  NO_ORDER,
  NO_VENUE,
  type OrderRow,
  rollUp,
  type SpreadFigures,
  type SpreadMeans,
  type TcaCounts,
  type TcaRates,
  type TcaReport,
  type TcaReportOptions,
  tcaCsv,
  tcaJson,
  tcaReport,
} from "./tca-report.ts";
export { TCA_HORIZONS_NS } from "./tca-samples.ts";
export {
  type TimingClass,
  type TimingQuantile,
  type TimingSummary,
  timingSummary,
} from "./timing-summary.ts";
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
export {
  shuffleTrades,
  type TradePath,
  type TradeShuffleOptions,
  type TradeShuffleQuantile,
  type TradeShuffles,
} from "./trade-shuffles.ts";
