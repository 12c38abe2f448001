import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import type { SideSign } from "../model/index.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { type MatchOrderId, SELF_MATCH } from "./match-order.ts";
import { isQueued, MatchPlaces } from "./match-places.ts";
import { MATCH_FLAG, PLACE } from "./match-rows.ts";
import type { MatchingSettings } from "./matching-options.ts";
import { Obtainable } from "./obtainable.ts";

/** Flags with which a trade is not simply the lesser of two quantities. */
const UNUSUAL = MATCH_FLAG.reduceOnly | MATCH_FLAG.allOrNone;

/**
 * How orders meet: the queues, a trade and its consequences. What becomes of an order before and after is told by the
 * classes on it.
 *
 * @invariant Between two commands no shown order could trade with another, all-or-none orders and auctions apart.
 */
export class MatchCore extends MatchPlaces {
  /** The last trade's price; NaN before the first. @units ticks */
  lastTicks: number = Number.NaN;
  /** What each owner has bought less what he sold. @units lots @shape by owner */
  readonly positions: Float64Array;
  /** What may trade at all. */
  protected lowest: number = TICK_MIN;
  protected highest: number = TICK_MAX;
  readonly #obtainable: Obtainable;

  constructor(settings: MatchingSettings) {
    super(settings);
    this.positions = new Float64Array(settings.ownersMax);
    const reduces = (list: number): boolean => this.listReduces(list);
    const isProRata = settings.allocation === "proRata";
    this.#obtainable = new Obtainable(this.rows, this.shown, this.hidden, this.positions, isProRata, reduces);
  }

  // --- what classes on this one add ---

  /** A trade at another price than the last. */
  protected priceMoved(_tick: number): void {}

  /** An order of a list has traded some lots, or with 0 became active. */
  protected listTraded(_row: number, _lots: number): void {}

  /** Whether orders of a list take lots off one another, in place of ending one another. */
  protected listReduces(_list: number): boolean {
    return false;
  }

  /** An order of a list has ended, with or without anything left. */
  protected listEnded(_row: number): void {}

  // --- taking ---

  /** Where an order stopped because nothing may trade there. @units ticks */
  protected beyond: number = NOTHING_BEYOND;

  /** Trades an order with what stands against it, its limit and the bands; what could not be had is left in `leaves`. */
  protected take(row: number, limit: number): void {
    const { rows, shown } = this;
    const buys = (rows.side[row] as number) > 0;
    const against: SideSign = buys ? -1 : 1;
    const isProRata = this.settings.allocation === "proRata";
    this.beyond = NOTHING_BEYOND;
    while ((rows.leaves[row >> 1] as number) > 0 && rows.place[row] === PLACE.parked) {
      const best = buys ? shown.bestAsk : shown.bestBid;
      let maker = this.hidden.orderCount === 0 ? 0 : this.#hiddenBefore(row, buys, best, limit);
      const isShown = maker === 0;
      if (isShown) {
        if (buys ? best > limit : best < limit) return;
        maker = shown.front(against);
      }
      const tick = rows.tick[maker] as number;
      if (tick > this.highest || tick < this.lowest) {
        this.beyond = tick;
        return;
      }
      if (isProRata && isShown && this.#shareLevel(row, against, best)) continue;
      if (!this.#meet(row, maker)) return;
    }
  }

  /** The first hidden order that trades before the shown ones; 0 where none does. */
  #hiddenBefore(row: number, buys: boolean, best: number, bound: number): number {
    const { rows, hidden } = this;
    const coming = Math.min(rows.leaves[row >> 1] as number, this.roomOf(row));
    let tick = buys ? hidden.bestAsk : hidden.bestBid;
    while (buys ? tick < best && tick <= bound : tick > best && tick >= bound) {
      for (let maker = hidden.head(buys ? -1 : 1, tick); maker !== 0; maker = hidden.next(maker)) {
        const least = Math.min(
          rows.minLots[maker >> 3] as number,
          rows.leaves[maker >> 1] as number,
          this.roomOf(maker),
        );
        if (coming >= least) return maker;
      }
      tick = buys ? hidden.nextAsk(tick) : hidden.nextBid(tick);
    }
    // At the shown price hidden orders come after it: they are first where nothing is shown there.
    return 0;
  }

  /** Two orders whose prices agree; false where the one that takes goes on no further. */
  #meet(row: number, maker: number): boolean {
    const { rows } = this;
    if (this.isOwn(row, maker)) return this.meetOwn(row, maker);
    const flags = (rows.flags[row] as number) | (rows.flags[maker] as number);
    let lots = Math.min(rows.leaves[row >> 1] as number, this.availableOf(maker));
    if ((flags & UNUSUAL) !== 0) {
      if (!this.#mayReduce(row)) return false;
      if (!this.#mayReduce(maker)) return true;
      lots = Math.min(lots, this.roomOf(row), this.roomOf(maker));
      const isWhole = lots === rows.leaves[maker >> 1];
      if (((rows.flags[maker] as number) & MATCH_FLAG.allOrNone) !== 0 && !isWhole) return false;
    }
    this.trade(row, maker, rows.tick[maker] as number, lots);
    return true;
  }

  /** Ends a reduce-only order that has nothing to reduce; whether it goes on. */
  #mayReduce(row: number): boolean {
    if (this.roomOf(row) > 0) return true;
    this.cancelRow(row, MATCH_REASON.reduceOnlyWouldOpen);
    return false;
  }

  /** Whether two orders do not trade with one another: of one list, or of one owner who asked for that. */
  protected isOwn(row: number, maker: number): boolean {
    const { rows } = this;
    if (rows.list[row] !== 0 && rows.list[row] === rows.list[maker]) return true;
    return rows.selfMatch[row] !== SELF_MATCH.none && rows.owner[row] === rows.owner[maker];
  }

  /** An order meets one of its own list, which ends, or of its owner: the mode of the one that takes decides. */
  protected meetOwn(row: number, maker: number): boolean {
    const { rows } = this;
    if (rows.list[row] !== 0 && rows.list[row] === rows.list[maker]) {
      this.cancelRow(maker, MATCH_REASON.oneCancelsOther);
      return true;
    }
    const mode = rows.selfMatch[row];
    const { selfMatch } = MATCH_REASON;
    if (mode === SELF_MATCH.decrement) {
      const lots = Math.min(rows.leaves[row >> 1] as number, rows.leaves[maker >> 1] as number);
      this.#decrement(maker, lots);
      this.#decrement(row, lots);
      return rows.place[row] === PLACE.parked;
    }
    if (mode !== SELF_MATCH.cancelNewest) this.cancelRow(maker, selfMatch);
    if (mode === SELF_MATCH.cancelOldest) return true;
    this.cancelRow(row, selfMatch);
    return false;
  }

  #decrement(row: number, lots: number): void {
    const { rows } = this;
    if (lots === rows.leaves[row >> 1]) {
      this.cancelRow(row, MATCH_REASON.selfMatch);
      return;
    }
    this.shrink(row, lots);
    this.note(MATCH_EVENT.restated, row, rows.lots[row >> 1] as number, MATCH_REASON.selfMatch);
  }

