import { describe, expect, it } from "vitest";
import { SlidingCounts } from "../../src/risk/sliding-count.ts";

function counts(count: number, windowNs: number): SlidingCounts {
  const made = new SlidingCounts({ size: 2, slots: 10 });
  made.configure(1, { count, windowNs });
  return made;
}

const takes = (made: SlidingCounts, times: readonly number[]) => times.map((nowNs) => made.take(1, nowNs));

describe("sliding counts", () => {
  it("let N pass in a window, and the next when the first is the window old exactly", () => {
    const made = counts(2, 100);
    expect(takes(made, [0, 10, 99, 100, 109, 110])).toEqual([true, true, false, true, false, true]);
  });

  it("count one at a time", () => {
    expect(takes(counts(1, 100), [5, 104, 105, 106, 205])).toEqual([true, false, true, false, true]);
  });

  it("tell how many are in the window, and the wait", () => {
    const made = counts(3, 100);
    takes(made, [0, 10, 20]);
    expect([0, 20, 99, 100, 109, 110, 119, 120].map((nowNs) => made.count(1, nowNs))).toEqual([
      3, 3, 3, 2, 2, 1, 1, 0,
    ]);
    expect([20, 99, 100, 101].map((nowNs) => made.waitNs(1, nowNs))).toEqual([80, 1, 0, 0]);
    takes(made, [105]);
    expect([made.count(1, 105), made.waitNs(1, 105), made.allows(1, 109), made.allows(1, 110)]).toEqual([
      3,
      5,
      false,
      true,
    ]);
    expect([counts(3, 100).count(1, 0), counts(3, 100).waitNs(1, 0)]).toEqual([0, 0]);
  });

  it("do not limit an index without a limit", () => {
    const made = counts(1, 100);
    expect([1, 2, 1, 2].every((nowNs) => made.take(0, nowNs))).toBe(true);
    expect([made.count(0, 2), made.waitNs(0, 2), made.take(0, Number.NaN)]).toEqual([0, 0, false]);
  });

  it.each([
    ["NaN", 1, Number.NaN],
    ["an unknown index", 2, 0],
  ])("let nothing pass for %s", (_what, index, nowNs) => {
    const made = counts(1, 100);
    expect([made.allows(index, nowNs), made.take(index, nowNs)]).toEqual([false, false]);
    expect(made.save().times).toEqual([[], []]);
  });

  it("let nothing more pass when the clock goes back", () => {
    const made = counts(2, 100);
    expect(takes(made, [1000, 0, 500, 1099, 1100])).toEqual([true, true, false, false, true]);
  });

  it("keep the times when the count falls", () => {
    const made = counts(3, 100);
    takes(made, [0, 10, 20]);
    made.configure(1, { count: 2, windowNs: 100 });
    expect(made.save().times[1]).toEqual([10, 20]);
    expect(takes(made, [109, 110])).toEqual([false, true]);
  });

  it("take what was forgotten as late as can be when the count rises", () => {
    const made = counts(2, 100);
    takes(made, [0, 10, 105]);
    made.configure(1, { count: 4, windowNs: 200 });
    expect(made.save().times[1]).toEqual([10, 10, 10, 105]);
    expect(takes(made, [209, 210, 210, 210, 210])).toEqual([false, true, true, true, false]);
  });

  it("know that nothing was forgotten before the ring was full", () => {
    const made = counts(3, 100);
    takes(made, [0, 10]);
    made.configure(1, { count: 4, windowNs: 100 });
    expect([made.save().times[1], takes(made, [20, 20, 20])]).toEqual([
      [0, 10],
      [true, true, false],
    ]);
  });

  it("begin anew after no limit", () => {
    const made = counts(1, 100);
    takes(made, [0]);
    made.configure(1, undefined);
    expect(takes(made, [1, 1])).toEqual([true, true]);
    made.configure(1, { count: 1, windowNs: 100 });
    expect([made.save().times, takes(made, [2, 3])]).toEqual([
      [[], []],
      [true, false],
    ]);
  });

  it("hold no more slots than stated", () => {
    const made = counts(6, 100);
    expect(() => made.configure(0, { count: 5, windowNs: 100 })).toThrow(
      "FAULT_CAPACITY slidingCounts.count: found 11, expected at most 10 slots over all indices",
    );
    made.configure(0, { count: 4, windowNs: 100 });
    made.configure(1, { count: 5, windowNs: 100 });
    made.configure(1, undefined);
    made.configure(0, { count: 10, windowNs: 100 });
    expect(() => made.configure(1, { count: 1, windowNs: 100 })).toThrow("FAULT_CAPACITY");
  });

  it("continue from saved state", () => {
    const made = counts(2, 100);
    takes(made, [0, 10, 100]);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved).toEqual({ times: [[], [10, 100]] });
    const again = counts(3, 100);
    takes(again, [90]);
    again.load(saved);
    expect([again.save(), takes(again, [101, 109, 110])]).toEqual([saved, [true, false, true]]);
  });

  it.each([
    [null],
    [{ times: [[]] }],
    [{ times: [[], [], []] }],
    [{ times: [[], [1, 2, 3]] }],
    [{ times: [[], [2, 1]] }],
    [{ times: [[], [null]] }],
    [{ times: [[], 5] }],
    [{ time: [[], []] }],
  ])("refuse to continue from %j", (data) => {
    const made = counts(2, 100);
    takes(made, [7]);
    expect(() => made.load(data)).toThrow(/^FAULT_INPUT slidingCounts/);
    expect(made.save().times).toEqual([[], [7]]);
  });

  it.each([
    [{ size: 0, slots: 1 }, "slidingCounts.size"],
    [{ size: 65_537, slots: 1 }, "slidingCounts.size"],
    [{ size: 1, slots: 0 }, "slidingCounts.slots"],
    [{ size: 1, slots: 16_777_217 }, "slidingCounts.slots"],
    [{ size: 1, slots: 1, depth: 1 }, "slidingCounts.depth"],
  ])("refuse the options %j", (options, path) => {
    expect(() => new SlidingCounts(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [0, { count: 0, windowNs: 1 }, "slidingCounts.count"],
    [0, { count: 1, windowNs: 0 }, "slidingCounts.windowNs"],
    [0, { count: 1, windowNs: 1, of: 1 }, "slidingCounts.limit.of"],
    [2, undefined, "slidingCounts.index"],
    [-1, undefined, "slidingCounts.index"],
  ])("refuse for index %d the limit %j", (index, limit, path) => {
    expect(() => counts(1, 1).configure(index, limit)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("what is counted by force", () => {
  it("is counted in a full window, in place of the oldest", () => {
    const made = counts(2, 100);
    for (const nowNs of [0, 10, 20]) made.force(1, nowNs);
    expect([made.count(1, 20), made.save().times[1], made.waitNs(1, 20)]).toEqual([2, [10, 20], 90]);
    expect([made.allows(1, 109), made.allows(1, 110)]).toEqual([false, true]);
  });

  it("counts as the newest at an earlier time, wherever that stands", () => {
    const made = counts(2, 100);
    const seen = [50, 40, 60, 30].map((nowNs) => {
      made.force(1, nowNs);
      return made.save().times[1];
    });
    expect(seen).toEqual([[50], [50, 50], [50, 60], [60, 60]]);
  });

  it("is forgotten without a limit", () => {
    const made = counts(2, 100);
    made.force(0, 5);
    expect([made.count(0, 5), made.save().times[0], made.allows(0, 5)]).toEqual([0, [], true]);
  });
});
