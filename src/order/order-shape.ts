import { type Refusal, refuse } from "../base/index.ts";
import { MAX_TICKS, type OrderRequest, type OrderType, type TimeInForce } from "../model/index.ts";
import type { OrderRefusalCode } from "./refusals.ts";
import { TRIGGER } from "./stop-trigger.ts";

/** Whether a field must, may or must not be given. */
export type FieldRule = "required" | "optional" | "forbidden";

/** The fields of a request that not every order has. */
export const CONDITIONAL_FIELDS = [
  "priceTicks",
  "stopTicks",
  "trigger",
  "guardTicks",
  "displayLots",
  "minLots",
  "hidden",
  "postOnly",
  "reduceOnly",
  "expireNs",
] as const;

/** A word of {@link CONDITIONAL_FIELDS}. */
export type ConditionalField = (typeof CONDITIONAL_FIELDS)[number];

type FieldRules = Readonly<Record<ConditionalField, FieldRule>>;

/**
 * Which fields go with which order type. The stricter of this table and {@link TIME_IN_FORCE_FIELDS} holds.
 *
 * @invariant A flag that is false counts as not given.
 */
export const ORDER_TYPE_FIELDS: Readonly<Record<OrderType, FieldRules>> = spread({
  //           price stop trigger guard display min hidden post reduce expire
  limit: "     !     -    -       -     ?       ?   ?      ?    ?      ?",
  market: "    -     -    -       -     -       ?   -      -    ?      ?",
  stop: "      -     !    !       ?     -       -   -      -    ?      ?",
  stopLimit: " !     !    !       -     ?       -   ?      ?    ?      ?",
});

/** Which fields go with which time in force. */
export const TIME_IN_FORCE_FIELDS: Readonly<Record<TimeInForce, FieldRules>> = spread({
  //         price stop trigger guard display min hidden post reduce expire
  GTC: "     ?     ?    ?       ?     ?       ?   ?      ?    ?      -",
  IOC: "     ?     -    -       -     -       ?   -      -    ?      -",
  FOK: "     ?     -    -       -     -       -   -      -    ?      -",
  DAY: "     ?     ?    ?       ?     ?       ?   ?      ?    ?      -",
  GTD: "     ?     ?    ?       ?     ?       ?   ?      ?    ?      !",
  atOpen: "  ?     -    -       -     -       -   -      -    ?      -",
  atClose: " ?     -    -       -     -       -   -      -    ?      -",
});

/** Which times in force go with which order type. */
export const ORDER_TYPE_TERMS: Readonly<Record<OrderType, readonly TimeInForce[]>> = {
  limit: ["GTC", "IOC", "FOK", "DAY", "GTD", "atOpen", "atClose"],
  market: ["IOC", "FOK", "atOpen", "atClose"],
  stop: ["GTC", "DAY", "GTD"],
  stopLimit: ["GTC", "DAY", "GTD"],
};

const FIELDS: ReadonlySet<string> = new Set<keyof OrderRequest>([
  "instrument",
  "side",
  "lots",
  "type",
  "timeInForce",
  "tag",
  ...CONDITIONAL_FIELDS,
]);

type Shape = Refusal<OrderRefusalCode> | undefined;

/**
 * Checks that the fields of a request go together: known words only, every field its type and time in force need,
 * none that they forbid, each a value that can be. It knows no instrument, no clock and no position.
 *
 * @refuses `ORDER_FIELD_UNKNOWN`, `ORDER_FIELD_MALFORMED`, `ORDER_FIELD_MISSING`, `ORDER_FIELD_FORBIDDEN`, each naming
 * the field
 * @cost About forty comparisons; nothing allocated when accepted.
 * @example
 * ```ts
 * import { checkOrderShape } from "tickwright/order";
 * const stop = { instrument: "ABC", side: "sell", lots: 5, type: "stop", stopTicks: 990 } as const;
 * checkOrderShape(stop)?.field; // => "trigger"
 * checkOrderShape({ ...stop, trigger: "last" }); // => undefined
 * ```
 */
