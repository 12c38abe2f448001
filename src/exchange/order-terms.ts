import { MAX_TICKS } from "../model/index.ts";
import { API_ERRORS, ApiError, filterFailure, orderRejected } from "./api-error.ts";
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

/** What becomes of an order that meets one of its own account: the mode of the one that takes decides. */
export const SELF_TRADE_MODES = [
  "NONE",
  "EXPIRE_TAKER",
  "EXPIRE_MAKER",
  "EXPIRE_BOTH",
  "DECREMENT",
  "TRANSFER",
] as const;

/** A mode of self-trade prevention. */
export type SelfTradeMode = (typeof SELF_TRADE_MODES)[number];

/** What an order's price is taken from when it enters the book: a best price, or a level so many behind it. */
export interface PegTerms {
  readonly to: "PRIMARY_PEG" | "MARKET_PEG";
  readonly levels: number;
}

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
  /** What an iceberg shows at one time; 0 of others. */
  readonly displayLots: number;
  /** How far a price comes back before a trailing stop is reached; 0 of others. @units basis points */
  readonly trailingBps: number;
  readonly selfTrade: SelfTradeMode;
  readonly peg: PegTerms | undefined;
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

/**
 * Reads a new order off a request; `freshId` names it where the client does not. One that another order pays for
 * (`isPaid`) has no quantity.
 */
export function readTerms(
  parameters: Parameters,
  symbol: ExchangeSymbol,
  freshId: () => string,
  isPaid = false,
): OrderTerms | ApiError {
  const side = parameters.needed("side");
  const typeText = parameters.needed("type");
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (side !== "BUY" && side !== "SELL") return API_ERRORS.badSide;
  const type = WIRE_ORDER_TYPES.find((each) => each === typeText);
  if (type === undefined) return API_ERRORS.badType;
  const refused =
    refusedParameters(parameters, type, symbol) ?? (isPaid ? refusedSize(parameters) : undefined);
  if (refused !== undefined) return refused;
  const limit = hasLimit(type);
  const peg = readPeg(parameters);
  const trailingBps = parameters.integer("trailingDelta", 0, 0, Number.MAX_SAFE_INTEGER);
  const isTrailing = parameters.has("trailingDelta");
  const price =
    limit && (peg === undefined || parameters.has("price")) ? parameters.decimal("price") : undefined;
  const hasTrigger = parameters.has("stopPrice");
  if (hasStop(type) && symbol.isMatching && !hasTrigger && !isTrailing) {
    const names = `'${parameters.called("stopPrice")}' or '${parameters.called("trailingDelta")}'`;
    return new ApiError(-1102, `Param ${names} must be sent, but both were empty/null!`);
  }
  const stop =
    hasStop(type) && (hasTrigger || !symbol.isMatching) ? parameters.decimal("stopPrice") : undefined;
  const display = parameters.has("icebergQty") ? parameters.decimal("icebergQty") : undefined;
  const selfTrade = readSelfTrade(parameters, symbol);
  const byQuote = type === "MARKET" && parameters.has("quoteOrderQty");
  const quantity = byQuote || isPaid ? undefined : parameters.decimal("quantity");
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
  if (quantity === 0n || quoteUnits === 0n || display === 0n) return new ApiError(-1013, "Invalid quantity.");
  const ticks = price === undefined ? 0 : onGrid(price, symbol.tickUnits, MAX_TICKS);
  const stopTicks = stop === undefined ? 0 : onGrid(stop, symbol.tickUnits, MAX_TICKS);
  const lots = quantity === undefined ? 0 : onGrid(quantity, symbol.lotUnits, Number.MAX_SAFE_INTEGER);
  if (ticks < 0 || stopTicks < 0) return filterFailure("PRICE_FILTER");
  const displayLots = display === undefined ? 0 : onGrid(display, symbol.lotUnits, Number.MAX_SAFE_INTEGER);
  if (lots < 0 || displayLots < 0) return filterFailure("LOT_SIZE");
  if (displayLots > lots && !isPaid) return orderRejected("IcebergQty exceeds QTY.");
  if (!isCombination(type, timeText, displayLots, peg)) return API_ERRORS.combination;
  if (isTrailing && trailingBps === 0) return filterFailure("TRAILING_DELTA");
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
    displayLots,
    trailingBps,
    selfTrade,
    peg,
  };
}

