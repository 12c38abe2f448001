import { Fault } from "../base/index.ts";
import {
  type ArbiterSettings,
  checkArbiterOptions,
  type Disqualifier,
  type FeedArbiterOptions,
  type SwitchReason,
} from "./arbiter-options.ts";
import { ArbiterSource, type SavedFeedArbiter, type SourceOwner } from "./arbiter-source.ts";
import { CompositeStream } from "./composite-stream.ts";
import type { GapCounts } from "./gap-options.ts";
import type { SequencedRows } from "./sequenced-rows.ts";
import { SourceChoice } from "./source-choice.ts";
import { type QualityParts, SourceQuality } from "./source-quality.ts";

/** How a source stands, as of the last score. */
export interface SourceReport {
  readonly name: string;
  readonly score: number;
  readonly parts: QualityParts;
  /** Local less source time. @units ns */
  readonly latencyP50Ns: number;
  readonly latencyP99Ns: number;
  /** What speaks against it now; nothing where it is good. */
  readonly disqualifiers: readonly Disqualifier[];
  readonly messages: number;
  /** None where the source numbers nothing. */
  readonly gaps: GapCounts | undefined;
}

const NONE = -1;
/** Estimates are made anew every so many scores. */
const ESTIMATE_SCORES = 10;
/** What was learnt is halved after so many windows. */
const FADE_WINDOWS = 6;

/**
 * Makes one stream of market data of an instrument out of several sources that all run at once, each with a book of its
 * own: the rows of the best source go on, and when it fails, the book of the next one in its place.
 *
 * A source that is disqualified ({@link DISQUALIFIERS}) is left at once. Otherwise another source takes over where
 * its score is above by `switchMargin` for `switchAfterNs`, and no sooner than `holdDownNs` after the last change;
 * or where it is the `primary`, which waits for its probation too. A change puts out one message: `clear` and the
 * book of the new source. With no source left a `gap` row is put out. Only the source's rows go on that is
 * current: trades of two sources are not matched, so a change may repeat or leave out trades.
 *
 * Time passes by `advance`, to be called at `nextNs`: what silence shows is noticed there.
 *
 * @units times in ns from the session's base
 * @invariant The rows put out make a book equal to that of the current source, whatever was current before.
 * @invariant Without a disqualification there is at most one change in any `holdDownNs`.
 * @cost A message of the current source: its rows into the book, and on; nothing allocated. A change: all levels.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { FeedArbiter } from "tickwright/feed";
 * import { DepthBlock, LAST, ROW, SNAPSHOT } from "tickwright/model";
 * const said: string[] = [];
 * const arbiter = new FeedArbiter({
 *   sources: [{ name: "direct", numbering: "single" }, { name: "vendor", numbering: "single" }],
 *   agreementTicks: 5,
 *   sink: { rows: (_block, from, to, source) => said.push(`${to - from} rows of ${source}`) },
 *   listener: {
 *     sourceChanged: (to, from, reason) => said.push(`${from} to ${to}: ${reason}`),
 *     feedFailed: () => said.push("failed"),
 *     disqualified: () => {},
 *     qualified: () => {},
 *     gap: () => {},
 *     recovered: () => {},
 *     requestSnapshot: () => {},
 *   },
 * });
 * const block = new DepthBlock(2);
 * block.kind.set([ROW.bid | SNAPSHOT, ROW.ask | SNAPSHOT | LAST]);
 * block.tick.set([100, 101]);
 * block.lots.set([5, 5]);
 * const numbers = { firstSequence: 7, lastSequence: 7, previousSequence: -1 };
 * const snapshot = { isSnapshot: true, ...numbers, block, from: 0, to: 2 };
 * arbiter.message(0, snapshot, 1_000);
 * arbiter.message(1, snapshot, 2_000);
 * arbiter.disconnected(0, 3_000);
 * said; // => ["-1 to 0: first", "3 rows of 0", "0 to 1: disconnected", "3 rows of 1"]
 * ```
 * @source FIA, Guide to the Development and Operation of Automated Trading Systems, 2015 (market data reasonability)
 */
