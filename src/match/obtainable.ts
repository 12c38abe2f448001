import type { SideSign } from "../model/index.ts";
import { SELF_MATCH } from "./match-order.ts";
import type { MatchQueue } from "./match-queue.ts";
import { MATCH_FLAG, type MatchRows } from "./match-rows.ts";

/**
 * What an order would get, without a trade: for fill-or-kill, all-or-none and least quantities.
 *
 * @cost O(levels) where no order is special; else O(orders walked)
 */
export class Obtainable {
  readonly #rows: MatchRows;
  readonly #shown: MatchQueue;
  readonly #hidden: MatchQueue;
  readonly #positions: Float64Array;
  /** What owners would have traded on the way. */
  readonly #traded = new Map<number, number>();
  /** What orders of lists would have traded. */
  readonly #lists = new Map<number, number>();
  /** The same by order. */
  readonly #own = new Map<number, number>();
  readonly #reduces: (list: number) => boolean;
  readonly #isProRata: boolean;
  #row = 0;
  #lowest = 0;
  #highest = 0;
  #left = 0;
  /** How much more is wanted. */
  #wanted = 0;

  constructor(
    rows: MatchRows,
    shown: MatchQueue,
    hidden: MatchQueue,
    positions: Float64Array,
    isProRata: boolean,
    reduces: (list: number) => boolean,
  ) {
    this.#reduces = reduces;
    this.#rows = rows;
    this.#shown = shown;
    this.#hidden = hidden;
    this.#positions = positions;
    this.#isProRata = isProRata;
  }

  /**
   * Lots an order would have of `wanted`, at prices from `lowest` to `highest`. `isPlain`: a level's lots say what it
   * would trade.
   */
  lots(row: number, lowest: number, highest: number, wanted: number, isPlain: boolean): number {
    const rows = this.#rows;
    this.#traded.clear();
    this.#lists.clear();
    this.#own.clear();
    this.#row = row;
    this.#lowest = lowest;
    this.#highest = highest;
    this.#left = rows.leaves[row >> 1] as number;
    this.#wanted = wanted;
    const isLevels = isPlain && ((rows.flags[row] as number) & MATCH_FLAG.reduceOnly) === 0;
    if (isLevels && rows.selfMatch[row] === SELF_MATCH.none && this.#hidden.orderCount === 0) {
      this.#walkLevels();
    } else this.#walkOrders();
    return wanted - this.#wanted;
  }

  /** What may still trade. */
  #coming(): number {
    return Math.min(this.#left, this.#roomOf(this.#row));
  }

