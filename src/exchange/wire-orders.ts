import type { Account } from "./account.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import { hasLimit, hasStop, type OrderResponse } from "./order-terms.ts";
import type { PreventedMatch } from "./prevented-matches.ts";
import type { ExecutionType } from "./trading-desk.ts";
import { formatUnits, type Units } from "./units.ts";

/** What every answer about an order begins with. */
function names(order: ClientOrder): object {
  return {
    symbol: order.symbol.name,
    orderId: order.orderId,
    orderListId: order.list?.id ?? -1,
    clientOrderId: order.clientOrderId,
  };
}

/** The terms and state of an order. */
function state(order: ClientOrder): object {
  const { symbol, terms } = order;
  return {
    price: formatUnits(hasLimit(terms.type) ? symbol.price(terms.ticks) : 0n),
    origQty: formatUnits(symbol.quantity(order.lots)),
    executedQty: formatUnits(symbol.quantity(order.filledLots)),
    origQuoteOrderQty: formatUnits(terms.quoteUnits),
    cummulativeQuoteQty: formatUnits(order.quoteUnits),
    status: order.status,
    timeInForce: terms.timeInForce,
    type: terms.type,
    side: terms.buys ? "BUY" : "SELL",
    ...(hasStop(terms.type) ? { stopPrice: formatUnits(symbol.price(terms.stopTicks)) } : {}),
    ...special(order),
  };
}

/** What stands with orders that have it, and with no other. */
function special(order: ClientOrder): object {
  const { symbol, terms, preventedLots, prevented } = order;
  const { displayLots, trailingBps, peg } = terms;
  const last = prevented.at(-1);
  return {
    ...(displayLots > 0 ? { icebergQty: formatUnits(symbol.quantity(displayLots)) } : {}),
    ...(trailingBps > 0 ? { trailingDelta: trailingBps } : {}),
    ...(order.trailingMs > 0 ? { trailingTime: order.trailingMs } : {}),
    ...(peg === undefined
      ? {}
      : { pegPriceType: peg.to, peggedPrice: formatUnits(symbol.price(order.ticks)) }),
    ...(peg !== undefined && peg.levels > 0
      ? { pegOffsetType: "PRICE_LEVEL", pegOffsetValue: peg.levels }
      : {}),
    ...(preventedLots > 0 ? { preventedQuantity: formatUnits(symbol.quantity(preventedLots)) } : {}),
    ...(last === undefined || preventedLots === 0 ? {} : { preventedMatchId: last.id }),
    ...(preventedLots > 0 && order.account.tradeGroupId > 0
      ? { tradeGroupId: order.account.tradeGroupId }
      : {}),
  };
}

/** An order as queries tell it. */
export function wireOrder(order: ClientOrder): object {
  return {
    ...names(order),
    ...state(order),
    stopPrice: formatUnits(order.symbol.price(order.terms.stopTicks)),
    icebergQty: formatUnits(order.symbol.quantity(order.terms.displayLots)),
    time: order.timeMs,
    updateTime: order.updateTimeMs,
    isWorking: order.isWorking,
    workingTime: order.isWorking ? order.workingTimeMs : -1,
    selfTradePreventionMode: order.terms.selfTrade,
  };
}

/** The answer to a new order. */
export function wirePlaced(order: ClientOrder, response: OrderResponse, nowMs: number): object {
  const ack = { ...names(order), transactTime: nowMs };
  if (response === "ACK") return ack;
  const result = {
    ...ack,
    ...state(order),
    workingTime: order.isWorking ? order.workingTimeMs : -1,
    selfTradePreventionMode: order.terms.selfTrade,
  };
  if (order.list?.isPaid === true && order.lots === 0) {
    const { origQty: _unknown, ...unsized } = result as typeof result & { readonly origQty?: string };
    return unsized;
  }
  if (response === "RESULT") return result;
  const fills = order.fills.map((fill) => ({
    price: formatUnits(order.symbol.price(fill.ticks)),
    qty: formatUnits(order.symbol.quantity(fill.lots)),
    commission: formatUnits(fill.commission),
    commissionAsset: fill.commissionAsset,
    tradeId: fill.tradeId,
  }));
  const matches = order.prevented.filter(({ taker }) => taker === order);
  if (matches.length === 0) return { ...result, fills };
  return { ...result, fills, preventedMatches: matches.map((match) => wirePrevented(match)) };
}

