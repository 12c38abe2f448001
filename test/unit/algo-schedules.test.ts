import { describe, expect, it } from "vitest";
import { almgrenChriss, apportion, scheduleCost, volumeCurve } from "../../src/algo/index.ts";
import { Prng } from "../../src/base/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { AlgoWorld } from "../fixtures/algo-world.ts";

const SECOND = 1_000_000_000;
const BASE = { instrument: "ABC", side: "buy", endNs: 100 * SECOND, urgency: 1 } as const;
const EVEN = { timeJitter: 0, sizeJitter: 0 } as const;

/** Sends a parent through its time on a still market, every child answered at once: when, and how much. */
function sent(spec: AlgoSpec, stepNs = SECOND, world = new AlgoWorld()): (readonly [number, number])[] {
  const parent = world.start(spec);
  for (let i = 0; i < 3_000 && !parent.isOver; i++) {
    world.answer();
    world.advance(stepNs);
  }
  expect(parent.status).toBe("filled");
  return world.tickets.map((ticket) => [ticket.sentNs / SECOND, ticket.lots] as const);
}

describe("apportion", () => {
  it("adds up exactly, whatever the weights, up to 2^50 lots", () => {
    const rng = new Prng(1);
    for (let i = 0; i < 500; i++) {
      const weights = Array.from(
        { length: 1 + rng.below(40) },
        () => rng.float() * (rng.below(5) === 0 ? 0 : 1),
      );
      weights[0] = 1;
      const lots = i % 5 === 0 ? 2 ** 50 - rng.below(1000) : rng.below(10_000);
      const parts = apportion(lots, weights);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(lots);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [k, part] of parts.entries()) {
        const quota = lots * ((weights[k] as number) / sum);
        expect(Math.abs(part - quota)).toBeLessThan(1 + lots * 1e-14);
      }
    }
  });

  it.each([
    [-1, [1]],
    [1.5, [1]],
    [2 ** 51, [1]],
    [5, []],
    [5, [0, 0]],
    [5, [1, -1]],
    [5, [Number.NaN]],
  ])("faults on %d by %j", (lots, weights) => {
    expect(() => apportion(lots, weights)).toThrow(/FAULT_INPUT/);
  });
});

