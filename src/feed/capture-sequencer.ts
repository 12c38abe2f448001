import { OrderBook } from "../book/index.ts";
import { CAPTURE, type CaptureMarket, type CaptureMessage, NUMBER } from "./capture-message.ts";
import type { CaptureTally } from "./capture-policy.ts";
import type { MessageSink } from "./capture-reader.ts";

/** Diffs held back while there is no snapshot to apply them to. */
const HELD_MAX = 20_000;

/** Receives what belongs on a tape, in order; the message is reused afterwards. */
export interface CaptureSink {
  /** The book is emptied and restated. */
  snapshot(message: CaptureMessage): void;
  /** A diff that joins the one before; the sequencer's book has it applied. */
  diff(message: CaptureMessage): void;
  quote(message: CaptureMessage): void;
  trade(message: CaptureMessage): void;
  /** Messages are missing, as this one shows; nothing follows until the next snapshot. */
  gap(message?: CaptureMessage): void;
}

/**
 * Joins the diffs of a capture to its snapshots by the exchange's rule, and lets through what belongs on a
 * tape.
 *
 * Diffs before a snapshot are held. At the snapshot those it already contains are dropped (spot: `u` at or
 * below its `lastUpdateId`; futures: `u` below it); the first kept must straddle it (spot: `U <= lastUpdateId
 * + 1`; futures: `pu <= lastUpdateId`); held diffs are applied at the snapshot's local time. From then on
 * each must join the last (spot: `U` = last `u` + 1; futures: `pu` = last `u`). Trades and quotes without a
 * book are dropped. Everything dropped is counted.
 *
 * @source Binance, "How to manage a local order book correctly", spot and USD-M futures
 */
export class CaptureSequencer implements MessageSink {
  readonly book: OrderBook = new OrderBook({ pagesMax: 16_384 });
  readonly #tally: CaptureTally;
  readonly #sink: CaptureSink;
  readonly #isSpot: boolean;
  #held: CaptureMessage[] = [];
  #isSynced = false;
  /** True between a snapshot and the first diff applied to it. */
  #isFresh = false;
  /** The book's count of crossings when it was last found sound. */
  #crossings = 0;
  #lastId = 0;
  #firstId = 0;
  #lastQuote = 0;
  #lastTrade = 0;

  constructor(market: CaptureMarket, tally: CaptureTally, sink: CaptureSink) {
    this.#isSpot = market === "spot";
    this.#tally = tally;
    this.#sink = sink;
  }

  /** Whether the book holds what the exchange holds, as far as messages have come. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Diffs held back for want of a snapshot. */
  get held(): number {
    return this.#held.length;
  }

  /** The last update id of the book. */
  get lastId(): number {
    return this.#lastId;
  }

  message(message: CaptureMessage): void {
    switch (message.kind) {
      case CAPTURE.diff:
        this.#diff(message);
        break;
      case CAPTURE.quote:
        this.#quote(message);
        break;
      case CAPTURE.trade:
        this.#trade(message);
        break;
      default:
        this.#snapshot(message);
    }
  }

  resync(): void {
    if (this.#isSynced) this.#lose();
  }

  /** Counts what was still held, at the end of the capture. */
  end(): void {
    this.#tally.count("diffsUnsynced", this.#held.length);
    this.#held = [];
  }

  #diff(message: CaptureMessage): void {
    if (!this.#isSynced) {
      this.#hold(message);
      return;
    }
    const { lastId } = message;
    if (this.#isFresh) {
      if (this.#isContained(message, this.#lastId)) {
        this.#tally.count("diffsBeforeSnapshot");
        return;
      }
    } else if (lastId <= this.#lastId) {
      const isSame = lastId === this.#lastId && message.firstId === this.#firstId;
      if (isSame) this.#tally.meet("duplicate", `diff ${lastId}`, "a diff once");
      else this.#tally.meet("outOfOrder", `diff ${lastId}`, `a diff after ${this.#lastId}`);
      this.#tally.count("diffsDropped");
      return;
    }
    if (!this.#joins(message)) {
      this.#tally.meet(
        "gap",
        this.#isSpot ? message.firstId : message.previousId,
        `a diff that joins ${this.#lastId}`,
      );
      this.#lose(message);
      this.#hold(message);
      return;
    }
    this.#apply(message);
    this.#lastId = lastId;
    this.#firstId = message.firstId;
    this.#isFresh = false;
    if (this.#isCrossed(message)) return;
    this.#tally.count("diffs");
    this.#tally.count("levels", message.levels);
    this.#sink.diff(message);
  }

