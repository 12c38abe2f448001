import { describe, expect, it } from "vitest";
import { VolatilityWatch } from "../../src/risk/volatility-watch.ts";

function watch(): VolatilityWatch {
  return new VolatilityWatch({ windowNs: 100, sigmas: 4, buckets: 100 });
}

describe("a volatility watch", () => {
  it("trips when the price rose too far from the window's lowest", () => {
    const made = watch();
    expect([made.add(100, 0.125, 0), made.add(150, 0.125, 50), made.add(151, 0.125, 60)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([made.add(151, 0.125, 99), made.add(151, 0.125, 100)]).toEqual([true, false]);
  });

  it("trips when the price fell too far from the window's highest", () => {
    const made = watch();
    expect([made.add(200, 0.125, 0), made.add(100, 0.125, 50), made.add(99, 0.125, 60)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([made.add(99, 0.125, 99), made.add(99, 0.125, 100)]).toEqual([true, false]);
  });

  it("has 64 steps unless told", () => {
    const made = new VolatilityWatch({ windowNs: 640, sigmas: 1 });
    for (let nowNs = 0; nowNs < 2000; nowNs++) made.add(1 + nowNs, 9, nowNs);
    const [high, low] = made.save().extremes;
    expect([high?.timesNs.length, low?.timesNs.length]).toEqual([1, 65]);
  });

  it.each([
    [0, 1, 0],
    [-1, 1, 0],
    [Number.NaN, 1, 0],
    [Number.POSITIVE_INFINITY, 1, 0],
    [1, 1, Number.NaN],
  ])("trips for a price of %d with sigma %d at %d and does not keep it", (price, sigma, nowNs) => {
    const made = watch();
    expect([made.add(price, sigma, nowNs), made.save().extremes[0]?.values]).toEqual([true, []]);
  });

  it.each([[Number.NaN], [-1]])("trips for a sigma of %d", (sigma) => {
    expect(watch().add(100, sigma, 0)).toBe(true);
  });

  it("lets a standing price pass with a sigma of 0", () => {
    const made = watch();
    expect([made.add(100, 0, 0), made.add(100, 0, 1), made.add(101, 0, 2)]).toEqual([false, false, true]);
  });

  it("forgets", () => {
    const made = watch();
    made.add(100, 1, 0);
    made.clear();
    made.add(1000, 0.125, 1);
    made.clear();
    expect(made.add(10, 0.125, 1)).toBe(false);
    made.clear();
    expect([made.add(900, 1, 1), made.save().extremes.map((each) => each.values)]).toEqual([
      false,
      [[900], [-900]],
    ]);
  });

  it("continues from saved state", () => {
    const made = watch();
    made.add(100, 1, 0);
    const saved = JSON.parse(JSON.stringify(made.save()));
    const again = watch();
    again.load(saved);
    expect([again.save(), again.add(151, 0.125, 99)]).toEqual([saved, true]);
    expect(() => again.load({})).toThrow("FAULT_INPUT volatilityWatch:");
    expect(() => again.load({ extremes: [] })).toThrow("FAULT_INPUT volatilityWatch.extremes:");
  });

  it.each([
    [{ windowNs: 0, sigmas: 1 }, "windowNs"],
    [{ windowNs: 1, sigmas: 0 }, "sigmas"],
    [{ windowNs: 1, sigmas: 1, buckets: 0 }, "buckets"],
    [{ windowNs: 1, sigmas: 1, buckets: 65_536 }, "buckets"],
    [{ windowNs: 1, sigmas: 1, k: 1 }, "k"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new VolatilityWatch(options)).toThrow(`FAULT_CONFIG volatilityWatch.${path}:`);
  });
});
