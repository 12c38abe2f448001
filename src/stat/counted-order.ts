import { divideBig } from "../base/index.ts";
import { sideSign } from "../model/index.ts";
import type { CostPart, OrderCosts } from "./order-costs.ts";
import { finite } from "./series.ts";
import type { CostItem } from "./tca-costs.ts";
import type { Slippages } from "./tca-market.ts";
import { slippageBp } from "./trade-figures.ts";

/** One piece of an order's cost, and the part of it that it belongs to: none for what did not trade. */
interface Piece {
  readonly item: CostItem;
  readonly part: CostPart | undefined;
  readonly minor: bigint;
}

/** An order that is over, with its costs and figures. */
export interface CountedOrder {
  readonly order: OrderCosts;
  readonly entries: readonly Piece[];
  readonly total: bigint;
  readonly averageTicks: number | null;
  /** Without the benchmarks that may come after its end. */
  readonly slippage: Omit<Slippages, "vwap" | "close" | "pwp">;
  readonly participation: number | null;
  /** Ticks times lots that traded. */
  readonly notional: number;
}

/**
 * What an order came to; undefined where nobody knew a price.
 *
 * @invariant The pieces sum to Perold's shortfall rounded once, plus fees.
 */
export function countOrder(order: OrderCosts, ownPrints: boolean): CountedOrder | undefined {
  const first = [order.decisionHalfTicks, order.arrivalHalfTicks, order.lastMid].find(
    (mid) => !Number.isNaN(mid),
  );
  if (first === undefined) return undefined;
  const known = (...mids: number[]): number => mids.find((mid) => !Number.isNaN(mid)) ?? first;
  // What the market could not tell of the end is not made up: nothing was missed.
  const end = order.end === undefined ? first : known(order.endHalfTicks, order.lastMid);
  const entries = piecesOf(order, first, known(order.arrivalHalfTicks), end);
  const average = averageOf(order);
  const sign = sideSign(order.side);
  const of = (price: number | null): number | null =>
    average === null || price === null || Number.isNaN(price) ? null : slippageBp(sign, average, price);
  const spans = spansOf(order);
  return {
    order,
    entries,
    total: entries.reduce((sum, { minor }) => sum + minor, 0n),
    averageTicks: average,
    slippage: {
      decision: of(order.decisionHalfTicks / 2),
      arrival: of(order.arrivalHalfTicks / 2),
      intervalVwap: of(spans?.vwap ?? null),
      twap: of(spans?.twap ?? null),
    },
    participation: spans === undefined ? null : participation(order.filledLots, spans.lots, ownPrints),
    notional: notionalOfParts(order),
  };
}

/** What the average fill cost against the participation-weighted price; null where either is not known. @units bp */
export function pwpSlippage(order: OrderCosts): number | null {
  const { filledLots, pwpTicks } = order;
  if (filledLots === 0 || Number.isNaN(pwpTicks)) return null;
  return slippageBp(sideSign(order.side), averageOf(order) as number, pwpTicks);
}

/** The average fill; null without fills. @units ticks */
function averageOf({ parts }: OrderCosts): number | null {
  const worth = parts.reduce((sum, part) => sum + part.worth, 0n);
  const lots = parts.reduce((sum, part) => sum + part.lots, 0);
  return lots === 0 ? null : finite(Number(worth) / lots);
}

/** What traded was worth, so that orders of several instruments have weights of one unit. @units minor units */
export function notionalOfParts(order: OrderCosts): number {
  return worthOf(order, Number(tradedOf(order)));
}

/** Ticks times lots that an order traded, of either sign. */
export function tradedOf({ parts }: OrderCosts): bigint {
  return parts.reduce((sum, { worth }) => sum + (worth < 0n ? -worth : worth), 0n);
}

/** What ticks times lots of an order's instrument are worth. @units minor units */
export function worthOf({ market }: OrderCosts, ticksLots: number): number {
  const [numerator, denominator] = market.tickValue;
  return (ticksLots * Number(numerator)) / Number(denominator);
}

/** Perold's parts, each the difference of two rounded running sums. */
function piecesOf(order: OrderCosts, decision: number, arrival: number, end: number): Piece[] {
  const [numerator, denominator] = order.market.tickValue;
  const sign = BigInt(sideSign(order.side));
  const pieces: Piece[] = [];
  let running = 0n;
  let booked = 0n;
  const add = (item: CostItem, part: CostPart | undefined, halfTicksLots: bigint): void => {
    running += sign * halfTicksLots;
    const sum = divideBig(running * numerator, 2n * denominator, "halfEven");
    pieces.push({ item, part, minor: sum - booked });
    booked = sum;
  };
  for (const part of order.parts) {
    const lots = BigInt(part.lots);
    add("slippage", part, BigInt(arrival - decision) * lots);
    add("impact", part, part.mids - BigInt(arrival) * lots);
    add("spreadCrossing", part, 2n * part.worth - part.mids);
    pieces.push({ item: "fees", part, minor: part.feeMinor });
  }
  const unfilled = order.isQuote ? 0 : Math.max(0, order.lots - order.filledLots);
  if (unfilled > 0) add("opportunity", undefined, BigInt(end - decision) * BigInt(unfilled));
  return pieces;
}

/** What its market did from its start to its end; undefined where that is not known. */
function spansOf({
  start,
  end,
  market,
}: OrderCosts):
  | { readonly lots: number; readonly vwap: number | null; readonly twap: number | null }
  | undefined {
  if (start === undefined || end === undefined) return undefined;
  const { trace } = market;
  const lots = end.lots - start.lots;
  const vwap = lots > 0 ? finite((end.worth - start.worth) / lots + trace.baseTicks) : null;
  if (Number.isNaN(start.mid)) return { lots, vwap, twap: null };
  const held = end.ns - start.ns;
  const twap = held > 0 ? (end.area - start.area) / held + trace.baseHalfTicks : start.mid;
  return { lots, vwap, twap: finite(twap / 2) };
}

function participation(own: number, printed: number, ownPrints: boolean): number | null {
  const lots = printed + (ownPrints ? 0 : own);
  return lots > 0 ? finite(own / lots) : null;
}
