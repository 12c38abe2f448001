import {
  CAPTURE,
  type CaptureMarket,
  CaptureMessage,
  CaptureScanner,
  MarketDataValidator,
  StepGrid,
} from "../../../src/feed/index.ts";
import { DepthBlock, LAST, ROW } from "../../../src/model/index.ts";
import { GRIDS } from "../capture/columns.ts";
import { BookSide, type Messages, type Side } from "./messages.ts";

const BASE_SECONDS = 1_723_075_200;
/** The recorder's clock was so far behind the exchange's. */
const CLOCK_NS = 1_300_000_000;

/** Lines of a raw capture, its snapshot first: what recovery of gaps would hand on. */
export interface Lines {
  readonly raw: Uint8Array;
  readonly starts: Int32Array;
}

/** Finds the lines. */
export function linesOf(raw: Uint8Array): Lines {
  const starts: number[] = [];
  for (let at = 0; at < raw.length; ) {
    starts.push(at);
    const end = raw.indexOf(10, at);
    at = end < 0 ? raw.length : end + 1;
  }
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const snapshot = text.indexOf('"lastUpdateId"');
  const first = starts.findLast((at) => at <= snapshot) as number;
  return { raw, starts: Int32Array.from([first, ...starts.filter((at) => at !== first)]) };
}

/** Bytes of lines to a message of rows, then what `settle` does with it. */
abstract class LineSide implements Side {
  sum = 0;
  rows = 0;
  readonly block = new DepthBlock(8_192);
  readonly #lines: Lines;
  readonly #scanner: CaptureScanner;
  readonly #decoded: CaptureMessage;
  readonly #isSpot: boolean;
  /** The latest exchange time. @units ns from the base */
  readonly #latest = new Float64Array(1);

  constructor(market: CaptureMarket, lines: Lines) {
    const { tickSize, lotSize } = GRIDS[market];
    const price = new StepGrid("tickSize", tickSize);
    this.#scanner = new CaptureScanner(market, price, new StepGrid("lotSize", lotSize), "BTCUSDT");
    this.#decoded = new CaptureMessage(market);
    this.#isSpot = market === "spot";
    this.#lines = lines;
  }

  run(from: number, to: number): void {
    const { raw, starts } = this.#lines;
    const decoded = this.#decoded;
    for (let i = from; i < to; i++) {
      if (this.#scanner.scan(raw, starts[i] as number, decoded) < 0) continue;
      const count = this.#put(decoded);
      if (count === 0) continue;
      this.rows += count;
      this.settle(decoded, count);
    }
  }

  abstract settle(decoded: CaptureMessage, rows: number): void;

  #put(decoded: CaptureMessage): number {
    const { kind, bids, tick, lots } = decoded;
    const isLevels = kind === CAPTURE.diff || kind === CAPTURE.snapshot;
    const first = kind === CAPTURE.snapshot ? 1 : 0;
    const count = isLevels ? decoded.levels : kind === CAPTURE.quote ? 2 : 1;
    const low = isLevels
      ? ROW.bid
      : count === 2
        ? ROW.quoteBid
        : decoded.buyerIsMaker === 1
          ? ROW.sell
          : ROW.buy;
    const block = this.block;
    const local = (decoded.localSeconds - BASE_SECONDS) * 1e9 + decoded.localNanos + CLOCK_NS;
    const ms = this.#isSpot && kind === CAPTURE.diff ? decoded.eventMs : decoded.transactMs;
    const isTimed =
      kind === CAPTURE.diff || kind === CAPTURE.trade || (!this.#isSpot && kind === CAPTURE.quote);
    // As a feed does it: what has no time of the exchange's takes the latest before it.
    const latest = this.#latest;
    if (isTimed) latest[0] = Math.max(latest[0] as number, (ms - BASE_SECONDS * 1e3) * 1e6);
    const exch = (latest[0] as number) > 0 ? (latest[0] as number) : local;
    const firstAsk = isLevels ? bids : 1;
    if (first === 1) block.kind[0] = ROW.clear;
    const end = first + count;
    for (let i = 0; i < count; i++) {
      block.kind[first + i] = i < firstAsk ? low : low + 1;
      block.tick[first + i] = tick[i] as number;
      block.lots[first + i] = lots[i] as number;
    }
    for (let i = 0; i < end; i++) {
      block.local[i] = local;
      block.exch[i] = exch;
    }
    block.kind[end - 1] = (block.kind[end - 1] as number) | LAST;
    block.n = end;
    return end;
  }
}

/** Decode, book, callback. */
export class BareLineSide extends LineSide {
  readonly #book = new BookSide({ block: new DepthBlock(0), ends: new Int32Array(0) } satisfies Messages);

  settle(_decoded: CaptureMessage, rows: number): void {
    this.#book.apply(this.block, 0, rows);
    this.sum = (this.sum + ((this.#book.book.bestAsk - this.#book.book.bestBid) & 0xff)) | 0;
  }
}

/** Decode, validate with book, callback. */
export class ValidLineSide extends LineSide {
  readonly validator: MarketDataValidator;
  readonly #message = {
    ...{ block: this.block, from: 0, to: 0, isSnapshot: false },
    ...{ firstSequence: 0.5, lastSequence: 0.5, previousSequence: 0.5 },
  };

  constructor(market: CaptureMarket, lines: Lines) {
    super(market, lines);
    this.validator = new MarketDataValidator({ tier: "major", hasQuoteTimes: market === "usdm" });
  }

  settle(decoded: CaptureMessage, rows: number): void {
    const message = this.#message;
    const isDiff = decoded.kind === CAPTURE.diff;
    message.to = rows;
    message.firstSequence = isDiff ? decoded.firstId : -1;
    message.previousSequence = isDiff && decoded.market === "usdm" ? decoded.previousId : -1;
    message.lastSequence = decoded.kind === CAPTURE.trade ? decoded.tradeId : decoded.lastId;
    if (this.validator.take(message) > 1) return;
    this.sum = (this.sum + ((this.validator.book.bestAsk - this.validator.book.bestBid) & 0xff)) | 0;
  }
}
