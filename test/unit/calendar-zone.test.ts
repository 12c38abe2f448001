import { describe, expect, it } from "vitest";
import { TradingCalendar, type ZoneRule, zoneOffsetSeconds } from "../../src/calendar/index.ts";
import { parseNanos } from "../../src/model/index.ts";

const at = (text: string): number => Number((parseNanos(text) as bigint) / 1_000_000_000n);

describe("wall clocks", () => {
  it.each([
    ["America/New_York", "2024-03-10T07:00:00Z", -5, -4],
    ["America/New_York", "2024-11-03T06:00:00Z", -4, -5],
    ["America/Chicago", "2007-03-11T08:00:00Z", -6, -5],
    ["America/Chicago", "2007-11-04T07:00:00Z", -5, -6],
    ["Europe/London", "2024-03-31T01:00:00Z", 0, 1],
    ["Europe/London", "2024-10-27T01:00:00Z", 1, 0],
    ["Europe/Berlin", "2024-03-31T01:00:00Z", 1, 2],
    ["Europe/Berlin", "2024-10-27T01:00:00Z", 2, 1],
  ] as const)("%s changes at %s from %i to %i hours", (zone, moment, before, after) => {
    expect(zoneOffsetSeconds(zone, at(moment) - 1)).toBe(before * 3_600);
    expect(zoneOffsetSeconds(zone, at(moment))).toBe(after * 3_600);
  });

  it("never change in Tokyo and in UTC", () => {
    expect(zoneOffsetSeconds("Asia/Tokyo", at("2024-07-01"))).toBe(32_400);
    expect(zoneOffsetSeconds("UTC", at("2024-07-01"))).toBe(0);
  });

  it("take rules without summer time", () => {
    expect(zoneOffsetSeconds({ standardSeconds: 19_800 }, at("2024-07-01"))).toBe(19_800);
  });

  it("take rules of the southern hemisphere", () => {
    const sydney: ZoneRule = {
      standardSeconds: 36_000,
      summer: {
        begins: { month: 10, week: 1 },
        ends: { month: 4, week: 1 },
        atSeconds: 7_200,
        clock: "standard",
      },
    };
    const hours = (text: string): number => zoneOffsetSeconds(sydney, at(text)) / 3_600;
    expect(hours("2024-01-01T00:00:00Z")).toBe(11);
    expect(hours("2024-04-06T15:59:59Z")).toBe(11);
    expect(hours("2024-04-06T16:00:00Z")).toBe(10);
    expect(hours("2024-10-05T15:59:59Z")).toBe(10);
    expect(hours("2024-10-05T16:00:00Z")).toBe(11);
    expect(hours("2024-12-31T13:30:00Z")).toBe(11);
  });

  it.each([["2006-12-31T23:59:59Z"], ["2101-01-01T00:00:00Z"]])("end at %s", (moment) => {
    expect(() => zoneOffsetSeconds("UTC", at(moment))).toThrow("FAULT_TIME epochSeconds");
  });

  it("are refused for NaN", () => {
    expect(() => zoneOffsetSeconds("UTC", Number.NaN)).toThrow("FAULT_TIME epochSeconds");
  });

  it.each([
    [{}, "zone.standardSeconds"],
    [{ standardSeconds: 0.5 }, "zone.standardSeconds"],
    [{ standardSeconds: 0, dst: true }, "zone.dst"],
    [{ standardSeconds: 0, summer: {} }, "zone.summer.atSeconds"],
    [{ standardSeconds: 0, summer: { atSeconds: -1 } }, "zone.summer.atSeconds"],
    [{ standardSeconds: 0, summer: { atSeconds: 0, clock: "local" } }, "zone.summer.clock"],
    [{ standardSeconds: 0, summer: { atSeconds: 0, clock: "utc" } }, "zone.summer.begins"],
    [
      { standardSeconds: 0, summer: { atSeconds: 0, clock: "utc", begins: { month: 13, week: 1 } } },
      "zone.summer.begins.month",
    ],
    [
      { standardSeconds: 0, summer: { atSeconds: 0, clock: "utc", begins: { month: 3, week: 5 } } },
      "zone.summer.begins.week",
    ],
    [
      { standardSeconds: 0, summer: { atSeconds: 0, clock: "utc", begins: { month: 3, week: -1 } } },
      "zone.summer.ends",
    ],
    ["Mars/Olympus", "zone"],
  ])("refuse %j by %s", (zone, path) => {
    expect(() => zoneOffsetSeconds(zone as ZoneRule, 1_720_051_200)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("opening hours by the wall clock", () => {
  const calendar = (open: string): TradingCalendar =>
    new TradingCalendar({
      name: "night",
      zone: "America/New_York",
      weekdays: [0],
      hours: [
        {
          from: "2024-01-01",
          plans: {
            regular: {
              open,
              close: "12:00",
              phases: [
                [open, "continuous"],
                ["12:00", "closed"],
              ],
            },
          },
        },
      ],
    });

  it.each([
    ["2024-03-10", "01:59:59", "2024-03-10T06:59:59Z"],
    ["2024-03-10", "02:30", "2024-03-10T07:30:00Z"],
    ["2024-03-10", "03:00", "2024-03-10T07:00:00Z"],
    ["2024-11-03", "00:30", "2024-11-03T04:30:00Z"],
    ["2024-11-03", "01:30", "2024-11-03T05:30:00Z"],
    ["2024-11-03", "02:00", "2024-11-03T07:00:00Z"],
    ["2024-11-03", "-1d 23:00", "2024-11-03T03:00:00Z"],
    ["2024-11-03", "09:30Z", "2024-11-03T09:30:00Z"],
    ["2024-11-03", "-2d 09:30Z", "2024-11-01T09:30:00Z"],
  ])("on %s, %s is %s", (date, open, moment) => {
    expect(calendar(open).sessionOf(date)?.openNs).toBe(parseNanos(moment));
  });
});
