import { BarSeries } from "./bar-series.ts";

/** A trade as everybody sees it. @units ticks, book lots, epoch ms */
export interface PublicTrade {
  readonly id: number;
  readonly ticks: number;
  readonly lots: number;
  readonly timeMs: number;
  readonly buyerIsMaker: boolean;
}

/** Trades of one taker at one price and time, as one. */
export interface AggregateTrade {
  readonly id: number;
  readonly ticks: number;
  lots: number;
  readonly firstId: number;
  lastId: number;
  readonly timeMs: number;
  readonly buyerIsMaker: boolean;
}

const SECONDS_KEPT = 3_600;
const MINUTES_KEPT = 10_080;

/**
 * The public trades of a symbol: the newest of them, and bars of all.
 *
 * @invariant Numbers of trades, and of aggregates, have no gaps.
 */
export class PublicTrades {
  readonly trades: PublicTrade[] = [];
  readonly aggregates: AggregateTrade[] = [];
  readonly seconds: BarSeries = new BarSeries(1_000, SECONDS_KEPT);
  readonly minutes: BarSeries = new BarSeries(60_000, MINUTES_KEPT);
  lastTicks = 0;
  #nextId = 1;
  readonly #kept: number;
  #nextAggregate = 1;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(ticks: number, lots: number, timeMs: number, buyerIsMaker: boolean): PublicTrade {
    const trade: PublicTrade = { id: this.#nextId++, ticks, lots, timeMs, buyerIsMaker };
    this.lastTicks = ticks;
    keep(this.trades, trade, this.#kept);
    this.seconds.add(timeMs, ticks, lots, buyerIsMaker, trade.id);
    this.minutes.add(timeMs, ticks, lots, buyerIsMaker, trade.id);
    return trade;
  }

  /** Adds a trade to the newest aggregate, or begins one; true where one was begun. */
  aggregate(trade: PublicTrade): boolean {
    const { id, ticks, lots, timeMs, buyerIsMaker } = trade;
    const last = this.aggregates.at(-1);
    if (last?.ticks === ticks && last.timeMs === timeMs && last.buyerIsMaker === buyerIsMaker) {
      last.lots += lots;
      last.lastId = id;
      return false;
    }
    const begun = { id: this.#nextAggregate++, ticks, lots, firstId: id, lastId: id, timeMs, buyerIsMaker };
    keep(this.aggregates, begun, this.#kept);
    return true;
  }

  /** The average price of the last five minutes with trades; 0 before the first trade. @units ticks */
  averageTicks(nowMs: number): number {
    const { bars } = this.minutes;
    let worth = 0n;
    let volume = 0n;
    for (let i = bars.length - 1; i >= 0; i--) {
      const bar = bars[i];
      if (bar === undefined || bar.openMs < nowMs - 5 * 60_000) break;
      worth += bar.worth;
      volume += BigInt(bar.volume);
    }
    return volume === 0n ? this.lastTicks : Number(worth / volume);
  }
}

/** Appends; the oldest go when there are twice as many as are kept. */
function keep<Item>(items: Item[], item: Item, kept: number): void {
  items.push(item);
  if (items.length > kept * 2) items.splice(0, kept);
}
