import { OrderBook } from "../../../src/book/index.ts";
import { MarketDataValidator } from "../../../src/feed/index.ts";
import { DepthBlock as Block, type DepthBlock, KIND_MASK, LAST, ROW } from "../../../src/model/index.ts";
import type { TapeSource } from "../../../src/port/index.ts";

/** Rows of a whole tape, and where its messages end. */
export interface Messages {
  readonly block: DepthBlock;
  /** The row behind the last of each message. */
  readonly ends: Int32Array;
}

/** Reads a tape into one block. */
export function messagesOf(tape: TapeSource<DepthBlock>): Messages {
  const all = new Block(tape.meta.rows);
  const part = new Block();
  let n = 0;
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, part);
    for (const column of ["exch", "local", "kind", "tick", "lots"] as const) {
      all[column].set(part[column].subarray(0, part.n), n);
    }
    n += part.n;
  }
  all.seal(n);
  const ends: number[] = [];
  for (let i = 0; i < n; i++) if (((all.kind[i] as number) & LAST) !== 0) ends.push(i + 1);
  return { block: all, ends: Int32Array.from(ends) };
}

/** What goes through messages: a run of some of them, and a sum that nobody can leave out. */
export interface Side {
  run(from: number, to: number): void;
  sum: number;
}

/** What a strategy's callback does at least: it looks at the touch. */
function look(book: OrderBook): number {
  return (book.bestAsk - book.bestBid) & 0xff;
}

/** The book alone, applied as a validator applies it, and the callback. */
export class BookSide implements Side {
  sum = 0;
  readonly book = new OrderBook({ pagesMax: 16_384 });
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  run(from: number, to: number): void {
    const { block, ends } = this.#messages;
    for (let m = from; m < to; m++) {
      this.apply(block, m === 0 ? 0 : (ends[m - 1] as number), ends[m] as number);
      this.sum = (this.sum + look(this.book)) | 0;
    }
  }

  /** One message. */
  apply(block: DepthBlock, from: number, to: number): void {
    const { kind, tick, lots } = block;
    const book = this.book;
    for (let i = from; i < to; i++) {
      const what = (kind[i] as number) & KIND_MASK;
      if (what === ROW.bid) book.setBid(tick[i] as number, lots[i] as number);
      else if (what === ROW.ask) book.setAsk(tick[i] as number, lots[i] as number);
      else if (what === ROW.clear) book.clear();
    }
  }
}

/** The validator over a book of its own, and the callback. */
export class ValidatorSide implements Side {
  sum = 0;
  readonly validator: MarketDataValidator;
  readonly #message;
  readonly #ends: Int32Array;

  constructor({ block, ends }: Messages, hasQuoteTimes = true) {
    this.validator = new MarketDataValidator({ tier: "major", hasQuoteTimes });
    const numbers = { firstSequence: -1, lastSequence: -1, previousSequence: -1 };
    this.#message = { block, from: 0, to: 0, isSnapshot: false, ...numbers };
    this.#ends = ends;
  }

  run(from: number, to: number): void {
    const message = this.#message;
    const ends = this.#ends;
    const { validator } = this;
    for (let m = from; m < to; m++) {
      message.from = m === 0 ? 0 : (ends[m - 1] as number);
      message.to = ends[m] as number;
      if (validator.take(message) <= 1) this.sum = (this.sum + look(validator.book)) | 0;
    }
  }
}