  /** Whether a snapshot already holds all that a diff says. */
  #isContained(message: CaptureMessage, snapshotId: number): boolean {
    return this.#isSpot ? message.lastId <= snapshotId : message.lastId < snapshotId;
  }

  #joins(message: CaptureMessage): boolean {
    const before = this.#isSpot ? message.firstId - 1 : message.previousId;
    return this.#isFresh ? before <= this.#lastId : before === this.#lastId;
  }

  #hold(message: CaptureMessage): void {
    if (this.#held.length === HELD_MAX) {
      this.#tally.count("diffsUnsynced", HELD_MAX);
      this.#held = [];
    }
    this.#held.push(message.copy());
  }

  #lose(message?: CaptureMessage): void {
    this.#isSynced = false;
    this.book.clear();
    this.#sink.gap(message);
  }

  #snapshot(message: CaptureMessage): void {
    const { lastId } = message;
    if (this.#isSynced && lastId <= this.#lastId) {
      this.#tally.count("snapshotsRedundant");
      return;
    }
    const held = this.#held.filter((diff) => !this.#isContained(diff, lastId));
    const first = held[0];
    if (first !== undefined && (this.#isSpot ? first.firstId - 1 : first.previousId) > lastId) {
      this.#tally.count("snapshotsStale");
      return;
    }
    this.#tally.count("diffsBeforeSnapshot", this.#held.length - held.length);
    this.#held = [];
    this.book.clear();
    this.#apply(message);
    this.#isSynced = true;
    this.#isFresh = true;
    this.#lastId = lastId;
    this.#tally.count("snapshots");
    if (this.#isCrossed(message)) return;
    this.#tally.count("levels", message.levels);
    this.#sink.snapshot(message);
    for (const diff of held) {
      diff.numbers[NUMBER.local] = message.localNs;
      this.#diff(diff);
    }
  }

  #apply(message: CaptureMessage): void {
    const { bids, levels, tick, lots } = message;
    const book = this.book;
    for (let i = 0; i < levels; i++) {
      const size = lots[i] as number;
      if (Number.isNaN(size)) continue;
      if (i < bids) book.setBid(tick[i] as number, size);
      else book.setAsk(tick[i] as number, size);
    }
  }

  /** Whether the book is crossed and must be given up. */
  #isCrossed(message: CaptureMessage): boolean {
    const { book } = this;
    // isCrossed walks the pages; a book whose sides never touched since it was last found sound needs no
    // walk.
    if (book.crossings === this.#crossings) return false;
    if (!book.isCrossed) {
      this.#crossings = book.crossings;
      return false;
    }
    if (this.#tally.meet("crossed", `after update ${message.lastId}`, "best bid below best ask") === "keep")
      return false;
    this.#tally.count("crossedDropped");
    this.#lose(message);
    return true;
  }

  #quote(message: CaptureMessage): void {
    const { lastId } = message;
    if (lastId <= this.#lastQuote) {
      if (lastId === this.#lastQuote) this.#tally.meet("duplicate", `quote ${lastId}`, "a quote once");
      else this.#tally.meet("outOfOrder", `quote ${lastId}`, `a quote after ${this.#lastQuote}`);
      this.#tally.count("quotesDropped");
      return;
    }
    this.#lastQuote = lastId;
    if (!this.#isSynced) {
      this.#tally.count("quotesUnsynced");
      return;
    }
    this.#tally.count("quotes");
    this.#sink.quote(message);
  }

  #trade(message: CaptureMessage): void {
    const { tradeId } = message;
    const last = this.#lastTrade;
    if (tradeId <= last) {
      if (tradeId === last) this.#tally.meet("duplicate", `trade ${tradeId}`, "a trade once");
      else this.#tally.meet("outOfOrder", `trade ${tradeId}`, `a trade after ${last}`);
      this.#tally.count("tradesDropped");
      return;
    }
    if (last > 0 && tradeId > last + 1) this.#tally.count("tradeIdsMissing", tradeId - last - 1);
    this.#lastTrade = tradeId;
    if (!this.#isSynced || message.lots[0] === 0) {
      this.#tally.count(this.#isSynced ? "tradesEmpty" : "tradesUnsynced");
      return;
    }
    this.#tally.count("trades");
    this.#sink.trade(message);
  }
}
