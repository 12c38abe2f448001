import { describe, expect, it } from "vitest";
import { scheduleCost } from "../../src/algo/index.ts";
import { Prng } from "../../src/base/index.ts";
import {
  almgrenImpact,
  CarriedImpact,
  fitAlmgren,
  fitKyle,
  fitSquareRoot,
  flowBars,
  type ImpactFit,
  type ImpactOrder,
  kyleImpact,
  linearImpact,
  Propagator,
  squareRootImpact,
} from "../../src/stat/index.ts";

describe("impact models", () => {
  it("square root: 63.2456 bp for a tenth of the day at 2 %, and four times the size costs twice", () => {
    const at = (quantity: number): number =>
      1e4 * squareRootImpact({ y: 1, sigma: 0.02, quantity, volume: 1_000 });
    expect(at(100)).toBeCloseTo(63.2456, 4);
    expect([at(-100), at(400) / at(100), at(0)]).toEqual([at(100), 2, 0]);
  });

  /** The published example: two stocks, a tenth of a day's volume in 0.1, 0.2 and 0.5 days. */
  it.each([
    ["IBM", 0.0157, 6_561_000, 1_728_000_000, 20, [22, 15, 8], [32, 25, 18]],
    ["DRI", 0.0226, 1_929_000, 168_000_000, 22, [32, 21, 12], [43, 32, 23]],
  ] as const)("Almgren et al. 2005, table 4: %s", (_, sigma, volume, outstanding, stays, goes, pays) => {
    const bp = (share: number): number => Math.round(1e4 * share);
    for (const [i, days] of [0.1, 0.2, 0.5].entries()) {
      const cost = almgrenImpact({ sigma, volume, outstanding, quantity: volume / 10, days });
      const found = [cost.permanent, cost.temporary, cost.realised].map(bp);
      expect(found).toEqual([stays, goes[i], pays[i]]);
    }
  });

  it("linear: what a schedule of many equal trades costs a unit", () => {
    const model = { quantity: 1e6, horizon: 5, sigma: 0.95, eta: 2.5e-6, gamma: 2.5e-7, epsilon: 0.0625 };
    const periods = 100_000;
    const trades = new Array<number>(periods).fill(1e6 / periods);
    const { expected } = scheduleCost(trades, { ...model, periods, riskAversion: 0 });
    const { realised } = linearImpact({
      quantity: 1e6,
      time: 5,
      eta: 2.5e-6,
      gamma: 2.5e-7,
      epsilon: 0.0625,
    });
    expect(expected / 1e6 / realised).toBeCloseTo(1, 5);
    expect(linearImpact({ quantity: 0, time: 5, eta: 1, gamma: 1, epsilon: 1 }).realised).toBe(0);
  });

  it("propagator: fades by its power, adds up, goes on from what it saved, and stays without beta", () => {
    const options = { scale: 3, beta: 0.6, unit: 2, exponent: 0.5 };
    const impact = new Propagator(options);
    impact.add(100, 0);
    impact.add(-25, 4);
    const expected = 30 * Math.exp(-0.6 * Math.log(1 + 10 / 2)) - 15 * Math.exp(-0.6 * Math.log(1 + 6 / 2));
    expect(impact.at(10)).toBeCloseTo(expected, 12);
    const again = new Propagator(options);
    again.load(JSON.parse(JSON.stringify(impact.save())));
    expect(again.at(10)).toBe(impact.at(10));
    const lasting = new Propagator({ ...options, beta: 0 });
    lasting.add(100, 0);
    expect(lasting.at(0)).toBeCloseTo(30, 12);
    expect(lasting.at(1e9)).toBe(lasting.at(0));
    const short = new Propagator({ ...options, beta: 0, tradesMax: 2 });
    for (let i = 0; i < 9; i++) short.add(100, i);
    expect([short.at(9), short.save().length]).toEqual([expect.closeTo(60, 12), 2]);
  });

  it("Kyle: linear and signed", () => {
    expect([kyleImpact(0.002, 500), kyleImpact(0.002, -500)]).toEqual([1, -1]);
  });

  const bad = [Number.NaN, Number.POSITIVE_INFINITY];
  it.each([
    ...[...bad, -1].map((y) => () => squareRootImpact({ y, sigma: 1, quantity: 1, volume: 1 })),
    ...[...bad, 0, -1].map((volume) => () => squareRootImpact({ y: 1, sigma: 1, quantity: 1, volume })),
    ...bad.map((quantity) => () => squareRootImpact({ y: 1, sigma: 1, quantity, volume: 1 })),
    () => squareRootImpact({ y: 1, sigma: 1, quantity: 1, volume: 1, beta: 1 } as never),
    ...[0, -1, Number.NaN].map(
      (days) => () => almgrenImpact({ sigma: 1, quantity: 1, volume: 1, outstanding: 1, days }),
    ),
    () => almgrenImpact({ sigma: 1, quantity: 1, volume: 1, outstanding: 1, days: 1, gamma: -1 }),
    () => linearImpact({ quantity: 1, time: 0, eta: 1, gamma: 1 }),
    () => linearImpact({ quantity: 1, time: 1, eta: -1, gamma: 1 }),
    () => kyleImpact(-0.1, 1),
    () => new Propagator({ scale: 1, beta: -1, unit: 1 }),
    () => new Propagator({ scale: 1, beta: 1, unit: 0 }),
    () => new Propagator({ scale: 1, beta: 1, unit: 1, exponent: 2 }),
    () => new CarriedImpact({ gamma: -1 }),
    () => new CarriedImpact({ gamma: 1 }).take(Number.NaN, 1),
    () => {
      const impact = new Propagator({ scale: 1, beta: 1, unit: 1 });
      impact.add(1, 5);
      impact.at(4);
    },
  ])("fault on what is none (%#)", (ask) => {
    expect(ask).toThrow(/FAULT_CONFIG/);
  });
});

