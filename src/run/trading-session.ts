import { canonicalJson, Fault, sha256Hex } from "../base/index.ts";
import type { SnapshotSection } from "../journal/index.ts";
import { INPUT, type Station, TradingKernel } from "../kernel/index.ts";
import { type BarBlock, type DepthBlock, MESSAGE_STRIDE, REASON, REPORT } from "../model/index.ts";
import type { OutboundOrder, VenueDoor } from "../port/index.ts";
import {
  type ApprovedOrder,
  type ControlAnswer,
  type ControlRequest,
  type KillLatch,
  readControlRequest,
} from "../risk/index.ts";
import { Outbox } from "./outbox.ts";
import { type OwnReport, ownReport } from "./own-report.ts";
import { describeSession, type SessionMaking, withOwnLatch } from "./session-begin.ts";
import { sessionHash } from "./session-hash.ts";
import {
  checkSessionOptions,
  type SessionJournal,
  type SessionOptions,
  type SessionPart,
} from "./session-options.ts";
import { setLatch } from "./session-player.ts";
import type { SentItem } from "./session-record.ts";
import { SessionRecorder } from "./session-recorder.ts";
import { loadParts, sessionSnapshot, whyNoSnapshots } from "./session-snapshot.ts";
import type { SessionTrail } from "./session-trail.ts";

/** Ids that are left out after a recovery: as many orders a disk that lied may have lost without an id used twice. */
const SKIPPED_IDS = 65_536;

/**
 * A kernel that trades: every input is in the journal before it is settled, everything it sends is durable before it
 * leaves, its state is saved every second. Whoever owns it brings inputs with their times; it knows no clock.
 *
 * One call is one turn: timers that are due fire first, the input is settled, the strategies decide, the journal is
 * committed where anything is to leave, then it leaves.
 *
 * @units `nowNs`: ns from the session's base; a time before the last one is taken for the last one, and counted: after a
 * step back of the clock no timer fires until it has caught up, so take times from a steady clock
 * @invariant What left is in the journal, durably, with the input it came from. A crash between any two instructions
 * loses no effect that anybody outside has seen.
 * @invariant Decisions see the kill latch as it was at the turn's begin; what leaves is stopped by the latch as it is.
 * @throws what the journal throws, and `FAULT_CALLBACK` where a strategy throws: the session takes no more inputs then.
 */
export class TradingSession {
  readonly kernel: TradingKernel;
  readonly recorder: SessionRecorder;
  readonly making: SessionMaking;
  /** Why no snapshots are taken; undefined where they are. */
  readonly noSnapshots: string | undefined;
  /** How often a time came that was before the last one. */
  clockBackwards = 0;
  /** Orders that were stopped at the last look. */
  stoppedAtDoor = 0;
  /** Snapshots taken. */
  snapshots = 0;
  /** Told of everything that is to leave, with its number; also while a recovery replays it. */
  onSending: ((item: SentItem) => void) | undefined = undefined;
  /** Told of a report's words while it is replayed: before it is settled, and again after it. */
  onNote: ((station: number, note: string, isSettled: boolean) => void) | undefined = undefined;
  /** The audit trail, which sets itself here. @internal */
  trail: SessionTrail | undefined = undefined;
  readonly #parts: SessionPart[] = [];
  readonly #journal: SessionJournal;
  readonly #outbox: Outbox;
  readonly #shared: KillLatch | undefined;
  readonly #own: KillLatch | undefined;
  readonly #late: OutboundOrder[] = [];
  readonly #lateStations: number[] = [];
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  readonly #snapshotEveryNs: number;
  #nextSnapshotNs: number;
  #seenLatch = 0;
  #configHash = "";
  #beginBytes = new Uint8Array(0);
  #failure: unknown = undefined;
  #state: "made" | "running" | "ended" = "made";
  #isInTurn = false;

