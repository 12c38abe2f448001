import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dominanceOver } from "../../src/stat/dominance.ts";
import { backtestOverfitting } from "../../src/stat/index.ts";

/** A table of whole returns, so that ties happen; trials with an edge and without. */
const world = fc
  .record({ blocks: fc.constantFrom(2, 4, 6), trials: fc.integer({ min: 2, max: 6 }) })
  .chain((plan) =>
    fc.record({
      blocks: fc.constant(plan.blocks),
      columns: fc.array(
        fc.array(fc.integer({ min: -9, max: 9 }), {
          minLength: 5 * plan.blocks,
          maxLength: 6 * plan.blocks - 1,
        }),
        { minLength: plan.trials, maxLength: plan.trials },
      ),
    }),
  );

describe("the probability of overfitting", () => {
  it("is what comes out when every half is put together and every trial judged anew", () => {
    fc.assert(
      fc.property(world, ({ blocks, columns }) => {
        const table = columns.map((column) => column.slice(0, 5 * blocks));
        const found = backtestOverfitting(table, { blocks });
        const slow = slowly(table, blocks, ratioOf);
        expect(found.splits).toBe(slow.logits.length);
        for (const [i, logit] of slow.logits.entries()) {
          expect(found.inSample[i]).toBeCloseTo(slow.inSample[i] as number, 9);
          // Where two trials tie but for rounding, either may be chosen: then nothing else is compared.
          if (slow.isTied[i]) continue;
          expect(found.chosen[i]).toBe(slow.chosen[i]);
          expect(found.outOfSample[i]).toBeCloseTo(slow.outOfSample[i] as number, 9);
          expect(found.logits[i]).toBeCloseTo(logit, 9);
        }
        if (slow.isTied.every((one) => !one)) expect(found.probability).toBe(slow.probability);
      }),
    );
  });

  it("is that for any metric, exactly", () => {
    const total = (returns: ArrayLike<number>): number => Array.from(returns).reduce((a, b) => a + b, 0);
    fc.assert(
      fc.property(world, ({ blocks, columns }) => {
        const table = columns.map((column) => column.slice(0, 5 * blocks));
        const found = backtestOverfitting(table, { blocks, metric: total });
        const slow = slowly(table, blocks, total);
        expect(found.probability).toBe(slow.probability);
        expect([...found.chosen]).toEqual(slow.chosen);
        expect([...found.outOfSample]).toEqual(slow.outOfSample);
        expect([...found.logits]).toEqual(slow.logits);
        expect(found.probabilityOfLoss).toBe(slow.losses / slow.chosen.length);
        const { first, second, points, chosen, all } = found.dominance;
        const shares = (values: readonly number[]): number[] =>
          Array.from(points, (point) => values.filter((value) => value <= point).length / values.length);
        expect([...chosen]).toEqual(shares(slow.outOfSample));
        expect([...all]).toEqual(shares(slow.everything));
        if (first) expect(second).toBe(true);
      }),
    );
  });

  it("does not see the scale of a trial", () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 1, max: 8 }), ({ blocks, columns }, power) => {
        const table = columns.map((column) => column.slice(0, 5 * blocks));
        // A power of two: no rounding differs.
        const scaled = table.map((column, i) => (i === 0 ? column.map((v) => v * 2 ** power) : column));
        expect(backtestOverfitting(scaled, { blocks }).logits).toEqual(
          backtestOverfitting(table, { blocks }).logits,
        );
      }),
    );
  });
});

describe("stochastic dominance", () => {
  it("counts figures on points of the grid, where quotients round, at them, and those just above after them", () => {
    const bound = fc.double({ min: -3, max: 3, noNaN: true });
    const place = fc.tuple(fc.nat(400), fc.boolean());
    fc.assert(
      fc.property(bound, bound, fc.array(place, { minLength: 1, maxLength: 40 }), (one, other, places) => {
        fc.pre(Math.abs(one - other) > 1e-6);
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const grid = dominanceOver(Float64Array.of(low), low, high, (count) =>
          count(Float64Array.of(high)),
        ).points;
        const values = places.map(([at, isAbove]) => {
          const point = grid[at] as number;
          return isAbove ? Math.min(point + Math.abs(point) * Number.EPSILON, high) : point;
        });
        const figures = Float64Array.from(values);
        const { chosen } = dominanceOver(figures, low, high, (count) => count(figures));
        const slow = Array.from(
          grid,
          (point) => figures.filter((value) => value <= point).length / figures.length,
        );
        expect([...chosen]).toEqual(slow);
      }),
    );
  });
});

interface Slow {
  readonly probability: number;
  readonly losses: number;
  readonly logits: number[];
  readonly chosen: number[];
  readonly inSample: number[];
  readonly outOfSample: number[];
  readonly everything: number[];
  readonly isTied: boolean[];
}

/** Every choice by recursion, every half by concatenation, ranks by sorting. */
function slowly(table: readonly number[][], blocks: number, metric: (returns: number[]) => number): Slow {
  const length = (table[0] as number[]).length / blocks;
  const slow: Slow = {
    ...{
      probability: 0,
      losses: 0,
      logits: [],
      chosen: [],
      inSample: [],
      outOfSample: [],
      everything: [],
      isTied: [],
    },
  };
  let [overfit, losses] = [0, 0];
  for (const choice of choose(blocks, blocks / 2, 0)) {
    const half = (isIn: boolean): number[] =>
      table.map((column) =>
        metric(column.filter((_, t) => choice.includes(Math.floor(t / length)) === isIn)),
      );
    const [inside, outside] = [half(true), half(false)];
    const best = inside.indexOf(Math.max(...inside));
    const value = outside[best] as number;
    const sorted = [...outside].sort((a, b) => a - b);
    const rank = (sorted.indexOf(value) + 1 + sorted.lastIndexOf(value) + 1) / 2;
    const near = (values: number[], to: number): number =>
      values.filter((one) => Math.abs(one - to) < 1e-9).length;
    slow.isTied.push(near(inside, inside[best] as number) > 1 || near(outside, value) > 1);
    slow.logits.push(Math.log(rank / (table.length + 1 - rank)));
    slow.chosen.push(best);
    slow.inSample.push(inside[best] as number);
    slow.outOfSample.push(value);
    slow.everything.push(...outside);
    if (rank <= (table.length + 1) / 2) overfit += 1;
    if (value < 0) losses += 1;
  }
  return { ...slow, probability: overfit / slow.logits.length, losses };
}

function choose(n: number, k: number, from: number): number[][] {
  if (k === 0) return [[]];
  const all: number[][] = [];
  for (let i = from; i <= n - k; i++) for (const rest of choose(n, k - 1, i + 1)) all.push([i, ...rest]);
  return all;
}

function ratioOf(returns: number[]): number {
  const mean = returns.reduce((a, b) => a + b, 0) / returns.length;
  const squares = returns.reduce((a, b) => a + (b - mean) * (b - mean), 0);
  return squares === 0 ? 0 : mean / Math.sqrt(squares / (returns.length - 1));
}
