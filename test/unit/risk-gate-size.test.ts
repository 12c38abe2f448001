import { describe, expect, it } from "vitest";
import { Instrument, TIME_IN_FORCE } from "../../src/model/index.ts";
import { LEVELS, NO_LIMITS, RiskGate } from "../../src/risk/index.ts";
import {
  approved,
  at,
  codeOf,
  makeGate,
  marketOrder,
  NOW,
  order,
  PATH,
  taken,
  verdict,
} from "../fixtures/gate-setup.ts";

describe.each(LEVELS)("the size of an order at the level %s", (level) => {
  const name = PATH[level];
  const cases = [
    ["RISK_QUANTITY_EXCEEDED", "maxOrderLots", 10, { lots: 11 }, "lots", 11, 10],
    ["RISK_NOTIONAL_EXCEEDED", "maxOrderValue", "1000", { lots: 11 }, "money", 110_000, 100_000],
    ["RISK_NOTIONAL_EXCEEDED", "maxOrderValue", "1000", { priceTicks: 10_001 }, "money", 100_010, 100_000],
    ["RISK_VOLUME_SHARE_EXCEEDED", "maxVolumeShare", 0.01, { lots: 11 }, "share", 0.011, 0.01],
  ] as const;

  it.each(cases)(
    "%s by %s of %s: at it passes, past it not",
    (code, limit, value, past, unit, measured, bound) => {
      const gate = makeGate({
        limits: [at(level, { [limit]: value })],
        dailyVolumeLots: { "ABC@XNAS": 1_000 },
      });
      expect(verdict(gate)).toBe("approved");
      const refusal = gate.check(order(past), NOW);
      expect(refusal).toMatchObject({ ok: false, code, level, name, limit, unit, measured, bound });
      expect(refusal).toMatchObject({ field: limit, value: measured });
    },
  );

  it("binds its own path alone", () => {
    const gate = makeGate({ limits: [at(level, { maxOrderLots: 9 })] });
    const isShared = level === "firm" || level === "class";
    const elsewhere = { seat: 2, instrument: level === "symbol" || level === "class" ? 1 : 0 };
    expect(verdict(gate, elsewhere)).toBe(isShared ? "RISK_QUANTITY_EXCEEDED" : "approved");
  });
});

