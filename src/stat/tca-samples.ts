import { sideSign } from "../model/index.ts";
import { bootstrapMean, type Interval } from "./bootstrap.ts";
import { dayNumberOf, notionalOf } from "./tca-costs.ts";
import { improvementOf, markoutBp, midAt, spreadMeasures } from "./tca-market.ts";
import { midOf } from "./tca-order.ts";
import type { OrderRow, TcaReport, TcaReportOptions } from "./tca-report.ts";

/** Horizons of markouts unless others are given: 0, 10 ms, 100 ms, 1 s, 10 s, 1 min, 5 min. @units ns */
export const TCA_HORIZONS_NS: readonly number[] = [0, 1e7, 1e8, 1e9, 1e10, 6e10, 3e11];

/** Days from which on intervals draw whole days. */
const DAYS_LEAST = 10;

/** What intervals draw. */
export function clusterRule(days: number): "day" | "order" {
  return days >= DAYS_LEAST ? "day" : "order";
}

type Sampled = Omit<
  TcaReport,
  | ("schema" | "currency" | "decimals" | "total" | "orders" | "byStrategy" | "byVenue" | "byDay")
  | ("arrival" | "rates")
>;

/** Values of one figure with their weights, and the order and day each belongs to. */
class Sample {
  readonly values: number[] = [];
  readonly weights: number[] = [];
  readonly members: number[] = [];
  readonly days: number[] = [];

  put(value: number | null, weight: number, member: number, day: number): void {
    if (value === null) return;
    this.values.push(value);
    this.weights.push(weight);
    this.members.push(member);
    this.days.push(day);
  }

  get mean(): number | null {
    const weight = this.weights.reduce((sum, one) => sum + one, 0);
    return weight > 0
      ? this.values.reduce((sum, value, i) => sum + value * (this.weights[i] as number), 0) / weight
      : null;
  }
}

/** What was measured of orders and fills, by the name of the figure. */
interface Measured {
  readonly of: (name: string) => Sample;
  readonly days: ReadonlySet<number>;
  readonly improved: number;
  readonly slowestNs: number;
}

function measure(options: TcaReportOptions, rows: readonly OrderRow[]): Measured {
  const { orders, market, horizonsNs = TCA_HORIZONS_NS, laterNs = 6e10, baseMs = 0 } = options;
  const named = new Map<string, Sample>();
  const of = (name: string): Sample => {
    const found = named.get(name) ?? new Sample();
    named.set(name, found);
    return found;
  };
  const days = new Set<number>();
  const dayAt = (ns: number): number => {
    const day = dayNumberOf(ns, baseMs);
    days.add(day);
    return day;
  };
  const last = market.quoteNs[market.quoteNs.length - 1] ?? Number.NEGATIVE_INFINITY;
  let improved = 0;
  let slowestNs = 0;
  for (const [member, order] of orders.entries()) {
    const sign = sideSign(order.side);
    const row = rows[member] as OrderRow;
    const notional = Number(notionalOf(order));
    const day = dayAt(order.startNs);
    const { slippage, participation, fillTimeNs } = row;
    for (const name of ["decision", "arrival", "intervalVwap", "twap", "pwp"] as const)
      of(name).put(slippage[name], notional, member, day);
    of("participation").put(participation, notional, member, day);
    of("fillTime").put(fillTimeNs, notional, member, day);
    for (const fill of order.fills) {
      const at = dayAt(fill.ns);
      const better = improvementOf(sign, fill);
      if (better > 0) improved += 1;
      slowestNs = Math.max(slowestNs, fill.ns - order.startNs);
      const worth = Math.abs(fill.priceTicks) * fill.lots;
      of("improvement").put(better, worth, member, at);
      for (const horizon of horizonsNs)
        of(`${horizon}`).put(markoutBp(sign, fill, market, horizon), worth, member, at);
      const later = fill.ns + laterNs > last ? null : midAt(market, fill.ns + laterNs);
      if (later === null) continue;
      const measures = spreadMeasures(sign, fill, later);
      const mid = Math.abs(midOf(fill));
      for (const name of ["quoted", "effective", "realised", "impact"] as const) {
        of(`spread ${name}`).put(measures[name], worth, member, at);
        if (mid !== 0) of(`bp ${name}`).put((measures[name] * 20_000) / mid, worth, member, at);
      }
    }
  }
  return { of, days, improved, slowestNs };
}

/** The figures that are means over orders or fills, with their intervals. */
export function sampleOrders(options: TcaReportOptions, rows: readonly OrderRow[]): Sampled {
  const { orders, horizonsNs = TCA_HORIZONS_NS } = options;
  const { of, days, improved, slowestNs } = measure(options, rows);
  const clusteredBy = clusterRule(days.size);
  const interval = (name: string): Interval | null => intervalOf(of(name), clusteredBy, options);
  const mean = (name: string): number => of(name).mean ?? 0;
  const count = of("spread effective").values.length;
  const taken = of("improvement").values.length;
  const orderedLots = orders.reduce((sum, { lots }) => sum + lots, 0);
  const filledLots = rows.reduce((sum, row) => sum + row.filledLots, 0);
  return {
    spread:
      count === 0
        ? null
        : {
            quoted: mean("spread quoted"),
            effective: mean("spread effective"),
            realised: mean("spread realised"),
            impact: mean("spread impact"),
            bp: {
              quoted: mean("bp quoted"),
              effective: mean("bp effective"),
              realised: mean("bp realised"),
              impact: mean("bp impact"),
            },
            count,
            intervals: {
              effective: interval("spread effective"),
              realised: interval("spread realised"),
              impact: interval("spread impact"),
            },
          },
    markouts: horizonsNs.flatMap((horizonNs) => {
      const found = interval(`${horizonNs}`);
      return found === null ? [] : [{ horizonNs, ...found }];
    }),
    slippages: {
      decision: interval("decision"),
      arrival: interval("arrival"),
      intervalVwap: interval("intervalVwap"),
      twap: interval("twap"),
      pwp: interval("pwp"),
    },
    participation: interval("participation"),
    improvement: {
      ...{ taken, improved, rate: taken === 0 ? null : improved / taken },
      ...{ meanTicks: of("improvement").mean, ticks: interval("improvement") },
    },
    fillTime: {
      meanNs: of("fillTime").mean,
      slowestNs: filledLots === 0 ? null : slowestNs,
      interval: interval("fillTime"),
    },
    counts: {
      ...{ orders: orders.length, fills: taken, makers: 0, orderedLots, filledLots },
      fillRate: orderedLots === 0 ? null : filledLots / orderedLots,
      ...{
        unpriced: 0,
        afterEnd: 0,
        late: 0,
        dropped: 0,
        forgotten: 0,
        clusteredBy,
        ownPrints: options.ownPrints ?? true,
      },
    },
  };
}

function intervalOf(
  sample: Sample,
  clusteredBy: "day" | "order",
  { seed = 1, resamples = 1_000 }: TcaReportOptions,
): Interval | null {
  const clusters = clusteredBy === "day" ? sample.days : sample.members;
  return bootstrapMean(sample.values, { weights: sample.weights, clusters, seed, resamples });
}
