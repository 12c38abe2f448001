import { isRefusal, type Refusal } from "../base/index.ts";
import type { KernelObserver, ReportFee, Station, Ticket, TradingKernel } from "../kernel/index.ts";
import { MESSAGE_FIELD as FIELD, REPORT } from "../model/index.ts";
import type {
  Break,
  BreakKind,
  LocalView,
  ReconDue,
  ReconRefusalCode,
  ReconReport,
  VenueSnapshot,
} from "../recon/index.ts";
import type { FillView } from "../strategy/index.ts";
import { readChange } from "./recon-changes.ts";
import { planReconDesk, type ReconDeskOptions, type ReconDeskPlan } from "./recon-desk-options.ts";
import { checkApproval, type ReconApproval } from "./recon-evidence.ts";
import { otherFee } from "./recon-fill-actions.ts";
import { ReconMemory, type SavedReconDesk } from "./recon-memory.ts";
import { nameOfBreak, readApproved } from "./recon-notes.ts";
import { type CarriedBreak, carryRound, isUnsettled } from "./recon-round.ts";

/** What the venue is to be asked for now, in one snapshot. */
export interface ReconAsk extends ReconDue {
  /** Executions from then on; `null`: all. @units ns of the venue's clock */
  readonly fillsFromNs: number | null;
  /** Orders to be told of by name, ended or not: a row, or `notFound`. */
  readonly clientOrderIds: readonly string[];
}

/** What a snapshot changed, and what was done about it. */
export interface ReconTaken extends ReconReport {
  readonly carried: readonly CarriedBreak[];
}

/** Reports that a session makes itself: their times are ours, and say nothing of what the venue knew. */
const OWN_REASONS: readonly string[] = ["notSent", "approvalLate"];

/**
 * The schedule and the hands of reconciliation for one account at one venue of a running kernel: it knows what we hold,
 * says when the venue is to be asked and for what, and turns confirmed breaks into reports, requests and calls.
 *
 * The caller tells it what leaves (`sent`) and wires `filled`, `reported` and `amended` to the kernel's observer. It
 * holds no timer and asks nobody itself: `due` says what to ask, `take` is given the answer.
 *
 * @units `nowNs` whole ns of our clock from the session's base, never falling
 * @invariant Equal calls in equal order lead to equal reports and requests; time comes from arguments only.
 * @invariant A snapshot that is refused leads to nothing but an alert.
 * @refuses `take` as `ReconBook.update`, and a snapshot of before the executions that are kept as
 * `RECON_SNAPSHOT_STALE`
 * @throws `FAULT_CONFIG` naming the option; `FAULT_TIME` for a time before the last.
 * @cost `sent`, `reported`, `filled` O(1); `take` O(capacity of the store + rows), no hot path.
 * @example
 * ```ts
 * import { TradingKernel } from "tickwright/kernel";
 * import { Instrument, money } from "tickwright/model";
 * import { ReconDesk } from "tickwright/run";
 * const abc = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const cash = money(100_000n, "USD");
 * const strategies = [{ name: "idle", onStart() {} }];
 * const made = { instruments: [abc], strategies, cash: [cash], reporting: cash.currency, seed: 1, baseNs: 0n };
 * const kernel = new TradingKernel(made);
 * const asked: string[] = [];
 * const desk = new ReconDesk({
 *   venue: "x", account: "main", kernel, stations: [0], schedule: { startNs: 0 },
 *   rules: { ackTimeoutNs: 1e9, graceNs: 60e9, orphans: "cancel" },
 *   hands: {
 *     report: (station, cells, offset) => kernel.report(kernel.stations[station]!, cells, offset),
 *     cancelOrphan: (orderId) => void asked.push(orderId),
 *     queryOrder: () => {}, queryFills: () => {}, alert: () => {}, halt: () => {},
 *   },
 * });
 * desk.connected(1e9);
 * desk.due(1e9)?.causes; // => ["reconnect"]
 * const terms = { instrument: "ABC", side: "buy", priceTicks: 100, lots: 5, cumLots: 0, state: "open" } as const;
 * const snapshot = { venue: "x", account: "main", orders: [{ orderId: "v1", ...terms }], fills: [], positions: [] };
 * desk.take({ ...snapshot, asOfNs: 2e9, fillsThroughNs: 2e9 }, 3e9);
 * desk.take({ ...snapshot, asOfNs: 5e9, fillsThroughNs: 5e9 }, 6e9);
 * asked; // => ["v1"]
 * ```
 */
