import { Fault } from "../base/index.ts";
import { INPUT, type Station, type TradingKernel } from "../kernel/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import type { DueTimers } from "./due-timers.ts";
import { Outbox } from "./outbox.ts";
import { OwnReports } from "./own-report.ts";
import { checkTime } from "./session-inputs.ts";
import type { SessionLatch } from "./session-latch.ts";
import type { SessionJournal } from "./session-options.ts";
import type { SentItem } from "./session-record.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionRemark } from "./session-remark.ts";
import { SessionRemarks } from "./session-remarks.ts";
import type { SessionSnapshots } from "./session-snapshots.ts";
import type { SessionTrail } from "./session-trail.ts";

/** What a journal throws that took nothing. */
const REFUSED: readonly string[] = ["FAULT_DISK_FULL", "FAULT_CAPACITY"];

/** What the turns of a session work on. */
export interface TurnParts {
  readonly kernel: TradingKernel;
  readonly recorder: SessionRecorder;
  readonly journal: SessionJournal;
  readonly timers: DueTimers;
  readonly latch: SessionLatch;
  readonly snapshots: SessionSnapshots;
  readonly trail: () => SessionTrail | undefined;
  /** Something is to leave. */
  readonly sending: (item: SentItem, terms: OutboundOrder) => void;
}

/**
 * The turns of a session, one after the other: timers that are due, the input, what it makes leave; and what becomes of
 * the session where one of them fails.
 *
 * @invariant One turn at a time: a call from within one is refused. After a failure there are no more.
 */
export class SessionTurns {
  readonly outbox: Outbox;
  /** How often a time came that was before the last one. */
  clockBackwards = 0;
  /** Orders that were stopped at the last look. */
  stoppedAtDoor = 0;
  isInTurn = false;
  readonly #parts: TurnParts;
  readonly #reports: OwnReports;
  readonly #remarks: SessionRemarks;
  #failure: unknown = undefined;
  #state: "made" | "running" | "ended" = "made";

  constructor(parts: TurnParts) {
    const { kernel, recorder, sending, trail } = parts;
    this.#parts = parts;
    this.#reports = new OwnReports(kernel);
    this.#remarks = new SessionRemarks(recorder, kernel.nowNs);
    this.outbox = new Outbox(recorder, kernel.nowNs, {
      sending,
      committed: () => trail()?.committed(),
      left: () => trail()?.left(),
    });
  }

  /** Whether the session has not begun, and was not resumed. */
  get isMade(): boolean {
    return this.#state === "made";
  }

  /** Whether the session takes inputs. */
  get isRunning(): boolean {
    return this.#state === "running" && this.#failure === undefined;
  }

  /** Inputs are taken from now on. */
  begin(begin: Readonly<Record<string, unknown>>, nowNs: number): void {
    const { kernel, snapshots } = this.#parts;
    snapshots.begin(begin, nowNs);
    kernel.nowNs[0] = Math.max(kernel.nowNs[0] as number, nowNs);
    this.#state = "running";
  }

  /** Records which instruments have no door, and what the others take: a replay has doors for all that say nothing. */
  tellDoors(): void {
    const { kernel, recorder } = this.#parts;
    for (const station of kernel.stations) {
      const isDoorless = station.door === undefined;
      const takesAuctions = this.outbox.takesAuctionOrders(station.index);
      if (isDoorless === station.isDoorless && takesAuctions === station.takesAuctionOrders) continue;
      const [a, b] = [isDoorless ? 1 : 0, takesAuctions ? 1 : 0];
      recorder.event(INPUT.doorless, station.index, a, b, kernel.nowNs[0] as number);
      station.isDoorless = isDoorless;
      station.takesAuctionOrders = takesAuctions;
    }
  }

  /** Instruments that take no new order before somebody lets them go on: before any strategy is asked. */
  holdAll(stations: readonly Station[]): void {
    const { kernel } = this.#parts;
    for (const station of stations) if (!station.isHeld) kernel.hold(station, true);
  }

  /** The turn after a recovery: what never left is told to the kernel, and every connection is lost. */
  goOn(
    begin: Readonly<Record<string, unknown>>,
    unsent: readonly SentItem[],
    nowNs: number,
    held: readonly Station[],
  ): void {
    const { latch } = this.#parts;
    this.isInTurn = true;
    this.begin(begin, nowNs);
    this.careful(() => {
      latch.keep();
      latch.sync(true);
      this.tellDoors();
      this.holdAll(held);
      this.#remarks.goOn();
      this.#reports.tellRecovered(unsent);
      this.close();
    });
  }

