import { checkBoolean, checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { sideSign } from "../model/index.ts";
import { Draws, type Interval } from "./bootstrap.ts";
import type { ClusterSums } from "./cluster-sums.ts";
import { CostTally, FIGURE, type ItemSums, noItems } from "./cost-tally.ts";
import { type CountedOrder, pwpSlippage } from "./counted-order.ts";
import { MarketTrace } from "./market-trace.ts";
import { type CostMarket, type CostOpening, OrderCosts } from "./order-costs.ts";
import { finite } from "./series.ts";
import { COST_ITEMS, type CostItem, type InfrastructureBasis, shareOut } from "./tca-costs.ts";
import {
  type CostRow,
  NO_ORDER,
  NO_VENUE,
  type OrderRow,
  restRow,
  type TcaRates,
  type TcaReport,
} from "./tca-report.ts";
import { clusterRule, TCA_HORIZONS_NS } from "./tca-samples.ts";
import { slippageBp } from "./trade-figures.ts";

/** What a {@link TcaCollector} is made from. */
export interface TcaCollectorOptions {
  /** Of all amounts, and how many decimals its minor units have. */
  readonly currency: string;
  readonly decimals: number;
  /** The moment that times count from; 0 unless given. @units epoch ms */
  readonly baseMs?: number;
  /** As of `tcaReport`. */
  readonly horizonsNs?: readonly number[];
  readonly laterNs?: number;
  readonly seed?: number;
  readonly resamples?: number;
  /** Orders that are listed, the dearest; 1,000 unless given. The others are summed. */
  readonly ordersMax?: number;
  /** Whether own executions are among the prints: live they are, over a recorded tape not. True unless given. */
  readonly ownPrints?: boolean;
  /** What a day costs beside its orders, in minor units, for each UTC day with one; by orders or notional. */
  readonly infrastructure?: { readonly minorPerDay: bigint; readonly basis: InfrastructureBasis };
}

const KEYS = [
  ...["currency", "decimals", "baseMs", "horizonsNs", "laterNs", "seed", "resamples", "ordersMax"],
  ...["ownPrints", "infrastructure"],
];

/**
 * Analyses what orders cost while they happen: told of quotes, prints, orders and fills as they come, it yields at the
 * end what `tcaReport` makes of columns, and holds none.
 *
 * Memory is bounded: running sums, 8,192 changes of each market, moments still to come, orders at work, the last 8,192
 * that are over and the `ordersMax` dearest. Sums are of all orders, listed or not.
 *
 * @units ns from `baseMs`, ticks, lots, minor units
 * @invariant With as many orders as are listed, equal to `tcaReport` over the same market (intervals included).
 * @throws `FAULT_CONFIG` naming an option
 * @cost see `MarketTrace`; an order five questions to it, a fill nine
 * @example
 * ```ts
 * import { TcaCollector } from "tickwright/stat";
 * const costs = new TcaCollector({ currency: "USD", decimals: 2 });
 * const market = costs.market([1n, 1n]);
 * market.trace.quote(0, 99, 101);
 * const order = costs.open(
 *   { id: "a", strategy: "s", side: "buy", lots: 10, startNs: 1, decisionHalfTicks: 200 }, market,
 * );
 * order.fill({ venue: "V", ns: 5, lots: 10, priceTicks: 101, feeMinor: 3n, maker: false });
 * order.finish(5);
 * const { items, total } = costs.finish(10).total;
 * [items.spreadCrossing, items.fees, total]; // => [10n, 3n, 13n]
 * ```
 */
export class TcaCollector {
  /** What became of orders sent, where somebody counts them. */
  readonly rates: { -readonly [Key in keyof TcaRates]: TcaRates[Key] } = {
    ...{ sent: 0, filled: 0, partlyFilled: 0, rejected: 0, canceled: 0, expired: 0, refused: 0 },
  };
  readonly #options: TcaCollectorOptions;
  readonly #horizonsNs: readonly number[];
  readonly #tally: CostTally;
  readonly #markets: CostMarket[] = [];
  #members = 0;

  constructor(options: TcaCollectorOptions) {
    checkKeys("tca", options, KEYS);
    checkText("tca.currency", options.currency);
    checkInteger("tca.decimals", options.decimals, 0, 18);
    if (options.infrastructure !== undefined) {
      const { minorPerDay, basis } = options.infrastructure;
      checkChoice("tca.infrastructure.basis", basis, ["orders", "notional"]);
      if (typeof minorPerDay !== "bigint") {
        const path = "tca.infrastructure.minorPerDay";
        throw new Fault("FAULT_CONFIG", { path, value: minorPerDay, expected: "a bigint" });
      }
    }
    checkInteger("tca.seed", options.seed ?? 1, 0, 0xffffffff);
    checkInteger("tca.resamples", options.resamples ?? 1_000, 10, 100_000);
    this.#options = options;
    this.#horizonsNs = options.horizonsNs ?? TCA_HORIZONS_NS;
    let least = 0;
    for (const [i, horizon] of this.#horizonsNs.entries())
      least = checkInteger(`tca.horizonsNs[${i}]`, horizon, least) + 1;
    this.#tally = new CostTally({
      baseMs: checkInteger("tca.baseMs", options.baseMs ?? 0),
      horizonsNs: this.#horizonsNs,
      laterNs: checkInteger("tca.laterNs", options.laterNs ?? 6e10, 0),
      ordersMax: checkInteger("tca.ordersMax", options.ordersMax ?? 1_000, 1, 1_000_000),
      ownPrints: checkBoolean("tca.ownPrints", options.ownPrints ?? true),
    });
  }

  /** An instrument's market, to be told of quotes and prints. @param tickValue - as `TcaOptions.tickValue` */
  market(tickValue: readonly [numerator: bigint, denominator: bigint]): CostMarket {
    const [numerator, denominator] = tickValue;
    if (!(numerator > 0n && denominator > 0n)) {
      const expected = "two bigints above 0";
      throw new Fault("FAULT_CONFIG", { path: "tca.tickValue", value: tickValue, expected });
    }
    const market = { trace: new MarketTrace(), tickValue };
    this.#markets.push(market);
    return market;
  }

  /**
   * An order, or a parent of orders, was decided.
   *
   * @throws `FAULT_INPUT` naming what is no lots, no time or no price
   * @cost O(1), however many are at work
   */
  open(opening: CostOpening, market: CostMarket): OrderCosts {
    const order = new OrderCosts(opening, market, this.#members, this.#tally);
    this.#members += 1;
    this.#tally.atWork.add(order);
    return order;
  }

  /** A fill was told so late that nobody knows its order any more: it is left out, and counted. */
  miss(): void {
    this.#tally.late += 1;
  }

  /** It is over: orders at work end now, and what is not known by now is left out. */
  finish(ns: number): TcaReport {
    for (const order of this.#tally.atWork) order.finish(ns);
    for (const { trace } of this.#markets) trace.finish();
    this.#tally.endedOrders.release();
    this.#shareInfrastructure();
    return this.#report();
  }

  #report(): TcaReport {
    const { currency, decimals, seed = 1, resamples = 1_000, ownPrints = true } = this.#options;
    const tally = this.#tally;
    const clusteredBy = clusterRule(tally.days);
    const sums = clusteredBy === "day" ? tally.daily : tally.figures;
    const draws = new Draws(seed, resamples);
    const interval = (column: number) => sums.interval(column, draws);
    const total = rowOf("total", tally.total);
    const listed = [...tally.dearest].sort((a, b) => a.order.member - b.order.member);
    const rows = listed.map((counted) => this.#row(counted));
    const left = tally.orders - tally.unpriced - rows.length;
    const rest = restRow(total, rows, left);
    return {
      schema: "tickwright.tca/1",
      ...{ currency, decimals, total },
      orders: rest === undefined ? rows : [...rows, rest],
      byStrategy: rowsOf(tally.byStrategy, NO_ORDER),
      byVenue: rowsOf(tally.byVenue, NO_VENUE),
      byDay: rowsOf(tally.byDay, "").sort((a, b) => (a.name < b.name ? -1 : 1)),
      spread: spreadOf(sums, interval),
      markouts: this.#horizonsNs.flatMap((horizonNs, i) => {
        const found = interval(FIGURE.markouts + i);
        return found === null ? [] : [{ horizonNs, ...found }];
      }),
      arrival: interval(FIGURE.arrival),
      slippages: {
        decision: interval(FIGURE.decision),
        arrival: interval(FIGURE.arrival),
        intervalVwap: interval(FIGURE.intervalVwap),
        twap: interval(FIGURE.twap),
        pwp: interval(FIGURE.pwp),
      },
      participation: interval(FIGURE.participation),
      improvement: {
        taken: tally.taken,
        improved: tally.improved,
        rate: tally.taken === 0 ? null : tally.improved / tally.taken,
        ticks: interval(FIGURE.improvement),
        meanTicks: sums.mean(FIGURE.improvement),
      },
      fillTime: {
        ...orNone(sums.mean(FIGURE.fillTime), tally.slowestNs),
        interval: interval(FIGURE.fillTime),
      },
      counts: {
        orders: tally.orders,
        fills: tally.fills,
        makers: tally.makers,
        orderedLots: tally.orderedLots,
        filledLots: tally.filledLots,
        fillRate: tally.orderedLots === 0 ? null : tally.filledLots / tally.orderedLots,
        unpriced: tally.unpriced,
        ...{ afterEnd: tally.afterEnd, late: tally.late },
        dropped: this.#markets.reduce((sum, { trace }) => sum + trace.dropped, 0),
        forgotten: this.#markets.reduce((sum, { trace }) => sum + trace.late, 0),
        ...{ clusteredBy, ownPrints },
      },
      rates: this.rates.sent + this.rates.refused === 0 ? null : { ...this.rates },
    };
  }

  #row({ order, entries, total, averageTicks, slippage, participation }: CountedOrder): OrderRow {
    const items = noItems();
    for (const { item, minor } of entries) items[item] += minor;
    items.infrastructure += this.#infrastructure.get(order.member) ?? 0n;
    const { trace } = order.market;
    const sign = sideSign(order.side);
    const bp = (price: number | null): number | null =>
      averageTicks === null || price === null ? null : slippageBp(sign, averageTicks, price);
    const now = trace.now();
    const vwap = now.lots > 0 ? finite(now.worth / now.lots + trace.baseTicks) : null;
    const { laterHalfTicks: later, endHalfTicks } = order;
    return {
      ...{ name: order.id, items, total: total + items.infrastructure },
      ...{ strategy: order.strategy, side: order.side, lots: order.lots, children: order.children },
      ...{ filledLots: order.filledLots, averageTicks, participation },
      slippage: {
        ...{ ...slippage, pwp: pwpSlippage(order) },
        vwap: bp(vwap),
        close: bp(Number.isNaN(trace.closeTicks) ? null : trace.closeTicks),
      },
      fillTimeNs: order.filledLots === 0 ? null : finite(order.waitedNs / order.filledLots),
      reversionBp:
        Number.isNaN(later) || Number.isNaN(endHalfTicks) ? null : slippageBp(-sign, later, endHalfTicks),
    };
  }

  /** What each listed order bears of its day, by its number. */
  readonly #infrastructure: Map<number, bigint> = new Map();

  /** Shares each day's amount out among strategies, and among its orders where all of them are listed. */
  #shareInfrastructure(): void {
    const { infrastructure } = this.#options;
    if (infrastructure === undefined) return;
    const { minorPerDay, basis } = infrastructure;
    const tally = this.#tally;
    const listed = this.#listedByShare();
    for (const day of tally.weights.days) {
      const strategies = tally.weights.of(day, basis);
      const parts = shareOut(
        minorPerDay,
        strategies.map(([, weight]) => weight),
      );
      if (parts === null) {
        tally.book("", null, day, "infrastructure", minorPerDay);
        continue;
      }
      for (const [i, [strategy, weight]] of strategies.entries()) {
        const part = parts[i] as bigint;
        tally.book(strategy, null, day, "infrastructure", part);
        this.#shareAmong(listed.get(shareKey(day, strategy)) ?? [], part, weight, basis);
      }
    }
  }

  /** The orders that are listed, by the day and strategy whose share they bear a part of. */
  #listedByShare(): Map<string, OrderCosts[]> {
    const found = new Map<string, OrderCosts[]>();
    const orders = this.#tally.dearest.map(({ order }) => order).sort((a, b) => a.member - b.member);
    for (const order of orders) {
      const key = shareKey(this.#tally.day(order.startNs), order.strategy);
      const there = found.get(key);
      if (there === undefined) found.set(key, [order]);
      else there.push(order);
    }
    return found;
  }

  #shareAmong(
    orders: readonly OrderCosts[],
    minor: bigint,
    weight: bigint,
    basis: InfrastructureBasis,
  ): void {
    const own = orders.map((order) => this.#tally.weights.ofOrder(order, basis));
    const listed = own.reduce((sum, one) => sum + one, 0n);
    // The orders that are not listed bear what is left.
    const parts = shareOut(minor, [...own, weight - listed]) ?? [];
    for (const [i, { member }] of orders.entries()) this.#infrastructure.set(member, parts[i] ?? 0n);
  }
}

