import {
  ORDER_EVENTS,
  ORDER_STATUSES,
  type OrderEventName,
  type OrderStatus,
  STATUS_CHANGES,
  TRANSITIONS,
} from "../order/index.ts";

/** Cells of the matrix of status changes: from, to. */
export const CHANGE_CELLS: number = ORDER_STATUSES.length * ORDER_STATUSES.length;

/** Cells of the matrix of events: status, event. */
export const EVENT_CELLS: number = ORDER_STATUSES.length * ORDER_EVENTS.length;

const NO_WORD = "the word that makes it is an anomaly there, and changes nothing";
const OUTRANKED = "the status outranks what was filled, and no legal word leaves it";
const AT_ONCE = "an order is sent in the call that enters it: nothing comes before";
const REFUSED = "the gate refuses a replace of an order that is over, which the order itself would allow";
const NOT_MADE = "nothing in the kernel makes this event";
const NOT_TOLD = "a link to a venue tells of it, and the simulated ones tell of a lost connection instead";

/**
 * Legal, and never in a session, with the reason: nobody asks for them. `test/unit/torture-coverage-reach.test.ts` walks
 * through every history of an order, finds these changes missing and no other, and that nothing here makes such
 * events.
 */
export const UNREACHABLE: {
  readonly changes: Readonly<Record<string, string>>;
  readonly events: Readonly<Record<string, string>>;
} = {
  changes: {
    "created -> rejected": AT_ONCE,
    "doneForDay -> suspended":
      "only a stop waits for its trigger on another day, and the kernel sends no stops",
    "stopped -> partiallyFilled": OUTRANKED,
    "canceled -> doneForDay": NO_WORD,
    "expired -> doneForDay": NO_WORD,
    "calculated -> partiallyFilled": OUTRANKED,
    "calculated -> filled": OUTRANKED,
  },
  events: {
    ...named(["reject", "status", "disconnect"], (event) => [`created + ${event}`, AT_ONCE]),
    "filled + replaceRequest": REFUSED,
    ...named(ORDER_STATUSES, (status) => [`${status} + timeout`, NOT_TOLD]),
    ...named(ORDER_STATUSES, (status) => [`${status} + newDay`, NOT_MADE]),
  },
};

/** 1 for each change of status that is legal, at `from * ORDER_STATUSES.length + to`. */
export const CHANGE_LEGAL: Readonly<Uint8Array> = Uint8Array.from({ length: CHANGE_CELLS }, (_, cell) => {
  const [from, to] = changeOf(cell);
  const row: Readonly<Partial<Record<OrderStatus, string>>> = STATUS_CHANGES[from];
  const mark = row[to];
  return mark === "P" || mark === "A" ? 1 : 0;
});

/** 1 for each event that is legal in a status, at `status * ORDER_EVENTS.length + event`. */
export const EVENT_LEGAL: Readonly<Uint8Array> = Uint8Array.from({ length: EVENT_CELLS }, (_, cell) => {
  const [status, event] = eventOf(cell);
  return TRANSITIONS[status][event] === "x" ? 0 : 1;
});

/** 1 for each legal change that can come: what runs are asked for. */
export const CHANGE_ASKED: Readonly<Uint8Array> = CHANGE_LEGAL.map((legal, cell) =>
  Object.hasOwn(UNREACHABLE.changes, changeOf(cell).join(" -> ")) ? 0 : legal,
);

/** 1 for each legal event that can come: what runs are asked for. */
export const EVENT_ASKED: Readonly<Uint8Array> = EVENT_LEGAL.map((legal, cell) =>
  Object.hasOwn(UNREACHABLE.events, eventOf(cell).join(" + ")) ? 0 : legal,
);

/** The statuses of a cell. */
export function changeOf(cell: number): readonly [OrderStatus, OrderStatus] {
  const from = Math.floor(cell / ORDER_STATUSES.length);
  return [
    ORDER_STATUSES[from] as OrderStatus,
    ORDER_STATUSES[cell - from * ORDER_STATUSES.length] as OrderStatus,
  ];
}

/** The status and the event of a cell. */
export function eventOf(cell: number): readonly [OrderStatus, OrderEventName] {
  const status = Math.floor(cell / ORDER_EVENTS.length);
  return [
    ORDER_STATUSES[status] as OrderStatus,
    ORDER_EVENTS[cell - status * ORDER_EVENTS.length] as OrderEventName,
  ];
}

function named<Name extends string>(
  names: readonly Name[],
  entry: (name: Name) => readonly [string, string],
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(entry));
}
