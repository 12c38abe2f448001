import type { SideSign } from "../model/index.ts";

/**
 * A book as the traders of a simulated market see and change it.
 *
 * @units keys in ticks times the side's sign, so that on both sides the best level has the highest key; order lots
 */
export interface TradedBook {
  /** The time of what happens now, in ns. */
  nowNs: number;
  /** The best key of a side, whoever stands there; where nobody does, what it was last. */
  best(side: SideSign): number;
  /** The worst key of a side at which the traders have something. */
  worst(side: SideSign): number;
  /** The highest key of a side that does not meet the other side. */
  limit(side: SideSign): number;
  /** What the ordinary traders have on a side. */
  restLots(side: SideSign): number;
  /** The level where a running total of that, from the best on, exceeds `lots`. */
  restLevel(side: SideSign, lots: number): number;
  /** What the makers have at a level. */
  quotedAt(side: SideSign, key: number): number;
  /** Before the market is live: lots at a level, the first of its side or a worse one. */
  place(side: SideSign, key: number, lots: number, isFirst: boolean): void;
  /** Adds a resting order; whether it was taken. */
  post(side: SideSign, key: number, lots: number, cause: number): boolean;
  /** Takes back up to `lots` of a level's ordinary orders. */
  cancel(side: SideSign, key: number, lots: number): void;
  /** Takes back all the makers have at a level. */
  pull(side: SideSign, key: number): void;
  /** Trades against the other side as far as `reachKey`, a key of that side; the lots traded. */
  take(side: SideSign, lots: number, reachKey: number, cause: number): number;
}
