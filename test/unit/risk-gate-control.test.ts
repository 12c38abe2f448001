import { describe, expect, it } from "vitest";
import {
  DECISION,
  type GateChange,
  LEVELS,
  LIMIT,
  type LimitOverride,
  NO_LIMITS,
  RISK_CODE,
  type RiskGate,
} from "../../src/risk/index.ts";
import {
  at,
  codeOf,
  type GateSetup,
  makeGate,
  marketOrder,
  NOW,
  opened,
  order,
  PATH,
  RISK,
  records,
  stateOf,
  TRADER,
  verdict,
  worth,
} from "../fixtures/gate-setup.ts";

function watched(setup: GateSetup = {}): { gate: RiskGate; changes: GateChange[] } {
  const changes: GateChange[] = [];
  return { gate: makeGate({ ...setup, onChange: (change) => changes.push(change) }), changes };
}

const LATER = NOW + 1_000;

/** One exception: the user's orders may have 20 lots until later. */
function exception(changes: Partial<LimitOverride> = {}): LimitOverride {
  return {
    ...{ level: "user", name: "mara", limits: { maxOrderLots: 20 }, reason: "index event" },
    ...{ requestedBy: TRADER, approvedBy: RISK, untilNs: LATER },
    ...changes,
  };
}

describe("a change of limits", () => {
  it("is in force at once, with a version, a name and a reason", () => {
    const { gate, changes } = watched({ limits: [at("user", { maxOrderLots: 10 })] });
    expect([gate.control.version, verdict(gate, { lots: 11 })]).toEqual([1, "RISK_QUANTITY_EXCEEDED"]);
    const limits = [at("user", { maxOrderLots: 11 }), at("desk", { maxOpenOrders: 1 })];
    gate.control.change(limits, RISK, "wider", NOW);
    expect([verdict(gate, { lots: 12 }), verdict(gate, { lots: 11 }), verdict(gate)]).toEqual([
      "RISK_QUANTITY_EXCEEDED",
      "approved",
      "RISK_OPEN_ORDERS_EXCEEDED",
    ]);
    expect(changes).toEqual([
      { kind: "limits", atNs: NOW, version: 2, by: ["R. Isk"], reason: "wider", detail: { limits } },
    ]);
    expect(gate.control.version).toBe(2);
  });

  it.each([
    ["an unknown limit", [at("user", { maxOrderLots: 5, maxOrder: 1 } as never)]],
    ["an unknown level", [at("user", { maxOrderLots: 5 }), { level: "floor", limits: {} } as never]],
    [
      "an unknown name",
      [at("user", { maxOrderLots: 5 }), { level: "user", name: "mallory", limits: {} } as never],
    ],
    ["a negative one", [at("user", { maxOrderLots: 5 }), at("desk", { maxOrderLots: -1 })]],
    ["a part of a lot", [at("user", { maxOrderLots: 5 }), at("desk", { maxLongLots: 0.5 })]],
    ["money as a number", [at("user", { maxOrderLots: 5 }), at("desk", { maxOrderValue: 5 as never })]],
    ["money that is too fine", [at("user", { maxOrderLots: 5 }), at("desk", { maxOrderValue: "0.001" })]],
    ["NaN", [at("user", { maxOrderLots: 5, maxConcentration: Number.NaN })]],
    ["a burst that is none", [at("user", { maxOrderLots: 5, maxOrdersPerSecond: { rate: 1, burst: -1 } })]],
    ["a window loss of 0", [at("user", { maxOrderLots: 5, maxWindowLoss: "0" })]],
    ["a drawdown of 0", [at("user", { maxOrderLots: 5, maxDrawdown: "0" })]],
    ["a drawdown share above 1", [at("user", { maxOrderLots: 5, maxDrawdownShare: 1.5 })]],
    ["a drawdown share below a basis point", [at("user", { maxOrderLots: 5, maxDrawdownShare: 0.00001 })]],
    ["no list", undefined as never],
  ] as const)("with %s is a fault and changes nothing", (_, limits) => {
    const { gate, changes } = watched({ limits: [at("user", { maxOrderLots: 10 })] });
    const before = [...gate.parts.limits.hard];
    expect(() => gate.control.change(limits, RISK, "wrong", NOW)).toThrow("FAULT_CONFIG");
    expect([...gate.parts.limits.hard]).toEqual(before);
    expect([gate.control.version, changes]).toEqual([1, []]);
  });

  it("is not a trader's to make", () => {
    const { gate, changes } = watched({ limits: [at("user", { maxOrderLots: 10 })] });
    const wider = [at("user", { maxOrderLots: 100 })];
    const no = {
      ok: false,
      code: "RISK_OVERRIDE_FORBIDDEN",
      field: "by.role",
      value: "trader",
      expected: "somebody of risk or management",
    };
    expect(gate.control.change(wider, TRADER, "more", NOW)).toMatchObject(no);
    expect([gate.control.version, changes, verdict(gate, { lots: 11 })]).toEqual([
      1,
      [],
      "RISK_QUANTITY_EXCEEDED",
    ]);
    const management = { name: "M. Anage", role: "management" } as const;
    expect(gate.control.change(wider, management, "agreed", NOW)).toEqual({ ok: true });
    expect(verdict(gate, { lots: 11 })).toBe("approved");
  });

  it("needs a person and a reason", () => {
    const { gate } = watched();
    const limits = [at("user", { maxOrderLots: 1 })];
    for (const by of [undefined, {}, { name: "", role: "risk" }, { name: "X", role: "boss" }]) {
      expect(() => gate.control.change(limits, by as never, "x", NOW)).toThrow("FAULT_CONFIG");
    }
    expect(() => gate.control.change(limits, RISK, "", NOW)).toThrow("FAULT_CONFIG");
    expect([gate.control.version, verdict(gate)]).toEqual([1, "approved"]);
  });
});

