import type { ReportFee, TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import { ORDER_STATUSES, type OrderStatus, REQUEST, TRANSITIONS } from "../order/index.ts";
import type { ReconChange, ReconChanges } from "./recon-changes.ts";
import type { KeptExecution } from "./recon-fills.ts";

type Take = (
  station: number,
  cells: Float64Array,
  offset: number,
  note: string | undefined,
  fee: ReportFee | undefined,
) => void;

/**
 * Makes reports about held orders out of what a snapshot said, as the venue would have sent them.
 *
 * @invariant Every report names an order by its row and id; which report is due is decided before any is made.
 */
export class ReconReports {
  readonly #kernel: TradingKernel;
  readonly #take: Take;
  readonly #changes: ReconChanges;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);

  constructor(kernel: TradingKernel, changes: ReconChanges, take: Take) {
    this.#kernel = kernel;
    this.#changes = changes;
    this.#take = take;
  }

  /** The number of the next bust, correction or execution that we make. */
  get nextOwn(): number {
    return this.#changes.nextOwn;
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

  /**
   * The order ended: `rejected`, `expired`, else canceled; its other requests came too late. One that can't be rejected as
   * it stands with us, such as a suspended one, is told as canceled: a word that is no use there would end nothing.
   */
  ended(row: number, state: string, reason: number, nowNs: number, exchNs: number): void {
    const store = this.#kernel.orders;
    const id = store.id[row] as number;
    const waiting = this.#waiting(row);
    const cancel = waiting.find((requestId) => this.#kindOf(row, requestId) === REQUEST.cancel) ?? 0;
    const status = ORDER_STATUSES[store.base[row] as number] as OrderStatus;
    const isRejected = state === "rejected" && store.cumLots[row] === 0 && TRANSITIONS[status].reject !== "x";
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

  /** An execution of the order; `fee` where the venue told it. */
  traded(
    row: number,
    fill: {
      readonly number: number;
      readonly priceTicks: number;
      readonly lots: number;
      readonly isMaker: boolean;
    },
    nowNs: number,
    exchNs: number,
    change: ReconChange = {},
    fee?: ReportFee,
  ): void {
    const cells = this.#set(REPORT.trade, row, nowNs, exchNs, REASON.reported);
    cells[FIELD.execId] = fill.number;
    cells[FIELD.priceTicks] = fill.priceTicks;
    cells[FIELD.lots] = fill.lots;
    cells[FIELD.maker] = fill.isMaker ? 1 : 0;
    cells[FIELD.leavesLots] = Math.max(0, this.#kernel.orders.leavesLots(row) - fill.lots);
    this.#send(cells, change, fee);
  }

  /** The venue took an execution back: it is kept no more, and `fee` is given back where it is known. */
  busted(
    row: number,
    fill: { readonly execId: string; readonly number: number; readonly isMaker: boolean },
    nowNs: number,
    exchNs: number,
    fee: ReportFee | undefined,
  ): void {
    const cells = this.#set(REPORT.busted, row, nowNs, exchNs, REASON.reported);
    const own = this.#changes.nextOwn;
    cells[FIELD.execId] = own;
    cells[FIELD.requestId] = fill.number;
    cells[FIELD.maker] = fill.isMaker ? 1 : 0;
    this.#send(cells, { own, drop: fill.execId }, fee);
  }

  /** The venue has an execution otherwise: it bears a number of ours from now on; `fee` stays charged where given. */
  corrected(
    row: number,
    number: number,
    right: KeptExecution,
    nowNs: number,
    exchNs: number,
    fee: ReportFee | undefined,
  ): void {
    const cells = this.#set(REPORT.corrected, row, nowNs, exchNs, REASON.reported);
    const own = this.#changes.nextOwn;
    cells[FIELD.execId] = own;
    cells[FIELD.requestId] = number;
    cells[FIELD.priceTicks] = right.priceTicks;
    cells[FIELD.lots] = right.lots;
    cells[FIELD.maker] = right.isMaker ? 1 : 0;
    const put = { ...right, number: own, feeMinor: textOf(right.feeMinor) };
    this.#send(cells, { own, rename: [right.id, own, right.execId], put }, fee);
  }

  /** An execution that no held order explains, booked to a strategy; returns the fee charged in the quote currency. */
  foreign(
    station: number,
    strategy: number,
    signedLots: number,
    priceTicks: number,
    nowNs: number,
    exchNs: number,
    change: ReconChange = {},
    fee?: ReportFee,
    isMaker: boolean = false,
  ): bigint {
    const cells = this.#cells.fill(0);
    cells[FIELD.timeNs] = nowNs;
    cells[FIELD.kind] = REPORT.foreign;
    cells[FIELD.maker] = isMaker ? 1 : 0;
    cells[FIELD.row] = strategy;
    cells[FIELD.priceTicks] = priceTicks;
    cells[FIELD.lots] = signedLots;
    cells[FIELD.exchNs] = exchNs;
    cells[FIELD.reason] = REASON.reconciled;
    return this.#around(station, cells, change, fee);
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

  #send(cells: Float64Array, change: ReconChange = {}, fee?: ReportFee): void {
    const row = cells[FIELD.row] as number;
    this.#around(this.#kernel.orders.instrument[row] as number, cells, change, fee);
  }

  /** An adjusting entry of cash, with what it changes; false where it was not taken. */
  adjusted(station: number, change: ReconChange, take: (note: string | undefined) => boolean): boolean {
    this.#changes.begin(station, change);
    const isTaken = take(noteOf(change));
    if (isTaken) this.#changes.end(station, change);
    return isTaken;
  }

  #around(station: number, cells: Float64Array, change: ReconChange, fee: ReportFee | undefined): bigint {
    this.#changes.begin(station, change);
    this.#take(station, cells, 0, noteOf(change), fee);
    return this.#changes.end(station, change);
  }
}

function noteOf(change: ReconChange): string | undefined {
  return Object.keys(change).length === 0 ? undefined : JSON.stringify(change);
}

/** A fee as JSON has it. */
export function textOf(minor: bigint | null): string | null {
  return minor === null ? null : String(minor);
}
