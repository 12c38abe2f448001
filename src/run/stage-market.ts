import {
  type Disqualifier,
  FeedArbiter,
  type FeedArbiterListener,
  type JudgedMessage,
  type Numbering,
  SourceBoard,
  type SwitchReason,
} from "../feed/index.ts";
import {
  DATA_VALIDITIES,
  DepthBlock,
  type Instrument,
  LAST,
  ROW,
  reasonOf,
  VALIDATION_CODE,
  VALIDITY,
} from "../model/index.ts";
import type { FeedChannel, FeedMessage } from "../venue/index.ts";
import type { FeedStageFigures, FeedStageWord } from "./feed-stage.ts";
import type { StageMarketTerms, StageTerms } from "./market-data-options.ts";
import { BookPulse } from "./stage-pulse.ts";
import { StageSource, type StageSourceOwner } from "./stage-source.ts";
import { failoverWord, NO_FEED, SourceWords } from "./stage-words.ts";

const UNSYNCED = VALIDATION_CODE.FEED_UNSYNCED;
const SOURCE_CHANGED = VALIDATION_CODE.FEED_SOURCE_CHANGED;
const NEVER = Number.POSITIVE_INFINITY;

/** What strategies are told where no source is left, by what the last one was left for. */
const LOST: Readonly<Record<Disqualifier, number>> = {
  disconnected: VALIDATION_CODE.FEED_DEAD,
  noBook: VALIDATION_CODE.FEED_SEQUENCE_GAP,
  gap: VALIDATION_CODE.FEED_SEQUENCE_GAP,
  crossed: VALIDATION_CODE.FEED_SPREAD_CROSSED,
  corrupt: VALIDATION_CODE.FEED_CHECKSUM,
  silent: VALIDATION_CODE.FEED_DEAD,
  frozen: VALIDATION_CODE.FEED_TIME_STALE,
  stale: VALIDATION_CODE.FEED_TIME_STALE,
  invalid: VALIDATION_CODE.FEED_DROPS_IN_A_ROW,
};

/** A source of an instrument, as a {@link StageMarket} takes it. */
export interface StageMarketSource {
  readonly name: string;
  readonly numbering: Numbering | "none";
  readonly hasBook: boolean;
}

/** What a {@link StageMarket} says, within the call that caused it. */
export interface StageMarketHands {
  out(message: FeedMessage, source: string): void;
  tell(word: FeedStageWord): void;
  requestSnapshot(source: string, instrument: Instrument): void;
}

/**
 * The market of one instrument: its sources, each judged by a validator of its own, and the arbiter between them where
 * they are several. What goes on is one stream of rows with the validity of its source in it.
 *
 * @invariant A `validity` row stands before the rows of the message that changed it.
 * @invariant Rows of a source that is halted go on from no arbiter; of an only source they do, behind its validity.
 */
export class StageMarket implements StageSourceOwner {
  readonly instrument: Instrument;
  readonly sources: readonly StageSource[];
  readonly #hands: StageMarketHands;
  readonly #terms: StageMarketTerms;
  readonly #arbiter: FeedArbiter | undefined;
  readonly #board: SourceBoard | undefined;
  readonly #words: readonly SourceWords[];
  readonly #pulse: BookPulse;
  /** Sources that nothing speaks against, as far as the arbiter sees. */
  readonly #isGood: boolean[];
  readonly #out: FeedMessage;
  readonly #row = new DepthBlock(1);
  /** The latest exchange time that went on; when a suspect source was last left. */
  readonly #at = new Float64Array([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  /** Validity and reason as they went on; -1 before any. */
  #told = -1;
  /** Why there is no source; 0 before there was one. */
  #lost = 0;
  /** The name of the last source that was taken. */
  #last = NO_FEED;
  #isChanging = false;
  #isToWeigh = false;

