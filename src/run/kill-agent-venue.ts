import type { OpenOrderEntry } from "../risk/index.ts";
import { KillLink, type KillLinkOptions } from "./kill-agent-link.ts";
import type { KillAgentVenueReport } from "./kill-agent-report.ts";
import { distributionOf } from "./kill-agent-report.ts";
import { arrangeTasks, CancelBudget, type CancelOrder, CancelTask, isKnownState } from "./kill-agent-task.ts";

const MS = 1e6;
/** Cancels given to one session before the next venue has its turn. */
const BATCH = 256;

/** What a {@link VenueLane} needs to know. */
export interface VenueLaneOptions {
  readonly venue: string;
  readonly link: Pick<KillLinkOptions, "open" | "options" | "heartbeatMs">;
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly retryMs: number;
  readonly queryMs: number;
  readonly order: CancelOrder;
  /** Ns that never fall. */
  readonly clock: () => number;
}

/**
 * One venue during a kill: the orders to cancel, what was given to the wire, what the venue confirmed.
 *
 * Times are ns of the worker's clock; `beginNs` of a kill is when it was asked for.
 *
 * @invariant An order is over only where the venue canceled it, the venue no longer lists it and had known it, or
 * the board let it go. Everything else is unknown.
 */
export class VenueLane {
  readonly venue: string;
  readonly link: KillLink;
  readonly #options: VenueLaneOptions;
  readonly #budget: CancelBudget;
  readonly #tasks = new Map<string, CancelTask>();
  #queue: CancelTask[] = [];
  #beginNs = 0;
  #isWide = false;
  #over = 0;
  #handed = 0;
  #rejected = 0;
  #massCancels = 0;
  #isMassDue = false;
  #queriedNs = Number.NEGATIVE_INFINITY;
  /** When each query was asked that has no answer yet: answers of one session come in order. */
  #askedNs: number[] = [];
  #queries = 0;
  #isEmpty = false;
  /** Something became over since the last query. */
  #isChanged = false;
  #handedAllNs = -1;
  #overAllNs = -1;

  constructor(options: VenueLaneOptions) {
    this.venue = options.venue;
    this.#options = options;
    this.#budget = new CancelBudget(options.ratePerSecond, options.burst, options.clock());
    this.link = new KillLink({
      ...options.link,
      clock: options.clock,
      events: {
        canceled: (id) => this.#settle(this.#tasks.get(id)),
        rejected: (id, reason) => this.#refused(id, reason),
        open: (ids) => this.#listed(ids),
      },
      onUp: () => {
        this.#askedNs = [];
        this.#again(() => true);
      },
    });
  }

  /** A kill begins; what is known of the last one is forgotten. */
  begin(beginNs: number): void {
    this.#beginNs = beginNs;
    this.#tasks.clear();
    this.#queue = [];
    this.#over = this.#handed = this.#rejected = this.#massCancels = this.#queries = 0;
    this.#queriedNs = Number.NEGATIVE_INFINITY;
    this.#handedAllNs = this.#overAllNs = -1;
    this.#isWide = this.#isMassDue = this.#isEmpty = false;
  }

