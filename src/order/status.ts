/**
 * The reported status of an order: the highest in precedence of its base state and its pending requests.
 */
export type OrderStatus =
  | "created"
  | "pendingNew"
  | "new"
  | "partiallyFilled"
  | "filled"
  | "doneForDay"
  | "pendingCancel"
  | "pendingReplace"
  | "stopped"
  | "suspended"
  | "canceled"
  | "rejected"
  | "expired"
  | "calculated";

/**
 * Status codes as the columns of an {@link OrderStore} hold them. Codes 0 to 11 are base states; the last two
 * are only ever reported, never a base.
 */
export const ORDER_STATUS = {
  created: 0,
  pendingNew: 1,
  new: 2,
  partiallyFilled: 3,
  filled: 4,
  doneForDay: 5,
  stopped: 6,
  suspended: 7,
  canceled: 8,
  rejected: 9,
  expired: 10,
  calculated: 11,
  pendingCancel: 12,
  pendingReplace: 13,
} as const satisfies Readonly<Record<OrderStatus, number>>;

/** The word of each status code: `ORDER_STATUSES[code]`. */
export const ORDER_STATUSES = Object.freeze(Object.keys(ORDER_STATUS)) as readonly OrderStatus[];

/**
 * Which of several states that hold at once is reported: the one with the highest number.
 *
 * @source FIX 5.0 SP2, Order State Changes, table of OrdStatus precedences; `created` is ours
 */
export const STATUS_PRECEDENCE: Readonly<Record<OrderStatus, number>> = {
  created: 1,
  pendingNew: 2,
  new: 2,
  rejected: 2,
  partiallyFilled: 4,
  canceled: 5,
  expired: 5,
  suspended: 6,
  stopped: 7,
  filled: 8,
  calculated: 9,
  doneForDay: 10,
  pendingReplace: 11,
  pendingCancel: 12,
};

/** {@link STATUS_PRECEDENCE} by code, for the hot path. */
export const PRECEDENCE_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(
  ORDER_STATUSES,
  (status) => STATUS_PRECEDENCE[status],
);

const OPEN = new Set<OrderStatus>([
  "created",
  "pendingNew",
  "new",
  "partiallyFilled",
  "stopped",
  "suspended",
]);

/** 1 for each base code in which the order may still fill: `leavesLots` is above 0 there. */
export const OPEN_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(ORDER_STATUSES, (status) =>
  OPEN.has(status) ? 1 : 0,
);

const DEAD = new Set<OrderStatus>(["canceled", "rejected", "expired", "calculated"]);

/** 1 for each phase code that ends the order: requests still unanswered there are moot. */
export const DEAD_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(ORDER_STATUSES, (status) =>
  DEAD.has(status) ? 1 : 0,
);

/**
 * Informal and older names of the states, and the status each of them means. `New` as an informal name is the
 * order before it was sent; the status `new` is what is informally called `Live`.
 *
 * | Name | Status |
 * |---|---|
 * | New | created |
 * | PendingNew | pendingNew |
 * | Live | new |
 * | PartiallyFilled | partiallyFilled |
 * | Filled | filled |
 * | PendingCancel | pendingCancel |
 * | PendingReplace | pendingReplace |
 * | Cancelled, Canceled | canceled |
 * | Rejected | rejected |
 * | Expired | expired |
 */
export const STATUS_ALIASES = {
  New: "created",
  PendingNew: "pendingNew",
  Live: "new",
  PartiallyFilled: "partiallyFilled",
  Filled: "filled",
  PendingCancel: "pendingCancel",
  PendingReplace: "pendingReplace",
  Cancelled: "canceled",
  Canceled: "canceled",
  Rejected: "rejected",
  Expired: "expired",
} as const satisfies Readonly<Record<string, OrderStatus>>;

/** An informal name of a status: a key of {@link STATUS_ALIASES}. */
export type StatusAlias = keyof typeof STATUS_ALIASES;
