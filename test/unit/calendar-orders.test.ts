import { describe, expect, it } from "vitest";
import {
  EXCHANGES,
  type ExchangeName,
  FUTURES_ORDER_PHASES,
  ORDER_PHASES,
  orderMasks,
  ordersAllowed,
  PHASE,
  PHASE_ORDER_TYPES,
  PHASE_TIMES_IN_FORCE,
  PHASES,
  type PhaseName,
  type PhaseOrderType,
  type PhaseTimeInForce,
  phaseAllows,
  tradingCalendar,
} from "../../src/calendar/index.ts";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";

const type = (name: PhaseOrderType): number => PHASE_ORDER_TYPES.indexOf(name);
const time = (name: PhaseTimeInForce): number => PHASE_TIMES_IN_FORCE.indexOf(name);

describe("codes", () => {
  it("are those of the model", () => {
    for (const [name, code] of Object.entries(ORDER_TYPE)) expect(PHASE_ORDER_TYPES[code]).toBe(name);
    for (const [name, code] of Object.entries(TIME_IN_FORCE)) expect(PHASE_TIMES_IN_FORCE[code]).toBe(name);
  });

  it("of phases stand in the order of restriction", () => {
    expect(PHASES.map((name) => PHASE[name])).toEqual(PHASES.map((_name, code) => code));
    expect(PHASE.closed).toBe(0);
    expect(PHASE.continuous).toBe(PHASES.length - 1);
    expect(PHASE.maintenance).toBeLessThan(PHASE.preOpen);
    expect(PHASE.closingAuction).toBeLessThan(PHASE.preClose);
  });
});

describe("orders by phase", () => {
  it("are taken as the table says, bit by bit", () => {
    for (const phase of PHASES) {
      for (const [t, typeName] of PHASE_ORDER_TYPES.entries()) {
        for (const [f, timeName] of PHASE_TIMES_IN_FORCE.entries()) {
          const expected = ORDER_PHASES[phase][typeName]?.includes(timeName) ?? false;
          expect(phaseAllows(PHASE[phase], t, f), `${phase} ${typeName} ${timeName}`).toBe(expected);
        }
      }
    }
  });

  it.each([
    ["preOpen", "market", "atOpen", true],
    ["openingAuction", "limit", "atOpen", true],
    ["continuous", "limit", "atOpen", false],
    ["continuous", "market", "atClose", true],
    ["preClose", "market", "atClose", false],
    ["preClose", "market", "IOC", true],
    ["closingAuction", "limit", "IOC", false],
    ["closingAuction", "limit", "atClose", true],
    ["intradayAuction", "limit", "FOK", false],
    ["lateTrading", "market", "DAY", false],
    ["lateTrading", "limit", "DAY", true],
    ["earlyTrading", "stop", "DAY", false],
    ["earlyTrading", "market", "atOpen", true],
    ["closed", "limit", "GTC", false],
    ["maintenance", "limit", "GTC", false],
    ["break", "limit", "DAY", false],
    ["postClose", "limit", "DAY", false],
  ] as const)("%s: %s %s is %j", (phase, typeName, timeName, expected) => {
    expect(phaseAllows(PHASE[phase], type(typeName), time(timeName))).toBe(expected);
  });

  it.each([
    [-1, 0, 0],
    [PHASES.length, 0, 0],
    [PHASE.continuous, 4, 0],
    [PHASE.continuous, -1, 0],
    [PHASE.continuous, 0, 7],
    [PHASE.continuous, 0, 8],
    [PHASE.continuous, 0, -1],
    [PHASE.continuous, 0.5, 0],
    [PHASE.continuous, 0, 0.5],
    [PHASE.continuous, Number.NaN, 0],
    [PHASE.continuous, 0, Number.NaN],
    [Number.NaN, 0, 0],
    [PHASE.continuous, 2 ** 32, 0],
  ])("phase %d, type %d, time in force %d are not taken", (phase, orderType, timeInForce) => {
    expect(phaseAllows(phase, orderType, timeInForce)).toBe(false);
    expect(tradingCalendar("NYSE").allows(phase, orderType, timeInForce)).toBe(false);
  });

  it("may differ by market", () => {
    const futures = orderMasks(FUTURES_ORDER_PHASES);
    const allows = (phase: PhaseName, typeName: PhaseOrderType, timeName: PhaseTimeInForce): boolean =>
      ordersAllowed(futures[PHASE[phase]] as number, type(typeName), time(timeName));
    expect(allows("preOpen", "market", "DAY")).toBe(false);
    expect(allows("preOpen", "limit", "DAY")).toBe(true);
    expect(allows("break", "limit", "GTC")).toBe(true);
    expect(allows("continuous", "limit", "atClose")).toBe(false);
    expect(allows("preClose", "limit", "IOC")).toBe(true);
  });

  it("are queued by a closed market that says so, if they outlive the day", () => {
    const [before, after] = [orderMasks(), orderMasks({}, true)];
    const limit = type("limit");
    expect(ordersAllowed(before[PHASE.closed] as number, limit, time("GTC"))).toBe(false);
    expect(ordersAllowed(after[PHASE.closed] as number, limit, time("GTC"))).toBe(true);
    expect(ordersAllowed(after[PHASE.closed] as number, limit, time("GTD"))).toBe(true);
    expect(ordersAllowed(after[PHASE.closed] as number, limit, time("DAY"))).toBe(false);
    expect(ordersAllowed(after[PHASE.closed] as number, type("market"), time("GTC"))).toBe(false);
    expect([...after].slice(1)).toEqual([...before].slice(1));
  });

  it.each([
    [{ lunch: {} }, "orderPhases.lunch"],
    [{ closed: { iceberg: [] } }, "orderPhases.closed.iceberg"],
    [{ closed: { limit: ["GFA"] } }, "orderPhases.closed.limit"],
    [{ closed: { limit: "GTC" } }, "orderPhases.closed.limit"],
    [{ closed: null }, "orderPhases.closed"],
  ])("refuse %j by %s", (changes, path) => {
    expect(() => orderMasks(changes as never)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("of the ready-made calendars", () => {
  it.each([
    ["NASDAQ", "openingAuction", "market", "atOpen", false],
    ["NASDAQ", "openingAuction", "limit", "IOC", true],
    ["NASDAQ", "earlyTrading", "market", "atOpen", true],
    ["NYSE", "preOpen", "market", "atOpen", true],
    ["LSE", "openingAuction", "limit", "atOpen", true],
    ["CME", "preOpen", "market", "DAY", false],
    ["EUREX", "preOpen", "market", "DAY", true],
    ["EUREX", "postClose", "limit", "GTC", true],
    ["EUREX", "postClose", "limit", "DAY", false],
    ["CRYPTO", "continuous", "stopLimit", "GTC", true],
    ["FX", "closed", "limit", "GTC", false],
  ] as const)("%s in %s: %s %s is %j", (name, phase, typeName, timeName, expected) => {
    expect(tradingCalendar(name).allows(PHASE[phase], type(typeName), time(timeName))).toBe(expected);
  });

  it.each(Object.keys(EXCHANGES) as ExchangeName[])("%s takes nothing during maintenance", (name) => {
    expect(tradingCalendar(name).orderMask(PHASE.maintenance)).toBe(0);
    expect(tradingCalendar(name).orderMask(PHASE.closed)).toBe(0);
    expect(tradingCalendar(name).orderMask(PHASES.length)).toBe(0);
  });
});
