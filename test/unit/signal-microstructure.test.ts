import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import {
  asymptoticQuotes,
  avellanedaStoikov,
  BookImbalance,
  bookImbalance,
  depthVwap,
  garmanKlass,
  type LevelBook,
  Microprice,
  OrderFlowImbalance,
  optimalSpread,
  parkinson,
  quoteFlow,
  RealizedVariance,
  rogersSatchell,
  TwoScaleVariance,
  tradeImbalance,
  VolatilityRate,
  weightedMid,
} from "../../src/signal/index.ts";

function near(actual: number, wanted: number, digits = 1e-10): void {
  expect(Math.abs(actual / wanted - 1), `${actual} against ${wanted}`).toBeLessThan(digits);
}

describe("quotes of a market maker", () => {
  it("the published vector: s 100, q 2, gamma .1, sigma 2, k 1.5, tau .5", () => {
    const quotes = avellanedaStoikov({ mid: 100, inventory: 2, gamma: 0.1, sigma: 2, k: 1.5, tau: 0.5 });
    near(quotes.reservation, 99.6);
    near(quotes.spread, 1.4907704227514234);
    near(quotes.bid, 99.6 - 1.4907704227514234 / 2);
    near(quotes.ask, 99.6 + 1.4907704227514234 / 2);
    near(optimalSpread(0.1, 0, 1.5, 0.5), 1.290770422751, 1e-12);
  });

  it("the skew of both quotes is gamma sigma^2 tau q, and a flat maker is centred", () => {
    const terms = { mid: 50, gamma: 0.3, sigma: 0.7, k: 4, tau: 2 };
    const flat = avellanedaStoikov({ ...terms, inventory: 0 });
    const short = avellanedaStoikov({ ...terms, inventory: -3 });
    near((flat.bid + flat.ask) / 2, 50);
    near(short.bid - flat.bid, 3 * 0.3 * 0.49 * 2);
    near(short.ask - flat.ask, 3 * 0.3 * 0.49 * 2);
  });

  it("a risk aversion near zero tends to 2 / k, without losing digits", () => {
    near(optimalSpread(1e-12, 0, 1.5, 1), 2 / 1.5, 1e-11);
  });

  it("asymptotic quotes by the formula, mirrored by the sign of the inventory", () => {
    const terms = { mid: 100, gamma: 0.1, sigma: 2, k: 1.5, a: 140 };
    for (const inventory of [-5, 0, 3]) {
      const quotes = asymptoticQuotes({ ...terms, inventory });
      const slope = Math.sqrt(((4 * 0.1) / (2 * 1.5 * 140)) * (1 + 0.1 / 1.5) ** (1 + 1.5 / 0.1));
      near(quotes.bidDistance, Math.log(1 + 0.1 / 1.5) / 0.1 + ((2 * inventory + 1) / 2) * slope);
      near(quotes.ask - 100, Math.log(1 + 0.1 / 1.5) / 0.1 + ((1 - 2 * inventory) / 2) * slope);
      const mirrored = asymptoticQuotes({ ...terms, inventory: -inventory });
      near(mirrored.bidDistance, quotes.askDistance);
    }
  });
});

describe("range estimators", () => {
  const bar = { open: 100, high: 103, low: 99, close: 102 };

  it("the published vector", () => {
    near(parkinson(bar), 0.0005658552269393287);
    near(garmanKlass(bar), 0.000632958875892208);
    near(rogersSatchell(bar), 0.0005884131517204425);
  });

  it("a bar outside its range or not above zero is refused", () => {
    const wrong = [{ high: 101 }, { low: 101 }, { low: 0 }, { close: 104 }, { open: Number.NaN }];
    for (const change of wrong) {
      for (const estimate of [parkinson, garmanKlass, rogersSatchell]) {
        expect(() => estimate({ ...bar, ...change })).toThrow(
          /^FAULT_INPUT (parkinson|garmanKlass|rogersSatchell)/,
        );
      }
    }
  });
});

