import { describe, expect, it } from "vitest";
import { type LossLimit, LossWindow } from "../../src/risk/loss-window.ts";

const NONE = Number.POSITIVE_INFINITY;

function stop(limit: LossLimit = { windowNs: 100, lossCents: 1000 }, buckets = 100): LossWindow {
  const made = new LossWindow({ size: 2, buckets });
  made.configure(1, limit);
  return made;
}

describe("a stop-loss over a window", () => {
  it("warns at 80 %, breaches at the limit and stays breached", () => {
    const made = stop();
    expect([500, 500, -299, -300, -499, -500, 500].map((pnl, i) => made.sample(1, pnl, i))).toEqual([
      "within",
      "within",
      "within",
      "warning",
      "warning",
      "breached",
      "breached",
    ]);
    expect([made.isBreached(1), made.lossCents(1), made.isBreached(0)]).toEqual([true, 1000, false]);
    made.sample(1, 0, 1e9);
    expect(made.isBreached(1)).toBe(true);
  });

  it("forgets a high when it is the window old", () => {
    const made = stop();
    made.sample(1, 0, 0);
    expect([made.sample(1, -900, 99), made.lossCents(1)]).toEqual(["warning", 900]);
    expect([made.sample(1, -900, 100), made.lossCents(1), made.sample(1, -1899, 100)]).toEqual([
      "within",
      0,
      "warning",
    ]);
  });

  it("keeps the high of a step for less than a step longer", () => {
    const made = stop({ windowNs: 100, lossCents: 1000 }, 4);
    made.sample(1, 0, 1);
    expect([made.sample(1, -1, 124), made.lossCents(1)]).toEqual(["within", 1]);
    expect([made.sample(1, -1, 125), made.lossCents(1)]).toEqual(["within", 0]);
  });

  it("has 64 steps unless told", () => {
    const made = new LossWindow({ size: 1 });
    made.configure(0, { windowNs: 640, lossCents: 1000 });
    for (let nowNs = 0; nowNs < 2000; nowNs++) made.sample(0, -nowNs, nowNs);
    expect(made.lossCents(0)).toBe(648);
    expect(made.save().windows[0]?.timesNs.length).toBe(65);
  });

  it("takes the lower of an amount and a share of the capital", () => {
    const share = { windowNs: 100, lossBps: 100, capitalCents: 50_001 };
    expect(stop(share).limitCents(1)).toBe(501);
    expect(stop({ ...share, lossCents: 500 }).limitCents(1)).toBe(500);
    expect(stop({ ...share, lossCents: 502 }).limitCents(1)).toBe(501);
    expect(stop().limitCents(0)).toBe(NONE);
    const made = stop(share);
    made.sample(1, 0, 0);
    expect([
      made.sample(1, -400, 1),
      made.sample(1, -401, 1),
      made.sample(1, -500, 1),
      made.sample(1, -501, 1),
    ]).toEqual(["within", "warning", "warning", "breached"]);
  });

  it.each([
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [0, Number.NaN],
  ])("breaches for a P&L of %d at %d", (pnl, nowNs) => {
    const made = stop();
    made.sample(1, 7, 0);
    expect([made.sample(1, pnl, nowNs), made.isBreached(1), made.lossCents(1)]).toEqual([
      "breached",
      true,
      0,
    ]);
    expect(made.save().windows[1]).toEqual({ timesNs: [0], values: [7] });
  });

  it("does nothing without a limit", () => {
    const made = stop();
    expect([
      made.sample(0, 0, 0),
      made.sample(0, -1e9, 0),
      made.sample(0, Number.NaN, 0),
      made.isBreached(0),
    ]).toEqual(["within", "within", "within", false]);
    made.sample(1, 0, 0);
    made.sample(1, -1000, 0);
    made.configure(1, undefined);
    expect([made.sample(1, 0, 0), made.isBreached(1), made.limitCents(1)]).toEqual(["within", true, NONE]);
  });

  it("forgets the highs of another limit", () => {
    const made = stop();
    made.sample(1, 0, 0);
    made.configure(1, { windowNs: 100, lossCents: 500 });
    expect([made.sample(1, -900, 0), made.sample(1, -1400, 0)]).toEqual(["within", "breached"]);
  });

  it("is reset by a person", () => {
    const made = stop();
    expect(made.reset(1, "R. Okafor")).toBe(false);
    made.sample(1, 0, 0);
    made.sample(1, -1000, 1);
    expect(() => made.reset(1, "")).toThrow("FAULT_CONFIG lossWindow.by");
    expect(() => made.reset(2, "R. Okafor")).toThrow("FAULT_CONFIG lossWindow.index");
    expect([made.reset(1, "R. Okafor"), made.isBreached(1), made.lossCents(1)]).toEqual([true, false, 0]);
    expect([made.sample(1, -1000, 2), made.sample(1, -2000, 3)]).toEqual(["within", "breached"]);
  });

  it("knows no other indices", () => {
    expect([stop().isBreached(2), stop().isBreached(-1)]).toEqual([true, true]);
  });

  it("continues from saved state", () => {
    const made = stop();
    made.sample(1, 0, 0);
    made.sample(1, -900, 1);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved.lossCents).toEqual([0, 900]);
    const again = stop();
    again.load(saved);
    expect([again.save(), again.lossCents(1), again.sample(1, -1000, 2)]).toEqual([saved, 900, "breached"]);
    const third = stop();
    third.load(JSON.parse(JSON.stringify(again.save())));
    expect(third.isBreached(1)).toBe(true);
  });

  it.each([
    [{}, "lossWindow:"],
    [{ breached: [0, 2] }, "lossWindow.breached[1]"],
    [{ breached: [0, -1] }, "lossWindow.breached[1]"],
    [{ lossCents: [0, -1] }, "lossWindow.lossCents[1]"],
    [{ lossCents: [0] }, "lossWindow.lossCents:"],
    [{ windows: [] }, "lossWindow.windows:"],
  ])("refuses to continue from %j", (part, path) => {
    const made = stop();
    made.sample(1, 5, 5);
    const before = made.save();
    const data = path === "lossWindow:" ? part : { ...before, ...part };
    expect(() => made.load(data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()).toEqual(before);
  });

  it("loads fractions of a cent", () => {
    const made = stop();
    const data = { ...made.save(), lossCents: [0, 0.5] };
    made.load(data);
    expect(made.save()).toEqual(data);
  });

  it.each([
    [{ size: 0 }, "lossWindow.size"],
    [{ size: 65_537 }, "lossWindow.size"],
    [{ size: 1, buckets: 0 }, "lossWindow.buckets"],
    [{ size: 1, buckets: 65_536 }, "lossWindow.buckets"],
    [{ size: 1, depth: 1 }, "lossWindow.depth"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new LossWindow(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [1, { windowNs: 0, lossCents: 1 }, "windowNs"],
    [1, { windowNs: 1 }, "lossBps"],
    [1, { windowNs: 1, lossCents: 0 }, "lossCents"],
    [1, { windowNs: 1, lossCents: 2 ** 50 + 1 }, "lossCents"],
    [1, { windowNs: 1, lossBps: 0, capitalCents: 1 }, "lossBps"],
    [1, { windowNs: 1, lossBps: 10_001, capitalCents: 1 }, "lossBps"],
    [1, { windowNs: 1, lossBps: 1 }, "capitalCents"],
    [1, { windowNs: 1, lossCents: 1, lossBps: 1 }, "capitalCents"],
    [1, { windowNs: 1, lossCents: 1, capitalCents: 1 }, "lossBps"],
    [1, { windowNs: 1, capitalCents: 1 }, "lossBps"],
    [1, { windowNs: 1, lossBps: 1, capitalCents: 0 }, "capitalCents"],
    [1, { windowNs: 1, lossBps: 1, capitalCents: 2 ** 50 + 1 }, "capitalCents"],
    [1, { windowNs: 1, lossCents: 1, loss: 1 }, "limit.loss"],
    [2, { windowNs: 1, lossCents: 1 }, "index"],
    [-1, undefined, "index"],
  ])("refuses for index %d the limit %j", (index, limit, path) => {
    const made = stop();
    made.sample(1, 0, 0);
    expect(() => made.configure(index, limit)).toThrow(`FAULT_CONFIG lossWindow.${path}:`);
    expect([made.limitCents(1), made.sample(1, -999, 1)]).toEqual([1000, "warning"]);
  });
});
