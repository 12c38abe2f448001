import type { Account } from "./account.ts";
import type { Bank } from "./bank.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import { ONE, type Units } from "./units.ts";

/** What one BNB is worth, in 1e-8 of each quote asset. */
export type BnbPrices = ReadonlyMap<string, Units>;

/**
 * What must be held for an order: its quantity when it sells; when it buys, what it is worth at the worst price it may
 * fill at, and the commission where that is paid in the quote asset.
 *
 * @units 1e-8 of the base asset for sales, of the quote asset for purchases
 */
export function needed(
  account: Account,
  symbol: ExchangeSymbol,
  buys: boolean,
  worth: Units,
  lots: number,
): Units {
  if (!buys) return symbol.quantity(lots);
  return account.commission.payIn === "quote" ? worth + share(worth, worstRate(account)) : worth;
}

/** As {@link needed}, for so many lots of an order at its limit; of one without a limit at its stop. */
export function neededAt(order: ClientOrder, lots: number): Units {
  const { account, symbol, terms } = order;
  return needed(account, symbol, terms.buys, symbol.notional(order.priceTicks, lots), lots);
}

function worstRate(account: Account): Units {
  const { makerRate, takerRate } = account.commission;
  return makerRate > takerRate ? makerRate : takerRate;
}

/** A share of an amount, rounded down. @units `rate` parts of 1e-8 */
function share(amount: Units, rate: Units): Units {
  return (amount * rate) / ONE;
}

/** The execution of an order, before it is settled. @units ticks, lots, epoch ms */
export interface Execution {
  readonly tradeId: number;
  readonly ticks: number;
  readonly lots: number;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

/**
 * Moves the money of one execution: between the client and the market, and the commission.
 *
 * @invariant What the client, the market and the commissions gain sums to nothing, in each asset.
 */
export function settle(bank: Bank, bnb: BnbPrices, order: ClientOrder, execution: Execution): ClientFill {
  const { account, symbol, terms } = order;
  const { ticks, lots, isMaker } = execution;
  const quoteUnits = symbol.notional(ticks, lots);
  const baseUnits = symbol.quantity(lots);
  const [paidAsset, paid] = terms.buys ? [symbol.quote, quoteUnits] : [symbol.base, baseUnits];
  const [gotAsset, got] = terms.buys ? [symbol.base, baseUnits] : [symbol.quote, quoteUnits];
  account.spend(paidAsset, paid);
  order.locked -= paid;
  account.credit(gotAsset, got);
  bank.toMarket(paidAsset, paid);
  bank.toMarket(gotAsset, -got);
  const rate = isMaker ? account.commission.makerRate : account.commission.takerRate;
  const [commissionAsset, commission] = commissionOf(order, bnb, rate, quoteUnits, gotAsset, got);
  if (commissionAsset === paidAsset) {
    account.spend(paidAsset, commission);
    order.locked -= commission;
  } else account.credit(commissionAsset, -commission);
  bank.toCommission(commissionAsset, commission);
  order.filledLots += lots;
  order.quoteUnits += quoteUnits;
  const fill: ClientFill = {
    ...execution,
    orderId: order.orderId,
    buys: terms.buys,
    quoteUnits,
    commission,
    commissionAsset,
  };
  order.fills.push(fill);
  return fill;
}

function commissionOf(
  order: ClientOrder,
  bnb: BnbPrices,
  rate: Units,
  quoteUnits: Units,
  gotAsset: string,
  got: Units,
): readonly [string, Units] {
  const { account, symbol } = order;
  if (account.commission.payIn === "quote") return [symbol.quote, share(quoteUnits, rate)];
  const price = bnb.get(symbol.quote);
  if (
    account.commission.payIn === "BNB" &&
    price !== undefined &&
    symbol.quote !== "BNB" &&
    symbol.base !== "BNB"
  ) {
    const inBnb = (share(quoteUnits, rate) * ONE) / price;
    if (account.free("BNB") >= inBnb) return ["BNB", inBnb];
  }
  return [gotAsset, share(got, rate)];
}