  constructor(options: SessionOptions, journal: SessionJournal) {
    const { snapshotEveryNs, ...making } = checkSessionOptions(options);
    const { instruments, strategies, risk } = options;
    const { cash, reporting, seed, orderCapacity, lingerNs } = making;
    this.making = making;
    this.#snapshotEveryNs = snapshotEveryNs;
    this.#journal = journal;
    this.recorder = new SessionRecorder(journal);
    this.#shared = risk?.kill?.latch;
    const own = withOwnLatch(risk, this.#shared?.scopes);
    this.#own = own?.kill?.latch;
    this.kernel = new TradingKernel({
      ...{ instruments, strategies, cash, reporting, seed, orderCapacity, lingerNs },
      baseNs: options.baseNs,
      debug: options.debug === true,
      tap: this.recorder,
      ...(own === undefined ? {} : { risk: own }),
    });
    this.#outbox = new Outbox(this.recorder, this.kernel.nowNs, {
      sending: (item, terms) => this.sending(item, terms),
      committed: () => this.trail?.committed(),
      left: () => this.trail?.left(),
    });
    this.noSnapshots = whyNoSnapshots(snapshotEveryNs, journal, this.kernel);
    this.#nextSnapshotNs = this.noSnapshots === undefined ? this.#snapshotEveryNs : Number.POSITIVE_INFINITY;
    this.tapEffects();
  }

  /** Records the kernel's effects from here on. @internal */
  tapEffects(): void {
    this.kernel.effects.sink = (records) => this.recorder.effects(records, this.kernel.nowNs[0] as number);
  }

  /** Something is to leave, or would have while a recovery replays it. @internal */
  sending(item: SentItem, terms: OutboundOrder): void {
    this.trail?.sending(item, terms);
    this.onSending?.(item);
  }

  /** Ties an instrument to the door of its venue. Before the first input. */
  connect(index: number, door: VenueDoor<ApprovedOrder>): void {
    this.kernel.connect(index, this.#outbox.doorFor(index, door));
  }

  /** Has the state of something else saved in every snapshot, under its name. */
  attach(part: SessionPart): void {
    this.#parts.push(part);
  }

  /** Loads the parts of a snapshot. @internal */
  loadParts(sections: readonly SnapshotSection[]): void {
    loadParts(this.#parts, sections);
  }

  /** Begins a new session: its first record, then `onStart`. */
  start(nowNs: number): void {
    if (this.#state !== "made" || this.#journal.lastSeq > 0) {
      throw this.#wrong("start", "a session that has not begun; one that was recovered is resumed");
    }
    const { kernel } = this;
    const begin = describeSession(this.making, kernel);
    this.#begin(begin, nowNs);
    this.recorder.begin(begin);
    this.#turn(nowNs, () => kernel.start());
  }

  /**
   * Goes on after a recovery: what never left is told to the kernel, and every connection is lost.
   *
   * @internal
   */
  goOn(begin: Readonly<Record<string, unknown>>, unsent: readonly SentItem[], nowNs: number): void {
    const { kernel } = this;
    this.#isInTurn = true;
    this.#begin(begin, nowNs);
    this.#syncLatch(true);
    for (const { kind, station, id, requestId } of unsent) {
      const row = kernel.orders.id.indexOf(id);
      const rejected = requestId === 0 ? REPORT.rejected : REPORT.replaceRejected;
      const report = kind === "cancel" ? REPORT.cancelRejected : rejected;
      this.#tell(kernel.stations[station] as Station, report, { row, id, requestId }, REASON.notSent);
    }
    for (const station of kernel.stations) kernel.disconnected(station);
    kernel.skipIds(SKIPPED_IDS);
    this.#close();
    this.commit();
  }

  /** A row of a depth feed, as it was received. */
  row(station: number, block: DepthBlock, i: number, nowNs: number): void {
    this.#open(nowNs);
    try {
      this.#station(station).row(block, i);
      this.#close();
    } catch (fault) {
      throw this.#fail(fault);
    }
  }

  /** A bar, at its close. */
  bar(station: number, block: BarBlock, i: number, nowNs: number): void {
    this.#turn(nowNs, () => this.#station(station).bar(block, i));
  }

  /** A venue's report: a record of `MESSAGE_FIELD` at `offset`. Whoever made it may give words to be kept with it. */
  report(station: number, cells: Float64Array, offset: number, nowNs: number, note?: string): void {
    this.#open(nowNs);
    this.recorder.note = note === undefined ? undefined : new TextEncoder().encode(note);
    try {
      this.kernel.report(this.#station(station), cells, offset);
      this.#close();
    } catch (fault) {
      throw this.#fail(fault);
    }
  }

  /** The connection to an instrument's venue is lost: its orders are unknown until the venue says more. */
  disconnected(station: number, nowNs: number): void {
    this.#turn(nowNs, () => this.kernel.disconnected(this.#station(station)));
  }

  dividend(station: number, minorPerLot: number, nowNs: number): void {
    this.#turn(nowNs, () => this.kernel.dividend(this.#station(station), minorPerLot));
  }

  split(station: number, numerator: number, denominator: number, nowNs: number): void {
    this.#turn(nowNs, () => this.kernel.split(this.#station(station), numerator, denominator));
  }

  /**
   * Changes the gate: limits, an override, capital, a list, or another of `ControlCalls`. It is in the journal, durably,
   * before it takes effect; word from a market is durable before anything leaves that it lets out.
   *
   * @refuses what the gate refuses, `RISK_CONTROL_INVALID` naming what is not there; also these are recorded
   * @throws `FAULT_CONFIG`, `FAULT_INPUT` for what is no request, and where a callback asks; nothing is recorded then
   */
  control(request: ControlRequest, nowNs: number): ControlAnswer {
    if (this.#isInTurn && this.isRunning)
      throw this.#wrong("control", "no call from a callback: it is an input of its own");
    const said = readControlRequest(request, "session.control");
    return this.#turn(nowNs, () => this.kernel.control(said));
  }

  /** Nothing came, but time went on: fires the timers that are due, and makes durable what came before. */
  idle(nowNs: number): void {
    this.#turn(nowNs, () => {}, true);
    this.commit();
    try {
      this.trail?.idle();
    } catch (fault) {
      throw this.#fail(fault);
    }
  }

  /** Ends the session: `onStop`, the last record with the `runHash`, which is returned. */
  stop(nowNs: number): string {
    this.#turn(nowNs, () => this.kernel.stop(), true);
    const { recorder, kernel } = this;
    kernel.effects.flush();
    const runHash = this.runHash();
    this.trail?.stopped(runHash);
    recorder.end({ manifest: null, runHash }, kernel.nowNs[0] as number);
    this.#state = "ended";
    return runHash;
  }

  /** The hash of everything that was decided so far, and of the state it led to. */
  runHash(): string {
    return sessionHash(null, this.kernel);
  }

  /** Whether the session takes inputs. */
  get isRunning(): boolean {
    return this.#state === "running" && this.#failure === undefined;
  }

  /** Makes every input so far durable: before a venue is told that its reports arrived, and when idle. */
  commit(): void {
    try {
      if (this.#journal.durableSeq < this.#journal.lastSeq) this.#journal.commit();
    } catch (fault) {
      throw this.#fail(fault);
    }
  }

  /** Saves the state now. @throws what the journal throws */
  saveSnapshot(): void {
    const { kernel } = this;
    const journal = this.#journal;
    kernel.effects.flush();
    const state = {
      ...{ kernel, latch: this.#own, parts: this.#parts },
      ...{ begin: this.#beginBytes, configHash: this.#configHash },
    };
    const snapshot = sessionSnapshot(state, journal.lastSeq, journal.epoch);
    journal.saveSnapshot?.(snapshot);
    this.trail?.snapshot(snapshot);
    this.snapshots += 1;
  }

  #begin(begin: Readonly<Record<string, unknown>>, nowNs: number): void {
    this.#beginBytes = new TextEncoder().encode(canonicalJson(begin));
    this.#configHash = sha256Hex(this.#beginBytes);
    this.kernel.nowNs[0] = Math.max(this.kernel.nowNs[0] as number, nowNs);
    this.#state = "running";
    if (this.noSnapshots === undefined) this.#nextSnapshotNs = nowNs + this.#snapshotEveryNs;
  }

  #turn<Value>(nowNs: number, input: () => Value, isOver = false): Value {
    this.#open(nowNs, isOver);
    try {
      const value = input();
      this.#close();
      return value;
    } catch (fault) {
      throw this.#fail(fault);
    }
  }

  /** Begins a turn: the latch as it is now, and timers that are due. */
  #open(nowNs: number, isOver = false): void {
    if (!this.isRunning) throw this.#wrong("input", "a session that is running");
    this.#isInTurn = true;
    const { kernel } = this;
    const last = kernel.nowNs[0] as number;
    if (nowNs < last) this.clockBackwards += 1;
    const now = nowNs > last ? nowNs : last;
    const isDue = (ns: number): boolean => ns < now || (isOver && ns === now);
    try {
      this.#syncLatch(false);
      while (isDue(kernel.timers.nextNs[0] as number)) {
        kernel.nowNs[0] = Math.max(kernel.timers.nextNs[0] as number, kernel.nowNs[0] as number);
        kernel.timer();
        this.#flush();
      }
    } catch (fault) {
      throw this.#fail(fault);
    }
    kernel.nowNs[0] = now;
  }

  #close(): void {
    this.#flush();
    this.#isInTurn = false;
  }

  /** The end of a turn: what waits becomes durable and leaves; what was stopped is told to the kernel. */
  #flush(): void {
    if (this.#outbox.length > 0) {
      const { kernel } = this;
      this.#outbox.flush(this.#isStopped, this.#toldLate);
      for (let i = 0; i < this.#late.length; i++) {
        const station = kernel.stations[this.#lateStations[i] as number] as Station;
        const terms = this.#late[i] as OutboundOrder;
        const kind = terms.requestId === 0 ? REPORT.rejected : REPORT.replaceRejected;
        this.#tell(station, kind, terms, REASON.approvalLate);
      }
      this.#late.length = 0;
      this.#lateStations.length = 0;
      if (this.#outbox.length > 0) this.#flush();
    }
    if ((this.kernel.nowNs[0] as number) >= this.#nextSnapshotNs) {
      this.#nextSnapshotNs = (this.kernel.nowNs[0] as number) + this.#snapshotEveryNs;
      this.saveSnapshot();
    }
  }

  /** The last look at the latch: any change since the turn began stops what it would let out. */
  readonly #isStopped = (): boolean => this.#shared !== undefined && this.#shared.read() !== this.#seenLatch;

  readonly #toldLate = (station: number, terms: OutboundOrder): void => {
    this.stoppedAtDoor += 1;
    this.#late.push({ ...terms });
    this.#lateStations.push(station);
  };

  /** A report of our own, as an input like any other. */
  #tell(station: Station, kind: number, of: OwnReport, reason: number): void {
    const cells = ownReport(this.#cells, kind, of, reason, this.kernel.nowNs[0] as number);
    this.kernel.report(station, cells, 0);
  }

  /** Takes over what changed in the shared latch, and records it. */
  #syncLatch(always: boolean): void {
    const [shared, own] = [this.#shared, this.#own];
    if (shared === undefined || own === undefined) return;
    for (let word = shared.read(); always || word !== this.#seenLatch; word = shared.read()) {
      this.#seenLatch = word;
      always = false;
      for (let scope = 0; scope < shared.scopes; scope++) {
        const level = shared.levelOf(scope);
        if (level === own.levelOf(scope)) continue;
        this.recorder.event(INPUT.latch, -1, scope, level, this.kernel.nowNs[0] as number);
        setLatch(own, scope, level);
      }
    }
  }

  #station(index: number): Station {
    const station = this.kernel.stations[index];
    if (station !== undefined) return station;
    const expected = `an instrument below ${this.kernel.stations.length}`;
    throw new Fault("FAULT_INPUT", { path: "session.station", value: index, expected });
  }

  #fail(fault: unknown): unknown {
    if (this.#failure === undefined) {
      this.#failure = fault;
      this.trail?.failed(fault);
    }
    return fault;
  }

  #wrong(what: string, expected: string): Fault {
    const value = this.#failure === undefined ? this.#state : "failed";
    const cause = this.#failure === undefined ? {} : { cause: this.#failure };
    return new Fault("FAULT_INPUT", { path: `session.${what}`, value, expected, ...cause });
  }
}
