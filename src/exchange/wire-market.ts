import { NO_ASK, NO_BID } from "../book/index.ts";
import { type ExchangeBar, emptyBar } from "./bar-series.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import { describeFilters } from "./order-filters.ts";
import { SELF_TRADE_MODES, WIRE_ORDER_TYPES } from "./order-terms.ts";
import type { AggregateTrade, PublicTrade } from "./public-trades.ts";
import type { SymbolMarket } from "./symbol-market.ts";
import { formatUnits, ONE, type Units } from "./units.ts";

/** A level as the wire has it. */
export function wireLevel(market: SymbolMarket, side: number, tick: number): [string, string] {
  return [formatUnits(market.symbol.price(tick)), formatUnits(market.levelUnits(side, tick))];
}

/** The best levels of both sides, with the number of the last change. */
export function wireDepth(market: SymbolMarket, depth: number): object {
  return {
    lastUpdateId: market.updateId,
    bids: market.levels(1, depth).map((tick) => wireLevel(market, 1, tick)),
    asks: market.levels(-1, depth).map((tick) => wireLevel(market, -1, tick)),
  };
}

/** Best bid and ask as the wire has them, zeros where a side is empty. */
export function bestLevels(market: SymbolMarket): { bid: [string, string]; ask: [string, string] } {
  const { bestBid, bestAsk } = market;
  const none: [string, string] = [formatUnits(0n), formatUnits(0n)];
  return {
    bid: bestBid === NO_BID ? none : wireLevel(market, 1, bestBid),
    ask: bestAsk === NO_ASK ? none : wireLevel(market, -1, bestAsk),
  };
}

/** What book lots are. @units 1e-8 of the base asset */
export function bookUnits(symbol: ExchangeSymbol, lots: number): Units {
  return BigInt(lots) * symbol.bookLotUnits;
}

/** What ticks times book lots are worth, rounded down. @units 1e-8 of the quote asset */
export function worthUnits(symbol: ExchangeSymbol, worth: Units): Units {
  return (worth * symbol.tickUnits * symbol.bookLotUnits) / ONE;
}

/** A public trade as a query tells it. */
export function wireTrade(symbol: ExchangeSymbol, trade: PublicTrade): object {
  return {
    id: trade.id,
    price: formatUnits(symbol.price(trade.ticks)),
    qty: formatUnits(bookUnits(symbol, trade.lots)),
    quoteQty: formatUnits(worthUnits(symbol, BigInt(trade.ticks) * BigInt(trade.lots))),
    time: trade.timeMs,
    isBuyerMaker: trade.buyerIsMaker,
    isBestMatch: true,
  };
}

/** A public trade as its stream tells it. */
export function streamTrade(symbol: ExchangeSymbol, trade: PublicTrade, eventMs: number): object {
  return {
    e: "trade",
    E: eventMs,
    s: symbol.name,
    t: trade.id,
    p: formatUnits(symbol.price(trade.ticks)),
    q: formatUnits(bookUnits(symbol, trade.lots)),
    T: trade.timeMs,
    m: trade.buyerIsMaker,
    M: true,
  };
}

/** An aggregate as queries tell it; streams put an event before it. */
export function wireAggregate(symbol: ExchangeSymbol, trade: AggregateTrade): object {
  return {
    a: trade.id,
    p: formatUnits(symbol.price(trade.ticks)),
    q: formatUnits(bookUnits(symbol, trade.lots)),
    f: trade.firstId,
    l: trade.lastId,
    T: trade.timeMs,
    m: trade.buyerIsMaker,
    M: true,
  };
}

/** A bar as a query tells it. */
export function wireBar(symbol: ExchangeSymbol, bar: ExchangeBar, closeMs: number): unknown[] {
  return [
    bar.openMs,
    formatUnits(symbol.price(bar.open)),
    formatUnits(symbol.price(bar.high)),
    formatUnits(symbol.price(bar.low)),
    formatUnits(symbol.price(bar.close)),
    formatUnits(bookUnits(symbol, bar.volume)),
    closeMs,
    formatUnits(worthUnits(symbol, bar.worth)),
    bar.trades,
    formatUnits(bookUnits(symbol, bar.takerBuyVolume)),
    formatUnits(worthUnits(symbol, bar.takerBuyWorth)),
    "0",
  ];
}

/** What the last 24 hours were. */
export function wireTicker24(market: SymbolMarket, nowMs: number): Record<string, unknown> {
  const { symbol, trades } = market;
  const openMs = nowMs - 86_400_000;
  const bars = trades.minutes.between(openMs, nowMs, () => 0);
  const bar = bars[0] ?? emptyBar(0, trades.lastTicks, 0);
  const price = (ticks: number): string => formatUnits(symbol.price(ticks));
  const { bid, ask } = bestLevels(market);
  const change = symbol.price(bar.close) - symbol.price(bar.open);
  const volume = bookUnits(symbol, bar.volume);
  const worth = worthUnits(symbol, bar.worth);
  const last = trades.trades.at(-1);
  return {
    symbol: symbol.name,
    priceChange: formatUnits(change),
    priceChangePercent: bar.open === 0 ? "0.000" : (((bar.close - bar.open) / bar.open) * 100).toFixed(3),
    weightedAvgPrice: formatUnits(volume === 0n ? 0n : (worth * ONE) / volume),
    prevClosePrice: price(bar.open),
    lastPrice: price(trades.lastTicks),
    lastQty: formatUnits(last === undefined ? 0n : bookUnits(symbol, last.lots)),
    bidPrice: bid[0],
    bidQty: bid[1],
    askPrice: ask[0],
    askQty: ask[1],
    openPrice: price(bar.open),
    highPrice: price(bar.high),
    lowPrice: price(bar.low),
    volume: formatUnits(volume),
    quoteVolume: formatUnits(worth),
    openTime: openMs,
    closeTime: nowMs,
    firstId: bar.firstId,
    lastId: bar.lastId,
    count: bar.trades,
  };
}

/** A symbol as the exchange describes it. */
export function wireSymbol(symbol: ExchangeSymbol): object {
  return {
    symbol: symbol.name,
    status: symbol.status,
    baseAsset: symbol.base,
    baseAssetPrecision: 8,
    quoteAsset: symbol.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: WIRE_ORDER_TYPES,
    icebergAllowed: symbol.isMatching,
    ocoAllowed: symbol.isMatching,
    otoAllowed: symbol.isMatching,
    opoAllowed: symbol.isMatching,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: symbol.isMatching,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: symbol.isMatching,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: describeFilters(symbol),
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: "NONE",
    allowedSelfTradePreventionModes: symbol.isMatching ? SELF_TRADE_MODES : ["NONE"],
  };
}
