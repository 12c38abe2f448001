import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { inputFault } from "./indicator.ts";

/** Best quotes in columns of one length: prices in ticks, sizes in lots. */
export interface QuoteColumns {
  readonly bid: Int32Array;
  readonly bidLots: Float64Array;
  readonly ask: Int32Array;
  readonly askLots: Float64Array;
}

/** How much of a side {@link sumDepth} takes: both bounds hold. */
export interface DepthBounds {
  /** The first levels; all of them unless said. */
  readonly levels?: number;
  /** Levels at most so many ticks from the first; any unless said. */
  readonly ticks?: number;
}

/** What stands within bounds on one side of a book. */
export interface DepthSum {
  readonly levels: number;
  /** Exact. */
  readonly lots: number;
  /** Lots times ticks, exact. */
  readonly notional: number;
  /** The mean price weighted by lots, in ticks, as `depthVwap` forms it; NaN where there are no lots. */
  readonly vwapTicks: number;
}

/** The three sums over columns; `tickwright/signal/native` has the same. */
export interface ColumnKernels {
  quoteFlows(quotes: QuoteColumns, out: Float64Array): number;
  bookImbalances(bidLots: Float64Array, askLots: Float64Array, levels: number, out: Float64Array): void;
  sumDepth(ticks: Int32Array, lots: Float64Array, bounds?: DepthBounds): DepthSum;
}

/** The largest size, 2^51: sums of four are exact. */
const SIZE_MAX = 2_251_799_813_685_248;
const SUM_MAX = Number.MAX_SAFE_INTEGER;

/**
 * What each quote of a column adds to order flow imbalance, as `OrderFlowImbalance.last` would say: 0 for the
 * first and for a crossed quote (bid above ask), which the next one is not compared with. Returns how many were
 * crossed. For the flow of a level below the best, give that level's columns; a batch goes on from another when it
 * begins with its last quote.
 *
 * @units lots; prices in ticks
 * @shape four columns of one length; `out` as long, and no part of them
 * @throws `FAULT_INPUT` for columns that do not fit, or a size that is no whole number within 0 and 2^51; `out` is
 * of no use then.
 * @cost O(quotes), no allocation.
 * @source Cont, Kukanov and Stoikov, The Price Impact of Order Book Events, 2014, eq. 3
 * @example
 * ```ts
 * import { quoteFlows } from "tickwright/signal";
 * const out = new Float64Array(3);
 * const quotes = {
 *   bid: Int32Array.of(99, 99, 100),
 *   bidLots: Float64Array.of(5, 7, 3),
 *   ask: Int32Array.of(101, 101, 101),
 *   askLots: Float64Array.of(4, 4, 6),
 * };
 * quoteFlows(quotes, out); // => 0
 * [...out]; // => [0, 2, 1]
 * ```
 */
export function quoteFlows(quotes: QuoteColumns, out: Float64Array): number {
  checkQuotes(quotes, out);
  const { bid, bidLots, ask, askLots } = quotes;
  let skipped = 0;
  let last = -1;
  for (let i = 0; i < bid.length; i++) {
    const ownBid = bid[i] as number;
    const ownAsk = ask[i] as number;
    const ownBidLots = bidLots[i] as number;
    const ownAskLots = askLots[i] as number;
    if (ownBidLots >>> 0 !== ownBidLots) checkSize("quoteFlows.bidLots", i, ownBidLots);
    if (ownAskLots >>> 0 !== ownAskLots) checkSize("quoteFlows.askLots", i, ownAskLots);
    let flow = 0;
    if (ownBid > ownAsk) skipped++;
    else {
      if (last >= 0) {
        const bidBefore = bid[last] as number;
        const askBefore = ask[last] as number;
        if (ownBid >= bidBefore) flow += ownBidLots;
        if (ownBid <= bidBefore) flow -= bidLots[last] as number;
        if (ownAsk <= askBefore) flow -= ownAskLots;
        if (ownAsk >= askBefore) flow += askLots[last] as number;
      }
      last = i;
    }
    out[i] = flow;
  }
  return skipped;
}

/**
 * `bookImbalance` of many snapshots: the share of the bids in the lots of the best levels, 0.5 where there are none.
 *
 * @units within 0 and 1; sizes in lots
 * @shape `out`: one a snapshot. `bidLots`, `askLots`: the best level of all snapshots, then the second of all, and
 * so on
 * @throws `FAULT_INPUT` as {@link quoteFlows}; `FAULT_ARITHMETIC` for a snapshot of more than 2^53 lots.
 * @cost O(levels times snapshots), no allocation.
 * @example
 * ```ts
 * import { bookImbalances } from "tickwright/signal";
 * const out = new Float64Array(2);
 * bookImbalances(Float64Array.of(2, 0, 1, 0), Float64Array.of(1, 0, 0, 0), 2, out);
 * [...out]; // => [0.75, 0.5]
 * ```
 */
export function bookImbalances(
  bidLots: Float64Array,
  askLots: Float64Array,
  levels: number,
  out: Float64Array,
): void {
  checkSnapshots(bidLots, askLots, levels, out);
  const count = out.length;
  for (let i = 0; i < count; i++) {
    let bid = 0;
    let ask = 0;
    for (let at = i; at < bidLots.length; at += count) {
      const ownBid = bidLots[at] as number;
      const ownAsk = askLots[at] as number;
      if (ownBid >>> 0 !== ownBid) checkSize("bookImbalances.bidLots", at, ownBid);
      if (ownAsk >>> 0 !== ownAsk) checkSize("bookImbalances.askLots", at, ownAsk);
      bid += ownBid;
      ask += ownAsk;
    }
    const total = bid + ask;
    if (total > SUM_MAX) throw tooMuch(`bookImbalances.out[${i}]`, total);
    out[i] = total === 0 ? 0.5 : bid / total;
  }
}

