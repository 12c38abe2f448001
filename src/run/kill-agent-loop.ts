import { BOARD_READ, KillLatch, OpenOrderBoard, OpenOrderEntry } from "../risk/index.ts";
import { CONTROL, type KillControl, KillTrigger, monotonicNs, STAMP } from "./kill-agent-control.ts";
import type { KillAgentPlan } from "./kill-agent-options.ts";
import { type KillAgentReport, type KillReason, KillReportFile } from "./kill-agent-report.ts";
import type { OpenCancelSession } from "./kill-agent-session.ts";
import { VenueLane } from "./kill-agent-venue.ts";

const MS = 1e6;
/** The least level that cancels; level 1 only stops strategies. */
const CANCELS = 2;
/** Looks at a slot that is being written, before it is left for the next scan. */
const BUSY_LOOKS = 100;
/** Between two scans of a board that keeps changing, as a multiple of what the last one took. */
const SCAN_SHARE = 5;
/** Between two looks at the sessions while nothing is killed. */
const CARE_MS = 10;
/** How long cancels leave before answers are read. */
const PUMP_MS = 10;
/** Between two reports of one kill. */
const REPORT_MS = 250;

/** A kill that is going on, or came to an end while the latch stays on. */
interface Kill {
  readonly number: number;
  readonly reason: KillReason;
  readonly askedNs: number;
  readonly askedAt: string;
  readonly noticedNs: number;
  closedNs: number;
  reported: string;
  reportedNs: number;
}

/**
 * The kill agent's work, a step at a time: watches the latch, the board, the heartbeat of the main thread and the
 * sessions, and cancels while anything is latched at level 2 or above.
 *
 * @invariant The latch is only ever set in here, never lifted.
 */
export class KillAgentLoop {
  readonly #plan: KillAgentPlan;
  readonly #control: KillControl;
  readonly #latch: KillLatch;
  readonly #board: OpenOrderBoard;
  readonly #trigger: KillTrigger;
  readonly #lanes: readonly VenueLane[];
  readonly #file: KillReportFile;
  readonly #onReport: (report: KillAgentReport) => void;
  readonly #originNs: bigint = monotonicNs();
  readonly #entry = new OpenOrderEntry();
  readonly #levels: Int32Array;
  #word: number;
  #kill: Kill | undefined = undefined;
  #kills = 0;
  #changes = -1;
  #scan = 0;
  #busy = 0;
  #unroutable = 0;
  #nextScanNs = 0;
  #nextCareNs = 0;
  #isSilent = false;

