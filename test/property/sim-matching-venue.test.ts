import process from "node:process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { NO_ASK, NO_BID } from "../../src/book/index.ts";
import { KIND_MASK, ROW, type SideSign, TIME_IN_FORCE } from "../../src/model/index.ts";
import { ClosedBook, OWNER } from "../../src/sim/closed-book.ts";
import { CrowdBook } from "../../src/sim/crowd-book.ts";
import { ConstantLatency, type MatchingVenueOptions } from "../../src/sim/index.ts";
import { MarketFlow } from "../../src/sim/market-flow.ts";
import { marketSettings } from "../../src/sim/market-generator-options.ts";
import { ABC, MatchingDriver } from "../fixtures/matching-venue-driver.ts";
import type { Told, Wish } from "../fixtures/sim-venue-driver.ts";

/** More with TICKWRIGHT_MATCHING_RUNS. */
const RUNS = { numRuns: Number(process.env.TICKWRIGHT_MATCHING_RUNS ?? 30) };
const MILLI = 1_000_000;
const SECOND = 1_000_000_000;

const feed = { diffIntervalNs: 0, latencyFloorNs: 0, latencyMedianNs: 0 };
const marketOf = (seed: number) => ({
  ...{ instrument: ABC, seed, startNs: 0n, durationNs: 3_600 * SECOND, warmUpNs: SECOND, feed },
  orders: { levels: 12, ratePerSecond: 60 },
});

const seldom = fc.constantFrom(false, false, false, true);
const wish: fc.Arbitrary<Wish> = fc
  .record({
    side: fc.constantFrom("buy", "sell"),
    lots: fc.integer({ min: 1, max: 120 }),
    tick: fc.integer({ min: 9_985, max: 10_015 }),
    market: seldom,
    timeInForce: fc.constantFrom("GTC", "GTC", "IOC", "FOK", "DAY"),
    postOnly: seldom,
    reduceOnly: fc.constantFrom(...new Array(20).fill(false), true),
    hidden: fc.constantFrom(...new Array(20).fill(false), true),
  })
  .map(({ market, tick, timeInForce, postOnly, hidden, ...rest }) => {
    if (market) return { ...rest, timeInForce: timeInForce === "FOK" ? "FOK" : "IOC" };
    const rests = timeInForce !== "IOC" && timeInForce !== "FOK";
    return { ...rest, tick, timeInForce, postOnly: postOnly && rests, hidden: hidden && rests };
  });
const step = fc.record({
  gapNs: fc.integer({ min: 0, max: 300 }).map((ms) => ms * MILLI),
  act: fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant("submit" as const), wish }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), row: fc.nat(30) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        ...{ do: fc.constant("replace" as const), row: fc.nat(30) },
        ...{ tick: fc.integer({ min: 9_985, max: 10_015 }), lots: fc.integer({ min: 1, max: 150 }) },
      }),
    },
  ),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const steps = fc.array(step, { minLength: 5, maxLength: 40, size: "max" });
const halts = [
  { atNs: 500 * MILLI, phase: "volatility" },
  { atNs: 1_500 * MILLI, phase: "continuous" },
  { atNs: 2_000 * MILLI, phase: "halted" },
  { atNs: 2_300 * MILLI, phase: "continuous" },
  { atNs: 3_000 * MILLI, phase: "closing" },
  { atNs: 3_600 * MILLI, phase: "continuous" },
] as const;
const phasing = fc.constantFrom(undefined, halts);
const banding = fc.constantFrom(undefined, { tier: 1, priorCloseTicks: 10_000, leveragePercent: 1 } as const);
const selfMatch = fc.constantFrom("none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement");
const venue = fc
  .record({ selfMatch, phases: phasing, luld: banding })
  .map(({ selfMatch: mode, phases, luld }) => ({
    selfMatch: mode,
    ...(phases === undefined ? {} : { phases }),
    ...(luld === undefined ? {} : { luld }),
  }));

function drive(driver: MatchingDriver, all: readonly Step[], after: (each: Step) => void): void {
  let sent = 0;
  for (const each of all) {
    driver.until((driver.senderNs[0] as number) + each.gapNs);
    const { act } = each;
    if (act.do === "submit") {
      driver.send(act.wish);
      sent += 1;
    } else if (act.row >= sent) continue;
    else if (act.do === "cancel") driver.askCancel(act.row);
    else driver.askReplace(act.row, act.tick, act.lots);
    after(each);
  }
}

