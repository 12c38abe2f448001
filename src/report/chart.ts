/** One line of a {@link TimeChart}. */
export interface ChartLine {
  readonly label: string;
  /** A role of the palette, not a colour: the page's style sheet decides. */
  readonly tone: "main" | "fall" | "quiet";
  readonly shape: "line" | "area" | "step";
  readonly y: readonly (number | null)[];
}

/** Fills to mark on a price chart, as columns. */
export interface ChartFills {
  /** Milliseconds after the chart's `x0`. */
  readonly x: readonly number[];
  readonly price: readonly number[];
  readonly quantity: readonly number[];
  readonly fee: readonly number[];
  /** Bit 0: sell. Bit 1: maker. */
  readonly kind: readonly number[];
  /** Place in `reasons`. */
  readonly reason: readonly number[];
  readonly reasons: readonly string[];
  /** The currency of the fees. */
  readonly currency: string;
}

/** A chart over time; all of a page share one time axis. */
export interface TimeChart {
  readonly kind: "time";
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly decimals: number;
  /** The height on screen in CSS pixels. */
  readonly height: number;
  /** Epoch milliseconds that `x` counts from. */
  readonly x0: number;
  readonly x: readonly number[];
  readonly lines: readonly ChartLine[];
  /** A value to draw a thin line at: the initial equity, or zero. */
  readonly base: number | null;
  readonly fills: ChartFills | null;
}

/** A histogram with the normal curve of the same mean and deviation. */
export interface HistogramChart {
  readonly kind: "histogram";
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly decimals: number;
  readonly height: number;
  /** The middle of each bin, evenly spaced. */
  readonly x: readonly number[];
  readonly width: number;
  readonly counts: readonly number[];
  /** How many values the normal curve expects in each bin. */
  readonly normal: readonly number[];
}

/** What the page's script draws, and what the printed SVG is drawn from. */
export type Chart = TimeChart | HistogramChart;

/** Rounds to `digits` significant digits, to keep the page small; absent stays absent. */
export function significant(value: number | null, digits = 9): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(digits));
}
