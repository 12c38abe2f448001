import { describe, expect, it } from "vitest";
import { memoryLogger } from "../../src/host/index.ts";
import type { LiveTraderOptions, StalePolicy } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { LiveWorld, MS } from "../fixtures/live-world.ts";

/** Rests one order at a time, 8 ticks behind the best price. */
function resting(name: string, side: "buy" | "sell", throwsAt = Number.POSITIVE_INFINITY): Strategy {
  let books = 0;
  return {
    name,
    onBook(book, ctx) {
      books += 1;
      if (books === throwsAt) throw new Error("a bad day");
      if (book.bestBid <= 0 || book.bestAsk <= 0 || ctx.openOrders().length > 0) return;
      const priceTicks = side === "buy" ? book.bestBid - 8 : book.bestAsk + 8;
      const ticket = ctx.submit({ instrument: "ABC", side, lots: 1, priceTicks });
      if (ticket.ok === false) ctx.log(`refused: ${ticket.code}`, "warn");
    },
  };
}

const both = (throwsAt?: number): Strategy[] => [
  resting("buyer", "buy", throwsAt),
  resting("seller", "sell"),
];

/** A live trader of two strategies that have an order at the venue each. */
async function trading(more: Partial<LiveTraderOptions> = {}): Promise<LiveWorld> {
  const world = new LiveWorld(3);
  await world.start({ strategies: both(), ...more });
  await world.time.runTo(1_000 * MS);
  expect(sides(world)).toEqual(["buy", "sell"]);
  return world;
}

/** The sides of what is open at the venue. */
function sides(world: LiveWorld): readonly string[] {
  const { orders = [] } = world.venue.query({ sections: ["orders"] });
  return orders.flatMap(({ state, side }) => (state === "open" ? [side] : [])).sort();
}

function alerts(world: LiveWorld, code: string): number {
  return world.alerts.filter((each) => each.code === code).length;
}

const policy = (does: StalePolicy["does"], strategy?: string): readonly StalePolicy[] => [
  { afterNs: 300 * MS, does, ...(strategy === undefined ? {} : { strategy }) },
];
const stale = (does: StalePolicy["does"]): Partial<LiveTraderOptions> => ({ stale: policy(does) });

/** The source says nothing for a while, without a word of it. */
async function silence(world: LiveWorld, ns: number): Promise<void> {
  world.feed.isUp = false;
  await world.time.runTo(world.time.nowNs() + ns);
}

describe("a market that is not heard of", () => {
  it("is told once, and again after it was heard of", async () => {
    const world = await trading(stale("tell"));
    await silence(world, 290 * MS);
    expect(alerts(world, "TRADER_MARKET_STALE")).toBe(0);
    await silence(world, 900 * MS);
    expect([alerts(world, "TRADER_MARKET_STALE"), sides(world)]).toEqual([1, ["buy", "sell"]]);
    expect(world.trader.status().instruments[0]?.held).toEqual([]);
    world.feed.isUp = true;
    await world.time.runTo(world.time.nowNs() + 100 * MS);
    await silence(world, 900 * MS);
    expect(alerts(world, "TRADER_MARKET_STALE")).toBe(2);
  });

  it("is canceled in, for all or for one strategy", async () => {
    const all = await trading(stale("cancel"));
    await silence(all, 400 * MS);
    expect([sides(all), all.trader.status().instruments[0]?.held]).toEqual([[], []]);
    const one = await trading({ stale: [...policy("tell", "buyer"), ...policy("cancel", "seller")] });
    await silence(one, 400 * MS);
    expect(sides(one)).toEqual(["buy"]);
  });

  it("is held until it is heard of again, and a source that is lost is no word of it", async () => {
    const world = await trading(stale("hold"));
    await silence(world, 400 * MS);
    expect([sides(world), world.trader.status().instruments[0]?.held]).toEqual([[], ["stale"]]);
    const now = world.time.nowNs();
    world.feed.isUp = true;
    world.feed.cut(now, now + 400 * MS);
    await world.time.runTo(now + 200 * MS);
    expect([alerts(world, "TRADER_FEED_DOWN"), world.trader.status().instruments[0]?.held]).toEqual([
      1,
      ["stale"],
    ]);
    await world.time.runTo(now + 600 * MS);
    expect([sides(world), world.trader.status().instruments[0]?.held]).toEqual([["buy", "sell"], []]);
  });
});

