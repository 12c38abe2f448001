import { describe, expect, it } from "vitest";
import { NO_FEES, REPORT } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import { ConstantLatency, InterpolatedLatency, SimVenue, type SimVenueOptions } from "../../src/sim/index.ts";
import { asApproved, lines, testInstrument, VenueDriver, type Wish } from "../fixtures/sim-venue-driver.ts";

/** Bids 99 x 10, 98 x 20; asks 101 x 5, 102 x 8, 104 x 50. */
function market(options: ConstructorParameters<typeof VenueDriver>[0] = {}): VenueDriver {
  const driver = new VenueDriver(options);
  driver.row("bid", 99, 10).row("bid", 98, 20);
  driver.row("ask", 101, 5).row("ask", 102, 8).row("ask", 104, 50);
  return driver;
}

describe("an order that arrives, partial fills", () => {
  const cases: readonly [string, Wish, readonly string[]][] = [
    ["GTC inside the spread rests", { side: "buy", lots: 3, tick: 100 }, ["accepted"]],
    ["GTC at the ask takes", { side: "buy", lots: 3, tick: 101 }, ["accepted", "trade 3@101 taken"]],
    [
      "GTC takes what there is up to its limit and rests with the rest",
      { side: "buy", lots: 20, tick: 102 },
      ["accepted", "trade 5@101 taken", "trade 8@102 taken"],
    ],
    [
      "IOC takes and gives back the rest",
      { side: "buy", lots: 20, tick: 102, timeInForce: "IOC" },
      ["accepted", "trade 5@101 taken", "trade 8@102 taken", "expired iocRemainder"],
    ],
    [
      "IOC that meets nothing",
      { side: "buy", lots: 1, tick: 100, timeInForce: "IOC" },
      ["accepted", "expired iocRemainder"],
    ],
    [
      "IOC filled whole has no rest",
      { side: "sell", lots: 10, tick: 99, timeInForce: "IOC" },
      ["accepted", "trade 10@99 taken"],
    ],
    [
      "FOK that fits",
      { side: "buy", lots: 13, tick: 102, timeInForce: "FOK" },
      ["accepted", "trade 5@101 taken", "trade 8@102 taken"],
    ],
    [
      "FOK one lot too large",
      { side: "buy", lots: 14, tick: 102, timeInForce: "FOK" },
      ["accepted", "expired fokNotFillable"],
    ],
    [
      "FOK that meets nothing",
      { side: "sell", lots: 1, tick: 100, timeInForce: "FOK" },
      ["accepted", "expired fokNotFillable"],
    ],
    ["DAY rests", { side: "sell", lots: 1, tick: 100, timeInForce: "DAY" }, ["accepted"]],
    [
      "DAY takes as GTC does",
      { side: "sell", lots: 12, tick: 98, timeInForce: "DAY" },
      ["accepted", "trade 10@99 taken", "trade 2@98 taken"],
    ],
    ["GTD rests", { side: "buy", lots: 1, tick: 98, timeInForce: "GTD", expireNs: 9 }, ["accepted"]],
    [
      "GTD takes as GTC does",
      { side: "buy", lots: 5, tick: 103, timeInForce: "GTD", expireNs: 9 },
      ["accepted", "trade 5@101 taken"],
    ],
    ["post-only that rests", { side: "buy", lots: 1, tick: 100, postOnly: true }, ["accepted"]],
    [
      "post-only that would take",
      { side: "buy", lots: 1, tick: 101, postOnly: true },
      ["rejected postOnlyWouldTake"],
    ],
    [
      "post-only sell that would take",
      { side: "sell", lots: 1, tick: 99, postOnly: true },
      ["rejected postOnlyWouldTake"],
    ],
    [
      "market buys the asks",
      { side: "buy", lots: 6 },
      ["accepted", "trade 5@101 taken", "trade 1@102 taken"],
    ],
    [
      "market larger than the book",
      { side: "sell", lots: 31 },
      ["accepted", "trade 10@99 taken", "trade 20@98 taken", "expired noLiquidity"],
    ],
    [
      "market FOK larger than the book",
      { side: "sell", lots: 31, type: "market", timeInForce: "FOK" },
      ["accepted", "expired fokNotFillable"],
    ],
    [
      "reduce-only without a position",
      { side: "sell", lots: 1, tick: 99, reduceOnly: true },
      ["rejected reduceOnlyWouldOpen"],
    ],
  ];

  it.each(cases)("%s", (_name, wish, expected) => {
    expect(lines(market({ fills: "partial" }).submit(wish).told)).toEqual(expected);
  });
});