describe("order flow", () => {
  const before = { bid: 100, bidSize: 5, ask: 102, askSize: 7 };

  it.each([
    ["bid grows", { bidSize: 8 }, 3],
    ["bid shrinks", { bidSize: 1 }, -4],
    ["bid rises", { bid: 101, bidSize: 2 }, 2],
    ["bid falls", { bid: 99, bidSize: 9 }, -5],
    ["ask grows", { askSize: 9 }, -2],
    ["ask shrinks", { askSize: 1 }, 6],
    ["ask falls", { ask: 101, askSize: 4 }, -4],
    ["ask rises", { ask: 103, askSize: 4 }, 7],
    ["nothing", {}, 0],
  ])("%s", (_name, change, wanted) => {
    expect(quoteFlow(before, { ...before, ...change })).toBe(wanted);
  });

  it("is refused where sizes are below zero, and skips crossed quotes", () => {
    const flow = new OrderFlowImbalance({ events: 1 });
    flow.update(100, 5, 102, 7);
    expect(() => flow.update(100, -1, 102, 7)).toThrow("FAULT_INPUT OrderFlowImbalance.update.bidSize");
    expect(flow.update(103, 5, 102, 7)).toBeNaN();
    expect([flow.skipped, flow.count]).toEqual([1, 1]);
    expect(flow.update(100, 6, 102, 7)).toBe(1);
  });

  it("a span of time needs times that never fall, and empties as time passes", () => {
    const flow = new OrderFlowImbalance({ windowNs: 1_000, slices: 10 });
    flow.update(100, 5, 102, 7, 0);
    expect(() => flow.update(100, 6, 102, 7)).toThrow("FAULT_INPUT OrderFlowImbalance.update.ns");
    flow.update(100, 6, 102, 7, 50);
    expect(flow.update(100, 9, 102, 7, 950)).toBeNaN();
    expect(flow.advance(1_000)).toBe(3);
    expect(() => flow.update(100, 9, 102, 7, 899)).toThrow("FAULT_INPUT OrderFlowImbalance.update.ns");
    expect(flow.advance(1_899)).toBe(3);
    expect(flow.advance(1_900)).toBe(0);
    expect(flow.advance(1e15)).toBe(0);
  });

  it("trade imbalance is its own thing", () => {
    expect([tradeImbalance(3, 1), tradeImbalance(0, 4), tradeImbalance(0, 0)]).toEqual([0.5, -1, 0]);
    expect(() => tradeImbalance(-1, 1)).toThrow("FAULT_INPUT tradeImbalance.bought");
  });
});

describe("book shape", () => {
  it("imbalance, weighted mid and depth average", () => {
    expect([bookImbalance(3, 1), bookImbalance(0, 0), bookImbalance(0, 2)]).toEqual([0.75, 0.5, 0]);
    expect([weightedMid(10, 1, 12, 3), weightedMid(10, 0, 12, 0)]).toEqual([10.5, 11]);
    expect(() => weightedMid(13, 1, 12, 3)).toThrow("FAULT_INPUT weightedMid.bid");
    expect(depthVwap([10, 20], [3, 1])).toBe(12.5);
    expect(() => depthVwap([10], [0])).toThrow("FAULT_INPUT depthVwap.sizes");
    expect(() => depthVwap([10, 11], [1])).toThrow("FAULT_INPUT depthVwap.sizes");
    expect(() => depthVwap([], [])).toThrow("FAULT_INPUT depthVwap.sizes");
  });

  it("levels fade by their decay; columns and books give the same", () => {
    const decay = Math.LN2;
    const three = new BookImbalance({ levels: 3, decay });
    near(three.update([4, 4, 4, 100], [2, 0, 8]), 7 / 11);
    near(three.measure(ladder([4, 4, 4, 100], [2, 1, 8])), 7 / (7 + 2 + 0.5 + 2));
    near(three.measure(ladder([4], [2, 0, 8])), 4 / 6);
    expect(three.measure(ladder([], []))).toBe(0.5);
    expect(three.measure(ladder([1], []))).toBe(1);
    expect(() => three.update([-1], [1])).toThrow("FAULT_INPUT BookImbalance.update");
  });
});

