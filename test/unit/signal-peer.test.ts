import * as peer from "trading-signals";
import { describe, expect, it } from "vitest";
import * as signal from "../../src/signal/index.ts";
import { samples } from "../fixtures/signal-table.ts";

/** 2,000 samples of a walk through both libraries; the peer computes windows anew at every sample. */
const DATA = samples(5, 2_000);
const PRICES = DATA.map((sample) => sample.price);

function same(mine: readonly number[], theirs: readonly (number | null | undefined)[], from: number): void {
  let compared = 0;
  for (let i = from; i < mine.length; i++) {
    const [a, b] = [mine[i] as number, theirs[i] as number];
    if (Math.abs(a - b) > 1e-9 * Math.max(1, Math.abs(b))) expect(a, `sample ${i}`).toBe(b);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(1_900);
}

describe("against trading-signals", () => {
  it.each([1, 2, 3, 14, 50])("Sma, Wma, Rma and Ema of %i", (period) => {
    const pairs = [
      [new signal.Sma({ period }), new peer.SMA(period)],
      [new signal.Wma({ period }), new peer.WMA(period)],
      [new signal.Rma({ period }), new peer.WSMA(period)],
      [new signal.Rma({ period, seed: "first" }), new peer.RMA(period)],
      [new signal.Ema({ period, seed: "first" }), new peer.EMA(period)],
    ] as const;
    for (const [mine, theirs] of pairs) {
      const theirValues = PRICES.map((price) => theirs.update(price, false));
      same(
        PRICES.map((price) => mine.update(price)),
        theirValues,
        period - 1,
      );
    }
  });

  it.each([2, 14, 33])("Rsi, both ways, of %i", (period) => {
    const wilder = new signal.Rsi({ period });
    const cutler = new signal.Rsi({ period, average: "cutler" });
    const peers = [new peer.RSI(period), new peer.RSI(period, peer.SMA)] as const;
    same(
      PRICES.map((price) => wilder.update(price)),
      PRICES.map((price) => peers[0].update(price, false)),
      period,
    );
    same(
      PRICES.map((price) => cutler.update(price)),
      PRICES.map((price) => peers[1].update(price, false)),
      period,
    );
  });

  it("Macd with first-value seeds, once the seeds of the signal lines agree", () => {
    const mine = new signal.Macd({ seed: "first" });
    const theirs = new peer.MACD(new peer.EMA(12), new peer.EMA(26), new peer.EMA(9));
    const results = PRICES.map((price) => theirs.update(price, false));
    const signals: number[] = [];
    const values = PRICES.map((price) => {
      const value = mine.update(price);
      signals.push(mine.signal);
      return value;
    });
    same(
      values,
      results.map((result) => result?.macd),
      33,
    );
    same(
      signals,
      results.map((result) => result?.signal),
      33,
    );
  });

  it("Atr, BollingerBands, RateOfChange, Obv, SessionVwap and RollingVwap", () => {
    const candles = DATA.map(({ bar, volume }) => ({ ...bar, volume: volume + 1 }));
    const atr = [new signal.Atr({ period: 14 }), new peer.ATR(14)] as const;
    same(
      candles.map((bar) => atr[0].update(bar)),
      candles.map((bar) => atr[1].update(bar, false)),
      13,
    );
    const bands = [new signal.BollingerBands({ period: 20 }), new peer.BollingerBands(20, 2)] as const;
    const theirs = PRICES.map((price) => bands[1].update(price, false));
    const mine = PRICES.map((price) => {
      const middle = bands[0].update(price);
      return { lower: bands[0].lower, middle, upper: bands[0].upper };
    });
    for (const key of ["lower", "middle", "upper"] as const) {
      same(
        mine.map((band) => band[key]),
        theirs.map((band) => band?.[key]),
        19,
      );
    }
    const change = [new signal.RateOfChange({ period: 9 }), new peer.ROC(9)] as const;
    same(
      PRICES.map((x) => change[0].update(x)),
      PRICES.map((x) => change[1].update(x, false)),
      9,
    );
    const balance = [new signal.Obv(), new peer.OBV(2)] as const;
    const balances = candles.map((bar) => balance[1].update(bar, false));
    same(
      candles.map((bar) => balance[0].update(bar.close, bar.volume)),
      balances,
      1,
    );
    const typical = (bar: { high: number; low: number; close: number }): number =>
      (bar.high + bar.low + bar.close) / 3;
    const session = [new signal.SessionVwap(), new peer.VWAP()] as const;
    const sessions = candles.map((bar) => session[1].update(bar, false));
    same(
      candles.map((bar) => session[0].update(typical(bar), bar.volume)),
      sessions,
      0,
    );
    const rolling = [new signal.RollingVwap({ period: 20 }), new peer.VWMA(20)] as const;
    const rollings = candles.map((bar) => rolling[1].update(bar, false));
    same(
      candles.map((bar) => rolling[0].update(bar.close, bar.volume)),
      rollings,
      19,
    );
  });
});
