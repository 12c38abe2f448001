import fc from "fast-check";
import { expect, test } from "vitest";
import { DepthBlock, KIND_MASK, LAST, ROW, type SideSign, SNAPSHOT } from "../../src/model/index.ts";
import {
  DepthMarket,
  type DepthMarketOptions,
  generateDepthTape,
  type MarketCause,
  writeDepthTape,
} from "../../src/sim/index.ts";

const SECOND = 1_000_000_000;
const plain = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
const fine = {
  symbol: "XYZ",
  venue: "sim",
  tickSize: "0.1",
  lotSize: "0.001",
  bookLotSize: "0.0001",
  quote: "USDT",
};

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 30, noNaN: true }));
const size = fc.double({ min: 1, max: 60, noNaN: true });
const options: fc.Arbitrary<DepthMarketOptions> = fc
  .record({
    instrument: fc.constantFrom(plain, fine),
    seed: fc.integer(),
    startNs: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
    length: fc.oneof(
      fc.record({ durationNs: fc.integer({ min: 1, max: 8 * SECOND }) }),
      fc.record({ rows: fc.integer({ min: 1, max: 800 }) }),
    ),
    priceTicks: fc.constantFrom(400, 10_000, 200_000_000),
    volatilityTicks: fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 80, noNaN: true })),
    jumpShare: fc.double({ min: 0, max: 1, noNaN: true }),
    jumpsPerHour: fc.double({ min: 1, max: 20_000, noNaN: true }),
    warmUpNs: fc.integer({ min: 0, max: 2 * SECOND }),
    orders: fc.record({
      ratePerSecond: fc.double({ min: 2, max: 80, noNaN: true }),
      decayPerTick: fc.double({ min: 0.01, max: 3, noNaN: true }),
      lots: size,
      cancelPerSecond: fc.double({ min: 0.05, max: 6, noNaN: true }),
      levels: fc.integer({ min: 2, max: 70 }),
    }),
    noise: fc.record({ ratePerSecond: rate, lots: size, reachTicks: fc.integer({ min: 0, max: 90 }) }),
    excited: fc.record({
      ratePerSecond: rate,
      branching: fc.double({ min: 0, max: 0.95, noNaN: true }),
      crossShare: fc.double({ min: 0, max: 1, noNaN: true }),
      decayPerSecond: fc.double({ min: 0.1, max: 20, noNaN: true }),
    }),
    informed: fc.record({
      ratePerSecond: rate,
      costTicks: fc.double({ min: 0, max: 3, noNaN: true }),
      lots: size,
    }),
    makers: fc.record({
      ratePerSecond: rate,
      halfSpreadTicks: fc.double({ min: 0, max: 5, noNaN: true }),
      levels: fc.integer({ min: 1, max: 2 }),
      lots: fc.integer({ min: 1, max: 50 }),
      lagNs: fc.integer({ min: 1, max: 2 * SECOND }),
    }),
    feed: fc.record({
      diffIntervalNs: fc.constantFrom(0, 1_000_000, 100_000_000, SECOND),
      quotes: fc.boolean(),
      latencyFloorNs: fc.integer({ min: 0, max: 10_000_000 }),
      latencyMedianNs: fc.integer({ min: 0, max: 10_000_000 }),
      latencySigma: fc.double({ min: 0, max: 3, noNaN: true }),
    }),
  })
  .map(({ length, ...others }) => ({ ...others, ...length }));

type Levels = Map<number, number>;
interface Told {
  readonly exchNs: number;
  readonly localNs: number;
  readonly kind: number;
  readonly tick: number;
  readonly lots: number;
}
interface Fill {
  readonly exchNs: number;
  readonly side: SideSign;
  readonly tick: number;
  readonly lots: number;
}

const bestBid = (bids: Levels) => Math.max(...bids.keys());
const bestAsk = (asks: Levels) => Math.min(...asks.keys());