function shareKey(day: string, strategy: string): string {
  return `${day} ${strategy}`;
}

function spreadOf(sums: ClusterSums, interval: (column: number) => Interval | null): TcaReport["spread"] {
  const mean = (column: number): number => sums.mean(column) ?? 0;
  const count = sums.count(FIGURE.effective);
  if (count === 0) return null;
  return {
    quoted: mean(FIGURE.quoted),
    effective: mean(FIGURE.effective),
    realised: mean(FIGURE.realised),
    impact: mean(FIGURE.impact),
    bp: {
      quoted: mean(FIGURE.quotedBp),
      effective: mean(FIGURE.effectiveBp),
      realised: mean(FIGURE.realisedBp),
      impact: mean(FIGURE.impactBp),
    },
    count,
    intervals: {
      effective: interval(FIGURE.effective),
      realised: interval(FIGURE.realised),
      impact: interval(FIGURE.impact),
    },
  };
}

function rowOf(name: string, items: ItemSums): CostRow {
  return {
    name,
    items: { ...items },
    total: COST_ITEMS.reduce((sum, item: CostItem) => sum + items[item], 0n),
  };
}

function rowsOf(sums: ReadonlyMap<string, ItemSums>, noName: string): CostRow[] {
  return [...sums].map(([name, items]) => rowOf(name === "" ? noName : name, items));
}

function orNone(
  meanNs: number | null,
  slowestNs: number,
): { meanNs: number | null; slowestNs: number | null } {
  return { meanNs, slowestNs: meanNs === null ? null : slowestNs };
}
