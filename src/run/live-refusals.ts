import { type Refusal, refuse } from "../base/index.ts";
import type { DurabilityPolicy } from "../port/index.ts";
import { KillLatch, LIMIT_NAMES, type LimitName, type NodeLimits, REQUIRED_LIMITS } from "../risk/index.ts";
import type { KillAgent } from "./kill-agent.ts";
import type { PreflightReport } from "./preflight.ts";
import type { TraderPlan } from "./trader-options.ts";
import type { TraderVenue } from "./trader-venue.ts";

/** Every code a live trader can refuse to start with, in order of precedence. */
export const LIVE_REFUSALS = [
  "LIVE_LIMITS_MISSING",
  "LIVE_LIMITS_UNBOUNDED",
  "LIVE_JOURNAL_WEAK",
  "LIVE_STALE_POLICY_MISSING",
  "LIVE_VENUE_MISSING",
  "LIVE_KILL_MISSING",
  "LIVE_KILL_NOT_READY",
  "LIVE_PREFLIGHT_MISSING",
  "LIVE_PREFLIGHT_RED",
] as const;

/** A code of {@link LIVE_REFUSALS}. */
export type LiveRefusalCode = (typeof LIVE_REFUSALS)[number];

/** What has to be bounded somewhere: one limit of each line at least, by a number. */
const BOUNDED: readonly (readonly LimitName[])[] = [
  ["maxOrderLots", "maxOrderValue"],
  ["maxLongLots", "maxGrossValue", "maxNetValue"],
  ["maxShortLots", "maxGrossValue", "maxNetValue"],
  ["maxDailyLoss"],
  ["maxOrdersPerSecond", "maxOrdersPerMinute"],
  ["priceCollarBps", "priceCollarTicks"],
];
/** What survives the loss of this machine's power, or of the machine. */
const DURABLE: readonly DurabilityPolicy[] = ["sync", "replicated"];

/** What an agent has to show, of those that {@link KillAgent} is one of. */
export type KillReadiness = Pick<KillAgent, "ready" | "status" | "trigger" | "beat">;

/** What limits lack for real money; empty where nothing. */
export function limitsLacking(
  limits: readonly NodeLimits[] | undefined,
): readonly Refusal<LiveRefusalCode>[] {
  const nodes = limits ?? [];
  const said = new Set(nodes.flatMap((node) => Object.keys(node.limits)));
  const missing = REQUIRED_LIMITS.filter((name) => !said.has(name));
  if (missing.length > 0) {
    const expected = "each of the required limits at one level at least, if only as `unlimited`";
    return [refuse("LIVE_LIMITS_MISSING", "live.risk.limits", missing, expected)];
  }
  const isBounded = (name: LimitName): boolean =>
    nodes.some((node) => node.limits[name] !== undefined && node.limits[name] !== "unlimited");
  const open = BOUNDED.filter((line) => !line.some(isBounded)).map((line) => line.join(" or "));
  if (open.length === 0) return [];
  const expected =
    "a number for each of these at one level at least: nothing is unlimited where money is real";
  return [refuse("LIVE_LIMITS_UNBOUNDED", "live.risk.limits", open, expected)];
}

/** The limits that hold numbers, by name: for a report. */
export function boundedLimits(limits: readonly NodeLimits[]): readonly LimitName[] {
  return LIMIT_NAMES.filter((name) =>
    limits.some((node) => node.limits[name] !== undefined && node.limits[name] !== "unlimited"),
  );
}

/** What a live trader's options lack, before anything is opened. */
export function liveLacking(
  plan: TraderPlan,
  venues: readonly TraderVenue[],
): readonly Refusal<LiveRefusalCode>[] {
  const { risk, instruments, strategies } = plan.session;
  const lacks = [...limitsLacking(risk?.limits)];
  const { policy } = plan.journal;
  if (!DURABLE.includes(policy)) {
    lacks.push(refuse("LIVE_JOURNAL_WEAK", "live.journal.policy", policy, DURABLE.join(" or ")));
  }
  const isWatched = (name: string | undefined): boolean =>
    plan.stale.some(({ strategy }) => strategy === undefined || strategy === name);
  const unwatched = strategies
    .map(({ name }, i) => name ?? `strategy ${i}`)
    .filter((name) => !isWatched(name));
  if (unwatched.length > 0) {
    const expected = "what is done when the market is not heard of, for each strategy";
    lacks.push(refuse("LIVE_STALE_POLICY_MISSING", "live.stale", unwatched, expected));
  }
  const doorless = instruments.filter(
    (_, i) => venues.filter(({ stations }) => stations.includes(i)).length !== 1,
  );
  if (doorless.length > 0) {
    const keys = doorless.map(({ key }) => key);
    lacks.push(refuse("LIVE_VENUE_MISSING", "live.venues", keys, "one venue for each instrument"));
  }
  return lacks;
}

/** What the kill switch lacks: it watches the session's own latch, has rehearsed, and reaches every venue. */
export async function killLacking(
  latch: KillLatch | undefined,
  agent: KillReadiness | undefined,
): Promise<readonly Refusal<LiveRefusalCode>[]> {
  if (!(latch instanceof KillLatch) || typeof agent?.ready !== "function") {
    const expected = "a latch in `risk.kill` and a `KillAgent` that watches it";
    return [
      refuse("LIVE_KILL_MISSING", "live.kill", agent === undefined ? "no agent" : "no latch", expected),
    ];
  }
  if (agent.trigger.latch !== latch.buffer) {
    const expected = "an agent of the latch in `risk.kill`";
    return [refuse("LIVE_KILL_MISSING", "live.kill", "an agent of another latch", expected)];
  }
  try {
    await agent.ready();
  } catch (error) {
    const value = error instanceof Error ? error.message : String(error);
    return [refuse("LIVE_KILL_NOT_READY", "live.kill", value, "an agent that has rehearsed")];
  }
  const { state, venues } = agent.status;
  if (state !== "armed") return [refuse("LIVE_KILL_NOT_READY", "live.kill", state, "an agent that is armed")];
  const dead = venues.filter(({ isHealthy }) => !isHealthy).map(({ venue }) => venue);
  if (venues.length > 0 && dead.length === 0) return [];
  const expected = "a cancel-only session with every venue, that answers";
  return [refuse("LIVE_KILL_NOT_READY", "live.kill", dead.length === 0 ? "no venue" : dead, expected)];
}

/** What speaks against starting in a preflight report. */
export function preflightLacking(report: PreflightReport | undefined): readonly Refusal<LiveRefusalCode>[] {
  if (report === undefined) {
    return [refuse("LIVE_PREFLIGHT_MISSING", "live.preflight", "none", "a green preflight of this start")];
  }
  if (report.isGreen) return [];
  const red = report.checks.filter(({ state }) => state === "fail").map(({ name }) => name);
  return [refuse("LIVE_PREFLIGHT_RED", "live.preflight", red, "no check that fails")];
}
