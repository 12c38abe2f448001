/**
 * How fast orders are to leave, from the input that caused them: `medium` 1 to 100 ms (strategies over REST and
 * WebSocket), `high` 100 µs to 1 ms, `ultra` below 100 µs. Each asks for all that the ones before it ask for.
 */
export type LatencyTier = "medium" | "high" | "ultra";

/** The tiers, the slowest first. */
export const LATENCY_TIERS: readonly LatencyTier[] = ["medium", "high", "ultra"];

/** One thing that a tier asks of the machine. */
export interface LatencyCheck {
  /** What it is about, such as `cpu.isolated`. */
  readonly name: string;
  /** The slowest tier that asks for it. */
  readonly tier: LatencyTier;
  /** `unknown` where the machine does not say. */
  readonly state: "holds" | "lacks" | "unknown";
  readonly found: string;
  readonly expected: string;
  /** What it buys. */
  readonly why: string;
  /** What to do about it, where that is known. */
  readonly change: string;
}

/** What a check asks, and what the machine says. */
export interface LatencyQuestion {
  readonly name: string;
  readonly tier: LatencyTier;
  /** Undefined where the machine does not say. */
  readonly holds: boolean | undefined;
  readonly found: string | undefined;
  readonly expected: string;
  readonly why: string;
  readonly change: string;
}

/** The answer to a question. */
export function answer({ holds, found, ...rest }: LatencyQuestion): LatencyCheck {
  const state = holds === undefined ? "unknown" : holds ? "holds" : "lacks";
  return { ...rest, state, found: found ?? "this machine does not say" };
}
