import { Fault } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import {
  type Break,
  type DoubtState,
  ReconBook,
  ReconSchedule,
  type SavedReconBook,
  type SavedReconSchedule,
} from "../recon/index.ts";
import { ReconActions } from "./recon-actions.ts";
import { ReconChanges } from "./recon-changes.ts";
import type { ReconDeskOptions, ReconDeskPlan } from "./recon-desk-options.ts";
import { ReconDoubts } from "./recon-doubts.ts";
import { ReconEvidence } from "./recon-evidence.ts";
import { ReconFees } from "./recon-fees.ts";
import { ReconFills, type SavedReconFills } from "./recon-fills.ts";
import type { ReconAlertReason } from "./recon-hands.ts";
import { ReconNotes, type SavedReconNotes } from "./recon-notes.ts";
import { type ReconCard, ReconOrders } from "./recon-orders.ts";
import { ReconReports } from "./recon-reports.ts";
import { ReconView } from "./recon-view.ts";

/** The state of a `ReconDesk`, JSON-safe. */
export interface SavedReconDesk {
  readonly orders: readonly ReconCard[];
  readonly fills: SavedReconFills;
  readonly doubts: readonly DoubtState[];
  readonly book: SavedReconBook;
  readonly schedule: SavedReconSchedule;
  readonly notes: SavedReconNotes;
  readonly asked: readonly string[];
  readonly halted: readonly number[];
  readonly nextOwn: number;
}

/** Everything a reconciliation desk remembers, and what works on it. */
export class ReconMemory {
  readonly plan: ReconDeskPlan;
  readonly orders: ReconOrders;
  readonly fills: ReconFills;
  readonly doubts: ReconDoubts;
  readonly book: ReconBook;
  readonly schedule: ReconSchedule;
  readonly notes: ReconNotes = new ReconNotes();
  readonly evidence: ReconEvidence;
  readonly view: ReconView;
  readonly changes: ReconChanges;
  readonly reports: ReconReports;
  readonly actions: ReconActions;
  readonly fees: ReconFees;
  /** Client order ids whose fate the venue is asked for. */
  readonly asked: Set<string> = new Set();
  /** Stations that were halted; where a hand holds them, the kernel knows better. */
  readonly halted: Set<number> = new Set();

  readonly #kernel: TradingKernel;

  constructor(options: ReconDeskOptions, plan: ReconDeskPlan) {
    this.#kernel = options.kernel;
    const { kernel, stations, venue, account, maxPositionLots } = options;
    const { names, hands, comparesCash, cancelsOnDisconnect } = plan;
    this.plan = plan;
    this.evidence = new ReconEvidence(venue, hands.remark?.bind(hands));
    this.orders = new ReconOrders(kernel.orders, names);
    this.fills = new ReconFills(plan.fillsKept, plan.forgottenNs);
    this.book = new ReconBook(plan.book);
    this.schedule = new ReconSchedule(options.schedule);
    const { orders, fills } = this;
    const { ackTimeoutNs, clockErrorNs, rowsMax } = this.book.rules;
    this.doubts = new ReconDoubts({
      kernel,
      options: { venue, account, ackTimeoutNs, clockErrorNs, rowsMax },
      cancelsOnDisconnect,
      maxPositionLots,
      nameOf: (id) => orders.get(id)?.clientOrderId ?? names.clientOrderId(id, 0),
      trouble: ({ message }) => this.alert("doubt", null, message),
    });
    this.view = new ReconView({ venue, account, kernel, stations, names, orders, fills, comparesCash });
    const { view } = this;
    this.changes = new ReconChanges(kernel, fills, (row) => view.forgot(row));
    this.reports = new ReconReports(kernel, this.changes, (station, cells, offset, note, fee) => {
      hands.report(station, cells, offset, note, fee);
    });
    const { reports } = this;
    const { foreignStrategy } = plan;
    this.actions = new ReconActions({
      kernel,
      stations,
      names,
      orders,
      fills,
      view,
      reports,
      hands,
      foreignStrategy,
    });
    const { actions } = this;
    this.fees = new ReconFees({
      kernel,
      stationOf: (instrument) => actions.stationOf(instrument),
      alert: (reason, each, detail) => this.alert(reason, each, detail),
    });
  }

  /** Whether an instrument was stopped, and not let go on. */
  isHalted(station: number): boolean {
    if (this.plan.hands.hold === undefined) return this.halted.has(station);
    return this.#kernel.stations[station]?.isHeld === true;
  }

  /** Calls a human: about a break once for each reason and difference. */
  alert(reason: ReconAlertReason, each: Break | null, detail: string): void {
    if (each !== null && !this.notes.tell(each, reason)) return;
    this.evidence.told(each, reason, detail);
    this.plan.hands.alert({ reason, break: each, detail });
  }

  save(): SavedReconDesk {
    return {
      orders: this.orders.save(),
      fills: this.fills.save(),
      doubts: this.doubts.save(),
      book: this.book.save(),
      schedule: this.schedule.save(),
      notes: this.notes.save(),
      asked: [...this.asked],
      halted: [...this.halted],
      nextOwn: this.changes.nextOwn,
    };
  }

  /** Takes what `save` wrote, into a new one. @throws `FAULT_INPUT` for anything else. */
  load(saved: SavedReconDesk): void {
    const { asked, halted, nextOwn, orders, fills, notes } = saved ?? {};
    const lists = [asked, halted, orders, fills?.rows, fills?.otherNames, notes];
    if (!lists.every(Array.isArray) || !Number.isSafeInteger(nextOwn)) {
      throw new Fault("FAULT_INPUT", { path: "saved", value: saved, expected: "what save wrote" });
    }
    this.orders.load(orders);
    this.fills.load(fills);
    this.doubts.load(saved.doubts);
    this.book.load(saved.book);
    this.schedule.load(saved.schedule);
    this.notes.load(notes);
    for (const each of asked) this.asked.add(each);
    for (const each of halted) this.halted.add(each);
    this.changes.nextOwn = nextOwn;
  }
}
