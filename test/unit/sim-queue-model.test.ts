import { describe, expect, it } from "vitest";
import { QueueModel, type QueueModelOptions } from "../../src/sim/index.ts";

/** A model with one order in row 0, whose place starts at `front`. */
function placed(options: QueueModelOptions, front: number): QueueModel {
  const model = new QueueModel(options, 4);
  model.join(0, front);
  return model;
}

describe("a fall of the level from 100 to 80 with 60 before the order", () => {
  // Front 60 and back 40: the share behind is f(40) / (f(40) + f(60)), and so on; worked out by hand.
  const cases: readonly [string, QueueModelOptions, number][] = [
    ["riskAverse: falls are behind us", { model: "riskAverse" }, 60],
    ["power, n = 1", { model: "power", n: 1 }, 48],
    ["power, n = 2", { model: "power", n: 2 }, 60 - 20 * (3600 / 5200)],
    ["power, n = 3", { model: "power", n: 3 }, 44.571429],
    ["power2, n = 1", { model: "power2", n: 1 }, 48],
    ["power2, n = 3", { model: "power2", n: 3 }, 60 - 20 * (1 - 0.064)],
    ["power3, n = 1", { model: "power3", n: 1 }, 48],
    ["power3, n = 3", { model: "power3", n: 3 }, 60 - 20 * 0.216],
    ["log", { model: "log" }, 49.49223],
    ["log2", { model: "log2" }, 60 - 20 * (1 - Math.log(41) / Math.log(101))],
    ["power, n = 1.5", { model: "power", n: 1.5 }, 60 - 20 * (60 ** 1.5 / (60 ** 1.5 + 40 ** 1.5))],
  ];

  it.each(cases)("%s", (_name, options, front) => {
    const model = placed(options, 60);
    model.level(0, 100, 80);
    expect(model.front[0]).toBeCloseTo(front, 5);
  });
});

describe("every model", () => {
  const all: readonly QueueModelOptions[] = [
    { model: "riskAverse" },
    { model: "power", n: 3 },
    { model: "power2", n: 2 },
    { model: "power3", n: 3 },
    { model: "log" },
    { model: "log2" },
  ];

  it.each(all)("$model: a level that rises changes nothing", (options) => {
    const model = placed(options, 60);
    model.level(0, 60, 90);
    expect(model.front[0]).toBe(60);
  });

  it.each(all)("$model: nothing stands before the order when the level is gone", (options) => {
    const model = placed(options, 60);
    model.level(0, 100, 0);
    expect(model.front[0]).toBe(0);
  });

  it.each(all)("$model: at most what the level shows stands before the order", (options) => {
    const model = placed(options, 60);
    model.level(0, 60, 5);
    expect(model.front[0]).toBeLessThanOrEqual(5);
  });

  it.each(all)("$model: trades bring it forward, and a fall they explain does not count twice", (options) => {
    const model = placed(options, 60);
    model.trade(0, 20);
    expect(model.front[0]).toBe(40);
    model.level(0, 100, 80);
    expect(model.front[0]).toBe(40);
  });

  it.each(all)("$model: what reaches the order is what traded beyond its place", (options) => {
    const model = placed(options, 6);
    model.trade(0, 6);
    expect(model.reached(0)).toBe(0);
    model.trade(0, 3);
    expect(model.reached(0)).toBe(3);
    model.take(0, 2);
    expect(model.reached(0)).toBe(1);
    model.take(0, 1);
    expect(model.front[0]).toBe(0);
    expect(model.reached(0)).toBe(0);
  });

  it.each(all)("$model: an order that joins anew forgets its old place", (options) => {
    const model = placed(options, 60);
    model.trade(0, 10);
    model.join(0, 7);
    model.level(0, 7, 7);
    expect(model.front[0]).toBe(7);
  });

  it.each(all)("$model: an order alone at its level stays there", (options) => {
    const model = placed(options, 0);
    model.level(0, 0, 0);
    expect(model.front[0]).toBe(0);
  });
});

describe("options of a queue model", () => {
  const wrong: readonly [string, unknown, string][] = [
    ["no object", undefined, "queue"],
    ["an unknown model", { model: "fifo" }, "queue.model"],
    ["a misspelt option", { model: "log", N: 2 }, "queue.N"],
    ["a power without n", { model: "power3" }, "queue.n"],
    ["n of 0", { model: "power", n: 0 }, "queue.n"],
    ["n below 0", { model: "power2", n: -1 }, "queue.n"],
    ["n that is no number", { model: "power", n: Number.NaN }, "queue.n"],
    ["n as text", { model: "power", n: "3" }, "queue.n"],
    ["n for a model without", { model: "log", n: 2 }, "queue.n"],
    ["n for riskAverse", { model: "riskAverse", n: 2 }, "queue.n"],
  ];

  it.each(wrong)("%s is refused by name", (_name, options, path) => {
    expect(() => new QueueModel(options as QueueModelOptions, 1)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});
