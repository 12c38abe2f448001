import { describe, expect, it } from "vitest";
import { Instrument, MAX_TICKS, ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import {
  type GateChange,
  type GateOrder,
  Locates,
  NO_LIMITS,
  OrderToTrade,
  RISK_CODE,
  RISK_REFUSALS,
  ShortSale,
} from "../../src/risk/index.ts";
import { MessageCounts } from "../../src/risk/message-counts.ts";
import {
  approved,
  at,
  codeOf,
  figures,
  makeGate,
  marketOrder,
  NOW,
  opened,
  order,
  RISK,
  records,
  TRADER,
  taken,
  verdict,
  worth,
} from "../fixtures/gate-setup.ts";

const SECOND = 1e9;
const { stop, stopLimit, limit, market } = ORDER_TYPE;

describe("an order's own fields", () => {
  const cases: readonly (readonly [Partial<GateOrder>, string, string])[] = [
    [{ id: 0 }, "id", "a whole number of at least 1"],
    [{ side: 0 }, "side", "1 or -1"],
    [{ type: -1 }, "type", "a code of ORDER_TYPE"],
    [{ type: 99 }, "type", "a code of ORDER_TYPE"],
    [{ timeInForce: -1 }, "timeInForce", "a code of TIME_IN_FORCE"],
    [{ timeInForce: 99 }, "timeInForce", "a code of TIME_IN_FORCE"],
    [{ flags: 8 }, "flags", "bits of GATE_FLAG"],
    [{ flags: -1 }, "flags", "bits of GATE_FLAG"],
    [{ lots: 0 }, "lots", "a whole number of lots within 1 and"],
    [{ displayLots: -1 }, "displayLots", "a whole number of lots within 0 and the order's"],
    [{ displayLots: 11 }, "displayLots", "a whole number of lots within 0 and the order's"],
    [{ row: -1 }, "row", "a whole number within 0 and 2147483647"],
    [{ row: 2 ** 31 }, "row", "a whole number within 0 and 2147483647"],
    [{ slice: -1 }, "slice", "a whole number of at least 0"],
    [{ slice: 0.5 }, "slice", "a whole number of at least 0"],
    [{ priceTicks: MAX_TICKS + 1 }, "priceTicks", `whole ticks within ${MAX_TICKS}`],
    [{ priceTicks: -MAX_TICKS - 1 }, "priceTicks", `whole ticks within ${MAX_TICKS}`],
    [{ type: market, priceTicks: 1 }, "priceTicks", "0 for an order without a limit"],
    [{ type: stop, priceTicks: 1, stopTicks: 10_000 }, "priceTicks", "0 for an order without a limit"],
    [{ stopTicks: 1 }, "stopTicks", "0 for an order without a stop"],
    [{ type: market, priceTicks: 0, stopTicks: 1 }, "stopTicks", "0 for an order without a stop"],
    [{ type: stop, priceTicks: 0, stopTicks: MAX_TICKS + 1 }, "stopTicks", `whole ticks within ${MAX_TICKS}`],
    [{ type: stopLimit, stopTicks: -MAX_TICKS - 1 }, "stopTicks", `whole ticks within ${MAX_TICKS}`],
    [{ expireNs: NOW + 1 }, "expireNs", "Infinity unless GTD"],
    [{ timeInForce: TIME_IN_FORCE.GTD }, "expireNs", "a whole number of ns after now"],
    [{ timeInForce: TIME_IN_FORCE.GTD, expireNs: NOW }, "expireNs", "a whole number of ns after now"],
    [{ timeInForce: TIME_IN_FORCE.GTD, expireNs: NOW + 0.5 }, "expireNs", "a whole number of ns after now"],
    [{ flags: 1, timeInForce: TIME_IN_FORCE.IOC }, "flags", "no post-only flag but on a limit order"],
    [{ flags: 1, timeInForce: TIME_IN_FORCE.FOK }, "flags", "no post-only flag but on a limit order"],
    [{ flags: 1, type: market, priceTicks: 0 }, "flags", "no post-only flag but on a limit order"],
    [{ flags: 1, type: stop, priceTicks: 0, stopTicks: 10_000 }, "flags", "no post-only flag but on a limit"],
  ];

  it.each(cases)("%o end the decision, in explain mode too", (changes, field, expected) => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 1, priceCollarBps: 1 })] });
    const refusal = gate.check(order(changes), NOW);
    const value = changes[field as keyof GateOrder] ?? order()[field as keyof GateOrder];
    expect(refusal).toMatchObject({ ok: false, code: "RISK_ORDER_INVALID", field, value });
    expect((refusal as { expected: string }).expected).toContain(expected);
    expect(gate.explain(order(changes), NOW)).toMatchObject([{ code: "RISK_ORDER_INVALID", field }]);
  });

  it.each([
    [{ row: 2 ** 31 - 1 }],
    [{ row: 0, slice: 0 }],
    [{ displayLots: 10 }],
    [{ flags: 1 }],
    [{ flags: 1, type: stopLimit, stopTicks: 10_000 }],
    [{ timeInForce: TIME_IN_FORCE.GTD, expireNs: NOW + 1 }],
    [{ type: stop, priceTicks: 0, stopTicks: 10_000 }],
    [{ priceTicks: MAX_TICKS, lots: 1 }],
    [{ priceTicks: -MAX_TICKS, lots: 1 }],
  ])("%o are fine", (changes) => {
    expect(verdict(makeGate(), changes)).toBe("approved");
  });

  it("name a time that is none, and places that are not there", () => {
    const gate = makeGate();
    for (const nowNs of [Number.NaN, Number.POSITIVE_INFINITY, -0]) {
      expect(gate.check(order(), nowNs)).toMatchObject({ field: "nowNs", expected: "a time in ns" });
    }
    expect(gate.check(order({ seat: 3 }), NOW)).toMatchObject({
      ...{ code: "RISK_SEAT_UNKNOWN", field: "seat", value: 3, expected: "an index below 3" },
    });
    expect(gate.check(order({ instrument: 2 }), NOW)).toMatchObject({
      ...{ code: "RISK_INSTRUMENT_UNKNOWN", field: "instrument", value: 2, expected: "an index below 2" },
    });
    expect(gate.explain(order({ seat: 3 }), NOW).map(({ code }) => code)).toEqual(["RISK_SEAT_UNKNOWN"]);
    expect(gate.explain(order({ seat: 3, instrument: 2 }), NOW).map(({ code }) => code)).toEqual([
      "RISK_SEAT_UNKNOWN",
      "RISK_INSTRUMENT_UNKNOWN",
    ]);
  });
});

