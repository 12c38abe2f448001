import { API_ERRORS, ApiError } from "./api-error.ts";
import { type BarInterval, barInterval } from "./bar-intervals.ts";
import type { Listing } from "./exchange.ts";
import { listingOf, type Request, type Route } from "./route.ts";
import { formatUnits } from "./units.ts";
import {
  bestLevels,
  wireAggregate,
  wireBar,
  wireDepth,
  wireSymbol,
  wireTicker24,
  wireTrade,
} from "./wire-market.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

/** The symbols a request names: one, a JSON list of them, or all. */
function listingsOf(request: Request): { listings: readonly Listing[]; isOne: boolean } | ApiError {
  const { parameters, exchange } = request;
  if (parameters.has("symbol")) {
    const listing = listingOf(request);
    return listing instanceof ApiError ? listing : { listings: [listing], isOne: true };
  }
  const list = parameters.text("symbols");
  if (list === undefined) return { listings: [...exchange.listings.values()], isOne: false };
  const names = jsonNames(list);
  if (names === undefined) return new ApiError(-1100, "Illegal characters found in parameter 'symbols'.");
  if (new Set(names).size < names.length) {
    return new ApiError(-1151, "Symbol is present multiple times in the list.");
  }
  const listings: Listing[] = [];
  for (const name of names) {
    const listing = exchange.listings.get(name);
    if (listing === undefined) return API_ERRORS.badSymbol;
    listings.push(listing);
  }
  return { listings, isOne: false };
}

function jsonNames(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

function perSymbol(request: Request, tell: (listing: Listing) => unknown): unknown {
  const found = listingsOf(request);
  if (found instanceof ApiError) return found;
  return found.isOne ? tell(found.listings[0] as Listing) : found.listings.map(tell);
}

function exchangeInfo(request: Request): unknown {
  const found = listingsOf(request);
  if (found instanceof ApiError) return found;
  const limits = request.exchange.limits
    .used(request.nowMs, "")
    .map((used) => ({ ...used, count: undefined }));
  return {
    timezone: "UTC",
    serverTime: request.nowMs,
    rateLimits: limits,
    exchangeFilters: [],
    symbols: found.listings.map(({ market }) => wireSymbol(market.symbol)),
  };
}

function depth(request: Request): unknown {
  const listing = listingOf(request);
  const limit = request.parameters.integer("limit", 100, 1, 5_000);
  if (listing instanceof ApiError) return listing;
  return request.parameters.trouble ?? wireDepth(listing.market, limit);
}

function depthWeight(limit: number): number {
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250;
}

function trades(request: Request): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters } = request;
  const limit = parameters.integer("limit", 500, 1, 1_000);
  const fromId = parameters.integer("fromId", undefined, 0, FOREVER);
  if (parameters.trouble !== undefined) return parameters.trouble;
  const { symbol, trades: all } = listing.market;
  const found =
    fromId === undefined
      ? all.trades.slice(-limit)
      : all.trades.filter(({ id }) => id >= fromId).slice(0, limit);
  return found.map((trade) => wireTrade(symbol, trade));
}

function aggTrades(request: Request): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters } = request;
  const limit = parameters.integer("limit", 500, 1, 1_000);
  const fromId = parameters.integer("fromId", undefined, 0, FOREVER);
  const startMs = parameters.integer("startTime", undefined, 0, FOREVER);
  const endMs = parameters.integer("endTime", FOREVER, 0, FOREVER);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (fromId !== undefined && (startMs !== undefined || parameters.has("endTime"))) {
    return new ApiError(-1128, "Combination of optional parameters invalid.");
  }
  const { symbol, trades: all } = listing.market;
  const found = all.aggregates.filter(
    ({ id, timeMs }) => id >= (fromId ?? 0) && timeMs >= (startMs ?? 0) && timeMs <= endMs,
  );
  const forward = fromId !== undefined || startMs !== undefined;
  const chosen = forward ? found.slice(0, limit) : found.slice(-limit);
  return chosen.map((trade) => wireAggregate(symbol, trade));
}