export class ReconDesk implements Pick<KernelObserver, "filled" | "reported"> {
  readonly stations: readonly number[];
  readonly #kernel: TradingKernel;
  readonly #options: ReconDeskOptions;
  readonly #plan: ReconDeskPlan;
  readonly #mine: ReadonlySet<number>;
  #memory: ReconMemory;
  #running: ReconDue | undefined = undefined;
  /** When the question under way was asked. */
  #askedNs: number | undefined = undefined;

  constructor(options: ReconDeskOptions) {
    this.#plan = planReconDesk(options);
    this.#options = options;
    this.#kernel = options.kernel;
    this.stations = [...options.stations];
    this.#mine = new Set(this.stations);
    this.#memory = new ReconMemory(options, this.#plan);
  }

  // --- what it is told ---

  /** An order, cancel or replace leaves: request 0 is the order itself. */
  sent(id: number, requestId: number, nowNs: number): void {
    const { orders } = this.#memory;
    if (requestId === 0) orders.open(id, nowNs);
    else orders.requested(id, requestId, nowNs);
  }

  /** The venue's id of an order became known. */
  named(id: number, orderId: string): void {
    this.#memory.orders.name(id, orderId);
  }

  /** As the kernel's observer: the venue reported on an order. */
  reported(kind: number, ticket: Ticket, reason: string, _nowNs: number, exchNs: number): void {
    const { orders, doubts } = this.#memory;
    if (!OWN_REASONS.includes(reason)) orders.reported(ticket.id, exchNs);
    if (kind === REPORT.replaced) orders.replaced(ticket.id);
    if (doubts.size === 0) return;
    const card = orders.get(ticket.id);
    if (card !== undefined) doubts.reported(card, kind, ticket.cumLots);
  }