  /** How much a reduce-only order may still trade; of others all of it. */
  protected roomOf(row: number): number {
    const { rows } = this;
    if (((rows.flags[row] as number) & MATCH_FLAG.reduceOnly) === 0) return Number.POSITIVE_INFINITY;
    const position = this.positions[rows.owner[row] as number] as number;
    return Math.max(0, -position * (rows.side[row] as number));
  }

  /** Divides what an order takes of a level by size, when it does not take all of it; false where it does. */
  #shareLevel(row: number, against: SideSign, tick: number): boolean {
    const { rows, shown } = this;
    const level = against > 0 ? shown.bidLots(tick) : shown.askLots(tick);
    const wanted = Math.min(rows.leaves[row >> 1] as number, this.roomOf(row));
    if (wanted === 0) return false;
    if (rows.selfMatch[row] !== SELF_MATCH.none || rows.list[row] !== 0) {
      for (let maker = shown.head(against, tick); maker !== 0; maker = shown.next(maker)) {
        if (!this.isOwn(row, maker)) continue;
        // Own orders first: what becomes of them changes the level.
        this.meetOwn(row, maker);
        return true;
      }
    }
    if (wanted >= level) return false;
    if (this.allOrNone > 0 && this.#hasAllOrNone(against, tick)) return false;
    const makers: number[] = [];
    const shares: number[] = [];
    let left = wanted;
    for (let maker = shown.head(against, tick); maker !== 0; maker = shown.next(maker)) {
      const share = proportion(wanted, rows.standing(maker), level);
      makers.push(maker);
      shares.push(share);
      left -= share;
    }
    for (const [i, maker] of makers.entries()) {
      const more = Math.min(left, this.availableOf(maker) - (shares[i] as number));
      left -= more;
      shares[i] = (shares[i] as number) + more;
    }
    for (const [i, maker] of makers.entries()) {
      const share = Math.min(
        shares[i] as number,
        this.roomOf(maker),
        this.roomOf(row),
        rows.leaves[row >> 1] as number,
        rows.leaves[maker >> 1] as number,
      );
      if (rows.place[maker] !== PLACE.shown || rows.place[row] !== PLACE.parked) continue;
      if (share > 0) this.trade(row, maker, tick, share);
      else if ((shares[i] as number) > 0 && this.#mayReduce(row)) this.#mayReduce(maker);
    }
    return true;
  }

  #hasAllOrNone(against: SideSign, tick: number): boolean {
    const { shown } = this;
    for (let row = shown.head(against, tick); row !== 0; row = shown.next(row)) {
      if (((this.rows.flags[row] as number) & MATCH_FLAG.allOrNone) !== 0) return true;
    }
    return false;
  }

