export { BinanceFeed } from "./binance-feed.ts";
export { type BinanceInstrumentsOptions, binanceInstruments } from "./binance-instruments.ts";
export type { BinanceKeySource, BinanceKeys } from "./binance-keys.ts";
export type { BinanceFeedOptions, FeedClock, FeedLineListener } from "./binance-options.ts";
export { type BinanceOrderCounts, BinanceOrders } from "./binance-orders.ts";
export type { BinanceKeysProvider, BinanceOrdersOptions } from "./binance-orders-options.ts";
