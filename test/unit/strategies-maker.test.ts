import { describe, expect, it } from "vitest";
import { avellanedaStoikov } from "../../src/signal/index.ts";
import { AvellanedaStoikovMaker, type AvellanedaStoikovMakerOptions } from "../../src/strategies/index.ts";
import { FakeContext, type FakeMarket, type FakeTicket, market } from "../fixtures/fake-strategy-context.ts";

const TERMS = {
  instrument: "BTC",
  gamma: 0.1,
  k: 1.5,
  orderLots: 2,
  maxPositionLots: 6,
  samples: 4,
  sampleNs: 1e9,
  horizonNs: 1e9,
};

interface Setup {
  readonly btc: FakeMarket;
  readonly ctx: FakeContext;
  readonly maker: AvellanedaStoikovMaker;
  book(): string[];
  tick(): string[];
  ticket(index: number): FakeTicket;
}

function setup(more: Partial<AvellanedaStoikovMakerOptions> = {}, warm = true): Setup {
  const btc = market("BTC", { tickSize: "0.01" });
  const ctx = new FakeContext(btc);
  const maker = new AvellanedaStoikovMaker({ ...TERMS, ...more });
  maker.onStart(ctx);
  const tick = (): string[] => {
    ctx.nowNs += 1e9;
    maker.onTimer(0, ctx);
    return ctx.take();
  };
  const book = (): string[] => {
    maker.onBook(btc.view, ctx);
    return ctx.take();
  };
  const it = { btc, ctx, maker, book, tick, ticket: (i: number) => ctx.tickets.at(i) as FakeTicket };
  if (!warm) return it;
  // Mids one price unit apart every second, and the last where it began: a volatility of 1 per sqrt(second).
  for (let i = 0; i < 4; i++) {
    btc.quote(10_000 + (i % 2) * 100 - 1, 10_000 + (i % 2) * 100 + 1);
    tick();
  }
  btc.quote(9_999, 10_001);
  return it;
}

/** Where the formula wants the quotes, in ticks. */
function wanted(it: Setup, inventory: number): { readonly bid: number; readonly ask: number } {
  const mid = it.btc.view.midTicks * 0.01;
  const sigma = it.maker.volatility;
  const quotes = avellanedaStoikov({ mid, inventory, gamma: 0.1, sigma, k: 1.5, tau: 1 });
  return { bid: Math.floor(quotes.bid / 0.01), ask: Math.ceil(quotes.ask / 0.01) };
}

