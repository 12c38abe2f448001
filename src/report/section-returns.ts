import type { RunResult } from "../run/index.ts";
import { quantileSorted, simpleReturns } from "../stat/index.ts";
import { returnsCalendar } from "./calendar.ts";
import type { HistogramChart } from "./chart.ts";
import { figure } from "./figure.ts";
import { DASH, formatCount, formatNumber, formatUnit } from "./figures.ts";
import { returnsHistogram } from "./histogram.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { printedStats } from "./stat-names.ts";
import { captionOf, nothing, section, table } from "./table.ts";

/** The returns of the run: their distribution, their calendar, and every statistic with its unit. */
export function returnsSection(result: RunResult): {
  readonly markup: Markup;
  readonly charts: readonly HistogramChart[];
} {
  const distribution = distributionFigure(result);
  const content = [distribution.markup, calendarTable(result), statsTable(result)];
  return { markup: section("returns", "Returns", content), charts: distribution.charts };
}

function distributionFigure(result: RunResult): {
  readonly markup: Markup;
  readonly charts: readonly HistogramChart[];
} {
  const returns = simpleReturns(result.samples.equity);
  const made = returns === null ? null : returnsHistogram(returns);
  if (returns === null || made === null) {
    const why = returns === null ? "Equity was not above 0 throughout" : "Too few returns, or all equal";
    return { markup: nothing(`${why}: no distribution of returns.`), charts: [] };
  }
  const { chart } = made;
  const shape = `mean ${formatUnit(made.mean, chart.unit, 4)}, deviation ${formatUnit(made.deviation, chart.unit, 4)}`;
  const beyond =
    made.below + made.above === 0
      ? ""
      : ` The outermost bins also hold the ${formatCount(made.below)} returns below and ${formatCount(made.above)} above them.`;
  const each = formatDuration(result.samples.periodNs);
  const summary = `${formatCount(returns.length)} returns of one sample (${each}): ${shape}.${beyond}`;
  const title = "Distribution of returns, with the normal curve of the same mean and deviation";
  return { markup: figure({ chart, title, summary }), charts: [chart] };
}

const CALENDAR_NAMES = {
  month: "Returns by month",
  day: "Returns by day",
  hour: "Returns by hour",
  minute: "Returns by minute",
} as const;

function calendarTable(result: RunResult): Markup {
  const { equity, ms } = result.samples;
  const calendar = returnsCalendar(ms, equity);
  if (calendar === null) return nothing("The run is shorter than two minutes: no calendar of returns.");
  const values = calendar.rows.flatMap((row) => row.cells).filter((value) => value !== null);
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  const most = sizes.at(-1) ?? 0;
  // The deepest tone begins at the 90th percentile: one extreme month must not fade all others.
  const deep = quantileSorted(sizes, 0.9) ?? 0;
  const inBp = most < 0.001;
  const scale = inBp ? 1e4 : 100;
  const decimals = most * scale >= 100 ? 0 : most * scale >= 1 ? 1 : 2;
  const cell = (value: number | null, strong: boolean): Markup =>
    heatCell(value, deep, scale, decimals, strong);
  const columns = calendar.columns.map((_name, i) => i);
  const rows = calendar.rows.map(
    (row) =>
      html`<tr><th scope="row">${row.label}</th>${columns.map((i) =>
        cell(row.cells[i] ?? null, false),
      )}${cell(row.total, true)}</tr>\n`,
  );
  const heads = [...columns.map((i) => calendar.columns[i]), calendar.total];
  const caption = CALENDAR_NAMES[calendar.unit];
  const why = calendar.unit === "month" ? "" : " The run is shorter than two months.";
  const note = `In ${inBp ? "basis points" : "%"}, UTC; ${DASH} without a sample.${why}`;
  return html`<div class="table calendar calendar-${calendar.unit}" role="region" tabindex="0" aria-label="${caption}"><table>
${captionOf(caption, note)}
<thead><tr><th scope="col">${calendar.corner}</th>${heads.map(
    (head) => html`<th scope="col" class="number">${head}</th>`,
  )}</tr></thead>
<tbody>
${rows}</tbody></table></div>
`;
}

function heatCell(
  value: number | null,
  deep: number,
  scale: number,
  decimals: number,
  strong: boolean,
): Markup {
  if (value === null) return html`<td class="number none">${DASH}</td>`;
  const level = deep > 0 ? Math.min(5, Math.ceil((Math.abs(value) / deep) * 5)) : 0;
  const heat = strong || level === 0 ? "" : ` ${value < 0 ? "down" : "up"}-${level}`;
  const total = strong ? " total" : "";
  return html`<td class="number${total}${heat}">${formatNumber(value * scale, decimals)}</td>`;
}

function statsTable(result: RunResult): Markup {
  const stats = printedStats(result.stats, result.currency);
  if (stats.length === 0) return nothing("The run computed no statistics.");
  return table({
    caption: "Statistics",
    note: `From samples every ${formatDuration(result.samples.periodNs)}; a ratio has no unit.`,
    columns: [{ label: "Figure" }, { label: "Value", number: true }],
    rows: stats.map((stat) => [stat.label, stat.value]),
    className: "columns",
  });
}