describe("a replace of a short sale", () => {
  const shorts = () => {
    const locates = new Locates({ accounts: 16, instruments: 2, orders: 64 });
    const shortSale = new ShortSale({ instruments: 2 });
    for (const i of [0, 1]) shortSale.setPriorClose(i, 11_000, 0);
    const gate = makeGate({ rules: { locates, shortSale }, capacity: 64 });
    locates.grant(3, 0, 20, NOW + SECOND);
    const slot = opened(gate, { side: -1, lots: 10 });
    let requestId = 0;
    const ask = (lots: number, priceTicks = 10_000) => {
      requestId += 1;
      const id = gate.parts.orders.id[slot] as number;
      return gate.checkReplace(slot, id, requestId, lots, priceTicks, NOW);
    };
    return { gate, locates, shortSale, slot, ask };
  };

  it("needs locates for what it adds alone", () => {
    const { gate, locates, slot, ask } = shorts();
    expect(ask(21)).toMatchObject({
      ...{ code: "RISK_LOCATE_MISSING", field: "lots", value: 11 },
      expected: "located shares for at most 10 lots",
    });
    expect([codeOf(ask(20)), locates.reservedLots(slot)]).toEqual(["approved", 20]);
    gate.settlement.answered(slot, 2, true);
    expect([codeOf(ask(20, 9_999)), locates.reservedLots(slot)]).toEqual(["approved", 20]);
  });

  it("is asked as if it came anew: what is filled is no part of it", () => {
    const { gate, locates, slot, ask } = shorts();
    gate.settlement.filled(slot, 4, 10_000, NOW);
    expect(ask(21)).toMatchObject({ code: "RISK_LOCATE_MISSING", value: 11 });
    expect([codeOf(ask(20)), locates.reservedLots(slot)]).toEqual(["approved", 16]);
  });

  it("is covered by the position less other open sales, its own not counted", () => {
    const { gate, shortSale, slot, ask } = shorts();
    gate.settlement.book(0, 0, 1, 30, 10_000, NOW);
    opened(gate, { side: -1, lots: 5 });
    shortSale.trigger(0, 0);
    expect(codeOf(ask(25, 9_998))).toBe("approved");
    gate.settlement.answered(slot, 1, false);
    expect(ask(26, 9_998)).toMatchObject({
      ...{ code: "RISK_SHORT_SALE", field: "priceTicks", value: 9_998, expected: "above the best bid 9999" },
    });
  });
});

