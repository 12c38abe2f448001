import { REPORT } from "../model/index.ts";
import { longerDoubles, longerIntegers } from "./columns.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TortureInstrument } from "./torture-market.ts";
import type { VenueClock } from "./venue-clock.ts";
import { VENUE_FAULT, type VenueFaults } from "./venue-faults.ts";
import type { VenueTruth } from "./venue-truth.ts";
import { WIRE, WIRE_REPORT, WIRE_STRIDE } from "./wire.ts";

/** Codes of reports beside those of `REPORT`: an execution undone, replaced; an order's status. */
export const VENUE_REPORT = { busted: 8, corrected: 9, status: 10 } as const;

/** Set in a report's flags where a resting order was taken. */
export const MAKER_FLAG = 1 << 16;

/**
 * Cells of a message that mean something else in a report: `venueSeq` is the venue's own number of the event,
 * from 1, the one that its snapshots' `asOfSeq` and `venueSeq` count in.
 */
export const REPORT_CELL = { venueSeq: WIRE.expireNs } as const;

/** Events of a venue that reports put; the kinds below 16 are the venue's own. */
export const REPORT_EVENT = { delayed: 16, ack: 17, duplicate: 18 } as const;

/** The first of the ids that no order ever has. */
const NOBODY = 9_000_000_000_000_000;
const NONE = -1;

/** Takes a report in; `cells` is reused after the call. */
export type ReportSink = (cells: Float64Array, offset: number) => void;

/**
 * What a simulated venue tells: writes reports from the truth, and loses, delays, repeats or misaddresses
 * those that the faults say.
 *
 * @invariant A report says what was true when it was made, however late it comes.
 * @cost Nothing is allocated while as many reports wait as once did.
 */
export class VenueReports {
  readonly #truth: VenueTruth;
  readonly #faults: VenueFaults;
  readonly #scheduler: Scheduler;
  readonly #clock: VenueClock;
  readonly #sink: ReportSink;
  readonly #cells: Float64Array = new Float64Array(WIRE_STRIDE);
  #actor = NONE;
  #waiting: Float64Array = new Float64Array(16 * WIRE_STRIDE);
  #nextFree: Int32Array = new Int32Array(16);
  #free = 0;

  constructor(
    truth: VenueTruth,
    faults: VenueFaults,
    scheduler: Scheduler,
    clock: VenueClock,
    sink: ReportSink,
  ) {
    this.#truth = truth;
    this.#faults = faults;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#sink = sink;
    this.#chain(0);
  }

  /** Sets whose events the waiting reports are. */
  bind(actor: number): void {
    this.#actor = actor;
  }

  /** The acceptance of an order; under `fillBeforeAck` it waits for a fill that overtakes it. */
  accepted(row: number): void {
    this.#fill(REPORT.accepted, row, 0, 0);
    const code = VENUE_FAULT.fillBeforeAck;
    if (!this.#faults.draws(code)) {
      this.#send(this.#cells, 0);
      return;
    }
    this.#truth.orders.heldAck[row] = 1 + this.#keep(this.#cells, 0);
    this.#at(this.#faults.delay(code), REPORT_EVENT.ack, row);
  }

  /** A report that is no execution: of a state, or of a request that was rejected. */
  state(report: number, row: number, requestId: number, reason: number): void {
    this.releaseAck(row);
    this.#fill(report, row, requestId, reason);
    this.#send(this.#cells, 0);
  }

  /** The same, told later; `lots` above 0 stand in place of the order's. */
  stateLater(report: number, row: number, reason: number, delayNs: number, lots = 0): void {
    this.#fill(report, row, 0, reason);
    if (lots > 0) this.#cells[WIRE.lots] = lots;
    this.#at(delayNs, REPORT_EVENT.delayed, this.#keep(this.#cells, 0));
  }

  /** So many lots are guaranteed to an order; it fills later. */
  stopped(row: number, lots: number): void {
    this.releaseAck(row);
    this.#fill(REPORT.stopped, row, 0, 0);
    this.#cells[WIRE.lots] = lots;
    this.#send(this.#cells, 0);
  }