/**
 * Lots, notional and mean price of one side of a book within some levels and some ticks of its first.
 *
 * @units ticks, lots, lots times ticks
 * @shape `ticks[i]` and `lots[i]` are one level, best first
 * @throws `FAULT_INPUT` for columns or sizes as {@link quoteFlows}; `FAULT_CONFIG` for bounds below 0 or misspelt;
 * `FAULT_ARITHMETIC` where lots, notional, or lots times their distance pass 2^53.
 * @cost O(levels).
 * @example
 * ```ts
 * import { sumDepth } from "tickwright/signal";
 * const sum = sumDepth(Int32Array.of(100, 99, 90), Float64Array.of(2, 2, 5), { ticks: 5 });
 * [sum.levels, sum.lots, sum.notional, sum.vwapTicks]; // => [2, 4, 398, 99.5]
 * ```
 */
export function sumDepth(ticks: Int32Array, lots: Float64Array, bounds: DepthBounds = {}): DepthSum {
  const [most, within] = checkDepthColumns(ticks, lots, bounds);
  const length = Math.min(most, ticks.length);
  const first = length > 0 ? (ticks[0] as number) : 0;
  let levels = 0;
  let size = 0;
  let worth = 0;
  let span = 0;
  for (let i = 0; i < length; i++) {
    const own = lots[i] as number;
    if (own >>> 0 !== own) checkSize("sumDepth.lots", i, own);
    const away = (ticks[i] as number) - first;
    const distance = away < 0 ? -away : away;
    if (distance > within) continue;
    levels++;
    size += own;
    worth += away * own;
    span += distance * own;
  }
  if (size > SUM_MAX || span > SUM_MAX) throw tooMuch("sumDepth.lots", size > SUM_MAX ? size : span);
  return depthOf(first, levels, size, worth);
}

/** What sums relative to the first price come to. */
export function depthOf(first: number, levels: number, lots: number, worth: number): DepthSum {
  const base = first * lots;
  const notional = base + worth;
  if (Math.abs(base) > SUM_MAX || Math.abs(notional) > SUM_MAX) throw tooMuch("sumDepth.notional", notional);
  return { levels, lots, notional, vwapTicks: lots === 0 ? Number.NaN : first + worth / lots };
}

/** Throws `FAULT_INPUT` for columns of quotes that do not fit each other. */
export function checkQuotes({ bid, bidLots, ask, askLots }: QuoteColumns, out: Float64Array): void {
  const path = "quoteFlows";
  checkColumn(`${path}.bid`, bid, Int32Array, bid.length);
  checkColumn(`${path}.bidLots`, bidLots, Float64Array, bid.length);
  checkColumn(`${path}.ask`, ask, Int32Array, bid.length);
  checkColumn(`${path}.askLots`, askLots, Float64Array, bid.length);
  checkColumn(`${path}.out`, out, Float64Array, bid.length);
  for (const column of [bid, bidLots, ask, askLots]) checkApart(`${path}.out`, out, column);
}

/** Throws `FAULT_INPUT` for snapshots that do not fill their columns. */
export function checkSnapshots(
  bids: Float64Array,
  asks: Float64Array,
  levels: number,
  out: Float64Array,
): void {
  const path = "bookImbalances";
  checkInteger(`${path}.levels`, levels, 1, 4096);
  checkColumn(`${path}.out`, out, Float64Array, out.length);
  checkColumn(`${path}.bidLots`, bids, Float64Array, levels * out.length);
  checkColumn(`${path}.askLots`, asks, Float64Array, levels * out.length);
  for (const column of [bids, asks]) checkApart(`${path}.out`, out, column);
}

/** The bounds, checked with the columns: levels, then ticks. */
export function checkDepthColumns(
  ticks: Int32Array,
  lots: Float64Array,
  bounds: DepthBounds,
): [levels: number, ticks: number] {
  checkKeys("sumDepth", bounds, ["levels", "ticks"]);
  checkColumn("sumDepth.ticks", ticks, Int32Array, ticks.length);
  checkColumn("sumDepth.lots", lots, Float64Array, ticks.length);
  return [
    checkInteger("sumDepth.levels", bounds.levels ?? SUM_MAX, 0, SUM_MAX),
    checkInteger("sumDepth.ticks", bounds.ticks ?? SUM_MAX, 0, SUM_MAX),
  ];
}

type ColumnKind = typeof Int32Array | typeof Float64Array;

function checkColumn(path: string, column: unknown, kind: ColumnKind, length: number): void {
  if (!(column instanceof kind)) throw inputFault(path, typeof column, `a ${kind.name}`);
  if (column.length !== length) throw inputFault(path, column.length, `a column of ${length}`);
}

function checkApart(path: string, out: Float64Array, column: Int32Array | Float64Array): void {
  if (out.buffer !== column.buffer || out.length === 0) return;
  const isBefore = out.byteOffset + out.byteLength <= column.byteOffset;
  if (isBefore || column.byteOffset + column.byteLength <= out.byteOffset) return;
  throw inputFault(path, out.byteOffset, "memory of its own");
}

/** Throws the fault of a size that is none; those of 2^32 and above pass here. Cold. */
function checkSize(path: string, at: number, lots: number): void {
  if (Number.isInteger(lots) && lots >= 0 && lots <= SIZE_MAX) return;
  throw inputFault(`${path}[${at}]`, lots, `a whole number within 0 and ${SIZE_MAX}`);
}

function tooMuch(path: string, value: number): Fault {
  return new Fault("FAULT_ARITHMETIC", { path, value, expected: `at most ${SUM_MAX}` });
}