  /** As the kernel's observer: an execution was booked; it stands first in its order's list. */
  filled(fill: FillView, ticket: Ticket, station: Station): void {
    if (!this.#mine.has(station.index)) return;
    const { orders, fills, doubts, view } = this.#memory;
    const { executions, firstExecution } = this.#kernel.orders;
    const number = executions.execId[firstExecution[ticket.row] as number] as number;
    const { id } = ticket;
    const card = orders.open(id, fill.ns);
    const execId = fills.otherName(id, number) ?? this.#plan.names.execId(number, id);
    const other = fills.get(execId);
    if (other !== undefined && other.id !== id) {
      this.#memory.alert("execId", null, `${execId} of orders ${other.id} and ${id}`);
      return;
    }
    const forgotten = fills.put({
      execId,
      id,
      number,
      station: station.index,
      sign: fill.side === "buy" ? 1 : -1,
      priceTicks: fill.priceTicks,
      lots: fill.lots,
      venueNs: Math.floor(fill.exchNs),
      latestNs: Math.floor(fill.exchNs),
      isMaker: fill.maker,
      feeMinor: fill.feeMinor,
      ...(fill.feeCurrency === fill.instrument.quote.code ? {} : { feeCurrency: fill.feeCurrency }),
      orderId: card.orderId,
      clientOrderId: card.clientOrderId,
    });
    if (forgotten !== undefined) view.forgot(forgotten);
    if (doubts.size > 0) doubts.booked(card, ticket.cumLots, ticket.isOpen);
  }

  /** As the kernel's observer: an execution was busted or corrected. */
  amended(ticket: Ticket, station: Station, exchNs: number): void {
    if (this.#mine.has(station.index)) this.#memory.view.amended(ticket.id, ticket.row, Math.floor(exchNs));
  }

  /**
   * An input that a hand recorded with a note is replayed: called before it is settled, and again after it. A desk that
   * made the report itself is not called.
   *
   * @throws `FAULT_JOURNAL_FORMAT` for what is no note of a desk.
   */
  replaying(station: number, note: string, isSettled: boolean): void {
    const { changes } = this.#memory;
    if (isSettled) changes.end(station, readChange(note));
    else changes.begin(station, readChange(note));
  }

  /**
   * The fee that an execution's report is to be given to the kernel with, where it is known and can be booked: of a
   * trade as the venue wrote it (`amount`, a decimal), of one taken back or corrected what it was charged.
   */
  feeOf(
    station: number,
    cells: Float64Array,
    offset: number,
    told: { readonly currency: string; readonly amount: string } | undefined,
  ): ReportFee | undefined {
    const { fees, fills } = this.#memory;
    const kind = cells[offset + FIELD.kind] as number;
    if (kind === REPORT.trade && told !== undefined) return fees.told(station, told.currency, told.amount);
    if (kind !== REPORT.busted && kind !== REPORT.corrected) return undefined;
    const [id, number] = [cells[offset + FIELD.id] as number, cells[offset + FIELD.requestId] as number];
    const kept = fills.get(fills.otherName(id, number) ?? this.#plan.names.execId(number, id));
    return kept?.id === id ? otherFee(kept) : undefined;
  }

  /** The connection is back: reconcile at once. */
  connected(nowNs: number): void {
    this.#memory.schedule.note("reconnect", nowNs);
  }

  /** We took over from another: reconcile everything at once. */
  promoted(nowNs: number): void {
    this.#memory.schedule.note("promotion", nowNs);
  }

  /** The drop copy brought something: reconcile soon. */
  dropCopied(nowNs: number): void {
    this.#memory.schedule.note("dropCopy", nowNs);
  }

  /** When the venue's day ends next. */
  planEndOfDay(atNs: number): void {
    this.#memory.schedule.planEndOfDay(atNs);
  }

  /** The connection went: every order that may still fill is in doubt until the venue tells of it. */
  disconnected(nowNs: number): void {
    const { doubts, orders, view } = this.#memory;
    for (const id of doubts.open(view.build(nowNs))) {
      const card = orders.get(id);
      if (card !== undefined) card.isUnknown = true;
    }
  }

  /**
   * A human approves the action of a break that is open: it is carried out when the break is seen next with the same
   * difference. False where no such break is open.
   *
   * @throws `FAULT_CONFIG` where nobody answers for it, or no reason is given
   */
  approve(kind: BreakKind, key: string, approval: ReconApproval): boolean {
    const { book, evidence, notes } = this.#memory;
    const by = checkApproval(approval);
    const name = nameOfBreak({ kind, key });
    const found = book.breaks().find((each) => nameOfBreak(each) === name);
    if (found === undefined) return false;
    evidence.decided(name, `approved ${found.action.type}`, by, JSON.stringify(notes.approve(found)));
    return true;
  }

  /** A human lets an instrument trade again. @throws as `approve` */
  resume(station: number, approval: ReconApproval): void {
    const by = checkApproval(approval);
    this.#memory.halted.delete(station);
    this.#plan.hands.hold?.(station, false);
    this.#memory.evidence.decided(this.#plan.names.instrument(station), "resumed", by);
  }

  /** What a remark noted is replayed: an approval. @throws `FAULT_JOURNAL_FORMAT` for what is no note of a desk */
  replayingRemark(note: string): void {
    this.#memory.notes.approveAgain(readApproved(note));
  }

  // --- what it says ---

  /** Everything we hold of this account. */
  localView(nowNs: number): LocalView {
    return this.#memory.view.build(nowNs).view;
  }

  /** Open breaks, in the order in which actions are applied. */
  breaks(): readonly Break[] {
    return this.#memory.book.breaks();
  }

  /**
   * Whether new orders must not go out: the instrument is halted, or with what is in doubt `lots` more on a side (0: on
   * either) could break the largest position.
   */
  blocks(station: number, sideSign: -1 | 0 | 1 = 0, lots: number = 1): boolean {
    const { doubts } = this.#memory;
    if (this.#memory.isHalted(station)) return true;
    if (doubts.size === 0 || !this.#mine.has(station)) return false;
    return doubts.blocks(station, this.#plan.names.instrument(station), sideSign, lots);
  }

  /** Whether what is in doubt of an instrument could break its largest position: halts, whoever made them, aside. */
  isInDoubt(station: number): boolean {
    const { doubts } = this.#memory;
    return doubts.size > 0 && doubts.blocks(station, this.#plan.names.instrument(station), 0, 1);
  }

  /** The moment to call `due` again, if nothing else happens. */
  nextNs(): number {
    return this.#memory.schedule.nextNs();
  }

  /** What the venue is to be asked now; undefined where nothing is due, or a question is under way. */
  due(nowNs: number): ReconAsk | undefined {
    const { schedule, book, fills, asked } = this.#memory;
    const late = book.expire(nowNs);
    if (!isRefusal(late)) for (const each of late) this.#memory.alert("grace", each, `${each.ageNs} ns old`);
    this.#memory.evidence.tell();
    const due = schedule.begin(nowNs);
    if (due === undefined) return undefined;
    const sections = due.sections.filter((each) => each !== "cash" || this.#plan.comparesCash);
    this.#running = { ...due, sections };
    this.#askedNs = nowNs;
    const { forgottenNs } = fills;
    const fillsFromNs = forgottenNs === null ? null : forgottenNs + 1;
    return { ...this.#running, fillsFromNs, clientOrderIds: this.#namesOf(asked, nowNs) };
  }

  /** All names that the orders asked about have by now: an order that is asked for by half of them is never missing. */
  #namesOf(asked: ReadonlySet<string>, nowNs: number): readonly string[] {
    if (asked.size === 0) return [];
    const names = new Set(asked);
    for (const { clientOrderIds } of this.localView(nowNs).orders) {
      if (clientOrderIds.some((id) => asked.has(id))) for (const id of clientOrderIds) names.add(id);
    }
    return [...names];
  }

  /** The question under way found no answer: it is asked again after a while. */
  failed(nowNs: number): void {
    this.#finish(false, nowNs);
  }

  /** Compares what we hold with what the venue says, and does what is due about it. */
  take(snapshot: VenueSnapshot, nowNs: number): ReconTaken | Refusal<ReconRefusalCode> {
    const memory = this.#memory;
    const trimmed = memory.view.trim(snapshot);
    if (isRefusal(trimmed)) return this.#refused(trimmed, nowNs);
    const venue = memory.fees.strip(trimmed);
    const built = memory.view.build(nowNs);
    const askedNs = this.#running === undefined ? undefined : this.#askedNs;
    const local = askedNs === undefined ? built : { ...built, view: { ...built.view, askedNs } };
    const report = memory.book.update(local.view, venue);
    if (isRefusal(report)) return this.#refused(report, nowNs);
    const round = { kernel: this.#kernel, memory, venue, local, report };
    const carried = carryRound(round);
    if (this.#covers(venue)) this.#finish(true, nowNs);
    if (isUnsettled(round, carried)) memory.schedule.planRecheck(nowNs + this.#plan.recheckNs);
    return { ...report, carried };
  }

  /** The whole state, JSON-safe. */
  save(): SavedReconDesk {
    return this.#memory.save();
  }

  /**
   * Takes the state that `save` wrote, beside a kernel in the state of that moment. What was being asked is due again.
   *
   * @throws `FAULT_INPUT` for anything else, and nothing changes.
   */
  load(saved: SavedReconDesk): void {
    const memory = new ReconMemory(this.#options, this.#plan);
    memory.load(saved);
    this.#memory = memory;
    this.#running = undefined;
  }

  #refused(refusal: Refusal<ReconRefusalCode>, nowNs: number): Refusal<ReconRefusalCode> {
    this.#finish(false, nowNs);
    this.#memory.alert("snapshot", null, refusal.message);
    this.#memory.evidence.tell();
    return refusal;
  }

  /** Whether a snapshot answers the question under way. */
  #covers(venue: VenueSnapshot): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    const isWhole = venue.fillsThroughNs !== undefined || venue.fills === undefined;
    return (
      running.sections.every((section) => venue[section] !== undefined) && (isWhole || !running.isComplete)
    );
  }

  #finish(isDone: boolean, nowNs: number): void {
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) this.#memory.schedule.finish(running.run, isDone, nowNs);
  }
}
