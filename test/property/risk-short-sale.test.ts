import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Locates } from "../../src/risk/locates.ts";
import { ShortSale, shortLots } from "../../src/risk/short-sale.ts";

describe("shortLots", () => {
  it("sells the position lot by lot, then short", () => {
    const small = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(small, fc.nat({ max: 30 }), fc.integer({ min: 1, max: 30 }), (position, open, lots) => {
        let [held, short] = [position - open, 0];
        for (let i = 0; i < lots; i++) {
          if (held > 0) held--;
          else short++;
        }
        expect(shortLots(position, open, lots)).toBe(short);
      }),
    );
  });
});

describe("ShortSale", () => {
  it("agrees with every trade of the day and of the day before", () => {
    const day = fc.record({
      close: fc.integer({ min: 1, max: 60 }),
      known: fc.boolean(),
      trades: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(day, { maxLength: 8 }), fc.integer({ min: 0, max: 60 }), (days, bid) => {
        let test = new ShortSale({ instruments: 2 });
        const hit = (at: number, trades: number) => {
          const each = days[at];
          if (each === undefined || !each.known) return false;
          return each.trades.slice(0, trades).some((ticks) => ticks / each.close <= 0.9);
        };
        for (const [at, { close, known, trades }] of days.entries()) {
          if (known) test.setPriorClose(1, close, at);
          for (let i = 0; i <= trades.length; i++) {
            if (i > 0) expect(test.trade(1, trades[i - 1] as number, at)).toBe(hit(at, i) && !hit(at, i - 1));
            const restricted = !known || hit(at, i) || hit(at - 1, 9);
            expect(test.isRestricted(1, at)).toBe(restricted);
            for (const price of [bid - 1, bid, bid + 1]) {
              expect(test.allows(1, at, price, bid)).toBe(!restricted || price > bid);
            }
          }
          const copy = new ShortSale({ instruments: 2 });
          copy.load(JSON.parse(JSON.stringify(test.save())));
          test = copy;
        }
      }),
      { numRuns: 300 },
    );
  });
});

interface Held {
  account: number;
  instrument: number;
  lots: number;
}

/** Locates as a list of grants and a list of everything taken from them. */
class LocateOracle {
  readonly grants = new Map<string, { lots: number; until: number; used: number }>();
  readonly held = new Map<number, Held>();
  readonly borrow = ["hard", "hard"];

  available(account: number, instrument: number, now: number): number {
    if (this.borrow[instrument] === "easy") return Infinity;
    const grant = this.grants.get(`${account}/${instrument}`);
    if (this.borrow[instrument] === "never" || grant === undefined || now >= grant.until) return 0;
    let left = grant.lots - grant.used;
    for (const order of this.held.values()) {
      if (order.account === account && order.instrument === instrument) left -= order.lots;
    }
    return Math.max(0, left);
  }
}

describe("Locates", () => {
  it("agrees with a list of grants and of what was taken", () => {
    const step = fc.record({
      kind: fc.constantFrom("grant", "reserve", "reserve", "reserve", "commit", "release", "close", "borrow"),
      account: fc.nat({ max: 1 }),
      instrument: fc.nat({ max: 1 }),
      slot: fc.nat({ max: 3 }),
      lots: fc.integer({ min: 1, max: 12 }),
      wait: fc.nat({ max: 30 }),
      borrow: fc.constantFrom("hard", "hard", "easy", "never"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let locates = new Locates({ accounts: 2, instruments: 2, orders: 4 });
        const oracle = new LocateOracle();
        let now = 0;
        for (const { kind, account, instrument, slot, lots, wait, borrow } of steps) {
          now += wait;
          const order = oracle.held.get(slot);
          if (kind === "grant") {
            locates.grant(account, instrument, lots, now + 50 + lots, now);
            const key = `${account}/${instrument}`;
            const before = oracle.grants.get(key);
            const fresh = { lots, until: now + 50 + lots, used: 0 };
            const grown = before && {
              ...before,
              lots: before.lots + lots,
              until: Math.min(before.until, now + 50 + lots),
            };
            oracle.grants.set(key, grown !== undefined && now < (before?.until ?? 0) ? grown : fresh);
          } else if (kind === "reserve") {
            const [a, i] = order === undefined ? [account, instrument] : [order.account, order.instrument];
            const fits = lots <= oracle.available(a, i, now);
            expect(locates.reserve(slot, a, i, lots, now)).toBe(fits);
            if (fits && oracle.borrow[i] !== "easy") {
              oracle.held.set(slot, { account: a, instrument: i, lots: (order?.lots ?? 0) + lots });
            }
          } else if (kind === "commit") {
            locates.commit(slot, lots);
            const grant = order && oracle.grants.get(`${order.account}/${order.instrument}`);
            if (order && grant) {
              order.lots = Math.max(0, order.lots - lots);
              grant.used += lots;
            }
          } else if (kind === "release") {
            locates.release(slot, lots);
            if (order) order.lots = Math.max(0, order.lots - lots);
          } else if (kind === "close") {
            locates.close(slot);
            oracle.held.delete(slot);
            const copy = new Locates({ accounts: 2, instruments: 2, orders: 4 });
            copy.load(JSON.parse(JSON.stringify(locates.save())));
            locates = copy;
          } else {
            locates.setBorrow(instrument, borrow as "hard");
            oracle.borrow[instrument] = borrow;
          }
          for (const a of [0, 1]) {
            for (const i of [0, 1])
              expect(locates.availableLots(a, i, now)).toBe(oracle.available(a, i, now));
          }
          for (const s of [0, 1, 2, 3]) expect(locates.reservedLots(s)).toBe(oracle.held.get(s)?.lots ?? 0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
