import { checkBoolean, checkInteger, checkKeys, checkText } from "../base/index.ts";
import { MAX_TICKS } from "../model/index.ts";

const NAME = "pairQuoter";
const KEYS = [
  "instrument",
  "lots",
  "spreadTicks",
  "maxSpreadTicks",
  "maxPositionLots",
  "skewTicks",
  "requoteTicks",
  "requoteNs",
  "staleNs",
  "retryNs",
  "reserves",
  "tag",
] as const;

/** What a `PairQuoter` is made from. */
export interface PairQuoterOptions {
  /** Key or symbol of the instrument. */
  readonly instrument: string;
  /** Lots of each quote. */
  readonly lots: number;
  /** The distance between the quotes that is wanted; no less is quoted. */
  readonly spreadTicks: number;
  /**
   * The widest distance: rounding, and keeping off the other side, do not pass it. One tick above `spreadTicks` unless
   * given.
   */
  readonly maxSpreadTicks?: number;
  /** With both quotes filled the position stays within it. */
  readonly maxPositionLots: number;
  /** How far both quotes move against the position, when that is `maxPositionLots`; 0 unless given. */
  readonly skewTicks?: number;
  /** A quote this far from where it should be is moved; 1 unless given. */
  readonly requoteTicks?: number;
  /** A quote stands at least so long before it is moved; 0 unless given. */
  readonly requoteNs?: number;
  /** Without word of the market for so long both quotes are pulled. */
  readonly staleNs: number;
  /** After a refusal or a rejection, and between requests to cancel one quote; 0.5 s unless given. */
  readonly retryNs?: number;
  /**
   * Whether what both sides may still do is held at the gate, as of a parent order: up to `maxPositionLots` either way.
   * Nothing is quoted before it is held. False unless given: each quote is then held for itself.
   */
  readonly reserves?: boolean;
  /** Written on every quote; `pair` unless given. */
  readonly tag?: string;
}

/** The options with every default filled in. @throws `FAULT_CONFIG` naming the option */
export function checkPairTerms(options: PairQuoterOptions): Required<PairQuoterOptions> {
  checkKeys(NAME, options, KEYS);
  const spreadTicks = checkInteger(`${NAME}.spreadTicks`, options.spreadTicks, 1, MAX_TICKS);
  const widest = options.maxSpreadTicks ?? spreadTicks + 1;
  const lots = checkInteger(`${NAME}.lots`, options.lots, 1);
  return {
    instrument: checkText(`${NAME}.instrument`, options.instrument),
    ...{ lots, spreadTicks },
    maxSpreadTicks: checkInteger(`${NAME}.maxSpreadTicks`, widest, spreadTicks, 2 * MAX_TICKS),
    maxPositionLots: checkInteger(`${NAME}.maxPositionLots`, options.maxPositionLots, lots),
    skewTicks: checkInteger(`${NAME}.skewTicks`, options.skewTicks ?? 0, 0, MAX_TICKS),
    requoteTicks: checkInteger(`${NAME}.requoteTicks`, options.requoteTicks ?? 1, 1, MAX_TICKS),
    requoteNs: checkInteger(`${NAME}.requoteNs`, options.requoteNs ?? 0, 0),
    staleNs: checkInteger(`${NAME}.staleNs`, options.staleNs, 1),
    retryNs: checkInteger(`${NAME}.retryNs`, options.retryNs ?? 500_000_000, 1),
    reserves: checkBoolean(`${NAME}.reserves`, options.reserves ?? false),
    tag: options.tag ?? "pair",
  };
}
