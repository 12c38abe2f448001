import { expect, it } from "vitest";
import { storedJson } from "../../src/base/index.ts";

it("writes what comes back as it was, and names the rest", () => {
  const value = { b: [1, null, "x", { c: false }], a: undefined, z: -1.5 };
  expect(JSON.parse(storedJson(value, "p"))).toEqual({ b: value.b, z: -1.5 });
  expect(() => storedJson(5n, "p")).toThrow(/^FAULT_INPUT p: found 5n/);
  expect(() => storedJson({ a: [{ b: 5n }] }, "p")).toThrow(/^FAULT_INPUT p\.a\[0\]\.b: found 5n/);
  expect(() => storedJson(undefined, "p")).toThrow(/^FAULT_INPUT p/);
});
