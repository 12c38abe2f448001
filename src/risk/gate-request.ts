import { type Refusal, refuse } from "../base/index.ts";
import { ORDER_TYPE, type OrderType, type Side, TIME_IN_FORCE, type TimeInForce } from "../model/index.ts";
import { GATE_FLAG, type GateOrder, gateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import type { RiskRefusalCode } from "./refusals.ts";

/**
 * An order in words, for a program that has no kernel. What is left out has the order's usual value.
 *
 * @units `priceTicks`, `stopTicks` ticks; `lots` lots; `expireNs` ns from the session's base
 */
export interface RiskRequest {
  /** The name of a seat's strategy. */
  readonly strategy: string;
  /** An instrument's key, `symbol@venue`. */
  readonly instrument: string;
  readonly side: Side;
  readonly lots: number;
  readonly priceTicks?: number;
  readonly stopTicks?: number;
  /** `limit` unless given. */
  readonly type?: OrderType;
  /** `GTC` unless given, `IOC` for market orders. */
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  /** Closes a position while a kill of level 3 is latched. */
  readonly flatten?: boolean;
  readonly displayLots?: number;
  readonly expireNs?: number;
  readonly slice?: number;
  /** A parent of the strategy, as `gate.reserves.open` returned it. */
  readonly parent?: number;
  /** Above every earlier one of the strategy; counted on by the gate where it is left out. */
  readonly id?: number;
}

const FIELDS = new Set([
  "strategy",
  "instrument",
  "side",
  "lots",
  "priceTicks",
  "stopTicks",
  "type",
  "timeInForce",
  "postOnly",
  "reduceOnly",
  "flatten",
  "displayLots",
  "expireNs",
  "slice",
  "parent",
  "id",
]);

/**
 * Reads an order in words into numbers.
 *
 * @refuses `RISK_ORDER_INVALID`, `RISK_SEAT_UNKNOWN`, `RISK_INSTRUMENT_UNKNOWN`
 */
export function readRequest(
  parts: GateParts,
  request: RiskRequest,
  into: GateOrder,
): Refusal<RiskRefusalCode> | undefined {
  Object.assign(into, gateOrder(), {
    id: 0,
    seat: -1,
    instrument: -1,
    lots: Number.NaN,
    displayLots: 0,
    slice: 0,
  });
  if (typeof request !== "object" || request === null) return invalid("request", request, "an order");
  for (const key in request) {
    if (!FIELDS.has(key)) return invalid(key, Reflect.get(request, key), `one of ${[...FIELDS].join(", ")}`);
  }
  const seat = parts.hierarchy.seatOf(request.strategy);
  if (seat === undefined)
    return refuse("RISK_SEAT_UNKNOWN", "strategy", request.strategy, "a seat's strategy");
  const instrument = parts.instrumentOf(request.instrument);
  if (instrument === undefined) {
    return refuse("RISK_INSTRUMENT_UNKNOWN", "instrument", request.instrument, "the key of an instrument");
  }
  const { side } = request;
  if (side !== "buy" && side !== "sell") return invalid("side", side, "buy or sell");
  const type = codeOf(ORDER_TYPE, request.type ?? "limit");
  if (type === undefined)
    return invalid("type", request.type, `one of ${Object.keys(ORDER_TYPE).join(", ")}`);
  const usual = type === ORDER_TYPE.market ? "IOC" : "GTC";
  const timeInForce = codeOf(TIME_IN_FORCE, request.timeInForce ?? usual);
  if (timeInForce === undefined) {
    return invalid("timeInForce", request.timeInForce, `one of ${Object.keys(TIME_IN_FORCE).join(", ")}`);
  }
  const flags = readFlags(request);
  if (typeof flags !== "number") return flags;
  into.seat = seat;
  into.instrument = instrument;
  into.id = request.id ?? parts.ids.next(seat);
  into.side = side === "buy" ? 1 : -1;
  into.type = type;
  into.timeInForce = timeInForce;
  into.flags = flags;
  into.priceTicks = request.priceTicks ?? 0;
  into.stopTicks = request.stopTicks ?? 0;
  into.lots = request.lots;
  into.displayLots = request.displayLots ?? 0;
  into.expireNs = request.expireNs ?? Number.POSITIVE_INFINITY;
  into.row = 0;
  into.slice = request.slice ?? 0;
  into.parent = request.parent ?? 0;
  const hasPrice = type === ORDER_TYPE.limit || type === ORDER_TYPE.stopLimit;
  if (hasPrice && request.priceTicks === undefined)
    return invalid("priceTicks", undefined, "the order's limit");
  const hasStop = type === ORDER_TYPE.stop || type === ORDER_TYPE.stopLimit;
  if (hasStop && request.stopTicks === undefined) return invalid("stopTicks", undefined, "the order's stop");
  return undefined;
}

function readFlags(request: RiskRequest): number | Refusal<RiskRefusalCode> {
  let flags = 0;
  for (const name of ["postOnly", "reduceOnly", "flatten"] as const) {
    const value = request[name];
    if (value !== undefined && typeof value !== "boolean") return invalid(name, value, "true or false");
    if (value === true) flags |= GATE_FLAG[name];
  }
  return flags;
}

function codeOf(codes: Readonly<Record<string, number>>, word: string): number | undefined {
  return typeof word === "string" && Object.hasOwn(codes, word) ? codes[word] : undefined;
}

function invalid(field: string, value: unknown, expected: string): Refusal<RiskRefusalCode> {
  return refuse("RISK_ORDER_INVALID", field, value, expected);
}