/** A self trade that did not happen, as far as the answer to its taker tells it. */
function wirePrevented({ id, maker, ticks, takerLots, makerLots }: PreventedMatch): object {
  const { symbol } = maker;
  return {
    preventedMatchId: id,
    makerOrderId: maker.orderId,
    price: formatUnits(symbol.price(ticks)),
    ...(takerLots > 0 ? { takerPreventedQuantity: formatUnits(symbol.quantity(takerLots)) } : {}),
    ...(makerLots > 0 ? { makerPreventedQuantity: formatUnits(symbol.quantity(makerLots)) } : {}),
  };
}

/** A self trade that did not happen, as a query tells it. */
export function wirePreventedMatch(match: PreventedMatch): object {
  const { preventedMatchId, makerOrderId, ...rest } = wirePrevented(match) as Record<string, unknown>;
  return {
    symbol: match.maker.symbol.name,
    preventedMatchId,
    takerOrderId: match.taker.orderId,
    makerSymbol: match.maker.symbol.name,
    makerOrderId,
    tradeGroupId: match.taker.account.tradeGroupId,
    selfTradePreventionMode: match.mode,
    ...rest,
    transactTime: match.timeMs,
  };
}

/** The answer to a cancel: the id is the cancel's own, the order's is named as the original one. */
export function wireCanceled(order: ClientOrder, requestId: string, nowMs: number): object {
  return {
    ...names(order),
    clientOrderId: requestId,
    origClientOrderId: order.clientOrderId,
    transactTime: nowMs,
    ...state(order),
    selfTradePreventionMode: order.terms.selfTrade,
  };
}

/** One of the account's own trades. */
export function wireFill(order: ClientOrder, fill: ClientFill): object {
  const { symbol } = order;
  return {
    symbol: symbol.name,
    id: fill.tradeId,
    orderId: fill.orderId,
    orderListId: order.list?.id ?? -1,
    price: formatUnits(symbol.price(fill.ticks)),
    qty: formatUnits(symbol.quantity(fill.lots)),
    quoteQty: formatUnits(fill.quoteUnits),
    commission: formatUnits(fill.commission),
    commissionAsset: fill.commissionAsset,
    time: fill.timeMs,
    isBuyer: fill.buys,
    isMaker: fill.isMaker,
    isBestMatch: true,
  };
}

/** What the user stream says of an order. `requestId` is a cancel's own id, or the id before an amendment. */
export function executionReport(
  order: ClientOrder,
  type: ExecutionType,
  fill: ClientFill | undefined,
  requestId: string | undefined,
  more: { readonly eventMs: number; readonly executionId: number },
): object {
  const { symbol, terms } = order;
  const renamed = type === "CANCELED" && requestId !== undefined;
  return {
    e: "executionReport",
    E: more.eventMs,
    s: symbol.name,
    c: renamed ? requestId : order.clientOrderId,
    S: terms.buys ? "BUY" : "SELL",
    o: terms.type,
    f: terms.timeInForce,
    q: formatUnits(symbol.quantity(order.lots)),
    p: formatUnits(hasLimit(terms.type) ? symbol.price(terms.ticks) : 0n),
    P: formatUnits(symbol.price(terms.stopTicks)),
    F: formatUnits(symbol.quantity(terms.displayLots)),
    g: order.list?.id ?? -1,
    C: renamed ? order.clientOrderId : type === "REPLACED" ? (requestId ?? "") : "",
    x: type,
    X: order.status,
    r: order.rejectReason,
    i: order.orderId,
    l: formatUnits(symbol.quantity(fill?.lots ?? 0)),
    z: formatUnits(symbol.quantity(order.filledLots)),
    L: formatUnits(symbol.price(fill?.ticks ?? 0)),
    n: fill === undefined ? "0" : formatUnits(fill.commission),
    N: fill === undefined ? null : fill.commissionAsset,
    T: order.updateTimeMs,
    t: fill?.tradeId ?? -1,
    I: more.executionId,
    w: order.isOpen && order.isWorking,
    m: fill?.isMaker ?? false,
    M: false,
    O: order.timeMs,
    Z: formatUnits(order.quoteUnits),
    Y: formatUnits(fill?.quoteUnits ?? 0n),
    Q: formatUnits(terms.quoteUnits),
    W: order.workingTimeMs,
    V: terms.selfTrade,
    ...specialOfReport(order, type),
  };
}

