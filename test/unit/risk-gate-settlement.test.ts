import { describe, expect, it } from "vitest";
import { Instrument, MAX_TICKS } from "../../src/model/index.ts";
import {
  DECISION,
  DECISION_FIELD,
  DECISION_STRIDE,
  Locates,
  MARKET_STATUS,
  NO_LIMITS,
  OrderToTrade,
  SelfMatch,
} from "../../src/risk/index.ts";
import {
  ABC,
  approved,
  at,
  codeOf,
  figures,
  type GateSetup,
  holdings,
  makeGate,
  NOW,
  opened,
  order,
  records,
  taken,
  verdict,
} from "../fixtures/gate-setup.ts";

/** A gate with one open order of 10 at 10,000. */
function withOrder(setup: GateSetup = {}) {
  const gate = makeGate(setup);
  const slot = opened(gate);
  const id = gate.parts.orders.id[slot] as number;
  const ask = (requestId: number, lots: number, priceTicks = 10_000) =>
    approved(gate.checkReplace(slot, id, requestId, lots, priceTicks, NOW));
  const held = () => {
    const { buyLots, buyTickLots, openOrders, openValue } = figures(gate);
    return [buyLots, buyTickLots, openOrders, openValue];
  };
  return { gate, settlement: gate.settlement, orders: gate.parts.orders, slot, id, ask, held };
}

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
};

describe("an answer to a replace", () => {
  it("puts its terms in force or drops them", () => {
    const { settlement, orders, slot, ask, held } = withOrder();
    ask(1, 20, 10_100);
    expect(held()).toEqual([20, 202_000, 1, 202_000]);
    settlement.answered(slot, 1, false);
    expect([held(), orders.lots[slot], orders.priceTicks[slot]]).toEqual([
      [10, 100_000, 1, 100_000],
      10,
      10_000,
    ]);
    ask(2, 5, 9_900);
    settlement.answered(slot, 2, true);
    expect([held(), orders.lots[slot], orders.priceTicks[slot]]).toEqual([[5, 49_500, 1, 49_500], 5, 9_900]);
  });

  it("that nobody asked for changes nothing, and needs an order", () => {
    const { gate, settlement, slot, ask } = withOrder();
    ask(1, 20);
    const before = holdings(gate);
    for (const requestId of [0, 2, -1, Number.NaN]) settlement.answered(slot, requestId, true);
    expect(holdings(gate)).toBe(before);
    settlement.forget(slot);
    expect(() => settlement.answered(slot, 1, true)).toThrow("FAULT_INPUT");
  });

  it("raises an order that is not held no more", () => {
    const { settlement, orders, slot, ask, held } = withOrder();
    for (const isAccepted of [true, false]) {
      ask(orders.requestId[slot] === 0 ? 1 : 2, 20);
      settlement.hold(slot, 0, 0);
      settlement.answered(slot, orders.requestId[slot] as number, isAccepted);
      expect(held()).toEqual([0, 0, 0, 0]);
      settlement.rehold(slot);
      expect(held()[0]).toBe(20);
    }
  });

  it("told the strict way leaves an order that is not held as it is", () => {
    const { settlement, slot, ask, held } = withOrder();
    ask(1, 20);
    settlement.hold(slot, 0, 0);
    settlement.replaced(slot, 1);
    expect(held()).toEqual([0, 0, 0, 0]);
    settlement.rehold(slot);
    ask(2, 30);
    settlement.hold(slot, 0, 0);
    settlement.replaceRejected(slot, 2);
    expect(held()).toEqual([0, 0, 0, 0]);
  });
});

