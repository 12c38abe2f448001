import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { DECISION_STRIDE, DecisionLog } from "../../src/risk/decision-log.ts";
import { Exposure } from "../../src/risk/exposure.ts";
import { CELL, NODE, PLAN, PLANNED } from "../../src/risk/exposure-rows.ts";
import { Hierarchy } from "../../src/risk/hierarchy.ts";
import {
  RestrictedList,
  RISK_CODE,
  type RiskLimits,
  type RiskRefusal,
  type RiskRequest,
} from "../../src/risk/index.ts";
import { REFERENCE_SOURCE, ReferencePrices } from "../../src/risk/reference-prices.ts";
import { Worth } from "../../src/risk/worth.ts";
import {
  ABC,
  at,
  makeGate,
  marketOrder,
  NOW,
  opened,
  order,
  records,
  SEATS,
  worth,
  XYZ,
} from "../fixtures/gate-setup.ts";

describe("the log of decisions", () => {
  const write = (log: DecisionLog, count: number) => {
    for (let i = 0; i < count; i++) {
      const offset = log.next();
      log.cells[offset] = log.count;
      log.cells[offset + DECISION_STRIDE - 1] = -log.count;
    }
  };
  const drained = (log: DecisionLog) => {
    const seen: unknown[] = [];
    log.drain((cells, offset) => seen.push(cells[offset], cells[offset + DECISION_STRIDE - 1]));
    return seen;
  };

  it("keeps one place for the refusal that says it is full, and two for a warning", () => {
    const log = new DecisionLog(4);
    const room = () => [log.size, log.count, log.hasRoom, log.hasRoomToWarn];
    expect(room()).toEqual([0, 0, true, true]);
    write(log, 1);
    expect(room()).toEqual([1, 1, true, true]);
    write(log, 1);
    expect(room()).toEqual([2, 2, true, false]);
    write(log, 1);
    expect(room()).toEqual([3, 3, false, false]);
    expect([drained(log), room()]).toEqual([
      [1, -1, 2, -2, 3, -3],
      [0, 3, true, true],
    ]);
    write(log, 3);
    expect([drained(log), drained(log)]).toEqual([[4, -4, 5, -5, 6, -6], []]);
  });

  it("hands bytes over in two blocks around its end", () => {
    const log = new DecisionLog(4);
    write(log, 3);
    drained(log);
    write(log, 3);
    const blocks: number[][] = [];
    log.drainBlocks((bytes) => {
      const cells = new Float64Array(bytes.slice().buffer);
      blocks.push([cells.length, cells[0] as number, cells[cells.length - DECISION_STRIDE] as number]);
    });
    expect([blocks, log.size]).toEqual([
      [
        [DECISION_STRIDE, 4, 4],
        [2 * DECISION_STRIDE, 5, 6],
      ],
      0,
    ]);
  });
});

