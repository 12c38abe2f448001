import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NUMBERINGS } from "../../src/feed/index.ts";
import { textOf } from "../fixtures/feed-world.ts";
import { GapWorld, type GapWorldOptions } from "./feed-gap-world.ts";

const share = (max: number) => fc.double({ min: 0, max, noNaN: true });
const world: fc.Arbitrary<GapWorldOptions> = fc.record({
  seed: fc.nat(1_000_000),
  numbering: fc.constantFrom(...NUMBERINGS),
  refresh: fc.constant("snapshot" as const),
  messages: fc.integer({ min: 1, max: 120 }),
  loss: share(0.3),
  duplicates: share(0.3),
  delayMs: fc.nat(12),
  answers: share(1),
  resets: share(0.03),
  distrusts: share(0.03),
  messagesMax: fc.integer({ min: 1, max: 24 }),
  wrap: fc.constantFrom(0, 1_024, 2 ** 32),
});

describe("gap recovery over a channel that loses, doubles, delays and resets", () => {
  it("applies each number once, has the true book at every number, and counts all", () => {
    fc.assert(
      fc.property(world, (options) => {
        const made = new GapWorld(options);
        expect(made.run()).toEqual([]);
        const { end } = made;
        expect(made.recovery.state).toBe("live");
        expect(made.recovery.position % (options.wrap || Infinity)).toBe(
          end.last % (options.wrap || Infinity),
        );
        expect(textOf(made.book)).toBe(end.truth);
      }),
      { numRuns: 400 },
    );
  });

  it("without resets, all numbers sent since the first snapshot are applied, superseded or lost", () => {
    fc.assert(
      fc.property(world, (options) => {
        const made = new GapWorld({ ...options, resets: 0, wrap: 0 });
        let first = Number.NaN;
        const { recovery } = made;
        made.onSnapshot = () => {
          if (Number.isNaN(first)) first = recovery.position;
        };
        expect(made.run()).toEqual([]);
        const { numbersApplied, numbersSuperseded, lost } = recovery.counts;
        expect(numbersApplied + numbersSuperseded + lost).toBe(made.end.last - first);
      }),
      { numRuns: 150 },
    );
  });

  it("loses nothing and takes one snapshot where every message comes in time, in any order", () => {
    fc.assert(
      fc.property(world, (options) => {
        const made = new GapWorld({
          ...options,
          loss: 0,
          delayMs: 6,
          answers: 1,
          resets: 0,
          distrusts: 0,
          messagesMax: 64,
        });
        expect(made.run()).toEqual([]);
        expect(made.recovery.counts).toMatchObject({ lost: 0, snapshots: 1, overflows: 0 });
      }),
      { numRuns: 150 },
    );
  });

  it("without a refresh, every number is applied in order or counted lost", () => {
    fc.assert(
      fc.property(world, (options) => {
        const made = new GapWorld({ ...options, refresh: "none", resets: 0, distrusts: 0, wrap: 0 });
        expect(made.run()).toEqual([]);
        expect(made.recovery.state).toBe("live");
        const { numbersApplied, lost, numbersSuperseded } = made.recovery.counts;
        expect(numbersSuperseded).toBe(0);
        if (made.recovery.counts.applied > 0) {
          expect(numbersApplied + lost).toBe(made.recovery.position - made.firstBefore);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("by natural refresh, goes live again and applies no number twice", () => {
    fc.assert(
      fc.property(world, (options) => {
        const made = new GapWorld({ ...options, refresh: "natural", distrusts: 0, resets: 0, wrap: 0 });
        expect(made.run()).toEqual([]);
        expect(["live", "recovering"]).toContain(made.recovery.state);
      }),
      { numRuns: 150 },
    );
  });
});