function klines(request: Request): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters } = request;
  const interval = barInterval(parameters.needed("interval"));
  const startMs = parameters.integer("startTime", undefined, 0, FOREVER);
  const endMs = parameters.integer("endTime", FOREVER, 0, FOREVER);
  const limit = parameters.integer("limit", 500, 1, 1_000);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (interval === undefined) return API_ERRORS.badInterval;
  return barsOf(listing, interval, { startMs, endMs: Math.min(endMs, request.nowMs), limit });
}

/** Bars of an interval; where nothing traded between two of them, an empty one at the last close. */
function barsOf(
  { market }: Listing,
  interval: BarInterval,
  span: { startMs: number | undefined; endMs: number; limit: number },
): unknown[] {
  const { symbol, trades: all } = market;
  const series = interval.isSeconds ? all.seconds : all.minutes;
  const found = interval.filled(series.between(0, span.endMs, interval.startOf), span.endMs);
  const inside = found.filter(({ openMs }) => openMs >= (span.startMs ?? 0) && openMs <= span.endMs);
  const chosen = span.startMs === undefined ? inside.slice(-span.limit) : inside.slice(0, span.limit);
  return chosen.map((bar) => wireBar(symbol, bar, interval.endOf(bar.openMs) - 1));
}

function ticker24(request: Request): unknown {
  const isMini = request.parameters.text("type") === "MINI";
  return perSymbol(request, ({ market }) => {
    const full = wireTicker24(market, request.nowMs);
    if (!isMini) return full;
    const keys = ["symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume"];
    const rest = ["openTime", "closeTime", "firstId", "lastId", "count"];
    return Object.fromEntries([...keys, ...rest].map((name) => [name, full[name]]));
  });
}

function bookTicker(request: Request): unknown {
  return perSymbol(request, ({ market }) => {
    const { bid, ask } = bestLevels(market);
    return { symbol: market.symbol.name, bidPrice: bid[0], bidQty: bid[1], askPrice: ask[0], askQty: ask[1] };
  });
}

function priceTicker(request: Request): unknown {
  return perSymbol(request, ({ market: { symbol, trades: all } }) => ({
    symbol: symbol.name,
    price: formatUnits(symbol.price(all.lastTicks)),
  }));
}

function averagePrice(request: Request): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { symbol, trades: all } = listing.market;
  const price = formatUnits(symbol.price(all.averageTicks(request.nowMs)));
  return { mins: 5, price, closeTime: all.trades.at(-1)?.timeMs ?? 0 };
}

const open = { about: "market", security: "open" } as const;
const general = { about: "general", weight: 1, security: "open" } as const;

/** Endpoints about markets, by method and path. */
export const MARKET_ROUTES: Readonly<Record<string, Route>> = {
  "GET /api/v3/ping": { ...general, run: () => ({}) },
  "GET /api/v3/time": { ...general, run: (request: Request) => ({ serverTime: request.nowMs }) },
  "GET /sapi/v1/system/status": {
    ...general,
    about: "status",
    run: ({ exchange }: Request) =>
      exchange.isInMaintenance ? { status: 1, msg: "system maintenance" } : { status: 0, msg: "normal" },
  },
  "GET /api/v3/exchangeInfo": { ...open, weight: 20, run: exchangeInfo },
  "GET /api/v3/depth": {
    ...open,
    weight: (parameters) => depthWeight(parameters.integer("limit", 100, 1, 5_000)),
    run: depth,
  },
  "GET /api/v3/trades": { ...open, weight: 25, run: trades },
  "GET /api/v3/historicalTrades": { ...open, weight: 25, security: "key", run: trades },
  "GET /api/v3/aggTrades": { ...open, weight: 4, run: aggTrades },
  "GET /api/v3/klines": { ...open, weight: 2, run: klines },
  "GET /api/v3/uiKlines": { ...open, weight: 2, run: klines },
  "GET /api/v3/avgPrice": { ...open, weight: 2, run: averagePrice },
  "GET /api/v3/ticker/24hr": { ...open, weight: 2, run: ticker24 },
  "GET /api/v3/ticker/bookTicker": { ...open, weight: 2, run: bookTicker },
  "GET /api/v3/ticker/price": { ...open, weight: 2, run: priceTicker },
};
