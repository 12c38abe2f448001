import { describe, expect, it } from "vitest";
import {
  type CostOpening,
  MarketTrace,
  type OrderCosts,
  TcaCollector,
  type TcaCollectorOptions,
  tcaCsv,
} from "../../src/stat/index.ts";

const FILL = { venue: "V", ns: 5, lots: 10, priceTicks: 101, feeMinor: 0n, maker: false };
const OPENING: CostOpening = {
  id: "a",
  strategy: "s",
  side: "buy",
  lots: 10,
  startNs: 1,
  decisionHalfTicks: 200,
};

/** A collector with one market at 99 to 101. */
function world(more: Partial<TcaCollectorOptions> = {}, tickValue: readonly [bigint, bigint] = [1n, 1n]) {
  const costs = new TcaCollector({ currency: "USD", decimals: 2, laterNs: 10, horizonsNs: [10], ...more });
  const market = costs.market(tickValue);
  market.trace.quote(0, 99, 101);
  const open = (opening: Partial<CostOpening> = {}): OrderCosts =>
    costs.open({ ...OPENING, ...opening }, market);
  return { costs, market, trace: market.trace, open };
}

describe("instruments of unlike ticks and lots", () => {
  /** One order each: a million lots at 1,000 ticks of a third of a cent, 100 lots at 1,000 ticks of 100 dollars. */
  function trade(basis: "orders" | "notional") {
    const infrastructure = { minorPerDay: 1_000_003n, basis };
    const { costs } = world({ infrastructure });
    const one = (id: string, tickValue: readonly [bigint, bigint], lots: number, width: number) => {
      const market = costs.market(tickValue);
      market.trace.quote(0, 1_000 - width, 1_000 + width);
      const order = costs.open({ ...OPENING, id, strategy: id, lots, decisionHalfTicks: 2_000 }, market);
      order.fill({ ...FILL, lots, priceTicks: 1_000 + width });
      market.trace.quote(6, 1_000 + width, 1_000 + 3 * width);
      order.finish(7);
      market.trace.quote(50, 1_000, 1_002);
    };
    one("small", [1n, 3n], 1_000_000, 0);
    one("large", [10_000n, 1n], 100, 1);
    return costs.finish(60);
  }

  it("share infrastructure by what they traded in money, exactly", () => {
    const report = trade("notional");
    const of = (name: string) => report.orders.find((row) => row.name === name)?.items.infrastructure;
    // 1,000 * 1,000,000 / 3 and 1,001 * 100 * 10,000 minor units: a quarter and three.
    const [small, large] = [10n ** 9n, 3n * 1_001n * 10n ** 6n];
    const exact = Number((1_000_003n * 10n ** 6n * small) / (small + large)) / 1e6;
    expect(Math.abs(Number(of("small")) - exact)).toBeLessThan(1);
    expect((of("small") ?? 0n) + (of("large") ?? 0n)).toBe(1_000_003n);
    expect(report.orders.map(({ name }) => name)).toEqual(["small", "large"]);
    for (const rows of [report.orders, report.byStrategy, report.byVenue, report.byDay])
      expect(rows.reduce((sum, { items }) => sum + items.infrastructure, 0n)).toBe(1_000_003n);
  });

  it("share it equally by orders", () => {
    expect(trade("orders").orders.map(({ items }) => items.infrastructure)).toEqual([500_002n, 500_001n]);
  });

  it("weigh in spreads, markouts, improvements and times by money, not by lots", () => {
    const { spread, markouts, improvement, fillTime } = trade("orders");
    const [small, large] = [1e9 / 3, 1_001e6];
    const share = large / (small + large);
    expect(spread?.quoted).toBeCloseTo(2 * share, 9);
    expect(spread?.bp.quoted).toBeCloseTo(20 * share, 9);
    expect(spread?.bp.effective).toBeCloseTo((spread?.bp.realised ?? 0) + (spread?.bp.impact ?? 0), 9);
    // The mid 10 ns later: unchanged, and up from 1,000 to 1,002 for a fill at 1,001.
    expect(markouts[0]?.mean).toBeCloseTo((share * 1e4) / 1_001, 9);
    expect(improvement.meanTicks).toBe(0);
    expect(fillTime.meanNs).toBe(4);
  });
});

