import { API_ERRORS, ApiError, mandatory } from "./api-error.ts";
import type { ClientOrder, OrderStatus } from "./client-order.ts";
import type { Exchange, Listing } from "./exchange.ts";
import { type OrderTerms, readClientId, readTerms } from "./order-terms.ts";
import { listingOf, type Route, type SignedRequest } from "./route.ts";
import { formatUnits } from "./units.ts";
import { wireCanceledList, wireListStatus } from "./wire-lists.ts";
import { wireCanceled, wireOrder, wirePlaced } from "./wire-orders.ts";

/** An id for what a client did not name. */
function freshId(exchange: Exchange): () => string {
  return () => exchange.nextFreshId();
}

/** The order a request names by either id; `prefix` for the names inside a cancel-replace. */
function findOrder(
  request: SignedRequest,
  listing: Listing,
  idName: string,
  clientIdName: string,
): ClientOrder | ApiError {
  const { parameters, account } = request;
  const orderId = parameters.integer(idName, undefined, 0, Number.MAX_SAFE_INTEGER);
  const clientOrderId = parameters.text(clientIdName);
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (orderId === undefined && clientOrderId === undefined) {
    return new ApiError(
      -1102,
      `Param '${clientIdName}' or '${idName}' must be sent, but both were empty/null!`,
    );
  }
  const { orders } = listing.desk;
  const order =
    orderId === undefined
      ? orders.byClientId(account, clientOrderId as string)
      : orders.byId(account, orderId);
  if (order === undefined) return API_ERRORS.noSuchOrder;
  return clientOrderId === undefined || orderId === undefined || order.clientOrderId === clientOrderId
    ? order
    : API_ERRORS.noSuchOrder;
}

function termsOf(request: SignedRequest, listing: Listing): OrderTerms | ApiError {
  return readTerms(request.parameters, listing.market.symbol, freshId(request.exchange));
}

function submit(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const terms = termsOf(request, listing);
  if (terms instanceof ApiError) return terms;
  const limited = request.exchange.limits.order(request.nowMs, request.account.name);
  if (limited !== undefined) return limited;
  const order = listing.desk.place(request.account, terms);
  return order instanceof ApiError ? order : wirePlaced(order, terms.response, request.nowMs);
}

function submitTest(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const terms = termsOf(request, listing);
  if (terms instanceof ApiError) return terms;
  return listing.desk.refusal(request.account, terms) ?? {};
}

function cancel(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const found = findOrder(request, listing, "orderId", "origClientOrderId");
  if (found === API_ERRORS.noSuchOrder) return API_ERRORS.unknownOrder;
  if (found instanceof ApiError) return found;
  const requestId = readClientId(request.parameters, "newClientOrderId") ?? request.exchange.nextFreshId();
  const restriction = readRestriction(request);
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  if (!found.isOpen) return API_ERRORS.unknownOrder;
  if (!mayCancel(found, restriction)) return API_ERRORS.restricted;
  listing.desk.cancel(found, requestId);
  return wireCanceled(found, requestId, request.nowMs);
}

const RESTRICTIONS = { ONLY_NEW: "NEW", ONLY_PARTIALLY_FILLED: "PARTIALLY_FILLED" } as const;

/** The state an order must be in so that it is canceled; undefined where any will do. */
function readRestriction({ parameters }: SignedRequest): OrderStatus | undefined {
  const text = parameters.text("cancelRestrictions");
  if (text === undefined) return undefined;
  if (text === "ONLY_NEW" || text === "ONLY_PARTIALLY_FILLED") return RESTRICTIONS[text];
  parameters.trouble ??= new ApiError(-1145, "Invalid cancelRestrictions");
  return undefined;
}

function mayCancel({ status }: ClientOrder, restriction: OrderStatus | undefined): boolean {
  return restriction === undefined || restriction === status;
}

function cancelAll(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { desk } = listing;
  const open = [...desk.orders.open(request.account)];
  if (open.length === 0) return API_ERRORS.unknownOrder;
  const told: object[] = [];
  for (const order of open) {
    if (!order.isOpen) continue;
    const requestId = request.exchange.nextFreshId();
    const { list } = order;
    const waiting = list?.isDone === false ? list.orders.filter(({ isOpen }) => isOpen) : [];
    desk.cancel(order, requestId);
    if (list === undefined || waiting.length === 0) told.push(wireCanceled(order, requestId, request.nowMs));
    else told.push(wireCanceledList(list, waiting, requestId, request.nowMs));
  }
  return told;
}

/** Cancels, then places: not one step, and each half may fail. */
function cancelReplace(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const mode = request.parameters.needed("cancelReplaceMode");
  const terms = termsOf(request, listing);
  if (terms instanceof ApiError) return terms;
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  if (mode !== "STOP_ON_FAILURE" && mode !== "ALLOW_FAILURE") return mandatory("cancelReplaceMode");
  const found = findOrder(request, listing, "cancelOrderId", "cancelOrigClientOrderId");
  const cancelId =
    readClientId(request.parameters, "cancelNewClientOrderId") ?? request.exchange.nextFreshId();
  const restriction = readRestriction(request);
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  const limited = request.exchange.limits.order(request.nowMs, request.account.name);
  if (limited !== undefined) return limited;
  const standing = found instanceof ApiError || !found.isOpen ? undefined : found;
  const open = standing === undefined || !mayCancel(standing, restriction) ? undefined : standing;
  const whyNot = standing === undefined ? API_ERRORS.unknownOrder : API_ERRORS.restricted;
  const refused = listing.desk.refusal(request.account, terms, { replaced: open });
  if (refused?.code === -1013) return refused;
  let canceled: object = whyNot;
  if (open !== undefined) {
    listing.desk.cancel(open, cancelId);
    canceled = wireCanceled(open, cancelId, request.nowMs);
  } else if (mode === "STOP_ON_FAILURE") return replaceFailed(undefined, whyNot);
  const order = listing.desk.place(request.account, terms);
  const placed = order instanceof ApiError ? order : wirePlaced(order, terms.response, request.nowMs);
  if (!(canceled instanceof ApiError) && !(placed instanceof ApiError)) {
    return {
      cancelResult: "SUCCESS",
      newOrderResult: "SUCCESS",
      cancelResponse: canceled,
      newOrderResponse: placed,
    };
  }
  return canceled instanceof ApiError && placed instanceof ApiError
    ? replaceFailed(placed, canceled)
    : replacePartly(canceled, placed);
}

