import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { luldBands, luldTerms } from "../../src/risk/luld-bands.ts";
import { LULD_PHASE, luldPhase } from "../../src/risk/luld-phase.ts";
import { LuldState } from "../../src/risk/luld-state.ts";
import { TradeWindow } from "../../src/risk/trade-window.ts";

const SECOND = 1e9;
const OPEN = 1_000 * SECOND;
const terms = luldTerms("2024-05-01");
const { limitDown, limitUp, normal, paused, unopened } = LULD_PHASE;

/** One security, by lists and rational numbers. */
class LuldOracle {
  phase: number = unopened;
  since = 0;
  reference = 0n;
  referenceAt = 0;
  bands: { lowerE4: number; upperE4: number } | undefined = { lowerE4: Infinity, upperE4: 0 };
  trades: { price: bigint; at: number }[] = [];
  bid = 0;
  ask = Infinity;
  readonly tier: 1 | 2;
  readonly close: number;

  constructor(tier: 1 | 2, close: number) {
    this.tier = tier;
    this.close = close;
  }

  get live(): boolean {
    return this.phase !== unopened && this.phase !== paused;
  }

  pass(now: number): void {
    if (!this.live) return;
    if (this.phase === limitDown || this.phase === limitUp) {
      if (now - this.since >= 15 * SECOND) [this.phase, this.since] = [paused, this.since + 15 * SECOND];
      return;
    }
    const counted = this.trades.filter((trade) => now - trade.at < 300 * SECOND);
    const count = BigInt(counted.length);
    const sum = counted.reduce((total, trade) => total + trade.price, 0n);
    const distance = sum - this.reference * count;
    const far = (distance < 0n ? -distance : distance) * 100n >= this.reference * count;
    if (count > 0n && far && now - this.referenceAt >= 30 * SECOND) {
      this.reference = (2n * sum + count) / (2n * count);
      this.referenceAt = now;
    }
    this.bands = luldBands({
      tier: this.tier,
      referenceE4: Number(this.reference),
      priorCloseE4: this.close,
      sinceOpenNs: now - OPEN,
      terms,
    });
    this.judge(now);
  }

  judge(now: number): void {
    const { lowerE4, upperE4 } = this.bands ?? { lowerE4: 0, upperE4: 0 };
    const phase = luldPhase(this.bid, this.ask, lowerE4, upperE4);
    if (phase !== this.phase) [this.phase, this.since] = [phase, now];
  }

  open(price: number, now: number): void {
    Object.assign(this, { reference: BigInt(price), referenceAt: now, trades: [], bid: 0, ask: Infinity });
    Object.assign(this, { phase: normal, since: now });
    this.pass(now);
  }

  trade(price: number, now: number): void {
    this.trades.push({ price: BigInt(price), at: now });
    this.pass(now);
  }

  quote(bid: number, ask: number, now: number): void {
    this.pass(now);
    if (!this.live) return;
    [this.bid, this.ask] = [bid, ask];
    this.judge(now);
  }
}

/** Exactly 1 % away at times, and no whole cents at others. */
const price = fc.oneof(
  fc.constantFrom(990_000, 1_000_000, 1_010_000),
  fc.integer({ min: 85, max: 115 }).map((dollars) => dollars * 10_000 + (dollars % 7)),
);
const step = fc.record({
  kind: fc.constantFrom("trade", "trade", "trade", "quote", "quote", "advance", "pause", "open", "reload"),
  instrument: fc.nat({ max: 1 }),
  price,
  spread: fc.integer({ min: -2, max: 6 }),
  side: fc.constantFrom("both", "both", "both", "bid", "offer", "lower", "upper"),
  wait: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 }), fc.constant(15), fc.constant(400)),
});

describe("LuldState", () => {
  it("agrees with lists and rational numbers", () => {
    const seen = new Set<number>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 380 }), (steps, minutes) => {
        let now = OPEN + minutes * 60 * SECOND;
        const make = () => new LuldState({ instruments: 2, trades: 64, terms, openNs: OPEN });
        let luld = make();
        const oracles = [new LuldOracle(1, 1_000_000), new LuldOracle(2, 29_000)] as const;
        luld.list(0, 1, 1_000_000);
        luld.list(1, 2, 29_000);
        for (const i of [0, 1] as const) {
          luld.open(i, 1_000_000, now);
          oracles[i].open(1_000_000, now);
        }
        for (const { kind, instrument, price: at, spread, side, wait } of steps) {
          now = Math.min(now + wait * SECOND, OPEN + 390 * 60 * SECOND);
          const oracle = oracles[instrument as 0 | 1];
          if (kind === "trade") {
            luld.trade(instrument, at, now);
            oracle.trade(at, now);
          } else if (kind === "quote") {
            let [bid, ask] = [side === "offer" ? 0 : at, side === "bid" ? Infinity : at + spread * 10_000];
            if (side === "lower") [bid, ask] = [0, luld.lowerE4(instrument)];
            if (side === "upper") [bid, ask] = [luld.upperE4(instrument), Infinity];
            luld.quote(instrument, bid, ask, now);
            oracle.quote(bid, ask, now);
          } else if (kind === "pause") {
            luld.pause(instrument, now);
            oracle.phase = paused;
            oracle.since = now;
          } else if (kind === "open") {
            luld.open(instrument, at, now);
            oracle.open(at, now);
          } else if (kind === "reload") {
            const copy = make();
            copy.load(JSON.parse(JSON.stringify(luld.save())));
            luld = copy;
          } else {
            luld.advance(instrument, now);
            oracle.pass(now);
          }
          seen.add(oracle.phase);
          expect([luld.phaseOf(instrument), luld.referenceE4(instrument)]).toEqual([
            oracle.phase,
            Number(oracle.reference),
          ]);
          expect([luld.lowerE4(instrument), luld.upperE4(instrument)]).toEqual([
            oracle.bands?.lowerE4,
            oracle.bands?.upperE4,
          ]);
          const ends = oracle.phase === paused ? oracle.since + 300 * SECOND : Number.NaN;
          expect(luld.reopensNs(instrument)).toBe(ends);
        }
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("TradeWindow", () => {
  it("agrees with a list of trades", () => {
    const trade = fc.record({
      instrument: fc.nat({ max: 1 }),
      price: fc.integer({ min: 0, max: 1_000 }),
      wait: fc.nat({ max: 60 }),
      clear: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (trades, capacity) => {
        const make = () =>
          new TradeWindow({ instruments: 2, trades: capacity, maxPrice: 1_000, windowNs: 100 });
        let window = make();
        const lists: { price: number; at: number }[][] = [[], []];
        let [now, dropped] = [0, 0];
        for (const { instrument, price: paid, wait, clear } of trades) {
          now += wait;
          window.expire(instrument, now);
          let list = (lists[instrument] ?? []).filter((each) => now - each.at < 100);
          if (clear) {
            window.clear(instrument);
            list = [];
          }
          window.push(instrument, paid, now);
          list.push({ price: paid, at: now });
          if (list.length > capacity) {
            list.shift();
            dropped++;
          }
          lists[instrument] = list;
          const sum = list.reduce((total, each) => total + each.price, 0);
          expect([window.count(instrument), window.sum(instrument), window.dropped]).toEqual([
            list.length,
            sum,
            dropped,
          ]);
          expect(window.mean(instrument)).toBe(Math.floor(sum / list.length + 0.5));
          if (wait === 60 && dropped === 0) {
            const copy = make();
            copy.load(JSON.parse(JSON.stringify(window.save())));
            window = copy;
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
