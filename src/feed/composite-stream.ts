import { NO_ASK, NO_BID, type OrderBook } from "../book/index.ts";
import { DepthBlock, LAST, ROW, SNAPSHOT } from "../model/index.ts";
import type { CompositeSink } from "./arbiter-options.ts";

const CHUNK = 4_096;
const LOCAL = 0;
const EXCH = 1;

/**
 * One stream of rows out of several sources: its times never fall, and a change of source is one message that restates
 * the book.
 *
 * @cost Rows in order are passed on as they are. Others are copied, their times raised.
 */
export class CompositeStream {
  /** Messages whose times were raised to the last ones put out. */
  raised = 0;
  readonly #sink: CompositeSink;
  readonly #chunk = new DepthBlock(CHUNK);
  readonly #last = new Float64Array([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  #filled = 0;

  constructor(sink: CompositeSink) {
    this.#sink = sink;
  }

  /** Passes a message on. */
  pass(block: DepthBlock, from: number, to: number, source: number): void {
    if (to <= from) return;
    const last = this.#last;
    const local = block.local[from] as number;
    const exch = block.exch[from] as number;
    if (local >= (last[LOCAL] as number) && exch >= (last[EXCH] as number)) {
      last[LOCAL] = block.local[to - 1] as number;
      last[EXCH] = block.exch[to - 1] as number;
      this.#sink.rows(block, from, to, source);
      return;
    }
    this.raised += 1;
    for (let i = from; i < to; i++) {
      this.#times(block.exch[i] as number, block.local[i] as number);
      this.#put(block.kind[i] as number, block.tick[i] as number, block.lots[i] as number, source);
    }
    this.#flush(source);
  }

  /** The book as it stands, as one message: `clear`, bids and asks from the best, all `SNAPSHOT`. */
  restate(book: OrderBook, exchNs: number, nowNs: number, source: number): void {
    this.#times(exchNs, nowNs);
    this.#put(ROW.clear | SNAPSHOT, 0, 0, source);
    for (let tick = book.bestBid; tick !== NO_BID; tick = book.nextBid(tick)) {
      this.#put(ROW.bid | SNAPSHOT, tick, book.bidLots(tick), source);
    }
    for (let tick = book.bestAsk; tick !== NO_ASK; tick = book.nextAsk(tick)) {
      this.#put(ROW.ask | SNAPSHOT, tick, book.askLots(tick), source);
    }
    const end = this.#filled - 1;
    this.#chunk.kind[end] = (this.#chunk.kind[end] as number) | LAST;
    this.#flush(source);
  }

  /** Rows are missing from here on. */
  gap(nowNs: number, source: number): void {
    this.#times(Number.NEGATIVE_INFINITY, nowNs);
    this.#put(ROW.gap | LAST, 0, 0, source);
    this.#flush(source);
  }

  /** Raises the last times to those given. */
  #times(exchNs: number, localNs: number): void {
    const last = this.#last;
    if (localNs > (last[LOCAL] as number)) last[LOCAL] = localNs;
    if (exchNs > (last[EXCH] as number)) last[EXCH] = exchNs;
    if (last[EXCH] === Number.NEGATIVE_INFINITY) last[EXCH] = last[LOCAL] as number;
  }

  #put(kind: number, tick: number, lots: number, source: number): void {
    if (this.#filled === CHUNK) this.#flush(source);
    const chunk = this.#chunk;
    const n = this.#filled;
    chunk.exch[n] = this.#last[EXCH] as number;
    chunk.local[n] = this.#last[LOCAL] as number;
    chunk.kind[n] = kind;
    chunk.tick[n] = tick;
    chunk.lots[n] = lots;
    this.#filled = n + 1;
  }

  #flush(source: number): void {
    const n = this.#filled;
    this.#filled = 0;
    this.#chunk.seal(n);
    this.#sink.rows(this.#chunk, 0, n, source);
  }
}
