import type { Side } from "../model/index.ts";
import type { AlgoBook } from "./algo-port.ts";

/**
 * How a child is placed: joined to the best of its own side, in the middle of the spread, taking from the other side,
 * or resting at the parent's limit; `auction` waits there for an auction alone, and meets nothing before.
 */
export type Rung = "join" | "mid" | "cross" | "limit" | "auction";

/** Both sides are there, apart, and nothing is wrong with the data. */
export function isSound(book: AlgoBook): boolean {
  return book.validity === "valid" && book.hasBid && book.hasAsk && book.bestBid < book.bestAsk;
}

/**
 * Where a child goes on a sound book; undefined where the limit leaves it no place: a crossing child that could not
 * trade.
 *
 * @units ticks
 * @invariant Never beyond the limit. What is to rest does not reach the other side, but for `limit`, which trades
 * what it can.
 */
export function childPrice(
  book: AlgoBook,
  side: Side,
  rung: Rung,
  limitTicks: number,
  throughTicks: number,
): number | undefined {
  const { bestBid, bestAsk } = book;
  if (rung === "limit" || rung === "auction") return limitTicks;
  if (side === "buy") {
    if (rung === "cross")
      return bestAsk > limitTicks ? undefined : Math.min(bestAsk + throughTicks, limitTicks);
    return Math.min(rung === "join" ? bestBid : Math.floor((bestBid + bestAsk) / 2), limitTicks);
  }
  if (rung === "cross")
    return bestBid < limitTicks ? undefined : Math.max(bestBid - throughTicks, limitTicks);
  return Math.max(rung === "join" ? bestAsk : Math.ceil((bestBid + bestAsk) / 2), limitTicks);
}

/** The rung of a moment within a slice: half of what is not for crossing joins, half stands in the middle. */
export function rungAt(fraction: number, urgency: number): Rung {
  const patient = 1 - urgency;
  if (fraction >= patient && urgency > 0) return "cross";
  return fraction < patient / 2 ? "join" : "mid";
}
