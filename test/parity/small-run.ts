import { Prng } from "../../src/base/index.ts";
import { flatFees } from "../../src/model/index.ts";
import { Backtester, type BacktestOptions } from "../../src/run/index.ts";
import { FeedMultipleLatency, InterpolatedLatency, type RecordedLatency } from "../../src/sim/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { DAY, type Day, dayTape, wanderingTape } from "../fixtures/run-tapes.ts";

/** What a small run comes to. */
export interface SmallRun {
  readonly runHash: string;
  /** The digest of decisions and effects alone: it does not change with the package's version. */
  readonly effects: string;
  readonly fills: number;
  readonly finalEquity: string;
}

const COMMON = { cash: { USD: "250000.125" }, seed: 20_240_808 };
const INSTRUMENT = { quote: { code: "USD", decimals: 6 }, tickSize: "0.01" };

/** Two made-up depth markets with recorded latency, lost orders and two queue models; every kind of request. */
export function smallDepthRun(): SmallRun {
  return play(smallDepthOptions());
}

export function smallDepthOptions(): BacktestOptions {
  return {
    ...COMMON,
    markets: [
      {
        tape: wanderingTape(11, 2_500, { ...INSTRUMENT, symbol: "A" }),
        fees: flatFees("-0.0001", "0.0004"),
        venue: { latency: new InterpolatedLatency({ records: recorded(12) }), queue: { model: "log" } },
      },
      {
        tape: wanderingTape(13, 2_500, { ...INSTRUMENT, symbol: "B" }),
        fees: { perUnit: "0.0035", minimum: "0.35" },
        venue: {
          latency: new FeedMultipleLatency({ entry: 1_000.5, response: 777.25 }),
          queue: { model: "power", n: 2.5 },
          fills: "noPartial",
        },
      },
    ],
    strategies: [new BusyStrategy(4_000_000), new BusyStrategy(7_000_001, false)],
  };
}

/** A made-up bar market with a dividend and a split. */
export function smallBarRun(): SmallRun {
  return play(smallBarOptions());
}

export function smallBarOptions(): BacktestOptions {
  const tape = dayTape(days(14), { ...INSTRUMENT, symbol: "C" });
  const bars = { participation: 0.3, slippageTicks: 1 };
  return {
    ...COMMON,
    markets: [{ tape, fees: flatFees("0.0001", "0.0002"), bars }],
    strategies: [new BusyStrategy(DAY)],
  };
}

function play(options: BacktestOptions): SmallRun {
  const backtester = new Backtester(options);
  const { runHash, fills, money } = backtester.runToEnd();
  const effects = backtester.kernel.effects.hex();
  return { runHash, effects, fills: fills.count, finalEquity: money.finalEquity };
}

function recorded(seed: number): readonly RecordedLatency[] {
  const prng = new Prng(seed);
  return Array.from({ length: 50 }, (_, i) => {
    const sentNs = i * 40_000_000;
    const exchNs = sentNs + 100_000 + Math.floor(prng.exponential(300_000));
    const isLost = prng.below(20) === 0;
    const reportNs = exchNs + 50_000 + Math.floor(prng.exponential(200_000));
    return { sentNs, exchNs: isLost ? 0 : exchNs, reportNs };
  });
}

function days(seed: number): readonly Day[] {
  const prng = new Prng(seed);
  const made: Day[] = [];
  let close = 5_000;
  for (let i = 0; i < 120; i++) {
    if (i === 15) made.push({ dividend: 250_000 });
    if (i === 25) made.push({ split: [3, 2] });
    if (i === 25) close = Math.round((close * 2) / 3);
    const open = close + Math.round(prng.normal() * 20);
    const low = open - prng.below(60);
    const high = open + prng.below(60);
    close = low + prng.below(high - low + 1);
    made.push([open, high, low, close, 10 + prng.below(200)]);
  }
  return made;
}