  /** Rejects a message about an order that the venue does not have. */
  stranger(report: number, message: Float64Array, offset: number, reason: number): void {
    const cells = this.#cells;
    cells.fill(0);
    for (const field of ECHOED) cells[field] = message[offset + field] as number;
    cells[WIRE.kind] = WIRE_REPORT + report;
    cells[WIRE.exchNs] = this.#clock.read();
    cells[WIRE.reason] = reason;
    cells[REPORT_CELL.venueSeq] = ++this.#truth.venueSeq;
    this.#send(cells, 0);
  }

  /** An execution, now or later. */
  trade(exec: number, delayNs = 0): void {
    this.#fillExecution(REPORT.trade, exec);
    const faults = this.#faults;
    if (delayNs > 0) this.#at(delayNs, REPORT_EVENT.delayed, this.#keep(this.#cells, 0));
    else {
      this.#send(this.#cells, 0);
      const order = this.#truth.executions.order[exec] as number;
      if ((this.#truth.orders.heldAck[order] as number) > 0) {
        faults.hit(VENUE_FAULT.fillBeforeAck);
        this.releaseAck(order);
      }
    }
    if (faults.strikes(VENUE_FAULT.duplicateExec)) {
      this.#at(delayNs + faults.delay(VENUE_FAULT.duplicateExec), REPORT_EVENT.duplicate, exec);
    }
  }

  /** An execution that was undone: the report names it as the one it is about. */
  busted(exec: number, delayNs = 0): void {
    this.#fillExecution(VENUE_REPORT.busted, exec);
    const cells = this.#cells;
    const order = this.#truth.executions.order[exec] as number;
    cells[WIRE.refExecId] = cells[WIRE.execId] as number;
    cells[WIRE.execId] = 0;
    cells[WIRE.exchNs] = this.#clock.read();
    cells[REPORT_CELL.venueSeq] = this.#truth.venueSeq;
    cells[WIRE.leavesLots] = this.#truth.orders.leaves(order);
    cells[WIRE.cumLots] = this.#truth.orders.cumLots[order] as number;
    if (delayNs > 0) this.#at(delayNs, REPORT_EVENT.delayed, this.#keep(cells, 0));
    else this.#send(cells, 0);
  }

  /** An execution that replaces another. */
  corrected(exec: number): void {
    this.#fillExecution(VENUE_REPORT.corrected, exec);
    this.#send(this.#cells, 0);
  }

  /** Carries out an event of {@link REPORT_EVENT}. */
  fire(kind: number, a: number): void {
    if (kind === REPORT_EVENT.ack) this.releaseAck(a);
    else if (kind === REPORT_EVENT.duplicate) {
      this.#fillExecution(REPORT.trade, a);
      this.#send(this.#cells, 0);
    } else this.#sendKept(a);
  }

  /** Sends an acknowledgement that was held back. */
  releaseAck(row: number): void {
    const { heldAck } = this.#truth.orders;
    const slot = (heldAck[row] as number) - 1;
    if (slot < 0) return;
    heldAck[row] = 0;
    this.#sendKept(slot);
  }

  #fill(report: number, row: number, requestId: number, reason: number): void {
    const { orders, instruments } = this.#truth;
    const cells = this.#cells;
    const local = orders.local[row] as number;
    cells.fill(0);
    cells[WIRE.kind] = WIRE_REPORT + report;
    cells[WIRE.instrument] = (instruments[local] as TortureInstrument).index;
    cells[WIRE.id] = orders.id[row] as number;
    cells[WIRE.requestId] = requestId;
    cells[WIRE.sideSign] = orders.sideSign[row] as number;
    cells[WIRE.type] = orders.type[row] as number;
    cells[WIRE.timeInForce] = orders.timeInForce[row] as number;
    cells[WIRE.priceTicks] = orders.priceTicks[row] as number;
    cells[WIRE.lots] = orders.lots[row] as number;
    cells[WIRE.exchNs] = this.#clock.read();
    cells[WIRE.reason] = reason;
    cells[WIRE.leavesLots] = orders.leaves(row);
    cells[WIRE.cumLots] = orders.cumLots[row] as number;
    cells[REPORT_CELL.venueSeq] = ++this.#truth.venueSeq;
  }

