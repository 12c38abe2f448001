import { describe, expect, it } from "vitest";
import { ACT, MS, VenueWorld } from "../fixtures/venue-world.ts";

async function live(...made: ConstructorParameters<typeof VenueWorld>): Promise<VenueWorld> {
  const world = new VenueWorld(...made);
  await world.start();
  await world.clock.advance(100 * MS);
  return world;
}

describe("VenueLink", () => {
  it("lets new orders out after the first comparison, and books what the venue says", async () => {
    const world = await live();
    expect(world.states).toEqual(["opening", "resyncing", "live"]);
    world.act(0, ACT.buy, 5, 1000);
    await world.clock.advance(10 * MS);
    expect(world.strategy.heard).toEqual(["1 accepted"]);
    world.venue.print(world.link.instrument(0), 1000, 3);
    await world.clock.advance(10 * MS);
    expect(world.truth().ours).toEqual({ open: ["ABC@mem buy 1000 5 3"], positions: [3, 0] });
    expect(world.truth().ours).toEqual(world.truth().venue);
    world.act(0, ACT.replace, 3, 1001);
    await world.clock.advance(10 * MS);
    world.act(0, ACT.cancel, 0, 1000);
    await world.clock.advance(10 * MS);
    expect(world.strategy.heard.slice(1)).toEqual(["1 partiallyFilled reported", "1 replaced", "1 canceled"]);
    expect(world.failures).toEqual([]);
  });
});
