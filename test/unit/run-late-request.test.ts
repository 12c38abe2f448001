import { describe, expect, it } from "vitest";
import { ACT, INSTRUMENTS, MS, VenueWorld } from "../fixtures/venue-world.ts";

/** Requests of ours that wait for an answer. */
function waiting({ session }: VenueWorld): number {
  const { orders } = session.kernel;
  return orders.pendingCount.reduce(
    (sum, count, row) => sum + ((orders.id[row] as number) > 0 ? count : 0),
    0,
  );
}

describe("a request whose order was over before anybody answered it", () => {
  it.each([
    ["cancel", "lost", false],
    ["cancel", "dropAck", false],
    ["replace", "lost", false],
    ["replace", "lost", true],
  ] as const)("is settled by the venue's word: a %s, %s, connection cut: %s", async (what, fault, isCut) => {
    const world = new VenueWorld();
    await world.start();
    await world.clock.advance(100 * MS);
    world.act(0, ACT.buy, 3, 980);
    await world.clock.advance(100 * MS);
    world.client.requestFaults.push(fault);
    // Of the replace one lot more is asked for than was ordered: it could still fill.
    world.act(0, what === "cancel" ? ACT.cancel : ACT.replace, what === "cancel" ? 0 : 3, 980);
    await world.clock.advance(MS);
    world.venue.print(INSTRUMENTS[0] as (typeof INSTRUMENTS)[number], 980, 3);
    await world.clock.advance(MS);
    expect(world.strategy.tickets[0]?.isOpen).toBe(false);
    if (isCut) world.client.disconnect();
    await world.clock.advance(200 * MS);
    if (isCut) world.client.connect();
    for (let i = 0; i < 40 && !(waiting(world) === 0 && world.isSettled()); i++)
      await world.clock.advance(200 * MS);
    expect(waiting(world)).toBe(0);
    expect(world.desk.desk.isInDoubt(0)).toBe(false);
    expect([world.link.state, world.failures]).toEqual(["live", []]);
    expect(world.truth().ours).toEqual(world.truth().venue);
  });
});