/** A book of levels one tick apart, around 100. */
function ladder(bids: readonly number[], asks: readonly number[]): LevelBook {
  const none = 0x3fffffff;
  return {
    hasBid: bids.length > 0,
    hasAsk: asks.length > 0,
    bestBid: bids.length > 0 ? 99 : -1,
    bestAsk: asks.length > 0 ? 101 : none,
    bidLots: (price) => bids[99 - price] ?? 0,
    askLots: (price) => asks[price - 101] ?? 0,
    nextBid: (price) => (100 - price < bids.length ? price - 1 : -1),
    nextAsk: (price) => (price - 100 < asks.length ? price + 1 : none),
  };
}

describe("volatility", () => {
  it("a rate in price units per root second does not depend on how often it is sampled", () => {
    const rng = new Prng(8);
    const [dense, sparse] = [1, 20].map(() => new VolatilityRate({ halfLifeNs: 1e12, of: "price" }));
    let price = 60_000;
    for (let i = 0; i < 200_000; i++) {
      price += 2.5 * Math.sqrt(0.1) * rng.normal();
      dense?.update(price, i * 1e8);
      if (i % 20 === 0) sparse?.update(price, i * 1e8);
    }
    near(dense?.value ?? 0, 2.5, 0.02);
    near(sparse?.value ?? 0, 2.5, 0.05);
  });

  it("prices and returns differ by the price: units are never guessed", () => {
    const byPrice = new VolatilityRate({ halfLifeNs: 1e9, of: "price", warmup: 1 });
    const byReturn = new VolatilityRate({ halfLifeNs: 1e9, of: "return", warmup: 1 });
    for (const [price, ns] of [
      [1_000, 0],
      [1_001, 1e9],
    ] as const) {
      byPrice.update(price, ns);
      byReturn.update(price, ns);
    }
    near(byPrice.value, 1);
    near(byReturn.value, 0.001, 1e-3);
    expect(() => byPrice.update(1, 0)).toThrow("FAULT_INPUT VolatilityRate.update.ns");
    expect(() => byReturn.update(0, 2e9)).toThrow("FAULT_INPUT VolatilityRate.update.price");
  });

  it("samples at one moment are one move", () => {
    const rate = new VolatilityRate({ halfLifeNs: 1e9, of: "price", warmup: 1 });
    rate.update(100, 0);
    expect(rate.update(101, 0)).toBeNaN();
    expect(rate.ready).toBe(false);
    expect(rate.update(101, 1e9)).toBeGreaterThan(0);
  });

  it("bipower ignores a jump that realised variance counts, and two scales remove noise", () => {
    const rng = new Prng(4);
    const [n, step] = [20_000, 1e-4];
    const variance = new RealizedVariance({ period: n });
    const noisy = new RealizedVariance({ period: n });
    const two = new TwoScaleVariance({ period: n, scale: 200 });
    let log = 0;
    for (let i = 0; i <= n; i++) {
      log += step * rng.normal() + (i === n / 2 ? 0.05 : 0);
      variance.update(Math.exp(log));
      const seen = Math.exp(log - (i >= n / 2 ? 0.05 : 0) + 5 * step * rng.normal());
      noisy.update(seen);
      two.update(seen);
    }
    const truth = n * step * step;
    near(variance.bipower, truth, 0.1);
    near(variance.jump, 0.0025, 0.05);
    expect(noisy.value).toBeGreaterThan(40 * truth);
    near(two.value, truth, 0.3);
  });
});

