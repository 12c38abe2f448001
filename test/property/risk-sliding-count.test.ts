import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingCounts } from "../../src/risk/sliding-count.ts";

const limit = fc.record({ count: fc.integer({ min: 1, max: 6 }), windowNs: fc.integer({ min: 1, max: 60 }) });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("take" as const), by: fc.integer({ min: -5, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("limit" as const), limit }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

describe("sliding counts", () => {
  it("count what a list of all times counts", () => {
    fc.assert(
      fc.property(limit, fc.array(step, { maxLength: 120 }), (first, steps) => {
        let made = new SlidingCounts({ size: 1, slots: 6 });
        made.configure(0, first);
        let { count, windowNs } = first;
        let nowNs = 0;
        /** What the window must still know: all times, or those the ring of an older limit could hold. */
        let times: number[] = [];
        for (const each of steps) {
          if (each.kind === "restart") {
            const again = new SlidingCounts({ size: 1, slots: 6 });
            again.configure(0, { count, windowNs });
            again.load(JSON.parse(JSON.stringify(made.save())));
            made = again;
          } else if (each.kind === "limit") {
            const known = times.slice(-count);
            const isForgetful = known.length === count && each.limit.count > count;
            const forgotten = isForgetful ? each.limit.count - count : 0;
            times = [...Array.from({ length: forgotten }, () => known[0] as number), ...known];
            ({ count, windowNs } = each.limit);
            made.configure(0, each.limit);
          } else {
            nowNs += each.by;
            const inside = times.slice(-count).filter((time) => nowNs - time < windowNs).length;
            expect(made.count(0, nowNs)).toBe(inside);
            expect(made.allows(0, nowNs)).toBe(inside < count);
            expect(made.waitNs(0, nowNs) === 0).toBe(inside < count);
            expect(made.allows(0, nowNs + made.waitNs(0, nowNs))).toBe(true);
            const passes = made.take(0, nowNs);
            expect(passes).toBe(inside < count);
            if (passes) times.push(Math.max(nowNs, times.at(-1) ?? nowNs));
          }
        }
      }),
    );
  });

  it("never let more than N pass in a window, whatever the limit was before", () => {
    fc.assert(
      fc.property(
        limit,
        limit,
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 100 }),
        fc.nat(100),
        (one, two, gaps, at) => {
          const made = new SlidingCounts({ size: 1, slots: 6 });
          made.configure(0, one);
          const passed: number[] = [];
          let nowNs = 0;
          for (const [i, gap] of gaps.entries()) {
            if (i === at) made.configure(0, two);
            nowNs += gap;
            if (!made.take(0, nowNs)) continue;
            passed.push(nowNs);
            const now = i >= at ? two : one;
            expect(passed.filter((time) => nowNs - time < now.windowNs).length).toBeLessThanOrEqual(
              now.count,
            );
          }
        },
      ),
    );
  });
});
