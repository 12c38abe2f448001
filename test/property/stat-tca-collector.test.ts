import process from "node:process";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type CostMarket,
  type OrderCosts,
  TcaCollector,
  type TcaFill,
  type TcaMarket,
  type TcaOrder,
  type TcaReport,
  tcaReport,
} from "../../src/stat/index.ts";

/** Steps of a market: a quote or a print, then perhaps an order, a fill of one, or the end of one. */
const step = fc.record({
  after: fc.nat(40),
  bid: fc.integer({ min: 900, max: 1_100 }),
  width: fc.nat(6),
  prints: fc.nat(3),
  lots: fc.integer({ min: 1, max: 60 }),
  act: fc.constantFrom("none", "open", "fill", "fill", "end", "resize"),
  which: fc.nat(20),
  side: fc.constantFrom("buy" as const, "sell" as const),
  venue: fc.constantFrom("A", "B"),
  fee: fc.bigInt({ min: -50n, max: 200n }),
  /** How many steps later than it happens an order, or a fill, is told. */
  late: fc.nat(4),
});

const SPEED = 2_000_000_000_000;
const HORIZONS = [0, 7, 30].map((one) => one * SPEED);
const LATER_NS = 25 * SPEED;

interface World {
  readonly market: { -readonly [Key in keyof TcaMarket]: number[] };
  readonly orders: (Omit<TcaOrder, "fills"> & { lots: number; endNs: number; fills: TcaFill[] })[];
  readonly report: TcaReport;
  readonly afterEnd: number;
}

/** Plays steps to a collector, and writes down the columns and orders that `tcaReport` takes. */
function play(
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  ownPrints: boolean,
): World {
  const infrastructure = { minorPerDay: 1_001n, basis: "notional" as const };
  const costs = new TcaCollector({
    ...{ currency: "USD", decimals: 2, horizonsNs: HORIZONS, laterNs: LATER_NS, ownPrints, infrastructure },
    resamples: 20,
  });
  const where: CostMarket = costs.market([3n, 7n]);
  const market: World["market"] = {
    ...{ tradeNs: [], tradeTicks: [], tradeLots: [], quoteNs: [], midHalfTicks: [] },
  };
  const orders: World["orders"] = [];
  const open: OrderCosts[] = [];
  const arrivals: number[] = [];
  const quotes: (readonly [ns: number, bid: number, ask: number])[] = [];
  const justBefore = (ns: number): readonly [number, number] => {
    let found: readonly [number, number] = [Number.NaN, Number.NaN];
    for (const [at, bid, ask] of quotes) if (at < ns) found = [bid, ask];
    return found;
  };
  let ns = SPEED;
  let afterEnd = 0;
  where.trace.quote(0, 1_000, 1_002);
  quotes.push([0, 1_000, 1_002]);
  const times: number[] = [];
  for (const { after, bid, width, prints, lots, act, which, side, venue, fee, late } of steps) {
    ns += after * SPEED;
    times.push(ns);
    const happened = times.at(-1 - late) ?? ns;
    where.trace.quote(ns, bid, bid + width);
    quotes.push([ns, bid, bid + width]);
    for (let i = 0; i < prints; i++) {
      where.trace.trade(ns, bid + i, lots);
      market.tradeNs.push(ns);
      market.tradeTicks.push(bid + i);
      market.tradeLots.push(lots);
    }
    if (act === "open") {
      const opening = {
        id: `o${orders.length}`,
        strategy: `s${which % 2}`,
        side,
        lots: 50 + lots,
        startNs: happened,
      };
      open.push(costs.open({ ...opening, decisionHalfTicks: 2 * bid + width }, where));
      const mids = { decisionHalfTicks: 2 * bid + width, arrivalHalfTicks: Number.NaN, endHalfTicks: 0 };
      orders.push({ ...opening, ...mids, endNs: Number.NaN, fills: [] });
      arrivals.push(Number.NaN);
      continue;
    }
    const at = which % Math.max(1, orders.length);
    const order = orders[at];
    if (order === undefined) continue;
    const room = order.lots - order.fills.reduce((sum, one) => sum + one.lots, 0);
    if (act === "end" && Number.isNaN(order.endNs)) {
      order.endNs = ns;
      open[at]?.finish(ns);
    }
    if (act === "resize" && room > lots) {
      order.lots -= lots;
      open[at]?.resize(order.lots);
    }
    if (act !== "fill" || room < 1) continue;
    // At least one ns after the quotes: what is asked about has passed or has not, both happen. Told late, too.
    const fill = {
      venue,
      ns: Math.max(order.startNs, happened) + (which % 3),
      lots: Math.min(lots, room),
      priceTicks: bid + (which % 4),
      feeMinor: fee,
    };
    if (Number.isNaN(arrivals[at])) arrivals[at] = fill.ns;
    if (!Number.isNaN(order.endNs)) {
      afterEnd += 1;
      order.endNs = Math.max(order.endNs, fill.ns);
    }
    open[at]?.fill({ ...fill, maker: false });
    order.fills.push({ ...fill, bidTicks: Number.NaN, askTicks: Number.NaN });
  }
  ns += SPEED;
  const report = costs.finish(ns);
  const endOf = (moment: number): readonly [number, number] => justBefore(moment + 1);
  for (const [ns, bid, ask] of quotes) {
    market.quoteNs.push(ns);
    market.midHalfTicks.push(bid + ask);
  }
  const whole = orders.map((order, i) => {
    const endNs = Number.isNaN(order.endNs) ? ns : order.endNs;
    const [bid, ask] = endOf(endNs);
    const fills = order.fills.map((fill) => {
      const [bidTicks, askTicks] = justBefore(fill.ns);
      return { ...fill, bidTicks, askTicks };
    });
    const arrived = justBefore(arrivals[i] as number);
    const arrivalHalfTicks = Number.isNaN(arrivals[i]) ? order.decisionHalfTicks : arrived[0] + arrived[1];
    return { ...order, endNs, fills, arrivalHalfTicks, endHalfTicks: bid + ask };
  });
  return { market, orders: whole, report, afterEnd };
}