describe("impact that is carried", () => {
  it("never pays who takes: each execution, and every way there and back", () => {
    const rng = new Prng(3);
    for (let run = 0; run < 300; run++) {
      const impact = new CarriedImpact({
        gamma: rng.float(),
        eta: run % 3 === 0 ? 0 : rng.float(),
        epsilon: run % 2 === 0 ? 0 : rng.float(),
      });
      let [held, paid] = [0, 0];
      const trade = (quantity: number): void => {
        const before = impact.priced(100);
        const price = impact.take(quantity, 100);
        expect(Math.sign(quantity) * (price - before)).toBeGreaterThanOrEqual(0);
        held += quantity;
        paid += quantity * price;
      };
      for (let i = 0; i < 12; i++) trade(rng.below(41) - 20);
      trade(-held);
      expect(paid).toBeGreaterThan(-1e-9);
      expect(impact.shift).toBeCloseTo(0, 9);
    }
  });

  it("is met by what comes after it, and goes on from what it saved", () => {
    const impact = new CarriedImpact({ gamma: 0.01 });
    expect([impact.take(100, 50), impact.take(100, 50), impact.priced(50)]).toEqual([50.5, 51.5, 52]);
    const again = new CarriedImpact({ gamma: 0.01 });
    again.load(impact.save());
    expect(again.take(-200, 50)).toBe(impact.take(-200, 50));
  });
});

