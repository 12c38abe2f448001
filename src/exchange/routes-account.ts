import { ApiError } from "./api-error.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import { listingOf, type Request, type Route, type SignedRequest } from "./route.ts";
import { formatUnits } from "./units.ts";
import { wireAccount, wireFill } from "./wire-orders.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

function account(request: SignedRequest): unknown {
  const omitZero = request.parameters.text("omitZeroBalances") === "true";
  return request.parameters.trouble ?? wireAccount(request.account, request.key.canTrade, omitZero);
}

function myTrades(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters } = request;
  const orderId = parameters.integer("orderId", undefined, 0, FOREVER);
  const fromId = parameters.integer("fromId", undefined, 0, FOREVER);
  const startMs = parameters.integer("startTime", 0, 0, FOREVER);
  const endMs = parameters.integer("endTime", FOREVER, 0, FOREVER);
  const limit = parameters.integer("limit", 500, 1, 1_000);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (endMs !== FOREVER && endMs - startMs > 86_400_000 && startMs > 0) {
    return new ApiError(-1127, "More than 24 hours between startTime and endTime.");
  }
  const mine: { order: ClientOrder; fill: ClientFill }[] = [];
  for (const order of listing.desk.orders.all.values()) {
    if (order.account !== request.account || (orderId !== undefined && order.orderId !== orderId)) continue;
    for (const fill of order.fills) {
      if (fill.timeMs < startMs || fill.timeMs > endMs || fill.tradeId < (fromId ?? 0)) continue;
      mine.push({ order, fill });
    }
  }
  mine.sort((left, right) => left.fill.tradeId - right.fill.tradeId);
  const forward = fromId !== undefined || startMs > 0;
  return (forward ? mine.slice(0, limit) : mine.slice(-limit)).map(({ order, fill }) =>
    wireFill(order, fill),
  );
}

function commission(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { makerRate, takerRate, payIn } = request.account.commission;
  const none = {
    maker: formatUnits(0n),
    taker: formatUnits(0n),
    buyer: formatUnits(0n),
    seller: formatUnits(0n),
  };
  return {
    symbol: listing.market.symbol.name,
    standardCommission: { ...none, maker: formatUnits(makerRate), taker: formatUnits(takerRate) },
    specialCommission: none,
    taxCommission: none,
    discount: {
      enabledForAccount: payIn === "BNB",
      enabledForSymbol: payIn === "BNB",
      discountAsset: "BNB",
      discount: formatUnits(0n),
    },
  };
}

function tradeFee(request: SignedRequest): unknown {
  const { makerRate, takerRate } = request.account.commission;
  const only = request.parameters.text("symbol");
  return [...request.exchange.listings.keys()]
    .filter((name) => only === undefined || only === name)
    .map((symbol) => ({
      symbol,
      makerCommission: formatUnits(makerRate),
      takerCommission: formatUnits(takerRate),
    }));
}

/** Coins, as far as clients ask before they trade: names and nothing to move them by. */
function coins(request: Request): unknown {
  const assets = new Set<string>();
  for (const { market } of request.exchange.listings.values()) {
    assets.add(market.symbol.base);
    assets.add(market.symbol.quote);
  }
  return [...assets].sort().map((coin) => ({
    coin,
    name: coin,
    depositAllEnable: false,
    withdrawAllEnable: false,
    free: formatUnits(0n),
    locked: formatUnits(0n),
    isLegalMoney: false,
    trading: true,
    networkList: [],
  }));
}

function orderLimits(request: SignedRequest): unknown {
  const used = request.exchange.limits.used(request.nowMs, request.account.name);
  return used.filter(({ rateLimitType }) => rateLimitType === "ORDERS");
}

/** What a key may do. */
function restrictions({ key }: SignedRequest): unknown {
  const { canTrade, canWithdraw, isIpRestricted } = key;
  return {
    ipRestrict: isIpRestricted,
    createTime: 0,
    enableReading: true,
    enableWithdrawals: canWithdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: canTrade,
    enablePortfolioMarginTrading: false,
  };
}

/** What clients ask for before they trade, of which there is nothing here: margin. */
const NO_MARGIN: Route = { about: "queryAccount", weight: 1, security: "key", run: () => [] };

/** Endpoints about accounts, by method and path. */
export const ACCOUNT_ROUTES: Readonly<Record<string, Route>> = {
  "GET /api/v3/account": { about: "queryAccount", weight: 20, security: "signed", run: account },
  "GET /api/v3/myTrades": { about: "queryAccount", weight: 20, security: "signed", run: myTrades },
  "GET /api/v3/account/commission": {
    about: "queryAccount",
    weight: 20,
    security: "signed",
    run: commission,
  },
  "GET /api/v3/rateLimit/order": { about: "queryAccount", weight: 40, security: "signed", run: orderLimits },
  "GET /sapi/v1/account/apiRestrictions": {
    about: "queryAccount",
    weight: 1,
    security: "signed",
    run: restrictions,
  },
  "GET /sapi/v1/asset/tradeFee": { about: "queryAccount", weight: 1, security: "signed", run: tradeFee },
  "GET /sapi/v1/capital/config/getall": { about: "queryAccount", weight: 10, security: "signed", run: coins },
  "GET /sapi/v1/margin/allPairs": NO_MARGIN,
  "GET /sapi/v1/margin/isolated/allPairs": NO_MARGIN,
  "GET /sapi/v1/margin/allAssets": NO_MARGIN,
};