  /** One input. */
  take<Value>(nowNs: number, input: () => Value, isOver = false): Value {
    this.open(nowNs, isOver);
    const { lastSeq } = this.#parts.journal;
    try {
      const value = input();
      this.close();
      return value;
    } catch (fault) {
      throw this.failUnlessRefused(fault, lastSeq);
    }
  }

  /** Begins a turn: the latch as it is now, and timers that are due. */
  open(nowNs: number, isOver = false): void {
    if (!this.isRunning) throw this.wrong("input", "a session that is running");
    checkTime("session.nowNs", nowNs);
    if (this.isInTurn)
      throw this.wrong("input", "no call from a callback or a door: what a venue says comes later");
    this.isInTurn = true;
    const { kernel, latch, timers } = this.#parts;
    const last = kernel.nowNs[0] as number;
    if (nowNs < last) this.clockBackwards += 1;
    const now = nowNs > last ? nowNs : last;
    try {
      latch.sync(false);
      timers.fire(now, isOver, () => this.#flush());
    } catch (fault) {
      throw this.fail(fault);
    }
    kernel.nowNs[0] = now;
  }

  close(): void {
    this.#flush();
    this.isInTurn = false;
  }

  /** Records a remark: of a callback behind what leaves, of one that is replayed where its record is missing. */
  remark(remark: SessionRemark): void {
    if (!this.isRunning && !this.#remarks.isReplaying)
      throw this.wrong("remark", "a session that is running");
    const { recorder, journal } = this.#parts;
    this.#remarks.add(remark, journal.payloadBytesMax);
    if (this.isInTurn || this.#remarks.isReplaying) return;
    const { lastSeq } = recorder.journal;
    try {
      this.#remarks.record();
    } catch (fault) {
      throw this.failUnlessRefused(fault, lastSeq);
    }
  }

  /** Recorded inputs are fed to the kernel again, or no more: callbacks say again what they said. */
  replays(isReplaying: boolean): void {
    this.#remarks.isReplaying = isReplaying;
  }

  /** A recorded remark is replayed; whether no callback said it. */
  replayRemark(remark: SessionRemark, ns: number): boolean {
    return this.#remarks.replay(remark, ns);
  }

  /** Does what must not fail: the session takes no more inputs where it does. */
  careful<Value>(work: () => Value): Value {
    try {
      return work();
    } catch (fault) {
      throw this.fail(fault);
    }
  }

  /** The last input was taken. */
  end(): void {
    this.#state = "ended";
  }

  fail(fault: unknown): unknown {
    if (this.#failure === undefined) {
      this.#failure = fault;
      this.#parts.kernel.broke(fault);
      this.#parts.trail()?.failed(fault);
    }
    return fault;
  }

  /**
   * An input that the journal did not take, for a full disk or because it is too long, never was: reports, cancels and
   * `stop` still go into the reserve of a full disk.
   */
  failUnlessRefused(fault: unknown, lastSeq: number): unknown {
    const isRefused = fault instanceof Fault && REFUSED.includes(fault.code);
    if (!isRefused || this.#parts.journal.lastSeq !== lastSeq) return this.fail(fault);
    this.isInTurn = false;
    return fault;
  }

  /** The fault of a call that comes at the wrong time. */
  wrong(what: string, expected: string): Fault {
    const value = this.#failure === undefined ? this.#state : "failed";
    const cause = this.#failure === undefined ? {} : { cause: this.#failure };
    return new Fault("FAULT_INPUT", { path: `session.${what}`, value, expected, ...cause });
  }

  /** The end of a turn: what waits becomes durable and leaves; what was stopped is told to the kernel. */
  #flush(): void {
    const { kernel, latch, snapshots, trail } = this.#parts;
    kernel.checkWhole();
    if (this.outbox.length > 0) {
      this.outbox.flush(latch.isStopped, this.#toldLate);
      // Who is told that it was stopped must find the gate closed, or could try for ever within this turn.
      if (this.#reports.late > 0) latch.sync(false);
      this.#reports.tellStopped();
      if (this.outbox.length > 0) this.#flush();
    }
    // Before the snapshot: who is replayed from there on does not hear again what was remarked on.
    this.#remarks.record();
    snapshots.takeIfDue(trail());
  }

  readonly #toldLate = (station: number, terms: OutboundOrder): void => {
    this.stoppedAtDoor += 1;
    this.#reports.stopped(station, terms);
  };
}