  constructor(
    instrument: Instrument,
    sources: readonly StageMarketSource[],
    terms: StageTerms,
    market: StageMarketTerms,
    hands: StageMarketHands,
  ) {
    this.instrument = instrument;
    this.#hands = hands;
    this.#terms = market;
    const isShared = sources.length > 1;
    this.#board =
      isShared && market.board !== false
        ? new SourceBoard({ ...market.board, sources: sources.length })
        : undefined;
    this.sources = sources.map(
      (source, index) =>
        new StageSource({ ...source, index, board: this.#board, terms, market, owner: this }),
    );
    this.#words = sources.map(() => new SourceWords(instrument.key, terms.remarkEveryNs));
    this.#isGood = sources.map(() => false);
    this.#pulse = new BookPulse(sources.length);
    this.#out = {
      ...{ instrument, channel: "depth", isSnapshot: false, block: this.#row, from: 0, to: 1 },
      ...{ firstSequence: -1, lastSequence: -1, previousSequence: -1 },
    };
    this.#arbiter = isShared ? this.#makeArbiter(market) : undefined;
  }

  /** The source whose rows go on; an empty text where there is none. */
  get current(): string {
    return this.sources[this.#arbiter === undefined ? 0 : this.#arbiter.current]?.name ?? "";
  }

  message(source: StageSource, rows: JudgedMessage, channel: FeedChannel, nowNs: number): void {
    source.message(rows, channel, nowNs);
    this.#settle(nowNs);
  }

  connected(source: StageSource, nowNs: number): void {
    source.connected(nowNs);
    this.#arbiter?.connected(source.index, nowNs);
    this.#settle(nowNs);
  }

  disconnected(source: StageSource, nowNs: number): void {
    // First the arbiter: it is the connection that was lost, whatever a validator makes of it.
    this.#arbiter?.disconnected(source.index, nowNs);
    this.#board?.silence(source.index);
    this.#pulse.rest(source.index);
    source.disconnected(nowNs);
    this.#settle(nowNs);
  }

  /** Two lines of a source differ. */
  distrust(source: StageSource, nowNs: number): void {
    source.distrust(nowNs);
    this.#settle(nowNs);
  }

  alive(source: StageSource, nowNs: number): void {
    if (!source.isUp) return;
    source.alive(nowNs);
    this.#board?.alive(source.index, nowNs);
    this.#arbiter?.alive(source.index, nowNs);
    this.#settle(nowNs);
  }

  advance(nowNs: number, isLook: boolean): void {
    for (const source of this.sources) source.advance(nowNs, isLook);
    this.#arbiter?.advance(nowNs);
    if (isLook) this.#lookAtBooks(nowNs);
    this.#isToWeigh ||= isLook;
    this.#settle(nowNs);
    if (isLook) for (const source of this.sources) this.#say(source, nowNs);
  }

  /** This process stood still for so long: no silence of sources. */
  paused(ns: number, nowNs: number): void {
    this.#arbiter?.paused(ns);
    this.#pulse.paused(ns);
    for (const source of this.sources) if (source.isUp) source.alive(nowNs);
  }

  #beat(source: StageSource, nowNs: number): void {
    if (source.isDistrusted) this.#pulse.rest(source.index);
    else this.#pulse.beat(source.index, nowNs);
  }

  #lookAtBooks(nowNs: number): void {
    for (const source of this.sources) {
      if (!this.#pulse.isDead(source.index, nowNs)) continue;
      this.#pulse.rest(source.index);
      source.distrust(nowNs);
    }
  }

  get nextNs(): number {
    let next = this.#arbiter?.nextNs ?? NEVER;
    for (const source of this.sources) next = Math.min(next, source.nextNs);
    return next;
  }

  figures(): readonly FeedStageFigures[] {
    return this.sources.map(({ name, validator, messages, dropped, duplicates, index }) => ({
      ...{ instrument: this.instrument.key, source: name, isCurrent: name === this.current },
      isReady: this.#arbiter === undefined ? validator.validity.isValid : this.#isGood[index] === true,
      validity: DATA_VALIDITIES[validator.validity.state] ?? "halted",
      reason: reasonOf(validator.validity.reason),
      ...{ messages, dropped, duplicates, switches: this.#arbiter?.switches ?? 0 },
      silenceBoundNs: this.#arbiter?.detectionBoundNs(index) ?? null,
    }));
  }

  // --- what sources say ---

  changed(source: StageSource, nowNs: number): void {
    this.#say(source, nowNs);
    this.#weigh(nowNs);
  }

  judged(
    source: StageSource,
    rows: JudgedMessage,
    channel: FeedChannel,
    isLeftOut: boolean,
    nowNs: number,
  ): void {
    const arbiter = this.#arbiter;
    if (isLeftOut) {
      arbiter?.rejected(source.index);
      return;
    }
    if (channel === "depth") this.#beat(source, nowNs);
    if (arbiter === undefined) this.#pass(rows.block, rows.from, rows.to, source, channel, rows.isSnapshot);
    else if (channel === "depth") arbiter.message(source.index, rows, nowNs);
    else arbiter.aside(source.index, rows, nowNs);
  }

  gap(source: StageSource, rows: JudgedMessage, nowNs: number): void {
    if (this.#arbiter === undefined) this.#pass(rows.block, rows.from, rows.to, source, "depth", false);
    else this.#arbiter.corrupt(source.index, nowNs);
  }

  requestSnapshot(source: StageSource): void {
    this.#hands.requestSnapshot(source.name, this.instrument);
  }

  // --- which source is taken ---

  /**
   * Tells the arbiter whom validators vouch for. What is halted is left at once; what is suspect only where another
   * source is valid, lest a fast market leave no source at all.
   */
  #weigh(nowNs: number): void {
    this.#isToWeigh = false;
    const arbiter = this.#arbiter;
    if (arbiter === undefined) return;
    for (const source of this.sources) {
      if (source.isDistrusted && source.validator.validity.isValid) this.#trust(source, true, nowNs);
    }
    for (const source of this.sources) {
      const { state, reason } = source.validator.validity;
      if (state === VALIDITY.valid) continue;
      const isHalted = state === VALIDITY.halted;
      const wanted = isHalted || (reason !== UNSYNCED && this.#isToBeLeft(source, nowNs));
      if (wanted === source.isDistrusted) continue;
      if (!isHalted && wanted && arbiter.current === source.index) this.#at[1] = nowNs;
      this.#trust(source, !wanted, nowNs);
    }
  }

  /** Whether there is a better source than one that is suspect. */
  #isToBeLeft(source: StageSource, nowNs: number): boolean {
    const isBetter = (other: StageSource): boolean =>
      other !== source && this.#isGood[other.index] === true && other.validator.validity.isValid;
    if (!this.sources.some(isBetter)) return false;
    if (source.isDistrusted || this.#arbiter?.current !== source.index) return true;
    return nowNs - (this.#at[1] as number) >= this.#terms.suspectHoldNs;
  }

  #trust(source: StageSource, isTrusted: boolean, nowNs: number): void {
    source.isDistrusted = !isTrusted;
    this.#arbiter?.trusted(source.index, isTrusted, nowNs);
  }

  #makeArbiter(market: StageMarketTerms): FeedArbiter {
    return new FeedArbiter({
      ...market.arbiter,
      sources: this.sources.map(({ name }) => ({ name, numbering: "none" })),
      sink: {
        rows: (block, from, to, index) =>
          this.#pass(block, from, to, this.sources[index] as StageSource, "depth", false),
      },
      listener: this.#listener(),
    });
  }

  #listener(): FeedArbiterListener {
    return {
      sourceChanged: (to, from, reason, nowNs) => this.#sourceChanged(to, from, reason, nowNs),
      feedFailed: (reason) =>
        this.#hands.tell(failoverWord(this.instrument.key, this.#last, NO_FEED, reason)),
      disqualified: (index, reason) => {
        this.#isGood[index] = false;
        this.#isToWeigh = true;
        if (index === this.#arbiter?.current) this.#lost = this.#reasonOf(index, reason);
      },
      qualified: (index) => {
        this.#isGood[index] = true;
        this.#isToWeigh = true;
      },
      gap: () => {},
      recovered: () => {},
      requestSnapshot: (index, nowNs) => this.sources[index]?.want(nowNs),
    };
  }

  /** What is said of the market where no other source is left. */
  #reasonOf(index: number, reason: Disqualifier): number {
    const { reason: found = 0 } = this.sources[index]?.validator.validity ?? {};
    return reason === "invalid" && found !== 0 ? found : LOST[reason];
  }

  #sourceChanged(to: number, from: number, reason: SwitchReason, nowNs: number): void {
    const name = (this.sources[to] as StageSource).name;
    this.#hands.tell(failoverWord(this.instrument.key, from < 0 ? NO_FEED : this.#last, name, reason));
    this.#isChanging = this.#last !== NO_FEED;
    this.#last = name;
    this.#lost = 0;
    this.#tellValidity(nowNs, nowNs);
  }

  // --- what goes on ---

  #settle(nowNs: number): void {
    if (this.#isToWeigh) this.#weigh(nowNs);
    this.#tellValidity(nowNs, nowNs);
  }

  #say(source: StageSource, nowNs: number): void {
    const word = this.#words[source.index]?.next(source, nowNs);
    if (word !== undefined) this.#hands.tell(word);
  }

