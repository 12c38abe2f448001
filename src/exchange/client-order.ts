import type { Account } from "./account.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { OrderList } from "./order-list.ts";
import type { OrderTerms } from "./order-terms.ts";
import type { PreventedMatch } from "./prevented-matches.ts";
import type { Units } from "./units.ts";

/** Where an order stands, in the wire's words. */
export type OrderStatus =
  | "NEW"
  | "PENDING_NEW"
  | "PARTIALLY_FILLED"
  | "FILLED"
  | "CANCELED"
  | "REJECTED"
  | "EXPIRED"
  | "EXPIRED_IN_MATCH";

/** One execution of a client's order. @units ticks, lots, 1e-8 of an asset, epoch ms */
export interface ClientFill {
  readonly tradeId: number;
  readonly orderId: number;
  readonly buys: boolean;
  readonly ticks: number;
  readonly lots: number;
  readonly quoteUnits: Units;
  readonly commission: Units;
  readonly commissionAsset: string;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

/** An order of a client, as the exchange knows it. */
export class ClientOrder {
  readonly account: Account;
  readonly symbol: ExchangeSymbol;
  readonly orderId: number;
  readonly terms: OrderTerms;
  clientOrderId: string;
  /** The whole quantity: an amendment lowers it. @units lots */
  lots: number;
  /** The row it has at the simulated venue, -1 while it is not there. */
  row = -1;
  status: OrderStatus = "NEW";
  /** Where it stands, or will: its limit, or what its peg chose; 0 where it has none. @units ticks */
  ticks: number;
  /** What it is reckoned with while it has neither a limit nor a stop. @units ticks */
  reckonedTicks = 0;
  /** The list it came in. */
  list: OrderList | undefined;
  /** What it might have traded with its own account, and did not. @units lots */
  preventedLots = 0;
  readonly prevented: PreventedMatch[] = [];
  /** Its place in time among those of its price, by the events of the book. */
  queued = 0;
  /** Whether its client has heard of it. */
  isTold = false;
  /** When its trailing stop began to follow; 0 before. @units epoch ms */
  trailingMs = 0;
  /** Why it was rejected after it had been taken, in the wire's words. */
  rejectReason = "NONE";
  filledLots = 0;
  quoteUnits: Units = 0n;
  /** What it holds of `lockedAsset`. */
  locked: Units = 0n;
  readonly lockedAsset: string;
  /** False for a stop until its price was reached. */
  isWorking = true;
  readonly timeMs: number;
  updateTimeMs: number;
  workingTimeMs: number;
  readonly fills: ClientFill[] = [];

  constructor(account: Account, symbol: ExchangeSymbol, orderId: number, terms: OrderTerms, timeMs: number) {
    this.account = account;
    this.symbol = symbol;
    this.orderId = orderId;
    this.terms = terms;
    this.clientOrderId = terms.clientOrderId;
    this.lots = terms.lots;
    this.ticks = terms.ticks;
    this.lockedAsset = terms.buys ? symbol.quote : symbol.base;
    this.timeMs = timeMs;
    this.updateTimeMs = timeMs;
    this.workingTimeMs = timeMs;
  }

  get isOpen(): boolean {
    return this.status === "NEW" || this.status === "PARTIALLY_FILLED" || this.status === "PENDING_NEW";
  }

  get leavesLots(): number {
    return this.lots - this.filledLots - this.preventedLots;
  }

  /** The price by which its money is reckoned: its limit, its stop, or the last price when it came. @units ticks */
  get priceTicks(): number {
    return this.ticks || this.terms.stopTicks || this.reckonedTicks;
  }
}
