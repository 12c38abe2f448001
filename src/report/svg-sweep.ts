import type { Axis, ParamValue, PointResult } from "../sweep/index.ts";
import { formatNumber } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { px } from "./svg-frame.ts";

const WIDTH = 720;
const CELLS_MOST = 40;
const LINES_MOST = 600;
const HEIGHT = 300;

/** A point of a sweep with what it is judged by: more is better. */
export interface JudgedPoint {
  readonly point: PointResult;
  readonly figure: number;
}

/** Classes of an axis: its values where they are few, else ranges of equal width. */
interface Classes {
  readonly labels: readonly string[];
  readonly of: (point: PointResult) => number;
}

/**
 * Draws the mean figure over two parameters, better above the middle of all in one colour, worse in the other; every
 * cell tells its mean and its points to whoever points at it.
 */
export function heatMapSvg(judged: readonly JudgedPoint[], across: Axis, down: Axis, label: string): Markup {
  const [columns, rows] = [classesOf(judged, across), classesOf(judged, down)];
  const cells = new Map<string, number[]>();
  for (const { point, figure } of judged) {
    const key = `${columns.of(point)} ${rows.of(point)}`;
    cells.set(key, [...(cells.get(key) ?? []), figure]);
  }
  const means = [...cells.values()].map(mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const middle = (low + high) / 2;
  const left = 16 + 5.8 * Math.max(...rows.labels.map((text) => text.length), down.name.length);
  const size = Math.min(28, (WIDTH - left - 8) / columns.labels.length);
  const top = 24;
  const height = top + size * rows.labels.length + 40;
  const squares = [...cells].map(([key, figures]) => {
    const [column = 0, row = 0] = key.split(" ").map(Number);
    const value = mean(figures);
    const strength = high > low ? Math.abs(value - middle) / ((high - low) / 2) : 0;
    const y = top + (rows.labels.length - 1 - row) * size;
    const count = figures.length === 1 ? "1 point" : `${figures.length} points`;
    const where = `${across.name} ${columns.labels[column]}, ${down.name} ${rows.labels[row]}`;
    return html`<rect class="heat ${value >= middle ? "up" : "down"}" fill-opacity="${px(0.05 + 0.85 * strength)}"
x="${px(left + column * size)}" y="${px(y)}" width="${px(size - 1)}" height="${px(size - 1)}"><title>${where}: ${formatNumber(
      value,
      3,
    )} (${count})</title></rect>`;
  });
  const bottom = top + rows.labels.length * size + 14;
  const every = Math.max(1, Math.ceil((Math.max(...columns.labels.map((text) => text.length)) * 6.2) / size));
  const ticks = [
    ...columns.labels.map((text, i) =>
      i % every === 0
        ? html`<text class="tick" x="${px(left + (i + 0.5) * size)}" y="${px(bottom)}" text-anchor="middle">${text}</text>`
        : null,
    ),
    ...rows.labels.map(
      (text, i) =>
        html`<text class="tick" x="${px(left - 6)}" y="${px(
          top + (rows.labels.length - 0.5 - i) * size + 3.5,
        )}" text-anchor="end">${text}</text>`,
    ),
  ];
  const description = `${label} by ${across.name} and ${down.name}, from ${formatNumber(low, 3)} to ${formatNumber(high, 3)}`;
  return html`<svg class="still" viewBox="0 0 ${WIDTH} ${px(height)}" role="img" aria-label="${description}">
<text class="tick" x="4" y="14">${down.name}</text>${squares}${ticks}
<text class="tick" x="${px(left + (columns.labels.length * size) / 2)}" y="${px(
    bottom + 18,
  )}" text-anchor="middle">${across.name}</text></svg>`;
}

/** Draws every point as a line over its parameters to its figure, the best tenth set apart. */
export function parallelSvg(judged: readonly JudgedPoint[], axes: readonly Axis[], label: string): Markup {
  const sorted = [...judged].sort((a, b) => a.figure - b.figure);
  const step = Math.max(1, sorted.length / LINES_MOST);
  const shown = sorted.filter(
    (_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step) || i === sorted.length - 1,
  );
  const [low, high] = [sorted[0]?.figure ?? 0, sorted.at(-1)?.figure ?? 0];
  const best = sorted[Math.floor(sorted.length * 0.9)]?.figure ?? high;
  const [top, bottom] = [32, HEIGHT - 26];
  const x = (i: number): number => 50 + (i * (WIDTH - 100)) / axes.length;
  const y = (share: number): number => bottom - share * (bottom - top);
  const shareOf = (figure: number): number => (high > low ? (figure - low) / (high - low) : 0.5);
  const lines = shown.map(({ point, figure }) => {
    const places = [...axes.map((axis) => axis.shareOf(point.params[axis.name] ?? 0)), shareOf(figure)];
    const way = places.map((share, i) => `${px(x(i))} ${px(y(share))}`).join("L");
    return html`<path class="ray${figure >= best ? " best" : ""}" d="M${way}"/>`;
  });
  const posts = [...axes.map(({ name }) => name), label].map((name, i) => {
    const axis = axes[i];
    const [least, most] =
      axis === undefined ? [formatNumber(low, 3), formatNumber(high, 3)] : endsOf(axis, judged);
    return html`<line class="axis" x1="${px(x(i))}" x2="${px(x(i))}" y1="${top}" y2="${bottom}"/><text class="tick"
x="${px(x(i))}" y="12" text-anchor="middle">${name}</text><text class="tick" x="${px(x(i))}" y="${top - 5}"
text-anchor="middle">${most}</text><text class="tick" x="${px(x(i))}" y="${bottom + 14}"
text-anchor="middle">${least}</text>`;
  });
  const description = `${shown.length} points over ${axes.length} parameters to ${label}`;
  return html`<svg class="still" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">
${lines}${posts}</svg>`;
}

function endsOf(axis: Axis, judged: readonly JudgedPoint[]): readonly [string, string] {
  const values = judged.map(({ point }) => point.params[axis.name] ?? 0);
  const sorted = [...new Set(values)].sort((a, b) => axis.shareOf(a) - axis.shareOf(b));
  return [shortOf(sorted[0]), shortOf(sorted.at(-1))];
}

function classesOf(judged: readonly JudgedPoint[], axis: Axis): Classes {
  const values = [...new Set(judged.map(({ point }) => point.params[axis.name] ?? 0))];
  values.sort((a, b) => axis.shareOf(a) - axis.shareOf(b));
  if (values.length <= CELLS_MOST) {
    const place = new Map(values.map((value, i) => [value, i]));
    return {
      labels: values.map((value) => shortOf(value)),
      of: ({ params }) => place.get(params[axis.name] ?? 0) ?? 0,
    };
  }
  const count = 20;
  const classOf = (share: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  const lowest = Array.from({ length: count }, (_, i) =>
    values.find((value) => classOf(axis.shareOf(value)) === i),
  );
  return {
    labels: lowest.map((value) => (value === undefined ? "" : shortOf(value))),
    of: ({ params }) => classOf(axis.shareOf(params[axis.name] ?? 0)),
  };
}

function shortOf(value: ParamValue | undefined): string {
  return typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value ?? "");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
