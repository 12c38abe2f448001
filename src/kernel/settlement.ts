import { FeeModel } from "../ledger/index.ts";
import { MESSAGE_FIELD as FIELD, REASONS, REPORT } from "../model/index.ts";
import { apply, ORDER_EVENT, OrderEvent, type OrderStore, OUTCOME } from "../order/index.ts";
import type { FillReason, OrderEventKind } from "../strategy/index.ts";
import { EFFECT } from "./effect-log.ts";
import type { OrderDesk } from "./order-desk.ts";
import { FillFlyweight, OrderFlyweight } from "./report-views.ts";
import type { RiskDesk } from "./risk-desk.ts";
import type { Slot } from "./slot.ts";
import type { Station } from "./station.ts";
import type { Ticket } from "./ticket.ts";
import type { TradingKernel } from "./trading-kernel.ts";

const STATE_EVENTS: readonly number[] = [
  ORDER_EVENT.ack,
  ORDER_EVENT.reject,
  ORDER_EVENT.cancelAck,
  ORDER_EVENT.expire,
  ORDER_EVENT.replaceAck,
  ORDER_EVENT.cancelReject,
  ORDER_EVENT.replaceReject,
];
const KIND_WORDS: readonly OrderEventKind[] = [
  "accepted",
  "rejected",
  "canceled",
  "expired",
  "replaced",
  "cancelRejected",
  "replaceRejected",
];

/**
 * Makes true what venues report: orders, executions, positions and money first, then the strategies are told.
 *
 * @invariant An execution is booked once, in the order and in the ledger alike.
 */
export class Settlement {
  /** Reports whose order was no longer held. */
  staleReports = 0;
  /** Reports that were not legal where they came: accounted for, nothing overwritten. */
  anomalies = 0;
  readonly #kernel: TradingKernel;
  readonly #orders: OrderStore;
  readonly #desk: OrderDesk;
  readonly #risk: RiskDesk;
  readonly #fees: readonly FeeModel[];
  readonly #event: OrderEvent = new OrderEvent();
  readonly #orderView: OrderFlyweight;
  readonly #fillView: FillFlyweight;

  constructor(kernel: TradingKernel, orders: OrderStore, desk: OrderDesk, risk: RiskDesk) {
    this.#risk = risk;
    this.#kernel = kernel;
    this.#orders = orders;
    this.#desk = desk;
    this.#fees = kernel.instruments.map((instrument) => new FeeModel({ instrument }));
    this.#orderView = new OrderFlyweight(kernel.nowNs);
    this.#fillView = new FillFlyweight(kernel.nowNs);
  }

  /** One report of a venue: a record of `MESSAGE_FIELD` at `offset`. Its cells are read before anyone is told. */
  report(station: Station, cells: Float64Array, offset: number): void {
    const row = cells[offset + FIELD.row] as number;
    if (!this.#orders.isCurrent(row, cells[offset + FIELD.id] as number)) {
      this.staleReports += 1;
      return;
    }
    const ticket = this.#desk.ticketOf(row);
    const kind = cells[offset + FIELD.kind] as number;
    if (kind === REPORT.trade) this.#trade(station, ticket, cells, offset);
    else this.#state(kind, ticket, cells, offset);
    if (this.#orders.isOpen(row) || this.#orders.pendingCount[row] !== 0) return;
    if (ticket.isHeld) this.#desk.release(ticket);
  }

  #trade(station: Station, ticket: Ticket, cells: Float64Array, offset: number): void {
    const event = this.#event.set(ORDER_EVENT.trade);
    const orders = this.#orders;
    const kernel = this.#kernel;
    const row = ticket.row;
    event.execId = cells[offset + FIELD.execId] as number;
    event.lastTicks = cells[offset + FIELD.priceTicks] as number;
    event.lastLots = cells[offset + FIELD.lots] as number;
    const outcome = apply(orders, row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    const lots = event.bookedLots;
    if (!(lots > 0)) return;
    this.#risk.executed(row, lots, event.bookedTicks, kernel.nowNs[0] as number);
    this.#risk.settle(row);
    const tick = event.bookedTicks;
    const sign = orders.side[row] as number;
    const maker = cells[offset + FIELD.maker] === 1;
    const reason = cells[offset + FIELD.reason] as number;
    const fees = this.#fees[station.index] as FeeModel;
    fees.advance(cells[offset + FIELD.exchNs] as number);
    const feeMinor = fees.feeMinor(tick, lots, sign, maker);
    kernel.ledger.fill(station.index, sign, tick, lots, feeMinor);
    this.#risk.charge(orders.strategy[row] as number, station.index, feeMinor);
    kernel.activity.count += 1;
    const now = kernel.nowNs[0] as number;
    kernel.effects.put(
      EFFECT.filled,
      now,
      ticket.id,
      sign,
      tick,
      lots,
      Number(feeMinor),
      reason * 2 + (maker ? 1 : 0),
    );
    const view = this.#fillView;
    view.ticket = ticket;
    view.priceTicks = tick as typeof view.priceTicks;
    view.lots = lots as typeof view.lots;
    view.maker = maker;
    view.reason = REASONS[reason] as FillReason;
    view.exchNs = cells[offset + FIELD.exchNs] as number;
    view.feeMinor = feeMinor;
    if (kernel.observer !== undefined) kernel.observer.filled(view, ticket, station);
    const slot = kernel.slots[orders.strategy[row] as number] as Slot;
    const orderView = this.#orderView;
    orderView.ticket = ticket;
    orderView.kind = orders.isOpen(row) ? "partiallyFilled" : "filled";
    orderView.reason = view.reason;
    slot.onOrder(orderView);
    slot.onFill(view);
    kernel.tellPosition(station);
  }

  #state(kind: number, ticket: Ticket, cells: Float64Array, offset: number): void {
    const kernel = this.#kernel;
    const event = this.#event.set(STATE_EVENTS[kind] as number);
    const requestId = cells[offset + FIELD.requestId] as number;
    const reason = cells[offset + FIELD.reason] as number;
    if (kind === REPORT.canceled && requestId === 0) event.type = ORDER_EVENT.unsolicitedCancel;
    event.requestId = requestId;
    event.reason = reason;
    if (kind === REPORT.replaced) {
      event.newTicks = cells[offset + FIELD.priceTicks] as number;
      event.newLots = cells[offset + FIELD.lots] as number;
    }
    const outcome = apply(this.#orders, ticket.row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    if (kind === REPORT.replaced || kind === REPORT.replaceRejected) {
      this.#risk.answered(ticket.row, requestId, kind === REPORT.replaced);
    }
    this.#risk.settle(ticket.row);
    const now = kernel.nowNs[0] as number;
    const exchNs = cells[offset + FIELD.exchNs] as number;
    kernel.effects.put(EFFECT.report, now, ticket.id, kind, requestId, reason, exchNs, outcome);
    const word = REASONS[reason] as string;
    if (kernel.observer !== undefined) kernel.observer.reported(kind, ticket, word, now, exchNs);
    const view = this.#orderView;
    view.ticket = ticket;
    view.kind = KIND_WORDS[kind] as OrderEventKind;
    view.reason = word;
    (kernel.slots[this.#orders.strategy[ticket.row] as number] as Slot).onOrder(view);
  }
}
