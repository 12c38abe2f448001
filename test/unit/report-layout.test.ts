import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { returnsCalendar } from "../../src/report/calendar.ts";
import { returnsHistogram } from "../../src/report/histogram.ts";
import { drawnPlaces, evenPlaces } from "../../src/report/places.ts";
import { timeTicks, valueTicks } from "../../src/report/svg-axis.ts";
import { monthlyReturns, normalCdf, yearlyReturns } from "../../src/stat/index.ts";
import { RUN_SHAPES, runResult } from "../fixtures/run-results.ts";

const texts = (ticks: readonly { readonly text: string }[]): string[] => ticks.map((tick) => tick.text);

describe("the calendar of returns", () => {
  it("equals stat's monthly and yearly returns", () => {
    const { equity, ms } = runResult("daily").samples;
    const calendar = returnsCalendar(ms, equity);
    const months = calendar?.rows.flatMap((row) => row.cells.filter((cell) => cell !== null));
    const expected = monthlyReturns(ms, equity).map((month) => month.value as number);
    expect(months).toHaveLength(expected.length);
    for (const [i, value] of (months ?? []).entries()) expect(value).toBeCloseTo(expected[i] as number, 12);
    expect(calendar?.rows.map((row) => [Number(row.label), row.total])).toEqual(
      yearlyReturns(ms, equity).map((year) => [year.year, year.value]),
    );
  });

  it.each([
    ["daily", "month"],
    ["hours", "day"],
    ["simulated", "hour"],
    ["ticks", "minute"],
  ] as const)("lays %s out by %s, and its totals multiply to the whole return", (shape, unit) => {
    const { equity, ms } = runResult(shape).samples;
    const calendar = returnsCalendar(ms, equity);
    expect(calendar?.unit).toBe(unit);
    const product = calendar?.rows.reduce((all, row) => all * (1 + (row.total as number)), 1);
    expect(product).toBeCloseTo((equity.at(-1) as number) / (equity[0] as number), 9);
    for (const row of calendar?.rows ?? []) {
      const cells = row.cells.reduce<number>((all, cell) => all * (1 + (cell ?? 0)), 1);
      expect(cells).toBeCloseTo(1 + (row.total as number), 9);
    }
  });

  it("puts a day where it belongs, and the sample on an hour's end into that hour", () => {
    const day = Date.UTC(2024, 7, 7);
    const week = returnsCalendar([day, day + 3 * 86_400_000], [100, 110]);
    expect(week?.rows).toEqual([
      {
        label: "2024-08-05",
        cells: [null, null, null, null, null, 110 / 100 - 1, null],
        total: 110 / 100 - 1,
      },
    ]);
    const hours = returnsCalendar([day, day + 3_600_000, day + 3 * 3_600_000], [100, 101, 102]);
    expect(hours?.rows[0]?.label).toBe("2024-08-07 00:00");
    expect(hours?.rows[0]?.cells.map((cell) => cell !== null).slice(0, 4)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it("has nothing to show below two minutes, and no return on an equity of 0", () => {
    expect(returnsCalendar([], [])).toBeNull();
    expect(returnsCalendar([0, 60_000], [1, 2])).toBeNull();
    expect(returnsCalendar([0, 120_000], [0, 5])?.rows[0]?.total).toBeNull();
  });
});

describe("the histogram of returns", () => {
  it("loses no return and counts as sorting by hand does", () => {
    const rng = new Prng(5);
    const returns = Array.from(
      { length: 4_000 },
      () => (rng.float() + rng.float() + rng.float() - 1.5) / 100,
    );
    returns[7] = 0.9;
    const made = returnsHistogram(returns);
    const { chart } = made as NonNullable<typeof made>;
    expect(chart.counts.reduce((sum, count) => sum + count, 0)).toBe(4_000);
    expect(made?.above).toBe(1);
    const bin = Math.floor(chart.counts.length / 2) + 1;
    const [low, high] = [
      (chart.x[bin] as number) - chart.width / 2,
      (chart.x[bin] as number) + chart.width / 2,
    ];
    expect(chart.counts[bin]).toBe(returns.filter((r) => r * 100 >= low && r * 100 < high).length);
    const z = (value: number): number => normalCdf((value - (made?.mean ?? 0)) / (made?.deviation ?? 1));
    expect(chart.normal[bin]).toBeCloseTo((z(high) - z(low)) * 4_000, 1);
    expect(chart.normal.reduce((sum, count) => sum + count, 0)).toBeCloseTo(4_000, 0);
  });

  it("has nothing to show for few returns or for equal ones", () => {
    expect(returnsHistogram([0.1, 0.2])).toBeNull();
    expect(returnsHistogram(new Array(100).fill(0.01))).toBeNull();
  });
});

describe("places that are drawn", () => {
  it("keeps the least, the greatest, the first and the last", () => {
    const rng = new Prng(3);
    const values = Array.from({ length: 10_000 }, (_v, i) => (i % 97 === 0 ? null : rng.float()));
    values[4_321] = 9;
    values[8_765] = -9;
    const places = drawnPlaces(values, 500);
    expect(places.length).toBeLessThanOrEqual(500);
    for (const place of [0, 4_321, 8_765, 9_999]) expect(places).toContain(place);
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(drawnPlaces([1, 2, 3], 500)).toEqual([0, 1, 2]);
  });

  it("thins out evenly", () => {
    expect(evenPlaces(3, 10)).toEqual([0, 1, 2]);
    const places = evenPlaces(10_000, 400);
    expect([places.length, places[0], places.at(-1)]).toEqual([400, 0, 9_999]);
    const gaps = places.slice(1).map((place, i) => place - (places[i] as number));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });
});

describe("ticks of printed axes", () => {
  it("are round, and shortened alike along an axis", () => {
    expect(texts(valueTicks(0, 1, 5))).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(texts(valueTicks(99_998, 100_004, 3))).toEqual(["99,998", "100,000", "100,002", "100,004"]);
    expect(texts(valueTicks(450_000, 1_000_000, 3))).toEqual(["600,000", "800,000", "1,000,000"]);
    expect(texts(valueTicks(0, 6e6, 4))).toEqual(["0", "2M", "4M", "6M"]);
    expect(texts(valueTicks(-0.35, 0, 4))).toEqual(["−0.3", "−0.2", "−0.1", "0"]);
    expect(valueTicks(5, 5, 4)).toHaveLength(1);
  });

  it("fall on years, months, days, hours and seconds", () => {
    const at = (iso: string): number => Date.parse(iso);
    expect(texts(timeTicks(at("2000-01-03"), at("2020-04-02"), 7))).toEqual(["2005", "2010", "2015", "2020"]);
    expect(texts(timeTicks(at("2024-01-15"), at("2024-06-20"), 7))).toContain("2024-03");
    expect(texts(timeTicks(at("2024-08-08T20:00Z"), at("2024-08-09T04:00Z"), 4))).toContain("08-09");
    expect(texts(timeTicks(at("2024-08-08T20:00:00Z"), at("2024-08-08T20:00:30Z"), 3))).toContain("20:00:10");
  });

  it.each(RUN_SHAPES)("stay few for %s", (shape) => {
    const { ms } = runResult(shape).samples;
    const ticks = timeTicks(ms[0] as number, ms.at(-1) as number, 7);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(9);
  });
});
