import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayOf,
  EXCHANGES,
  type ExchangeName,
  PHASE,
  PHASES,
  PhaseCursor,
  tradingCalendar,
} from "../../src/calendar/index.ts";

const NAMES = Object.keys(EXCHANGES) as ExchangeName[];
const CALENDARS = new Map(NAMES.map((name) => [name, tradingCalendar(name)]));
const MINUTE = 60;
const WEEK = 7 * 86_400;
const SECOND = 1_000_000_000n;

const calendarOf = (name: ExchangeName) => CALENDARS.get(name) as ReturnType<typeof tradingCalendar>;

/** Weeks in which a clock changes, a year turns or hours changed; or any week. */
const WEEKS = ["2015-09-17", "2018-12-07", "2019-12-29", "2021-06-25", "2024-03-08", "2024-03-29"]
  .concat(["2024-10-25", "2024-11-01", "2024-12-22", "2025-01-06", "2026-09-18"])
  .map((date) => dayOf(date) * 86_400);
const week = fc.oneof(
  fc.constantFrom(...WEEKS),
  fc.integer({ min: dayOf("2015-01-02"), max: dayOf("2099-12-20") }).map((day) => day * 86_400),
);
const exchange = fc.constantFrom(...NAMES);

describe("phases", () => {
  it("end where nextChange says, minute by minute", () => {
    fc.assert(
      fc.property(exchange, week, (name, from) => {
        const calendar = calendarOf(name);
        let change = calendar.nextChange(BigInt(from) * SECOND);
        let phase = calendar.phaseAtSeconds(from);
        for (let seconds = from; seconds < from + WEEK; seconds += MINUTE) {
          if (change !== undefined && BigInt(seconds) * SECOND >= change.atNs) {
            expect(BigInt(seconds) * SECOND, "a change on the minute").toBe(change.atNs);
            expect(change.phase).not.toBe(phase);
            phase = change.phase;
            change = calendar.nextChange(change.atNs);
          }
          const found = calendar.phaseAtSeconds(seconds);
          if (found !== phase) {
            expect.fail(`${name} at ${new Date(seconds * 1_000).toISOString()}: ${PHASES[found]}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("tile each year: spans in order, none empty, the whole year", () => {
    for (const name of NAMES) {
      const calendar = calendarOf(name);
      for (let year = 2015; year <= 2099; year += name === "CRYPTO" ? 20 : 3) {
        const from = Date.UTC(year, 0, 1) / 1_000;
        const { starts, phases, days, untilSeconds } = calendar.timelineAt(from);
        expect(starts[0]).toBe(from);
        expect(starts[phases.length]).toBe(untilSeconds);
        expect(untilSeconds).toBe(Date.UTC(year + 1, 0, 1) / 1_000);
        for (let i = 0; i < phases.length; i += 1) {
          if (!((starts[i] as number) < (starts[i + 1] as number))) expect.fail(`${name} ${year}: span ${i}`);
          if (i > 0 && (days[i] as number) < (days[i - 1] as number))
            expect.fail(`${name} ${year}: day ${i}`);
          if (i > 0 && days[i] === days[i - 1] && phases[i] === phases[i - 1]) {
            expect.fail(`${name} ${year}: spans ${i - 1} and ${i} are one`);
          }
        }
      }
    }
  });

  it("of a session lie between its open and close, and count for its day", () => {
    fc.assert(
      fc.property(exchange, week, (name, from) => {
        const calendar = calendarOf(name);
        const session = calendar.nextSession(from / 86_400);
        if (session === undefined) return;
        expect(calendar.tradingDayOf(session.openNs)).toBe(session.day);
        expect(calendar.tradingDayOf(session.closeNs - 1n)).toBe(session.day);
        expect(calendar.phaseAt(session.openNs)).toBe(PHASE.continuous);
        const before = calendar.phaseAt(session.openNs - 1n);
        if (name !== "FX" && name !== "CRYPTO") expect(before).toBeLessThanOrEqual(PHASE.openingAuction);
        expect(calendar.previousSession(session.day + 1)).toEqual(session);
        expect(calendar.sessionOf(session.day)).toEqual(session);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the cursor", () => {
  it("gives the lowest phase within its doubt, and the orders that all of them take", () => {
    const moves = fc.array(fc.integer({ min: -40 * 86_400, max: 40 * 86_400 }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        exchange,
        week,
        fc.constantFrom(0, 1, 999_999_999, 1_000_000_000, 90_000_000_000, 7_200_000_000_000),
        fc.integer({ min: 0, max: 999_999_999 }),
        moves,
        (name, from, uncertaintyNs, rest, offsets) => {
          const calendar = calendarOf(name);
          // Forty days on both sides stay inside of the calendar.
          const base = BigInt(
            Math.min(Math.max(from, dayOf("2015-03-01") * 86_400), dayOf("2099-10-01") * 86_400),
          );
          const baseNs = base * SECOND + BigInt(rest);
          const cursor = new PhaseCursor({ calendar, baseNs, uncertaintyNs });
          for (const offset of offsets) {
            const change = calendar.nextChange(baseNs + BigInt(offset) * SECOND);
            const at = change === undefined ? BigInt(offset) * SECOND : change.atNs - baseNs;
            for (const near of [-uncertaintyNs - 1, -uncertaintyNs, 0, uncertaintyNs - 1, uncertaintyNs]) {
              const now = at + BigInt(near);
              const expected = lowest(name, baseNs + now, BigInt(uncertaintyNs));
              expect(cursor.phaseAt(Number(now))).toBe(expected.phase);
              expect(cursor.orderMaskAt(Number(now))).toBe(expected.mask);
              expect(cursor.tradingDayAt(Number(now))).toBe(calendar.tradingDayOf(baseNs + now));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** The slow way: the phase at both ends of the doubt and at each change between them. */
function lowest(name: ExchangeName, nowNs: bigint, uncertaintyNs: bigint): { phase: number; mask: number } {
  const calendar = calendarOf(name);
  let phase = calendar.phaseAt(nowNs - uncertaintyNs);
  let mask = calendar.orderMask(phase);
  for (let at = nowNs - uncertaintyNs; ; ) {
    const change = calendar.nextChange(at);
    if (change === undefined || change.atNs > nowNs + uncertaintyNs) return { phase, mask };
    phase = Math.min(phase, change.phase);
    mask &= calendar.orderMask(change.phase);
    at = change.atNs;
  }
}
