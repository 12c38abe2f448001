import { checkInteger } from "../base/index.ts";
import type { Connection, End, Endpoint } from "./connection.ts";
import { ARRIVAL, ReceivedNumbers } from "./received-numbers.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { SentMessages } from "./sent-messages.ts";
import {
  noSessionCounts,
  type SavedSession,
  SESSION_STATE,
  SESSION_TIMER,
  type SessionCounts,
  type SessionSettings,
  STREAM,
} from "./session-options.ts";
import { isSessionKind, isSound, seal, WIRE, WIRE_FLAG, WIRE_KIND, WIRE_STRIDE } from "./wire.ts";

/**
 * What both ends of a sequenced session do: numbers, gaps, sending again, heartbeats. The two ends are
 * `ClientSession` and `VenueSession`.
 *
 * @units ns of the scheduler
 * @invariant What one application sends reaches the other once and in order, or a reset names its number.
 */
export abstract class WireSession implements Actor, Endpoint {
  /** Written into the session's own messages: the fencing epoch of the process. */
  epoch = 0;
  readonly counts: SessionCounts = noSessionCounts();
  protected readonly connection: Connection;
  protected readonly scheduler: Scheduler;
  protected readonly self: number;
  protected readonly store: SentMessages;
  protected readonly settings: SessionSettings;
  protected state: number = SESSION_STATE.down;
  protected generation = 0;
  protected readonly incoming = new ReceivedNumbers();
  /** What the other end expected next when the two last agreed: it has what is below. */
  protected peerNextIn = 1;
  /** True until the venue has said which outgoing numbers it has: none may be used before. */
  protected isUnsure = false;
  /** Counts connections: a timer of an earlier one is void. */
  protected round = 0;
  readonly #end: End;
  readonly #storesWhileDown: boolean;
  readonly #tickNs: number;
  readonly #own = new Float64Array(WIRE_STRIDE);
  /** The next number to put on the wire; below `nextSeq` while messages are sent again. */
  #cursor = 1;
  /** Numbers below were on the wire before, numbers below the other were named as lost. */
  #sentBelow = 1;
  #namedBelow = 1;
  #isPumping = false;
  #sentNs = 0;
  #heardNs = 0;
  #isStopped = false;

  protected constructor(end: End, settings: SessionSettings, storesWhileDown: boolean) {
    this.#end = end;
    this.settings = settings;
    this.scheduler = settings.scheduler;
    this.connection = settings.connection;
    this.store = new SentMessages(settings.keep);
    this.#storesWhileDown = storesWhileDown;
    this.#tickNs = Math.floor(settings.heartbeatNs / 4);
    this.self = settings.scheduler.actor(this);
    this.connection.attach(end, this);
  }

  /** Whether messages are carried now. */
  get isUp(): boolean {
    return this.state === SESSION_STATE.up;
  }

  /** The number that the next message gets: that of the last one plus 1. */
  get nextOut(): number {
    return this.store.nextSeq;
  }

  /**
   * What a later process needs to go on with these numbers. Its `nextOut` should be saved before a message is
   * sent, or that number is used twice; its `nextIn` after a message's effect is durable, or it is missed.
   */
  saved(): SavedSession {
    return { generation: this.generation, nextOut: this.store.nextSeq, nextIn: this.incoming.next };
  }

  /** Messages that wait to be put on the wire. */
  get unsentCount(): number {
    return this.store.nextSeq - this.#cursor;
  }

