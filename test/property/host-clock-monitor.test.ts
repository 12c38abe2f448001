import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import {
  CLOCK_STATES,
  type ClockDayEvidence,
  type ClockFinding,
  ClockMonitor,
  type ClockReading,
  type ClockState,
} from "../../src/host/index.ts";
import { ClockWorld, type Sampled, taken } from "../unit/host-clock-world.ts";

const RUNS = { numRuns: 200 };
const LIMITS = { degradedNs: 1_000, toleranceNs: 100_000 };

const offset = fc.integer({ min: -200_000, max: 200_000 });
const size = fc.integer({ min: 0, max: 150_000 });
const part = <T>(fields: fc.Arbitrary<T>) => fc.option(fields, { nil: null });

/** Anything that sources can say: also what contradicts itself, and what no source would say. */
const change: fc.Arbitrary<Sampled> = fc.record({
  ptp: part(
    fc.record({
      masterOffsetNs: offset,
      meanPathDelayNs: size,
      grandmasterPresent: fc.integer({ min: 0, max: 9 }).map((value) => value > 0),
      grandmasterIdentity: fc.constantFrom("00aabbfffe010203", "00aabbfffe010204"),
      grandmasterAccuracy: fc.constantFrom(0x1f, 0x20, 0x23, 0xfe),
      timeTraceable: fc.boolean(),
    }),
  ),
  phc: part(fc.record({ offsetNs: offset.map((value) => BigInt(37e9 + value)), uncertaintyNs: size })),
  ntp: part(
    fc.record({ offsetNs: offset, rootDelayNs: size, rootDispersionNs: size, synchronised: fc.boolean() }),
  ),
  kernel: part(fc.record({ synchronised: fc.boolean(), maxErrorUs: fc.integer({ min: 0, max: 500 }) })),
  stale: fc.boolean(),
});

const step = fc.record({
  elapsedMs: fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 8_000 })),
  jumpNs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.integer({ min: -50_000_000, max: 50_000_000 }),
  ),
  change,
});

interface Walked {
  readonly findings: readonly ClockFinding[];
  readonly days: readonly ClockDayEvidence[];
}

/** Walks through steps; `look` sees each finding with the one before. */
function walk(
  steps: readonly { elapsedMs: number; jumpNs: number; change: Sampled }[],
  look: (now: ClockFinding, before: ClockFinding | undefined, stepped: boolean) => void = () => undefined,
): Walked {
  const monitor = new ClockMonitor({
    profiles: { "rts25-hft": "block", "rts25-other": "warn", "cat-member": "flag" },
  });
  const world = new ClockWorld(1_798_761_600n * 1_000_000_000n - 20_000_000_000n);
  const findings: ClockFinding[] = [];
  const days: ClockDayEvidence[] = [];
  let state: ClockState = "unsynchronized";
  for (const { elapsedMs, jumpNs, change: changed } of steps) {
    world.pass(BigInt(elapsedMs) * 1_000_000n, BigInt(jumpNs));
    const { finding, events, day } = taken(monitor.sample(world.reading(changed)));
    if (day !== undefined) days.push(day);
    const changes = events.filter(({ type }) => type === "stateChange");
    if (findings.length > 0) expect(changes).toHaveLength(finding.state === state ? 0 : 1);
    for (const { before, after } of changes) expect([before, after]).toEqual([state, finding.state]);
    look(
      finding,
      findings.at(-1),
      events.some(({ type }) => type === "step"),
    );
    state = finding.state;
    findings.push(finding);
  }
  const last = monitor.evidence();
  if (last !== undefined) days.push(last);
  return { findings, days };
}

