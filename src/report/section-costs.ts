import { formatScaled } from "../base/index.ts";
import type { CostRow, TcaReport } from "../stat/index.ts";
import { COST_ITEMS } from "../stat/index.ts";
import { COST_LABELS } from "./cost-words.ts";
import { formatCount, formatDecimal, formatNumber, formatPercent, moneyDecimals } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { executionTables, formatInterval } from "./section-execution.ts";
import { costsSvg } from "./svg-costs.ts";
import { markoutSvg } from "./svg-markouts.ts";
import { nothing, section, table } from "./table.ts";

/** Orders that are listed; the others are counted in words. */
const ORDERS_MAX = 50;

/** What the orders cost against their decision prices: six items that sum, by strategy, venue, day and order. */
export function costsSection(tca: TcaReport, nth = 0): Markup {
  const title = nth === 0 ? "Transaction costs" : `Transaction costs in ${tca.currency}`;
  return section(nth === 0 ? "costs" : `costs-${nth + 1}`, title, [
    html`<div class="pair">${itemsTable(tca)}<div>${costsFigure(tca)}${markoutsFigure(tca)}</div></div>`,
    splitTable(tca, "By strategy", tca.byStrategy),
    splitTable(tca, "By venue", tca.byVenue),
    splitTable(tca, "By day", tca.byDay),
    ordersTable(tca),
    executionTables(tca),
    html`<div class="pair">${spreadTable(tca)}${markoutsTable(tca)}</div>`,
  ]);
}

function amountOf({ decimals, total }: TcaReport): (minor: bigint) => Markup {
  const shown = Math.min(decimals, moneyDecimals(Number(total.total) / 10 ** decimals));
  return (minor) => {
    const exact = formatScaled(minor, decimals);
    return html`<span title="${exact}">${formatDecimal(exact, shown)}</span>`;
  };
}

function itemsTable(tca: TcaReport): Markup {
  const amount = amountOf(tca);
  const { items, total } = tca.total;
  const share = (minor: bigint): string =>
    formatPercent(total === 0n ? null : Number(minor) / Number(total), 1);
  return table({
    caption: "Implementation shortfall",
    note: "Against the mid at decision; positive is a cost. Slippage: decision to market. Impact: market to each fill's mid. Spread: mid to fill. Opportunity: what did not trade.",
    columns: [
      { label: "Item" },
      { label: `Cost, ${tca.currency}`, number: true },
      { label: "Of total", number: true },
    ],
    rows: COST_ITEMS.map((item) => [COST_LABELS[item], amount(items[item]), share(items[item])]),
    foot: [
      ["Total", amount(total), ""],
      ["Arrival slippage, bp", formatInterval(tca.arrival), ""],
    ],
  });
}

function costsFigure(tca: TcaReport): Markup {
  const value = (minor: bigint): number => Number(formatScaled(minor, tca.decimals));
  const bars = COST_ITEMS.map((item) => ({ label: COST_LABELS[item], value: value(tca.total.items[item]) }));
  const text = bars.map(({ label, value: cost }) => `${label}: ${formatNumber(cost, 2)}`).join("; ");
  return html`<figure class="plain"><figcaption><span class="title">Costs by item</span><span
class="unit">${tca.currency}</span></figcaption>
${costsSvg(bars, `Cost by item in ${tca.currency}. ${text}.`)}</figure>
`;
}

function markoutsFigure({ markouts }: TcaReport): Markup | null {
  if (markouts.length === 0) return null;
  const columns = markouts.map(({ horizonNs, mean }) => ({ horizon: formatDuration(horizonNs), bp: mean }));
  const text = columns.map(({ horizon, bp }) => `${horizon}: ${formatNumber(bp, 3)} bp`).join("; ");
  return html`<figure class="plain"><figcaption><span class="title">Markouts of these fills</span><span
class="unit">bp</span></figcaption>
${markoutSvg(columns, `Mean markout by time after the fill, weighted by what traded. ${text}.`)}</figure>
`;
}

function splitTable(tca: TcaReport, caption: string, rows: readonly CostRow[]): Markup {
  if (rows.length === 0) return nothing("No order cost anything.");
  const amount = amountOf(tca);
  const cells = ({ name, items, total }: CostRow) => [
    name,
    ...COST_ITEMS.map((item) => amount(items[item])),
    amount(total),
  ];
  return table({
    caption: `Costs ${caption.toLowerCase()}`,
    note: `${tca.currency}; the rows sum to the total.`,
    columns: [
      { label: caption.charAt(3).toUpperCase() + caption.slice(4) },
      ...[...COST_ITEMS.map((item) => COST_LABELS[item]), "Total"].map((label) => ({ label, number: true })),
    ],
    rows: rows.map(cells),
    foot: [cells({ ...tca.total, name: "Total" })],
  });
}

function ordersTable(tca: TcaReport): Markup {
  if (tca.orders.length === 0) return nothing("No orders to analyse.");
  const amount = amountOf(tca);
  const dearest = [...tca.orders].sort((a, b) => (a.total < b.total ? 1 : a.total > b.total ? -1 : 0));
  const shown = dearest.slice(0, ORDERS_MAX);
  const left = dearest.length - shown.length;
  const rest = left === 0 ? "" : ` ${formatCount(left)} more orders are not listed.`;
  const bp = (value: number | null): string => formatNumber(value, 2);
  return table({
    caption: "Dearest orders",
    note: `Slippages in bp of each benchmark, positive is a cost.${rest}`,
    columns: [
      { label: "Order" },
      ...["Filled", `Cost, ${tca.currency}`, "Decision", "Arrival", "VWAP", "Interval VWAP"].map(number),
      ...["TWAP", "Close", "Reversion, bp", "Participation"].map(number),
    ],
    rows: shown.map((one) => [
      one.name,
      formatPercent(one.lots === 0 ? null : one.filledLots / one.lots, 0),
      amount(one.total),
      ...[one.slippage.decision, one.slippage.arrival, one.slippage.vwap, one.slippage.intervalVwap].map(bp),
      ...[one.slippage.twap, one.slippage.close, one.reversionBp].map(bp),
      formatPercent(one.participation, 1),
    ]),
  });
}

function number(label: string): { label: string; number: true } {
  return { label, number: true };
}

function spreadTable({ spread }: TcaReport): Markup {
  if (spread === null) return nothing("No fills whose later mid is known: no spread measures.");
  const { bp } = spread;
  const rows: [string, number, number][] = [
    ["Quoted", spread.quoted, bp.quoted],
    ["Effective", spread.effective, bp.effective],
    ["Realised", spread.realised, bp.realised],
    ["Price impact", spread.impact, bp.impact],
  ];
  return table({
    caption: "Spread",
    note: `Means over ${formatCount(spread.count)} fills, weighted by what traded. Effective = realised + price impact.`,
    columns: [{ label: "Measure" }, number("Ticks"), number("bp of mid")],
    rows: rows.map(([name, ticks, points]) => [name, formatNumber(ticks, 3), formatNumber(points, 3)]),
  });
}

function markoutsTable({ markouts }: TcaReport): Markup {
  if (markouts.length === 0) return nothing("Fewer than two fills with a later mid: no markouts.");
  return table({
    caption: "Markouts of these fills",
    note: "Mean and 95 % bootstrap interval, weighted by what traded; negative is adverse selection.",
    columns: [{ label: "After" }, number("Mean, bp"), number("Fills")],
    rows: markouts.map((one) => [formatDuration(one.horizonNs), formatInterval(one), formatCount(one.count)]),
  });
}
