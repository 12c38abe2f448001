import type { Account } from "./account.ts";
import { API_ERRORS, ApiError } from "./api-error.ts";
import type { Bank } from "./bank.ts";
import { type ClientFill, ClientOrder, type OrderStatus } from "./client-order.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import { checkAmended, checkFilters } from "./order-filters.ts";
import { OrderIndex } from "./order-index.ts";
import type { OrderList } from "./order-list.ts";
import { hasLimit, hasStop, type OrderTerms } from "./order-terms.ts";
import { type BnbPrices, needed, neededAt, settle } from "./settlement.ts";
import type { Units } from "./units.ts";

/** What happened to an order, in the wire's words. */
export type ExecutionType =
  | "NEW"
  | "TRADE"
  | "CANCELED"
  | "REPLACED"
  | "REJECTED"
  | "EXPIRED"
  | "TRADE_PREVENTION";

/** What happened to a list, in the wire's words. */
export type ListStatusType = "EXEC_STARTED" | "UPDATED" | "ALL_DONE";

/** What a desk needs of the market it trades in, and who hears it. */
export interface DeskSurroundings {
  readonly time: ExchangeTime;
  readonly bank: Bank;
  readonly bnb: BnbPrices;
  /** The next number of an order, and of a list. */
  nextOrderId(): number;
  nextListId(): number;
  /** The average price of the last minutes, 0 before the first trade. @units ticks */
  averageTicks(): number;
  /** The price of the last trade, 0 before the first. @units ticks */
  lastTicks(): number;
  /** Something happened to an order; `originalClientId` is the id it had before a cancel or an amendment. */
  executed(
    order: ClientOrder,
    type: ExecutionType,
    fill: ClientFill | undefined,
    requestId: string | undefined,
  ): void;
  /** A list has begun, is done, or its orders are called otherwise. */
  listChanged(list: OrderList, type: ListStatusType): void;
}

/** What an order comes with. */
export interface Company {
  /** An order that goes when this one comes. */
  readonly replaced?: ClientOrder | undefined;
  /** Orders of the same list that were found good. */
  readonly beside?: readonly OrderTerms[];
  /** Whether it is sent when another has executed: what the market is then is not known. */
  readonly isLater?: boolean;
}

/**
 * The orders of all clients in one symbol: what they hold, what they filled, what is told of them. Where they stand and
 * what they meet is told by the classes on it.
 *
 * @invariant Every open order holds what its fills may cost; what has ended holds nothing.
 */
export abstract class TradingDesk {
  readonly symbol: ExchangeSymbol;
  readonly orders: OrderIndex;
  protected readonly around: DeskSurroundings;

  constructor(symbol: ExchangeSymbol, around: DeskSurroundings, ordersKept: number) {
    this.symbol = symbol;
    this.around = around;
    this.orders = new OrderIndex(ordersKept);
  }

  // --- what classes on this one add ---

  /** Untriggered stops of an account. */
  protected abstract stopsOf(account: Account): number;
  /** Whether the last price is at or beyond an order's stop already. */
  protected abstract isReached(terms: OrderTerms): boolean;
  /** Lets an order wait for its price. */
  protected abstract wait(order: ClientOrder): void;
  /** What an order is worth at most, and the lots it asks for. */
  protected abstract worth(account: Account, terms: OrderTerms): { units: Units; lots: number };
  /** Sends an order to the book; an error where it is refused there, as if it had never come. */
  protected abstract send(order: ClientOrder): ApiError | undefined;
  /** Cancels an open order; `requestId` is the id of the cancel itself. */
  abstract cancel(order: ClientOrder, requestId?: string): void;
  /** Gives a standing order a smaller whole quantity. */
  protected abstract shrink(order: ClientOrder, lots: number): void;
  /** Takes in what the venue reports: after each row of the market, and after each request. */
  abstract settle(): void;
  /** Sends the orders whose price was reached; each may trade, and reach others. */
  abstract trigger(): void;
  /** An order has left whatever it stood in. */
  protected abstract left(order: ClientOrder): void;

  // --- orders ---

  /** Why an order would not be taken; undefined where it would. */
  refusal(account: Account, terms: OrderTerms, company: Company = {}): ApiError | undefined {
    const { symbol } = this;
    const { replaced, beside = [], isLater = false } = company;
    if (symbol.status !== "TRADING") return new ApiError(-1013, "Market is closed.");
    const open = this.orders.open(account);
    const gone = replaced === undefined ? 0 : 1;
    const isIceberg = (order: ClientOrder): boolean => order.terms.displayLots > 0 && order !== replaced;
    const filter = checkFilters(symbol, terms, {
      averageTicks: this.around.averageTicks(),
      openOrders: open.size - gone + beside.length,
      openStops: this.stopsOf(account) + beside.filter(({ type }) => hasStop(type)).length,
      openIcebergs: () =>
        [...open].filter(isIceberg).length + beside.filter(({ displayLots }) => displayLots > 0).length,
    });
    if (filter !== undefined) return filter;
    const same = this.orders.byClientId(account, terms.clientOrderId);
    if (same?.isOpen === true) return API_ERRORS.duplicate;
    return !isLater && hasStop(terms.type) && this.isReached(terms) ? API_ERRORS.wouldTrigger : undefined;
  }

