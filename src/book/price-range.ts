/** What `bestBid` and `nextBid` say where there is no bid: below every price a book can hold. */
export const NO_BID = -0x40000000;

/** What `bestAsk` and `nextAsk` say where there is no ask: above every price a book can hold. */
export const NO_ASK = 0x3fffffff;

/**
 * The lowest price a book can hold.
 *
 * @units ticks
 */
export const TICK_MIN = -0x3ffff000;

/**
 * The highest price a book can hold.
 *
 * @units ticks
 */
export const TICK_MAX = 0x3fffefff;

/**
 * The largest quantity of a level or an order.
 *
 * @units book lots
 */
export const LOTS_MAX = Number.MAX_SAFE_INTEGER;

/** Bits of a price that say where it stands within its page: pages have 4,096 ticks. */
export const PAGE_BITS = 12;
