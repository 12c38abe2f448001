import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import { DepthBlock, KIND_MASK, LAST, ROW } from "../model/index.ts";
import type { TradingSession } from "../run/index.ts";
import { FEED, FEED_ROW_STRIDE } from "./feed-record.ts";

const NOTHING = 0;

/** What a {@link FeedClient} counted. */
export interface FeedCounts {
  packets: number;
  /** Packets that had come before, over either channel. */
  duplicates: number;
  gaps: number;
  /** Packets of one number that say different things. */
  divergent: number;
  /** Rows that no market can have said. */
  malformed: number;
}

/**
 * One instrument's feed as the engine receives it over two channels: the first copy of each packet counts, a missing
 * one empties the book and asks for all of it.
 *
 * @invariant Packets reach the session in their order, each once; behind a gap nothing does before a whole book came.
 */
export class FeedClient {
  readonly counts: FeedCounts = { packets: 0, duplicates: 0, gaps: 0, divergent: 0, malformed: 0 };
  /** Whether the book is whole, as far as anybody knows. */
  isWhole = false;
  readonly #station: number;
  readonly #ask: () => void;
  readonly #block = new DepthBlock(1);
  #next = NOTHING;
  /** A sum over the last packet's rows, to tell another of the same number from it. */
  #lastSum = 0;

  /** `ask` asks the venue for a whole book. */
  constructor(station: number, ask: () => void) {
    this.#station = station;
    this.#ask = ask;
  }

  /** A packet over either channel. */
  take(cells: Float64Array, session: TradingSession, nowNs: number): void {
    const seq = cells[FEED.packetSeq] as number;
    if (seq < this.#next) {
      this.counts.duplicates += 1;
      if (seq === this.#next - 1 && sumOf(cells) !== this.#lastSum) this.#diverged(session, nowNs);
      return;
    }
    const startsWhole = ((cells[FEED.rows] as number) & KIND_MASK) === ROW.clear;
    if (!startsWhole && (seq > this.#next || !this.isWhole)) {
      if (this.isWhole) this.#lost(session, nowNs);
      this.#next = seq + 1;
      this.#ask();
      return;
    }
    this.counts.packets += 1;
    this.isWhole = true;
    this.#next = seq + 1;
    this.#lastSum = sumOf(cells);
    this.#rows(cells, session, nowNs);
  }

  #rows(cells: Float64Array, session: TradingSession, nowNs: number): void {
    const block = this.#block;
    const count = cells[FEED.count] as number;
    const exchNs = cells[FEED.exchNs] as number;
    for (let i = 0; i < count; i++) {
      const at = FEED.rows + i * FEED_ROW_STRIDE;
      const tick = cells[at + 1] as number;
      const lots = cells[at + 2] as number;
      if (!(tick >= TICK_MIN && tick <= TICK_MAX && lots >= 0 && lots <= 0xffff_ffff)) {
        this.counts.malformed += 1;
        continue;
      }
      block.kind[0] = cells[at] as number;
      block.tick[0] = tick;
      block.lots[0] = lots;
      block.exch[0] = exchNs;
      block.local[0] = nowNs;
      session.row(this.#station, block, 0, nowNs);
    }
  }

  #diverged(session: TradingSession, nowNs: number): void {
    this.counts.divergent += 1;
    if (!this.isWhole) return;
    this.#lost(session, nowNs);
    this.#ask();
  }

  /** The book is not known any more: nobody quotes on it. */
  #lost(session: TradingSession, nowNs: number): void {
    this.counts.gaps += 1;
    this.isWhole = false;
    const block = this.#block;
    for (const kind of [ROW.gap, ROW.clear]) {
      block.kind[0] = kind | (kind === ROW.clear ? LAST : 0);
      block.tick[0] = 0;
      block.lots[0] = 0;
      block.exch[0] = nowNs;
      block.local[0] = nowNs;
      session.row(this.#station, block, 0, nowNs);
    }
  }
}

const SUM_MAX = 2_147_483_647;

/** A sum that tells two packets apart, whatever order faults put their rows in. */
function sumOf(cells: Float64Array): number {
  const end = FEED.rows + (cells[FEED.count] as number) * FEED_ROW_STRIDE;
  let sum = 0;
  for (let at = FEED.rows; at < end; at++) {
    sum = sum * 31 + (cells[at] as number);
    sum -= Math.floor(sum / SUM_MAX) * SUM_MAX;
  }
  return sum;
}
