import type { ClientOrder } from "./client-order.ts";
import type { OrderList } from "./order-list.ts";
import type { OrderResponse } from "./order-terms.ts";
import type { ListStatusType } from "./trading-desk.ts";
import { wireCanceled, wirePlaced } from "./wire-orders.ts";

/** A list as queries tell it. */
export function wireList(list: OrderList, timeMs: number = list.timeMs): object {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listStatusType: list.isDone ? "ALL_DONE" : "EXEC_STARTED",
    listOrderStatus: statusOf(list),
    listClientOrderId: list.clientId,
    transactionTime: timeMs,
    symbol: list.symbol.name,
    orders: namesOf(list),
  };
}

/** The answer to a new list. */
export function wirePlacedList(list: OrderList, response: OrderResponse, nowMs: number): object {
  const ack = wireList(list, nowMs);
  if (response === "ACK") return ack;
  return { ...ack, orderReports: list.orders.map((order) => wirePlaced(order, response, nowMs)) };
}

/** The answer to a list's cancel: of the orders that it ended. */
export function wireCanceledList(
  list: OrderList,
  ended: readonly ClientOrder[],
  requestId: string,
  nowMs: number,
): object {
  return {
    ...wireList(list, nowMs),
    orderReports: ended.map((order) => wireCanceled(order, requestId, nowMs)),
  };
}

/** What the answer to an amendment says of the order's list. */
export function wireListStatus(list: OrderList): object {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listOrderStatus: statusOf(list),
    listClientOrderId: list.clientId,
    symbol: list.symbol.name,
    orders: namesOf(list),
  };
}

/** What the user stream says of a list. */
export function listStatusEvent(list: OrderList, type: ListStatusType, eventMs: number): object {
  return {
    e: "listStatus",
    E: eventMs,
    s: list.symbol.name,
    g: list.id,
    c: list.contingency,
    l: type,
    L: statusOf(list),
    r: "NONE",
    C: list.clientId,
    T: eventMs,
    O: list.orders.map((order) => ({ s: list.symbol.name, i: order.orderId, c: order.clientOrderId })),
  };
}

function statusOf(list: OrderList): string {
  return list.isDone ? "ALL_DONE" : "EXECUTING";
}

function namesOf({ orders, symbol }: OrderList): object[] {
  return orders.map(({ orderId, clientOrderId }) => ({ symbol: symbol.name, orderId, clientOrderId }));
}