/** What stands in reports on orders that have it, and in no other. */
function specialOfReport(order: ClientOrder, type: ExecutionType): object {
  const { symbol, terms, preventedLots } = order;
  const { trailingBps, peg } = terms;
  const isPrevented = type === "TRADE_PREVENTION";
  return {
    ...(trailingBps > 0 ? { d: trailingBps } : {}),
    ...(order.trailingMs > 0 ? { D: order.trailingMs } : {}),
    ...(peg === undefined ? {} : { gP: peg.to, gp: formatUnits(symbol.price(order.ticks)) }),
    ...(peg !== undefined && peg.levels > 0 ? { gOT: "PRICE_LEVEL", gOV: peg.levels } : {}),
    ...(preventedLots > 0 ? { A: formatUnits(symbol.quantity(preventedLots)) } : {}),
    ...(isPrevented ? preventedReport(order) : {}),
  };
}

function preventedReport(order: ClientOrder): object {
  const match = order.prevented.at(-1);
  if (match === undefined) return {};
  const { symbol } = order;
  const lots = match.taker === order ? match.takerLots : match.makerLots;
  const other = match.taker === order ? match.maker : match.taker;
  return {
    ...{ v: match.id, u: order.account.tradeGroupId, U: other.orderId, Cs: symbol.name },
    B: formatUnits(symbol.quantity(lots)),
    pl: formatUnits(symbol.quantity(lots)),
    pL: formatUnits(symbol.price(match.ticks)),
    pY: formatUnits(symbol.notional(match.ticks, lots)),
  };
}

/** An asset's balance in the user stream. */
function streamBalance(account: Account, asset: string): object {
  const { free, locked } = account.of(asset);
  return { a: asset, f: formatUnits(free), l: formatUnits(locked) };
}

/** What the user stream says when balances changed: those that did. */
export function accountPosition(account: Account, eventMs: number): object {
  return {
    e: "outboundAccountPosition",
    E: eventMs,
    u: account.updateTimeMs,
    B: [...account.changed].map((asset) => streamBalance(account, asset)),
  };
}

/** What the user stream says of a deposit or a withdrawal. */
export function balanceUpdate(asset: string, delta: Units, eventMs: number): object {
  return { e: "balanceUpdate", E: eventMs, a: asset, d: formatUnits(delta), T: eventMs };
}

/** The account as a query tells it. */
export function wireAccount(account: Account, canTrade: boolean, omitZero: boolean): object {
  const { makerRate, takerRate } = account.commission;
  const rates = {
    maker: formatUnits(makerRate),
    taker: formatUnits(takerRate),
    buyer: formatUnits(0n),
    seller: formatUnits(0n),
  };
  const balances = [...account.balances]
    .filter(([, { free, locked }]) => !omitZero || free !== 0n || locked !== 0n)
    .map(([asset, { free, locked }]) => ({ asset, free: formatUnits(free), locked: formatUnits(locked) }));
  return {
    makerCommission: Number(makerRate / 10_000n),
    takerCommission: Number(takerRate / 10_000n),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: rates,
    canTrade,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: account.updateTimeMs,
    accountType: "SPOT",
    balances,
    permissions: ["SPOT"],
    uid: account.uid,
    ...(account.tradeGroupId > 0 ? { tradeGroupId: account.tradeGroupId } : {}),
  };
}
