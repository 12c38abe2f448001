import { checkInteger, checkKeys, checkNumber, checkPositive, Fault, Prng } from "../base/index.ts";
import { BarTapeBuilder, type MemoryTape } from "../feed/index.ts";
import { type BarBlock, type InstrumentOptions, MAX_TICKS, NANOS_PER_DAY } from "../model/index.ts";

/** What a seeded series of bars is made from. */
export interface BarSeriesOptions {
  readonly instrument: InstrumentOptions;
  readonly seed: number;
  readonly bars: number;
  /** Epoch ns of the first open; 2020-01-01T00:00:00Z unless given. */
  readonly startNs?: bigint;
  /** The length of a bar; a day unless given. */
  readonly periodNs?: number;
  /** The first open, in ticks; 10,000 unless given. */
  readonly priceTicks?: number;
  /** Standard deviation of a bar's log return; 0.01 unless given. */
  readonly volatility?: number;
  /** Mean log return of a bar; 0 unless given. */
  readonly drift?: number;
  /** Mean volume of a bar in book lots; 1,000,000 unless given. */
  readonly volumeLots?: number;
}

const KEYS = [
  "instrument",
  "seed",
  "bars",
  "startNs",
  "periodNs",
  "priceTicks",
  "volatility",
  "drift",
  "volumeLots",
] as const;
const STEPS = 16;

/**
 * Makes bars of a seeded geometric random walk: 16 steps a bar, so that highs and lows are those of a path.
 *
 * A bar closes at the moment the next one opens.
 *
 * @invariant `meta.simulated` is true; one set of options gives one `contentSha256`; low <= open, close <= high.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_ARITHMETIC` where the walk leaves the range of prices.
 * @example
 * ```ts
 * import { generateBarTape } from "tickwright/sim";
 * const tape = generateBarTape({
 *   instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   seed: 7,
 *   bars: 250,
 * });
 * [tape.meta.rows, tape.meta.simulated]; // => [250, true]
 * ```
 */
export function generateBarTape(options: BarSeriesOptions): MemoryTape<BarBlock> {
  checkKeys("bars", options, KEYS);
  const bars = checkInteger("bars.bars", options.bars, 1, 100_000_000);
  const period = checkInteger("bars.periodNs", options.periodNs ?? NANOS_PER_DAY, 1_000);
  const volatility = checkNumber("bars.volatility", options.volatility ?? 0.01, 0, 1) / Math.sqrt(STEPS);
  const drift = checkNumber("bars.drift", options.drift ?? 0, -1, 1) / STEPS;
  const volume = checkPositive("bars.volumeLots", options.volumeLots ?? 1_000_000);
  const rng = new Prng(checkInteger("bars.seed", options.seed));
  const builder = new BarTapeBuilder({
    instrument: options.instrument,
    baseNs: options.startNs ?? 1_577_836_800_000_000_000n,
    source: `seeded random walk, seed ${options.seed}, ${bars} bars`,
    simulated: true,
  });
  let price = checkInteger("bars.priceTicks", options.priceTicks ?? 10_000, 1, MAX_TICKS);
  for (let i = 0; i < bars; i++) {
    const path = walk(price, drift, volatility, rng);
    const traded = Math.max(1, Math.round(volume * (0.5 + rng.float())));
    builder.push({ openNs: i * period, closeNs: (i + 1) * period, ...path, volume: traded });
    price = path.close;
  }
  return builder.build();
}

interface Path {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** One bar's way from `open`, in whole ticks, never below 1. */
function walk(open: number, drift: number, volatility: number, rng: Prng): Path {
  let exact = open;
  let high = open;
  let low = open;
  let close = open;
  for (let step = 0; step < STEPS; step++) {
    exact *= Math.exp(drift + volatility * rng.normal());
    close = Math.max(1, Math.round(exact));
    if (close > MAX_TICKS) {
      const expected = `a walk within ${MAX_TICKS} ticks`;
      throw new Fault("FAULT_ARITHMETIC", { path: "bars.priceTicks", value: close, expected });
    }
    high = Math.max(high, close);
    low = Math.min(low, close);
  }
  return { open, high, low, close };
}