export function checkOrderShape(request: OrderRequest): Shape {
  for (const key in request) {
    if (!FIELDS.has(key)) {
      return refuse(
        "ORDER_FIELD_UNKNOWN",
        key,
        Reflect.get(request, key),
        `one of ${[...FIELDS].join(", ")}`,
      );
    }
  }
  const { side, lots, type = "limit" } = request;
  if (side !== "buy" && side !== "sell") return malformed("side", side, "buy or sell");
  if (!isLots(lots)) return malformed("lots", lots, "a whole number of lots above 0");
  if (!Object.hasOwn(ORDER_TYPE_FIELDS, type)) {
    return malformed("type", type, `one of ${Object.keys(ORDER_TYPE_FIELDS).join(", ")}`);
  }
  const { timeInForce = type === "market" ? "IOC" : "GTC" } = request;
  if (!ORDER_TYPE_TERMS[type].includes(timeInForce)) {
    const expected = `one of ${ORDER_TYPE_TERMS[type].join(", ")} for the type ${type}`;
    return malformed("timeInForce", timeInForce, expected);
  }
  for (const field of CONDITIONAL_FIELDS) {
    const refusal = checkField(request, type, timeInForce, field);
    if (refusal !== undefined) return refusal;
  }
  if (request.hidden === true && request.displayLots !== undefined) {
    return refuse("ORDER_FIELD_FORBIDDEN", "displayLots", request.displayLots, "none for a hidden order");
  }
  return undefined;
}

function checkField(
  request: OrderRequest,
  type: OrderType,
  timeInForce: TimeInForce,
  field: ConditionalField,
): Shape {
  const value = request[field];
  const byType = ORDER_TYPE_FIELDS[type][field];
  const byTerm = TIME_IN_FORCE_FIELDS[timeInForce][field];
  const isGiven = value !== undefined && value !== false;
  if (!isGiven) {
    if (byType !== "required" && byTerm !== "required") return undefined;
    return refuse("ORDER_FIELD_MISSING", field, value, `given for ${type} ${timeInForce}`);
  }
  if (byType === "forbidden" || byTerm === "forbidden") {
    return refuse("ORDER_FIELD_FORBIDDEN", field, value, `none for ${type} ${timeInForce}`);
  }
  const expected = expectedOf(field, value, request.lots);
  return expected === undefined ? undefined : malformed(field, value, expected);
}

/** What was expected in the place of a value that cannot be; undefined where it can. */
function expectedOf(field: ConditionalField, value: unknown, lots: number): string | undefined {
  switch (field) {
    case "priceTicks":
    case "stopTicks":
      return isTicks(value) ? undefined : `a whole number of ticks within ${MAX_TICKS}`;
    case "guardTicks":
      return isTicks(value) && value >= 0 ? undefined : `a whole number of ticks of at least 0`;
    case "trigger":
      if (typeof value === "string" && Object.hasOwn(TRIGGER, value)) return undefined;
      return `one of ${Object.keys(TRIGGER).join(", ")}`;
    case "displayLots":
    case "minLots":
      return isLots(value) && value <= lots ? undefined : `a whole number of lots within 1 and ${lots}`;
    case "expireNs":
      return Number.isSafeInteger(value) ? undefined : "a whole number of ns from the session's base";
    default:
      return value === true ? undefined : "true or false";
  }
}

function malformed(field: string, value: unknown, expected: string): Refusal<OrderRefusalCode> {
  return refuse("ORDER_FIELD_MALFORMED", field, value, expected);
}

function isLots(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTicks(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_TICKS;
}

function spread<Word extends string>(
  rows: Readonly<Record<Word, string>>,
): Readonly<Record<Word, FieldRules>> {
  const rules: Readonly<Record<string, FieldRule>> = { "!": "required", "?": "optional", "-": "forbidden" };
  const words = Object.keys(rows) as Word[];
  const table = words.map((word) => {
    const marks = rows[word].trim().split(/\s+/);
    const fields = CONDITIONAL_FIELDS.map((field, i) => [field, rules[marks[i] as string]]);
    return [word, Object.freeze(Object.fromEntries(fields))];
  });
  return Object.freeze(Object.fromEntries(table));
}
