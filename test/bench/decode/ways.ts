import ccxt from "ccxt";
import { OrderBook } from "../../../src/book/index.ts";
import {
  binanceInstrument,
  CaptureLine,
  type CaptureMarket,
  CaptureStream,
} from "../../../src/feed/index.ts";
import { GRIDS } from "../capture/columns.ts";

/** A snapshot and the diffs after it, as they came. */
export interface DecodeInput {
  readonly market: CaptureMarket;
  readonly snapshot: Uint8Array;
  readonly diffs: readonly Uint8Array[];
  /** How many diffs come before the clock starts: books have grown and code is compiled by then. */
  readonly warm: number;
  /** Levels of the diffs after those. */
  readonly levels: number;
}

interface Diff {
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  readonly E: number;
  readonly s: string;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

const BASE_NS = 1_723_075_200_000_000_000n;
const MORNING_NS = 86_000_000_000_000;
const decoder = new TextDecoder();

/** Ours, as `BinanceFeed` does it. Returns best bid and ask in ticks. */
export function bookByStream(
  { market, snapshot, diffs, warm }: DecodeInput,
  onWarm: () => void,
): readonly number[] {
  let rows = 0;
  const stream = new CaptureStream({
    market,
    instrument: binanceInstrument(market, "BTCUSDT"),
    baseNs: BASE_NS,
    onMessage: ({ block }) => {
      rows += block.n;
    },
  });
  const line = new CaptureLine(BASE_NS);
  let ns = MORNING_NS;
  const take = (bytes: Uint8Array): void => {
    ns += 1_000;
    line.write(bytes, 0, bytes.length, ns);
    stream.take(line.bytes, 0, line.length);
  };
  take(snapshot);
  for (const [i, bytes] of diffs.entries()) {
    if (i === warm) onWarm();
    take(bytes);
  }
  if (rows === 0) throw new Error("no rows");
  return [stream.book.bestBid, stream.book.bestAsk];
}

/** JSON.parse, numbers by `Number`, the exchange's rule, the same kind of book. */
export function bookByJson(
  { market, snapshot, diffs, warm }: DecodeInput,
  onWarm: () => void,
): readonly number[] {
  const { ticks, lots } = GRIDS[market];
  const book = new OrderBook({ pagesMax: 16_384 });
  const start = JSON.parse(decoder.decode(snapshot)) as {
    lastUpdateId: number;
    bids: Diff["b"];
    asks: Diff["a"];
  };
  const apply = (bids: Diff["b"], asks: Diff["a"]): void => {
    for (const [price, size] of bids)
      book.setBid(Math.round(Number(price) * ticks), Math.round(Number(size) * lots));
    for (const [price, size] of asks)
      book.setAsk(Math.round(Number(price) * ticks), Math.round(Number(size) * lots));
  };
  apply(start.bids, start.asks);
  let last = start.lastUpdateId;
  let isFirst = true;
  for (const [i, bytes] of diffs.entries()) {
    if (i === warm) onWarm();
    const { data } = JSON.parse(decoder.decode(bytes)) as { data: Diff };
    const before = data.pu ?? data.U - 1;
    if (isFirst ? before > last : before !== last) throw new Error(`a gap at ${data.u}`);
    isFirst = false;
    apply(data.b, data.a);
    last = data.u;
  }
  return [book.bestBid, book.bestAsk];
}

/** The diffs as objects. */
export function parsedDiffs({ diffs }: DecodeInput): readonly unknown[] {
  return diffs.map((bytes) => (JSON.parse(decoder.decode(bytes)) as { data: Diff }).data);
}

/** ccxt's binance class: its order-book path over a book that its own parser made of the snapshot. */
export function bookByCcxt(
  { market, snapshot, diffs, warm }: DecodeInput,
  onWarm: () => void,
  parsed?: readonly unknown[],
): readonly number[] {
  const exchange = new ccxt.pro.binance({ newUpdates: true });
  const isSpot = market === "spot";
  const symbol = isSpot ? "BTC/USDT" : "BTC/USDT:USDT";
  const kind = {
    spot: isSpot,
    swap: !isSpot,
    type: isSpot ? "spot" : "swap",
    linear: !isSpot,
    contract: !isSpot,
  };
  const names = { id: "BTCUSDT", symbol, base: "BTC", quote: "USDT", active: true };
  exchange.setMarkets([{ ...names, ...kind, precision: {}, limits: {}, info: {} }]);
  const urls: unknown = exchange.urls.api;
  const url = (urls as { ws: Record<string, string> }).ws[isSpot ? "spot" : "future"];
  const stub: unknown = {
    url,
    subscriptions: {},
    resolve: () => {},
    reject: (error: unknown) => fail(error),
  };
  const client = stub as Parameters<typeof exchange.handleOrderBook>[0];
  const book = exchange.orderBook({}, 1_000);
  book.reset(exchange.parseOrderBook({ ...parse(snapshot) }, symbol));
  book.nonce = Number(parse(snapshot).lastUpdateId);
  exchange.orderbooks[symbol] = book;
  for (const [i, bytes] of diffs.entries()) {
    if (i === warm) onWarm();
    exchange.handleOrderBook(client, parsed === undefined ? parse(bytes).data : parsed[i]);
  }
  const { ticks } = GRIDS[market];
  return [Math.round(book.bids[0][0] * ticks), Math.round(book.asks[0][0] * ticks)];
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
}

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
