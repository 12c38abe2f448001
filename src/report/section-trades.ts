import type { DrilledFill, DrilledOrder, DrilledTrade, RunResult, TradeDrill } from "../run/index.ts";
import { DASH, formatCount, formatExact, formatNumber, signed } from "./figures.ts";
import { quoteUnit } from "./headline.ts";
import { formatDuration, formatInstant, readNanos } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { evenPlaces } from "./places.ts";
import { words } from "./stat-names.ts";
import { fillMarketSvg } from "./svg-fill-market.ts";
import { ladderSvg } from "./svg-ladder.ts";
import { nothing, section, table } from "./table.ts";

/** Fills whose market a page draws: about 10 KB each. */
const DRAWN = 40;

/** Single trades, to be opened one by one: their fills, their orders, and the book around each fill. */
export function tradesSection(result: RunResult): Markup | null {
  const { drill } = result;
  if (drill === undefined) return null;
  if (drill.trades.length === 0) return section("trades", "Trades", nothing("Nothing was traded."));
  const kept = drill.fills.flatMap(({ market }, i) => (market === null ? [] : [i]));
  const drawn = new Set(evenPlaces(kept.length, DRAWN).map((place) => kept[place] as number));
  const orders = new Map(drill.orders.map((order) => [order.id, order]));
  const unit = quoteUnit(result);
  return section("trades", "Trades", [
    html`<p class="note">${leftOut(drill, drawn.size)}</p>
<div class="trade-tools on-screen" id="trade-tools" hidden><label>Find <input type="search" id="trade-find"
autocomplete="off"></label> <button type="button" id="trade-back">Earlier</button> <button type="button"
id="trade-on">Later</button> <span id="trade-count" aria-live="polite"></span></div>
<div class="trade-head" aria-hidden="true">${[
      "",
      "Instrument",
      "Opened",
      "Held",
      "Most",
      "Fills",
      `Result, ${unit}`,
    ].map((label) => html`<span>${label}</span>`)}</div>
`,
    drill.trades.map((trade) => tradeDetails(trade, drill, { orders, drawn, unit })),
  ]);
}

/** What is not on the page, in words. */
function leftOut({ counts, trades, fills }: TradeDrill, drawn: number): string {
  const parts = [
    trades.length < counts.trades
      ? `${formatCount(trades.length)} of ${formatCount(counts.trades)} trades, evenly over the run`
      : `All ${formatCount(counts.trades)} trades`,
    `with ${formatCount(fills.length)} of ${formatCount(counts.fills)} fills`,
    `and the market around ${formatCount(drawn)} of those`,
  ];
  const later =
    counts.keptFills < counts.fills
      ? ` Fills after the first ${formatCount(counts.keptFills)} were not kept.`
      : "";
  return `${parts.join(", ")}.${later} A trade is a position from nothing to nothing; times are the exchange's, UTC.`;
}

interface Around {
  readonly orders: ReadonlyMap<number, DrilledOrder>;
  readonly drawn: ReadonlySet<number>;
  readonly unit: string;
}

function tradeDetails(trade: DrilledTrade, drill: TradeDrill, around: Around): Markup {
  const fills = trade.fills.map((place) => drill.fills[place] as DrilledFill);
  const held =
    trade.closedNs === null
      ? "open"
      : formatDuration(Number(readNanos("trades", trade.closedNs) - readNanos("trades", trade.openedNs)));
  const net = trade.realized - trade.fees;
  return html`<details class="trade" id="trade-${trade.number}"><summary><span>${trade.number}</span><span>${
    trade.instrument
  } ${trade.side === "buy" ? "long" : "short"}</span><span>${instant(trade.openedNs)}</span><span>${held}</span><span>${formatExact(
    trade.quantity,
  )}</span><span>${formatCount(trade.fillCount)}</span><span>${signed(money(net))}</span></summary>
${fillsTable(trade, fills, around.unit)}${ordersTable(fills, around.orders)}${trade.fills.map((place) =>
  around.drawn.has(place) ? marketFigure(drill.fills[place] as DrilledFill, drill) : null,
)}</details>
`;
}

