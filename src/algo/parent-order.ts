import { Fault, type Refusal, refuse } from "../base/index.ts";
import type { Instrument, Side } from "../model/index.ts";
import type { AlgoPort, ChildEvent, ChildTicket } from "./algo-port.ts";
import { isSound } from "./child-price.ts";
import { ChildWork, type SavedWork } from "./child-work.ts";
import { NEVER } from "./never.ts";
import { amendedTerms, type ParentChange } from "./parent-change.ts";
import { checkRisk, ParentReserve } from "./parent-reserve.ts";
import type { Terms } from "./parent-terms.ts";
import type { AlgoRefusalCode } from "./refusals.ts";

/**
 * Where a parent is. `finishing` sends nothing more and leaves its children to end; `ending` has them canceled; the
 * last four are final.
 */
export type ParentStatus =
  | "waiting"
  | "working"
  | "paused"
  | "finishing"
  | "ending"
  | "filled"
  | "canceled"
  | "expired"
  | "stopped";

type Outcome = SavedParent["outcome"];

/** What a {@link ParentOrder} saves, JSON-safe. */
export interface SavedParent {
  readonly id: number;
  readonly terms: Terms;
  readonly status: ParentStatus;
  readonly outcome: "canceled" | "expired" | "stopped";
  readonly reason: string;
  readonly isPlanned: boolean;
  readonly work: SavedWork;
  readonly timer: number;
  readonly timerNs: number;
  readonly lateLots: number;
  /** null where there was none. */
  readonly arrivalTicks: number | null;
  /** The gate's number of what is held for it; 0 where nothing is. */
  readonly reserve: number;
}

const OK = Object.freeze({ ok: true as const });
/** Where more may be sent; elsewhere nothing is held for it but its children. */
const MAY_SEND: ReadonlySet<ParentStatus> = new Set(["waiting", "working", "paused"] as const);

/**
 * A quantity that is worked by child orders: made by `AlgoDesk.start`, moved on by what the desk is told.
 *
 * @units lots, ticks, ns from the session's base
 * @invariant `filledLots + workingLots + remainingLots` is the quantity, and none is negative, unless a venue
 * executes an order that it had said was over: then `remainingLots` falls below 0, nothing is sent and all that works
 * is canceled.
 * @invariant No child is beyond the limit, sent before the start or at or after the end. A child counts as able to
 * fill until its end is confirmed.
 * @invariant A final status comes when no child can fill any more.
 * @cost An event costs O(open children) and allocates a view.
 */
export class ParentOrder {
  readonly id: number;
  readonly instrument: Instrument;
  #terms: Terms;
  #status: ParentStatus = "waiting";
  #outcome: Outcome = "expired";
  #reason = "";
  #isPlanned = false;
  readonly #work: ChildWork;
  readonly #reserve: ParentReserve;
  #timer = -1;
  #timerNs = -1;
  #lateLots = 0;
  #arrivalTicks = Number.NaN;

  /** @internal */
  constructor(id: number, terms: Terms, instrument: Instrument, seed: number, reserve: ParentReserve) {
    this.id = id;
    this.#terms = terms;
    this.instrument = instrument;
    this.#reserve = reserve;
    this.#work = new ChildWork(terms, instrument, seed, reserve);
  }

  /** What it was asked to do, defaults filled in. */
  get terms(): Terms {
    return this.#terms;
  }

  get side(): Side {
    return this.#terms.side;
  }

  /** The whole quantity. */
  get lots(): number {
    return this.#terms.lots;
  }

  get status(): ParentStatus {
    return this.#status;
  }

  /**
   * Why it ended or stopped: `end`, `asked`, `remainderTooSmall`, `swept`, `childrenMax`, the code of a refusal, or a venue's word.
   */
  get reason(): string {
    return this.#reason;
  }

