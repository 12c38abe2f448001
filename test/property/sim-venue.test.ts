import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FillModel, QueueModelOptions } from "../../src/sim/index.ts";
import { lines, VenueDriver, type Wish } from "../fixtures/sim-venue-driver.ts";
import { SlowVenue } from "./sim-venue-oracle.ts";

const tick = fc.integer({ min: 97, max: 103 });
const seldom = fc.constantFrom(false, false, false, true);
const LEVELS = ["bid", "ask"] as const;
const TRADES = ["buy", "sell"] as const;
const row = fc.record({
  do: fc.constant("row" as const),
  kind: fc.constantFrom(...LEVELS, ...LEVELS, ...LEVELS, ...TRADES, ...TRADES, "trade", "clear"),
  tick,
  lots: fc.integer({ min: 0, max: 12 }),
});
const wish: fc.Arbitrary<Wish> = fc
  .record({
    side: fc.constantFrom("buy", "sell"),
    lots: fc.integer({ min: 1, max: 15 }),
    tick,
    market: seldom,
    timeInForce: fc.constantFrom("GTC", "GTC", "DAY", "GTD", "IOC", "FOK"),
    postOnly: seldom,
    reduceOnly: seldom,
  })
  .map(({ market, tick: at, timeInForce, postOnly, ...rest }) => {
    if (market) return { ...rest, timeInForce: timeInForce === "FOK" ? "FOK" : "IOC" };
    const immediate = timeInForce === "IOC" || timeInForce === "FOK";
    return { ...rest, tick: at, timeInForce, postOnly: postOnly && !immediate };
  });
const step = fc.oneof(
  { weight: 6, arbitrary: row },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("submit" as const), wish }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), row: fc.nat(12) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      row: fc.nat(12),
      tick,
      lots: fc.integer({ min: 1, max: 15 }),
    }),
  },
);
const steps = fc.array(step, { minLength: 5, maxLength: 60, size: "max" });
const queue = fc.constantFrom<QueueModelOptions>({ model: "riskAverse" }, { model: "power3", n: 3 });
const RUNS = { numRuns: 300 };

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs steps on the venue; calls `after` with what was said. */
function drive(driver: VenueDriver, all: readonly Step[], after: (each: Step) => void): void {
  let orders = 0;
  for (const each of all) {
    if (each.do === "row") {
      // Trades of nothing and levels of a cleared book say nothing: left to the generator of rows.
      driver.row(
        each.kind as "bid",
        each.tick,
        each.kind === "bid" || each.kind === "ask" ? each.lots : each.lots + 1,
      );
      driver.hear();
    } else if (each.do === "submit") {
      driver.submit(each.wish);
      orders += 1;
    } else if (each.row < orders) {
      if (each.do === "cancel") driver.cancel(each.row);
      else driver.replace(each.row, each.tick, each.lots);
    } else continue;
    after(each);
  }
}

function settings(fills: FillModel, model: QueueModelOptions, remembers: boolean): VenueDriver {
  return new VenueDriver({ fills, queue: model, rememberConsumed: remembers });
}

describe("SimVenue", () => {
  it.each(["noPartial", "partial"] as const)("says what a slow and obvious venue says (%s)", (fills) => {
    fc.assert(
      fc.property(steps, queue, seldom, (all, model, forgets) => {
        const driver = settings(fills, model, !forgets);
        const slow = new SlowVenue(fills === "partial", model, !forgets);
        drive(driver, all, (each) => {
          if (each.do === "row") {
            const level = each.kind === "bid" || each.kind === "ask";
            slow.row(each.kind, each.tick, level ? each.lots : each.lots + 1);
          } else if (each.do === "submit") slow.submit(each.wish);
          else if (each.do === "cancel") slow.cancel(each.row);
          else slow.replace(each.row, each.tick, each.lots);
          const said = lines(driver.told).map((line, i) => `${driver.told[i]?.row}: ${line}`);
          expect(said).toEqual(slow.said);
          expect(driver.venue.position[0]).toBe(slow.position);
          expect(driver.venue.orders.resting).toBe(slow.orders.filter(({ resting }) => resting).length);
        });
      }),
      RUNS,
    );
  });

  it("ends a reduce-only order that is moved onto levels taken before, where nothing is left to reduce", () => {
    const driver = settings("partial", { model: "riskAverse" }, true);
    const buy: Wish = {
      side: "buy",
      lots: 1,
      tick: 99,
      timeInForce: "GTC",
      postOnly: false,
      reduceOnly: false,
    };
    driver.row("ask", 99, 1);
    driver.submit(buy);
    driver.submit({ ...buy, side: "sell", tick: 101, reduceOnly: true });
    driver.row("bid", 98, 1);
    driver.submit({ ...buy, side: "sell", tick: 98 });
    driver.replace(1, 98, 1);
    expect(lines(driver.told).at(-1)).toContain("canceled reduceOnlyWouldOpen");
    expect(driver.venue.orders.resting).toBe(0);
  });

  it.each(["noPartial", "partial"] as const)("conserves quantity (%s)", (fills) => {
    fc.assert(
      fc.property(steps, queue, (all, model) => {
        const driver = settings(fills, model, true);
        const wishes: Wish[] = [];
        const ordered: number[] = [];
        drive(driver, all, (each) => {
          if (each.do === "submit") {
            wishes.push(each.wish);
            ordered.push(each.wish.lots);
          }
        });
        const filled = new Array<number>(wishes.length).fill(0);
        let position = 0;
        for (const { what, row: of, lots, tick: at, maker, leaves } of driver.told) {
          const order = wishes[of] as Wish;
          if (what === "replaced") ordered[of] = lots;
          if (what !== "trade") continue;
          const before = filled[of] as number;
          filled[of] = before + lots;
          position += order.side === "buy" ? lots : -lots;
          expect(lots).toBeGreaterThan(0);
          expect(filled[of]).toBeLessThanOrEqual(ordered[of] as number);
          expect(leaves).toBe((ordered[of] as number) - (filled[of] as number));
          if (order.tick === undefined) expect(maker).toBe(false);
          if (order.reduceOnly) {
            const opened = order.side === "buy" ? position > 0 : position < 0;
            expect(opened).toBe(false);
          }
          expect(Number.isInteger(at)).toBe(true);
        }
        expect(driver.venue.position[0]).toBe(position);
      }),
      RUNS,
    );
  });

  it("gives a resting order no more than traded at its price, unless something passed its price", () => {
    const flow = fc.array(
      fc.record({ kind: fc.constantFrom("bid", "sell"), lots: fc.integer({ min: 1, max: 12 }) }),
      { maxLength: 40, size: "max" },
    );
    const model = fc.constantFrom<QueueModelOptions>(
      { model: "riskAverse" },
      { model: "power", n: 3 },
      { model: "power2", n: 2 },
      { model: "power3", n: 3 },
      { model: "log" },
      { model: "log2" },
    );
    fc.assert(
      fc.property(flow, model, fc.integer({ min: 1, max: 60 }), (rows, options, lots) => {
        const driver = settings("partial", options, true);
        driver.row("bid", 100, 9);
        driver.submit({ side: "buy", lots, tick: 100 });
        let traded = 0;
        for (const each of rows) {
          if (each.kind === "sell") traded += each.lots;
          driver.row(each.kind as "bid", 100, each.lots);
        }
        const filled = driver.hear().reduce((sum, told) => sum + (told.what === "trade" ? told.lots : 0), 0);
        expect(filled).toBeLessThanOrEqual(traded);
      }),
      RUNS,
    );
  });
});