  constructor(
    plan: KillAgentPlan,
    control: KillControl,
    opens: readonly OpenCancelSession[],
    onReport: (report: KillAgentReport) => void,
  ) {
    this.#plan = plan;
    this.#control = control;
    this.#latch = new KillLatch(plan.latch);
    this.#board = new OpenOrderBoard(plan.board);
    this.#trigger = new KillTrigger({ latch: plan.latch, control: control.buffer });
    this.#levels = new Int32Array(this.#latch.scopes);
    this.#file = new KillReportFile(plan.reportPath);
    this.#onReport = onReport;
    this.#word = 0;
    const clock = (): number => this.#nowNs;
    this.#lanes = plan.sessions.map(
      (session, i) =>
        new VenueLane({
          ...session,
          link: {
            open: opens[i] as OpenCancelSession,
            options: session.options,
            heartbeatMs: plan.heartbeatMs,
          },
          retryMs: plan.retryMs,
          queryMs: plan.queryMs,
          order: plan.order,
          clock,
        }),
    );
  }

  /** The latch's word as the last step saw it. */
  get word(): number {
    return this.#word;
  }

  /** Every session came up, or said why not. */
  get isTried(): boolean {
    return this.#lanes.every(({ link }) => link.isHealthy || link.trouble !== "");
  }

  /** One round; says whether another one is due at once. */
  step(): boolean {
    this.#watchMain();
    const word = this.#latch.read();
    if (word !== this.#word) this.#latchChanged(word);
    const kill = this.#kill;
    let isMore = false;
    if (kill !== undefined) {
      this.#takeClosed(kill);
      if (this.#isScanDue) this.#scanBoard();
      isMore = this.#pump();
    }
    if (kill === undefined && this.#nowNs < this.#nextCareNs) return false;
    this.#nextCareNs = this.#nowNs + CARE_MS * MS;
    for (const lane of this.#lanes) lane.tick(kill !== undefined);
    if (kill !== undefined) this.#conclude(kill);
    this.tell();
    return isMore;
  }

  close(): void {
    for (const { link } of this.#lanes) link.close();
  }

  /** A batch for each venue in turn, until nothing is left or answers have waited long enough. */
  #pump(): boolean {
    const untilNs = this.#nowNs + PUMP_MS * MS;
    for (;;) {
      let isMore = false;
      for (const lane of this.#lanes) isMore = lane.pump() || isMore;
      if (!isMore || this.#nowNs > untilNs) return isMore;
    }
  }

  get #nowNs(): number {
    return Number(monotonicNs() - this.#originNs);
  }

  #watchMain(): void {
    const { deadMan } = this.#plan;
    const beat = Atomics.load(this.#control.stamps, STAMP.beat);
    if (deadMan === undefined || beat === 0n) return;
    this.#isSilent = monotonicNs() - beat > BigInt(deadMan.silenceMs) * 1_000_000n;
    if (this.#isSilent) this.#trigger.pull(deadMan.scope, deadMan.level);
  }

  #latchChanged(word: number): void {
    this.#word = word;
    let isRaised = false;
    let isLatched = false;
    for (let scope = 0; scope < this.#levels.length; scope++) {
      const level = this.#latch.levelOf(scope);
      if (level >= CANCELS) {
        isLatched = true;
        if (level > (this.#levels[scope] as number)) isRaised = true;
      }
      this.#levels[scope] = level;
    }
    const askedNs = Atomics.exchange(this.#control.stamps, STAMP.activated, 0n);
    if (!isLatched) {
      this.#kill = undefined;
      this.#control.state = "armed";
      return;
    }
    if (!isRaised) return;
    if (this.#kill === undefined || this.#isOver) this.#begin(askedNs);
    this.#changes = this.#board.changes - 1;
    this.#nextScanNs = 0;
    for (const [i, lane] of this.#lanes.entries()) if (this.#isWide(i)) lane.widen();
  }

  #begin(asked: bigint): void {
    const noticedNs = this.#nowNs;
    const askedNs = asked === 0n ? noticedNs : Number(asked - this.#originNs);
    this.#kills += 1;
    this.#kill = {
      number: this.#kills,
      reason: asked === 0n ? "latch" : this.#isSilent ? "deadMan" : "trigger",
      askedNs,
      askedAt: new Date(Date.now() - (noticedNs - askedNs) / MS).toISOString(),
      noticedNs,
      closedNs: asked === 0n ? noticedNs : -1,
      reported: "",
      reportedNs: 0,
    };
    this.#control.state = "killing";
    for (const lane of this.#lanes) lane.begin(askedNs);
    this.#file.begin({
      kill: this.#kills,
      outcome: "begun",
      askedAt: this.#kill.askedAt,
      latched: this.#latched(),
    });
  }

  /** The one who pulled stamps when the gate was closed, maybe a moment after we saw it closed. */
  #takeClosed(kill: Kill): void {
    if (kill.closedNs >= 0) return;
    const closedNs = Number(Atomics.load(this.#control.stamps, STAMP.closed) - this.#originNs);
    if (closedNs >= kill.askedNs) kill.closedNs = closedNs;
  }

  #isWide(lane: number): boolean {
    const own = this.#plan.sessions[lane]?.scope ?? -1;
    return (this.#levels[0] as number) >= CANCELS || (own >= 0 && (this.#levels[own] as number) >= CANCELS);
  }

  #isHit(lane: number, scopes: Int32Array): boolean {
    if (this.#isWide(lane)) return true;
    for (let i = 0; i < scopes.length; i++) {
      if ((this.#levels[scopes[i] as number] ?? 0) >= CANCELS) return true;
    }
    return false;
  }

  get #isScanDue(): boolean {
    return (this.#board.changes !== this.#changes || this.#busy > 0) && this.#nowNs >= this.#nextScanNs;
  }

  #scanBoard(): void {
    const beganNs = this.#nowNs;
    this.#changes = this.#board.changes;
    this.#scan += 1;
    this.#busy = this.#unroutable = 0;
    const entry = this.#entry;
    const end = this.#board.highWater;
    for (let slot = 0; slot < end; slot++) {
      const found = this.#look(slot);
      if (found === BOARD_READ.busy) this.#busy += 1;
      if (found !== BOARD_READ.open) continue;
      const lane = this.#lanes[entry.venue];
      const isHit = this.#isHit(entry.venue, entry.scopes);
      if (lane === undefined) this.#unroutable += isHit ? 1 : 0;
      else if (isHit || lane.has(entry.id)) lane.see(entry, this.#scan);
    }
    for (const lane of this.#lanes) {
      // An order behind a busy slot was not seen, which does not mean that it left.
      if (this.#busy === 0) lane.seen(this.#scan);
      lane.arrange();
    }
    this.#nextScanNs = this.#nowNs + SCAN_SHARE * (this.#nowNs - beganNs);
  }

  #look(slot: number): number {
    let found = this.#board.read(slot, this.#entry);
    for (let i = 1; i < BUSY_LOOKS && found === BOARD_READ.busy; i++) {
      found = this.#board.read(slot, this.#entry);
    }
    return found;
  }

  get #isOver(): boolean {
    const { state } = this.#control;
    return state === "complete" || state === "escalated";
  }

  #conclude(kill: Kill): void {
    const isDone = this.#lanes.every((lane) => lane.isDone) && this.#unroutable === 0 && this.#busy === 0;
    const nowNs = this.#nowNs;
    const isLate = nowNs - kill.askedNs > this.#plan.deadlineMs * MS;
    if (!isDone && !isLate) return;
    const figures = this.#lanes.map((lane) => `${lane.requested} ${lane.handed} ${lane.confirmed}`);
    const now = [isDone, this.#unroutable, this.#busy, ...figures].join(",");
    if (now === kill.reported || (nowNs - kill.reportedNs < REPORT_MS * MS && kill.reported !== "")) return;
    kill.reported = now;
    kill.reportedNs = nowNs;
    const report = this.#report(kill, isDone ? "complete" : "escalated");
    this.#file.end(report);
    this.#onReport(report);
    Atomics.add(this.#control.words, CONTROL.reports, 1);
    this.#control.state = report.outcome;
  }

  #report(kill: Kill, outcome: KillAgentReport["outcome"]): KillAgentReport {
    const venues = this.#lanes.map((lane) => lane.report());
    const sum = (of: (venue: (typeof venues)[number]) => number): number =>
      venues.reduce((total, venue) => total + of(venue), 0);
    const lost = this.#unroutable;
    return {
      kill: kill.number,
      outcome,
      reason: kill.reason,
      askedAt: kill.askedAt,
      latched: this.#latched(),
      requested: sum(({ requested }) => requested) + lost,
      handed: sum(({ handed }) => handed),
      confirmed: sum(({ confirmed }) => confirmed),
      unknown: sum(({ unknown }) => unknown) + lost,
      unroutable: lost,
      unreadable: this.#busy,
      closedNs: (kill.closedNs < 0 ? kill.noticedNs : kill.closedNs) - kill.askedNs,
      noticedNs: kill.noticedNs - kill.askedNs,
      handedAllNs: latest(venues.map(({ handedAllNs }) => handedAllNs)),
      confirmedAllNs: latest(venues.map(({ confirmedAllNs }) => confirmedAllNs)),
      venues,
    };
  }

  #latched(): KillAgentReport["latched"] {
    return [...this.#levels.entries()].flatMap(([scope, level]) => (level > 0 ? [{ scope, level }] : []));
  }

  /** Writes each venue's figures where other threads read them. */
  tell(): void {
    for (const [i, lane] of this.#lanes.entries()) {
      this.#control.setFigure(i, "healthy", lane.link.isHealthy ? 1 : 0);
      this.#control.setFigure(i, "requested", lane.requested);
      this.#control.setFigure(i, "handed", lane.handed);
      this.#control.setFigure(i, "confirmed", lane.confirmed);
    }
    Atomics.store(this.#control.words, CONTROL.kills, this.#kills);
  }
}

/** The latest of some stamps; null where one is missing. */
function latest(stamps: readonly (number | null)[]): number | null {
  return stamps.reduce((most, stamp) => (most === null || stamp === null ? null : Math.max(most, stamp)), 0);
}