describe("a fill that is told after its order's end", () => {
  it("is in the costs, and what it filled missed nothing", () => {
    const { costs, trace, open } = world();
    const order = open();
    order.fill({ ...FILL, ns: 3, lots: 4 });
    order.finish(6);
    trace.quote(10, 109, 111);
    trace.quote(30, 119, 121);
    order.fill({ ...FILL, ns: 5, lots: 6, feeMinor: 7n });
    const { total, counts, orders } = costs.finish(40);
    // 10 lots, one tick above the mid; nothing is left that the rise to 110 could make dear.
    expect(total.items).toMatchObject({ spreadCrossing: 10n, fees: 7n, opportunity: 0n });
    expect(counts).toMatchObject({ fills: 2, filledLots: 10, afterEnd: 1, late: 0 });
    expect(orders[0]?.reversionBp).toBe(-1_000);
  });

  it("moves the end where it happened later: what is left is missed from there on", () => {
    const { costs, trace, open } = world();
    const order = open();
    order.finish(2);
    trace.quote(10, 109, 111);
    trace.quote(20, 129, 131);
    order.fill({ ...FILL, ns: 12, lots: 4, priceTicks: 111 });
    trace.quote(30, 119, 121);
    const { total, orders } = costs.finish(40);
    expect(total.items).toMatchObject({ slippage: 40n, impact: 0n, spreadCrossing: 4n, opportunity: 60n });
    expect(orders[0]).toMatchObject({ filledLots: 4, fillTimeNs: 11 });
  });

  it("makes a quote that nobody had taken one that was", () => {
    const { costs, trace, open } = world();
    const order = open({ isQuote: true });
    order.finish(4);
    trace.quote(10, 100, 102);
    order.fill({ ...FILL, ns: 3, lots: 2, priceTicks: 99, maker: true });
    const { total, counts } = costs.finish(20);
    expect(total.total).toBe(-2n);
    expect(counts).toMatchObject({ makers: 1, afterEnd: 1 });
  });

  it("is left out and counted once 8,192 others have ended since", () => {
    const { costs, trace, open } = world();
    const order = open();
    order.finish(2);
    trace.quote(10, 99, 101);
    for (let i = 0; i < 8_192; i++) {
      if (i === 8_191) order.fill({ ...FILL, lots: 1 });
      open({ id: `${i}`, startNs: 10 }).finish(10);
    }
    order.fill({ ...FILL, lots: 1 });
    const report = costs.finish(20);
    expect(report.counts).toMatchObject({ orders: 8_193, fills: 1, afterEnd: 1, late: 1 });
    expect(tcaCsv(report)).toContain("leftOut,fills told too late,,,,,,,1\r\n");
  });
});