describe("overrides", () => {
  const grant = (limits: object, untilNs: number, level: "user" | "desk" = "user") => ({
    ...{ level, name: level === "user" ? "mara" : "equities", limits, reason: "event" },
    ...{ requestedBy: TRADER, approvedBy: RISK, untilNs },
  });

  it("end each at its own time", () => {
    const changes: GateChange[] = [];
    const gate = makeGate({
      limits: [at("user", { maxOrderLots: 5, maxLongLots: 6 })],
      onChange: (change) => changes.push(change),
    });
    gate.control.override(grant({ maxOrderLots: 20 }, NOW + 20), NOW);
    gate.control.override(grant({ maxLongLots: 8 }, NOW + 10), NOW);
    gate.control.expire(NOW + 9);
    expect(gate.control.version).toBe(3);
    gate.control.expire(NOW + 10);
    expect([gate.control.version, gate.parts.limits.of(5, "maxLongLots")]).toEqual([4, 6]);
    expect(gate.parts.limits.of(5, "maxOrderLots")).toBe(20);
    gate.control.expire(NOW + 19);
    expect(gate.control.version).toBe(4);
    gate.control.expire(NOW + 20);
    expect([gate.control.version, gate.parts.limits.of(5, "maxOrderLots")]).toEqual([5, 5]);
    expect(changes.map(({ kind, atNs, version }) => [kind, atNs, version])).toEqual([
      ["override", NOW, 2],
      ["override", NOW, 3],
      ["overrideEnded", NOW + 10, 4],
      ["overrideEnded", NOW + 20, 5],
    ]);
    expect(changes.slice(2).map(({ detail }) => detail)).toEqual([
      { where: "user mara", limit: "maxLongLots" },
      { where: "user mara", limit: "maxOrderLots" },
    ]);
  });

  it("of several limits end at one time, all of them", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 5, maxLongLots: 6 })] });
    gate.control.override(grant({ maxOrderLots: 20 }, NOW + 10), NOW);
    gate.control.override(grant({ maxLongLots: 8 }, NOW + 10), NOW);
    gate.control.override(grant({ maxShortLots: 8 }, NOW + 30, "desk"), NOW);
    expect(gate.control.override(grant({ maxLongLots: 9 }, NOW + 40), NOW + 20).ok).toBe(true);
    expect([gate.control.version, gate.parts.limits.of(5, "maxOrderLots")]).toEqual([7, 5]);
  });

  it("whose time is up end before a change is made", () => {
    const kinds: string[] = [];
    const gate = makeGate({
      limits: [at("user", { maxOrderLots: 5 })],
      onChange: ({ kind, version }) => kinds.push(`${kind} ${version}`),
    });
    gate.control.override(grant({ maxOrderLots: 20 }, NOW + 10), NOW);
    gate.control.change([at("desk", { maxOrderLots: 7 })], RISK, "for good", NOW + 10);
    expect(kinds).toEqual(["override 2", "overrideEnded 3", "limits 4"]);
  });

  it("are none for a gate without a limit", () => {
    const gate = makeGate({ firm: NO_LIMITS });
    expect(() => gate.control.override(grant({ maxOrderLots: 9 }, NOW + 9), NOW)).toThrow(
      "FAULT_CONFIG override.limits",
    );
  });

  it("are ended by a change of their own limit at their own node alone", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 5 }), at("desk", { maxOrderLots: 6 })] });
    gate.control.override(grant({ maxOrderLots: 20 }, NOW + 10), NOW);
    gate.control.override(grant({ maxOrderLots: 30 }, NOW + 10, "desk"), NOW);
    gate.control.change([at("desk", { maxOrderLots: 7 })], RISK, "for good", NOW);
    gate.control.expire(NOW + 10);
    expect(gate.parts.limits.of(5, "maxOrderLots")).toBe(5);
    expect(gate.parts.limits.of(gate.parts.node("", "desk", "equities"), "maxOrderLots")).toBe(7);
    expect(gate.control.version).toBe(5);
  });

  it("say why they are forbidden", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 5 })] });
    const no = (changes: object) =>
      gate.control.override({ ...grant({ maxOrderLots: 9 }, NOW + 9), ...changes }, NOW);
    expect(no({ approvedBy: { name: "T. Rader", role: "risk" } })).toMatchObject({
      ...{ field: "approvedBy", value: "T. Rader", expected: "another person" },
    });
    expect(no({ approvedBy: { name: "X", role: "management" } })).toMatchObject({
      ...{ field: "approvedBy.role", value: "management", expected: "somebody of the risk function" },
    });
    expect(no({ untilNs: NOW })).toMatchObject({ value: NOW, expected: "an end after now" });
    expect(no({}).ok).toBe(true);
    expect(no({})).toMatchObject({ value: "maxOrderLots", expected: "a limit that is under no override" });
    expect(gate.control.resetLosses("user", "mara", TRADER, "please", NOW)).toMatchObject({
      ...{ field: "by.role", value: "trader", expected: "somebody of the risk function" },
    });
    for (const [changes, word] of [
      [{ untilNS: 5 }, "override.untilNS"],
      [{ limits: {} }, "one limit"],
      [{ limits: {} }, "override.limits"],
      [{ limits: { maxOrderLots: -1 } }, "override.limits.maxOrderLots"],
      [
        { limits: { maxOrdersPerSecond: { rate: 1, burst: -1 } } },
        "override.limits.maxOrdersPerSecond.burst",
      ],
      [{ reason: "" }, "override.reason"],
      [{ requestedBy: { name: "", role: "risk" } }, "override.requestedBy.name"],
      [{ requestedBy: { name: "X", role: "boss" } }, "override.requestedBy.role"],
      [{ requestedBy: { name: "X", role: "boss" } }, "one of trader, risk, management"],
      [{ approvedBy: { names: "X" } }, "override.approvedBy"],
      [{ name: "nobody" }, "override"],
    ] as const) {
      expect(() => no(changes)).toThrow(word);
    }
  });
});

