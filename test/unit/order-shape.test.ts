import { describe, expect, it } from "vitest";
import { MAX_TICKS, type OrderRequest, type OrderType, type TimeInForce } from "../../src/model/index.ts";
import {
  CONDITIONAL_FIELDS,
  type ConditionalField,
  checkOrderShape,
  ORDER_TYPE_FIELDS,
  ORDER_TYPE_TERMS,
  TIME_IN_FORCE_FIELDS,
} from "../../src/order/index.ts";

const BASE = { instrument: "ABC", side: "buy", lots: 10 } as const;
const VALUES: Readonly<Record<ConditionalField, unknown>> = {
  priceTicks: 100,
  stopTicks: 99,
  trigger: "mark",
  guardTicks: 5,
  displayLots: 10,
  minLots: 1,
  hidden: true,
  postOnly: true,
  reduceOnly: true,
  expireNs: 1,
};

/** The shortest request of a type and time in force, by the tables. */
function shortest(type: OrderType, timeInForce: TimeInForce): Record<string, unknown> {
  const needed = CONDITIONAL_FIELDS.filter((field) => ruleOf(type, timeInForce, field) === "required");
  return { ...BASE, type, timeInForce, ...Object.fromEntries(needed.map((field) => [field, VALUES[field]])) };
}

function ruleOf(type: OrderType, timeInForce: TimeInForce, field: ConditionalField): string {
  const rules = [ORDER_TYPE_FIELDS[type][field], TIME_IN_FORCE_FIELDS[timeInForce][field]];
  if (rules.includes("forbidden")) return "forbidden";
  return rules.includes("required") ? "required" : "optional";
}

function refusal(request: unknown): string | undefined {
  const got = checkOrderShape(request as OrderRequest);
  return got === undefined ? undefined : `${got.code} ${got.field}`;
}

const pairs = Object.entries(ORDER_TYPE_TERMS).flatMap(([type, terms]) =>
  terms.map((term) => [type as OrderType, term] as const),
);