  #pass(
    block: DepthBlock,
    from: number,
    to: number,
    source: StageSource,
    channel: FeedChannel,
    isSnapshot: boolean,
  ): void {
    if (to <= from) return;
    this.#tellValidity(block.exch[from] as number, block.local[from] as number);
    const exchNs = block.exch[to - 1] as number;
    if (exchNs > (this.#at[0] as number)) this.#at[0] = exchNs;
    this.#put(block, from, to, source.name, channel, isSnapshot);
    if (((block.kind[to - 1] as number) & LAST) !== 0) this.#isChanging = false;
  }

  /** Puts a `validity` row before what comes, where it is another one. */
  #tellValidity(exchNs: number, localNs: number): void {
    const index = this.#arbiter === undefined ? 0 : this.#arbiter.current;
    const validity = this.sources[index]?.validator.validity;
    const state = validity?.state ?? (this.#lost === 0 ? VALIDITY.suspect : VALIDITY.halted);
    let reason = validity?.reason ?? (this.#lost === 0 ? UNSYNCED : this.#lost);
    if (this.#isChanging && state !== VALIDITY.halted) reason = SOURCE_CHANGED;
    const told = state | (reason << 2);
    if (told === this.#told) return;
    this.#told = told;
    const { exch, local, kind, tick, lots } = this.#row;
    const last = this.#at[0] as number;
    exch[0] = last === Number.NEGATIVE_INFINITY ? exchNs : last;
    local[0] = localNs;
    kind[0] = ROW.validity | LAST;
    tick[0] = state;
    lots[0] = reason;
    this.#put(this.#row, 0, 1, this.sources[index]?.name ?? this.#last, "depth", false);
  }

  #put(
    block: DepthBlock,
    from: number,
    to: number,
    source: string,
    channel: FeedChannel,
    isSnapshot: boolean,
  ): void {
    const out = this.#out;
    out.block = block;
    out.from = from;
    out.to = to;
    out.channel = channel;
    out.isSnapshot = isSnapshot;
    this.#hands.out(out, source);
  }
}
