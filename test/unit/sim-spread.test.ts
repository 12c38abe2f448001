import { describe, expect, it } from "vitest";
import { dayTape, runOver } from "../fixtures/run-tapes.ts";
import { lines, VenueDriver, type Wish } from "../fixtures/sim-venue-driver.ts";

/** Bids 99 x 10, 98 x 20; asks 101 x 5, 102 x 8, seen from a tick further away. */
function market(): VenueDriver {
  const driver = new VenueDriver({ spreadTicks: 1 });
  driver.row("bid", 99, 10).row("bid", 98, 20);
  return driver.row("ask", 101, 5).row("ask", 102, 8);
}

describe("a market that is a tick further away", () => {
  const cases: readonly [string, Wish, readonly string[]][] = [
    [
      "a market buy pays it",
      { side: "buy", lots: 6 },
      ["accepted", "trade 5@102 taken", "trade 1@103 taken"],
    ],
    ["a market sell pays it", { side: "sell", lots: 3 }, ["accepted", "trade 3@98 taken"]],
    ["a limit at the ask rests", { side: "buy", lots: 3, tick: 101 }, ["accepted"]],
    [
      "a limit beyond the ask takes at its price",
      { side: "buy", lots: 3, tick: 102 },
      ["accepted", "trade 3@102 taken"],
    ],
    ["post-only at the ask is let in", { side: "buy", lots: 3, tick: 101, postOnly: true }, ["accepted"]],
    [
      "post-only beyond it is not",
      { side: "buy", lots: 3, tick: 102, postOnly: true },
      ["rejected postOnlyWouldTake"],
    ],
  ];
  it.each(cases)("%s", (_name, wish, expected) => {
    expect(lines(market().submit(wish).told)).toEqual(expected);
  });

  it("fills a resting buy only when sellers come a tick below it, at its own price", () => {
    const driver = market();
    driver.submit({ side: "buy", lots: 3, tick: 100 });
    // At the tick below stand 10, which were there before.
    expect(lines(driver.row("sell", 100, 50).hear())).toEqual([]);
    expect(lines(driver.row("sell", 99, 10).hear())).toEqual([]);
    expect(lines(driver.row("sell", 99, 3).hear())).toEqual(["trade 3@100 queueReached maker"]);
  });

  it("fills a resting sell when buyers go beyond a tick above it", () => {
    const driver = market();
    driver.submit({ side: "sell", lots: 3, tick: 101 });
    expect(lines(driver.row("buy", 101, 50).hear())).toEqual([]);
    expect(lines(driver.row("buy", 103, 1).hear())).toEqual(["trade 3@101 tradeThrough maker"]);
  });

  it("replaces in its own prices", () => {
    const driver = market();
    const { row } = driver.submit({ side: "buy", lots: 3, tick: 97 });
    expect(lines(driver.replace(row, 98, 3))).toEqual(["replaced 3@98"]);
    expect(lines(driver.replace(row, 102, 4))).toEqual(["replaced 4@102", "trade 4@102 taken"]);
    const { row: sell } = driver.submit({ side: "sell", lots: 3, tick: 105 });
    expect(lines(driver.replace(sell, 98, 3))).toEqual(["replaced 3@98", "trade 3@98 taken"]);
  });

  it("is told in the manifest, and only where it is", () => {
    expect(market().venue.describe()).toMatchObject({ spreadTicks: 1 });
    expect(new VenueDriver().venue.describe()).not.toHaveProperty("spreadTicks");
  });

  it.each([-1, 0.5, 2e6])("is not %s ticks", (spreadTicks) => {
    const fault = expect.objectContaining({ code: "FAULT_CONFIG", path: "venue.spreadTicks" });
    expect(() => new VenueDriver({ spreadTicks })).toThrow(fault);
  });

  it("of bars costs a taker its ticks, and fills a limit at its price when the bar goes further", () => {
    const days = [
      [1000, 1010, 990, 1000, 1e6],
      [1005, 1020, 980, 1010, 1e6],
      [1005, 1020, 978, 1010, 1e6],
      [1005, 1020, 977, 1010, 1e6],
    ] as const;
    const fillsAt = (spreadTicks: number): unknown[] => {
      let n = 0;
      const { fills } = runOver([{ tape: dayTape([...days]), bars: { participation: 1, spreadTicks } }], {
        onBar: (_bar, ctx) => {
          if (n++ > 0) return;
          ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
          ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "limit", priceTicks: 979 });
        },
      });
      return fills.map(({ priceTicks, ns }) => [priceTicks, Math.floor(ns / 86_400e9)]);
    };
    expect(fillsAt(0)).toEqual([
      [1005, 1],
      [979, 2],
    ]);
    expect(fillsAt(1)).toEqual([
      [1006, 1],
      [979, 3],
    ]);
  });
});
