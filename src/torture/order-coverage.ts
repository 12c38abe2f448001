import { MESSAGE_FIELD as FIELD, REPORT } from "../model/index.ts";
import { ORDER_EVENT, ORDER_STATUS, type OrderStore } from "../order/index.ts";
import type { Coverage } from "./coverage.ts";

/** The order's event that each report is, by its code. */
const EVENT_OF: readonly number[] = [
  ORDER_EVENT.ack,
  ORDER_EVENT.reject,
  ORDER_EVENT.cancelAck,
  ORDER_EVENT.expire,
  ORDER_EVENT.replaceAck,
  ORDER_EVENT.cancelReject,
  ORDER_EVENT.replaceReject,
  ORDER_EVENT.trade,
  ORDER_EVENT.bust,
  ORDER_EVENT.correct,
  ORDER_EVENT.status,
  // An execution that no order explains.
  -1,
  ORDER_EVENT.restated,
  ORDER_EVENT.doneForDay,
  ORDER_EVENT.suspend,
  ORDER_EVENT.activate,
  ORDER_EVENT.stop,
  ORDER_EVENT.calculate,
];

/** Counts what happens to the orders of one process: looks at a row before and after. */
export class OrderCoverage {
  readonly #orders: OrderStore;
  readonly #coverage: Coverage;
  /** The last status seen of each row, and whose it was. */
  readonly #status: Uint8Array;
  readonly #ids: Float64Array;

  constructor(orders: OrderStore, coverage: Coverage) {
    this.#orders = orders;
    this.#coverage = coverage;
    this.#status = new Uint8Array(orders.capacity);
    this.#ids = new Float64Array(orders.capacity);
    // What a recovery brought back has its status from the life before.
    for (let row = 0; row < orders.capacity; row++) {
      this.#ids[row] = orders.id[row] as number;
      this.#status[row] = orders.status[row] as number;
    }
  }

  /** Something was sent: an order, a cancel, a replace. */
  sent(row: number, isCancel: boolean, requestId: number): void {
    const request = isCancel ? ORDER_EVENT.cancelRequest : ORDER_EVENT.replaceRequest;
    this.#event(row, requestId === 0 ? ORDER_EVENT.submit : request);
    this.look(row);
  }

  /** A report is about to be settled. */
  before(cells: Float64Array): void {
    const kind = cells[FIELD.kind] as number;
    const row = cells[FIELD.row] as number;
    if (row < 0) return;
    const unasked = kind === REPORT.canceled && cells[FIELD.requestId] === 0;
    const event = unasked ? ORDER_EVENT.unsolicitedCancel : EVENT_OF[kind];
    if (event !== undefined && event >= 0) this.#event(row, event);
  }

  /** A connection is about to be taken for lost. */
  disconnecting(stations: readonly number[]): void {
    const orders = this.#orders;
    for (let row = 0; row < orders.capacity; row++) {
      const isOpen = orders.isOpen(row) || orders.restsOvernight(row);
      if (orders.id[row] !== 0 && isOpen && stations.includes(orders.instrument[row] as number))
        this.#event(row, ORDER_EVENT.disconnect);
    }
  }

  /** Looks at every row. */
  lookAtAll(): void {
    for (let row = 0; row < this.#orders.capacity; row++) this.look(row);
  }

  /** Counts the change of a row's status since it was looked at last. */
  look(row: number): void {
    const orders = this.#orders;
    const id = orders.id[row] as number;
    if (!(id > 0)) return;
    const status = orders.status[row] as number;
    const isKnown = this.#ids[row] === id;
    this.#coverage.statusChanged(isKnown ? (this.#status[row] as number) : ORDER_STATUS.created, status);
    this.#ids[row] = id;
    this.#status[row] = status;
  }

  #event(row: number, event: number): void {
    if (!((this.#orders.id[row] as number) > 0)) return;
    const isKnown = this.#ids[row] === this.#orders.id[row];
    this.#coverage.eventCame(isKnown ? (this.#status[row] as number) : ORDER_STATUS.created, event);
  }
}