describe("exposure", () => {
  const make = () => {
    const keys = [ABC.key, XYZ.key];
    const hierarchy = new Hierarchy(SEATS, keys, ["stocks", "stocks"]);
    const exposure = new Exposure(hierarchy, 2, new Worth({ code: "USD", decimals: 2 }, [ABC, XYZ]));
    const from = (seat: number, i: number) => (seat * 2 + i) * 7;
    const cell = (i: number, name: keyof typeof CELL, node = 0) => exposure.cell(node, i, CELL[name]);
    const node = (name: keyof typeof NODE, at = 0) => exposure.node(at, NODE[name]);
    return { hierarchy, exposure, from, cell, node, paths: hierarchy.paths };
  };

  it("is planned for the side of the order, and changes nothing", () => {
    const { exposure, from, paths, cell } = make();
    exposure.execute(paths, from(0, 0), 0, 1, 10, 100);
    exposure.hold(paths, from(0, 0), 0, -1, 4, 500);
    exposure.marginBps[0] = 2_501;
    const plan = (level: number) => Object.values(PLAN).map((figure) => exposure.plannedAt(level, figure));
    const planned = () => Object.values(PLANNED).map((figure) => exposure.rows[figure]);
    // Seat 0 and instrument 0: path 0. 10 lots are held, 500 tick-lots wait to be sold.
    exposure.plan(0, 0, true, 3, 300, 303, 77);
    expect(plan(0)).toEqual([1_300, 1_300, Math.ceil(0.2501 * 1_300)]);
    expect(planned()).toEqual([3, 300, 303, 77, 0]);
    exposure.plan(0, 0, false, 30, 3_000, 3_000, 78);
    expect(plan(4)).toEqual([2_500, 2_500, Math.ceil(0.2501 * 2_500)]);
    expect([plan(5), plan(6)]).toEqual([plan(0), plan(0)]);
    // Another seat of the same account: the strategy has nothing yet.
    exposure.plan(2, 0, false, 30, 3_000, 3_000, 79);
    expect([plan(0), plan(4)]).toEqual([
      [2_500, 2_500, 626],
      [3_000, 3_000, 751],
    ]);
    expect([cell(0, "gross"), cell(0, "sellTickLots")]).toEqual([1_000, 500]);
  });

  it("counts a cell's worst case for its node, and the firm's for class and symbol", () => {
    const { exposure, from, paths, cell, node, hierarchy } = make();
    exposure.execute(paths, from(0, 0), 0, -1, 10, 100);
    exposure.hold(paths, from(0, 0), 0, 1, 4, 480);
    exposure.hold(paths, from(2, 1), 1, -1, 3, 330);
    const names = [
      "buyLots",
      "sellLots",
      "buyTickLots",
      "sellTickLots",
      "gross",
      "long",
      "short",
      "margin",
    ] as const;
    expect(names.map((name) => cell(0, name))).toEqual([4, 0, 480, 0, 1_000, -520, 1_000, 1_000]);
    expect(names.map((name) => cell(1, name))).toEqual([0, 3, 0, 330, 330, 0, 330, 330]);
    const sums = (at: number) =>
      (["gross", "long", "short", "margin"] as const).map((name) => node(name, at));
    expect(sums(0)).toEqual([1_330, -520, 1_330, 1_330]);
    expect(sums(hierarchy.find("class", "stocks") as number)).toEqual(sums(0));
    expect(sums(hierarchy.find("symbol", ABC.key) as number)).toEqual([1_000, -520, 1_000, 1_000]);
    expect(sums(hierarchy.find("account", "B7") as number)).toEqual([330, 0, 330, 330]);
    exposure.hold(paths, from(0, 0), 0, 1, -4, -479);
    expect([cell(0, "buyLots"), cell(0, "buyTickLots")]).toEqual([0, 0]);
  });

  it("values profits at the far touch, and says whether a position moved", () => {
    const { exposure, from, paths, node, cell } = make();
    expect(exposure.mark(0, 99, 101)).toBe(false);
    exposure.execute(paths, from(0, 0), 0, 1, 10, 100);
    expect([cell(0, "cashTickLots"), node("today")]).toEqual([-1_000, -10]);
    expect([exposure.mark(0, 99, 101), exposure.mark(0, 99, 102), node("today")]).toEqual([false, true, -10]);
    expect([exposure.mark(0, 98, 102), node("today"), node("gross")]).toEqual([true, -20, 1_020]);
    exposure.execute(paths, from(0, 0), 0, -1, 30, 100);
    expect([node("today"), cell(0, "positionLots"), cell(0, "profit")]).toEqual([-40, -20, -40]);
    expect([exposure.mark(0, -103, -99), exposure.markTicks[0], node("gross")]).toEqual([true, 103, 2_060]);
    expect(exposure.mark(1, 1, 2)).toBe(false);
    exposure.execute(paths, from(0, 0), 0, 1, 20, 100);
    expect([node("gross"), cell(0, "profit")]).toEqual([0, 0]);
  });

  it("takes the first execution's price for one where there is none", () => {
    const { exposure, from, paths } = make();
    exposure.execute(paths, from(0, 0), 0, 1, 1, -100);
    expect([exposure.markTicks[0], exposure.longMarkTicks[0], exposure.shortMarkTicks[0]]).toEqual([
      100, -100, -100,
    ]);
    exposure.execute(paths, from(0, 0), 0, 1, 1, 50);
    expect(exposure.markTicks[0]).toBe(100);
  });

  it("counts orders in and out at all seven levels", () => {
    const { exposure, from, paths, node, hierarchy } = make();
    exposure.count(paths, from(0, 1), 1, 700);
    exposure.count(paths, from(1, 1), 1, 50);
    exposure.count(paths, from(0, 1), -1, -700);
    const all = Array.from({ length: hierarchy.nodes }, (_, i) =>
      [node("openOrders", i), node("openValue", i)].join(),
    );
    const described = new Map(all.map((each, i) => [hierarchy.describe(i), each]));
    expect([...described].filter(([, each]) => each === "1,50").map(([name]) => name)).toEqual([
      ...[
        "firm",
        "desk equities",
        "account A1",
        "user noor",
        "strategy grid",
        "class stocks",
        `symbol ${XYZ.key}`,
      ],
    ]);
    expect(node("capital", 3)).toBeNaN();
  });
});

