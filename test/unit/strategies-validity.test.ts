import { describe, expect, it } from "vitest";
import { AvellanedaStoikovMaker, CrossVenueArbitrage, GridMaker } from "../../src/strategies/index.ts";
import { FakeContext, market } from "../fixtures/fake-strategy-context.ts";

const INVALID = ["suspect", "halted"] as const;

describe.each(INVALID)("data that is %s", (validity) => {
  it("has the grid withdraw its quotes, and lay them again when it is valid", () => {
    const btc = market("BTC").quote(9_999, 10_001);
    const ctx = new FakeContext(btc);
    const shape = { halfSpread: 0.001, gridInterval: 0.001, levels: 2, skew: 0 };
    const maker = new GridMaker({ instrument: "BTC", ...shape, orderLots: 1, maxPositionLots: 5 });
    maker.onStart(ctx);
    const look = (): string[] => {
      maker.onTimer(0, ctx);
      return ctx.take();
    };
    expect(look().length).toBe(4);
    for (const ticket of ctx.tickets) ticket.status = "new";
    btc.validity = validity;
    expect(look().filter((each) => each.startsWith("-")).length).toBe(4);
    for (const ticket of ctx.openOrders()) ctx.finish(maker, ticket as never, "canceled");
    expect(look()).toEqual([]);
    btc.validity = "valid";
    expect(look().length).toBe(4);
  });

  it("is neither quoted nor measured by the maker", () => {
    const btc = market("BTC", { tickSize: "0.01" });
    const ctx = new FakeContext(btc);
    const terms = { gamma: 0.1, k: 1.5, orderLots: 2, maxPositionLots: 6, samples: 4, sampleNs: 1e9 };
    const maker = new AvellanedaStoikovMaker({ instrument: "BTC", ...terms, horizonNs: 1e9 });
    maker.onStart(ctx);
    const tick = (): string[] => {
      ctx.nowNs += 1e9;
      maker.onTimer(0, ctx);
      return ctx.take();
    };
    btc.validity = validity;
    for (let i = 0; i < 8; i++) {
      btc.quote(10_000 + (i % 2) * 100 - 1, 10_000 + (i % 2) * 100 + 1);
      tick();
    }
    expect(maker.volatility).toBeNaN();
    btc.validity = "valid";
    for (let i = 0; i < 5; i++) {
      btc.quote(10_000 + (i % 2) * 100 - 1, 10_000 + (i % 2) * 100 + 1);
      tick();
    }
    expect(ctx.openOrders().length).toBe(2);
    btc.validity = validity;
    for (const ticket of ctx.tickets) ticket.status = "new";
    expect(tick().filter((each) => each.startsWith("-")).length).toBe(2);
  });

  it("is not attacked by the arbitrage, on either leg", () => {
    const [one, two] = [market("AAA", { venue: "one" }), market("BBB", { venue: "two" })];
    const ctx = new FakeContext(one, two);
    const size = { thresholdBp: 5, orderLots: 10, maxPositionLots: 25 };
    const strategy = new CrossVenueArbitrage({ first: "AAA", second: "BBB", ...size });
    strategy.onStart(ctx);
    one.quote(9_999, 10_000);
    two.quote(10_100, 10_110);
    for (const leg of [one, two]) {
      leg.validity = validity;
      strategy.onBook(one.view, ctx);
      expect(ctx.take()).toEqual([]);
      leg.validity = "valid";
    }
    strategy.onBook(one.view, ctx);
    expect(ctx.take().length).toBe(2);
  });
});
