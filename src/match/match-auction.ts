import { TICK_MAX, TICK_MIN } from "../book/index.ts";
import { TIME_IN_FORCE } from "../model/index.ts";
import { type AuctionLevel, type AuctionResult, auctionPrice } from "./auction-price.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { MatchLists } from "./match-lists.ts";
import type { MatchQueue } from "./match-queue.ts";
import { MATCH_FLAG, PLACE } from "./match-rows.ts";

/** When a book trades. In an auction orders gather and do not trade; its end trades them at one price. */
export type MatchPhase = "continuous" | "opening" | "closing" | "volatility" | "halted" | "closed";

/** Phases as small numbers, in events. */
export const MATCH_PHASE: Readonly<Record<MatchPhase, number>> = {
  ...{ continuous: 0, opening: 1, closing: 2, volatility: 3, halted: 4, closed: 5 },
};

/** Phases, auctions and what trading outside of its bounds leads to. */
export class MatchAuction extends MatchLists {
  #phase: MatchPhase = "continuous";
  /** What trades without an interruption. @units ticks */
  #lowestCalm: number = TICK_MIN;
  #highestCalm: number = TICK_MAX;
  /** The last auction's price; NaN before the first. @units ticks */
  auctionTicks: number = Number.NaN;

  /** When the book trades. */
  get phase(): MatchPhase {
    return this.#phase;
  }

  protected override get isContinuous(): boolean {
    return this.#phase === "continuous";
  }

  protected get isAuction(): boolean {
    return this.#phase === "opening" || this.#phase === "closing" || this.#phase === "volatility";
  }