describe("references", () => {
  it("are of their source, at their age to the ns", () => {
    const references = new ReferencePrices(2, { quoteNs: 10, tradeNs: 20, closeNs: 30 });
    const { none, mid, last, close } = REFERENCE_SOURCE;
    const sources = (...ns: number[]) => ns.map((nowNs) => references.source(1, nowNs));
    expect(sources(0)).toEqual([none]);
    references.closeTicks[1] = 70;
    references.closeNs[1] = 100;
    expect([sources(99, 100, 130, 131), references.twice(1, 100)]).toEqual([[none, close, close, none], 140]);
    references.lastTicks[1] = 80;
    references.lastNs[1] = 105;
    expect([sources(104, 105, 125, 126), references.twice(1, 125)]).toEqual([
      [close, last, last, close],
      160,
    ]);
    references.bidTicks[1] = 90;
    references.askTicks[1] = 91;
    references.quoteNs[1] = 110;
    expect([sources(109, 110, 120, 121), references.twice(1, 120)]).toEqual([[last, mid, mid, last], 181]);
    references.askTicks[1] = 90;
    expect([sources(110), references.twice(0, 110)]).toEqual([[last], Number.NaN]);
  });
});

describe("orders in words that cannot be read", () => {
  const words = {
    strategy: "pairs",
    instrument: "ABC@XNAS",
    side: "buy",
    lots: 1,
    priceTicks: 10_000,
  } as const;
  const no = (changes: object) =>
    makeGate().decide({ ...words, ...changes } as RiskRequest, NOW) as RiskRefusal;

  it.each([
    [{ strategy: "x" }, "RISK_SEAT_UNKNOWN", "strategy", "a seat's strategy"],
    [{ instrument: "x" }, "RISK_INSTRUMENT_UNKNOWN", "instrument", "the key of an instrument"],
    [{ side: "both" }, "RISK_ORDER_INVALID", "side", "buy or sell"],
    [{ type: "pegged" }, "RISK_ORDER_INVALID", "type", `one of ${Object.keys(ORDER_TYPE).join(", ")}`],
    [{ type: 0 }, "RISK_ORDER_INVALID", "type", `one of ${Object.keys(ORDER_TYPE).join(", ")}`],
    [{ type: "toString" }, "RISK_ORDER_INVALID", "type", `one of ${Object.keys(ORDER_TYPE).join(", ")}`],
    [
      { timeInForce: "x" },
      "RISK_ORDER_INVALID",
      "timeInForce",
      `one of ${Object.keys(TIME_IN_FORCE).join(", ")}`,
    ],
    [{ postOnly: 1 }, "RISK_ORDER_INVALID", "postOnly", "true or false"],
    [{ reduceOnly: "yes" }, "RISK_ORDER_INVALID", "reduceOnly", "true or false"],
    [{ flatten: null }, "RISK_ORDER_INVALID", "flatten", "true or false"],
    [{ priceTicks: undefined }, "RISK_ORDER_INVALID", "priceTicks", "the order's limit"],
    [{ type: "stopLimit", stopTicks: undefined }, "RISK_ORDER_INVALID", "stopTicks", "the order's stop"],
    [
      { type: "stopLimit", stopTicks: 1, priceTicks: undefined },
      "RISK_ORDER_INVALID",
      "priceTicks",
      "the order's limit",
    ],
    [
      { quantity: 5 },
      "RISK_ORDER_INVALID",
      "quantity",
      "one of strategy, instrument, side, lots, priceTicks, stopTicks",
    ],
  ])("%o", (changes, code, field, expected) => {
    const refusal = no(changes);
    expect(refusal).toMatchObject({ ok: false, code, field });
    expect(refusal.expected).toContain(expected);
  });

  it("at all are no object", () => {
    for (const request of [null, undefined, "buy", 5]) {
      const gate = makeGate();
      expect(gate.decide(request as never, NOW)).toMatchObject({ field: "request", expected: "an order" });
      expect(records(gate)[0]).toMatchObject({
        code: RISK_CODE.RISK_ORDER_INVALID,
        id: 0,
        seat: -1,
        instrument: -1,
      });
    }
  });

  it("have what is left out at its usual value", () => {
    const gate = makeGate();
    const sent = (changes: object) => {
      expect(gate.decide({ ...words, ...changes } as RiskRequest, NOW).ok).toBe(true);
      const { orders } = gate.parts;
      const at = gate.lastSlot;
      return [
        ...[
          orders.side[at],
          orders.type[at],
          orders.timeInForce[at],
          orders.flags[at],
          orders.priceTicks[at],
        ],
        ...[orders.stopTicks[at], orders.displayLots[at], orders.expireNs[at], orders.row[at]],
      ];
    };
    const never = Number.POSITIVE_INFINITY;
    expect(sent({})).toEqual([1, 0, TIME_IN_FORCE.GTC, 0, 10_000, 0, 0, never, 0]);
    const market = { type: "market", side: "sell", priceTicks: undefined, slice: 3 };
    expect(sent(market)).toEqual([-1, 1, TIME_IN_FORCE.IOC, 0, 0, 0, 0, never, 0]);
    const all = {
      postOnly: true,
      flatten: true,
      reduceOnly: false,
      displayLots: 1,
      timeInForce: "GTD",
      expireNs: NOW + 1,
    };
    expect(sent({ ...all, slice: 4 })).toEqual([1, 0, TIME_IN_FORCE.GTD, 5, 10_000, 0, 1, NOW + 1, 0]);
    expect(sent({ type: "stop", stopTicks: 10_001, priceTicks: undefined, slice: 5 }).slice(1, 6)).toEqual([
      ...[ORDER_TYPE.stop, 0, 0, 0, 10_001],
    ]);
    const first = gate.parts.orders.id[gate.lastSlot] as number;
    sent({ slice: 6 });
    expect(gate.parts.orders.id[gate.lastSlot]).toBe(first + 1);
    sent({ slice: 7, id: first + 10 });
    expect(gate.parts.orders.id[gate.lastSlot]).toBe(first + 10);
  });
});

