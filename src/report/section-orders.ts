import type { Distribution, RunResult } from "../run/index.ts";
import { formatCount, formatExact, formatNumber, formatPercent, formatUnit } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { words } from "./stat-names.ts";
import { markoutSvg } from "./svg-markouts.ts";
import { nothing, section, table } from "./table.ts";

/** What became of the orders, how long they took, why they filled, and what the price did afterwards. */
export function ordersSection(result: RunResult): Markup {
  return section("orders", "Orders and execution", [
    html`<div class="pair">${ordersTable(result)}${fillsTable(result)}</div>`,
    latencyTable(result),
    html`<div class="pair"><div>${reasonsTable(result)}${markoutFigure(
      result,
    )}</div>${markoutTable(result)}</div>`,
  ]);
}

const REFUSED = "Refused by our rules";

function ordersTable(result: RunResult): Markup {
  const { orders } = result;
  const share = (count: number): string =>
    formatPercent(orders.submitted === 0 ? null : count / orders.submitted, 1);
  const rows: [string, number][] = [
    ["Submitted to the venue", orders.submitted],
    [REFUSED, orders.refused],
    ["Accepted by the venue", orders.accepted],
    ["Rejected by the venue", orders.rejected],
    ["Filled", orders.filled],
    ["Partially filled", orders.partiallyFilled],
    ["Canceled", orders.canceled],
    ["Expired", orders.expired],
    ["Replaced", orders.replaced],
  ];
  return table({
    caption: "Orders",
    note: "Counts of orders; one order may appear in several rows.",
    columns: [
      { label: "Outcome" },
      { label: "Orders", number: true },
      { label: "Of submitted", number: true },
    ],
    rows: rows.map(([name, count]) => [
      name,
      formatCount(count),
      // Refused requests never were submitted: they are no share of those that were.
      name === REFUSED ? "" : share(count),
    ]),
    foot: [["Fill rate, by quantity", "", formatPercent(orders.accepted === 0 ? null : orders.fillRate, 1)]],
  });
}

function latencyTable(result: RunResult): Markup {
  const { entryLatency, reportLatency } = result.orders;
  if (entryLatency === null && reportLatency === null) {
    return nothing("No latencies were measured.");
  }
  const row = (name: string, one: Distribution | null): string[] => [
    name,
    formatCount(one?.count),
    ...[one?.min, one?.p50, one?.p90, one?.p99, one?.max].map(formatDuration),
  ];
  return table({
    caption: "Latency",
    note: "As simulated or measured on the way to the exchange and back.",
    columns: [
      { label: "Way" },
      ...["Count", "Min", "p50", "p90", "p99", "Max"].map((label) => ({ label, number: true })),
    ],
    rows: [row("Submission to exchange", entryLatency), row("Exchange to report", reportLatency)],
  });
}

function fillsTable(result: RunResult): Markup {
  const { currency, fills } = result;
  const maker = fills.count === 0 ? null : fills.makerCount / fills.count;
  const mean = fills.count === 0 ? null : fills.turnover / fills.count;
  return table({
    caption: "Fills",
    note: "Slippage is measured against the mid at submission.",
    columns: [{ label: "Figure" }, { label: "Value", number: true }],
    rows: [
      ["Fills", formatCount(fills.count)],
      ["Maker", `${formatCount(fills.makerCount)} (${formatPercent(maker, 1)})`],
      ["Volume", `${formatExact(fills.volume)}\u00a0units`],
      ["Turnover", formatUnit(fills.turnover, currency)],
      ["Mean fill", formatUnit(mean, currency)],
      ["Slippage (positive is a cost)", formatUnit(fills.slippageBp, "bp", 3)],
    ],
  });
}

function reasonsTable(result: RunResult): Markup {
  const { count, reasons } = result.fills;
  const rows = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  if (rows.length === 0) return nothing("No fills: no reasons for them.");
  const sum = rows.reduce((total, row) => total + row[1], 0);
  const odd = sum === count ? "" : ` They sum to ${formatCount(sum)} for ${formatCount(count)} fills.`;
  return table({
    caption: "Why fills happened",
    note: `The reason that the venue or its simulation gave for each fill.${odd}`,
    columns: [{ label: "Reason" }, { label: "Fills", number: true }, { label: "Share", number: true }],
    rows: rows.map(([reason, number]) => [
      words(reason),
      formatCount(number),
      formatPercent(count === 0 ? null : number / count, 1),
    ]),
  });
}

function markoutFigure(result: RunResult): Markup | null {
  const list = result.fills.markouts;
  if (list.length === 0) return null;
  const columns = list.map((one) => ({ horizon: formatDuration(one.horizonNs), bp: one.bp }));
  const description = columns.map((one) => `${one.horizon}: ${formatUnit(one.bp, "bp", 3)}`).join("; ");
  const svg = markoutSvg(columns, `Mean markout by time after the fill. ${description}.`);
  return html`<figure class="plain"><figcaption><span class="title">Markouts</span><span
class="unit">bp</span></figcaption>
${svg}</figure>
`;
}

function markoutTable(result: RunResult): Markup {
  const list = result.fills.markouts;
  if (list.length === 0) return nothing("No markouts were measured.");
  return table({
    caption: "Markouts by time after the fill",
    note: "Mean of side × (mid after − fill); negative is adverse selection.",
    columns: [{ label: "After" }, { label: "Mean, bp", number: true }, { label: "Fills", number: true }],
    rows: list.map((one) => [formatDuration(one.horizonNs), formatNumber(one.bp, 3), formatCount(one.count)]),
  });
}