describe("an override", () => {
  const limits = [at("user", { maxOrderLots: 10 })];

  it("lasts until its end and not a moment longer", () => {
    const { gate, changes } = watched({ limits });
    expect(gate.control.override(exception(), NOW)).toEqual({ ok: true });
    expect(verdict(gate, { lots: 20 }, LATER - 1)).toBe("approved");
    expect(verdict(gate, { lots: 21 }, LATER - 1)).toBe("RISK_QUANTITY_EXCEEDED");
    expect(gate.control.version).toBe(2);
    expect(verdict(gate, { lots: 11 }, LATER)).toBe("RISK_QUANTITY_EXCEEDED");
    expect(verdict(gate, { lots: 10 }, LATER)).toBe("approved");
    const by = ["T. Rader", "R. Isk"];
    const detail = { level: "user", name: "mara", limit: "maxOrderLots", value: 20, untilNs: LATER };
    const where = "user mara";
    expect(changes).toEqual([
      { kind: "override", atNs: NOW, version: 2, by, reason: "index event", detail },
      {
        kind: "overrideEnded",
        atNs: LATER,
        version: 3,
        by,
        reason: "time is up",
        detail: { where, limit: "maxOrderLots" },
      },
    ]);
  });

  it.each([
    ["one person alone", { approvedBy: { ...RISK, name: TRADER.name } }, "approvedBy"],
    ["a trader's consent", { approvedBy: { name: "Other", role: "trader" } }, "approvedBy.role"],
    ["management's consent", { approvedBy: { name: "Other", role: "management" } }, "approvedBy.role"],
    ["an end now", { untilNs: NOW }, "untilNs"],
    ["an end in the past", { untilNs: NOW - 1 }, "untilNs"],
    ["no end", { untilNs: Number.POSITIVE_INFINITY }, "untilNs"],
    ["an end that is none", { untilNs: Number.NaN }, "untilNs"],
  ] as const)("by %s is refused", (_, changes, field) => {
    const { gate, changes: told } = watched({ limits });
    const refusal = gate.control.override(exception(changes as Partial<LimitOverride>), NOW);
    expect(refusal).toMatchObject({ ok: false, code: "RISK_OVERRIDE_FORBIDDEN", field });
    expect([told, gate.control.version, verdict(gate, { lots: 11 })]).toEqual([
      [],
      1,
      "RISK_QUANTITY_EXCEEDED",
    ]);
  });

  it.each([
    ["no limit", { limits: {} }],
    ["two limits", { limits: { maxOrderLots: 20, maxLongLots: 20 } }],
    ["an unknown limit", { limits: { maxOrder: 1 } }],
    ["an unknown name", { name: "mallory" }],
    ["no reason", { reason: "" }],
    ["nobody", { requestedBy: undefined }],
    ["a misspelt field", { untilNS: 5 }],
    ["a rate whose burst is none", { limits: { maxOrdersPerSecond: { rate: 5, burst: -1 } } }],
  ] as const)("with %s is a fault", (_, changes) => {
    const { gate, changes: told } = watched({ limits });
    expect(() => gate.control.override(exception(changes as never), NOW)).toThrow("FAULT_CONFIG");
    expect([told, gate.control.version]).toEqual([[], 1]);
  });

  it("of a limit under one is refused, of another passes", () => {
    const { gate } = watched({ limits });
    gate.control.override(exception(), NOW);
    expect(gate.control.override(exception({ untilNs: LATER + 1 }), NOW)).toMatchObject({ field: "limits" });
    expect(gate.control.override(exception({ limits: { maxLongLots: 1 } }), NOW).ok).toBe(true);
    expect(gate.control.override(exception({ level: "desk", name: "equities" }), NOW).ok).toBe(true);
    expect(gate.control.override(exception(), LATER - 1)).toMatchObject({ field: "limits" });
    expect(gate.control.override(exception({ untilNs: LATER + 1 }), LATER).ok).toBe(true);
  });

  it("ends when the limit is changed, which then stays", () => {
    const { gate } = watched({ limits });
    gate.control.override(exception(), NOW);
    gate.control.change([at("user", { maxLongLots: 1_000 })], RISK, "other", NOW);
    expect(verdict(gate, { lots: 20 })).toBe("approved");
    gate.control.change([at("user", { maxOrderLots: 15 })], RISK, "for good", NOW);
    expect([verdict(gate, { lots: 16 }), verdict(gate, { lots: 15 }, LATER)]).toEqual([
      "RISK_QUANTITY_EXCEEDED",
      "approved",
    ]);
  });

  it("of a rate gives its own burst, and takes it back", () => {
    const { gate } = watched({ limits: [at("user", { maxOrdersPerSecond: { rate: 1, burst: 1 } })] });
    gate.control.override(exception({ limits: { maxOrdersPerSecond: { rate: 1, burst: 3 } } }), NOW);
    const codes = [0, 1, 2, 3].map(() => verdict(gate));
    expect(codes).toEqual(["approved", "approved", "approved", "RISK_RATE_SECOND"]);
    const far = NOW + 4e9;
    expect([verdict(gate, {}, far), verdict(gate, {}, far)]).toEqual(["approved", "RISK_RATE_SECOND"]);
  });

  it("is not ended by a time that is none", () => {
    for (const nowNs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { gate } = watched({ limits });
      gate.control.override(exception(), NOW);
      expect(verdict(gate, {}, nowNs)).toBe("RISK_ORDER_INVALID");
      expect([gate.control.version, verdict(gate, { lots: 20 })]).toEqual([2, "approved"]);
    }
  });

  it("that ended is not in what explain says", () => {
    const { gate } = watched({ limits });
    gate.control.override(exception(), NOW);
    expect(gate.explain(order({ lots: 20 }), LATER - 1)).toEqual([]);
    expect(gate.explain(order({ lots: 20 }), LATER).map(({ code }) => code)).toEqual([
      "RISK_QUANTITY_EXCEEDED",
    ]);
  });
});