  /** Whether it is final: no child can fill any more. */
  get isOver(): boolean {
    return isFinal(this.#status);
  }

  get filledLots(): number {
    return this.#work.children.filledLots;
  }

  /** What its children could still fill. */
  get workingLots(): number {
    return this.#work.children.workingLots;
  }

  /** What is neither filled nor at work. */
  get remainingLots(): number {
    return this.#terms.lots - this.filledLots - this.workingLots;
  }

  /** The mean price of what is filled, in ticks; NaN before the first fill. */
  get averageTicks(): number {
    return this.#work.children.worth / this.filledLots;
  }

  /** The mid of the first sound book it was worked on, in ticks; NaN before. */
  get arrivalTicks(): number {
    return this.#arrivalTicks;
  }

  /** Volume printed since its start, in lots, without blocks. */
  get volumeLots(): number {
    return this.#work.meter.lots;
  }

  /** Children ever sent. */
  get childCount(): number {
    return this.#work.children.count;
  }

  /** Filled by children after their end had been told, less what was taken back of those. */
  get lateLots(): number {
    return this.#lateLots;
  }

  /** What the gate holds it under; 0 where nothing is held: before its start, without a gate, once nothing is sent. */
  get reserveId(): number {
    return this.#reserve.id;
  }

  /** Whether an order is one of its children. */
  knows(orderId: number): boolean {
    return this.#work.children.knows(orderId);
  }

  /** Sends nothing until `resume`, and has its children canceled. */
  pause(port: AlgoPort): { readonly ok: true } | Refusal<AlgoRefusalCode> {
    if (this.#status === "paused") return OK;
    if (this.#status !== "waiting" && this.#status !== "working") return this.#over();
    this.#status = "paused";
    this.work(port);
    return OK;
  }

  /** Goes on after `pause`: what was missed is made up as its terms say. */
  resume(port: AlgoPort): { readonly ok: true } | Refusal<AlgoRefusalCode> {
    if (this.#status === "waiting" || this.#status === "working") return OK;
    if (this.#status !== "paused") return this.#over();
    this.#status = this.#isPlanned ? "working" : "waiting";
    this.work(port);
    return OK;
  }

  /** Has its children canceled; it is `canceled` when none can fill any more. Asked again, nothing more happens. */
  cancel(port: AlgoPort): { readonly ok: true } {
    if (this.isOver) return OK;
    if (this.#status !== "ending") this.#end("ending", "canceled", "asked");
    this.work(port);
    return OK;
  }

  /**
   * Changes terms while it works; what is left is planned anew.
   *
   * @refuses `ALGO_MALFORMED`, `ALGO_QUANTITY`, `ALGO_LIMIT`, `ALGO_TIME`, `ALGO_PARAMETER`, `ALGO_PARENT_OVER`,
   * `ALGO_QUANTITY_AT_WORK` below what is filled and at work; then what the gate refuses a larger quantity with
   */
  amend(change: ParentChange, port: AlgoPort): { readonly ok: true } | Refusal {
    if (!MAY_SEND.has(this.#status)) return this.#over();
    const atWork = this.filledLots + this.workingLots;
    const terms = amendedTerms(this.#terms, change, this.instrument, port.clock.ns, atWork);
    if ("ok" in terms) return terms;
    const isMore = terms.lots > this.#terms.lots;
    const broken =
      (isMore ? checkRisk(terms, this.instrument, port, atWork) : undefined) ??
      this.#reserve.change(terms, port);
    if (broken !== undefined) return broken;
    this.#terms = terms;
    this.#work.amend(terms);
    if (this.#isPlanned) this.#work.plan(port.clock.ns, port.book(this.instrument.key));
    this.work(port);
    return OK;
  }

  /** Counts a print. */
  print(lots: number): void {
    if (this.#isPlanned && !this.isOver) this.#work.meter.add(lots);
  }

  /** Takes what happened to one of its children. */
  settle({ ticket, kind, reason }: ChildEvent, port: AlgoPort): void {
    const nowNs = port.clock.ns;
    if (kind === "rejected") this.#work.refused(reason === undefined || reason === "" ? kind : reason, nowNs);
    else if (kind === "accepted" || ticket.cumLots > 0) this.#work.went();
    this.#lateLots += this.#work.settle(ticket, nowNs);
    this.work(port);
  }

  /** Whether a timer is its own; it is then over. */
  takeTimer(timer: number): boolean {
    if (timer !== this.#timer) return false;
    this.#timer = -1;
    return true;
  }

  /** Does what is due: called after each event. */
  work(port: AlgoPort): void {
    if (this.isOver) return;
    const nowNs = port.clock.ns;
    const { startNs, endNs, lots, program } = this.#terms;
    const book = port.book(this.instrument.key);
    const work = this.#work;
    if (nowNs >= endNs) this.#expire();
    const mayWork = isSound(book) || (work.isAuction(nowNs) && book.validity === "valid");
    if (this.#status === "waiting" && nowNs >= startNs && mayWork && this.#isHeld(port)) {
      this.#isPlanned = true;
      this.#status = "working";
      work.plan(nowNs, book);
      if (program.algo === "sweep") work.sweep(port, book);
      if (program.algo === "sweep") this.#end("finishing", "expired", "swept");
    }
    const isExcess = work.doneLots > lots;
    if (this.#isPlanned && Number.isNaN(this.#arrivalTicks) && isSound(book)) {
      this.#arrivalTicks = book.midTicks;
    }
    if (this.#status === "working" && !isExcess && mayWork) {
      work.tend(port, book);
      work.send(port, book);
    } else if (this.#status !== "waiting" && (this.#status !== "finishing" || isExcess)) {
      const isCalled = this.#status === "working" && !isExcess && book.validity === "halted";
      work.withdraw(port, isCalled && work.isAuction(nowNs));
    }
    if (work.stoppedBy !== "") this.#end("ending", "stopped", work.stoppedBy);
    this.#conclude();
    if (!MAY_SEND.has(this.#status)) this.#reserve.release(port);
    this.#arm(port);
  }

  /** What it holds, JSON-safe. */
  save(): SavedParent {
    return {
      ...{ id: this.id, terms: this.#terms, status: this.#status, outcome: this.#outcome },
      ...{ reason: this.#reason, isPlanned: this.#isPlanned, work: this.#work.save() },
      ...{ timer: this.#timer, timerNs: this.#timerNs, lateLots: this.#lateLots },
      arrivalTicks: Number.isNaN(this.#arrivalTicks) ? null : this.#arrivalTicks,
      reserve: this.#reserve.id,
    };
  }

  /**
   * Goes on from what `save` gave.
   *
   * @throws `FAULT_INPUT` where a child that could fill is not open.
   */
  static load(saved: SavedParent, instrument: Instrument, port: AlgoPort): ParentOrder {
    const reserve = new ParentReserve();
    reserve.id = saved.reserve;
    const parent = new ParentOrder(saved.id, saved.terms, instrument, 0, reserve);
    const open = port.openOrders(instrument.key);
    parent.#work.load(saved.work, (id) => findTicket(open, id));
    parent.#status = saved.status;
    parent.#outcome = saved.outcome;
    parent.#reason = saved.reason;
    parent.#isPlanned = saved.isPlanned;
    parent.#timer = saved.timer;
    parent.#timerNs = saved.timerNs;
    parent.#lateLots = saved.lateLots;
    parent.#arrivalTicks = saved.arrivalTicks ?? Number.NaN;
    return parent;
  }

  /** Whether its port holds it: what was not known at its start is asked again before its first child. */
  #isHeld(port: AlgoPort): boolean {
    const nowNs = port.clock.ns;
    if (nowNs < this.#work.retryNs) return false;
    const refusal = this.#reserve.hold(this.#terms, port);
    if (refusal !== undefined) this.#work.refused(refusal.code, nowNs);
    return refusal === undefined;
  }

  #expire(): void {
    const { residual } = this.#terms;
    if (this.#status === "ending") return;
    if (residual === "carry") {
      if (this.#status !== "finishing") this.#end("finishing", "expired", "end");
    } else this.#end("ending", "expired", this.#status === "finishing" ? this.#reason : "end");
  }

  #end(status: "finishing" | "ending", outcome: Outcome, reason: string): void {
    if (this.isOver || this.#status === "ending") return;
    this.#status = status;
    this.#outcome = outcome;
    this.#reason = reason;
  }

  /** Comes to its end where nothing can fill any more. */
  #conclude(): void {
    if (this.#work.children.openCount > 0) return;
    const left = this.#terms.lots - this.filledLots;
    if (left <= 0) this.#status = "filled";
    else if (this.#status === "ending" || this.#status === "finishing") this.#status = this.#outcome;
    else if (left < this.#terms.minChildLots) {
      this.#reason = "remainderTooSmall";
      this.#status = "expired";
    }
  }

  /** Sets the one timer to the next moment at which something is due. */
  #arm(port: AlgoPort): void {
    const nowNs = port.clock.ns;
    const nextNs = this.isOver ? Number.POSITIVE_INFINITY : this.#nextNs(nowNs);
    if (this.#timer >= 0) {
      if (this.#timerNs === nextNs) return;
      port.clock.stop(this.#timer);
      this.#timer = -1;
    }
    if (nextNs >= NEVER) return;
    this.#timer = port.clock.at(nextNs);
    this.#timerNs = nextNs;
  }

  #nextNs(nowNs: number): number {
    const { startNs, endNs } = this.#terms;
    const status = this.#status;
    const moments = status === "finishing" ? [] : this.#work.moments(nowNs, status === "working");
    if (status === "waiting") moments.push(startNs, this.#work.retryNs);
    if (status !== "ending" && status !== "finishing") moments.push(endNs);
    if (status === "finishing" && this.#reason === "swept") moments.push(endNs);
    return Math.min(...moments.filter((moment) => moment > nowNs), Number.POSITIVE_INFINITY);
  }

  #over(): Refusal<AlgoRefusalCode> {
    return refuse("ALGO_PARENT_OVER", "parent", this.id, `a parent at work, not ${this.#status}`);
  }
}

function isFinal(status: ParentStatus): boolean {
  return status === "filled" || status === "canceled" || status === "expired" || status === "stopped";
}

function findTicket(open: readonly ChildTicket[], id: number): ChildTicket {
  const found = open.find((ticket) => ticket.id === id);
  if (found !== undefined) return found;
  const expected = `one of the open orders ${open.map((ticket) => ticket.id).join(", ")}`;
  throw new Fault("FAULT_INPUT", { path: "algo.load.children", value: id, expected });
}
