import { describe, expect, it } from "vitest";
import { RepeatThrottle } from "../../src/risk/repeat-throttle.ts";

function throttle(capacity = 8): RepeatThrottle {
  const made = new RepeatThrottle({ strategies: 2, capacity, windowNsMax: 100 });
  made.configure(1, { count: 3, windowNs: 100 });
  return made;
}

const run = (made: RepeatThrottle, times: readonly number[]) =>
  times.map((nowNs) => made.executed(1, 4, -1, 9, nowNs));

describe("the throttle of repeated executions", () => {
  it("disables at the count within the window, and stays so", () => {
    const made = throttle();
    expect([run(made, [0, 50, 100]), made.isEnabled(1)]).toEqual([[false, false, false], true]);
    expect([run(made, [149, 150, 1000, 2000]), made.isEnabled(1)]).toEqual([
      [true, false, false, false],
      false,
    ]);
  });

  it.each([
    [0, 4, -1, 9],
    [1, 5, -1, 9],
    [1, 4, 1, 9],
    [1, 4, -1, 8],
  ])(
    "counts strategy %d, instrument %d, side %d, signal %d for itself",
    (strategy, instrument, side, signal) => {
      const made = throttle();
      made.configure(0, { count: 3, windowNs: 100 });
      run(made, [0, 1]);
      expect(made.executed(strategy, instrument, side, signal, 2)).toBe(false);
      expect([made.isEnabled(0), made.isEnabled(1)]).toEqual([true, true]);
      expect(run(made, [3])).toEqual([true]);
    },
  );

  it("is enabled by a person, and counts anew", () => {
    const made = throttle();
    expect(made.enable(1, "R. Okafor")).toBe(false);
    run(made, [0, 1, 2]);
    expect(() => made.enable(1, "")).toThrow("FAULT_CONFIG repeatThrottle.by");
    expect(() => made.enable(2, "R. Okafor")).toThrow("FAULT_CONFIG repeatThrottle.strategy");
    expect([made.isEnabled(1), made.enable(1, "R. Okafor"), made.isEnabled(1)]).toEqual([false, true, true]);
    expect(run(made, [3, 4, 5])).toEqual([false, false, true]);
    made.enable(1, "R. Okafor");
    expect(run(made, [6, 7, 8])).toEqual([false, false, true]);
  });

  it("disables at once for a count of 1", () => {
    const made = throttle();
    made.configure(1, { count: 1, windowNs: 1 });
    expect(run(made, [0])).toEqual([true]);
  });

  it("counts nothing without a limit, and forgets no disabling for the want of one", () => {
    const made = throttle(2);
    expect([0, 1, 2, 3].map((nowNs) => made.executed(0, 4, 1, 9, nowNs))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(made.save().executions.timesNs).toEqual([]);
    made.configure(1, { count: 1, windowNs: 100 });
    run(made, [0]);
    made.configure(1, undefined);
    expect([made.isEnabled(1), run(made, [1])]).toEqual([false, [false]]);
  });

  it("disables when it cannot remember", () => {
    const made = throttle(2);
    made.configure(0, { count: 9, windowNs: 1 });
    made.executed(0, 1, 1, 1, 0);
    made.executed(0, 1, 1, 1, 50);
    expect([run(made, [99]), made.isEnabled(1), made.isEnabled(0)]).toEqual([[true], false, true]);
    made.enable(1, "R. Okafor");
    expect([run(made, [100]), made.isEnabled(1)]).toEqual([[false], true]);
  });

  it.each([
    [Number.NaN, 1, 1, 0],
    [1, Number.NaN, 1, 0],
    [1, 1, Number.NaN, 0],
    [1, 1, Number.POSITIVE_INFINITY, 0],
    [1, 1, 1, Number.NaN],
  ])("disables for instrument %d, side %d, signal %d at %d", (instrument, side, signal, nowNs) => {
    const made = throttle();
    expect(made.executed(1, instrument, side, signal, nowNs)).toBe(true);
    expect([made.isEnabled(1), made.save().executions.timesNs]).toEqual([false, []]);
  });

  it("knows no other strategies", () => {
    const made = throttle();
    expect([made.isEnabled(2), made.isEnabled(-1), made.isEnabled(0)]).toEqual([false, false, true]);
    expect(() => made.executed(2, 1, 1, 1, 0)).toThrow("FAULT_CONFIG repeatThrottle.strategy");
    expect(() => made.executed(-1, 1, 1, 1, 0)).toThrow("FAULT_CONFIG repeatThrottle.strategy");
  });

  it("continues from saved state", () => {
    const made = throttle();
    run(made, [0, 1, 2]);
    made.enable(1, "R. Okafor");
    run(made, [3, 4]);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect([saved.disabled, saved.terms]).toEqual([
      [0, 0],
      [0, 1],
    ]);
    const again = throttle();
    again.load(saved);
    expect([again.save(), run(again, [5]), again.isEnabled(1)]).toEqual([saved, [true], false]);
    const third = throttle();
    third.load(JSON.parse(JSON.stringify(again.save())));
    expect(third.isEnabled(1)).toBe(false);
  });

  it.each([
    [{}],
    [{ disabled: [0], terms: [0, 0], executions: { timesNs: [], keys: [] } }],
    [{ disabled: [0, 2], terms: [0, 0], executions: { timesNs: [], keys: [] } }],
    [{ disabled: [0, -1], terms: [0, 0], executions: { timesNs: [], keys: [] } }],
    [{ disabled: [0, 0], terms: [0, -1], executions: { timesNs: [], keys: [] } }],
    [{ disabled: [0, 0], terms: [0, 0], executions: { timesNs: [] } }],
    [{ disabled: [0, 0], terms: [0, 0], executions: { timesNs: [1], keys: [[1]] } }],
  ])("refuses to continue from %j", (data) => {
    const made = throttle();
    run(made, [0, 1]);
    const before = made.save();
    expect(() => made.load(data)).toThrow("FAULT_INPUT");
    expect(made.save()).toEqual(before);
  });

  it.each([
    ["disabled", "repeatThrottle.disabled[1]"],
    ["terms", "repeatThrottle.terms[1]"],
  ])("names a wrong column: %s", (field, path) => {
    const good = { disabled: [0, 0], terms: [0, 0], executions: { timesNs: [], keys: [] } };
    expect(() => throttle().load({ ...good, [field]: [0, -1] })).toThrow(`FAULT_INPUT ${path}`);
    expect(() => throttle().load({})).toThrow("FAULT_INPUT repeatThrottle:");
  });

  it.each([
    [{ strategies: 0, capacity: 2, windowNsMax: 1 }, "repeatThrottle.strategies"],
    [{ strategies: 65_537, capacity: 2, windowNsMax: 1 }, "repeatThrottle.strategies"],
    [{ strategies: 1, capacity: 2, windowNsMax: 0 }, "repeatThrottle.windowNsMax"],
    [{ strategies: 1, capacity: 3, windowNsMax: 1 }, "keyRing.capacity"],
    [{ strategies: 1, capacity: 2, windowNsMax: 1, size: 1 }, "repeatThrottle.size"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new RepeatThrottle(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [1, { count: 0, windowNs: 1 }, "count"],
    [1, { count: 1, windowNs: 0 }, "windowNs"],
    [1, { count: 1, windowNs: 101 }, "windowNs"],
    [1, { count: 1, windowNs: 1, per: 1 }, "limit.per"],
    [2, undefined, "strategy"],
    [-1, undefined, "strategy"],
  ])("refuses for strategy %d the limit %j", (strategy, limit, path) => {
    expect(() => throttle().configure(strategy, limit)).toThrow(`FAULT_CONFIG repeatThrottle.${path}`);
  });
});
