import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { GridMaker } from "../../src/strategies/index.ts";
import { FakeContext, type FakeTicket, market } from "../fixtures/fake-strategy-context.ts";
import { type GridTerms, gridActions } from "./strategies-grid-oracle.ts";

const terms = fc.record({
  tickSize: fc.constantFrom("0.1", "0.01", "0.5", "1"),
  halfSpread: fc.constantFrom(0, 5e-5, 4e-4, 1e-3),
  gridInterval: fc.constantFrom(0, 1e-5, 5e-5, 7e-4),
  levels: fc.integer({ min: 1, max: 12 }),
  skew: fc.constantFrom(0, 1e-6, 1e-4),
  orderLots: fc.integer({ min: 1, max: 10 }),
  maxPositionLots: fc.integer({ min: 1, max: 40 }),
  minStepTicks: fc.constantFrom(1, 3),
});

describe("GridMaker", () => {
  it("does what the published rules say, over any course of fills, rejects and slow cancels", () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: 0, max: 2 ** 31 }), ({ tickSize, ...options }, seed) => {
        const btc = market("BTC", { tickSize });
        const ctx = new FakeContext(btc);
        const grid: GridTerms = { ...options, tickSize: btc.instrument.tickSize };
        const maker = new GridMaker({ instrument: "BTC", ...options });
        maker.onStart(ctx);
        const rng = new Prng(seed);
        let bid = 500_000 + rng.below(100_000);
        for (let look = 0; look < 25; look++) {
          bid += rng.below(81) - 40;
          const ask = bid + 1 + rng.below(3);
          btc.quote(bid, ask);
          const own = ctx.openOrders().map((ticket) => ({
            ticks: ticket.priceTicks,
            side: ticket.side,
            cancellable: !ticket.isPending && ticket.status !== "pendingNew",
          }));
          const wanted = gridActions(grid, bid, ask, btc.lots, own);
          maker.onTimer(0, ctx);
          expect(ctx.take().sort()).toEqual(wanted.sort());
          for (const ticket of ctx.openOrders()) {
            const fate = rng.below(10);
            if (fate === 0) ctx.fill(maker, ticket);
            else if (fate === 1 && ticket.lots > 1) ctx.fill(maker, ticket, 1);
            else if (fate === 2 && ticket.status === "pendingNew") ctx.finish(maker, ticket, "rejected");
            else if (fate > 5 && ticket.isPending) ctx.finish(maker, ticket, "canceled");
            else if (fate > 3 && ticket.status === "pendingNew") ticket.status = "new";
          }
          const resting = ctx.openOrders().map((ticket) => ticket.priceTicks);
          expect(new Set(resting).size).toBe(resting.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("looks every 100 ms unless told otherwise, and not without both sides", () => {
    const btc = market("BTC");
    const ctx = new FakeContext(btc);
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 2, skew: 0 };
    const maker = new GridMaker({ ...options, orderLots: 1, maxPositionLots: 1 });
    maker.onTimer(0, ctx);
    maker.onStart(ctx);
    expect(ctx.timers).toEqual([100_000_000]);
    for (const [bid, ask] of [
      [undefined, 5],
      [5, undefined],
    ] as const) {
      btc.quote(bid, ask);
      maker.onTimer(0, ctx);
    }
    expect(ctx.take()).toEqual([]);
    btc.quote(100, 101);
    maker.onTimer(0, ctx);
    expect(ctx.take()).toEqual(["+ buy 1 @ 100", "+ buy 1 @ 99", "+ sell 1 @ 101", "+ sell 1 @ 102"]);
    expect(ctx.tickets.every((ticket) => ticket.request.postOnly === true)).toBe(true);
  });

  it("stops the side that would add to a full position, and cancels what stands there", () => {
    const btc = market("BTC").quote(100, 101);
    const ctx = new FakeContext(btc);
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 1, skew: 0 };
    const maker = new GridMaker({ ...options, orderLots: 2, maxPositionLots: 4 });
    maker.onStart(ctx);
    maker.onTimer(0, ctx);
    ctx.answer(maker);
    btc.lots = 4;
    ctx.take();
    maker.onTimer(0, ctx);
    expect(ctx.take()).toEqual(["- buy @ 100"]);
    btc.lots = -4;
    ctx.answer(maker);
    maker.onTimer(0, ctx);
    expect(ctx.take()).toEqual(["+ buy 2 @ 100", "- sell @ 101"]);
  });

  it("never keeps more orders than it has room for", () => {
    const btc = market("BTC");
    const ctx = new FakeContext(btc);
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 3, skew: 0 };
    const maker = new GridMaker({ ...options, orderLots: 1, maxPositionLots: 1 });
    maker.onStart(ctx);
    for (let look = 0; look < 20; look++) {
      btc.quote(1_000 + 10 * look, 1_001 + 10 * look);
      maker.onTimer(0, ctx);
    }
    expect(ctx.openOrders().filter((ticket) => ticket.side === "buy")).toHaveLength(24);
  });

  it("finds its orders again after a restart, in the order it had them, and sets no timer", () => {
    const btc = market("BTC").quote(100, 101);
    const ctx = new FakeContext(btc);
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 2, skew: 0 };
    const terms = { ...options, orderLots: 1, maxPositionLots: 5 };
    const one = new GridMaker(terms);
    one.onStart(ctx);
    one.onTimer(0, ctx);
    ctx.answer(one);
    ctx.fill(one, ctx.tickets[0] as FakeTicket);
    one.onTimer(0, ctx);
    ctx.answer(one);
    ctx.take();
    const saved = JSON.parse(JSON.stringify(one.onSave()));
    expect(saved).toEqual({ version: 2, state: { bids: [2, 5], asks: [3, 4] } });
    saved.state.asks.reverse();
    const timers = ctx.timers.length;
    const two = new GridMaker(terms);
    two.onLoad(saved, ctx);
    expect(two.onSave()).toEqual(saved);
    two.onTimer(0, ctx);
    expect([ctx.take(), ctx.timers.length]).toEqual([[], timers]);
    btc.quote(200, 201);
    two.onTimer(0, ctx);
    expect(ctx.take().filter((note) => note.startsWith("- sell"))).toEqual(["- sell @ 102", "- sell @ 101"]);
  });

  it("refuses a state of another version, and orders that are not open", () => {
    const ctx = new FakeContext(market("BTC").quote(100, 101));
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 1, skew: 0 };
    const one = new GridMaker({ ...options, orderLots: 1, maxPositionLots: 5 });
    one.onStart(ctx);
    one.onTimer(0, ctx);
    const load =
      (state: unknown, version = 2) =>
      () =>
        one.onLoad({ version, state }, ctx);
    expect(load({}, 1)).toThrow("FAULT_INPUT gridMaker.load.version");
    expect(load({})).toThrow("FAULT_INPUT gridMaker.load.state");
    expect(load({ bids: [2], asks: [2] })).toThrow("FAULT_INPUT gridMaker.load.bids[0]");
    expect(load({ bids: [1], asks: [2, 2] })).toThrow("FAULT_INPUT gridMaker.load.asks");
    expect(load({ bids: 1, asks: [] })).toThrow("FAULT_INPUT gridMaker.load.bids");
    expect(load({ bids: [null], asks: [] })).toThrow("FAULT_INPUT gridMaker.load.bids");
    expect(load({ bids: new Array(9).fill(0).map((_, i) => i), asks: [] })).toThrow("at most 8 ids");
    expect(load({ bids: [1], asks: [2] })).not.toThrow();
  });

  it.each([
    ["levels", { levels: 0 }],
    ["halfSpread", { halfSpread: -1 }],
    ["orderLots", { orderLots: 0 }],
    ["minStepTicks", { minStepTicks: 0.5 }],
    ["periodNs", { periodNs: 0 }],
    ["gridNum", { gridNum: 3 }],
  ])("refuses %s by name", (key, more) => {
    const options = { instrument: "BTC", halfSpread: 0, gridInterval: 0, levels: 2, skew: 0 };
    const make = (): GridMaker => new GridMaker({ ...options, orderLots: 1, maxPositionLots: 5, ...more });
    expect(make).toThrow(`FAULT_CONFIG gridMaker.${key}`);
  });
});
