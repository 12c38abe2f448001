import { OWNER_LEVELS, PATH_LENGTH } from "./levels.ts";
import type { LimitName } from "./limits.ts";

/**
 * Where the figures of a cell (a node that owns positions, and an instrument) stand in its row. The two sides are laid
 * out alike, so that one pass serves both: what is below for buys stands 4 places on for sells, with the sign turned.
 *
 * @units lots; tick-lots (lots times ticks); money in whole minor units of the gate's currency
 */
export const CELL = {
  positionLots: 0,
  /** What executions brought in, minus what they paid. */
  cashTickLots: 1,
  /** What the cell adds to its node: worst gross and its margin. */
  gross: 2,
  margin: 3,
  /** What could still be bought, and what that would pay at the worst prices. */
  buyLots: 4,
  buyTickLots: 5,
  /** Worst long: position and buys at their worth, rounded up; and the same in tick-lots. */
  long: 6,
  longTickLots: 7,
  sellLots: 8,
  sellTickLots: 9,
  /** Worst short, above 0 where more could be owed than owned: sells minus position, rounded up. */
  short: 10,
  shortTickLots: 11,
  profit: 12,
} as const;

/** Doubles in a cell's row. */
export const CELL_STRIDE = 16;

/**
 * Where the figures of a node stand in its row: sums over its cells, what belongs to it alone, and a copy of its
 * soft limits.
 */
export const NODE = {
  gross: 0,
  long: 1,
  short: 2,
  margin: 3,
  /** What it made or lost since its day began, charges taken off. */
  today: 4,
  openOrders: 5,
  openValue: 6,
  /** Its equity when the day began; NaN where that is not known. */
  capital: 7,
  /** 1 where the daily loss was reached: until the next day. */
  isLossLatched: 8,
  /** Messages within the last minute. */
  sent: 9,
  /** 1 where a limit is measured against equity. */
  hasShares: 10,
  /** What it made or lost before its day began. */
  before: 11,
  /** The bucket of its messages a second: the four columns of `TokenBuckets`. */
  bucket: 12,
  mostLongLots: 16,
  mostShortLots: 17,
  mostGross: 18,
  mostNet: 19,
  mostOpenOrders: 20,
  mostOpenValue: 21,
  mostLoss: 22,
  mostSent: 23,
  mostConcentration: 24,
  mostMargin: 25,
  mostLeverage: 26,
} as const;

/** Doubles in a node's row. */
export const NODE_STRIDE = 32;

/** Where a limit's soft part stands in a node's row. */
export const SOFT_LIMIT: Partial<Readonly<Record<LimitName, number>>> = {
  maxLongLots: NODE.mostLongLots,
  maxShortLots: NODE.mostShortLots,
  maxGrossValue: NODE.mostGross,
  maxNetValue: NODE.mostNet,
  maxOpenOrders: NODE.mostOpenOrders,
  maxOpenValue: NODE.mostOpenValue,
  maxDailyLoss: NODE.mostLoss,
  maxOrdersPerMinute: NODE.mostSent,
  maxConcentration: NODE.mostConcentration,
  maxMarginShare: NODE.mostMargin,
  maxLeverage: NODE.mostLeverage,
};

/** Where the planned figures of one level stand: worst gross, the worst of the order's side, margin. */
export const PLAN = { gross: 0, side: 1, margin: 2 } as const;

/** Doubles in a level's plan. */
export const PLAN_STRIDE = 4;

/** What is planned at all, behind the five levels: lots, tick-lots, worth, time, and the messages it counts as. */
export const PLANNED = { lots: 24, tickLots: 25, value: 26, nowNs: 27, messages: 28 } as const;

/** Doubles of the plan, in front of all rows. */
export const PLANS = 32;

/** Integers of a path in `places`. */
export const PLACES = 16;

/** Where the rows of every path begin. */
export function placesOf(paths: Int32Array, instruments: number, cellsAt: number): Int32Array {
  const count = paths.length / PATH_LENGTH;
  const places = new Int32Array(count * PLACES);
  for (let path = 0; path < count; path++) {
    for (let level = 0; level < PATH_LENGTH; level++) {
      const node = paths[path * PATH_LENGTH + level] as number;
      const isOwner = level < OWNER_LEVELS;
      const place = path * PLACES + (isOwner ? OWNER_LEVELS - 1 - level : level);
      places[place + 8] = PLANS + node * NODE_STRIDE;
      if (isOwner) places[place] = cellsAt + (node * instruments + (path % instruments)) * CELL_STRIDE;
    }
  }
  return places;
}
