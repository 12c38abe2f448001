import {
  MESSAGE_FIELD as FIELD,
  ORDER_FLAG,
  ORDER_TYPE,
  REASON,
  REPORT,
  TIME_IN_FORCE,
} from "../model/index.ts";
import { outboundOrder } from "../port/index.ts";
import type { Account } from "./account.ts";
import { API_ERRORS, type ApiError } from "./api-error.ts";
import type { ClientOrder } from "./client-order.ts";
import { hasLimit, hasStop, type OrderTerms } from "./order-terms.ts";
import { StopOrders } from "./stop-orders.ts";
import type { TapeMarket } from "./tape-market.ts";
import { type DeskSurroundings, TradingDesk } from "./trading-desk.ts";
import type { Units } from "./units.ts";

const TIMES = { GTC: TIME_IN_FORCE.GTC, IOC: TIME_IN_FORCE.IOC, FOK: TIME_IN_FORCE.FOK } as const;

/** Takes the orders of all clients in one symbol to the simulated venue, and what it reports to their accounts. */
export class VenueDesk extends TradingDesk {
  readonly #market: TapeMarket;
  readonly #stops: StopOrders = new StopOrders();
  readonly #byRow: Map<number, ClientOrder> = new Map();
  readonly #freeRows: number[] = [];
  readonly #outbound = outboundOrder();
  #rows = 0;
  #rejected: number | undefined;
  #cancelId: string | undefined;

  constructor(market: TapeMarket, around: DeskSurroundings, ordersKept: number) {
    super(market.symbol, around, ordersKept);
    this.#market = market;
  }

  protected override stopsOf(account: Account): number {
    return this.#stops.of(account);
  }

  protected override isReached(terms: OrderTerms): boolean {
    return StopOrders.isReached(terms, this.around.lastTicks());
  }

  protected override wait(order: ClientOrder): void {
    this.#stops.add(order);
  }

  protected override worth(_account: Account, terms: OrderTerms): { units: Units; lots: number } {
    const { symbol } = this;
    const { venue } = this.#market;
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

  protected override send(order: ClientOrder): ApiError | undefined {
    const { venue } = this.#market;
    const { terms } = order;
    const out = this.#outbound;
    if (order.lots === 0) {
      this.tell(order, "NEW");
      this.end(order, "EXPIRED", "EXPIRED");
      return undefined;
    }
    const row = this.#freeRows.pop() ?? this.#rows++;
    if (row >= venue.settings.capacity) {
      this.#rows -= 1;
      // A stop was taken long ago: its client is told what becomes of it.
      if (hasStop(terms.type)) this.end(order, "EXPIRED", "EXPIRED");
      else this.forget(order);
      return API_ERRORS.overloaded;
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
    const { venue } = this.#market;
    const now = this.around.time.nowNs;
    venue.nowNs[0] = now;
    venue.senderNs[0] = now;
  }

  #arrive(): void {
    const { venue } = this.#market;
    while (venue.requests.size > 0) venue.arrive();
    this.settle();
  }

  override cancel(order: ClientOrder, requestId?: string): void {
    if (!order.isWorking) {
      this.#stops.remove(order);
      this.end(order, "CANCELED", "CANCELED", requestId);
      return;
    }
    this.#cancelId = requestId;
    this.#stamp();
    this.#market.venue.cancel(order.row, order.orderId, 0);
    this.#arrive();
    this.#cancelId = undefined;
  }

  protected override shrink(order: ClientOrder, lots: number): void {
    if (!order.isWorking) return;
    const { venue } = this.#market;
    this.#stamp();
    venue.replace(order.row, order.orderId, 1, order.terms.ticks, lots);
    while (venue.requests.size > 0) venue.arrive();
  }

  override settle(): void {
    const { ring } = this.#market.venue.reports;
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
      if (kind === REPORT.trade) this.#traded(order, ticks, lots, isMaker);
      else if (kind === REPORT.accepted) this.tell(order, "NEW");
      else if (kind === REPORT.canceled) this.end(order, "CANCELED", "CANCELED", this.#cancelId);
      else if (kind === REPORT.expired) this.end(order, "EXPIRED", "EXPIRED");
      else if (kind === REPORT.rejected) this.#reject(order, reason);
    }
  }

  #traded(order: ClientOrder, ticks: number, lots: number, isMaker: boolean): void {
    const tradeId = this.#market.publishFill(ticks, lots, order.terms.buys === isMaker);
    this.fill(order, tradeId, ticks, lots, isMaker);
  }

  /** A market order that finds nothing ends; an order that would take is as if it had never come. */
  #reject(order: ClientOrder, reason: number): void {
    if (reason === REASON.noLiquidity) {
      this.tell(order, "NEW");
      this.end(order, "EXPIRED", "EXPIRED");
      return;
    }
    this.#rejected = reason;
    if (hasStop(order.terms.type)) this.end(order, "REJECTED", "REJECTED");
    else this.forget(order);
  }

  protected override left(order: ClientOrder): void {
    if (order.row < 0) return;
    this.#byRow.delete(order.row);
    this.#freeRows.push(order.row);
    order.row = -1;
  }

  override trigger(): void {
    for (;;) {
      const order = this.#stops.due(this.around.lastTicks());
      if (order === undefined) return;
      this.#stops.remove(order);
      order.isWorking = true;
      order.workingTimeMs = this.around.time.wireMs;
      if (!hasLimit(order.terms.type) && order.terms.buys && !this.covers(order)) {
        this.end(order, "EXPIRED", "EXPIRED");
      } else this.send(order);
    }
  }
}