  #walkLevels(): void {
    const shown = this.#shown;
    const buys = (this.#rows.side[this.#row] as number) > 0;
    let left = this.#wanted;
    for (let tick = buys ? shown.bestAsk : shown.bestBid; left > 0; ) {
      if (tick > this.#highest || tick < this.#lowest) break;
      left -= Math.min(left, buys ? shown.askLots(tick) : shown.bidLots(tick));
      tick = buys ? shown.nextAsk(tick) : shown.nextBid(tick);
    }
    this.#wanted = left;
  }

  #walkOrders(): void {
    const [shown, hidden] = [this.#shown, this.#hidden];
    const buys = (this.#rows.side[this.#row] as number) > 0;
    const against: SideSign = buys ? -1 : 1;
    let first = buys ? shown.bestAsk : shown.bestBid;
    let second = buys ? hidden.bestAsk : hidden.bestBid;
    while (this.#wanted > 0 && this.#coming() > 0) {
      const tick = buys ? Math.min(first, second) : Math.max(first, second);
      if (buys ? tick > this.#highest : tick < this.#lowest) return;
      if (tick === first) {
        if (this.#isOutside(tick)) return;
        if (!this.#walkShown(against, tick)) return;
        first = buys ? shown.nextAsk(tick) : shown.nextBid(tick);
      }
      if (tick === second) {
        if (!this.#walkHidden(against, tick)) return;
        second = buys ? hidden.nextAsk(tick) : hidden.nextBid(tick);
      }
    }
  }

  /** Whether nothing may trade at a price. */
  #isOutside(tick: number): boolean {
    return tick > this.#highest || tick < this.#lowest;
  }

  /** One shown level: what is shown in turn, then what stands behind it. False where it goes on no further. */
  #walkShown(against: SideSign, tick: number): boolean {
    const rows = this.#rows;
    const shown = this.#shown;
    if (this.#isProRata && !this.#meetsOwnFirst(against, tick)) return false;
    const behind: number[] = [];
    for (let maker = shown.head(against, tick); maker !== 0; maker = shown.next(maker)) {
      if (this.#coming() === 0) return false;
      // Another of its list has traded: it is gone before it is met.
      if (this.#leavesOf(maker) === 0) continue;
      if (this.#isOwn(maker)) {
        if (!this.#isProRata && !this.#meetsOwn(maker)) return false;
        continue;
      }
      const leaves = this.#leavesOf(maker);
      const standing = Math.min(rows.standing(maker), leaves);
      const room = this.#roomOf(maker);
      const isWhole = ((rows.flags[maker] as number) & MATCH_FLAG.allOrNone) !== 0;
      if (isWhole && Math.min(this.#coming(), room) < leaves) return false;
      this.#take(maker, standing);
      if (leaves > standing) behind.push(maker, leaves - standing);
    }
    for (let i = 0; i < behind.length; i += 2) {
      const maker = behind[i] as number;
      this.#take(maker, Math.min(behind[i + 1] as number, this.#leavesOf(maker)));
    }
    return true;
  }

  /** Where levels are divided, own orders are met before the others are. False where it goes on no further. */
  #meetsOwnFirst(against: SideSign, tick: number): boolean {
    const shown = this.#shown;
    const rows: number[] = [];
    for (let row = shown.head(against, tick); row !== 0; row = shown.next(row)) rows.push(row);
    return rows.every((row) => !this.#isOwn(row) || this.#leavesOf(row) === 0 || this.#meetsOwn(row));
  }

  #walkHidden(against: SideSign, tick: number): boolean {
    const hidden = this.#hidden;
    for (let maker = hidden.head(against, tick); maker !== 0; maker = hidden.next(maker)) {
      if (this.#coming() === 0) return false;
      if (this.#leavesOf(maker) === 0) continue;
      if (!this.#fitsHidden(maker)) continue;
      if (this.#isOutside(tick)) return false;
      if (!this.#isOwn(maker)) {
        // One who trades with himself keeps his room: there may be several trades.
        while (this.#mostOf(maker) > 0 && this.#fitsHidden(maker)) this.#take(maker, this.#mostOf(maker));
      } else if (!this.#meetsOwn(maker)) return false;
    }
    return true;
  }

  /** What one trade with a hidden order would be. */
  #mostOf(maker: number): number {
    return Math.min(this.#coming(), this.#leavesOf(maker), this.#roomOf(maker));
  }

  /** Whether what comes is not too small for a hidden order. */
  #fitsHidden(maker: number): boolean {
    const least = Math.min(
      this.#rows.minLots[maker >> 3] as number,
      this.#leavesOf(maker),
      this.#roomOf(maker),
    );
    return this.#coming() >= least;
  }

  #take(maker: number, lots: number): void {
    const rows = this.#rows;
    const taken = Math.min(
      lots,
      this.#left,
      this.#roomAgainst(this.#row, maker),
      this.#roomAgainst(maker, this.#row),
    );
    if (taken <= 0) return;
    this.#left -= taken;
    this.#wanted -= Math.min(taken, this.#wanted);
    const list = rows.list[maker] as number;
    if (list !== 0) this.#lists.set(list, (this.#lists.get(list) ?? 0) + taken);
    this.#own.set(maker, (this.#own.get(maker) ?? 0) + taken);
    const owner = rows.owner[maker] as number;
    const taker = rows.owner[this.#row] as number;
    const signed = taken * (rows.side[maker] as number);
    this.#traded.set(owner, (this.#traded.get(owner) ?? 0) + signed);
    this.#traded.set(taker, (this.#traded.get(taker) ?? 0) - signed);
  }

  #isOwn(maker: number): boolean {
    const { list, selfMatch, owner } = this.#rows;
    if (list[maker] !== 0 && list[maker] === list[this.#row]) return true;
    return selfMatch[this.#row] !== SELF_MATCH.none && owner[maker] === owner[this.#row];
  }

  /** An order meets its own: whether it goes on. */
  #meetsOwn(maker: number): boolean {
    const rows = this.#rows;
    if (rows.list[maker] !== 0 && rows.list[maker] === rows.list[this.#row]) return true;
    const mode = rows.selfMatch[this.#row];
    if (mode !== SELF_MATCH.decrement) return mode === SELF_MATCH.cancelOldest;
    this.#left -= Math.min(this.#left, this.#leavesOf(maker));
    return this.#left > 0;
  }

  /** What an order would have left once others of its list had traded. */
  #leavesOf(maker: number): number {
    const rows = this.#rows;
    const leaves = rows.leaves[maker >> 1] as number;
    const list = rows.list[maker] as number;
    const own = this.#own.get(maker) ?? 0;
    if (list === 0) return leaves - own;
    if (list === rows.list[this.#row]) return 0;
    const others = (this.#lists.get(list) ?? 0) - own;
    if (others === 0) return leaves - own;
    return this.#reduces(list) ? Math.max(0, leaves - own - others) : 0;
  }

  /** As `#roomOf`, of all trades with another: one's trades with oneself leave the room as it is. */
  #roomAgainst(row: number, other: number): number {
    const room = this.#roomOf(row);
    return room > 0 && this.#rows.owner[row] === this.#rows.owner[other] ? Number.POSITIVE_INFINITY : room;
  }

  #roomOf(row: number): number {
    const rows = this.#rows;
    if (((rows.flags[row] as number) & MATCH_FLAG.reduceOnly) === 0) return Number.POSITIVE_INFINITY;
    const owner = rows.owner[row] as number;
    const position = (this.#positions[owner] as number) + (this.#traded.get(owner) ?? 0);
    return Math.max(0, -position * (rows.side[row] as number));
  }
}
