import { describe, expect, it } from "vitest";
import {
  bootstrapMean,
  costEntries,
  infrastructureEntries,
  NO_ORDER,
  NO_VENUE,
  rollUp,
  shortfall,
  spreadMeasures,
  TcaCollector,
  type TcaMarket,
  type TcaOrder,
  type TcaReportOptions,
  tcaCsv,
  tcaJson,
  tcaReport,
} from "../../src/stat/index.ts";

const DAY_NS = 86_400_000_000_000;

/** A buy of 100: decided at 100, at the market at 100.5, 60 at 102 and 20 at 103, 20 left with the price at 104. */
const BUY: TcaOrder = {
  id: "buy",
  strategy: "s",
  side: "buy",
  lots: 100,
  startNs: 10,
  endNs: 40,
  decisionHalfTicks: 200,
  arrivalHalfTicks: 201,
  endHalfTicks: 208,
  fills: [
    { venue: "A", ns: 20, lots: 60, priceTicks: 102, feeMinor: 12n, bidTicks: 101, askTicks: 102 },
    { venue: "B", ns: 30, lots: 20, priceTicks: 103, feeMinor: -3n, bidTicks: 102, askTicks: 104 },
  ],
};

const SELL: TcaOrder = {
  id: "sell",
  strategy: "t",
  side: "sell",
  lots: 10,
  startNs: 50,
  endNs: DAY_NS + 5,
  decisionHalfTicks: 208,
  arrivalHalfTicks: 206,
  endHalfTicks: 200,
  fills: [{ venue: "A", ns: DAY_NS, lots: 10, priceTicks: 101, feeMinor: 2n, bidTicks: 101, askTicks: 103 }],
};

const MARKET: TcaMarket = {
  tradeNs: [5, 20, 30, 35, 60],
  tradeTicks: [100, 102, 103, 104, 101],
  tradeLots: [40, 60, 20, 20, 60],
  quoteNs: [0, 20, 30, 45, 2 * DAY_NS],
  midHalfTicks: [200, 204, 208, 206, 206],
};

const OPTIONS: TcaReportOptions = {
  orders: [BUY, SELL],
  market: MARKET,
  currency: "USD",
  decimals: 2,
  tickValue: [1n, 1n],
  horizonsNs: [0, 10],
  laterNs: 10,
};

describe("implementation shortfall", () => {
  it("is what Perold's definition says, part by part", () => {
    // Paper: 100 * (104 - 100) = 400. Real: 60 * (104 - 102) + 20 * (104 - 103) - 9 = 131. 400 - 131 = 269.
    expect(shortfall(BUY, { tickValue: [1n, 1n] })).toEqual({
      delay: 40n, // 80 * 0.5
      spread: 30n, // 60 * (102 - 101.5) + 20 * (103 - 103)
      impact: 110n, // 60 * (101.5 - 100.5) + 20 * (103 - 100.5)
      opportunity: 80n, // 20 * (104 - 100)
      fees: 9n,
      total: 269n,
    });
  });

  it("of a sell counts the other way", () => {
    const { delay, spread, impact, opportunity, fees, total } = shortfall(SELL, { tickValue: [1n, 1n] });
    expect([delay, spread, impact, opportunity, fees, total]).toEqual([10n, 10n, 10n, 0n, 2n, 32n]);
  });

  it("rounds once where a tick is no whole minor unit", () => {
    // 260 ticks * 1/7 = 37.14 and fees of 9.
    expect(shortfall(BUY, { tickValue: [1n, 7n] }).total).toBe(46n);
  });

  it.each([
    ["lots", { ...BUY, lots: 79 }],
    ["lots", { ...BUY, lots: 0 }],
    ["lots", { ...BUY, lots: 2 ** 53 }],
    ["side", { ...BUY, side: "by" }],
    ["endNs", { ...BUY, endNs: 9 }],
    ["decisionHalfTicks", { ...BUY, decisionHalfTicks: 0.5 }],
    ["arrivalHalfTicks", { ...BUY, arrivalHalfTicks: 2 ** 52 }],
    ["fills[0].priceTicks", { ...BUY, fills: [{ ...BUY.fills[0], priceTicks: Number.NaN }] }],
    ["fills[0].lots", { ...BUY, fills: [{ ...BUY.fills[0], lots: -1 }] }],
    ["fills[0].askTicks", { ...BUY, fills: [{ ...BUY.fills[0], askTicks: 100 }] }],
    ["fills[0].feeMinor", { ...BUY, fills: [{ ...BUY.fills[0], feeMinor: 1 }] }],
    ["fills[0].ns", { ...BUY, fills: [{ ...BUY.fills[0], ns: 9 }] }],
  ])("faults %s", (field, order) => {
    expect(() => shortfall(order as TcaOrder, { tickValue: [1n, 1n] })).toThrow(field);
  });

  it("faults a tick without value", () => {
    expect(() => shortfall(BUY, { tickValue: [0n, 1n] })).toThrow("tca.tickValue");
  });
});

