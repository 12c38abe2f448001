import type { InstrumentSeries, ResultFill, RunResult } from "../run/index.ts";
import { type ChartFills, significant, type TimeChart } from "./chart.ts";
import { figure } from "./figure.ts";
import { formatCount, formatExact, formatNumber, moneyDecimals, rangeDecimals } from "./figures.ts";
import { quoteUnit } from "./headline.ts";
import { readNanos } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { drawnPlaces, evenPlaces } from "./places.ts";
import { type ChartSection, DRAWN_POINTS, instrumentPoints, pick, timeColumns } from "./section-equity.ts";
import { PRINTED_FILLS } from "./svg-time.ts";
import { nothing, section } from "./table.ts";

/** The most instruments with charts of their own, and the most fills marked on all charts together. */
export const CHARTED_INSTRUMENTS = 8;
/** The most fills marked on a chart. */
export const MARKED_FILLS = 6_000;

/** Price with fills, position for each instrument, and the gross exposure of them all. */
export function instrumentsSection(result: RunResult): ChartSection {
  const all = result.samples.instruments;
  const charted = all.slice(0, CHARTED_INSTRUMENTS);
  if (result.samples.ms.length < 2 || charted.length === 0) {
    const text = nothing("Fewer than two samples: no price or position curves.");
    return { markup: section("instruments", "Price, fills and inventory", text), charts: [] };
  }
  const share = Math.floor(MARKED_FILLS / charted.length);
  const parts = charted.map((series, i) => instrumentFigures(result, series, i, share));
  const exposure = exposureChart(result);
  const left = all.slice(CHARTED_INSTRUMENTS).map((series) => series.instrument);
  const note =
    left.length === 0
      ? null
      : nothing(`Charts show the first ${charted.length} instruments. Without one: ${left.join(", ")}.`);
  const content = [...parts.map((part) => part.markup), exposureFigure(result, exposure), note];
  return {
    markup: section("instruments", "Price, fills and inventory", content),
    charts: [...parts.flatMap((part) => part.charts), exposure],
  };
}

function instrumentFigures(
  result: RunResult,
  series: InstrumentSeries,
  index: number,
  share: number,
): ChartSection {
  const kept = result.fills.kept.filter((fill) => fill.instrument === series.instrument);
  const price = priceChart(result, series, index, kept, share);
  const position = positionChart(result, series, index);
  const markup = html`<h3>${series.instrument}</h3>
${figure({
  chart: price,
  title: "Price and fills",
  summary: priceSummary(series, price),
  notes: [fillKey(), fillNote(result, kept.length, price.fills?.x.length ?? 0)],
})}${figure({ chart: position, title: "Position", summary: positionSummary(series) })}`;
  return { markup, charts: [price, position] };
}

function priceChart(
  result: RunResult,
  series: InstrumentSeries,
  index: number,
  kept: readonly ResultFill[],
  share: number,
): TimeChart {
  const places = drawnPlaces(series.price, instrumentPoints(result.samples.instruments.length));
  const columns = timeColumns(result.samples.ms, places);
  const marked = evenPlaces(kept.length, share).map((place) => kept[place] as ResultFill);
  const prices = series.price.filter((value): value is number => value !== null);
  const [low, high] = bounds(prices);
  return {
    ...columns,
    kind: "time",
    id: `chart-price-${index}`,
    label: `Price of ${series.instrument}`,
    unit: quoteUnit(result),
    decimals: Math.max(
      rangeDecimals(high - low),
      ...marked.slice(0, 200).map((fill) => decimalsOf(fill.price)),
    ),
    height: 320,
    lines: [{ label: "Mark", tone: "quiet", shape: "line", y: pick(series.price, places) }],
    base: null,
    fills: marked.length === 0 ? null : fillColumns(marked, columns.x0, quoteUnit(result)),
  };
}

/** The decimals a traded price was given with, six at most. */
function decimalsOf(price: number): number {
  const text = String(significant(price) ?? 0);
  return text.includes("e") ? 6 : Math.min(6, (text.split(".")[1] ?? "").length);
}

