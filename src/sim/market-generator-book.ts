import { MAX_TICKS, type SideSign } from "../model/index.ts";
import type { MarketFeed } from "./market-generator-feed.ts";
import { MarketLadder } from "./market-generator-ladder.ts";
import type { MarketCause, MarketWitness } from "./market-generator-options.ts";
import type { TradedBook } from "./traded-book.ts";

/** The causes by index. */
export const MARKET_CAUSES: readonly MarketCause[] = [
  "order",
  "cancel",
  "quote",
  "pull",
  "expire",
  "noise",
  "excited",
  "informed",
];
/** The index of each cause. */
export const CAUSE = {
  order: 0,
  cancel: 1,
  quote: 2,
  pull: 3,
  expire: 4,
  noise: 5,
  excited: 6,
  informed: 7,
} as const;

/**
 * The true book of a simulated market: every change goes through here, to the feed and the witness.
 *
 * @units keys in ticks times the side's sign; quantities in order lots
 * @invariant Never crossed or locked; neither side is ever empty; what a trade takes, a level loses.
 */
export class MarketBook implements TradedBook {
  /** The time of what happens now: ns from the tape's base. */
  nowNs = 0;
  readonly bids: MarketLadder;
  readonly asks: MarketLadder;
  /** How often each cause changed the book since the market is live. */
  readonly counts = new Float64Array(MARKET_CAUSES.length);
  feed: MarketFeed | undefined;
  witness: MarketWitness | undefined;
  readonly #perLot: number;

  constructor(reachTicks: number, bookLotsPerLot: number) {
    this.bids = new MarketLadder(reachTicks);
    this.asks = new MarketLadder(reachTicks);
    this.#perLot = bookLotsPerLot;
  }

  ladder(side: SideSign): MarketLadder {
    return side > 0 ? this.bids : this.asks;
  }

  /** The highest key of a side that does not meet the other side. */
  limit(side: SideSign): number {
    return -this.ladder(side > 0 ? -1 : 1).best - 1;
  }

  best(side: SideSign): number {
    return this.ladder(side).best;
  }

  worst(side: SideSign): number {
    return this.ladder(side).worst;
  }

  restLots(side: SideSign): number {
    return this.ladder(side).restLots;
  }

  restLevel(side: SideSign, lots: number): number {
    return this.ladder(side).levelOfRest(lots);
  }

  quotedAt(side: SideSign, key: number): number {
    return this.ladder(side).quotedAt(key);
  }

  /** Before the market is live: lots at a level of their own. */
  place(side: SideSign, key: number, lots: number, isFirst: boolean): void {
    if (isFirst) this.ladder(side).fill(key, lots, false);
    else this.ladder(side).add(key, lots, false);
  }

  /** Half the sum of best bid and best ask, in ticks. */
  get midTicks(): number {
    return (this.bids.best - this.asks.best) / 2;
  }

  /**
   * Adds a resting order; one that would meet the other side, or stands too far from its own best, is not
   * taken.
   */
  post(side: SideSign, key: number, lots: number, cause: number): boolean {
    const ladder = this.ladder(side);
    const tick = side * key;
    if (key > this.limit(side) || key < ladder.best - ladder.reach || tick < 1 || tick > MAX_TICKS)
      return false;
    if (key - ladder.worst > ladder.reach && this.#expire(side, ladder, key)) {
      ladder.fill(key, lots, cause === CAUSE.quote);
    } else {
      ladder.add(key, lots, cause === CAUSE.quote);
    }
    this.#note(cause, side, tick, lots);
    this.feed?.changed(side, key);
    return true;
  }

  /** Takes back up to `lots` of a level's ordinary orders. */
  cancel(side: SideSign, key: number, lots: number): void {
    const ladder = this.ladder(side);
    const rest = ladder.lotsAt(key) - ladder.quotedAt(key);
    this.#remove(side, ladder, key, rest < lots ? rest : lots, 0, CAUSE.cancel);
  }

  /** Takes back all the makers have on a level. */
  pull(side: SideSign, key: number): void {
    const ladder = this.ladder(side);
    const quoted = ladder.quotedAt(key);
    if (quoted > 0) this.#remove(side, ladder, key, quoted, quoted, CAUSE.pull);
  }

  /**
   * Trades against the other side from its best on, as far as `reachKey` (a key of that side) and the lots
   * go. A level's makers and others share the fill in proportion. Returns the lots traded.
   */
  take(side: SideSign, lots: number, reachKey: number, cause: number): number {
    const rests: SideSign = side > 0 ? -1 : 1;
    const ladder = this.ladder(rests);
    let left = lots;
    while (left > 0 && ladder.best >= reachKey) {
      const key = ladder.best;
      const has = ladder.lotsAt(key);
      const alone = key === ladder.worst;
      const fill = Math.min(left, alone ? has - 1 : has);
      if (fill === 0) break;
      const quoted = Math.floor((fill * ladder.quotedAt(key)) / has);
      ladder.remove(key, fill, quoted);
      left -= fill;
      this.#note(cause, side, rests * key, fill);
      this.feed?.trade(this.nowNs, side, rests * key, fill);
      this.feed?.changed(rests, key);
      if (alone) break;
    }
    return lots - left;
  }

  #remove(
    side: SideSign,
    ladder: MarketLadder,
    key: number,
    lots: number,
    quoted: number,
    cause: number,
  ): void {
    const alone = ladder.best === ladder.worst;
    const stays = alone && lots === ladder.lotsAt(key) ? 1 : 0;
    const goes = lots - stays;
    if (stays > 0 && quoted > 0) ladder.abandon(key, 1);
    if (goes === 0) return;
    ladder.remove(key, goes, quoted > 0 ? goes : 0);
    this.#note(cause, side, side * key, goes);
    this.feed?.changed(side, key);
  }

  /** Drops the levels that are out of reach of a new best at `key`; true where that left none. */
  #expire(side: SideSign, ladder: MarketLadder, key: number): boolean {
    while (key - ladder.worst > ladder.reach) {
      const old = ladder.worst;
      const lots = ladder.lotsAt(old);
      const alone = old === ladder.best;
      if (alone) ladder.clear();
      else ladder.remove(old, lots, ladder.quotedAt(old));
      this.#note(CAUSE.expire, side, side * old, lots);
      this.feed?.changed(side, old);
      if (alone) return true;
    }
    return false;
  }

  #note(cause: number, side: SideSign, tick: number, lots: number): void {
    if (this.feed?.live !== true) return;
    this.counts[cause] = (this.counts[cause] as number) + 1;
    const { witness } = this;
    if (witness === undefined) return;
    witness(MARKET_CAUSES[cause] as MarketCause, side, this.nowNs, tick, lots * this.#perLot);
  }
}