describe("an order that arrives, no partial fills", () => {
  const cases: readonly [string, Wish, readonly string[]][] = [
    ["GTC rests", { side: "buy", lots: 30, tick: 100 }, ["accepted"]],
    [
      "GTC fills whole at the best price",
      { side: "buy", lots: 30, tick: 104 },
      ["accepted", "trade 30@101 taken"],
    ],
    ["market too", { side: "sell", lots: 400 }, ["accepted", "trade 400@99 taken"]],
    ["IOC too", { side: "sell", lots: 40, tick: 99, timeInForce: "IOC" }, ["accepted", "trade 40@99 taken"]],
    ["FOK too", { side: "sell", lots: 40, tick: 99, timeInForce: "FOK" }, ["accepted", "trade 40@99 taken"]],
    [
      "IOC that meets nothing",
      { side: "sell", lots: 1, tick: 100, timeInForce: "IOC" },
      ["accepted", "expired iocRemainder"],
    ],
    ["post-only", { side: "sell", lots: 1, tick: 99, postOnly: true }, ["rejected postOnlyWouldTake"]],
  ];

  it.each(cases)("%s", (_name, wish, expected) => {
    expect(lines(market({ fills: "noPartial" }).submit(wish).told)).toEqual(expected);
  });
});

describe("an empty book", () => {
  it.each(["noPartial", "partial"] as const)("rejects a market order (%s)", (fills) => {
    const driver = new VenueDriver({ fills });
    expect(lines(driver.submit({ side: "buy", lots: 1 }).told)).toEqual(["rejected noLiquidity"]);
    expect(lines(driver.submit({ side: "sell", lots: 1 }).told)).toEqual(["rejected noLiquidity"]);
  });

  it("lets limits rest, post-only ones too", () => {
    const driver = new VenueDriver();
    expect(lines(driver.submit({ side: "buy", lots: 1, tick: 5, postOnly: true }).told)).toEqual([
      "accepted",
    ]);
  });
});

describe("a resting order", () => {
  it("waits for its place: trades before it are others'", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 99 });
    expect(lines(driver.row("sell", 99, 10).hear())).toEqual([]);
    expect(lines(driver.row("sell", 99, 3).hear())).toEqual(["trade 3@99 queueReached maker"]);
    expect(lines(driver.row("sell", 99, 9).hear())).toEqual(["trade 1@99 queueReached maker"]);
    expect(lines(driver.row("sell", 99, 9).hear())).toEqual([]);
  });

  it("fills whole when reached, where there are no partial fills", () => {
    const driver = market({ fills: "noPartial" });
    driver.submit({ side: "sell", lots: 40, tick: 101 });
    expect(lines(driver.row("buy", 101, 5).hear())).toEqual([]);
    expect(lines(driver.row("buy", 101, 1).hear())).toEqual(["trade 40@101 queueReached maker"]);
  });

  it("fills whole when a trade prints beyond it", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 98 });
    expect(lines(driver.row("sell", 97, 1).hear())).toEqual(["trade 4@98 tradeThrough maker"]);
  });

  it("fills whole when the other side's best reaches it", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 100 });
    expect(lines(driver.row("ask", 100, 1).hear())).toEqual(["trade 4@100 crossed maker"]);
    driver.submit({ side: "sell", lots: 2, tick: 105 });
    expect(lines(driver.row("bid", 105, 1).hear())).toEqual(["trade 2@105 crossed maker"]);
  });

  it("is met by trades whose side the feed does not tell, on either side", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 1, tick: 98 });
    driver.submit({ side: "sell", lots: 1, tick: 102 });
    expect(lines(driver.row("trade", 97, 1).hear())).toEqual(["trade 1@98 tradeThrough maker"]);
    expect(lines(driver.row("trade", 103, 1).hear())).toEqual(["trade 1@102 tradeThrough maker"]);
  });

  it("is left alone by the wrong aggressor", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 1, tick: 99 });
    expect(lines(driver.row("buy", 90, 50).hear())).toEqual([]);
    expect(lines(driver.row("quoteAsk", 90, 50).hear())).toEqual([]);
  });

  it("stands behind older ones of ours at its price by what the tape shows, each alone", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 2, tick: 100 });
    driver.submit({ side: "buy", lots: 2, tick: 100 });
    expect(lines(driver.row("sell", 100, 1).hear())).toEqual([
      "trade 1@100 queueReached maker",
      "trade 1@100 queueReached maker",
    ]);
  });

  it("counts book lots where the book is finer than orders", () => {
    const instrument = testInstrument({ lotSize: "1", bookLotSize: "0.1", tickSize: "0.1" });
    const driver = new VenueDriver({ instrument, fills: "partial" });
    driver.row("bid", 99, 100).row("ask", 101, 47);
    driver.submit({ side: "buy", lots: 3, tick: 99 });
    driver.row("sell", 99, 100);
    expect(lines(driver.row("sell", 99, 20).hear())).toEqual(["trade 2@99 queueReached maker"]);
    expect(lines(driver.submit({ side: "buy", lots: 9, tick: 101, timeInForce: "IOC" }).told)).toEqual([
      "accepted",
      "trade 4@101 taken",
      "expired iocRemainder",
    ]);
  });
});

