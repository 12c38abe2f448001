export { Atr } from "./atr.ts";
export type { OhlcBar, RangeBar } from "./bar.ts";
export { BollingerBands, type BollingerBandsOptions } from "./bollinger-bands.ts";
export {
  BookImbalance,
  type BookImbalanceOptions,
  bookImbalance,
  depthVwap,
  type LevelBook,
  weightedMid,
} from "./book-imbalance.ts";
export {
  bookImbalances,
  type ColumnKernels,
  type DepthBounds,
  type DepthSum,
  type QuoteColumns,
  quoteFlows,
  sumDepth,
} from "./column-kernels.ts";
export { Ema, type EmaOptions, type EmaSeed, Rma } from "./ema.ts";
export {
  EwmaVolatility,
  type EwmaVolatilityOptions,
  VolatilityRate,
  type VolatilityRateOptions,
} from "./ewma-volatility.ts";
export type { FlowWindowOptions } from "./flow-window.ts";
export { Indicator, type Signal, type SignalOption, type SignalState, StateReader } from "./indicator.ts";
export { Macd, type MacdOptions } from "./macd.ts";
export { Microprice, type MicropriceFit, type MicropriceOptions } from "./microprice.ts";
export { Obv } from "./obv.ts";
export type { NoOptions, PeriodOptions } from "./options.ts";
export { type BestQuotes, OrderFlowImbalance, quoteFlow } from "./order-flow-imbalance.ts";
export {
  type AsymptoticQuotes,
  type AsymptoticTerms,
  type AvellanedaStoikovQuotes,
  type AvellanedaStoikovTerms,
  asymptoticQuotes,
  avellanedaStoikov,
  optimalSpread,
  reservationPrice,
} from "./quotes.ts";
export {
  garmanKlass,
  parkinson,
  type RangeEstimator,
  RangeVolatility,
  type RangeVolatilityOptions,
  rogersSatchell,
  YangZhang,
} from "./range-volatility.ts";
export { RateOfChange } from "./rate-of-change.ts";
export { RealizedVariance, TwoScaleVariance, type TwoScaleVarianceOptions } from "./realized-variance.ts";
export { SIGNAL_REFUSALS, type SignalRefusalCode } from "./refusals.ts";
export { RollingMax, RollingMin } from "./rolling-extreme.ts";
export { Rsi, type RsiAverage, type RsiOptions } from "./rsi.ts";
export { Sma } from "./sma.ts";
export { StandardDeviation, type StandardDeviationOptions } from "./standard-deviation.ts";
export { TradeImbalance, tradeImbalance } from "./trade-imbalance.ts";
export { RollingVwap, SessionVwap, type SessionVwapOptions } from "./vwap.ts";
export { Wma } from "./wma.ts";
export { ZScore, type ZScoreOptions } from "./z-score.ts";