describe("changes", () => {
  it("name what was wrong with them", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 5 })] });
    const { control } = gate;
    const one = [at("user", { maxOrderLots: 4 })];
    for (const [call, word] of [
      [() => control.change(one, RISK, "", NOW), "reason"],
      [() => control.change(one, { name: "X", role: "boss" as never }, "x", NOW), "by.role"],
      [() => control.change([], RISK, "x", NOW), "limits"],
      [() => control.change([{ level: "user", name: "x", limits: {} }], RISK, "x", NOW), "limits[0]"],
      [() => control.setCapital(worth("firm", "1"), RISK, "", NOW), "reason"],
      [() => control.setCapital(worth("firm", "x"), RISK, "x", NOW), "capital.amount"],
      [() => control.setCapital({ level: "desk", amount: "1" }, RISK, "x", NOW), "capital"],
      [() => control.setValueAtRisk("desk", "", 1, [1, 1], NOW), "valueAtRisk"],
      [() => control.setValueAtRisk("firm", "", -1, [1, 1], NOW), "valueAtRisk.value"],
      [() => control.setValueAtRisk("firm", "", 1, [1], NOW), "valueAtRisk.marginals.length"],
      [() => control.setValueAtRisk("firm", "", 1, [1, Number.NaN], NOW), "valueAtRisk.marginals[1]"],
      [() => control.resetLosses("user", "mara", RISK, "", NOW), "reason"],
      [() => control.resetLosses("user", "x", RISK, "x", NOW), "node"],
      [() => control.resetLosses("user", "mara", {} as never, "x", NOW), "by"],
      [() => control.utilisation("user", "x"), "node"],
    ] as const) {
      expect(call).toThrow(word);
    }
    expect(control.version).toBe(1);
  });

  it("are told in full", () => {
    const changes: GateChange[] = [];
    const gate = makeGate({
      ...{ limits: [at("user", { maxDailyLoss: "1" })], capital: [worth("user", "5")] },
      onChange: (change) => changes.push(change),
    });
    gate.control.newDay(NOW, 3);
    gate.control.setCapital(worth("user", "7"), TRADER, "deposit", NOW + 1);
    gate.control.resetLosses("user", "mara", RISK, "seen", NOW + 2);
    expect(changes).toEqual([
      { kind: "day", atNs: NOW, version: 2, by: [], reason: "new trading day", detail: { day: 3 } },
      {
        ...{ kind: "capital", atNs: NOW + 1, version: 3, by: ["T. Rader"], reason: "deposit" },
        detail: { level: "user", name: "mara", amount: "7" },
      },
      {
        ...{ kind: "reset", atNs: NOW + 2, version: 4, by: ["R. Isk"], reason: "seen" },
        detail: { where: "user mara" },
      },
    ]);
  });

  it("to another day start the count of messages for each trade anew, and windows of falls by the day", () => {
    const orderToTrade = new OrderToTrade({ instruments: 2 });
    const gate = makeGate({ rules: { orderToTrade } });
    opened(gate);
    gate.control.newDay(NOW, 9);
    expect([orderToTrade.save().orders[0], gate.parts.day]).toEqual([0, 9]);
  });

  it("lift the day's latch of every node, and keep what was made before", () => {
    const gate = makeGate({
      limits: [at("user", { maxDailyLoss: "1" }), at("symbol", { maxDailyLoss: "1" })],
    });
    gate.settlement.charge(0, 0, 150);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
    gate.control.newDay(NOW, 1);
    expect(verdict(gate)).toBe("approved");
    for (const node of [0, gate.parts.node("", "symbol", "ABC@XNAS")]) {
      expect([gate.parts.dayProfitOf(node), gate.parts.totalProfitOf(node)]).toEqual([0, -150]);
    }
    gate.settlement.charge(0, 0, 50);
    gate.control.newDay(NOW, 2);
    expect([gate.parts.dayProfitOf(0), gate.parts.totalProfitOf(0)]).toEqual([0, -200]);
  });
});

