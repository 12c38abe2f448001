import { checkInteger, Fault } from "../base/index.ts";
import type { SnapshotSection } from "../journal/index.ts";
import { type Station, TradingKernel } from "../kernel/index.ts";
import type { BarBlock, DepthBlock } from "../model/index.ts";
import type { OutboundOrder, VenueDoor } from "../port/index.ts";
import {
  type ApprovedOrder,
  type ControlAnswer,
  type ControlRequest,
  readControlRequest,
} from "../risk/index.ts";
import { Outbox } from "./outbox.ts";
import { OwnReports } from "./own-report.ts";
import { describeSession, type SessionMaking, withOwnLatch } from "./session-begin.ts";
import { sessionHash } from "./session-hash.ts";
import { checkReport, checkRow } from "./session-inputs.ts";
import { SessionLatch } from "./session-latch.ts";
import {
  checkSessionOptions,
  type SessionJournal,
  type SessionOptions,
  type SessionPart,
} from "./session-options.ts";
import type { SentItem } from "./session-record.ts";
import { SessionRecorder } from "./session-recorder.ts";
import { SessionSnapshots } from "./session-snapshots.ts";
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
 * @throws what the journal throws, and what a strategy or a door throws: the session takes no more inputs then.
 */
export class TradingSession {
  readonly kernel: TradingKernel;
  readonly recorder: SessionRecorder;
  readonly making: SessionMaking;
  /** How often a time came that was before the last one. */
  clockBackwards = 0;
  /** Orders that were stopped at the last look. */
  stoppedAtDoor = 0;
  /** Told of everything that is to leave, with its number; also while a recovery replays it. */
  onSending: ((item: SentItem) => void) | undefined = undefined;
  /** Told of a report's words while it is replayed: before it is settled, and again after it. */
  onNote: ((station: number, note: string, isSettled: boolean) => void) | undefined = undefined;
  /** The audit trail, which sets itself here. @internal */
  trail: SessionTrail | undefined = undefined;
  readonly #journal: SessionJournal;
  readonly #outbox: Outbox;
  readonly #latch: SessionLatch;
  readonly #snapshots: SessionSnapshots;
  readonly #reports: OwnReports;
  #failure: unknown = undefined;
  #state: "made" | "running" | "ended" = "made";
  #isInTurn = false;

