import { NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "../book/index.ts";
import { TIME_IN_FORCE } from "../model/index.ts";
import { CrossedOrders } from "./crossed-orders.ts";
import { NOTHING_BEYOND } from "./match-core.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { PEG } from "./match-order.ts";
import { MATCH_FLAG, NOT_WAITING, PLACE } from "./match-rows.ts";
import { MatchTriggers } from "./match-triggers.ts";
import type { MatchingSettings } from "./matching-options.ts";

/**
 * What becomes of an order that enters the market, and what follows from it: quotes that triggers look at, pegs that
 * follow, orders that became active.
 *
 * @invariant After each order that entered: first orders that wait on bid and ask look at them, then pegs follow in the
 * order of acceptance, each entering anew, then the first of the ready enters; until nothing is left.
 */
export class MatchFlow extends MatchTriggers {
  /** Pegged orders, in the order of acceptance. */
  protected readonly pegged: number[] = [];
  readonly #crossed: CrossedOrders;
  /** The best shown bid and ask that pegs have looked at last. @units ticks */
  protected followed: readonly [bid: number, ask: number] = [NO_ASK, NO_BID];

  constructor(settings: MatchingSettings) {
    super(settings);
    this.#crossed = new CrossedOrders(this.rows, this.shown);
  }

  /** Whether orders trade now. */
  protected get isContinuous(): boolean {
    return true;
  }

  /** What may trade next, before an order enters; what lies outside interrupts. */
  protected bound(): void {}

  /** An order would have traded at a price that may not trade; whether that ends continuous trading. */
  protected interrupted(_row: number, _tick: number): boolean {
    return false;
  }

  /** Puts an order to where its kind begins: among those that wait, those that follow, or into the market. */
  protected begin(row: number): void {
    const { rows } = this;
    const flags = rows.flags[row] as number;
    if ((flags & MATCH_FLAG.pegged) !== 0) {
      this.pegged.push(row);
      if (this.isContinuous) this.follow(row);
    } else if (rows.stop[row] !== NOT_WAITING && (flags & MATCH_FLAG.triggered) === 0) this.wait(row);
    else this.enter(row);
  }

  /** Lets an order trade, and rests or ends what is left of it. */
  protected enter(row: number): void {
    const { rows } = this;
    const flags = rows.flags[row] as number;
    const timeInForce = rows.timeInForce[row] as number;
    if (flags === 0 && timeInForce === TIME_IN_FORCE.GTC) {
      // Nearly every order: it takes nothing, and is nothing but a limit.
      if (!this.crosses(rows.side[row] as number, rows.tick[row] as number) && !this.isBanded) {
        this.rest(row);
        return;
      }
    }
    const isMarket = (flags & MATCH_FLAG.market) !== 0;
    this.bound();
    if ((flags & MATCH_FLAG.postOnly) !== 0 && !this.#isPassive(row)) return;
    const limit = isMarket ? this.#guarded(row) : (rows.tick[row] as number);
    if (timeInForce === TIME_IN_FORCE.FOK || (flags & MATCH_FLAG.allOrNone) !== 0) {
      const leaves = rows.leaves[row >> 1] as number;
      if (this.obtainable(row, limit, leaves) < leaves) {
        if (timeInForce === TIME_IN_FORCE.FOK) this.#expire(row, MATCH_REASON.fokNotFillable);
        else if (timeInForce === TIME_IN_FORCE.IOC || isMarket) this.#expire(row, MATCH_REASON.noLiquidity);
        else this.restInside(row);
        return;
      }
    } else if ((rows.minLots[row >> 3] as number) > 0) {
      const least = Math.min(rows.minLots[row >> 3] as number, rows.leaves[row >> 1] as number);
      if (this.obtainable(row, limit, least) < least) {
        if (timeInForce === TIME_IN_FORCE.IOC) this.#expire(row, MATCH_REASON.minLots);
        else this.restInside(row);
        return;
      }
    }
    this.take(row, limit);
    if (rows.place[row] !== PLACE.parked) return;
    if (rows.leaves[row >> 1] === 0) {
      this.finish(row);
      return;
    }
    if (this.roomOf(row) === 0) {
      this.cancelRow(row, MATCH_REASON.reduceOnlyWouldOpen);
      return;
    }
    if (this.beyond !== NOTHING_BEYOND && this.interrupted(row, this.beyond)) return;
    if (isMarket) this.#expire(row, MATCH_REASON.noLiquidity);
    else if (timeInForce === TIME_IN_FORCE.IOC) this.#expire(row, MATCH_REASON.iocRemainder);
    else this.restInside(row);
  }

  /** Puts an order into its queue, no further than to the band that it may not pass. */
  protected restInside(row: number): void {
    this.putInside(row);
    this.rest(row);
  }

  /** A buy above the upper band, or a sell below the lower, goes to it. */
  protected putInside(row: number): void {
    const { rows } = this;
    const tick = rows.tick[row] as number;
    const buys = (rows.side[row] as number) > 0;
    const inside = buys ? Math.min(this.highestRest, tick) : Math.max(this.lowestRest, tick);
    if (inside === tick) return;
    rows.tick[row] = inside;
    this.note(MATCH_EVENT.restated, row, rows.lots[row >> 1] as number, MATCH_REASON.band);
  }

  /** Trades crossed all-or-none orders and those behind them as soon as quantities fit. */
  protected fitCrossed(): void {
    while (this.shown.isCrossed) {
      const pairs = this.#crossed.pairs();
      if (pairs.length === 0) return;
      this.bound();
      if (pairs.some(({ tick }) => tick < this.lowest || tick > this.highest)) return;
      const own = pairs.find(({ row, maker }) => this.isOwn(row, maker));
      if (own !== undefined) this.meetOwn(own.row, own.maker);
      else for (const { row, maker, tick, lots } of pairs) this.trade(row, maker, tick, lots);
    }
  }

  /** The bands that resting orders are put to. @units ticks */
  protected lowestRest: number = TICK_MIN;
  protected highestRest: number = TICK_MAX;

  /** Whether resting orders may have to be put elsewhere. */
  protected get isBanded(): boolean {
    return this.lowestRest !== TICK_MIN || this.highestRest !== TICK_MAX;
  }

  /** Other bands: what stands outside of them is put to them, behind what stands there. */
  protected band(bands: { readonly lowerTicks: number; readonly upperTicks: number } | undefined): void {
    this.lowestRest = bands?.lowerTicks ?? TICK_MIN;
    this.highestRest = bands?.upperTicks ?? TICK_MAX;
    const { rows } = this;
    const outside = [this.shown, this.hidden, this.kept].flatMap((queue) => [
      ...queue.rows(1).filter((row) => (rows.tick[row] as number) > this.highestRest),
      ...queue.rows(-1).filter((row) => (rows.tick[row] as number) < this.lowestRest),
    ]);
    for (const row of outside) {
      if (((rows.flags[row] as number) & MATCH_FLAG.market) !== 0) continue;
      this.unrest(row);
      this.gather(row);
    }
  }

  /** Ends what is left of an order; one that has traded is done, and the rest expires. */
  #expire(row: number, reason: number): void {
    this.cancelRow(row, reason, MATCH_EVENT.expired);
  }

  /** Whether a post-only order takes nothing where it is, or where it may be put. */
  #isPassive(row: number): boolean {
    const { rows } = this;
    const side = rows.side[row] as number;
    if (!this.crosses(side, rows.tick[row] as number)) return true;
    if (((rows.flags[row] as number) & MATCH_FLAG.reprice) === 0) {
      this.cancelRow(row, MATCH_REASON.postOnlyWouldTake);
      return false;
    }
    rows.tick[row] = this.behindOther(side);
    this.note(MATCH_EVENT.restated, row, rows.lots[row >> 1] as number, MATCH_REASON.postOnlyWouldTake);
    return true;
  }

  /** The best price of a side that takes nothing. */
  protected behindOther(side: number): number {
    const [shown, hidden] = [this.shown, this.hidden];
    if (side > 0) return Math.min(shown.bestAsk, hidden.bestAsk) - 1;
    return Math.max(shown.bestBid, hidden.bestBid) + 1;
  }

  /** How far an order at the market goes: its guard beyond its trigger, or beyond the best price. */
  #guarded(row: number): number {
    const { rows } = this;
    const side = rows.side[row] as number;
    const guard = rows.guard[row] as number;
    if (guard < 0) return side > 0 ? TICK_MAX : TICK_MIN;
    const { shown } = this;
    const stop = rows.stop[row] as number;
    const from = stop === NOT_WAITING ? (side > 0 ? shown.bestAsk : shown.bestBid) : stop;
    return Math.max(TICK_MIN, Math.min(TICK_MAX, from + side * guard));
  }

  // --- what follows ---

  /** Carries out all that follows from what has happened. */
  protected settle(): void {
    // Nothing waits, follows or stands crossed: so for nearly every order.
    if (!this.isAttentive && !this.shown.isCrossed) return;
    this.isAttentive = this.ready.length > 0 || this.pegged.length > 0 || !this.isQuoteless;
    if (!this.isAttentive && !this.shown.isCrossed) return;
    const { rows } = this;
    while (this.isContinuous) {
      this.fitCrossed();
      this.quotesMoved();
      if (this.pegged.length > 0 && this.#followAll()) continue;
      const row = this.ready.shift();
      if (row === undefined) return;
      const isTriggered = ((rows.flags[row] as number) & MATCH_FLAG.triggered) !== 0;
      if (isTriggered && rows.list[row] !== 0) this.listTraded(row, 0);
      this.start(row);
    }
  }

  /** An accepted order goes to where it begins; one that was triggered enters. */
  protected start(row: number): void {
    this.begin(row);
  }

  /** Puts an order to where it stands in an auction. */
  protected gather(row: number): void {
    this.restInside(row);
  }

  /** Lets pegs look anew, whatever the quotes. */
  protected lookAgain(): void {
    this.followed = [NO_ASK, NO_BID];
  }

  /** Lets pegs follow the quotes; whether one traded or quotes have moved, so that they have to look again. */
  #followAll(): boolean {
    const { shown } = this;
    const { bestBid, bestAsk } = shown;
    if (bestBid === this.followed[0] && bestAsk === this.followed[1]) return false;
    for (const row of [...this.pegged]) {
      const before = this.events.count;
      if (this.rows.place[row] !== PLACE.none && this.follow(row)) {
        if (!this.isContinuous) return true;
        for (let i = before; i < this.events.count; i++) {
          if (this.events.kind[i] === MATCH_EVENT.traded) return true;
        }
      }
    }
    this.followed = [bestBid, bestAsk];
    return shown.bestBid !== bestBid || shown.bestAsk !== bestAsk;
  }

  /** Puts a pegged order to where it belongs now; whether it moved. */
  protected follow(row: number): boolean {
    const { rows } = this;
    const to = this.#pegPrice(row);
    const isResting = rows.place[row] === PLACE.hidden;
    if (Number.isNaN(to)) {
      if (isResting) {
        this.unrest(row);
        this.note(MATCH_EVENT.restated, row, rows.lots[row >> 1] as number, MATCH_REASON.unpegged);
      }
      return isResting;
    }
    if (isResting && to === rows.tick[row]) return false;
    if (isResting) this.unrest(row);
    rows.tick[row] = to;
    this.note(MATCH_EVENT.restated, row, rows.lots[row >> 1] as number, MATCH_REASON.pegged);
    this.enter(row);
    return true;
  }

  /** Where a peg stands; NaN without a price to follow. */
  #pegPrice(row: number): number {
    const { rows } = this;
    const { shown } = this;
    const side = rows.side[row] as number;
    const peg = rows.peg[row] as number;
    const buys = side > 0;
    const own = buys ? shown.bestBid : shown.bestAsk;
    const other = buys ? shown.bestAsk : shown.bestBid;
    if (peg !== PEG.market && (own === NO_BID || own === NO_ASK)) return Number.NaN;
    if (peg !== PEG.primary && (other === NO_BID || other === NO_ASK)) return Number.NaN;
    const middle = buys ? Math.floor((own + other) / 2) : Math.ceil((own + other) / 2);
    const from = peg === PEG.mid ? middle : peg === PEG.primary ? own : other;
    const to = from - side * (rows.offset[row] as number);
    const limit = rows.limit[row] as number;
    const { lowestTicks, highestTicks } = this.settings;
    const bounded = buys ? Math.min(to, limit, this.highestRest) : Math.max(to, limit, this.lowestRest);
    return Math.max(lowestTicks, Math.min(highestTicks, bounded));
  }

  protected override unqueue(row: number): void {
    super.unqueue(row);
    this.unpeg(row);
  }

  protected override finish(row: number): void {
    this.unpeg(row);
    super.finish(row);
  }

  protected unpeg(row: number): void {
    if (((this.rows.flags[row] as number) & MATCH_FLAG.pegged) === 0) return;
    const at = this.pegged.indexOf(row);
    if (at >= 0) this.pegged.splice(at, 1);
  }
}
