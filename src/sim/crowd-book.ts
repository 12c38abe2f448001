import type { Prng } from "../base/index.ts";
import { NO_ASK, NO_BID } from "../book/index.ts";
import { type SideSign, TIME_IN_FORCE } from "../model/index.ts";
import { type BookEar, type ClosedBook, OWNER, type Standing } from "./closed-book.ts";
import { CrowdSide } from "./crowd-side.ts";
import { CAUSE, MARKET_CAUSES } from "./market-generator-book.ts";
import type { TradedBook } from "./traded-book.ts";

/** Whose orders come of each cause. */
const OWNERS: Readonly<Record<number, number>> = {
  [CAUSE.order]: OWNER.order,
  [CAUSE.quote]: OWNER.quote,
  [CAUSE.noise]: OWNER.noise,
  [CAUSE.excited]: OWNER.excited,
  [CAUSE.informed]: OWNER.informed,
};

/** What a {@link CrowdBook} is made from. @units ticks */
export interface CrowdBookOptions {
  /** How far from the best of its side the crowd keeps orders. */
  readonly reachTicks: number;
  readonly highestTicks: number;
}

/**
 * The crowd in a closed market's book: what traders of a `MarketFlow` do, as orders of their own among the others'.
 *
 * What they take is immediate while trading is continuous; in an auction it stays as a limit order. On a side where
 * nobody stands they go by where its best was last.
 *
 * @units keys in ticks times the side's sign; lots
 * @invariant No order of the crowd is further than `reachTicks` behind another of its side.
 */
export class CrowdBook implements TradedBook, BookEar {
  /** How often each cause changed the book. */
  readonly counts = new Float64Array(MARKET_CAUSES.length);
  readonly #floor: ClosedBook;
  readonly #rng: Prng;
  readonly #reach: number;
  readonly #highest: number;
  readonly #bids: CrowdSide = new CrowdSide();
  readonly #asks: CrowdSide = new CrowdSide();
  /** The best bid and ask when there was one. @units keys */
  readonly #last: Float64Array;

  constructor(floor: ClosedBook, options: CrowdBookOptions, rng: Prng, priceTicks: number) {
    this.#floor = floor;
    this.#rng = rng;
    this.#reach = options.reachTicks;
    this.#highest = options.highestTicks;
    this.#last = new Float64Array([priceTicks - 1, -priceTicks - 1]);
    for (const owner of Object.values(OWNERS)) floor.ears.set(owner, this);
  }

  // --- as traders see it ---

  get nowNs(): number {
    return this.#floor.nowNs;
  }

  set nowNs(ns: number) {
    this.#floor.advance(ns);
  }

  best(side: SideSign): number {
    const { bestBid, bestAsk } = this.#floor.book;
    const at = side > 0 ? 0 : 1;
    if (side > 0 ? bestBid !== NO_BID : bestAsk !== NO_ASK) this.#last[at] = side > 0 ? bestBid : -bestAsk;
    return this.#last[at] as number;
  }

  worst(side: SideSign): number {
    return this.#side(side).worst;
  }

  limit(side: SideSign): number {
    return -this.best(side > 0 ? -1 : 1) - 1;
  }

  restLots(side: SideSign): number {
    return this.#side(side).restLots;
  }

  restLevel(side: SideSign, lots: number): number {
    return this.#side(side).levelOfRest(lots);
  }

  quotedAt(side: SideSign, key: number): number {
    return this.#side(side).level(key)?.quoted ?? 0;
  }

  // --- what they do ---

  place(side: SideSign, key: number, lots: number): void {
    this.#rest(side, key, lots, OWNER.order);
  }

  post(side: SideSign, key: number, lots: number, cause: number): boolean {
    const tick = side * key;
    if (key > this.limit(side) || key < this.best(side) - this.#reach || tick < 1 || tick > this.#highest)
      return false;
    this.#forgetBehind(side, key - this.#reach);
    return this.#note(cause, this.#rest(side, key, lots, OWNERS[cause] as number));
  }

  /** Each lot as likely as any other: an order that is drawn shrinks in its place, or ends. */
  cancel(side: SideSign, key: number, lots: number): void {
    const crowd = this.#side(side);
    let left = lots;
    for (let level = crowd.level(key); level !== undefined && left > 0 && level.rest > 0; ) {
      const order = level.orderAt(this.#rng.float() * level.rest);
      if (order === undefined) return;
      const goes = Math.min(left, order.leaves);
      const isWhole = goes === order.leaves;
      const refused = isWhole
        ? this.#floor.cancel(order.id)
        : this.#floor.replace(order.id, { lots: order.lots - goes });
      if (refused !== undefined) return;
      this.#note(CAUSE.cancel, true);
      left -= goes;
      level = crowd.level(key);
    }
  }

  pull(side: SideSign, key: number): void {
    const orders = this.#side(side).level(key)?.orders ?? [];
    for (const { id, owner } of [...orders])
      if (owner === OWNER.quote) this.#note(CAUSE.pull, this.#floor.cancel(id) === undefined);
  }

  take(side: SideSign, lots: number, reachKey: number, cause: number): number {
    const tick = Math.min(Math.max(-side * Math.ceil(reachKey), 1), this.#highest);
    const { isContinuous } = this.#floor;
    const owner = OWNERS[cause] as number;
    if (!isContinuous) {
      this.#forgetBehind(side, side * tick - this.#reach);
      this.#note(cause, this.#rest(side, side * tick, lots, owner));
      return 0;
    }
    const order = this.#floor.post(side, tick, lots, owner, TIME_IN_FORCE.IOC);
    const traded = order === undefined ? 0 : lots - order.leaves;
    this.#note(cause, traded > 0);
    return traded;
  }

  #rest(side: SideSign, key: number, lots: number, owner: number): boolean {
    const floor = this.#floor;
    const order = floor.post(side, side * key, lots, owner, TIME_IN_FORCE.GTC);
    if (order === undefined) return false;
    if (floor.order(order.id) !== undefined) this.#side(side).add(side * order.tick, order);
    return true;
  }

  /** Ends what stands behind a level. */
  #forgetBehind(side: SideSign, key: number): void {
    const crowd = this.#side(side);
    while (crowd.worst < key) {
      const { worst } = crowd;
      for (const { id } of [...(crowd.level(worst)?.orders ?? [])])
        this.#note(CAUSE.expire, this.#floor.cancel(id) === undefined);
      if (crowd.worst === worst) return;
    }
  }

  #note(cause: number, isDone: boolean): boolean {
    if (isDone) this.counts[cause] = (this.counts[cause] as number) + 1;
    return isDone;
  }

  #side(side: SideSign): CrowdSide {
    return side > 0 ? this.#bids : this.#asks;
  }

  // --- what becomes of their orders ---

  accepted(): void {}

  triggered(): void {}

  traded(order: Standing, _tick: number, lots: number): void {
    this.#side(order.side).less(order.side * order.tick, order, lots, order.leaves === 0);
  }

  changed(order: Standing, _reason: number, tick: number, leaves: number): void {
    const crowd = this.#side(order.side);
    if (tick === order.tick) crowd.less(order.side * tick, order, leaves - order.leaves, false);
    else if (crowd.level(order.side * tick)?.orders.includes(order) === true) {
      crowd.less(order.side * tick, order, leaves, true);
      crowd.add(order.side * order.tick, order);
    }
  }

  ended(order: Standing): void {
    this.#side(order.side).less(order.side * order.tick, order, order.leaves, true);
  }
}