  /** The kill takes in the whole venue: orders that stand on no board too, and a mass cancel where there is one. */
  widen(): void {
    if (this.#isWide) return;
    this.#isWide = this.#isMassDue = true;
    this.#isEmpty = false;
    this.#overAllNs = -1;
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  /** An order of the board that the kill takes in. */
  see(entry: OpenOrderEntry, scan: number): void {
    let task = this.#tasks.get(entry.id);
    if (task === undefined || (task.sequence !== entry.sequence && task.isOver)) {
      if (task !== undefined) this.#over -= 1;
      task = new CancelTask(entry.id, entry);
      this.#add(task);
    }
    task.scan = scan;
    if (task.isKnown || !isKnownState(entry.state)) return;
    // The venue has it now: a cancel that came before the order was refused.
    task.isKnown = true;
    if (!task.isOver && task.trouble !== "") this.#enqueue(task);
  }

  /** A scan of the board is over: what it no longer showed has left the board, and is over. */
  seen(scan: number): void {
    for (const task of this.#tasks.values()) {
      if (task.scan !== scan && task.sequence >= 0) this.#settle(task);
    }
  }

  /** Puts what waits into order, before it leaves. */
  arrange(): void {
    arrangeTasks(this.#queue, this.#options.order);
  }

  /** Gives one batch to the wire; says whether more could leave at once. */
  pump(): boolean {
    if (this.#isMassDue && this.link.isUp) {
      this.#isMassDue = false;
      this.#massCancels += this.link.use(massCancel, 0);
    }
    const most = Math.min(BATCH, this.#budget.available(this.#nowNs));
    const batch: CancelTask[] = [];
    let looked = 0;
    while (looked < this.#queue.length && batch.length < most) {
      const task = this.#queue[looked++] as CancelTask;
      if (task.isOver) task.isQueued = false;
      else batch.push(task);
    }
    const taken = batch.length === 0 ? 0 : this.#give(batch);
    this.#queue.splice(0, looked, ...batch.slice(taken));
    if (this.#handedAllNs < 0 && this.#isAllHanded) this.#handedAllNs = this.#nowNs - this.#beginNs;
    return this.#queue.length > 0 && taken === BATCH;
  }

  /** Keeps the session, asks again and sends again, as is due. */
  tick(isKilling: boolean): void {
    this.link.tick();
    if (!isKilling || !this.link.isUp) return;
    const { retryMs, queryMs } = this.#options;
    const sinceNs = this.#nowNs - this.#beginNs;
    const aliveNs = this.link.aliveNs - this.#beginNs;
    // A venue that never answers is not sent the same again: a new session is, or a sign of life.
    this.#again((task) => sinceNs - task.handedNs > retryMs * MS && aliveNs > task.handedNs);
    if (this.isDone || this.#queue.length > 0) return;
    // Once everything is over the question is worth asking at once: its answer ends the kill.
    const isLast = this.#over === this.#tasks.size && this.#askedNs.length === 0 && this.#isChanged;
    if (!isLast && this.#nowNs - this.#queriedNs < queryMs * MS) return;
    this.#isChanged = false;
    this.#queriedNs = this.#nowNs;
    this.#queries += 1;
    this.#askedNs.push(this.#queriedNs);
    this.link.use((session) => session.queryOpen(), undefined);
  }

  /** Everything was handed over and is over, and the venue said itself that nothing is open. */
  get isDone(): boolean {
    return this.#over === this.#tasks.size && (this.#isEmpty || (!this.#isWide && this.#tasks.size === 0));
  }

  get #isAllHanded(): boolean {
    for (const task of this.#tasks.values()) if (task.firstNs < 0 && !task.isOver) return false;
    return true;
  }

  get requested(): number {
    return this.#tasks.size;
  }

  get handed(): number {
    return this.#handed;
  }

  get confirmed(): number {
    return this.#over;
  }

  get handedAllNs(): number {
    return this.#handedAllNs;
  }

  get overAllNs(): number {
    return this.#overAllNs;
  }

  report(): KillAgentVenueReport {
    const tasks = [...this.#tasks.values()];
    const open = tasks.filter((task) => !task.isOver);
    return {
      venue: this.venue,
      isHealthy: this.link.isHealthy,
      isEmpty: this.isDone,
      requested: tasks.length,
      handed: this.#handed,
      confirmed: this.#over,
      unknown: open.length,
      rejected: this.#rejected,
      massCancels: this.#massCancels,
      queries: this.#queries,
      unknownIds: open.map(({ id }) => id),
      trouble: open.find(({ trouble }) => trouble !== "")?.trouble ?? this.link.trouble,
      handedAllNs: this.#handedAllNs < 0 ? null : this.#handedAllNs,
      confirmedAllNs: this.#overAllNs < 0 ? null : this.#overAllNs,
      handedNs: distributionOf(tasks.filter((task) => task.firstNs >= 0).map((task) => task.firstNs)),
      confirmedNs: distributionOf(tasks.filter((task) => task.overNs >= 0).map((task) => task.overNs)),
    };
  }

  #add(task: CancelTask): void {
    this.#tasks.set(task.id, task);
    this.#queue.push(task);
    this.#isEmpty = false;
    this.#overAllNs = -1;
  }

  #enqueue(task: CancelTask): void {
    if (task.isQueued) return;
    task.isQueued = true;
    this.#queue.push(task);
  }

  #again(which: (task: CancelTask) => boolean): void {
    for (const task of this.#tasks.values()) {
      if (!task.isOver && !task.isQueued && which(task)) this.#enqueue(task);
    }
  }

  #give(batch: CancelTask[]): number {
    const taken = this.link.use((session) => session.cancel(batch), 0);
    const handedNs = this.#nowNs - this.#beginNs;
    this.#budget.spend(taken);
    for (let i = 0; i < taken; i++) {
      const task = batch[i] as CancelTask;
      if (task.firstNs < 0) {
        task.firstNs = handedNs;
        this.#handed += 1;
      }
      task.isQueued = false;
      task.handedNs = handedNs;
    }
    return taken;
  }

  get #nowNs(): number {
    return this.#options.clock();
  }

  #settle(task: CancelTask | undefined): void {
    if (task === undefined || task.isOver) return;
    task.isOver = true;
    task.overNs = this.#nowNs - this.#beginNs;
    this.#over += 1;
    this.#isChanged = true;
    this.#mark();
  }

  #refused(id: string, reason: string): void {
    const task = this.#tasks.get(id);
    if (task === undefined || task.isOver) return;
    this.#rejected += 1;
    task.trouble = reason;
  }

  #listed(ids: readonly string[]): void {
    const askedNs = this.#askedNs.shift() ?? Number.NEGATIVE_INFINITY;
    // Asked for before this kill, or by nobody: it says nothing about what was open since.
    if (askedNs < this.#beginNs) return;
    const open = new Set(ids);
    for (const task of this.#tasks.values()) {
      if (open.has(task.id)) {
        if (task.isOver) this.#reopen(task);
        task.isKnown = true;
      } else if (!task.isOver && task.isKnown && task.handedNs >= 0) {
        // It was on its way to the venue before the question was: the venue had it, and has it no more.
        if (this.#beginNs + task.handedNs <= askedNs) this.#settle(task);
      }
    }
    if (this.#isWide) for (const id of open) if (!this.#tasks.has(id)) this.#add(new CancelTask(id));
    this.#isEmpty = this.#isWide ? open.size === 0 : !ids.some((id) => this.#tasks.has(id));
    this.#mark();
  }

  /** The venue lists an order that was thought to be over. */
  #reopen(task: CancelTask): void {
    task.isOver = false;
    task.overNs = -1;
    this.#over -= 1;
    this.#overAllNs = -1;
    this.#enqueue(task);
  }

  #mark(): void {
    if (this.#overAllNs < 0 && this.isDone) this.#overAllNs = this.#nowNs - this.#beginNs;
  }
}

function massCancel(session: { massCancel?(): void }): number {
  if (session.massCancel === undefined) return 0;
  session.massCancel();
  return 1;
}
