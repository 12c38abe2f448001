import { Fault } from "../base/index.ts";
import { OrderBook } from "../book/index.ts";
import { KIND_MASK, ROW } from "../model/index.ts";
import { type ArbiterSettings, DISQUALIFIERS, type Disqualifier } from "./arbiter-options.ts";
import { GapRecovery } from "./gap-recovery.ts";
import type { SequencedRows } from "./sequenced-rows.ts";
import { type SavedQuality, SourceQuality } from "./source-quality.ts";
import { type SavedWatch, SourceWatch } from "./source-watch.ts";

/** What a `FeedArbiter` keeps over a restart: what its sources lead one to expect, no books. JSON-safe. */
export interface SavedFeedArbiter {
  readonly version: 1;
  readonly sources: readonly {
    readonly name: string;
    readonly quality: SavedQuality;
    readonly watch: SavedWatch;
  }[];
}

/** Who owns the sources. */
export interface SourceOwner {
  /** Rows of the source that stand in its book now, or do not change it. */
  passed(source: ArbiterSource, rows: SequencedRows, nowNs: number): void;
  /** The source's book was replaced. */
  restated(source: ArbiterSource, nowNs: number): void;
  /** The first thing came to speak against the source, or nothing does any more. */
  turned(source: ArbiterSource, reason: Disqualifier, nowNs: number): void;
  gap(source: ArbiterSource, first: number, last: number, nowNs: number): void;
  recovered(source: ArbiterSource, tookNs: number, nowNs: number): void;
  requestSnapshot(source: ArbiterSource, nowNs: number): void;
}

const BIT = Object.fromEntries(DISQUALIFIERS.map((name, i) => [name, 1 << i])) as Record<
  Disqualifier,
  number
>;
const NEVER = Number.POSITIVE_INFINITY;
/** The least latency is that of this long, and of as long before. */
const FLOOR_WINDOW_NS = 600e9;

const CROSSED_SINCE = 0;
const PROBATION_UNTIL = 1;
const FLOOR = 2;
const FLOOR_BEFORE = 3;
const FLOOR_UNTIL = 4;
const LAST_EXCH = 5;

/** One source of a {@link FeedArbiter}: its book, kept hot, and what speaks for and against it. */
export class ArbiterSource {
  readonly index: number;
  readonly name: string;
  readonly book: OrderBook = new OrderBook({ pagesMax: 16_384 });
  readonly quality: SourceQuality;
  readonly watch: SourceWatch;
  /** None where the source numbers nothing. */
  readonly recovery: GapRecovery | undefined;
  /** Messages it brought, and those of them that tell how busy the market is: brought while it was good. */
  messages = 0;
  arrivals = 0;
  #flags = BIT.disconnected | BIT.noBook;
  #wasGood = false;
  #crossings = 0;
  #staleRun = 0;
  readonly #at = new Float64Array([NEVER, 0, NEVER, NEVER, 0, Number.NEGATIVE_INFINITY]);
  readonly #settings: ArbiterSettings;
  readonly #owner: SourceOwner;

  constructor(index: number, settings: ArbiterSettings, owner: SourceOwner) {
    const options = settings.sources[index] as ArbiterSettings["sources"][number];
    this.index = index;
    this.name = options.name;
    this.#settings = settings;
    this.#owner = owner;
    this.quality = new SourceQuality(settings.weights, options.latencyTargetNs);
    this.watch = new SourceWatch({ ...settings, heartbeatNs: options.heartbeatNs });
    const { numbering, wrap } = options;
    this.recovery =
      numbering === "none"
        ? undefined
        : new GapRecovery({
            numbering,
            wrap,
            gapNs: settings.gapNs,
            messagesMax: settings.messagesMax,
            rowsMax: settings.rowsMax,
            listener: {
              apply: (rows, nowNs) => this.#apply(rows, nowNs),
              snapshot: (rows, nowNs) => this.#replace(rows, nowNs),
              retransmit: (first, last, nowNs) => this.#missing(first, last, nowNs),
              requestSnapshot: (nowNs) => owner.requestSnapshot(this, nowNs),
              state: (state, before, nowNs) => this.#state(state, before, nowNs),
            },
          });
  }

  /** Whether nothing speaks against it. */
  get isGood(): boolean {
    return this.#flags === 0;
  }