describe("other changes", () => {
  it("are told with their version", () => {
    const { gate, changes } = watched({ capital: [worth("firm", "1")] });
    gate.control.newDay(NOW, 7);
    gate.control.setCapital(worth("firm", "2"), TRADER, "deposit", NOW);
    gate.control.resetLosses("user", "mara", RISK, "looked at", NOW);
    expect(changes.map(({ kind, version, by }) => [kind, version, by])).toEqual([
      ["day", 2, []],
      ["capital", 3, ["T. Rader"]],
      ["reset", 4, ["R. Isk"]],
    ]);
    for (const amount of ["x", "-1", "0.001", 5 as never]) {
      expect(() => gate.control.setCapital(worth("firm", amount), RISK, "x", NOW)).toThrow("FAULT_CONFIG");
    }
  });
});

describe("records", () => {
  it("are one for each decision, numbered from 1", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 100 })] });
    const asked = order({ seat: 1, side: -1, lots: 7, priceTicks: 10_002 });
    gate.check(asked, NOW + 5);
    gate.check(order({ lots: 101 }), NOW + 6);
    const [first, second, ...none] = records(gate);
    const version = 1;
    expect(first).toMatchObject({ sequence: 1, atNs: NOW + 5, kind: DECISION.order, code: 0, version });
    expect(first).toMatchObject({
      id: asked.id,
      seat: 1,
      instrument: 0,
      side: -1,
      lots: 7,
      priceTicks: 10_002,
    });
    expect(first).toMatchObject({ node: -1, limit: -1, latch: 0 });
    const code = RISK_CODE.RISK_QUANTITY_EXCEEDED;
    const node = gate.parts.node("", "user", "mara");
    expect(second).toMatchObject({
      sequence: 2,
      code,
      node,
      limit: LIMIT.maxOrderLots,
      measured: 101,
      bound: 100,
    });
    expect([none, records(gate)]).toEqual([[], []]);
  });

  it("are written of replaces, market orders and orders in words too, refused ones included", () => {
    const gate = makeGate();
    const slot = opened(gate);
    gate.checkReplace(slot, gate.parts.orders.id[slot] as number, 1, 9, 10_000, NOW);
    gate.checkReplace(slot, 0, 1, 9, 10_000, NOW);
    gate.check(marketOrder(), NOW);
    gate.decide({ strategy: "pairs", instrument: "ABC@XNAS", side: "buy", lots: 1, priceTicks: 10_000 }, NOW);
    expect(records(gate).map(({ kind, code }) => [kind, code])).toEqual([
      [DECISION.order, 0],
      [DECISION.replace, 0],
      [DECISION.replace, RISK_CODE.RISK_ORDER_NOT_OPEN],
      [DECISION.order, 0],
      [DECISION.order, 0],
    ]);
  });

  it("are written of orders in words that cannot be read", () => {
    const gate = makeGate();
    const words = {
      strategy: "nobody",
      instrument: "ABC@XNAS",
      side: "buy",
      lots: 1,
      priceTicks: 10_000,
    } as const;
    expect(codeOf(gate.decide(words, NOW))).toBe("RISK_SEAT_UNKNOWN");
    expect(records(gate).map(({ code }) => code)).toEqual([RISK_CODE.RISK_SEAT_UNKNOWN]);
  });

  it("refuse when nobody drains them, and lose none", () => {
    const gate = makeGate({ records: 4 });
    const codes = [0, 1, 2, 3].map(() => verdict(gate));
    expect(codes).toEqual(["approved", "approved", "approved", "RISK_RECORDS_FULL"]);
    expect(records(gate).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(verdict(gate)).toBe("approved");
    expect(records(gate).map(({ sequence }) => sequence)).toEqual([4]);
  });

  it("are drained as bytes too, in order, around the end of the ring", () => {
    const gate = makeGate({ records: 8 });
    for (let i = 0; i < 6; i++) opened(gate);
    gate.drain(() => {});
    for (let i = 0; i < 5; i++) opened(gate);
    const seen: number[] = [];
    const digest = {
      update: (bytes: Uint8Array) => {
        const cells = new Float64Array(bytes.slice().buffer);
        for (let at = 0; at < cells.length; at += 16) seen.push(cells[at] as number);
      },
    };
    gate.sealInto(digest as never);
    expect([seen, gate.recordsWaiting]).toEqual([[7, 8, 9, 10, 11], 0]);
  });
});

