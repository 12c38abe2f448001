import type { Units } from "./units.ts";

/** One bar of public trades. @units ticks, book lots; `worth` ticks times book lots */
export interface ExchangeBar {
  readonly openMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  worth: Units;
  takerBuyVolume: number;
  takerBuyWorth: Units;
  trades: number;
  firstId: number;
  lastId: number;
}

/** Bars of one length, the newest of them kept. Spans without a trade have none here; readers fill them in. */
export class BarSeries {
  readonly lengthMs: number;
  readonly bars: ExchangeBar[] = [];
  readonly #kept: number;

  constructor(lengthMs: number, kept: number) {
    this.lengthMs = lengthMs;
    this.#kept = kept;
  }

  add(timeMs: number, ticks: number, lots: number, buyerIsMaker: boolean, tradeId: number): void {
    const openMs = timeMs - (timeMs % this.lengthMs);
    let bar = this.bars.at(-1);
    if (bar === undefined || bar.openMs < openMs) {
      bar = emptyBar(openMs, ticks, tradeId);
      this.bars.push(bar);
      if (this.bars.length > this.#kept * 2) this.bars.splice(0, this.#kept);
    }
    const worth = BigInt(ticks) * BigInt(lots);
    bar.high = Math.max(bar.high, ticks);
    bar.low = Math.min(bar.low, ticks);
    bar.close = ticks;
    bar.volume += lots;
    bar.worth += worth;
    if (!buyerIsMaker) {
      bar.takerBuyVolume += lots;
      bar.takerBuyWorth += worth;
    }
    bar.trades += 1;
    bar.lastId = tradeId;
  }

  /** The bars that open within `fromMs` and `toMs`, both included, brought together to spans of `lengthMs`. */
  between(fromMs: number, toMs: number, startOf: (ms: number) => number): ExchangeBar[] {
    const { bars } = this;
    let at = bars.length;
    while (at > 0 && (bars[at - 1] as ExchangeBar).openMs >= fromMs) at -= 1;
    const spans: ExchangeBar[] = [];
    for (; at < bars.length; at++) {
      const bar = bars[at] as ExchangeBar;
      if (bar.openMs > toMs) break;
      const openMs = startOf(bar.openMs);
      const last = spans.at(-1);
      if (last?.openMs === openMs) merge(last, bar);
      else spans.push({ ...bar, openMs });
    }
    return spans;
  }
}

/** A bar in which nothing has traded yet. */
export function emptyBar(openMs: number, ticks: number, tradeId: number): ExchangeBar {
  return {
    openMs,
    open: ticks,
    high: ticks,
    low: ticks,
    close: ticks,
    volume: 0,
    worth: 0n,
    takerBuyVolume: 0,
    takerBuyWorth: 0n,
    trades: 0,
    firstId: tradeId,
    lastId: tradeId,
  };
}

function merge(into: ExchangeBar, bar: ExchangeBar): void {
  into.high = Math.max(into.high, bar.high);
  into.low = Math.min(into.low, bar.low);
  into.close = bar.close;
  into.volume += bar.volume;
  into.worth += bar.worth;
  into.takerBuyVolume += bar.takerBuyVolume;
  into.takerBuyWorth += bar.takerBuyWorth;
  into.trades += bar.trades;
  into.lastId = bar.lastId;
}
