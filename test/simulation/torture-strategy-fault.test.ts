import { describe, expect, it } from "vitest";
import { planOfSeed, simulateSeed, TortureStrategy, TortureWorld } from "../../src/torture/index.ts";
import { ThrowingStrategy } from "../fixtures/throwing-strategy.ts";

const SEEDS = 8;

describe("a strategy that throws under faults", () => {
  const made = (seed: number) => ({
    durationNs: 16e9,
    rowsPerSecond: 300,
    mayThrow: true,
    // The other one trades on to the end; every third run it throws too.
    strategies: () => [
      new ThrowingStrategy(new TortureStrategy({ periodNs: 50_000_000 }), "first", 100 + 613 * seed),
      new ThrowingStrategy(new TortureStrategy({ periodNs: 90_000_000 }), "second", seed % 3 === 0 ? 900 : 0),
    ],
  });

  it("is stopped in every life of the process, and breaks no rule", () => {
    const told = { stopped: 0, lives: 0, canceled: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const options = made(seed);
      const world = new TortureWorld(seed, planOfSeed(seed, options), { ...options, keepsJournal: true });
      const outcome = world.run();
      expect([seed, world.oracles.violations]).toEqual([seed, []]);
      if (outcome.halted !== undefined || world.engine === undefined) continue;
      world.oracles.replay();
      expect([seed, world.oracles.violations]).toEqual([seed, []]);
      const { session } = world.engine;
      told.lives += outcome.lives;
      told.stopped += session.faulted.length;
      for (const { index } of session.faulted) {
        const open = session.kernel.desk.openOrders(session.kernel.slots[index] as never, undefined);
        if (open.every(({ status }) => status === "pendingCancel")) told.canceled += 1;
      }
    }
    expect(told.stopped).toBeGreaterThan(SEEDS / 2);
    expect(told.canceled).toBe(told.stopped);
    expect(told.lives).toBeGreaterThan(SEEDS);
  }, 120_000);

  it("leaves the same trace when it is run again", () => {
    const hashes = [1, 2].map(() => simulateSeed(3, made(3)).traceHash);
    expect(hashes[0]).toBe(hashes[1]);
  }, 60_000);

  it("breaks the rule noFault where it may not throw", () => {
    const { mayThrow: _, ...options } = made(1);
    const [first] = simulateSeed(1, { ...options, faults: ["feedGap"] }).violations;
    expect(first).toMatchObject({ oracle: "noFault", detail: expect.stringContaining("planted") });
  }, 60_000);
});