describe("Microprice", () => {
  /** A tape whose next mid move goes up with the probability `imbalance`: states [bucket, spread 1 or 2]. */
  function feed(micro: Microprice, events: number, seed: number): void {
    const rng = new Prng(seed);
    let bid = 1_000;
    let spread = 1;
    let bidSize = 5;
    for (let i = 0; i < events; i++) {
      micro.update(bid, bidSize, bid + spread, 10 - bidSize);
      if (rng.float() < 0.2) {
        const up = rng.float() < bidSize / 10;
        if (spread === 2) [bid, spread] = [up ? bid + 1 : bid, 1];
        else if (rng.float() < 0.3) [bid, spread] = [up ? bid : bid - 1, 2];
        else bid += up ? 1 : -1;
        bidSize = 1 + rng.below(9);
      } else bidSize = Math.min(9, Math.max(1, bidSize + rng.below(3) - 1));
    }
  }

  it("equals the limit of the expected mid of the whole chain, computed step by step", () => {
    const micro = new Microprice({ buckets: 5, spreads: 2, least: 1 });
    feed(micro, 20_000, 21);
    const fit = micro.calibrate();
    expect(fit).toMatchObject({ ok: true, states: 10 });
    const wanted = chainLimit(micro.save().numbers, 10);
    for (let spread = 1; spread <= 2; spread++) {
      for (let bucket = 0; bucket < 5; bucket++) {
        const mine = micro.adjustment((bucket + 0.5) / 5, spread);
        expect(mine).toBeCloseTo(wanted[(spread - 1) * 5 + bucket] as number, 7);
        expect(mine).toBeCloseTo(-micro.adjustment(1 - (bucket + 0.5) / 5, spread), 9);
      }
    }
    expect(micro.adjustment(0.9, 1)).toBeGreaterThan(0.1);
    expect(micro.adjustment(0.5, 1)).toBeCloseTo(0, 9);
    expect(micro.adjustment(0.5, 3)).toBeNaN();
    expect(micro.update(500, 9, 501, 1)).toBeCloseTo(500.5 + micro.adjustment(0.9, 1), 12);
  });

  it("predicts: it is nearer to the mid 50 quotes later than the mid is", () => {
    const micro = new Microprice({ buckets: 5, spreads: 2 });
    feed(micro, 50_000, 1);
    expect(micro.calibrate().ok).toBe(true);
    const [mids, micros]: [number[], number[]] = [[], []];
    const spy = {
      update: (bid: number, bidSize: number, ask: number, askSize: number): number => {
        mids.push((bid + ask) / 2);
        micros.push(micro.update(bid, bidSize, ask, askSize));
        return 0;
      },
    };
    feed(spy as never, 20_000, 2);
    const missed = (from: readonly number[]): number =>
      from.slice(0, -50).reduce((total, x, i) => total + (x - (mids[i + 50] as number)) ** 2, 0);
    expect(missed(micros)).toBeLessThan(missed(mids) * 0.99);
  });

  it("is the weighted mid before calibration, in unknown states and without moves", () => {
    const micro = new Microprice({ least: 5 });
    expect(micro.calibrate()).toMatchObject({ ok: false, code: "MICROPRICE_TOO_FEW_MOVES" });
    for (let i = 0; i < 50; i++) expect(micro.update(10, 3, 11, 1)).toBe(10.75);
    expect(micro.calibrate()).toMatchObject({ ok: false, code: "MICROPRICE_TOO_FEW_MOVES" });
    expect(micro.update(10, 3, 20, 1)).toBe(17.5);
    expect(micro.update(21, 3, 20, 1)).toBe(17.5);
    expect([micro.skipped, micro.calibrated]).toEqual([1, false]);
    expect(() => micro.update(10.5, 1, 11, 1)).toThrow("FAULT_INPUT Microprice.update.bid");
  });
});

/** The expected move of the mid after many steps from each state, from the counts in a saved state. */
function chainLimit(numbers: readonly number[], size: number): number[] {
  const cells = size * size;
  const still = numbers.slice(6, 6 + cells);
  const moved = numbers.slice(6 + cells, 6 + 2 * cells);
  const moves = numbers.slice(6 + 2 * cells, 6 + 2 * cells + size);
  const seen = numbers.slice(6 + 2 * cells + size, 6 + 2 * cells + 2 * size);
  let ahead = new Array<number>(size).fill(0);
  for (let step = 0; step < 5_000; step++) {
    ahead = ahead.map((_value, from) => {
      let total = moves[from] as number;
      for (let to = 0; to < size; to++) {
        const at = from * size + to;
        total += ((still[at] as number) + (moved[at] as number)) * (ahead[to] as number);
      }
      return total / (seen[from] as number);
    });
  }
  return ahead;
}
