import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MARKET_STATUS, MarketStatus } from "../../src/risk/market-status.ts";

const STALE = 50;

/** The whole history, asked from its end. */
class StatusOracle {
  readonly history: { instrument: number; status?: number; at: number }[] = [];

  isTrading(instrument: number, lenient: boolean, now: number): boolean {
    const own = this.history.filter((entry) => entry.instrument === instrument || entry.instrument === -1);
    const messages = own.filter((entry) => entry.status !== undefined);
    const known = messages.filter((entry) => entry.status !== MARKET_STATUS.unknown).at(-1)?.status;
    if (known !== undefined && known !== MARKET_STATUS.trading) return false;
    const confirmed = own
      .filter((entry) => !(entry.instrument === -1 && entry.status !== undefined))
      .at(-1)?.at;
    const age = now - (confirmed ?? 0);
    if (messages.at(-1)?.status === MARKET_STATUS.trading && age >= 0 && age <= STALE) return true;
    return lenient;
  }
}

describe("MarketStatus", () => {
  it("agrees with the whole history", () => {
    const step = fc.record({
      kind: fc.constantFrom("set", "set", "set", "confirm", "confirmAll", "forgetAll"),
      instrument: fc.nat({ max: 2 }),
      status: fc.oneof(fc.constant(MARKET_STATUS.trading), fc.nat({ max: 6 })),
      wait: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 2 }), (steps, lenient) => {
        let status = new MarketStatus({ instruments: 3, staleNs: STALE });
        status.setUnknownIs(lenient, "trading");
        const oracle = new StatusOracle();
        let now = 0;
        for (const { kind, instrument, status: code, wait } of steps) {
          now += wait;
          if (kind === "set") {
            status.set(instrument, code, now);
            oracle.history.push({ instrument, status: code, at: now });
          } else if (kind === "confirm") {
            status.confirm(instrument, now);
            oracle.history.push({ instrument, at: now });
          } else if (kind === "confirmAll") {
            status.confirmAll(now);
            oracle.history.push({ instrument: -1, at: now });
          } else {
            status.forgetAll();
            oracle.history.push({ instrument: -1, status: MARKET_STATUS.unknown, at: now });
            const copy = new MarketStatus({ instruments: 3, staleNs: STALE });
            copy.load(JSON.parse(JSON.stringify(status.save())));
            status = copy;
          }
          for (const i of [0, 1, 2]) {
            for (const later of [0, STALE, STALE + 1]) {
              const expected = oracle.isTrading(i, i === lenient, now + later);
              expect(status.isTrading(i, now + later)).toBe(expected);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
