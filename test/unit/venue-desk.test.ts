import { expect, it } from "vitest";
import type { VenueClient } from "../../src/venue/index.ts";
import { ACT, MS, VenueWorld } from "../fixtures/venue-world.ts";

it("asks one question at a time, however many orders are in doubt", async () => {
  let [underWay, most, asked] = [0, 0, 0];
  const wrap = (client: VenueClient): VenueClient => {
    const query = client.query.bind(client);
    client.query = async (question) => {
      underWay += 1;
      asked += 1;
      most = Math.max(most, underWay);
      try {
        // Longer than it takes until orders in doubt are looked at again.
        await new Promise<void>((done) => world.clock.after(90 * MS, done));
        return await query(question);
      } finally {
        underWay -= 1;
      }
    };
    return client;
  };
  const world = new VenueWorld({ wrap });
  await world.start();
  for (let i = 0; i < 10 && world.link.state !== "live"; i++) await world.clock.advance(100 * MS);
  world.client.requestFaults.push("lost", "dropAck", "lost", "dropAck", "lost");
  for (let i = 0; i < 5; i++) world.act(0, ACT.buy, 2 + i, 980 - i);
  await world.clock.advance(2_000 * MS);
  await world.settle();
  expect(asked).toBeGreaterThan(3);
  expect(most).toBe(1);
  expect(world.unknown()).toBe(0);
  const { venue, ours } = world.truth();
  expect(ours).toEqual(venue);
  expect(world.alerts.filter(({ reason }) => reason === "snapshot")).toEqual([]);
  await world.kill();
});