/** Whether an iceberg rests, and a peg makes sense. */
function isCombination(
  type: WireOrderType,
  time: WireTimeInForce,
  displayLots: number,
  peg: PegTerms | undefined,
): boolean {
  if (displayLots > 0 && time !== "GTC") return false;
  if (peg === undefined) return true;
  if (type === "LIMIT_MAKER") return peg.to === "PRIMARY_PEG";
  return peg.to === "MARKET_PEG" || type !== "LIMIT" || time === "GTC";
}

const PEG_LEVELS_MAX = 100;

function readPeg(parameters: Parameters): PegTerms | undefined {
  const to = parameters.text("pegPriceType");
  const offset = parameters.text("pegOffsetType");
  const levels = parameters.integer("pegOffsetValue", 0, 0, PEG_LEVELS_MAX + 1);
  const wrong = (name: string): void => {
    const words = `Data sent for parameter '${parameters.called(name)}' is not valid.`;
    parameters.trouble ??= new ApiError(-1130, words);
  };
  if (to !== undefined && to !== "PRIMARY_PEG" && to !== "MARKET_PEG") wrong("pegPriceType");
  if (offset !== undefined && offset !== "PRICE_LEVEL") wrong("pegOffsetType");
  if (levels > PEG_LEVELS_MAX) wrong("pegOffsetValue");
  if (parameters.has("pegOffsetType") !== parameters.has("pegOffsetValue")) wrong("pegOffsetType");
  if (to === undefined && offset !== undefined) wrong("pegPriceType");
  return to === "PRIMARY_PEG" || to === "MARKET_PEG" ? { to, levels } : undefined;
}

function readSelfTrade(parameters: Parameters, symbol: ExchangeSymbol): SelfTradeMode {
  const name = "selfTradePreventionMode";
  const text = parameters.text(name);
  const mode = SELF_TRADE_MODES.find((each) => each === text);
  if (text === undefined || mode === "NONE") return "NONE";
  if (mode !== undefined && symbol.isMatching) return mode;
  parameters.trouble ??=
    mode !== undefined
      ? new ApiError(-1013, "This symbol does not allow the specified self-trade prevention mode.")
      : new ApiError(-1130, `Data sent for parameter '${parameters.called(name)}' is not valid.`);
  return "NONE";
}

/** What the exchange does not offer is refused by name, not ignored. */
function refusedParameters(
  parameters: Parameters,
  type: WireOrderType,
  symbol: ExchangeSymbol,
): ApiError | undefined {
  const absent = symbol.isMatching ? ABSENT : [...ON_MATCHING, ...ABSENT];
  for (const name of absent) if (parameters.has(name)) return needlessParameter(parameters, name);
  const needless = hasLimit(type)
    ? type === "LIMIT_MAKER"
      ? ["timeInForce", "quoteOrderQty"]
      : ["quoteOrderQty"]
    : ["price", "timeInForce"];
  if (!hasStop(type)) needless.push("stopPrice", "trailingDelta");
  if (!hasLimit(type)) needless.push("icebergQty", "pegPriceType", "pegOffsetType", "pegOffsetValue");
  for (const name of needless) if (parameters.has(name)) return needlessParameter(parameters, name);
  return undefined;
}

function refusedSize(parameters: Parameters): ApiError | undefined {
  const name = ["quantity", "quoteOrderQty"].find((each) => parameters.has(each));
  return name === undefined ? undefined : needlessParameter(parameters, name);
}

/** What is offered where clients' orders meet, and nowhere else; what is offered nowhere. */
const ON_MATCHING = ["icebergQty", "trailingDelta", "pegPriceType", "pegOffsetType", "pegOffsetValue"];
const ABSENT = ["strategyId", "strategyType"];

function needlessParameter(parameters: Parameters, name: string): ApiError {
  return new ApiError(-1106, `Parameter '${parameters.called(name)}' sent when not required.`);
}

/** A client's own id; trouble where it is none. */
export function readClientId(parameters: Parameters, name: string): string | undefined {
  const text = parameters.text(name);
  if (text === undefined || CLIENT_ID.test(text)) return text;
  parameters.trouble ??= new ApiError(
    -1100,
    `Illegal characters found in parameter '${parameters.called(name)}'; legal range is '^[a-zA-Z0-9-_.:/]{1,36}$'.`,
  );
  return undefined;
}

/** How many steps an amount is; -1 where it is no whole number of them, or too many. */
function onGrid(units: Units, step: Units, most: number): number {
  return units % step === 0n && units / step <= BigInt(most) ? Number(units / step) : -1;
}
