import type { TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import { REQUEST } from "../order/index.ts";

/** Numbers of the busts and corrections that we make ourselves begin here: no venue's numbers reach so far. */
export const OWN_EXECUTIONS: number = 2 ** 52;

type Take = (station: number, cells: Float64Array, offset: number) => void;

/**
 * Makes reports about held orders out of what a snapshot said, as the venue would have sent them.
 *
 * @invariant Every report names an order by its row and id; which report is due is decided before any is made.
 */
export class ReconReports {
  readonly #kernel: TradingKernel;
  readonly #take: Take;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  /** The number of the next bust or correction that we make. */
  nextOwn: number = OWN_EXECUTIONS;

  constructor(kernel: TradingKernel, take: Take) {
    this.#kernel = kernel;
    this.#take = take;
  }

  /** The venue has the order. */
  accepted(row: number, nowNs: number, exchNs: number): void {
    this.#send(this.#set(REPORT.accepted, row, nowNs, exchNs, REASON.reconciled));
  }

  /** A request is in force, or never was. */
  answered(row: number, requestId: number, isAccepted: boolean, nowNs: number, exchNs: number): void {
    const isCancel = this.#kindOf(row, requestId) === REQUEST.cancel;
    const refused = isCancel ? REPORT.cancelRejected : REPORT.replaceRejected;
    const kind = isAccepted ? (isCancel ? REPORT.canceled : REPORT.replaced) : refused;
    const cells = this.#set(kind, row, nowNs, exchNs, isAccepted ? REASON.reconciled : REASON.lostOnTheWay);
    cells[FIELD.requestId] = requestId;
    this.#send(cells);
  }

  /** The order ended: `rejected`, `expired`, else canceled; its other requests came too late. */
  ended(row: number, state: string, reason: number, nowNs: number, exchNs: number): void {
    const store = this.#kernel.orders;
    const id = store.id[row] as number;
    const waiting = this.#waiting(row);
    const cancel = waiting.find((requestId) => this.#kindOf(row, requestId) === REQUEST.cancel) ?? 0;
    const isRejected = state === "rejected" && store.cumLots[row] === 0;
    const other = state === "expired" ? REPORT.expired : REPORT.canceled;
    const cells = this.#set(isRejected ? REPORT.rejected : other, row, nowNs, exchNs, reason);
    const isCanceled = cells[FIELD.kind] === REPORT.canceled;
    if (isCanceled) cells[FIELD.requestId] = cancel;
    const kinds = waiting.map((requestId) => this.#kindOf(row, requestId));
    this.#send(cells);
    for (const [i, requestId] of waiting.entries()) {
      if ((isCanceled && requestId === cancel) || !store.isCurrent(row, id)) continue;
      const kind = kinds[i] === REQUEST.cancel ? REPORT.cancelRejected : REPORT.replaceRejected;
      const late = this.#set(kind, row, nowNs, exchNs, REASON.tooLate);
      late[FIELD.requestId] = requestId;
      this.#send(late);
    }
  }

  /** An execution of the order. */
  traded(
    row: number,
    fill: { readonly number: number; readonly priceTicks: number; readonly lots: number },
    nowNs: number,
    exchNs: number,
  ): void {
    const cells = this.#set(REPORT.trade, row, nowNs, exchNs, REASON.reported);
    cells[FIELD.execId] = fill.number;
    cells[FIELD.priceTicks] = fill.priceTicks;
    cells[FIELD.lots] = fill.lots;
    cells[FIELD.leavesLots] = Math.max(0, this.#kernel.orders.leavesLots(row) - fill.lots);
    this.#send(cells);
  }

  /** The venue took an execution back. */
  busted(row: number, number: number, isMaker: boolean, nowNs: number, exchNs: number): void {
    const cells = this.#set(REPORT.busted, row, nowNs, exchNs, REASON.reported);
    cells[FIELD.execId] = this.nextOwn++;
    cells[FIELD.requestId] = number;
    cells[FIELD.maker] = isMaker ? 1 : 0;
    this.#send(cells);
  }

  /** The venue has an execution otherwise: `nextOwn` is its number from now on. */
  corrected(
    row: number,
    number: number,
    right: { readonly priceTicks: number; readonly lots: number; readonly isMaker: boolean },
    nowNs: number,
    exchNs: number,
  ): void {
    const cells = this.#set(REPORT.corrected, row, nowNs, exchNs, REASON.reported);
    cells[FIELD.execId] = this.nextOwn++;
    cells[FIELD.requestId] = number;
    cells[FIELD.priceTicks] = right.priceTicks;
    cells[FIELD.lots] = right.lots;
    cells[FIELD.maker] = right.isMaker ? 1 : 0;
    this.#send(cells);
  }

  /** An execution that no held order explains, booked to a strategy; returns the fee that was charged. */
  foreign(
    station: number,
    strategy: number,
    signedLots: number,
    priceTicks: number,
    nowNs: number,
    exchNs: number,
  ): bigint {
    const { ledger } = this.#kernel;
    const cells = this.#cells.fill(0);
    cells[FIELD.timeNs] = nowNs;
    cells[FIELD.kind] = REPORT.foreign;
    cells[FIELD.row] = strategy;
    cells[FIELD.priceTicks] = priceTicks;
    cells[FIELD.lots] = signedLots;
    cells[FIELD.exchNs] = exchNs;
    cells[FIELD.reason] = REASON.reconciled;
    const before = ledger.feesMinor(station);
    this.#take(station, cells, 0);
    return ledger.feesMinor(station) - before;
  }

  /** The venue holds the order as we do: a doubt is over. */
  agreed(row: number, nowNs: number, exchNs: number): void {
    const store = this.#kernel.orders;
    const cells = this.#set(REPORT.status, row, nowNs, exchNs, store.base[row] as number);
    cells[FIELD.lots] = store.cumLots[row] as number;
    this.#send(cells);
  }

  #waiting(row: number): readonly number[] {
    const store = this.#kernel.orders;
    const from = row * store.requestSlots;
    const count = store.pendingCount[row] as number;
    return Array.from({ length: count }, (_, i) => store.pendingId[from + i] as number);
  }

  #kindOf(row: number, requestId: number): number {
    const store = this.#kernel.orders;
    const from = row * store.requestSlots;
    for (let slot = from; slot < from + (store.pendingCount[row] as number); slot++) {
      if (store.pendingId[slot] === requestId) return store.pendingKind[slot] as number;
    }
    return 0;
  }

  #set(kind: number, row: number, nowNs: number, exchNs: number, reason: number): Float64Array {
    const store = this.#kernel.orders;
    const cells = this.#cells.fill(0);
    cells[FIELD.timeNs] = nowNs;
    cells[FIELD.kind] = kind;
    cells[FIELD.row] = row;
    cells[FIELD.id] = store.id[row] as number;
    cells[FIELD.exchNs] = exchNs;
    cells[FIELD.reason] = reason;
    cells[FIELD.leavesLots] = store.leavesLots(row);
    return cells;
  }

  #send(cells: Float64Array): void {
    const row = cells[FIELD.row] as number;
    this.#take(this.#kernel.orders.instrument[row] as number, cells, 0);
  }
}
