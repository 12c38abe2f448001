import { describe, expect, it } from "vitest";
import { dateText, PHASE, PhaseCursor, TradingCalendar, tradingCalendar } from "../../src/calendar/index.ts";
import { momentOf } from "../fixtures/calendar-day.ts";

const SECOND = 1_000_000_000;
const HOUR = 3_600 * SECOND;
/** Nine hours before the opening of the NYSE. */
const baseNs = momentOf("2024-07-08T04:30:00Z");

function nyse(uncertaintyNs: number, base = baseNs): PhaseCursor {
  return new PhaseCursor({ calendar: tradingCalendar("NYSE"), baseNs: base, uncertaintyNs });
}

describe("a phase cursor", () => {
  it("changes on the nanosecond when the clock is sure", () => {
    const cursor = nyse(0);
    expect(cursor.phaseAt(9 * HOUR - 1)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(9 * HOUR)).toBe(PHASE.continuous);
    expect(cursor.phaseAt(9 * HOUR - 1)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(15.5 * HOUR - 1)).toBe(PHASE.preClose);
    expect(cursor.phaseAt(15.5 * HOUR)).toBe(PHASE.closed);
  });

  it("obeys the more restrictive phase when it is not", () => {
    const cursor = nyse(500);
    expect(cursor.phaseAt(9 * HOUR + 499)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(9 * HOUR + 500)).toBe(PHASE.continuous);
    expect(cursor.phaseAt(15.5 * HOUR - 501)).toBe(PHASE.preClose);
    expect(cursor.phaseAt(15.5 * HOUR - 500)).toBe(PHASE.closed);
  });

  it("takes only orders that every possible phase takes", () => {
    const cursor = nyse(500);
    const [limit, IOC, DAY, atOpen, atClose] = [0, 1, 3, 5, 6];
    expect(cursor.allows(9 * HOUR - 501, limit, atOpen)).toBe(true);
    expect(cursor.allows(9 * HOUR - 500, limit, atOpen)).toBe(false);
    expect(cursor.allows(9 * HOUR + 499, limit, IOC)).toBe(false);
    expect(cursor.allows(9 * HOUR + 500, limit, IOC)).toBe(true);
    expect(cursor.allows(9 * HOUR, limit, DAY)).toBe(true);
    expect(cursor.allows(9 * HOUR, limit, atClose)).toBe(true);
    const cutOff = 15.5 * HOUR - 600 * SECOND;
    expect(cursor.allows(cutOff - 501, limit, atClose)).toBe(true);
    expect(cursor.allows(cutOff - 500, limit, atClose)).toBe(false);
  });

  it("sees phases that are shorter than its doubt", () => {
    const cursor = nyse(3 * HOUR);
    expect(cursor.phaseAt(15.5 * HOUR - 600 * SECOND - 3 * HOUR - 1)).toBe(PHASE.continuous);
    expect(cursor.phaseAt(15.5 * HOUR - 600 * SECOND - 3 * HOUR)).toBe(PHASE.preClose);
    expect(cursor.phaseAt(9 * HOUR)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(9 * HOUR - 1)).toBe(PHASE.closed);
    expect(cursor.phaseAt(9 * HOUR + 3 * HOUR)).toBe(PHASE.continuous);
    expect(cursor.orderMaskAt(15.5 * HOUR + 2 * HOUR)).toBe(0);
  });

  it("reads a base between seconds", () => {
    const cursor = nyse(0, baseNs + 1n);
    expect(cursor.phaseAt(9 * HOUR - 2)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(9 * HOUR - 1)).toBe(PHASE.continuous);
  });

  it("is exact far from its base, both ways", () => {
    const far = 90 * 86_400;
    const cursor = nyse(0, momentOf("2024-07-08T13:30:00Z") - BigInt(far) * BigInt(SECOND));
    expect(cursor.phaseAt(far * SECOND - 1)).toBe(PHASE.preOpen);
    expect(cursor.phaseAt(far * SECOND)).toBe(PHASE.continuous);
    const back = nyse(0, momentOf("2024-07-08T13:30:00Z") + BigInt(far) * BigInt(SECOND));
    expect(back.phaseAt(-far * SECOND - 1)).toBe(PHASE.preOpen);
    expect(back.phaseAt(-far * SECOND)).toBe(PHASE.continuous);
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [Number.MAX_SAFE_INTEGER],
    [Number.MIN_SAFE_INTEGER],
  ])("is closed and takes nothing at %d", (now) => {
    const crypto = tradingCalendar("CRYPTO");
    const queuing = new TradingCalendar({
      name: "queuing",
      zone: "UTC",
      queuesWhenClosed: true,
      hours: [
        {
          from: "2024-01-01",
          plans: {
            regular: {
              open: "09:00",
              close: "10:00",
              phases: [
                ["09:00", "continuous"],
                ["10:00", "closed"],
              ],
            },
          },
        },
      ],
    });
    for (const calendar of [crypto, queuing]) {
      const cursor = new PhaseCursor({ calendar, baseNs, uncertaintyNs: 0 });
      cursor.phaseAt(0);
      expect(cursor.phaseAt(now)).toBe(PHASE.closed);
      expect(cursor.orderMaskAt(now)).toBe(0);
      expect(cursor.allows(now, 0, 0)).toBe(false);
      expect(cursor.phaseAt(0)).toBe(calendar.phaseAt(baseNs));
    }
  });

  it("is closed outside of the calendar, its doubt included", () => {
    const always = {
      open: "00:00",
      close: "24:00",
      phases: [
        ["00:00", "continuous"],
        ["24:00", "closed"],
      ],
    } as const;
    const calendar = new TradingCalendar({
      name: "short",
      zone: "UTC",
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      hours: [{ from: "2024-07-07", plans: { regular: always } }],
      until: "2024-07-08",
    });
    const cursor = new PhaseCursor({ calendar, baseNs: momentOf("2024-07-08"), uncertaintyNs: 5 });
    const day = 24 * HOUR;
    expect(cursor.phaseAt(-day + 4)).toBe(PHASE.closed);
    expect(cursor.phaseAt(-day + 5)).toBe(PHASE.continuous);
    expect(cursor.phaseAt(day - 6)).toBe(PHASE.continuous);
    expect(cursor.phaseAt(day - 5)).toBe(PHASE.closed);
  });

  it("tells the trading day", () => {
    const calendar = tradingCalendar("CME");
    const cursor = new PhaseCursor({ calendar, baseNs: momentOf("2024-03-11T21:00:00Z"), uncertaintyNs: 0 });
    expect(dateText(cursor.tradingDayAt(-1))).toBe("2024-03-11");
    expect(dateText(cursor.tradingDayAt(0))).toBe("2024-03-12");
    expect(dateText(cursor.tradingDayAt(1))).toBe("2024-03-12");
    expect(dateText(cursor.tradingDayAt(24 * HOUR))).toBe("2024-03-13");
    expect(() => cursor.tradingDayAt(Number.NaN)).toThrow("FAULT_TIME CME: time");
    expect(() => cursor.tradingDayAt(1e30)).toThrow("FAULT_TIME CME: time");
  });

  it.each([
    [{ uncertaintyNs: -1 }, "FAULT_CONFIG phaseCursor.uncertaintyNs"],
    [{ uncertaintyNs: undefined }, "FAULT_CONFIG phaseCursor.uncertaintyNs"],
    [{ uncertaintyNs: 25 * HOUR }, "FAULT_CONFIG phaseCursor.uncertaintyNs"],
    [{ baseNs: 0 }, "FAULT_CONFIG phaseCursor.baseNs"],
    [{ baseNs: 0n }, "FAULT_TIME NYSE: time"],
    [{ calendar: "NYSE" }, "FAULT_CONFIG phaseCursor.calendar"],
    [{ base: 0n }, "FAULT_CONFIG phaseCursor.base"],
  ])("refuses %o", (changes, message) => {
    const options = { calendar: tradingCalendar("NYSE"), baseNs, uncertaintyNs: 0, ...changes } as never;
    expect(() => new PhaseCursor(options)).toThrow(message);
  });
});
