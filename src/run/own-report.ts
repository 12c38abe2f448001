import type { TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import type { SentItem } from "./session-record.ts";

/** Ids, and numbers of requests, left out after a recovery: a disk that lied may have lost as many of each. */
const SKIPPED = 65_536;

/** Reports of a session's own, inputs like any other: of what never left. */
export class OwnReports {
  readonly #kernel: TradingKernel;
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  readonly #late: OutboundOrder[] = [];
  readonly #lateStations: number[] = [];

  constructor(kernel: TradingKernel) {
    this.#kernel = kernel;
  }

  /** Orders and replaces that were stopped at the door and not told yet. */
  get late(): number {
    return this.#late.length;
  }

  /** An order or a replace was stopped at the door. */
  stopped(station: number, terms: OutboundOrder): void {
    this.#late.push({ ...terms });
    this.#lateStations.push(station);
  }

  /** Tells of all that was stopped. */
  tellStopped(): void {
    for (let i = 0; i < this.#late.length; i++) {
      const terms = this.#late[i] as OutboundOrder;
      const kind = terms.requestId === 0 ? REPORT.rejected : REPORT.replaceRejected;
      this.#tell(this.#lateStations[i] as number, kind, terms.row, terms, REASON.approvalLate);
    }
    this.#late.length = 0;
    this.#lateStations.length = 0;
  }

  /** A process that died is followed by this one: what it had not sent, and that every connection is lost. */
  tellRecovered(unsent: readonly SentItem[]): void {
    const kernel = this.#kernel;
    // Before anybody is told anything: what is sent in answer must not have a number that was used.
    kernel.skipIds(SKIPPED);
    kernel.skipRequests(SKIPPED);
    this.#tellUnsent(unsent);
    for (const station of kernel.stations) kernel.disconnected(station);
  }

  #tellUnsent(unsent: readonly SentItem[]): void {
    for (const item of unsent) {
      const row = this.#kernel.orders.rowOf(item.id);
      const rejected = item.requestId === 0 ? REPORT.rejected : REPORT.replaceRejected;
      const kind = item.kind === "cancel" ? REPORT.cancelRejected : rejected;
      this.#tell(item.station, kind, row, item, REASON.notSent);
    }
  }

  #tell(
    station: number,
    kind: number,
    row: number,
    { id, requestId }: { readonly id: number; readonly requestId: number },
    reason: number,
  ): void {
    const kernel = this.#kernel;
    const on = kernel.stations[station];
    if (on === undefined) return;
    const cells = this.#cells.fill(0);
    const now = kernel.nowNs[0] as number;
    cells[FIELD.timeNs] = now;
    cells[FIELD.exchNs] = now;
    cells[FIELD.kind] = kind;
    cells[FIELD.row] = row;
    cells[FIELD.id] = id;
    cells[FIELD.requestId] = requestId;
    cells[FIELD.reason] = reason;
    kernel.report(on, cells, 0);
  }
}
