import { checkChoice, checkInteger, checkKeys } from "../base/index.ts";
import { TICK_MAX, TICK_MIN } from "../book/index.ts";

/** Half of the widest range of prices. */
const RANGE = 33_546_240;

/** How an order that does not take a whole level is divided among it. */
export type Allocation = "priceTime" | "proRata";

/** What a {@link MatchingBook} is made with. */
export interface MatchingOptions {
  /** Orders that have not ended, at one time; 1,048,576 unless given. */
  readonly ordersMax?: number;
  /** The lowest and the highest price of an order; -33,546,240 and 33,546,239 unless given. @units ticks */
  readonly lowestTicks?: number;
  readonly highestTicks?: number;
  /** Owners are numbers below it; 1,024 unless given. */
  readonly ownersMax?: number;
  /** Of what icebergs show; 1 unless given. */
  readonly seed?: number;
  readonly allocation?: Allocation;
  /** Trading stops for a volatility auction rather than trade further than so from these prices. @units basis points */
  readonly interruption?: {
    /** From the last auction's price. */
    readonly staticBps?: number;
    /** From the last trade before an order. */
    readonly dynamicBps?: number;
  };
}

/** Options that were checked, with what was left out. */
export interface MatchingSettings {
  readonly ordersMax: number;
  readonly lowestTicks: number;
  readonly highestTicks: number;
  /** The largest order: no sum over all orders passes 2^53. */
  readonly lotsMax: number;
  readonly ownersMax: number;
  readonly seed: number;
  readonly allocation: Allocation;
  /** 0 for none. */
  readonly staticBps: number;
  readonly dynamicBps: number;
}

const KEYS = ["ordersMax", "lowestTicks", "highestTicks", "ownersMax", "seed", "allocation", "interruption"];

/** Checks options. @throws `FAULT_CONFIG` for an unknown one or one out of its range. */
export function matchingSettings(options: MatchingOptions = {}): MatchingSettings {
  checkKeys("match", options, KEYS);
  const interruption = options.interruption ?? {};
  checkKeys("match.interruption", interruption, ["staticBps", "dynamicBps"]);
  const bps = (name: "staticBps" | "dynamicBps"): number =>
    checkInteger(`match.interruption.${name}`, interruption[name] ?? 0, 0, 10_000);
  const { lowestTicks = -RANGE, highestTicks = RANGE - 1 } = options;
  checkInteger("match.lowestTicks", lowestTicks, TICK_MIN + 1, TICK_MAX - 1);
  checkInteger(
    "match.highestTicks",
    highestTicks,
    lowestTicks,
    Math.min(TICK_MAX - 1, lowestTicks + 2 * RANGE - 1),
  );
  const ordersMax = checkInteger("match.ordersMax", options.ordersMax ?? 1_048_576, 1, 67_108_863);
  return {
    ...{ ordersMax, lowestTicks, highestTicks },
    lotsMax: Math.floor(Number.MAX_SAFE_INTEGER / ordersMax),
    ownersMax: checkInteger("match.ownersMax", options.ownersMax ?? 1024, 1, 16_777_216),
    seed: checkInteger("match.seed", options.seed ?? 1, 0, 0xffffffff),
    allocation: checkChoice("match.allocation", options.allocation ?? "priceTime", ["priceTime", "proRata"]),
    staticBps: bps("staticBps"),
    dynamicBps: bps("dynamicBps"),
  };
}