export class FeedArbiter {
  readonly #settings: ArbiterSettings;
  readonly #sources: readonly ArbiterSource[];
  readonly #stream: CompositeStream;
  readonly #choice: SourceChoice;
  /** Messages of all sources while they were good. */
  #arrivals = 0;
  #current = NONE;
  /** When the next score is due, and the last was made; when what was learnt is halved. */
  readonly #at = new Float64Array([Number.NEGATIVE_INFINITY, 0, 0]);
  #scores = 0;
  #fades = 0;
  #switches = 0;

  constructor(options: FeedArbiterOptions) {
    this.#settings = checkArbiterOptions(options);
    const owner = this.#owner();
    this.#sources = this.#settings.sources.map((_, i) => new ArbiterSource(i, this.#settings, owner));
    this.#stream = new CompositeStream(this.#settings.sink);
    this.#choice = new SourceChoice(this.#settings, this.#sources);
  }

  /** The source whose rows go on, by its place in `sources`; -1 where there is none. */
  get current(): number {
    return this.#current;
  }

  /** Changes of source so far, the first one included. */
  get switches(): number {
    return this.#switches;
  }

  /** Messages whose times were raised because another source had put out later ones. */
  get raised(): number {
    return this.#stream.raised;
  }

  /** When `advance` must be called; Infinity before anything happened. @units ns from the session's base */
  get nextNs(): number {
    let next = this.#scores === 0 ? Number.POSITIVE_INFINITY : (this.#at[0] as number);
    for (const source of this.#sources)
      next = Math.min(next, source.nextNs(this.#arrivals - source.arrivals));
    return next;
  }

  /** A message of the channel that carries the source's book. */
  message(source: number, rows: SequencedRows, nowNs: number): void {
    this.#message(source, rows, true, nowNs);
  }

  /** Rows that the book's numbers do not cover: trades, quotes, marks. */
  aside(source: number, rows: SequencedRows, nowNs: number): void {
    this.#message(source, rows, false, nowNs);
  }

  /** The source lives, though no message came. */
  alive(source: number, nowNs: number): void {
    const made = this.#source(source);
    made.alive(nowNs, this.#arrivals - made.arrivals);
    this.advance(nowNs);
  }

  /** Is taken for granted at the first message. */
  connected(source: number, nowNs: number): void {
    const made = this.#source(source);
    made.connected(nowNs, this.#arrivals - made.arrivals);
    this.advance(nowNs);
  }

  disconnected(source: number, nowNs: number): void {
    this.#source(source).disconnected(nowNs);
    this.advance(nowNs);
  }

  /** A validator dropped a message of the source: it counts against its score. */
  rejected(source: number): void {
    this.#source(source).quality.rejected();
  }

  /** Whoever brings messages stood still for so long: that was no silence of sources. @units ns */
  paused(ns: number): void {
    for (const { watch } of this.#sources) watch.paused(ns);
  }

  /** A validator vouches for the source, as it does for all at first, or no longer does: it is left at once then. */
  trusted(source: number, isTrusted: boolean, nowNs: number): void {
    this.#source(source).trusted(isTrusted, nowNs);
    this.advance(nowNs);
  }

  /** The source's book is not what its checksum says, or two of its lines differ: a snapshot must replace it. */
  corrupt(source: number, nowNs: number): void {
    this.#source(source).corrupt(nowNs);
    this.advance(nowNs);
  }

  /** The source begins its numbers anew. @throws `FAULT_INPUT` where the epoch is not above the last. */
  reset(source: number, epoch: number, nowNs: number): void {
    this.#source(source).recovery?.reset(epoch, nowNs);
  }

  /** The source says which number is next: what it sent before that must have come. */
  heartbeat(source: number, nextSequence: number, nowNs: number): void {
    this.#source(source).recovery?.heartbeat(nextSequence, nowNs);
    this.alive(source, nowNs);
  }

  /** Lets time pass. */
  advance(nowNs: number): void {
    for (const source of this.#sources) {
      const others = this.#arrivals - source.arrivals;
      if (nowNs >= source.nextNs(others)) source.check(nowNs, others);
    }
    if (nowNs >= (this.#at[0] as number)) this.#score(nowNs);
  }

  /** The quality of a source within 0 and 1, as of the last score. */
  quality(source: number): number {
    return this.#source(source).quality.score;
  }

  /**
   * How long a fault of a source lasts at most before it is noticed, in the state of activity it is in; 0 for what it
   * says itself. A silence is bounded from the first message of another source on, and is noticed sooner, as a rule, by
   * how many they are: see {@link FeedArbiter.expectedSilenceNs}. Infinity for `noBook` and `stale`, which depend on
   * what comes.
   *
   * @units ns
   */
  detectionBoundNs(source: number, of: Disqualifier = "silent"): number {
    const { watch } = this.#source(source);
    const { gapGraceNs, crossedNs } = this.#settings;
    if (of === "silent") return watch.boundNs;
    if (of === "frozen") return watch.frozenBoundNs + watch.boundNs;
    if (of === "gap") return gapGraceNs;
    if (of === "crossed") return crossedNs;
    return of === "noBook" || of === "stale" ? Number.POSITIVE_INFINITY : 0;
  }

  /** How long a silence should last before it is noticed, other sources saying what they said lately. @units ns */
  expectedSilenceNs(source: number): number {
    return this.#source(source).watch.expectedNs;
  }

  /** Sources by their median latency, the fastest first; those that are disqualified come last. */
  ranking(): number[] {
    const order = this.#sources.map(({ index }) => index);
    const of = (index: number): ArbiterSource => this.#source(index);
    return order.sort(
      (a, b) =>
        Number(of(b).isGood) - Number(of(a).isGood) ||
        of(a).quality.latencyP50Ns - of(b).quality.latencyP50Ns ||
        a - b,
    );
  }

  report(source: number): SourceReport {
    const { name, quality, disqualifiers, messages, recovery } = this.#source(source);
    const { score, parts, latencyP50Ns, latencyP99Ns } = quality;
    return {
      name,
      score,
      parts,
      latencyP50Ns,
      latencyP99Ns,
      disqualifiers,
      messages,
      gaps: recovery?.counts,
    };
  }

  /** What is expected of each source. Books are not in it: they come anew. */
  save(): SavedFeedArbiter {
    const sources = this.#sources.map(({ name, quality, watch }) => {
      return { name, quality: quality.save(), watch: watch.save() };
    });
    return { version: 1, sources };
  }

  /**
   * Expects again what was expected when `saved` was made, of the sources that go by the same names.
   *
   * @throws `FAULT_INPUT` naming what is wrong.
   */
  load(saved: SavedFeedArbiter): void {
    if (saved?.version !== 1 || !Array.isArray(saved.sources)) {
      throw new Fault("FAULT_INPUT", { path: "feedArbiter", value: saved?.version, expected: "version 1" });
    }
    for (const [i, row] of saved.sources.entries()) {
      const path = `feedArbiter.sources[${i}]`;
      if (!SourceQuality.isSums(row?.quality?.sums)) {
        throw new Fault("FAULT_INPUT", {
          path: `${path}.quality.sums`,
          value: row?.quality?.sums,
          expected: "9 sums",
        });
      }
      const source = this.#sources.find(({ name }) => name === row.name);
      source?.quality.load(`${path}.quality`, row.quality);
      source?.watch.load(`${path}.watch`, row.watch);
    }
  }

  #message(index: number, rows: SequencedRows, isNumbered: boolean, nowNs: number): void {
    if (nowNs >= (this.#at[0] as number)) this.#score(nowNs);
    const source = this.#source(index);
    const others = this.#arrivals - source.arrivals;
    source.message(rows, isNumbered, nowNs, others);
    if (!source.isGood) return;
    source.arrivals += 1;
    this.#arrivals += 1;
    for (const other of this.#sources) if (other !== source) other.watch.await(nowNs, source.exchNs);
    const current = this.#sources[this.#current];
    if (current === undefined || current === source) return;
    const unheard = this.#arrivals - current.arrivals;
    if (nowNs >= current.watch.silentAtNs(unheard)) current.check(nowNs, unheard);
  }

  /** Makes every score anew, and decides by them. */
  #score(nowNs: number): void {
    const at = this.#at;
    const { windowNs, scoreNs } = this.#settings;
    const isFirst = at[0] === Number.NEGATIVE_INFINITY;
    const decay = isFirst ? 1 : Math.exp((at[1] as number) / windowNs - nowNs / windowNs);
    if (isFirst) at[2] = nowNs;
    at[1] = nowNs;
    at[0] = nowNs + scoreNs;
    this.#scores += 1;
    this.#choice.compare();
    for (const source of this.#sources) {
      source.check(nowNs, this.#arrivals - source.arrivals);
      source.quality.fold(decay, source.isGood);
      if (this.#scores % ESTIMATE_SCORES === 0) source.watch.estimate();
    }
    this.#fade(nowNs);
    const better = this.#choice.better(this.#current, nowNs);
    if (better !== NONE) this.#switch(better, this.#choice.reason, nowNs);
  }

  #fade(nowNs: number): void {
    const at = this.#at;
    const halfNs = this.#settings.windowNs * Math.LN2;
    if (nowNs - (at[2] as number) < halfNs) return;
    at[2] = nowNs;
    this.#fades += 1;
    for (const { quality, watch } of this.#sources) {
      quality.fade();
      if (this.#fades % FADE_WINDOWS === 0) watch.fade();
    }
  }

  #owner(): SourceOwner {
    const { listener } = this.#settings;
    return {
      passed: (source, rows) => {
        if (source.index === this.#current) this.#stream.pass(rows.block, rows.from, rows.to, source.index);
      },
      restated: (source, nowNs) => {
        if (source.index === this.#current) this.#restate(source, nowNs);
      },
      turned: (source, reason, nowNs) => this.#turned(source, reason, nowNs),
      gap: (source, first, last, nowNs) => listener.gap(source.index, first, last, nowNs),
      recovered: (source, tookNs, nowNs) => listener.recovered(source.index, tookNs, nowNs),
      requestSnapshot: (source, nowNs) => listener.requestSnapshot(source.index, nowNs),
    };
  }

  #turned(source: ArbiterSource, reason: Disqualifier, nowNs: number): void {
    const { listener } = this.#settings;
    if (source.isGood) {
      listener.qualified(source.index, nowNs);
      if (this.#current === NONE) this.#switch(source.index, "first", nowNs);
      return;
    }
    listener.disqualified(source.index, reason, nowNs);
    if (source.index !== this.#current) return;
    const next = this.#choice.best(source.index, nowNs);
    if (next !== NONE) {
      this.#switch(next, reason, nowNs);
      return;
    }
    this.#current = NONE;
    this.#stream.gap(nowNs, source.index);
    listener.feedFailed(reason, nowNs);
  }

  #switch(to: number, reason: SwitchReason, nowNs: number): void {
    const from = this.#current;
    this.#current = to;
    this.#switches += 1;
    this.#choice.switched(nowNs);
    this.#settings.listener.sourceChanged(to, from, reason, nowNs);
    this.#restate(this.#source(to), nowNs);
  }

  #restate(source: ArbiterSource, nowNs: number): void {
    this.#stream.restate(source.book, source.exchNs, nowNs, source.index);
  }

  #source(index: number): ArbiterSource {
    const source = this.#sources[index];
    if (source !== undefined) return source;
    const expected = `a source within 0 and ${this.#sources.length - 1}`;
    throw new Fault("FAULT_INPUT", { path: "feedArbiter.source", value: index, expected });
  }
}
