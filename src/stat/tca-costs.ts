import { divideBig, Fault } from "../base/index.ts";
import { civilFromDays, sideSign } from "../model/index.ts";
import { checkTcaOrder, midOf, type TcaOptions, type TcaOrder } from "./tca-order.ts";

const DAY_MS = 86_400_000;

/**
 * The six items of a cost. Slippage is what the price did between decision and market (Perold's delay), impact what the
 * mid did from then to each fill (market impact and timing), spread crossing each fill's distance from its mid;
 * opportunity is what the part that did not trade missed. Infrastructure is allocated, not measured.
 */
export const COST_ITEMS = [
  "fees",
  "slippage",
  "impact",
  "opportunity",
  "infrastructure",
  "spreadCrossing",
] as const;

/** A word of {@link COST_ITEMS}. */
export type CostItem = (typeof COST_ITEMS)[number];

/**
 * One piece of a cost, which belongs to one order, strategy, day and venue: every table is a sum of such pieces.
 *
 * @units minor units, positive is a cost
 */
export interface CostEntry {
  readonly order: string;
  readonly strategy: string;
  /** UTC. */
  readonly day: string;
  /** Null for what no venue has caused: what did not trade, and infrastructure. */
  readonly venue: string | null;
  readonly item: CostItem;
  readonly minor: bigint;
}

/**
 * The implementation shortfall of an order in minor units, and the parts that sum to it to the last unit:
 * `total = delay + spread + impact + opportunity + fees`; `trading = spread + impact`.
 */
export interface Shortfall {
  readonly delay: bigint;
  readonly spread: bigint;
  readonly impact: bigint;
  readonly opportunity: bigint;
  readonly fees: bigint;
  readonly total: bigint;
}

/**
 * The pieces of an order's cost.
 *
 * Amounts are exact sums of half ticks times lots. Where a tick is no whole number of minor units, each piece is the
 * difference of two rounded running sums (half to even): the pieces of an order always sum to its rounded total.
 *
 * @invariant The pieces sum to Perold's shortfall, rounded once: {@link shortfall}'s `total`.
 * @throws `FAULT_INPUT` naming what is wrong with the order; `FAULT_CONFIG` for a tick value not above 0
 * @cost O(fills)
 * @source Perold, The implementation shortfall, 1988; Wagner and Edwards 1993
 */
export function costEntries(order: TcaOrder, options: TcaOptions): CostEntry[] {
  checkTcaOrder(order, "order");
  const [numerator, denominator] = options.tickValue;
  if (!(numerator > 0n && denominator > 0n)) {
    const expected = "two bigints above 0";
    throw new Fault("FAULT_CONFIG", { path: "tca.tickValue", value: options.tickValue, expected });
  }
  const sign = BigInt(sideSign(order.side));
  const entries: CostEntry[] = [];
  let running = 0n;
  let booked = 0n;
  const add = (item: CostItem, venue: string | null, ns: number, halfTicks: number, lots: number): void => {
    running += sign * BigInt(halfTicks) * BigInt(lots);
    const sum = divideBig(running * numerator, 2n * denominator, "halfEven");
    put(item, venue, ns, sum - booked);
    booked = sum;
  };
  const put = (item: CostItem, venue: string | null, ns: number, minor: bigint): void => {
    if (minor === 0n) return;
    const { id, strategy } = order;
    entries.push({ order: id, strategy, day: dayOf(ns, options.baseMs ?? 0), venue, item, minor });
  };
  let unfilled = order.lots;
  const { arrivalHalfTicks: arrival, decisionHalfTicks: decision } = order;
  for (const fill of order.fills) {
    const { venue, ns, lots } = fill;
    const mid = midOf(fill);
    add("slippage", venue, ns, arrival - decision, lots);
    add("impact", venue, ns, mid - arrival, lots);
    add("spreadCrossing", venue, ns, 2 * fill.priceTicks - mid, lots);
    put("fees", venue, ns, fill.feeMinor);
    unfilled -= lots;
  }
  add("opportunity", null, order.endNs, order.endHalfTicks - decision, unfilled);
  return entries;
}

