import { describe, expect, it } from "vitest";
import { Fault, isRefusal, printValue, refuse } from "../../src/base/index.ts";

describe("Fault", () => {
  it("says where, what was found, and what was expected", () => {
    const fault = new Fault("FAULT_CONFIG", { path: "ring.size", value: 3, expected: "a power of two" });
    expect(fault.message).toBe("FAULT_CONFIG ring.size: found 3, expected a power of two");
    expect(fault).toMatchObject({ code: "FAULT_CONFIG", path: "ring.size", value: 3, name: "Fault" });
    expect(fault).toBeInstanceOf(Error);
  });

  it.each([
    [{}, "FAULT_IO"],
    [{ path: "a.b" }, "FAULT_IO a.b"],
    [{ path: "a.b", expected: "more" }, "FAULT_IO a.b: expected more"],
    [{ value: undefined }, "FAULT_IO: found undefined"],
    [{ value: 1, expected: "2" }, "FAULT_IO: found 1, expected 2"],
  ])("leaves out what it does not know: %j", (detail, message) => {
    expect(new Fault("FAULT_IO", detail).message).toBe(message);
  });

  it("keeps its cause", () => {
    const cause = new Error("disk");
    expect(new Fault("FAULT_IO", { cause }).cause).toBe(cause);
    expect("cause" in new Fault("FAULT_IO")).toBe(false);
  });
});

describe("refusals", () => {
  it("name the field, the value and what was expected", () => {
    expect(refuse("PRICE_OFF_GRID", "price", "1.05", "a multiple of 0.1")).toEqual({
      ok: false,
      code: "PRICE_OFF_GRID",
      message: 'PRICE_OFF_GRID price: found "1.05", expected a multiple of 0.1',
      field: "price",
      value: "1.05",
      expected: "a multiple of 0.1",
    });
  });

  it.each([
    [refuse("X", "x", 1, "2"), true],
    [{ ok: false }, true],
    [{ ok: true }, false],
    [{}, false],
    [null, false],
    [undefined, false],
    [false, false],
    ["ok", false],
  ])("isRefusal(%j)", (value, expected) => {
    expect(isRefusal(value)).toBe(expected);
  });
});

describe("printValue", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;

  it.each([
    ["text", '"text"'],
    [1n, "1n"],
    [-0, "0"],
    [Number.NaN, "NaN"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [function named() {}, "function named"],
    [() => 1, "function (anonymous)"],
    [{ a: 2n, b: [1] }, '{"a":"2n","b":[1]}'],
    [cycle, "[object Object]"],
    [{ toJSON: () => undefined }, "[object Object]"],
  ])("%s", (value, expected) => {
    expect(printValue(value)).toBe(expected);
  });

  it("stays on one short line", () => {
    expect(printValue("x".repeat(1000)).length).toBeLessThan(130);
    expect(printValue({ text: "x".repeat(1000) }).length).toBeLessThan(130);
    expect(printValue("a\nb")).toBe('"a\\nb"');
  });
});