describe("a kill while it trades", () => {
  it("cancels what is open, refuses what is new, and says so", async () => {
    const { logger, lines } = memoryLogger();
    const world = await trading({ logger });
    const before = lines.length;
    world.latch.set(0, 2);
    await world.time.runTo(world.time.nowNs() + 200 * MS);
    const sent = world.venue.arrivals.size;
    expect([sides(world), alerts(world, "TRADER_KILLED")]).toEqual([[], 1]);
    await world.time.runTo(world.time.nowNs() + 800 * MS);
    expect([world.venue.arrivals.size, sides(world), alerts(world, "TRADER_KILLED")]).toEqual([sent, [], 1]);
    const refused = lines.slice(before).filter(({ words }) => words.startsWith("refused: "));
    expect(new Set(refused.map(({ words }) => words))).toEqual(new Set(["refused: RISK_KILLED"]));
    expect(refused[0]?.fields["strategy"]).toMatch(/buyer|seller/);
    expect(await world.soon(world.trader.stop())).toMatchObject({ isClean: true, openOrders: 0 });
  });

  it("lets what is open stand where it only stops new orders", async () => {
    const world = await trading();
    const sent = world.venue.arrivals.size;
    world.latch.set(0, 1);
    await world.time.runTo(world.time.nowNs() + 500 * MS);
    expect([sides(world), world.venue.arrivals.size]).toEqual([["buy", "sell"], sent]);
    expect(alerts(world, "TRADER_KILLED")).toBe(0);
  });
});

it("goes on where one strategy throws: its orders are canceled, the others' are not", async () => {
  const world = await trading({ strategies: both(600) });
  await world.time.runTo(4_000 * MS);
  expect([sides(world), alerts(world, "TRADER_STRATEGY_FAULTED")]).toEqual([["sell"], 1]);
  const [buyer, seller] = world.trader.status().strategies;
  expect([buyer?.fault, seller?.fault, world.trader.state]).toEqual([
    expect.stringContaining("a bad day"),
    null,
    "running",
  ]);
  const sent = world.venue.arrivals.size;
  const [sell] = (world.venue.query({ sections: ["orders"] }).orders ?? []).filter(
    (each) => each.state === "open",
  );
  world.venue.print(world.instrument, sell?.priceTicks ?? 0, 1);
  await world.time.runTo(world.time.nowNs() + 300 * MS);
  expect([world.venue.arrivals.size, sides(world)]).toEqual([sent + 1, ["sell"]]);
});

describe("a stop", () => {
  it("leaves orders where it is told so, and the next start goes on with them", async () => {
    const world = await trading();
    await expect(world.trader.stop({ cancels: false })).rejects.toThrow(/FAULT_CONFIG trader.stop.cancels/);
    const stopped = await world.soon(world.trader.stop({ ends: false, cancels: false }));
    expect(stopped).toMatchObject({ isClean: true, openOrders: 2, runHash: undefined });
    expect(sides(world)).toEqual(["buy", "sell"]);
    const sent = world.venue.arrivals.size;
    await world.start({ strategies: both() });
    await world.time.runTo(world.time.nowNs() + 100 * MS);
    expect([sides(world), world.venue.arrivals.size]).toEqual([["buy", "sell"], sent]);
    expect(await world.soon(world.trader.stop())).toMatchObject({ isClean: true, openOrders: 0 });
    expect(sides(world)).toEqual([]);
  });
});
