import { Fault } from "../base/index.ts";
import { sideSign } from "../model/index.ts";
import { finite, type Series } from "./series.ts";
import { midOf, type TcaFill, type TcaOrder } from "./tca-order.ts";
import { slippageBp } from "./trade-figures.ts";

/**
 * What the market did, as columns; times rise. Own executions are in the prints or not, as the caller has put them.
 *
 * @units ns from {@link TcaOptions.baseMs}; prices in ticks, mids in half ticks
 */
export interface TcaMarket {
  readonly tradeNs: Series;
  readonly tradeTicks: Series;
  readonly tradeLots: Series;
  readonly quoteNs: Series;
  readonly midHalfTicks: Series;
}

/** Prices that an average fill is compared with, in ticks; null where the market has none. */
export interface Benchmarks {
  readonly decision: number;
  readonly arrival: number;
  /** Over all prints given, over the order's time, and the time-weighted mid over it. */
  readonly vwap: number | null;
  readonly intervalVwap: number | null;
  readonly twap: number | null;
  /** The last print. */
  readonly close: number | null;
  /** Over the first {@link PWP_MULTIPLE} times the order's lots that traded from its start on: at a share of 10 %. */
  readonly pwp: number | null;
}

/** What has to trade for the participation-weighted price, as a multiple of an order's lots. */
export const PWP_MULTIPLE = 10;

/** The mid in force at a moment: the last at or before it; null before the first. */
export function midAt(market: TcaMarket, ns: number): number | null {
  const at = lastAt(market.quoteNs, ns);
  return at < 0 ? null : (market.midHalfTicks[at] as number);
}

/** Checks the columns of a market. @throws `FAULT_INPUT` where columns differ in length or times fall */
export function checkMarket(market: TcaMarket): void {
  const check = (name: keyof TcaMarket, times: Series): void => {
    if (market[name].length === times.length) return;
    const expected = `as many rows as times (${times.length})`;
    throw new Fault("FAULT_INPUT", { path: `market.${name}.length`, value: market[name].length, expected });
  };
  check("tradeTicks", market.tradeNs);
  check("tradeLots", market.tradeNs);
  check("midHalfTicks", market.quoteNs);
  for (const name of ["tradeNs", "quoteNs"] as const) {
    for (let i = 1; i < market[name].length; i++) {
      const [before, now] = [market[name][i - 1] as number, market[name][i] as number];
      if (now >= before) continue;
      throw new Fault("FAULT_INPUT", {
        path: `market.${name}[${i}]`,
        value: now,
        expected: `at least ${before}`,
      });
    }
  }
}

/** The benchmarks of an order. @cost O(rows within the order's time, and all prints for the whole VWAP) */
export function benchmarksOf(order: TcaOrder, market: TcaMarket): Benchmarks {
  const { tradeNs, tradeTicks } = market;
  return {
    decision: order.decisionHalfTicks / 2,
    arrival: order.arrivalHalfTicks / 2,
    vwap: printed(market, -Infinity, Infinity).vwap,
    intervalVwap: printed(market, order.startNs, order.endNs).vwap,
    twap: twapOf(market, order.startNs, order.endNs),
    close: tradeNs.length === 0 ? null : (tradeTicks[tradeTicks.length - 1] as number),
    pwp: pwpOf(market, order.startNs, order.lots * PWP_MULTIPLE),
  };
}

/** What an order's average fill cost against each benchmark; null without fills or benchmark. */
export type Slippages = Readonly<Record<keyof Benchmarks, number | null>>;

/** What the average fill cost against each benchmark. @units basis points, positive is a cost */
export function slippagesOf(order: TcaOrder, benchmarks: Benchmarks): Slippages {
  const average = averageOf(order);
  const of = (price: number | null): number | null =>
    average === null || price === null ? null : slippageBp(sideSign(order.side), average, price);
  const { decision, arrival, vwap, intervalVwap, twap, close, pwp } = benchmarks;
  return {
    decision: of(decision),
    arrival: of(arrival),
    vwap: of(vwap),
    intervalVwap: of(intervalVwap),
    twap: of(twap),
    close: of(close),
    pwp: of(pwp),
  };
}

/** The average fill in ticks; null without fills. */
export function averageOf({ fills }: TcaOrder): number | null {
  const lots = fills.reduce((sum, fill) => sum + fill.lots, 0);
  if (lots === 0) return null;
  return finite(fills.reduce((sum, fill) => sum + fill.priceTicks * fill.lots, 0) / lots);
}

/**
 * Own lots over all that traded after the start, to the end; null where nothing traded.
 *
 * @param ownPrints - whether own executions are among the prints; they are added where not
 */
export function participationOf(order: TcaOrder, market: TcaMarket, ownPrints = true): number | null {
  const own = order.fills.reduce((sum, fill) => sum + fill.lots, 0);
  const lots = printed(market, order.startNs, order.endNs).lots + (ownPrints ? 0 : own);
  return lots === 0 ? null : finite(own / lots);
}