describe("an order that its caller keeps", () => {
  it("is held by what it is told", () => {
    const { settlement, orders, slot, held } = withOrder();
    settlement.sync(slot, true, 12, 4);
    expect([held(), orders.lots[slot], orders.cumLots[slot]]).toEqual([[8, 80_000, 1, 80_000], 12, 4]);
    settlement.sync(slot, true, 4, 4);
    expect(held()).toEqual([0, 0, 0, 0]);
    settlement.sync(slot, true, 4, 1);
    expect(held()).toEqual([3, 30_000, 1, 30_000]);
  });

  it("that ended holds nothing, its replaces neither, and revokes its approval", () => {
    const { gate, settlement, orders, slot, ask, held } = withOrder();
    const approval = ask(1, 20);
    settlement.sync(slot, false, 10, 4);
    expect([held(), orders.cumLots[slot], orders.findReplace(slot, 1)]).toEqual([[0, 0, 0, 0], 4, -1]);
    expect(() => taken(gate, approval)).toThrow("FAULT_APPROVAL");
  });

  it("that holds nothing is not ended again", () => {
    const { gate, settlement, slot, ask } = withOrder();
    const approval = ask(1, 20);
    settlement.hold(slot, 0, 0);
    settlement.sync(slot, false, 10, 0);
    expect(taken(gate, approval)).toMatchObject({ requestId: 1, lots: 20 });
  });

  it("must be there", () => {
    const { settlement, slot } = withOrder();
    settlement.forget(slot);
    expect(() => settlement.sync(slot, true, 1, 0)).toThrow("FAULT_INPUT");
  });
});