describe("AvellanedaStoikovMaker", () => {
  it("quotes the formula with a volatility in price units per root second, rounded away from the mid", () => {
    const it = setup();
    expect(it.book()).toEqual([]);
    const sent = it.tick();
    expect(it.maker.volatility).toBeCloseTo(1, 9);
    const { bid, ask } = wanted(it, 0);
    expect(sent).toEqual([`+ buy 2 @ ${bid}`, `+ sell 2 @ ${ask}`]);
    expect(bid).toBeLessThan(9_999);
    expect(it.ctx.tickets.every((ticket) => ticket.request.postOnly === true)).toBe(true);
    expect(10_000 - bid).toBe(ask - 10_000);
  });

  it("leans against its inventory, counted in orders", () => {
    const it = setup();
    it.btc.lots = 4;
    const sent = it.tick();
    const [flat, leaning] = [wanted(it, 0), wanted(it, 2)];
    expect(sent).toEqual([`+ buy 2 @ ${leaning.bid}`, `+ sell 2 @ ${leaning.ask}`]);
    expect(leaning.bid).toBeLessThan(flat.bid);
    expect(leaning.ask).toBeLessThan(flat.ask);
  });

  it("drops the side that could pass the bound", () => {
    for (const [lots, sides] of [
      [5, ["sell"]],
      [4, ["buy", "sell"]],
      [-4, ["buy", "sell"]],
      [-5, ["buy"]],
    ] as const) {
      const it = setup();
      it.btc.lots = lots;
      it.tick();
      expect(it.ctx.tickets.map((ticket) => ticket.side)).toEqual(sides);
    }
    const it = setup();
    it.tick();
    it.ctx.answer(it.maker);
    it.btc.lots = 6;
    expect(it.book()).toContain(`- buy @ ${it.ticket(0).priceTicks}`);
  });

  it("stays where it is while that is near enough, and moves by cancel and new", () => {
    const it = setup({ toleranceTicks: 5 });
    it.tick();
    it.ctx.answer(it.maker);
    it.btc.quote(10_004, 10_006);
    expect(it.book()).toEqual([]);
    it.btc.quote(10_005, 10_007);
    const [bid, ask] = [it.ticket(0).priceTicks, it.ticket(1).priceTicks];
    expect(it.book()).toEqual([`- buy @ ${bid}`, `- sell @ ${ask}`]);
    expect(it.book()).toEqual([]);
    it.ctx.answer(it.maker);
    expect(it.book()).toEqual([`+ buy 2 @ ${bid + 6}`, `+ sell 2 @ ${ask + 6}`]);
  });

  it("never reaches the other side, and keeps a least spread", () => {
    const it = setup({ gamma: 1e-6, k: 1e6, minSpreadTicks: 4 }, false);
    it.btc.quote(10_000, 10_010);
    for (let i = 0; i < 4; i++) it.tick();
    expect(it.tick()).toEqual(["+ buy 2 @ 10003", "+ sell 2 @ 10007"]);
    const short = setup({ gamma: 1, maxPositionLots: 10_000 });
    short.btc.lots = -100;
    expect(short.tick()[0]).toBe("+ buy 2 @ 10000");
  });

  it("withdraws from a book that is one-sided, locked or not there, and at the end", () => {
    for (const [bid, ask] of [
      [undefined, 10_001],
      [9_999, undefined],
      [10_001, 10_001],
    ] as const) {
      const it = setup();
      it.tick();
      it.ctx.answer(it.maker);
      it.btc.quote(bid, ask);
      expect(it.book()).toHaveLength(2);
      it.ctx.answer(it.maker);
      expect([it.book(), it.ctx.openOrders()]).toEqual([[], []]);
    }
    const it = setup();
    it.tick();
    it.ctx.answer(it.maker);
    it.maker.onStop(it.ctx);
    expect(it.ctx.take()).toHaveLength(2);
  });

  it("quotes again after a fill, and for a while nothing after a refusal", () => {
    const it = setup({ retryNs: 1_000 });
    it.ctx.refuses = () => true;
    expect(it.tick()).toEqual(["! buy"]);
    it.ctx.refuses = () => false;
    it.ctx.nowNs += 999;
    expect(it.book()).toEqual([]);
    it.ctx.nowNs += 1;
    expect(it.book()).toHaveLength(2);
    it.ctx.answer(it.maker);
    it.ctx.fill(it.maker, it.ticket(0));
    const sent = it.book();
    expect(sent[0]).toMatch(/^\+ buy 2 @/);
    expect(it.btc.lots).toBe(2);
  });

  it("sends a new quote where a bust brings an old one back before it looks again", () => {
    const it = setup();
    it.tick();
    it.ctx.answer(it.maker);
    it.ctx.fill(it.maker, it.ticket(0));
    const busted = it.ctx.tickets[0] as FakeTicket;
    busted.filled = 0;
    busted.status = "new";
    it.btc.lots = 0;
    it.ctx.take();
    expect(it.book()).toEqual([`+ buy 2 @ ${busted.priceTicks}`]);
  });

  it("takes a spread out of all proportion for mixed units at the first quote, and withdraws later", () => {
    const it = setup({ k: 1e-5 });
    expect(() => it.tick()).toThrow(
      /^FAULT_CONFIG avellanedaStoikovMaker.gamma.*gamma and k per unit of price/,
    );
    const later = setup();
    later.tick();
    later.ctx.answer(later.maker);
    for (let i = 0; i < 8; i++) {
      later.btc.quote(10_000 + (i % 2) * 8_000, 10_002 + (i % 2) * 8_000);
      later.tick();
      later.ctx.answer(later.maker);
    }
    expect(later.ctx.openOrders()).toEqual([]);
  });

  it("ignores other instruments and other timers, and waits for the warm-up", () => {
    const it = setup();
    it.maker.onBook(market("ETH").quote(1, 2).view, it.ctx);
    it.maker.onTimer(7, it.ctx);
    it.ctx.isWarm = false;
    expect([it.ctx.take(), it.tick()]).toEqual([[], []]);
    it.ctx.isWarm = true;
    expect(it.book()).toHaveLength(2);
  });

  it("goes on from a saved state without a new warm-up", () => {
    const { ctx, maker, btc, tick, ticket } = setup();
    tick();
    ctx.answer(maker);
    ctx.fill(maker, ticket(1));
    const saved = JSON.parse(JSON.stringify(maker.onSave()));
    expect(saved.state).toMatchObject({
      ...{ hasQuoted: true, timer: 0 },
      pair: { version: 1, state: { bid: [1, expect.any(Number), -1], ask: null } },
    });
    const timers = ctx.timers.length;
    const two = new AvellanedaStoikovMaker(TERMS);
    two.onLoad(saved, ctx);
    expect([two.volatility, two.onSave(), ctx.timers.length]).toEqual([maker.volatility, saved, timers]);
    btc.lots = 0;
    ctx.nowNs += 1e9;
    two.onTimer(0, ctx);
    // The bid is where it should be; only the ask that was filled is sent again.
    expect(ctx.take()).toEqual([expect.stringMatching(/^\+ sell 2 @/)]);
    btc.quote(10_999, 11_001);
    two.onBook(btc.view, ctx);
    expect(ctx.take()).toContain(`- buy @ ${ticket(0).priceTicks}`);
    const load = (state: object, version = 3) => {
      return () => two.onLoad({ version, state: { ...saved.state, ...state } }, ctx);
    };
    const pair = (state: object) => ({
      pair: { version: 1, state: { ...saved.state.pair.state, ...state } },
    });
    const path = "FAULT_INPUT avellanedaStoikovMaker.load";
    expect(load({}, 2)).toThrow(`${path}.version`);
    expect(load({ timer: "0" })).toThrow(`${path}.timer`);
    expect(load({ pair: 1 })).toThrow(`${path}.pair`);
    expect(load(pair({ bid: [2, 0, -1] }))).toThrow("FAULT_INPUT pairQuoter.load.bid");
    expect(load(pair({ bid: 1 }))).toThrow("FAULT_INPUT pairQuoter.load.bid");
    expect(load(pair({ ask: [1, 0, -1] }))).toThrow("FAULT_INPUT pairQuoter.load.ask");
  });

  it("withdraws where the market is silent", () => {
    const it = setup({ staleNs: 5e9, toleranceTicks: 1_000 });
    expect(it.tick()).toHaveLength(2);
    it.ctx.answer(it.maker);
    it.book();
    for (let i = 0; i < 4; i++) expect(it.tick()).toEqual([]);
    expect(it.tick().map((line) => line.slice(0, 2))).toEqual(["- ", "- "]);
  });

  it.each([
    ["gamma", { gamma: 0 }],
    ["k", { k: Number.NaN }],
    ["orderLots", { orderLots: 1.5 }],
    ["maxPositionLots", { maxPositionLots: 1 }],
    ["horizonNs", { horizonNs: 0 }],
    ["toleranceTicks", { toleranceTicks: -1 }],
    ["maxSpread", { maxSpread: 2 }],
    ["sigma", { sigma: 2 }],
  ])("refuses %s by name", (key, more) => {
    expect(() => setup(more as never)).toThrow(`FAULT_CONFIG avellanedaStoikovMaker.${key}`);
  });
});
