import { Prng } from "../../../src/base/index.ts";
import { Instrument } from "../../../src/model/index.ts";
import type { Level, NodeLimits } from "../../../src/risk/index.ts";

/** Orders decided in one go, before any of them is filled or canceled. */
export const BLOCK = 256;
/** From one order to the next, in ns of the session: a thousand orders a second. */
export const GAP_NS = 1_000_000;

export const SEATS = [0, 1, 2, 3].map((i) => ({
  desk: `desk ${i >> 1}`,
  account: `account ${i >> 1}`,
  user: `user ${i >> 1}`,
  strategy: `strategy ${i}`,
}));

const SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"];
export const CLASSES = SYMBOLS.map((_, i) => (i < 4 ? "large" : "small"));
export const INSTRUMENTS = SYMBOLS.map(
  (symbol) => new Instrument({ symbol, venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" }),
);
/** Shares that trade in a day, of each instrument. */
export const VOLUME = 1_000_000;
export const CAPITAL = 100_000_000;

/** Limits in whole cents where they are money. */
export type BenchLimits = { readonly [Name in keyof typeof LIMITS]: number };

/** The limits of every node: all seven levels have every one, and no good order comes near them. */
export const LIMITS = {
  maxOrderLots: 1_000,
  maxOrderValueCents: 20_000_000,
  maxVolumeShare: 0.01,
  maxLongLots: 200_000,
  maxShortLots: 200_000,
  maxGrossValueCents: 500_000_000_000,
  maxNetValueCents: 400_000_000_000,
  maxOpenOrders: 100_000,
  maxOpenValueCents: 400_000_000_000,
  maxConcentration: 40,
  maxDailyLossCents: 2_000_000_000,
  maxOrdersPerSecond: 500_000,
  maxOrdersPerMinute: 1_000_000,
  priceCollarBps: 500,
  maxTicksThrough: 100,
  maxMarginShare: 50,
  maxLeverage: 60,
} as const;

/** Limits that a flow runs into: positions, gross, net, open orders and their worth. */
export const TIGHT: BenchLimits = {
  ...LIMITS,
  ...{ maxLongLots: 6_000, maxShortLots: 7_000, maxGrossValueCents: 600_000_000, maxOpenOrders: 230 },
  ...{ maxNetValueCents: 300_000_000, maxOpenValueCents: 900_000_000, maxOrderLots: 680 },
};

const dollars = (cents: number): string => `${Math.floor(cents / 100)}.${`${cents % 100}`.padStart(2, "0")}`;

/** Every node of the hierarchy with its name; the firm has none. */
export function nodes(): { level: Level; name?: string }[] {
  const named = (level: Level, names: readonly string[]) =>
    [...new Set(names)].map((name) => ({ level, name }));
  return [
    { level: "firm" },
    ...(["desk", "account", "user", "strategy"] as const).flatMap((level) =>
      named(
        level,
        SEATS.map((seat) => seat[level]),
      ),
    ),
    ...named("class", CLASSES),
    ...named(
      "symbol",
      INSTRUMENTS.map(({ key }) => key),
    ),
  ];
}

/** The limits of the gate, at every node. */
export function gateLimits(bench: BenchLimits): NodeLimits[] {
  const {
    maxOrderValueCents,
    maxGrossValueCents,
    maxNetValueCents,
    maxOpenValueCents,
    maxDailyLossCents,
    ...rest
  } = bench;
  const limits = {
    ...rest,
    maxOrderValue: dollars(maxOrderValueCents),
    maxGrossValue: dollars(maxGrossValueCents),
    maxNetValue: dollars(maxNetValueCents),
    maxOpenValue: dollars(maxOpenValueCents),
    maxDailyLoss: dollars(maxDailyLossCents),
  };
  return nodes().map((node) => ({ ...node, limits }));
}

/** Orders as columns, and what becomes of each one that is approved. */
export interface Flow {
  readonly count: number;
  readonly seat: Int32Array;
  readonly instrument: Int32Array;
  readonly side: Int32Array;
  readonly lots: Int32Array;
  readonly priceTicks: Int32Array;
  /** Shown lots: 0 shows all. */
  readonly displayLots: Int32Array;
  /** Lots filled before the rest is canceled. */
  readonly filled: Int32Array;
  /** The bid of each instrument in each block, ask two ticks above: `block * instruments + instrument`. */
  readonly bids: Int32Array;
}

/** What the flow is to have: nothing but good orders, some bad ones, all bad, or all icebergs. */
export type FlowKind = "good" | "mixed" | "far" | "iceberg";

/**
 * A seeded flow of orders around prices that walk. Its second half is the first one with its sides turned, so that
 * a whole flow leaves no position: it can be run again and again.
 */
export function makeFlow(kind: FlowKind, blocks: number, seed: number): Flow {
  const random = new Prng(seed);
  const half = blocks * BLOCK;
  const column = () => new Int32Array(2 * half);
  const flow: Flow = {
    ...{ count: 2 * half, seat: column(), instrument: column(), side: column(), lots: column() },
    ...{ priceTicks: column(), displayLots: column(), filled: column() },
    bids: new Int32Array(2 * blocks * INSTRUMENTS.length),
  };
  let bids = INSTRUMENTS.map((_, i) => 8_000 + 500 * i);
  for (let block = 0; block < blocks; block++) {
    bids = bids.map((bid) => Math.min(14_000, Math.max(6_000, bid + random.below(11) - 5)));
    flow.bids.set(bids, block * INSTRUMENTS.length);
    flow.bids.set(bids, (blocks + block) * INSTRUMENTS.length);
  }
  for (let i = 0; i < half; i++) draw(flow, i, kind, random);
  for (const [name, values] of Object.entries(flow)) {
    if (!(values instanceof Int32Array) || name === "bids") continue;
    values.copyWithin(half, 0, half);
    if (name === "side") for (let i = half; i < 2 * half; i++) values[i] = -(values[i] as number);
  }
  return flow;
}

/** Draws one order: of a mixed flow every twelfth has too many lots, and every twelfth a price too far off. */
function draw(flow: Flow, i: number, kind: FlowKind, random: Prng): void {
  const instrument = random.below(INSTRUMENTS.length);
  const bid = flow.bids[Math.floor(i / BLOCK) * INSTRUMENTS.length + instrument] as number;
  const bad = kind === "mixed" ? random.below(12) : kind === "far" ? 0 : 12;
  const lots = bad === 1 ? 1_001 + random.below(5) : 1 + random.below(700);
  const off = bad === 0 ? (random.below(2) === 0 ? 800 : -800) : 0;
  flow.seat[i] = random.below(SEATS.length);
  flow.instrument[i] = instrument;
  flow.side[i] = random.below(2) === 0 ? 1 : -1;
  flow.lots[i] = lots;
  flow.priceTicks[i] = bid + 1 + random.below(61) - 30 + off;
  flow.displayLots[i] = kind === "iceberg" ? 1 : 0;
  flow.filled[i] = random.below(2) === 0 ? 0 : random.below(lots + 1);
}
