import { describe, expect, it } from "vitest";
import { Instrument, ORDER_TYPE } from "../../src/model/index.ts";
import { AdverseWindow } from "../../src/risk/adverse-window.ts";
import { CircuitBreaker } from "../../src/risk/circuit-breaker.ts";
import type { GateRules } from "../../src/risk/index.ts";
import { Locates } from "../../src/risk/locates.ts";
import { luldTerms } from "../../src/risk/luld-bands.ts";
import { LuldState } from "../../src/risk/luld-state.ts";
import { OrderToTrade } from "../../src/risk/order-to-trade.ts";
import { ProductPermissions } from "../../src/risk/product-permissions.ts";
import { RepeatThrottle } from "../../src/risk/repeat-throttle.ts";
import { RestrictedList } from "../../src/risk/restricted-list.ts";
import { SelfMatch, type SelfMatchMode } from "../../src/risk/self-match.ts";
import { ShortSale } from "../../src/risk/short-sale.ts";
import {
  approved,
  at,
  figures,
  makeGate,
  marketOrder,
  NOW,
  opened,
  order,
  verdict,
} from "../fixtures/gate-setup.ts";

const SECOND = 1e9;
/** The nodes of the account A1, and of the account B7. */
const [A1, B7] = [3, 4];
const ORDERS = 64;
const gateOf = (rules: GateRules, more: Parameters<typeof makeGate>[0] = {}) =>
  makeGate({ rules, capacity: ORDERS, ...more });

describe("permissions", () => {
  it("are an account's own, for new risk", () => {
    const permissions = new ProductPermissions({ nodes: 16 });
    const gate = gateOf({ permissions });
    expect([gate.parts.node("", "account", "A1"), gate.parts.node("", "account", "B7")]).toEqual([A1, B7]);
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_NOT_PERMITTED", value: "class stocks" });
    permissions.allow(A1, 0);
    expect([0, 1, 2].map((seat) => verdict(gate, { seat }))).toEqual([
      "approved",
      "approved",
      "RISK_NOT_PERMITTED",
    ]);
    gate.settlement.book(2, 0, 1, 10, 10_000, NOW);
    expect(verdict(gate, { seat: 2, side: -1 })).toBe("approved");
  });
});

describe("restricted instruments", () => {
  it.each([
    ["noBuy", ["RISK_RESTRICTED", "approved", "RISK_RESTRICTED"]],
    ["closeOnly", ["RISK_RESTRICTED", "RISK_RESTRICTED", "RISK_RESTRICTED"]],
    ["noTrade", ["RISK_RESTRICTED", "RISK_RESTRICTED", "RISK_RESTRICTED"]],
  ] as const)("with %s", (restriction, codes) => {
    const list = new RestrictedList({ instruments: 2, entries: 4 });
    const gate = gateOf({ restricted: list });
    list.restrict({
      instrument: 0,
      restriction,
      reason: "research",
    });
    expect([1, -1, 1].map((side) => verdict(gate, { side }))).toEqual(codes);
    expect(verdict(gate, { instrument: 1 })).toBe("approved");
    gate.settlement.book(2, 0, 1, 10, 10_000, NOW);
    expect(verdict(gate, { seat: 2, side: -1 })).toBe(
      restriction === "noTrade" ? "RISK_RESTRICTED" : "approved",
    );
  });

  it("bind any node of the path, while they last", () => {
    for (const node of [0, 1, A1, 5, 8, 11, 12]) {
      const list = new RestrictedList({ instruments: 2, entries: 4 });
      const gate = gateOf({ restricted: list });
      list.restrict({ instrument: 0, node, restriction: "noTrade", reason: "research", untilNs: NOW + 5 });
      expect([NOW + 4, NOW + 5].map((nowNs) => verdict(gate, {}, nowNs))).toEqual([
        "RISK_RESTRICTED",
        "approved",
      ]);
    }
  });
});

