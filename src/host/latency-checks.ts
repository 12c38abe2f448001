import type { CpuReport } from "./cpu-report.ts";
import {
  answer,
  LATENCY_TIERS,
  type LatencyCheck,
  type LatencyQuestion,
  type LatencyTier,
} from "./latency-check.ts";
import { isolation, size, steadiness } from "./latency-cores.ts";
import { clocks, memory, native, network } from "./latency-devices.ts";
import type { NetworkReport } from "./network-report.ts";
import type { ProcessReport } from "./process-report.ts";

/** What is known of the clock: a part that no file of /proc tells. */
export interface ClockFacts {
  /** Whether the kernel or a daemon says that the clock follows a source. */
  readonly isSynchronised: boolean | undefined;
  /** Bound of the divergence from UTC. @units ns */
  readonly boundNs: number | undefined;
  /** Whether that bound was measured, or only follows from what a daemon estimates. */
  readonly isMeasured: boolean | undefined;
  /** PTP hardware clocks, such as `/dev/ptp0`. */
  readonly devices: readonly string[] | undefined;
  /** Interfaces that stamp received packets in hardware. */
  readonly stampingInterfaces: readonly string[] | undefined;
}

/** Everything the checks look at. */
export interface MachineFacts {
  readonly cpu: CpuReport;
  readonly network: NetworkReport;
  readonly process: ProcessReport;
  readonly clock: ClockFacts;
  /** The file of the native binary that loads here; the cause where none does. */
  readonly native: {
    readonly isAvailable: boolean;
    readonly file: string | undefined;
    readonly cause: string | undefined;
  };
}

/**
 * What each tier asks of a machine, and what this one offers, in the order of the tiers.
 *
 * @example
 * ```ts
 * import { cpuReport, latencyChecks, networkReport, processReport, tierReached } from "tickwright/host";
 * const unknown = { isSynchronised: undefined, boundNs: undefined, isMeasured: undefined };
 * const clock = { ...unknown, devices: [], stampingInterfaces: [] };
 * const native = { isAvailable: false, file: undefined, cause: "not asked" };
 * const facts = { cpu: cpuReport(), network: networkReport(), process: processReport(), clock, native };
 * const checks = latencyChecks(facts);
 * checks.find(({ name }) => name === "clock.ptp")?.state; // => "lacks"
 * tierReached(checks); // => undefined
 * ```
 */
export function latencyChecks(facts: MachineFacts): readonly LatencyCheck[] {
  const questions = [
    ...size(facts),
    ...steadiness(facts),
    ...isolation(facts),
    ...memory(facts),
    ...clocks(facts),
    ...native(facts),
    ...network(facts),
  ];
  const rank = ({ tier }: LatencyQuestion): number => LATENCY_TIERS.indexOf(tier);
  return questions.sort((left, right) => rank(left) - rank(right)).map(answer);
}

/** The fastest tier of which everything holds, and everything of the slower ones; what is unknown does not hold. */
export function tierReached(checks: readonly LatencyCheck[]): LatencyTier | undefined {
  let reached: LatencyTier | undefined;
  for (const tier of LATENCY_TIERS) {
    if (!checks.every((check) => check.tier !== tier || check.state === "holds")) return reached;
    reached = tier;
  }
  return reached;
}
