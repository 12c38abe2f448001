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