describe("short sales", () => {
  const shorts = (more = {}) => {
    const shortSale = new ShortSale({ instruments: 2 });
    shortSale.setPriorClose(0, 11_200, 0);
    shortSale.setPriorClose(1, 11_200, 0);
    return { shortSale, gate: gateOf({ shortSale }, more) };
  };

  it("above the bid only, while the price test holds", () => {
    const { shortSale, gate } = shorts();
    expect(verdict(gate, { side: -1, priceTicks: 9_999 })).toBe("approved");
    shortSale.trigger(0, 0);
    expect(gate.check(order({ side: -1, priceTicks: 9_999 }), NOW)).toMatchObject({
      code: "RISK_SHORT_SALE",
    });
    expect(verdict(gate, { side: -1, priceTicks: 10_000 })).toBe("approved");
    expect(gate.check(marketOrder({ side: -1 }), NOW)).toMatchObject({ code: "RISK_SHORT_SALE" });
    expect(verdict(gate, { side: 1, priceTicks: 9_000 })).toBe("approved");
  });

  it("are what the account does not hold, open sales counted", () => {
    const { shortSale, gate } = shorts();
    shortSale.trigger(0, 0);
    gate.settlement.book(0, 0, 1, 20, 10_000, NOW);
    const sell = (lots: number) => verdict(gate, { side: -1, priceTicks: 9_999, lots });
    expect([sell(21), sell(15), sell(6), sell(5), sell(1)]).toEqual([
      "RISK_SHORT_SALE",
      "approved",
      "RISK_SHORT_SALE",
      "approved",
      "RISK_SHORT_SALE",
    ]);
  });

  it("are tested on the gate's own day", () => {
    const { shortSale, gate } = shorts();
    shortSale.trigger(0, 0);
    gate.control.newDay(NOW, 2);
    expect(verdict(gate, { side: -1, priceTicks: 9_999 })).toBe("RISK_SHORT_SALE");
    shortSale.setPriorClose(0, 10_000, 2);
    expect(verdict(gate, { side: -1, priceTicks: 9_999 })).toBe("approved");
  });

  it("are not tested by a bid that is stale", () => {
    const { shortSale, gate } = shorts({ ages: { quoteNs: SECOND } });
    shortSale.trigger(0, 0);
    gate.trade(0, 10_000, NOW + 10 * SECOND);
    // The last bid known is ten seconds old: nobody knows what it is now.
    expect(verdict(gate, { side: -1, priceTicks: 10_000 }, NOW + 10 * SECOND)).not.toBe("approved");
  });

  it("need located shares, which each can be sold once", () => {
    const locates = new Locates({ accounts: 16, instruments: 2, orders: ORDERS });
    const gate = gateOf({ locates });
    expect(gate.check(order({ side: -1 }), NOW)).toMatchObject({ code: "RISK_LOCATE_MISSING", value: 10 });
    locates.grant(A1, 0, 25, NOW + SECOND);
    expect(verdict(gate, { seat: 2, side: -1 })).toBe("RISK_LOCATE_MISSING");
    const first = opened(gate, { side: -1, lots: 20 });
    expect(verdict(gate, { side: -1, lots: 6 })).toBe("RISK_LOCATE_MISSING");
    // Canceled after 8: 12 come back.
    gate.settlement.filled(first, 8, 10_000, NOW);
    gate.settlement.forget(first);
    expect(verdict(gate, { side: -1, lots: 18 })).toBe("RISK_LOCATE_MISSING");
    expect(verdict(gate, { side: -1, lots: 17 })).toBe("approved");
  });

  it("that were filled have used up their shares", () => {
    const locates = new Locates({ accounts: 16, instruments: 2, orders: ORDERS });
    const gate = gateOf({ locates });
    locates.grant(A1, 0, 10, NOW + SECOND);
    gate.settlement.filled(opened(gate, { side: -1 }), 10, 10_000, NOW);
    expect(verdict(gate, { side: -1 })).toBe("RISK_LOCATE_MISSING");
  });
});

describe("prices driven over a while", () => {
  const drifting = () => {
    const drift = new AdverseWindow({ instruments: 2, depth: 2 });
    drift.configure(0, { windowNs: SECOND, limitTicks: 20 });
    return gateOf({ drift }, { ages: { quoteNs: SECOND } });
  };

  it("are measured from the lowest reference of own buys", () => {
    const gate = drifting();
    opened(gate, { priceTicks: 10_020 });
    gate.quote(0, 10_009, 10_011, NOW);
    expect(gate.check(order({ priceTicks: 10_021 }), NOW)).toMatchObject({ code: "RISK_PRICE_DRIFT" });
    expect(verdict(gate, { priceTicks: 10_020 })).toBe("approved");
  });

  it("let what reduces pass, on stale prices and with a full memory too", () => {
    for (const nowNs of [NOW, NOW + 2 * SECOND]) {
      const gate = drifting();
      gate.settlement.book(0, 0, -1, 100, 10_000, NOW);
      for (let i = 0; i < 5; i++) {
        gate.quote(0, 9_999 + i, 10_001 + i, NOW);
        expect(verdict(gate, { lots: 1 }, nowNs)).toBe("approved");
      }
      expect(figures(gate).buyLots).toBe(5);
    }
  });
});

