import { ClusterSums } from "./cluster-sums.ts";
import { type CountedOrder, countOrder, notionalOfParts, pwpSlippage, worthOf } from "./counted-order.ts";
import { DayWeights } from "./day-weights.ts";
import { EndedOrders } from "./ended-orders.ts";
import type { CostFill, OrderCosts } from "./order-costs.ts";
import { COST_ITEMS, type CostItem, dayNumberOf, dayOf } from "./tca-costs.ts";

/** Orders that have ended and are still told of. */
const ENDED_KEPT = 8_192;

/** Columns of {@link CostTally.figures} before the markouts. */
export const FIGURE = {
  decision: 0,
  arrival: 1,
  intervalVwap: 2,
  twap: 3,
  pwp: 4,
  quoted: 5,
  effective: 6,
  realised: 7,
  impact: 8,
  improvement: 9,
  participation: 10,
  fillTime: 11,
  quotedBp: 12,
  effectiveBp: 13,
  realisedBp: 14,
  impactBp: 15,
  markouts: 16,
} as const;

/** Sums of a name's cost by item. */
export type ItemSums = Record<CostItem, bigint>;

/** What a {@link CostTally} is told of a run. */
export interface CostTallyOptions {
  readonly baseMs: number;
  readonly horizonsNs: readonly number[];
  readonly laterNs: number;
  readonly ordersMax: number;
  readonly ownPrints: boolean;
}

/**
 * What orders of one currency cost together: exact sums by strategy, venue and day, means with what intervals are drawn
 * from, and the dearest orders.
 *
 * @invariant The dearest orders and the rest sum to the total, item by item.
 */
export class CostTally {
  readonly laterNs: number;
  readonly figures: ClusterSums;
  readonly daily: ClusterSums;
  readonly byStrategy: Map<string, ItemSums> = new Map();
  readonly byVenue: Map<string, ItemSums> = new Map();
  readonly byDay: Map<string, ItemSums> = new Map();
  readonly total: ItemSums = noItems();
  /** Orders decided and what they traded: by day, and in a day by strategy. */
  readonly weights: DayWeights = new DayWeights();
  /** Orders that have not ended. */
  readonly atWork: Set<OrderCosts> = new Set();
  /** Orders that have ended, and are not counted yet. */
  readonly endedOrders: EndedOrders = new EndedOrders(ENDED_KEPT);
  orders = 0;
  /** Orders whose price no one knew. */
  unpriced = 0;
  /** Fills told after their order's end: those in the costs, and those that came too late for them. */
  afterEnd = 0;
  late = 0;
  orderedLots = 0;
  filledLots = 0;
  fills = 0;
  makers = 0;
  /** Fills whose quotes are known that took, and of them those better than the far side's best. */
  taken = 0;
  improved = 0;
  /** Sum of `ns - start` times lots over fills, and the longest of them. */
  slowestNs = 0;
  readonly #options: CostTallyOptions;
  readonly #days: Set<number> = new Set();
  #kept: CountedOrder[] = [];

  constructor(options: CostTallyOptions) {
    this.#options = options;
    this.laterNs = options.laterNs;
    const columns = FIGURE.markouts + options.horizonsNs.length;
    this.figures = new ClusterSums(columns);
    this.daily = new ClusterSums(columns);
  }

  get days(): number {
    return this.#days.size;
  }

  /** The orders that are listed, the dearest first. */
  get dearest(): readonly CountedOrder[] {
    this.#trim(this.#options.ordersMax);
    return this.#kept;
  }

  /** An order has ended: what is told of it still counts until so many others have. */
  ended(order: OrderCosts): void {
    this.atWork.delete(order);
    this.endedOrders.put(order);
  }

  filled(fill: CostFill, startNs: number): void {
    this.fills += 1;
    if (fill.maker) this.makers += 1;
    this.slowestNs = Math.max(this.slowestNs, fill.ns - startNs);
  }

  /** Adds a fill to the part of its order that traded at its venue on its day. */
  add(order: OrderCosts, fill: CostFill, mid: number): void {
    const day = this.day(fill.ns);
    let part = order.parts.find((one) => one.venue === fill.venue && one.day === day);
    if (part === undefined) {
      part = { venue: fill.venue, day, lots: 0, worth: 0n, mids: 0n, feeMinor: 0n };
      order.parts.push(part);
    }
    const lots = BigInt(fill.lots);
    part.lots += fill.lots;
    part.worth += BigInt(fill.priceTicks) * lots;
    part.mids += BigInt(mid) * lots;
    part.feeMinor += fill.feeMinor;
  }

