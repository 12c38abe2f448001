import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { type GateOrder, RiskGate, type RiskGateOptions, type RiskRequest } from "../../src/risk/index.ts";
import {
  ABC,
  approved,
  at,
  codeOf,
  makeGate,
  NOW,
  order,
  SEATS,
  taken,
  XYZ,
} from "../fixtures/gate-setup.ts";

const words = (changes: Partial<RiskRequest> = {}): RiskRequest => ({
  ...{ strategy: "pairs", instrument: "ABC@XNAS", side: "buy", lots: 10, priceTicks: 10_000 },
  ...changes,
});

describe("an order in words", () => {
  it("has the usual values where it says nothing", () => {
    const gate = makeGate();
    expect(taken(gate, approved(gate.decide(words(), NOW)))).toEqual({
      ...{ row: 0, id: 1, requestId: 0, sideSign: 1, type: ORDER_TYPE.limit, timeInForce: TIME_IN_FORCE.GTC },
      ...{ flags: 0, priceTicks: 10_000, stopTicks: 0, lots: 10, displayLots: 0 },
      expireNs: Number.POSITIVE_INFINITY,
    });
    const { priceTicks: _, ...market } = words({ type: "market", side: "sell" });
    expect(taken(gate, approved(gate.decide(market, NOW)))).toMatchObject({
      ...{ id: 2, sideSign: -1, type: ORDER_TYPE.market, timeInForce: TIME_IN_FORCE.IOC },
    });
  });

  it("says everything else", () => {
    const gate = makeGate();
    const all = words({
      ...{ type: "stopLimit", timeInForce: "GTD", stopTicks: 10_050, priceTicks: 10_060, expireNs: NOW + 1 },
      ...{ postOnly: true, reduceOnly: false, displayLots: 3, slice: 4, id: 77, lots: 12 },
    });
    expect(taken(gate, approved(gate.decide(all, NOW)))).toMatchObject({
      ...{ id: 77, type: ORDER_TYPE.stopLimit, timeInForce: TIME_IN_FORCE.GTD, flags: 1, lots: 12 },
      ...{ stopTicks: 10_050, priceTicks: 10_060, expireNs: NOW + 1, displayLots: 3 },
    });
    expect(codeOf(gate.decide(words({ id: 77 }), NOW))).toBe("RISK_DUPLICATE_ID");
    expect(taken(gate, approved(gate.decide(words(), NOW)))).toMatchObject({ id: 78 });
    expect(codeOf(gate.decide(words({ reduceOnly: true, lots: 1 }), NOW))).toBe("RISK_REDUCE_ONLY");
  });

  it.each([
    ["nothing", undefined, "RISK_ORDER_INVALID", "request"],
    ["null", null, "RISK_ORDER_INVALID", "request"],
    ["text", "buy", "RISK_ORDER_INVALID", "request"],
    ["a misspelt field", words({ prizeTicks: 1 } as never), "RISK_ORDER_INVALID", "prizeTicks"],
    ["an unknown strategy", words({ strategy: "" }), "RISK_SEAT_UNKNOWN", "strategy"],
    ["an unknown instrument", words({ instrument: "ABC" }), "RISK_INSTRUMENT_UNKNOWN", "instrument"],
    ["no side", words({ side: "long" as never }), "RISK_ORDER_INVALID", "side"],
    ["an unknown type", words({ type: "toString" as never }), "RISK_ORDER_INVALID", "type"],
    [
      "an unknown time in force",
      words({ timeInForce: "ever" as never }),
      "RISK_ORDER_INVALID",
      "timeInForce",
    ],
    ["a flag that is no truth", words({ postOnly: 1 as never }), "RISK_ORDER_INVALID", "postOnly"],
    ["no price", { ...words(), priceTicks: undefined as never }, "RISK_ORDER_INVALID", "priceTicks"],
    ["a price at the market", words({ type: "market" }), "RISK_ORDER_INVALID", "priceTicks"],
    ["a stop without one", words({ stopTicks: 10_000 }), "RISK_ORDER_INVALID", "stopTicks"],
    ["lots as text", words({ lots: "10" as never }), "RISK_ORDER_INVALID", "lots"],
    ["an end that is now", words({ timeInForce: "GTD", expireNs: NOW }), "RISK_ORDER_INVALID", "expireNs"],
    ["no end", words({ timeInForce: "GTD" }), "RISK_ORDER_INVALID", "expireNs"],
    ["an end it has no use for", words({ expireNs: NOW + 1 }), "RISK_ORDER_INVALID", "expireNs"],
  ])("with %s is refused by name", (_, request, code, field) => {
    expect(makeGate().decide(request as RiskRequest, NOW)).toMatchObject({ ok: false, code, field });
  });
});

