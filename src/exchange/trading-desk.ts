import {
  MESSAGE_FIELD as FIELD,
  ORDER_FLAG,
  ORDER_TYPE,
  REASON,
  REPORT,
  TIME_IN_FORCE,
} from "../model/index.ts";
import { outboundOrder } from "../port/index.ts";
import type { SimExchange } from "../sim/index.ts";
import type { Account } from "./account.ts";
import { API_ERRORS, ApiError } from "./api-error.ts";
import type { Bank } from "./bank.ts";
import { type ClientFill, ClientOrder, type OrderStatus } from "./client-order.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ExchangeTime } from "./exchange-time.ts";
import { checkFilters } from "./order-filters.ts";
import { OrderIndex } from "./order-index.ts";
import { hasLimit, hasStop, type OrderTerms } from "./order-terms.ts";
import { type BnbPrices, needed, neededAt, settle } from "./settlement.ts";
import { StopOrders } from "./stop-orders.ts";
import type { Units } from "./units.ts";

/** What happened to an order, in the wire's words. */
export type ExecutionType = "NEW" | "TRADE" | "CANCELED" | "REPLACED" | "REJECTED" | "EXPIRED";

/** What a desk needs of the market it trades in, and who hears it. */
export interface DeskSurroundings {
  readonly time: ExchangeTime;
  readonly bank: Bank;
  readonly bnb: BnbPrices;
  /** The next number of an order. */
  nextOrderId(): number;
  /** An execution becomes public; its number. */
  traded(ticks: number, lots: number, buyerIsMaker: boolean): number;
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
}

const TIMES = { GTC: TIME_IN_FORCE.GTC, IOC: TIME_IN_FORCE.IOC, FOK: TIME_IN_FORCE.FOK } as const;

/**
 * Takes the orders of all clients in one symbol to the simulated venue, and what it reports to their accounts.
 *
 * @invariant Every open order holds what its fills may cost; what has ended holds nothing.
 */
export class TradingDesk {
  readonly symbol: ExchangeSymbol;
  readonly venue: SimExchange;
  readonly orders: OrderIndex;
  readonly stops: StopOrders = new StopOrders();
  readonly #around: DeskSurroundings;
  readonly #byRow: Map<number, ClientOrder> = new Map();
  readonly #freeRows: number[] = [];
  readonly #outbound = outboundOrder();
  #rows = 0;
  #rejected: number | undefined;

  constructor(symbol: ExchangeSymbol, venue: SimExchange, around: DeskSurroundings, ordersKept: number) {
    this.symbol = symbol;
    this.venue = venue;
    this.#around = around;
    this.orders = new OrderIndex(ordersKept);
  }

