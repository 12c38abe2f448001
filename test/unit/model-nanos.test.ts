import { describe, expect, it } from "vitest";
import {
  civilFromDays,
  daysFromCivil,
  formatNanos,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MICRO,
  NANOS_PER_MILLI,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
  parseNanos,
} from "../../src/model/index.ts";

describe("parseNanos", () => {
  it.each([
    ["1970-01-01", 0n],
    ["1970-01-01T00:00:00Z", 0n],
    ["1970-01-01 00:00", 0n],
    ["1970-01-01T00:00:01.000000002Z", 1_000_000_002n],
    ["1969-12-31T23:59:59.999999999Z", -1n],
    ["2024-08-08T23:54:13.937085768Z", 1_723_161_253_937_085_768n],
    ["2024-08-08T23:54:13.9Z", 1_723_161_253_900_000_000n],
    ["2024-08-09T01:54:13+02:00", 1_723_161_253_000_000_000n],
    ["2024-08-08T18:24:13-05:30", 1_723_161_253_000_000_000n],
    ["2024-02-29", 1_709_164_800_000_000_000n],
    ["2000-02-29", 951_782_400_000_000_000n],
    ["0000-01-01T00:00:00Z", -62_167_219_200_000_000_000n],
    ["9999-12-31T23:59:59.999999999Z", 253_402_300_799_999_999_999n],
  ])("reads %s", (text, ns) => {
    expect(parseNanos(text)).toBe(ns);
  });

  it.each([
    "2023-02-29",
    "1900-02-29",
    "2024-02-30",
    "2024-04-31",
    "2024-13-01",
    "2024-00-01",
    "2024-01-00",
    "2024-01-32",
    "2024-01-01T24:00",
    "2024-01-01T23:60",
    "2024-01-01T23:59:60Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+99:99",
    "2024-01-01T00:00:00+01:60",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00.1234567890Z",
    "2024-01-01T",
    "2024-1-1",
    "24-01-01",
    "20240101",
    "2024-01-01Z",
    " 2024-01-01",
    "2024-01-01\n",
    "yesterday",
    "",
    0,
    0n,
    null,
    undefined,
  ])("refuses %s", (text) => {
    expect(parseNanos(text as string)).toMatchObject({ ok: false, code: "TIME_MALFORMED", field: "time" });
  });
});

describe("formatNanos", () => {
  it.each([
    [0n, "1970-01-01T00:00:00.000000000Z"],
    [-1n, "1969-12-31T23:59:59.999999999Z"],
    [1_723_161_253_937_085_768n, "2024-08-08T23:54:13.937085768Z"],
    [-62_167_219_200_000_000_000n, "0000-01-01T00:00:00.000000000Z"],
    [253_402_300_799_999_999_999n, "9999-12-31T23:59:59.999999999Z"],
  ])("%d", (ns, text) => {
    expect(formatNanos(ns)).toBe(text);
  });

  it.each([-62_167_219_200_000_000_001n, 253_402_300_800_000_000_000n])("%d has no four-digit year", (ns) => {
    expect(() => formatNanos(ns)).toThrow("FAULT_TIME ns");
  });
});

describe("the calendar", () => {
  it("goes day by day through 800 years", () => {
    const [first, last] = [daysFromCivil(1600, 1, 1), daysFromCivil(2400, 1, 1)];
    let [year, month, day] = [1600, 1, 1];
    for (let days = first; days < last; days++) {
      if (
        civilFromDays(days).join() !== `${year},${month},${day}` ||
        daysFromCivil(year, month, day) !== days
      ) {
        expect.fail(`day ${days} is ${civilFromDays(days).join("-")}, not ${year}-${month}-${day}`);
      }
      day += 1;
      if (day > monthDays(year, month)) [month, day] = [month + 1, 1];
      if (month > 12) [year, month] = [year + 1, 1];
    }
    expect([year, month, day]).toEqual([2400, 1, 1]);
  });

  it("takes month 13 for the next January", () => {
    expect(daysFromCivil(2023, 13, 1)).toBe(daysFromCivil(2024, 1, 1));
  });

  it("has units that fit into one another", () => {
    expect([NANOS_PER_DAY / NANOS_PER_HOUR, NANOS_PER_HOUR / NANOS_PER_MINUTE]).toEqual([24, 60]);
    expect([NANOS_PER_MINUTE / NANOS_PER_SECOND, NANOS_PER_SECOND / NANOS_PER_MILLI]).toEqual([60, 1000]);
    expect([NANOS_PER_MILLI / NANOS_PER_MICRO, NANOS_PER_MICRO]).toEqual([1000, 1000]);
  });

  function monthDays(year: number, month: number): number {
    if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
    return [4, 6, 9, 11].includes(month) ? 30 : 31;
  }
});
