/** Order types as small numbers, for columns and wires inside the process. */
export const ORDER_TYPE = { limit: 0, market: 1, stop: 2, stopLimit: 3 } as const;

/** Times in force as small numbers. */
export const TIME_IN_FORCE = { GTC: 0, IOC: 1, FOK: 2, DAY: 3, GTD: 4, atOpen: 5, atClose: 6 } as const;

/** Order flags, one bit each; the bits 4 to 256 belong to the order store's own flags. */
export const ORDER_FLAG = { postOnly: 1, reduceOnly: 2, hidden: 512 } as const;

/**
 * What a venue's report says happened to an order. `busted` and `corrected` name the execution they are about in
 * `requestId`; a correction's price and lots are what that execution should have been, under an `execId` of its own.
 * `status` is evidence, not an event: what was filled in `lots`, what is open in `leavesLots`, the status in `reason`.
 * `foreign` is an execution that no order here explains: `row` is the strategy it is booked to, `lots` below 0 sold.
 * Unasked: `restated` to another price and another whole quantity (`priceTicks`, `lots`), `doneForDay`, `suspended`,
 * `triggered` (a stop, or what was suspended, is active), `stopped` (the venue guarantees `lots`), `calculated`.
 * `timeout` is no word of the venue: a request has no answer in time, and what became of it is unknown until it is asked.
 * Codes stand in journals: never renumbered.
 */
export const REPORT = {
  accepted: 0,
  rejected: 1,
  canceled: 2,
  expired: 3,
  replaced: 4,
  cancelRejected: 5,
  replaceRejected: 6,
  trade: 7,
  busted: 8,
  corrected: 9,
  status: 10,
  foreign: 11,
  restated: 12,
  doneForDay: 13,
  suspended: 14,
  triggered: 15,
  stopped: 16,
  calculated: 17,
  timeout: 18,
} as const;

/**
 * Why a fill, rejection, expiry or cancel happened, in the order of their codes. Fills: `taken` (the order
 * took what was there), `crossed` (the other side's best price reached it), `queueReached` (trades at its
 * price reached its place), `tradeThrough` (a trade printed beyond its price), `barOpen`, `barTraded` (bars),
 * `reported` (a live venue said so). The rest: why not; `notSent` never left us, `approvalLate` was stopped at the
 * door, `reconciled` is what a comparison with the venue showed. Of a matching venue: `auction` (a fill at an auction's
 * price), `selfMatch` (it met one of its owner's), `auctionEnded` (it was for that auction only), `phase` (not now),
 * `invalid` (no such order), `band` (put to a price band), `interrupted` (it would have begun a volatility auction).
 */
export const REASONS = [
  "",
  "taken",
  "crossed",
  "queueReached",
  "tradeThrough",
  "barOpen",
  "barTraded",
  "reported",
  "postOnlyWouldTake",
  "noLiquidity",
  "fokNotFillable",
  "iocRemainder",
  "dayEnded",
  "gtdReached",
  "reduceOnlyWouldOpen",
  "unknownOrder",
  "tooLate",
  "lostOnTheWay",
  "volumeCap",
  "corporateAction",
  "notSent",
  "approvalLate",
  "reconciled",
  "selfMatch",
  "auction",
  "auctionEnded",
  "phase",
  "invalid",
  "band",
  "interrupted",
] as const;

/** A word of {@link REASONS}. */
export type Reason = (typeof REASONS)[number];

/** The code of a reason: its place in {@link REASONS}. */
export const REASON = Object.freeze(
  Object.fromEntries(REASONS.map((word, code) => [word === "" ? "none" : word, code])),
) as Readonly<Record<Exclude<Reason, ""> | "none", number>>;

/**
 * Where the fields of a message between a strategy and a venue stand in its record of doubles. The last five
 * are in reports only.
 *
 * @units times in ns from the session's base, prices in ticks, quantities in lots
 */
export const MESSAGE_FIELD = {
  /** When it arrives. */
  timeNs: 0,
  kind: 1,
  row: 2,
  id: 3,
  requestId: 4,
  priceTicks: 5,
  lots: 6,
  /** When it happened at the venue. */
  exchNs: 7,
  execId: 8,
  /** A code of {@link REASON}. */
  reason: 9,
  /** 1 where a resting order was taken. */
  maker: 10,
  /** The order's quantity still open at the venue. */
  leavesLots: 11,
} as const;

/** Doubles in one message's record. */
export const MESSAGE_STRIDE = 12;
