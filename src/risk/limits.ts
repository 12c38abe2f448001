import type { Level } from "./levels.ts";

/** No bound, said aloud: an absent limit is a missing one. */
export type Unlimited = "unlimited";

/** Money as decimal text in the gate's currency, or "unlimited". */
export type MoneyLimit = string;

/**
 * The limits of one node of the hierarchy. What is left out is not limited at this level; each of
 * {@link REQUIRED_LIMITS} must be said at one level of an order's path at least, if only as "unlimited".
 *
 * @units lots, ticks; money as decimal text in the gate's currency; shares of 1 (0.25 is a quarter); basis points
 */
export interface RiskLimits {
  /** Of one order, all of it: what is hidden counts. */
  readonly maxOrderLots?: number | Unlimited;
  readonly maxOrderValue?: MoneyLimit;
  /** Of one order, as a share of the instrument's average daily volume. */
  readonly maxVolumeShare?: number | Unlimited;
  /** Worst case in each instrument: the position and everything that could still be bought or sold. */
  readonly maxLongLots?: number | Unlimited;
  readonly maxShortLots?: number | Unlimited;
  /** Worst case over all instruments: the larger of each one's long and short side, and the sum of one side. */
  readonly maxGrossValue?: MoneyLimit;
  readonly maxNetValue?: MoneyLimit;
  readonly maxOpenOrders?: number | Unlimited;
  readonly maxOpenValue?: MoneyLimit;
  /** Worst case in one instrument as a share of the node's equity. */
  readonly maxConcentration?: number | Unlimited;
  readonly maxDailyLoss?: MoneyLimit;
  /** Messages: orders, replaces and cancels. A number, or the rate and how many may come at once. */
  readonly maxOrdersPerSecond?: number | { readonly rate: number; readonly burst: number } | Unlimited;
  readonly maxOrdersPerMinute?: number | Unlimited;
  /** How far a price may lie from the reference. `priceCollarTicks` is allowed whatever the reference is. */
  readonly priceCollarBps?: number | Unlimited;
  readonly priceCollarTicks?: number;
  /** How far a price may lie beyond the other side's best. */
  readonly maxTicksThrough?: number | Unlimited;
  /** Margin of the worst case as a share of the node's equity: 0.9 keeps a buffer of a tenth. */
  readonly maxMarginShare?: number | Unlimited;
  /** Worst-case gross value over the node's equity. */
  readonly maxLeverage?: number | Unlimited;
  /** Value at risk after the order, by its marginal figure: see `gate.control.setValueAtRisk`. */
  readonly maxValueAtRisk?: MoneyLimit;
  /** The loss within the gate's stop-loss window; breaking it latches. */
  readonly maxWindowLoss?: MoneyLimit;
  /** From the highest equity of the gate's lookback to now; the first of the two that breaks latches. */
  readonly maxDrawdown?: MoneyLimit;
  readonly maxDrawdownShare?: number | Unlimited;
}

/** The name of a limit. */
export type LimitName = keyof RiskLimits;

/** What a limit's number counts. */
export type LimitUnit = "lots" | "money" | "share" | "count" | "bps" | "ticks" | "ratio";

/** The unit of each limit; the order is that of the columns. */
export const LIMIT_UNITS = {
  maxOrderLots: "lots",
  maxOrderValue: "money",
  maxVolumeShare: "share",
  maxLongLots: "lots",
  maxShortLots: "lots",
  maxGrossValue: "money",
  maxNetValue: "money",
  maxOpenOrders: "count",
  maxOpenValue: "money",
  maxConcentration: "share",
  maxDailyLoss: "money",
  maxOrdersPerSecond: "count",
  maxOrdersPerMinute: "count",
  priceCollarBps: "bps",
  priceCollarTicks: "ticks",
  maxTicksThrough: "ticks",
  maxMarginShare: "share",
  maxLeverage: "ratio",
  maxValueAtRisk: "money",
  maxWindowLoss: "money",
  maxDrawdown: "money",
  maxDrawdownShare: "share",
} as const satisfies Readonly<Record<LimitName, LimitUnit>>;

/** The names of all limits, in the order of their columns. */
export const LIMIT_NAMES = Object.freeze(Object.keys(LIMIT_UNITS)) as readonly LimitName[];

/** The column of each limit. */
export const LIMIT = Object.freeze(
  Object.fromEntries(LIMIT_NAMES.map((name, column) => [name, column])),
) as Readonly<Record<LimitName, number>>;

/**
 * What must be said at one level of an order's path at least: the ten checks' own limits. An order whose path
 * leaves one open is refused, for a forgotten limit is no limit.
 */
export const REQUIRED_LIMITS = [
  "maxOrderLots",
  "maxOrderValue",
  "maxLongLots",
  "maxShortLots",
  "maxConcentration",
  "maxDailyLoss",
  "maxOrdersPerSecond",
  "maxOrdersPerMinute",
  "priceCollarBps",
  "maxMarginShare",
] as const satisfies readonly LimitName[];

/** The limits of one node, by its level and name; the firm has no name. */
export interface NodeLimits {
  readonly level: Level;
  readonly name?: string;
  readonly limits: RiskLimits;
}

/** Every required limit, unlimited: for research that wants no gate. A live trader refuses to start with it. */
export const NO_LIMITS: RiskLimits = Object.freeze(
  Object.fromEntries(REQUIRED_LIMITS.map((name) => [name, "unlimited"])),
) as RiskLimits;