/**
 * The decomposition of an order's implementation shortfall.
 *
 * @invariant `delay + spread + impact + opportunity + fees === total`, exactly.
 * @throws as {@link costEntries}
 * @example
 * ```ts
 * import { shortfall } from "tickwright/stat";
 * const fill = { venue: "V", ns: 2, lots: 60, priceTicks: 102, feeMinor: 12n, bidTicks: 101, askTicks: 102 };
 * const order = {
 *   id: "a", strategy: "s", side: "buy" as const, lots: 100, startNs: 1, endNs: 9,
 *   decisionHalfTicks: 200, arrivalHalfTicks: 201, endHalfTicks: 206, fills: [fill],
 * };
 * const { delay, spread, impact, opportunity, total } = shortfall(order, { tickValue: [1n, 1n] });
 * [delay, spread, impact, opportunity, total]; // => [30n, 30n, 60n, 120n, 252n]
 * ```
 */
export function shortfall(order: TcaOrder, options: TcaOptions): Shortfall {
  const entries = costEntries(order, options);
  const of = (item: CostItem): bigint =>
    entries.reduce((sum, one) => sum + (one.item === item ? one.minor : 0n), 0n);
  const parts = {
    delay: of("slippage"),
    spread: of("spreadCrossing"),
    impact: of("impact"),
    opportunity: of("opportunity"),
    fees: of("fees"),
  };
  const total = parts.delay + parts.spread + parts.impact + parts.opportunity + parts.fees;
  return { ...parts, total };
}

/** How a day's infrastructure is shared out. */
export type InfrastructureBasis = "orders" | "notional";

/**
 * Shares each day's infrastructure out among the orders decided on it, equally or by ticks times lots that traded, the
 * rest by largest remainder (the first of equals). A day without orders, or without trades where it goes by notional,
 * belongs to no order and no strategy: its entry names "" for both.
 *
 * @invariant The entries sum to the days' amounts, exactly.
 */
export function infrastructureEntries(
  perDay: ReadonlyMap<string, bigint>,
  orders: readonly TcaOrder[],
  basis: InfrastructureBasis,
  baseMs = 0,
): CostEntry[] {
  const entries: CostEntry[] = [];
  for (const [day, minor] of perDay) {
    const there = orders.filter(({ startNs }) => dayOf(startNs, baseMs) === day);
    const weights = there.map((order) => (basis === "orders" ? 1n : notionalOf(order)));
    const parts = shareOut(minor, weights);
    if (parts === null) {
      entries.push({ order: "", strategy: "", day, venue: null, item: "infrastructure", minor });
      continue;
    }
    for (const [i, { id, strategy }] of there.entries()) {
      const part = parts[i] as bigint;
      if (part === 0n) continue;
      entries.push({ order: id, strategy, day, venue: null, item: "infrastructure", minor: part });
    }
  }
  return entries;
}

/** Ticks times lots that an order traded. */
export function notionalOf({ fills }: TcaOrder): bigint {
  return fills.reduce((sum, { priceTicks, lots }) => sum + BigInt(Math.abs(priceTicks)) * BigInt(lots), 0n);
}

/** The days from 1970-01-01 to a time, UTC. */
export function dayNumberOf(ns: number, baseMs: number): number {
  return Math.floor((baseMs + Math.floor(ns / 1_000_000)) / DAY_MS);
}

/** The day of a time, UTC. */
export function dayOf(ns: number, baseMs: number): string {
  const [year, month, date] = civilFromDays(dayNumberOf(ns, baseMs));
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;
}

/** Shares an amount out by weights, by largest remainder; null where the weights sum to 0. */
export function shareOut(amount: bigint, weights: readonly bigint[]): bigint[] | null {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (sum === 0n) return null;
  const parts = weights.map((weight) => divideBig(amount * weight, sum, "floor"));
  const rests = weights.map((weight, i) => amount * weight - (parts[i] as bigint) * sum);
  const order = rests
    .map((_, i) => i)
    .sort(
      (a, b) =>
        Number((rests[b] as bigint) > (rests[a] as bigint)) -
        Number((rests[b] as bigint) < (rests[a] as bigint)),
    );
  let left = amount - parts.reduce((total, part) => total + part, 0n);
  for (const i of order) {
    if (left === 0n) break;
    parts[i] = (parts[i] as bigint) + 1n;
    left -= 1n;
  }
  return parts;
}
