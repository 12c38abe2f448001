import { afterEach, describe, expect, it } from "vitest";
import { EXCHANGE_KEY } from "../fixtures/exchange-child.ts";
import { type KillDeskOptions, KillDeskWorld } from "../fixtures/kill-desk-world.ts";

const worlds: KillDeskWorld[] = [];

async function start(options: KillDeskOptions): Promise<KillDeskWorld> {
  const world = await KillDeskWorld.start(options);
  worlds.push(world);
  await world.full();
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe("a kill of a live trader's orders at the loopback exchange", () => {
  it("cancels all of them while the main thread is blocked, which then learns of it", async () => {
    const world = await start({ symbols: 2, orders: 20 });
    expect(world.board.open).toBe(40);
    const report = world.killBlocked(200);
    // Not one turn of this thread since the kill: it still takes all of them to be open.
    expect(world.desk.trader.status().openOrders).toBe(40);
    const { outcome, requested, confirmed, unknown, unroutable, venues } = report;
    expect({ outcome, requested, confirmed, unknown, unroutable }).toEqual({
      ...{ outcome: "complete", requested: 40, confirmed: 40, unknown: 0, unroutable: 0 },
    });
    expect(venues.map(({ massCancels, isEmpty }) => [massCancels, isEmpty])).toEqual([[1, true]]);
    await world.learned();
    expect(world.board.open).toBe(0);
    expect(JSON.stringify([report, world.desk.alerts, world.agent.status])).not.toContain(
      EXCHANGE_KEY.apiKey,
    );
    // While the latch is on no order leaves; behind it the strategy goes on.
    expect(await world.exchange.open()).toBe(0);
    world.lift();
    await world.full();
    const second = await world.killRunning();
    expect([second.outcome, second.confirmed, second.unknown]).toEqual(["complete", 40, 0]);
    await world.learned();
    await world.desk.trader.stop({ deadlineNs: 20_000_000_000 });
    const truth = await world.exchange.truth();
    expect([truth.twice, truth.conservation, truth.openOrders]).toEqual([0, [], []]);
    expect(world.desk.replay().isIdentical).toBe(true);
  }, 120_000);
});