describe("executions", () => {
  it("of an order that is not held hold nothing", () => {
    const { settlement, orders, slot, held } = withOrder();
    settlement.closed(slot);
    settlement.filled(slot, 4, 10_000, NOW);
    expect([held()[0], orders.cumLots[slot]]).toEqual([0, 4]);
    settlement.busted(slot, 4, 10_000, NOW);
    expect([held()[0], orders.cumLots[slot]]).toEqual([0, 0]);
    settlement.busted(slot, 1, 10_000, NOW);
    expect(orders.cumLots[slot]).toBe(0);
  });

  it("by themselves leave what is held", () => {
    const { gate, settlement, orders, slot, held } = withOrder();
    settlement.executed(slot, 4, 10_000, NOW);
    expect([figures(gate).positionLots, held()[0], orders.cumLots[slot]]).toEqual([4, 10, 0]);
    settlement.executed(slot, -4, 10_000, NOW);
    expect(figures(gate).positionLots).toBe(0);
    expect(() => settlement.executed(slot + 1, 1, 10_000, NOW)).toThrow("FAULT_INPUT");
  });

  it("are transactions and use locates up; busts are and do neither", () => {
    const orderToTrade = new OrderToTrade({ instruments: 2 });
    const locates = new Locates({ accounts: 16, instruments: 2, orders: 64 });
    locates.grant(3, 0, 100, NOW + 1e9);
    const gate = makeGate({ rules: { orderToTrade, locates }, capacity: 64 });
    const slot = opened(gate, { side: -1 });
    const state = () => [orderToTrade.save().transactions[0], locates.save().usedLots[6]];
    gate.settlement.executed(slot, 0, 10_000, NOW);
    gate.settlement.executed(slot, -1, 10_000, NOW);
    expect(state()).toEqual([0, 0]);
    gate.settlement.executed(slot, 3, 10_000, NOW);
    expect([state(), locates.reservedLots(slot)]).toEqual([[1, 3], 7]);
    // More than was located for: only what was.
    gate.settlement.executed(slot, 9, 10_000, NOW);
    expect([state(), locates.reservedLots(slot)]).toEqual([[2, 10], 0]);
    gate.settlement.executed(slot, 1, 10_000, NOW);
    expect(state()).toEqual([3, 10]);
  });

  it.each([0, 2, 0.5, -2, Number.NaN])("cannot be on a side %d", (side) => {
    const gate = makeGate();
    const text = messageOf(() => gate.settlement.book(0, 0, side, 1, 10_000, NOW));
    expect([text.includes("FAULT_INPUT"), text.includes("side"), text.includes("1 or -1")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(figures(gate).positionLots).toBe(0);
  });

  it("are sampled by every window of losses on their path when they happen", () => {
    const gate = makeGate({ limits: [at("symbol", { maxWindowLoss: "1" })], lossWindowNs: 1_000 });
    gate.settlement.book(0, 0, 1, 1, 10_000, NOW);
    // Bought at 101.50, worth 99.99: 1.51 lost.
    gate.settlement.book(0, 0, 1, 1, 10_150, NOW + 1);
    gate.settlement.book(0, 0, -1, 2, 10_150, NOW + 2);
    expect(verdict(gate, {}, NOW + 3)).toBe("RISK_WINDOW_LOSS");
  });

  it("latch the day's loss of every node on their path when they happen", () => {
    const gate = makeGate({ limits: [at("symbol", { maxDailyLoss: "1" })] });
    gate.settlement.book(0, 0, 1, 1, 10_150, NOW);
    gate.settlement.book(0, 0, 1, 1, 9_000, NOW);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });
});

describe("positions", () => {
  it("are there while the firm has any", () => {
    const gate = makeGate();
    const { settlement } = gate;
    expect([settlement.hasPosition(0), settlement.hasPosition(1)]).toEqual([false, false]);
    settlement.book(2, 1, -1, 3, 10_000, NOW);
    expect([settlement.hasPosition(0), settlement.hasPosition(1)]).toEqual([false, true]);
    expect([0, 1, 2].map((seat) => settlement.positionOf(seat, 1))).toEqual([0, 0, -3]);
    settlement.book(2, 1, 1, 3, 10_000, NOW);
    expect(settlement.hasPosition(1)).toBe(false);
    expect(() => settlement.positionOf(3, 0)).toThrow("FAULT_INPUT");
    expect(() => settlement.positionOf(0, 2)).toThrow("FAULT_INPUT");
  });

  it("are split with their prices, and worth what they were", () => {
    const gate = makeGate();
    const { settlement, parts } = gate;
    settlement.book(0, 0, 1, 10, 9_990, NOW);
    settlement.book(1, 0, -1, 4, 9_990, NOW);
    settlement.book(2, 1, 1, 7, 10_000, NOW);
    gate.quote(0, 9_990, 10_010, NOW);
    const today = parts.dayProfitOf(0);
    settlement.split(0, 2, 1);
    expect([0, 1, 2].map((seat) => settlement.positionOf(seat, 0))).toEqual([20, -8, 0]);
    expect([figures(gate).positionLots, figures(gate, 0, 1).positionLots]).toEqual([12, 7]);
    const { exposure } = parts;
    expect([exposure.markTicks[0], exposure.longMarkTicks[0], exposure.shortMarkTicks[0]]).toEqual([
      5_005, 4_995, 5_005,
    ]);
    // 12 at 50.05 of this, 7 at 100.01 of the other.
    expect(figures(gate).gross).toBe(12 * 5_005 + 7 * 10_001);
    expect(parts.dayProfitOf(0)).toBe(today);
  });

  it("split the other way lose their rests towards 0", () => {
    const gate = makeGate();
    gate.settlement.book(0, 0, 1, 7, 10_000, NOW);
    gate.settlement.book(2, 0, -1, 7, 10_000, NOW);
    gate.settlement.split(0, 1, 2);
    expect([0, 2].map((seat) => gate.settlement.positionOf(seat, 0))).toEqual([3, -3]);
    expect(gate.parts.exposure.markTicks[0]).toBe(20_002);
  });
});

describe("terms told unasked", () => {
  it("are held at the worse of both prices", () => {
    const { settlement, orders, slot, held } = withOrder();
    settlement.restated(slot, 6, 9_000);
    expect([held(), orders.priceTicks[slot], orders.lots[slot]]).toEqual([[6, 60_000, 1, 60_000], 9_000, 6]);
    settlement.restated(slot, 6, -11_000);
    expect(held()).toEqual([6, 66_000, 1, 66_000]);
  });

  it("say what was wrong with them", () => {
    const { settlement, slot } = withOrder();
    for (const [path, call] of [
      ["lots", () => settlement.restated(slot, 2 ** 53, 1)],
      ["priceTicks", () => settlement.restated(slot, 1, 0.5)],
      ["lots", () => settlement.book(0, 0, 1, 0.5, 1, NOW)],
      ["priceTicks", () => settlement.book(0, 0, 1, 1, Number.POSITIVE_INFINITY, NOW)],
      ["minor", () => settlement.charge(0, 0, 0.5)],
    ] as const) {
      const text = messageOf(call);
      expect(text).toContain(path);
      expect(text).toContain("a whole number within 2^53");
    }
    expect(messageOf(() => settlement.closed(slot + 1))).toContain("slot");
    expect(messageOf(() => settlement.closed(slot + 1))).toContain("the place of an approved order");
    expect(messageOf(() => settlement.replaced(slot + 1, 5))).toContain("FAULT_INPUT slot");
    expect(messageOf(() => settlement.replaced(slot, 5))).toContain("requestId");
    expect(messageOf(() => settlement.replaced(slot, 5))).toContain("waits for its answer");
    expect(messageOf(() => settlement.quote(2, 1, 2, NOW))).toContain("instrument");
    expect(messageOf(() => settlement.quote(2, 1, 2, NOW))).toContain("an index below 2");
    expect(messageOf(() => settlement.charge(3, 0, 1))).toContain("seat, instrument");
    expect(messageOf(() => settlement.charge(3, 0, 1))).toContain("[3,0]");
    expect(messageOf(() => settlement.charge(3, 0, 1))).toContain("places of the gate");
  });
});

describe("a status told to the gate", () => {
  it("opens and halts an instrument", () => {
    const gate = makeGate({ status: { staleNs: 1_000 } });
    gate.settlement.status(1, MARKET_STATUS.trading, NOW);
    expect([verdict(gate), verdict(gate, { instrument: 1 })]).toEqual(["RISK_HALTED", "approved"]);
    gate.settlement.status(1, MARKET_STATUS.halted, NOW);
    expect(verdict(gate, { instrument: 1 })).toBe("RISK_HALTED");
    expect(() => gate.settlement.status(2, MARKET_STATUS.trading, NOW)).toThrow("FAULT_INPUT");
    expect(() => gate.settlement.status(0, 99, NOW)).toThrow("FAULT_INPUT");
  });

  it("is a fault where the gate asks for none", () => {
    const { settlement } = makeGate();
    const text = messageOf(() => settlement.status(0, MARKET_STATUS.trading, NOW));
    for (const part of ["FAULT_INPUT status", "a gate that asks for a status"]) expect(text).toContain(part);
    expect(messageOf(() => settlement.status(2, MARKET_STATUS.trading, NOW))).toContain("an index below 2");
  });
});

describe("prices", () => {
  it("value positions by the last trade while there is no book", () => {
    const gate = makeGate({ ages: { quoteNs: 1_000 } });
    gate.settlement.book(0, 0, 1, 1, 10_000, NOW);
    gate.trade(0, 9_000, NOW + 1_000);
    expect(figures(gate).gross).toBe(10_001);
    gate.trade(0, 9_000, NOW + 1_001);
    expect(figures(gate).gross).toBe(9_000);
    gate.trade(0, Number.NaN, NOW + 1_002);
    gate.trade(0, 0.5, NOW + 1_002);
    expect(figures(gate).gross).toBe(9_000);
    gate.quote(0, 8_000, 8_000, NOW + 2_000);
    expect(figures(gate).gross).toBe(9_000);
    gate.quote(0, 8_000, 8_001, NOW + 2_000);
    expect(figures(gate).gross).toBe(8_001);
  });

  it("are whole ticks that a venue can quote, 0 never -0", () => {
    const { settlement, parts } = makeGate({ book: null });
    const { references } = parts;
    settlement.quote(0, -MAX_TICKS, MAX_TICKS, NOW);
    expect([references.bidTicks[0], references.askTicks[0]]).toEqual([-MAX_TICKS, MAX_TICKS]);
    settlement.quote(0, -MAX_TICKS - 1, MAX_TICKS + 1, NOW);
    expect([references.bidTicks[0], references.askTicks[0]]).toEqual([Number.NaN, Number.NaN]);
    settlement.quote(0, -0, 1, NOW);
    expect(Object.is(references.bidTicks[0], 0)).toBe(true);
    expect(() => settlement.close(2, 1, NOW)).toThrow("FAULT_INPUT");
  });

  it("of a trade latch losses, though nobody quotes", () => {
    const gate = makeGate({ book: null, limits: [at("symbol", { maxDailyLoss: "10" })] });
    gate.settlement.book(0, 0, 1, 100, 10_000, NOW);
    gate.trade(0, 9_990, NOW);
    gate.trade(0, 10_000, NOW);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });

  it("are sampled by windows of losses when they come", () => {
    for (const tell of ["quote", "trade"] as const) {
      const gate = makeGate({
        ...{ book: null, limits: [at("symbol", { maxWindowLoss: "10" })] },
        lossWindowNs: 1_000,
      });
      gate.settlement.book(0, 0, 1, 100, 10_000, NOW);
      const price = (ticks: number) =>
        tell === "quote" ? gate.quote(0, ticks, ticks + 1, NOW) : gate.trade(0, ticks, NOW);
      price(10_000);
      price(9_990);
      price(10_000);
      expect(verdict(gate)).toBe("RISK_WINDOW_LOSS");
    }
  });
});

describe("charges", () => {
  const euros = new Instrument({
    symbol: "EUX",
    venue: "XNAS",
    tickSize: "0.01",
    lotSize: "1",
    quote: "EUR",
  });
  const gateOf = () =>
    makeGate({ instruments: [euros, ABC], classes: {}, rates: { EUR: "1.5" }, book: null });

  it("are taken off every level of their path", () => {
    const gate = makeGate();
    gate.settlement.charge(0, 1, 7);
    gate.settlement.charge(2, 1, 5);
    const { hierarchy, exposure } = gate.parts;
    const lost = Array.from({ length: hierarchy.nodes }, (_, node) => -exposure.node(node, 4) + 0);
    const names = lost.map((minor, node) => [hierarchy.describe(node), minor]);
    expect(Object.fromEntries(names)).toEqual({
      ...{ firm: 12, "desk equities": 7, "desk macro": 5, "account A1": 7, "account B7": 5 },
      ...{ "user mara": 7, "user noor": 0, "user olu": 5, "strategy pairs": 7, "strategy grid": 0 },
      ...{ "strategy carry": 5, "class stocks": 12, "symbol ABC@XNAS": 0, "symbol XYZ@XNYS": 12 },
    });
  });

  it("of one instrument are rounded once, against us", () => {
    const gate = gateOf();
    const lost = () => -gate.parts.dayProfitOf(0);
    gate.settlement.charge(0, 0, 1);
    expect(lost()).toBe(2);
    gate.settlement.charge(0, 0, 1);
    expect(lost()).toBe(3);
    gate.settlement.charge(0, 1, 1);
    expect(lost()).toBe(4);
    gate.settlement.charge(1, 0, 1);
    expect(lost()).toBe(6);
    gate.settlement.charge(0, 0, -2);
    expect(lost() + 0).toBe(3);
  });

  it("latch losses of every level of their path when they come", () => {
    const gate = makeGate({ limits: [at("symbol", { maxDailyLoss: "1" })] });
    gate.settlement.charge(0, 0, 100);
    gate.settlement.charge(0, 0, -100);
    expect(verdict(gate)).toBe("RISK_DAILY_LOSS");
  });
});

describe("cancels", () => {
  it("are recorded with their order's fields", () => {
    const gate = makeGate();
    const row = { seat: 1, instrument: 1, side: -1, lots: 7, priceTicks: 10_002, id: 8_000_000 };
    const slot = opened(gate, row);
    gate.settlement.filled(slot, 2, 10_002, NOW);
    gate.drain(() => {});
    gate.parts.latch.set(0, 1);
    const latch = gate.parts.latch.read();
    gate.settlement.canceling(slot, NOW + 5);
    expect(latch).not.toBe(0);
    expect(records(gate)).toEqual([
      {
        ...{
          sequence: 2,
          atNs: NOW + 5,
          kind: DECISION.cancel,
          code: 0,
          ...row,
          lots: 5,
          node: -1,
          limit: -1,
        },
        ...{ measured: 0, bound: 0, version: 1, latch },
      },
    ]);
  });

  it("overwrite what stood in their place of the ring before", () => {
    const gate = makeGate({ records: 4, limits: [at("user", { maxOrderLots: 10 })] });
    const slot = opened(gate, { lots: 1 });
    for (let i = 0; i < 6; i++) {
      gate.drain(() => {});
      verdict(gate, { lots: 11 });
    }
    gate.drain(() => {});
    for (let i = 0; i < 2; i++) gate.settlement.canceling(slot, NOW);
    for (const { code, measured, bound } of records(gate)) expect([code, measured, bound]).toEqual([0, 0, 0]);
    expect(DECISION_STRIDE).toBe(Object.keys(DECISION_FIELD).length);
  });

  it("leave the last place for a decision, and are counted all the same", () => {
    const orderToTrade = new OrderToTrade({ instruments: 2 });
    const gate = makeGate({ records: 4, rules: { orderToTrade } });
    const slot = opened(gate);
    gate.settlement.canceling(slot, NOW);
    gate.settlement.canceling(slot, NOW);
    expect(records(gate).map(({ kind }) => kind)).toEqual([DECISION.order, DECISION.cancel]);
    expect([orderToTrade.save().orders[0], orderToTrade.save().orderLots[0]]).toEqual([3, 30]);
  });
});

describe("an approval that is given up", () => {
  it("gives its place back", () => {
    const gate = makeGate({ capacity: 1 });
    const approval = approved(gate.check(order(), NOW));
    expect(verdict(gate)).toBe("RISK_CAPACITY");
    gate.abandon(approval);
    expect([figures(gate).buyLots, verdict(gate)]).toEqual([0, "approved"]);
  });

  it("of a replace cannot be withdrawn by the next one again", () => {
    const { gate, slot, ask, held } = withOrder();
    taken(gate, ask(1, 20));
    gate.abandon(ask(2, 30));
    expect(held()[0]).toBe(20);
    ask(3, 25);
    expect(held()[0]).toBe(25);
    gate.settlement.answered(slot, 3, false);
    expect(held()[0]).toBe(20);
  });
});

describe("orders that rest", () => {
  it("are followed by self-match and locates until nothing of them is held", () => {
    const selfMatch = new SelfMatch({ groups: 16, instruments: 2, orders: 64 });
    const locates = new Locates({ accounts: 16, instruments: 2, orders: 64 });
    locates.grant(3, 0, 100, NOW + 1e9);
    const gate = makeGate({ rules: { selfMatch, locates }, capacity: 64 });
    const slot = opened(gate, { side: -1 });
    gate.settlement.hold(slot, 4, 40_000);
    expect([selfMatch.holds(slot), locates.reservedLots(slot)]).toEqual([true, 10]);
    gate.settlement.hold(slot, 0, 0);
    expect([selfMatch.holds(slot), locates.reservedLots(slot)]).toEqual([false, 0]);
    gate.settlement.hold(slot, 4, 40_000);
    expect(selfMatch.holds(slot)).toBe(false);
  });
});

describe("a gate without any limit", () => {
  it("follows orders and replaces, and counts no exposure", () => {
    const { gate, settlement, orders, slot, ask } = withOrder({ firm: NO_LIMITS });
    expect(orders.heldLots[slot]).toBe(10);
    taken(gate, ask(1, 20));
    expect(orders.heldLots[slot]).toBe(20);
    settlement.answered(slot, 1, true);
    settlement.filled(slot, 5, 10_000, NOW);
    expect([orders.heldLots[slot], figures(gate).buyLots, figures(gate).openOrders]).toEqual([15, 0, 0]);
    settlement.closed(slot);
    expect(orders.heldLots[slot]).toBe(0);
    expect(codeOf(gate.checkReplace(slot, 1, 9, 5, 10_000, NOW))).toBe("RISK_ORDER_NOT_OPEN");
    expect(records(gate)).toEqual([]);
  });
});
