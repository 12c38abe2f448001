export type { FeeAsset } from "./account.ts";
export { type ApiKey, generateApiKey } from "./api-keys.ts";
export type { ExchangeFaults, FaultHands } from "./exchange-faults.ts";
export type {
  ExchangeAccountOptions,
  ExchangeKeyOptions,
  ExchangeMarketOptions,
  ExchangeOptions,
} from "./exchange-options.ts";
export { ExchangeServer, type ExchangeServerOptions } from "./exchange-server.ts";
export type { SymbolRules } from "./exchange-symbol.ts";
export type { ExchangeClock } from "./exchange-time.ts";
export type { AccountTruth, TrueFill, TrueOrder } from "./exchange-truth.ts";
export { type ExchangeUrls, exchangeCcxtUrls, exchangeUrls } from "./exchange-urls.ts";
export {
  type FaultInForce,
  type FaultRule,
  REQUEST_FAULTS,
  type RequestFaultKind,
  STREAM_FAULTS,
  type StreamClass,
  type StreamFaultKind,
} from "./fault-rules.ts";
export type { RateLimitOptions } from "./rate-limits.ts";
export type { RequestClass } from "./route.ts";
export type { DrivenMarket, TextLevel } from "./symbol-market.ts";
