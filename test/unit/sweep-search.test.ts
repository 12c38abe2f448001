import { describe, expect, it } from "vitest";
import {
  axesOf,
  type ParamRange,
  pointsOf,
  type Search,
  type SearchSpace,
  Sobol,
} from "../../src/sweep/index.ts";

describe("a Sobol sequence", () => {
  it("is that of Joe and Kuo's direction numbers, as scipy.stats.qmc.Sobol 1.16 has it unscrambled", () => {
    const sobol = new Sobol(20);
    const of = (index: number): number[] => {
      const point = sobol.point(index);
      return [0, 1, 2, 5, 11, 19].map((i) => point[i] as number);
    };
    expect(of(1)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(of(2)).toEqual([0.75, 0.25, 0.25, 0.75, 0.75, 0.25]);
    expect(of(5)).toEqual([0.875, 0.875, 0.125, 0.625, 0.875, 0.625]);
    expect(of(777)).toEqual([
      0.6923828125, 0.9365234375, 0.1630859375, 0.3564453125, 0.6962890625, 0.7529296875,
    ]);
    expect(of(1023)).toEqual([
      ...[0.0009765625, 0.7529296875, 0.6123046875, 0.4384765625, 0.0361328125, 0.3193359375],
    ]);
    expect(sobol.point(100)).toEqual([
      ...[0.4140625, 0.2578125, 0.7734375, 0.7265625, 0.8828125, 0.7421875, 0.0234375, 0.4765625, 0.6328125],
      ...[0.6953125, 0.4609375, 0.6796875, 0.4765625, 0.8515625, 0.3203125, 0.4921875, 0.6796875, 0.7421875],
      ...[0.8359375, 0.3359375],
    ]);
  });

  it("has one of its first 2^k points in each part of 2^-k of every dimension", () => {
    const sobol = new Sobol(20);
    const points = Array.from({ length: 256 }, (_, i) => sobol.point(i));
    for (let axis = 0; axis < 20; axis++) {
      const parts = points.map((point) => Math.floor((point[axis] as number) * 256));
      expect(new Set(parts).size).toBe(256);
    }
  });

  it.each([
    ["no dimension", () => new Sobol(0), "sobol.dimensions"],
    ["too many", () => new Sobol(21), "sobol.dimensions"],
    ["a point that is none", () => new Sobol(2).point(-1), "sobol.index"],
    ["one beyond its bits", () => new Sobol(2).point(2 ** 32), "sobol.index"],
  ])("refuses %s", (_name, make, path) => {
    expect(make).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});

describe("points of a search", () => {
  it("are all of a grid, the last parameter fastest", () => {
    const space = { a: [1, 2], b: { from: 0.1, to: 0.3, step: 0.1 }, c: ["x", true] };
    const points = pointsOf({ space });
    expect(points).toHaveLength(12);
    expect(points.slice(0, 3)).toEqual([
      { a: 1, b: 0.1, c: "x" },
      { a: 1, b: 0.1, c: true },
      { a: 1, b: 0.2, c: "x" },
    ]);
    expect(points.at(-1)).toEqual({ a: 2, b: 0.3, c: true });
  });

  it("leave out what is not wanted, and nothing twice", () => {
    const space = { fast: { from: 1, to: 4, step: 1 }, slow: { from: 1, to: 4, step: 1 } };
    const where = ({ fast = 0, slow = 0 }): boolean => fast < slow;
    expect(pointsOf({ space, where })).toHaveLength(6);
    for (const search of [
      { method: "random", points: 50 },
      { method: "sobol", points: 50 },
    ] as const) {
      const points = pointsOf({ space, where, search });
      expect(points).toHaveLength(6);
      expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(6);
      expect(points.every((point) => (point["fast"] as number) < (point["slow"] as number))).toBe(true);
    }
  });

  it("are as many as asked for where there are so many, equal for equal seeds", () => {
    const space = {
      x: { from: 0, to: 1 },
      n: { from: 1, to: 1_000_000, scale: "log", integer: true },
    } as const;
    const draw = (seed: number) => pointsOf({ space, search: { method: "random", points: 200, seed } });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(3)).toHaveLength(200);
    const decades = [0, 0, 0, 0, 0, 0];
    for (const { n } of draw(5)) decades[Math.min(5, Math.floor(Math.log10(n as number)))]! += 1;
    expect(Math.min(...decades)).toBeGreaterThan(15);
    for (const { n, x } of draw(4)) {
      expect(Number.isInteger(n)).toBe(true);
      expect(n).toBeGreaterThanOrEqual(1);
      expect(n).toBeLessThanOrEqual(1_000_000);
      expect(x).toBeLessThan(1);
    }
  });

  it("say where a value lies on its axis", () => {
    const [steps, logs, words] = axesOf({
      ...{ a: { from: 2, to: 4, step: 1 }, b: { from: 1, to: 100, scale: "log" }, c: ["u", "v", "w"] },
    });
    expect([2, 3, 4].map((value) => steps?.shareOf(value))).toEqual([0, 0.5, 1]);
    expect(logs?.shareOf(10)).toBeCloseTo(0.5, 12);
    expect(words?.shareOf("v")).toBe(0.5);
  });

  it.each<[string, SearchSpace, string]>([
    ["no parameter", {}, "space"],
    ["no values", { a: [] }, "space.a"],
    ["a value twice", { a: [1, 2, 1] }, "space.a[2]"],
    ["a value that is none", { a: [1, Number.NaN] }, "space.a[1]"],
    ["an object as a value", { a: [{} as never] }, "space.a[0]"],
    ["a range that falls", { a: { from: 2, to: 1 } }, "space.a.to"],
    ["no end", { a: { from: 2 } as ParamRange }, "space.a.to"],
    ["a step of nothing", { a: { from: 1, to: 2, step: 0 } }, "space.a.step"],
    ["a step and a scale", { a: { from: 1, to: 2, step: 1, scale: "log" } }, "space.a.step"],
    ["a logarithm of nothing", { a: { from: 0, to: 2, scale: "log" } }, "space.a.from"],
    ["no whole number within", { a: { from: 1.2, to: 1.8, integer: true } }, "space.a.to"],
    ["a word that is none", { a: { from: 1, to: 2, steps: 1 } as ParamRange }, "space.a.steps"],
    ["a grid without steps", { a: { from: 1, to: 2 } }, "space.a.step"],
    ["a grid too large", { a: { from: 1, to: 2_000, step: 1 }, b: { from: 1, to: 2_000, step: 1 } }, "space"],
  ])("refuses %s", (_name, space, path) => {
    expect(() => pointsOf({ space })).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });

  it.each<[string, Search, string]>([
    ["another method", { method: "best", points: 3 } as never, "search.method"],
    ["no points", { method: "random", points: 0 }, "search.points"],
    ["too many points", { method: "sobol", points: 1_000_001 }, "search.points"],
    ["a seed that is none", { method: "random", points: 3, seed: 0.5 }, "search.seed"],
  ])("refuses a search of %s", (_name, search, path) => {
    expect(() => pointsOf({ space: { a: [1, 2] }, search })).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("refuses a space of which nothing is wanted", () => {
    expect(() => pointsOf({ space: { a: [1] }, where: () => false })).toThrow(/where.*no point/);
  });
});
