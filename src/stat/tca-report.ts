import { checkArray, checkChoice, checkInteger, checkKeys, checkText, formatScaled } from "../base/index.ts";
import type { Interval } from "./bootstrap.ts";
import {
  COST_ITEMS,
  type CostEntry,
  type CostItem,
  costEntries,
  type InfrastructureBasis,
  infrastructureEntries,
} from "./tca-costs.ts";
import {
  averageOf,
  benchmarksOf,
  checkMarket,
  fillTimeOf,
  participationOf,
  reversionBp,
  type Slippages,
  slippagesOf,
  type TcaMarket,
} from "./tca-market.ts";
import type { TcaOptions, TcaOrder } from "./tca-order.ts";
import { sampleOrders, TCA_HORIZONS_NS } from "./tca-samples.ts";

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
  /** Whether own executions are among the prints; true unless given. */
  readonly ownPrints?: boolean;
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
  /** From its decision to its fills, weighted by lots. @units ns */
  readonly fillTimeNs: number | null;
  /** Orders that were sent for a parent; 0 for an order of its own. */
  readonly children: number;
}

/** Spread measures of which `effective = realised + impact`. */
export interface SpreadFigures {
  readonly quoted: number;
  readonly effective: number;
  readonly realised: number;
  readonly impact: number;
}

/** Mean spread measures over fills, weighted by what traded, in ticks; `effective = realised + impact` for each fill. */
export interface SpreadMeans extends SpreadFigures {
  /** The same over each fill's mid, which instruments of unlike ticks have in common. @units basis points */
  readonly bp: SpreadFigures;
  /** Fills whose later mid is known. */
  readonly count: number;
  readonly intervals: Readonly<Record<"effective" | "realised" | "impact", Interval | null>>;
}

/** What became of the orders that were sent: an order may count more than once, as filled in part and as canceled. */
export interface TcaRates {
  readonly sent: number;
  readonly filled: number;
  /** Ended with a part of them filled. */
  readonly partlyFilled: number;
  readonly rejected: number;
  readonly canceled: number;
  readonly expired: number;
  /** Refused before they were sent: none of `sent`. */
  readonly refused: number;
}

/** What an analysis covers. */
export interface TcaCounts {
  readonly orders: number;
  readonly fills: number;
  /** Fills of orders that rested. */
  readonly makers: number;
  readonly orderedLots: number;
  readonly filledLots: number;
  /** Lots filled over lots ordered. */
  readonly fillRate: number | null;
  /** Orders left out because nobody knew a price. */
  readonly unpriced: number;
  /** Fills told after their order's end: they are in the costs. */
  readonly afterEnd: number;
  /** Fills told so late that 8,192 orders had ended since: left out. */
  readonly late: number;
  /** Moments of the market that could not be waited for, more than 262,144 waiting: left out. */
  readonly dropped: number;
  /** Moments asked about when the market had changed more than 8,192 times since: left out. */
  readonly forgotten: number;
  /** What intervals draw: whole days where there are 10 or more, else orders. Fills of one are not independent. */
  readonly clusteredBy: "day" | "order";
  readonly ownPrints: boolean;
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
  /** Per horizon over fills, weighted by what traded; below 0 is adverse selection. */
  readonly markouts: readonly (Interval & { readonly horizonNs: number })[];
  /** Arrival slippage per order, weighted by what traded; bp. Null below two orders with fills. */
  readonly arrival: Interval | null;
  /** Slippages per order, weighted by what traded; bp. */
  readonly slippages: Readonly<
    Record<"decision" | "arrival" | "intervalVwap" | "twap" | "pwp", Interval | null>
  >;
  /** Own lots over all that traded while an order worked, weighted by what traded. */
  readonly participation: Interval | null;
  /** Fills that took, better than the far side's best; ticks over all of them, weighted by what traded. */
  readonly improvement: {
    readonly taken: number;
    readonly improved: number;
    readonly rate: number | null;
    readonly meanTicks: number | null;
    readonly ticks: Interval | null;
  };
  /** From decision to fill, weighted by what traded. @units ns */
  readonly fillTime: {
    readonly meanNs: number | null;
    readonly slowestNs: number | null;
    readonly interval: Interval | null;
  };
  readonly counts: TcaCounts;
  /** Null where nobody counted. */
  readonly rates: TcaRates | null;
}