  #fillExecution(report: number, exec: number): void {
    const { orders, executions, instruments } = this.#truth;
    const cells = this.#cells;
    const order = executions.order[exec] as number;
    const local = orders.local[order] as number;
    cells.fill(0);
    cells[WIRE.kind] = WIRE_REPORT + report;
    cells[WIRE.instrument] = (instruments[local] as TortureInstrument).index;
    cells[WIRE.id] = orders.id[order] as number;
    cells[WIRE.sideSign] = orders.sideSign[order] as number;
    cells[WIRE.type] = orders.type[order] as number;
    cells[WIRE.timeInForce] = orders.timeInForce[order] as number;
    cells[WIRE.flags] = executions.maker[exec] === 1 ? MAKER_FLAG : 0;
    cells[WIRE.priceTicks] = executions.priceTicks[exec] as number;
    cells[WIRE.lots] = executions.lots[exec] as number;
    cells[WIRE.exchNs] = executions.exchNs[exec] as number;
    cells[WIRE.execId] = exec + 1;
    cells[WIRE.refExecId] = executions.refExecId[exec] as number;
    cells[WIRE.reason] = executions.reason[exec] as number;
    cells[WIRE.leavesLots] = executions.leavesLots[exec] as number;
    cells[WIRE.cumLots] = executions.cumLots[exec] as number;
    cells[REPORT_CELL.venueSeq] = executions.venueSeq[exec] as number;
  }

  /** Hands a report out, unless it is lost; its id may be wrong by then. */
  #send(cells: Float64Array, offset: number): void {
    const faults = this.#faults;
    const report = (cells[offset + WIRE.kind] as number) - WIRE_REPORT;
    const { counts, orders } = this.#truth;
    if (report === REPORT.trade ? faults.strikes(VENUE_FAULT.fillLost) : isAck(report) && this.#losesAck()) {
      counts.reportsLost += 1;
      return;
    }
    if (faults.strikes(VENUE_FAULT.unknownId)) {
      cells[offset + WIRE.id] = NOBODY + faults.below(VENUE_FAULT.unknownId, 1_000_000);
    } else if (faults.draws(VENUE_FAULT.wrongId)) {
      const other = orders.id[faults.below(VENUE_FAULT.wrongId, Math.max(1, orders.count))] as number;
      if (other !== cells[offset + WIRE.id]) {
        faults.hit(VENUE_FAULT.wrongId);
        cells[offset + WIRE.id] = other;
      }
    }
    counts.reports += 1;
    this.#sink(cells, offset);
  }

  #losesAck(): boolean {
    return this.#faults.strikes(VENUE_FAULT.ackLost);
  }

  #at(delayNs: number, kind: number, a: number): void {
    this.#scheduler.at((this.#scheduler.nowNs[0] as number) + delayNs, this.#actor, kind, a);
  }

  /** Keeps a copy of a report for later; returns its slot. */
  #keep(cells: Float64Array, offset: number): number {
    if (this.#free === NONE) this.#grow();
    const slot = this.#free;
    this.#free = this.#nextFree[slot] as number;
    const at = slot * WIRE_STRIDE;
    for (let i = 0; i < WIRE_STRIDE; i++) this.#waiting[at + i] = cells[offset + i] as number;
    return slot;
  }

  /** Sends a kept report; the slot is free before anybody hears of it. */
  #sendKept(slot: number): void {
    const at = slot * WIRE_STRIDE;
    const cells = this.#cells;
    for (let i = 0; i < WIRE_STRIDE; i++) cells[i] = this.#waiting[at + i] as number;
    this.#nextFree[slot] = this.#free;
    this.#free = slot;
    this.#send(cells, 0);
  }

  #grow(): void {
    const before = this.#nextFree.length;
    this.#waiting = longerDoubles(this.#waiting, 2 * before * WIRE_STRIDE);
    this.#nextFree = longerIntegers(this.#nextFree, 2 * before);
    this.#chain(before);
  }

  /** Makes the slots from `first` on free. */
  #chain(first: number): void {
    const last = this.#nextFree.length - 1;
    for (let slot = first; slot < last; slot++) this.#nextFree[slot] = slot + 1;
    this.#nextFree[last] = NONE;
    this.#free = first;
  }
}

const ECHOED = [
  WIRE.instrument,
  WIRE.id,
  WIRE.requestId,
  WIRE.sideSign,
  WIRE.type,
  WIRE.timeInForce,
] as const;

function isAck(report: number): boolean {
  if (report === REPORT.accepted || report === REPORT.canceled || report === REPORT.replaced) return true;
  return report === REPORT.expired || report >= REPORT.restated;
}
