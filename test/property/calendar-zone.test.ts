import { describe, expect, it } from "vitest";
import { ZONES, type ZoneName, zoneOffsetSeconds } from "../../src/calendar/index.ts";

const DAY = 86_400;
const FIRST = Date.UTC(2007, 0, 1) / 1_000;
const LAST = Date.UTC(2041, 0, 1) / 1_000;

/** What the runtime's own time zones say. */
function intlOffset(clock: Intl.DateTimeFormat, seconds: number): number {
  const parts: Record<string, string> = {};
  for (const part of clock.formatToParts(seconds * 1_000)) parts[part.type] = part.value;
  const { year, month, day, hour, minute, second } = parts;
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return wall / 1_000 - seconds;
}

describe.each(Object.keys(ZONES) as ZoneName[])("the wall clock of %s", (zone) => {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

  it("agrees with Intl on each day from 2007 to 2040", () => {
    const wrong: string[] = [];
    for (let seconds = FIRST; seconds < LAST; seconds += DAY) {
      const found = zoneOffsetSeconds(zone, seconds);
      if (found !== intlOffset(clock, seconds)) wrong.push(new Date(seconds * 1_000).toISOString());
      if (found === zoneOffsetSeconds(zone, seconds + DAY)) continue;
      // A day on which the clock changes: to the second.
      for (let hour = seconds; hour < seconds + DAY; hour += 3_600) {
        for (const near of [hour - 1, hour]) {
          if (zoneOffsetSeconds(zone, near) !== intlOffset(clock, near)) wrong.push(String(near));
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
