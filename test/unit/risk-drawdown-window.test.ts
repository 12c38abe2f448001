import { describe, expect, it } from "vitest";
import { type DrawdownLimit, DrawdownWindow } from "../../src/risk/drawdown-window.ts";

function drawdown(
  limit: DrawdownLimit = { lookbackNs: 100, drawdownBps: 500 },
  buckets = 100,
): DrawdownWindow {
  const made = new DrawdownWindow({ size: 2, buckets });
  made.configure(1, limit);
  return made;
}

const run = (made: DrawdownWindow, equities: readonly number[], from = 0) =>
  equities.map((equity, i) => made.sample(1, equity, from + i));

describe("a drawdown window", () => {
  it("warns at 80 %, breaches at the share of the peak and stays breached", () => {
    const made = drawdown();
    expect(run(made, [90_000, 100_000, 96_001, 96_000, 95_001, 95_000, 200_000])).toEqual([
      "within",
      "within",
      "within",
      "warning",
      "warning",
      "breached",
      "breached",
    ]);
    expect([made.isBreached(1), made.drawdownCents(1), made.isBreached(0)]).toEqual([true, 5000, false]);
  });

  it("rounds the share up to whole cents: never breached before it", () => {
    expect(run(drawdown(), [30, 29, 28])).toEqual(["within", "within", "breached"]);
  });

  it("takes the amount or the share, whichever comes first", () => {
    expect(run(drawdown({ lookbackNs: 100, drawdownCents: 10 }), [1000, 991, 990])).toEqual([
      "within",
      "warning",
      "breached",
    ]);
    const both = { lookbackNs: 100, drawdownCents: 10, drawdownBps: 500 };
    expect(run(drawdown(both), [1000, 990])).toEqual(["within", "breached"]);
    expect(run(drawdown(both), [100, 95])).toEqual(["within", "breached"]);
  });

  it.each([[0], [-5], [Number.NaN], [Number.NEGATIVE_INFINITY], [Number.POSITIVE_INFINITY]])(
    "breaches at an equity of %d",
    (equity) => {
      expect(run(drawdown(), [equity])).toEqual(["breached"]);
      expect(run(drawdown({ lookbackNs: 100, drawdownCents: 1e9 }), [1, equity])).toEqual([
        "within",
        "breached",
      ]);
    },
  );

  it("breaches at a time that is no number, and remembers nothing of it", () => {
    const made = drawdown();
    expect([made.sample(1, 5, Number.NaN), made.isBreached(1), made.save().peaks[1]?.values]).toEqual([
      "breached",
      true,
      [],
    ]);
    expect([made.save().equityCents, made.drawdownCents(1)]).toEqual([[0, 0], 0]);
  });

  it("forgets a peak when it is the lookback old", () => {
    const made = drawdown();
    made.sample(1, 1000, 0);
    expect([made.sample(1, 960, 99), made.sample(1, 920, 100), made.drawdownCents(1)]).toEqual([
      "warning",
      "warning",
      40,
    ]);
  });

  it("has 64 steps unless told", () => {
    const made = new DrawdownWindow({ size: 1 });
    made.configure(0, { lookbackNs: 640, drawdownCents: 1e6 });
    for (let nowNs = 0; nowNs < 2000; nowNs++) made.sample(0, 1e6 - nowNs, nowNs);
    expect([made.drawdownCents(0), made.save().peaks[0]?.values.length]).toEqual([648, 65]);
  });

  it("wants m of the last k samples to break the limit", () => {
    const limit = { lookbackNs: 1000, drawdownBps: 500, confirm: 2, samples: 3 };
    const made = drawdown(limit);
    expect(run(made, [1000, 0, 1000, 961, 950, 961, 950])).toEqual([
      "within",
      "warning",
      "within",
      "within",
      "warning",
      "within",
      "breached",
    ]);
    expect(
      run(drawdown({ lookbackNs: 1000, drawdownBps: 500, confirm: 3 }), [1000, 1, 1, 1000, 1, 1, 1]),
    ).toEqual(["within", "warning", "warning", "within", "warning", "warning", "breached"]);
    expect(run(drawdown({ ...limit, confirm: 1, samples: 30 }), [1000, 950])).toEqual(["within", "breached"]);
    expect(
      run(drawdown({ lookbackNs: 1000, drawdownBps: 500, confirm: 2, samples: 2 }), [1000, 1, Number.NaN])[2],
    ).toBe("breached");
  });

  it("counts 30 samples", () => {
    const made = drawdown({ lookbackNs: 1000, drawdownBps: 500, confirm: 2, samples: 30 });
    made.sample(1, 1000, 0);
    made.sample(1, 1, 0);
    for (let i = 0; i < 28; i++) expect(made.sample(1, 1000, 0)).toBe("within");
    expect(made.sample(1, 1, 0)).toBe("breached");
    const other = drawdown({ lookbackNs: 1000, drawdownBps: 500, confirm: 2, samples: 30 });
    other.sample(1, 1, 0);
    other.sample(1, 1000, 0);
    other.sample(1, 1, 0);
    for (let i = 0; i < 29; i++) other.sample(1, 1000, 0);
    expect([other.save().broken[1], other.sample(1, 1, 0)]).toEqual([2 ** 29, "warning"]);
  });

  it("begins a day at the last equity", () => {
    const made = drawdown();
    made.configure(0, { lookbackNs: 100, drawdownBps: 500 });
    run(made, [1000, 970]);
    made.newDay(10);
    expect([
      made.sample(1, 940, 11),
      made.drawdownCents(1),
      made.sample(1, 922, 12),
      made.sample(1, 921, 13),
    ]).toEqual(["within", 30, "warning", "breached"]);
    made.newDay(20);
    expect([made.isBreached(1), made.sample(0, 7, 20)]).toEqual([true, "within"]);
    expect(() => made.newDay(Number.NaN)).toThrow("FAULT_CONFIG drawdownWindow.nowNs");
  });

  it("does nothing without a limit", () => {
    const made = drawdown();
    expect([
      made.sample(0, 1, 0),
      made.sample(0, -1, 0),
      made.sample(0, Number.NaN, 0),
      made.isBreached(0),
    ]).toEqual(["within", "within", "within", false]);
    run(made, [1000, 1]);
    made.configure(1, undefined);
    expect([made.sample(1, -1, 0), made.isBreached(1)]).toEqual(["within", true]);
  });

  it("forgets the peaks and the samples of another limit", () => {
    const limit = { lookbackNs: 100, drawdownBps: 500, confirm: 2, samples: 3 };
    const made = drawdown(limit);
    run(made, [1000, 1]);
    made.configure(1, limit);
    expect(run(made, [500, 1, 500, 475])).toEqual(["within", "warning", "within", "breached"]);
  });

  it("is reset by a person", () => {
    const made = drawdown({ lookbackNs: 100, drawdownBps: 500, confirm: 2 });
    expect(made.reset(1, "R. Okafor")).toBe(false);
    run(made, [1000, 1, 1]);
    expect(() => made.reset(1, "")).toThrow("FAULT_CONFIG drawdownWindow.by");
    expect(() => made.reset(2, "R. Okafor")).toThrow("FAULT_CONFIG drawdownWindow.index");
    expect([made.reset(1, "R. Okafor"), made.isBreached(1), made.drawdownCents(1)]).toEqual([true, false, 0]);
    expect(run(made, [100, 95, 95], 3)).toEqual(["within", "warning", "breached"]);
  });

  it("knows no other indices", () => {
    expect([drawdown().isBreached(2), drawdown().isBreached(-1)]).toEqual([true, true]);
  });

  it("continues from saved state", () => {
    const limit = { lookbackNs: 100, drawdownBps: 500, confirm: 2, samples: 3 };
    const made = drawdown(limit);
    run(made, [1000, 1]);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect([saved.broken, saved.equityCents, saved.drawdownCents]).toEqual([
      [0, 1],
      [0, 1],
      [0, 999],
    ]);
    const again = drawdown(limit);
    again.load(saved);
    expect([again.save(), again.drawdownCents(1)]).toEqual([saved, 999]);
    again.newDay(5);
    expect(again.save().peaks[1]).toEqual({ timesNs: [5], values: [1] });
    again.load(saved);
    expect(run(again, [950], 2)).toEqual(["breached"]);
    const third = drawdown(limit);
    third.load(JSON.parse(JSON.stringify(again.save())));
    expect(third.isBreached(1)).toBe(true);
  });

  it.each([
    [{}, "drawdownWindow:"],
    [{ breached: [0, 2] }, "drawdownWindow.breached[1]"],
    [{ breached: [0, -1] }, "drawdownWindow.breached[1]"],
    [{ equityCents: [0, null] }, "drawdownWindow.equityCents[1]"],
    [{ equityCents: [0, -(2 ** 53)] }, "drawdownWindow.equityCents[1]"],
    [{ drawdownCents: [0, -1] }, "drawdownWindow.drawdownCents[1]"],
    [{ broken: [0, -1] }, "drawdownWindow.broken[1]"],
    [{ broken: [0, 2 ** 30] }, "drawdownWindow.broken[1]"],
    [{ peaks: [] }, "drawdownWindow.peaks:"],
  ])("refuses to continue from %j", (part, path) => {
    const made = drawdown();
    made.sample(1, 5, 5);
    const before = made.save();
    const data = path === "drawdownWindow:" ? part : { ...before, ...part };
    expect(() => made.load(data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()).toEqual(before);
  });

  it("loads fractions, a loss and every bit", () => {
    const made = drawdown();
    const data = {
      ...made.save(),
      equityCents: [-0.5, 0.5],
      drawdownCents: [0, 0.5],
      broken: [0, 2 ** 30 - 1],
    };
    made.load(data);
    expect(made.save()).toEqual(data);
  });

  it.each([
    [{ size: 0 }, "drawdownWindow.size"],
    [{ size: 65_537 }, "drawdownWindow.size"],
    [{ size: 1, buckets: 0 }, "drawdownWindow.buckets"],
    [{ size: 1, buckets: 65_536 }, "drawdownWindow.buckets"],
    [{ size: 1, depth: 1 }, "drawdownWindow.depth"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new DrawdownWindow(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [1, { lookbackNs: 0, drawdownBps: 1 }, "lookbackNs"],
    [1, { lookbackNs: 1 }, "drawdownBps"],
    [1, { lookbackNs: 1, drawdownBps: 0 }, "drawdownBps"],
    [1, { lookbackNs: 1, drawdownBps: 10_001 }, "drawdownBps"],
    [1, { lookbackNs: 1, drawdownCents: 0 }, "drawdownCents"],
    [1, { lookbackNs: 1, drawdownCents: 2 ** 50 + 1 }, "drawdownCents"],
    [1, { lookbackNs: 1, drawdownBps: 1, samples: 31 }, "samples"],
    [1, { lookbackNs: 1, drawdownBps: 1, confirm: 0 }, "samples"],
    [1, { lookbackNs: 1, drawdownBps: 1, confirm: 0, samples: 1 }, "confirm"],
    [1, { lookbackNs: 1, drawdownBps: 1, confirm: 2, samples: 1 }, "confirm"],
    [1, { lookbackNs: 1, drawdownBps: 1, of: 1 }, "limit.of"],
    [2, { lookbackNs: 1, drawdownBps: 1 }, "index"],
    [-1, undefined, "index"],
  ])("refuses for index %d the limit %j", (index, limit, path) => {
    const made = drawdown();
    made.sample(1, 1000, 0);
    expect(() => made.configure(index, limit)).toThrow(`FAULT_CONFIG drawdownWindow.${path}:`);
    expect(made.sample(1, 960, 0)).toBe("warning");
  });
});

describe("the drawdown's share", () => {
  it("is of the peak, 0 before the first sample and at a new peak", () => {
    const made = drawdown();
    expect(made.drawdownShare(1)).toBe(0);
    const shares = [1000, 960, 990, 2000, 1900].map((equity, i) => {
      made.sample(1, equity, i);
      return made.drawdownShare(1);
    });
    expect(shares).toEqual([0, 0.04, 0.01, 0, 0.05]);
    expect([made.isBreached(1), made.sample(1, 500, 9), made.drawdownShare(1)]).toEqual([
      true,
      "breached",
      0.05,
    ]);
    made.reset(1, "R. Okafor");
    expect([made.drawdownShare(1), made.drawdownShare(0)]).toEqual([0, 0]);
  });

  it("is 0 where nothing fell, at an equity of nothing", () => {
    const made = drawdown();
    made.sample(1, 0, 0);
    expect(made.drawdownShare(1)).toBe(0);
  });

  it("is the whole peak at an equity of nothing, and more below it", () => {
    const made = drawdown({ lookbackNs: 100, drawdownBps: 500, confirm: 3 });
    made.sample(1, 1000, 0);
    made.sample(1, 0, 1);
    expect(made.drawdownShare(1)).toBe(1);
    made.sample(1, -500, 2);
    expect(made.drawdownShare(1)).toBe(1.5);
  });
});