  /** What is known of a fill where the quotes are: spreads, improvement, and markouts when they come due. */
  quoted(order: OrderCosts, fill: CostFill, sign: number, bidTicks: number, askTicks: number): void {
    const { lots, priceTicks, ns } = fill;
    const { trace } = order.market;
    const { horizonsNs, laterNs } = this.#options;
    const mid = bidTicks + askTicks;
    const day = this.#dayNumber(ns);
    const weight = worthOf(order, Math.abs(priceTicks) * lots);
    const put = (column: number, value: number): void => {
      this.figures.add(order.member, column, value, weight);
      this.daily.add(day, column, value, weight);
    };
    if (!fill.maker) {
      const better = Math.max(0, sign > 0 ? askTicks - priceTicks : priceTicks - bidTicks);
      this.taken += 1;
      if (better > 0) this.improved += 1;
      put(FIGURE.improvement, better);
    }
    trace.ask(ns + laterNs, ({ midHalfTicks: later }, isKnown) => {
      if (!isKnown) return;
      const measures = [
        askTicks - bidTicks,
        sign * (2 * priceTicks - mid),
        sign * (2 * priceTicks - later),
        sign * (later - mid),
      ];
      for (const [i, ticks] of measures.entries()) {
        put(FIGURE.quoted + i, ticks);
        if (mid !== 0) put(FIGURE.quotedBp + i, (ticks * 20_000) / Math.abs(mid));
      }
    });
    if (priceTicks === 0) return;
    for (const [i, horizon] of horizonsNs.entries()) {
      trace.ask(ns + horizon, ({ midHalfTicks: later }, isKnown) => {
        if (!isKnown) return;
        put(FIGURE.markouts + i, ((sign * (later - 2 * priceTicks)) / (2 * Math.abs(priceTicks))) * 10_000);
      });
    }
  }

  /** Counts an order that is over. */
  count(order: OrderCosts): void {
    this.orders += 1;
    this.orderedLots += order.lots;
    this.filledLots += order.filledLots;
    const counted = countOrder(order, this.#options.ownPrints);
    if (counted === undefined) {
      this.unpriced += 1;
      return;
    }
    const { strategy, startNs, endNs } = order;
    const [startDay, endDay] = [this.day(startNs), this.day(endNs)];
    for (const { item, part, minor } of counted.entries) {
      if (minor === 0n) continue;
      this.book(strategy, part?.venue ?? null, part?.day ?? endDay, item, minor);
    }
    this.weights.add(startDay, strategy, order);
    this.#measure(order, counted);
    this.#kept.push(counted);
    if (this.#kept.length >= 2 * this.#options.ordersMax + 64) this.#trim(this.#options.ordersMax);
  }

  /** The participation-weighted price of an order that was counted before it was known. */
  measurePwp(order: OrderCosts): void {
    const value = pwpSlippage(order);
    if (value === null) return;
    const notional = notionalOfParts(order);
    this.figures.add(order.member, FIGURE.pwp, value, notional);
    this.daily.add(this.#dayNumber(order.startNs), FIGURE.pwp, value, notional);
  }

  /** Adds a piece of cost to every sum. */
  book(strategy: string, venue: string | null, day: string, item: CostItem, minor: bigint): void {
    this.total[item] += minor;
    itemsOf(this.byStrategy, strategy)[item] += minor;
    itemsOf(this.byVenue, venue ?? "")[item] += minor;
    itemsOf(this.byDay, day)[item] += minor;
  }

  day(ns: number): string {
    return dayOf(ns, this.#options.baseMs);
  }

  /** An order's own figures, each weighted by what it traded. */
  #measure(order: OrderCosts, { slippage, participation, notional }: CountedOrder): void {
    const day = this.#dayNumber(order.startNs);
    const put = (column: number, value: number | null, weight: number): void => {
      if (value === null) return;
      this.figures.add(order.member, column, value, weight);
      this.daily.add(day, column, value, weight);
    };
    put(FIGURE.decision, slippage.decision, notional);
    put(FIGURE.arrival, slippage.arrival, notional);
    put(FIGURE.intervalVwap, slippage.intervalVwap, notional);
    put(FIGURE.twap, slippage.twap, notional);
    put(FIGURE.pwp, pwpSlippage(order), notional);
    put(FIGURE.participation, participation, notional);
    if (order.filledLots > 0) put(FIGURE.fillTime, order.waitedNs / order.filledLots, notional);
  }

  /** A day's number from that of the base. */
  #dayNumber(ns: number): number {
    const { baseMs } = this.#options;
    const day = dayNumberOf(ns, baseMs) - dayNumberOf(0, baseMs);
    this.#days.add(day);
    return Math.max(0, day);
  }

  /** Keeps the dearest. */
  #trim(most: number): void {
    this.#kept.sort((a, b) =>
      a.total < b.total ? 1 : a.total > b.total ? -1 : a.order.member - b.order.member,
    );
    this.#kept.length = Math.min(this.#kept.length, most);
  }
}

/** A name's sums; made where there are none. */
export function itemsOf(sums: Map<string, ItemSums>, name: string): ItemSums {
  const found = sums.get(name);
  if (found !== undefined) return found;
  const made = noItems();
  sums.set(name, made);
  return made;
}

/** Nothing of any item. */
export function noItems(): ItemSums {
  return Object.fromEntries(COST_ITEMS.map((item) => [item, 0n])) as ItemSums;
}