/** What an order takes of the book as the feed shows it: lots by price, in the order of prices. */
function walk(driver: MatchingDriver, order: Wish): readonly (readonly [number, number])[] {
  const { followed } = driver;
  const buys = order.side === "buy";
  const taken: [number, number][] = [];
  let left = order.lots;
  for (let at = buys ? followed.bestAsk : followed.bestBid; at !== (buys ? NO_ASK : NO_BID) && left > 0; ) {
    if (order.tick !== undefined && (buys ? at > order.tick : at < order.tick)) break;
    const lots = Math.min(left, buys ? followed.askLots(at) : followed.bidLots(at));
    taken.push([at, lots]);
    left -= lots;
    at = buys ? followed.nextAsk(at) : followed.nextBid(at);
  }
  return order.timeInForce === "FOK" && left > 0 ? [] : taken;
}

function byPrice(told: readonly Told[]): readonly (readonly [number, number])[] {
  const sums = new Map<number, number>();
  for (const { what, maker, tick, lots } of told)
    if (what === "trade" && !maker) sums.set(tick, (sums.get(tick) ?? 0) + lots);
  return [...sums];
}

describe("MatchingVenue", () => {
  it("gives an order what its feed shows, from the best price on, and shows what is left", () => {
    fc.assert(
      fc.property(steps, fc.nat(1_000), (all, seed) => {
        const driver = new MatchingDriver({ market: marketOf(seed) });
        // What is hidden, or shown and may end in place of trading, the feed cannot know.
        let unknown = 0;
        drive(driver, all, ({ act }) => {
          const isPlain = act.do === "submit" && act.wish.postOnly !== true;
          if (act.do === "submit" && (act.wish.hidden === true || act.wish.reduceOnly === true)) unknown += 1;
          const expected = isPlain && unknown === 0 ? walk(driver, act.wish) : undefined;
          const told = driver.arrive();
          if (expected !== undefined) expect(byPrice(told)).toEqual(expected);
          checkShown(driver);
        });
      }),
      RUNS,
    );
  });

  it("moves lots and money from one to another, tells us all of ours, and nothing before it arrived", () => {
    const latency = fc.record({ entryNs: fc.integer({ min: 0, max: 2_000 }).map((ms) => ms * MILLI) });
    fc.assert(
      fc.property(steps, fc.nat(1_000), latency, venue, (all, seed, { entryNs }, more) => {
        const way = new ConstantLatency({ entryNs, responseNs: 5 });
        const driver = new MatchingDriver({ market: marketOf(seed), latency: way, ...more });
        const sentNs: number[] = [];
        const lots: number[] = [];
        drive(driver, all, ({ act }) => {
          if (act.do !== "submit") return;
          sentNs.push(driver.senderNs[0] as number);
          lots.push(act.wish.lots);
        });
        driver.arrive();
        driver.until((driver.senderNs[0] as number) + 2 * SECOND);
        driver.hear();
        checkBooks(driver);
        checkShown(driver);
        for (const [row, sent] of sentNs.entries())
          checkOrder(driver, row, sent + entryNs, lots[row] as number);
        checkPrints(driver);
      }),
      RUNS,
    );
  });

  it("tells one story of one seed and one set of requests, another of another seed", () => {
    fc.assert(
      fc.property(steps, fc.nat(1_000), (all, seed) => {
        const story = (with_: MatchingVenueOptions["market"]) => {
          const driver = new MatchingDriver({ market: with_ });
          drive(driver, all, () => driver.arrive());
          driver.until((driver.senderNs[0] as number) + SECOND);
          return [driver.venue.rows.digest(), driver.venue.book.stateHash(), JSON.stringify(driver.told)];
        };
        expect(story(marketOf(seed))).toEqual(story(marketOf(seed)));
        expect(story(marketOf(seed + 1))[0]).not.toBe(story(marketOf(seed))[0]);
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 3) },
    );
  });
});

/** The feed's book is what the venue's shows; where trading is not continuous it is empty. */
function checkShown({ venue, followed, isValid }: MatchingDriver): void {
  const levels = (side: readonly { readonly priceTicks: number; readonly lots: number }[]) =>
    side.map(({ priceTicks, lots }) => [priceTicks, lots]);
  const isOpen = venue.book.phase === "continuous";
  const { bids, asks } = venue.book.depth();
  const told = followed.copy();
  expect([isValid, levels(told.bids), levels(told.asks)]).toEqual(
    isOpen ? [true, levels(bids), levels(asks)] : [false, [], []],
  );
}

/** Nothing comes from nowhere, and what reports tell us is what the book knows of us. */
function checkBooks({ venue, told }: MatchingDriver): void {
  const sum = (all: Float64Array): number => all.reduce((a, b) => a + b, 0);
  expect([sum(venue.book.positions), sum(venue.money)]).toEqual([0, 0]);
  let [position, money] = [0, 0];
  for (const { what, row, tick, lots } of told) {
    if (what !== "trade") continue;
    const side = venue.orders.side[row] as number;
    position += side * lots;
    money -= side * tick * lots;
  }
  expect([position, money]).toEqual([venue.position[0], venue.money[OWNER.own]]);
}