describe("TWAP", () => {
  it("sends equal parts at equal distances, the remainder first", () => {
    const spec = { ...BASE, ...EVEN, algo: "twap", lots: 43, slices: 10 } as const;
    const parts = [5, 5, 5, 4, 4, 4, 4, 4, 4, 4];
    expect(sent(spec)).toEqual(parts.map((lots, k) => [10 * k, lots]));
  });

  it("draws moments and quantities within their slices, the same for one seed", () => {
    const spec = { ...BASE, algo: "twap", lots: 1000, slices: 10, timeJitter: 0.3, sizeJitter: 0.2 } as const;
    const ms = SECOND / 1000;
    const [a, again, b] = [7, 7, 8].map((seed) => sent({ ...spec, seed }, ms * 100, new AlgoWorld()));
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
    for (const [k, [at, lots]] of (a ?? []).entries()) {
      expect(at).toBeGreaterThanOrEqual(10 * k);
      expect(at).toBeLessThan(10 * k + 6);
      // A tenth, up or down by a fifth, of weights whose sum is off by as much.
      expect(lots).toBeGreaterThanOrEqual(66);
      expect(lots).toBeLessThanOrEqual(150);
    }
    expect(new Set((a ?? []).map(([, lots]) => lots)).size).toBeGreaterThan(4);
  });

  it("costs what the closed form says where impact is linear and temporary", () => {
    // Half a spread of 1 tick, and 0.02 ticks for each lot a second: 1 + 0.02 * X / T.
    const world = new AlgoWorld();
    const parent = world.start({
      ...BASE,
      ...EVEN,
      algo: "twap",
      lots: 5_000,
      slices: 20,
      throughTicks: 100,
    });
    while (!parent.isOver) {
      for (const ticket of world.open())
        world.fill(ticket, ticket.leaves, 10_000 + 1 + (0.02 * ticket.lots) / 5);
      world.advance(SECOND);
    }
    expect(parent.averageTicks - parent.arrivalTicks).toBeCloseTo(1 + (0.02 * 5_000) / 100, 9);
    const model = { quantity: 5_000, horizon: 100, periods: 20, sigma: 1, eta: 0.02, gamma: 0, epsilon: 1 };
    const { expected } = almgrenChriss({ ...model, riskAversion: 0 });
    expect((parent.averageTicks - parent.arrivalTicks) * 5_000).toBeCloseTo(expected, 6);
  });

  it("spreads what a slice missed over the rest, or wants it at once, or gives it up", () => {
    const by = (catchUp: "spread" | "aggressive" | "drop"): number[] => {
      const world = new AlgoWorld();
      const parent = world.start({
        ...BASE,
        ...EVEN,
        algo: "twap",
        lots: 100,
        slices: 5,
        catchUp,
        maxCatchUp: 1.5,
      });
      const wanted: number[] = [];
      for (let k = 0; k < 5; k++) {
        const ticket = world.open()[0];
        wanted.push(ticket?.lots ?? 0);
        if (ticket !== undefined && k < 2) world.finish(ticket, "expired");
        else if (ticket !== undefined) world.fill(ticket);
        world.desk.pause(parent.id, world);
        world.advance(20 * SECOND);
        world.desk.resume(parent.id, world);
      }
      expect(parent.status).toBe("expired");
      return wanted;
    };
    expect(by("drop")).toEqual([20, 20, 20, 20, 20]);
    // 100 over 4, over 3: but at most 30 a slice.
    expect(by("spread")).toEqual([20, 25, 30, 30, 30]);
    expect(by("aggressive")).toEqual([20, 30, 30, 30, 30]);
  });
});

describe("VWAP", () => {
  it("follows its curve", () => {
    const spec = { ...BASE, algo: "vwap", lots: 100, curve: [3, 1, 1, 5] } as const;
    expect(sent(spec)).toEqual([
      [0, 30],
      [25, 10],
      [50, 10],
      [75, 50],
    ]);
  });

  it("moves its target by the volume that came", () => {
    const run = (printed: number): number => {
      const world = new AlgoWorld();
      const spec = {
        ...BASE,
        algo: "vwap",
        lots: 100,
        curve: [1, 1, 1, 1],
        rescales: true,
        marketLots: 1_000,
      } as const;
      world.start({ ...spec, maxCatchUp: 10 });
      world.answer();
      world.print(printed);
      world.advance(25 * SECOND);
      return world.tickets[1]?.lots ?? 0;
    };
    expect(run(250)).toBe(25);
    // 500 came and 750 are expected: 750 of 1,250 by the end of the second part, less the 25 that are done.
    expect(run(500)).toBe(60 - 25);
    expect(run(1)).toBe(Math.round((100 * 251) / 751) - 25);
  });

  it("has a curve made of days", () => {
    expect(
      volumeCurve([
        [1, 1],
        [1, 3],
      ]),
    ).toEqual([0.375, 0.625]);
    expect(() => volumeCurve([])).toThrow(/FAULT_CONFIG/);
    expect(() => volumeCurve([[1, 1], [1]])).toThrow(/FAULT_INPUT/);
    expect(() => volumeCurve([[0, 0]])).toThrow(/FAULT_INPUT/);
    expect(() => volumeCurve([[1, -1]])).toThrow(/FAULT_CONFIG/);
  });
});

