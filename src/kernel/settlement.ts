import { roundTo } from "../base/index.ts";
import { FeeModel, type SavedFeeModel } from "../ledger/index.ts";
import { MESSAGE_FIELD as FIELD, REASONS, REPORT } from "../model/index.ts";
import { apply, ORDER_EVENT, OrderEvent, type OrderStore, OUTCOME, ROW_FLAG } from "../order/index.ts";
import type { FillReason, OrderEventKind } from "../strategy/index.ts";
import { EFFECT } from "./effect-log.ts";
import type { OrderDesk } from "./order-desk.ts";
import { type BookedFee, bookedFee, currencyCode, type ReportFee } from "./report-fee.ts";
import { FillFlyweight, OrderFlyweight } from "./report-views.ts";
import type { RiskDesk } from "./risk-desk.ts";
import type { Slot } from "./slot.ts";
import type { Station } from "./station.ts";
import type { Ticket } from "./ticket.ts";
import type { TradingKernel } from "./trading-kernel.ts";

/** What each report about a state is to its order, and what its strategy is told. */
const STATE_EVENTS: Readonly<Record<number, number>> = {
  [REPORT.accepted]: ORDER_EVENT.ack,
  [REPORT.rejected]: ORDER_EVENT.reject,
  [REPORT.canceled]: ORDER_EVENT.cancelAck,
  [REPORT.expired]: ORDER_EVENT.expire,
  [REPORT.replaced]: ORDER_EVENT.replaceAck,
  [REPORT.cancelRejected]: ORDER_EVENT.cancelReject,
  [REPORT.replaceRejected]: ORDER_EVENT.replaceReject,
  [REPORT.status]: ORDER_EVENT.status,
  [REPORT.restated]: ORDER_EVENT.restated,
  [REPORT.doneForDay]: ORDER_EVENT.doneForDay,
  [REPORT.suspended]: ORDER_EVENT.suspend,
  [REPORT.triggered]: ORDER_EVENT.activate,
  [REPORT.stopped]: ORDER_EVENT.stop,
  [REPORT.calculated]: ORDER_EVENT.calculate,
  [REPORT.timeout]: ORDER_EVENT.timeout,
};
const KIND_WORDS: readonly OrderEventKind[] = [
  ...([
    "accepted",
    "rejected",
    "canceled",
    "expired",
    "replaced",
    "cancelRejected",
    "replaceRejected",
  ] as const),
  ...(["filled", "busted", "corrected", "status", "filled"] as const),
  ...(["restated", "doneForDay", "suspended", "triggered", "stopped", "calculated", "unknown"] as const),
];

/** What a {@link Settlement} holds, JSON-safe. */
export interface SavedSettlement {
  readonly staleReports: number;
  readonly anomalies: number;
  readonly fees: readonly SavedFeeModel[];
}

