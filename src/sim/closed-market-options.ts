import {
  canonicalJson,
  checkArray,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  checkText,
  Fault,
} from "../base/index.ts";
import { type TapeHead, utcDayBase } from "../feed/index.ts";
import { type Allocation, MATCH_PHASE, type MatchPhase, type SelfMatch } from "../match/index.ts";
import { Instrument } from "../model/index.ts";
import { ConstantLatency, type LatencyModel } from "./latency.ts";
import { type ClosedMarketLuld, type LuldSettings, luldSettings } from "./luld-guard.ts";
import { type DepthMarketOptions, type MarketSettings, marketSettings } from "./market-generator-options.ts";
import type { Participant } from "./participant.ts";
import { checkBaseNs, checkLatency, midnightUtc } from "./venue-options.ts";

/**
 * A crowd and its market, as of a `DepthMarket` but that they trade in one book with us: what is told of it depends on
 * what we do. It lasts `durationNs`.
 */
export interface ClosedMarketOptions extends Omit<DepthMarketOptions, "rows" | "witness" | "durationNs"> {
  readonly durationNs: number;
  /**
   * How far each lot that we or a participant take moves the price that informed traders know, towards who took: a
   * permanent impact. Linear, so that a round trip gains nothing by it. 0 unless given. @units ticks a lot
   */
  readonly permanentTicksPerLot?: number;
}

/** A change of phase at a time. @units ns from the market's start */
export interface PhaseAt {
  readonly atNs: number;
  readonly phase: MatchPhase;
}

/** How the venue of a closed market works. */
export interface ClosedVenueOptions {
  readonly latency?: LatencyModel;
  /** What becomes of an order of ours that meets another of ours; `none` unless given. */
  readonly selfMatch?: SelfMatch;
  /** Phases by time, the earliest first; trading is continuous until the first. */
  readonly phases?: readonly PhaseAt[];
  /** Price bands, limit states and pauses of the LULD Plan. */
  readonly luld?: ClosedMarketLuld;
  /** Traders whose orders programs give. */
  readonly participants?: readonly Participant[];
  /** How a level is divided; `priceTime` unless given. */
  readonly allocation?: Allocation;
  /** When the trading day of a moment ends, for DAY orders; midnight UTC unless said. */
  readonly dayEndNs?: (epochNs: bigint) => bigint;
}

/** What a `MatchingVenue` is made from. */
export interface MatchingVenueOptions extends ClosedVenueOptions {
  readonly market: ClosedMarketOptions;
  /** The market's instrument with other fees; that of `market` unless given. */
  readonly instrument?: Instrument;
  /** Orders the venue can hold of us at one time; 4,096 unless given. */
  readonly capacity?: number;
  /** Epoch ns of the session's base; 0 unless given. */
  readonly baseNs?: bigint;
}

/** The options checked, with every default filled in. */
export interface MatchingVenueSettings {
  readonly crowd: MarketSettings;
  readonly permanentTicksPerLot: number;
  readonly instrument: Instrument;
  readonly capacity: number;
  readonly baseNs: bigint;
  /** From the session's base. */
  readonly startNs: number;
  readonly endNs: number;
  readonly latency: LatencyModel;
  readonly selfMatch: SelfMatch;
  readonly phases: readonly PhaseAt[];
  readonly luld: LuldSettings | undefined;
  readonly participants: readonly Participant[];
  readonly allocation: Allocation;
  readonly dayEndNs: (epochNs: bigint) => bigint;
}

const VENUE_KEYS = [
  "latency",
  "selfMatch",
  "phases",
  "luld",
  "participants",
  "allocation",
  "dayEndNs",
] as const;
const KEYS = [...VENUE_KEYS, "market", "instrument", "capacity", "baseNs"] as const;
const SELF_MATCHES = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"] as const;
const PHASES = Object.keys(MATCH_PHASE) as MatchPhase[];
const PARTICIPANTS_MAX = 1_000;
/** The highest price of a closed market's book, and of a start that has room above it. @units ticks */
export const BOOK_MAX = 67_000_000;
const PRICE_MAX = BOOK_MAX / 4;
/** Offsets from the session's base stay exact. */
const SPAN_MAX_NS = 8_900_000_000_000_000n;

/**
 * Checks the options of a matching venue.
 *
 * @throws `FAULT_CONFIG` naming the option; `FAULT_TIME` for a market that is too far from the session's base
 */
