import { describe, expect, it } from "vitest";
import { powInteger, powReal } from "../../src/base/index.ts";

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

describe("powInteger", () => {
  it.each([
    [1.1, 10, "4004bffc0c03023d"],
    [10, -2, "3f847ae147ae147b"],
    [0.97, 252, "3f3e67e4f2330396"],
    [1.0001, 1000000, "48f330ab10a1c0d6"],
    [2, -1074, "0000000000000001"],
    [10, -320, "00000000000007e8"],
  ])("%d to the %d has the same bits for ever", (value, exponent, expected) => {
    expect(bits(powInteger(value, exponent))).toBe(expected);
  });

  it.each([
    [2, 10, 1024],
    [-2, 3, -8],
    [-2, 4, 16],
    [5, 0, 1],
    [0, 0, 1],
    [0, 5, 0],
    [0, -1, Number.POSITIVE_INFINITY],
    [10, 22, 1e22],
    [10, -22, 1e-22],
    [2, 1023, 2 ** 1023],
    [2, 1024, Number.POSITIVE_INFINITY],
    [Number.NaN, 0, 1],
    [1, Number.MAX_SAFE_INTEGER, 1],
  ])("%d to the %d", (value, exponent, expected) => {
    expect(powInteger(value, exponent)).toBe(expected);
  });

  it("stays within a rounding per multiplication of the bigint power", () => {
    for (let exponent = 0; exponent < 300; exponent++) {
      const exact = Number(10n ** BigInt(exponent));
      expect(Math.abs(powInteger(10, exponent) / exact - 1)).toBeLessThan(20 * 2 ** -53);
    }
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the exponent %d", (exponent) => {
    expect(() => powInteger(2, exponent)).toThrow("FAULT_ARITHMETIC exponent");
  });
});

describe("powReal", () => {
  it.each([
    [2, 0.5, "3ff6a09e667f3bcc"],
    [1.05, 1 / 252, "3ff000cb094b16ff"],
    [0.5, 0.94, "3fe0adf093e032af"],
    [100, -1.5, "3f50624dd2f1a9f9"],
    [7, 3, "4075700000000000"],
    [1e-300, 0.1, "39b4484bfeebc2ad"],
  ])("%d to the %d has the same bits for ever", (value, exponent, expected) => {
    expect(bits(powReal(value, exponent))).toBe(expected);
  });

  it("agrees with the built-in power to 1e-13", () => {
    for (let i = 1; i < 400; i++) {
      const [value, exponent] = [i / 40, (i % 37) / 7 - 2];
      expect(Math.abs(powReal(value, exponent) / value ** exponent - 1)).toBeLessThan(1e-13);
    }
  });

  it.each([
    [0, 0.5, 0],
    [0, -0.5, Number.POSITIVE_INFINITY],
    [-1, 0.5, Number.NaN],
    [1, 0.3, 1],
    [4, 0, 1],
  ])("%d to the %d", (value, exponent, expected) => {
    expect(powReal(value, exponent)).toBe(expected);
  });
});
