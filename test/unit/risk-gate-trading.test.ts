import { describe, expect, it } from "vitest";
import { PhaseCursor, tradingCalendar } from "../../src/calendar/index.ts";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { LEVELS, NO_LIMITS, REQUIRED_LIMITS } from "../../src/risk/index.ts";
import { MARKET_STATUS, MARKET_STATUSES, type MarketStatus } from "../../src/risk/market-status.ts";
import { at, figures, makeGate, marketOrder, NOW, opened, order, verdict } from "../fixtures/gate-setup.ts";

const MINUTE = 60e9;
const HOUR = 60 * MINUTE;
/** 2024-07-05T13:00Z: NYSE opens half an hour later. */
const BASE = 1_720_184_400_000_000_000n;
const OPEN = 30 * MINUTE;
const CLOSE = OPEN + 6.5 * HOUR;
const UNSURE = 1_000_000;

const cursorOf = () =>
  new PhaseCursor({ calendar: tradingCalendar("NYSE"), baseNs: BASE, uncertaintyNs: UNSURE });

describe("trading hours", () => {
  const gateOf = () => {
    const cursor = cursorOf();
    const ages = { quoteNs: 24 * HOUR };
    const gate = makeGate({ hours: { "ABC@XNAS": cursor, "XYZ@XNYS": "always" }, ages });
    gate.quote(0, 9_999, 10_001, 0);
    gate.quote(1, 9_999, 10_001, 0);
    return gate;
  };

  it("open and close with the session, less the clock's uncertainty", () => {
    const gate = gateOf();
    const at = (nowNs: number) => verdict(gate, { timeInForce: TIME_IN_FORCE.IOC }, nowNs);
    expect([OPEN - 1, OPEN + UNSURE - 1, OPEN + UNSURE].map(at)).toEqual([
      "RISK_SESSION_CLOSED",
      "RISK_SESSION_CLOSED",
      "approved",
    ]);
    expect([CLOSE - UNSURE - 1, CLOSE - UNSURE, CLOSE].map(at)).toEqual([
      "approved",
      "RISK_SESSION_CLOSED",
      "RISK_SESSION_CLOSED",
    ]);
  });

  it("say what was wrong", () => {
    expect(gateOf().check(order(), CLOSE + 12 * HOUR)).toMatchObject({
      ok: false,
      code: "RISK_SESSION_CLOSED",
      field: "nowNs",
      value: CLOSE + 12 * HOUR,
    });
  });

  it("ask for the order's type and time in force", () => {
    const gate = gateOf();
    const at = (changes: object, nowNs: number) => verdict(gate, changes, nowNs);
    const noon = OPEN + 3 * HOUR;
    expect(at({ timeInForce: TIME_IN_FORCE.atOpen }, noon)).toBe("RISK_SESSION_CLOSED");
    expect(at({ timeInForce: TIME_IN_FORCE.atOpen }, OPEN - 10 * MINUTE)).toBe("approved");
    expect(at({ timeInForce: TIME_IN_FORCE.atClose }, noon)).toBe("approved");
    expect(at({ timeInForce: TIME_IN_FORCE.atClose }, CLOSE - MINUTE)).toBe("RISK_SESSION_CLOSED");
    expect(gate.check(marketOrder(), noon).ok).toBe(true);
  });

  it("are each instrument's own", () => {
    expect(verdict(gateOf(), { instrument: 1 }, CLOSE + 12 * HOUR)).toBe("approved");
  });

  it.each([
    ["of an instrument left out", { "ABC@XNAS": "always" }],
    ["that are none", { "ABC@XNAS": "always", "XYZ@XNYS": {} }],
    ["that are no word", { "ABC@XNAS": "always", "XYZ@XNYS": "never" }],
    ["that are nothing", undefined],
  ])("%s are refused", (_, hours) => {
    expect(() => makeGate({ hours: hours as never })).toThrow("FAULT_CONFIG");
  });
});

describe("trading status", () => {
  const gateOf = (unknownIs?: "trading") => {
    const status = unknownIs === undefined ? { staleNs: 1_000 } : { staleNs: 1_000, unknownIs };
    return makeGate({ status });
  };
  const set = (gate: ReturnType<typeof gateOf>, code: number) =>
    (gate.parts.status as MarketStatus).set(0, code, NOW);

  it("is unknown until it is told: halted, unless said otherwise", () => {
    expect(verdict(gateOf())).toBe("RISK_HALTED");
    expect(verdict(gateOf("trading"))).toBe("approved");
  });

  it("holds for its age", () => {
    const gate = gateOf();
    set(gate, MARKET_STATUS.trading);
    expect(verdict(gate, {}, NOW + 1_000)).toBe("approved");
    expect(verdict(gate, {}, NOW + 1_001)).toBe("RISK_HALTED");
  });

  it.each(MARKET_STATUSES.filter((name) => name !== "trading"))("of %s takes no new risk", (name) => {
    const gate = gateOf();
    set(gate, MARKET_STATUS.trading);
    set(gate, MARKET_STATUS[name]);
    const { field, value } = { field: "status", value: MARKET_STATUS[name] };
    expect(gate.check(order(), NOW)).toMatchObject({ ok: false, code: "RISK_HALTED", field, value });
    expect(verdict(gate, { instrument: 1 })).toBe("RISK_HALTED");
  });
});

