import { type SideSign, TIME_IN_FORCE } from "../model/index.ts";
import { isId } from "./match-check.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { MatchIntake } from "./match-intake.ts";
import type { MatchOrderId } from "./match-order.ts";
import { PLACE } from "./match-rows.ts";
import type { MatchingSettings } from "./matching-options.ts";

/**
 * The short way of nearly every order: a limit, GTC, IOC or FOK, an owner. It does what the general way does, without
 * asking after what such an order cannot have; what it does not take, the general way judges.
 */
export class MatchPlain extends MatchIntake {
  readonly #isCalm: boolean;

  constructor(settings: MatchingSettings) {
    super(settings);
    this.#isCalm = settings.staticBps === 0 && settings.dynamicBps === 0;
  }

  /** Takes a limit order of nothing but these; false, and nothing is done, where it is none. @units ticks, lots */
  protected enterLimit(
    id: MatchOrderId,
    side: SideSign | 0,
    tick: number,
    lots: number,
    owner: number,
    timeInForce: number,
  ): boolean {
    const { settings, rows } = this;
    const isPlain =
      (side === 1 || side === -1) &&
      (tick | 0) === tick &&
      tick >= settings.lowestTicks &&
      tick <= settings.highestTicks &&
      Number.isSafeInteger(lots) &&
      lots > 0 &&
      lots <= settings.lotsMax &&
      owner >>> 0 === owner &&
      owner < settings.ownersMax &&
      timeInForce >>> 0 === timeInForce &&
      timeInForce <= TIME_IN_FORCE.FOK;
    if (!isPlain || rows.isFull || this.byId.has(id) || !this.isContinuous || !isId(id)) return false;
    const row = rows.admit(id, side, tick, lots, owner, ++this.sequence);
    this.events.write(MATCH_EVENT.accepted, row, tick, lots, lots, MATCH_REASON.none);
    const isUntied = timeInForce !== TIME_IN_FORCE.FOK && this.#isCalm && !this.isBanded;
    if (isUntied && (!this.crosses(side, tick) || this.#takePlain(row, side, tick, owner))) {
      this.#restPlain(row, side, tick, timeInForce);
    } else {
      rows.timeInForce[row] = timeInForce;
      this.byId.set(id, row);
      this.enter(row);
    }
    this.settle();
    return true;
  }

  /** Puts a shown order without anything special behind what stands at another price; it takes what it reaches. */
  protected movePlain(row: number, tick: number): void {
    const { rows } = this;
    const side = rows.side[row] as SideSign;
    const at = row >> 1;
    const leaves = rows.leaves[at] as number;
    const from = rows.tick[row] as number;
    rows.tick[row] = tick;
    rows.seq[at] = ++this.sequence;
    this.events.write(MATCH_EVENT.replaced, row, tick, rows.lots[at] as number, leaves, MATCH_REASON.asked);
    const { isBanded } = this;
    if (!isBanded && !this.crosses(side, tick)) {
      this.shown.move(row, side, from, tick, leaves);
      return;
    }
    this.shown.remove(row, side, leaves);
    const isShort = !isBanded && this.#isCalm && rows.isAlone(row);
    if (!isShort || !this.#takePlain(row, side, tick, rows.owner[row] as number)) this.#enterAgain(row);
    else if (rows.leaves[at] === 0) {
      this.byId.delete(rows.idOf(row) as MatchOrderId);
      rows.releasePlain(row);
    } else this.shown.add(row, side, tick, rows.leaves[at] as number);
  }

  /** An order that has left its queue goes the general way. */
  #enterAgain(row: number): void {
    this.left(row);
    this.rows.place[row] = PLACE.parked;
    this.enter(row);
  }

  /** What is left of an order that takes nothing more rests, or ends. */
  #restPlain(row: number, side: SideSign, tick: number, timeInForce: number): void {
    const { rows } = this;
    const leaves = rows.leaves[row >> 1] as number;
    if (leaves > 0 && timeInForce === TIME_IN_FORCE.GTC) {
      this.byId.set(rows.idOf(row) as MatchOrderId, row);
      this.shown.add(row, side, tick, leaves);
      rows.place[row] = PLACE.shown;
      return;
    }
    if (leaves > 0)
      this.events.write(MATCH_EVENT.expired, row, tick, leaves, leaves, MATCH_REASON.iocRemainder);
    rows.releasePlain(row);
  }

  /** Trades an order with plain ones; whether that is all. False where one that is not plain comes next. */
  #takePlain(row: number, side: SideSign, limit: number, owner: number): boolean {
    const { rows, shown, events, positions } = this;
    if (this.hidden.orderCount !== 0 || this.settings.allocation === "proRata") return false;
    const against: SideSign = side > 0 ? -1 : 1;
    const { leaves } = rows;
    let left = leaves[row >> 1] as number;
    while (left > 0) {
      const best = side > 0 ? shown.bestAsk : shown.bestBid;
      if (side > 0 ? best > limit : best < limit) return true;
      const maker = shown.front(against);
      if (!rows.isPlain(maker)) return false;
      const standing = leaves[maker >> 1] as number;
      const lots = standing < left ? standing : left;
      const other = rows.owner[maker] as number;
      left -= lots;
      leaves[row >> 1] = left;
      leaves[maker >> 1] = standing - lots;
      positions[owner] = (positions[owner] as number) + side * lots;
      positions[other] = (positions[other] as number) - side * lots;
      events.writeTrade(row, maker, best, lots, left, standing - lots);
      if (lots < standing) shown.shrink(maker, against, lots);
      else {
        shown.remove(maker, against, lots);
        this.byId.delete(rows.idOf(maker) as MatchOrderId);
        rows.releasePlain(maker);
      }
      if (best === this.lastTicks) continue;
      this.lastTicks = best;
      this.priceMoved(best);
    }
    return true;
  }
}
