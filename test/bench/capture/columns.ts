import {
  CAPTURE,
  type CaptureMarket,
  CaptureMessage,
  CaptureScanner,
  StepGrid,
} from "../../../src/feed/index.ts";
import { LAST, ROW } from "../../../src/model/index.ts";

/**
 * What both ways of reading a capture fill: the columns of a depth tape, one row a level, quote side or
 * trade.
 */
export interface Columns {
  readonly exch: Float64Array;
  readonly local: Float64Array;
  readonly kind: Uint8Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;
}

/** Columns with room for so many rows. */
export function columns(rows: number): Columns {
  return {
    exch: new Float64Array(rows),
    local: new Float64Array(rows),
    kind: new Uint8Array(rows),
    tick: new Int32Array(rows),
    lots: new Float64Array(rows),
  };
}

/** How a market's numbers are written: steps to a unit. */
export const GRIDS = {
  spot: { tickSize: "0.01", lotSize: "0.00000001", ticks: 100, lots: 100_000_000 },
  usdm: { tickSize: "0.1", lotSize: "0.001", ticks: 10, lots: 1_000 },
} as const;

const BASE_SECONDS = 1_723_075_200;

/** Ours: the scanner, straight from bytes. Returns the number of rows. */
export function byScanner(market: CaptureMarket, raw: Uint8Array, into: Columns): number {
  const { tickSize, lotSize } = GRIDS[market];
  const price = new StepGrid("tickSize", tickSize);
  const scanner = new CaptureScanner(market, price, new StepGrid("lotSize", lotSize), "BTCUSDT");
  const message = new CaptureMessage(market);
  const rows = { n: 0 };
  for (let p = 0; p < raw.length; ) p = scanLines(scanner, raw, p, message, into, rows);
  return rows.n;
}

/** Some thousand lines: short enough to be compiled as a function of its own. */
function scanLines(
  scanner: CaptureScanner,
  raw: Uint8Array,
  start: number,
  message: CaptureMessage,
  into: Columns,
  rows: { n: number },
): number {
  const isSpot = message.market === "spot";
  let p = start;
  for (let lines = 0; lines < 4_096 && p < raw.length; lines++) {
    p = scanner.scan(raw, p, message);
    if (p < 0) throw new Error("the scanner gave up on a line of the capture");
    putMessage(message, isSpot, into, rows);
  }
  return p;
}

function putMessage(m: CaptureMessage, isSpot: boolean, into: Columns, rows: { n: number }): void {
  const local = (m.localSeconds - BASE_SECONDS) * 1e9 + m.localNanos;
  const ms = isSpot && m.kind === CAPTURE.diff ? m.eventMs : m.transactMs;
  const exch =
    isSpot && m.kind !== CAPTURE.diff && m.kind !== CAPTURE.trade ? 0 : (ms - BASE_SECONDS * 1e3) * 1e6;
  const { tick, lots, bids } = m;
  const isLevels = m.kind === CAPTURE.diff || m.kind === CAPTURE.snapshot;
  const count = isLevels ? m.levels : m.kind === CAPTURE.quote ? 2 : 1;
  const low = isLevels ? ROW.bid : count === 2 ? ROW.quoteBid : m.buyerIsMaker === 1 ? ROW.sell : ROW.buy;
  const firstAsk = isLevels ? bids : 1;
  let n = rows.n;
  for (let i = 0; i < count; i++, n++) {
    into.exch[n] = exch;
    into.local[n] = local;
    into.kind[n] = i < firstAsk ? low : low + 1;
    into.tick[n] = tick[i] as number;
    into.lots[n] = lots[i] as number;
  }
  if (count > 0) into.kind[n - 1] = (into.kind[n - 1] as number) | LAST;
  rows.n = n;
}

type Levels = readonly (readonly [string, string])[];

interface Event {
  readonly data?: Event;
  readonly e?: string;
  readonly E?: number;
  readonly T?: number;
  readonly p?: string;
  readonly q?: string;
  readonly m?: boolean;
  readonly b?: string | Levels;
  readonly a?: string | Levels;
  readonly B?: string;
  readonly A?: string;
  readonly bids?: Levels;
  readonly asks?: Levels;
}

/** The peer: a string a line, JSON.parse, bigint for the local time. Returns the number of rows. */
export function byJson(market: CaptureMarket, raw: Buffer, into: Columns): number {
  const { ticks, lots } = GRIDS[market];
  const base = BigInt(BASE_SECONDS) * 1_000_000_000n;
  let n = 0;
  let start = 0;
  let local = 0;
  let exch = 0;
  const put = (kind: number, price: string, size: string): void => {
    into.exch[n] = exch;
    into.local[n] = local;
    into.kind[n] = kind;
    into.tick[n] = Math.round(Number(price) * ticks);
    into.lots[n] = Math.round(Number(size) * lots);
    n += 1;
  };
  while (start < raw.length) {
    const end = raw.indexOf(10, start);
    const line = raw.toString("latin1", start, end);
    start = end + 1;
    const parsed = JSON.parse(line.slice(20)) as Event;
    const event = parsed.data ?? parsed;
    local = Number(BigInt(line.slice(0, 19)) - base);
    const isDiff = event.e === "depthUpdate";
    const ms = market === "usdm" ? event.T : isDiff ? event.E : event.e === "trade" ? event.T : undefined;
    exch = ms === undefined ? 0 : (ms - BASE_SECONDS * 1e3) * 1e6;
    const before = n;
    if (isDiff || event.bids !== undefined) {
      for (const [price, size] of (event.bids ?? event.b) as Levels) put(ROW.bid, price, size);
      for (const [price, size] of (event.asks ?? event.a) as Levels) put(ROW.ask, price, size);
    } else if (event.e === "trade") {
      put(event.m === true ? ROW.sell : ROW.buy, event.p as string, event.q as string);
    } else {
      put(ROW.quoteBid, event.b as string, event.B as string);
      put(ROW.quoteAsk, event.a as string, event.A as string);
    }
    if (n > before) into.kind[n - 1] = (into.kind[n - 1] as number) | LAST;
  }
  return n;
}
