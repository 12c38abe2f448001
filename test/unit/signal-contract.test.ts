import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import * as signal from "../../src/signal/index.ts";
import { SIGNAL_CASES, samples } from "../fixtures/signal-table.ts";

const DATA = samples(11, 120);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (fault) {
    return fault instanceof Fault ? `${fault.code} ${fault.path}` : String(fault);
  }
  return "nothing thrown";
}

describe.each(SIGNAL_CASES)("$name", ({ make, feed }) => {
  it("is NaN exactly until ready, then finite, and update returns the value", () => {
    const it = make(7);
    expect([it.ready, it.count, it.value]).toEqual([false, 0, Number.NaN]);
    let wasReady = false;
    for (const [i, sample] of DATA.entries()) {
      const value = feed(it, sample);
      expect(value).toBe(it.value);
      expect(Number.isFinite(value)).toBe(it.ready);
      expect(it.count).toBe(i + 1);
      expect(it.ready || !wasReady || it instanceof signal.SessionVwap).toBe(true);
      wasReady = it.ready;
    }
    expect(wasReady).toBe(true);
  });

  it("starts anew after reset", () => {
    const used = make(7);
    const fresh = make(7);
    for (const sample of DATA.slice(0, 50)) feed(used, sample);
    used.reset();
    expect(used.save()).toEqual(fresh.save());
    for (const sample of DATA) expect(feed(used, sample)).toBe(feed(fresh, sample));
  });

  it("goes on bit for bit from a state that went through JSON, at any moment", () => {
    for (const cut of [0, 1, 5, 7, 8, 13, 60]) {
      const whole = make(6);
      for (const sample of DATA.slice(0, cut)) feed(whole, sample);
      const resumed = make(6);
      for (const sample of DATA.slice(90)) feed(resumed, sample);
      resumed.load(JSON.parse(JSON.stringify(whole.save())));
      expect(resumed.value).toBe(whole.value);
      for (const sample of DATA.slice(cut)) expect(feed(resumed, sample)).toBe(feed(whole, sample));
      expect(resumed.save()).toEqual(whole.save());
    }
  });

  it("refuses states that are not its own, and is empty after a spoilt one", () => {
    const it = make(6);
    for (const sample of DATA) feed(it, sample);
    const state = it.save();
    expect(codeOf(() => it.load({ ...state, signal: "Other" }))).toMatch(/^FAULT_INPUT \w+\.load/);
    expect(codeOf(() => it.load({ ...state, options: { period: 99 } }))).toMatch(/^FAULT_INPUT \w+\.load/);
    expect(codeOf(() => it.load({ ...state, numbers: [Number.NaN] }))).toMatch(
      /^FAULT_INPUT \w+\.load\.numbers/,
    );
    expect(it.save()).toEqual(state);
    expect(codeOf(() => it.load({ ...state, numbers: state.numbers.slice(1) }))).toMatch(/load\.numbers/);
    expect([it.ready, it.count]).toEqual([false, 0]);
    expect(codeOf(() => it.load({ ...state, numbers: [...state.numbers, 1] }))).toMatch(/load\.numbers/);
  });

  it("refuses samples that are not finite and keeps its state", () => {
    const it = make(6);
    for (const sample of DATA.slice(0, 30)) feed(it, sample);
    const before = it.save();
    const last = DATA[30] as (typeof DATA)[number];
    for (const wrong of [Number.NaN, Infinity, -Infinity, 1e101]) {
      const bar = { open: wrong, high: wrong, low: wrong, close: wrong };
      const spoilt = { ...last, price: wrong, bar, bid: wrong, volume: wrong };
      expect(codeOf(() => feed(it, spoilt))).toMatch(/^FAULT_INPUT \w+/);
      expect(it.save()).toEqual(before);
    }
  });
});

