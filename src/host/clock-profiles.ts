/** What a rule book asks of the clock that stamps. */
export interface ClockProfile {
  /** The greatest divergence from UTC that is allowed. @units ns */
  readonly limitNs: number;
  /** The coarsest step a time stamp may have; left out where the rule names none. @units ns */
  readonly granularityNs?: number;
  /** The divergence has to be measured, with hardware: a bound of NTP is not enough. */
  readonly measured: boolean;
}

/**
 * Limits by name. `rts25-*` are the tables of Delegated Regulation (EU) 2017/574, which (EU) 2025/1155 repealed
 * from 2 March 2026: compare its Annex IV before you rely on them. `cat-*` are those of the consolidated audit
 * trail.
 *
 * @source Delegated Regulation (EU) 2017/574, Annex, tables 1 and 2
 */
export const CLOCK_PROFILES = {
  "rts25-hft": { limitNs: 100_000, granularityNs: 1_000, measured: true },
  "rts25-other": { limitNs: 1_000_000, granularityNs: 1_000_000, measured: false },
  "rts25-voice": { limitNs: 1_000_000_000, granularityNs: 1_000_000_000, measured: false },
  "cat-exchange": { limitNs: 100_000, measured: true },
  "cat-member": { limitNs: 50_000_000, measured: false },
  "cat-manual": { limitNs: 1_000_000_000, measured: false },
} as const satisfies Readonly<Record<string, ClockProfile>>;

/** The name of a profile of {@link CLOCK_PROFILES}. */
export type ClockProfileName = keyof typeof CLOCK_PROFILES;

/** What follows where a profile does not hold: mark what is stamped, warn, or let no new order out. */
export type ClockPolicy = "flag" | "warn" | "block";

/** Why a profile does not hold. */
export type ClockVerdictReason =
  | "noBound"
  | "boundAboveLimit"
  | "stepped"
  | "notMeasured"
  | "notTraceable"
  | "granularity";

/** What a profile says of one sample. It is data: whoever sends orders acts on it. */
export interface ClockVerdict {
  readonly profile: ClockProfileName;
  readonly holds: boolean;
  /** `none` where it holds, else the policy that was chosen for it. */
  readonly action: "none" | ClockPolicy;
  readonly reasons: readonly ClockVerdictReason[];
}

/** What a verdict is made of. */
export interface JudgedClock {
  /** @units ns */
  readonly boundNs?: number;
  readonly stepped: boolean;
  readonly measured: boolean;
  readonly traceable: boolean;
  /** @units ns */
  readonly resolutionNs: number;
}

/** Holds a clock against one profile. */
export function judgeClock(profile: ClockProfileName, policy: ClockPolicy, clock: JudgedClock): ClockVerdict {
  const rule: ClockProfile = CLOCK_PROFILES[profile];
  const reasons: ClockVerdictReason[] = [];
  if (clock.boundNs === undefined) reasons.push("noBound");
  else if (clock.boundNs > rule.limitNs) reasons.push("boundAboveLimit");
  if (clock.stepped) reasons.push("stepped");
  if (rule.measured && !clock.measured) reasons.push("notMeasured");
  if (!clock.traceable) reasons.push("notTraceable");
  if (rule.granularityNs !== undefined && clock.resolutionNs > rule.granularityNs)
    reasons.push("granularity");
  const holds = reasons.length === 0;
  return { profile, holds, action: holds ? "none" : policy, reasons };
}
