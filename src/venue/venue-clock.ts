/**
 * Time and timers, as whoever makes a link gives them: a test's are its own, so that it lives the same twice.
 *
 * @units ns from the session's base, steady; `delayNs` ns from now
 */
export interface VenueClock {
  nowNs(): number;
  /** Calls once after a delay, 0: as soon as nothing else runs. Returns what takes the call back. */
  after(delayNs: number, call: () => void): () => void;
}

/**
 * The clock of this process: wall time at its making, steady from then on; timers keep no process alive.
 *
 * @param baseNs - epoch ns that times count from: the session's `baseNs`
 */
export function systemVenueClock(baseNs: bigint): VenueClock {
  const startedNs = Number(BigInt(Date.now()) * 1_000_000n - baseNs);
  const startedMs = performance.now();
  return {
    nowNs: () => startedNs + Math.round((performance.now() - startedMs) * 1e6),
    after: (delayNs, call) => {
      if (delayNs <= 0) {
        let isTakenBack = false;
        queueMicrotask(() => {
          if (!isTakenBack) call();
        });
        return () => {
          isTakenBack = true;
        };
      }
      const timer = setTimeout(call, Math.min(delayNs / 1e6, 2 ** 31 - 1));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
