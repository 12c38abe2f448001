import { checkArray, checkChoice, checkInteger, checkKeys, checkText, formatScaled } from "../base/index.ts";
import { sideSign } from "../model/index.ts";
import { bootstrapMean, type Interval } from "./bootstrap.ts";
import {
  COST_ITEMS,
  type CostEntry,
  type CostItem,
  costEntries,
  type InfrastructureBasis,
  infrastructureEntries,
  notionalOf,
} from "./tca-costs.ts";
import {
  averageOf,
  benchmarksOf,
  checkMarket,
  markoutBp,
  midAt,
  participationOf,
  reversionBp,
  type Slippages,
  slippagesOf,
  spreadMeasures,
  type TcaMarket,
} from "./tca-market.ts";
import type { TcaOptions, TcaOrder } from "./tca-order.ts";

/** Horizons of markouts unless others are given: 0, 10 ms, 100 ms, 1 s, 10 s, 1 min, 5 min. @units ns */
export const TCA_HORIZONS_NS: readonly number[] = [0, 1e7, 1e8, 1e9, 1e10, 6e10, 3e11];

/** What a {@link tcaReport} is made from. */
export interface TcaReportOptions extends TcaOptions {
  readonly orders: readonly TcaOrder[];
  readonly market: TcaMarket;
  /** Of all amounts, and how many decimals its minor units have. */
  readonly currency: string;
  readonly decimals: number;
  /** Rising; {@link TCA_HORIZONS_NS} unless given. */
  readonly horizonsNs?: readonly number[];
  /** When realised spread and reversion look; 1 min unless given. @units ns */
  readonly laterNs?: number;
  readonly infrastructure?: {
    /** Minor units by UTC day. */
    readonly perDay: ReadonlyMap<string, bigint>;
    readonly basis: InfrastructureBasis;
  };
  /** Of the bootstrap intervals; 1 unless given. */
  readonly seed?: number;
  /** Of the bootstrap intervals; 1,000 unless given. */
  readonly resamples?: number;
}

/** The costs of one order, strategy, venue or day. @invariant `total` is the sum of the items, exactly. */
export interface CostRow {
  readonly name: string;
  readonly items: Readonly<Record<CostItem, bigint>>;
  readonly total: bigint;
}

/** One order with its costs and figures. */
export interface OrderRow extends CostRow {
  readonly strategy: string;
  readonly side: "buy" | "sell";
  readonly lots: number;
  readonly filledLots: number;
  readonly averageTicks: number | null;
  /** Basis points of each benchmark, positive is a cost. */
  readonly slippage: Slippages;
  readonly participation: number | null;
  readonly reversionBp: number | null;
}

/** Mean spread measures over fills, weighted by lots, in ticks; `effective = realised + impact` for each fill. */
export interface SpreadMeans {
  readonly quoted: number;
  readonly effective: number;
  readonly realised: number;
  readonly impact: number;
  /** Fills whose later mid is known. */
  readonly count: number;
}

/** A transaction cost analysis: amounts are minor units of `currency`. */
export interface TcaReport {
  readonly schema: "tickwright.tca/1";
  readonly currency: string;
  readonly decimals: number;
  readonly total: CostRow;
  readonly orders: readonly OrderRow[];
  readonly byStrategy: readonly CostRow[];
  readonly byVenue: readonly CostRow[];
  readonly byDay: readonly CostRow[];
  readonly spread: SpreadMeans | null;
  /** Per horizon over fills, weighted by lots; below 0 is adverse selection. */
  readonly markouts: readonly (Interval & { readonly horizonNs: number })[];
  /** Arrival slippage per order, weighted by what traded; bp. Null below two orders with fills. */
  readonly arrival: Interval | null;
}

/** What no venue has caused, in the table by venue. */
export const NO_VENUE = "(no venue)";

/** What no order caused, in the tables by order and strategy: infrastructure of days without orders. */
export const NO_ORDER = "(no order)";

const KEYS = [
  ...["orders", "market", "currency", "decimals", "tickValue", "baseMs", "horizonsNs", "laterNs"],
  ...["infrastructure", "seed", "resamples"],
];