describe("utilisation", () => {
  const gateOf = () => {
    const gate = makeGate({
      limits: [
        at("account", {
          ...{ maxGrossValue: "4000", maxNetValue: "2000", maxOpenOrders: 0, maxOpenValue: "0" },
          ...{ maxMarginShare: 1, maxLeverage: 2, maxDailyLoss: "0" },
        }),
      ],
      capital: [worth("account", "10000")],
      marginBps: { "ABC@XNAS": 5_000 },
    });
    return gate;
  };

  it("of a limit of 0 is all of it, and without end where something is used", () => {
    const gate = gateOf();
    expect(gate.control.utilisation("account", "A1")).toMatchObject({
      maxOpenOrders: 1,
      maxOpenValue: 1,
      maxDailyLoss: 1,
    });
    gate.settlement.charge(0, 0, 1);
    expect(gate.control.utilisation("account", "A1").maxDailyLoss).toBe(Number.POSITIVE_INFINITY);
  });

  it("is by the larger side for net, by margin for margin, and 0 for a gain", () => {
    const gate = gateOf();
    gate.settlement.book(0, 0, -1, 10, 10_001, NOW);
    gate.settlement.charge(0, 0, -500);
    const equity = 1_000_500;
    expect(gate.control.utilisation("account", "A1")).toEqual({
      ...{
        maxGrossValue: 100_010 / 400_000,
        maxNetValue: 100_010 / 200_000,
        maxOpenOrders: 1,
        maxOpenValue: 1,
      },
      ...{ maxMarginShare: 50_005 / equity, maxLeverage: 100_010 / equity / 2, maxDailyLoss: 1 },
    });
    gate.settlement.book(0, 0, 1, 30, 10_001, NOW);
    expect(gate.control.utilisation("account", "A1").maxNetValue).toBe(200_020 / 200_000);
  });
});