describe("a clock monitor", () => {
  test("has a bound that is the sum of its terms, and a state that follows from it", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        walk(steps, (now) => {
          expect(now.boundNs === undefined).toBe(now.state === "unsynchronized");
          expect(now.boundNs === undefined).toBe(now.proof === "none");
          if (now.boundNs === undefined || now.terms === undefined) return;
          const terms = Object.values<number>({ ...now.terms });
          for (const term of terms) expect(term).toBeGreaterThanOrEqual(0);
          expect(now.boundNs).toBeGreaterThanOrEqual(Math.max(...terms));
          expect(now.boundNs).toBeCloseTo(
            terms.reduce((sum, term) => sum + term, 0),
            3,
          );
          expect(now.boundNs).toBeGreaterThanOrEqual(Math.abs(now.offsetNs ?? 0) - 1e-3);
          if (now.state === "locked") expect(now.boundNs).toBeLessThanOrEqual(LIMITS.degradedNs);
          if (now.state === "degraded") expect(now.boundNs).toBeGreaterThan(LIMITS.degradedNs);
          if (now.state === "outOfTolerance") expect(now.boundNs).toBeGreaterThan(LIMITS.toleranceNs);
          else if (now.state !== "stepped") expect(now.boundNs).toBeLessThanOrEqual(LIMITS.toleranceNs);
          if (now.state === "locked" || now.state === "degraded") expect(now.holdover).toBe(false);
          if (now.state === "holdover") expect(now.holdover).toBe(true);
          if (now.proof === "measured") expect(now.path).toBe("ptp");
          for (const verdict of now.verdicts) {
            expect(verdict.holds).toBe(verdict.action === "none");
            if (verdict.holds && verdict.profile === "rts25-hft") {
              expect([now.proof, now.traceable, now.state !== "stepped"]).toEqual(["measured", true, true]);
              expect(now.boundNs).toBeLessThanOrEqual(100_000);
            }
          }
        });
      }),
      RUNS,
    );
  });

  test("has in holdover a bound that grows at least with the drift", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        walk(steps, (now, before) => {
          if (before?.boundNs === undefined || now.boundNs === undefined) return;
          if (!before.holdover || !now.holdover || before.path !== now.path) return;
          // A step that settles takes its own term away, not that of the drift.
          const settled = (before.terms?.stepNs ?? 0) > (now.terms?.stepNs ?? 0);
          if (settled) return;
          const elapsedNs = Number(now.atMonotonicRawNs - before.atMonotonicRawNs);
          expect(now.boundNs - before.boundNs).toBeGreaterThanOrEqual(elapsedNs / 1e6 - 1e-3);
        });
      }),
      RUNS,
    );
  });

  test("finds the same in the same readings, and leaves no time out of its evidence", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), (steps) => {
        const { findings, days } = walk(steps);
        expect(walk(steps)).toEqual({ findings, days });
        const sum = (value: (day: ClockDayEvidence) => number): number =>
          days.reduce((total, day) => total + value(day), 0);
        expect(sum((day) => day.samples)).toBe(findings.length);
        expect(sum((day) => day.samplesWithoutBound)).toBe(
          findings.filter(({ boundNs }) => boundNs === undefined).length,
        );
        const elapsedMs = steps.slice(1).reduce((total, { elapsedMs: ms }) => total + ms, 0);
        const minutes = sum((day) => {
          const states = CLOCK_STATES.map((state) => day.minutes[state]);
          return states.reduce((total, value) => total + value, day.minutesUnobserved);
        });
        expect(minutes).toBeCloseTo(elapsedMs / 60_000, 6);
        const bounds = findings.flatMap(({ boundNs }) => boundNs ?? []);
        if (bounds.length > 0) {
          expect(Math.max(...days.map((day) => day.boundMaxNs ?? 0))).toBe(Math.max(...bounds));
        }
      }),
      RUNS,
    );
  });

  test("gives a p99 that is no less than the true one, and no more than 1 % above it", () => {
    const bounds = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(bounds, (offsets) => {
        const world = new ClockWorld();
        const monitor = new ClockMonitor({ asymmetryNs: 0, grandmasterUncertaintyNs: 1, driftWindow: 8 });
        const found = offsets.map(
          (masterOffsetNs) => world.next(monitor, { ptp: { masterOffsetNs } }).finding.boundNs ?? 0,
        );
        const rank = found.sort((left, right) => left - right)[Math.ceil(found.length * 0.99) - 1] ?? 0;
        const p99 = monitor.evidence()?.boundP99Ns ?? Number.NaN;
        expect(p99).toBeGreaterThanOrEqual(rank);
        expect(p99).toBeLessThanOrEqual(rank * 1.011);
      }),
      { numRuns: 50 },
    );
  });

  test("refuses a reading with any field of another type or out of range, and goes on as if it had not come", () => {
    const wrong = fc.constantFrom<unknown>(
      undefined,
      null,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1,
      -1n,
      "x",
      {},
      [],
    );
    fc.assert(
      fc.property(fc.nat(), wrong, fc.array(step, { minLength: 1, maxLength: 5 }), (pick, value, steps) => {
        const world = new ClockWorld();
        const monitor = new ClockMonitor();
        const other = new ClockMonitor();
        const good = world.reading({ ntp: {}, kernel: {} });
        const fields = Object.entries(good).flatMap(([name, fieldsOf]) =>
          Object.keys(fieldsOf as object).map((field) => [name, field] as const),
        );
        const [name, field] = fields[pick % fields.length] ?? ["stamps", "sysRealtimeNs"];
        const record = { ...(good[name as keyof ClockReading] as object), [field]: value };
        const bad = { ...good, [name]: record } as ClockReading;
        const first = monitor.sample(bad);
        if (isRefusal(first)) {
          expect(first.code).toMatch(/^CLOCK_READING_(SHAPE|RANGE)$/);
          expect(first.field).toBe(`${name}.${field}`);
          expect(monitor.finding).toBeUndefined();
          for (const { elapsedMs, change: changed } of steps) {
            world.pass(BigInt(elapsedMs) * 1_000_000n);
            const reading = world.reading(changed);
            expect(monitor.sample(reading)).toEqual(other.sample(reading));
          }
        } else expect(first.finding.state).toBeDefined();
      }),
      RUNS,
    );
  });
});
