import { MAX_TICKS } from "../model/index.ts";
import { API_ERRORS, ApiError, filterFailure } from "./api-error.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";
import type { Parameters } from "./parameters.ts";
import type { Units } from "./units.ts";

/** Types of orders on the wire. */
export const WIRE_ORDER_TYPES = [
  "LIMIT",
  "LIMIT_MAKER",
  "MARKET",
  "STOP_LOSS",
  "STOP_LOSS_LIMIT",
  "TAKE_PROFIT",
  "TAKE_PROFIT_LIMIT",
] as const;

/** A type of order on the wire. */
export type WireOrderType = (typeof WIRE_ORDER_TYPES)[number];

/** A time in force on the wire. */
export type WireTimeInForce = "GTC" | "IOC" | "FOK";

/** How much of a new order is told in the answer. */
export type OrderResponse = "ACK" | "RESULT" | "FULL";

/** What a client asks for. @units ticks, lots; `quoteUnits` 1e-8 of the quote asset */
export interface OrderTerms {
  readonly buys: boolean;
  readonly type: WireOrderType;
  readonly timeInForce: WireTimeInForce;
  /** 0 where the type has no limit. */
  readonly ticks: number;
  /** 0 where the type has no stop. */
  readonly stopTicks: number;
  /** 0 where a market order names what to spend instead. */
  readonly lots: number;
  readonly quoteUnits: Units;
  readonly clientOrderId: string;
  readonly response: OrderResponse;
}

/** Whether the type rests at, or is bounded by, a limit. */
export function hasLimit(type: WireOrderType): boolean {
  return type !== "MARKET" && type !== "STOP_LOSS" && type !== "TAKE_PROFIT";
}

/** Whether the type waits for its stop price first. */
export function hasStop(type: WireOrderType): boolean {
  return type.startsWith("STOP_LOSS") || type.startsWith("TAKE_PROFIT");
}

const CLIENT_ID = /^[a-zA-Z0-9-_.:/]{1,36}$/;

/** Reads a new order off a request; `freshId` names it where the client does not. */
export function readTerms(
  parameters: Parameters,
  symbol: ExchangeSymbol,
  freshId: () => string,
): OrderTerms | ApiError {
  const side = parameters.needed("side");
  const typeText = parameters.needed("type");
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (side !== "BUY" && side !== "SELL") return API_ERRORS.badSide;
  const type = WIRE_ORDER_TYPES.find((each) => each === typeText);
  if (type === undefined) return API_ERRORS.badType;
  const refused = refusedParameters(parameters, type);
  if (refused !== undefined) return refused;
  const limit = hasLimit(type);
  const price = limit ? parameters.decimal("price") : undefined;
  const stop = hasStop(type) ? parameters.decimal("stopPrice") : undefined;
  const byQuote = type === "MARKET" && parameters.has("quoteOrderQty");
  const quantity = byQuote ? undefined : parameters.decimal("quantity");
  const quoteUnits = byQuote ? parameters.decimal("quoteOrderQty") : undefined;
  const needsTime = limit && type !== "LIMIT_MAKER";
  const timeText = needsTime ? parameters.needed("timeInForce") : "GTC";
  const clientOrderId = readClientId(parameters, "newClientOrderId") ?? freshId();
  const response = parameters.text("newOrderRespType");
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (timeText !== "GTC" && timeText !== "IOC" && timeText !== "FOK") return API_ERRORS.badTimeInForce;
  if (response !== undefined && response !== "ACK" && response !== "RESULT" && response !== "FULL") {
    return new ApiError(-1100, "Illegal characters found in parameter 'newOrderRespType'.");
  }
  if (quantity === 0n || quoteUnits === 0n) return new ApiError(-1013, "Invalid quantity.");
  const ticks = price === undefined ? 0 : onGrid(price, symbol.tickUnits, MAX_TICKS);
  const stopTicks = stop === undefined ? 0 : onGrid(stop, symbol.tickUnits, MAX_TICKS);
  const lots = quantity === undefined ? 0 : onGrid(quantity, symbol.lotUnits, Number.MAX_SAFE_INTEGER);
  if (ticks < 0 || stopTicks < 0) return filterFailure("PRICE_FILTER");
  if (lots < 0) return filterFailure("LOT_SIZE");
  return {
    buys: side === "BUY",
    type,
    timeInForce: timeText,
    ticks,
    stopTicks,
    lots,
    quoteUnits: quoteUnits ?? 0n,
    clientOrderId,
    response: response ?? (type === "MARKET" || type === "LIMIT" ? "FULL" : "ACK"),
  };
}

/** What the exchange does not offer is refused by name, not ignored. */
function refusedParameters(parameters: Parameters, type: WireOrderType): ApiError | undefined {
  for (const name of ["icebergQty", "trailingDelta", "pegPriceType", "strategyId", "strategyType"]) {
    if (parameters.has(name)) return new ApiError(-1106, `Parameter '${name}' sent when not required.`);
  }
  const needless = hasLimit(type)
    ? type === "LIMIT_MAKER"
      ? ["timeInForce", "quoteOrderQty"]
      : ["quoteOrderQty"]
    : ["price", "timeInForce"];
  if (!hasStop(type)) needless.push("stopPrice");
  for (const name of needless) {
    if (parameters.has(name)) return new ApiError(-1106, `Parameter '${name}' sent when not required.`);
  }
  return undefined;
}

/** A client's own id; trouble where it is none. */
export function readClientId(parameters: Parameters, name: string): string | undefined {
  const text = parameters.text(name);
  if (text === undefined || CLIENT_ID.test(text)) return text;
  parameters.trouble ??= new ApiError(
    -1100,
    `Illegal characters found in parameter '${name}'; legal range is '^[a-zA-Z0-9-_.:/]{1,36}$'.`,
  );
  return undefined;
}

/** How many steps an amount is; -1 where it is no whole number of them, or too many. */
function onGrid(units: Units, step: Units, most: number): number {
  return units % step === 0n && units / step <= BigInt(most) ? Number(units / step) : -1;
}
