import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Atr, BollingerBands, Ema, Macd, RollingVwap, Rsi, Sma } from "../../src/signal/index.ts";

/**
 * Daily SPY and index columns with reference values computed elsewhere. A tolerance is half a unit of the last
 * digit a file prints, and a little more where its own inputs are rounded.
 */
const DATA = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const FOLDER = `${DATA}/indicators`;
const absent = !existsSync(FOLDER);
if (absent) console.warn(`skipped: no reference columns at TICKWRIGHT_DATA/indicators`);

type Row = readonly string[];

function rows(name: string, columns: number): Row[] {
  const lines = readFileSync(`${FOLDER}/${name}`, "utf8").trim().split(/\r?\n/).slice(1);
  return lines.map((line) => line.split(",")).filter((row) => row.length >= columns);
}

function number(row: Row, column: number): number {
  return Number(row[column]);
}

/** Compares wherever the file has a value, and counts how often. */
function compare(table: readonly Row[], column: number, digits: number, value: (row: Row) => number): number {
  let compared = 0;
  for (const row of table) {
    const mine = value(row);
    if ((row[column] ?? "") === "") continue;
    expect(Math.abs(mine - number(row, column)), row.join(",")).toBeLessThanOrEqual(digits);
    compared += 1;
  }
  return compared;
}

describe.skipIf(absent)("against published columns", () => {
  it("SMA 14, EMA 14 seeded by the SMA, on closes with two decimals", () => {
    const table = rows("spy_with_indicators.txt", 8);
    const sma = new Sma({ period: 14 });
    const ema = new Ema({ period: 14 });
    expect(compare(table, 1, 0.006, (row) => sma.update(number(row, 7)))).toBe(487);
    expect(compare(table, 2, 0.006, (row) => ema.update(number(row, 7)))).toBe(487);
  });

  it("RSI 14 by Wilder and by Cutler", () => {
    const table = rows("spy_with_indicators.txt", 8);
    const wilder = new Rsi({ period: 14 });
    const cutler = new Rsi({ period: 14, average: "cutler" });
    expect(compare(table, 5, 0.00001, (row) => wilder.update(number(row, 7)))).toBeGreaterThan(480);
    expect(compare(table, 4, 0.0003, (row) => cutler.update(number(row, 7)))).toBeGreaterThan(480);
  });

  it("MACD 12 26 without a signal line", () => {
    const macd = new Macd({ signal: 1 });
    const table = rows("spy_with_indicators.txt", 8);
    expect(compare(table, 3, 0.0002, (row) => macd.update(number(row, 7)))).toBeGreaterThan(470);
  });

  it("MACD 12 26 9 with signal and histogram, on monthly closes", () => {
    const macd = new Macd();
    const table = rows("spy_with_macd.txt", 8);
    expect(compare(table, 5, 0.000_006, (row) => macd.update(number(row, 4)))).toBe(183);
    const again = new Macd();
    const signal = (row: Row): number => {
      again.update(number(row, 4));
      return again.signal;
    };
    expect(compare(table, 6, 0.000_007, signal)).toBe(183);
    const third = new Macd();
    const histogram = (row: Row): number => {
      third.update(number(row, 4));
      return third.histogram;
    };
    expect(compare(table, 7, 0.000_007, histogram)).toBe(183);
  });

  it("ATR 14 by Wilder: the file leaves its first value out", () => {
    const atr = new Atr({ period: 14 });
    const range = (row: Row): number => {
      return atr.update({ high: number(row, 2), low: number(row, 3), close: number(row, 4) });
    };
    expect(compare(rows("spy_atr_wilder.txt", 6), 5, 0.000_006, range)).toBe(488);
  });

  it("Bollinger bands 20 2: population deviation; band width and %B in percent and as a fraction", () => {
    const table = rows("spy_bollinger_bands.txt", 10);
    const readers: readonly [number, number, (bands: BollingerBands) => number][] = [
      [5, 1e-9, (bands) => bands.value],
      [6, 0.000_07, (bands) => bands.upper],
      [7, 0.000_07, (bands) => bands.lower],
      [8, 0.000_11, (bands) => 100 * bands.bandwidth],
      [9, 0.000_07, (bands) => bands.percentB],
    ];
    for (const [column, digits, read] of readers) {
      const bands = new BollingerBands();
      const value = (row: Row): number => {
        bands.update(number(row, 4));
        return read(bands);
      };
      expect(compare(table, column, digits, value)).toBeGreaterThan(475);
    }
  });

  it("rolling VWAP 50 of the mean of open, high, low and close", () => {
    const vwap = new RollingVwap({ period: 50 });
    const price = (row: Row): number =>
      (number(row, 1) + number(row, 2) + number(row, 3) + number(row, 4)) / 4;
    const table = rows("spy_with_vwap.txt", 7);
    expect(compare(table, 6, 0.000_06, (row) => vwap.update(price(row), number(row, 5)))).toBeGreaterThan(
      440,
    );
  });

  it("averages of 15, 10 and 5 (named 5, 10, 15 there); slow - middle + fast is its relative average", () => {
    const table = rows("spy_with_rma.csv", 9);
    const averages = [15, 10, 5].map((period) => new Sma({ period }));
    let compared = 0;
    for (const row of table) {
      const mine = averages.map((sma) => sma.update(number(row, 4)));
      if (!averages.every((sma) => sma.ready)) continue;
      for (const [i, value] of mine.entries()) expect(value).toBeCloseTo(number(row, 5 + i), 6);
      const [slow = 0, middle = 0, fast = 0] = mine;
      expect(slow - middle + fast).toBeCloseTo(number(row, 8), 6);
      compared += 1;
    }
    expect(compared).toBe(table.length - 14);
  });
});