describe("warnings", () => {
  it.each(LEVELS)("come past 80 %% of a limit at the level %s", (level) => {
    const gate = makeGate({ limits: [at(level, { maxOrderLots: 10 })] });
    opened(gate, { lots: 8 });
    expect(records(gate)).toHaveLength(1);
    opened(gate, { lots: 9 });
    const [warning, decision] = records(gate);
    const node = gate.parts.node("", level, level === "firm" ? undefined : PATH[level]);
    const code = RISK_CODE.RISK_QUANTITY_EXCEEDED;
    expect(warning).toMatchObject({
      kind: DECISION.warning,
      node,
      limit: LIMIT.maxOrderLots,
      measured: 9,
      bound: 10,
    });
    expect(decision).toMatchObject({ kind: DECISION.order, code: 0 });
    expect([warning?.sequence, decision?.sequence]).toEqual([2, 3]);
    expect(warning?.code === 0 || warning?.code === code).toBe(true);
  });

  it("say by their code which limit is nearly used up", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })] });
    opened(gate, { lots: 9 });
    expect(records(gate)[0]?.code).toBe(RISK_CODE.RISK_QUANTITY_EXCEEDED);
  });

  it("come once in a while for each node and limit", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10, maxLongLots: 30 })], warnEveryNs: 100 });
    const warned = (nowNs: number) => {
      opened(gate, { lots: 9 }, nowNs);
      return records(gate)
        .filter(({ kind }) => kind === DECISION.warning)
        .map(({ limit }) => limit);
    };
    expect(warned(NOW)).toEqual([LIMIT.maxOrderLots]);
    expect(warned(NOW + 99)).toEqual([]);
    expect(warned(NOW + 100)).toEqual([LIMIT.maxOrderLots, LIMIT.maxLongLots]);
  });

  it("are no part of explain", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })] });
    expect(gate.explain(order(), NOW)).toEqual([]);
    expect(records(gate)).toEqual([]);
  });

  it("never take the place of the decision's own record", () => {
    for (const waiting of [0, 1, 2]) {
      const gate = makeGate({ records: 4, limits: [at("user", { maxLongLots: 40 })] });
      for (let i = 0; i < waiting; i++) opened(gate, { lots: 1 });
      // A warning must not turn an order away that has room for its own record.
      expect(verdict(gate, { lots: 35 })).toBe("approved");
    }
  });
});