  /** Takes an order, or says why not. What it filled at once stands in it. */
  place(account: Account, terms: OrderTerms): ClientOrder | ApiError {
    const refused = this.refusal(account, terms);
    if (refused !== undefined) return refused;
    const worth = this.worth(account, terms);
    const lock = needed(account, this.symbol, terms.buys, worth.units, worth.lots);
    const asset = terms.buys ? this.symbol.quote : this.symbol.base;
    if (!account.lock(asset, lock)) return API_ERRORS.noBalance;
    const order = this.open(account, terms);
    order.lots = worth.lots;
    order.locked = lock;
    if (!hasStop(terms.type)) return this.send(order) ?? order;
    order.isWorking = false;
    this.wait(order);
    this.tell(order, "NEW");
    return order;
  }

  /** A new order, among the others. */
  protected open(account: Account, terms: OrderTerms): ClientOrder {
    const { time } = this.around;
    const order = new ClientOrder(account, this.symbol, this.around.nextOrderId(), terms, time.wireMs);
    this.orders.add(order);
    return order;
  }

  /** An order that was refused is as if it had never come. */
  protected forget(order: ClientOrder): void {
    this.release(order);
    this.left(order);
    this.orders.drop(order);
  }

  /** Lowers an order's whole quantity; it keeps its place. */
  amend(order: ClientOrder, lots: number, clientOrderId: string | undefined): ApiError | undefined {
    if (lots <= order.lots - order.leavesLots || lots >= order.lots) return API_ERRORS.noChange;
    const refused = this.amendRefusal(order, lots);
    if (refused !== undefined) return refused;
    const before = order.clientOrderId;
    this.orders.rename(order, clientOrderId ?? before);
    this.shrink(order, lots);
    order.lots = lots;
    this.settle();
    this.trim(order);
    this.tell(order, "REPLACED", undefined, before);
    return undefined;
  }

  /** The filter that refuses a quantity an order is to have. */
  protected amendRefusal({ terms, ticks }: ClientOrder, lots: number): ApiError | undefined {
    return checkAmended(this.symbol, { ...terms, ticks, lots }, this.around.averageTicks());
  }

  // --- what becomes of them ---

  /** An order has executed; its trade is public already. @units ticks, lots */
  protected fill(order: ClientOrder, tradeId: number, ticks: number, lots: number, isMaker: boolean): void {
    const { time, bank, bnb } = this.around;
    const fill = settle(bank, bnb, order, { tradeId, ticks, lots, isMaker, timeMs: time.wireMs });
    order.status = order.leavesLots === 0 ? "FILLED" : "PARTIALLY_FILLED";
    if (order.status === "FILLED") this.retire(order);
    else this.trim(order);
    this.tell(order, "TRADE", fill);
  }

  protected end(order: ClientOrder, status: OrderStatus, type: ExecutionType, requestId?: string): void {
    order.status = status;
    this.retire(order);
    this.tell(order, type, undefined, requestId);
  }

  protected retire(order: ClientOrder): void {
    this.release(order);
    this.left(order);
    this.orders.end(order);
  }

  protected release(order: ClientOrder): void {
    order.account.unlock(order.lockedAsset, order.locked);
    order.locked = 0n;
  }

  /** What an order with a limit has to hold. */
  protected holds(order: ClientOrder): Units {
    return neededAt(order, order.leavesLots);
  }

  /** What an order with a limit holds beyond what its rest may cost goes back. */
  protected trim(order: ClientOrder): void {
    if (order.terms.buys && !hasLimit(order.terms.type)) return;
    const excess = order.locked - this.holds(order);
    if (excess <= 0n) return;
    order.locked -= excess;
    order.account.unlock(order.lockedAsset, excess);
  }

  protected tell(order: ClientOrder, type: ExecutionType, fill?: ClientFill, requestId?: string): void {
    order.isTold = true;
    order.updateTimeMs = this.around.time.wireMs;
    this.around.executed(order, type, fill, requestId);
  }

  /** Holds what an order costs now that it is sent, no more; false, and nothing done, where there is too little. */
  protected covers(order: ClientOrder): boolean {
    const { account, terms, lots } = order;
    let needs = neededAt(order, order.leavesLots);
    if (!hasLimit(terms.type)) {
      const worth = this.worth(account, { ...terms, type: "MARKET", lots, quoteUnits: 0n });
      needs = needed(account, this.symbol, terms.buys, worth.units, lots);
    }
    const more = needs - order.locked;
    if (more > 0n && !account.lock(order.lockedAsset, more)) return false;
    if (more < 0n) account.unlock(order.lockedAsset, -more);
    order.locked = needs;
    return true;
  }
}
