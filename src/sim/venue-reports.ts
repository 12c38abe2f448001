import type { ColumnPool } from "../base/index.ts";
import { MESSAGE_FIELD as FIELD, REPORT } from "../model/index.ts";
import type { LatencyModel } from "./latency.ts";
import { MessageRing } from "./message-ring.ts";
import type { VenueOrders } from "./venue-orders.ts";

/**
 * The venue's reports on their way back to us.
 *
 * @invariant Reports arrive in the order they were made, each after the latency model's response time.
 */
export class VenueReports {
  readonly ring: MessageRing;
  /** The venue's time, ns from the session's base, set before each call. */
  readonly nowNs: Float64Array;
  /** The last feed message's latency, ns. */
  readonly feedLatencyNs: Float64Array;
  readonly #latency: LatencyModel;
  readonly #orders: VenueOrders;
  /** What orders stand away from the price that they were sent with. */
  readonly #spreadTicks: number;
  #executions = 0;

  constructor(
    latency: LatencyModel,
    orders: VenueOrders,
    nowNs: Float64Array,
    feedLatencyNs: Float64Array,
    spreadTicks = 0,
    columns?: ColumnPool,
  ) {
    this.ring = new MessageRing(1024, columns);
    this.#spreadTicks = spreadTicks;
    this.#latency = latency;
    this.#orders = orders;
    this.nowNs = nowNs;
    this.feedLatencyNs = feedLatencyNs;
  }

  /** A report without quantities: accepted, rejected, canceled, expired, a refused cancel or replace. */
  state(kind: number, row: number, id: number, requestId: number, reason: number): void {
    this.#write(kind, row, id, requestId, reason, 0, 0);
  }

  /** The order's terms are new. */
  replaced(row: number, requestId: number): void {
    this.#terms(REPORT.replaced, row, requestId, 0);
  }

  /** The venue gave the order another price or another whole quantity, unasked. */
  restated(row: number, reason: number): void {
    this.#terms(REPORT.restated, row, 0, reason);
  }

  #terms(kind: number, row: number, requestId: number, reason: number): void {
    const orders = this.#orders;
    const id = orders.id[row] as number;
    const tick = this.#told(row, orders.tick[row] as number);
    this.#write(kind, row, id, requestId, reason, tick, orders.lots[row] as number);
  }

  /** `lots` of the order traded at `tick`. */
  trade(row: number, tick: number, lots: number, maker: boolean, reason: number): void {
    const id = this.#orders.id[row] as number;
    const offset = this.#write(REPORT.trade, row, id, 0, reason, this.#told(row, tick), lots);
    this.#executions += 1;
    this.ring.cells[offset + FIELD.execId] = this.#executions;
    this.ring.cells[offset + FIELD.maker] = maker ? 1 : 0;
  }

  /** A price of the market as the order's sender knows it. */
  #told(row: number, tick: number): number {
    return tick + (this.#orders.side[row] as number) * this.#spreadTicks;
  }

  /** The order never reached the venue; we hear of it `afterNs` after it was sent. */
  lost(kind: number, row: number, id: number, requestId: number, reason: number, arrivesNs: number): void {
    const offset = this.ring.push(arrivesNs);
    this.#fill(offset, kind, row, id, requestId, reason, 0, 0, arrivesNs);
  }

  #write(
    kind: number,
    row: number,
    id: number,
    requestId: number,
    reason: number,
    tick: number,
    lots: number,
  ): number {
    const now = this.nowNs[0] as number;
    const offset = this.ring.push(now + this.#latency.responseNs(now, this.feedLatencyNs[0] as number));
    this.#fill(offset, kind, row, id, requestId, reason, tick, lots, now);
    return offset;
  }

  #fill(
    offset: number,
    kind: number,
    row: number,
    id: number,
    requestId: number,
    reason: number,
    tick: number,
    lots: number,
    exchNs: number,
  ): void {
    const cells = this.ring.cells;
    cells[offset + FIELD.kind] = kind;
    cells[offset + FIELD.row] = row;
    cells[offset + FIELD.id] = id;
    cells[offset + FIELD.requestId] = requestId;
    cells[offset + FIELD.priceTicks] = tick;
    cells[offset + FIELD.lots] = lots;
    cells[offset + FIELD.exchNs] = exchNs;
    cells[offset + FIELD.execId] = 0;
    cells[offset + FIELD.reason] = reason;
    cells[offset + FIELD.maker] = 0;
    cells[offset + FIELD.leavesLots] = kind === REPORT.trade ? (this.#orders.leaves[row] as number) : 0;
  }
}