describe("options", () => {
  const wrongPeriods = [0, -1, 1.5, Number.NaN, Infinity, "3", null, undefined, 2 ** 30];
  const periodic = [
    ["Sma", (period: never) => new signal.Sma({ period })],
    ["Ema", (period: never) => new signal.Ema({ period })],
    ["Rma", (period: never) => new signal.Rma({ period })],
    ["Wma", (period: never) => new signal.Wma({ period })],
    ["Rsi", (period: never) => new signal.Rsi({ period })],
    ["Atr", (period: never) => new signal.Atr({ period })],
    ["StandardDeviation", (period: never) => new signal.StandardDeviation({ period })],
    ["ZScore", (period: never) => new signal.ZScore({ period })],
    ["RollingVwap", (period: never) => new signal.RollingVwap({ period })],
    ["RollingMin", (period: never) => new signal.RollingMin({ period })],
    ["RollingMax", (period: never) => new signal.RollingMax({ period })],
    ["RateOfChange", (period: never) => new signal.RateOfChange({ period })],
    ["RealizedVariance", (period: never) => new signal.RealizedVariance({ period })],
    ["TwoScaleVariance", (period: never) => new signal.TwoScaleVariance({ period, scale: 2 })],
    ["RangeVolatility", (period: never) => new signal.RangeVolatility({ period, estimator: "parkinson" })],
    ["YangZhang", (period: never) => new signal.YangZhang({ period })],
  ] as const;

  it.each(periodic)("%s refuses wrong periods by name", (name, make) => {
    for (const wrong of wrongPeriods) {
      expect(codeOf(() => make(wrong as never))).toBe(`FAULT_CONFIG ${name}.period`);
    }
  });

  const wrong: readonly (readonly [string, () => unknown])[] = [
    ["Sma.length", () => new signal.Sma({ period: 3, length: 3 } as never)],
    ["Sma", () => new signal.Sma(3 as never)],
    ["Ema.seed", () => new signal.Ema({ period: 3, seed: "last" as never })],
    ["Rsi.average", () => new signal.Rsi({ period: 3, average: "sma" as never })],
    ["Macd.slow", () => new signal.Macd({ fast: 26, slow: 12 })],
    ["Macd.fast", () => new signal.Macd({ fast: 0 })],
    ["Macd.signal", () => new signal.Macd({ signal: 0.5 })],
    ["BollingerBands.period", () => new signal.BollingerBands({ period: 1 })],
    ["BollingerBands.deviations", () => new signal.BollingerBands({ deviations: 0 })],
    ["StandardDeviation.ddof", () => new signal.StandardDeviation({ period: 3, ddof: 2 as never })],
    ["ZScore.ddof", () => new signal.ZScore({ period: 3, ddof: -1 as never })],
    ["Obv.period", () => new signal.Obv({ period: 3 } as never)],
    ["SessionVwap.sessionNs", () => new signal.SessionVwap({ sessionNs: 0 })],
    ["SessionVwap.offsetNs", () => new signal.SessionVwap({ offsetNs: 0.5 })],
    ["OrderFlowImbalance", () => new signal.OrderFlowImbalance({})],
    ["OrderFlowImbalance", () => new signal.OrderFlowImbalance({ events: 1, windowNs: 1e9 })],
    ["OrderFlowImbalance.events", () => new signal.OrderFlowImbalance({ events: 0 })],
    ["OrderFlowImbalance.slices", () => new signal.OrderFlowImbalance({ events: 5, slices: 2 })],
    ["OrderFlowImbalance.windowNs", () => new signal.OrderFlowImbalance({ windowNs: 10 })],
    ["TradeImbalance.slices", () => new signal.TradeImbalance({ windowNs: 1e9, slices: 1 })],
    ["BookImbalance.levels", () => new signal.BookImbalance({ levels: 0 })],
    ["BookImbalance.decay", () => new signal.BookImbalance({ levels: 1, decay: -1 })],
    ["Microprice.buckets", () => new signal.Microprice({ buckets: 1 })],
    ["Microprice.spreads", () => new signal.Microprice({ spreads: 0 })],
    ["Microprice.least", () => new signal.Microprice({ least: 0 })],
    ["TwoScaleVariance.scale", () => new signal.TwoScaleVariance({ period: 5, scale: 6 })],
    [
      "TwoScaleVariance.adjust",
      () => new signal.TwoScaleVariance({ period: 5, scale: 2, adjust: 1 as never }),
    ],
    ["EwmaVolatility.lambda", () => new signal.EwmaVolatility({ lambda: 1 })],
    ["EwmaVolatility.warmup", () => new signal.EwmaVolatility({ lambda: 0.9, warmup: 0 })],
    ["VolatilityRate.of", () => new signal.VolatilityRate({ halfLifeNs: 1e9 } as never)],
    ["VolatilityRate.halfLifeNs", () => new signal.VolatilityRate({ halfLifeNs: 0, of: "price" })],
    ["RangeVolatility.estimator", () => new signal.RangeVolatility({ period: 2, estimator: "atr" as never })],
    ["avellanedaStoikov.gamma", () => signal.avellanedaStoikov({ ...TERMS, gamma: 0 })],
    ["avellanedaStoikov.tau", () => signal.avellanedaStoikov({ ...TERMS, tau: -1 })],
    ["avellanedaStoikov.q", () => signal.avellanedaStoikov({ ...TERMS, q: 1 } as never)],
    ["asymptoticQuotes.a", () => signal.asymptoticQuotes({ ...STEADY, a: 0 })],
    ["asymptoticQuotes.sigma", () => signal.asymptoticQuotes({ ...STEADY, sigma: Number.NaN })],
  ];

  it.each(wrong)("%s is refused", (path, make) => {
    expect(codeOf(make)).toBe(`FAULT_CONFIG ${path}`);
  });
});

const TERMS = { mid: 100, inventory: 0, gamma: 0.1, sigma: 2, k: 1.5, tau: 0.5 };
const STEADY = { mid: 100, inventory: 0, gamma: 0.1, sigma: 2, k: 1.5, a: 140 };
