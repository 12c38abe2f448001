import type { ClockStamps } from "./clock-readings.ts";

/**
 * The clocks as plain Node shows them: CLOCK_MONOTONIC by nanoseconds, which the kernel's discipline slews, and
 * CLOCK_REALTIME by milliseconds. Steps below 2 ms are not seen by them, and no profile with a finer granularity
 * holds: for that a native source has to give the stamps.
 */
export function nodeClockStamps(): ClockStamps {
  const before = process.hrtime.bigint();
  const sysRealtimeNs = BigInt(Date.now()) * 1_000_000n;
  const after = process.hrtime.bigint();
  return {
    sysRealtimeNs,
    monotonicRawNs: (before + after) / 2n,
    monotonic: "slewed",
    realtimeResolutionNs: 1_000_000,
    pairUncertaintyNs: Number(after - before) / 2,
  };
}