describe("price bands", () => {
  it("bound buys above and sells below", () => {
    const bands = new LuldState({ instruments: 2, trades: 8, terms: luldTerms("2024-05-01"), openNs: 0 });
    const gate = gateOf({ bands });
    expect(verdict(gate)).toBe("RISK_PRICE_BAND");
    bands.list(0, 1, 1_000_000);
    bands.open(0, 1_000_000, NOW);
    const codes = (side: number, ...ticks: number[]) =>
      ticks.map((priceTicks) => verdict(gate, { side, priceTicks }));
    expect(codes(1, 10_500, 10_501, 9_000)).toEqual(["approved", "RISK_PRICE_BAND", "approved"]);
    expect(codes(-1, 9_500, 9_499, 11_000)).toEqual(["approved", "RISK_PRICE_BAND", "approved"]);
    bands.pause(0, NOW);
    expect(codes(1, 10_000)).toEqual(["RISK_PRICE_BAND"]);
    gate.settlement.book(0, 0, 1, 100, 10_000, NOW);
    expect(codes(-1, 10_000)).toEqual(["approved"]);
  });
});

describe("price bands of a fine tick", () => {
  it("bound prices in dollars, whatever the tick", () => {
    const fine = new Instrument({
      ...{
        symbol: "FINE",
        venue: "XNAS",
        tickSize: "0.00001",
        lotSize: "1",
        quote: { code: "USD", decimals: 5 },
      },
    });
    const bands = new LuldState({ instruments: 1, trades: 8, terms: luldTerms("2024-05-01"), openNs: 0 });
    bands.list(0, 1, 100_000);
    bands.open(0, 100_000, NOW);
    const gate = gateOf({ bands }, { instruments: [fine], classes: {}, book: [999_999, 1_000_001] });
    const codes = [1_050_000, 1_051_000].map((priceTicks) => verdict(gate, { priceTicks }));
    expect(codes).toEqual(["approved", "RISK_PRICE_BAND"]);
  });
});

describe("breakers and throttles", () => {
  it("stop new risk while one is open, and count probes", () => {
    const told: string[] = [];
    const make = (name: string) =>
      new CircuitBreaker({ name, coolDownNs: 1_000, onTransition: ({ to }) => told.push(to) });
    const [one, two] = [make("one"), make("two")];
    const gate = gateOf({ breakers: [one, two] });
    two.trip("errorCount", NOW);
    expect(gate.check(order(), NOW + 999)).toMatchObject({ code: "RISK_BREAKER_OPEN", field: "breakers[1]" });
    expect([verdict(gate, {}, NOW + 1_000), verdict(gate, {}, NOW + 1_000)]).toEqual([
      "approved",
      "RISK_BREAKER_OPEN",
    ]);
    two.succeeded(NOW + 1_000);
    expect([verdict(gate), told]).toEqual(["approved", ["open", "halfOpen", "closed"]]);
  });

  it("are not moved by explain", () => {
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    const gate = gateOf({ breakers: [breaker] });
    breaker.trip("errorCount", NOW);
    gate.explain(order(), NOW + 1_000);
    expect(breaker.state).toBe("open");
  });

  it("stop a strategy that repeats itself", () => {
    const repeats = new RepeatThrottle({ strategies: 3, capacity: 16, windowNsMax: SECOND });
    const gate = gateOf({ repeats });
    repeats.configure(0, { count: 1, windowNs: SECOND });
    repeats.executed(0, 0, 1, 1, NOW);
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_REPEATED_EXECUTIONS", value: "pairs" });
    expect(verdict(gate, { seat: 1 })).toBe("approved");
    gate.settlement.book(2, 0, 1, 10, 10_000, NOW);
    repeats.enable(0, "R. Isk");
    expect(verdict(gate)).toBe("approved");
  });

  it("count orders, replaces, cancels and executions for each trade", () => {
    const orderToTrade = new OrderToTrade({ instruments: 2 });
    const gate = gateOf({ orderToTrade });
    const slot = opened(gate);
    approved(gate.checkReplace(slot, gate.parts.orders.id[slot] as number, 1, 12, 10_000, NOW));
    gate.settlement.canceling(slot, NOW);
    expect(orderToTrade.save().orders[0]).toBe(4);
    gate.settlement.filled(slot, 2, 10_000, NOW);
    expect(orderToTrade.byNumber(0)).toBe(3);
  });

  it("refuse what would be too many messages for its trades", () => {
    const orderToTrade = new OrderToTrade({ instruments: 2 });
    const gate = gateOf({ orderToTrade });
    orderToTrade.configure(0, { byNumber: 1, minOrders: 2 });
    expect([verdict(gate), verdict(gate), verdict(gate)]).toEqual([
      "approved",
      "approved",
      "RISK_ORDER_TO_TRADE",
    ]);
    gate.control.newDay(NOW, 1);
    expect(verdict(gate)).toBe("approved");
  });
});