describe("liquidity that was taken", () => {
  it("stays gone until the feed restates the level", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 101, timeInForce: "IOC" });
    expect(lines(driver.submit({ side: "buy", lots: 4, tick: 101, timeInForce: "IOC" }).told)).toEqual([
      "accepted",
      "trade 1@101 taken",
      "expired iocRemainder",
    ]);
    expect(lines(driver.submit({ side: "buy", lots: 2, tick: 101, timeInForce: "FOK" }).told)).toEqual([
      "accepted",
      "expired fokNotFillable",
    ]);
    driver.row("ask", 101, 6);
    expect(lines(driver.submit({ side: "buy", lots: 9, tick: 101, timeInForce: "IOC" }).told)).toEqual([
      "accepted",
      "trade 6@101 taken",
      "expired iocRemainder",
    ]);
  });

  it("is forgotten where the options say so", () => {
    const driver = market({ fills: "partial", rememberConsumed: false });
    for (let i = 0; i < 3; i++) {
      const { told } = driver.submit({ side: "buy", lots: 5, tick: 101, timeInForce: "IOC" });
      expect(lines(told)).toEqual(["accepted", "trade 5@101 taken"]);
    }
  });

  it("counts only what was really taken: a reduce-only order stops at a flat position", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 3, tick: 101 });
    expect(lines(driver.submit({ side: "sell", lots: 9, tick: 99, reduceOnly: true }).told)).toEqual([
      "accepted",
      "trade 3@99 taken",
      "canceled reduceOnlyWouldOpen",
    ]);
    expect(lines(driver.submit({ side: "sell", lots: 8, tick: 99, timeInForce: "IOC" }).told)).toEqual([
      "accepted",
      "trade 7@99 taken",
      "expired iocRemainder",
    ]);
  });
});

describe("reduce-only", () => {
  it("fills up to a flat position and gives the rest back", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 101 });
    driver.submit({ side: "sell", lots: 9, tick: 100, reduceOnly: true });
    expect(lines(driver.row("buy", 102, 1).hear())).toEqual([
      "trade 4@100 tradeThrough maker",
      "canceled reduceOnlyWouldOpen",
    ]);
    expect(driver.venue.position[0]).toBe(0);
    expect(driver.venue.orders.resting).toBe(0);
  });

  it("of a fill-or-kill order larger than the position is not fillable", () => {
    for (const fills of ["partial", "noPartial"] as const) {
      const driver = market({ fills });
      driver.submit({ side: "buy", lots: 4, tick: 101 });
      const wish = { side: "sell", lots: 5, tick: 99, timeInForce: "FOK", reduceOnly: true } as const;
      expect(lines(driver.submit(wish).told)).toEqual(["accepted", "expired fokNotFillable"]);
    }
  });

  it("ends a resting order when it is reached and there is nothing left to reduce", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 4, tick: 101 });
    driver.submit({ side: "sell", lots: 4, tick: 100, reduceOnly: true });
    driver.submit({ side: "sell", lots: 4 });
    expect(lines(driver.row("buy", 102, 1).hear())).toEqual(["canceled reduceOnlyWouldOpen"]);
  });

  it("fills whole without partial fills too, up to the position", () => {
    const driver = market({ fills: "noPartial" });
    driver.submit({ side: "sell", lots: 4, tick: 99 });
    expect(lines(driver.submit({ side: "buy", lots: 6, reduceOnly: true }).told)).toEqual([
      "accepted",
      "trade 4@101 taken",
      "canceled reduceOnlyWouldOpen",
    ]);
  });
});