  /** Why an order would not be taken; undefined where it would. */
  refusal(account: Account, terms: OrderTerms, replaced?: ClientOrder): ApiError | undefined {
    const { symbol } = this;
    if (symbol.status !== "TRADING") return new ApiError(-1013, "Market is closed.");
    const open = this.orders.open(account);
    const gone = replaced === undefined ? 0 : 1;
    const filter = checkFilters(symbol, terms, {
      averageTicks: this.#around.averageTicks(),
      openOrders: open.size - gone,
      openStops: this.stops.of(account),
    });
    if (filter !== undefined) return filter;
    const same = this.orders.byClientId(account, terms.clientOrderId);
    if (same?.isOpen === true) return API_ERRORS.duplicate;
    return hasStop(terms.type) && this.stops.reached(terms, this.#around.lastTicks())
      ? API_ERRORS.wouldTrigger
      : undefined;
  }

  /** Takes an order, or says why not. What it filled at once stands in it. */
  place(account: Account, terms: OrderTerms): ClientOrder | ApiError {
    const refused = this.refusal(account, terms);
    if (refused !== undefined) return refused;
    const worth = this.#worth(terms);
    const lock = needed(account, this.symbol, terms.buys, worth.units, worth.lots);
    const asset = terms.buys ? this.symbol.quote : this.symbol.base;
    if (!account.lock(asset, lock)) return API_ERRORS.noBalance;
    const { time } = this.#around;
    const order = new ClientOrder(account, this.symbol, this.#around.nextOrderId(), terms, time.wireMs);
    order.lots = worth.lots;
    order.locked = lock;
    this.orders.add(order);
    if (hasStop(terms.type)) {
      order.isWorking = false;
      this.stops.add(order);
      this.#tell(order, "NEW");
      return order;
    }
    return this.#send(order) ?? order;
  }

  /** What an order is worth at most, and the lots it asks for. */
  #worth(terms: OrderTerms): { units: Units; lots: number } {
    const { symbol, venue } = this;
    if (terms.type !== "MARKET") {
      return { units: symbol.notional(terms.ticks || terms.stopTicks, terms.lots), lots: terms.lots };
    }
    let units = 0n;
    let lots = 0;
    venue.takeable(terms.buys ? 1 : -1, (ticks, there) => {
      const price = BigInt(ticks) * symbol.quantumUnits;
      const left = terms.lots > 0 ? terms.lots - lots : Number((terms.quoteUnits - units) / price);
      const taken = Math.min(left, there);
      lots += taken;
      units += price * BigInt(taken);
      return taken === there;
    });
    return { units, lots: terms.lots > 0 ? terms.lots : lots };
  }

  /** Sends an order to the venue; an error where it is rejected there. */
  #send(order: ClientOrder): ApiError | undefined {
    const { venue } = this;
    const { terms } = order;
    const out = this.#outbound;
    if (order.lots === 0) {
      this.#tell(order, "NEW");
      this.#end(order, "EXPIRED", "EXPIRED");
      return undefined;
    }
    const row = this.#freeRows.pop() ?? this.#rows++;
    if (row >= venue.settings.capacity) {
      this.#rows -= 1;
      this.#release(order);
      this.orders.drop(order);
      return new ApiError(
        -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
        503,
      );
    }
    order.row = row;
    this.#byRow.set(row, order);
    out.row = row;
    out.id = order.orderId;
    out.sideSign = terms.buys ? 1 : -1;
    out.type = hasLimit(terms.type) ? ORDER_TYPE.limit : ORDER_TYPE.market;
    out.timeInForce = hasLimit(terms.type) ? TIMES[terms.timeInForce] : TIME_IN_FORCE.GTC;
    out.flags = terms.type === "LIMIT_MAKER" ? ORDER_FLAG.postOnly : 0;
    out.priceTicks = terms.ticks;
    out.lots = order.lots;
    this.#rejected = undefined;
    this.#stamp();
    venue.place(out);
    this.#arrive();
    if (this.#rejected === REASON.postOnlyWouldTake) return API_ERRORS.wouldTake;
    return undefined;
  }

  #stamp(): void {
    const now = this.#around.time.nowNs;
    this.venue.nowNs[0] = now;
    this.venue.senderNs[0] = now;
  }

