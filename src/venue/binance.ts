export { BinanceFeed } from "./binance-feed.ts";
export { type BinanceInstrumentsOptions, binanceInstruments } from "./binance-instruments.ts";
export type { BinanceFeedOptions, FeedClock, FeedLineListener } from "./binance-options.ts";
