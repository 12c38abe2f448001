import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FeeModel } from "../../src/ledger/index.ts";
import { type FeeCharge, type FeeLimits, Instrument } from "../../src/model/index.ts";
import { exact } from "./ledger-oracle.ts";

const cents = (most: number) => fc.integer({ min: 0, max: most }).map((n) => exact(n).div(100).toFixed());
const tiny = (least: number, most: number) => fc.integer({ min: least, max: most }).map((n) => `${n}e-5`);
const optional = <Fields extends object>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) =>
  fc.record(fields, { requiredKeys: [] });

const limits = optional<FeeLimits>({ minimum: cents(300), maximumRate: tiny(0, 3_000) });
const charge = fc
  .tuple(
    fc.constantFrom<Pick<FeeCharge, "side">>({}, { side: "buy" }, { side: "sell" }),
    optional<Omit<FeeCharge, "name" | "side">>({
      rate: tiny(0, 400),
      perUnit: tiny(0, 900),
      maximum: cents(50),
    }),
  )
  .map(([side, rest]): FeeCharge => ({ name: "tax", ...side, ...rest }));
const schedule = fc.record({
  tiers: fc.tuple(
    fc.record({
      ...{ maker: tiny(-300, 300), taker: tiny(0, 300) },
      ...{ makerPerUnit: tiny(-900, 0), takerPerUnit: tiny(0, 900) },
    }),
  ),
  perUnit: tiny(0, 900),
  order: limits,
  charges: fc.array(charge, { minLength: 1, maxLength: 3 }),
});
const fill = fc.record({
  order: fc.nat(2),
  ticks: fc.integer({ min: 1, max: 3_000 }),
  lots: fc.integer({ min: 1, max: 400 }),
  maker: fc.boolean(),
  /** Takes the last fill that is left of its order back, in place of another. */
  isBust: fc.boolean(),
  isSaved: fc.boolean(),
});
type Fill = { readonly ticks: number; readonly lots: number; readonly maker: boolean };

const halfEven = (value: Decimal): Decimal => value.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN);

it("an order was charged its commission within its limits, and charges of each fill, after every fill and bust", () => {
  let [busts, least, most] = [0, 0, 0];
  fc.assert(
    fc.property(schedule, fc.array(fill, { minLength: 1, maxLength: 25 }), (fees, steps) => {
      const grid = { symbol: "A", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" };
      const instrument = new Instrument({ ...grid, fees });
      let model = new FeeModel({ instrument });
      const held: Fill[][] = [[], [], []];
      const charged = [0n, 0n, 0n];
      /** What is owed by hand, in cents. */
      const owed = (fills: readonly Fill[], sign: number): Decimal => {
        const [{ maker, taker, makerPerUnit, takerPerUnit }] = fees.tiers;
        let [sum, size, top] = [exact(0), exact(0), exact(0)];
        for (const { ticks, lots, maker: isMaker } of fills) {
          const worth = exact(ticks).times(lots);
          const perUnit = exact(fees.perUnit).plus(isMaker ? makerPerUnit : takerPerUnit);
          sum = sum.plus(worth.times(isMaker ? maker : taker)).plus(perUnit.times(lots).times(100));
          size = size.plus(worth);
          let here = exact(0);
          for (const { side, rate = "0", perUnit: each = "0", maximum } of fees.charges) {
            if (side !== undefined && (side === "buy") !== sign > 0) continue;
            const raw = worth.times(rate).plus(exact(each).times(lots).times(100));
            here = here.plus(maximum === undefined ? raw : Decimal.min(raw, exact(maximum).times(100)));
          }
          top = top.plus(halfEven(here));
        }
        if (fills.length === 0) return exact(0);
        const { minimum = "0", maximumRate } = fees.order;
        let commission = halfEven(sum);
        const floor = exact(minimum).times(100);
        if (commission.gte(0) && commission.lt(floor)) [commission, least] = [floor, least + 1];
        const cap = maximumRate === undefined ? commission : halfEven(size.times(maximumRate));
        if (commission.gt(cap)) [commission, most] = [cap, most + 1];
        return commission.plus(top);
      };
      for (const { order, isBust, isSaved, ...own } of steps) {
        const fills = held[order] as Fill[];
        const sign = order === 0 ? -1 : 1;
        const undone = isBust ? fills.pop() : undefined;
        const { ticks, lots, maker } = undone ?? own;
        if (undone === undefined) fills.push(own);
        else busts += 1;
        const fee =
          undone === undefined
            ? model.feeMinor(ticks, lots, sign, maker, order)
            : model.undoneMinor(ticks, lots, sign, maker, order);
        charged[order] = (charged[order] as bigint) + fee;
        expect(String(charged[order])).toBe(owed(fills, sign).plus(0).toFixed().replace("-0", "0"));
        if (!isSaved) continue;
        const saved = JSON.parse(JSON.stringify(model.save()));
        model = new FeeModel({ instrument });
        model.load(saved);
      }
    }),
    { numRuns: 500 },
  );
  for (const seen of [busts, least, most]) expect(seen).toBeGreaterThan(200);
});
