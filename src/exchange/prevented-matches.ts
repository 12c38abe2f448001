import type { ClientOrder } from "./client-order.ts";
import type { SelfTradeMode } from "./order-terms.ts";

/** A trade of an account with itself that did not happen. @units ticks, lots, epoch ms */
export interface PreventedMatch {
  readonly id: number;
  readonly taker: ClientOrder;
  readonly maker: ClientOrder;
  readonly mode: SelfTradeMode;
  readonly ticks: number;
  /** What it took off each of them; 0 of one that it left alone. */
  takerLots: number;
  makerLots: number;
  readonly timeMs: number;
}

/** What becomes of two orders that meet: the taker's mode; a transfer where both want it and are of two accounts. */
export function modeOf(taker: ClientOrder, maker: ClientOrder): SelfTradeMode {
  const mode = taker.terms.selfTrade;
  if (mode !== "TRANSFER") return mode;
  return maker.terms.selfTrade === "TRANSFER" && maker.account !== taker.account ? "TRANSFER" : "DECREMENT";
}

/**
 * What two accounts of a group would have traded changes hands, without a trade and without a commission.
 *
 * @invariant Both orders still hold it.
 */
export function transfer({ taker, maker, ticks }: PreventedMatch, lots: number): void {
  const { symbol } = taker;
  const [buyer, seller] = taker.terms.buys ? [taker, maker] : [maker, taker];
  const [paid, sold] = [symbol.notional(ticks, lots), symbol.quantity(lots)];
  buyer.account.spend(symbol.quote, paid);
  buyer.locked -= paid;
  seller.account.credit(symbol.quote, paid);
  seller.account.spend(symbol.base, sold);
  seller.locked -= sold;
  buyer.account.credit(symbol.base, sold);
}
