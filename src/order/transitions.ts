import { ORDER_EVENTS, type OrderEventName } from "./order-event.ts";
import { ORDER_STATUSES, type OrderStatus } from "./status.ts";

/**
 * How legal something is: `P` illustrated in the published matrix, `A` legal though not illustrated there, `x`
 * an anomaly (log it, alert, keep the accounting right, reconcile).
 */
export type Legality = "P" | "A" | "x";

const REPORTED = [
  "pendingNew",
  "new",
  "partiallyFilled",
  "filled",
  "doneForDay",
  "pendingCancel",
  "pendingReplace",
  "canceled",
  "rejected",
  "stopped",
  "suspended",
  "expired",
  "calculated",
] as const;

/** One row a status: may the reported status become the column's? A status may always stay what it is. */
const CHANGES: Readonly<Record<OrderStatus, string>> = {
  //                pNew new PF  F  DFD pCx pRp Can Rej Stp Sus Exp Cal
  created: "         A   x   x   x   x   x   x   x   A   x   x   x   x",
  pendingNew: "      A   P   A   A   A   A   A   A   P   A   A   A   x",
  new: "             x   P   P   P   P   P   P   A   P   P   A   A   x",
  partiallyFilled: " x   A   P   P   P   P   P   P   x   A   A   A   x",
  filled: "          x   A   P   P   A   x   P   x   x   x   x   x   A",
  doneForDay: "      x   A   P   A   A   A   A   A   x   x   A   A   A",
  pendingCancel: "   A   P   P   P   A   P   A   P   A   A   A   A   x",
  pendingReplace: "  A   P   P   P   A   A   P   P   A   A   A   A   x",
  stopped: "         x   x   P   A   A   A   A   A   x   A   A   A   x",
  suspended: "       x   A   A   A   A   A   A   A   x   x   A   A   x",
  canceled: "        x   A   A   A   A   x   x   A   x   x   x   x   A",
  expired: "         x   A   A   A   A   x   x   x   x   x   x   A   A",
  rejected: "        x   x   x   x   x   x   x   x   A   x   x   x   x",
  calculated: "      x   x   A   A   x   x   x   x   x   x   x   x   A",
};

/** One row a status: may the event of the column come now? In the order of `ORDER_EVENT`. */
const EVENTS: Readonly<Record<OrderStatus, string>> = {
  //                sub ack rej trd cRq cAk cRj rRq rAk rRj rst uns exp dfd sus act stp cal bst cor sta tmo dsc day
  created:
    "         A   x   A   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x   A   A   A   x",
  pendingNew:
    "      x   P   P   A   A   A   x   A   x   x   A   A   A   A   A   A   A   x   A   A   A   A   A   A",
  new: "             x   A   P   P   P   A   x   P   x   x   P   A   A   P   A   A   P   x   A   A   A   A   A   A",
  partiallyFilled:
    " x   A   x   P   P   P   x   P   x   x   P   P   A   P   A   A   A   x   A   A   A   A   A   A",
  filled:
    "          x   A   x   x   x   x   x   P   x   x   A   x   x   A   x   x   x   A   P   P   A   x   x   A",
  doneForDay:
    "      x   A   x   A   A   A   x   A   x   x   A   A   A   A   x   P   x   A   A   A   A   A   A   A",
  stopped:
    "         x   A   x   P   A   A   x   A   x   x   A   A   A   A   A   x   A   x   A   A   A   A   A   A",
  suspended:
    "       x   A   x   A   A   A   x   A   x   x   A   A   A   A   A   A   x   x   A   A   A   A   A   A",
  canceled:
    "        x   A   x   A   x   A   A   x   A   A   x   A   x   x   x   A   x   A   A   A   A   x   x   x",
  rejected:
    "        x   x   A   x   x   x   A   x   x   A   x   x   x   x   x   x   x   x   A   A   A   x   x   x",
  expired:
    "         x   A   x   A   x   x   A   x   A   A   x   x   A   x   x   A   x   A   A   A   A   x   x   x",
  calculated:
    "      x   A   x   x   x   x   A   x   x   A   x   x   x   x   x   x   x   A   A   A   A   x   x   x",
  pendingCancel:
    "   x   A   A   P   x   P   P   A   A   A   A   P   A   A   A   A   A   x   A   A   A   A   A   A",
  pendingReplace:
    "  x   A   A   P   A   P   x   P   P   P   A   P   A   A   A   A   A   x   A   A   A   A   A   A",
};

/**
 * Whether the reported status may become another one, as published, with our additions for `created`,
 * `pendingNew`, repetitions, and `doneForDay` to `suspended` (a stop that waits for its trigger another day).
 *
 * @source FIX 5.0 SP2, Order State Changes, transition matrix
 */
export const STATUS_CHANGES = spread(CHANGES, REPORTED);

/**
 * Whether an event may come while an order reports a status. An `x` is never fatal: an execution is booked
 * all the same, a report that ends the order is remembered, and everything else changes nothing.
 *
 * @invariant Every change of status that a legal event causes is legal in {@link STATUS_CHANGES}.
 */
export const TRANSITIONS = spread(EVENTS, ORDER_EVENTS);

/** 1 where {@link TRANSITIONS} says `P` or `A`, at `status * ORDER_EVENTS.length + event`. */
export const LEGAL_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(
  ORDER_STATUSES.flatMap((status) =>
    ORDER_EVENTS.map((event) => (TRANSITIONS[status][event] === "x" ? 0 : 1)),
  ),
);

function spread<Column extends OrderStatus | OrderEventName>(
  rows: Readonly<Record<OrderStatus, string>>,
  columns: readonly Column[],
): Readonly<Record<OrderStatus, Readonly<Record<Column, Legality>>>> {
  const table = ORDER_STATUSES.map((status) => {
    const marks = rows[status].trim().split(/\s+/);
    return [status, Object.fromEntries(columns.map((column, i) => [column, marks[i]]))];
  });
  return Object.freeze(Object.fromEntries(table));
}
