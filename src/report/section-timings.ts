import type { OrderTiming, QueueClass, QueueFigures, RunResult, TimingKey } from "../run/index.ts";
import { DASH, formatCount, formatNumber, formatPercent } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { runSwatch } from "./svg-comparison.ts";
import { percentilesSvg, sharesSvg, timingHistogramSvg } from "./svg-timings.ts";
import { nothing, section, table } from "./table.ts";

const LABELS: Readonly<Record<TimingKey, string>> = {
  entry: "Submission to exchange",
  response: "Exchange to our knowing",
  ack: "Submission to acknowledgement",
  firstFill: "Submission to first fill",
  cancelAck: "Cancel to its report",
  ageFilled: "Age when filled",
  ageEnded: "Age when canceled or expired",
};

/** How long orders took and waited, and what became of them by their place in the queue. */
export function timingsSection({ drill, name }: RunResult): Markup | null {
  if (drill === undefined) return null;
  const { timings, queue, counts } = drill;
  if (timings.length === 0)
    return section("timings", "Order times and queues", nothing(`No order of ${name} reached an exchange.`));
  const rest =
    counts.keptOrders < counts.orders
      ? html`<p class="note">Of the first ${formatCount(counts.keptOrders)} of ${formatCount(counts.orders)} orders.</p>\n`
      : null;
  return section("timings", "Order times and queues", [
    rest,
    percentiles(timings),
    timingTable(timings),
    html`<div class="pair">${timings.map(histogram)}</div>\n`,
    queue === null ? nothing("No order rested in a book that a tape tells of: no queues.") : queues(queue),
  ]);
}

function percentiles(timings: readonly OrderTiming[]): Markup {
  const labels = timings.map(({ key }) => LABELS[key]);
  const keys = labels.map((label, i) => html`<li>${runSwatch(i)}${label}</li>\n`);
  return html`<figure class="plain"><figcaption><span class="title">Times by percentile</span><span
class="unit">each step to the right is ten times rarer; lines end at the greatest</span></figcaption>
<ul class="legend">${keys}</ul>
${percentilesSvg(timings, labels)}
<p class="note">Of lines that lie on one another the last is seen: the table below holds them all.</p></figure>
`;
}

function timingTable(timings: readonly OrderTiming[]): Markup {
  const shares = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999].filter((share) =>
    timings.some(({ quantiles }) => quantiles.some(([each]) => each === share)),
  );
  const at = ({ quantiles }: OrderTiming, share: number): string =>
    formatDuration(quantiles.find(([each]) => each === share)?.[1]);
  return table({
    caption: "Times of orders",
    note: `Exact, by nearest rank; ${DASH} where there are too few for such a percentile. Ages are of the exchange's clock.`,
    columns: [
      { label: "What" },
      ...[
        "Orders",
        "Least",
        ...shares.map((share) => `p${Number((share * 100).toFixed(4))}`),
        "Greatest",
      ].map((label) => ({ label, number: true })),
    ],
    rows: timings.map((timing) => [
      LABELS[timing.key],
      formatCount(timing.count),
      formatDuration(timing.minNs),
      ...shares.map((share) => at(timing, share)),
      formatDuration(timing.maxNs),
    ]),
  });
}

function histogram(timing: OrderTiming): Markup {
  const label = LABELS[timing.key];
  const isOne = timing.minNs === timing.maxNs;
  return html`<figure class="plain"><figcaption><span class="title">${label}</span><span
class="unit">orders, logarithmic time</span></figcaption>
${isOne ? nothing(`All ${formatCount(timing.count)} took ${formatDuration(timing.minNs)}.`) : timingHistogramSvg(timing, label)}</figure>
`;
}

function queues({ orders, classes, leftOut }: QueueFigures): Markup {
  const left = [
    [leftOut.marketable, "took at once"],
    [leftOut.replaced, "were replaced"],
    [leftOut.unseen, "arrived where no book was known"],
  ] as const;
  const words = left.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  const without = words.length === 0 ? "" : ` Left out: ${words.join(", ")}.`;
  if (classes.length === 0) return nothing(`No order rested in a queue.${without}`);
  const columns = classes.map((one) => ({
    ...{ label: shortName(one), share: one.filled / one.orders, count: one.orders },
    tone: one.place === "behind" ? "fall" : "main",
  }));
  const text = classes.map(
    (one) => `${nameOf(one)}: ${formatPercent(one.filled / one.orders, 0)} of ${formatCount(one.orders)}`,
  );
  return html`<figure class="plain"><figcaption><span class="title">Orders filled by where they joined</span><span
class="unit">share filled, in part at least; orders above</span></figcaption>
${sharesSvg(columns, `Orders filled by where they joined. ${text.join("; ")}.`)}
<p class="note">× is what was shown at their price when they arrived, over their own quantity, at the best price; t is ticks behind it.</p></figure>
${table({
  caption: "Queues",
  note: `Of ${formatCount(orders)} orders that rested, from the tape's book: own orders are not in it.${without} Ahead and at the fill: what was shown at the price, in multiples of the order; medians.`,
  columns: [
    { label: "Joined" },
    ...["Orders", "Filled", "By quantity", "Ahead at arrival", "Shown at first fill", "To first fill"].map(
      (label) => ({ label, number: true }),
    ),
  ],
  rows: classes.map((one) => [
    nameOf(one),
    formatCount(one.orders),
    formatPercent(one.filled / one.orders, 1),
    formatPercent(one.fillRate, 1),
    `${formatNumber(one.ahead, 1)}×`,
    one.atFill === null ? DASH : `${formatNumber(one.atFill, 1)}×`,
    formatDuration(one.toFillNs),
  ]),
})}`;
}

function nameOf({ place, from, to }: QueueClass): string {
  if (place === "improved") return "Ahead of the best";
  const unit = place === "best" ? "× ahead" : " ticks";
  const range =
    to === null ? `more than ${from}${unit}` : from === 0 ? `up to ${to}${unit}` : `${from} to ${to}${unit}`;
  return place === "best" ? `At the best, ${range}` : `Behind the best, ${range}`;
}

function shortName({ place, from, to }: QueueClass): string {
  if (place === "improved") return "ahead";
  const unit = place === "best" ? "×" : "t";
  return to === null ? `> ${from}${unit}` : `≤ ${to}${unit}`;
}