describe("own orders", () => {
  const matching = (selfMatch?: SelfMatchMode) => {
    const own = new SelfMatch({ groups: 16, instruments: 2, orders: ORDERS });
    const gate = gateOf({ selfMatch: own }, selfMatch === undefined ? {} : { selfMatch });
    return { own, gate, slot: opened(gate, { side: -1, priceTicks: 10_010, lots: 10 }) };
  };

  it("are not met by others of the account", () => {
    const { gate } = matching();
    expect([10_009, 10_010].map((priceTicks) => verdict(gate, { seat: 1, priceTicks }))).toEqual([
      "approved",
      "RISK_SELF_MATCH",
    ]);
    expect(gate.check(marketOrder(), NOW)).toMatchObject({ code: "RISK_SELF_MATCH" });
    expect(verdict(gate, { type: ORDER_TYPE.stop, stopTicks: 10_010, priceTicks: 0 })).toBe("approved");
    expect(verdict(gate, { seat: 2, priceTicks: 10_010 })).toBe("approved");
    expect(verdict(gate, { instrument: 1, priceTicks: 10_010 })).toBe("approved");
  });

  it("are followed to their end", () => {
    const { own, gate, slot } = matching();
    gate.settlement.filled(slot, 4, 10_010, NOW);
    expect(own.save().map(([, , , , ticks, lots]) => [ticks, lots])).toEqual([[10_010, 6]]);
    approved(gate.checkReplace(slot, gate.parts.orders.id[slot] as number, 1, 10, 10_020, NOW));
    gate.settlement.replaced(slot, 1);
    expect(verdict(gate, { priceTicks: 10_010 })).toBe("approved");
    gate.settlement.closed(slot);
    expect(own.holds(slot)).toBe(false);
    expect(verdict(gate, { priceTicks: 10_020 })).toBe("approved");
  });

  it("may be met where the mode says so", () => {
    expect(verdict(matching("none").gate, { priceTicks: 10_010 })).toBe("approved");
    const { gate } = matching("cancelOldest");
    expect(gate.check(order({ priceTicks: 10_010 }), NOW)).toMatchObject({ code: "RISK_SELF_MATCH" });
    expect(gate.check(order({ priceTicks: 10_010 }), NOW).ok).toBe(false);
  });

  it("are found at the price a replace may be at already", () => {
    const { gate, slot } = matching();
    approved(gate.checkReplace(slot, gate.parts.orders.id[slot] as number, 1, 10, 10_005, NOW));
    expect(verdict(gate, { seat: 1, priceTicks: 10_005 })).toBe("RISK_SELF_MATCH");
  });
});

describe("a gate with every rule", () => {
  it("has room for as many orders as it says", () => {
    const gate = makeGate({ capacity: 2, limits: [at("user", { maxOrderLots: 10 })] });
    const slot = opened(gate);
    opened(gate);
    expect(gate.check(order(), NOW)).toMatchObject({ code: "RISK_CAPACITY", field: "orders", value: 2 });
    gate.settlement.closed(slot);
    expect(verdict(gate)).toBe("RISK_CAPACITY");
    gate.settlement.forget(slot);
    expect(verdict(gate)).toBe("approved");
  });
});
