import { checkBoolean, checkInteger, type Fault } from "../base/index.ts";
import type { SnapshotSection } from "../journal/index.ts";
import type { AdjustTerms, ReportFee, StrategyFault, TradingKernel } from "../kernel/index.ts";
import type { BarBlock, DepthBlock } from "../model/index.ts";
import type { OutboundOrder, VenueDoor } from "../port/index.ts";
import {
  type ApprovedOrder,
  type ControlAnswer,
  type ControlRequest,
  readControlRequest,
} from "../risk/index.ts";
import { DueTimers } from "./due-timers.ts";
import { describeSession, type SessionMaking, sessionKernel, withOwnLatch } from "./session-begin.ts";
import { sessionHash } from "./session-hash.ts";
import {
  checkCash,
  checkDoors,
  checkFee,
  checkReport,
  checkRow,
  checkTime,
  checkWords,
  stationOf,
} from "./session-inputs.ts";
import { SessionLatch } from "./session-latch.ts";
import {
  checkSessionOptions,
  type SessionJournal,
  type SessionOptions,
  type SessionPart,
} from "./session-options.ts";
import type { SentItem } from "./session-record.ts";
import { SessionRecorder } from "./session-recorder.ts";
import type { SessionRemark } from "./session-remark.ts";
import { SessionSnapshots } from "./session-snapshots.ts";
import type { SessionTrail } from "./session-trail.ts";
import { SessionTurns } from "./session-turns.ts";
import { type SessionWatcher, SessionWatchers } from "./session-watchers.ts";

/** What no ledger could book must not be in the journal. @units minor units a lot; a ratio's terms */
const DIVIDEND_MAX = 1_000_000_000_000;
const SPLIT_MAX = 1_000_000;

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
 * @invariant A strategy that throws is stopped and its orders are canceled; the others go on.
 * @throws what the journal or a door throws: the session takes no more inputs then, also where a strategy caught it.
 */
export class TradingSession {
  readonly kernel: TradingKernel;
  readonly recorder: SessionRecorder;
  readonly making: SessionMaking;
  /** Told of each strategy that is stopped because it threw, within the turn; also while a recovery replays it. */
  onStrategyFault: ((fault: StrategyFault) => void) | undefined = undefined;
  /** @internal */
  readonly watchers: SessionWatchers;
  /** The audit trail, which sets itself here. @internal */
  trail: SessionTrail | undefined = undefined;
  readonly #journal: SessionJournal;
  readonly #snapshots: SessionSnapshots;
  readonly #turns: SessionTurns;