/** The slow market: it believes the witness's events and the feed's messages, and compares the two. */
class Oracle {
  readonly trueBids: Levels = new Map();
  readonly trueAsks: Levels = new Map();
  readonly toldBids: Levels = new Map();
  readonly toldAsks: Levels = new Map();
  readonly fills: Fill[] = [];
  readonly counts = { snapshot: 0, trade: 0, quote: 0, diff: 0, expired: 0 };
  #message: Told[] = [];
  #exchNs = Number.NEGATIVE_INFINITY;
  #localNs = Number.NEGATIVE_INFINITY;
  readonly #perLot: number;

  constructor(perLot: number) {
    this.#perLot = perLot;
  }

  event(cause: MarketCause, side: SideSign, exchNs: number, tick: number, lots: number): void {
    expect(lots > 0 && lots % this.#perLot === 0).toBe(true);
    const trade = cause === "noise" || cause === "excited" || cause === "informed";
    const buys = side > 0;
    if (cause === "expire") this.counts.expired += 1;
    if (trade) {
      expect(tick).toBe(buys ? bestAsk(this.trueAsks) : bestBid(this.trueBids));
      this.fills.push({ exchNs, side, tick, lots });
      this.#change(buys ? this.trueAsks : this.trueBids, tick, -lots);
    } else {
      const adds = cause === "order" || cause === "quote";
      this.#change(buys ? this.trueBids : this.trueAsks, tick, adds ? lots : -lots);
    }
    expect(bestBid(this.trueBids)).toBeLessThan(bestAsk(this.trueAsks));
  }

  #change(levels: Levels, tick: number, by: number): void {
    const left = (levels.get(tick) ?? 0) + by;
    expect(left).toBeGreaterThanOrEqual(0);
    if (left === 0) levels.delete(tick);
    else levels.set(tick, left);
  }

