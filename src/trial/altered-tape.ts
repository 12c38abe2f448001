import { Prng } from "../base/index.ts";
import { NO_ASK, NO_BID, OrderBook } from "../book/index.ts";
import { applyBookRow, BarTapeBuilder, DepthTapeBuilder } from "../feed/index.ts";
import { BAR_ROW, BarBlock, DepthBlock, KIND_MASK, LAST, ROW, SNAPSHOT } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";

/** How the future is another: it does not come, its prices are elsewhere, or come in another order. */
export const WORLDS = ["cut", "moved", "shuffled"] as const;
/** One of {@link WORLDS}. */
export type World = (typeof WORLDS)[number];

/**
 * By which prices are moved: far enough to turn what the end of a tape says around, and near enough to look like
 * it.
 */
const MOVES = [0.98, 1.02, 0.5, 2, 0.8, 1.25] as const;

/** A tape whose rows are another's up to a moment, and differ behind it. */
export interface AlteredTape {
  readonly tape: TapeSource;
  /** When the first row that differs can be felt. @units ns from the tape's base; Infinity where none differs */
  readonly fromNs: number;
}

/**
 * A tape like another up to a moment. Bars that close before it, the open of the next one, and rows that the exchange
 * sent before it are the same.
 *
 * `moved` brings prices behind it elsewhere, between half and twice as high; `shuffled` brings the bars' moves in
 * another order, and turns the rows' quantities into others.
 *
 * @units `cutNs`: ns from the tape's base
 */
export function alterTape(tape: TapeSource, cutNs: number, world: World, seed: number): AlteredTape {
  return tape.meta.schema === "bars"
    ? alterBars(tape, cutNs, world, seed)
    : alterDepth(tape, cutNs, world, seed);
}

function headOf({ meta }: TapeSource) {
  return {
    instrument: meta.instrument,
    baseNs: BigInt(meta.baseNs),
    source: meta.source,
    simulated: meta.simulated,
  };
}

type Bar = readonly [openNs: number, closeNs: number, kind: number, ...values: readonly number[]];

function barsOf(tape: TapeSource): Bar[] {
  const block = new BarBlock();
  const bars: Bar[] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let row = 0; row < block.n; row++) {
      const { openNs, closeNs, kind, open, high, low, close, volume, factor } = block;
      const of = (column: Float64Array | Int32Array | Uint8Array): number => column[row] as number;
      const values = [open, high, low, close, volume, factor].map(of);
      bars.push([of(openNs), of(closeNs), of(kind), ...values]);
    }
  }
  return bars;
}

function alterBars(tape: TapeSource, cutNs: number, world: World, seed: number): AlteredTape {
  const all = barsOf(tape);
  const at = all.findIndex(([, closeNs, kind]) => closeNs >= cutNs && kind === BAR_ROW.bar);
  const builder = new BarTapeBuilder(headOf(tape));
  // A tape that begins behind the moment stays as it is: without a row it would be none.
  if (at === 0) return { tape, fromNs: Number.POSITIVE_INFINITY };
  const before = at < 0 ? all : all.slice(0, at);
  const behind = at < 0 ? [] : all.slice(at);
  for (const bar of before) putBar(builder, bar);
  const [first] = behind;
  if (first === undefined) return { tape, fromNs: Number.POSITIVE_INFINITY };
  // Its open has happened: of a tape that ends here it is all there is of the bar.
  if (world === "cut") putBar(builder, flatAtOpen(first));
  else for (const bar of otherBars(behind, world, seed)) putBar(builder, bar);
  return { tape: builder.build(), fromNs: first[1] };
}

function putBar(
  builder: BarTapeBuilder,
  [openNs, closeNs, kind, open = 0, high = 0, low = 0, close = 0, volume = 0, factor = 1]: Bar,
): void {
  builder.push({ openNs, closeNs, kind, open, high, low, close, volume, factor });
}

