import { type Refusal, refuse } from "../base/index.ts";
import type { OrderStore } from "./order-store.ts";
import { OUTCOME } from "./outcome.ts";
import { ORDER_STATUSES } from "./status.ts";

/** Every code the room `order` can return, in order of precedence. */
export const ORDER_REFUSALS = [
  "ORDER_FIELD_UNKNOWN",
  "ORDER_FIELD_MALFORMED",
  "ORDER_FIELD_MISSING",
  "ORDER_FIELD_FORBIDDEN",
  "ORDER_ID_MALFORMED",
  "ORDER_ID_TAKEN",
  "ORDER_ID_CHAIN",
  "ORDER_IDS_FULL",
  "ORDER_STALE",
  "ORDER_TERMS_MALFORMED",
  "ORDER_REQUEST_REPEATED",
  "ORDER_NOT_OPEN",
  "ORDER_CANCEL_PENDING",
  "ORDER_REQUESTS_FULL",
  "ORDER_STORE_FULL",
] as const;

/** A refusal code of the room `order`. */
export type OrderRefusalCode = (typeof ORDER_REFUSALS)[number];

/**
 * The refusal that an outcome of our own `cancelRequest` or `replaceRequest` stands for; undefined where the
 * request was accepted.
 *
 * @refuses `ORDER_STALE`, `ORDER_TERMS_MALFORMED`, `ORDER_REQUEST_REPEATED`, `ORDER_NOT_OPEN`,
 * `ORDER_CANCEL_PENDING`, `ORDER_REQUESTS_FULL`
 */
export function refuseRequest(
  store: OrderStore,
  row: number,
  outcome: number,
): Refusal<OrderRefusalCode> | undefined {
  const status = ORDER_STATUSES[store.status[row] as number];
  switch (outcome) {
    case OUTCOME.stale:
      return refuse("ORDER_STALE", "row", row, "a row that holds the order");
    case OUTCOME.malformed:
      return refuse(
        "ORDER_TERMS_MALFORMED",
        "terms",
        row,
        "whole ticks, at least 1 lot, and a request id above 0",
      );
    case OUTCOME.duplicate:
      return refuse("ORDER_REQUEST_REPEATED", "requestId", row, "an id above every earlier one of the order");
    case OUTCOME.notOpen:
      return refuse("ORDER_NOT_OPEN", "status", status, "an order that can still change");
    case OUTCOME.requestPending:
      return refuse("ORDER_CANCEL_PENDING", "status", status, "no cancel on its way already");
    case OUTCOME.requestsFull:
      return refuse(
        "ORDER_REQUESTS_FULL",
        "pendingRequests",
        store.pendingCount[row],
        `fewer than ${store.requestSlots - 1} replaces unanswered`,
      );
    default:
      return undefined;
  }
}

/** The refusal for an order that found no room: `open` returned -1. @refuses `ORDER_STORE_FULL` */
export function refuseStoreFull(store: OrderStore): Refusal<OrderRefusalCode> {
  return refuse("ORDER_STORE_FULL", "orders", store.size, `fewer than ${store.capacity} orders`);
}
