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
  #row = 0;
  #left = 0;

  constructor(
    rows: MatchRows,
    shown: MatchQueue,
    hidden: MatchQueue,
    positions: Float64Array,
    reduces: (list: number) => boolean,
  ) {
    this.#reduces = reduces;
    this.#rows = rows;
    this.#shown = shown;
    this.#hidden = hidden;
    this.#positions = positions;
  }

  /** Lots an order would have of `wanted`, down to a limit. `isPlain`: a level's lots say what it would trade. */
  lots(row: number, bound: number, wanted: number, isPlain: boolean): number {
    const rows = this.#rows;
    this.#traded.clear();
    this.#lists.clear();
    this.#own.clear();
    const most = Math.min(wanted, this.#roomOf(row));
    this.#row = row;
    this.#left = most;
    if (isPlain && rows.selfMatch[row] === SELF_MATCH.none && this.#hidden.book.orderCount === 0) {
      this.#walkLevels(bound);
    } else this.#walkOrders(bound);
    return most - this.#left;
  }

  #walkLevels(bound: number): void {
    const { book } = this.#shown;
    const buys = (this.#rows.side[this.#row] as number) > 0;
    for (let tick = buys ? book.bestAsk : book.bestBid; this.#left > 0; ) {
      if (buys ? tick > bound : tick < bound) return;
      this.#left -= Math.min(this.#left, buys ? book.askLots(tick) : book.bidLots(tick));
      tick = buys ? book.nextAsk(tick) : book.nextBid(tick);
    }
  }

  #walkOrders(bound: number): void {
    const [shown, hidden] = [this.#shown.book, this.#hidden.book];
    const buys = (this.#rows.side[this.#row] as number) > 0;
    const against: SideSign = buys ? -1 : 1;
    let first = buys ? shown.bestAsk : shown.bestBid;
    let second = buys ? hidden.bestAsk : hidden.bestBid;
    while (this.#left > 0) {
      const tick = buys ? Math.min(first, second) : Math.max(first, second);
      if (buys ? tick > bound : tick < bound) return;
      if (tick === first) {
        if (!this.#walkShown(against, tick)) return;
        first = buys ? shown.nextAsk(tick) : shown.nextBid(tick);
      }
      if (tick === second) {
        if (!this.#walkHidden(against, tick)) return;
        second = buys ? hidden.nextAsk(tick) : hidden.nextBid(tick);
      }
    }
  }

  /** One shown level: what is shown in turn, then what stands behind it. False where it goes on no further. */
  #walkShown(against: SideSign, tick: number): boolean {
    const rows = this.#rows;
    const { book } = this.#shown;
    const behind: number[] = [];
    for (let slot = book.headSlot(against, tick); slot !== 0 && this.#left > 0; slot = book.nextSlot(slot)) {
      const maker = this.#shown.rowAt[slot] as number;
      const own = this.#meetsOwn(maker);
      if (own === "stop") return false;
      if (own === "skip") continue;
      const leaves = this.#leavesOf(maker);
      const standing = Math.min(book.lotsAt(slot), leaves);
      const room = this.#roomOf(maker);
      const isWhole = ((rows.flags[maker] as number) & MATCH_FLAG.allOrNone) !== 0;
      if (isWhole && Math.min(this.#left, room) < (rows.leaves[maker] as number)) return false;
      this.#take(maker, Math.min(standing, room));
      if (leaves > standing) behind.push(maker, leaves - standing);
    }
    for (let i = 0; i < behind.length; i += 2) {
      const maker = behind[i] as number;
      this.#take(maker, Math.min(behind[i + 1] as number, this.#leavesOf(maker), this.#roomOf(maker)));
    }
    return true;
  }

  #walkHidden(against: SideSign, tick: number): boolean {
    const rows = this.#rows;
    const { book } = this.#hidden;
    for (let slot = book.headSlot(against, tick); slot !== 0 && this.#left > 0; slot = book.nextSlot(slot)) {
      const maker = this.#hidden.rowAt[slot] as number;
      const leaves = rows.leaves[maker] as number;
      if (this.#left < Math.min(rows.minLots[maker] as number, leaves)) continue;
      const own = this.#meetsOwn(maker);
      if (own === "stop") return false;
      if (own === "skip") continue;
      this.#take(maker, Math.min(this.#leavesOf(maker), this.#roomOf(maker)));
    }
    return true;
  }

  #take(maker: number, lots: number): void {
    const rows = this.#rows;
    const taken = Math.min(lots, this.#left);
    this.#left -= taken;
    if (taken <= 0) return;
    const list = rows.list[maker] as number;
    if (list !== 0) {
      this.#lists.set(list, (this.#lists.get(list) ?? 0) + taken);
      this.#own.set(maker, (this.#own.get(maker) ?? 0) + taken);
    }
    const owner = rows.owner[maker] as number;
    const taker = rows.owner[this.#row] as number;
    const signed = taken * (rows.side[maker] as number);
    this.#traded.set(owner, (this.#traded.get(owner) ?? 0) + signed);
    this.#traded.set(taker, (this.#traded.get(taker) ?? 0) - signed);
  }

  #meetsOwn(maker: number): "stop" | "skip" | undefined {
    const rows = this.#rows;
    const mode = rows.selfMatch[this.#row];
    if (mode === SELF_MATCH.none || rows.owner[maker] !== rows.owner[this.#row]) return undefined;
    return mode === SELF_MATCH.cancelOldest ? "skip" : "stop";
  }

  /** What an order would have left once others of its list had traded. */
  #leavesOf(maker: number): number {
    const rows = this.#rows;
    const leaves = rows.leaves[maker] as number;
    const list = rows.list[maker] as number;
    if (list === 0) return leaves;
    if (list === rows.list[this.#row]) return 0;
    const own = this.#own.get(maker) ?? 0;
    const others = (this.#lists.get(list) ?? 0) - own;
    if (others === 0) return leaves - own;
    return this.#reduces(list) ? Math.max(0, leaves - own - others) : 0;
  }

  #roomOf(row: number): number {
    const rows = this.#rows;
    if (((rows.flags[row] as number) & MATCH_FLAG.reduceOnly) === 0) return Number.POSITIVE_INFINITY;
    const owner = rows.owner[row] as number;
    const position = (this.#positions[owner] as number) + (this.#traded.get(owner) ?? 0);
    return Math.max(0, -position * (rows.side[row] as number));
  }
}
