import { describe, expect, it } from "vitest";
import { AlgoDesk } from "../../src/algo/index.ts";
import { BarTapeBuilder } from "../../src/feed/index.ts";
import { flatFees } from "../../src/model/index.ts";
import { renderCosts, renderTearSheet } from "../../src/report/index.ts";
import { Backtester, type BacktestOptions, sessionCosts } from "../../src/run/index.ts";
import { ConstantLatency, generateDepthTape } from "../../src/sim/index.ts";
import { COST_ITEMS, tcaCsv, tcaOfRecord, tcaRecord } from "../../src/stat/index.ts";
import type { BookView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { depthTape } from "../fixtures/run-tapes.ts";

const grid = { symbol: "SIMUSDT", venue: "simulated", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };
const tape = generateDepthTape({
  instrument: grid,
  seed: 7,
  priceTicks: 600_000,
  durationNs: 60_000_000_000,
});

/** A TWAP parent, a market order beside it, a post-only quote nobody takes, and an order that rests and is canceled. */
function desk(): Strategy {
  const desk = new AlgoDesk();
  let begun = false;
  return {
    name: "desk",
    onBook(book: BookView, ctx: StrategyContext) {
      if (!begun && book.hasBid && book.hasAsk) {
        begun = true;
        const { key } = book.instrument;
        const endNs = ctx.clock.ns + 30e9;
        const spec = {
          algo: "twap",
          instrument: key,
          side: "buy",
          lots: 200,
          slices: 6,
          seed: 1,
          endNs,
        } as const;
        expect(desk.start({ ...spec, residual: "cross" }, ctx).ok).toBe(true);
        ctx.submit({ instrument: key, side: "sell", lots: 100, type: "market" });
        ctx.submit({ instrument: key, side: "buy", lots: 7, priceTicks: book.bestBid - 900, postOnly: true });
        ctx.submit({ instrument: key, side: "buy", lots: 9, priceTicks: book.bestBid - 900 });
      }
      desk.onBook(book, ctx);
    },
    onTrade: (trade, ctx) => desk.onTrade(trade, ctx),
    onOrder: (order, ctx) => desk.onOrder(order, ctx),
    onFill: (fill, ctx) => desk.onFill(fill, ctx),
    onTimer: (timer, ctx) => void desk.onTimer(timer, ctx),
    onStop(ctx) {
      for (const ticket of ctx.openOrders()) ctx.cancel(ticket);
    },
  };
}

function run(more: Partial<BacktestOptions> = {}) {
  const latency = new ConstantLatency({ entryNs: 5_000_000, responseNs: 5_000_000 });
  return new Backtester({
    markets: [{ tape, fees: flatFees("0.0002", "0.0005"), venue: { latency } }],
    strategies: [desk()],
    cash: { USDT: "10000000" },
    ...more,
  }).runToEnd();
}

describe("costs of a backtest", () => {
  const result = run();
  const [tca, more] = (result.tca ?? []).map(tcaOfRecord);
  if (tca === undefined) throw new Error("no analysis");

  it("do not change the run", () => {
    const without = run({ tca: false });
    expect(without.tca).toBeUndefined();
    expect(without.runHash).toBe(result.runHash);
    expect({ ...result, tca: 0, environment: 0 }).toEqual({ ...without, tca: 0, environment: 0 });
  });

  it("are one analysis, of parents and of orders that have none", () => {
    expect(more).toBeUndefined();
    expect(tca.orders.map(({ name, lots, children }) => [name, lots, children > 1])).toEqual([
      ["parent 1", 200, true],
      ["tw-1", 100, false],
      [expect.stringContaining("tw-"), 7, false],
      [expect.stringContaining("tw-"), 9, false],
    ]);
    expect(tca.counts.orders).toBe(4);
    expect(tca.rates?.sent).toBe(result.orders.submitted);
    expect(tca.rates?.canceled).toBe(result.orders.canceled);
  });

  it("have the fees and fills of the run, and items that sum", () => {
    expect(tcaRecord(tca).total.items.fees).toBe(result.money.fees);
    expect(tca.counts.fills).toBe(result.fills.count);
    expect(tca.counts.makers).toBe(result.fills.makerCount);
    for (const rows of [tca.orders, tca.byStrategy, tca.byVenue, tca.byDay]) {
      expect(rows.reduce((sum, { total }) => sum + total, 0n)).toBe(tca.total.total);
    }
    expect(COST_ITEMS.reduce((sum, item) => sum + tca.total.items[item], 0n)).toBe(tca.total.total);
  });

  it("count what a quote missed as nothing, what an order missed as an opportunity", () => {
    const [, , quote, order] = tca.orders;
    expect(quote?.total).toBe(0n);
    expect(order?.items.opportunity).not.toBe(0n);
    expect(order?.total).toBe(order?.items.opportunity);
  });

  it("price a market order by the book it met: half the spread, and nothing before", () => {
    const sell = tca.orders[1];
    const kept = result.fills.kept.filter(({ orderId, side }) => orderId === 1 && side === "sell");
    expect(kept.length).toBeGreaterThan(0);
    const worth = kept.reduce((sum, { price, quantity }) => sum + price * quantity, 0) / 0.1;
    expect((sell?.averageTicks ?? 0) * 0.1).toBeCloseTo(worth, 6);
    expect(sell?.items.spreadCrossing).toBeGreaterThan(0n);
    expect(sell?.fillTimeNs).toBe(5_000_000);
  });

  it("are the same from the run's journal", () => {
    const journal = new MemoryJournal();
    const recorded = run({ journal });
    expect(recorded.runHash).toBe(result.runHash);
    const { reports, replay } = sessionCosts(journal.records, { strategies: [desk()] });
    expect(replay.isIdentical).toBe(true);
    expect(reports.map(tcaRecord)).toEqual(result.tca);
  });

  it("sum to the same where fewer orders are listed", () => {
    const [few] = (run({ tca: { ordersMax: 1 } }).tca ?? []).map(tcaOfRecord);
    expect(few?.total).toEqual(tca.total);
    expect(few?.orders.map(({ name }) => name)).toEqual([expect.any(String), "(3 more)"]);
    expect(few?.orders.reduce((sum, { total }) => sum + total, 0n)).toBe(tca.total.total);
    expect(few?.markouts).toEqual(tca.markouts);
  });

  it("share out what a day costs", () => {
    const [dear] = (run({ tca: { infrastructure: { perDay: { USDT: "12.5" } } } }).tca ?? []).map(
      tcaOfRecord,
    );
    expect(dear?.total.items.infrastructure).toBe(1_250_000_000n);
    expect(dear?.orders.reduce((sum, { items }) => sum + items.infrastructure, 0n)).toBe(1_250_000_000n);
    expect((dear?.total.total ?? 0n) - 1_250_000_000n).toBe(tca.total.total);
  });

  it("stand on the tear sheet, in text and in CSV", () => {
    const page = renderTearSheet(JSON.parse(JSON.stringify(result)), { charts: "static" });
    for (const text of ["Transaction costs", "PWP at 10 %", "Participation", "parent 1"])
      expect(page).toContain(text);
    const words = renderCosts((run({ tca: { laterNs: 1e9 } }).tca ?? []).map(tcaOfRecord));
    for (const text of ["Costs in USDT", "desk", "markout 0.01 s", "effective"])
      expect(words).toContain(text);
    expect(tcaCsv(tca)).toContain("order,parent 1,");
  });

  it.each([
    ["tca.ordersMax", { ordersMax: 0 }],
    ["tca.resamples", { resamples: 1 }],
    ["tca.seed", { seed: -1 }],
    ["tca.ownPrints", { ownPrints: 1 }],
    ["tca.reference", { reference: "mid" }],
    ["tca.other", { other: 1 }],
    ["tca.infrastructure.basis", { infrastructure: { perDay: {}, basis: "volume" } }],
    ["tca.infrastructure.perDay.USDT", { infrastructure: { perDay: { USDT: "-1" } } }],
    ["tca.infrastructure.perDay.USDT", { infrastructure: { perDay: { USDT: 1 } } }],
    ["tca.infrastructure.perDay", { infrastructure: { perDay: { EUR: "1" } } }],
  ])("fault %s", (path, tca) => {
    expect(() => run({ tca: tca as BacktestOptions["tca"] & object })).toThrow(path);
  });
});

it("bars know no spread: what a fill was off its decision is impact", () => {
  const day = 86_400_000_000_000;
  const bars = new BarTapeBuilder({
    ...{ baseNs: 0n, source: "by hand", simulated: true },
    instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
  });
  for (let i = 0; i < 4; i++) {
    const bar = { open: 1_000 + 10 * i, high: 1_100, low: 900, close: 1_005 + 10 * i, volume: 100 };
    bars.push({ openNs: i * day, closeNs: (i + 1) * day - 1_000_000_000, ...bar });
  }
  let sent = false;
  const { tca: records } = new Backtester({
    markets: [{ tape: bars.build(), fees: flatFees("0", "0.001") }],
    strategies: [
      {
        name: "buy",
        onBar(_, ctx) {
          if (!sent) ctx.submit({ instrument: "ABC", side: "buy", lots: 5, type: "market" });
          sent = true;
        },
      },
    ],
    cash: { USD: "10000" },
  }).runToEnd();
  const [tca] = (records ?? []).map(tcaOfRecord);
  // Decided at the close of 1,005, filled at the next open of 1,010.
  expect(tca?.total.items).toMatchObject({ slippage: 0n, impact: 25n, spreadCrossing: 0n, opportunity: 0n });
  expect(tca?.spread).toBeNull();
  expect(tca?.orders[0]?.slippage.decision).toBeCloseTo((5 / 1_005) * 1e4, 9);
});

it("a book that lacks a side leaves the last whole quote in force", () => {
  const tape = depthTape([
    [1_000, "bid", 9_900, 50],
    [1_100, "ask", 10_100, 50],
    [2_000, "ask", 10_100, 0],
    [9_000_000, "bid", 9_800, 5],
    [90_000_000, "bid", 9_700, 5],
  ]);
  let sent = false;
  const { tca: records } = new Backtester({
    markets: [{ tape, fees: flatFees("0", "0") }],
    strategies: [
      {
        name: "sell",
        onBook(book, ctx) {
          if (!sent && !book.hasAsk && book.hasBid && ctx.clock.ns >= 2_000) {
            sent = ctx.submit({ instrument: "ABC", side: "sell", lots: 3, type: "market" }).ok;
          }
        },
      },
    ],
    cash: { USD: "10000" },
  }).runToEnd();
  const [tca] = (records ?? []).map(tcaOfRecord);
  // The mid was 10,000 and nobody said otherwise: 100 ticks of a cent for each of 3.
  expect(tca?.total.items).toMatchObject({ slippage: 0n, impact: 0n, spreadCrossing: 300n, opportunity: 0n });
});