  constructor(options: SessionOptions, journal: SessionJournal) {
    const { snapshotEveryNs, timersBehindMax, ...making } = checkSessionOptions(options);
    const { risk } = options;
    this.making = making;
    this.#journal = journal;
    this.recorder = new SessionRecorder(journal);
    const shared = risk?.kill?.latch;
    const own = withOwnLatch(risk, shared?.scopes);
    this.kernel = sessionKernel(options, making, this.recorder, own);
    this.kernel.onStrategyFault = (fault) => {
      this.trail?.strategyFaulted(fault);
      this.onStrategyFault?.(fault);
    };
    this.watchers = new SessionWatchers(this.kernel);
    const latch = own?.kill?.latch;
    this.#snapshots = new SessionSnapshots(this.kernel, journal, snapshotEveryNs, latch);
    this.#turns = new SessionTurns({
      ...{ kernel: this.kernel, recorder: this.recorder, journal, snapshots: this.#snapshots },
      timers: new DueTimers(this.kernel, timersBehindMax),
      latch: new SessionLatch(shared, latch, this.recorder, this.kernel.nowNs),
      trail: () => this.trail,
      sending: (item, terms) => this.sending(item, terms),
    });
    this.tapEffects();
  }

  /** Records the kernel's effects from here on. @internal */
  tapEffects(): void {
    this.kernel.effects.sink = (records) => this.recorder.effects(records, this.kernel.nowNs[0] as number);
  }

  /** Something is to leave, or would have while a recovery replays it. @internal */
  sending(item: SentItem, terms: OutboundOrder): void {
    this.trail?.sending(item, terms);
    this.watchers.sending(item, terms);
  }

  /** Strategies that were stopped because they threw, and why; empty where all run. */
  get faulted(): readonly StrategyFault[] {
    return this.kernel.faulted;
  }

  /**
   * Tells somebody what the session does: in `prepare`, so that a recovery tells it what it replays. An observer that is
   * set on the kernel afterwards takes the watchers' place; one that throws ends the session.
   */
  watch(watcher: SessionWatcher): void {
    this.watchers.add(watcher);
  }

  /** Ties an instrument to the door of its venue. Before the first input. */
  connect(index: number, door: VenueDoor<ApprovedOrder>): void {
    this.kernel.connect(index, this.#turns.outbox.doorFor(index, door));
    if (this.isRunning) this.#turns.careful(() => this.#turns.tellDoors());
  }

  /** Has the state of something else saved in every snapshot, under its name: in `prepare`, before anything is loaded. */
  attach(part: SessionPart): void {
    if (this.#turns.isMade && this.#snapshots.attach(part)) return;
    throw this.#turns.wrong(
      "attach",
      "a part of another name, before anything is loaded or started: in `prepare`",
    );
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

  /** Begins a new session: its first record, then `onStart`. Instruments that are `held` take no order from the first. */
  start(nowNs: number, held: readonly number[] = []): void {
    if (!this.#turns.isMade || this.#journal.lastSeq > 0) {
      throw this.#turns.wrong("start", "a session that has not begun; one that was recovered is resumed");
    }
    checkTime("session.nowNs", nowNs);
    const { kernel } = this;
    const stations = held.map((each) => stationOf(kernel, each));
    const begin = describeSession(this.making, kernel);
    this.#turns.begin(begin, nowNs);
    this.#turns.careful(() => {
      this.recorder.begin(begin);
      this.#turns.tellDoors();
      this.#turns.holdAll(stations);
    });
    this.#turns.take(nowNs, () => kernel.start());
  }

  /**
   * Goes on after a recovery: what never left is told to the kernel, and every connection is lost.
   *
   * @internal
   */
  goOn(
    begin: Readonly<Record<string, unknown>>,
    unsent: readonly SentItem[],
    nowNs: number,
    held: readonly number[],
  ): void {
    this.#turns.goOn(
      begin,
      unsent,
      nowNs,
      held.map((each) => stationOf(this.kernel, each)),
    );
    this.commit();
  }

  /** @throws `FAULT_INPUT` unless the session was recovered, waits to be resumed, and has doors for its orders. @internal */
  checkResumable(): void {
    if (!this.#turns.isMade || this.#journal.lastSeq === 0) {
      throw this.#turns.wrong("resume", "a session that was recovered, once; a new one is started");
    }
    checkDoors(this.kernel);
  }

  /** A row of a depth feed, as it was received. */
  row(station: number, block: DepthBlock, i: number, nowNs: number): void {
    checkRow(block, i);
    const on = stationOf(this.kernel, station);
    this.#turns.open(nowNs);
    const { lastSeq } = this.#journal;
    try {
      on.row(block, i);
      this.#turns.close();
    } catch (fault) {
      throw this.#turns.failUnlessRefused(fault, lastSeq);
    }
  }

  /** A bar, at its close. */
  bar(station: number, block: BarBlock, i: number, nowNs: number): void {
    const on = stationOf(this.kernel, station);
    this.#turns.take(nowNs, () => on.bar(block, i));
  }

  /**
   * A venue's report: a record of `MESSAGE_FIELD` at `offset`. Whoever made it may give words to be kept with it, and what
   * the venue charged for an execution, in a currency of the ledger: that is booked in place of the scheduled fee.
   */
  report(
    station: number,
    cells: Float64Array,
    offset: number,
    nowNs: number,
    note?: string,
    fee?: ReportFee,
  ): void {
    checkReport(cells, offset, this.kernel.slots.length);
    const words = checkWords(note);
    const told = checkFee(this.kernel, fee);
    const on = stationOf(this.kernel, station);
    this.#turns.open(nowNs);
    const { lastSeq } = this.#journal;
    this.recorder.note = words;
    try {
      this.kernel.report(on, cells, offset, told);
      this.#turns.close();
    } catch (fault) {
      throw this.#turns.failUnlessRefused(fault, lastSeq);
    }
  }

  /** The connection to an instrument's venue is lost: its orders are unknown until the venue says more. */
  disconnected(station: number, nowNs: number): void {
    const on = stationOf(this.kernel, station);
    this.#turns.take(nowNs, () => this.kernel.disconnected(on));
  }

  dividend(station: number, minorPerLot: number, nowNs: number): void {
    checkInteger("session.dividend", minorPerLot, -DIVIDEND_MAX, DIVIDEND_MAX);
    const on = stationOf(this.kernel, station);
    this.#turns.take(nowNs, () => this.kernel.dividend(on, minorPerLot));
  }

  split(station: number, numerator: number, denominator: number, nowNs: number): void {
    checkInteger("session.split", numerator, 1, SPLIT_MAX);
    checkInteger("session.split", denominator, 1, SPLIT_MAX);
    const on = stationOf(this.kernel, station);
    this.#turns.take(nowNs, () => this.kernel.split(on, numerator, denominator));
  }

  /**
   * Changes the gate: limits, an override, capital, a list, or another of `ControlCalls`. It is in the journal, durably,
   * before it takes effect; word from a market is durable before anything leaves that it lets out.
   *
   * @refuses what the gate refuses, `RISK_CONTROL_INVALID` naming what is not there; also these are recorded
   * @throws `FAULT_CONFIG`, `FAULT_INPUT` for what is no request, and where a callback asks; nothing is recorded then
   */
  control(request: ControlRequest, nowNs: number): ControlAnswer {
    if (this.#turns.isInTurn && this.isRunning)
      throw this.#turns.wrong("control", "no call from a callback: it is an input of its own");
    const said = readControlRequest(request, "session.control");
    return this.#turns.take(nowNs, () => this.kernel.control(said));
  }

  /**
   * Cash in minor units came (above 0) or went, and no report told of it: in the instrument's quote currency, or as `terms`
   * say, and as a fee of it where they do.
   */
  adjust(station: number, minor: bigint, nowNs: number, note?: string, terms: AdjustTerms = {}): void {
    const words = checkWords(note);
    const on = stationOf(this.kernel, station);
    const { currency = on.instrument.quote.code } = terms;
    checkCash("session.adjust", this.kernel.ledger.currencies, currency, minor);
    this.#turns.take(nowNs, () => {
      this.recorder.note = words;
      this.kernel.adjust(on, minor, terms);
    });
  }

  /**
   * Refuses new orders and replaces in an instrument from now on, or no longer; cancels leave as ever. It is in the
   * journal, durably, when this returns: who stopped an instrument finds it stopped, whatever dies.
   */
  hold(station: number, isHeld: boolean, nowNs: number): void {
    checkBoolean("session.hold", isHeld);
    const on = stationOf(this.kernel, station);
    this.#turns.take(nowNs, () => this.kernel.hold(on, isHeld));
    this.commit();
  }

  /**
   * Records what was found or done beside the kernel, at the time of the session; of a callback behind what its turn
   * sends. A callback may make it again while a recovery replays it: it is recorded once.
   *
   * @throws `FAULT_CONFIG`, `FAULT_INPUT` for what is no remark, `FAULT_CAPACITY` where a saying or the note is longer
   * than a record; nothing is recorded then
   */
  remark(remark: SessionRemark): void {
    this.#turns.remark(remark);
  }

  /** Whether a recovery feeds recorded inputs to the kernel. @internal */
  replays(isReplaying: boolean): void {
    this.#turns.replays(isReplaying);
  }

  /** A recorded remark is replayed. @internal */
  replayRemark(remark: SessionRemark, ns: number): void {
    const isNews = this.#turns.replayRemark(remark, ns);
    if (isNews && remark.part !== undefined && remark.note !== undefined)
      this.#snapshots.replay(remark.part, remark.note);
  }

  /** Nothing came, but time went on: fires the timers that are due, and makes durable what came before. */
  idle(nowNs: number): void {
    this.#turns.take(nowNs, () => {}, true);
    this.commit();
    this.#turns.careful(() => this.trail?.idle());
  }

  /** Ends the session: `onStop`, the last record with the `runHash`, which is returned. */
  stop(nowNs: number): string {
    this.#turns.take(nowNs, () => this.kernel.stop(), true);
    const { recorder, kernel } = this;
    return this.#turns.careful(() => {
      kernel.effects.flush();
      const runHash = this.runHash();
      this.trail?.stopped(runHash);
      recorder.end({ manifest: null, runHash }, kernel.nowNs[0] as number);
      this.#turns.end();
      return runHash;
    });
  }

  /** The hash of everything that was decided so far, and of the state it led to. */
  runHash(): string {
    return sessionHash(null, this.kernel);
  }

  /** Whether the session has not begun, and was not resumed: it may be replayed. @internal */
  get isMade(): boolean {
    return this.#turns.isMade;
  }

  /** Whether the session takes inputs. */
  get isRunning(): boolean {
    return this.#turns.isRunning;
  }

  /** How often a time came that was before the last one. */
  get clockBackwards(): number {
    return this.#turns.clockBackwards;
  }

  /** Orders that were stopped at the last look. */
  get stoppedAtDoor(): number {
    return this.#turns.stoppedAtDoor;
  }

  /** Makes every input so far durable: before a venue is told that its reports arrived, and when idle. */
  commit(): void {
    if (this.#journal.durableSeq < this.#journal.lastSeq) this.#turns.careful(() => this.#journal.commit());
  }

  /** Saves the state now. @throws what the journal throws */
  saveSnapshot(): void {
    if (!this.isRunning || this.#turns.isInTurn) {
      throw this.#turns.wrong("saveSnapshot", "a session that is running, between two inputs");
    }
    this.#snapshots.take(this.trail);
  }

  /** Saves the state where that can be done: else `snapshotFault` tells why not. @internal */
  saveIfAble(): void {
    this.#snapshots.takeIfAble(this.trail);
  }
}
