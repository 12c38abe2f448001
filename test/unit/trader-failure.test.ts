import { describe, expect, it } from "vitest";
import { Instrument, money } from "../../src/model/index.ts";
import { LinkedVenue, LiveTrader, VirtualTime } from "../../src/run/index.ts";
import { MemoryVenue, MemoryVenueClient } from "../../src/venue/testing.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";
import { depthTape, wanderingRows } from "../fixtures/run-tapes.ts";
import { TapeFeed } from "../fixtures/tape-feed.ts";

const SYMBOLS = ["ABC", "DEF", "GHI"];

/** A live trader with an order resting in each of three instruments; what it is told of an order may break it. */
async function trading() {
  const world = new LiveWorld(3, 10);
  const time = new VirtualTime(1_700_000_000_000_000_000n);
  const tapes = SYMBOLS.map((symbol) => {
    const rows = wanderingRows(3, 500).map(
      ([ns, kind, tick, lots]) => [ns + 20 * MS, kind, tick, lots, MS] as const,
    );
    return depthTape(rows, { symbol, venue: "mem" });
  });
  const instruments = tapes.map(({ meta }) => new Instrument(meta.instrument));
  const venue = new MemoryVenue({ venue: "mem", account: "main", clock: time, instruments });
  const client = new MemoryVenueClient({ venue, clock: time, latencyNs: 2 * MS });
  const heard = { breaks: false };
  const options = world.options({
    ...{ instruments, time, feeds: [{ client: new TapeFeed("tape", tapes, time) }] },
    strategies: [
      {
        name: "rests",
        onStart: (ctx) => void ctx.clock.every(100 * MS),
        onTimer: (_timer, ctx) => {
          for (const { key } of ctx.instruments)
            if (ctx.openOrders(key).length === 0)
              ctx.submit({ instrument: key, side: "buy", priceTicks: 9_500, lots: 1 });
        },
      },
    ],
    cash: [money(1_000_000_000n, "USD")],
    stale: [{ afterNs: 60_000 * MS, does: "hold" }],
    venues: [
      new LinkedVenue({
        ...{ client, stations: [0, 1, 2], link: { requestTimeoutNs: 100 * MS } },
        rules: { ackTimeoutNs: 100 * MS, graceNs: 60_000 * MS, orphans: "cancel" },
      }),
    ],
    prepare: (session) =>
      session.watch({
        filled: () => {
          if (heard.breaks) throw new Error("the disk is gone");
        },
      }),
  });
  const trader = new LiveTrader(options);
  const up = trader.start();
  for (let i = 0; i < 100 && trader.state !== "running"; i++) await time.runTo(time.nowNs() + MS);
  await up;
  const open = (): number => {
    const { orders = [] } = venue.query({ sections: ["orders"] });
    return orders.filter(({ state }) => state === "open").length;
  };
  return { time, trader, venue, client, instruments, heard, open };
}

describe("a trader whose session fails", () => {
  it("has what is open in every instrument canceled before it lets go of the venue", async () => {
    const { time, trader, venue, instruments, heard, open } = await trading();
    await time.runTo(time.nowNs() + 1_000 * MS);
    expect(open()).toBe(3);
    heard.breaks = true;
    venue.print(instruments[0] as Instrument, 9_500, 1);
    await time.runTo(time.nowNs() + 100 * MS);
    expect([trader.state, open()]).toEqual(["failed", 0]);
    expect(String(trader.failure)).toContain("the disk is gone");
    await time.runTo(time.nowNs() + 10_000 * MS);
    expect(await trader.stop()).toMatchObject({ isClean: false });
  });

  it("lets go of a venue that never answers", async () => {
    const { time, trader, venue, client, instruments, heard, open } = await trading();
    await time.runTo(time.nowNs() + 1_000 * MS);
    heard.breaks = true;
    client.requestFaults.push("hang", "hang", "hang");
    venue.print(instruments[0] as Instrument, 9_500, 1);
    await time.runTo(time.nowNs() + 6_000 * MS);
    expect([trader.state, open()]).toEqual(["failed", 0]);
    expect(await trader.stop()).toMatchObject({ isClean: false });
  });
});
