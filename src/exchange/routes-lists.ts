import { API_ERRORS, ApiError, orderRejected } from "./api-error.ts";
import type { ListDesk } from "./list-desk.ts";
import { type ListKind, readListTerms } from "./list-terms.ts";
import type { OrderList } from "./order-list.ts";
import { readClientId } from "./order-terms.ts";
import { listingOf, type Route, type SignedRequest } from "./route.ts";
import { wireCanceledList, wireList, wirePlacedList } from "./wire-lists.ts";
import { wirePreventedMatch } from "./wire-orders.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

/** The desk of the symbol a request names, where lists are taken. */
function deskOf(request: SignedRequest, kind: ListKind = "oco"): ListDesk | ApiError {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  if (listing.lists !== undefined) return listing.lists;
  const isPaid = kind === "opo" || kind === "opoco";
  return orderRejected(
    isPaid ? "OPO orders are not supported for this symbol." : "OCO orders are not supported for this symbol",
  );
}

function submitList(kind: ListKind): (request: SignedRequest) => unknown {
  return (request) => {
    const desk = deskOf(request, kind);
    if (desk instanceof ApiError) return desk;
    const { exchange, parameters, account, nowMs } = request;
    const terms = readListTerms(kind, parameters, desk.symbol, () => exchange.nextFreshId());
    if (terms instanceof ApiError) return terms;
    const limited = exchange.limits.order(nowMs, account.name, terms.orders.length);
    if (limited !== undefined) return limited;
    const list = desk.placeList(account, terms);
    if (list instanceof ApiError) return list;
    const response = parameters.has("newOrderRespType") ? terms.orders[0]?.response : "RESULT";
    return wirePlacedList(list, response ?? "RESULT", nowMs);
  };
}

/** The list a request names by its number or by a name of its client's. */
function findList(request: SignedRequest, clientIdName: string): OrderList | ApiError {
  const { parameters, account, exchange } = request;
  const id = parameters.integer("orderListId", undefined, 0, FOREVER);
  const clientId = parameters.text(clientIdName);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (id === undefined && clientId === undefined) {
    const names = `'${clientIdName}' or 'orderListId'`;
    return new ApiError(-1102, `Param ${names} must be sent, but both were empty/null!`);
  }
  for (const { lists } of exchange.listings.values()) {
    const found =
      id === undefined
        ? lists?.lists.byClientId(account, clientId as string)
        : lists?.lists.byId(account, id);
    if (found === undefined) continue;
    if (clientId === undefined || found.clientId === clientId) return found;
  }
  return API_ERRORS.noSuchList;
}

function cancelList(request: SignedRequest): unknown {
  const desk = deskOf(request);
  if (desk instanceof ApiError) return desk;
  const found = findList(request, "listClientOrderId");
  if (found === API_ERRORS.noSuchList) return API_ERRORS.unknownList;
  if (found instanceof ApiError) return found;
  const requestId = readClientId(request.parameters, "newClientOrderId") ?? request.exchange.nextFreshId();
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  if (found.isDone || found.symbol !== desk.symbol) return API_ERRORS.unknownList;
  const open = found.orders.filter(({ isOpen }) => isOpen);
  desk.cancelList(found, requestId);
  return wireCanceledList(found, open, requestId, request.nowMs);
}

function queryList(request: SignedRequest): unknown {
  const found = findList(request, "origClientOrderId");
  return found instanceof ApiError ? found : wireList(found);
}

function listsOf({ exchange, account }: SignedRequest): OrderList[] {
  return [...exchange.listings.values()]
    .flatMap(({ lists }) => lists?.lists.of(account) ?? [])
    .sort((left, right) => left.id - right.id);
}

function openLists(request: SignedRequest): unknown {
  return listsOf(request)
    .filter(({ isDone }) => !isDone)
    .map((list) => wireList(list));
}

function allLists(request: SignedRequest): unknown {
  const { parameters } = request;
  const fromId = parameters.integer("fromId", undefined, 0, FOREVER);
  const startMs = parameters.integer("startTime", 0, 0, FOREVER);
  const endMs = parameters.integer("endTime", FOREVER, 0, FOREVER);
  const limit = parameters.integer("limit", 500, 1, 1_000);
  if (parameters.trouble !== undefined) return parameters.trouble;
  const found = listsOf(request).filter(
    ({ id, timeMs }) => id >= (fromId ?? 0) && timeMs >= startMs && timeMs <= endMs,
  );
  const forward = fromId !== undefined || startMs > 0;
  return (forward ? found.slice(0, limit) : found.slice(-limit)).map((list) => wireList(list));
}

function preventedMatches(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters, account } = request;
  const matchId = parameters.integer("preventedMatchId", undefined, 0, FOREVER);
  const orderId = parameters.integer("orderId", undefined, 0, FOREVER);
  const fromId = parameters.integer("fromPreventedMatchId", 0, 0, FOREVER);
  const limit = parameters.integer("limit", 500, 1, 1_000);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (matchId === undefined && orderId === undefined) {
    return new ApiError(
      -1102,
      "Param 'preventedMatchId' or 'orderId' must be sent, but both were empty/null!",
    );
  }
  const mine = (listing.lists?.preventedMatches ?? []).filter(
    ({ id, taker, maker }) =>
      (taker.account === account || maker.account === account) &&
      id >= fromId &&
      (matchId === undefined || id === matchId) &&
      (orderId === undefined || taker.orderId === orderId || maker.orderId === orderId),
  );
  return mine.slice(0, limit).map(wirePreventedMatch);
}

const submit = { about: "submit", weight: 1, security: "trade" } as const;

/** Endpoints about lists of orders, by method and path. */
export const LIST_ROUTES: Readonly<Record<string, Route>> = {
  "POST /api/v3/orderList/oco": { ...submit, orders: 2, run: submitList("oco") },
  "POST /api/v3/orderList/oto": { ...submit, orders: 2, run: submitList("oto") },
  "POST /api/v3/orderList/otoco": { ...submit, orders: 3, run: submitList("otoco") },
  "POST /api/v3/orderList/opo": { ...submit, orders: 2, run: submitList("opo") },
  "POST /api/v3/orderList/opoco": { ...submit, orders: 3, run: submitList("opoco") },
  "DELETE /api/v3/orderList": { about: "cancel", weight: 1, security: "trade", run: cancelList },
  "GET /api/v3/orderList": { about: "queryOrder", weight: 4, security: "signed", run: queryList },
  "GET /api/v3/openOrderList": { about: "queryOrder", weight: 6, security: "signed", run: openLists },
  "GET /api/v3/allOrderList": { about: "queryOrder", weight: 20, security: "signed", run: allLists },
  "GET /api/v3/myPreventedMatches": {
    about: "queryOrder",
    weight: (parameters) => (parameters.has("orderId") ? 20 : 2),
    security: "signed",
    run: preventedMatches,
  },
};
