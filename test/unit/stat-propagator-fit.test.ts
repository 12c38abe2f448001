import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { fitPropagator, Propagator, type PropagatorTrade } from "../../src/stat/index.ts";

const COUNT = 40_000;
const LAGS = 40;

/** Trades of orders that are worked in runs, as long as a draw of a heavy tail: signs remember for long. */
function flow(prng: Prng, count: number): number[] {
  const volumes: number[] = [];
  while (volumes.length < count) {
    const side = prng.float() < 0.5 ? 1 : -1;
    const length = Math.min(200, Math.ceil(1 / (prng.float() + 0.002)));
    for (let k = 0; k < length; k++) volumes.push(side * (1 + prng.below(9)));
  }
  return volumes.slice(0, count);
}

/** The mid before each trade, moved by the planted kernel (constant behind its last lag) and by noise. */
function tape(kernel: readonly number[], exponent: number, noise: number, seed = 7): PropagatorTrade[] {
  const prng = new Prng(seed);
  const volumes = flow(prng, COUNT);
  const sizes = volumes.map((volume) => Math.sign(volume) * Math.abs(volume) ** exponent);
  const steps = kernel.map((each, lag) => each - (kernel[lag - 1] ?? 0));
  let mid = 10_000;
  return volumes.map((signedVolume, n) => {
    mid += noise * prng.normal();
    for (const [lag, step] of steps.entries()) mid += step * (sizes[n - 1 - lag] ?? 0);
    return { mid, signedVolume };
  });
}

const planted = (scale: number, beta: number, unit: number): number[] =>
  Array.from({ length: LAGS }, (_, lag) => scale * (1 + (lag + 1) / unit) ** -beta);

describe("a propagator that is calibrated", () => {
  it.each([
    [0.5, 0.6, 2],
    [0, 0.3, 1],
    [1, 0.7, 5],
  ])("finds the kernel that was planted: exponent %d, beta %d, unit %d", (exponent, beta, unit) => {
    const kernel = planted(2, beta, unit);
    const fit = fitPropagator(tape(kernel, exponent, 1), { lags: LAGS, exponent });
    expect([fit.count, fit.kernel.length, fit.correlation.length]).toEqual([COUNT, LAGS, LAGS]);
    let inside = 0;
    for (const [lag, value] of kernel.entries()) {
      const [found, error] = [fit.kernel[lag] as number, fit.standardErrors[lag] as number];
      expect(Math.abs(found - value) / error).toBeLessThan(4.5);
      expect(error / value).toBeLessThan(0.15);
      if (value >= (fit.low[lag] as number) && value <= (fit.high[lag] as number)) inside += 1;
      const modeled = fit.model.scale * (1 + (lag + 1) / fit.model.unit) ** -fit.model.beta;
      expect(Math.abs(modeled / value - 1)).toBeLessThan(0.15);
    }
    // Errors of lags hang together: of 40 intervals of 95 % not all need hold at once.
    expect(inside).toBeGreaterThan(LAGS / 2);
    expect(fit.model.exponent).toBe(exponent);
  });

  it("finds it exactly without noise, to what the ends of the tape leave out", () => {
    const kernel = planted(3, 0.5, 1);
    const { kernel: found, model } = fitPropagator(tape(kernel, 0.5, 0), { lags: LAGS });
    for (const [lag, value] of kernel.entries()) expect(found[lag]).toBeCloseTo(value, 1);
    expect([model.scale, model.beta]).toEqual([expect.closeTo(3, 0), expect.closeTo(0.5, 1)]);
  });

  it("tells a response that rises from an impact that fades", () => {
    const fit = fitPropagator(tape(planted(2, 0.6, 2), 0.5, 0.1), { lags: LAGS });
    expect(fit.response[9]).toBeGreaterThan(1.5 * (fit.response[0] as number));
    expect(fit.kernel[9]).toBeLessThan(0.7 * (fit.kernel[0] as number));
    // R(1) = G(1) C(0) + sum k > 0 of (G(k + 1) - G(k)) C(k).
    const { correlation, kernel, response } = fit;
    let first = (kernel[0] as number) * (correlation[0] as number);
    for (let k = 1; k < LAGS; k++) {
      first += ((kernel[k] as number) - (kernel[k - 1] as number)) * (correlation[k] as number);
    }
    expect(first).toBeCloseTo(response[0] as number, 9);
  });

  it("makes a Propagator that moves the price as the tape did", () => {
    const trades = tape(planted(2, 0.5, 1), 0.5, 0.2);
    const { model } = fitPropagator(trades, { lags: LAGS });
    const impact = new Propagator(model);
    impact.add(16, 0);
    for (const lag of [1, 5, 20]) {
      expect(Math.abs(impact.at(lag) / (4 * 2 * (1 + lag) ** -0.5) - 1)).toBeLessThan(0.1);
    }
  });

  it("finds nothing where nothing was planted", () => {
    const fit = fitPropagator(tape([0], 0.5, 1), { lags: 5 });
    for (const [lag, value] of fit.kernel.entries()) {
      expect(Math.abs(value)).toBeLessThan(4.5 * (fit.standardErrors[lag] as number));
    }
  });

  it("refuses what says nothing", () => {
    const trades = tape([1], 0.5, 1).slice(0, 2_000);
    const fitted = (each: readonly PropagatorTrade[], more: object = {}): unknown =>
      fitPropagator(each, { lags: 4, ...more });
    const still = trades.map(({ mid }) => ({ mid, signedVolume: 0 }));
    expect(() => fitted(still)).toThrow("FAULT_INPUT fitPropagator");
    expect(() => fitted(trades.slice(0, 399))).toThrow("FAULT_CONFIG fitPropagator.trades");
    expect(() => fitted([{ mid: Number.NaN, signedVolume: 1 }, ...trades])).toThrow(
      "fitPropagator.trades[0].mid",
    );
    expect(() => fitted([...trades, { mid: 1, signedVolume: Infinity }])).toThrow(
      "trades[2000].signedVolume",
    );
    for (const more of [{ lags: 0 }, { exponent: 2 }, { blocks: 1 }, { confidence: 1 }, { unit: 1 }]) {
      expect(() => fitted(trades, more)).toThrow("FAULT_CONFIG fitPropagator.");
    }
  });
});
