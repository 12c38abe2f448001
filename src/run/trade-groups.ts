import type { LivedFill } from "./trade-lives.ts";

/** A trade by places of its fills; the first may be the fill that turned the position before. */
export interface TradeGroup {
  readonly station: number;
  readonly sign: number;
  readonly fills: number[];
  isClosed: boolean;
  mostLots: number;
  realized: number;
  fees: number;
}

/** Fills as trades: from nothing to nothing, or to the other side, by instrument; in the order in which they began. */
export function groupTrades(fills: readonly LivedFill[]): TradeGroup[] {
  const trades: TradeGroup[] = [];
  const open = new Map<number, TradeGroup>();
  const begin = (station: number, sign: number): TradeGroup => {
    const trade = { station, sign, fills: [], isClosed: false, mostLots: 0, realized: 0, fees: 0 };
    trades.push(trade);
    open.set(station, trade);
    return trade;
  };
  for (const [place, { station, sign, positionLots, realized, fee }] of fills.entries()) {
    const trade = open.get(station) ?? begin(station, sign);
    trade.fills.push(place);
    trade.realized += realized;
    trade.fees += fee;
    const held = positionLots * trade.sign;
    trade.mostLots = Math.max(trade.mostLots, held);
    if (held > 0) continue;
    trade.isClosed = true;
    open.delete(station);
    if (held === 0) continue;
    const turned = begin(station, -trade.sign);
    turned.fills.push(place);
    turned.mostLots = -held;
  }
  return trades;
}

/** `most` places of `count` at even steps, the first and the last among them; all where they fit. */
export function evenly(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  if (most === 1) return [0];
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
