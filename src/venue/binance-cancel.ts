export { type BinanceCancelOptions, openCancelSession } from "./binance-cancel-session.ts";
export type { BinanceKeySource } from "./binance-keys.ts";
