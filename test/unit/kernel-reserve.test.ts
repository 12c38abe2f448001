import { describe, expect, it } from "vitest";
import { AlgoDesk } from "../../src/algo/index.ts";
import { isRefusal } from "../../src/base/index.ts";
import { EFFECT, kernelStateHash, loadKernel, saveKernel } from "../../src/kernel/index.ts";
import { NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { figures } from "../fixtures/gate-setup.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const RISK = { currency: "USD", capital: [], hours: "always", status: "trusted" } as const;
const idle = (name: string): Strategy => ({
  name,
  onSave: () => ({ version: 1, state: null }),
  onLoad: () => undefined,
});

function driven(limits: RiskLimits = {}, isolates = false): KernelDriver {
  const risk = { ...RISK, limits: [{ level: "firm" as const, limits: { ...NO_LIMITS, ...limits } }] };
  const to = new KernelDriver([idle("one"), idle("two")], { risk, isolates });
  return to.at(1_000).row("bid", 99, 100).row("ask", 101, 100);
}

const BUY = { instrument: "ABC", side: "buy", lots: 100 } as const;
const CHILD = { instrument: "ABC", side: "buy", lots: 10, priceTicks: 100 } as const;
const codeOf = (answer: object): string => (isRefusal(answer) ? answer.code : "ok");
const held = ({ kernel }: KernelDriver) => {
  const { buyLots, openOrders, openValue, positionLots } = figures(kernel.gate);
  return { buyLots, openOrders, openValue, positionLots };
};
const hashOf = ({ kernel }: KernelDriver): string => kernelStateHash(saveKernel(kernel));

/** A parent that must be held. */
function reserve(ctx: StrategyContext, lots = 100): number {
  const answer = ctx.reserve({ ...BUY, lots });
  if (!answer.ok) throw new Error(answer.message);
  return answer.id;
}

describe("a parent that a strategy has held", () => {
  it("is held at the touch, moves to its children and back, and is no order", () => {
    const to = driven({ maxLongLots: 1_000 });
    const parent = reserve(to.ctx());
    expect(held(to)).toEqual({ buyLots: 100, openOrders: 0, openValue: 10_100, positionLots: 0 });
    const child = to.ctx().submit({ ...CHILD, parent, slice: 1 }) as OrderTicket;
    // Ten lots at 100, and the tick of each that they cost less stays with the parent.
    expect(held(to)).toEqual({ buyLots: 100, openOrders: 1, openValue: 10_100, positionLots: 0 });
    to.report("accepted").report("trade", 0, { lots: 4, tick: 100 });
    expect(held(to)).toEqual({ buyLots: 96, openOrders: 1, openValue: 9_696, positionLots: 4 });
    to.ctx().cancel(child);
    expect(held(to).buyLots).toBe(96);
    to.report("canceled", 0, { requestId: 1 });
    expect(held(to)).toEqual({ buyLots: 96, openOrders: 0, openValue: 9_696, positionLots: 4 });
    expect(to.ctx().release(parent).ok).toBe(true);
    expect(held(to)).toEqual({ buyLots: 0, openOrders: 0, openValue: 0, positionLots: 4 });
  });

  it("leaves others only what is left: two parents that pass a limit together, and an order beside one", () => {
    const to = driven({ maxLongLots: 150 });
    const parent = reserve(to.ctx(0));
    expect(codeOf(to.ctx(1).reserve({ ...BUY, lots: 51 }))).toBe("RISK_POSITION_EXCEEDED");
    expect(codeOf(to.ctx(1).submit({ ...CHILD, lots: 51 }))).toBe("RISK_POSITION_EXCEEDED");
    expect(codeOf(to.ctx(1).reserve({ ...BUY, lots: 50 }))).toBe("ok");
    expect(codeOf(to.ctx(0).changeReserve(parent, { lots: 101 }))).toBe("RISK_POSITION_EXCEEDED");
    expect(codeOf(to.ctx(0).submit({ ...CHILD, lots: 100, parent, slice: 1 }))).toBe("ok");
    expect(codeOf(to.ctx(0).submit({ ...CHILD, lots: 1, parent, slice: 2 }))).toBe("RISK_POSITION_EXCEEDED");
  });

  it("does not let a child past what is asked of one order, nor past a limit that was lowered", () => {
    const to = driven({ maxLongLots: 150, maxOrderLots: 20, priceCollarBps: 500, maxOpenOrders: 1 });
    const parent = reserve(to.ctx());
    const child = (more: object): string => codeOf(to.ctx().submit({ ...CHILD, parent, slice: 1, ...more }));
    expect(child({ lots: 21 })).toBe("RISK_QUANTITY_EXCEEDED");
    expect(child({ priceTicks: 120 })).toBe("RISK_PRICE_COLLAR");
    to.kernel.control({
      call: "change",
      args: [
        [{ level: "firm", limits: { maxLongLots: 99 } }],
        { name: "R. Isk", role: "risk" },
        "a smaller book",
      ],
    });
    expect(child({})).toBe("RISK_POSITION_EXCEEDED");
    expect(to.ctx().changeReserve(parent, { lots: 99 }).ok).toBe(true);
    expect(child({})).toBe("ok");
    expect(child({ slice: 2 })).toBe("RISK_OPEN_ORDERS_EXCEEDED");
    expect(held(to).buyLots).toBe(99);
  });

  it("tells slices apart within 500 ms, and refuses one that is sent again", () => {
    const to = driven({ maxLongLots: 1_000 });
    const parent = reserve(to.ctx());
    const send = (more: object = {}): string => codeOf(to.ctx().submit({ ...CHILD, parent, ...more }));
    expect([send(), send()]).toEqual(["ok", "RISK_DUPLICATE_ORDER"]);
    expect([send({ slice: 1 }), send({ slice: 2 })]).toEqual(["ok", "ok"]);
    expect([send({ slice: 2 }), send({ slice: 1 })]).toEqual([
      "RISK_DUPLICATE_ORDER",
      "RISK_DUPLICATE_ORDER",
    ]);
    to.at(9e9).row("bid", 98, 100);
    expect([send({ slice: 2 }), send({ slice: 3 })]).toEqual(["RISK_DUPLICATE_ORDER", "ok"]);
    const other = reserve(to.ctx());
    expect(send({ parent: other, slice: 3 })).toBe("ok");
  });

  it("is refused for what is none, and nothing has changed", () => {
    const to = driven({ maxLongLots: 1_000 });
    const parent = reserve(to.ctx());
    const released = reserve(to.ctx(), 99);
    to.ctx().release(released);
    const sell = { ...CHILD, side: "sell" } as const;
    const asked: readonly (readonly [string, () => object])[] = [
      ["RISK_DUPLICATE_ORDER", () => to.ctx().reserve(BUY)],
      ["ORDER_MALFORMED", () => to.ctx().reserve(null as never)],
      ["ORDER_MALFORMED", () => to.ctx().reserve({ ...BUY, limit: 3 } as never)],
      ["ORDER_INSTRUMENT_UNKNOWN", () => to.ctx().reserve({ ...BUY, instrument: "XYZ" })],
      ["ORDER_SIDE", () => to.ctx().reserve({ ...BUY, side: "long" as never })],
      ...[0, -1, 1.5, Number.NaN, 2 ** 53, "9"].map(
        (lots) => ["ORDER_QUANTITY", () => to.ctx().reserve({ ...BUY, lots: lots as number })] as const,
      ),
      ["RISK_ORDER_INVALID", () => to.ctx().reserve({ ...BUY, lots: 2 ** 51 })],
      ["ORDER_PRICE", () => to.ctx().reserve({ ...BUY, priceTicks: 0.5 })],
      ["ORDER_PRICE", () => to.ctx().reserve({ ...BUY, priceTicks: 1e10 })],
      ["ORDER_QUANTITY", () => to.ctx().changeReserve(parent, { lots: 0 })],
      ["ORDER_MALFORMED", () => to.ctx().changeReserve(parent, { lots: 5, side: "sell" } as never)],
      ["RISK_ORDER_INVALID", () => to.ctx().changeReserve(released, { lots: 5 })],
      ["RISK_ORDER_INVALID", () => to.ctx(1).changeReserve(parent, { lots: 5 })],
      ["RISK_ORDER_INVALID", () => to.ctx(1).release(parent)],
      ["RISK_ORDER_INVALID", () => to.ctx().release(99)],
      ["RISK_ORDER_INVALID", () => to.ctx(1).submit({ ...CHILD, parent, slice: 1 })],
      ["RISK_ORDER_INVALID", () => to.ctx().submit({ ...CHILD, parent: released, slice: 1 })],
      ["RISK_ORDER_INVALID", () => to.ctx().submit({ ...sell, parent, slice: 1 })],
      ["ORDER_MALFORMED", () => to.ctx().submit({ ...CHILD, parent: 0 })],
      ["ORDER_MALFORMED", () => to.ctx().submit({ ...CHILD, parent: Number.NaN })],
      ["ORDER_MALFORMED", () => to.ctx().submit({ ...CHILD, slice: 1 })],
      ["ORDER_MALFORMED", () => to.ctx().submit({ ...CHILD, parent, slice: 0 })],
      ["ORDER_MALFORMED", () => to.ctx().submit({ ...CHILD, parent, slice: 1.5 })],
    ];
    const before = held(to);
    const parents = JSON.stringify(to.kernel.gate.parts.parents.save());
    for (const [code, ask] of asked) {
      expect(codeOf(ask())).toBe(code);
      expect([held(to), JSON.stringify(to.kernel.gate.parts.parents.save())]).toEqual([before, parents]);
    }
  });

  it("is not valued without a price, and is let go with a strategy that is stopped", () => {
    const blank = new KernelDriver([idle("one")], {
      risk: { ...RISK, limits: [{ level: "firm", limits: { ...NO_LIMITS, maxLongLots: 500 } }] },
    });
    expect(codeOf(blank.ctx().reserve(BUY))).toBe("RISK_REFERENCE_UNAVAILABLE");
    const faulty: Strategy = {
      name: "faulty",
      onTrade: () => {
        throw new TypeError("a bug");
      },
    };
    const risk = {
      ...RISK,
      limits: [{ level: "firm" as const, limits: { ...NO_LIMITS, maxLongLots: 500 } }],
    };
    const to = new KernelDriver([faulty], { risk, isolates: true });
    to.at(1_000).row("bid", 99, 100).row("ask", 101, 100);
    const parent = reserve(to.ctx());
    to.ctx().submit({ ...CHILD, parent, slice: 1 });
    to.row("buy", 100, 5);
    expect(held(to).buyLots).toBe(10);
    expect(codeOf(to.ctx().reserve(BUY))).toBe("ORDER_STRATEGY_STOPPED");
    expect(codeOf(to.ctx().release(parent))).toBe("ORDER_STRATEGY_STOPPED");
  });

  it("goes on from a snapshot as if nothing had been", () => {
    const make = () => driven({ maxLongLots: 150 });
    const to = make();
    const parent = reserve(to.ctx());
    to.ctx().submit({ ...CHILD, parent, slice: 1 });
    to.report("accepted").report("trade", 0, { lots: 3, tick: 100 });
    const again = new KernelDriver([idle("one"), idle("two")], {
      risk: { ...RISK, limits: [{ level: "firm", limits: { ...NO_LIMITS, maxLongLots: 150 } }] },
    });
    loadKernel(again.kernel, saveKernel(to.kernel));
    expect(hashOf(again)).toBe(hashOf(to));
    for (const each of [to, again]) {
      expect(codeOf(each.ctx().submit({ ...CHILD, parent, slice: 1 }))).toBe("RISK_DUPLICATE_ORDER");
      expect(codeOf(each.ctx().submit({ ...CHILD, lots: 60 }))).toBe("RISK_POSITION_EXCEEDED");
      expect(codeOf(each.ctx().submit({ ...CHILD, lots: 90, parent, slice: 2 }))).toBe("ok");
      expect(codeOf(each.ctx().release(parent))).toBe("ok");
    }
    expect([hashOf(again), again.kernel.effects.hex()]).toEqual([hashOf(to), to.kernel.effects.hex()]);
  });

  it("is told in the effects", () => {
    const to = driven({ maxLongLots: 1_000 });
    const kinds: number[] = [];
    to.kernel.effects.flush();
    to.kernel.effects.sink = (bytes) => {
      const cells = new Float64Array(bytes.slice().buffer);
      for (let at = 0; at < cells.length; at += 8) kinds.push(cells[at] as number);
    };
    const parent = reserve(to.ctx());
    to.ctx().submit({ ...CHILD, parent, slice: 1 });
    to.ctx().changeReserve(parent, { lots: 90 });
    to.ctx().release(parent);
    to.kernel.effects.flush();
    const { reserved, submitted, child, reserveChanged, released } = EFFECT;
    expect(kinds).toEqual([reserved, submitted, child, reserveChanged, released]);
  });
});

describe("an algorithm's parent at the gate", () => {
  const SECOND = 1_000_000_000;
  const TWAP = { algo: "twap", instrument: "ABC", side: "buy", lots: 100, endNs: 100 * SECOND } as const;
  const EVEN = { timeJitter: 0, sizeJitter: 0, slices: 10, urgency: 1 } as const;

  it("is refused at its start with the gate's code where another has taken the room", () => {
    const to = driven({ maxLongLots: 150 });
    const desk = new AlgoDesk();
    expect(desk.start({ ...TWAP, ...EVEN }, to.ctx()).ok).toBe(true);
    const before = [JSON.stringify(desk.onSave()), JSON.stringify(held(to))];
    const second = desk.start({ ...TWAP, lots: 51 }, to.ctx());
    expect(second.ok ? "" : second.code).toBe("RISK_POSITION_EXCEEDED");
    expect([JSON.stringify(desk.onSave()), JSON.stringify(held(to))]).toEqual(before);
    expect(desk.start({ ...TWAP, lots: 50 }, to.ctx()).ok).toBe(true);
    expect(codeOf(desk.amend(1, { lots: 101 }, to.ctx()))).toBe("RISK_POSITION_EXCEEDED");
    expect(desk.amend(1, { lots: 80 }, to.ctx()).ok).toBe(true);
    expect(held(to).buyLots).toBe(130);
  });

  it("is let go when nothing more is sent, and its children stay held until they end", () => {
    const to = driven({ maxLongLots: 150 });
    const desk = new AlgoDesk();
    const started = desk.start({ ...TWAP, ...EVEN }, to.ctx());
    if (!started.ok) throw new Error(started.message);
    const { parent } = started;
    expect([held(to).buyLots, parent.workingLots]).toEqual([100, 10]);
    desk.cancel(parent.id, to.ctx());
    expect([parent.status, parent.reserveId, held(to).buyLots]).toEqual(["ending", 0, 10]);
    to.report("accepted").report("canceled", 0, { requestId: 1 });
    const [ticket] = to.kernel.desk.openOrders(to.kernel.slots[0]!, undefined);
    expect([ticket, held(to).buyLots]).toEqual([undefined, 0]);
  });

  it("that starts before there is a price is held when its work begins, or ends with the gate's code", () => {
    const risk = {
      ...RISK,
      limits: [{ level: "firm" as const, limits: { ...NO_LIMITS, maxLongLots: 150 } }],
    };
    const to = new KernelDriver([idle("one")], { risk });
    const desk = new AlgoDesk();
    const terms = { ...TWAP, ...EVEN, startNs: SECOND, refusalsMax: 2, retryNs: SECOND };
    const parents = [1, 2].map(() => {
      const started = desk.start(terms, to.ctx());
      if (!started.ok) throw new Error(started.message);
      return started.parent;
    });
    expect(parents.map(({ reserveId }) => reserveId)).toEqual([0, 0]);
    to.at(2 * SECOND)
      .row("bid", 99, 100)
      .row("ask", 101, 100);
    const book = { instrument: to.kernel.instruments[0]! };
    desk.onBook(book, to.ctx());
    expect(parents.map(({ status }) => status)).toEqual(["working", "waiting"]);
    to.at(4 * SECOND).row("bid", 98, 100);
    desk.onBook(book, to.ctx());
    expect(parents.map(({ status, reason }) => [status, reason])).toEqual([
      ["working", ""],
      ["stopped", "RISK_POSITION_EXCEEDED"],
    ]);
    expect(held(to).buyLots).toBe(100);
  });
});
