import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REASONS, REPORT } from "../model/index.ts";
import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import type { TradingSession } from "../run/index.ts";
import type { ClientSession } from "./client-session.ts";
import type { OrderCoverage } from "./order-coverage.ts";
import { MAKER_FLAG } from "./venue-reports.ts";
import { WIRE, WIRE_KIND, WIRE_REPORT, WIRE_STRIDE } from "./wire.ts";

/** What a {@link TortureGateway} tells its owner. */
export interface GatewayEvents {
  /** Asked before and after a message leaves: it throws where the process dies there. */
  atSend(isAfter: boolean, kind: number, id: number, lots: number): void;
  /** The time that messages are stamped with on their way out. @units ns */
  sentNs(): number;
  /** What was not taken, or answers nobody's order. */
  unsent(station: number, terms: OutboundOrder, isCancel: boolean): void;
  /** A report whose order is not held here. */
  stray(): void;
  /** Counts what happens to orders. */
  readonly coverage: OrderCoverage | undefined;
}

/**
 * The engine's side of one venue: orders become messages, messages become reports of the kernel.
 *
 * @invariant A report is told to the session with the row that holds its order now, or none.
 */
export class TortureGateway {
  readonly #session: TradingSession;
  readonly #events: GatewayEvents;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  readonly #message = new Float64Array(WIRE_STRIDE);
  readonly #terms: OutboundOrder = outboundOrder();
  readonly #rows = new Map<number, number>();
  /** The session that carries messages; undefined before the first connection. */
  client: ClientSession | undefined = undefined;
  /** Numbers of cancels that no strategy asked for. */
  #ownRequests = 1_000_000_000;

  constructor(session: TradingSession, stations: readonly number[], events: GatewayEvents) {
    this.#session = session;
    this.#events = events;
    const { orders } = session.kernel;
    for (let row = 0; row < orders.capacity; row++) {
      const id = orders.id[row] as number;
      if (id > 0 && stations.includes(orders.instrument[row] as number)) this.#rows.set(id, row);
    }
  }

