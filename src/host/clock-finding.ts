import type { ClockPath, ClockProof, ClockReason, ClockTerms } from "./clock-bound.ts";
import type { ClockVerdict } from "./clock-profiles.ts";
import type { ClockSourceTrouble, LeapNotice } from "./clock-readings.ts";

/**
 * The words of a clock's state, the same as those of a checkpoint of an audit trail: `locked` within the engineering
 * threshold, `degraded` above it, `holdover` with a source that was lost, `outOfTolerance` above the regulatory
 * limit, `stepped` after a jump until sources confirm the time again, `unsynchronized` where nothing can be
 * claimed.
 */
export const CLOCK_STATES = [
  "locked",
  "degraded",
  "holdover",
  "outOfTolerance",
  "stepped",
  "unsynchronized",
] as const;

/** One of {@link CLOCK_STATES}. */
export type ClockState = (typeof CLOCK_STATES)[number];

/** What a monitor found at one sample. */
export interface ClockFinding {
  readonly state: ClockState;
  /** @units epoch ns */
  readonly atRealtimeNs: bigint;
  /** @units ns since an arbitrary moment */
  readonly atMonotonicRawNs: bigint;
  /** By what way it was compared; `none` without a source. */
  readonly path: ClockPath | "none";
  /** The source was lost, and the bound grows with the drift. */
  readonly holdover: boolean;
  readonly proof: ClockProof;
  /** A hardware clock was read at this sample. */
  readonly hardware: "present" | "absent";
  /** Such as `ptp 00aabbfffe010203`, `ntp 10.0.0.1`; `none` without one. */
  readonly source: string;
  /** The system clock minus its reference: above 0 it is ahead. @units ns */
  readonly offsetNs?: number;
  /** The robust slope of the offset, of at least 8 samples. @units ppm */
  readonly driftPpm?: number;
  /** The system clock is no farther from its reference than this. @units ns */
  readonly boundNs?: number;
  readonly terms?: ClockTerms;
  /** The reference says that its time comes from UTC. */
  readonly traceable: boolean;
  /** 16 hex digits, while PTP follows one. */
  readonly grandmaster?: string;
  /** TAI minus UTC, as PTP or the kernel has it. @units s */
  readonly utcOffset?: number;
  readonly leap: LeapNotice;
  /** The step of the time stamps: resolution, which is not accuracy. @units ns */
  readonly resolutionNs: number;
  /** Why a path says nothing, or less. */
  readonly reasons: readonly ClockReason[];
  /** Sources that gave nothing. */
  readonly missing: readonly ClockSourceTrouble[];
  readonly verdicts: readonly ClockVerdict[];
}

/** What can happen to a clock. */
export type ClockEventType =
  | "stateChange"
  | "pathChange"
  | "degradedThreshold"
  | "toleranceThreshold"
  | "step"
  | "leapSecond"
  | "grandmasterChange"
  | "grandmasterLost"
  | "traceabilityChange"
  | "utcOffsetChange"
  | "missingSamples"
  | "sourceTrouble"
  | "sourcesDisagree"
  | "verdictChange";

/** One event; `alarm` wakes somebody, `warning` does not, `info` is a change for the better or for the record. */
export interface ClockEvent {
  readonly type: ClockEventType;
  readonly severity: "info" | "warning" | "alarm";
  /** @units epoch ns */
  readonly atRealtimeNs: bigint;
  /** What it is about: a threshold, a profile, a source. */
  readonly subject?: string;
  readonly before?: string | number;
  readonly after?: string | number;
}

/** The fields of an audit trail's event `clockStatus`. */
export interface ClockAuditEvent {
  readonly state: ClockState;
  readonly source: string;
  /** @units ns */
  readonly offsetNs: number;
  /** 0xffffffff where nothing can be claimed, or more. @units ns */
  readonly uncertaintyNs: number;
  readonly reference?: string;
}

const UNKNOWN_NS = 0xffff_ffff;

/**
 * What goes into an audit trail: `chain.clockIs(event.state, event.uncertaintyNs)`, and the event `clockStatus`.
 *
 * @invariant The uncertainty is rounded up.
 */
export function clockAuditEvent(finding: ClockFinding): ClockAuditEvent {
  const { boundNs, offsetNs, grandmaster } = finding;
  return {
    state: finding.state,
    source: finding.source,
    offsetNs: Math.round(offsetNs ?? 0) + 0,
    uncertaintyNs: boundNs === undefined ? UNKNOWN_NS : Math.min(Math.ceil(boundNs), UNKNOWN_NS),
    ...(grandmaster !== undefined && { reference: grandmaster }),
  };
}
