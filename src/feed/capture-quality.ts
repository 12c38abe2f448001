import { NANOS_PER_HOUR, NANOS_PER_SECOND } from "../model/index.ts";
import { CAPTURE, type CaptureMessage } from "./capture-message.ts";
import type { CaptureTally } from "./capture-policy.ts";
import { ChannelNumbers, GAPS_MAX } from "./quality-channel.ts";
import type { QualityGap, QualityReport } from "./quality-report.ts";

/** A silence longer than this is no time in which the feed was heard. */
const HEARD_NS = 10 * NANOS_PER_SECOND;
const HOURS = 24;

/** What is known beside the messages. */
export interface QualityWho {
  readonly symbol: string;
  readonly venue: string;
  readonly date: string;
  /** The epoch ns that local times count from: the day's midnight. */
  readonly baseNs: bigint;
  readonly tornSegments: number;
}

/** Watches the messages of a day's capture go by. @cost O(1) a message, no allocation but for gaps */
export class CaptureQuality {
  readonly #isSpot: boolean;
  readonly #gaps: QualityGap[] = [];
  readonly #flags = new Map<string, number>();
  readonly #depth: ChannelNumbers;
  readonly #trades: ChannelNumbers;
  readonly #quotes: ChannelNumbers;
  /**
   * First and last local time, heard, longest silence and its begin, least and greatest latency, book down since and
   * for.
   */
  readonly #cells = new Float64Array([
    -1,
    -1,
    0,
    0,
    -1,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
  ]);
  readonly #leastOfHour = new Float64Array(HOURS).fill(Number.POSITIVE_INFINITY);
  #isBookUp = false;
  #resyncs = 0;

  constructor(isSpot: boolean, epochText: (ns: number) => string) {
    this.#isSpot = isSpot;
    const onGap = (gap: QualityGap): void => {
      if (this.#gaps.length < GAPS_MAX) this.#gaps.push(gap);
    };
    this.#depth = new ChannelNumbers("depth", epochText, onGap);
    this.#trades = new ChannelNumbers("trades", epochText, onGap);
    this.#quotes = new ChannelNumbers("quotes", epochText, onGap);
  }

  /** A message that was read, before anybody joins or drops it. */
  message(m: CaptureMessage): void {
    const local = m.localNs;
    this.#heard(local);
    if (m.kind === CAPTURE.snapshot) return;
    this.#latency(local, m.exchNs);
    if (m.kind === CAPTURE.trade) this.#trades.numbered(m.tradeId, m.tradeId, local);
    else if (m.kind === CAPTURE.quote) this.#quotes.rising(m.lastId, local);
    else if (this.#isSpot) this.#depth.numbered(m.firstId, m.lastId, local);
    else this.#depth.linked(m.previousId, m.firstId, m.lastId, local);
  }

  /** The book is the exchange's again, or no longer. */
  book(isUp: boolean): void {
    const cells = this.#cells;
    if (isUp === this.#isBookUp) return;
    this.#isBookUp = isUp;
    const now = Math.max(0, cells[1] as number);
    if (isUp) cells[8] = (cells[8] as number) + now - (cells[7] as number);
    else {
      cells[7] = now;
      this.#resyncs += 1;
    }
  }

  /** A verdict that was not "pass". */
  flag(reason: string): void {
    this.#flags.set(reason, (this.#flags.get(reason) ?? 0) + 1);
  }

  report(tally: CaptureTally, who: QualityWho): QualityReport {
    const cells = [...this.#cells] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const [first, last, heardNs, longestSilenceNs, silentFrom, least, greatest, downSince, downFor] = cells;
    const text = (ns: number): string => (ns < 0 ? "0" : (who.baseNs + BigInt(ns)).toString());
    const bookDownNs = downFor + (this.#isBookUp ? 0 : Math.max(0, last - downSince));
    const hours = this.#leastOfHour.filter((ns) => Number.isFinite(ns));
    return {
      symbol: who.symbol,
      venue: who.venue,
      date: who.date,
      lines: tally.line,
      fromNs: text(first),
      toNs: text(last),
      heardNs,
      longestSilenceNs,
      longestSilenceFromNs: text(silentFrom),
      bookDownNs,
      snapshots: tally.of("snapshots"),
      resyncs: this.#resyncs,
      depth: this.#depth.numbers(),
      trades: this.#trades.numbers(),
      quotes: this.#quotes.numbers(),
      gaps: this.#gaps,
      malformed: tally.of("malformed") + tally.of("truncated"),
      wrongSymbol: tally.of("wrongSymbol"),
      timeBackwards: tally.of("timeBackwards"),
      timeApart: tally.of("timeApart"),
      offGrid: tally.of("offGrid"),
      crossed: tally.of("crossed"),
      flags: Object.fromEntries([...this.#flags].sort(([a], [b]) => (a < b ? -1 : 1))),
      leastLatencyNs: Number.isFinite(least) ? least : 0,
      greatestLatencyNs: Number.isFinite(greatest) ? greatest : 0,
      skewSpanNs: hours.length < 2 ? 0 : Math.max(...hours) - Math.min(...hours),
      tornSegments: who.tornSegments,
      counts: tally.counts(),
    };
  }

  #heard(local: number): void {
    const cells = this.#cells;
    const before = cells[1] as number;
    if (before < 0) {
      cells[0] = local;
      cells[7] = local;
    } else {
      const silence = local - before;
      if (silence <= HEARD_NS) cells[2] = (cells[2] as number) + silence;
      if (silence > (cells[3] as number)) {
        cells[3] = silence;
        cells[4] = before;
      }
    }
    cells[1] = local;
  }

  #latency(local: number, exch: number): void {
    if (Number.isNaN(exch)) return;
    const cells = this.#cells;
    const latency = local - exch;
    if (latency < (cells[5] as number)) cells[5] = latency;
    if (latency > (cells[6] as number)) cells[6] = latency;
    const hour = Math.min(HOURS - 1, Math.floor(local / NANOS_PER_HOUR));
    if (latency < (this.#leastOfHour[hour] as number)) this.#leastOfHour[hour] = latency;
  }
}
