import { Fault } from "../base/index.ts";
import { LOTS_MAX, NO_ASK, NO_BID, PAGE_BITS, TICK_MAX, TICK_MIN } from "./price-range.ts";

/** Numbers before the levels of a saved book. */
export const SAVED_HEADER = 7;

/** Throws `FAULT_INPUT` naming the part of a saved book that no book with `pagesMax` pages a side can have. */
export function checkSavedBook(cells: Float64Array, pagesMax: number): void {
  const [crossings = -1, bestBid = 0, bestAsk = 0, lowBid = 0, highAsk = 0, bids = -1, asks = -1] = cells;
  const levels = (cells.length - SAVED_HEADER) / 2;
  check(
    "levels",
    levels,
    isCount(bids) && isCount(asks) && levels === bids + asks,
    "those the header counts",
  );
  check("crossings", crossings, isCount(crossings), "a whole number of at least 0");
  const middle = SAVED_HEADER + 2 * bids;
  checkSide("bids", cells.subarray(SAVED_HEADER, middle), pagesMax);
  checkSide("asks", cells.subarray(middle), pagesMax);
  const isBid = bestBid === NO_BID || hasTick(cells.subarray(SAVED_HEADER, middle), bestBid);
  check("bestBid", bestBid, isBid, "the price of a bid level, or none");
  const isAsk = bestAsk === NO_ASK || hasTick(cells.subarray(middle), bestAsk);
  check(
    "bestAsk",
    bestAsk,
    isAsk && bestAsk > bestBid,
    "the price of an ask level above the best bid, or none",
  );
  const isLow = isTick(lowBid)
    ? bestBid === NO_BID || lowBid <= bestBid
    : lowBid === NO_ASK && bestBid === NO_BID;
  check("lowBid", lowBid, isLow, "a price not above the best bid");
  const isHigh = isTick(highAsk)
    ? bestAsk === NO_ASK || highAsk >= bestAsk
    : highAsk === NO_BID && bestAsk === NO_ASK;
  check("highAsk", highAsk, isHigh, "a price not below the best ask");
}

function checkSide(name: string, cells: Float64Array, pagesMax: number): void {
  let last = Number.NEGATIVE_INFINITY;
  const pages = new Set<number>();
  for (let at = 0; at < cells.length; at += 2) {
    const [tick, lots] = [cells[at] as number, cells[at + 1] as number];
    check(`${name}.tick`, tick, isTick(tick) && tick > last, "whole prices in range, rising");
    check(
      `${name}.lots`,
      lots,
      Number.isSafeInteger(lots) && lots > 0,
      `whole lots within 1 and ${LOTS_MAX}`,
    );
    check(
      `${name}.tick`,
      tick,
      pages.add(tick >> PAGE_BITS).size <= pagesMax,
      `prices on at most ${pagesMax} pages`,
    );
    last = tick;
  }
}

function hasTick(cells: Float64Array, tick: number): boolean {
  for (let at = 0; at < cells.length; at += 2) if (cells[at] === tick) return true;
  return false;
}

function isTick(tick: number): boolean {
  return Number.isSafeInteger(tick) && tick >= TICK_MIN && tick <= TICK_MAX;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function check(part: string, value: number, isRight: boolean, expected: string): void {
  if (!isRight) throw new Fault("FAULT_INPUT", { path: `book.load.${part}`, value, expected });
}