  // --- a trade ---

  /** Executes lots between an order, on its way or in a queue, and one that stands in a queue. */
  protected trade(row: number, maker: number, tick: number, lots: number): void {
    const { rows, positions } = this;
    const side = rows.side[row] as number;
    const leaves = (rows.leaves[row >> 1] as number) - lots;
    const makerLeaves = (rows.leaves[maker >> 1] as number) - lots;
    rows.leaves[row >> 1] = leaves;
    rows.leaves[maker >> 1] = makerLeaves;
    const owner = rows.owner[row] as number;
    const other = rows.owner[maker] as number;
    positions[owner] = (positions[owner] as number) + side * lots;
    positions[other] = (positions[other] as number) - side * lots;
    this.events.writeTrade(row, maker, tick, lots, leaves, makerLeaves);
    // The orders that traded before those that their price makes active: of a list the former stay.
    if (rows.list[maker] !== 0) this.listTraded(maker, lots);
    this.#executed(maker, lots, makerLeaves);
    if (rows.list[row] !== 0) this.listTraded(row, lots);
    if (rows.place[row] !== PLACE.parked && rows.place[row] !== PLACE.none) this.#executed(row, lots, leaves);
    if (tick === this.lastTicks) return;
    this.lastTicks = tick;
    this.priceMoved(tick);
  }

  /** What an execution leaves of an order in a queue. */
  #executed(maker: number, lots: number, leaves: number): void {
    const { rows } = this;
    const side = rows.side[maker] as SideSign;
    if (rows.isPlain(maker)) {
      if (leaves > 0) {
        this.shown.shrink(maker, side, lots);
        return;
      }
      this.shown.remove(maker, side, lots);
      this.byId.delete(rows.idOf(maker) as MatchOrderId);
      rows.releasePlain(maker);
      return;
    }
    const isShown = rows.place[maker] === PLACE.shown;
    const queue = this.queueOf(maker);
    const isIceberg = isShown && ((rows.flags[maker] as number) & MATCH_FLAG.iceberg) !== 0;
    const standing = isIceberg ? (rows.shown[maker >> 3] as number) : leaves + lots;
    const isPartDone = isIceberg && lots >= standing;
    if (isPartDone || leaves === 0) queue.remove(maker, side, standing);
    else {
      queue.shrink(maker, side, lots);
      if (isIceberg) rows.shown[maker >> 3] = standing - lots;
    }
    if (leaves > 0) {
      if (isPartDone) this.showNext(maker);
      return;
    }
    this.left(maker);
    this.finish(maker);
  }

  /** Ends an order wherever it is, with a word why. */
  protected cancelRow(row: number, reason: number, kind: number = MATCH_EVENT.canceled): void {
    const { rows } = this;
    if (rows.isPlain(row)) {
      // Read first: of an order of long ago all of it is far away, and what is asked for together comes together.
      const leaves = rows.leaves[row >> 1] as number;
      const id = rows.idOf(row) as MatchOrderId;
      this.shown.remove(row, rows.side[row] as SideSign, leaves);
      this.events.write(kind, row, rows.tick[row] as number, leaves, leaves, reason);
      this.byId.delete(id);
      rows.releasePlain(row);
      return;
    }
    if (isQueued(rows.place[row] as number)) this.unrest(row);
    else this.unqueue(row);
    this.note(kind, row, rows.leaves[row >> 1] as number, reason);
    this.finish(row);
  }

  /** Takes an order out of whatever it is in that is not the market: triggers, pegs, those that are ready. */
  protected unqueue(_row: number): void {}

  /** The order is over; its row is free. */
  protected finish(row: number): void {
    const { rows } = this;
    if (rows.list[row] !== 0) this.listEnded(row);
    this.byId.delete(rows.idOf(row) as MatchOrderId);
    rows.release(row);
  }

  /** How much of `wanted` an order could have at once. */
  protected obtainable(row: number, limit: number, wanted: number): number {
    const buys = (this.rows.side[row] as number) > 0;
    const lowest = buys ? this.lowest : Math.max(limit, this.lowest);
    const highest = buys ? Math.min(limit, this.highest) : this.highest;
    return this.#obtainable.lots(row, lowest, highest, wanted, this.unusual === 0);
  }

  /** Whether an order at a limit would take something. */
  protected crosses(side: number, limit: number): boolean {
    const { shown, hidden } = this;
    if (side > 0) return Math.min(shown.bestAsk, hidden.bestAsk) <= limit;
    return Math.max(shown.bestBid, hidden.bestBid) >= limit;
  }
}

/** Nothing stopped an order but its limit. */
export const NOTHING_BEYOND = 0x7fffffff;

/** `wanted * part / whole`, rounded down, exact. */
function proportion(wanted: number, part: number, whole: number): number {
  const product = wanted * part;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / whole);
  return Number((BigInt(wanted) * BigInt(part)) / BigInt(whole));
}