/** How long an order's fills took from its decision, weighted by lots; null without fills. @units ns */
export function fillTimeOf({ fills, startNs }: TcaOrder): number | null {
  const lots = fills.reduce((sum, fill) => sum + fill.lots, 0);
  if (lots === 0) return null;
  return finite(fills.reduce((sum, { ns, lots: filled }) => sum + (ns - startNs) * filled, 0) / lots);
}

/** How far better than the far side's best a fill was, 0 where it was not. @units ticks */
export function improvementOf(sign: number, { priceTicks, bidTicks, askTicks }: TcaFill): number {
  return Math.max(0, sign > 0 ? askTicks - priceTicks : priceTicks - bidTicks);
}

/**
 * How far the price came back after an order's end: `s * (mid at end - mid later)` over the mid at its end. Positive:
 * what the order paid was partly impact that did not last. Null without a mid.
 *
 * @units basis points
 */
export function reversionBp(order: TcaOrder, market: TcaMarket, horizonNs: number): number | null {
  const later = endsBefore(market, order.endNs + horizonNs) ? null : midAt(market, order.endNs + horizonNs);
  return later === null ? null : slippageBp(-sideSign(order.side), later, order.endHalfTicks);
}

/**
 * The spread measures of a fill. `effective === realised + impact`, exactly.
 *
 * @units ticks, whole numbers
 */
export interface SpreadMeasures {
  readonly quoted: number;
  readonly effective: number;
  readonly realised: number;
  readonly impact: number;
}

/**
 * Quoted spread; effective: `2 s (p - mid)`; realised: `2 s (p - mid later)`; impact: `2 s (mid later - mid)`.
 *
 * @source Huang and Stoll 1996; SEC Rule 605
 */
export function spreadMeasures(sign: number, fill: TcaFill, laterHalfTicks: number): SpreadMeasures {
  const mid = midOf(fill);
  return {
    quoted: fill.askTicks - fill.bidTicks,
    effective: sign * (2 * fill.priceTicks - mid) + 0,
    realised: sign * (2 * fill.priceTicks - laterHalfTicks) + 0,
    impact: sign * (laterHalfTicks - mid) + 0,
  };
}

/** How the mid had moved our way: `s (mid later - p) / p`; null where the quotes end before. @units basis points */
export function markoutBp(sign: number, fill: TcaFill, market: TcaMarket, horizonNs: number): number | null {
  const at = fill.ns + horizonNs;
  const later = endsBefore(market, at) ? null : midAt(market, at);
  return later === null ? null : slippageBp(sign, later, 2 * fill.priceTicks);
}

/** Whether the quotes end before a moment: what holds then is not known. */
function endsBefore({ quoteNs }: TcaMarket, ns: number): boolean {
  return quoteNs.length === 0 || (quoteNs[quoteNs.length - 1] as number) < ns;
}

/** The mean price of the first `wanted` lots that traded after a moment; null where so much did not. */
function pwpOf({ tradeNs, tradeTicks, tradeLots }: TcaMarket, from: number, wanted: number): number | null {
  let [value, left] = [0, wanted];
  for (let i = lastAt(tradeNs, from) + 1; i < tradeNs.length && left > 0; i++) {
    const lots = Math.min(left, tradeLots[i] as number);
    value += (tradeTicks[i] as number) * lots;
    left -= lots;
  }
  return left > 0 ? null : finite(value / wanted);
}

/** What was printed after a moment, up to another one. */
function printed(market: TcaMarket, from: number, to: number): { vwap: number | null; lots: number } {
  const { tradeNs, tradeTicks, tradeLots } = market;
  let [value, lots] = [0, 0];
  for (let i = lastAt(tradeNs, from) + 1; i < tradeNs.length && (tradeNs[i] as number) <= to; i++) {
    value += (tradeTicks[i] as number) * (tradeLots[i] as number);
    lots += tradeLots[i] as number;
  }
  return { vwap: lots === 0 ? null : finite(value / lots), lots };
}

/** The mid, each weighted by how long it held; the mid itself where no time passes. */
function twapOf(market: TcaMarket, from: number, to: number): number | null {
  const { quoteNs, midHalfTicks } = market;
  const first = lastAt(quoteNs, from);
  if (first < 0) return null;
  if (to === from) return (midHalfTicks[first] as number) / 2;
  let sum = 0;
  for (let i = first; i < quoteNs.length && (quoteNs[i] as number) < to; i++) {
    const begins = Math.max(from, quoteNs[i] as number);
    const ends = Math.min(to, i + 1 < quoteNs.length ? (quoteNs[i + 1] as number) : to);
    sum += (midHalfTicks[i] as number) * (ends - begins);
  }
  return finite(sum / (to - from) / 2);
}

/** The last row at or before a moment, or -1. */
function lastAt(times: Series, ns: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= ns) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