describe("an order's own fields", () => {
  const bad: [keyof GateOrder, readonly unknown[]][] = [
    ["id", [0, -1, 0.5, Number.NaN, 2 ** 53, -0, "1", 1n, null, undefined, {}]],
    ["side", [0, 2, -2, Number.NaN, 0.5, "1", 1n, null, undefined, {}]],
    ["type", [-1, 4, 0.5, Number.NaN, -0, "0", null, undefined, {}]],
    ["timeInForce", [-1, 7, 0.5, Number.NaN, -0, "0", null, undefined, {}]],
    ["flags", [-1, 8, 0.5, Number.NaN, -0, 2 ** 32, "0", null, undefined, {}]],
    [
      "priceTicks",
      [0.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_000_001, -1_000_000_001, -0, "1", null, {}],
    ],
    ["stopTicks", [1, 0.5, Number.NaN, -0, "0", null, undefined, {}]],
    ["lots", [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -0, "10", 10n, null, undefined, {}]],
    ["displayLots", [-1, 11, 0.5, Number.NaN, -0, "1", 1n, null, undefined, {}]],
    ["slice", [-1, 0.5, Number.NaN, -0, 2 ** 53, "0", 0n, null, undefined, {}]],
    ["expireNs", [0, NOW + 1, Number.NaN, Number.NEGATIVE_INFINITY, "Infinity", null, undefined, {}]],
    ["row", [-1, 0.5, Number.NaN, -0, 2 ** 31, "0", 0n, null, undefined, {}]],
  ];

  it.each(bad)("%s must be a number of its range", (field, values) => {
    const gate = makeGate();
    for (const value of values) {
      const decision = gate.check(order({ [field]: value } as never), NOW);
      expect(decision).toMatchObject({ ok: false, code: "RISK_ORDER_INVALID", field, value });
    }
    expect(gate.check(order(), NOW).ok).toBe(true);
  });

  it.each([
    ["seat", "RISK_SEAT_UNKNOWN"],
    ["instrument", "RISK_INSTRUMENT_UNKNOWN"],
  ])("%s must be a place of the gate", (field, code) => {
    const gate = makeGate();
    for (const value of [-1, 3, 0.5, Number.NaN, -0, "0", 0n, null, undefined, {}]) {
      expect(gate.check(order({ [field]: value } as never), NOW)).toMatchObject({ ok: false, code, field });
    }
  });

  it("have a moment that is one", () => {
    const gate = makeGate();
    for (const nowNs of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      "1",
      1n,
      undefined,
      {},
    ]) {
      expect(gate.check(order(), nowNs as number)).toMatchObject({
        code: "RISK_ORDER_INVALID",
        field: "nowNs",
      });
    }
  });

  it("have an end where they are good till one", () => {
    const gate = makeGate();
    const code = (expireNs: number) =>
      codeOf(gate.check(order({ timeInForce: TIME_IN_FORCE.GTD, expireNs }), NOW));
    expect([NOW, NOW + 1, NOW + 0.5, Number.POSITIVE_INFINITY, Number.NaN].map(code)).toEqual([
      "RISK_ORDER_INVALID",
      "approved",
      "RISK_ORDER_INVALID",
      "RISK_ORDER_INVALID",
      "RISK_ORDER_INVALID",
    ]);
  });

  it("may be the largest there are", () => {
    const gate = makeGate();
    expect(codeOf(gate.check(order({ id: Number.MAX_SAFE_INTEGER, priceTicks: 1_000_000_000 }), NOW))).toBe(
      "approved",
    );
    expect(codeOf(gate.check(order({ seat: 1, lots: Number.MAX_SAFE_INTEGER, priceTicks: 1 }), NOW))).toBe(
      "approved",
    );
    expect(codeOf(gate.check(order({ seat: 2, priceTicks: -1_000_000_000 }), NOW))).toBe("approved");
  });
});

describe("the options of a gate", () => {
  const options: RiskGateOptions = {
    ...{
      currency: "USD",
      instruments: [ABC, XYZ],
      seats: SEATS,
      capital: [],
      hours: "always",
      status: "trusted",
    },
    limits: [at("firm", { maxOrderLots: 10 })],
  };

  it.each([
    ["a misspelt one", { replaceByCancel: ["XNAS"] }],
    ["no instrument", { instruments: [] }],
    ["an instrument twice", { instruments: [ABC, ABC] }],
    ["no seat", { seats: [] }],
    ["a strategy twice", { seats: [SEATS[0], SEATS[0]] }],
    ["a seat without a user", { seats: [{ desk: "d", account: "a", strategy: "s" }] }],
    ["no limits", { limits: [] }],
    ["limits of nobody", { limits: [{ level: "user", name: "mallory", limits: {} }] }],
    ["a misspelt entry", { limits: [{ level: "firm", limit: {} }] }],
    ["capital of nobody", { capital: [{ level: "user", name: "mallory", amount: "1" }] }],
    ["capital that is no amount", { capital: [{ level: "firm", amount: "much" }] }],
    ["a class of no instrument", { classes: { "ABD@XNAS": "stocks" } }],
    ["hours of no instrument", { hours: { [ABC.key]: "always", [XYZ.key]: "always", "ABD@XNAS": "always" } }],
    ["a volume of no instrument", { dailyVolumeLots: { "ABD@XNAS": 1 } }],
    ["a negative volume", { dailyVolumeLots: { [ABC.key]: -1 } }],
    ["a margin of no instrument", { marginBps: { "ABD@XNAS": 1 } }],
    ["a rate of no currency", { rates: { EUR: "1" } }],
    ["a rate of its own currency", { rates: { USD: "2" } }],
    ["a venue that lists nothing", { replacesByCancel: ["XNAQ"] }],
    ["no currency", { currency: "" }],
    ["no room", { capacity: 0 }],
    ["records that are no power of two", { records: 3 }],
    ["too few records", { records: 1 }],
    ["a window of 0", { duplicates: { windowNs: 0, count: 2 } }],
    ["a count of 1", { duplicates: { windowNs: 1, count: 1 } }],
    ["a loss window of 0", { lossWindowNs: 0 }],
    ["a drawdown window of 0", { drawdownWindowNs: 0 }],
    ["a negative age", { ages: { quoteNs: -1 } }],
    ["a misspelt age", { ages: { quotesNs: 1 } }],
    ["a status without an age", { status: {} }],
    ["an unknown mode", { selfMatch: "never" }],
    ["a truth that is none", { protectsMarketOrders: "no" }],
    ["a misspelt rule", { rules: { restrict: {} } }],
  ])("with %s are refused", (_, changes) => {
    expect(() => new RiskGate({ ...options, ...changes } as RiskGateOptions)).toThrow("FAULT_CONFIG");
  });
});