/**
 * Analyses what orders cost: six items per order, strategy, venue and day, slippages against six benchmarks, markouts,
 * spread measures, with bootstrap intervals.
 *
 * @invariant The rows of each table sum to `total`, item by item, exactly.
 * @throws `FAULT_CONFIG` naming an option; `FAULT_INPUT` naming what is wrong with an order or a column
 * @cost O(orders * prints) at most for benchmarks, O(resamples * fills) for each interval
 */
export function tcaReport(options: TcaReportOptions): TcaReport {
  checkOptions(options);
  const { orders, market, currency, decimals } = options;
  const entries = orders.flatMap((order) => costEntries(order, options));
  if (options.infrastructure !== undefined) {
    const { perDay, basis } = options.infrastructure;
    entries.push(...infrastructureEntries(perDay, orders, basis, options.baseMs ?? 0));
  }
  const byOrder = new Map(rollUp(entries, "order").map((row) => [row.name, row]));
  const rows = orders.map((order) => orderRow(order, byOrder.get(order.id) ?? rowOf(order.id, []), options));
  const ownerless = byOrder.get("");
  return {
    schema: "tickwright.tca/1",
    ...{ currency, decimals },
    total: rowOf("total", entries),
    orders: ownerless === undefined ? rows : [...rows, noOrder(ownerless)],
    byStrategy: rollUp(entries, "strategy").map((row) =>
      row.name === "" ? { ...row, name: NO_ORDER } : row,
    ),
    byVenue: rollUp(entries, "venue"),
    byDay: rollUp(entries, "day"),
    spread: spreadMeans(orders, market, options.laterNs ?? 6e10),
    markouts: markoutRows(options),
    arrival: arrivalInterval(orders, rows, options),
  };
}

/**
 * Sums pieces of cost by one of their names; rows in the order in which the names appear, days sorted.
 *
 * @invariant The rows sum to the pieces.
 */
export function rollUp(entries: readonly CostEntry[], by: "order" | "strategy" | "venue" | "day"): CostRow[] {
  const groups = new Map<string, CostEntry[]>();
  for (const entry of entries) {
    const name = entry[by] ?? NO_VENUE;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [entry]);
    else group.push(entry);
  }
  const rows = [...groups].map(([name, group]) => rowOf(name, group));
  return by === "day" ? rows.sort((a, b) => (a.name < b.name ? -1 : 1)) : rows;
}

/** The report as JSON: amounts are decimal texts in `currency`, never through a double. */
export function tcaJson(report: TcaReport): string {
  const amount = (_key: string, value: unknown): unknown =>
    typeof value === "bigint" ? formatScaled(value, report.decimals) : value;
  return JSON.stringify(report, amount, 2);
}

/** The four tables as CSV (RFC 4180): `table,name`, the six items and their total in `currency`. */
export function tcaCsv(report: TcaReport): string {
  const tables = [
    ["order", report.orders] as const,
    ["strategy", report.byStrategy] as const,
    ["venue", report.byVenue] as const,
    ["day", report.byDay] as const,
    ["total", [report.total]] as const,
  ];
  const amount = (minor: bigint): string => formatScaled(minor, report.decimals);
  const lines = tables.flatMap(([table, rows]) =>
    rows.map(({ name, items, total }) =>
      [table, quoted(name), ...COST_ITEMS.map((item) => amount(items[item])), amount(total)].join(","),
    ),
  );
  return `${[["table", "name", ...COST_ITEMS, "total"].join(","), ...lines].join("\r\n")}\r\n`;
}

