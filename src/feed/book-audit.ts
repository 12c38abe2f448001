import { Fault } from "../base/index.ts";
import { NO_ASK, NO_BID, type OrderBook } from "../book/index.ts";
import { type DepthBlock, KIND_MASK, ROW } from "../model/index.ts";

/**
 * Whether a book made of increments differs from a snapshot of the same moment, as deep as the snapshot goes.
 *
 * @cost O(levels of the snapshot), nothing allocated.
 */
export function differsFrom(book: OrderBook, block: DepthBlock, from: number, to: number): boolean {
  let bids = 0;
  let asks = 0;
  let worstBid: number = NO_ASK;
  let worstAsk: number = NO_BID;
  for (let i = from; i < to; i++) {
    const kind = (block.kind[i] as number) & KIND_MASK;
    const tick = block.tick[i] as number;
    const lots = block.lots[i] as number;
    if (kind > ROW.ask || lots === 0) continue;
    if ((kind === ROW.bid ? book.bidLots(tick) : book.askLots(tick)) !== lots) return true;
    if (kind === ROW.bid) {
      bids++;
      if (tick < worstBid) worstBid = tick;
    } else {
      asks++;
      if (tick > worstAsk) worstAsk = tick;
    }
  }
  for (let tick = book.bestBid; tick !== NO_BID && tick >= worstBid; tick = book.nextBid(tick)) bids--;
  for (let tick = book.bestAsk; tick !== NO_ASK && tick <= worstAsk; tick = book.nextAsk(tick)) asks--;
  return bids !== 0 || asks !== 0;
}

/** Sets the levels that rows tell; false where the book overflowed. */
export function applyLevels(
  book: OrderBook,
  { kind, tick, lots }: DepthBlock,
  from: number,
  to: number,
): boolean {
  try {
    for (let i = from; i < to; i++) {
      const what = (kind[i] as number) & KIND_MASK;
      if (what === ROW.bid) book.setBid(tick[i] as number, lots[i] as number);
      else if (what === ROW.ask) book.setAsk(tick[i] as number, lots[i] as number);
    }
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === "FAULT_CAPACITY") return false;
    throw error;
  }
}