  /** The door of one of the venue's instruments. */
  doorFor(station: number): VenueDoor<ApprovedOrder> {
    let gate: ApprovalTaker<ApprovedOrder> | undefined;
    return {
      bind: (taker) => {
        gate = taker;
      },
      send: (approved) => {
        gate?.take(approved, this.#terms);
        this.#order(station, this.#terms);
      },
      cancel: (row, id, requestId) => this.#cancel(station, row, id, requestId),
    };
  }

  /** A cancel by somebody beside the strategies: the kill switch, reconciliation. */
  cancelNow(station: number, id: number): boolean {
    this.#ownRequests += 1;
    this.#begin(WIRE_KIND.cancel, station, id, this.#ownRequests);
    return this.#put();
  }

  /** Cancels everything at the venue. */
  massCancel(): boolean {
    this.#ownRequests += 1;
    this.#begin(WIRE_KIND.massCancel, -1, 0, this.#ownRequests);
    return this.#put();
  }

  /** A report of the venue. */
  take(cells: Float64Array, offset: number, nowNs: number): void {
    const kind = (cells[offset + WIRE.kind] as number) - WIRE_REPORT;
    const station = cells[offset + WIRE.instrument] as number;
    if (!(kind >= 0 && this.#session.kernel.stations[station] !== undefined)) return this.#events.stray();
    const report = this.#cells.fill(0);
    const id = cells[offset + WIRE.id] as number;
    const row = this.#rows.get(id) ?? -1;
    if (!this.#session.kernel.orders.isCurrent(row, id)) this.#events.stray();
    report[FIELD.timeNs] = nowNs;
    report[FIELD.kind] = kind;
    report[FIELD.row] = row;
    report[FIELD.id] = id;
    report[FIELD.requestId] = cells[offset + WIRE.requestId] as number;
    report[FIELD.priceTicks] = cells[offset + WIRE.priceTicks] as number;
    report[FIELD.lots] = cells[offset + WIRE.lots] as number;
    report[FIELD.exchNs] = cells[offset + WIRE.exchNs] as number;
    report[FIELD.execId] = cells[offset + WIRE.execId] as number;
    const reason = cells[offset + WIRE.reason] as number;
    // A venue's own words have codes that only it knows.
    report[FIELD.reason] = reason < REASONS.length ? reason : REASON.none;
    report[FIELD.maker] = ((cells[offset + WIRE.flags] as number) & MAKER_FLAG) === 0 ? 0 : 1;
    report[FIELD.leavesLots] = cells[offset + WIRE.leavesLots] as number;
    if (kind === REPORT.trade) report[FIELD.reason] = REASON.reported;
    else if (kind === REPORT.busted || kind === REPORT.corrected) {
      report[FIELD.requestId] = cells[offset + WIRE.refExecId] as number;
    } else if (kind === REPORT.status) {
      report[FIELD.lots] = cells[offset + WIRE.cumLots] as number;
      report[FIELD.reason] = reason;
    } else if ((report[FIELD.requestId] as number) > 1_000_000_000) report[FIELD.requestId] = 0;
    const { coverage } = this.#events;
    coverage?.before(report);
    this.#session.report(station, report, 0, nowNs);
    if (row >= 0) coverage?.look(row);
    if (kind === REPORT.trade) this.#checkBooked(row, id, cells[offset + WIRE.execId] as number);
  }

  /** What the venue told of an order that is held is in its executions when the report is settled. */
  #checkBooked(row: number, id: number, execId: number): void {
    const { orders } = this.#session.kernel;
    if (!orders.isCurrent(row, id)) return;
    const venue = orders.venue[row] as number;
    if (orders.executions.find(orders.firstExecution[row] as number, execId, venue) >= 0) return;
    throw new Error(`execution ${execId} of order ${id} was told and is not booked`);
  }

  /** A report of our own: something never left. */
  tellUnsent(station: number, terms: OutboundOrder, isCancel: boolean, nowNs: number): void {
    const report = this.#cells.fill(0);
    const rejected = terms.requestId === 0 ? REPORT.rejected : REPORT.replaceRejected;
    report[FIELD.timeNs] = nowNs;
    report[FIELD.exchNs] = nowNs;
    report[FIELD.kind] = isCancel ? REPORT.cancelRejected : rejected;
    report[FIELD.row] = terms.row;
    report[FIELD.id] = terms.id;
    report[FIELD.requestId] = terms.requestId;
    report[FIELD.reason] = REASON.notSent;
    this.#session.report(station, report, 0, nowNs);
  }

  /** Forgets orders that the kernel holds no more. */
  tidy(): void {
    const { orders } = this.#session.kernel;
    for (const [id, row] of this.#rows) if (!orders.isCurrent(row, id)) this.#rows.delete(id);
  }

  #order(station: number, terms: OutboundOrder): void {
    const { id, row, requestId } = terms;
    this.#events.coverage?.sent(row, false, requestId);
    if (requestId === 0) this.#rows.set(id, row);
    this.#begin(requestId === 0 ? WIRE_KIND.newOrder : WIRE_KIND.replace, station, id, requestId);
    const message = this.#message;
    message[WIRE.sideSign] = terms.sideSign;
    message[WIRE.type] = terms.type;
    message[WIRE.timeInForce] = terms.timeInForce;
    message[WIRE.flags] = terms.flags;
    message[WIRE.priceTicks] = terms.priceTicks;
    message[WIRE.lots] = terms.lots;
    message[WIRE.expireNs] = terms.expireNs;
    this.#events.atSend(false, this.#message[WIRE.kind] as number, id, terms.lots);
    if (!this.#put()) this.#events.unsent(station, { ...terms }, false);
    this.#events.atSend(true, this.#message[WIRE.kind] as number, id, terms.lots);
  }

  #cancel(station: number, row: number, id: number, requestId: number): void {
    this.#events.coverage?.sent(row, true, requestId);
    this.#begin(WIRE_KIND.cancel, station, id, requestId);
    this.#events.atSend(false, this.#message[WIRE.kind] as number, id, 0);
    if (!this.#put()) this.#events.unsent(station, { ...this.#terms, row, id, requestId }, true);
    this.#events.atSend(true, this.#message[WIRE.kind] as number, id, 0);
  }

  #begin(kind: number, station: number, id: number, requestId: number): void {
    const message = this.#message.fill(0);
    message[WIRE.kind] = kind;
    message[WIRE.epoch] = this.#session.recorder.journal.epoch;
    message[WIRE.instrument] = station;
    message[WIRE.id] = id;
    message[WIRE.requestId] = requestId;
    message[WIRE.exchNs] = this.#events.sentNs();
  }

  #put(): boolean {
    return this.client?.send(this.#message, 0) === true;
  }
}
