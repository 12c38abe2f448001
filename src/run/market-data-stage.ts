import { Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { FeedMessage, VenueTrouble } from "../venue/index.ts";
import type {
  FeedOut,
  FeedStage,
  FeedStageFigures,
  FeedStageHands,
  FeedStageSource,
  FeedStageWord,
} from "./feed-stage.ts";
import {
  type MarketDataStageOptions,
  marketTerms,
  type StageTerms,
  stageTerms,
} from "./market-data-options.ts";
import { MergedLines } from "./stage-lines.ts";
import { StageMarket, type StageMarketSource } from "./stage-market.ts";
import type { StageSource } from "./stage-source.ts";

/** Later than this is no matter of timers. */
const LATE_NS = 100_000_000;

/** Where the messages of a source in an instrument go. */
interface Track {
  readonly market: StageMarket;
  readonly source: StageSource;
  /** The lines that it is one of. */
  readonly lines: MergedLines | undefined;
}

/**
 * Market data that is judged and redundant, between the feeds of a trader and its strategies. Each source of an
 * instrument has a `MarketDataValidator`; several sources of one instrument run at once, and a `FeedArbiter` takes the
 * best. Sources that carry the same messages under the same numbers are merged first (`lines`).
 *
 * Strategies see validity with each event; what is dropped is counted (`figures`) and told: alerts, and
 * `marketDataQuality` and `marketDataFailover` in the audit trail. After a change of source the book is restated, with
 * `FEED_SOURCE_CHANGED` as its reason.
 *
 * @invariant No message is left out silently: `messages` are those that went on, `dropped`, `duplicates`, and those of
 * sources that are not current.
 * @throws `FAULT_CONFIG` naming the option
 * @cost Beside the validator's and the arbiter's: two books a source, 1 MB where its numbers are joined here.
 * @example
 * ```ts
 * import { MarketDataStage } from "tickwright/run";
 * const stage = new MarketDataStage({
 *   validation: { tier: "major" },
 *   instruments: { "DOGEUSDT": { validation: { tier: "thin" } } },
 * });
 * stage.figures(); // => []
 * // new PaperTrader({ ..., feeds: [{ client: first }, { client: second }], stage })
 * ```
 */
export class MarketDataStage implements FeedStage {
  readonly #terms: StageTerms;
  readonly #markets: StageMarket[] = [];
  /** By source, then by key of instrument. */
  readonly #tracks = new Map<string, Map<string, Track>>();
  readonly #lines: MergedLines[] = [];
  #hands: FeedStageHands | undefined;
  #out: FeedOut = () => {};
  /** When silence is looked for next; 0 before the first look. */
  readonly #lookNs = new Float64Array(1);

  constructor(options: MarketDataStageOptions = {}) {
    this.#terms = stageTerms(options);
  }

  attach(hands: FeedStageHands, sources: readonly FeedStageSource[]): void {
    if (this.#hands !== undefined) {
      const expected = "a stage of its own for each trader";
      throw new Fault("FAULT_CONFIG", { path: "trader.stage", value: "attached", expected });
    }
    this.#hands = hands;
    this.#checkLines(sources);
    const instruments = new Map<string, Instrument>();
    for (const each of sources.flatMap(({ instruments: all }) => all)) instruments.set(each.key, each);
    for (const instrument of instruments.values()) {
      const heard = sources.filter((each) => each.instruments.some(({ key }) => key === instrument.key));
      this.#listen(instrument, heard);
    }
  }

  /** The source whose rows strategies see of an instrument; an empty text where there is none. */
  currentOf(instrument: Instrument): string {
    return this.#markets.find((market) => market.instrument.key === instrument.key)?.current ?? "";
  }

  message(source: string, message: FeedMessage, nowNs: number, out: FeedOut): void {
    this.#out = out;
    if (this.#isLate(nowNs - this.nextNs())) this.idle(nowNs, out);
    const track = this.#tracks.get(source)?.get(message.instrument?.key);
    const { block, from, to, channel } = message;
    if (track === undefined || !(from >= 0 && from <= to && to <= block.n)) {
      out(message, source);
      return;
    }
    if (track.lines === undefined) track.market.message(track.source, message, channel, nowNs);
    else track.lines.message(source, message, channel, nowNs);
  }

  connected(source: string, nowNs: number, out: FeedOut): void {
    this.#out = out;
    this.#each(source, ({ market, source: of, lines }) => {
      lines?.turn(source, true);
      market.connected(of, nowNs);
    });
  }

  disconnected(source: string, _cause: VenueTrouble, nowNs: number, out: FeedOut): void {
    this.#out = out;
    this.#each(source, ({ market, source: of, lines }) => {
      lines?.turn(source, false);
      if (lines === undefined || !lines.isUp) market.disconnected(of, nowNs);
    });
  }

  alive(source: string, nowNs: number, out: FeedOut): void {
    this.#out = out;
    this.#each(source, ({ market, source: of }) => market.alive(of, nowNs));
  }

  idle(nowNs: number, out: FeedOut): void {
    this.#out = out;
    const lateNs = nowNs - this.nextNs();
    if (this.#isLate(lateNs)) for (const market of this.#markets) market.paused(lateNs, nowNs);
    const isLook = nowNs >= (this.#lookNs[0] as number);
    if (isLook) this.#lookNs[0] = nowNs + this.#terms.lookEveryNs;
    for (const lines of this.#lines) lines.advance(nowNs);
    for (const market of this.#markets) market.advance(nowNs, isLook);
  }

  nextNs(): number {
    let next = this.#lookNs[0] as number;
    for (const lines of this.#lines) next = Math.min(next, lines.nextNs);
    for (const market of this.#markets) next = Math.min(next, market.nextNs);
    return next;
  }

  /** Whether what is due is so late that this process stood still. */
  #isLate(lateNs: number): boolean {
    return lateNs > LATE_NS && this.#lookNs[0] !== 0;
  }

  figures(): readonly FeedStageFigures[] {
    return this.#markets.flatMap((market) => market.figures());
  }

  #each(source: string, does: (track: Track) => void): void {
    for (const track of this.#tracks.get(source)?.values() ?? []) does(track);
  }

  /** Makes the market of an instrument out of those that are going to tell of it. */
  #listen(instrument: Instrument, heard: readonly FeedStageSource[]): void {
    const groups = new Map<string, FeedStageSource[]>();
    for (const each of heard) {
      const name = this.#groupOf(each.source) ?? each.source;
      groups.set(name, [...(groups.get(name) ?? []), each]);
    }
    const made = [...groups].map(([name, members]): StageMarketSource => {
      const own = this.#terms.lines[name]?.numbering ?? this.#terms.numbering[name];
      const hasBook = members.some(({ channels }) => channels.includes("depth"));
      return { name, hasBook, numbering: own ?? members[0]?.numbering ?? "none" };
    });
    const market = new StageMarket(instrument, made, this.#terms, marketTerms(this.#terms, instrument.key), {
      out: (message, source) => this.#out(message, source),
      tell: (word: FeedStageWord) => this.#hands?.tell(word),
      requestSnapshot: (name) => this.#ask(groups.get(name) ?? [], instrument),
    });
    this.#markets.push(market);
    for (const [i, [name, members]] of [...groups].entries()) {
      const source = market.sources[i] as StageSource;
      const lines = this.#merge(name, market, source);
      for (const { source: member } of members) {
        const tracks = this.#tracks.get(member) ?? new Map<string, Track>();
        tracks.set(instrument.key, { market, source, lines });
        this.#tracks.set(member, tracks);
      }
    }
  }

  #merge(name: string, market: StageMarket, source: StageSource): MergedLines | undefined {
    const options = this.#terms.lines[name];
    if (options === undefined) return undefined;
    const lines = new MergedLines(options, {
      message: (rows, channel, nowNs) => market.message(source, rows, channel, nowNs),
      divergent: (nowNs) => market.distrust(source, nowNs),
    });
    this.#lines.push(lines);
    return lines;
  }

  /** Asks the first of a source's lines that is up. */
  #ask(members: readonly FeedStageSource[], instrument: Instrument): void {
    const asked = members.find(({ source }) => {
      const lines = this.#tracks.get(source)?.get(instrument.key)?.lines;
      return lines === undefined || lines.isLineUp(source);
    });
    if (asked !== undefined) this.#hands?.requestSnapshot(asked.source, instrument);
  }

  #groupOf(source: string): string | undefined {
    return Object.entries(this.#terms.lines).find(([, { sources }]) => sources.includes(source))?.[0];
  }

  /** @throws `FAULT_CONFIG` for a line that no feed is */
  #checkLines(sources: readonly FeedStageSource[]): void {
    const names = sources.map(({ source }) => source);
    for (const [name, lines] of Object.entries(this.#terms.lines)) {
      const missing = lines.sources.find((each) => !names.includes(each));
      const isTaken = names.includes(name);
      if (missing === undefined && !isTaken) continue;
      const expected = isTaken ? "a name that no feed has" : `names of feeds: ${names.join(", ")}`;
      throw new Fault("FAULT_CONFIG", { path: `stage.lines.${name}`, value: missing ?? name, expected });
    }
  }
}
