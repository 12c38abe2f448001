import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SELF_MATCH, SELF_MATCH_OUTCOME, SelfMatch } from "../../src/risk/self-match.ts";

interface Own {
  slot: number;
  group: number;
  instrument: number;
  side: number;
  ticks: number;
  lots: number;
  /** When it took its place in time. */
  turn: number;
}

/** Every own order in one list, sorted for each question. */
class SelfMatchOracle {
  orders: Own[] = [];

  crossed(group: number, instrument: number, side: number, ticks: number): Own[] {
    return this.orders
      .filter((own) => own.group === group && own.instrument === instrument && own.side === -side)
      .filter((own) => (side > 0 ? own.ticks <= ticks : own.ticks >= ticks))
      .sort((a, b) => (a.ticks - b.ticks) * side || a.turn - b.turn);
  }

  check(crossed: Own[], lots: number, mode: number): { outcome: number; left: number; listed: number[][] } {
    const { pass, refuse, wait } = SELF_MATCH_OUTCOME;
    const first = crossed[0];
    if (first === undefined || mode === SELF_MATCH.none) return { outcome: pass, left: lots, listed: [] };
    if (mode === SELF_MATCH.cancelNewest) return { outcome: refuse, left: 0, listed: [] };
    if (mode === SELF_MATCH.cancelBoth) return { outcome: refuse, left: 0, listed: [[first.slot, 0]] };
    if (mode === SELF_MATCH.cancelOldest) {
      return { outcome: wait, left: lots, listed: crossed.map((own) => [own.slot, 0]) };
    }
    let left = lots;
    const listed: number[][] = [];
    for (const own of crossed) {
      if (left === 0) break;
      let resting = own.lots;
      while (left > 0 && resting > 0) {
        left--;
        resting--;
      }
      listed.push([own.slot, resting]);
    }
    return { outcome: left > 0 ? wait : refuse, left, listed };
  }
}

describe("SelfMatch", () => {
  it("agrees with one sorted list", () => {
    const step = fc.record({
      kind: fc.constantFrom("add", "add", "add", "change", "change", "remove", "reload"),
      slot: fc.nat({ max: 9 }),
      group: fc.nat({ max: 1 }),
      instrument: fc.nat({ max: 1 }),
      side: fc.constantFrom(1, -1),
      ticks: fc.integer({ min: -3, max: 3 }),
      lots: fc.integer({ min: 1, max: 6 }),
    });
    const outcomes = new Set<number>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.integer({ min: 1, max: 15 }), (steps, incoming) => {
        let own = new SelfMatch({ groups: 2, instruments: 2, orders: 10 });
        const oracle = new SelfMatchOracle();
        for (const [turn, { kind, slot, group, instrument, side, ticks, lots }] of steps.entries()) {
          const order = oracle.orders.find((each) => each.slot === slot);
          if (kind === "reload") {
            const copy = new SelfMatch({ groups: 2, instruments: 2, orders: 10 });
            copy.load(JSON.parse(JSON.stringify(own.save())));
            own = copy;
          } else if (order === undefined) {
            own.add(slot, group, instrument, side, ticks, lots);
            oracle.orders.push({ slot, group, instrument, side, ticks, lots, turn });
          } else if (kind === "remove") {
            own.remove(slot);
            oracle.orders = oracle.orders.filter((each) => each !== order);
          } else {
            const price = kind === "change" ? order.ticks : ticks;
            own.change(slot, price, lots);
            if (price !== order.ticks || lots > order.lots) order.turn = turn;
            Object.assign(order, { ticks: price, lots });
          }
          for (const [g, i, s] of [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [
            n & 1,
            (n >> 1) & 1,
            n > 3 ? 1 : -1,
          ])) {
            const [gg, ii, ss] = [g as number, i as number, s as number];
            for (const at of [-Infinity, -2, 0, 2, Infinity]) {
              const crossed = oracle.crossed(gg, ii, ss, at);
              expect(own.wouldMatch(gg, ii, ss, at)).toBe(crossed.length > 0);
              for (const mode of Object.values(SELF_MATCH)) {
                const expected = oracle.check(crossed, incoming, mode);
                const outcome = own.check(gg, ii, ss, at, incoming, mode);
                const listed = [...own.slots.subarray(0, own.count)].map((each, k) => [each, own.leaves[k]]);
                expect({ outcome, left: own.incomingLots, listed }).toEqual(expected);
                outcomes.add(outcome);
              }
            }
            const best = oracle.crossed(gg, ii, -ss, -ss * Infinity)[0]?.ticks ?? Number.NaN;
            expect(own.bestTicks(gg, ii, ss)).toBe(best);
          }
          for (let s = 0; s < 10; s++)
            expect(own.holds(s)).toBe(oracle.orders.some((each) => each.slot === s));
        }
      }),
      { numRuns: 60 },
    );
    expect([...outcomes].sort()).toEqual([0, 1, 2]);
  });
});
