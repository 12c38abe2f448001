import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdverseWindow } from "../../src/risk/adverse-window.ts";
import { DrawdownWindow } from "../../src/risk/drawdown-window.ts";
import { ExtremeWindow } from "../../src/risk/extreme-window.ts";
import { LossWindow } from "../../src/risk/loss-window.ts";

const walk = (by: fc.Arbitrary<number>) =>
  fc.array(fc.record({ value: fc.integer({ min: -20, max: 20 }), by, restart: fc.boolean() }), {
    maxLength: 120,
  });
const forth = fc.integer({ min: 0, max: 30 });

describe("an extreme window", () => {
  it("has the highest of a list of all samples, each at its rounded time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 8 }),
        walk(forth),
        (gridNs, steps, samples) => {
          const windowNs = gridNs * steps;
          const make = () => {
            const made = new ExtremeWindow({ lanes: 1, depth: steps + 1 });
            made.configure(0, windowNs, gridNs);
            return made;
          };
          let made = make();
          const all: { readonly value: number; readonly at: number }[] = [];
          let nowNs = -100;
          for (const { value, by, restart } of samples) {
            nowNs += by;
            if (restart) {
              const again = make();
              again.load("x", JSON.parse(JSON.stringify(made.save())));
              made = again;
            }
            expect(made.push(0, value, nowNs)).toBe(true);
            all.push({ value, at: Math.ceil(nowNs / gridNs) * gridNs });
            const inside = all.filter((each) => nowNs - each.at < windowNs).map((each) => each.value);
            expect(made.highest(0, nowNs)).toBe(Math.max(...inside));
            const { timesNs, values } = made.save()[0] as { timesNs: number[]; values: number[] };
            expect(timesNs).toEqual([...new Set(timesNs)].sort((a, b) => a - b));
            expect(values).toEqual([...new Set(values)].sort((a, b) => b - a));
          }
        },
      ),
    );
  });

  it("keeps a sample for the window and less than a step more, never less when the clock goes back", () => {
    fc.assert(
      fc.property(walk(fc.integer({ min: -10, max: 30 })), (samples) => {
        const made = new ExtremeWindow({ lanes: 1, depth: 200 });
        made.configure(0, 50, 7);
        const all: { readonly value: number; readonly atNs: number }[] = [];
        let nowNs = 0;
        let newest = 0;
        for (const { value, by } of samples) {
          nowNs += by;
          newest = Math.max(newest, nowNs);
          made.push(0, value, nowNs);
          all.push({ value, atNs: nowNs });
          const surely = all.filter((each) => newest - each.atNs < 50).map((each) => each.value);
          expect(made.highest(0, nowNs)).toBeGreaterThanOrEqual(Math.max(value, ...surely));
        }
      }),
    );
  });
});

describe("a stop-loss over a window", () => {
  it("is never understated, and at most that of a window one step longer", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        walk(forth),
        (windowNs, buckets, samples) => {
          const stop = new LossWindow({ size: 1, buckets });
          stop.configure(0, { windowNs, lossCents: 17 });
          const stepNs = Math.ceil(windowNs / buckets);
          const all: { readonly value: number; readonly atNs: number }[] = [];
          let nowNs = 0;
          for (const { value, by } of samples) {
            nowNs += by;
            all.push({ value, atNs: nowNs });
            const over = (ns: number) =>
              Math.max(...all.filter((each) => nowNs - each.atNs < ns).map((each) => each.value)) - value;
            const verdict = stop.sample(0, value, nowNs);
            const loss = stop.lossCents(0);
            expect(loss).toBeGreaterThanOrEqual(over(windowNs));
            expect(loss).toBeLessThanOrEqual(over(windowNs + stepNs));
            expect(verdict).toBe(loss >= 17 ? "breached" : loss >= 13.6 ? "warning" : "within");
            expect(stop.isBreached(0)).toBe(verdict === "breached");
            if (verdict === "breached") break;
          }
        },
      ),
    );
  });
});

describe("a drawdown window", () => {
  it("breaches when m of the last k samples broke the limit of a list of all samples", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        walk(forth),
        (confirm, more, samples) => {
          const limit = {
            lookbackNs: 80,
            drawdownBps: 1500,
            drawdownCents: 20,
            confirm,
            samples: confirm + more,
          };
          const make = () => {
            const made = new DrawdownWindow({ size: 1, buckets: 80 });
            made.configure(0, limit);
            return made;
          };
          let made = make();
          const all: { readonly equity: number; readonly atNs: number }[] = [];
          const broken: boolean[] = [];
          let nowNs = 0;
          for (const { value, by, restart } of samples) {
            const equity = 90 + 5 * value;
            nowNs += by;
            if (restart) {
              const again = make();
              again.load(JSON.parse(JSON.stringify(made.save())));
              made = again;
            }
            all.push({ equity, atNs: nowNs });
            const peak = Math.max(...all.filter((each) => nowNs - each.atNs < 80).map((each) => each.equity));
            const fall = peak - equity;
            broken.push(equity <= 0 || fall >= 20 || fall * 10_000 >= peak * 1500);
            const isBreached =
              broken.at(-1) && broken.slice(-confirm - more).filter(Boolean).length >= confirm;
            const least = Math.min(20, Math.ceil((peak * 1500) / 10_000));
            const isNear = broken.at(-1) || fall * 5 >= least * 4;
            expect(made.sample(0, equity, nowNs)).toBe(
              isBreached ? "breached" : isNear ? "warning" : "within",
            );
            if (isBreached) break;
          }
        },
      ),
    );
  });
});

describe("a collar over a period", () => {
  it("measures from the worst own reference in a list of all", () => {
    const each = fc.record({
      side: fc.constantFrom(1, -1),
      price: fc.integer({ min: 480, max: 520 }),
      reference: fc.integer({ min: 490, max: 510 }),
      by: fc.integer({ min: 0, max: 20 }),
      restart: fc.boolean(),
    });
    const limit = fc.oneof(
      fc.record({ windowNs: fc.constant(60), limitBps: fc.integer({ min: 0, max: 600 }) }),
      fc.record({ windowNs: fc.constant(60), limitTicks: fc.integer({ min: 0, max: 30 }) }),
    );
    fc.assert(
      fc.property(limit, fc.array(each, { maxLength: 80 }), (chosen, orders) => {
        const make = () => {
          const made = new AdverseWindow({ instruments: 1, depth: 64 });
          made.configure(0, chosen);
          return made;
        };
        let made = make();
        const own: { readonly side: number; readonly reference: number; readonly atNs: number }[] = [];
        let nowNs = 0;
        for (const { side, price, reference, by, restart } of orders) {
          nowNs += by;
          if (restart) {
            const again = make();
            again.load(JSON.parse(JSON.stringify(made.save())));
            made = again;
          }
          const seen = own
            .filter((old) => old.side === side && nowNs - old.atNs < 60)
            .map((old) => old.reference);
          const worst = side > 0 ? Math.min(reference, ...seen) : Math.max(reference, ...seen);
          const move = side > 0 ? price - worst : worst - price;
          const passes =
            "limitBps" in chosen ? move * 10_000 <= worst * chosen.limitBps : move <= chosen.limitTicks;
          expect(made.check(0, side, price, reference, nowNs)).toBe(passes ? "clear" : "breached");
          if (!passes) continue;
          made.commit(0, side, reference, nowNs);
          own.push({ side, reference, atNs: nowNs });
        }
      }),
    );
  });
});