/**
 * Makes true what venues report: orders, executions, positions and money first, then the strategies are told.
 *
 * @invariant An execution is booked once, in the order and in the ledger alike. What an order knows already is counted
 * and recorded, and its strategy is not told again.
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
    this.#fees = kernel.instruments.map((instrument) => new FeeModel({ instrument, baseNs: kernel.baseNs }));
    this.#orderView = new OrderFlyweight(kernel.nowNs);
    this.#fillView = new FillFlyweight(kernel.nowNs);
  }

  /** One report of a venue: a record of `MESSAGE_FIELD` at `offset`. Its cells are read before anyone is told. */
  report(station: Station, cells: Float64Array, offset: number, fee?: ReportFee): void {
    const row = cells[offset + FIELD.row] as number;
    const kind = cells[offset + FIELD.kind] as number;
    if (kind === REPORT.foreign) {
      this.#foreign(station, cells, offset, fee);
      return;
    }
    const isHeld = this.#orders.isCurrent(row, cells[offset + FIELD.id] as number);
    if (!isHeld || this.#orders.instrument[row] !== station.index) {
      this.staleReports += 1;
      return;
    }
    const ticket = this.#desk.ticketOf(row);
    if (kind === REPORT.trade) this.#trade(station, ticket, cells, offset, fee);
    else if (kind === REPORT.busted || kind === REPORT.corrected)
      this.#amend(kind, station, ticket, cells, offset, fee);
    else this.#state(kind, ticket, cells, offset);
    this.#desk.settled(ticket);
  }

  /** The venue's connection is lost: every order there is unknown until the venue says more. */
  disconnected(station: Station): void {
    const orders = this.#orders;
    const kernel = this.#kernel;
    const now = kernel.nowNs[0] as number;
    kernel.effects.put(EFFECT.disconnected, now, 0, station.index, 0, 0, 0, 0);
    const rows: number[] = [];
    let row = orders.firstOfInstrument(station.index);
    for (; row >= 0; row = orders.nextOfInstrument(row)) rows.push(row);
    for (let other = 0; other < orders.capacity; other++) {
      if (orders.restsOvernight(other) && orders.instrument[other] === station.index) rows.push(other);
    }
    for (const each of rows) {
      apply(orders, each, this.#event.set(ORDER_EVENT.disconnect));
      if (((orders.flags[each] as number) & ROW_FLAG.unknown) === 0) continue;
      const view = this.#orderView;
      view.ticket = this.#desk.ticketOf(each);
      view.kind = "unknown";
      view.reason = "disconnected";
      (kernel.slots[orders.strategy[each] as number] as Slot).onOrder(view);
    }
    for (const slot of kernel.slots) slot.onDisconnect(station.instrument.venue);
  }

  /** The traded volumes that fees depend on, JSON-safe, and what was counted. */
  save(): SavedSettlement {
    const { staleReports, anomalies } = this;
    return { staleReports, anomalies, fees: this.#fees.map((fees) => fees.save()) };
  }

  load(saved: SavedSettlement): void {
    this.staleReports = saved.staleReports;
    this.anomalies = saved.anomalies;
    for (const [i, fees] of this.#fees.entries()) fees.load(saved.fees[i] as SavedFeeModel);
  }

  #trade(
    station: Station,
    ticket: Ticket,
    cells: Float64Array,
    offset: number,
    told: ReportFee | undefined,
  ): void {
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
    const scheduled = fees.feeMinor(tick, lots, sign, maker, ticket.id);
    const fee = bookedFee(kernel.ledger, station, told, scheduled, tick);
    kernel.ledger.fill(station.index, sign, tick, lots, fee.quoteMinor);
    this.#risk.charge(orders.strategy[row] as number, station.index, fee.worthMinor);
    kernel.activity.count += 1;
    const now = kernel.nowNs[0] as number;
    kernel.effects.put(
      EFFECT.filled,
      now,
      ticket.id,
      sign,
      tick,
      lots,
      Number(fee.quoteMinor),
      reason * 2 + (maker ? 1 : 0),
    );
    this.#chargeOther(station, ticket.id, fee);
    const view = this.#fillView;
    view.ticket = ticket;
    view.priceTicks = tick as typeof view.priceTicks;
    view.lots = lots as typeof view.lots;
    view.maker = maker;
    view.reason = REASONS[reason] as FillReason;
    view.exchNs = cells[offset + FIELD.exchNs] as number;
    view.feeMinor = fee.minor;
    view.feeCurrency = fee.currency;
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

  /** Books a fee in another currency than the quote: beside the fill. */
  #chargeOther(station: Station, id: number, { currency, minor }: BookedFee): void {
    const { effects, ledger, nowNs } = this.#kernel;
    const code = currencyCode(ledger, station, currency);
    if (code === 0) return;
    ledger.charge(station.index, currency, minor);
    effects.put(EFFECT.charged, nowNs[0] as number, id, station.index, Number(minor), code, 0, 0);
  }

  /**
   * An execution taken back or corrected: what was booked for it goes, its fee too, what it should be comes. Where it
   * is told what was charged, a bust gives that back, and with a correction it stays.
   */
  #amend(
    kind: number,
    station: Station,
    ticket: Ticket,
    cells: Float64Array,
    offset: number,
    told: ReportFee | undefined,
  ): void {
    const { effects, ledger, nowNs } = this.#kernel;
    const row = ticket.row;
    const event = this.#event.set(kind === REPORT.busted ? ORDER_EVENT.bust : ORDER_EVENT.correct);
    event.refExecId = cells[offset + FIELD.requestId] as number;
    event.execId = cells[offset + FIELD.execId] as number;
    event.lastTicks = cells[offset + FIELD.priceTicks] as number;
    event.lastLots = cells[offset + FIELD.lots] as number;
    const outcome = apply(this.#orders, row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    const isNews = outcome !== OUTCOME.duplicate;
    const sign = this.#orders.side[row] as number;
    const now = nowNs[0] as number;
    const fees = this.#fees[station.index] as FeeModel;
    const maker = cells[offset + FIELD.maker] === 1;
    const { undoneLots, bookedLots, bookedTicks } = event;
    // After a split an old price need not be whole ticks; the cent that may be off is reconciled as cash.
    const undoneTicks = roundTo(event.undoneTicks, "halfEven");
    const [strategy, stays] = [
      this.#orders.strategy[row] as number,
      told !== undefined && kind !== REPORT.busted,
    ];
    if (undoneLots > 0) {
      const given = told === undefined ? undefined : { ...told, minor: stays ? 0n : -told.minor };
      const scheduled = fees.undoneMinor(undoneTicks, undoneLots, sign, maker, ticket.id);
      const fee = bookedFee(ledger, station, given, scheduled, undoneTicks);
      this.#risk.executed(row, -undoneLots, undoneTicks, now);
      ledger.fill(station.index, -sign, undoneTicks, undoneLots, fee.quoteMinor);
      this.#risk.charge(strategy, station.index, fee.worthMinor);
      if (!stays) this.#chargeOther(station, ticket.id, fee);
    }
    if (bookedLots > 0) {
      const feeMinor = stays ? 0n : fees.feeMinor(bookedTicks, bookedLots, sign, maker, ticket.id);
      this.#risk.executed(row, bookedLots, bookedTicks, now);
      ledger.fill(station.index, sign, bookedTicks, bookedLots, feeMinor);
      this.#risk.charge(strategy, station.index, feeMinor);
    }
    this.#risk.settle(row);
    effects.put(EFFECT.report, now, ticket.id, kind, event.refExecId, undoneLots, bookedLots, outcome);
    this.#kernel.observer?.amended?.(ticket, station, cells[offset + FIELD.exchNs] as number);
    if (!isNews) return;
    const view = this.#orderView;
    view.ticket = ticket;
    view.kind = KIND_WORDS[kind] as OrderEventKind;
    view.reason = "";
    (this.#kernel.slots[this.#orders.strategy[row] as number] as Slot).onOrder(view);
    if (undoneLots > 0 || bookedLots > 0) this.#kernel.tellPosition(station);
  }

  /** An execution that no order here explains, booked to a strategy all the same. */
  #foreign(station: Station, cells: Float64Array, offset: number, told: ReportFee | undefined): void {
    const kernel = this.#kernel;
    const strategy = cells[offset + FIELD.row] as number;
    const signed = cells[offset + FIELD.lots] as number;
    const ticks = cells[offset + FIELD.priceTicks] as number;
    const [sign, lots] = [Math.sign(signed), Math.abs(signed)];
    const fees = this.#fees[station.index] as FeeModel;
    const maker = cells[offset + FIELD.maker] === 1;
    const fee = bookedFee(kernel.ledger, station, told, fees.feeMinor(ticks, lots, sign, maker), ticks);
    const now = kernel.nowNs[0] as number;
    this.#risk.foreign(strategy, station.index, sign, lots, ticks, now);
    kernel.ledger.fill(station.index, sign, ticks, lots, fee.quoteMinor);
    this.#risk.charge(strategy, station.index, fee.worthMinor);
    const reason = cells[offset + FIELD.reason] as number;
    const code = reason * 2 + (maker ? 1 : 0);
    kernel.effects.put(EFFECT.filled, now, 0, sign, ticks, lots, Number(fee.quoteMinor), code);
    this.#chargeOther(station, 0, fee);
    kernel.tellPosition(station);
  }

  #state(kind: number, ticket: Ticket, cells: Float64Array, offset: number): void {
    const kernel = this.#kernel;
    const event = this.#event.set(STATE_EVENTS[kind] as number);
    if (kind === REPORT.status) {
      event.cumLots = cells[offset + FIELD.lots] as number;
      event.leavesLots = cells[offset + FIELD.leavesLots] as number;
      event.statusCode = cells[offset + FIELD.reason] as number;
    }
    const requestId = cells[offset + FIELD.requestId] as number;
    const reason = kind === REPORT.status ? 0 : (cells[offset + FIELD.reason] as number);
    if (kind === REPORT.canceled && requestId === 0) event.type = ORDER_EVENT.unsolicitedCancel;
    event.requestId = requestId;
    event.reason = reason;
    if (kind === REPORT.stopped) event.lastLots = cells[offset + FIELD.lots] as number;
    if (kind === REPORT.replaced || kind === REPORT.restated) {
      event.newTicks = cells[offset + FIELD.priceTicks] as number;
      event.newLots = cells[offset + FIELD.lots] as number;
    }
    const statusBefore = this.#orders.status[ticket.row];
    const outcome = apply(this.#orders, ticket.row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    const isNews = outcome !== OUTCOME.duplicate || this.#orders.status[ticket.row] !== statusBefore;
    if (kind === REPORT.replaced || kind === REPORT.replaceRejected) {
      this.#risk.answered(ticket.row, requestId, kind === REPORT.replaced);
    }
    const isAlive = this.#orders.isOpen(ticket.row) || this.#orders.restsOvernight(ticket.row);
    if (kind === REPORT.restated && isAlive) this.#risk.restated(ticket.row);
    this.#risk.settle(ticket.row);
    const now = kernel.nowNs[0] as number;
    const exchNs = cells[offset + FIELD.exchNs] as number;
    kernel.effects.put(EFFECT.report, now, ticket.id, kind, requestId, reason, exchNs, outcome);
    const word = REASONS[reason] as string;
    if (kernel.observer !== undefined) kernel.observer.reported(kind, ticket, word, now, exchNs);
    if (!isNews) return;
    const view = this.#orderView;
    view.ticket = ticket;
    view.kind = KIND_WORDS[kind] as OrderEventKind;
    view.reason = word;
    (kernel.slots[this.#orders.strategy[ticket.row] as number] as Slot).onOrder(view);
  }
}
