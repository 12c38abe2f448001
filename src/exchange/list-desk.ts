import type { Account } from "./account.ts";
import { API_ERRORS, type ApiError } from "./api-error.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import { MatchingDesk } from "./matching-desk.ts";
import type { MatchingMarket } from "./matching-market.ts";
import { checkSized } from "./order-filters.ts";
import { type Contingency, type OrderList, OrderLists } from "./order-list.ts";
import { hasStop, type OrderTerms } from "./order-terms.ts";
import { needed, neededAt } from "./settlement.ts";
import type { DeskSurroundings } from "./trading-desk.ts";
import type { Units } from "./units.ts";

/** A list as a client asks for it: of an OCO above and below; of the others the working order first. */
export interface ListTerms {
  readonly contingency: Contingency;
  /** Whether what the working order brings is the others' quantity. */
  readonly isPaid: boolean;
  readonly clientId: string;
  readonly orders: readonly OrderTerms[];
}

/**
 * Orders that belong together: of a pair (OCO) the execution, the trigger or the end of one ends the other; behind a
 * working order (OTO, OTOCO) others are sent once it has executed whole, and end with it where it does not.
 *
 * A pair holds the money of the dearer of the two, once: whichever executes uses it. What waits behind a working order
 * holds nothing until it is sent, and is rejected then where there is too little. Of a list that is paid (OPO, OPOCO)
 * what the working order brings is held for the others at once, and is their quantity when they are sent.
 *
 * @invariant A list is done when none of its orders waits for another; then each is on its own.
 */
export class ListDesk extends MatchingDesk {
  readonly lists: OrderLists;
  /** Lists whose working order has executed, and whose others are to be sent. */
  readonly #released: OrderList[] = [];

  constructor(market: MatchingMarket, around: DeskSurroundings, kept: number, capacity: number) {
    super(market, around, kept, capacity);
    this.lists = new OrderLists(kept);
  }

  // --- a new list ---

  /** Takes a list, all of it or nothing. What it did at once stands in it. */
  placeList(account: Account, terms: ListTerms): OrderList | ApiError {
    const refused = this.#listRefusal(account, terms);
    if (refused !== undefined) return refused;
    const isPair = terms.contingency === "OCO";
    const locks = (isPair ? terms.orders : terms.orders.slice(0, 1)).map((each) =>
      this.#lockOf(account, each),
    );
    const lock = locks.reduce((most, each) => (each > most ? each : most), 0n);
    const first = terms.orders[0] as OrderTerms;
    if (!account.lock(first.buys ? this.symbol.quote : this.symbol.base, lock)) return API_ERRORS.noBalance;
    const list = this.#openList(account, terms);
    const [one, ...rest] = list.orders as [ClientOrder, ...ClientOrder[]];
    if (isPair) holderOf(list.orders).locked = lock;
    else one.locked = lock;
    this.around.listChanged(list, "EXEC_STARTED");
    if (isPair) this.#sendPair(list);
    else {
      for (const order of rest) this.tell(order, "NEW");
      this.#sendFirst(list, one);
    }
    this.trigger();
    return list;
  }

