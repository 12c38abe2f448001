import { describe, expect, test } from "vitest";
import { CombinatorialFolds, purgedFolds, walkForwardFolds } from "../../src/stat/index.ts";

/** Spans of labels that look `ahead` places on, in days of epoch nanoseconds. */
function ahead(count: number, places: number): { fromNs: BigInt64Array; toNs: BigInt64Array } {
  const day = 86_400_000_000_000n;
  const start = 1_700_000_000_000_000_000n;
  const at = (i: number): bigint => start + BigInt(i) * day;
  return {
    fromNs: BigInt64Array.from({ length: count }, (_, i) => at(i)),
    toNs: BigInt64Array.from({ length: count }, (_, i) => at(i + places)),
  };
}

function list(places: Int32Array | undefined): number[] {
  return [...(places ?? [])];
}

describe("a walk forward", () => {
  test("rolls, or grows from the first observation", () => {
    const plan = { train: 4, test: 2, step: 3 };
    const rolling = walkForwardFolds(10, plan).map(({ train, test: tested }) => [list(train), list(tested)]);
    expect(rolling).toEqual([
      [
        [0, 1, 2, 3],
        [4, 5],
      ],
      [
        [3, 4, 5, 6],
        [7, 8],
      ],
    ]);
    const anchored = walkForwardFolds(10, { ...plan, anchored: true });
    expect(list(anchored[1]?.train)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("leaves out what is not known when the test begins", () => {
    const [first] = walkForwardFolds(ahead(10, 2), { train: 6, test: 2 });
    expect(list(first?.train)).toEqual([0, 1, 2, 3]);
    const day = 86_400_000_000_000;
    const [later] = walkForwardFolds(ahead(10, 2), { train: 6, test: 2, embargoNs: day });
    expect(list(later?.train)).toEqual([0, 1, 2]);
    const [both] = walkForwardFolds(ahead(10, 2), { train: 6, test: 2, embargoNs: day, embargo: 5 });
    expect(list(both?.train)).toEqual([0]);
  });
});

describe("purged folds", () => {
  /** Lopez de Prado's three cases: a train span that begins in, ends in, or envelops the test's span. */
  test("purge on both sides, and what envelops the test", () => {
    const fromNs = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const toNs = [9, 2, 3, 5, 5, 6, 7, 8, 9];
    const [, second] = purgedFolds({ fromNs, toNs }, { folds: 3 });
    expect(list(second?.test)).toEqual([3, 4, 5]);
    // 0 envelops the test, 2 ends where it begins, 6 begins where its last outcome is known.
    expect(list(second?.train)).toEqual([1, 7, 8]);
  });

  test("an embargo counts from the last outcome of the test", () => {
    const folds = purgedFolds(ahead(12, 2), { folds: 3, embargo: 2 });
    // Test 4 to 7 is known by 9; 2 and 3 look into it; 10 and 11 are the embargo.
    expect(list(folds[1]?.train)).toEqual([0, 1]);
    expect(list(folds[0]?.train)).toEqual([8, 9, 10, 11]);
    const day = 86_400_000_000_000;
    expect(list(purgedFolds(ahead(12, 2), { folds: 3, embargoNs: day })[1]?.train)).toEqual([0, 1, 11]);
  });

  test("lengths differ by one at most, the longer first", () => {
    expect(purgedFolds(11, { folds: 4 }).map((fold) => fold.test.length)).toEqual([3, 3, 3, 2]);
  });
});

describe("combinatorial folds", () => {
  const folds = new CombinatorialFolds(6, { groups: 6, testGroups: 2 });

  test("as published: six groups, two tested: 15 splits, 5 paths", () => {
    expect([folds.splits, folds.paths]).toEqual([15, 5]);
    expect([list(folds.testGroups(0)), list(folds.testGroups(14))]).toEqual([
      [0, 1],
      [4, 5],
    ]);
    expect(list(folds.fold(5).train)).toEqual([0, 3, 4, 5]);
  });

  /** Advances in Financial Machine Learning, figure 12.2, which counts splits from 1. */
  test("as published: the splits of the first and the second path", () => {
    const path = (i: number): number[] => list(folds.pathSplits(i)).map((split) => split + 1);
    expect(path(0)).toEqual([1, 1, 2, 3, 4, 5]);
    expect(path(1)).toEqual([2, 6, 6, 7, 8, 9]);
    expect(path(4)).toEqual([5, 9, 12, 14, 15, 15]);
  });

  test("paths are put together from what splits returned", () => {
    const results = Array.from({ length: folds.splits }, (_, split) => [split, split]);
    const paths = folds.assemble(results);
    for (const [i, path] of paths.entries()) expect([...path]).toEqual(list(folds.pathSplits(i)));
  });

  test("ten groups, eight tested, and more splits than are borne", () => {
    const many = new CombinatorialFolds(100, { groups: 10, testGroups: 8 });
    expect([many.splits, many.paths]).toEqual([45, 36]);
    expect(() => new CombinatorialFolds(100, { groups: 40, testGroups: 20 })).toThrow("found 137846528820");
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["options.trian", () => walkForwardFolds(9, { train: 3, test: 2, trian: 1 } as never)],
    ["options.test", () => walkForwardFolds(9, { train: 3, test: 7 })],
    ["options.train", () => walkForwardFolds(9, { train: 0, test: 2 })],
    ["options.step", () => walkForwardFolds(9, { train: 3, test: 2, step: 0 })],
    ["options.anchored", () => walkForwardFolds(9, { train: 3, test: 2, anchored: 1 as never })],
    ["options.embargo", () => purgedFolds(9, { folds: 3, embargo: -1 })],
    ["options.embargoNs", () => purgedFolds(9, { folds: 3, embargoNs: Number.NaN })],
    ["options.folds", () => purgedFolds(9, { folds: 10 })],
    ["observations: found 1", () => purgedFolds(1, { folds: 2 })],
    ["observations.fromNs[1]", () => purgedFolds({ fromNs: [1, 0], toNs: [2, 2] }, { folds: 2 })],
    ["observations.toNs[0]", () => purgedFolds({ fromNs: [1, 2], toNs: [0, 2] }, { folds: 2 })],
    ["observations.toNs[1]", () => purgedFolds({ fromNs: [1, 2], toNs: [1, Number.NaN] }, { folds: 2 })],
    ["observations.toNs[0]", () => purgedFolds({ fromNs: [1, 2], toNs: [3n, 4n] }, { folds: 2 })],
    ["observations.toNs.length", () => purgedFolds({ fromNs: [1, 2], toNs: [3] }, { folds: 2 })],
    ["options.testGroups", () => new CombinatorialFolds(9, { groups: 3, testGroups: 3 })],
    ["split", () => new CombinatorialFolds(9, { groups: 3, testGroups: 2 }).fold(3)],
    ["path", () => new CombinatorialFolds(9, { groups: 3, testGroups: 2 }).pathSplits(2)],
    ["results.length", () => new CombinatorialFolds(9, { groups: 3, testGroups: 2 }).assemble([])],
    [
      "results[1].length",
      () => new CombinatorialFolds(3, { groups: 3, testGroups: 1 }).assemble([[1], [1, 2], [3]]),
    ],
  ])("%s", (path, call) => expect(call).toThrow(path));
});
