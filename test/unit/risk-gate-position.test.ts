import { describe, expect, it } from "vitest";
import { GATE_FLAG, LEVELS } from "../../src/risk/index.ts";
import {
  approved,
  at,
  figures,
  holdings,
  makeGate,
  NOW,
  opened,
  order,
  PATH,
  verdict,
} from "../fixtures/gate-setup.ts";

const reduceOnly = GATE_FLAG.reduceOnly;

describe.each(LEVELS)("positions at the level %s", (level) => {
  const name = PATH[level];

  it.each([
    [1, "maxLongLots"],
    [-1, "maxShortLots"],
  ] as const)("count what is held and open on side %i against %s", (side, limit) => {
    const gate = makeGate({ limits: [at(level, { [limit]: 30 })] });
    gate.settlement.book(0, 0, side, 10, 10_000, NOW);
    opened(gate, { side });
    expect(verdict(gate, { side, lots: 11 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { side })).toBe("approved");
    const refusal = gate.check(order({ side, lots: 1 }), NOW);
    const code = "RISK_POSITION_EXCEEDED";
    expect(refusal).toMatchObject({
      ok: false,
      code,
      level,
      name,
      limit,
      unit: "lots",
      measured: 31,
      bound: 30,
    });
    expect(verdict(gate, { side: -side, lots: 1_000 })).toBe("approved");
  });

  it.each([
    ["RISK_GROSS_EXCEEDED", "maxGrossValue", "3000", "money", 310_000, 300_000],
    ["RISK_NET_EXCEEDED", "maxNetValue", "3000", "money", 310_000, 300_000],
    ["RISK_OPEN_ORDERS_EXCEEDED", "maxOpenOrders", 3, "count", 4, 3],
    ["RISK_OPEN_VALUE_EXCEEDED", "maxOpenValue", "3000", "money", 310_000, 300_000],
  ] as const)("%s by %s of %s", (code, limit, value, unit, measured, bound) => {
    for (const side of [1, -1]) {
      const gate = makeGate({ limits: [at(level, { [limit]: value })] });
      for (let i = 0; i < 3; i++) opened(gate, { side });
      const refusal = gate.check(order({ side, lots: 1 }), NOW);
      const rest = { level, name, limit, unit, bound };
      expect(refusal).toMatchObject({ ok: false, code, ...rest, measured });
    }
  });

  it("are those of its own path alone", () => {
    const gate = makeGate({ limits: [at(level, { maxLongLots: 10, maxOpenOrders: 1 })] });
    opened(gate);
    const isOthers = { firm: false, class: false, symbol: false }[level as string] ?? true;
    expect(verdict(gate, { seat: 2 })).toBe(isOthers ? "approved" : "RISK_POSITION_EXCEEDED");
    // Of another instrument: lots are counted apart, orders together but for the symbol's.
    const isTogether = level !== "symbol";
    expect(verdict(gate, { instrument: 1 })).toBe(isTogether ? "RISK_OPEN_ORDERS_EXCEEDED" : "approved");
  });
});

describe("worst cases", () => {
  it("never net the two sides", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 100, maxShortLots: 100 })] });
    opened(gate, { lots: 100 });
    opened(gate, { lots: 100, side: -1 });
    expect([1, -1].map((side) => verdict(gate, { side, lots: 1 }))).toEqual([
      "RISK_POSITION_EXCEEDED",
      "RISK_POSITION_EXCEEDED",
    ]);
    expect(figures(gate).gross).toBe(1_000_000);
  });

  it("take the larger side of each instrument for gross, and sum one side for net", () => {
    const gate = makeGate({ limits: [at("account", { maxGrossValue: "3000" })] });
    opened(gate, { lots: 10 });
    opened(gate, { lots: 20, side: -1 });
    opened(gate, { lots: 10, instrument: 1 });
    const { gross, long, short } = figures(gate);
    expect([gross, long, short]).toEqual([300_000, 200_000, 200_000]);
    // Ten more to buy leave the larger side as it is.
    expect(verdict(gate, { lots: 10 })).toBe("approved");
    expect(verdict(gate, { lots: 1 })).toBe("RISK_GROSS_EXCEEDED");
  });

  it("sum one side for net", () => {
    const gate = makeGate({ limits: [at("account", { maxNetValue: "2000" })] });
    opened(gate, { lots: 10 });
    opened(gate, { lots: 20, side: -1 });
    opened(gate, { lots: 10, instrument: 1 });
    expect([1, -1].map((side) => verdict(gate, { side, lots: 1, instrument: 1 }))).toEqual([
      "RISK_NET_EXCEEDED",
      "RISK_NET_EXCEEDED",
    ]);
  });

  it("hold until the end of an order is confirmed", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 10 })] });
    const slot = opened(gate);
    gate.settlement.canceling(slot, NOW);
    expect(verdict(gate, { lots: 1 })).toBe("RISK_POSITION_EXCEEDED");
    gate.settlement.filled(slot, 4, 10_000, NOW);
    expect(verdict(gate, { lots: 1 })).toBe("RISK_POSITION_EXCEEDED");
    gate.settlement.closed(slot);
    expect(verdict(gate, { lots: 7 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { lots: 6 })).toBe("approved");
  });

  it("turn back with a bust, and take late executions", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 10 })] });
    const slot = opened(gate);
    gate.settlement.filled(slot, 10, 10_000, NOW);
    gate.settlement.busted(slot, 10, 10_000, NOW);
    gate.settlement.closed(slot);
    expect(figures(gate).positionLots).toBe(0);
    gate.settlement.filled(slot, 3, 10_000, NOW);
    expect(figures(gate).positionLots).toBe(3);
    gate.settlement.forget(slot);
    expect(verdict(gate, { lots: 8 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { lots: 7 })).toBe("approved");
  });

  it("lets an order that was busted execute again while it is open", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 10 })] });
    const slot = opened(gate);
    gate.settlement.filled(slot, 6, 10_000, NOW);
    gate.settlement.busted(slot, 6, 10_000, NOW);
    const { positionLots, buyLots } = figures(gate);
    expect([positionLots, buyLots, gate.parts.orders.heldLots[slot]]).toEqual([0, 10, 10]);
  });

  it("refuse nothing twice: two orders cannot spend one limit", () => {
    const gate = makeGate({ limits: [at("firm", { maxLongLots: 10 })] });
    const verdicts = [0, 1, 2].map((seat) => verdict(gate, { seat, lots: 5 }));
    expect(verdicts).toEqual(["approved", "approved", "RISK_POSITION_EXCEEDED"]);
  });
});