function money(amount: number): string {
  return formatNumber(amount, Math.abs(amount) >= 1 ? 2 : 4);
}

function instant(text: string | null): string {
  return text === null ? DASH : formatInstant(readNanos("trades", text));
}

function fillsTable(trade: DrilledTrade, fills: readonly DrilledFill[], unit: string): Markup {
  const rest = trade.fillCount - fills.length;
  const more = rest > 0 ? ` ${formatCount(rest)} between the first and the last are not listed.` : "";
  return table({
    caption: `Fills of trade ${trade.number}`,
    note: `Realized ${signed(money(trade.realized))} before fees of ${money(trade.fees)} ${unit}.${more}`,
    columns: [
      ...["Moment", "Side"].map((label) => ({ label })),
      ...["Price", "Quantity", "Fee"].map((label) => ({ label, number: true })),
      ...["Why", "Order"].map((label) => ({ label })),
    ],
    rows: fills.map((fill) => [
      instant(fill.exchNs),
      `${fill.side}, ${fill.maker ? "maker" : "taker"}`,
      formatExact(fill.price),
      formatExact(fill.quantity),
      money(fill.fee),
      words(fill.reason),
      `#${fill.orderId}`,
    ]),
  });
}

function ordersTable(fills: readonly DrilledFill[], orders: ReadonlyMap<number, DrilledOrder>): Markup {
  const own = [...new Set(fills.map(({ orderId }) => orderId))].flatMap((id) => orders.get(id) ?? []);
  const after = ({ submittedNs }: DrilledOrder, ns: string | null): string =>
    ns === null ? DASH : formatDuration(Number(readNanos("orders", ns) - readNanos("orders", submittedNs)));
  if (own.length === 0) return nothing("Its orders came after those that were kept.");
  return table({
    caption: "Orders",
    note: "Times behind the submission are of reports as we received them, but for the arrival at the exchange.",
    columns: [
      ...["Order", "Submitted", "Side"].map((label) => ({ label })),
      ...["Limit", "Filled of", "Arrived", "Acknowledged", "First fill", "End"].map((label) => ({
        label,
        number: true,
      })),
      { label: "How" },
    ],
    rows: own.map((order) => [
      `#${order.id}, ${order.strategy}`,
      instant(order.submittedNs),
      order.side,
      order.price === null ? "market" : formatExact(order.price),
      `${formatExact(order.filled)} / ${formatExact(order.quantity)}`,
      after(order, order.arrivedNs),
      after(order, order.ackNs),
      after(order, order.firstFillNs),
      after(order, order.endNs),
      order.replaced > 0 ? `${order.end}, replaced ${formatCount(order.replaced)} times` : order.end,
    ]),
  });
}

function marketFigure(fill: DrilledFill, { levels, beforeNs, afterNs }: TradeDrill): Markup {
  const { market } = fill;
  const isBars = market !== null && market.bars.length > 0;
  const missing = market?.hasAllPrints === false ? " Only the prints next to the fill are drawn." : "";
  const note = isBars
    ? "The fill is at its moment, which of a bar is its open or its close."
    : `The book as the tape has it: own orders are not in it. Steps are the best bid, blue, and the best ask, orange; dots are prints, blue where a buyer took. Empty triangles made the market.${missing}`;
  return html`<figure class="plain"><figcaption><span class="title">${fill.side} ${formatExact(
    fill.quantity,
  )} at ${formatExact(fill.price)}, ${instant(fill.exchNs)}</span><span class="unit">${
    fill.maker ? "maker" : "taker"
  }, order #${fill.orderId}</span></figcaption>
${isBars ? null : ladderSvg(fill, levels)}
${fillMarketSvg(fill, beforeNs, afterNs)}
<p class="note">${note}</p></figure>
`;
}
