export { CcxtClient } from "./ccxt-client.ts";
export type {
  CcxtBody,
  CcxtConfig,
  CcxtExchange,
  CcxtMaker,
  CcxtMarket,
  CcxtOrder,
  CcxtParams,
  CcxtSocket,
  CcxtText,
  CcxtTrade,
} from "./ccxt-exchange.ts";
export { CcxtHistory, type CcxtHistoryOptions } from "./ccxt-history.ts";
export { type CcxtInstrument, type CcxtInstrumentOptions, ccxtInstrument } from "./ccxt-instrument.ts";
export type { CcxtCredentials, CcxtCredentialsProvider, CcxtOptions } from "./ccxt-options.ts";
export { type CcxtVenueOptions, ccxtVenue } from "./ccxt-venue.ts";