describe("orders that reduce", () => {
  it("pass where the position is over its limit, down to none", () => {
    const gate = makeGate({ limits: [at("account", { maxLongLots: 10, maxShortLots: 10 })] });
    gate.settlement.book(0, 0, 1, 50, 10_000, NOW);
    expect(verdict(gate, { lots: 1 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { side: -1, lots: 50 })).toBe("approved");
    // With those fifty open, ten more would be short: at the limit, and one past it.
    expect(verdict(gate, { side: -1, lots: 11 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { side: -1, lots: 10 })).toBe("approved");
  });

  it("do not reduce where they turn the position", () => {
    const gate = makeGate({ limits: [at("account", { maxShortLots: 0 })] });
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    expect(gate.check(order({ side: -1, lots: 11 }), NOW)).toMatchObject({
      code: "RISK_POSITION_EXCEEDED",
      limit: "maxShortLots",
      measured: 1,
      bound: 0,
    });
    expect(verdict(gate, { side: -1, lots: 10 })).toBe("approved");
  });

  it("pass over gross, net, open orders and open value", () => {
    const limits = { maxGrossValue: "0", maxNetValue: "0", maxOpenOrders: 0, maxOpenValue: "0" } as const;
    for (const side of [1, -1]) {
      const gate = makeGate({ limits: LEVELS.map((level) => at(level, limits)) });
      gate.settlement.book(0, 0, side, 10, 10_000, NOW);
      expect(verdict(gate, { side, lots: 1 })).toBe("RISK_GROSS_EXCEEDED");
      expect(verdict(gate, { side: -side, lots: 10 })).toBe("approved");
    }
  });

  it.each([1, -1])("reduce only: side %i, all open ones counted", (side) => {
    const gate = makeGate();
    const flags = reduceOnly;
    expect(verdict(gate, { side: -side, flags, lots: 1 })).toBe("RISK_REDUCE_ONLY");
    gate.settlement.book(0, 0, side, 10, 10_000, NOW);
    expect(verdict(gate, { side, flags, lots: 1 })).toBe("RISK_REDUCE_ONLY");
    expect(verdict(gate, { side: -side, flags, lots: 11 })).toBe("RISK_REDUCE_ONLY");
    expect(verdict(gate, { side: -side, flags, lots: 4 })).toBe("approved");
    expect(verdict(gate, { side: -side, flags, lots: 7 })).toBe("RISK_REDUCE_ONLY");
    expect(verdict(gate, { side: -side, flags, lots: 6 })).toBe("approved");
    expect(gate.check(order({ side: -side, flags, lots: 1 }), NOW)).toMatchObject({
      code: "RISK_REDUCE_ONLY",
      field: "lots",
      value: 1,
    });
  });

  it("reduce the account's position; a strategy under it stays within its own limits", () => {
    const strategy = { level: "strategy", name: "grid", limits: { maxShortLots: 4 } } as const;
    const gate = makeGate({ limits: [strategy] });
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    expect(verdict(gate, { seat: 1, side: -1, lots: 5 })).toBe("RISK_POSITION_EXCEEDED");
    expect(verdict(gate, { seat: 1, side: -1, lots: 4, flags: reduceOnly })).toBe("approved");
    expect(verdict(gate, { seat: 2, side: -1, lots: 1, flags: reduceOnly })).toBe("RISK_REDUCE_ONLY");
  });

  it("tells the venue of reduceOnly and postOnly, never of flatten", () => {
    const gate = makeGate();
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    const into = { flags: 0 } as never;
    const approval = approved(gate.check(order({ side: -1, flags: 7, lots: 1 }), NOW));
    gate.take(approval, into);
    expect(into).toMatchObject({ flags: 3 });
  });
});

describe("sums", () => {
  it("take no order that is worth more than 2^53 minor units", () => {
    const gate = makeGate();
    const small = opened(gate, { lots: 3, priceTicks: 1 });
    const large = { lots: 2 ** 52, priceTicks: 1 };
    const code = { code: "RISK_ORDER_INVALID", field: "lots" };
    expect(gate.check(order({ ...large, priceTicks: 1_000_000 }), NOW)).toMatchObject(code);
    gate.settlement.forget(opened(gate, large));
    gate.settlement.forget(small);
    const { buyLots, buyTickLots, gross, openValue } = figures(gate);
    expect([buyLots, buyTickLots, gross, openValue]).toEqual([0, 0, 0, 0]);
  });

  it("ignore what is told of an instrument that is not there", () => {
    const gate = makeGate();
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    gate.settlement.book(2, 1, 1, 10, 10_000, NOW);
    const before = holdings(gate);
    for (const instrument of [2, 3, -1, 0.5]) {
      expect(() => gate.quote(instrument, 1, 3, NOW)).toThrow("FAULT_INPUT");
      expect(() => gate.trade(instrument, 2, NOW)).toThrow("FAULT_INPUT");
    }
    expect(holdings(gate)).toBe(before);
  });

  it("of the firm are those of its strategies after a split too", () => {
    const gate = makeGate();
    for (const seat of [0, 1, 2]) gate.settlement.book(seat, 0, 1, 1, 10_000, NOW);
    gate.settlement.split(0, 3, 2);
    const seats = [0, 1, 2].map((seat) => gate.settlement.positionOf(seat, 0));
    expect(seats).toEqual([1, 1, 1]);
    expect(figures(gate).positionLots).toBe(3);
  });

  it("recover once a price is a number again", () => {
    const gate = makeGate();
    gate.settlement.book(0, 0, 1, 10, 10_000, NOW);
    gate.quote(0, 9_999, Number.POSITIVE_INFINITY, NOW);
    gate.quote(0, 9_999, 10_001, NOW);
    expect(figures(gate).gross).toBe(100_010);
  });
});