describe("what the market cannot tell", () => {
  it("is left out where it changed more than 8,192 times since, and counted", () => {
    const { costs, trace, open } = world();
    for (let i = 1; i <= 8_193; i++) trace.quote(100 * i, 99 + (i % 2), 101 + (i % 2));
    const order = open();
    const known = open({ id: "b", startNs: 200, lots: 1 });
    order.fill(FILL);
    known.fill({ ...FILL, ns: 201, lots: 1 });
    for (const one of [order, known]) one.finish(201);
    const report = costs.finish(1e6);
    // Of the first: its start, its arrival, its fill; never the oldest that is kept in their place.
    expect(report.counts).toMatchObject({ forgotten: 3, dropped: 0 });
    const [first, second] = report.orders;
    expect(first?.slippage).toMatchObject({ arrival: null, intervalVwap: null, twap: null });
    expect(first?.items).toMatchObject({ spreadCrossing: 0n, impact: 10n });
    expect(second?.slippage.twap).not.toBeNull();
    expect(second?.items.spreadCrossing).toBe(1n);
    expect(tcaCsv(report)).toContain("leftOut,moments asked about too late,,,,,,,3\r\n");
  });

  it("is left out where 262,144 questions wait, and counted; costs sum all the same", () => {
    const { costs, trace, open } = world();
    for (let i = 0; i < 262_144; i++) trace.ask(1e15, () => {});
    trace.trade(1, 120, 5);
    const order = open({ startNs: 2 });
    order.fill({ ...FILL, ns: 5, lots: 4 });
    order.finish(6);
    const { counts, orders, total } = costs.finish(7);
    // Start, arrival, fill, end, and the mid after it.
    expect(counts).toMatchObject({ dropped: 5, forgotten: 0 });
    expect(orders[0]?.slippage).toMatchObject({ arrival: null, intervalVwap: null, twap: null, pwp: null });
    expect(orders[0]).toMatchObject({ participation: null, reversionBp: null });
    // 4 lots at 101 that were decided at 100: all of it is known, and of what was missed nothing.
    expect(total.items).toMatchObject({ slippage: 0n, impact: 4n, spreadCrossing: 0n, opportunity: 0n });
  });

  it("faults a mid that is no whole number of half ticks", () => {
    const trace = new MarketTrace();
    for (const [bid, ask] of [
      [99, 100.5],
      [2 ** 52, 2 ** 52],
    ] as const)
      expect(() => trace.quote(1, bid, ask)).toThrow("FAULT_INPUT trace.mid");
    expect(() => trace.price(1, 100.25)).toThrow("FAULT_INPUT trace.mid");
    trace.price(2, 100.5);
    expect(trace.now().midHalfTicks).toBe(201);
  });

  it.each([
    ["order.decisionHalfTicks", { decisionHalfTicks: 200.5 }],
    ["order.decisionHalfTicks", { decisionHalfTicks: Number.POSITIVE_INFINITY }],
    ["order.decisionHalfTicks", { decisionHalfTicks: 2 ** 52 }],
    ["order.startNs", { startNs: Number.NaN }],
    ["side", { side: "by" as never }],
  ])("faults %s: %o", (path, more) => {
    const { costs, open } = world();
    expect(() => open(more)).toThrow(new RegExp(`^FAULT_[A-Z]+ .*${path}`));
    expect(costs.finish(9).counts.orders).toBe(0);
  });

  it("faults times of an order that are none, and quantities", () => {
    const order = world().open();
    expect(() => order.arrive(Number.NaN)).toThrow("FAULT_INPUT order.arrivalNs");
    expect(() => order.finish(Number.NaN)).toThrow("FAULT_INPUT order.endNs");
    expect(() => order.resize(0.5)).toThrow("FAULT_INPUT order.lots");
  });
});

describe("the participation-weighted price", () => {
  const FILLED = { ...FILL, ns: 900, lots: 1, priceTicks: 100 };
  /** Ten prints of 10 lots, at 100, 110, 120 ... and what an order of 1 lot is compared with. */
  function pwpOf(act: (order: OrderCosts, trace: MarketTrace) => void, lots = 1, isEarly = false) {
    const { costs, trace, open } = world();
    const prints = (): void => {
      for (let i = 0; i < 10; i++) trace.trade(10 + 10 * i, 100 + 10 * i, 10);
    };
    if (!isEarly) prints();
    const order = open({ lots, startNs: 1 });
    if (isEarly) prints();
    act(order, trace);
    order.fill(FILLED);
    order.finish(901);
    return costs.finish(1_000).orders[0]?.slippage.pwp;
  }
  const bp = (price: number): number => (100 / price - 1) * 1e4;

  it.each([[false], [true]])(
    "of a small order is known although ten times as much has traded since (%o)",
    (isEarly) => {
      expect(pwpOf(() => {}, 1, isEarly)).toBeCloseTo(bp(100), 9);
      expect(pwpOf(() => {}, 3, isEarly)).toBeCloseTo(bp(110), 9);
      expect(pwpOf(() => {}, 10, isEarly)).toBeCloseTo(bp(145), 9);
      expect(pwpOf(() => {}, 11, isEarly)).toBeNull();
    },
  );

  it("follows the order's quantity, up and down", () => {
    expect(pwpOf((order) => order.resize(3))).toBeCloseTo(bp(110), 9);
    expect(pwpOf((order) => order.resize(2), 11)).toBeCloseTo(bp(105), 9);
    expect(
      pwpOf((order, trace) => {
        order.resize(11);
        trace.trade(500, 310, 10);
      }),
    ).toBeCloseTo(bp(160), 9);
  });

  it("takes part of a print at its own price where several happen at one moment", () => {
    const { costs, trace, open } = world();
    for (const [ticks, lots] of [
      [100, 6],
      [100, 4],
      [130, 10],
      [190, 40],
    ] as const)
      trace.trade(10, ticks, lots);
    trace.trade(11, 500, 1);
    const order = open({ lots: 2 });
    order.fill({ ...FILLED, ns: 12 });
    order.finish(13);
    expect(costs.finish(20).orders[0]?.slippage.pwp).toBeCloseTo(bp(115), 9);
  });
});