  #lockOf(account: Account, terms: OrderTerms): Units {
    const { units, lots } = this.worth(account, terms);
    return needed(account, this.symbol, terms.buys, units, lots);
  }

  #openList(account: Account, terms: ListTerms): OrderList {
    const orders = terms.orders.map((each) => this.open(account, each));
    const isPair = terms.contingency === "OCO";
    const list: OrderList = {
      ...{ id: this.around.nextListId(), clientId: terms.clientId, account, symbol: this.symbol },
      ...{
        contingency: terms.contingency,
        isPaid: terms.isPaid,
        orders,
        working: isPair ? undefined : orders[0],
      },
      ...{ isDone: false, timeMs: this.around.time.wireMs },
    };
    this.lists.add(list);
    for (const [i, order] of orders.entries()) {
      order.list = list;
      if (isPair || i === 0) continue;
      order.isWorking = false;
      order.status = "PENDING_NEW";
    }
    return list;
  }

  #listRefusal(account: Account, { contingency, clientId, orders }: ListTerms): ApiError | undefined {
    if (this.lists.byClientId(account, clientId)?.isDone === false) return API_ERRORS.duplicate;
    const names = new Set(orders.map(({ clientOrderId }) => clientOrderId));
    if (names.size < orders.length) return API_ERRORS.duplicate;
    const isPair = contingency === "OCO";
    const pair = isPair ? orders : orders.length > 2 ? orders.slice(1) : [];
    if (!this.#isPairApart(pair, isPair ? this.around.lastTicks() : 0)) return API_ERRORS.relation;
    for (const [i, each] of orders.entries()) {
      const isLater = !isPair && i > 0;
      const refused = this.refusal(account, each, { beside: orders.slice(0, i), isLater });
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  /** Whether a pair stands on both sides of a price; of one that is not known, whether it is in order. @units ticks */
  #isPairApart(pair: readonly OrderTerms[], lastTicks: number): boolean {
    const [above, below] = pair.map((terms) =>
      hasStop(terms.type) ? terms.stopTicks : this.entryTicks(terms) || terms.ticks,
    );
    if (above === undefined || below === undefined) return true;
    // A trailing stop without a stop price stands nowhere yet.
    if (above > 0 && below > 0 && above <= below) return false;
    if (lastTicks === 0) return true;
    return (above === 0 || above > lastTicks) && below < lastTicks;
  }

  // --- what becomes of it ---

  /** Sends a pair that holds its money: what is a limit order to the book, what is a stop to those that wait. */
  #sendPair(list: OrderList): void {
    for (const order of pairOf(list)) {
      if (!order.isOpen) continue;
      order.status = "NEW";
      if (hasStop(order.terms.type)) {
        this.wait(order);
        this.tell(order, "NEW");
      } else {
        order.isWorking = true;
        order.workingTimeMs = this.around.time.wireMs;
        this.#sendFirst(list, order);
      }
    }
  }

  /** Sends an order that others of its list hang on; refused by the book for want of room it takes them with it. */
  #sendFirst(list: OrderList, order: ClientOrder): void {
    if (this.send(order) !== undefined && !list.isDone) this.#endOthers(list, order, "EXPIRED");
  }

  protected override sendReleased(): boolean {
    const list = this.#released.shift();
    if (list === undefined) return false;
    list.working = undefined;
    if (list.isDone) return true;
    const pair = pairOf(list);
    const unfit = list.isPaid ? this.#size(list) : undefined;
    const refused = unfit ?? this.#sendRest(list, pair);
    if (refused === undefined) return true;
    list.isDone = true;
    for (const order of list.orders) if (order.isOpen) this.reject(order, refused);
    this.around.listChanged(list, "ALL_DONE");
    return true;
  }

  #sendRest(list: OrderList, pair: readonly ClientOrder[]): ApiError | undefined {
    return pair.length === 0 ? this.#sendLater(list) : this.#sendLaterPair(list, pair);
  }

  /** Holds what the working order brought; its commission is taken of what is free, where that is enough. */
  #receive(list: OrderList, working: ClientOrder): void {
    const { account, fills } = working;
    const { base } = this.symbol;
    const fill = fills.at(-1) as ClientFill;
    const got = this.symbol.quantity(fill.lots);
    const commission = fill.commissionAsset === base ? fill.commission : 0n;
    const isWhole = commission === 0n || (base !== "BNB" && account.free(base) >= got);
    const kept = isWhole ? got : got - commission;
    if (account.lock(base, kept)) holderOf(list.orders.slice(1)).locked += kept;
  }

  /** Gives the others the quantity that the working order brought, in whole lots; what is over goes back. */
  #size(list: OrderList): ApiError | undefined {
    const { symbol } = this;
    const later = list.orders.slice(1);
    const holder = holderOf(later);
    const most = holder.locked < symbol.maxQty ? holder.locked : symbol.maxQty;
    const lots = Number(most / symbol.lotUnits);
    const over = holder.locked - symbol.quantity(lots);
    holder.locked -= over;
    holder.account.unlock(symbol.base, over);
    for (const order of later) order.lots = lots;
    for (const { terms } of later) {
      const refused = checkSized(symbol, { ...terms, lots }, this.around.averageTicks());
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  /** Sends the one order behind a working one. */
  #sendLater(list: OrderList): ApiError | undefined {
    const order = list.orders[1] as ClientOrder;
    const { terms } = order;
    if (hasStop(terms.type) && this.isReached(terms)) return API_ERRORS.wouldTrigger;
    const refused = hasStop(terms.type) ? undefined : this.priced(order);
    if (refused !== undefined) return refused;
    if (!list.isPaid && !this.#locks(order, this.#laterLock(order))) return API_ERRORS.noBalance;
    this.#finish(list);
    order.status = "NEW";
    if (hasStop(terms.type)) {
      this.wait(order);
      this.tell(order, "NEW");
      return undefined;
    }
    order.isWorking = true;
    order.workingTimeMs = this.around.time.wireMs;
    this.send(order);
    return undefined;
  }

  #sendLaterPair(list: OrderList, pair: readonly ClientOrder[]): ApiError | undefined {
    if (
      !this.#isPairApart(
        pair.map(({ terms }) => terms),
        this.around.lastTicks(),
      )
    )
      return API_ERRORS.relation;
    for (const order of pair) {
      const refused = hasStop(order.terms.type) ? undefined : this.priced(order);
      if (refused !== undefined) return refused;
    }
    if (!list.isPaid) {
      const locks = pair.map((order) => this.#laterLock(order));
      const lock = locks.reduce((most, each) => (each > most ? each : most), 0n);
      if (!this.#locks(holderOf(pair), lock)) return API_ERRORS.noBalance;
    }
    this.#sendPair(list);
    return undefined;
  }

  #laterLock(order: ClientOrder): Units {
    return this.#lockOf(order.account, { ...order.terms, lots: order.lots });
  }

  #locks(order: ClientOrder, lock: Units): boolean {
    if (!order.account.lock(order.lockedAsset, lock)) return false;
    order.locked = lock;
    return true;
  }

  #finish(list: OrderList): void {
    list.isDone = true;
    this.around.listChanged(list, "ALL_DONE");
  }

  protected override hasTraded(order: ClientOrder): void {
    const { list } = order;
    if (list === undefined || list.isDone) return;
    if (list.working === undefined) {
      this.#endOthers(list, order, "EXPIRED");
      if (order.isOpen) this.trim(order);
      return;
    }
    if (list.working !== order) return;
    if (list.isPaid) this.#receive(list, order);
    if (order.status === "FILLED") this.#released.push(list);
  }

  protected override hasTriggered(order: ClientOrder): void {
    const { list } = order;
    if (list === undefined || list.isDone) return;
    for (const other of pairOf(list)) {
      if (other === order) continue;
      order.locked += other.locked;
      other.locked = 0n;
    }
    this.#endOthers(list, order, "EXPIRED");
  }

  protected override hasEnded(order: ClientOrder): void {
    const { list } = order;
    if (list === undefined || list.isDone) return;
    this.#endOthers(list, order, order.status === "CANCELED" ? "CANCELED" : "EXPIRED");
  }

  /** The list is done: what else is open of it ends. None of that is in the book while the book tells of the one. */
  #endOthers(list: OrderList, order: ClientOrder, as: "CANCELED" | "EXPIRED", requestId?: string): void {
    list.isDone = true;
    for (const other of list.orders) if (other !== order) this.endNow(other, as, requestId);
    this.around.listChanged(list, "ALL_DONE");
  }

  // --- what clients ask ---

  /** Cancels an order, and with it the list that it waits in. */
  override cancel(order: ClientOrder, requestId?: string): void {
    const { list } = order;
    if (list === undefined || list.isDone) super.cancel(order, requestId);
    else this.cancelList(list, requestId);
  }

  /** Cancels what is open of a list. */
  cancelList(list: OrderList, requestId?: string): void {
    list.isDone = true;
    for (const order of list.orders) this.endNow(order, "CANCELED", requestId);
    this.around.listChanged(list, "ALL_DONE");
  }

  /** Lowers an order's whole quantity; of a pair that of both. */
  override amend(order: ClientOrder, lots: number, clientOrderId: string | undefined): ApiError | undefined {
    const { list } = order;
    const others =
      list === undefined || list.isDone || !pairOf(list).includes(order)
        ? []
        : pairOf(list).filter((each) => each !== order);
    const isPaid = list?.isPaid === true && !list.isDone && order.status === "PENDING_NEW";
    const unfit = isPaid
      ? API_ERRORS.amendPaid
      : others.map((each) => this.amendRefusal(each, lots)).find(Boolean);
    const refused = unfit ?? super.amend(order, lots, clientOrderId);
    if (refused !== undefined) return refused;
    for (const other of others) super.amend(other, lots, undefined);
    for (const each of [order, ...others]) if (each.locked > 0n) this.trim(each);
    if (list !== undefined) this.around.listChanged(list, "UPDATED");
    return undefined;
  }

  /** A pair's money is that of the dearer, while either may still use it. */
  protected override holds(order: ClientOrder): Units {
    const { list } = order;
    const own = super.holds(order);
    if (list === undefined || list.isDone) return own;
    return pairOf(list).reduce((most, each) => {
      const needs = each.status === "PENDING_NEW" ? 0n : neededAt(each, each.leavesLots);
      return needs > most ? needs : most;
    }, own);
  }
}

/** The two orders of a list of which one ends the other; none where there is no such pair. */
function pairOf({ contingency, orders }: OrderList): readonly ClientOrder[] {
  if (contingency === "OCO") return orders;
  return orders.length > 2 ? orders.slice(1) : [];
}

/** Which order of a pair holds its money: the one that may execute first. */
function holderOf(pair: readonly ClientOrder[]): ClientOrder {
  return (pair.find(({ terms }) => !hasStop(terms.type)) ?? pair[0]) as ClientOrder;
}