describe("losses", () => {
  it("of an instrument without a rate are unknown: they latch and are said", () => {
    const euro = new Instrument({ symbol: "E", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "EUR" });
    const dollar = new Instrument({
      symbol: "D",
      venue: "XNAS",
      tickSize: "0.01",
      lotSize: "1",
      quote: "USD",
    });
    const gate = makeGate({ instruments: [euro, dollar], classes: {} });
    gate.settlement.charge(0, 0, 1);
    const refusal = gate.check(order({ instrument: 1 }), NOW);
    expect(refusal).toMatchObject({ code: "RISK_DAILY_LOSS", level: "firm", measured: Number.NaN });
    expect((refusal as { message: string }).message).toContain("found NaN USD");
  });

  it("warn near the limit of the day, and do not where none is near", () => {
    const gate = makeGate({ limits: [at("user", { maxDailyLoss: "10" })] });
    const warned = () => {
      verdict(gate);
      return records(gate).flatMap(({ code, measured, bound, node }) =>
        code === 0 ? [] : [[code, measured, bound, node]],
      );
    };
    gate.settlement.charge(0, 0, 799);
    expect(warned()).toEqual([]);
    gate.settlement.charge(0, 0, 1);
    expect(warned()).toEqual([[RISK_CODE.RISK_DAILY_LOSS, 800, 1_000, 5]]);
  });

  it("are watched by windows only where a level has one", () => {
    const bare = makeGate({ limits: [at("user", { maxWindowLoss: "unlimited", maxDrawdown: "unlimited" })] });
    expect(bare.parts.losses.isUsed).toBe(false);
    for (const limits of [{ maxWindowLoss: "1" }, { maxDrawdown: "1" }, { maxDrawdownShare: 0.5 }] as const) {
      const gate = makeGate({ limits: [at("user", limits)], capital: [worth("user", "1")] });
      expect(gate.parts.losses.isUsed).toBe(true);
      gate.control.change(
        [at("user", { maxWindowLoss: "unlimited", maxDrawdown: "unlimited" })],
        RISK,
        "off",
        NOW,
      );
      gate.control.change([at("user", { maxDrawdownShare: "unlimited" })], RISK, "off", NOW);
      verdict(gate);
      gate.settlement.charge(0, 0, 99);
      expect(verdict(gate)).toBe("approved");
    }
  });

  it("from the highest equity name the share where the amount is not reached, the amount where it is", () => {
    for (const [maxDrawdown, named] of [
      ["10", "maxDrawdown"],
      ["10.01", "maxDrawdownShare"],
    ] as const) {
      const gate = makeGate({
        ...{ limits: [at("user", { maxDrawdown, maxDrawdownShare: 0.1 })], capital: [worth("user", "100")] },
      });
      verdict(gate);
      gate.settlement.charge(0, 0, 1_000);
      expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_DRAWDOWN", limit: named });
    }
  });
});

describe("warnings of the firm", () => {
  it("come once in a while too", () => {
    const gate = makeGate({ limits: [at("firm", { maxLongLots: 100 })] });
    const warned = (lots: number) => {
      verdict(gate, { lots });
      return records(gate).filter(({ code }) => code !== 0).length;
    };
    expect([warned(81), warned(1), warned(1)]).toEqual([1, 0, 0]);
  });
});