  /**
   * Sends an application's message; the session writes `seq`, `check` and its own bits of `flags`.
   *
   * @returns false where it was not taken: the session is down and does not store.
   * @cost One copy, one checksum, one event; no objects are made, a time may be boxed.
   */
  send(cells: Float64Array, offset: number): boolean {
    const isUp = this.state === SESSION_STATE.up;
    if (!isUp && (!this.#storesWhileDown || this.#isStopped || this.isUnsure)) return false;
    const seq = this.store.nextSeq;
    const start = this.store.add(cells, offset);
    this.counts.sent += 1;
    if (isUp && this.#cursor === seq) {
      this.#cursor = seq + 1;
      this.#sentBelow = seq + 1;
      this.#put(this.store.cells, start);
    }
    return true;
  }

  /**
   * Uses up `count` numbers: the other end is told by a sequence reset that they will never come.
   *
   * @throws `FAULT_CONFIG` unless the count is an integer within 1 and 2^30.
   */
  skipSequence(count: number): void {
    checkInteger("session.skipSequence", count, 1, 1 << 30);
    this.store.skip(count);
    if (this.state === SESSION_STATE.up) this.#pump();
  }

  /** Gives the connection up, as after an error; the client dials again. */
  disconnect(): void {
    if (this.state === SESSION_STATE.down) return;
    this.connection.close(this.#end);
    this.goDown();
  }

  /** Says goodbye and closes the connection. */
  logout(): void {
    if (this.state === SESSION_STATE.up) this.#sendOwn(WIRE_KIND.logout, this.store.addOwn(), 0, 0);
    this.disconnect();
  }

  /**
   * Ends this object for ever, as a crash does: no callback is called again, no message is sent.
   *
   * @param isSilent - true where the machine died: the other end is not told and must find out.
   */
  stop(isSilent = false): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.state = SESSION_STATE.down;
    this.round += 1;
    this.scheduler.stopActor(this.self);
    if (!isSilent) this.connection.close(this.#end);
    this.connection.attach(this.#end, null);
  }

  /** Stalls this end's process: its timers and everything that it would hear wait until `untilNs`. */
  pause(untilNs: number): void {
    this.scheduler.pauseActor(this.self, untilNs);
    this.connection.pause(this.#end, untilNs);
  }

  /** @throws never; for the `Connection` alone. */
  connected(): void {
    if (this.state !== SESSION_STATE.down) this.goDown();
    this.state = SESSION_STATE.logon;
    this.round += 1;
    this.#heardNs = this.scheduler.nowNs[0] as number;
    this.scheduler.at(this.#heardNs + this.#tickNs, this.self, SESSION_TIMER.tick, this.round);
    this.onConnected();
  }

  /** @throws never; for the `Connection` alone. */
  disconnected(): void {
    this.goDown();
  }

  /** @throws never; for the `Connection` alone. */
  receive(cells: Float64Array, offset: number): void {
    if (this.state === SESSION_STATE.down) return;
    if (!isSound(cells, offset)) {
      this.counts.unsound += 1;
      return;
    }
    this.#heardNs = this.scheduler.nowNs[0] as number;
    const kind = cells[offset + WIRE.kind] as number;
    if (this.state === SESSION_STATE.logon) {
      this.onLogonMessage(kind, cells, offset);
      return;
    }
    this.onHeard(kind);
    if (isSessionKind(kind)) this.#control(kind, cells, offset);
    else if (this.#accept(cells, offset)) {
      this.counts.received += 1;
      this.settings.onMessage(cells, offset);
    }
  }

  /** @throws never; for the `Scheduler` alone. */
  fire(kind: number, round: number): void {
    if (round !== this.round) return;
    if (kind === SESSION_TIMER.tick) this.#tick();
    else if (kind === SESSION_TIMER.pump) {
      this.#isPumping = false;
      this.#pump();
    } else this.onTimer();
  }

  /** A new connection is there. */
  protected abstract onConnected(): void;
  /** A sound message came before the two ends have agreed. */
  protected abstract onLogonMessage(kind: number, cells: Float64Array, offset: number): void;
  /** A sound message came after that. */
  protected onHeard(_kind: number): void {}
  /** The connection is gone, or a dial failed. */
  protected onGone(): void {}
  /** The end's own timer. */
  protected onTimer(): void {}

  /** Sends a logon or its answer: the numbers as this end knows them. */
  protected sendLogon(kind: number, isReset: boolean): void {
    this.#sendOwn(kind, this.store.nextSeq, this.incoming.next, isReset ? WIRE_FLAG.reset : 0);
  }

  /** Messages are carried from now on; the other end expects `peerNextIn` next. */
  protected goUp(peerNextIn: number): void {
    this.state = SESSION_STATE.up;
    this.isUnsure = false;
    this.counts.logons += 1;
    this.peerNextIn = Math.min(peerNextIn, this.store.nextSeq);
    this.#cursor = this.peerNextIn;
    this.incoming.forgetGap();
    this.#isPumping = false;
    const round = this.round;
    this.#pump();
    if (round === this.round) this.settings.onUp?.();
  }

  /** Nothing is carried any more. */
  protected goDown(): void {
    const wasUp = this.state === SESSION_STATE.up;
    if (this.state !== SESSION_STATE.down) this.round += 1;
    this.state = SESSION_STATE.down;
    this.onGone();
    if (wasUp) this.settings.onDown?.();
  }

  /** Ends the numbering of both streams and says what is lost with it, then begins `generation` at 1. */
  protected restart(generation: number, peerNextIn: number): void {
    const { generation: old, nextIn, nextOut } = this.saved();
    this.store.startAt(1);
    this.beginIncoming(generation);
    this.#sentBelow = 1;
    this.#namedBelow = 1;
    this.#cursor = 1;
    this.counts.resets += 1;
    this.settings.onReset?.(STREAM.incoming, old, nextIn, Number.POSITIVE_INFINITY);
    this.settings.onReset?.(STREAM.outgoing, old, Math.min(peerNextIn, nextOut), nextOut);
  }

  /** Begins the incoming numbering of a generation at 1; the outgoing one stays. */
  protected beginIncoming(generation: number): void {
    this.generation = generation;
    this.incoming.restart();
  }

  #control(kind: number, cells: Float64Array, offset: number): void {
    if (kind === WIRE_KIND.heartbeat) this.#accept(cells, offset);
    else if (kind === WIRE_KIND.logout) {
      const isNew = (cells[offset + WIRE.seq] as number) >= this.incoming.next;
      this.#accept(cells, offset);
      if (isNew) this.disconnect();
    } else if (kind === WIRE_KIND.resendRequest) {
      this.#resendFrom(cells[offset + WIRE.lots] as number);
    } else if (kind === WIRE_KIND.gapFill || kind === WIRE_KIND.sequenceReset) {
      this.#fill(kind, cells, offset);
    }
  }

  /** Whether a numbered message is the next one; does what is needed if not. */
  #accept(cells: Float64Array, offset: number): boolean {
    const arrival = this.incoming.take(cells, offset, this.#heardNs);
    if (arrival === ARRIVAL.next) return true;
    if (arrival === ARRIVAL.ahead) this.#sawAhead(cells, offset);
    else if (arrival === ARRIVAL.again) this.counts.duplicates += 1;
    else {
      this.counts.sequenceErrors += 1;
      this.disconnect();
    }
    return false;
  }

  /** Numbers that carry no message any more. */
  #fill(kind: number, cells: Float64Array, offset: number): void {
    const fromSeq = this.incoming.next;
    const toSeq = cells[offset + WIRE.lots] as number;
    if ((cells[offset + WIRE.seq] as number) > fromSeq) {
      this.#sawAhead(cells, offset);
      return;
    }
    if (toSeq <= fromSeq) return;
    this.incoming.pass(toSeq);
    if (kind === WIRE_KIND.gapFill) {
      this.counts.gapFills += 1;
      return;
    }
    this.counts.resets += 1;
    this.settings.onReset?.(STREAM.incoming, this.generation, fromSeq, toSeq);
  }

  #sawAhead(cells: Float64Array, offset: number): void {
    const seq = cells[offset + WIRE.seq] as number;
    const isResent = ((cells[offset + WIRE.flags] as number) & WIRE_FLAG.possDup) !== 0;
    if (this.incoming.sawAhead(seq, isResent, this.#heardNs, this.settings.retryNs)) this.#ask();
  }

  #ask(): void {
    this.counts.gaps += 1;
    this.#sendOwn(WIRE_KIND.resendRequest, this.store.nextSeq, this.incoming.next, 0);
  }

  /** The other end has everything below `seq`, and nothing from there on that is sure. */
  #resendFrom(seq: number): void {
    this.#cursor = seq;
    this.#pump();
  }

  /** Puts the next messages on the wire while there is room, and comes back for the rest. */
  #pump(): void {
    const { connection, store } = this;
    const { resendBatch, resendPaceNs } = this.settings;
    for (let i = 0; i < resendBatch && this.#cursor < store.nextSeq; i++) {
      if (connection.room(this.#end) * 2 <= connection.capacity) break;
      this.#cursor = this.#putNumber(this.#cursor);
      if (this.#cursor > this.#sentBelow) this.#sentBelow = this.#cursor;
    }
    if (this.#cursor >= store.nextSeq || this.#isPumping || this.state !== SESSION_STATE.up) return;
    this.#isPumping = true;
    this.scheduler.at(
      (this.scheduler.nowNs[0] as number) + resendPaceNs,
      this.self,
      SESSION_TIMER.pump,
      this.round,
    );
  }

  /** Puts one message, or the run of numbers without one, on the wire; returns the number after it. */
  #putNumber(seq: number): number {
    const { store } = this;
    if (store.isMessage(seq)) {
      const isResent = seq < this.#sentBelow;
      if (isResent) this.counts.resent += 1;
      this.#put(store.cells, isResent ? store.markResent(seq) : store.offsetOf(seq));
      return seq + 1;
    }
    const toSeq = store.runEnd(seq);
    if (!store.isUnknown(seq)) {
      this.#sendOwn(WIRE_KIND.gapFill, seq, toSeq, WIRE_FLAG.possDup);
      return toSeq;
    }
    this.#sendOwn(WIRE_KIND.sequenceReset, seq, toSeq, WIRE_FLAG.possDup);
    if (toSeq > this.#namedBelow) {
      this.counts.resets += 1;
      const fromSeq = Math.max(seq, this.#namedBelow);
      this.#namedBelow = toSeq;
      this.settings.onReset?.(STREAM.outgoing, this.generation, fromSeq, toSeq);
    }
    return toSeq;
  }

  #sendOwn(kind: number, seq: number, lots: number, flags: number): void {
    const own = this.#own;
    own[WIRE.kind] = kind;
    own[WIRE.seq] = seq;
    own[WIRE.epoch] = this.epoch;
    own[WIRE.id] = this.generation;
    own[WIRE.flags] = flags;
    own[WIRE.lots] = lots;
    seal(own, 0);
    this.#put(own, 0);
  }

  #put(cells: Float64Array, offset: number): void {
    this.#sentNs = this.scheduler.nowNs[0] as number;
    this.connection.send(this.#end, cells, offset);
  }

  #tick(): void {
    const { heartbeatNs, timeoutNs, retryNs } = this.settings;
    const nowNs = this.scheduler.nowNs[0] as number;
    if (nowNs - this.#heardNs >= timeoutNs) {
      this.counts.timeouts += 1;
      this.disconnect();
      return;
    }
    this.scheduler.at(nowNs + this.#tickNs, this.self, SESSION_TIMER.tick, this.round);
    if (this.state !== SESSION_STATE.up) return;
    if (this.incoming.isOverdue(nowNs, retryNs)) this.#ask();
    if (this.#cursor < this.store.nextSeq || nowNs - this.#sentNs < heartbeatNs) return;
    const seq = this.store.addOwn();
    this.#cursor = seq + 1;
    this.#sentBelow = seq + 1;
    this.#sendOwn(WIRE_KIND.heartbeat, seq, 0, 0);
  }
}