describe("cancel and replace", () => {
  it("cancels what rests, and is too late for what does not", () => {
    const driver = market();
    const { row } = driver.submit({ side: "buy", lots: 1, tick: 99 });
    expect(lines(driver.cancel(row))).toEqual(["canceled"]);
    expect(lines(driver.cancel(row))).toEqual(["cancelRejected tooLate"]);
    expect(lines(driver.replace(row, 98, 1))).toEqual(["replaceRejected tooLate"]);
    expect(lines(driver.row("sell", 90, 1).hear())).toEqual([]);
  });

  it("a fill on the way beats the cancel", () => {
    const driver = market({ latency: new ConstantLatency({ entryNs: 100, responseNs: 0 }) });
    const { row } = driver.submit({ side: "buy", lots: 1, tick: 99 });
    driver.venue.cancel(row, 1, 1);
    expect(lines(driver.row("sell", 98, 1).hear())).toEqual(["trade 1@99 tradeThrough maker"]);
    expect(lines(driver.arrive())).toEqual(["cancelRejected tooLate"]);
  });

  it("a smaller quantity keeps the place", () => {
    const driver = market({ fills: "partial" });
    const { row } = driver.submit({ side: "buy", lots: 5, tick: 99 });
    driver.row("sell", 99, 9);
    expect(lines(driver.replace(row, 99, 2))).toEqual(["replaced 2@99"]);
    expect(lines(driver.row("sell", 99, 2).hear())).toEqual(["trade 1@99 queueReached maker"]);
  });

  it.each([
    ["a larger quantity", 99, 6],
    ["another price and back", 98, 5],
  ])("%s loses it", (_name, tick, lots) => {
    const driver = market({ fills: "partial" });
    const { row } = driver.submit({ side: "buy", lots: 5, tick: 99 });
    driver.row("sell", 99, 9);
    driver.replace(row, tick, lots);
    if (tick !== 99) driver.replace(row, 99, 5);
    expect(lines(driver.row("sell", 99, 9).hear())).toEqual([]);
    expect(driver.venue.queue.front[row]).toBe(1);
  });

  it("to what is filled already, or below, ends the order at what is filled", () => {
    for (const lots of [3, 2, 1]) {
      const driver = market({ fills: "partial" });
      const { row } = driver.submit({ side: "buy", lots: 5, tick: 100 });
      driver.row("sell", 100, 3);
      driver.hear();
      expect(lines(driver.replace(row, 100, lots))).toEqual(["replaced 3@100"]);
      expect(driver.venue.orders.resting).toBe(0);
      expect(lines(driver.cancel(row))).toEqual(["cancelRejected tooLate"]);
    }
  });

  it("to a price that takes, takes and rests with the rest", () => {
    const driver = market({ fills: "partial" });
    const { row } = driver.submit({ side: "buy", lots: 7, tick: 99 });
    expect(lines(driver.replace(row, 101, 7))).toEqual(["replaced 7@101", "trade 5@101 taken"]);
    expect(driver.venue.orders.resting).toBe(1);
    expect(lines(driver.row("sell", 101, 1).hear())).toEqual(["trade 1@101 queueReached maker"]);
  });

  it("to a price that takes, whole where there are no partial fills", () => {
    const driver = market({ fills: "noPartial" });
    const { row } = driver.submit({ side: "sell", lots: 70, tick: 103 });
    expect(lines(driver.replace(row, 98, 70))).toEqual(["replaced 70@98", "trade 70@99 taken"]);
    expect(driver.venue.orders.resting).toBe(0);
  });

  it("of a post-only order to a price that takes is rejected, and the order rests on", () => {
    const driver = market();
    const { row } = driver.submit({ side: "buy", lots: 1, tick: 99, postOnly: true });
    expect(lines(driver.replace(row, 101, 1))).toEqual(["replaceRejected postOnlyWouldTake"]);
    expect(lines(driver.row("sell", 98, 1).hear())).toEqual(["trade 1@99 tradeThrough maker"]);
  });

  it("after a partial fill counts the filled part in the new total", () => {
    const driver = market({ fills: "partial" });
    const { row } = driver.submit({ side: "buy", lots: 5, tick: 100 });
    driver.row("sell", 100, 2).hear();
    driver.replace(row, 98, 6);
    expect(driver.venue.orders.leaves[row]).toBe(4);
  });
});

