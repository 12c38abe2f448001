import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  formatDecimal,
  formatExact,
  formatNumber,
  formatPercent,
  moneyDecimals,
  rangeDecimals,
  signed,
} from "../../src/report/figures.ts";
import { formatDuration, formatInstant, formatMs, readNanos } from "../../src/report/instants.ts";
import { printedStats, words } from "../../src/report/stat-names.ts";
import { PERFORMANCE_FIGURES } from "../../src/stat/index.ts";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("printed figures", () => {
  it.each([
    [0, 2, "0.00"],
    [-0, 2, "0.00"],
    [-0.001, 2, "0.00"],
    [1234.5, 2, "1,234.50"],
    [-1234567.891, 2, "−1,234,567.89"],
    [999.999, 2, "1,000.00"],
    [123, 0, "123"],
    [1e15, 2, "1.000e15"],
    [Number.NaN, 2, "–"],
    [Number.POSITIVE_INFINITY, 2, "–"],
    [null, 2, "–"],
    [undefined, 0, "–"],
  ])("number %s with %s decimals", (value, decimals, expected) => {
    expect(formatNumber(value, decimals)).toBe(expected);
  });

  it.each([
    ["0", 2, "0.00"],
    ["-0.004", 2, "0.00"],
    ["-0.005", 2, "−0.01"],
    ["1000000.995", 2, "1,000,001.00"],
    ["123456789012345678901234.565", 2, "123,456,789,012,345,678,901,234.57"],
    ["5617960.28", 0, "5,617,960"],
    ["1.5", 0, "2"],
    ["0.00000001", 8, "0.00000001"],
    ["12", 4, "12.0000"],
    ["twelve", 2, "–"],
    ["1e5", 2, "–"],
  ])("decimal %s to %s places, without a double", (text, decimals, expected) => {
    expect(formatDecimal(text, decimals)).toBe(expected);
  });

  it("prints percentages, signs and exact values", () => {
    expect(plain(formatPercent(0.12345))).toBe("12.35 %");
    expect(plain(formatPercent(null))).toBe("–");
    expect(signed("12.35")).toBe("+12.35");
    expect(signed("0.00")).toBe("0.00");
    expect(signed("−3.00")).toBe("−3.00");
    expect(signed("–")).toBe("–");
    expect([61800.2, 0.012, 1e-7, 1234567, 0.1 + 0.2, -2.5].map(formatExact)).toEqual([
      "61,800.2",
      "0.012",
      "0.0000001",
      "1,234,567",
      "0.3",
      "−2.5",
    ]);
    expect([1e6, 12, 0.004].map(moneyDecimals)).toEqual([2, 4, 8]);
    expect([1000, 5, 0.3, 0, Number.NaN].map(rangeDecimals)).toEqual([0, 2, 3, 2, 2]);
  });

  it.each([
    [0, "0 ns"],
    [830, "830 ns"],
    [12_340, "12.3 µs"],
    [1_250_000, "1.25 ms"],
    [999_600_000, "1,000 ms"],
    [3_200_000_000, "3.20 s"],
    [312e9, "5 min 12 s"],
    [3_599.9e9, "60 min"],
    [93_780e9, "1 d 2 h"],
    [45 * 86_400e9, "45 d"],
    [2.35 * 365.25 * 86_400e9, "2.35 years"],
    [-1_500, "−1.50 µs"],
    [null, "–"],
  ])("duration of %s ns", (ns, expected) => {
    expect(plain(formatDuration(ns))).toBe(expected);
  });

  it("prints moments with the digits they have, and refuses what is no moment", () => {
    expect(formatInstant(0n)).toBe("1970-01-01");
    expect(formatInstant(1723161253937085768n)).toBe("2024-08-08 23:54:13.937 UTC");
    expect(formatMs(Date.UTC(2024, 0, 2, 9, 30))).toBe("2024-01-02 09:30:00 UTC");
    expect(readNanos("at", "-12")).toBe(-12n);
    expect(() => readNanos("at", "12.5")).toThrow(Fault);
    expect(() => readNanos("at", "")).toThrow("FAULT_INPUT at");
  });

  it("names every figure that stat computes, with a unit", () => {
    const stats = Object.fromEntries(PERFORMANCE_FIGURES.map((name) => [name, 0.5]));
    const printed = printedStats(stats, "USD");
    expect(printed).toHaveLength(PERFORMANCE_FIGURES.length);
    for (const [i, name] of PERFORMANCE_FIGURES.entries()) {
      expect(printed.map((stat) => stat.label)).not.toContain(
        words(name) === printed[i]?.label ? "" : words(name),
      );
    }
    const labels = new Set(printed.map((stat) => stat.label));
    expect(labels.size).toBe(PERFORMANCE_FIGURES.length);
    expect(printed.find((stat) => stat.label === "Mean result of a closed trade")?.value).toBe(
      "0.50\u00a0USD",
    );
    expect(printed.find((stat) => stat.label === "Longest time under water")?.value).toBe("500\u00a0µs");
  });

  it("prints figures it does not know by the unit in their name", () => {
    const stats = { waitNs: 1_500, costBp: 0.25, strangeThing: 2, absent: null, __proto__: 7 };
    expect(printedStats(stats, "USD").map((stat) => [stat.label, plain(stat.value)])).toEqual([
      ["Wait ns", "1.50 µs"],
      ["Cost bp", "0.25 bp"],
      ["Strange thing", "2.00"],
      ["Absent", "–"],
    ]);
  });
});
