import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  checkPositive,
  Fault,
} from "../base/index.ts";
import { Instrument, type InstrumentOptions, MAX_TICKS, type SideSign } from "../model/index.ts";

/**
 * What really happened in a simulated market, and who did it.
 *
 * `order`, `cancel`: ordinary limit orders; `quote`, `pull`: the makers'; `expire`: what the market drops
 * because it stands too far from the best; `noise`, `excited`, `informed`: trades, by the kind of their
 * aggressor.
 */
export type MarketCause = "order" | "cancel" | "quote" | "pull" | "expire" | "noise" | "excited" | "informed";

/**
 * Hears each true event of a simulated market as it happens: what no feed tells.
 *
 * @units `exchNs`: ns from the tape's base; `tick`: ticks; `lots`: book lots, above 0
 * @shape `side` is that of the order that acts: the aggressor's for a trade, which takes from the other
 * side
 */
export type MarketWitness = (
  cause: MarketCause,
  side: SideSign,
  exchNs: number,
  tick: number,
  lots: number,
) => void;

/**
 * Ordinary limit orders: how they arrive and go. Rates hold for both sides together; sizes are order lots.
 */
export interface MarketOrders {
  /** Orders a second; 30 unless given. */
  readonly ratePerSecond?: number;
  /** How fast arrivals thin out per tick of distance from the other side's best: exp(-decay); 0.05. */
  readonly decayPerTick?: number;
  /** Mean size; 10. */
  readonly lots?: number;
  /** Cancellations a second for each resting order of mean size; 0.5. */
  readonly cancelPerSecond?: number;
  /**
   * The farthest an order is placed from the other side's best, in ticks; 50. Twice that, and it expires.
   */
  readonly levels?: number;
}

/** Traders who buy or sell for reasons of their own, at times that know nothing of each other (Poisson). */
export interface MarketNoise {
  /** Trades a second; 1 unless given. */
  readonly ratePerSecond?: number;
  /** Mean size in order lots; 8. For self-exciting trades too. */
  readonly lots?: number;
  /** How many ticks behind the best a trade may reach; 2. For self-exciting trades too. */
  readonly reachTicks?: number;
}

/** Trades that call forth trades: a Hawkes process with an exponential kernel. */
export interface MarketExcitement {
  /**
   * Trades a second that nothing called forth; 0.6 unless given. In all there are 1 / (1 - branching) times
   * as many.
   */
  readonly ratePerSecond?: number;
  /** How many trades each one calls forth, directly; at least 0, below 1; 0.6. */
  readonly branching?: number;
  /** Which share of those is of the other side; 0.1. */
  readonly crossShare?: number;
  /** How fast the excitement fades; 2 a second. */
  readonly decayPerSecond?: number;
}

/** Traders who know the fundamental price and trade towards it. */
export interface MarketInformed {
  /** How often one looks, a second; 2 unless given; 0 for none. */
  readonly ratePerSecond?: number;
  /** A trade has to gain more than this against the fundamental; 0.5 ticks. */
  readonly costTicks?: number;
  /** Mean size in order lots; 12. */
  readonly lots?: number;
}

/** Makers who quote both sides around a lagging estimate of the fundamental. */
export interface MarketMakers {
  /** How often they quote anew, a second; 8 unless given; 0 for none. */
  readonly ratePerSecond?: number;
  /** How far from their estimate they quote; 0.8 ticks. */
  readonly halfSpreadTicks?: number;
  /** Levels on each side; 4. */
  readonly levels?: number;
  /** Order lots on each level; 20. */
  readonly lots?: number;
  /** How long news takes to reach 63 % of their estimate; 200 ms. */
  readonly lagNs?: number;
  /** How far each lot that trades moves their estimate towards who took it; 0 unless given. */
  readonly flowTicksPerLot?: number;
}

/** How the market is told: what messages there are, and how late they come. */
export interface MarketFeedOptions {
  /** Level changes are gathered over this time; 100 ms unless given; 0 tells each event at once. */
  readonly diffIntervalNs?: number;
  /** Whether changes of the best bid and ask are told at once, in quote rows; false. */
  readonly quotes?: boolean;
  /** Local minus exchange time: at least this; 500 us. */
  readonly latencyFloorNs?: number;
  /** The median of what comes on top, a lognormal; 1 ms. */
  readonly latencyMedianNs?: number;
  /** The lognormal's sigma; 0.5. No message is later than 1,000 medians. */
  readonly latencySigma?: number;
}

