import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import { CircuitBreaker, RiskGate, type RiskGateOptions } from "../../src/risk/index.ts";
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
} from "../fixtures/gate-setup.ts";

const collar = { limits: [at("user", { priceCollarBps: 100 })] };

describe("an order under a collar", () => {
  it("leaves with its own price, type and time in force where it has a limit", () => {
    const gate = makeGate(collar);
    for (const priceTicks of [10_000, 9_910]) {
      expect(taken(gate, approved(gate.check(order({ priceTicks }), NOW)))).toMatchObject({
        ...{ type: ORDER_TYPE.limit, priceTicks, timeInForce: TIME_IN_FORCE.GTC },
      });
    }
  });

  it("leaves at the collar's bound where it has none, but in an auction and where that is not asked for", () => {
    const sent = (changes: object, setup: Partial<RiskGateOptions> = {}) => {
      const gate = makeGate({ ...collar, ...setup });
      const { type, priceTicks, timeInForce } = taken(gate, approved(gate.check(marketOrder(changes), NOW)));
      return [type, priceTicks, timeInForce];
    };
    const { limit, market } = ORDER_TYPE;
    const { atOpen, atClose, IOC } = TIME_IN_FORCE;
    expect([sent({}), sent({ side: -1 })]).toEqual([
      [limit, 10_100, IOC],
      [limit, 9_900, IOC],
    ]);
    expect(sent({}, { protectsMarketOrders: false })).toEqual([market, 0, IOC]);
    for (const timeInForce of [atOpen, atClose]) {
      expect(sent({ timeInForce })).toEqual([market, 0, timeInForce]);
    }
  });
});

describe("a replace", () => {
  it("of no order that is held is recorded by its id, without a seat or an instrument", () => {
    const gate = makeGate();
    const slot = opened(gate, { seat: 1, instrument: 1 });
    const id = gate.parts.orders.id[slot] as number;
    gate.drain(() => {});
    const codes = [
      gate.checkReplace(slot, id + 1, 1, 5, 10_000, NOW),
      gate.checkReplace(slot + 1, id, 1, 5, 10_000, NOW),
      gate.checkReplace(String(slot) as never, id, 1, 5, 10_000, NOW),
    ].map(codeOf);
    expect(codes).toEqual(new Array(3).fill("RISK_ORDER_NOT_OPEN"));
    expect(records(gate).map((record) => [record.id, record.seat, record.instrument])).toEqual([
      ...[id + 1, id, id].map((each) => [each, -1, -1]),
    ]);
  });

  it("is measured by the limits of now, an exception that ended is none", () => {
    const gate = makeGate({ limits: [at("user", { maxOrderLots: 10 })] });
    const slot = opened(gate);
    const id = gate.parts.orders.id[slot] as number;
    gate.control.override(
      {
        ...{ level: "user", name: "mara", limits: { maxOrderLots: 20 }, reason: "index event" },
        ...{ requestedBy: TRADER, approvedBy: RISK, untilNs: NOW + 10 },
      },
      NOW,
    );
    expect(codeOf(gate.checkReplace(slot, id, 1, 20, 10_000, NOW + 10))).toBe("RISK_QUANTITY_EXCEEDED");
  });

  it("counts as a message", () => {
    const gate = makeGate({ limits: [at("user", { maxOrdersPerMinute: 2 })] });
    const slot = opened(gate);
    const id = gate.parts.orders.id[slot] as number;
    expect(codeOf(gate.checkReplace(slot, id, 1, 11, 10_000, NOW))).toBe("approved");
    expect(verdict(gate)).toBe("RISK_RATE_MINUTE");
  });

  it("in force holds its own lots, though they are worth as much as those before", () => {
    const gate = makeGate();
    const slot = opened(gate, { lots: 10, priceTicks: 10_000 });
    const id = gate.parts.orders.id[slot] as number;
    taken(gate, approved(gate.checkReplace(slot, id, 1, 5, 20_000, NOW)));
    expect(figures(gate)).toMatchObject({ buyLots: 10, buyTickLots: 100_000, openOrders: 1 });
    gate.settlement.replaced(slot, 1);
    expect(figures(gate)).toMatchObject({ buyLots: 5, buyTickLots: 100_000, openOrders: 1 });
    gate.settlement.closed(slot);
    expect(figures(gate)).toMatchObject({ buyLots: 0, buyTickLots: 0, openOrders: 0, openValue: 0 });
  });

  it("that was given up cannot be given up again, taken or found", () => {
    const gate = makeGate();
    const slot = opened(gate);
    const id = gate.parts.orders.id[slot] as number;
    const approval = approved(gate.checkReplace(slot, id, 1, 11, 10_000, NOW));
    gate.abandon(approval);
    expect(() => gate.abandon(approval)).toThrow("FAULT_APPROVAL");
    expect(() => gate.slotOf(approval)).toThrow("FAULT_APPROVAL");
    expect(() => gate.take(approval, outboundOrder())).toThrow("FAULT_APPROVAL");
  });
});

describe("an order in words that cannot be read", () => {
  it("leaves the next order to the same rules", () => {
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    const gate = makeGate({ rules: { breakers: [breaker] } });
    breaker.trip("errorCount", NOW);
    expect(codeOf(gate.decide(null as never, NOW))).toBe("RISK_ORDER_INVALID");
    expect(verdict(gate)).toBe("RISK_BREAKER_OPEN");
  });
});

describe("an approval", () => {
  it("says why it is void: a kill, or a change of limits", () => {
    const gate = makeGate();
    const first = approved(gate.check(order(), NOW));
    gate.parts.latch.set(1, 1);
    expect(() => gate.take(first, outboundOrder())).toThrow(
      /older than a kill.*expected an approval after the kill/,
    );
    gate.parts.latch.clear(1);
    const second = approved(gate.check(order(), NOW));
    gate.parts.version += 1;
    expect(() => gate.take(second, outboundOrder())).toThrow(
      /older than a change of limits.*expected one of these limits/,
    );
  });
});

describe("what is told of an instrument that is not there", () => {
  it.each([-1, 2, 0.5, Number.NaN, "0"])("as %s is a fault", (given) => {
    const instrument = given as number;
    const { settlement } = makeGate({ status: { staleNs: 1 } });
    for (const tell of [
      () => settlement.quote(instrument, 1, 2, NOW),
      () => settlement.trade(instrument, 1, NOW),
      () => settlement.close(instrument, 1, NOW),
      () => settlement.status(instrument, 1, NOW),
    ]) {
      expect(tell).toThrow(/^FAULT_INPUT instrument: found .*, expected an index below 2$/);
    }
  });
});

describe("a subclass of the gate", () => {
  it("is none", () => {
    class Open extends RiskGate {}
    expect(() => new Open({} as RiskGateOptions)).toThrow(
      'FAULT_CONFIG riskGate: found "a subclass", expected the gate itself',
    );
  });
});

describe("explain", () => {
  it("leaves the next order to the same rules", () => {
    const breaker = new CircuitBreaker({ name: "one", coolDownNs: 1_000, onTransition: () => {} });
    const gate = makeGate({ rules: { breakers: [breaker] } });
    breaker.trip("errorCount", NOW);
    expect(gate.explain(order(), NOW).map(({ code }) => code)).toEqual(["RISK_BREAKER_OPEN"]);
    expect(verdict(gate)).toBe("RISK_BREAKER_OPEN");
  });
});