describe("tcaReport", () => {
  const report = tcaReport(OPTIONS);

  it("sums to the same by order, strategy, venue and day", () => {
    expect(report.total.total).toBe(301n);
    const cells = (rows: readonly { name: string; total: bigint }[]) =>
      rows.map(({ name, total }) => [name, total]);
    expect(cells(report.orders)).toEqual([
      ["buy", 269n],
      ["sell", 32n],
    ]);
    expect(cells(report.byStrategy)).toEqual([
      ["s", 269n],
      ["t", 32n],
    ]);
    expect(cells(report.byVenue)).toEqual([
      ["A", 30n + 60n + 30n + 12n + 32n],
      ["B", 10n + 50n - 3n],
      [NO_VENUE, 80n],
    ]);
    expect(cells(report.byDay)).toEqual([
      ["1970-01-01", 269n],
      ["1970-01-02", 32n],
    ]);
  });

  it("measures slippage against each benchmark in basis points", () => {
    const { slippage, averageTicks, participation, reversionBp } = report.orders[0] ?? expect.fail();
    expect(averageTicks).toBe(102.25);
    expect(slippage.decision).toBeCloseTo(225, 9);
    expect(slippage.arrival).toBeCloseTo((1.75 / 100.5) * 1e4, 9);
    // (4000 + 6120 + 2060 + 2080 + 6060) / 200 and (6120 + 2060 + 2080) / 100
    expect(slippage.vwap).toBeCloseTo((102.25 / 101.6 - 1) * 1e4, 9);
    expect(slippage.intervalVwap).toBeCloseTo((102.25 / 102.6 - 1) * 1e4, 9);
    // 100 for 10 ns, 102 for 10 ns, 104 for 10 ns
    expect(slippage.twap).toBeCloseTo((102.25 / 102 - 1) * 1e4, 9);
    expect(slippage.close).toBeCloseTo((102.25 / 101 - 1) * 1e4, 9);
    expect(participation).toBe(0.8);
    // The mid at the end is 104, 10 ns later 103: it came back by 1.
    expect(reversionBp).toBeCloseTo(1e4 / 104, 9);
  });

  it("measures markouts and spreads of fills", () => {
    // Mids 0 ns after: 102, 104, 103 against 102, 103, 101 (a sell).
    // A price times the move over that price: what a lot moved, over what all of it is worth.
    const worth = 60 * 102 + 20 * 103 + 10 * 101;
    const bp = (20 * 1 + 10 * -2) * (1e4 / worth);
    expect(report.markouts[0]).toMatchObject({ horizonNs: 0, count: 3 });
    expect(report.markouts[0]?.mean).toBeCloseTo(bp, 9);
    const { quoted, effective, realised, impact, count } = report.spread ?? expect.fail();
    expect(count).toBe(3);
    expect(quoted).toBeCloseTo((60 * 102 * 1 + 20 * 103 * 2 + 10 * 101 * 2) / worth, 12);
    expect(effective).toBeCloseTo((60 * 102 * 1 + 10 * 101 * 2) / worth, 12);
    expect(realised + impact).toBeCloseTo(effective, 12);
    const { bp: points } = report.spread ?? expect.fail();
    expect(points.effective).toBeCloseTo(((60 * 102 * 1) / 101.5 + (10 * 101 * 2) / 102) * (1e4 / worth), 9);
    expect(points.realised + points.impact).toBeCloseTo(points.effective, 9);
    expect(spreadMeasures(-1, SELL.fills[0] ?? expect.fail(), 206)).toEqual({
      quoted: 2,
      effective: 2,
      realised: 4,
      impact: -2,
    });
  });

  it("has null where there is nothing to measure", () => {
    const none = tcaReport({
      ...OPTIONS,
      orders: [{ ...BUY, fills: [] }],
      market: { tradeNs: [], tradeTicks: [], tradeLots: [], quoteNs: [], midHalfTicks: [] },
    });
    expect(none.spread).toBeNull();
    expect(none.arrival).toBeNull();
    expect(none.markouts).toEqual([]);
    expect(none.total.items.opportunity).toBe(400n);
    expect(none.orders[0]).toMatchObject({ averageTicks: null, participation: null, reversionBp: null });
    expect(tcaReport({ ...OPTIONS, orders: [] }).total.total).toBe(0n);
  });

  it("shares infrastructure out by orders or by notional, to the last unit", () => {
    const perDay = new Map([
      ["1970-01-01", 101n],
      ["1970-01-03", 7n],
    ]);
    const shared = (basis: "orders" | "notional") =>
      rollUp(infrastructureEntries(perDay, [BUY, SELL], basis), "order").map(({ name, total }) => [
        name,
        total,
      ]);
    expect(shared("orders")).toEqual([
      ["buy", 51n],
      ["sell", 50n],
      ["", 7n],
    ]);
    // 8180 and 1010 of 9190: 89.9 and 11.1
    expect(shared("notional")).toEqual([
      ["buy", 90n],
      ["sell", 11n],
      ["", 7n],
    ]);
    const whole = tcaReport({ ...OPTIONS, infrastructure: { perDay, basis: "orders" } });
    expect(whole.total).toMatchObject({ total: 301n + 108n, items: { infrastructure: 108n } });
    expect(whole.orders.at(-1)).toMatchObject({ name: NO_ORDER, total: 7n });
    expect(whole.byStrategy.at(-1)).toMatchObject({ name: NO_ORDER, total: 7n });
  });

  it("prints amounts as decimals, in JSON and CSV", () => {
    expect(JSON.parse(tcaJson(report)).total).toEqual({
      name: "total",
      items: {
        fees: "0.11",
        slippage: "0.50",
        impact: "1.20",
        opportunity: "0.80",
        infrastructure: "0.00",
        spreadCrossing: "0.40",
      },
      total: "3.01",
    });
    const lines = tcaCsv(report).split("\r\n");
    expect(lines[0]).toBe("table,name,fees,slippage,impact,opportunity,infrastructure,spreadCrossing,total");
    expect(lines[1]).toBe("order,buy,0.09,0.40,1.10,0.80,0.00,0.30,2.69");
    expect(lines.at(-2)).toBe("total,total,0.11,0.50,1.20,0.80,0.00,0.40,3.01");
    const named = tcaReport({ ...OPTIONS, orders: [{ ...BUY, id: '=a,"b"' }] });
    expect(tcaCsv(named).split("\r\n")[1]).toMatch(/^order,"'=a,""b""",/);
  });

  it.each([
    ["tca.orders[1].id", { orders: [BUY, BUY] }],
    ["tca.decimals", { decimals: -1 }],
    ["tca.currency", { currency: "" }],
    ["tca.horizonsNs[1]", { horizonsNs: [5, 5] }],
    ["tca.vwap", { vwap: true }],
    ["tca.infrastructure.basis", { infrastructure: { perDay: new Map(), basis: "lots" } }],
    ["market.tradeLots.length", { market: { ...MARKET, tradeLots: [1] } }],
    ["market.quoteNs[1]", { market: { ...MARKET, quoteNs: [5, 4, 30, 45, 60] } }],
  ])("faults %s", (path, more) => {
    expect(() => tcaReport({ ...OPTIONS, ...more } as TcaReportOptions)).toThrow(path);
  });
});

