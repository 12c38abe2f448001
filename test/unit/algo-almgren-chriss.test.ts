import { describe, expect, it } from "vitest";
import {
  type AlmgrenChrissOptions,
  almgrenChriss,
  efficientFrontier,
  scheduleCost,
} from "../../src/algo/index.ts";
import { Prng } from "../../src/base/index.ts";

/** The paper's example, 1,000,000 shares in 5 days. */
const PAPER = {
  quantity: 1e6,
  horizon: 5,
  periods: 5,
  sigma: 0.95,
  eta: 2.5e-6,
  gamma: 2.5e-7,
  epsilon: 0.0625,
};

/** The paper's equations 18 and 19, and 20, as they are printed. */
function closedForm(
  o: AlmgrenChrissOptions,
  kappa: number,
): { readonly expected: number; readonly variance: number } {
  const { quantity: X, horizon: T, sigma, gamma, epsilon } = o;
  const tau = T / o.periods;
  const etaTilde = o.eta - (gamma * tau) / 2;
  const [kT, kt] = [kappa * T, kappa * tau];
  const expected =
    (gamma * X * X) / 2 +
    epsilon * X +
    (etaTilde * X * X * Math.tanh(kt / 2) * (tau * Math.sinh(2 * kT) + 2 * T * Math.sinh(kt))) /
      (2 * tau * tau * Math.sinh(kT) ** 2);
  const variance =
    ((sigma * sigma * X * X) / 2) *
    ((tau * Math.sinh(kT) * Math.cosh(kappa * (T - tau)) - T * Math.sinh(kt)) /
      (Math.sinh(kT) ** 2 * Math.sinh(kt)));
  return { expected, variance };
}

describe("almgrenChriss", () => {
  it.each([
    [1e-6, 0.6164414002968976, 0.6070761632470627, 911226.9863037932, 364128572058.141],
    [2e-6, 0.8717797887081347, 0.8462971345012561, 1140715.167049785, 201931287150.5245],
  ])(
    "gives the published figures at a risk aversion of %d",
    (riskAversion, tilde, kappa, expected, variance) => {
      const found = almgrenChriss({ ...PAPER, riskAversion });
      expect(found.kappaTilde).toBeCloseTo(tilde, 14);
      expect(found.kappa).toBeCloseTo(kappa, 14);
      expect(found.halfLife).toBeCloseTo(1 / kappa, 12);
      expect(found.expected / expected).toBeCloseTo(1, 13);
      expect(found.variance / variance).toBeCloseTo(1, 13);
    },
  );

  it("gives the published schedule", () => {
    const { holdings, trades } = almgrenChriss({ ...PAPER, riskAversion: 1e-6 });
    const x = [1e6, 541955.5543739223, 289854.2194099351, 147897.4878217232, 62141.801605766035, 0];
    const n = [
      458044.4456260776, 252101.33496398717, 141956.73158821193, 85755.68621595716, 62141.801605766035,
    ];
    for (const [j, held] of x.entries()) expect(holdings[j]).toBeCloseTo(held, 6);
    for (const [j, traded] of n.entries()) expect(trades[j]).toBeCloseTo(traded, 6);
  });

  it("is TWAP without risk aversion, and nearly so with next to none", () => {
    const twap = almgrenChriss({ ...PAPER, riskAversion: 0 });
    expect(twap.trades.map((traded) => Math.round(traded * 1e6) / 1e6)).toEqual([2e5, 2e5, 2e5, 2e5, 2e5]);
    expect(twap.expected).toBeCloseTo(662_500, 6);
    expect(Math.sqrt(twap.variance)).toBeCloseTo(1_040_672.86, 2);
    for (const traded of almgrenChriss({ ...PAPER, riskAversion: 1e-16 }).trades)
      expect(traded).toBeCloseTo(2e5, 3);
  });

  it("equals the closed forms over five orders of risk aversion", () => {
    for (const riskAversion of [1e-8, 1e-7, 1e-6, 1e-5, 1e-4]) {
      for (const periods of [1, 2, 13, 200]) {
        const options = { ...PAPER, periods, riskAversion };
        const found = almgrenChriss(options);
        const exact = closedForm(options, found.kappa);
        expect(found.expected / exact.expected).toBeCloseTo(1, 10);
        if (periods > 1) expect(found.variance / exact.variance).toBeCloseTo(1, 9);
      }
    }
  });

  it("stays whole where hyperbolic sines overflow", () => {
    const { trades, holdings, expected } = almgrenChriss({ ...PAPER, periods: 1000, riskAversion: 1e6 });
    expect(trades.reduce((sum, traded) => sum + traded, 0)).toBeCloseTo(1e6, 3);
    expect([...holdings].sort((a, b) => b - a)).toEqual(holdings);
    expect(Number.isFinite(expected)).toBe(true);
  });

  it("has a frontier on which cost rises and variance falls, below every other schedule", () => {
    const lambdas = [0, 1e-7, 5e-7, 1e-6, 5e-6, 1e-5];
    const frontier = efficientFrontier(PAPER, lambdas);
    for (let i = 1; i < frontier.length; i++) {
      expect(frontier[i]?.expected).toBeGreaterThan(frontier[i - 1]?.expected ?? Number.NaN);
      expect(frontier[i]?.variance).toBeLessThan(frontier[i - 1]?.variance ?? Number.NaN);
    }
    const rng = new Prng(3);
    const options = { ...PAPER, riskAversion: 1e-6 };
    const best = almgrenChriss(options);
    const least = best.expected + 1e-6 * best.variance;
    for (let i = 0; i < 200; i++) {
      const trades = best.trades.map((traded) => traded * (1 + 0.2 * rng.normal()));
      const scale = 1e6 / trades.reduce((sum, traded) => sum + traded, 0);
      const other = scheduleCost(
        trades.map((traded) => traded * scale),
        options,
      );
      expect(other.expected + 1e-6 * other.variance).toBeGreaterThanOrEqual(least);
    }
  });

  it.each([
    [{ horizon: 0 }, "horizon"],
    [{ periods: 0 }, "periods"],
    [{ periods: 1.5 }, "periods"],
    [{ sigma: -1 }, "sigma"],
    [{ eta: 0 }, "eta"],
    [{ eta: 1e-7 }, "eta"],
    [{ gamma: Number.NaN }, "gamma"],
    [{ riskAversion: -1e-9 }, "riskAversion"],
    [{ quantity: Number.POSITIVE_INFINITY }, "quantity"],
    [{ kappa: 1 }, "kappa"],
  ])("faults on %j", (wrong, path) => {
    const options = { ...PAPER, riskAversion: 1e-6, ...wrong };
    expect(() => almgrenChriss(options)).toThrow(new RegExp(`FAULT_CONFIG almgrenChriss.${path}`));
  });

  it("costs a schedule only where its trades are as many as the periods", () => {
    expect(() => scheduleCost([1, 2], { ...PAPER, riskAversion: 0 })).toThrow(
      /FAULT_CONFIG almgrenChriss.trades/,
    );
  });
});
