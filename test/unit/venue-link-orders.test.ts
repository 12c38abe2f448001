import { describe, expect, it } from "vitest";
import type { VenueClient, VenueListener } from "../../src/venue/index.ts";
import { LinkOrders } from "../../src/venue/link-orders.ts";
import { ACT, MS, VenueWorld } from "../fixtures/venue-world.ts";

describe("what a link knows of orders", () => {
  it("forgets the oldest that are over, with all the ids they had at the venue", () => {
    const orders = new LinkOrders(3, () => false);
    for (let id = 1; id <= 8; id++) {
      const order = orders.open(id, 0);
      orders.name(order, `v${id}`);
      orders.name(order, `w${id}`);
      orders.end(order);
    }
    expect(orders.size).toBe(3);
    expect([1, 5].flatMap((id) => [orders.ofOrderId(`v${id}`), orders.ofOrderId(`w${id}`)])).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ]);
    expect([orders.ofOrderId("v8")?.id, orders.ofOrderId("w8")?.id]).toEqual([8, 8]);
  });

  it("forgets what its host does not hold open, and keeps what it does, however old", () => {
    const orders = new LinkOrders(3, (id) => id === 2);
    for (let id = 1; id <= 50; id++) orders.open(id, 0);
    expect(orders.get(2)?.id).toBe(2);
    expect(orders.size).toBe(3);
  });

  it("keeps more than its bound where all of them are open", () => {
    const orders = new LinkOrders(3, () => true);
    for (let id = 1; id <= 10; id++) orders.open(id, 0);
    expect(Array.from(orders.all(), ({ id }) => id).sort((x, y) => x - y)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    ]);
  });

  it("takes an order for over where its executions fill it, though none says what is left", async () => {
    const world = new VenueWorld({
      capabilities: { massCancel: "none" },
      wrap: (client) => withOpen(client, (listener) => client.open(withoutLeaves(listener))),
    });
    await world.start();
    await world.clock.advance(100 * MS);
    world.act(0, ACT.buy, 3, 1010);
    world.act(0, ACT.buy, 3, 980);
    await world.clock.advance(100 * MS);
    expect(world.strategy.tickets.map(({ status }) => status)).toEqual(["filled", "new"]);
    const outcomes = world.link.cancelAll(null);
    await world.clock.advance(100 * MS);
    // One cancel: the order that was filled is none to be canceled.
    expect((await outcomes).length).toBe(1);
  });
});

/** A client that opens otherwise. */
function withOpen(client: VenueClient, open: VenueClient["open"]): VenueClient {
  return new Proxy(client, {
    get: (of, key) => {
      const value: unknown = key === "open" ? open : Reflect.get(of, key);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
}

function withoutLeaves(listener: VenueListener): VenueListener {
  return {
    report: ({ leavesLots: _, ...report }) => listener.report(report),
    connected: () => listener.connected(),
    disconnected: (cause) => listener.disconnected(cause),
    trouble: (cause) => listener.trouble(cause),
  };
}