describe("bootstrapMean", () => {
  it("gives one interval for one seed, around the mean", () => {
    const values = Array.from({ length: 200 }, (_, i) => ((i * 7919) % 101) - 50);
    const one = bootstrapMean(values, { seed: 3 }) ?? expect.fail();
    expect(bootstrapMean(values, { seed: 3 })).toEqual(one);
    expect(bootstrapMean(values, { seed: 4 })).not.toEqual(one);
    const mean = values.reduce((a, b) => a + b, 0) / 200;
    expect(one.mean).toBe(mean);
    // The deviation of a mean of 200 draws with a deviation of 29 is 2.06; 95 % lie within 1.96 of them.
    expect(one.low).toBeCloseTo(mean - 4.04, -0.3);
    expect(one.high).toBeCloseTo(mean + 4.04, -0.3);
    const narrow = bootstrapMean(values, { seed: 3, confidence: 0.5 }) ?? expect.fail();
    expect(narrow.high - narrow.low).toBeLessThan(one.high - one.low);
  });

  it("weighs, and is null where there is no mean", () => {
    expect(bootstrapMean([1, 5], { weights: [3, 1] })?.mean).toBe(2);
    expect(bootstrapMean([1])).toBeNull();
    expect(bootstrapMean([1, 2], { weights: [0, 0] })).toBeNull();
    expect(() => bootstrapMean([1, Number.NaN])).toThrow("values[1]");
    expect(() => bootstrapMean([1, 2], { weights: [1] })).toThrow("weights.length");
    expect(() => bootstrapMean([1, 2], { weights: [1, -1] })).toThrow("weights[1]");
  });
});