/** Bars in the same places, at other prices. */
function otherBars(bars: readonly Bar[], world: World, seed: number): Bar[] {
  const order = bars.map((_, i) => i);
  const draws = new Prng(seed);
  if (world === "shuffled") {
    for (let i = order.length - 1; i > 0; i--) {
      const j = draws.below(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
  }
  const factor = MOVES[draws.below(MOVES.length)] as number;
  let last = bars[0]?.[3] ?? 0;
  return bars.map((bar, i): Bar => {
    const [openNs, closeNs, kind, ...own] = bar;
    if (kind !== BAR_ROW.bar) return bar;
    const [, , takenKind, ...taken] = bars[order[i] as number] as Bar;
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = takenKind === BAR_ROW.bar ? taken : own;
    const [ownOpen = 0, , , , , adjusting = 1] = own;
    const scale = world === "moved" ? factor : last / Math.max(1, open);
    const of = (price: number): number => Math.max(1, Math.round(price * scale));
    last = of(close);
    const begin = i === 0 ? ownOpen : of(open);
    const [top, bottom] = [Math.max(begin, of(high)), Math.min(begin, of(low))];
    return [openNs, closeNs, kind, begin, top, bottom, last, volume, adjusting];
  });
}

function flatAtOpen([openNs, closeNs, kind, open = 0, , , , , factor = 1]: Bar): Bar {
  return [openNs, closeNs, kind, open, open, open, open, 0, factor];
}

function alterDepth(tape: TapeSource, cutNs: number, world: World, seed: number): AlteredTape {
  const builder = new DepthTapeBuilder({ ...headOf(tape), localFalls: "clamp" });
  const block = new DepthBlock();
  const book = new OrderBook();
  const draws = new Prng(seed);
  let shift = 0;
  let fromNs = Number.POSITIVE_INFINITY;
  let isWhole = true;
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let row = 0; row < block.n; row++) {
      const [exch, local, kind, tick, lots] = rowOf(block, row);
      if (fromNs === Number.POSITIVE_INFINITY && exch >= cutNs && isWhole) {
        if (i === 0 && row === 0) return { tape, fromNs };
        fromNs = exch;
        if (world === "cut") return { tape: builder.build(), fromNs };
        shift = world === "moved" ? shiftOf(book, draws) : 0;
        if (shift !== 0) restate(builder, book, exch, local, shift);
      }
      isWhole = (kind & LAST) !== 0;
      const isBehind = fromNs !== Number.POSITIVE_INFINITY;
      if (!isBehind) applyBookRow(book, kind, tick, lots);
      const other = isBehind && world === "shuffled" && lots > 0 && (kind & KIND_MASK) <= ROW.trade;
      const priced =
        (kind & KIND_MASK) <= ROW.trade ||
        ((kind & KIND_MASK) >= ROW.quoteBid && (kind & KIND_MASK) <= ROW.mark);
      builder.push(
        exch,
        local,
        kind,
        isBehind && priced ? tick + shift : tick,
        other ? 1 + draws.below(2 * lots) : lots,
      );
    }
  }
  return { tape: builder.build(), fromNs };
}

function shiftOf({ bestBid, bestAsk }: OrderBook, draws: Prng): number {
  const middle = bestBid === NO_BID ? (bestAsk === NO_ASK ? 100 : bestAsk) : bestBid;
  const factor = MOVES[draws.below(MOVES.length)] as number;
  return Math.round(middle * factor) - middle || 1;
}

/** The whole book at other prices, as a snapshot. */
function restate(
  builder: DepthTapeBuilder,
  book: OrderBook,
  exch: number,
  local: number,
  shift: number,
): void {
  const { bids, asks } = book.copy();
  const rows = [
    ...bids.map(({ priceTicks, lots }) => [ROW.bid, priceTicks, lots] as const),
    ...asks.map(({ priceTicks, lots }) => [ROW.ask, priceTicks, lots] as const),
  ];
  builder.push(exch, local, ROW.clear | SNAPSHOT | (rows.length === 0 ? LAST : 0), 0, 0);
  for (const [i, [kind, tick, lots]] of rows.entries()) {
    builder.push(exch, local, kind | SNAPSHOT | (i === rows.length - 1 ? LAST : 0), tick + shift, lots);
  }
}

/** A tape without the rows of its past: bars that opened before a moment, messages that came before it. */
export function withoutPast(tape: TapeSource, beginNs: number): TapeSource {
  if (tape.meta.schema === "bars") {
    const kept = barsOf(tape).filter(([openNs]) => openNs >= beginNs);
    if (kept.length === 0) return tape;
    const builder = new BarTapeBuilder(headOf(tape));
    for (const bar of kept) putBar(builder, bar);
    return builder.build();
  }
  return depthWithoutPast(tape, beginNs);
}

/** Its first message restates the book as it stood. */
function depthWithoutPast(tape: TapeSource, beginNs: number): TapeSource {
  const builder = new DepthTapeBuilder({ ...headOf(tape), localFalls: "clamp" });
  const block = new DepthBlock();
  const book = new OrderBook();
  let hasBegun = false;
  let isWhole = true;
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let row = 0; row < block.n; row++) {
      const [exch, local, kind, tick, lots] = rowOf(block, row);
      if (!hasBegun && local >= beginNs && isWhole) {
        hasBegun = true;
        restate(builder, book, exch, local, 0);
      }
      isWhole = (kind & LAST) !== 0;
      if (hasBegun) builder.push(exch, local, kind, tick, lots);
      else applyBookRow(book, kind, tick, lots);
    }
  }
  return hasBegun ? builder.build() : tape;
}

/** The times at which a strategy sees something: closes of bars, ends of messages. @units ns from the tape's base */
export function eventTimes(tape: TapeSource): number[] {
  if (tape.meta.schema === "bars") return barsOf(tape).map(([, closeNs]) => closeNs);
  const block = new DepthBlock();
  const times: number[] = [];
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    for (let row = 0; row < block.n; row++) {
      if (((block.kind[row] as number) & LAST) !== 0) times.push(block.local[row] as number);
    }
  }
  return times;
}

type DepthRow = readonly [exch: number, local: number, kind: number, tick: number, lots: number];

function rowOf({ exch, local, kind, tick, lots }: DepthBlock, row: number): DepthRow {
  const of = (column: Float64Array | Int32Array | Uint8Array): number => column[row] as number;
  return [of(exch), of(local), of(kind), of(tick), of(lots)];
}