describe("calibration", () => {
  const order = (rng: Prng, y: number): ImpactOrder => {
    const quantity = 1 + rng.below(2_000);
    const sigma = 0.01 + 0.02 * rng.float();
    const side = rng.below(2) === 0 ? "buy" : "sell";
    const cost = y * sigma * Math.sqrt(quantity / 10_000) + 0.004 * rng.normal();
    const averagePrice = 100 * (1 + (side === "buy" ? cost : -cost));
    return { side, quantity, volume: 10_000, sigma, arrivalPrice: 100, averagePrice };
  };
  const holds = ({ low, high }: ImpactFit, truth: number): boolean => low <= truth && truth <= high;

  it("finds what made the costs, with an interval that holds it as often as it says", () => {
    const rng = new Prng(11);
    let held = 0;
    for (let run = 0; run < 400; run++) {
      const fit = fitSquareRoot(Array.from({ length: 60 }, () => order(rng, 0.9)));
      held += holds(fit, 0.9) ? 1 : 0;
    }
    expect(held / 400).toBeGreaterThan(0.91);
    expect(held / 400).toBeLessThan(0.985);
    const orders = Array.from({ length: 5_000 }, () => order(rng, 0.9));
    const wide = fitSquareRoot(orders, { confidence: 0.99 });
    const narrow = fitSquareRoot(orders, { confidence: 0.8 });
    expect(wide.value).toBeCloseTo(0.9, 1);
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low);
    expect([wide.count, wide.explained > 0.1]).toEqual([5_000, true]);
  });

  it("finds both coefficients of the model of 2005", () => {
    const rng = new Prng(12);
    const orders = Array.from({ length: 2_000 }, () => {
      const terms = { sigma: 0.02, quantity: 1 + rng.below(5_000), volume: 20_000, outstanding: 4_000_000 };
      const days = 0.1 + rng.float();
      const { permanent, realised } = almgrenImpact({ ...terms, days });
      const noise = 0.002 * rng.normal();
      const laterPrice = 50 * (1 + permanent + noise);
      const averagePrice = 50 * (1 + realised + noise / 2 + 0.001 * rng.normal());
      return { ...terms, days, side: "buy", arrivalPrice: 50, averagePrice, laterPrice } as const;
    });
    const { gamma, eta } = fitAlmgren(orders);
    expect([gamma.value, eta.value]).toEqual([expect.closeTo(0.314, 2), expect.closeTo(0.142, 2)]);
    expect([holds(gamma, 0.314), holds(eta, 0.142)]).toEqual([true, true]);
  });

  it("finds Kyle's lambda in a tape, by bars", () => {
    let held = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const rng = new Prng(seed);
      let price = 1_000;
      const prints = Array.from({ length: 4_000 }, (_, i) => {
        const aggressor = rng.below(2) === 0 ? ("buy" as const) : ("sell" as const);
        const lots = 1 + rng.below(9);
        price += 0.02 * lots * (aggressor === "buy" ? 1 : -1) + 0.1 * rng.normal();
        return { time: i, price, lots, aggressor };
      });
      const bars = flowBars(prints, 50);
      expect(bars.length).toBe(79);
      const fit = fitKyle(bars);
      expect(fit.value).toBeCloseTo(0.02, 2);
      held += holds(fit, 0.02) ? 1 : 0;
    }
    expect(held).toBeGreaterThan(34);
    expect(flowBars([], 5)).toEqual([]);
  });

  const one = order(new Prng(1), 1);
  it.each([
    () => fitSquareRoot([]),
    () => fitSquareRoot([one]),
    () => fitSquareRoot([one, { ...one, quantity: 0 }]),
    () => fitSquareRoot([one, { ...one, quantity: Number.NaN }]),
    () => fitSquareRoot([one, { ...one, averagePrice: Number.POSITIVE_INFINITY }]),
    () => fitSquareRoot([one, { ...one, arrivalPrice: 0 }]),
    () => fitSquareRoot([one, { ...one, side: "long" as "buy" }]),
    () => fitSquareRoot([one, { ...one, sigma: 0 }].map((each) => ({ ...each, sigma: 0 }))),
    () => fitSquareRoot([one, one], { confidence: 1 }),
    () =>
      fitKyle([
        { signedVolume: 0, priceChange: 1 },
        { signedVolume: 0, priceChange: 2 },
      ]),
    () =>
      fitAlmgren([
        { ...one, days: 0, outstanding: 1, laterPrice: 1 },
        { ...one, days: 1, outstanding: 1, laterPrice: 1 },
      ]),
    () =>
      flowBars(
        [
          { time: 2, price: 1, lots: 1 },
          { time: 1, price: 1, lots: 1 },
        ],
        1,
      ),
  ])("faults on what is none (%#)", (ask) => {
    expect(ask).toThrow(/FAULT_(CONFIG|INPUT)/);
  });
});
