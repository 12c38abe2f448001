import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVERY_NODE, RestrictedList, type RestrictionEntry } from "../../src/risk/restricted-list.ts";
import { RESTRICTION } from "../../src/risk/restriction.ts";

describe("RestrictedList", () => {
  it("agrees with a look through every entry", () => {
    const step = fc.record({
      lift: fc.integer({ min: 0, max: 3 }),
      instrument: fc.nat({ max: 2 }),
      node: fc.integer({ min: EVERY_NODE, max: 2 }),
      restriction: fc.constantFrom("noBuy", "closeOnly", "noTrade"),
      fromNs: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      lasts: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let list = new RestrictedList({ instruments: 3, entries: 12 });
        let held: RestrictionEntry[] = [];
        let version = 0;
        for (const { lift, instrument, node, restriction, fromNs, lasts } of steps) {
          const choice = held[lift];
          if (choice !== undefined && (lift > 0 || held.length === 12)) {
            expect(list.lift(choice.number)).toBe(true);
            held = held.filter((each) => each !== choice);
            const copy = new RestrictedList({ instruments: 3, entries: 12 });
            copy.load(JSON.parse(JSON.stringify(list.save())));
            list = copy;
          } else {
            const untilNs = lasts === undefined ? undefined : (fromNs ?? 0) + lasts;
            const times = {
              ...(fromNs !== undefined && { fromNs }),
              ...(untilNs !== undefined && { untilNs }),
            };
            const entry = { instrument, node, restriction, reason: `r${version}` } as const;
            const number = list.restrict({ ...entry, ...times } as RestrictionEntry);
            held.push({
              fromNs: -Infinity,
              untilNs: Infinity,
              ...entry,
              ...times,
              number,
            } as RestrictionEntry);
          }
          version++;
          expect([list.version, list.entries()]).toEqual([version, held]);
          for (let at = 0; at < 3 * 4 * 5; at++) {
            const [i, n, now] = [at % 3, (Math.floor(at / 3) % 4) - 1, Math.floor(at / 12) * 4];
            const binding = held
              .filter((each) => each.instrument === i && (each.node === EVERY_NODE || each.node === n))
              .filter((each) => each.fromNs <= now && now < each.untilNs)
              .sort((a, b) => RESTRICTION[b.restriction] - RESTRICTION[a.restriction] || a.number - b.number);
            expect(list.codeOf(i, n, now)).toBe(RESTRICTION[binding[0]?.restriction ?? ("none" as never)]);
            expect(list.entryAt(list.find(i, n, now))).toEqual(binding[0]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