  protected turnTo(phase: MatchPhase): void {
    if (phase === this.#phase) return;
    const before = this.#phase;
    const isEnd = (this.isAuction && phase !== "halted") || phase === "continuous";
    if (isEnd) this.#uncross();
    this.#phase = phase;
    this.events.write(MATCH_EVENT.phase, 0, MATCH_PHASE[phase], 0, 0, MATCH_REASON.none);
    if (isEnd || phase === "closed") this.#endKept(phase === "closed" ? "closing" : before);
    if (phase === "closed") this.#endDay();
    if (phase === "continuous") this.lookAgain();
  }

  /** Nothing trades outside the bands, nor beyond what would interrupt. */
  protected override bound(): void {
    const { staticBps, dynamicBps } = this.settings;
    this.lowest = this.lowestRest;
    this.highest = this.highestRest;
    if (staticBps === 0 && dynamicBps === 0) return;
    this.#lowestCalm = TICK_MIN;
    this.#highestCalm = TICK_MAX;
    this.#within(this.auctionTicks, staticBps);
    this.#within(this.lastTicks, dynamicBps);
    this.lowest = Math.max(this.lowest, this.#lowestCalm);
    this.highest = Math.min(this.highest, this.#highestCalm);
  }

  #within(reference: number, bps: number): void {
    if (bps === 0 || Number.isNaN(reference)) return;
    const away = Math.floor((Math.abs(reference) * bps) / 10_000);
    this.#lowestCalm = Math.max(this.#lowestCalm, reference - away);
    this.#highestCalm = Math.min(this.#highestCalm, reference + away);
  }

  /** Beyond a band an order waits; beyond what interrupts it goes into a volatility auction. */
  protected override interrupted(row: number, tick: number): boolean {
    const { rows } = this;
    if (tick >= this.#lowestCalm && tick <= this.#highestCalm) return false;
    const timeInForce = rows.timeInForce[row];
    const isMarket = ((rows.flags[row] as number) & MATCH_FLAG.market) !== 0;
    if ((timeInForce === TIME_IN_FORCE.IOC && !isMarket) || timeInForce === TIME_IN_FORCE.FOK) {
      this.cancelRow(row, MATCH_REASON.interrupted, MATCH_EVENT.expired);
    } else this.gather(row);
    this.turnTo("volatility");
    return true;
  }

  /** For restoring. */
  protected setPhase(phase: MatchPhase): void {
    this.#phase = phase;
  }

  /** Puts an order to where it stands in an auction. */
  protected override gather(row: number): void {
    const { rows } = this;
    const side = rows.side[row] as 1 | -1;
    const isMarket = ((rows.flags[row] as number) & MATCH_FLAG.market) !== 0;
    const timeInForce = rows.timeInForce[row];
    if (!isMarket && timeInForce !== TIME_IN_FORCE.atOpen && timeInForce !== TIME_IN_FORCE.atClose) {
      this.restInside(row);
      return;
    }
    if (!isMarket) this.putInside(row);
    const tick = isMarket ? (side > 0 ? TICK_MAX : TICK_MIN) : (rows.tick[row] as number);
    this.kept.add(row, side, tick, rows.leaves[row >> 1] as number);
    rows.place[row] = PLACE.auction;
  }

  /** What the auction would do now; undefined where nothing would trade. */
  protected indicate(): AuctionResult | undefined {
    const from = Number.isNaN(this.lastTicks) ? this.auctionTicks : this.lastTicks;
    const reference = Math.max(this.lowestRest, Math.min(this.highestRest, from));
    return auctionPrice(this.#levels(1), this.#levels(-1), reference);
  }

  /** What the auction would leave over of orders at the market. */
  protected marketSurplus(): number {
    const traded = this.indicate()?.lots ?? 0;
    const over = (side: 1 | -1): number => {
      const limit = side > 0 ? TICK_MAX : TICK_MIN;
      const { lots } = this.#levels(side).find(({ tick }) => tick === limit) ?? { lots: 0 };
      return Math.max(0, lots - traded);
    };
    return over(1) - over(-1);
  }

  /** What a side offers by price, best first. Market orders are at the end of the price range. */
  #levels(side: 1 | -1): AuctionLevel[] {
    const byTick = new Map<number, number>();
    for (const row of this.#inTurn(side)) {
      const tick = this.auctionTick(row);
      byTick.set(tick, (byTick.get(tick) ?? 0) + (this.rows.leaves[row >> 1] as number));
    }
    return [...byTick].map(([tick, lots]) => ({ tick, lots }));
  }

  protected auctionTick(row: number): number {
    const isMarket = ((this.rows.flags[row] as number) & MATCH_FLAG.market) !== 0;
    if (isMarket) return (this.rows.side[row] as number) > 0 ? TICK_MAX : TICK_MIN;
    return this.rows.tick[row] as number;
  }

  /** The orders of a side in the order they trade: market, then price; shown, kept for the auction, hidden; time. */
  #inTurn(side: 1 | -1): number[] {
    const { rows } = this;
    const queues: readonly MatchQueue[] = [this.shown, this.kept, this.hidden];
    const all = queues.flatMap((queue) => queue.rows(side));
    const taking = all.filter((row) => {
      const isAside = ((rows.flags[row] as number) & (MATCH_FLAG.allOrNone | MATCH_FLAG.reduceOnly)) !== 0;
      return !isAside && rows.minLots[row >> 3] === 0;
    });
    const place = new Map(taking.map((row, at) => [row, at]));
    return taking.sort((left, right) => {
      const byPrice = (this.auctionTick(right) - this.auctionTick(left)) * side;
      return byPrice || (place.get(left) as number) - (place.get(right) as number);
    });
  }

  /** Trades all that trades at the auction's price. */
  #uncross(): void {
    const found = this.indicate();
    if (found === undefined) return;
    const { priceTicks, lots, surplusLots } = found;
    this.auctionTicks = priceTicks;
    this.events.write(MATCH_EVENT.priced, 0, priceTicks, lots, surplusLots, MATCH_REASON.none);
    const [bids, asks] = [this.#inTurn(1), this.#inTurn(-1)];
    const { rows } = this;
    let left = lots;
    for (let i = 0, j = 0; left > 0; ) {
      const [bid, ask] = [bids[i] as number, asks[j] as number];
      const isBidLater = (rows.seq[bid >> 1] as number) > (rows.seq[ask >> 1] as number);
      const [row, maker] = isBidLater ? [bid, ask] : [ask, bid];
      // Orders of lists may have ended by a trade of another.
      if (rows.place[bid] === PLACE.none) i++;
      else if (rows.place[ask] === PLACE.none) j++;
      else if (rows.list[row] !== 0 && rows.list[row] === rows.list[maker]) {
        this.cancelRow(maker, MATCH_REASON.oneCancelsOther);
      } else if (this.auctionTick(bid) < priceTicks || this.auctionTick(ask) > priceTicks) return;
      else {
        const taken = Math.min(left, rows.leaves[bid >> 1] as number, rows.leaves[ask >> 1] as number);
        this.trade(row, maker, priceTicks, taken);
        left -= taken;
      }
      if (i >= bids.length || j >= asks.length) return;
    }
  }

  /** Ends what was kept for the auction that has ended, and nothing of the next. */
  #endKept(phase: MatchPhase): void {
    const { rows } = this;
    for (const row of [...this.kept.rows(1), ...this.kept.rows(-1)]) {
      if (rows.place[row] !== PLACE.auction) continue;
      const waits = rows.timeInForce[row] === TIME_IN_FORCE.atClose && phase !== "closing";
      if (!waits) this.cancelRow(row, MATCH_REASON.auctionEnded, MATCH_EVENT.expired);
    }
  }

  /** Orders that have not ended, in the order of acceptance. */
  protected inSequence(): number[] {
    const { seq } = this.rows;
    return [...this.byId.values()].sort(
      (one, than) => (seq[one >> 1] as number) - (seq[than >> 1] as number),
    );
  }

  /** Pegs look again; what stayed out of an auction and reaches something enters anew. */
  protected override lookAgain(): void {
    super.lookAgain();
    const { rows } = this;
    const reaching = this.inSequence().filter((row) => {
      const { flags, place, minLots, side, tick } = rows;
      const isPegged = ((flags[row] as number) & MATCH_FLAG.pegged) !== 0;
      const isOut = ((flags[row] as number) & MATCH_FLAG.reduceOnly) !== 0 || minLots[row >> 3] !== 0;
      const isResting = place[row] === PLACE.shown || place[row] === PLACE.hidden;
      return isOut && isResting && !isPegged && this.crosses(side[row] as number, tick[row] as number);
    });
    for (const row of reaching) {
      this.unrest(row);
      this.makeReady(row);
    }
  }

  /** Ends orders that are good for the day. */
  #endDay(): void {
    const { rows } = this;
    for (const row of this.inSequence()) {
      if (rows.place[row] === PLACE.none || rows.timeInForce[row] !== TIME_IN_FORCE.DAY) continue;
      this.cancelRow(row, MATCH_REASON.dayEnded, MATCH_EVENT.expired);
    }
  }
}