it("every piece of a cost names its order, strategy, day and venue", () => {
  const pieces = costEntries(BUY, { tickValue: [1n, 1n], baseMs: DAY_NS / 1e6 });
  expect(pieces).toContainEqual({
    order: "buy",
    strategy: "s",
    day: "1970-01-02",
    venue: "B",
    item: "fees",
    minor: -3n,
  });
});

describe("TcaCollector", () => {
  const collector = () => {
    const costs = new TcaCollector({ currency: "USD", decimals: 2 });
    const market = costs.market([1n, 1n]);
    const opening = { id: "a", strategy: "s", side: "buy" as const, lots: 10, startNs: 1 };
    return { costs, market, opening: { ...opening, decisionHalfTicks: 200 } };
  };
  const FILL = { venue: "V", ns: 5, lots: 10, priceTicks: 101, feeMinor: 0n, maker: false };

  it.each([
    ["order.lots", { lots: 0 }],
    ["order.lots", { lots: -1 }],
    ["order.lots", { lots: 0.5 }],
    ["order.lots", { lots: 2 ** 53 }],
    ["order.lots", { lots: Number.NaN }],
  ])("faults %s: %o", (path, more) => {
    const { costs, market, opening } = collector();
    expect(() => costs.open({ ...opening, ...more }, market)).toThrow(`FAULT_INPUT ${path}`);
  });

  it.each([
    ["fill.ns", { ns: Number.NaN }],
    ["fill.lots", { lots: 0 }],
    ["fill.lots", { lots: 1.5 }],
    ["fill.priceTicks", { priceTicks: Number.POSITIVE_INFINITY }],
    ["fill.priceTicks", { priceTicks: 2 ** 51 }],
    ["fill.priceTicks", { priceTicks: 100.5 }],
    ["fill.feeMinor", { feeMinor: 1 as never }],
  ])("faults %s and counts nothing of it", (path, more) => {
    const { costs, market, opening } = collector();
    const order = costs.open(opening, market);
    expect(() => order.fill({ ...FILL, ...more })).toThrow(`FAULT_INPUT ${path}`);
    order.fill(FILL);
    order.finish(5);
    expect(costs.finish(9).counts).toMatchObject({ fills: 1, filledLots: 10 });
  });

  it("weighs orders of several instruments by what they are worth, not by ticks and lots", () => {
    const costs = new TcaCollector({ currency: "USD", decimals: 2 });
    const trade = (id: string, tickValue: bigint, lots: number, decisionHalfTicks: number): void => {
      const market = costs.market([tickValue, 1n]);
      market.trace.quote(0, 999, 1_001);
      const opening = { id, strategy: "s", side: "buy" as const, lots, startNs: 1, decisionHalfTicks };
      const order = costs.open(opening, market);
      order.fill({ ...FILL, lots, priceTicks: 1_000 });
      order.finish(5);
    };
    trade("a", 1n, 1_000_000, 2_000);
    trade("b", 10_000n, 100, 1_980);
    const { slippages } = costs.finish(9);
    expect(slippages.decision?.mean).toBeCloseTo((0 + (10 / 990) * 10_000) / 2, 6);
  });

  it("keeps to the last whole quote where a book is crossed or is none, and to prices where there never was one", () => {
    const { costs, market, opening } = collector();
    market.trace.quote(0, 103, 101);
    market.trace.quote(0, Number.NaN, 101);
    expect(market.trace.now().midHalfTicks).toBeNaN();
    market.trace.quote(1, 99, 101);
    market.trace.quote(2, 105, 101);
    expect(market.trace.now().midHalfTicks).toBe(200);
    expect(() => market.trace.trade(3, Number.NaN, 1)).toThrow("FAULT_INPUT trace.trade");
    expect(() => market.trace.price(3, Number.POSITIVE_INFINITY)).toThrow("FAULT_INPUT trace.mid");
    const unpriced = costs.market([1n, 1n]);
    const order = costs.open({ ...opening, decisionHalfTicks: Number.NaN }, unpriced);
    const lost = costs.open({ ...opening, id: "b", decisionHalfTicks: Number.NaN }, unpriced);
    order.fill(FILL);
    for (const one of [order, lost]) one.finish(5);
    const { counts, total } = costs.finish(9);
    expect([counts.orders, counts.unpriced, total.total]).toEqual([2, 1, 0n]);
  });

  it("draws from no more than 256 clusters however many orders there are, and the mean stays", () => {
    const { costs, market, opening } = collector();
    market.trace.quote(0, 99, 101);
    for (let i = 0; i < 1_000; i++) {
      const order = costs.open({ ...opening, id: `${i}`, startNs: 1 + i }, market);
      order.fill({ ...FILL, ns: 2 + i, priceTicks: 100 + (i % 3) });
      order.finish(3 + i);
    }
    const { arrival, orders, counts } = costs.finish(2_000);
    expect([arrival?.count, orders.length, counts.clusteredBy]).toEqual([1_000, 1_000, "order"]);
    expect(arrival?.clusters).toBeLessThanOrEqual(256);
    const worths = Array.from({ length: 1_000 }, (_, i) => 100 + (i % 3));
    const sum = worths.reduce((a, b) => a + b, 0);
    expect(arrival?.mean).toBeCloseTo(worths.reduce((a, b) => a + b * (b - 100) * 100, 0) / sum, 6);
  });
});
