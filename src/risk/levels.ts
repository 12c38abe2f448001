/**
 * The levels of the limit hierarchy, widest first. The first five own positions; a class and a symbol look at
 * the whole firm's position in an instrument.
 */
export const LEVELS = ["firm", "desk", "account", "user", "strategy", "class", "symbol"] as const;

/** A level of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** Levels that own positions: the first of {@link LEVELS}. */
export const OWNER_LEVELS = 5;

/** Where an account stands in a path of seven nodes. */
export const ACCOUNT = 2;
/** Where a strategy stands. */
export const STRATEGY = 4;
/** Where a class stands. */
export const CLASS = 5;
/** Where a symbol stands. */
export const SYMBOL = 6;

/** The one node of the level `firm`. */
export const FIRM_NODE = 0;

/** The nodes an order is measured at: one a level. */
export const PATH_LENGTH: number = LEVELS.length;
