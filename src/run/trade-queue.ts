import { NO_ASK, NO_BID, type OrderBook } from "../book/index.ts";
import type { OrderLife } from "./trade-lives.ts";

/** A look at one level of the book, at a moment of the exchange. */
export interface QueueLook {
  readonly exchNs: number;
  /** Before what happens at that moment, or behind it. */
  readonly maker: boolean;
  readonly sign: number;
  readonly tick: number;
  /** What was seen: book lots at the price, ticks behind the best of its side (below 0 ahead of it). NaN before. */
  levelLots: number;
  behindTicks: number;
  /** Whether the order would take there. */
  isMarketable: boolean;
}

/** Orders that joined at like places, and what became of them. Quantities in multiples of the order's own. */
export interface QueueClass {
  /** Ahead of the best, at it, or behind it. */
  readonly place: "improved" | "best" | "behind";
  /** Shown before it, from more than `from` to at most `to` times its own quantity; behind the best ticks behind it. */
  readonly from: number;
  readonly to: number | null;
  readonly orders: number;
  /** Of which so many were filled, in part at least. */
  readonly filled: number;
  /** Filled over ordered, by quantity. */
  readonly fillRate: number;
  /** Medians; of filled ones from arrival to first fill and what was shown at their price just before it. */
  readonly ahead: number;
  readonly toFillNs: number | null;
  readonly atFill: number | null;
}

/** What queues did to resting orders. */
export interface QueueFigures {
  readonly orders: number;
  readonly classes: readonly QueueClass[];
  readonly leftOut: {
    /** Took at once, or never reached the venue's book. */
    readonly marketable: number;
    /** Replaced: their place is not that of their arrival. */
    readonly replaced: number;
    /** Arrived where nothing was known of the book. */
    readonly unseen: number;
  };
}

/** A resting order with what was seen of its queue. */
export interface QueuedOrder {
  readonly life: OrderLife;
  readonly bookLotsPerLot: number;
  readonly atArrival: QueueLook;
  readonly atFill: QueueLook | undefined;
}

const CLASSES: readonly Pick<QueueClass, "place" | "from" | "to">[] = [
  { place: "improved", from: 0, to: null },
  { place: "best", from: 0, to: 1 },
  { place: "best", from: 1, to: 3 },
  { place: "best", from: 3, to: 10 },
  { place: "best", from: 10, to: 30 },
  { place: "best", from: 30, to: null },
  { place: "behind", from: 0, to: 1 },
  { place: "behind", from: 1, to: 3 },
  { place: "behind", from: 3, to: 10 },
  { place: "behind", from: 10, to: null },
];

/** A look that is yet to be taken. */
export function queueLook(exchNs: number, maker: boolean, sign: number, tick: number): QueueLook {
  const never = Number.NaN;
  return { exchNs, maker, sign, tick, levelLots: never, behindTicks: never, isMarketable: false };
}

/** Looks at the book. */
export function takeLook(look: QueueLook, book: OrderBook): void {
  const { sign, tick } = look;
  const { bestBid, bestAsk } = book;
  look.levelLots = sign > 0 ? book.bidLots(tick) : book.askLots(tick);
  const [best, absent] = sign > 0 ? [bestBid, NO_BID] : [bestAsk, NO_ASK];
  look.behindTicks = best === absent ? Number.NaN : sign > 0 ? best - tick : tick - best;
  look.isMarketable =
    sign > 0 ? bestAsk !== NO_ASK && tick >= bestAsk : bestBid !== NO_BID && tick <= bestBid;
}

/** What queues did to orders, by where they joined; null without any that rested. */
export function queueFigures(orders: readonly QueuedOrder[]): QueueFigures | null {
  if (orders.length === 0) return null;
  const replaced = orders.filter(({ life }) => life.replaced > 0);
  const still = orders.filter(({ life }) => life.replaced === 0);
  const marketable = still.filter(({ atArrival }) => atArrival.isMarketable);
  const unseen = still.filter(
    ({ atArrival }) => !atArrival.isMarketable && Number.isNaN(atArrival.behindTicks),
  );
  const rested = still.filter(
    ({ atArrival }) => !atArrival.isMarketable && !Number.isNaN(atArrival.behindTicks),
  );
  const classes = CLASSES.map((one) =>
    classOf(
      one,
      rested.filter((order) => isIn(order, one)),
    ),
  );
  return {
    orders: rested.length,
    classes: classes.filter((one) => one.orders > 0),
    leftOut: { marketable: marketable.length, replaced: replaced.length, unseen: unseen.length },
  };
}

function aheadOf({ life, bookLotsPerLot, atArrival }: QueuedOrder): number {
  return atArrival.levelLots / (life.lots * bookLotsPerLot);
}

function isIn(order: QueuedOrder, { place, from, to }: Pick<QueueClass, "place" | "from" | "to">): boolean {
  const { behindTicks } = order.atArrival;
  if (place === "improved") return behindTicks < 0;
  if (place === "best" ? behindTicks !== 0 : !(behindTicks > 0)) return false;
  const value = place === "best" ? aheadOf(order) : behindTicks;
  return value > from && (to === null || value <= to);
}

function classOf(one: Pick<QueueClass, "place" | "from" | "to">, orders: readonly QueuedOrder[]): QueueClass {
  const filled = orders.filter(({ life }) => life.cumLots > 0);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const ordered = sum(orders.map(({ life }) => life.lots));
  const looks = filled.flatMap(({ life, bookLotsPerLot, atFill }) =>
    atFill === undefined || Number.isNaN(atFill.levelLots)
      ? []
      : [atFill.levelLots / (life.lots * bookLotsPerLot)],
  );
  return {
    ...one,
    orders: orders.length,
    filled: filled.length,
    fillRate: ordered === 0 ? 0 : sum(filled.map(({ life }) => life.cumLots)) / ordered,
    ahead: medianOf(orders.map(aheadOf)) ?? 0,
    toFillNs: medianOf(filled.map(({ life }) => life.firstFillExchNs - life.arrivedNs)),
    atFill: medianOf(looks),
  };
}

/** The lower one of an even count: a value that there was. */
function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? null;
}