describe("time", () => {
  it("orders arrive after the entry latency, reports after the response latency, in order", () => {
    const driver = market({ latency: new ConstantLatency({ entryNs: 100, responseNs: 30 }) });
    driver.at(1000);
    driver.send({ side: "buy", lots: 1, tick: 101 });
    expect(driver.venue.requests.nextNs[0]).toBe(1100);
    expect(driver.arrive().map(({ what, exchNs, arrivesNs }) => [what, exchNs, arrivesNs])).toEqual([
      ["accepted", 1100, 1130],
      ["trade", 1100, 1130],
    ]);
  });

  it("a later order does not overtake an earlier one that is slower", () => {
    const latency = new InterpolatedLatency({
      records: [
        { sentNs: 0, exchNs: 500, reportNs: 600 },
        { sentNs: 100, exchNs: 110, reportNs: 620 },
      ],
    });
    const driver = market({ latency });
    driver.at(0);
    driver.send({ side: "buy", lots: 1, tick: 99 });
    driver.at(100);
    driver.send({ side: "buy", lots: 1, tick: 98 });
    expect(driver.arrive().map(({ row, exchNs }) => [row, exchNs])).toEqual([
      [0, 500],
      [1, 500],
    ]);
  });

  it("an order that is lost is rejected after the time its sender waited, and never arrives", () => {
    const latency = new InterpolatedLatency({ records: [{ sentNs: 0, exchNs: 0, reportNs: 700 }] });
    const driver = market({ latency });
    driver.at(50);
    const row = driver.send({ side: "buy", lots: 1, tick: 101 });
    expect(driver.venue.requests.size).toBe(0);
    expect(driver.hear().map(({ what, why, arrivesNs }) => [what, why, arrivesNs])).toEqual([
      ["rejected", "lostOnTheWay", 750],
    ]);
    expect(driver.venue.orders.resting).toBe(0);
    driver.venue.cancel(row, 1, 1);
    driver.venue.send(asApproved({ ...outboundOrder(), row, id: 1, requestId: 2, priceTicks: 100, lots: 1 }));
    expect(lines(driver.hear())).toEqual(["cancelRejected lostOnTheWay", "replaceRejected lostOnTheWay"]);
  });

  it("GTD orders end at their time, others rest on", () => {
    const driver = market();
    driver.submit({ side: "buy", lots: 1, tick: 99 });
    driver.submit({ side: "sell", lots: 1, tick: 103, timeInForce: "GTD", expireNs: 500 });
    driver.submit({ side: "buy", lots: 1, tick: 98, timeInForce: "GTD", expireNs: 300 });
    expect(driver.venue.nextExpiryNs[0]).toBe(300);
    expect(driver.expire().map(({ row, what, why, exchNs }) => [row, what, why, exchNs])).toEqual([
      [2, "expired", "gtdReached", 300],
    ]);
    expect(driver.venue.nextExpiryNs[0]).toBe(500);
    expect(lines(driver.expire())).toEqual(["expired gtdReached"]);
    expect(driver.venue.nextExpiryNs[0]).toBe(Number.POSITIVE_INFINITY);
    expect(driver.venue.orders.resting).toBe(1);
  });

  it("a GTD order that arrives too late is rejected", () => {
    const driver = market({ latency: new ConstantLatency({ entryNs: 100, responseNs: 0 }) });
    expect(
      lines(driver.submit({ side: "buy", lots: 1, tick: 99, timeInForce: "GTD", expireNs: 100 }).told),
    ).toEqual(["rejected gtdReached"]);
  });

  it("DAY orders end at midnight UTC of the day they were sent in, counted from the session's base", () => {
    const day = 86_400_000_000_000;
    const driver = market({ baseNs: BigInt(day) * 3n - 60n });
    driver.submit({ side: "buy", lots: 1, tick: 99, timeInForce: "DAY" });
    expect(driver.venue.nextExpiryNs[0]).toBe(60);
    driver.at(60);
    driver.submit({ side: "buy", lots: 1, tick: 99, timeInForce: "DAY" });
    expect(lines(driver.expire())).toEqual(["expired dayEnded"]);
    expect(driver.venue.nextExpiryNs[0]).toBe(60 + day);
  });

  it("DAY orders end when the options say that the day does", () => {
    const driver = market({ dayEndNs: (epochNs) => epochNs + 7n });
    driver.submit({ side: "buy", lots: 1, tick: 99, timeInForce: "DAY" });
    expect(driver.venue.nextExpiryNs[0]).toBe(7);
  });
});