describe("POV", () => {
  it("is a share of all volume, its own in it, and counts no blocks", () => {
    const world = new AlgoWorld();
    const spec = { ...BASE, algo: "pov", lots: 100, participation: 0.2, blockLots: 500 } as const;
    const parent = world.start(spec);
    world.print(9);
    world.print(500);
    expect(world.tickets.map(({ lots }) => lots)).toEqual([1]);
    world.print(41);
    expect(parent.workingLots).toBe(10);
    world.answer();
    expect(parent.volumeLots).toBe(50);
  });

  it("adds its own to a tape's volume, which does not hold them", () => {
    const world = new AlgoWorld();
    world.start({ ...BASE, algo: "pov", lots: 100, participation: 0.2, ownPrints: false });
    world.print(40);
    expect(world.tickets.map(({ lots }) => lots)).toEqual([10]);
  });

  it("sends no more than its most in an interval", () => {
    const world = new AlgoWorld();
    world.start({ ...BASE, algo: "pov", lots: 100, participation: 0.5, intervalNs: SECOND, maxSliceLots: 7 });
    world.print(100);
    world.answer();
    world.print(100);
    expect(world.tickets.map(({ lots }) => lots)).toEqual([7]);
    world.advance(SECOND);
    expect(world.tickets.map(({ lots }) => lots)).toEqual([7, 7]);
  });
});

describe("implementation shortfall", () => {
  const impact = { riskAversion: 1e-4, sigma: 0.3, eta: 0.05, gamma: 0.001, epsilon: 1 };
  const spec = { ...BASE, algo: "shortfall", lots: 10_000, slices: 10, impact } as const;
  const model = { quantity: 10_000, horizon: 100, periods: 10, ...impact };

  it("sends Almgren and Chriss's trades, to a lot", () => {
    const { trades } = almgrenChriss(model);
    for (const [k, [at, lots]] of sent(spec).entries()) {
      expect(at).toBe(10 * k);
      expect(Math.abs(lots - (trades[k] as number))).toBeLessThan(1);
    }
    expect(trades[0]).toBeGreaterThan(2 * (trades[9] as number));
  });

  it("is TWAP where there is no risk aversion", () => {
    const calm = sent({ ...spec, impact: { ...impact, riskAversion: 0 } });
    expect(calm.map(([, lots]) => lots)).toEqual(new Array(10).fill(1_000));
  });

  it("goes on with the same schedule when what is left is planned anew half way", () => {
    const world = new AlgoWorld();
    const parent = world.start(spec);
    const { trades } = almgrenChriss(model);
    for (let k = 0; k < 10; k++) {
      world.answer();
      if (k === 4) world.advance(10 * SECOND - 1);
      if (k === 4) world.desk.amend(parent.id, { impact }, world);
      world.advance(k === 4 ? 1 : 10 * SECOND);
    }
    world.answer();
    const lots = world.tickets.map((ticket) => ticket.lots as number);
    for (const [k, each] of lots.entries())
      expect(Math.abs(each - (trades[k] as number))).toBeLessThanOrEqual(1.5);
  });

  it("costs what the model expects, within its sampling error over seeds", () => {
    const { expected, variance } = scheduleCost(almgrenChriss(model).trades, model);
    const rng = new Prng(11);
    const seeds = 400;
    let sum = 0;
    let squares = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const cost = costOnWalk(rng);
      sum += cost;
      squares += cost * cost;
    }
    const mean = sum / seeds;
    const deviation = Math.sqrt(squares / seeds - mean * mean);
    expect(Math.abs(mean - expected)).toBeLessThan((4 * Math.sqrt(variance)) / Math.sqrt(seeds));
    expect(Math.abs(deviation / Math.sqrt(variance) - 1)).toBeLessThan(0.15);
  });

  /** One parent on a random walk with the model's impact: what it paid above the price at its start. */
  function costOnWalk(rng: Prng): number {
    const world = new AlgoWorld();
    const parent = world.start({ ...spec, throughTicks: 1_000_000 });
    const tau = 10;
    let mid = 10_000;
    while (!parent.isOver) {
      for (const ticket of world.open()) {
        const { lots } = ticket;
        world.fill(ticket, lots, mid + impact.epsilon + (impact.eta * lots) / tau);
        mid += impact.gamma * lots;
      }
      mid += impact.sigma * Math.sqrt(tau) * rng.normal();
      world.advance(tau * SECOND);
    }
    return (parent.averageTicks - 10_000) * parent.filledLots;
  }
});
