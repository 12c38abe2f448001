import { describe, expect, it } from "vitest";
import type { VenueClient } from "../../src/venue/index.ts";
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

  it("cancels by the venue's id alone: a name of ours may be an old one", async () => {
    const names: object[] = [];
    const world = await live({
      wrap: (client) => ({
        ...forwarded(client),
        cancel: ({ orderId, clientOrderId }, id) => {
          names.push({ orderId, clientOrderId });
          return client.cancel({ instrument: world.link.instrument(0), orderId: "v1", clientOrderId }, id);
        },
      }),
    });
    world.act(0, ACT.buy, 5, 1000);
    await world.clock.advance(10 * MS);
    void world.link.cancelOrder(0, "v1");
    await world.clock.advance(10 * MS);
    expect(names).toEqual([{ orderId: "v1", clientOrderId: "" }]);
    expect(world.truth().venue).toMatchObject({ open: [] });
  });

  it("calls an order by the name of a replace that was given up and is in force all the same", async () => {
    let isDeaf = false;
    const late: (() => Promise<unknown>)[] = [];
    const names: string[] = [];
    const world = await live({
      wrap: (client) => ({
        ...forwarded(client),
        open: (listener) => {
          const report: typeof listener.report = (said) => void (isDeaf || listener.report(said));
          const [connected, disconnected] = [
            () => listener.connected(),
            listener.disconnected.bind(listener),
          ];
          return client.open({ report, connected, disconnected, trouble: listener.trouble.bind(listener) });
        },
        cancel: (name, id) => {
          names.push(name.clientOrderId);
          return client.cancel(name, id);
        },
        replace: async (name, terms) => {
          late.push(() => client.replace(name, terms));
          names.push(terms.clientOrderId);
          return { outcome: "unknown", cause: { code: "VENUE_TIMEOUT", words: "no answer" } };
        },
      }),
    });
    world.act(0, ACT.buy, 5, 1000);
    await world.clock.advance(10 * MS);
    world.act(0, ACT.replace, 3, 1001);
    // The venue does not know of it yet: it is taken for lost.
    await world.clock.advance(60_000 * MS);
    expect(world.strategy.heard.at(-1)).toMatch(/^1 replaceRejected/);
    isDeaf = true;
    void late[0]?.();
    await world.clock.advance(600_000 * MS);
    isDeaf = false;
    world.act(0, ACT.cancel, 0, 1000);
    await world.clock.advance(10 * MS);
    expect(names).toEqual([names[0], names[0]]);
    expect(world.strategy.heard.at(-1)).toBe("1 canceled");
    expect(world.truth().ours).toEqual(world.truth().venue);
    expect(world.truth().ours).toMatchObject({ open: [] });
    expect(world.failures).toEqual([]);
  });
});

/** All of a client's methods, bound. */
function forwarded(client: VenueClient): VenueClient {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(client)) as (keyof VenueClient)[];
  const bound = names.map((name) => {
    const value: unknown = client[name];
    return [name, typeof value === "function" ? (value.bind(client) as object) : value];
  });
  const { venue, account, capabilities } = client;
  return { ...(Object.fromEntries(bound) as VenueClient), venue, account, capabilities };
}