describe("the size of an order", () => {
  it("is refused by the strictest level, whichever it is", () => {
    const limits = LEVELS.map((level, i) => at(level, { maxOrderLots: 20 - i }));
    const gate = makeGate({ limits });
    expect(verdict(gate, { lots: 14 })).toBe("approved");
    expect(gate.check(order({ lots: 15 }), NOW)).toMatchObject({ level: "symbol", bound: 14 });
    expect(gate.check(order({ lots: 21 }), NOW)).toMatchObject({ level: "firm", bound: 20 });
  });

  it("counts an iceberg in full", () => {
    const gate = makeGate({ limits: [at("account", { maxOrderLots: 10 })] });
    expect(verdict(gate, { lots: 10, displayLots: 1 })).toBe("approved");
    expect(verdict(gate, { lots: 11, displayLots: 1 })).toBe("RISK_QUANTITY_EXCEEDED");
    expect(verdict(gate, { lots: 10, displayLots: 10 })).toBe("approved");
    expect(verdict(gate, { lots: 10, displayLots: 11 })).toBe("RISK_ORDER_INVALID");
  });

  it("holds an iceberg in full too", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 15 })] });
    approved(gate.check(order({ lots: 10, displayLots: 1 }), NOW));
    expect(verdict(gate, { lots: 6, displayLots: 1 })).toBe("RISK_POSITION_EXCEEDED");
  });

  it("values a market order at the collar's bound", () => {
    const bound = { priceCollarBps: 500, maxOrderValue: "1050" } as const;
    const gate = makeGate({ limits: [at("user", bound)] });
    const approval = approved(gate.check(marketOrder(), NOW));
    expect(taken(gate, approval)).toMatchObject({
      type: 0,
      timeInForce: TIME_IN_FORCE.IOC,
      priceTicks: 10_500,
    });
    const tighter = makeGate({ limits: [at("user", { ...bound, maxOrderValue: "1049.99" })] });
    expect(tighter.check(marketOrder(), NOW)).toMatchObject({
      code: "RISK_NOTIONAL_EXCEEDED",
      measured: 105_000,
      bound: 104_999,
    });
  });

  it("values a sale at the market at the reference, and protects it below", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500, maxOrderValue: "1000" })] });
    const approval = approved(gate.check(marketOrder({ side: -1, timeInForce: TIME_IN_FORCE.FOK }), NOW));
    expect(taken(gate, approval)).toMatchObject({
      type: 0,
      timeInForce: TIME_IN_FORCE.FOK,
      priceTicks: 9_500,
    });
  });

  it("rounds bounds towards the reference", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 1 })], book: [9_999, 10_000] });
    const [buy, sell] = [1, -1].map((side) => taken(gate, approved(gate.check(marketOrder({ side }), NOW))));
    // The reference is 9,999.5 and the collar 0.99995 ticks: within 9,998.50005 and 10,000.49995.
    expect([buy?.priceTicks, sell?.priceTicks]).toEqual([10_000, 9_999]);
  });

  it("leaves auction orders at the market, and all where the gate protects none", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500 })] });
    for (const timeInForce of [TIME_IN_FORCE.atOpen, TIME_IN_FORCE.atClose]) {
      const approval = approved(gate.check(marketOrder({ timeInForce }), NOW));
      expect(taken(gate, approval)).toMatchObject({ type: 1, timeInForce, priceTicks: 0 });
    }
    const bare = makeGate({ limits: [at("user", { priceCollarBps: 500 })], protectsMarketOrders: false });
    expect(taken(bare, approved(bare.check(marketOrder(), NOW)))).toMatchObject({ type: 1, priceTicks: 0 });
  });

  it("values a market order without a collar at the ask", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderValue: "1000.10" })] });
    expect(taken(gate, approved(gate.check(marketOrder(), NOW)))).toMatchObject({ type: 1, priceTicks: 0 });
    const tighter = makeGate({ limits: [at("user", { maxOrderValue: "1000.09" })] });
    expect(codeOf(tighter.check(marketOrder(), NOW))).toBe("RISK_NOTIONAL_EXCEEDED");
  });

  it("values a limit sale at the reference where that is higher, a buy at its limit", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderValue: "999.99" })] });
    expect(verdict(gate, { priceTicks: 9_999 })).toBe("approved");
    expect(gate.check(order({ side: -1, priceTicks: 9_000 }), NOW)).toMatchObject({ measured: 100_000 });
    expect(gate.check(order({ side: -1, priceTicks: 10_500 }), NOW)).toMatchObject({ measured: 105_000 });
  });

  it("refuses a share of a volume that nobody gave", () => {
    const gate = makeGate({ limits: [at("symbol", { maxVolumeShare: 0.5 })] });
    expect(verdict(gate)).toBe("RISK_REFERENCE_UNAVAILABLE");
    const none = makeGate({
      limits: [at("symbol", { maxVolumeShare: 0.5 })],
      dailyVolumeLots: { "ABC@XNAS": 0 },
    });
    expect(verdict(none)).toBe("RISK_VOLUME_SHARE_EXCEEDED");
  });

  it("converts other currencies, rounded against us, and refuses without a rate", () => {
    const sap = new Instrument({
      symbol: "SAP",
      venue: "XETR",
      tickSize: "0.01",
      lotSize: "1",
      quote: "EUR",
    });
    const options = {
      currency: "USD",
      instruments: [sap],
      seats: [{ desk: "d", account: "a", user: "u", strategy: "s" }],
      capital: [],
      hours: "always",
      status: "trusted",
    } as const;
    const one = { strategy: "s", instrument: "SAP@XETR", side: "buy", lots: 1, priceTicks: 10_001 } as const;
    const limitsOf = (maxOrderValue: string) =>
      [{ level: "firm", limits: { ...NO_LIMITS, maxOrderValue } }] as const;
    const rated = (value: string) =>
      new RiskGate({ ...options, rates: { EUR: "1.0837" }, limits: limitsOf(value) });
    // 100.01 EUR are 108.380837 USD.
    expect(codeOf(rated("108.39").decide(one, NOW))).toBe("approved");
    expect(rated("108.38").decide(one, NOW)).toMatchObject({ measured: 10_839, bound: 10_838 });
    const unrated = new RiskGate({ ...options, limits: limitsOf("1000000") });
    expect(codeOf(unrated.decide(one, NOW))).toBe("RISK_REFERENCE_UNAVAILABLE");
  });

  it("is bounded by the instrument's own least and most", () => {
    const odd = new Instrument({
      ...{ symbol: "ODD", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" },
      ...{ minLots: 5, maxLots: 50 },
    });
    const gate = makeGate({ instruments: [odd], classes: {} });
    expect([4, 5, 50, 51].map((lots) => verdict(gate, { lots }))).toEqual([
      "RISK_ORDER_INVALID",
      "approved",
      "approved",
      "RISK_ORDER_INVALID",
    ]);
  });
});
