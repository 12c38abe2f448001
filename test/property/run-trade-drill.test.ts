import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DrilledFill, RunResult, TradeDrillOptions } from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { DAY, type DepthRow, dayTape, depthTape, runOver, wanderingRows } from "../fixtures/run-tapes.ts";

const MILLI = 1_000_000;
const TICK = 0.01;

function runWith(rows: readonly DepthRow[], seed: number, drill: boolean | TradeDrillOptions): RunResult {
  const venue = { latency: new ConstantLatency({ entryNs: 300_000, responseNs: 200_000 }) };
  return runOver([{ tape: depthTape(rows), venue }], new BusyStrategy(2 * MILLI), { seed, drill }).result;
}

interface Moment {
  readonly ns: number;
  readonly bids: (readonly [number, number])[];
  readonly asks: (readonly [number, number])[];
}

/** The book after the rows that `takes` lets through, from the first row on, in a map. */
function bookAt(rows: readonly DepthRow[], levels: number, takes: (exchNs: number) => boolean): Moment {
  const sides = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  let ns = Number.NaN;
  for (const [local, kind, tick, lots] of rows) {
    if (!takes(local - 10)) break;
    if (kind === "clear") for (const side of Object.values(sides)) side.clear();
    else if (kind !== "bid" && kind !== "ask") continue;
    else if (lots === 0) sides[kind].delete(tick);
    else sides[kind].set(tick, lots);
    ns = local - 10;
  }
  const shown = (side: Map<number, number>, sign: number): (readonly [number, number])[] =>
    [...side].sort((a, b) => sign * (a[0] - b[0])).slice(0, levels);
  // The map shows what a crossed update hides: rows here never cross by more than an update takes away.
  return { ns, bids: shown(sides.bid, -1), asks: shown(sides.ask, 1) };
}

const inTicks = (levels: readonly (readonly [number, number])[]): number[][] =>
  levels.map(([price, quantity]) => [Math.round(price / TICK), quantity]);

function check(
  rows: readonly DepthRow[],
  fill: DrilledFill,
  levels: number,
  beforeNs: number,
  afterNs: number,
): void {
  const at = Number(fill.exchNs);
  const { market } = fill;
  if (market === null) throw new Error("no market");
  const before = bookAt(rows, levels, (ns) => (fill.maker ? ns < at : ns <= at));
  expect(inTicks(market.before?.bids ?? [])).toEqual(before.bids);
  expect(inTicks(market.before?.asks ?? [])).toEqual(before.asks);
  expect(Number(market.before?.ns)).toBe(before.ns);
  const next = rows.find(
    ([local, kind]) =>
      ["bid", "ask", "clear"].includes(kind) && (fill.maker ? local - 10 >= at : local - 10 > at),
  );
  if (next === undefined) expect(market.after).toBeNull();
  else {
    // One message: rows of one time that are no message of their own come later.
    const index = rows.indexOf(next);
    const after = bookAt(rows.slice(0, index + 1), levels, () => true);
    expect([inTicks(market.after?.bids ?? []), inTicks(market.after?.asks ?? [])]).toEqual([
      after.bids,
      after.asks,
    ]);
  }
  const prints = rows.filter(
    ([local, kind]) =>
      ["buy", "sell"].includes(kind) && local - 10 >= at - beforeNs && local - 10 <= at + afterNs,
  );
  const told = market.prints.map(([ns, price, quantity, side]) => [
    ns + at,
    Math.round(price / TICK),
    quantity,
    side,
  ]);
  const all = prints.map(([local, kind, tick, lots]) => [local - 10, tick, lots, kind === "buy" ? 1 : -1]);
  if (market.hasAllPrints) expect(told).toEqual(all);
  else {
    expect(told.length).toBeLessThan(all.length);
    for (const print of told) expect(all).toContainEqual(print);
  }
  expect(market.prints.length).toBeLessThanOrEqual(80);
  expect(market.quotes.length).toBeLessThanOrEqual(86);
  for (const [ns, bid, ask] of market.quotes) {
    expect(ns).toBeLessThanOrEqual(afterNs);
    const best = bookAt(rows, 1, (each) => each <= ns + at);
    // Of several changes in one moment one may be the last of its stretch in between.
    const isAlone =
      rows.filter(([local, kind]) => local - 10 === ns + at && kind !== "buy" && kind !== "sell").length ===
      1;
    if (!isAlone) continue;
    expect([bid, ask].map((price) => (price === null ? null : Math.round(price / TICK)))).toEqual([
      best.bids[0]?.[0] ?? null,
      best.asks[0]?.[0] ?? null,
    ]);
  }
}