function fillColumns(fills: readonly ResultFill[], x0: number, currency: string): ChartFills {
  const reasons = [...new Set(fills.map((fill) => fill.reason))];
  const base = BigInt(Math.round(x0)) * 1_000_000n;
  const number = (value: number): number => significant(value) ?? 0;
  const ms = fills.map((fill) => Number(readNanos("fills.kept.ns", fill.ns) - base) / 1e6);
  const order = ms.map((_at, i) => i).sort((a, b) => (ms[a] as number) - (ms[b] as number));
  const sorted = order.map((i) => fills[i] as ResultFill);
  return {
    x: order.map((i) => Number((ms[i] as number).toFixed(3))),
    price: sorted.map((fill) => number(fill.price)),
    quantity: sorted.map((fill) => number(fill.quantity)),
    fee: sorted.map((fill) => significant(fill.fee, 6) ?? 0),
    kind: sorted.map((fill) => (fill.side === "sell" ? 1 : 0) + (fill.maker ? 2 : 0)),
    reason: sorted.map((fill) => reasons.indexOf(fill.reason)),
    reasons,
    currency,
  };
}

function positionChart(result: RunResult, series: InstrumentSeries, index: number): TimeChart {
  const places = drawnPlaces(series.position, instrumentPoints(result.samples.instruments.length));
  const [low, high] = bounds(series.position);
  return {
    ...timeColumns(result.samples.ms, places),
    kind: "time",
    id: `chart-position-${index}`,
    label: `Position in ${series.instrument}`,
    unit: "units",
    decimals: rangeDecimals(Math.max(high - low, Math.abs(high))),
    height: 160,
    lines: [{ label: "Position", tone: "main", shape: "step", y: pick(series.position, places) }],
    base: 0,
    fills: null,
  };
}

function exposureChart(result: RunResult): TimeChart {
  const places = drawnPlaces(result.samples.exposure, DRAWN_POINTS);
  return {
    ...timeColumns(result.samples.ms, places),
    kind: "time",
    id: "chart-exposure",
    label: "Gross exposure",
    unit: result.currency,
    decimals: moneyDecimals(Number(result.money.initialEquity)),
    height: 160,
    lines: [
      { label: "Gross exposure", tone: "main", shape: "step", y: pick(result.samples.exposure, places) },
    ],
    base: 0,
    fills: null,
  };
}

function exposureFigure(result: RunResult, chart: TimeChart): Markup {
  const [, high] = bounds(result.samples.exposure);
  const mean =
    result.samples.exposure.reduce((sum, value) => sum + value, 0) / result.samples.exposure.length;
  const print = (value: number): string => formatNumber(value, chart.decimals);
  const summary = `All instruments together: mean ${print(mean)}, most ${print(high)} ${result.currency}.`;
  return html`<h3>All instruments</h3>\n${figure({ chart, title: "Gross exposure", summary })}`;
}

function fillKey(): Markup {
  return html`<p class="note key"><span class="buy">▲</span> buy, taker · <span class="buy">△</span> buy, maker · <span
class="sell">▼</span> sell, taker · <span class="sell">▽</span> sell, maker</p>
`;
}

function fillNote(result: RunResult, kept: number, marked: number): Markup {
  const { count } = result.fills;
  const lost = count - result.fills.kept.length;
  const cut =
    lost > 0
      ? ` The run kept its first ${formatCount(result.fills.kept.length)} fills of ${formatCount(count)}.`
      : "";
  if (marked === 0) return html`<p class="note">No fill to mark.${cut}</p>\n`;
  const screen =
    marked < kept
      ? `${formatCount(marked)} of ${formatCount(kept)} kept fills, evenly thinned out`
      : `all ${formatCount(kept)} kept fills`;
  const printed = Math.min(PRINTED_FILLS, marked);
  const paper =
    printed < kept
      ? `${formatCount(printed)} of ${formatCount(kept)} kept fills, evenly thinned out`
      : screen;
  return html`<p class="note"><span class="on-screen">Marked: ${screen}.</span><span
class="on-paper">Marked: ${paper}.</span>${cut}</p>
`;
}

function priceSummary(series: InstrumentSeries, chart: TimeChart): string {
  const prices = series.price.filter((value): value is number => value !== null);
  if (prices.length === 0) return "No price was seen.";
  const [low, high] = bounds(prices);
  const print = (value: number | undefined): string => formatNumber(value, chart.decimals);
  const ends = `Mark from ${print(prices[0])} to ${print(prices.at(-1))} ${chart.unit}`;
  return `${ends}; lowest ${print(low)}, highest ${print(high)}.`;
}

function positionSummary(series: InstrumentSeries): string {
  const [low, high] = bounds(series.position);
  const end = formatExact(series.position.at(-1));
  return `Between ${formatExact(low)} and ${formatExact(high)} units; ${end} at the end.`;
}

function bounds(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high >= low ? [low, high] : [0, 0];
}
