import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockMonitor, type ClockState } from "../../src/host/index.ts";
import { ClockWorld, type Sampled, taken } from "../unit/host-clock-world.ts";

// A world in which the truth is known: the sources' claims hold (the grandmaster is as accurate as it says, no path
// is more asymmetric than it is long, clocks drift by 1 ppm at most), and servos correct what they measured. Then
// the system clock is never farther from UTC than the bound.

const part = fc.double({ min: -1, max: 1, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const mostly = (weight: number) => fc.integer({ min: 0, max: 99 }).map((value) => value < weight);

const turn = fc.record({
  elapsedMs: fc.oneof(fc.constant(1_000), fc.integer({ min: 50, max: 4_000 })),
  drift: fc.tuple(part, part),
  jumpNs: fc.oneof(
    { weight: 15, arbitrary: fc.constant(0) },
    fc.integer({ min: 5_000_000, max: 3_000_000_000 }),
    fc.integer({ min: -3_000_000_000, max: -5_000_000 }),
  ),
  ptp: mostly(80),
  message: mostly(80),
  phc: mostly(90),
  ntp: mostly(30),
  grandmaster: part,
  asymmetry: part,
  delayNs: fc.integer({ min: 0, max: 5_000 }),
  read: part,
  readNs: fc.integer({ min: 0, max: 500 }),
  ntpError: part,
  rootDelayNs: fc.integer({ min: 0, max: 600_000 }),
  rootDispersionNs: fc.integer({ min: 0, max: 90_000 }),
  servo: fc.tuple(share, share),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

const GRANDMASTER_NS = 25;

/** The true errors of both clocks, and the last PTP message that came. @units ns */
class Truth {
  systemNs = 3_000;
  hardwareNs = -1_000;
  #message: NonNullable<Sampled["ptp"]> | null = null;

  pass({ elapsedMs, drift, jumpNs }: Turn): number {
    const before = this.systemNs;
    this.hardwareNs += drift[0] * elapsedMs;
    this.systemNs += drift[1] * elapsedMs + jumpNs;
    return this.systemNs - before;
  }

  sources(now: Turn, realNs: bigint): Sampled {
    const asymmetryNs = now.asymmetry * now.delayNs;
    const fresh = now.ptp && now.message;
    if (fresh) {
      const masterOffsetNs = this.hardwareNs - now.grandmaster * GRANDMASTER_NS - asymmetryNs;
      const ingressTimeNs = realNs + BigInt(Math.round(37e9 + this.hardwareNs - this.systemNs));
      this.#message = { masterOffsetNs, meanPathDelayNs: now.delayNs, ingressTimeNs };
    }
    const hostNs = this.hardwareNs - this.systemNs + now.read * now.readNs;
    const ntpNs = now.ntpError * (now.rootDelayNs / 2 + now.rootDispersionNs);
    return {
      ptp: now.ptp ? this.#message : null,
      stale: !fresh,
      phc: now.phc ? { offsetNs: BigInt(Math.round(37e9 + hostNs)), uncertaintyNs: now.readNs } : null,
      ...(now.ntp && {
        ntp: {
          offsetNs: this.systemNs + ntpNs,
          rootDelayNs: now.rootDelayNs,
          rootDispersionNs: now.rootDispersionNs,
        },
      }),
    };
  }

  /**
   * What the servos do behind a sample with a new message: some of what was measured. @returns what the system
   * clock moves
   */
  correct(now: Turn): number {
    if (!(now.ptp && now.message && now.phc)) return 0;
    const before = this.systemNs;
    const masterNs = this.hardwareNs - now.grandmaster * GRANDMASTER_NS - now.asymmetry * now.delayNs;
    const hostNs = this.hardwareNs - this.systemNs + now.read * now.readNs;
    const moved = now.servo[0] * masterNs;
    this.hardwareNs -= moved;
    this.systemNs += now.servo[1] * hostNs - moved;
    return this.systemNs - before;
  }
}

test("the true error of the system clock is never above the bound", () => {
  const seen = new Map<ClockState, number>();
  fc.assert(
    fc.property(
      fc.array(turn, { minLength: 1, maxLength: 40 }),
      fc.constantFrom("either", "ptp"),
      (turns, discipline) => {
        const monitor = new ClockMonitor({ holdoverPpm: 1, discipline });
        const world = new ClockWorld();
        const truth = new Truth();
        let pendingNs = truth.systemNs;
        for (const now of turns) {
          pendingNs += truth.pass(now);
          const wholeNs = Math.round(pendingNs);
          pendingNs -= wholeNs;
          world.pass(BigInt(now.elapsedMs) * 1_000_000n, BigInt(wholeNs));
          const { finding } = taken(monitor.sample(world.reading(truth.sources(now, world.realNs))));
          seen.set(finding.state, (seen.get(finding.state) ?? 0) + 1);
          if (finding.boundNs !== undefined) {
            expect(Math.abs(truth.systemNs)).toBeLessThanOrEqual(finding.boundNs + 2);
          }
          pendingNs += truth.correct(now);
        }
      },
    ),
    { numRuns: 300 },
  );
  for (const state of ["degraded", "holdover", "outOfTolerance", "stepped"] as const) {
    expect(seen.get(state), state).toBeGreaterThan(0);
  }
});
