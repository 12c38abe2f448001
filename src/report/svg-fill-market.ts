import type { DrilledFill, DrilledMarket } from "../run/index.ts";
import { formatCount, formatExact } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { type Tick, valueTicks } from "./svg-axis.ts";
import { px, type SvgFrame, svgChart, svgFrame } from "./svg-frame.ts";

const HEIGHT = 170;
const UNITS = [
  [8.64e13, "d"],
  [3.6e12, "h"],
  [6e10, "min"],
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
] as const;

/** Draws best bid and ask, prints and the fill itself around its moment; of a bar tape the bars. */
export function fillMarketSvg(fill: DrilledFill, beforeNs: number, afterNs: number): Markup | null {
  const { market } = fill;
  if (market === null) return null;
  if (market.bars.length > 0) return barsSvg(fill, market);
  const prices = [
    fill.price,
    ...market.quotes.flatMap(([, bid, ask]) => [bid, ask]),
    ...market.prints.map(([, price]) => price),
  ].filter((price) => price !== null);
  const frame = frameOf(prices, [-beforeNs, afterNs]);
  const bids = stepPath(frame, market, 1, afterNs);
  const asks = stepPath(frame, market, 2, afterNs);
  const dots = (side: number): string =>
    market.prints
      .filter((print) => print[3] === side)
      .map(([ns, price]) => circle(frame.x(ns), frame.y(price), 1.7))
      .join("");
  const words = `Best bid and ask and ${formatCount(market.prints.length)} prints around ${wordOf(fill)}`;
  return svgChart(frame, words, ticksOf(frame, prices, [-beforeNs, afterNs]), [
    moment(frame),
    html`<path class="step bid" d="${bids}"/><path class="step ask" d="${asks}"/>`,
    html`<path class="print buy" d="${dots(1)}"/><path class="print sell" d="${dots(-1)}"/><path class="print" d="${dots(0)}"/>`,
    own(frame, fill, 0),
  ]);
}

function wordOf({ side, quantity, price }: DrilledFill): string {
  return `${side} ${formatExact(quantity)} at ${formatExact(price)}`;
}

function frameOf(prices: readonly number[], xRange: readonly [number, number]): SvgFrame {
  const yRange = rangeOf(prices);
  return svgFrame({ height: HEIGHT, xRange, yRange, yTicks: valueTicks(...yRange, 4) });
}

function rangeOf(prices: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const margin = high > low ? (high - low) * 0.08 : Math.abs(high) * 1e-4 || 1;
  return [low - margin, high + margin];
}

/** The ticks of both axes; times in the unit they are read in, from the fill on. */
function ticksOf(
  frame: SvgFrame,
  prices: readonly number[],
  [from, to]: readonly [number, number],
): { readonly x: readonly Tick[]; readonly y: readonly Tick[] } {
  const [size, name] = UNITS.find(([least]) => to - from >= 2 * least) ?? [1, "ns"];
  const x = valueTicks(from / size, to / size, 5).map(({ at, text }) => ({
    at: at * size,
    text: `${at > 0 ? "+" : ""}${text} ${name}`,
  }));
  return { x: x.filter(({ at }) => frame.x(at) <= frame.right), y: valueTicks(...rangeOf(prices), 4) };
}

function moment(frame: SvgFrame): Markup {
  const x = px(frame.x(0));
  return html`<line class="base" x1="${x}" x2="${x}" y1="${px(frame.top)}" y2="${px(frame.bottom)}"/>`;
}

function stepPath(frame: SvgFrame, market: DrilledMarket, side: 1 | 2, afterNs: number): string {
  let path = "";
  let lastY = "";
  for (const quote of market.quotes) {
    const price = quote[side];
    const x = px(Math.max(frame.left, frame.x(quote[0])));
    if (price === null) {
      if (lastY !== "") path += `L${x} ${lastY}`;
      lastY = "";
      continue;
    }
    const y = px(frame.y(price));
    path += lastY === "" ? `M${x} ${y}` : `L${x} ${lastY}L${x} ${y}`;
    lastY = y;
  }
  return lastY === "" ? path : `${path}L${px(frame.x(afterNs))} ${lastY}`;
}

function circle(x: number, y: number, size: number): string {
  return `M${px(x - size)} ${px(y)}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0`;
}

/** The fill as on the other charts: buys point up, sells down; takers are solid, makers hollow. */
function own(frame: SvgFrame, { side, maker, price }: DrilledFill, ns: number): Markup {
  const [x, y] = [frame.x(ns), frame.y(price)];
  const tip = side === "buy" ? -5 : 5;
  const corners = `M${px(x)} ${px(y + tip)}L${px(x - 5)} ${px(y - tip)}L${px(x + 5)} ${px(y - tip)}Z`;
  return html`<path class="fill ${side} ${maker ? "maker" : "taker"}" d="${corners}"/>`;
}

function barsSvg(fill: DrilledFill, { bars }: DrilledMarket): Markup {
  const prices = [fill.price, ...bars.flatMap((bar) => bar.slice(4, 6)), ...bars.map(([, , , high]) => high)];
  const [from, to] = [bars[0]?.[0] ?? -1, bars.at(-1)?.[1] ?? 1];
  const margin = (to - from) / 60;
  const xRange: [number, number] = [from - margin, to + margin];
  const frame = frameOf(prices, xRange);
  const half = Math.min(5, ((frame.right - frame.left) / bars.length) * 0.3);
  const sticks = bars.map(([from, to, open, high, low, close]) => {
    const x = frame.x((from + to) / 2);
    return `M${px(x)} ${px(frame.y(high))}L${px(x)} ${px(frame.y(low))}M${px(x - half)} ${px(
      frame.y(open),
    )}L${px(x)} ${px(frame.y(open))}M${px(x)} ${px(frame.y(close))}L${px(x + half)} ${px(frame.y(close))}`;
  });
  return svgChart(frame, `${bars.length} bars around ${wordOf(fill)}`, ticksOf(frame, prices, xRange), [
    moment(frame),
    html`<path class="line main" d="${sticks.join("")}"/>`,
    own(frame, fill, 0),
  ]);
}