  #arrive(): void {
    while (this.venue.requests.size > 0) this.venue.arrive();
    this.settle();
  }

  /** Cancels an open order; `requestId` is the id of the cancel itself. */
  cancel(order: ClientOrder, requestId?: string): void {
    if (!order.isWorking) {
      this.stops.remove(order);
      this.#end(order, "CANCELED", "CANCELED", requestId);
      return;
    }
    this.#cancelId = requestId;
    this.#stamp();
    this.venue.cancel(order.row, order.orderId, 0);
    this.#arrive();
    this.#cancelId = undefined;
  }
  #cancelId: string | undefined;

  /** Lowers an order's whole quantity; it keeps its place. */
  amend(order: ClientOrder, lots: number, clientOrderId: string | undefined): ApiError | undefined {
    if (lots <= order.filledLots || lots >= order.lots) {
      return new ApiError(-2038, "The requested action would change no state; rejecting.");
    }
    const before = order.clientOrderId;
    this.orders.rename(order, clientOrderId ?? before);
    if (order.isWorking) {
      this.#stamp();
      this.venue.replace(order.row, order.orderId, 1, order.terms.ticks, lots);
      while (this.venue.requests.size > 0) this.venue.arrive();
    }
    order.lots = lots;
    this.settle();
    this.#trim(order);
    this.#tell(order, "REPLACED", undefined, before);
    return undefined;
  }

  /** Takes in what the venue reports: after each row of the market, and after each request. */
  settle(): void {
    const { ring } = this.venue.reports;
    while (ring.size > 0) {
      const { cells, first } = ring;
      const row = cells[first + FIELD.row] as number;
      const kind = cells[first + FIELD.kind] as number;
      const reason = cells[first + FIELD.reason] as number;
      const ticks = cells[first + FIELD.priceTicks] as number;
      const lots = cells[first + FIELD.lots] as number;
      const isMaker = cells[first + FIELD.maker] === 1;
      ring.shift();
      const order = this.#byRow.get(row);
      if (order === undefined) continue;
      if (kind === REPORT.trade) this.#fill(order, ticks, lots, isMaker);
      else if (kind === REPORT.accepted) this.#tell(order, "NEW");
      else if (kind === REPORT.canceled) this.#end(order, "CANCELED", "CANCELED", this.#cancelId);
      else if (kind === REPORT.expired) this.#end(order, "EXPIRED", "EXPIRED");
      else if (kind === REPORT.rejected) this.#reject(order, reason);
    }
  }

  #fill(order: ClientOrder, ticks: number, lots: number, isMaker: boolean): void {
    const { time, bank, bnb } = this.#around;
    const tradeId = this.#around.traded(ticks, lots, order.terms.buys === isMaker);
    const fill = settle(bank, bnb, order, { tradeId, ticks, lots, isMaker, timeMs: time.wireMs });
    order.status = order.leavesLots === 0 ? "FILLED" : "PARTIALLY_FILLED";
    if (order.status === "FILLED") this.#retire(order);
    else this.#trim(order);
    this.#tell(order, "TRADE", fill);
  }

  /** A market order that finds nothing ends; an order that would take is as if it had never come. */
  #reject(order: ClientOrder, reason: number): void {
    if (reason === REASON.noLiquidity) {
      this.#tell(order, "NEW");
      this.#end(order, "EXPIRED", "EXPIRED");
      return;
    }
    this.#rejected = reason;
    if (hasStop(order.terms.type)) {
      this.#end(order, "REJECTED", "REJECTED");
      return;
    }
    this.#release(order);
    this.#freeRow(order);
    this.orders.drop(order);
  }

  #end(order: ClientOrder, status: OrderStatus, type: ExecutionType, requestId?: string): void {
    order.status = status;
    this.#retire(order);
    this.#tell(order, type, undefined, requestId);
  }

  #retire(order: ClientOrder): void {
    this.#release(order);
    this.#freeRow(order);
    this.orders.end(order);
  }

  #freeRow(order: ClientOrder): void {
    if (order.row < 0) return;
    this.#byRow.delete(order.row);
    this.#freeRows.push(order.row);
    order.row = -1;
  }

  #release(order: ClientOrder): void {
    order.account.unlock(order.lockedAsset, order.locked);
    order.locked = 0n;
  }

  /** What an order with a limit holds beyond what its rest may cost goes back. */
  #trim(order: ClientOrder): void {
    if (order.terms.buys && !hasLimit(order.terms.type)) return;
    const target = neededAt(order.account, this.symbol, order.terms, order.leavesLots);
    const excess = order.locked - target;
    if (excess <= 0n) return;
    order.locked = target;
    order.account.unlock(order.lockedAsset, excess);
  }

  #tell(order: ClientOrder, type: ExecutionType, fill?: ClientFill, requestId?: string): void {
    order.updateTimeMs = this.#around.time.wireMs;
    this.#around.executed(order, type, fill, requestId);
  }

  /** Sends the stops whose price was reached; each may trade, and reach others. */
  trigger(): void {
    for (;;) {
      const order = this.stops.due(this.#around.lastTicks());
      if (order === undefined) return;
      this.stops.remove(order);
      order.isWorking = true;
      order.workingTimeMs = this.#around.time.wireMs;
      if (!hasLimit(order.terms.type) && order.terms.buys && !this.#affords(order)) {
        this.#end(order, "EXPIRED", "EXPIRED");
      } else this.#send(order);
    }
  }

  /** Holds what a stop that buys at the market costs now. */
  #affords(order: ClientOrder): boolean {
    const { account, lots } = order;
    const worth = this.#worth({ ...order.terms, type: "MARKET", lots, quoteUnits: 0n });
    const lock = needed(account, this.symbol, true, worth.units, lots);
    this.#release(order);
    if (!account.lock(order.lockedAsset, lock)) return false;
    order.locked = lock;
    return true;
  }
}
