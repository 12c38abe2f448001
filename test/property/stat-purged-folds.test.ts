import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CombinatorialFolds,
  type Fold,
  type InformationSpans,
  purgedFolds,
  walkForwardFolds,
} from "../../src/stat/index.ts";

/** Observations that begin in order, perhaps together, with outcomes known at once or much later. */
const spans = fc
  .array(fc.tuple(fc.nat(4), fc.nat(12)), { minLength: 6, maxLength: 40 })
  .map((steps): { fromNs: number[]; toNs: number[] } => {
    let now = 0;
    const fromNs = steps.map(([after]) => {
      now += after;
      return now;
    });
    return { fromNs, toNs: fromNs.map((from, i) => from + (steps[i]?.[1] ?? 0)) };
  });
const embargo = fc.record({ embargo: fc.nat(5), embargoNs: fc.nat(9) });

interface Plan {
  readonly embargo: number;
  readonly embargoNs: number;
}

describe("what a fold trains on", () => {
  it("is everything but what meets the test or its embargo, looked up pair by pair", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 2, max: 6 }), embargo, (given, folds, plan) => {
        const made = purgedFolds(given, { folds, ...plan });
        expect(made.flatMap((fold) => [...fold.test])).toEqual(given.fromNs.map((_, i) => i));
        for (const fold of made) expect([...fold.train]).toEqual(allowed(given, [[...fold.test]], plan));
      }),
    );
  });

  it("is that for every test group of a combinatorial split", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 2, max: 6 }), fc.nat(4), embargo, (given, groups, k, plan) => {
        const testGroups = 1 + (k % (groups - 1));
        const folds = new CombinatorialFolds(given, { groups, testGroups, ...plan });
        const single = purgedFolds(given, { folds: groups });
        const tested = new Float64Array(folds.count);
        for (let split = 0; split < folds.splits; split++) {
          const { train, test } = folds.fold(split);
          const blocks = [...folds.testGroups(split)].map((group) => [...(single[group] as Fold).test]);
          expect([...test]).toEqual(blocks.flat());
          expect([...train]).toEqual(allowed(given, blocks, plan));
          for (const i of test) tested[i] = (tested[i] as number) + 1;
        }
        // Every observation is tested in exactly k / N of the splits.
        expect(new Set(tested)).toEqual(new Set([folds.paths]));
        expect(folds.paths * groups).toBe(folds.splits * testGroups);
      }),
    );
  });

  it("is known before the test in a walk forward", () => {
    const lengths = fc.record({
      train: fc.integer({ min: 1, max: 4 }),
      test: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(spans, lengths, fc.boolean(), embargo, (given, { train, test }, anchored, plan) => {
        let next = train;
        for (const fold of walkForwardFolds(given, { train, test, anchored, ...plan })) {
          expect([...fold.test]).toEqual(Array.from({ length: test }, (_, i) => next + i));
          const start = given.fromNs[next] as number;
          const expected = given.toNs.flatMap((to, i) => {
            const isInWindow = i < next - plan.embargo && (anchored || i >= next - train);
            return isInWindow && to + plan.embargoNs < start ? [i] : [];
          });
          expect([...fold.train]).toEqual(expected);
          next += test;
        }
        expect(next + test).toBeGreaterThan(given.fromNs.length);
      }),
    );
  });

  it("does not depend on whether times are numbers or bigints", () => {
    fc.assert(
      fc.property(spans, embargo, (given, plan) => {
        const epoch = 1_700_000_000_000_000_000n;
        const late = (times: number[]): BigInt64Array =>
          BigInt64Array.from(times, (one) => epoch + BigInt(one));
        const big = { fromNs: late(given.fromNs), toNs: late(given.toNs) };
        expect(purgedFolds(big, { folds: 3, ...plan })).toEqual(purgedFolds(given, { folds: 3, ...plan }));
      }),
    );
  });
});

describe("backtest paths", () => {
  it("hold every value of every split once, at its own observation", () => {
    const plan = fc
      .record({ groups: fc.integer({ min: 2, max: 7 }), k: fc.nat(5), more: fc.nat(20) })
      .map(({ groups, k, more }) => ({ groups, testGroups: 1 + (k % (groups - 1)), count: groups + more }));
    fc.assert(
      fc.property(plan, ({ groups, testGroups, count }) => {
        const folds = new CombinatorialFolds(count, { groups, testGroups });
        // A value that tells its split and its observation.
        const results = Array.from({ length: folds.splits }, (_, split) =>
          [...folds.fold(split).test].map((i) => split * count + i),
        );
        const paths = folds.assemble(results);
        expect(paths.length).toBe(folds.paths);
        const seen = paths.flatMap((path) => [...path]);
        expect([...seen].sort((a, b) => a - b)).toEqual(results.flat().sort((a, b) => a - b));
        for (const path of paths) for (const [i, value] of path.entries()) expect(value % count).toBe(i);
      }),
    );
  });
});

/** The slow way: an observation is left out where any tested block, with its embargo, meets its span. */
function allowed(given: InformationSpans, blocks: readonly number[][], plan: Plan): number[] {
  const from = given.fromNs as number[];
  const to = given.toNs as number[];
  const tested = new Set(blocks.flat());
  return from.flatMap((begin, i) => {
    if (tested.has(i)) return [];
    for (const block of blocks) {
      const start = Math.min(...block.map((at) => from[at] as number));
      const known = Math.max(...block.map((at) => to[at] as number));
      if (begin <= known + plan.embargoNs && (to[i] as number) >= start) return [];
      const last = block[block.length - 1] as number;
      const after = from.flatMap((one, at) => (at > last && one > known ? [one] : [])).slice(0, plan.embargo);
      // Those that begin with the last of the embargo are of it.
      if (after.length > 0 && begin > known && begin <= Math.max(...after)) return [];
    }
    return [i];
  });
}
