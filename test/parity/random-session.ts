import { Prng } from "../../src/base/index.ts";
import { flatFees } from "../../src/model/index.ts";
import { Backtester, type BacktestMarket, type SessionRecord } from "../../src/run/index.ts";
import {
  ConstantLatency,
  FeedMultipleLatency,
  InterpolatedLatency,
  type LatencyModel,
  type QueueModelOptions,
} from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { DAY, type Day, dayTape, wanderingTape } from "../fixtures/run-tapes.ts";

type Market = Omit<BacktestMarket, "tape">;

/** A random latency: constant, of the feed, or recorded with orders lost now and then. */
export function randomLatency(rng: Prng): LatencyModel {
  const dice = rng.below(3);
  const entryNs = rng.below(2_000_000);
  if (dice === 0) return new ConstantLatency({ entryNs, responseNs: rng.below(1_000_000) });
  if (dice === 1) return new FeedMultipleLatency({ entry: entryNs / 10, response: rng.below(90_000) });
  const records = Array.from({ length: 40 }, (_, i) => {
    const sentNs = i * 20_000_000;
    const exchNs = sentNs + 50_000 + rng.below(900_000);
    return { sentNs, exchNs: rng.below(25) === 0 ? 0 : exchNs, reportNs: exchNs + rng.below(500_000) };
  });
  return new InterpolatedLatency({ records });
}

/** A random venue of a depth tape. */
export function randomMarket(rng: Prng): Market {
  const queues: readonly QueueModelOptions[] = [
    { model: "riskAverse" },
    { model: "log" },
    { model: "power3", n: 3 },
    { model: "power", n: 2 },
  ];
  return {
    fees: flatFees(`0.000${rng.below(4)}`, `0.000${rng.below(6)}`),
    venue: {
      latency: randomLatency(rng),
      queue: queues[rng.below(queues.length)] as QueueModelOptions,
      fills: rng.below(2) === 0 ? "partial" : "noPartial",
    },
  };
}

/** A random session of one or two books, or of bars: its records, its code, its venues. */
export interface RandomSession {
  readonly records: readonly SessionRecord[];
  readonly markets: readonly Market[];
  readonly strategies: () => readonly Strategy[];
}

/** Records a random backtest. */
export function randomSession(seed: number): RandomSession {
  const rng = new Prng(seed);
  const isBars = rng.below(5) === 0;
  const count = 1 + rng.below(2);
  const markets = Array.from({ length: count }, (): Market => {
    if (!isBars) return randomMarket(rng);
    return { bars: { participation: rng.float(), slippageTicks: rng.below(3) } };
  });
  const tapes = markets.map((_, i) => {
    const symbol = `S${i}`;
    if (isBars) return dayTape(randomDays(rng), { symbol });
    return wanderingTape(rng.below(1 << 30), 300 + rng.below(600), { symbol });
  });
  const periods = Array.from({ length: 1 + rng.below(2) }, () =>
    isBars ? DAY + rng.below(1000) : 1_500_000 + rng.below(5_000_000),
  );
  const strategies = (): readonly Strategy[] => periods.map((period) => new BusyStrategy(period));
  const journal = new MemoryJournal();
  new Backtester({
    markets: tapes.map((tape, i) => ({ ...markets[i], tape })),
    strategies: strategies(),
    cash: { USD: "1000000" },
    seed: rng.below(1 << 30),
    orderCapacity: 512,
    journal,
    ...(rng.below(2) === 0 ? {} : { lingerNs: rng.below(100_000_000) }),
  }).runToEnd();
  return { records: journal.records, markets, strategies };
}

function randomDays(rng: Prng): readonly Day[] {
  let close = 5_000;
  return Array.from({ length: 40 + rng.below(60) }, (_, i): Day => {
    if (i === 20 && rng.below(2) === 0) return { dividend: 25 };
    const open = close + rng.below(41) - 20;
    const [low, high] = [open - rng.below(50), open + rng.below(50)];
    close = low + rng.below(high - low + 1);
    return [open, high, low, close, rng.below(200)];
  });
}
