import type { DrilledBook, DrilledFill } from "../run/index.ts";
import { formatExact, formatNumber } from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { px } from "./svg-frame.ts";

const ROW = 15;
const HEAD = 18;
const WIDTH = 352;
const MIDDLE = WIDTH / 2;
/** Half of the room for prices. */
const PRICE = 46;
const BAR = MIDDLE - PRICE - 64;

type Level = readonly [price: number, quantity: number];

/**
 * Draws the book just before and just after a fill as two ladders: asks above bids, quantities as bars and numbers, the
 * price of the fill marked. One scale for all bars.
 */
export function ladderSvg(fill: DrilledFill, levels: number): Markup {
  const { before, after } = fill.market ?? { before: null, after: null };
  const books = [before, after].filter((book) => book !== null);
  const most = Math.max(0, ...books.flatMap(({ bids, asks }) => [...bids, ...asks]).map(([, lots]) => lots));
  const prices = books.flatMap(({ bids, asks }) => [...bids, ...asks]).map(([price]) => price);
  const decimals = Math.max(0, ...[...prices, fill.price].map(decimalsOf));
  const height = HEAD + levels * 2 * ROW + 4;
  const words = [
    `before: ${bestOf(before)}`,
    `after: ${bestOf(after)}`,
    `${fill.side} ${formatExact(fill.quantity)} at ${formatExact(fill.price)}`,
  ].join("; ");
  return html`<svg class="still" viewBox="0 0 720 ${height}" role="img" aria-label="The book ${words}">
${ladder(before, fill, { left: 0, decimals, levels, most, title: titleOf("Before", before, fill) })}${ladder(
  after,
  fill,
  {
    ...{ left: 720 - WIDTH, decimals },
    levels,
    most,
    title: titleOf("After", after, fill),
  },
)}</svg>`;
}

/** The decimals a price is written with, 8 at most. */
function decimalsOf(price: number): number {
  return Math.min(8, /\.(\d+)$/.exec(String(price))?.[1]?.length ?? 0);
}

function bestOf(book: DrilledBook | null): string {
  if (book === null) return "unknown";
  const [bid, ask] = [book.bids[0], book.asks[0]].map((level) =>
    level === undefined ? "nothing" : `${formatExact(level[1])} at ${formatExact(level[0])}`,
  );
  return `bid ${bid}, ask ${ask}`;
}

function titleOf(word: string, book: DrilledBook | null, fill: DrilledFill): string {
  if (book === null) return `${word}: not on the tape`;
  const gapNs = Number(BigInt(book.ns) - BigInt(fill.exchNs));
  const when =
    gapNs === 0 ? "its moment" : `${formatDuration(Math.abs(gapNs))} ${gapNs < 0 ? "before" : "after"} it`;
  return `${word} the fill: the book since ${when}`;
}

interface LadderPlace {
  readonly left: number;
  readonly levels: number;
  readonly most: number;
  readonly title: string;
  /** Of prices, the same for all. */
  readonly decimals: number;
}

function ladder(book: DrilledBook | null, fill: DrilledFill, place: LadderPlace): Markup {
  const { left, levels, title } = place;
  const head = html`<text class="tick" x="${px(left + MIDDLE)}" y="11" text-anchor="middle">${title}</text>`;
  if (book === null) return head;
  const asks = book.asks.map((level, i) => row(level, "ask", levels - 1 - i, fill, place));
  const bids = book.bids.map((level, i) => row(level, "bid", levels + i, fill, place));
  const middle = px(HEAD + levels * ROW);
  return html`${head}${asks}${bids}<line class="axis" x1="${px(left)}" x2="${px(left + WIDTH)}" y1="${middle}" y2="${middle}"/>`;
}

/** Bids grow to the left of the prices, asks to the right. */
function row(
  [price, quantity]: Level,
  side: "bid" | "ask",
  nth: number,
  fill: DrilledFill,
  place: LadderPlace,
): Markup {
  const top = HEAD + nth * ROW;
  const length = place.most > 0 ? Math.max(1, (quantity / place.most) * BAR) : 0;
  const middle = place.left + MIDDLE;
  const from = side === "bid" ? middle - PRICE - length : middle + PRICE;
  const edge = side === "bid" ? from - 4 : from + length + 4;
  const isOwn = price === fill.price;
  const mark = isOwn
    ? html`<rect class="own" x="${px(middle - PRICE + 2)}" y="${px(top + 1)}" width="${PRICE * 2 - 4}" height="${ROW - 2}"/>`
    : null;
  return html`${mark}<rect class="depth ${side}" x="${px(from)}" y="${px(top + 2)}" width="${px(length)}" height="${ROW - 4}"/><text
class="tick" x="${px(middle)}" y="${px(top + 11)}" text-anchor="middle">${formatNumber(price, place.decimals)}</text><text class="tick"
x="${px(edge)}" y="${px(top + 11)}" text-anchor="${side === "bid" ? "end" : "start"}">${formatExact(quantity)}</text>`;
}
