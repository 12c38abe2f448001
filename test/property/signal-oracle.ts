/** Slow, obvious batch versions of the streaming signals: each looks at the whole window again. */

export function mean(xs: readonly number[]): number {
  return xs.reduce((total, x) => total + x, 0) / xs.length;
}

/** Two passes: the mean, then the squared deviations from it. */
export function squares(xs: readonly number[]): number {
  const middle = mean(xs);
  return xs.reduce((total, x) => total + (x - middle) * (x - middle), 0);
}

export function deviation(xs: readonly number[], ddof = 0): number {
  return Math.sqrt(squares(xs) / (xs.length - ddof));
}

/** The last `size` items up to and with index `end`. */
export function tail<Item>(items: readonly Item[], end: number, size: number): readonly Item[] {
  return items.slice(end + 1 - size, end + 1);
}

export function ema(xs: readonly number[], period: number, weight: number): number {
  let average = mean(xs.slice(0, period));
  for (const x of xs.slice(period)) average = weight * x + (1 - weight) * average;
  return average;
}

export function wma(xs: readonly number[]): number {
  const weights = xs.reduce((total, _x, i) => total + i + 1, 0);
  return xs.reduce((total, x, i) => total + x * (i + 1), 0) / weights;
}

export function cutler(xs: readonly number[]): number {
  const changes = xs.slice(1).map((x, i) => x - (xs[i] as number));
  const gain = changes.reduce((total, change) => total + Math.max(change, 0), 0);
  const loss = changes.reduce((total, change) => total + Math.max(-change, 0), 0);
  return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
}

export function logReturns(prices: readonly number[], step = 1): number[] {
  return prices.slice(step).map((price, i) => Math.log(price) - Math.log(prices[i] as number));
}

export function realized(prices: readonly number[]): number {
  return logReturns(prices).reduce((total, r) => total + r * r, 0);
}

export function bipower(prices: readonly number[]): number {
  const sizes = logReturns(prices).map(Math.abs);
  return (Math.PI / 2) * sizes.slice(1).reduce((total, size, i) => total + size * (sizes[i] as number), 0);
}

/** The mean of realised variances over `scale` interleaved grids, less the share of the finest one. */
export function twoScale(prices: readonly number[], scale: number): number {
  const n = prices.length - 1;
  let total = 0;
  for (let start = 0; start < scale; start++) {
    const grid = prices.filter((_price, i) => i % scale === start);
    total += realized(grid);
  }
  const grids = (n - scale + 1) / scale;
  return total / scale - (grids / n) * realized(prices);
}

interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export function rangeVariance(bar: Bar, estimator: "parkinson" | "garmanKlass" | "rogersSatchell"): number {
  const [o, h, l, c] = [bar.open, bar.high, bar.low, bar.close].map(Math.log) as [
    number,
    number,
    number,
    number,
  ];
  if (estimator === "parkinson") return (h - l) ** 2 / (4 * Math.log(2));
  if (estimator === "garmanKlass") return 0.5 * (h - l) ** 2 - (2 * Math.log(2) - 1) * (c - o) ** 2;
  return (h - c) * (h - o) + (l - c) * (l - o);
}

/** Of `n + 1` bars: the first gives only its close. */
export function yangZhang(bars: readonly Bar[]): number {
  const n = bars.length - 1;
  const today = bars.slice(1);
  const overnight = today.map((bar, i) => Math.log(bar.open) - Math.log((bars[i] as Bar).close));
  const body = today.map((bar) => Math.log(bar.close) - Math.log(bar.open));
  const k = 0.34 / (1.34 + (n + 1) / (n - 1));
  const range = mean(today.map((bar) => rangeVariance(bar, "rogersSatchell")));
  return Math.sqrt(squares(overnight) / (n - 1) + (k * squares(body)) / (n - 1) + (1 - k) * range);
}

interface Quote {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/** The published indicator form, term by term. */
export function flow(before: Quote, after: Quote): number {
  const when = (condition: boolean): number => (condition ? 1 : 0);
  return (
    when(after.bid >= before.bid) * after.bidSize -
    when(after.bid <= before.bid) * before.bidSize -
    when(after.ask <= before.ask) * after.askSize +
    when(after.ask >= before.ask) * before.askSize
  );
}

/** The sum of the amounts whose slice of time is one of the last `slices` up to that of `now`. */
export function sumOfSlices(
  events: readonly { readonly ns: number; readonly amount: number }[],
  now: number,
  windowNs: number,
  slices: number,
): number {
  const sliceOf = (ns: number): number => Math.floor(ns / (windowNs / slices));
  return events
    .filter((event) => sliceOf(event.ns) > sliceOf(now) - slices)
    .reduce((total, event) => total + event.amount, 0);
}