function replacePartly(canceled: object, placed: object): ApiError {
  const half = (part: object): string => (part instanceof ApiError ? "FAILURE" : "SUCCESS");
  const body = (part: object): object => (part instanceof ApiError ? part.body() : part);
  return new ApiError(-2021, "Order cancel-replace partially failed.", 409, {
    data: {
      cancelResult: half(canceled),
      newOrderResult: half(placed),
      cancelResponse: body(canceled),
      newOrderResponse: body(placed),
    },
  });
}

function replaceFailed(placed: ApiError | undefined, canceled: ApiError): ApiError {
  return new ApiError(-2022, "Order cancel-replace failed.", 400, {
    data: {
      cancelResult: "FAILURE",
      newOrderResult: placed === undefined ? "NOT_ATTEMPTED" : "FAILURE",
      cancelResponse: canceled.body(),
      newOrderResponse: placed?.body() ?? null,
    },
  });
}

/** Lowers an order's quantity; it keeps its place in the queue. */
function amend(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { symbol } = listing.market;
  const found = findOrder(request, listing, "orderId", "origClientOrderId");
  const quantity = request.parameters.decimal("newQty");
  const newId = readClientId(request.parameters, "newClientOrderId");
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  if (found instanceof ApiError) return found;
  if (!found.isOpen) return API_ERRORS.noSuchOrder;
  if (quantity % symbol.lotUnits !== 0n) return new ApiError(-1013, "Filter failure: LOT_SIZE");
  const before = found.clientOrderId;
  const refused = listing.desk.amend(found, Number(quantity / symbol.lotUnits), newId);
  if (refused !== undefined) return refused;
  const { qty, ...amended } = {
    ...wireOrder(found),
    origClientOrderId: before,
    preventedQty: formatUnits(symbol.quantity(found.preventedLots)),
    qty: formatUnits(symbol.quantity(found.lots)),
  };
  const answer = {
    transactTime: request.nowMs,
    executionId: found.orderId,
    amendedOrder: { ...amended, qty },
  };
  return found.list === undefined ? answer : { ...answer, listStatus: wireListStatus(found.list) };
}

function queryOrder(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const found = findOrder(request, listing, "orderId", "origClientOrderId");
  return found instanceof ApiError ? found : wireOrder(found);
}

function openOrders(request: SignedRequest): unknown {
  const { exchange, account, parameters } = request;
  if (parameters.has("symbol")) {
    const listing = listingOf(request);
    return listing instanceof ApiError ? listing : [...listing.desk.orders.open(account)].map(wireOrder);
  }
  return [...exchange.listings.values()].flatMap(({ desk }) => [...desk.orders.open(account)].map(wireOrder));
}

function allOrders(request: SignedRequest): unknown {
  const listing = listingOf(request);
  if (listing instanceof ApiError) return listing;
  const { parameters, account } = request;
  const from = parameters.integer("orderId", undefined, 0, Number.MAX_SAFE_INTEGER);
  const startMs = parameters.integer("startTime", 0, 0, Number.MAX_SAFE_INTEGER);
  const endMs = parameters.integer("endTime", Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER);
  const limit = parameters.integer("limit", 500, 1, 1_000);
  if (parameters.trouble !== undefined) return parameters.trouble;
  const mine: ClientOrder[] = [];
  for (const order of listing.desk.orders.all.values()) {
    if (order.account !== account || order.timeMs < startMs || order.timeMs > endMs) continue;
    if (order.orderId >= (from ?? 0)) mine.push(order);
  }
  const forward = from !== undefined || startMs > 0;
  return (forward ? mine.slice(0, limit) : mine.slice(-limit)).map(wireOrder);
}

/** Endpoints about orders, by method and path. */
export const ORDER_ROUTES: Readonly<Record<string, Route>> = {
  "POST /api/v3/order": { about: "submit", weight: 1, orders: 1, security: "trade", run: submit },
  "POST /api/v3/order/test": { about: "general", weight: 1, security: "trade", run: submitTest },
  "DELETE /api/v3/order": { about: "cancel", weight: 1, security: "trade", run: cancel },
  "DELETE /api/v3/openOrders": { about: "massCancel", weight: 1, security: "trade", run: cancelAll },
  "POST /api/v3/order/cancelReplace": { about: "replace", weight: 1, security: "trade", run: cancelReplace },
  "PUT /api/v3/order/amend/keepPriority": { about: "replace", weight: 4, security: "trade", run: amend },
  "GET /api/v3/order": { about: "queryOrder", weight: 4, security: "signed", run: queryOrder },
  "GET /api/v3/openOrders": {
    about: "queryOrder",
    weight: (parameters) => (parameters.has("symbol") ? 6 : 80),
    security: "signed",
    run: openOrders,
  },
  "GET /api/v3/allOrders": { about: "queryOrder", weight: 20, security: "signed", run: allOrders },
};