/** What no venue has caused, in the table by venue. */
export const NO_VENUE = "(no venue)";

/** What no order caused, in the tables by order and strategy: infrastructure of days without orders. */
export const NO_ORDER = "(no order)";

const KEYS = [
  ...["orders", "market", "currency", "decimals", "tickValue", "baseMs", "horizonsNs", "laterNs"],
  ...["infrastructure", "seed", "resamples", "ownPrints"],
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
  const { orders, currency, decimals } = options;
  const entries = orders.flatMap((order) => costEntries(order, options));
  if (options.infrastructure !== undefined) {
    const { perDay, basis } = options.infrastructure;
    entries.push(...infrastructureEntries(perDay, orders, basis, options.baseMs ?? 0));
  }
  const byOrder = new Map(rollUp(entries, "order").map((row) => [row.name, row]));
  const rows = orders.map((order) => orderRow(order, byOrder.get(order.id) ?? rowOf(order.id, []), options));
  const ownerless = byOrder.get("");
  const samples = sampleOrders(options, rows);
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
    ...samples,
    ...{ arrival: samples.slippages.arrival, rates: null },
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

/**
 * The four tables as CSV (RFC 4180): `table,name`, the six items and their total in `currency`. Rows of the table `leftOut`
 * have a count in place of the total: of orders, fills and moments that no figure has.
 */
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
  const left = leftOut(report).map(
    ([what, count]) => `leftOut,${what}${",".repeat(COST_ITEMS.length + 1)}${count}`,
  );
  return `${[["table", "name", ...COST_ITEMS, "total"].join(","), ...lines, ...left].join("\r\n")}\r\n`;
}

/** What an analysis had to leave out, in words, with how many of them: empty where that is nothing. */
export function leftOut({ counts }: TcaReport): (readonly [what: string, count: number])[] {
  const { unpriced, late, dropped, forgotten } = counts;
  return (
    [
      ["orders without a price", unpriced],
      ["fills told too late", late],
      ["moments that could not be waited for", dropped],
      ["moments asked about too late", forgotten],
    ] as const
  ).filter(([, count]) => count > 0);
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

function orderRow(order: TcaOrder, row: CostRow, options: TcaReportOptions): OrderRow {
  const { market, laterNs = 6e10 } = options;
  return {
    ...row,
    strategy: order.strategy,
    side: order.side,
    lots: order.lots,
    filledLots: order.fills.reduce((sum, { lots }) => sum + lots, 0),
    averageTicks: averageOf(order),
    slippage: slippagesOf(order, benchmarksOf(order, market)),
    participation: participationOf(order, market, options.ownPrints),
    reversionBp: reversionBp(order, market, laterNs),
    ...{ fillTimeNs: fillTimeOf(order), children: 0 },
  };
}

function noOrder(row: CostRow): OrderRow {
  return { ...restOf(row), name: NO_ORDER, strategy: NO_ORDER };
}

/** A row that has costs and no figures. */
function restOf(row: CostRow): OrderRow {
  const none = { decision: null, arrival: null, vwap: null, intervalVwap: null, twap: null, close: null };
  const figures = { averageTicks: null, slippage: { ...none, pwp: null }, participation: null };
  const more = { reversionBp: null, fillTimeNs: null, children: 0 };
  return { ...row, strategy: "", side: "buy", lots: 0, filledLots: 0, ...figures, ...more };
}

/** What orders that are not listed cost: what is left of the total; undefined where that is nothing, of none. */
export function restRow(total: CostRow, rows: readonly CostRow[], left: number): OrderRow | undefined {
  const items = { ...total.items };
  for (const row of rows) for (const item of COST_ITEMS) items[item] -= row.items[item];
  const sum = COST_ITEMS.reduce((minor, item) => minor + items[item], 0n);
  if (left === 0 && COST_ITEMS.every((item) => items[item] === 0n)) return undefined;
  if (left === 0) return noOrder({ name: NO_ORDER, items, total: sum });
  return restOf({ name: `(${left} more)`, items, total: sum });
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