describe("utilisation", () => {
  it("is what is used of each limit that binds", () => {
    const gate = makeGate({
      limits: [
        at("account", {
          ...{ maxGrossValue: "4000", maxNetValue: "2000", maxOpenOrders: 4, maxOpenValue: "8000" },
          ...{ maxMarginShare: 1, maxLeverage: 2, maxDailyLoss: "10" },
        }),
      ],
      capital: [worth("account", "10000")],
    });
    opened(gate);
    gate.settlement.charge(0, 0, 500);
    expect(gate.control.utilisation("account", "A1")).toEqual({
      ...{ maxGrossValue: 0.25, maxNetValue: 0.5, maxOpenOrders: 0.25, maxOpenValue: 0.125 },
      ...{ maxMarginShare: 100_000 / 999_500, maxLeverage: 100_000 / 999_500 / 2, maxDailyLoss: 0.5 },
    });
    expect(gate.control.utilisation("account", "B7")).toEqual({});
    expect(() => gate.control.utilisation("account", "C")).toThrow("FAULT_CONFIG");
  });

  it("leaves out what is not known", () => {
    const gate = makeGate({ limits: [at("account", { maxLeverage: 2, maxOpenOrders: 2 })] });
    expect(gate.control.utilisation("account", "A1")).toEqual({ maxOpenOrders: 0 });
  });

  it("of a limit of 0 is a number", () => {
    const gate = makeGate({ limits: [at("account", { maxDailyLoss: "0", maxOpenOrders: 0 })] });
    const { maxDailyLoss, maxOpenOrders } = gate.control.utilisation("account", "A1");
    for (const share of [maxDailyLoss, maxOpenOrders]) expect(Number.isNaN(share)).toBe(false);
  });
});

describe("what is refused", () => {
  it("changes nothing but the records", () => {
    const gate = makeGate({
      limits: [
        at("user", { maxOrderLots: 10, maxLongLots: 15, maxOrdersPerMinute: 5, maxOrdersPerSecond: 5 }),
      ],
    });
    opened(gate);
    const before = stateOf(gate);
    for (const changes of [
      { lots: 11 },
      { lots: 6 },
      { lots: 0 },
      { seat: 9 },
      { id: 1 },
      { instrument: 5 },
    ]) {
      expect(verdict(gate, changes)).not.toBe("approved");
      expect(stateOf(gate)).toBe(before);
    }
  });

  it("changes nothing in explain either", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 5 })] });
    const before = stateOf(gate);
    expect(gate.explain(order(), NOW)).toEqual([]);
    expect([stateOf(gate), records(gate)]).toEqual([before, []]);
  });
});

describe("a gate without any limit", () => {
  const gateOf = () => makeGate({ firm: NO_LIMITS });

  it("says so, and looks at an order's own fields", () => {
    const gate = gateOf();
    expect([gate.isUnlimited, makeGate().isUnlimited]).toEqual([true, false]);
    expect([gate.describe(), makeGate().describe() === null]).toEqual([null, false]);
    expect([verdict(gate, { lots: 0 }), verdict(gate, { seat: 9 }), verdict(gate)]).toEqual([
      "RISK_ORDER_INVALID",
      "RISK_SEAT_UNKNOWN",
      "approved",
    ]);
  });

  it("takes no limits later, by no way", () => {
    const gate = gateOf();
    expect(() => gate.control.change([at("user", { maxOrderLots: 1 })], RISK, "late", NOW)).toThrow(
      "FAULT_CONFIG",
    );
    expect(() => gate.control.override(exception({ limits: { maxOrderLots: 1 } }), NOW)).toThrow(
      "FAULT_CONFIG",
    );
  });
});
