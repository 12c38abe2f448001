import type { ClockSettings } from "./clock-options.ts";
import type { ClockReading, ClockStamps, LeapNotice } from "./clock-readings.ts";

/** What the two clocks of this machine did between two samples. */
export interface ClockJump {
  readonly kind: "none" | "step" | "leapSecond";
  /** CLOCK_REALTIME's way minus CLOCK_MONOTONIC_RAW's. @units ns */
  readonly jumpNs: number;
  /** @units ns, raw */
  readonly elapsedNs: number;
}

const SECOND_NS = 1e9;
const DAY_NS = 86_400_000_000_000n;

/**
 * Tells a step from a slew and from a leap second: one that was announced, in its direction, at the end of a UTC day.
 *
 * @invariant What a slew of `slewPpmMax`, the resolution of the stamps and the width of the reads can explain is no
 * step.
 */
export function clockJump(
  before: ClockStamps,
  now: ClockStamps,
  announced: LeapNotice,
  settings: ClockSettings,
): ClockJump {
  const elapsedNs = Number(now.monotonicRawNs - before.monotonicRawNs);
  const jumpNs = Number(now.sysRealtimeNs - before.sysRealtimeNs) - elapsedNs;
  const slewNs = (elapsedNs * settings.slewPpmMax) / 1e6;
  const readNs = before.realtimeResolutionNs + now.realtimeResolutionNs;
  const allowedNs = settings.stepNs + slewNs + readNs + before.pairUncertaintyNs + now.pairUncertaintyNs;
  if (Math.abs(jumpNs) <= allowedNs) return { kind: "none", jumpNs, elapsedNs };
  const leapNs = announced === "insert" ? -SECOND_NS : announced === "delete" ? SECOND_NS : undefined;
  const isLeap =
    leapNs !== undefined &&
    Math.abs(jumpNs - leapNs) <= allowedNs &&
    fromMidnightNs(now.sysRealtimeNs) <= elapsedNs + 2 * SECOND_NS;
  return { kind: isLeap ? "leapSecond" : "step", jumpNs, elapsedNs };
}

function fromMidnightNs(realtimeNs: bigint): number {
  const since = Number(realtimeNs % DAY_NS);
  return Math.min(since, Number(DAY_NS) - since);
}

const STA_INS = 0x10;
const STA_DEL = 0x20;

/** What is announced, by whichever source says so. */
export function leapOf(reading: ClockReading): LeapNotice {
  for (const notice of [reading.ptp?.leap, reading.ntp?.leap]) {
    if (notice === "insert" || notice === "delete") return notice;
  }
  const status = reading.kernel?.status ?? 0;
  if ((status & STA_INS) !== 0) return "insert";
  if ((status & STA_DEL) !== 0) return "delete";
  return reading.ptp?.leap ?? reading.ntp?.leap ?? (reading.kernel === undefined ? "unknown" : "none");
}