  constructor(options: SessionOptions, journal: SessionJournal) {
    const { snapshotEveryNs, ...making } = checkSessionOptions(options);
    const { instruments, strategies, risk } = options;
    const { cash, reporting, seed, orderCapacity, lingerNs } = making;
    this.making = making;
    this.#journal = journal;
    this.recorder = new SessionRecorder(journal);
    const shared = risk?.kill?.latch;
    const own = withOwnLatch(risk, shared?.scopes);
    this.kernel = new TradingKernel({
      ...{ instruments, strategies, cash, reporting, seed, orderCapacity, lingerNs },
      baseNs: options.baseNs,
      debug: options.debug === true,
      tap: this.recorder,
      ...(own === undefined ? {} : { risk: own }),
    });
    this.#reports = new OwnReports(this.kernel);
    this.#outbox = new Outbox(this.recorder, this.kernel.nowNs, {
      sending: (item, terms) => this.sending(item, terms),
      committed: () => this.trail?.committed(),
      left: () => this.trail?.left(),
    });
    const latch = own?.kill?.latch;
    this.#latch = new SessionLatch(shared, latch, this.recorder, this.kernel.nowNs);
    this.#snapshots = new SessionSnapshots(this.kernel, journal, snapshotEveryNs, latch);
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

  /** Has the state of something else saved in every snapshot, under its name: in `prepare`, before anything is loaded. */
  attach(part: SessionPart): void {
    if (this.#state === "made" && this.#snapshots.attach(part)) return;
    throw this.#wrong("attach", "a part of another name, before anything is loaded or started: in `prepare`");
  }

  /** Loads the parts of a snapshot. @internal */
  loadParts(sections: readonly SnapshotSection[]): void {
    this.#snapshots.load(sections);
  }

  /** Why no snapshots are taken; undefined where they are. */
  get noSnapshots(): string | undefined {
    return this.#snapshots.why;
  }

  /** Snapshots taken. */
  get snapshots(): number {
    return this.#snapshots.taken;
  }

  /** Why the last snapshot could not be written; undefined where it was. */
  get snapshotFault(): Fault | undefined {
    return this.#snapshots.fault;
  }

  /** Begins a new session: its first record, then `onStart`. */
  start(nowNs: number): void {
    if (this.#state !== "made" || this.#journal.lastSeq > 0) {
      throw this.#wrong("start", "a session that has not begun; one that was recovered is resumed");
    }
    const { kernel } = this;
    const begin = describeSession(this.making, kernel);
    this.#begin(begin, nowNs);
    try {
      this.recorder.begin(begin);
    } catch (fault) {
      throw this.#fail(fault);
    }
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
    try {
      this.#latch.keep();
      this.#latch.sync(true);
      // Before anybody is told anything: what is sent in answer must not have an id that was used.
      kernel.skipIds(SKIPPED_IDS);
      this.#reports.tellUnsent(unsent);
      for (const station of kernel.stations) kernel.disconnected(station);
      this.#close();
    } catch (fault) {
      throw this.#fail(fault);
    }
    this.commit();
  }

  /** @throws `FAULT_INPUT` unless the session was recovered, waits to be resumed, and has doors for its orders. @internal */
  checkResumable(): void {
    const { kernel } = this;
    if (this.#state !== "made" || this.#journal.lastSeq === 0) {
      throw this.#wrong("resume", "a session that was recovered, once; a new one is started");
    }
    for (const { index, door, instrument } of kernel.stations) {
      if (door !== undefined || kernel.orders.firstOfInstrument(index) < 0) continue;
      const expected = `a door for ${instrument.key}, which has orders: connect it first`;
      throw new Fault("FAULT_INPUT", { path: "session.resume", value: "no door", expected });
    }
  }

  /** A row of a depth feed, as it was received. */
  row(station: number, block: DepthBlock, i: number, nowNs: number): void {
    checkRow(block, i);
    this.#open(nowNs);
    const { lastSeq } = this.#journal;
    try {
      this.#station(station).row(block, i);
      this.#close();
    } catch (fault) {
      throw this.#failUnlessFull(fault, lastSeq);
    }
  }

  /** A bar, at its close. */
  bar(station: number, block: BarBlock, i: number, nowNs: number): void {
    this.#turn(nowNs, () => this.#station(station).bar(block, i));
  }

  /** A venue's report: a record of `MESSAGE_FIELD` at `offset`. Whoever made it may give words to be kept with it. */
  report(station: number, cells: Float64Array, offset: number, nowNs: number, note?: string): void {
    checkReport(cells, offset, this.kernel.slots.length);
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
    checkInteger("session.dividend", minorPerLot);
    this.#turn(nowNs, () => this.kernel.dividend(this.#station(station), minorPerLot));
  }

  split(station: number, numerator: number, denominator: number, nowNs: number): void {
    checkInteger("session.split", numerator, 1);
    checkInteger("session.split", denominator, 1);
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
    try {
      kernel.effects.flush();
      const runHash = this.runHash();
      this.trail?.stopped(runHash);
      recorder.end({ manifest: null, runHash }, kernel.nowNs[0] as number);
      this.#state = "ended";
      return runHash;
    } catch (fault) {
      throw this.#fail(fault);
    }
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
    if (!this.isRunning || this.#isInTurn) {
      throw this.#wrong("saveSnapshot", "a session that is running, between two inputs");
    }
    this.#snapshots.take(this.trail);
  }

  #begin(begin: Readonly<Record<string, unknown>>, nowNs: number): void {
    this.#snapshots.begin(begin, nowNs);
    this.kernel.nowNs[0] = Math.max(this.kernel.nowNs[0] as number, nowNs);
    this.#state = "running";
  }

  #turn<Value>(nowNs: number, input: () => Value, isOver = false): Value {
    this.#open(nowNs, isOver);
    const { lastSeq } = this.#journal;
    try {
      const value = input();
      this.#close();
      return value;
    } catch (fault) {
      throw this.#failUnlessFull(fault, lastSeq);
    }
  }

  /** Begins a turn: the latch as it is now, and timers that are due. */
  #open(nowNs: number, isOver = false): void {
    if (!this.isRunning) throw this.#wrong("input", "a session that is running");
    if (!Number.isInteger(nowNs)) checkInteger("session.nowNs", nowNs);
    if (this.#isInTurn)
      throw this.#wrong("input", "no call from a callback or a door: what a venue says comes later");
    this.#isInTurn = true;
    const { kernel } = this;
    const last = kernel.nowNs[0] as number;
    if (nowNs < last) this.clockBackwards += 1;
    const now = nowNs > last ? nowNs : last;
    const isDue = (ns: number): boolean => ns < now || (isOver && ns === now);
    try {
      this.#latch.sync(false);
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
      this.#outbox.flush(this.#latch.isStopped, this.#toldLate);
      // Who is told that it was stopped must find the gate closed, or could try for ever within this turn.
      if (this.#reports.late > 0) this.#latch.sync(false);
      this.#reports.tellStopped();
      if (this.#outbox.length > 0) this.#flush();
    }
    this.#snapshots.takeIfDue(this.trail);
  }

  readonly #toldLate = (station: number, terms: OutboundOrder): void => {
    this.stoppedAtDoor += 1;
    this.#reports.stopped(station, terms);
  };

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

  /** An input that a full disk did not take never was: reports, cancels and `stop` still go into the reserve. */
  #failUnlessFull(fault: unknown, lastSeq: number): unknown {
    const isRefused =
      fault instanceof Fault && fault.code === "FAULT_DISK_FULL" && this.#journal.lastSeq === lastSeq;
    if (!isRefused) return this.#fail(fault);
    this.#isInTurn = false;
    return fault;
  }

  #wrong(what: string, expected: string): Fault {
    const value = this.#failure === undefined ? this.#state : "failed";
    const cause = this.#failure === undefined ? {} : { cause: this.#failure };
    return new Fault("FAULT_INPUT", { path: `session.${what}`, value, expected, ...cause });
  }
}