describe("a clear and a snapshot", () => {
  it("leave resting orders where they are, with at most the new level before them", () => {
    const driver = market({ fills: "partial" });
    const { row } = driver.submit({ side: "buy", lots: 5, tick: 98 });
    driver.row("clear").row("bid", 99, 4).row("bid", 98, 7).row("ask", 101, 5);
    expect(driver.venue.queue.front[row]).toBe(7);
    expect(driver.hear()).toEqual([]);
    expect(lines(driver.row("sell", 98, 9).hear())).toEqual(["trade 2@98 queueReached maker"]);
  });

  it("leave nothing to take in between", () => {
    const driver = market({ fills: "partial" });
    driver.row("clear");
    expect(lines(driver.submit({ side: "buy", lots: 1 }).told)).toEqual(["rejected noLiquidity"]);
  });

  it("give back what was taken", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 5, tick: 101, timeInForce: "IOC" });
    driver.row("clear").row("ask", 101, 5);
    expect(lines(driver.submit({ side: "buy", lots: 5, tick: 101 }).told)).toContain("trade 5@101 taken");
  });

  it("that crosses resting orders fills them", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 5, tick: 98 });
    driver.row("clear");
    expect(lines(driver.row("ask", 97, 1).hear())).toEqual(["trade 5@98 crossed maker"]);
  });
});

describe("every fill", () => {
  it("has a number of its own, rising", () => {
    const driver = market({ fills: "partial" });
    driver.submit({ side: "buy", lots: 13, tick: 102 });
    driver.submit({ side: "sell", lots: 13, tick: 98 });
    const ids = driver.told.filter(({ what }) => what === "trade").map(({ execId }) => execId);
    expect(ids).toEqual([1, 2, 3, 4]);
  });
});

describe("the options of a venue", () => {
  const instrument = testInstrument();
  const wrong: readonly [string, Record<string, unknown>, string][] = [
    ["no instrument", { instrument: undefined }, "venue.instrument"],
    ["an instrument that is none", { instrument: { symbol: "ABC" } }, "venue.instrument"],
    ["a misspelt option", { fill: "partial" }, "venue.fill"],
    ["a capacity of 0", { capacity: 0 }, "venue.capacity"],
    ["a latency that is a number", { latency: 5 }, "venue.latency"],
    [
      "a latency that cannot be described",
      { latency: { entryNs: () => 1, responseNs: () => 1 } },
      "venue.latency",
    ],
    ["an unknown fill model", { fills: "some" }, "venue.fills"],
    ["rememberConsumed as text", { rememberConsumed: "yes" }, "venue.rememberConsumed"],
    ["dayEndNs that is no function", { dayEndNs: 5 }, "venue.dayEndNs"],
    ["a base that is a number", { baseNs: 5 }, "venue.baseNs"],
    ["a queue model of the wrong name", { queue: { model: "fast" } }, "queue.model"],
  ];

  it.each(wrong)("%s: refused by name", (_name, options, path) => {
    expect(() => new SimVenue({ instrument, ...options } as unknown as SimVenueOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("are described in words and numbers", () => {
    const venue = new SimVenue({ instrument });
    expect(venue.describe()).toEqual({
      latency: { model: "constant", entryNs: 0, responseNs: 0 },
      queue: { model: "power3", n: 3 },
      fills: "partial",
      rememberConsumed: true,
      fees: NO_FEES,
    });
    expect(JSON.parse(JSON.stringify(venue.describe()))).toEqual(venue.describe());
  });
});

it("knows every kind of report by name", () => {
  expect(Object.values(REPORT)).toEqual(Array.from({ length: 19 }, (_, code) => code));
});