/** Numbers within a part in 1e9 of each other, everything else equal. */
function same(left: unknown, right: unknown, path = "report"): void {
  if (typeof left === "number" && typeof right === "number") {
    expect(Math.abs(left - right), path).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(left), Math.abs(right)),
    );
    return;
  }
  if (typeof left === "object" && left !== null && typeof right === "object" && right !== null) {
    expect(Object.keys(left).sort(), path).toEqual(Object.keys(right).sort());
    for (const key of Object.keys(left))
      same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key], `${path}.${key}`);
    return;
  }
  expect(left, path).toBe(right);
}

const byName = <Row extends { readonly name: string }>(rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Costs by order, exact; by other names the two round the pieces of a day at one venue together, or each alone. */
it("what is collected as it happens is what the columns come to", () => {
  let seen = { fills: 0, orders: 0, afterEnd: 0, pwp: 0 };
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 5, maxLength: 80, size: "max" }),
      fc.boolean(),
      (steps, ownPrints) => {
        const { market, orders, report, afterEnd } = play(steps, ownPrints);
        const perDay = new Map(
          orders.map(({ startNs }) => [new Date(startNs / 1e6).toISOString().slice(0, 10), 1_001n]),
        );
        const expected = tcaReport({
          ...{ orders, market, currency: "USD", decimals: 2, tickValue: [3n, 7n], laterNs: LATER_NS },
          ...{
            horizonsNs: HORIZONS,
            resamples: 20,
            ownPrints,
            infrastructure: { perDay, basis: "notional" },
          },
        });
        expect(report.total.total).toBe(expected.total.total);
        expect(report.total.items.infrastructure).toBe(expected.total.items.infrastructure);
        expect(report.total.items.fees).toBe(expected.total.items.fees);
        const figuresOf = ({ orders: rows }: TcaReport) =>
          byName(rows.filter(({ name }) => name.startsWith("o"))).map(({ items, total, ...row }) => row);
        same(figuresOf(report), figuresOf(expected), "orders");
        // Infrastructure is shared among strategies first: an order's share may be a unit off.
        const totals = (rows: TcaReport["orders"]) =>
          byName(rows).map(({ name, total, items }) => [name, total - items.infrastructure]);
        expect(totals(report.orders)).toEqual(totals(expected.orders));
        for (const rows of [report.orders, report.byStrategy, report.byVenue, report.byDay])
          expect(rows.reduce((sum, { total }) => sum + total, 0n)).toBe(report.total.total);
        const rest = ({
          spread,
          markouts,
          slippages,
          participation,
          improvement,
          fillTime,
          counts,
        }: TcaReport) => ({
          ...{ spread, markouts, slippages, participation, improvement, fillTime, counts },
        });
        expect(report.counts.afterEnd).toBe(afterEnd);
        expect(report.counts.forgotten).toBe(0);
        same(rest(report), rest({ ...expected, counts: { ...expected.counts, afterEnd } }));
        seen = {
          fills: seen.fills + report.counts.fills,
          orders: seen.orders + report.counts.orders,
          afterEnd: seen.afterEnd + afterEnd,
          pwp: seen.pwp + report.orders.filter(({ slippage }) => slippage.pwp !== null).length,
        };
      },
    ),
    { numRuns: Number(process.env.TCA_RUNS ?? 300) },
  );
  expect(seen.fills).toBeGreaterThan(500);
  expect(seen.orders).toBeGreaterThan(500);
  expect(seen.afterEnd).toBeGreaterThan(100);
  expect(seen.pwp).toBeGreaterThan(100);
});