  row(row: Told): void {
    expect(row.exchNs).toBeGreaterThanOrEqual(this.#exchNs);
    expect(row.localNs).toBeGreaterThanOrEqual(this.#localNs);
    expect(row.localNs).toBeGreaterThanOrEqual(row.exchNs);
    expect(Number.isSafeInteger(row.lots) && row.lots >= 0 && row.lots % this.#perLot === 0).toBe(true);
    this.#exchNs = row.exchNs;
    this.#localNs = row.localNs;
    this.#message.push(row);
    if ((row.kind & LAST) === 0) return;
    expect(new Set(this.#message.map((each) => `${each.exchNs} ${each.localNs}`)).size).toBe(1);
    this.#tell(this.#message);
    this.#message = [];
    expect(bestBid(this.toldBids)).toBeLessThan(bestAsk(this.toldAsks));
    expect(Math.min(this.toldBids.size, this.toldAsks.size)).toBeGreaterThan(0);
  }

  #tell(rows: readonly Told[]): void {
    const first = rows[0] as Told;
    const kind = first.kind & KIND_MASK;
    if (kind === ROW.clear) {
      this.counts.snapshot += 1;
      expect(rows.every((row) => (row.kind & SNAPSHOT) !== 0)).toBe(true);
      this.#levels(rows.slice(1));
      for (const [tick, lots] of this.toldBids) this.trueBids.set(tick, lots);
      for (const [tick, lots] of this.toldAsks) this.trueAsks.set(tick, lots);
    } else if (kind === ROW.buy || kind === ROW.sell) {
      this.counts.trade += 1;
      expect(rows.length).toBe(1);
      const side = kind === ROW.buy ? 1 : -1;
      expect(this.fills.shift()).toEqual({ exchNs: first.exchNs, side, tick: first.tick, lots: first.lots });
    } else if (kind === ROW.quoteBid) {
      this.counts.quote += 1;
      const [bid, ask] = [bestBid(this.trueBids), bestAsk(this.trueAsks)];
      expect(rows.map((row) => [row.kind, row.tick, row.lots])).toEqual([
        [ROW.quoteBid, bid, this.trueBids.get(bid)],
        [ROW.quoteAsk | LAST, ask, this.trueAsks.get(ask)],
      ]);
    } else {
      this.counts.diff += 1;
      this.#levels(rows);
      expect(this.toldBids).toEqual(this.trueBids);
      expect(this.toldAsks).toEqual(this.trueAsks);
    }
  }

  /** Sets levels one by one: not even within a message may they cross. */
  #levels(rows: readonly Told[]): void {
    for (const { kind, tick, lots } of rows) {
      const levels = (kind & KIND_MASK) === ROW.bid ? this.toldBids : this.toldAsks;
      expect([ROW.bid, ROW.ask]).toContain(kind & KIND_MASK);
      if (lots === 0) levels.delete(tick);
      else levels.set(tick, lots);
      expect(bestBid(this.toldBids)).toBeLessThan(bestAsk(this.toldAsks));
    }
  }
}

/** Runs a market past the oracle. */
function watch(market: DepthMarketOptions): { readonly oracle: Oracle; readonly rows: number } {
  const oracle = new Oracle(market.instrument === fine ? 10 : 1);
  const run = new DepthMarket(
    {
      ...market,
      witness: (cause, side, exchNs, tick, lots) => oracle.event(cause, side, exchNs, tick, lots),
    },
    (exchNs, localNs, kind, tick, lots) => oracle.row({ exchNs, localNs, kind, tick, lots }),
  );
  while (run.next()) {}
  expect(run.next()).toBe(false);
  return { oracle, rows: run.rows };
}

test("what the feed tells is what happened", () => {
  const seen = { snapshot: 0, trade: 0, quote: 0, diff: 0, expired: 0 };
  fc.assert(
    fc.property(options, (market) => {
      const { oracle, rows } = watch(market);
      expect(oracle.counts.snapshot).toBe(1);
      expect(oracle.fills).toEqual([]);
      expect(oracle.toldBids).toEqual(oracle.trueBids);
      expect(oracle.toldAsks).toEqual(oracle.trueAsks);
      if (market.rows !== undefined) expect(rows).toBeGreaterThanOrEqual(market.rows);
      for (const each of ["snapshot", "trade", "quote", "diff", "expired"] as const)
        seen[each] += oracle.counts[each];
    }),
    { numRuns: 150 },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
});

test("what the feed tells is what happened, for five minutes of the defaults", () => {
  const { oracle } = watch({
    instrument: plain,
    seed: 11,
    durationNs: 300 * SECOND,
    feed: { quotes: true },
  });
  expect(oracle.counts.trade).toBeGreaterThan(500);
  expect(oracle.counts.diff).toBeGreaterThan(2_500);
});

test("one set of options gives one tape, in memory and as bytes", () => {
  fc.assert(
    fc.property(options, (market) => {
      const tape = generateDepthTape(market);
      const again = generateDepthTape(market);
      const pieces: Uint8Array[] = [];
      expect(again.meta).toEqual(tape.meta);
      expect(writeDepthTape(market, { sink: (piece) => pieces.push(piece) })).toEqual(tape.meta);
      const block = new DepthBlock();
      tape.read(0, block);
      expect(block.kind[0]).toBe(ROW.clear | SNAPSHOT);
      expect(BigInt(tape.meta.baseNs) + BigInt(block.exch[0] as number)).toBe(market.startNs);
    }),
    { numRuns: 25 },
  );
});

test("each seed gives a tape of its own", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.maxSafeInteger(), { minLength: 8, maxLength: 8 }), (seeds) => {
      const tapes = seeds.map((seed) => generateDepthTape({ instrument: plain, seed, durationNs: SECOND }));
      expect(new Set(tapes.map((tape) => tape.meta.contentSha256)).size).toBe(seeds.length);
    }),
    { numRuns: 5 },
  );
});
