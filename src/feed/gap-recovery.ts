import { Fault } from "../base/index.ts";
import {
  checkGapOptions,
  type GapCounts,
  type GapRecoveryOptions,
  type GapSettings,
  type GapState,
  newGapCounts,
} from "./gap-options.ts";
import { HELD, HeldMessages } from "./held-messages.ts";
import { type SequencedRows, sequenceBefore, unwrapped } from "./sequenced-rows.ts";

/** Slots of the numbers that change with every message: outside of the object's own fields they stay unboxed. */
const POSITION = 0;
const DEADLINE = 1;
const LEFT_LIVE = 2;
/** The highest number that a heartbeat says was sent. */
const SENT = 3;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Keeps one numbered channel whole: messages come out in the order of their numbers, each once, and what is missing is
 * asked for again, replaced by a snapshot, or counted.
 *
 * A message joins where the number before it is at or below the last one applied and its own last number above: with
 * `range` that is `U <= last + 1 <= u`, with `previous` `pu <= last < u`. One that covers numbers applied already
 * is applied whole (levels say what holds, not what changed). Numbers that are missing start a gap: they are asked
 * for again, and what came after them is held. `gapNs` after the last step ahead a snapshot is asked for. It is
 * taken unless it is behind the book; what is still missing between it and the first message held is a gap of its
 * own. Where memory for held messages runs out they are let go and the snapshot must come.
 *
 * A channel begins `invalid`: `start` asks for its first snapshot. Time passes by `advance`, to be called at `nextNs`.
 * An answer to `retransmit` or `requestSnapshot` is given after the call, not within it.
 *
 * @units times in ns from the session's base
 * @invariant No number is applied twice; every number passed is applied, superseded by a snapshot, or counted lost.
 * @cost A message that joins: O(1), nothing allocated. One that is held: its rows are copied.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { GapRecovery } from "tickwright/feed";
 * import { DepthBlock } from "tickwright/model";
 * const said: string[] = [];
 * const recovery = new GapRecovery({
 *   numbering: "single",
 *   listener: {
 *     apply: (rows) => said.push(`apply ${rows.lastSequence}`),
 *     snapshot: (rows) => said.push(`snapshot ${rows.lastSequence}`),
 *     retransmit: (first, last) => said.push(`retransmit ${first}..${last}`),
 *     requestSnapshot: () => said.push("request"),
 *     state: (state) => said.push(state),
 *   },
 * });
 * const block = new DepthBlock(1); // rows are left out here
 * const message = (n: number, isSnapshot = false) =>
 *   ({ isSnapshot, firstSequence: n, lastSequence: n, previousSequence: -1, block, from: 0, to: 0 });
 * recovery.start(0);
 * recovery.message(message(10, true), 5);
 * recovery.message(message(11), 6);
 * recovery.message(message(13), 7);
 * recovery.message(message(12), 8);
 * said.slice(0, 5); // => ["recovering", "request", "snapshot 10", "live", "apply 11"]
 * said.slice(5); // => ["gap", "retransmit 12..12", "apply 12", "apply 13", "live"]
 * ```
 * @source CME Group, MDP 3.0 market data recovery (feed A/B, TCP replay, snapshot loop, natural refresh)
 * @source Binance, "How to manage a local order book correctly" (spot, USD-M futures)
 */
export class GapRecovery {
  readonly #settings: GapSettings;
  readonly #held: HeldMessages;
  readonly #at = new Float64Array([Number.NaN, NEVER, NEVER, -NEVER]);
  #state: GapState = "invalid";
  #epoch = 0;
  /** Whether the book stands at the position, so that messages that join may be applied to it. */
  #isTrusted = false;
  #attempts = 0;
  readonly #counts = newGapCounts();

  constructor(options: GapRecoveryOptions) {
    this.#settings = checkGapOptions("gapRecovery", options);
    this.#held = new HeldMessages(this.#settings.messagesMax, this.#settings.rowsMax);
  }

  get state(): GapState {
    return this.#state;
  }

  /** Whether the book may be wrong: in every state but `live`. */
  get isSuspect(): boolean {
    return this.#state !== "live";
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The last number the book stands at, its wrap taken out; NaN before the first. */
  get position(): number {
    return this.#at[POSITION] as number;
  }

  /** Messages held now. */
  get held(): number {
    return this.#held.count;
  }

  /** Missing numbers before the first message held; 0 where none are known to be missing. */
  get missing(): number {
    return this.#held.count === 0 ? 0 : Math.max(0, this.#held.before(0) - this.position) || 0;
  }

  get counts(): GapCounts {
    return this.#counts;
  }

  /** When the channel left `live`; Infinity while it is live, and before it was. @units ns from the session's base */
  get suspectSinceNs(): number {
    return this.#at[LEFT_LIVE] as number;
  }

  /** When `advance` must be called; Infinity where nothing is waited for. @units ns from the session's base */
  get nextNs(): number {
    return this.#at[DEADLINE] as number;
  }

  /** Begins: asks for a snapshot, or, where the refresh is none, is live with the first message. */
  start(nowNs: number): void {
    if (this.#state !== "invalid") return;
    this.#attempts = 0;
    if (this.#settings.refresh === "none") this.#turn("live", NEVER, nowNs);
    else this.#recover(nowNs);
  }

  /** The connection is lost: what is held is let go, and nothing is known until `start`. */
  disconnected(nowNs: number): void {
    this.#counts.discarded += this.#held.clear();
    this.#isTrusted = false;
    this.#turn("invalid", NEVER, nowNs);
  }

  /** The book is not to be believed (a checksum failed, two lines differ): a snapshot must replace it. */
  distrust(nowNs: number): void {
    const { refresh } = this.#settings;
    if (this.#state === "invalid" || refresh === "none") return;
    this.#isTrusted = false;
    if (this.#state === "recovering" && refresh === "snapshot") return;
    this.#attempts = 0;
    this.#recover(nowNs);
  }

  /** The source begins its numbers anew, under a higher epoch: what is held is let go, and a snapshot is asked for. */
  reset(epoch: number, nowNs: number): void {
    if (!(epoch > this.#epoch)) {
      throw new Fault("FAULT_INPUT", {
        path: "gapRecovery.epoch",
        value: epoch,
        expected: `above ${this.#epoch}`,
      });
    }
    this.#epoch = epoch;
    this.#counts.resets += 1;
    this.#counts.discarded += this.#held.clear();
    this.#at[POSITION] = Number.NaN;
    this.#at[SENT] = -NEVER;
    this.#isTrusted = false;
    if (this.#state === "invalid") return;
    this.#attempts = 0;
    if (this.#settings.refresh === "none") this.#turn("live", NEVER, nowNs);
    else this.#recover(nowNs);
  }

  /** The source says which number is next, in a heartbeat: what it sent before that must have come. */
  heartbeat(nextSequence: number, nowNs: number): void {
    const position = this.position;
    if (this.#state === "invalid" || Number.isNaN(position)) return;
    const last = unwrapped(nextSequence, position, this.#settings.wrap) - 1;
    this.#at[SENT] = Math.max(last, this.#at[SENT] as number);
    if (this.#state === "live" && last > position) this.#openGap(position + 1, last, nowNs);
  }

  /** Takes a message in. A higher epoch than before is a {@link GapRecovery.reset}; of a lower one nothing is taken. */
  message(rows: SequencedRows, nowNs: number, epoch: number = this.#epoch): void {
    const counts = this.#counts;
    counts.received += 1;
    if (epoch !== this.#epoch) {
      if (epoch < this.#epoch) {
        counts.staleEpochs += 1;
        return;
      }
      this.reset(epoch, nowNs);
    }
    if (rows.isSnapshot) {
      this.#snapshot(rows, nowNs);
      return;
    }
    const { wrap, numbering } = this.#settings;
    const position = this.#at[POSITION] as number;
    const last = wrap === 0 ? rows.lastSequence : unwrapped(rows.lastSequence, this.#around(rows), wrap);
    const before = sequenceBefore(rows, last, numbering, wrap);
    if (last <= position) counts.duplicates += 1;
    else if (this.#state === "live" && before <= position) this.#apply(rows, last, nowNs);
    else this.#outOfOrder(rows, before, last, nowNs);
  }

  /** Lets time pass: gives up on missing numbers, asks for a snapshot again, begins an invalid channel anew. */
  advance(nowNs: number): void {
    if (nowNs < (this.#at[DEADLINE] as number)) return;
    if (this.#state === "gap") this.#giveUp(nowNs);
    else if (this.#state === "invalid") this.start(nowNs);
    else if (this.#attempts < this.#settings.attempts) this.#recover(nowNs);
    else {
      this.#counts.discarded += this.#held.clear();
      this.#isTrusted = false;
      this.#turn("invalid", nowNs + this.#settings.retryNs, nowNs);
    }
  }

  #outOfOrder(rows: SequencedRows, before: number, last: number, nowNs: number): void {
    const held = this.#held;
    if (this.#state === "invalid") {
      this.#counts.discarded += 1;
      return;
    }
    // Without a snapshot the first message decides where the numbers begin.
    if (this.#settings.refresh !== "snapshot" && Number.isNaN(this.position)) this.#at[POSITION] = before;
    if (this.#isJoinable && before <= this.position) {
      this.#apply(rows, last, nowNs);
      this.#drain(nowNs, false);
      return;
    }
    const reach = Math.max(held.reach, this.position);
    const outcome = held.add(rows, before, last, nowNs);
    if (outcome === HELD.full) this.#overflow(rows, before, last, nowNs);
    else if (outcome === HELD.duplicate) this.#counts.duplicates += 1;
    else if (this.#state === "live") this.#openGap(this.position + 1, before, nowNs);
    else if (this.#isRefreshing) this.#skip(nowNs);
    else if (before > reach) this.#settings.listener.retransmit(reach + 1, before, nowNs);
  }

  /** Whether a message that joins may be applied at once. */
  get #isJoinable(): boolean {
    return this.#isTrusted || this.#settings.refresh === "none";
  }

  #apply(rows: SequencedRows, last: number, nowNs: number): void {
    const counts = this.#counts;
    const progress = last - (this.#at[POSITION] as number);
    counts.applied += 1;
    counts.numbers += progress;
    counts.numbersApplied += progress;
    this.#at[POSITION] = last;
    this.#settings.listener.apply(rows, nowNs);
  }

  /** Applies held messages as far as they join; what is missing behind a jump is a gap of its own. */
  #drain(nowNs: number, isAfterJump: boolean): void {
    const held = this.#held;
    while (held.count > 0 && held.before(0) <= this.position && this.#isJoinable) {
      const last = held.last(0);
      if (last <= this.position) this.#counts.duplicates += 1;
      else this.#apply(held.first(nowNs), last, nowNs);
      held.shift();
    }
    if (!this.#isJoinable) return;
    if (this.#isRefreshing && !isAfterJump) {
      if (held.count > 0) this.#skip(nowNs);
      else if (this.#settings.listener.isRefreshed?.() === true) this.#turn("live", NEVER, nowNs);
      return;
    }
    const sent = this.#at[SENT] as number;
    if (held.count === 0 && !(this.position < sent)) this.#turn("live", NEVER, nowNs);
    else if (this.#state === "live" || isAfterJump) {
      this.#openGap(this.position + 1, held.count > 0 ? held.before(0) : sent, nowNs);
    } else if (this.#state === "gap") this.#at[DEADLINE] = nowNs + this.#settings.gapNs;
  }

  /** Whether the book is being built again from changes. */
  get #isRefreshing(): boolean {
    return this.#settings.refresh === "natural" && this.#state === "recovering" && this.#isTrusted;
  }

  #openGap(first: number, last: number, nowNs: number): void {
    this.#turn("gap", nowNs + this.#settings.gapNs, nowNs);
    this.#settings.listener.retransmit(first, last, nowNs);
    if (this.#settings.gapNs === 0) this.#giveUp(nowNs);
  }

  #giveUp(nowNs: number): void {
    this.#attempts = 0;
    if (this.#settings.refresh === "none") this.#skip(nowNs);
    else this.#recover(nowNs);
  }

  /** Passes over the numbers before the first message held, or up to what was sent, and counts them. */
  #skip(nowNs: number): void {
    this.#lose((this.#held.count > 0 ? this.#held.before(0) : (this.#at[SENT] as number)) - this.position);
    const { refresh, listener } = this.#settings;
    if (refresh === "natural") listener.clear?.(nowNs);
    this.#drain(nowNs, refresh === "none");
  }

  #lose(numbers: number): void {
    if (!(numbers > 0)) return;
    this.#counts.lost += numbers;
    this.#counts.numbers += numbers;
    this.#at[POSITION] = this.position + numbers;
  }

  /** Asks for what replaces the book. */
  #recover(nowNs: number): void {
    const { refresh, listener, snapshotNs } = this.#settings;
    this.#attempts += 1;
    this.#turn("recovering", nowNs + snapshotNs, nowNs);
    if (refresh !== "natural") {
      listener.requestSnapshot(nowNs);
      return;
    }
    this.#at[DEADLINE] = NEVER;
    this.#isTrusted = true;
    this.#skip(nowNs);
  }

  #snapshot(rows: SequencedRows, nowNs: number): void {
    const counts = this.#counts;
    const { wrap, listener } = this.#settings;
    const held = this.#held;
    const last = wrap === 0 ? rows.lastSequence : unwrapped(rows.lastSequence, this.#around(rows), wrap);
    const isLive = this.#state === "live";
    const isBehind = last < this.position || (last === this.position && isLive && this.#isTrusted);
    if (this.#state === "invalid" || isBehind) {
      counts.snapshotsLeft += 1;
      return;
    }
    if (!Number.isNaN(this.position)) this.#pass(last);
    while (held.count > 0 && held.last(0) <= last) {
      held.shift();
      counts.superseded += 1;
    }
    counts.snapshots += 1;
    this.#at[POSITION] = last;
    this.#isTrusted = true;
    listener.snapshot(rows, nowNs);
    this.#drain(nowNs, true);
  }

  /** Counts the numbers up to a snapshot's: those of held messages are superseded by it, the others lost. */
  #pass(snapshot: number): void {
    const covered = this.#held.covered(this.position, snapshot);
    const passed = snapshot - this.position;
    this.#counts.numbers += passed;
    this.#counts.numbersSuperseded += covered;
    this.#counts.lost += passed - covered;
  }

  /** The memory for held messages is full: what is missing is passed over, or a snapshot must come. */
  #overflow(rows: SequencedRows, before: number, last: number, nowNs: number): void {
    this.#counts.overflows += 1;
    if (this.#settings.refresh === "snapshot") {
      this.#counts.discarded += 1;
      this.#counts.discarded += this.#held.clear();
      this.#isTrusted = false;
      this.#attempts = 0;
      this.#recover(nowNs);
      return;
    }
    if (this.#held.count === 0) this.#lose(before - this.position);
    this.#giveUp(nowNs);
    if (last > this.position) this.#outOfOrder(rows, before, last, nowNs);
    else this.#counts.duplicates += 1;
  }

  /** What a wrapped number is near to. */
  #around(rows: SequencedRows): number {
    if (!Number.isNaN(this.position)) return this.position;
    return this.#held.count > 0 ? this.#held.last(0) : rows.lastSequence;
  }

  #turn(state: GapState, deadlineNs: number, nowNs: number): void {
    const before = this.#state;
    this.#at[DEADLINE] = deadlineNs;
    if (state === before) return;
    this.#state = state;
    const counts = this.#counts;
    if (before === "live") {
      counts.gaps += 1;
      this.#at[LEFT_LIVE] = nowNs;
    } else if (state === "live" && this.#at[LEFT_LIVE] !== NEVER) {
      const took = nowNs - (this.#at[LEFT_LIVE] as number);
      counts.recovered += 1;
      counts.recoverNs += took;
      counts.recoverNsLast = took;
      counts.recoverNsMax = Math.max(counts.recoverNsMax, took);
      this.#at[LEFT_LIVE] = NEVER;
    }
    this.#settings.listener.state(state, before, nowNs);
  }
}
