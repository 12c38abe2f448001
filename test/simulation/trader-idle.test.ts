import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import { LiveTrader, type TraderIdle } from "../../src/run/index.ts";
import { OrderRehearsal } from "../../src/run/order-rehearsal.ts";
import type { VenueOrderTerms } from "../../src/venue/index.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";

const SECONDS = 3;
/** Before the start only: it takes the same virtual time, and nothing is rehearsed beside trading. */
const BEFORE: TraderIdle = { rehearseEveryNs: 1e15 };

/** A session in virtual time; what left for the venue, what was rehearsed, and what the records come to. */
async function played(idle: TraderIdle, rehearse: (order: VenueOrderTerms) => void = () => {}) {
  const world = new LiveWorld(7);
  const start = async (): Promise<void> => {
    const options = world.options({ idle });
    (world.client as { rehearse?: (order: VenueOrderTerms) => void }).rehearse = rehearse;
    world.trader = new LiveTrader(options);
    world.trader.on("alert", (alert) => world.alerts.push(alert));
    await world.soon(world.trader.start());
  };
  await start();
  await world.time.runTo(SECONDS * 1_000 * MS);
  const { runHash } = await world.soon(world.trader.stop({ deadlineNs: 5_000 * MS }));
  return { runHash, arrived: [...world.venue.arrivals], alerts: world.alerts };
}

describe("a trader that rehearses", () => {
  it("trades as one that sleeps: the same orders, the same hash", async () => {
    const rehearsed: VenueOrderTerms[] = [];
    const asleep = await played(BEFORE);
    const idle = { does: "spin", rehearseEveryNs: 20 * MS } as const;
    const awake = await played(idle, (order) => void rehearsed.push(order));
    expect(asleep.arrived.length).toBeGreaterThan(10);
    expect(awake.arrived).toEqual(asleep.arrived);
    expect(awake.runHash).toBe(asleep.runHash);
    // Those before the start, and while it traded some at the prices of its market.
    expect(rehearsed.length).toBeGreaterThan(3_000);
    const prices = new Set(rehearsed.map(({ priceTicks }) => priceTicks));
    expect(prices.size).toBeGreaterThan(1);
  });

  it("rehearses while it sleeps too", async () => {
    const rehearsed: VenueOrderTerms[] = [];
    const { runHash } = await played({ rehearseEveryNs: MS }, (order) => void rehearsed.push(order));
    expect(runHash).toBe((await played(BEFORE)).runHash);
    expect(rehearsed.length).toBeGreaterThanOrEqual(3_000);
  });

  it("goes on where a client's rehearsal throws", async () => {
    let calls = 0;
    const { runHash } = await played({ does: "spin", rehearseEveryNs: MS }, () => {
      calls += 1;
      throw new Error("out of order");
    });
    expect(calls).toBeGreaterThan(0);
    expect(runHash).toBe((await played(BEFORE)).runHash);
  });

  it("is refused by the name of the option", () => {
    const world = new LiveWorld(1);
    const made = (idle: unknown) => (): unknown =>
      new LiveTrader(world.options({ idle: idle as TraderIdle }));
    expect(made({ does: "run" })).toThrow(/FAULT_CONFIG trader\.idle\.does/);
    expect(made({ rehearseEveryNs: 0 })).toThrow(/FAULT_CONFIG trader\.idle\.rehearseEveryNs/);
    expect(made({ often: 1 })).toThrow(/FAULT_CONFIG trader\.idle/);
  });
});

describe("an order's rehearsal", () => {
  const instrument = new Instrument({
    ...{ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD", minLots: 3 },
  });
  const rehearsalOf = (maxOrderLots: number, seen: VenueOrderTerms[]): OrderRehearsal =>
    new OrderRehearsal({
      ...{ instrument, baseNs: 0n, rehearse: (order) => void seen.push(order) },
      risk: {
        ...{ currency: "USD", capital: [], hours: "always", status: "trusted" },
        limits: [{ level: "firm", limits: { ...NO_LIMITS, maxOrderLots, maxOrdersPerSecond: 2 } }],
      },
    });

  it("takes the least order through gate, journal and link, again and again", async () => {
    const seen: VenueOrderTerms[] = [];
    const rehearsal = rehearsalOf(100, seen);
    await rehearsal.open();
    for (let i = 0; i < 600; i++) {
      rehearsal.step(1_000 + (i % 7));
      await rehearsal.settled();
    }
    expect([rehearsal.orders, seen.length]).toEqual([600, 600]);
    expect(seen[8]).toMatchObject({ lots: 3, priceTicks: 1_001, side: "buy", timeInForce: "IOC" });
    expect(new Set(seen.map(({ clientOrderId }) => clientOrderId)).size).toBe(600);
  });

  it("stops at the gate where the firm's limits say so", async () => {
    const seen: VenueOrderTerms[] = [];
    const rehearsal = rehearsalOf(2, seen);
    await rehearsal.open();
    for (let i = 0; i < 50; i++) rehearsal.step(1_000);
    expect([rehearsal.orders, seen.length]).toEqual([0, 0]);
  });
});
