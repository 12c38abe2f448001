import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fingerprint, RecentOrders } from "../../src/risk/recent-orders.ts";
import { SeenIds } from "../../src/risk/seen-ids.ts";

const few = fc.integer({ min: 0, max: 1 });
const order: fc.Arbitrary<Fingerprint> = fc.record({
  seat: few,
  instrument: few,
  side: fc.constantFrom(1, -1),
  lots: fc.constantFrom(1, 2 ** 32 + 1),
  priceTicks: fc.constantFrom(0, -0, 5),
  stopTicks: few,
  type: few,
  timeInForce: few,
  slice: few,
});
const step = fc.record({
  order: fc.option(order, { nil: undefined }),
  by: fc.integer({ min: -4, max: 15 }),
  restart: fc.boolean(),
});

describe("recent orders", () => {
  it("say what a list of all orders says", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 4, 8),
        fc.integer({ min: 2, max: 4 }),
        order,
        fc.array(step, { maxLength: 120 }),
        (capacity, count, usual, steps) => {
          const options = { capacity, count, windowNs: 50 };
          let made = new RecentOrders(options);
          const sent: { readonly order: Fingerprint; readonly atNs: number }[] = [];
          let nowNs = 0;
          for (const each of steps) {
            nowNs += each.by;
            if (each.restart) {
              const again = new RecentOrders(options);
              again.load(JSON.parse(JSON.stringify(made.save())));
              made = again;
            }
            const one = each.order ?? usual;
            // What was overwritten cannot come back when the clock goes back.
            const recent = sent.slice(-capacity).filter((old) => nowNs - old.atNs < 50);
            const equal = recent.filter((old) => isSame(old.order, one)).length;
            const expected = equal + 1 >= count ? "duplicate" : recent.length === capacity ? "full" : "clear";
            expect(made.check(one, nowNs)).toBe(expected);
            if (expected !== "clear") continue;
            made.commit(one, nowNs);
            sent.push({ order: one, atNs: Math.max(nowNs, sent.at(-1)?.atNs ?? nowNs) });
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("seen ids", () => {
  it("never pass twice", () => {
    const id = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom("a", "b", "c", "1"));
    fc.assert(
      fc.property(fc.array(fc.tuple(few, id, fc.boolean()), { maxLength: 60 }), (steps) => {
        let made = new SeenIds({ seats: 2, texts: 3 });
        const passed = new Set<string>();
        const highest = [-1, -1];
        for (const [seat, each, restart] of steps) {
          if (restart) {
            const again = new SeenIds({ seats: 2, texts: 3 });
            again.load(JSON.parse(JSON.stringify(made.save())));
            made = again;
          }
          const verdict = made.check(seat, each);
          const name = typeof each === "number" ? `${seat}/${each}` : each;
          if (passed.has(name)) expect(verdict).toBe("duplicate");
          if (typeof each === "number") expect(verdict === "clear").toBe(each > (highest[seat] as number));
          if (verdict !== "clear") continue;
          made.commit(seat, each);
          passed.add(name);
          if (typeof each === "number") highest[seat] = each;
        }
      }),
    );
  });
});

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return (Object.keys(one) as (keyof Fingerprint)[]).every((field) => one[field] === other[field]);
}