describe("messages within a minute", () => {
  const counts = (capacity: number) => {
    const nodes = new Float64Array(3 * 32);
    const paths = Int32Array.from([0, 1, 1, 1, 1, 1, 1, 0, 2, 2, 2, 2, 2, 2]);
    const log = new MessageCounts(nodes, paths, 100, capacity);
    const sent = () => [nodes[9], nodes[41], nodes[73]];
    return { log, sent, more: (larger: number) => new MessageCounts(nodes, paths, 100, larger) };
  };

  it("leave when they are as old as the window", () => {
    const { log, sent } = counts(8);
    log.add(0, 10);
    log.add(7, 20);
    expect(sent()).toEqual([2, 6, 6]);
    log.advance(109);
    expect(sent()).toEqual([2, 6, 6]);
    log.advance(110);
    expect(sent()).toEqual([1, 0, 6]);
    log.advance(1_000);
    expect(sent()).toEqual([0, 0, 0]);
    log.advance(2_000);
    expect(sent()).toEqual([0, 0, 0]);
  });

  it("before the newest count as the newest", () => {
    const { log, sent } = counts(8);
    log.add(0, 50);
    log.add(7, 20);
    log.advance(149);
    expect(sent()[0]).toBe(2);
    log.advance(150);
    expect(sent()[0]).toBe(0);
    log.add(0, 20);
    log.advance(120);
    expect(sent()[0]).toBe(0);
  });

  it("push the oldest out where there is no room", () => {
    const { log, sent } = counts(2);
    for (const ns of [10, 20, 30]) log.add(ns === 10 ? 0 : 7, ns);
    expect(sent()).toEqual([2, 0, 12]);
    log.advance(120);
    expect(sent()).toEqual([1, 0, 6]);
    log.add(0, 125);
    log.advance(130);
    expect(sent()).toEqual([1, 6, 0]);
  });

  it("stay as long as the newest before them, though that was pushed out", () => {
    const { log, sent } = counts(4);
    for (const ns of [50, 20, 20, 20, 20]) log.add(0, ns);
    log.advance(149);
    expect(sent()[0]).toBe(4);
    log.advance(150);
    expect(sent()[0]).toBe(0);
  });

  it("of paths without a limit are not counted, and push nobody's out", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 3 })] });
    const free = 1;
    opened(gate);
    const { settlement, parts } = gate;
    const other = opened(gate, { seat: free });
    for (let i = 0; i < 2 * parts.perMinute.capacity; i++) {
      settlement.canceling(other, NOW);
      gate.drain(() => {});
    }
    opened(gate);
    opened(gate);
    expect(verdict(gate)).toBe("RISK_RATE_MINUTE");
    expect(verdict(gate, { seat: free })).toBe("approved");
    // Counted from the moment on that a limit is said.
    gate.control.change(
      [{ level: "user", name: "noor", limits: { maxOrdersPerMinute: 1 } }],
      RISK,
      "now",
      NOW,
    );
    expect([verdict(gate, { seat: free }), verdict(gate, { seat: free })]).toEqual([
      "approved",
      "RISK_RATE_MINUTE",
    ]);
  });

  it("move to a log with more room, each with its time and path", () => {
    const { log, sent, more } = counts(2);
    for (const ns of [10, 20, 30]) log.add(ns === 20 ? 0 : 7, ns);
    const larger = more(8);
    log.moveTo(larger);
    expect(sent()).toEqual([2, 6, 6]);
    log.advance(1_000);
    expect(sent()).toEqual([2, 6, 6]);
    larger.advance(120);
    expect(sent()).toEqual([1, 0, 6]);
    larger.advance(130);
    expect(sent()).toEqual([0, 0, 0]);
    expect([larger.capacity, larger.windowNs]).toEqual([8, 100]);
  });

  it("have room for twice what all seats may send, at most what the firm may, and keep what was sent when it grows", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 3 })] });
    opened(gate);
    opened(gate);
    const before = gate.parts.perMinute;
    const grow = (level: "firm" | "user", maxOrdersPerMinute: number) =>
      gate.control.change([at(level, { maxOrdersPerMinute })], RISK, "more", NOW);
    grow("user", 1_024);
    expect(gate.parts.perMinute).toBe(before);
    // Two instruments of the seat: 2 x 2 x 1,025.
    grow("user", 1_025);
    expect([gate.parts.perMinute === before, gate.parts.perMinute.capacity]).toEqual([false, 8_192]);
    expect(figures(gate).openOrders).toBe(2);
    grow("user", 3);
    expect([verdict(gate), verdict(gate)]).toEqual(["approved", "RISK_RATE_MINUTE"]);
    gate.quote(0, 9_999, 10_001, NOW + 60e9);
    grow("user", 1);
    expect(verdict(gate, {}, NOW + 60e9)).toBe("approved");
    grow("firm", 1_000_000);
    // Every seat is the firm's: no more than twice a million in all.
    expect(gate.parts.perMinute.capacity).toBe(1 << 21);
    const most = gate.parts.perMinute;
    grow("user", 1_000_000);
    expect(gate.parts.perMinute).toBe(most);
  });
});

