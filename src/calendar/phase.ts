/**
 * The phases of a trading day by their codes, the most restrictive first: of two phases the one with the lower
 * code is the one to obey when the clock cannot tell which of them it is.
 *
 * `closed`; `maintenance`: the system is down on schedule; `break`: lunch or a scheduled halt, no matching;
 * `postClose`: the session is over, orders can be withdrawn; `preOpen`: orders are collected, no matching;
 * `openingAuction`, `intradayAuction`, `closingAuction`: calls that end in an auction; `lateTrading`,
 * `earlyTrading`: matching outside of the regular session; `preClose`: matching goes on, but the closing auction
 * takes no more orders; `continuous`.
 */
export const PHASES = [
  "closed",
  "maintenance",
  "break",
  "postClose",
  "preOpen",
  "openingAuction",
  "intradayAuction",
  "closingAuction",
  "lateTrading",
  "earlyTrading",
  "preClose",
  "continuous",
] as const;

/** A word of {@link PHASES}. */
export type PhaseName = (typeof PHASES)[number];

/** The code of a phase: its place in {@link PHASES}. */
export const PHASE = Object.freeze(Object.fromEntries(PHASES.map((name, code) => [name, code]))) as Readonly<
  Record<PhaseName, number>
>;
