import { type ApiError, filterFailure } from "./api-error.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import { hasLimit, hasStop, type OrderTerms } from "./order-terms.ts";
import { formatUnits, ONE, type Units } from "./units.ts";

/** What filters ask beside the order itself. */
export interface FilterFacts {
  /** The average price of the last minutes; 0 before the first trade. @units ticks */
  readonly averageTicks: number;
  /** Open orders of the account in the symbol, and the stops among them. */
  readonly openOrders: number;
  readonly openStops: number;
  /** Open icebergs of the account. */
  openIcebergs(): number;
}

/** The first filter that refuses an order, in the exchange's order of them; undefined where all let it pass. */
export function checkFilters(
  symbol: ExchangeSymbol,
  terms: OrderTerms,
  facts: FilterFacts,
): ApiError | undefined {
  return (
    checkPrices(symbol, terms, facts.averageTicks) ??
    checkQuantity(symbol, terms) ??
    checkNotional(symbol, terms, facts.averageTicks) ??
    checkIceberg(symbol, terms) ??
    checkTrailing(symbol, terms) ??
    checkCounts(symbol, terms, facts)
  );
}

/** The first filter that refuses the quantity an order is to have: one that is lowered. */
export function checkAmended(
  symbol: ExchangeSymbol,
  terms: OrderTerms,
  averageTicks: number,
): ApiError | undefined {
  return checkQuantity(symbol, terms) ?? checkNotional(symbol, terms, averageTicks);
}

/** The first filter that refuses an order whose quantity is known only now that it is sent. */
export function checkSized(
  symbol: ExchangeSymbol,
  terms: OrderTerms,
  averageTicks: number,
): ApiError | undefined {
  if (terms.lots === 0) return filterFailure("LOT_SIZE");
  return (
    checkPrices(symbol, terms, averageTicks) ??
    checkAmended(symbol, terms, averageTicks) ??
    checkIceberg(symbol, terms)
  );
}

/** Whether the prices of an order are such as may be. */
export function checkPrices(
  symbol: ExchangeSymbol,
  terms: OrderTerms,
  average: number,
): ApiError | undefined {
  const prices: Units[] = [];
  const hasPrice = hasLimit(terms.type) && (terms.ticks > 0 || terms.peg === undefined);
  if (hasPrice) prices.push(symbol.price(terms.ticks));
  if (terms.stopTicks > 0 || (hasStop(terms.type) && terms.trailingBps === 0))
    prices.push(symbol.price(terms.stopTicks));
  for (const price of prices) {
    if (price < symbol.minPrice || price > symbol.maxPrice) return filterFailure("PRICE_FILTER");
  }
  if (average === 0 || !hasPrice) return undefined;
  const price = symbol.price(terms.ticks) * ONE;
  const around = symbol.price(average);
  const { bidUp, bidDown, askUp, askDown } = symbol.multipliers;
  const [up, down] = terms.buys ? [bidUp, bidDown] : [askUp, askDown];
  const inside = price <= around * up && price >= around * down;
  return inside ? undefined : filterFailure("PERCENT_PRICE_BY_SIDE");
}

function checkQuantity(symbol: ExchangeSymbol, terms: OrderTerms): ApiError | undefined {
  if (terms.lots === 0) return undefined;
  const quantity = symbol.quantity(terms.lots);
  return quantity < symbol.minQty || quantity > symbol.maxQty ? filterFailure("LOT_SIZE") : undefined;
}

function checkNotional(symbol: ExchangeSymbol, terms: OrderTerms, average: number): ApiError | undefined {
  // What another order pays for has no quantity yet.
  if (terms.lots === 0 && terms.quoteUnits === 0n) return undefined;
  let worth = terms.quoteUnits;
  if (terms.lots > 0) {
    const ticks = (hasLimit(terms.type) ? terms.ticks : 0) || terms.stopTicks || average;
    if (ticks === 0) return undefined;
    worth = symbol.notional(ticks, terms.lots);
  }
  return worth < symbol.minNotional || worth > symbol.maxNotional ? filterFailure("NOTIONAL") : undefined;
}

function checkIceberg(symbol: ExchangeSymbol, { lots, displayLots }: OrderTerms): ApiError | undefined {
  if (displayLots === 0) return undefined;
  return Math.ceil(lots / displayLots) > symbol.icebergParts ? filterFailure("ICEBERG_PARTS") : undefined;
}

function checkTrailing(symbol: ExchangeSymbol, { trailingBps }: OrderTerms): ApiError | undefined {
  if (trailingBps === 0) return undefined;
  const isInside = trailingBps >= symbol.minTrailingDelta && trailingBps <= symbol.maxTrailingDelta;
  return isInside ? undefined : filterFailure("TRAILING_DELTA");
}

function checkCounts(symbol: ExchangeSymbol, terms: OrderTerms, facts: FilterFacts): ApiError | undefined {
  if (hasStop(terms.type) && facts.openStops >= symbol.maxNumAlgoOrders) {
    return filterFailure("MAX_NUM_ALGO_ORDERS");
  }
  if (terms.displayLots > 0 && facts.openIcebergs() >= symbol.maxNumIcebergOrders) {
    return filterFailure("MAX_NUM_ICEBERG_ORDERS");
  }
  return facts.openOrders >= symbol.maxNumOrders ? filterFailure("MAX_NUM_ORDERS") : undefined;
}

/** A symbol's filters as the exchange tells them. */
export function describeFilters(symbol: ExchangeSymbol): object[] {
  const { bidUp, bidDown, askUp, askDown } = symbol.multipliers;
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: formatUnits(symbol.minPrice),
      maxPrice: formatUnits(symbol.maxPrice),
      tickSize: formatUnits(symbol.tickUnits),
    },
    {
      filterType: "LOT_SIZE",
      minQty: formatUnits(symbol.minQty),
      maxQty: formatUnits(symbol.maxQty),
      stepSize: formatUnits(symbol.lotUnits),
    },
    {
      filterType: "MARKET_LOT_SIZE",
      minQty: formatUnits(0n),
      maxQty: formatUnits(symbol.maxQty),
      stepSize: formatUnits(0n),
    },
    {
      filterType: "PERCENT_PRICE_BY_SIDE",
      bidMultiplierUp: formatUnits(bidUp),
      bidMultiplierDown: formatUnits(bidDown),
      askMultiplierUp: formatUnits(askUp),
      askMultiplierDown: formatUnits(askDown),
      avgPriceMins: 5,
    },
    {
      filterType: "NOTIONAL",
      minNotional: formatUnits(symbol.minNotional),
      applyMinToMarket: true,
      maxNotional: formatUnits(symbol.maxNotional),
      applyMaxToMarket: true,
      avgPriceMins: 5,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: symbol.maxNumOrders },
    { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: symbol.maxNumAlgoOrders },
    ...(symbol.isMatching ? describeMatchingFilters(symbol) : []),
  ];
}

function describeMatchingFilters(symbol: ExchangeSymbol): object[] {
  const { minTrailingDelta, maxTrailingDelta } = symbol;
  return [
    { filterType: "ICEBERG_PARTS", limit: symbol.icebergParts },
    { filterType: "MAX_NUM_ICEBERG_ORDERS", maxNumIcebergOrders: symbol.maxNumIcebergOrders },
    {
      filterType: "TRAILING_DELTA",
      minTrailingAboveDelta: minTrailingDelta,
      maxTrailingAboveDelta: maxTrailingDelta,
      minTrailingBelowDelta: minTrailingDelta,
      maxTrailingBelowDelta: maxTrailingDelta,
    },
  ];
}
