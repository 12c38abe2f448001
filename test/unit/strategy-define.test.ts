import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineStrategy, type ParamSchema, type StrategyDefinition } from "../../src/strategy/index.ts";

const params = z.object({
  fast: z.number().int().min(1).default(5),
  mode: z.enum(["long", "both"]).default("long"),
});
const maker = defineStrategy({ name: "crossing", params, create: () => ({ onBar: () => undefined }) });

describe("a defined strategy", () => {
  it("carries its name and the parameters that the schema gave", () => {
    expect(maker({ fast: 9 })).toMatchObject({ name: "crossing", params: { fast: 9, mode: "long" } });
    expect(maker()).toMatchObject({ params: { fast: 5, mode: "long" } });
    expect(maker().onBar).toBeTypeOf("function");
    expect(maker({})).not.toBe(maker({}));
    expect(maker.strategyName).toBe("crossing");
    expect(maker.schema).toBe(params);
  });

  it("keeps a class's callbacks, and what it calls itself", () => {
    class Own {
      readonly name = "own";
      onBar(): void {}
    }
    const made = defineStrategy({ name: "other", params, create: () => new Own() })();
    expect(made).toBeInstanceOf(Own);
    expect(made).toMatchObject({ name: "own", params: { fast: 5 } });
  });

  it.each([
    ["a fraction", { fast: 1.5 }, "crossing.params.fast", 1.5],
    ["a word", { fast: 1, mode: "short" }, "crossing.params.mode", "short"],
    ["no object", 7, "crossing.params", 7],
  ])("refuses %s by its name", (_name, given, path, value) => {
    expect(() => maker(given)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path, value }));
  });

  const later: ParamSchema<object> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => Promise.resolve({ value: value as object }),
    },
  };
  it.each<[string, Partial<Record<keyof StrategyDefinition<object> | "kind", unknown>>, string]>([
    ["no name", { name: "" }, "strategy.name"],
    ["no schema", { params: { parse: () => undefined } }, "strategy.params"],
    ["no function", { create: 5 }, "strategy.create"],
    ["what it does not know", { kind: 1 }, "strategy.kind"],
  ])("cannot be of %s", (_name, other, path) => {
    const definition = { name: "x", params, create: () => ({}), ...other } as StrategyDefinition<object>;
    expect(() => defineStrategy(definition)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });

  it.each<[string, StrategyDefinition<object>, string]>([
    ["a schema that waits", { name: "x", params: later, create: () => ({}) }, "x.params"],
    ["what makes nothing", { name: "x", params, create: () => null as never }, "x.create"],
    ["what makes a frozen one", { name: "x", params, create: () => Object.freeze({}) }, "x.create"],
  ])("faults when made by %s", (_name, definition, path) => {
    expect(() => defineStrategy(definition)({})).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});