describe("explain", () => {
  const loss = (limits: RiskLimits) => {
    const gate = makeGate({ limits: [at("firm", limits)], capital: [worth("firm", "100")] });
    gate.explain(order(), NOW);
    gate.settlement.charge(0, 0, 5_000);
    return gate;
  };
  const busy = (limits: RiskLimits) => {
    const gate = makeGate({ limits: [at("firm", limits)] });
    opened(gate);
    return gate;
  };
  const restricted = () => {
    const list = new RestrictedList({ instruments: 2, entries: 4 });
    list.restrict({ instrument: 0, node: 0, restriction: "noTrade", reason: "research" });
    return makeGate({ rules: { restricted: list } });
  };
  const plain = (limits: RiskLimits) => makeGate({ limits: [at("firm", limits)] });
  const rich = (limits: RiskLimits) =>
    makeGate({ limits: [at("firm", limits)], capital: [worth("firm", "1")] });

  it.each([
    ["RISK_QUANTITY_EXCEEDED", () => plain({ maxOrderLots: 1 })],
    ["RISK_PRICE_COLLAR", () => plain({ priceCollarBps: 1 })],
    ["RISK_PRICE_THROUGH", () => plain({ maxTicksThrough: 0 })],
    ["RISK_RATE_SECOND", () => busy({ maxOrdersPerSecond: 1 })],
    ["RISK_RATE_MINUTE", () => busy({ maxOrdersPerMinute: 1 })],
    ["RISK_POSITION_EXCEEDED", () => plain({ maxLongLots: 9 })],
    ["RISK_EQUITY_UNKNOWN", () => plain({ maxLeverage: 1 })],
    ["RISK_LEVERAGE_EXCEEDED", () => rich({ maxLeverage: 1 })],
    ["RISK_DAILY_LOSS", () => loss({ maxDailyLoss: "1" })],
    ["RISK_WINDOW_LOSS", () => loss({ maxWindowLoss: "1" })],
    ["RISK_DRAWDOWN", () => loss({ maxDrawdown: "1" })],
    ["RISK_RESTRICTED", restricted],
  ] as const)("says %s of the firm once", (code, gateOf) => {
    const gate = gateOf();
    const asked = order({ priceTicks: code.startsWith("RISK_PRICE") ? 10_005 : 10_000 });
    expect(gate.explain(asked, NOW).map((refusal) => refusal.code)).toEqual([code]);
  });
});

