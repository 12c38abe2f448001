import { Backtester } from "../../src/run/index.ts";
import { FeedMultipleLatency, generateBarTape, generateDepthTape } from "../../src/sim/index.ts";
import {
  AvellanedaStoikovMaker,
  GridMaker,
  MeanReversion,
  MovingAverageMomentum,
} from "../../src/strategies/index.ts";
import { smallBarRun, smallDepthRun } from "./small-run.ts";

const DEPTH = { symbol: "SIM", venue: "sim", tickSize: "0.1", lotSize: "0.001", quote: "USDT" } as const;
const BARS = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" } as const;
const SECOND = 1_000_000_000;

/** The run hashes of a few seeded runs: equal on every supported version of Node. */
export function parityHashes(): Readonly<Record<string, string>> {
  const tape = generateDepthTape({
    instrument: DEPTH,
    seed: 11,
    priceTicks: 600_000,
    durationNs: 120 * SECOND,
  });
  const grid = new Backtester({
    markets: [
      {
        tape,
        venue: {
          latency: new FeedMultipleLatency({ entry: 1.5, response: 1.25, entryOffsetNs: 100_000 }),
          queue: { model: "power2", n: 2.5 },
        },
      },
    ],
    strategies: [
      new GridMaker({
        instrument: "SIM",
        halfSpread: 1e-6,
        gridInterval: 1e-6,
        skew: 1e-7,
        levels: 5,
        orderLots: 10,
        maxPositionLots: 50,
      }),
    ],
    cash: { USDT: "100000" },
  }).runToEnd();
  const maker = new Backtester({
    markets: [{ tape, venue: { queue: { model: "log" } } }],
    strategies: [
      new AvellanedaStoikovMaker({
        instrument: "SIM",
        gamma: 0.001,
        k: 15,
        orderLots: 10,
        maxPositionLots: 50,
      }),
    ],
    cash: { USDT: "100000" },
  }).runToEnd();
  const bars = new Backtester({
    markets: [{ tape: generateBarTape({ instrument: BARS, seed: 5, bars: 2_000 }) }],
    strategies: [
      new MovingAverageMomentum({ instrument: "ABC", fast: 10, slow: 40, average: "ema", weight: 0.4 }),
      new MeanReversion({ instrument: "ABC", period: 20, weight: 0.4 }),
    ],
    cash: { USD: "1000000" },
  }).runToEnd();
  return {
    tape: tape.meta.contentSha256,
    grid: grid.runHash,
    maker: maker.runHash,
    bars: bars.runHash,
    smallDepth: smallDepthRun().runHash,
    smallBars: smallBarRun().runHash,
  };
}