/** What a simulated market is made from. Give `durationNs` or `rows`, not both. */
export interface DepthMarketOptions {
  readonly instrument: InstrumentOptions;
  readonly seed: number;
  /** Epoch ns; 2024-01-01T00:00:00Z unless given. */
  readonly startNs?: bigint;
  /** How long the tape is. */
  readonly durationNs?: number;
  /**
   * How many rows it has; a tape is ended with the book told to the last change, so it may be some rows
   * longer.
   */
  readonly rows?: number;
  /** The fundamental price when the warm-up starts; 10,000 ticks unless given. */
  readonly priceTicks?: number;
  /** Standard deviation of the fundamental over one second, at the start price, jumps included; 1 tick. */
  readonly volatilityTicks?: number;
  /** The share of that variance that comes in jumps, 0 to 1; 0.2. */
  readonly jumpShare?: number;
  /** Jumps an hour; 20. */
  readonly jumpsPerHour?: number;
  /** What the market runs before the tape starts; 20 s. */
  readonly warmUpNs?: number;
  readonly orders?: MarketOrders;
  readonly noise?: MarketNoise;
  readonly excited?: MarketExcitement;
  readonly informed?: MarketInformed;
  readonly makers?: MarketMakers;
  readonly feed?: MarketFeedOptions;
  /** Hears every true event after the tape's start; not part of the tape. */
  readonly witness?: MarketWitness;
}

const KEYS = [
  "instrument",
  "seed",
  "startNs",
  "durationNs",
  "rows",
  "priceTicks",
  "volatilityTicks",
  "jumpShare",
  "jumpsPerHour",
  "warmUpNs",
  "orders",
  "noise",
  "excited",
  "informed",
  "makers",
  "feed",
  "witness",
];

/** 2024-01-01T00:00:00Z. */
const MARKET_START_NS = 1_704_067_200_000_000_000n;
/** One minute. */
const LATENCY_NS_MAX = 60_000_000_000;
/** Events a second of one kind. */
const RATE_MAX = 1_000_000;
/** The longest tape: offsets stay exact in a double, whatever latency comes on top. @units ns */
export const MARKET_NS_MAX = 8_900_000_000_000_000;
/** Mean sizes: small enough that no level outgrows 2^53 book lots. */
const LOTS_MAX = 1_000_000_000;

/** The options of a market, checked and filled in. */
export type MarketSettings = ReturnType<typeof marketSettings>;

/**
 * Checks the options of a market and fills in what they leave open.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function marketSettings(options: DepthMarketOptions) {
  checkKeys("market", options, KEYS);
  const instrument = new Instrument(options.instrument);
  const orders = orderSettings(options.orders ?? {});
  const reachTicks = 2 * orders.levels;
  return {
    instrument: instrument.describe(),
    bookLotsPerLot: instrument.bookLotsPerLot,
    seed: checkInteger("market.seed", options.seed),
    startNs: checkStart("market.startNs", options.startNs),
    ...checkLength(options),
    priceTicks: checkInteger(
      "market.priceTicks",
      options.priceTicks ?? 10_000,
      2 * reachTicks,
      MAX_TICKS / 4,
    ),
    volatilityTicks: checkNumber("market.volatilityTicks", options.volatilityTicks ?? 1, 0, 1_000_000),
    jumpShare: checkNumber("market.jumpShare", options.jumpShare ?? 0.2, 0, 1),
    jumpsPerHour: checkPositive("market.jumpsPerHour", options.jumpsPerHour ?? 20),
    warmUpNs: checkInteger("market.warmUpNs", options.warmUpNs ?? 20_000_000_000, 0, MARKET_NS_MAX),
    reachTicks,
    orders,
    noise: noiseSettings(options.noise ?? {}),
    excited: excitedSettings(options.excited ?? {}),
    informed: informedSettings(options.informed ?? {}),
    makers: makerSettings(options.makers ?? {}, orders.levels),
    feed: feedSettings(options.feed ?? {}),
    witness: options.witness === undefined ? undefined : checkFunction("market.witness", options.witness),
  };
}

/** The start of a tape: epoch ns. */
function checkStart(path: string, startNs: bigint | undefined): bigint {
  const start = startNs ?? MARKET_START_NS;
  if (typeof start === "bigint" && start >= 0n && start < 1n << 63n) return start;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: start,
    expected: "epoch ns as a bigint within 0 and 2^63 - 1",
  });
}

function checkLength(options: DepthMarketOptions): { readonly durationNs: number; readonly rows: number } {
  const { durationNs, rows } = options;
  if ((durationNs === undefined) === (rows === undefined)) {
    throw new Fault("FAULT_CONFIG", {
      path: "market.durationNs",
      value: durationNs,
      expected: "either durationNs or rows",
    });
  }
  return {
    durationNs:
      durationNs === undefined
        ? Number.POSITIVE_INFINITY
        : checkInteger("market.durationNs", durationNs, 1, MARKET_NS_MAX),
    rows: rows === undefined ? Number.POSITIVE_INFINITY : checkInteger("market.rows", rows, 1),
  };
}