export function matchingVenueSettings(options: MatchingVenueOptions): MatchingVenueSettings {
  checkKeys("venue", options, KEYS);
  const crowd = closedMarketSettings(options.market);
  const { permanentTicksPerLot = 0 } = options.market;
  checkInteger("market.priceTicks", crowd.priceTicks, 1, PRICE_MAX);
  const instrument = options.instrument ?? new Instrument(crowd.instrument);
  const baseNs = checkBaseNs(options.baseNs ?? 0n);
  const startNs = startOf(crowd, baseNs);
  return {
    ...{ crowd, permanentTicksPerLot, instrument, baseNs, startNs, endNs: startNs + crowd.durationNs },
    capacity: checkInteger("venue.capacity", options.capacity ?? 4096, 1, 1 << 20),
    latency: checkLatency(options.latency ?? new ConstantLatency({ entryNs: 0, responseNs: 0 })),
    selfMatch: checkChoice("venue.selfMatch", options.selfMatch ?? "none", SELF_MATCHES),
    phases: checkPhases(options.phases ?? []),
    allocation: checkChoice("venue.allocation", options.allocation ?? "priceTime", ["priceTime", "proRata"]),
    luld: options.luld === undefined ? undefined : luldSettings(options.luld, instrument),
    participants: checkParticipants(options.participants ?? []),
    dayEndNs: checkFunction("venue.dayEndNs", options.dayEndNs ?? midnightUtc),
  };
}

/**
 * What a closed market says of itself before it runs, as a tape does.
 *
 * @throws `FAULT_CONFIG` naming the option
 */
export function closedMarketHead(options: ClosedMarketOptions): TapeHead {
  const { instrument, seed, startNs } = closedMarketSettings(options);
  const { instrument: _instrument, seed: _seed, startNs: _startNs, ...others } = options;
  const source = `closed market, seed ${seed}, ${canonicalJson(others)}`;
  return { instrument, baseNs: utcDayBase(startNs), source, simulated: true };
}

/** Checks a crowd's options. @throws `FAULT_CONFIG` naming the option */
export function closedMarketSettings(options: ClosedMarketOptions): MarketSettings {
  for (const key of ["rows", "witness"]) {
    const value: unknown =
      typeof options === "object" && options !== null ? Reflect.get(options, key) : undefined;
    if (value === undefined) continue;
    throw new Fault("FAULT_CONFIG", { path: `market.${key}`, value, expected: "none for a closed market" });
  }
  if (typeof options !== "object" || options === null) return marketSettings(options);
  const { permanentTicksPerLot = 0, ...crowd } = options;
  checkNumber("market.permanentTicksPerLot", permanentTicksPerLot, 0, 1_000_000);
  return marketSettings(crowd);
}

function startOf({ startNs }: MarketSettings, baseNs: bigint): number {
  const offset = startNs - baseNs;
  if (offset >= 0n && offset <= SPAN_MAX_NS) return Number(offset);
  const expected = `a start within ${SPAN_MAX_NS} ns after the session's base`;
  throw new Fault("FAULT_TIME", { path: "market.startNs", value: startNs, expected });
}

function checkPhases(phases: readonly PhaseAt[]): readonly PhaseAt[] {
  if (phases.length === 0) return [];
  let last = 0;
  return checkArray("venue.phases", phases).map((each, i) => {
    const path = `venue.phases[${i}]`;
    checkKeys(path, each, ["atNs", "phase"]);
    last = checkInteger(`${path}.atNs`, each.atNs, last);
    return { atNs: last, phase: checkChoice(`${path}.phase`, each.phase, PHASES) };
  });
}

function checkParticipants(participants: readonly Participant[]): readonly Participant[] {
  if (participants.length === 0) return [];
  const names = new Set<string>();
  for (const [i, each] of checkArray("venue.participants", participants).entries()) {
    const path = `venue.participants[${i}]`;
    checkKeys(path, each, ["name", "act"]);
    checkFunction(`${path}.act`, each.act);
    const name = checkText(`${path}.name`, each.name);
    if (names.has(name) || i >= PARTICIPANTS_MAX) {
      const expected = `a name of its own, of at most ${PARTICIPANTS_MAX}`;
      throw new Fault("FAULT_CONFIG", { path: `${path}.name`, value: name, expected });
    }
    names.add(name);
  }
  return participants;
}