  /** What speaks against it. */
  get disqualifiers(): readonly Disqualifier[] {
    return DISQUALIFIERS.filter((name) => (this.#flags & BIT[name]) !== 0);
  }

  isOnProbation(nowNs: number): boolean {
    return nowNs < (this.#at[PROBATION_UNTIL] as number);
  }

  /** Its own time as of its last message. @units ns from the session's base */
  get exchNs(): number {
    return this.#at[LAST_EXCH] as number;
  }

  connected(nowNs: number, others: number): void {
    if ((this.#flags & BIT.disconnected) === 0) return;
    this.watch.connected(nowNs, others);
    this.#set(BIT.silent | BIT.frozen | BIT.stale, false, "silent", nowNs);
    this.#set(BIT.disconnected, false, "disconnected", nowNs);
    if (this.recovery !== undefined) this.recovery.start(nowNs);
    else this.#owner.requestSnapshot(this, nowNs);
  }

  disconnected(nowNs: number): void {
    this.#set(BIT.disconnected, true, "disconnected", nowNs);
    this.#loseBook(nowNs);
    this.recovery?.disconnected(nowNs);
  }

  alive(nowNs: number, others: number): void {
    this.watch.alive(nowNs);
    if ((this.#flags & BIT.silent) !== 0 && nowNs < this.watch.silentAtNs(others)) {
      this.#set(BIT.silent, false, "silent", nowNs);
    }
  }

  /** Its book is not to be believed until a snapshot replaces it. */
  corrupt(nowNs: number): void {
    this.quality.rejected();
    this.#set(BIT.corrupt, true, "corrupt", nowNs);
    if (this.recovery !== undefined) this.recovery.distrust(nowNs);
    else {
      this.#loseBook(nowNs);
      this.#owner.requestSnapshot(this, nowNs);
    }
  }

  /** A validator vouches for it, or no longer does. */
  trusted(isTrusted: boolean, nowNs: number): void {
    this.#set(BIT.invalid, !isTrusted, "invalid", nowNs);
  }

  /** A message; `isNumbered` where it is of the book's channel. */
  message(rows: SequencedRows, isNumbered: boolean, nowNs: number, others: number): void {
    if ((this.#flags & BIT.disconnected) !== 0) this.connected(nowNs, others);
    this.messages += 1;
    const exchNs = rows.to > rows.from ? (rows.block.exch[rows.to - 1] as number) : this.exchNs;
    this.#at[LAST_EXCH] = exchNs;
    this.watch.message(nowNs, exchNs, others);
    // Rows beside the book may carry the time of another message, and say nothing of how late they are.
    this.#late(nowNs, isNumbered ? nowNs - exchNs : Number.NaN);
    this.#judge(nowNs);
    if (!isNumbered) this.#owner.passed(this, rows, nowNs);
    else if (this.recovery !== undefined) this.recovery.message(rows, nowNs);
    else if (rows.isSnapshot) this.#replace(rows, nowNs);
    else if ((this.#flags & BIT.noBook) === 0) this.#apply(rows, nowNs);
  }

  /** Looks at all that time alone brings about. */
  check(nowNs: number, others: number): void {
    this.recovery?.advance(nowNs);
    if ((this.#flags & BIT.disconnected) !== 0) return;
    if (nowNs >= this.watch.silentAtNs(others)) this.#set(BIT.silent, true, "silent", nowNs);
    if (this.watch.isFrozen(nowNs)) this.#set(BIT.frozen, true, "frozen", nowNs);
    if (nowNs >= this.#crossedAtNs) this.#set(BIT.crossed, true, "crossed", nowNs);
    if (nowNs >= this.#gapAtNs) this.#set(BIT.gap, true, "gap", nowNs);
  }

  /** When `check` finds something at the earliest. @units ns from the session's base */
  nextNs(others: number): number {
    const recoveryNs = this.recovery?.nextNs ?? NEVER;
    if (this.#flags !== 0) return recoveryNs;
    return Math.min(recoveryNs, this.watch.silentAtNs(others), this.#crossedAtNs, this.#gapAtNs);
  }

  get #crossedAtNs(): number {
    return (this.#at[CROSSED_SINCE] as number) + this.#settings.crossedNs;
  }

  get #gapAtNs(): number {
    if (this.recovery?.state !== "gap") return NEVER;
    return this.recovery.suspectSinceNs + this.#settings.gapGraceNs;
  }

  /** Takes note of how late a message is; NaN where it does not say. */
  #late(nowNs: number, latencyNs: number): void {
    const at = this.#at;
    if (Number.isNaN(latencyNs)) {
      this.quality.message(latencyNs, false);
      return;
    }
    if (nowNs >= (at[FLOOR_UNTIL] as number)) {
      at[FLOOR_BEFORE] = at[FLOOR] as number;
      at[FLOOR] = NEVER;
      at[FLOOR_UNTIL] = nowNs + FLOOR_WINDOW_NS;
    }
    if (latencyNs < (at[FLOOR] as number)) at[FLOOR] = latencyNs;
    const least = Math.min(at[FLOOR] as number, at[FLOOR_BEFORE] as number);
    const isStale = latencyNs - least > this.#settings.staleNs;
    this.#staleRun = isStale ? this.#staleRun + 1 : 0;
    this.quality.message(latencyNs, isStale);
  }

  /** Whether messages are timely, and time goes on in the source. */
  #judge(nowNs: number): void {
    const isFrozen = this.watch.isFrozen(nowNs);
    const isLate = this.#staleRun >= this.#settings.staleRun;
    const timely = BIT.silent | BIT.frozen | BIT.stale;
    if (this.#flags === 0 && !isFrozen && !isLate) return;
    if ((this.#flags & timely) === 0 && !isFrozen && !isLate) return;
    if (isFrozen) this.#set(BIT.frozen, true, "frozen", nowNs);
    if (isLate) this.#set(BIT.stale, true, "stale", nowNs);
    const cleared = BIT.silent | (isFrozen ? 0 : BIT.frozen) | (this.#staleRun > 0 ? 0 : BIT.stale);
    this.#set(cleared, false, "silent", nowNs);
  }

  #apply(rows: SequencedRows, nowNs: number): void {
    if (this.#write(rows)) {
      this.#cross(nowNs);
      this.#owner.passed(this, rows, nowNs);
    } else this.corrupt(nowNs);
  }

  #replace(rows: SequencedRows, nowNs: number): void {
    this.book.clear();
    if (!this.#write(rows)) {
      this.corrupt(nowNs);
      return;
    }
    this.#cross(nowNs);
    // A switch to this source restates its book; who has it already is told here.
    this.#owner.restated(this, nowNs);
    this.#set(BIT.noBook | BIT.corrupt, false, "noBook", nowNs);
  }

  /** Puts rows into the book; false where they cannot be. */
  #write(rows: SequencedRows): boolean {
    const { block, from, to } = rows;
    const { kind, tick, lots } = block;
    const { book } = this;
    try {
      for (let i = from; i < to; i++) {
        const what = (kind[i] as number) & KIND_MASK;
        if (what === ROW.bid) book.setBid(tick[i] as number, lots[i] as number);
        else if (what === ROW.ask) book.setAsk(tick[i] as number, lots[i] as number);
        else if (what === ROW.clear) book.clear();
        else if (what === ROW.gap) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  }

  /** Notes since when the book is crossed. */
  #cross(nowNs: number): void {
    const { book } = this;
    if (book.crossings === this.#crossings) return;
    if (book.isCrossed) {
      if (this.#at[CROSSED_SINCE] === NEVER) this.#at[CROSSED_SINCE] = nowNs;
      if (nowNs >= this.#crossedAtNs) this.#set(BIT.crossed, true, "crossed", nowNs);
      return;
    }
    this.#crossings = book.crossings;
    this.#at[CROSSED_SINCE] = NEVER;
    this.#set(BIT.crossed, false, "crossed", nowNs);
  }

  #missing(first: number, last: number, nowNs: number): void {
    this.quality.missing(last - first + 1);
    this.#owner.gap(this, first, last, nowNs);
  }

  #state(state: string, before: string, nowNs: number): void {
    if (state === "live") {
      this.#set(BIT.gap | BIT.noBook, false, "gap", nowNs);
      const counts = this.recovery?.counts;
      if (before !== "live" && counts !== undefined && counts.gaps > 0) {
        this.#owner.recovered(this, counts.recoverNsLast, nowNs);
      }
    } else if (state !== "gap") this.#set(BIT.gap, true, "gap", nowNs);
    else if (this.#settings.gapGraceNs === 0) this.#set(BIT.gap, true, "gap", nowNs);
  }

  #loseBook(nowNs: number): void {
    this.book.clear();
    this.#at[CROSSED_SINCE] = NEVER;
    this.#crossings = this.book.crossings;
    this.#set(BIT.crossed, false, "crossed", nowNs);
    this.#set(BIT.noBook, true, "noBook", nowNs);
  }

  #set(bits: number, isOn: boolean, reason: Disqualifier, nowNs: number): void {
    const before = this.#flags;
    this.#flags = isOn ? before | bits : before & ~bits;
    if ((before === 0) === (this.#flags === 0)) return;
    if (this.#flags === 0) {
      if (this.#wasGood) this.#at[PROBATION_UNTIL] = nowNs + this.#settings.probationNs;
      this.#wasGood = true;
    }
    this.#owner.turned(this, reason, nowNs);
  }
}
