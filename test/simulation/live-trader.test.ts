import { describe, expect, it } from "vitest";
import { replaySession } from "../../src/run/index.ts";
import { AlgoBusyStrategy } from "../fixtures/algo-busy-strategy.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";

/** Works parents instead; `algos` is the strategy that was made last. */
class AlgoLiveWorld extends LiveWorld {
  algos = new AlgoBusyStrategy(1);

  override strategies(): AlgoBusyStrategy[] {
    this.algos = new AlgoBusyStrategy(60 * MS, 30);
    return [this.algos];
  }
}

describe("a live trader at a venue in memory, in virtual time", () => {
  it("trades after the first comparison, stops gracefully, and replays identically", async () => {
    const world = new LiveWorld(7);
    await world.start();
    expect(world.trader.status().instruments[0]?.held).toEqual(["venue"]);
    world.unrest(5_000 * MS, false);
    await world.time.runTo(5_000 * MS);
    expect(world.trader.status().instruments[0]?.held).toEqual([]);
    const stopped = await world.soon(world.trader.stop());
    expect(stopped).toMatchObject({ isClean: true, openOrders: 0 });
    const { venue, ours } = world.truth();
    expect(venue.fills).toBeGreaterThan(20);
    expect(ours).toEqual({ open: venue.open, position: venue.position });
    expect(world.alerts.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
    const { risk } = world.trader.plan.session;
    const replay = replaySession(world.records(), { strategies: world.strategies(), ...(risk && { risk }) });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, stopped.runHash]);
  });

  it.each([1, 2])(
    "works parents through faults and crashes, and holds what is left, seed %i",
    async (seed) => {
      const world = new AlgoLiveWorld(seed);
      await world.start();
      world.unrest(6_000 * MS, true);
      for (let life = 0; life < 3; life++) {
        await world.time.runTo(world.time.nowNs() + (400 + world.rng.below(1_500)) * MS);
        await world.crash();
        await world.start();
      }
      await world.time.runTo(7_000 * MS);
      const stopped = await world.soon(world.trader.stop({ deadlineNs: 20_000 * MS }));
      expect(stopped).toMatchObject({ isClean: true, openOrders: 0 });
      const { venue, ours } = world.truth();
      expect(ours).toEqual({ open: venue.open, position: venue.position });
      expect(Math.max(...world.venue.arrivals.values())).toBe(1);
      const { algos } = world;
      expect(algos.ended.filter((each) => each.includes(" filled ")).length).toBeGreaterThan(2);
      const { parents } = world.trader.session.kernel.gate.parts;
      const held = parents.save().map(({ id, heldLots }) => [id, heldLots]);
      const own = algos.parents.filter(({ reserveId }) => reserveId > 0);
      expect(held).toEqual(
        own.map(({ reserveId, remainingLots }) => [reserveId, Math.max(0, remainingLots)]),
      );
      const { risk } = world.trader.plan.session;
      const replay = replaySession(world.records(), {
        strategies: world.strategies(),
        ...(risk && { risk }),
      });
      expect([replay.isIdentical, replay.runHash]).toEqual([true, stopped.runHash]);
      // What no order shows: the replay's strategy, which no crash has stopped, stands where the recovered one does.
      expect(world.algos).not.toBe(algos);
      expect(world.algos.onSave()).toEqual(algos.onSave());
    },
  );

  it.each([1, 2, 3, 4, 5, 6])(
    "keeps the truth through faults and crashes at random moments, seed %i",
    async (seed) => {
      const world = new LiveWorld(seed);
      await world.start();
      world.unrest(8_000 * MS, true);
      for (let life = 0; life < 4; life++) {
        await world.time.runTo(world.time.nowNs() + (200 + world.rng.below(1_500)) * MS);
        await world.crash();
        await world.time.runTo(world.time.nowNs() + world.rng.below(300) * MS);
        await world.start();
      }
      await world.time.runTo(9_000 * MS);
      const stopped = await world.soon(world.trader.stop({ deadlineNs: 20_000 * MS }));
      expect(stopped).toMatchObject({ isClean: true, openOrders: 0 });
      const { venue, ours } = world.truth();
      expect(ours).toEqual({ open: venue.open, position: venue.position });
      expect(Math.max(...world.venue.arrivals.values())).toBe(1);
      const { risk } = world.trader.plan.session;
      const replay = replaySession(world.records(), {
        strategies: world.strategies(),
        ...(risk && { risk }),
      });
      expect([replay.isIdentical, replay.runHash]).toEqual([true, stopped.runHash]);
    },
  );
});