/** A cell of CSV; one that a spreadsheet would read as a formula is a text there. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function rowOf(name: string, entries: readonly CostEntry[]): CostRow {
  const items = Object.fromEntries(COST_ITEMS.map((item) => [item, 0n])) as Record<CostItem, bigint>;
  let total = 0n;
  for (const { item, minor } of entries) {
    items[item] += minor;
    total += minor;
  }
  return { name, items, total };
}

function orderRow(order: TcaOrder, row: CostRow, { market, laterNs = 6e10 }: TcaReportOptions): OrderRow {
  return {
    ...row,
    strategy: order.strategy,
    side: order.side,
    lots: order.lots,
    filledLots: order.fills.reduce((sum, { lots }) => sum + lots, 0),
    averageTicks: averageOf(order),
    slippage: slippagesOf(order, benchmarksOf(order, market)),
    participation: participationOf(order, market),
    reversionBp: reversionBp(order, market, laterNs),
  };
}

function noOrder(row: CostRow): OrderRow {
  const none = { decision: null, arrival: null, vwap: null, intervalVwap: null, twap: null, close: null };
  const rest = { averageTicks: null, slippage: none, participation: null, reversionBp: null };
  return { ...row, name: NO_ORDER, strategy: NO_ORDER, side: "buy", lots: 0, filledLots: 0, ...rest };
}

function spreadMeans(orders: readonly TcaOrder[], market: TcaMarket, laterNs: number): SpreadMeans | null {
  const sums = { quoted: 0, effective: 0, realised: 0, impact: 0 };
  let [lots, count] = [0, 0];
  const last = market.quoteNs[market.quoteNs.length - 1] ?? -Infinity;
  for (const order of orders) {
    for (const fill of order.fills) {
      const later = fill.ns + laterNs > last ? null : midAt(market, fill.ns + laterNs);
      if (later === null) continue;
      const measures = spreadMeasures(sideSign(order.side), fill, later);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += measures[name] * fill.lots;
      lots += fill.lots;
      count += 1;
    }
  }
  if (count === 0) return null;
  const mean = (name: keyof typeof sums): number => sums[name] / lots;
  return {
    quoted: mean("quoted"),
    effective: mean("effective"),
    realised: mean("realised"),
    impact: mean("impact"),
    count,
  };
}

function markoutRows(options: TcaReportOptions): (Interval & { horizonNs: number })[] {
  const { orders, market, horizonsNs = TCA_HORIZONS_NS, seed = 1, resamples = 1_000 } = options;
  const rows: (Interval & { horizonNs: number })[] = [];
  for (const horizonNs of horizonsNs) {
    const [values, weights]: [number[], number[]] = [[], []];
    for (const order of orders) {
      for (const fill of order.fills) {
        const bp = markoutBp(sideSign(order.side), fill, market, horizonNs);
        if (bp === null) continue;
        values.push(bp);
        weights.push(fill.lots);
      }
    }
    const interval = bootstrapMean(values, { weights, seed, resamples });
    if (interval !== null) rows.push({ horizonNs, ...interval });
  }
  return rows;
}

function arrivalInterval(
  orders: readonly TcaOrder[],
  rows: readonly OrderRow[],
  { seed = 1, resamples = 1_000 }: TcaReportOptions,
): Interval | null {
  const [values, weights]: [number[], number[]] = [[], []];
  for (const [i, row] of rows.entries()) {
    if (row.slippage.arrival === null) continue;
    values.push(row.slippage.arrival);
    weights.push(Number(notionalOf(orders[i] as TcaOrder)));
  }
  return bootstrapMean(values, { weights, seed, resamples });
}

function checkOptions(options: TcaReportOptions): void {
  checkKeys("tca", options, KEYS);
  checkArray("tca.orders", options.orders, 0);
  checkText("tca.currency", options.currency);
  checkInteger("tca.decimals", options.decimals, 0, 18);
  checkInteger("tca.baseMs", options.baseMs ?? 0);
  checkInteger("tca.laterNs", options.laterNs ?? 6e10, 0);
  let least = 0;
  for (const [i, horizon] of checkArray("tca.horizonsNs", options.horizonsNs ?? TCA_HORIZONS_NS).entries()) {
    least = checkInteger(`tca.horizonsNs[${i}]`, horizon, least) + 1;
  }
  if (options.infrastructure !== undefined) {
    checkKeys("tca.infrastructure", options.infrastructure, ["perDay", "basis"]);
    checkChoice("tca.infrastructure.basis", options.infrastructure.basis, ["orders", "notional"]);
  }
  checkMarket(options.market);
  const ids = new Set<string>();
  for (const [i, { id }] of options.orders.entries()) {
    if (ids.has(id)) checkChoice(`tca.orders[${i}].id`, `${id} twice`, ["an id of its own"]);
    ids.add(id);
  }
}
