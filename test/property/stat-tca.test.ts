import fc from "fast-check";
import { expect, it } from "vitest";
import { COST_ITEMS, shortfall, spreadMeasures, type TcaOrder, tcaReport } from "../../src/stat/index.ts";

const price = fc.integer({ min: -1_000, max: 1_000_000 });
const fill = fc.record({
  venue: fc.constantFrom("A", "B", "C"),
  after: fc.nat(200_000_000_000_000),
  lots: fc.integer({ min: 1, max: 1_000_000_000 }),
  priceTicks: price,
  feeMinor: fc.bigInt({ min: -1_000n, max: 1_000_000n }),
  bidTicks: price,
  width: fc.nat(50),
});
const order = fc
  .record({
    strategy: fc.constantFrom("s", "t"),
    side: fc.constantFrom("buy" as const, "sell" as const),
    startNs: fc.nat(1_000_000),
    lasts: fc.nat(200_000_000_000_000),
    more: fc.nat(1_000_000),
    decisionHalfTicks: price,
    arrivalHalfTicks: price,
    endHalfTicks: price,
    fills: fc.array(fill, { maxLength: 6 }),
  })
  .map(
    ({ fills, lasts, more, ...rest }): Omit<TcaOrder, "id"> => ({
      ...rest,
      endNs: rest.startNs + lasts,
      lots: fills.reduce((sum, { lots }) => sum + lots, more + 1),
      fills: fills.map(({ after, width, ...one }) => ({
        ...one,
        ns: rest.startNs + after,
        askTicks: one.bidTicks + width,
      })),
    }),
  );
const tickValue = fc.tuple(fc.bigInt({ min: 1n, max: 1_000n }), fc.bigInt({ min: 1n, max: 1_000n }));

/** Perold's definition, as it stands: the paper's gain less the real one, in halves of ticks times lots. */
function perold({ side, lots, fills, decisionHalfTicks, endHalfTicks }: Omit<TcaOrder, "id">): bigint {
  const sign = side === "buy" ? 1n : -1n;
  const paper = sign * BigInt(lots) * BigInt(endHalfTicks - decisionHalfTicks);
  let real = 0n;
  for (const one of fills)
    real += sign * BigInt(one.lots) * (BigInt(endHalfTicks) - 2n * BigInt(one.priceTicks));
  return paper - real;
}

it("the parts of a shortfall sum to Perold's, rounded once", () => {
  fc.assert(
    fc.property(order, tickValue, (one, value) => {
      const { delay, spread, impact, opportunity, fees, total } = shortfall(
        { ...one, id: "a" },
        { tickValue: value },
      );
      expect(delay + spread + impact + opportunity + fees).toBe(total);
      const paid = one.fills.reduce((sum, { feeMinor }) => sum + feeMinor, 0n);
      // Twice the distance between the rounded amount and the exact one is no more than a unit.
      const rest = 2n * (total - paid) * 2n * value[1] - 2n * perold(one) * value[0];
      expect(rest <= 2n * value[1] && rest >= -2n * value[1]).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it("every table sums to the total, item by item", () => {
  const infrastructure = fc.record({
    basis: fc.constantFrom("orders" as const, "notional" as const),
    amounts: fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.array(order, { maxLength: 5 }),
      tickValue,
      infrastructure,
      (orders, value, { basis, amounts }) => {
        const report = tcaReport({
          orders: orders.map((one, i) => ({ ...one, id: `o${i}` })),
          market: { tradeNs: [], tradeTicks: [], tradeLots: [], quoteNs: [], midHalfTicks: [] },
          currency: "USD",
          decimals: 2,
          tickValue: value,
          infrastructure: {
            basis,
            perDay: new Map(amounts.map((amount, i) => [`1970-01-0${i + 1}`, amount])),
          },
        });
        expect(report.total.items.infrastructure).toBe(amounts.reduce((sum, amount) => sum + amount, 0n));
        for (const rows of [report.orders, report.byStrategy, report.byVenue, report.byDay]) {
          for (const item of COST_ITEMS) {
            expect(rows.reduce((sum, { items }) => sum + items[item], 0n)).toBe(report.total.items[item]);
          }
          expect(rows.reduce((sum, { total }) => sum + total, 0n)).toBe(report.total.total);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it("the effective spread is the realised one and the impact, exactly", () => {
  fc.assert(
    fc.property(fill, price, fc.constantFrom(1, -1), ({ width, after, ...one }, later, sign) => {
      const measured = { ...one, ns: after, askTicks: one.bidTicks + width };
      const { effective, realised, impact, quoted } = spreadMeasures(sign, measured, later);
      expect(realised + impact).toBe(effective);
      expect(quoted).toBe(width);
    }),
  );
});
