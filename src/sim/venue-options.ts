import { checkBoolean, checkChoice, checkFunction, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { Instrument, NANOS_PER_DAY } from "../model/index.ts";
import { ConstantLatency, type LatencyModel } from "./latency.ts";
import type { QueueModelOptions } from "./queue-model.ts";

/**
 * How fills happen. `noPartial`: a resting order fills whole when it is reached, a taking order fills whole
 * at the best price. `partial`: a resting order fills by what reached it, a taking order walks the book
 * level by level, and what it took is gone until the feed restates the level.
 */
export type FillModel = "noPartial" | "partial";

/** What a {@link SimVenue} is made from. */
export interface SimVenueOptions {
  readonly instrument: Instrument;
  /** Orders the venue can hold of us at one time. */
  readonly capacity?: number;
  readonly latency?: LatencyModel;
  readonly queue?: QueueModelOptions;
  readonly fills?: FillModel;
  /** With `partial`: whether taken liquidity stays gone until the level is restated (true unless said). */
  readonly rememberConsumed?: boolean;
  /**
   * How much further from us the market is than its tape shows: our orders meet it this many ticks below (buys) or
   * above (sells) their price, and are told of fills at their own side of that. 0 unless given.
   */
  readonly spreadTicks?: number;
  /** When the trading day of a moment ends, for DAY orders; midnight UTC unless said. */
  readonly dayEndNs?: (epochNs: bigint) => bigint;
  /** Epoch ns of the session's base, for `dayEndNs`. */
  readonly baseNs?: bigint;
}

/** The options with every default filled in. */
export interface SimVenueSettings {
  readonly instrument: Instrument;
  readonly capacity: number;
  readonly latency: LatencyModel;
  readonly queue: QueueModelOptions;
  readonly fills: FillModel;
  readonly rememberConsumed: boolean;
  readonly spreadTicks: number;
  readonly dayEndNs: (epochNs: bigint) => bigint;
  readonly baseNs: bigint;
}

/** The most that `spreadTicks` may be. */
export const SPREAD_TICKS_MAX = 1_000_000;

const KEYS = [
  "instrument",
  "capacity",
  "latency",
  "queue",
  "fills",
  "rememberConsumed",
  "spreadTicks",
  "dayEndNs",
  "baseNs",
] as const;

/** Checks the options of a simulated venue and fills in what is left out. */
export function venueSettings(options: SimVenueOptions): SimVenueSettings {
  checkKeys("venue", options, KEYS);
  return {
    instrument: checkInstrument(options.instrument),
    capacity: checkInteger("venue.capacity", options.capacity ?? 4096, 1, 1 << 20),
    latency: checkLatency(options.latency ?? new ConstantLatency({ entryNs: 0, responseNs: 0 })),
    queue: options.queue ?? { model: "power3", n: 3 },
    fills: checkChoice("venue.fills", options.fills ?? "partial", ["noPartial", "partial"]),
    rememberConsumed: checkBoolean("venue.rememberConsumed", options.rememberConsumed ?? true),
    spreadTicks: checkInteger("venue.spreadTicks", options.spreadTicks ?? 0, 0, SPREAD_TICKS_MAX),
    dayEndNs: checkFunction("venue.dayEndNs", options.dayEndNs ?? midnightUtc),
    baseNs: checkBaseNs(options.baseNs ?? 0n),
  };
}

/** Throws `FAULT_CONFIG` unless a venue's latency is a model of it. */
export function checkLatency(latency: LatencyModel): LatencyModel {
  const methods = ["entryNs", "responseNs", "describe"];
  const isModel = typeof latency === "object" && latency !== null;
  if (isModel && methods.every((name) => typeof Reflect.get(latency, name) === "function")) return latency;
  throw new Fault("FAULT_CONFIG", { path: "venue.latency", value: latency, expected: "a latency model" });
}

/** Throws `FAULT_CONFIG` unless a venue's instrument is one. */
export function checkInstrument(instrument: Instrument): Instrument {
  if (instrument instanceof Instrument) return instrument;
  throw new Fault("FAULT_CONFIG", { path: "venue.instrument", value: instrument, expected: "an Instrument" });
}

/** Throws `FAULT_CONFIG` unless the base of a session is a bigint of epoch ns. */
export function checkBaseNs(baseNs: bigint): bigint {
  if (typeof baseNs === "bigint") return baseNs;
  throw new Fault("FAULT_CONFIG", { path: "venue.baseNs", value: baseNs, expected: "epoch ns as a bigint" });
}

/** When the UTC day of a moment ends. @units epoch ns */
export function midnightUtc(epochNs: bigint): bigint {
  const day = BigInt(NANOS_PER_DAY);
  return (epochNs / day + 1n) * day;
}