/** One order's reports: answered when it arrived, then trades that add up, and one end. */
function checkOrder({ told }: MatchingDriver, row: number, arrivedNs: number, lots: number): void {
  const own = told.filter((each) => each.row === row);
  const [first] = own;
  expect([first?.exchNs, first?.what === "accepted" || first?.what === "rejected"]).toEqual([
    arrivedNs,
    true,
  ]);
  let whole = lots;
  let filled = 0;
  let isOver = first?.what === "rejected";
  for (const { what, lots: some, leaves, exchNs, arrivesNs } of own.slice(1)) {
    expect(exchNs).toBeGreaterThanOrEqual(arrivedNs);
    expect(arrivesNs).toBeGreaterThanOrEqual(exchNs + 5);
    if (what === "cancelRejected" || what === "replaceRejected") continue;
    expect([row, isOver]).toEqual([row, false]);
    if (what === "replaced" || what === "restated") whole = some;
    if (what === "trade") {
      filled += some;
      expect(leaves).toBe(whole - filled);
    }
    isOver = what === "canceled" || what === "expired" || whole === filled;
  }
  expect(filled).toBeLessThanOrEqual(whole);
}

/** Every execution of ours is on the tape, at its time and price, as large as we are told or larger. */
function checkPrints({ told, rows }: MatchingDriver): void {
  const key = (ns: number, tick: number): string => `${ns} ${tick}`;
  const printed = new Map<string, number>();
  for (const { kind, exchNs, tick, lots } of rows) {
    if (![ROW.buy, ROW.sell, ROW.trade].includes((kind & KIND_MASK) as 2)) continue;
    printed.set(key(exchNs, tick), (printed.get(key(exchNs, tick)) ?? 0) + lots);
  }
  for (const isMaker of [true, false]) {
    const left = new Map(printed);
    for (const { what, maker, exchNs, tick, lots } of told) {
      if (what !== "trade" || maker !== isMaker) continue;
      const rest = (left.get(key(exchNs, tick)) ?? 0) - lots;
      expect(rest).toBeGreaterThanOrEqual(0);
      left.set(key(exchNs, tick), rest);
    }
  }
}

describe("the crowd of a closed market", () => {
  const shock = fc.record({
    after: fc.integer({ min: 0, max: 60 }),
    do: fc.constantFrom("take", "take", "sweep", "band", "free", "auction", "go"),
    side: fc.constantFrom<SideSign>(1, -1),
    lots: fc.integer({ min: 1, max: 400 }),
  });

  it("knows its orders, level by level, whatever others do to the book", () => {
    fc.assert(
      fc.property(fc.array(shock, { maxLength: 25 }), fc.nat(1_000), (shocks, seed) => {
        const settings = marketSettings({ ...marketOf(seed), durationNs: 1 });
        const floor = new ClosedBook({ lowestTicks: 1, highestTicks: 20_000 });
        const rng = new Prng(seed);
        const limits = { reachTicks: settings.reachTicks, highestTicks: 20_000 };
        const crowd = new CrowdBook(floor, limits, rng.fork("cancel"), settings.priceTicks);
        const flow = new MarketFlow(settings, crowd, rng, 0);
        floor.advance(0);
        flow.begin();
        flow.draw();
        for (const each of shocks) {
          for (let i = 0; i < each.after; i++) flow.event();
          if (each.do === "take" || each.do === "sweep") {
            const lots = each.do === "sweep" ? 100_000 : each.lots;
            floor.post(each.side, each.side > 0 ? 20_000 : 1, lots, OWNER.own, TIME_IN_FORCE.IOC);
          } else if (each.do === "band") floor.setBands({ lowerTicks: 9_998, upperTicks: 10_002 });
          else if (each.do === "free") floor.setBands();
          else floor.turn(each.do === "auction" ? "volatility" : "continuous");
          checkCrowd(floor, crowd);
        }
        expect(floor.book.positions.reduce((a, b) => a + b, 0)).toBe(0);
        expect(floor.money.reduce((a, b) => a + b, 0)).toBe(0);
      }),
      RUNS,
    );
  });
});

function checkCrowd({ book }: ClosedBook, crowd: CrowdBook): void {
  const { bids, asks } = book.depth();
  for (const [side, levels] of [[1, bids] as const, [-1, asks] as const]) {
    const shown = levels.reduce((sum, { lots }) => sum + lots, 0);
    const quoted = levels.reduce((sum, { priceTicks }) => sum + crowd.quotedAt(side, side * priceTicks), 0);
    expect(crowd.restLots(side) + quoted).toBe(shown);
    const worst = levels.at(-1)?.priceTicks;
    expect(crowd.worst(side)).toBe(worst === undefined ? Number.POSITIVE_INFINITY : side * worst);
  }
}