describe("refusals", () => {
  it("say what was expected", () => {
    const limits = [at("user", { priceCollarBps: 500, maxShortLots: 100 })];
    const gate = makeGate({ limits });
    const said = (changes: object) => (gate.check(order(changes), NOW) as RiskRefusal).expected;
    expect(said({ flags: 2 })).toBe(
      "an order that with all open ones makes the account's position smaller, and does not turn it (0 lots)",
    );
    const stop = { type: ORDER_TYPE.stop, priceTicks: 0 };
    expect(said({ ...stop, stopTicks: 9_999 })).toBe("a stop at or above the reference 10000");
    expect(said({ ...stop, side: -1, stopTicks: 10_001 })).toBe("a stop at or below the reference 10000");
    const bare = makeGate({ limits, book: null });
    expect(bare.check(marketOrder(), NOW)).toMatchObject({
      ...{ code: "RISK_REFERENCE_UNAVAILABLE", field: "reference", value: Number.NaN },
      expected: "a fresh book, last trade or close",
    });
    const poor = makeGate({ limits: [at("user", { maxLeverage: 1 })] });
    expect(poor.check(order(), NOW)).toMatchObject({
      field: "capital",
      expected: "the capital of user mara",
    });
    expect(
      makeGate({ limits: [at("user", { maxLeverage: 1 })], capital: [worth("user", "1")] }).check(
        order(),
        NOW,
      ),
    ).toMatchObject({
      message:
        "RISK_LEVERAGE_EXCEEDED maxLeverage: found 1000 ratio, expected at most 1 ratio (maxLeverage of user mara)",
    });
    const killed = makeGate();
    killed.parts.latch.set(0, 1);
    expect(killed.check(order(), NOW)).toMatchObject({ expected: "no kill latched" });
    const halted = makeGate({ status: { staleNs: 1 } });
    expect(halted.check(order(), NOW)).toMatchObject({
      expected: "an instrument known to trade, confirmed of late",
    });
    const full = makeGate({ capacity: 1 });
    opened(full);
    expect(full.check(order(), NOW)).toMatchObject({ expected: "at most 1 orders at one time" });
    const silent = makeGate({ records: 2 });
    opened(silent);
    expect(silent.check(order(), NOW)).toMatchObject({
      ...{ field: "records", value: 1, expected: "decisions drained by whoever records them" },
    });
    expect(gate.check(order({ lots: 2 ** 52, priceTicks: 1_000_000 }), NOW)).toMatchObject({
      ...{ field: "lots", expected: "an order worth less than 2^53 minor units" },
    });
  });
});
