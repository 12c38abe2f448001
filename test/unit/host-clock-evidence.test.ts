import { describe, expect, test } from "vitest";
import { ClockMonitor, type ClockMonitorOptions } from "../../src/host/index.ts";
import { ClockWorld, GRANDMASTER, NOON, SECOND } from "./host-clock-world.ts";

const MIDNIGHT = NOON + 43_200n * SECOND;

describe("the evidence of a day", () => {
  test("is given with the first sample of the next day", () => {
    const world = new ClockWorld(MIDNIGHT - 62n * SECOND);
    const monitor = new ClockMonitor();
    expect(monitor.evidence()).toBeUndefined();
    for (let second = 0; second < 30; second += 1) expect(world.next(monitor)).not.toHaveProperty("day");
    for (let second = 0; second < 30; second += 1) {
      world.next(monitor, { ptp: { masterOffsetNs: 4_540, grandmasterIdentity: "00aabbfffe999999" } });
    }
    world.next(monitor, { ptp: null, phc: null });
    const { day, finding } = world.next(monitor);
    expect(finding.atRealtimeNs).toBe(MIDNIGHT);
    expect(day).toEqual({
      day: "2026-03-02",
      configurationHash: monitor.settings.configurationHash,
      samples: 61,
      samplesWithoutBound: 0,
      readingsRefused: 0,
      boundMaxNs: 6_050,
      boundP99Ns: 6_050,
      minutes: { locked: 0.5, degraded: 0.5, holdover: 0, outOfTolerance: 0, stepped: 0, unsynchronized: 0 },
      minutesUnobserved: 0,
      steps: 0,
      grandmasters: [
        { identity: GRANDMASTER, sinceNs: MIDNIGHT - 61n * SECOND },
        { identity: "00aabbfffe999999", sinceNs: MIDNIGHT - 31n * SECOND },
      ],
      paths: ["ptp"],
      proofs: ["measured"],
      hardware: "both",
    });
    expect(monitor.evidence()).toMatchObject({ day: "2026-03-03", samples: 1, boundMaxNs: 550 });
  });

  test("has no p99 where more than 1 % had no bound, and counts steps, refusals and what nobody saw", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor, { ptp: null });
    for (let sample = 0; sample < 49; sample += 1) world.next(monitor);
    world.next(monitor, {}, 5n * SECOND);
    world.pass(59n * SECOND);
    world.next(monitor);
    expect(monitor.sample(world.reading()).ok).toBe(false);
    const evidence = monitor.evidence();
    expect(evidence).toMatchObject({
      samples: 52,
      samplesWithoutBound: 1,
      readingsRefused: 1,
      boundMaxNs: 5_000_000_550,
      steps: 1,
      minutesUnobserved: 1,
      minutes: { unsynchronized: 1 / 60, locked: 49 / 60 },
    });
    expect(evidence).not.toHaveProperty("boundP99Ns");
  });
});

describe("a reading", () => {
  test("that is no later than the one before is refused, and so is another kind of monotonic clock", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    const same = world.reading();
    expect(monitor.sample(same)).toMatchObject({
      ok: false,
      code: "CLOCK_READING_ORDER",
      field: "stamps.monotonicRawNs",
      value: same.stamps.monotonicRawNs,
      expected: `above ${same.stamps.monotonicRawNs}, the reading before`,
    });
    world.pass();
    const other = world.reading();
    expect(monitor.sample({ ...other, stamps: { ...other.stamps, monotonic: "slewed" } })).toMatchObject({
      code: "CLOCK_READING_ORDER",
      field: "stamps.monotonic",
      value: "slewed",
    });
    expect(monitor.sample(other).ok).toBe(true);
  });

  test("with an uncertainty below 0, or with half of a part, is refused by field, value and expectation", () => {
    const monitor = new ClockMonitor();
    const { stamps, ptp } = new ClockWorld().reading();
    const phc = { device: "/dev/ptp0", offsetNs: 0n, uncertaintyNs: -5, method: "basic" } as const;
    expect(monitor.sample({ stamps, phc })).toMatchObject({
      code: "CLOCK_READING_RANGE",
      message: "CLOCK_READING_RANGE phc.uncertaintyNs: found -5, expected a finite number of at least 0",
    });
    expect(monitor.sample({ stamps, ptp: { ...ptp, portStates: undefined } } as never)).toMatchObject({
      code: "CLOCK_READING_SHAPE",
      field: "ptp.portStates",
    });
    expect(monitor.sample({ stamps: { ...stamps, taiNs: 7 } } as never)).toMatchObject({
      field: "stamps.taiNs",
    });
    expect(monitor.sample({} as never)).toMatchObject({ code: "CLOCK_READING_SHAPE", field: "stamps" });
    expect(monitor.sample(undefined as never)).toMatchObject({
      code: "CLOCK_READING_SHAPE",
      field: "reading",
    });
    expect(monitor.sample({ stamps, ntp: 5 } as never)).toMatchObject({
      code: "CLOCK_READING_SHAPE",
      field: "ntp",
    });
  });
});

describe("options", () => {
  test.each([
    [{ sampleMs: 1 }, "options.sampleMs"],
    [{ sampleNs: 1 }, "options.sampleNs"],
    [{ degradedNs: 0 }, "options.degradedNs"],
    [{ toleranceNs: 999 }, "options.toleranceNs"],
    [{ holdoverPpm: -1 }, "options.holdoverPpm"],
    [{ asymmetryNs: -1 }, "options.asymmetryNs"],
    [{ grandmasterUncertaintyNs: Number.NaN }, "options.grandmasterUncertaintyNs"],
    [{ ptpDisciplines: "both" }, "options.ptpDisciplines"],
    [{ staleNs: 1 }, "options.staleNs"],
    [{ profiles: {} }, "options.profiles"],
    [{ profiles: { mifid: "warn" } }, "options.profiles.mifid"],
    [{ profiles: { "rts25-hft": "stop" } }, "options.profiles.rts25-hft"],
  ])("%j are a fault that names the option", (options, path) => {
    const fault = expect.objectContaining({ code: "FAULT_CONFIG", path });
    expect(() => new ClockMonitor(options as ClockMonitorOptions)).toThrow(fault);
  });

  test("that say the defaults hash as none do, and others do not", () => {
    const hash = (options?: ClockMonitorOptions) => new ClockMonitor(options).settings.configurationHash;
    expect(hash({ degradedNs: 1_000, toleranceNs: 100_000, sampleNs: 1e9, staleNs: 3e9 })).toBe(hash());
    expect(hash({ degradedNs: 1_001 })).not.toBe(hash());
    expect(hash({ profiles: { "rts25-hft": "block" } })).not.toBe(hash());
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  });
});
