import { API_ERRORS, ApiError } from "./api-error.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { ListTerms } from "./list-desk.ts";
import { type OrderTerms, readClientId, readTerms, type WireOrderType } from "./order-terms.ts";
import type { Parameters } from "./parameters.ts";

/** What a list is asked for as. */
export type ListKind = "oco" | "oto" | "otoco" | "opo" | "opoco";

/** Parameters that are the same for every order of a list. */
const SHARED: ReadonlySet<string> = new Set(["selfTradePreventionMode", "newOrderRespType"]);

/** What an order's parameters are called in a list: `price` of the order above is `abovePrice`. */
function callNames(prefix: string, more: Readonly<Record<string, string>> = {}): (name: string) => string {
  return (name) => {
    if (SHARED.has(name)) return name;
    const own = more[name];
    if (own !== undefined) return own;
    const word = name === "newClientOrderId" ? "clientOrderId" : name;
    return prefix + word.charAt(0).toUpperCase() + word.slice(1);
  };
}

/** Reads a new list off a request; `freshId` names what the client does not. */
export function readListTerms(
  kind: ListKind,
  parameters: Parameters,
  symbol: ExchangeSymbol,
  freshId: () => string,
): ListTerms | ApiError {
  const clientId = readClientId(parameters, "listClientOrderId") ?? freshId();
  if (parameters.trouble !== undefined) return parameters.trouble;
  const orders = ordersOf(kind, parameters, symbol, freshId);
  if (orders instanceof ApiError) return orders;
  const isPaid = kind === "opo" || kind === "opoco";
  return { contingency: kind === "oco" ? "OCO" : "OTO", isPaid, clientId, orders };
}

function ordersOf(
  kind: ListKind,
  parameters: Parameters,
  symbol: ExchangeSymbol,
  freshId: () => string,
): OrderTerms[] | ApiError {
  const read = (called: (name: string) => string, isPaid = false): OrderTerms | ApiError =>
    readTerms(parameters.under(called), symbol, freshId, isPaid);
  if (kind === "oco") {
    const same = { side: "side", quantity: "quantity" };
    return pairOf(read(callNames("above", same)), read(callNames("below", same)));
  }
  const working = read(callNames("working"));
  if (working instanceof ApiError) return working;
  if (working.type !== "LIMIT" && working.type !== "LIMIT_MAKER") return API_ERRORS.badType;
  const isPaid = kind === "opo" || kind === "opoco";
  if (isPaid && !working.buys) return API_ERRORS.badSide;
  if (kind === "oto" || kind === "opo") {
    const pending = read(callNames("pending"), isPaid);
    if (pending instanceof ApiError) return pending;
    return isPaid && pending.buys ? API_ERRORS.badSide : [working, pending];
  }
  const same = { side: "pendingSide", quantity: "pendingQuantity" };
  const [above, below] = ["pendingAbove", "pendingBelow"].map((each) => read(callNames(each, same), isPaid));
  const pair = pairOf(above as OrderTerms | ApiError, below as OrderTerms | ApiError);
  if (pair instanceof ApiError) return pair;
  return isPaid && pair[0]?.buys === true ? API_ERRORS.badSide : [working, ...pair];
}

function pairOf(above: OrderTerms | ApiError, below: OrderTerms | ApiError): OrderTerms[] | ApiError {
  if (above instanceof ApiError) return above;
  if (below instanceof ApiError) return below;
  return pairTrouble(above, below) ?? [above, below];
}

const PAIRED: ReadonlySet<WireOrderType> = new Set([
  "LIMIT_MAKER",
  "STOP_LOSS",
  "STOP_LOSS_LIMIT",
  "TAKE_PROFIT",
  "TAKE_PROFIT_LIMIT",
]);

/** Why two orders are no pair: one takes profit, or rests, on the good side of the price; the other stops a loss. */
function pairTrouble(above: OrderTerms, below: OrderTerms): ApiError | undefined {
  if (!PAIRED.has(above.type) || !PAIRED.has(below.type)) {
    return new ApiError(-1158, "Order type not supported in OCO.");
  }
  if (above.type === "LIMIT_MAKER" && below.type === "LIMIT_MAKER") {
    return new ApiError(-1168, "At least one OCO order must be contingent.");
  }
  const { buys } = above;
  const [gains, stops] = buys ? [below, above] : [above, below];
  if (stops.type === "LIMIT_MAKER") {
    return buys
      ? new ApiError(-1165, "A limit order in a buy OCO must be below.")
      : new ApiError(-1166, "A limit order in a sell OCO must be above.");
  }
  if (gains.type.startsWith("STOP_LOSS")) {
    return buys
      ? new ApiError(-1196, "A stop loss order in a buy OCO must be above.")
      : new ApiError(-1197, "A stop loss order in a sell OCO must be below.");
  }
  if (stops.type.startsWith("TAKE_PROFIT")) {
    return buys
      ? new ApiError(-1198, "A take profit order in a buy OCO must be below.")
      : new ApiError(-1199, "A take profit order in a sell OCO must be above.");
  }
  return undefined;
}
