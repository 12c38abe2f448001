import type { OrderType, TimeInForce } from "../model/index.ts";
import type { CcxtExchange } from "./ccxt-exchange.ts";
import type { VenueCapabilities, VenueRateLimit } from "./venue-client.ts";

const SECOND = 1_000_000_000;

/** What is known of single exchanges beyond what their classes say. */
const KNOWN: Readonly<Record<string, Partial<VenueCapabilities>>> = {
  binance: {
    replace: "cancelNew",
    clientOrderIds: {
      lengthMax: 36,
      characters: "[.A-Z:/a-z0-9_-]",
      uniqueAmong: "open",
      canBeQueried: true,
    },
    rateLimits: [
      {
        ...{ name: "REQUEST_WEIGHT", weight: 6000, perNs: 60 * SECOND },
        // Open orders and executions are asked for market by market: 6 and 20 each.
        costs: { submit: 1, cancel: 1, replace: 1, cancelAll: 1, queryOrder: 4, query: 52 },
      },
      {
        ...{ name: "ORDERS", weight: 100, perNs: 10 * SECOND },
        costs: { submit: 1, replace: 1, cancel: 0, cancelAll: 0, queryOrder: 0, query: 0 },
      },
    ],
  },
};

/** What an exchange can do, as its class says; what it does not say is taken for no. */
export function ccxtCapabilities(exchange: CcxtExchange): VenueCapabilities {
  const { has, id } = exchange;
  const can = (name: string): boolean => has[name] === true;
  const types: OrderType[] = ["limit", ...(can("createMarketOrder") ? (["market"] as const) : [])];
  if (can("createStopOrder") || can("createTriggerOrder")) types.push("stop", "stopLimit");
  const timesInForce: TimeInForce[] = ["GTC", "IOC", "FOK"];
  const perSecond = Number((exchange as { readonly rateLimit?: unknown }).rateLimit ?? 1000);
  const usual: VenueRateLimit = {
    name: "requests",
    weight: Math.max(1, Math.floor(1000 / perSecond)),
    perNs: SECOND,
  };
  return {
    ...{ types, timesInForce },
    postOnly: can("createPostOnlyOrder"),
    reduceOnly: can("createReduceOnlyOrder"),
    displayLots: false,
    replace: "none",
    massCancel: can("cancelAllOrders") ? "instrument" : "none",
    clientOrderIds: { lengthMax: 32, characters: "[0-9a-z]", uniqueAmong: "open", canBeQueried: true },
    cancelsOnDisconnect: false,
    rateLimits: [usual],
    ...KNOWN[id],
  };
}