describe("a replace", () => {
  const replacing = (setup: Parameters<typeof makeGate>[0] = {}, changes: Partial<GateOrder> = {}) => {
    const gate = makeGate(setup);
    const slot = opened(gate, changes);
    const id = gate.parts.orders.id[slot] as number;
    const ask = (requestId: number, lots: number, priceTicks = 10_000) =>
      gate.checkReplace(slot, id, requestId, lots, priceTicks, NOW);
    return { gate, slot, id, ask };
  };

  it("of a gate without a limit asks for its numbers and the kill latch alone", () => {
    const { gate, slot, ask } = replacing({ firm: NO_LIMITS });
    expect([codeOf(ask(1, 0)), codeOf(ask(1, 99, 1))]).toEqual(["RISK_ORDER_INVALID", "approved"]);
    expect(gate.parts.orders.heldLots[slot]).toBe(99);
    gate.parts.latch.set(0, 1);
    expect(codeOf(ask(2, 9))).toBe("RISK_KILLED");
  });

  it("says why it is none", () => {
    const { gate, slot, ask } = replacing();
    expect(ask(0, 9)).toMatchObject({
      ...{ field: "requestId", value: 0, expected: "a whole number above the order's last request" },
    });
    expect(gate.checkReplace(slot + 1, 1, 1, 9, 10_000, NOW)).toMatchObject({
      ...{ field: "slot", value: slot + 1 },
      expected: "an open order that was sent, with room for one more replace",
    });
  });

  it("tells the door every term of its order, shown lots and all", () => {
    const { gate, slot, id, ask } = replacing(
      {},
      ...[{ side: -1, row: 7, displayLots: 4, timeInForce: TIME_IN_FORCE.GTD, expireNs: NOW + 9, flags: 1 }],
    );
    const into = outboundOrder();
    gate.take(approved(ask(3, 8, 10_005)), into);
    expect(into).toEqual({
      ...{ row: 7, id, requestId: 3, sideSign: -1, type: limit, timeInForce: TIME_IN_FORCE.GTD, flags: 1 },
      ...{ priceTicks: 10_005, stopTicks: 0, lots: 8, displayLots: 4, expireNs: NOW + 9 },
    });
    gate.settlement.answered(slot, 3, true);
    expect(codeOf(ask(4, 9, 10_005))).toBe("approved");
  });

  it("of a stop keeps its stop", () => {
    const { gate, ask } = replacing({}, { type: stopLimit, stopTicks: 10_100 });
    expect(taken(gate, approved(ask(1, 8)))).toMatchObject({ type: stopLimit, stopTicks: 10_100 });
  });

  it("that was never taken is given up by the next one", () => {
    const { gate, slot, ask } = replacing();
    for (let requestId = 1; requestId < 9; requestId++) approved(ask(requestId, 10 + requestId));
    expect(gate.parts.orders.heldLots[slot]).toBe(18);
    expect(gate.parts.orders.findReplace(slot, 7)).toBe(-1);
  });

  it("fresh in a place that was used before knows nothing of the last order's", () => {
    const { gate, slot, ask } = replacing({ capacity: 1 });
    taken(gate, approved(ask(5, 50)));
    gate.settlement.forget(slot);
    const next = opened(gate);
    const { orders } = gate.parts;
    expect([next, orders.requestId[next], orders.findReplace(next, 5), orders.cumLots[next]]).toEqual([
      slot,
      0,
      -1,
      0,
    ]);
    expect(orders.heldLots[next]).toBe(10);
  });
});

describe("a market order with a bound", () => {
  it("leaves as an immediate limit order, fill or kill where it was that", () => {
    const gate = makeGate({ limits: [at("user", { priceCollarBps: 500 })] });
    const sent = (timeInForce: number) =>
      taken(gate, approved(gate.check(marketOrder({ timeInForce }), NOW)));
    expect(sent(TIME_IN_FORCE.IOC)).toMatchObject({
      type: limit,
      timeInForce: TIME_IN_FORCE.IOC,
      priceTicks: 10_500,
    });
    expect(sent(TIME_IN_FORCE.DAY)).toMatchObject({ type: limit, timeInForce: TIME_IN_FORCE.IOC });
    expect(sent(TIME_IN_FORCE.FOK)).toMatchObject({ type: limit, timeInForce: TIME_IN_FORCE.FOK });
  });
});

describe("codes of refusals", () => {
  it("are numbered from 1, in order, for good", () => {
    expect(RISK_REFUSALS.map((code) => RISK_CODE[code])).toEqual(RISK_REFUSALS.map((_, i) => i + 1));
    expect(Object.isFrozen(RISK_CODE)).toBe(true);
    expect(RISK_CODE.RISK_RECORDS_FULL).toBe(45);
  });
});
