import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Disqualifier } from "../../src/feed/index.ts";
import { FAULTS, FailoverWorld } from "../fixtures/feed-failover-world.ts";

const MS = 1e6;
const RUNS = { numRuns: 40 };
const source = fc.nat(2);
const step = fc.oneof(
  fc.record({
    do: fc.constant("fault" as const),
    source,
    fault: fc.constantFrom(...FAULTS),
    ms: fc.integer({ min: 1, max: 400 }),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
  fc.record({ do: fc.constant("late" as const), source, ms: fc.integer({ min: -40, max: 60 }) }),
  fc.record({ do: fc.constant("reject" as const), source, count: fc.nat(60) }),
);
const world = fc.record({
  seed: fc.nat(100_000),
  rate: fc.constantFrom(40, 200, 500),
  primary: fc.constantFrom("none", "latency", "source 0", "source 2"),
});

/** Runs steps; the world, and what was wrong with its books when it stood still in the end. */
function run(
  options: { seed: number; rate: number; primary: string },
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
) {
  const disqualified: { source: number; atNs: number; reason: Disqualifier }[] = [];
  const made = new FailoverWorld({
    seed: options.seed,
    rate: options.rate,
    arbiter: { primary: options.primary, switchMargin: 0.03 },
    listener: { disqualified: (which, reason, atNs) => disqualified.push({ source: which, reason, atNs }) },
  });
  made.run(2_000 * MS);
  for (const each of steps) {
    if (each.do === "wait") made.run(each.ms * MS);
    else if (each.do === "reject") for (let i = 0; i < each.count; i++) made.arbiter.rejected(each.source);
    else if (each.do === "late") {
      const line = made.lines[each.source] as { baseNs: number };
      line.baseNs = Math.max(MS, line.baseNs + each.ms * MS);
    } else {
      made.inject(each.source, each.fault);
      made.run(each.ms * MS);
      made.heal(each.source);
    }
  }
  return { made, disqualified };
}

describe("a feed arbiter over sources that fail at random", () => {
  it("puts out rows that make the market's book, with times that never fall", () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 25 }), (options, steps) => {
        const { made } = run(options, steps);
        made.run(4_000 * MS);
        made.stop();
        made.run(500 * MS);
        expect(made.wrongs).toEqual([]);
        expect(made.arbiter.current).not.toBe(-1);
        expect({ bid: made.book.bestBid, ask: made.book.bestAsk }).toEqual(made.truth);
        const levels = made.book.copy();
        const text = (side: "bid" | "ask", all: typeof levels.bids) =>
          all.map(({ priceTicks, lots }) => `${side} ${priceTicks} ${lots}`);
        expect([...text("bid", levels.bids), ...text("ask", levels.asks)].sort()).toEqual(made.levels);
      }),
      RUNS,
    );
  });

  it("changes at most once in a hold-down unless the source it leaves was disqualified", () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 40 }), (options, steps) => {
        const { made, disqualified } = run(options, steps);
        made.run(6_000 * MS);
        const chosen = made.changes.filter(({ reason }) => reason === "score" || reason === "primary");
        for (const [i, { atNs, from, to, reason }] of made.changes.entries()) {
          const before = made.changes[i - 1];
          if (before !== undefined) expect(from === -1 || from === before.to).toBe(true);
          expect(to).not.toBe(from);
          if (chosen.some((change) => change.atNs === atNs && change.to === to)) {
            expect(atNs - (before?.atNs ?? -Infinity)).toBeGreaterThanOrEqual(5_000 * MS);
          } else if (reason !== "first") {
            expect(disqualified.some((each) => each.source === from && each.atNs === atNs)).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  it("does not change at all for noise below the margin", () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.array(fc.tuple(source, fc.nat(4)), { maxLength: 60 }),
        (seed, noise) => {
          const made = new FailoverWorld({ seed, rate: 300 });
          made.run(2_000 * MS);
          for (const [which, count] of noise) {
            for (let i = 0; i < count; i++) made.arbiter.rejected(which);
            made.run(100 * MS);
          }
          expect(made.changes.filter(({ reason }) => reason === "score" || reason === "primary")).toEqual([]);
        },
      ),
      RUNS,
    );
  });
});
