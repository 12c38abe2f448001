import { describe, expect, it } from "vitest";
import type { ParentOrder } from "../../src/algo/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { AlgoMarket } from "../fixtures/algo-market.ts";

const SECOND = 1_000_000_000;
const SEEDS = Number(process.env.ALGO_SEEDS ?? 2);
const LOTS = 200;
const common = { instrument: "ABC", side: "buy", lots: LOTS, endNs: 60 * SECOND, residual: "cross" } as const;
const SPECS: Readonly<Record<string, AlgoSpec>> = {
  twap: { ...common, algo: "twap", slices: 20, throughTicks: 2 },
  vwap: { ...common, algo: "vwap", curve: [1, 2, 1, 2], throughTicks: 2 },
  pov: { ...common, algo: "pov", participation: 0.25, urgency: 0.5 },
  shortfall: {
    ...{ ...common, algo: "shortfall", slices: 20, throughTicks: 2 },
    impact: { riskAversion: 1e-4, sigma: 1, eta: 1, gamma: 0.01 },
  },
  iceberg: { ...common, algo: "iceberg", displayLots: 20, limitTicks: 10_004 },
  sweep: { ...common, algo: "sweep", limitTicks: 10_100, levels: 100 },
};

/** One parent in a market of a seed: the parent, the market, and what it paid above the mid at its start. */
function work(spec: AlgoSpec, seed: number, impactTicks = 0.01) {
  const market = new AlgoMarket(seed, impactTicks);
  const started = market.desk.start({ seed, ...spec }, market);
  if (!started.ok) throw new Error(started.message);
  const { parent } = started;
  market.tell();
  market.run(62 * SECOND);
  return { market, parent, cost: parent.averageTicks - parent.arrivalTicks };
}

function check(market: AlgoMarket, parent: ParentOrder): void {
  const filled = market.tickets.reduce((sum, ticket) => sum + ticket.filled, 0);
  const worth = market.tickets.reduce((sum, ticket) => sum + ticket.worth, 0);
  expect(parent.isOver).toBe(true);
  expect(parent.filledLots).toBe(filled);
  expect(parent.averageTicks).toBeCloseTo(worth / filled, 9);
  expect(market.openOrders()).toEqual([]);
  expect(market.matching.depth(1_000).bids.every(({ lots }) => lots > 0)).toBe(true);
}

describe("algorithms in a market that answers", () => {
  it.each(Object.entries(SPECS))(
    "%s gets no more than its quantity, and leaves nothing behind",
    (name, spec) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { market, parent } = work(spec, seed);
        check(market, parent);
        expect(parent.filledLots).toBeLessThanOrEqual(LOTS);
        if (name === "twap" || name === "vwap" || name === "shortfall") expect(parent.status).toBe("filled");
        if (name === "pov") expect(parent.filledLots).toBeLessThanOrEqual(0.25 * parent.volumeLots);
      }
    },
  );

  it("cost less than a sweep where the book comes back, and more where impact is larger", () => {
    const mean = (spec: AlgoSpec, impact: number): number => {
      let sum = 0;
      for (let seed = 1; seed <= 3 * SEEDS; seed++) sum += work(spec, seed, impact).cost;
      return sum / (3 * SEEDS);
    };
    const { twap, sweep } = SPECS as Record<"twap" | "sweep", AlgoSpec>;
    expect(mean(twap, 0.01)).toBeLessThan(mean(sweep, 0.01));
    expect(mean(twap, 0.05)).toBeGreaterThan(mean(twap, 0));
  });
});