describe("the shape of an order", () => {
  it("has fields by type and by time in force", () => {
    const marks = { required: "!", optional: "?", forbidden: "-" } as const;
    const table = (rules: object) =>
      Object.fromEntries(
        Object.entries(rules).map(([word, row]) => [
          word,
          CONDITIONAL_FIELDS.map((field) => marks[(row as typeof ORDER_TYPE_FIELDS.limit)[field]]).join(""),
        ]),
      );
    // price stop trigger guard display min hidden post reduce expire
    expect(table(ORDER_TYPE_FIELDS)).toEqual({
      limit: "!---??????",
      market: "-----?--??",
      stop: "-!!?----??",
      stopLimit: "!!!-?-????",
    });
    expect(table(TIME_IN_FORCE_FIELDS)).toEqual({
      GTC: "?????????-",
      IOC: "?----?--?-",
      FOK: "?-------?-",
      DAY: "?????????-",
      GTD: "?????????!",
      atOpen: "?-------?-",
      atClose: "?-------?-",
    });
  });

  it.each(pairs)("%s %s: every field is accepted or refused by name as the tables say", (type, term) => {
    const request = shortest(type, term);
    expect(refusal(request)).toBeUndefined();
    for (const field of CONDITIONAL_FIELDS) {
      const rule = ruleOf(type, term, field);
      const given = refusal({ ...request, [field]: VALUES[field] });
      expect([field, given]).toEqual([
        field,
        rule === "forbidden" ? `ORDER_FIELD_FORBIDDEN ${field}` : undefined,
      ]);
      const { [field]: _, ...without } = request;
      for (const absent of [without, { ...without, [field]: undefined }, { ...without, [field]: false }]) {
        const expected = rule === "required" ? `ORDER_FIELD_MISSING ${field}` : undefined;
        expect([field, refusal(absent)]).toEqual([field, expected]);
      }
    }
  });

  it("takes limit and GTC, or market and IOC, where nothing is said", () => {
    expect(refusal({ ...BASE, priceTicks: 1 })).toBeUndefined();
    expect(refusal({ ...BASE, priceTicks: 1, displayLots: 1 })).toBeUndefined();
    expect(refusal({ ...BASE, type: "market" })).toBeUndefined();
    expect(refusal({ ...BASE, type: "market", displayLots: 1 })).toBe("ORDER_FIELD_FORBIDDEN displayLots");
    expect(refusal(BASE)).toBe("ORDER_FIELD_MISSING priceTicks");
    expect(refusal({ ...BASE, priceTicks: 0, tag: "mine" })).toBeUndefined();
  });

  const GOOD: readonly (readonly [object, string])[] = [
    [{ priceTicks: MAX_TICKS }, "the highest price"],
    [{ priceTicks: -MAX_TICKS }, "the lowest price"],
    [{ priceTicks: 1, lots: 1, minLots: 1, displayLots: 1 }, "one lot"],
    [{ type: "stop", stopTicks: 0, trigger: "last", guardTicks: 0 }, "a guard of 0"],
    [{ type: "stop", stopTicks: -3, trigger: "bidAsk", side: "sell" }, "a stop below 0"],
    [{ type: "stop", stopTicks: 3, trigger: "index" }, "the index"],
    [{ priceTicks: 1, timeInForce: "GTD", expireNs: 0 }, "an end at the session's base"],
    [{ priceTicks: 1, hidden: false, displayLots: 3 }, "not hidden"],
  ];

  it.each(GOOD)("accepts %j: %s", (change) => {
    expect(refusal({ ...BASE, ...change })).toBeUndefined();
  });

  const BAD: readonly (readonly [object, string])[] = [
    [{ price: 1 }, "UNKNOWN price"],
    [{ toString: 1 }, "UNKNOWN toString"],
    [{ side: "long" }, "MALFORMED side"],
    [{ side: undefined }, "MALFORMED side"],
    [{ lots: 0 }, "MALFORMED lots"],
    [{ lots: 0.5 }, "MALFORMED lots"],
    [{ lots: 2 ** 53 }, "MALFORMED lots"],
    [{ lots: "3" }, "MALFORMED lots"],
    [{ type: "iceberg" }, "MALFORMED type"],
    [{ type: "toString" }, "MALFORMED type"],
    [{ type: null }, "MALFORMED type"],
    [{ timeInForce: "GTX" }, "MALFORMED timeInForce"],
    [{ type: "market", timeInForce: "GTC" }, "MALFORMED timeInForce"],
    [{ type: "stop", timeInForce: "IOC", stopTicks: 1, trigger: "last" }, "MALFORMED timeInForce"],
    [{ priceTicks: 1.5 }, "MALFORMED priceTicks"],
    [{ priceTicks: NaN }, "MALFORMED priceTicks"],
    [{ priceTicks: MAX_TICKS + 1 }, "MALFORMED priceTicks"],
    [{ priceTicks: -MAX_TICKS - 1 }, "MALFORMED priceTicks"],
    [{ priceTicks: "1" }, "MALFORMED priceTicks"],
    [{ priceTicks: null }, "MALFORMED priceTicks"],
    [{ type: "stop", stopTicks: 0.5, trigger: "last" }, "MALFORMED stopTicks"],
    [{ type: "stop", stopTicks: 1, trigger: "mid" }, "MALFORMED trigger"],
    [{ type: "stop", stopTicks: 1, trigger: "toString" }, "MALFORMED trigger"],
    [{ type: "stop", stopTicks: 1, trigger: 0 }, "MALFORMED trigger"],
    [{ type: "stop", stopTicks: 1, trigger: "last", guardTicks: -1 }, "MALFORMED guardTicks"],
    [{ type: "stop", stopTicks: 1, trigger: "last", guardTicks: 0.5 }, "MALFORMED guardTicks"],
    [{ priceTicks: 1, displayLots: 0 }, "MALFORMED displayLots"],
    [{ priceTicks: 1, displayLots: 11 }, "MALFORMED displayLots"],
    [{ priceTicks: 1, displayLots: "1" }, "MALFORMED displayLots"],
    [{ priceTicks: 1, minLots: 11 }, "MALFORMED minLots"],
    [{ priceTicks: 1, minLots: 0.5 }, "MALFORMED minLots"],
    [{ priceTicks: 1, hidden: 1 }, "MALFORMED hidden"],
    [{ priceTicks: 1, postOnly: "yes" }, "MALFORMED postOnly"],
    [{ priceTicks: 1, reduceOnly: null }, "MALFORMED reduceOnly"],
    [{ priceTicks: 1, timeInForce: "GTD", expireNs: Infinity }, "MALFORMED expireNs"],
    [{ priceTicks: 1, hidden: true, displayLots: 1 }, "FORBIDDEN displayLots"],
  ];

  it.each(BAD)("refuses %j: %s", (change, expected) => {
    expect(refusal({ ...BASE, ...change })).toBe(`ORDER_FIELD_${expected}`);
  });

  it("says what was expected", () => {
    const expectations: readonly (readonly [object, string])[] = [
      [{ side: 1 }, "buy or sell"],
      [{ lots: 0 }, "a whole number of lots above 0"],
      [{ type: "x" }, "one of limit, market, stop, stopLimit"],
      [{ type: "stop", timeInForce: "IOC" }, "one of GTC, DAY, GTD for the type stop"],
      [{}, "given for limit GTC"],
      [{ priceTicks: 1, stopTicks: 1 }, "none for limit GTC"],
      [{ priceTicks: 0.5 }, `a whole number of ticks within ${MAX_TICKS}`],
      [{ type: "stop", stopTicks: 1, trigger: "x" }, "one of last, bidAsk, mark, index"],
      [
        { type: "stop", stopTicks: 1, trigger: "last", guardTicks: -1 },
        "a whole number of ticks of at least 0",
      ],
      [{ priceTicks: 1, minLots: 11 }, "a whole number of lots within 1 and 10"],
      [{ priceTicks: 1, hidden: 1 }, "true or false"],
      [{ priceTicks: 1, hidden: true, displayLots: 1 }, "none for a hidden order"],
      [{ priceTicks: 1, timeInForce: "GTD", expireNs: 0.5 }, "a whole number of ns from the session's base"],
    ];
    for (const [change, expected] of expectations) {
      expect(checkOrderShape({ ...BASE, ...change } as OrderRequest)?.expected).toBe(expected);
    }
    const unknown = checkOrderShape({ ...BASE, price: 7 } as OrderRequest);
    expect([unknown?.value, unknown?.expected?.startsWith("one of instrument, side, lots")]).toEqual([
      7,
      true,
    ]);
  });
});
