import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossValidate, type SweepReturns, walkForward } from "../../src/sweep/index.ts";

const DAY = 86_400_000;
const PERIODS = 24;

/** Returns of up to four points in 1/1024ths: sums and ties are exact, a path that ends where it began is flat. */
const columns = fc.array(
  fc.array(fc.integer({ min: -50, max: 50 }), { minLength: PERIODS, maxLength: PERIODS }),
  { minLength: 1, maxLength: 4 },
);
const gaps = fc.record({ purge: fc.nat(3), embargo: fc.nat(3) });
const walks = fc.record({
  train: fc.integer({ min: 5, max: 12 }),
  test: fc.integer({ min: 2, max: 6 }),
  anchored: fc.boolean(),
});
const cuts = fc.constantFrom(
  { groups: 3, testGroups: 1 },
  { groups: 4, testGroups: 2 },
  { groups: 5, testGroups: 2 },
  { groups: 6, testGroups: 1 },
);

function sweepOf(given: readonly (readonly number[])[]): SweepReturns {
  const boundariesMs = Array.from({ length: PERIODS + 1 }, (_, i) => i * DAY);
  const points = given.map((each, index) => ({
    index,
    returns: Float64Array.from(each, (value) => value / 1_024),
  }));
  return { plan: { series: { periodNs: DAY * 1e6, boundariesMs } }, points };
}

/** Mean over deviation a period, of whole numbers; null without spread. */
function ratio(values: readonly number[]): number | null {
  const center = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((a, b) => a + (b - center) * (b - center), 0);
  if (values.every((value) => value === values[0])) return null;
  return center / Math.sqrt(squares / (values.length - 1));
}

/** Whether a point is as good as any in some periods, rounding aside; none is chosen where none has a figure. */
function isBest(
  given: readonly (readonly number[])[],
  periods: readonly number[],
  chosen: number | null,
): boolean {
  const ratios = given.map((column) => ratio(periods.map((i) => column[i] as number)));
  const known = ratios.filter((each) => each !== null);
  if (known.length === 0 || chosen === null) return known.length === 0 && chosen === null;
  const own = ratios[chosen];
  return typeof own === "number" && own >= Math.max(...known) - 1e-9;
}

const range = (first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, i) => first + i);
const valuesOf = (
  given: readonly (readonly number[])[],
  point: number | null,
  periods: readonly number[],
): number[] => periods.map((i) => (point === null ? 0 : (given[point]?.[i] as number) / 1_024));

/** What may be trained on where some groups are tested, looked up period by period. */
function allowed(blocks: readonly (readonly number[])[], purge: number, embargo: number): number[] {
  return range(0, PERIODS).filter((i) =>
    blocks.every((block) => {
      const [first, last] = [block[0] as number, block.at(-1) as number];
      return i + purge < first || i > last + purge + embargo;
    }),
  );
}

function groupsOf(groups: number): number[][] {
  const made: number[][] = [];
  for (let first = 0; made.length < groups; ) {
    const length = Math.floor(PERIODS / groups) + (made.length < PERIODS % groups ? 1 : 0);
    made.push(range(first, first + length));
    first += length;
  }
  return made;
}

/** Every choice of k groups, in lexicographic order. */
function choicesOf(groups: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  return range(from, groups).flatMap((first) =>
    choicesOf(groups, k - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

describe("a walk forward", () => {
  it("is what plain loops make of the same returns", () => {
    fc.assert(
      fc.property(columns, walks, gaps, (given, { train, test, anchored }, { purge, embargo }) => {
        const walk = walkForward(sweepOf(given), { train, test, anchored, purge, embargo });
        const chained: number[] = [];
        let start = train;
        for (const window of walk.windows) {
          const periods = range(anchored ? 0 : start - train, start - Math.max(purge, embargo));
          expect([window.train.first, window.train.end]).toEqual([
            periods[0],
            (periods.at(-1) as number) + 1,
          ]);
          expect(isBest(given, periods, window.point)).toBe(true);
          chained.push(...valuesOf(given, window.point, range(start, start + test)));
          start += test;
        }
        expect(start + test).toBeGreaterThan(PERIODS);
        expect([...walk.returns]).toEqual(chained);
      }),
    );
  });

  it("chooses without a look at the test or what is purged before it", () => {
    fc.assert(
      fc.property(
        columns,
        columns,
        walks,
        gaps,
        (given, other, { train, test, anchored }, { purge, embargo }) => {
          const options = { train, test, anchored, purge, embargo };
          const before = walkForward(sweepOf(given), options);
          for (const [i, window] of before.windows.entries()) {
            const from = window.test.first - Math.max(purge, embargo);
            const changed = given.map((column, point) =>
              column.map((value, at) => (at < from ? value : (other[point % other.length]?.[at] as number))),
            );
            const after = walkForward(sweepOf(changed), options).windows[i];
            expect(after?.point).toBe(window.point);
            expect(after?.inSample).toBe(window.inSample);
          }
        },
      ),
    );
  });
});

describe("a cross-validation", () => {
  it("is what plain loops make of the same returns", () => {
    fc.assert(
      fc.property(columns, cuts, gaps, (given, { groups, testGroups }, { purge, embargo }) => {
        const made = crossValidate(sweepOf(given), {
          groups,
          testGroups,
          purge: purge % 2,
          embargo: embargo % 2,
        });
        const cut = groupsOf(groups);
        const choices = choicesOf(groups, testGroups);
        const met = cut.map(() => 0);
        expect(made.chosen).toHaveLength(choices.length);
        for (const [split, choice] of choices.entries()) {
          const blocks = choice.map((group) => cut[group] as number[]);
          const point = made.chosen[split] ?? null;
          expect(isBest(given, allowed(blocks, purge % 2, embargo % 2), point)).toBe(true);
          for (const group of choice) {
            const periods = cut[group] as number[];
            const path = made.paths[met[group] as number] as Float64Array;
            expect(periods.map((i) => path[i])).toEqual(valuesOf(given, point, periods));
            met[group] = (met[group] as number) + 1;
          }
        }
        expect(new Set(met)).toEqual(new Set([made.paths.length]));
        expect(made.paths.length * groups).toBe(choices.length * testGroups);
        const below = made.paths.filter((path) => path.reduce((a, b) => a + b * 1_024, 0) < 0);
        const flat = below.filter((path) => path.every((value) => value === path[0]));
        expect(Math.round(made.belowZero * made.paths.length)).toBe(below.length - flat.length);
      }),
    );
  });

  it("chooses without a look at tests, what is purged beside them and the embargo", () => {
    fc.assert(
      fc.property(columns, columns, cuts, fc.nat(30), (given, other, { groups, testGroups }, which) => {
        const options = { groups, testGroups, purge: 1, embargo: 1 };
        const cut = groupsOf(groups);
        const choices = choicesOf(groups, testGroups);
        const split = which % choices.length;
        const blocks = (choices[split] as number[]).map((group) => cut[group] as number[]);
        const kept = new Set(allowed(blocks, 1, 1));
        const changed = given.map((column, point) =>
          column.map((value, at) => (kept.has(at) ? value : (other[point % other.length]?.[at] as number))),
        );
        const before = crossValidate(sweepOf(given), options);
        expect(crossValidate(sweepOf(changed), options).chosen[split]).toBe(before.chosen[split]);
      }),
    );
  });
});