describe("a run whose trades are drilled", () => {
  it("has the hash, the fills and the figures of one whose are not; its ladders are those of a slow replay", () => {
    let fills = 0;
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 10 }), (seed, levels) => {
        const rows = wanderingRows(seed, 600);
        const plain = runWith(rows, seed, false);
        const drilled = runWith(rows, seed, {
          levels,
          beforeNs: 20 * MILLI,
          afterNs: 30 * MILLI,
          fillsMax: 1_000,
        });
        const { drill, environment: _, ...rest } = drilled;
        const { environment: __, ...bare } = plain;
        expect(rest).toEqual(bare);
        expect(plain.drill).toBeUndefined();
        for (const fill of drill?.fills ?? []) check(rows, fill, levels, 20 * MILLI, 30 * MILLI);
        fills += drill?.fills.length ?? 0;
      }),
      { numRuns: Number(process.env["TRADE_DRILL_RUNS"] ?? 8) },
    );
    expect(fills).toBeGreaterThan(50);
  }, 60_000);

  it("has trades that add up to the run: realized, fees, fills, position", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const { drill, positions, fills, orders } = runWith(wanderingRows(seed, 400), seed, true);
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        const trades = drill?.trades ?? [];
        const { submitted } = orders;
        const kept = { keptFills: fills.count, orders: submitted, keptOrders: submitted };
        expect(drill?.counts).toEqual({ fills: fills.count, trades: trades.length, ...kept });
        expect(sum(trades.map(({ realized }) => realized))).toBeCloseTo(Number(positions[0]?.realized), 6);
        expect(sum(trades.map(({ fees }) => fees))).toBeCloseTo(Number(positions[0]?.fees), 6);
        expect(trades.filter(({ closedNs }) => closedNs === null)).toHaveLength(
          Number(positions[0]?.quantity) === 0 ? 0 : 1,
        );
        const quantity = sum(
          (drill?.fills ?? []).map(({ side, quantity: size }) => (side === "buy" ? size : -size)),
        );
        expect(quantity).toBeCloseTo(Number(positions[0]?.quantity), 9);
        for (const order of drill?.orders ?? []) {
          expect(BigInt(order.submittedNs)).toBeLessThanOrEqual(BigInt(order.arrivedNs ?? order.submittedNs));
          expect(order.filled).toBeGreaterThan(0);
        }
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it("shows the bars around fills of a bar tape, and changes no hash there", () => {
    const days = Array.from({ length: 60 }, (_, i) => {
      const open = 1_000 + ((i * 37) % 50);
      return [open, open + 9, open - 9, open + ((i * 7) % 5), 100_000] as const;
    });
    const make = (drill: boolean): RunResult =>
      runOver([{ tape: dayTape(days) }], new BusyStrategy(DAY), { drill }).result;
    const [drilled, plain] = [make(true), make(false)];
    expect(drilled.runHash).toBe(plain.runHash);
    expect(drilled.drill?.fills.length).toBeGreaterThan(5);
    for (const { market, exchNs, price } of drilled.drill?.fills ?? []) {
      const bars = market?.bars ?? [];
      expect(bars.length).toBeLessThanOrEqual(31);
      const own = bars.find(([openNs, closeNs]) => openNs <= 0 && closeNs >= 0);
      const day = Math.floor(Number(exchNs) / DAY);
      expect(own?.slice(2)).toEqual((days[day] ?? []).slice(0, 4).map((ticks) => ticks / 100));
      expect(price).toBeGreaterThanOrEqual((own?.[4] ?? 0) - 1e-9);
      expect(price).toBeLessThanOrEqual((own?.[3] ?? 0) + 1e-9);
      expect(bars.filter(([openNs]) => openNs > 0).length).toBe(Math.min(10, days.length - 1 - day));
    }
  });
});