function orderSettings(given: MarketOrders) {
  const path = "market.orders";
  checkKeys(path, given, ["ratePerSecond", "decayPerTick", "lots", "cancelPerSecond", "levels"]);
  const decayPerTick = checkNumber(`${path}.decayPerTick`, given.decayPerTick ?? 0.05, 1e-3, 100);
  const levels = checkInteger(`${path}.levels`, given.levels ?? 50, 2, 10_000);
  return {
    ratePerSecond: checkRate(`${path}.ratePerSecond`, given.ratePerSecond ?? 30, 1e-3),
    decayPerTick,
    ...sizeSettings(path, given.lots ?? 10),
    cancelPerSecond: checkRate(`${path}.cancelPerSecond`, given.cancelPerSecond ?? 0.5, 1e-6),
    levels,
    /** The share of a geometric distance that lies within `levels`. */
    within: 1 - Math.exp(-decayPerTick * levels),
  };
}

function noiseSettings(given: MarketNoise) {
  const path = "market.noise";
  checkKeys(path, given, ["ratePerSecond", "lots", "reachTicks"]);
  return {
    ratePerSecond: checkRate(`${path}.ratePerSecond`, given.ratePerSecond ?? 1),
    ...sizeSettings(path, given.lots ?? 8),
    reachTicks: checkInteger(`${path}.reachTicks`, given.reachTicks ?? 2, 0, 1_000_000),
  };
}

function excitedSettings(given: MarketExcitement) {
  const path = "market.excited";
  checkKeys(path, given, ["ratePerSecond", "branching", "crossShare", "decayPerSecond"]);
  const branching = checkNumber(`${path}.branching`, given.branching ?? 0.6, 0);
  if (branching >= 1) {
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.branching`,
      value: branching,
      expected: "a branching ratio below 1: with 1 or more the trades never die out",
    });
  }
  return {
    ratePerSecond: checkRate(`${path}.ratePerSecond`, given.ratePerSecond ?? 0.6),
    branching,
    crossShare: checkNumber(`${path}.crossShare`, given.crossShare ?? 0.1, 0, 1),
    decayPerSecond: checkRate(`${path}.decayPerSecond`, given.decayPerSecond ?? 2, 1e-6),
  };
}

function informedSettings(given: MarketInformed) {
  const path = "market.informed";
  checkKeys(path, given, ["ratePerSecond", "costTicks", "lots"]);
  return {
    ratePerSecond: checkRate(`${path}.ratePerSecond`, given.ratePerSecond ?? 2),
    costTicks: checkNumber(`${path}.costTicks`, given.costTicks ?? 0.5, 0),
    ...sizeSettings(path, given.lots ?? 12),
  };
}

function makerSettings(given: MarketMakers, levelsMax: number) {
  const path = "market.makers";
  checkKeys(path, given, [
    ...["ratePerSecond", "halfSpreadTicks", "levels", "lots", "lagNs", "flowTicksPerLot"],
  ]);
  return {
    ratePerSecond: checkRate(`${path}.ratePerSecond`, given.ratePerSecond ?? 8),
    halfSpreadTicks: checkNumber(`${path}.halfSpreadTicks`, given.halfSpreadTicks ?? 0.8, 0, 1_000_000),
    levels: checkInteger(`${path}.levels`, given.levels ?? Math.min(4, levelsMax), 1, levelsMax),
    lots: checkInteger(`${path}.lots`, given.lots ?? 20, 1, LOTS_MAX),
    lagNs: checkInteger(`${path}.lagNs`, given.lagNs ?? 200_000_000, 1),
    flowTicksPerLot: checkNumber(`${path}.flowTicksPerLot`, given.flowTicksPerLot ?? 0, 0, 1_000_000),
  };
}

function feedSettings(given: MarketFeedOptions) {
  const path = "market.feed";
  checkKeys(path, given, ["diffIntervalNs", "quotes", "latencyFloorNs", "latencyMedianNs", "latencySigma"]);
  return {
    diffIntervalNs: checkInteger(`${path}.diffIntervalNs`, given.diffIntervalNs ?? 100_000_000, 0),
    quotes: checkBoolean(`${path}.quotes`, given.quotes ?? false),
    latencyFloorNs: checkInteger(
      `${path}.latencyFloorNs`,
      given.latencyFloorNs ?? 500_000,
      0,
      LATENCY_NS_MAX,
    ),
    latencyMedianNs: checkInteger(
      `${path}.latencyMedianNs`,
      given.latencyMedianNs ?? 1_000_000,
      0,
      LATENCY_NS_MAX,
    ),
    latencySigma: checkNumber(`${path}.latencySigma`, given.latencySigma ?? 0.5, 0, 5),
  };
}

function checkRate(path: string, value: number, least = 0): number {
  return checkNumber(path, value, least, RATE_MAX);
}

/** The mean size, and the mean of the exponential draw that gives it as 1 + floor(draw). */
function sizeSettings(path: string, mean: number) {
  const lots = checkNumber(`${path}.lots`, mean, 1, LOTS_MAX);
  return { lots, drawMean: lots === 1 ? 0 : 1 / Math.log(1 + 1 / (lots - 1)) };
}