describe("limits that nobody said", () => {
  it.each(REQUIRED_LIMITS)("%s must be said at one level", (missing) => {
    const { [missing]: _, ...rest } = NO_LIMITS;
    const firm = { ...rest, maxOpenOrders: 1_000 };
    expect(makeGate({ firm }).check(order(), NOW)).toMatchObject({
      code: "RISK_LIMIT_MISSING",
      field: missing,
    });
    for (const level of LEVELS) {
      const said = makeGate({ firm, limits: [at(level, { [missing]: "unlimited" })] });
      expect(verdict(said)).toBe("approved");
    }
    const beside = makeGate({
      firm,
      limits: [{ level: "account", name: "B7", limits: { [missing]: "unlimited" } }],
    });
    expect(verdict(beside)).toBe("RISK_LIMIT_MISSING");
  });

  it("are all told by explain", () => {
    const told = makeGate({ firm: {} }).explain(order(), NOW);
    expect(told.map(({ field }) => field)).toEqual(REQUIRED_LIMITS);
  });
});

describe("closing a position", () => {
  const zero = {
    ...{ maxLongLots: 0, maxShortLots: 0, maxConcentration: 0, maxDailyLoss: "0", maxMarginShare: 0 },
    ...{ priceCollarBps: 500, maxLeverage: 0, maxOpenOrders: 0, maxOpenValue: "0", maxGrossValue: "0" },
    ...{ maxNetValue: "0", maxValueAtRisk: "0", maxTicksThrough: 5, maxWindowLoss: "1", maxDrawdown: "1" },
  } as const;

  it.each([1, -1])("held on side %i works while everything is broken", (side) => {
    const gate = makeGate({
      firm: {},
      limits: LEVELS.map((level) => at(level, zero)),
      hours: { "ABC@XNAS": cursorOf(), "XYZ@XNYS": cursorOf() },
      status: { staleNs: 1_000 },
      book: null,
    });
    (gate.parts.status as MarketStatus).set(0, MARKET_STATUS.halted, 0);
    gate.settlement.book(0, 0, side, 10, 10_000, 0);
    gate.settlement.charge(0, 0, 1_000_000);
    const night = CLOSE + 12 * HOUR;
    expect(verdict(gate, { side, lots: 1 }, night)).not.toBe("approved");
    expect(verdict(gate, { side: -side, lots: 11 }, night)).not.toBe("approved");
    expect(verdict(gate, { side: -side, lots: 4 }, night)).toBe("approved");
    gate.settlement.canceling(gate.lastSlot, night);
    expect(verdict(gate, { side: -side, lots: 7 }, night)).not.toBe("approved");
    expect(verdict(gate, { side: -side, lots: 6 }, night)).toBe("approved");
  });

  it.each([1, -1])("held on side %i at the market works on stale prices", (side) => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500, maxOrderValue: "unlimited" })] });
    gate.settlement.book(0, 0, side, 10, 10_000, NOW);
    const late = NOW + 24 * HOUR;
    expect(gate.check(marketOrder({ side }), late)).toMatchObject({ code: "RISK_REFERENCE_UNAVAILABLE" });
    expect(gate.check(marketOrder({ side: -side }), late).ok).toBe(true);
    expect(Number.isNaN(figures(gate).gross)).toBe(false);
  });

  it("still asks for a price near a fresh reference, a good size, an id, a rate", () => {
    const limits = { priceCollarBps: 500, maxOrderLots: 5, maxOrdersPerSecond: { rate: 1, burst: 2 } };
    const gate = makeGate({ limits: [at("user", limits)] });
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    const side = -1;
    expect(verdict(gate, { side, lots: 5, priceTicks: 9_000 })).toBe("RISK_PRICE_COLLAR");
    expect(verdict(gate, { side, lots: 6 })).toBe("RISK_QUANTITY_EXCEEDED");
    opened(gate, { side, lots: 1, slice: 0 });
    expect(verdict(gate, { side, lots: 1, slice: 0 })).toBe("RISK_DUPLICATE_ORDER");
    opened(gate, { side, lots: 1 });
    expect(verdict(gate, { side, lots: 1 })).toBe("RISK_RATE_SECOND");
  });

  it("is still worked out for a stop order type", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500 })], status: { staleNs: 1_000 } });
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    const stop = { type: ORDER_TYPE.stop, side: -1, stopTicks: 9_900, priceTicks: 0 };
    expect(verdict(gate, stop)).toBe("approved");
    expect(verdict(gate, { ...stop, lots: 1 })).toBe("RISK_HALTED");
  });
});
