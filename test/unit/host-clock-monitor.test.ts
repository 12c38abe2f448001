import { describe, expect, test } from "vitest";
import { ClockMonitor, clockAuditEvent } from "../../src/host/index.ts";
import { ClockWorld, GRANDMASTER, inState, SECOND, taken, told } from "./host-clock-world.ts";

const TERMS = {
  referenceOffsetNs: 40,
  hostOffsetNs: 60,
  readNs: 125,
  asymmetryNs: 300,
  referenceUncertaintyNs: 25,
  holdoverNs: 0,
  stepNs: 0,
};

describe("the bound", () => {
  test("is the sum of all terms: PTP with a hardware clock", () => {
    const { finding } = new ClockWorld().next(new ClockMonitor());
    expect(finding).toMatchObject({
      state: "locked",
      path: "ptp",
      proof: "measured",
      hardware: "present",
      source: `ptp ${GRANDMASTER}`,
      grandmaster: GRANDMASTER,
      // The hardware clock is 60 ns behind the system clock, and 40 ns ahead of the grandmaster.
      offsetNs: 100,
      boundNs: 550,
      traceable: true,
      utcOffset: 37,
      terms: TERMS,
      reasons: [],
    });
    expect(finding.verdicts).toEqual([{ profile: "rts25-hft", holds: true, action: "none", reasons: [] }]);
  });

  test.each([
    ["the offset to the grandmaster", { ptp: { masterOffsetNs: -640 } }, {}, 1_150, "degraded"],
    ["the offset of the host", { phc: { offsetNs: 37n * SECOND + 150_000n } }, {}, 150_490, "outOfTolerance"],
    ["the width of the read", { phc: { uncertaintyNs: 900 } }, {}, 1_325, "degraded"],
    ["the path delay", { ptp: { meanPathDelayNs: 2_000 } }, {}, 2_250, "degraded"],
    [
      "a known asymmetry in its place",
      { ptp: { meanPathDelayNs: 2_000 } },
      { asymmetryNs: 50 },
      300,
      "locked",
    ],
    ["the grandmaster's accuracy", { ptp: { grandmasterAccuracy: 0x23 } }, {}, 1_525, "degraded"],
    [
      "a known one in its place",
      { ptp: { grandmasterAccuracy: 0xfe } },
      { grandmasterUncertaintyNs: 5 },
      530,
      "locked",
    ],
    [
      "a grandmaster on no PTP time scale",
      { ptp: { ptpTimescale: false }, phc: { offsetNs: 7n } },
      {},
      497,
      "locked",
    ],
    ["thresholds of its own", {}, { degradedNs: 100, toleranceNs: 500 }, 550, "outOfTolerance"],
  ] as const)("counts %s", (_name, change, options, boundNs, state) => {
    const { finding } = new ClockWorld().next(new ClockMonitor(options), change);
    expect(finding).toMatchObject({ boundNs, state });
  });

  test.each([
    ["no source", { ptp: null, phc: null }, "noSource"],
    ["a clock that is its own grandmaster", { ptp: { grandmasterPresent: false } }, "ptpNoGrandmaster"],
    ["a port that is not yet slave", { ptp: { portStates: ["UNCALIBRATED"] } }, "ptpNotSlave"],
    ["no hardware clock", { phc: null }, "ptpNoHardwareClock"],
    ["an unknown UTC offset", { ptp: { utcOffsetValid: false } }, "ptpUtcOffsetInvalid"],
    ["an unknown accuracy", { ptp: { grandmasterAccuracy: 0xfe } }, "ptpGrandmasterAccuracyUnknown"],
    ["an NTP daemon without source", { ptp: null, ntp: { leap: "unknown" } }, "ntpUnsynchronized"],
    ["an NTP daemon that follows itself", { ptp: null, ntp: { reference: "7F7F0101" } }, "ntpLocalReference"],
    ["an undisciplined kernel", { ptp: null, kernel: { synchronised: false } }, "kernelUnsynchronized"],
  ] as const)("is not claimed with %s", (_name, change, reason) => {
    const { finding } = new ClockWorld().next(new ClockMonitor(), change);
    expect(finding).toMatchObject({
      state: "unsynchronized",
      path: "none",
      proof: "none",
      source: "none",
      reasons: [reason],
    });
    expect(finding).not.toHaveProperty("boundNs");
    expect(finding).not.toHaveProperty("offsetNs");
    expect(finding.verdicts[0]?.reasons).toContain("noBound");
  });

  test("with NTP alone is a bound and no proof: flagged for high frequency trading, good for other members", () => {
    const monitor = new ClockMonitor({ profiles: { "rts25-hft": "block", "rts25-other": "warn" } });
    const { finding } = new ClockWorld().next(monitor, { ptp: null, phc: null, ntp: {} });
    expect(finding).toMatchObject({
      state: "outOfTolerance",
      path: "ntp",
      proof: "bound",
      hardware: "absent",
      offsetNs: -20_000,
      boundNs: 20_000 + 200_000 + 50_000,
    });
    expect(finding.verdicts).toEqual([
      { profile: "rts25-hft", holds: false, action: "block", reasons: ["boundAboveLimit", "notMeasured"] },
      { profile: "rts25-other", holds: true, action: "none", reasons: [] },
    ]);
  });

  test("of the kernel is its maximum error", () => {
    const { finding } = new ClockWorld().next(new ClockMonitor(), { ptp: null, phc: null, kernel: {} });
    expect(finding).toMatchObject({ path: "kernel", proof: "bound", boundNs: 900_000, traceable: false });
  });

  test("of the kernel does not count while a daemon is watched: it has it from one, without its terms", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    const kernel = { maxErrorUs: 0 };
    expect(world.next(monitor, { kernel }).finding).toMatchObject({ path: "ptp", boundNs: 550 });
    expect(world.next(monitor, { ptp: null, kernel }).finding).toMatchObject({ path: "ptp", holdover: true });
  });

  test("with software stamps has no host term, and proves nothing", () => {
    const monitor = new ClockMonitor({ ptpDisciplines: "system" });
    const world = new ClockWorld();
    world.hardware = false;
    const { finding } = world.next(monitor, { phc: null });
    expect(finding).toMatchObject({
      state: "locked",
      proof: "bound",
      hardware: "absent",
      boundNs: 365,
      offsetNs: 40,
    });
    expect(finding.verdicts[0]).toMatchObject({ holds: false, action: "flag", reasons: ["notMeasured"] });
  });

  test("is the smallest of the sources that agree, and the greatest of those that do not", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    const agreed = world.next(monitor, { ntp: {}, kernel: {} });
    expect(agreed.finding).toMatchObject({ path: "ptp", boundNs: 550, reasons: [] });
    const torn = world.next(monitor, { ntp: { offsetNs: 300_000 } });
    expect(torn.finding).toMatchObject({ path: "ntp", boundNs: 550_000, reasons: ["sourcesDisagree"] });
    expect(told(torn.events)).toContain("sourcesDisagree alarm yes");
    expect(told(world.next(monitor, { ntp: {} }).events)).toContain("sourcesDisagree info no");
  });
});

describe("a grandmaster that is lost", () => {
  test("leaves a bound that grows with the drift until it is out of tolerance, and then nothing", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor({ holdoverPpm: 2, holdoverNsMax: 120_000_000_000 });
    world.next(monitor);
    const lost = world.next(monitor, { ptp: { grandmasterPresent: false } });
    expect(inState(lost, "holdover")).toMatchObject({
      boundNs: 2_550,
      holdover: true,
      grandmaster: GRANDMASTER,
    });
    expect(told(lost.events)).toEqual([
      `grandmasterLost alarm ${GRANDMASTER}`,
      "degradedThreshold warning 1000 2550",
      "stateChange warning locked holdover",
    ]);
    let last = lost;
    for (let second = 2; second <= 49; second += 1) last = world.next(monitor, { ptp: null });
    expect(inState(last, "holdover").boundNs).toBe(550 + 98_000);
    last = world.next(monitor, { ptp: null });
    expect(told(last.events)).toContain("toleranceThreshold alarm 100000 100550");
    expect(told(last.events)).toContain("stateChange alarm holdover outOfTolerance");
    for (let second = 51; second <= 120; second += 1) last = world.next(monitor, { ptp: null });
    expect(inState(last, "outOfTolerance").boundNs).toBe(240_550);
    last = world.next(monitor, { ptp: null });
    expect(inState(last, "unsynchronized")).not.toHaveProperty("boundNs");
    expect(inState(world.next(monitor), "locked")).toMatchObject({ boundNs: 550, holdover: false });
  });

  test("is told where its messages stop though the daemon answers", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    for (const second of [1, 2]) {
      expect(inState(world.next(monitor, { stale: true }), "degraded").boundNs).toBe(550 + 1_000 * second);
    }
    const stale = world.next(monitor, { stale: true });
    expect(inState(stale, "holdover")).toMatchObject({ boundNs: 3_550, reasons: ["ptpStale"] });
    expect(told(stale.events)).toContain(`grandmasterLost alarm ${GRANDMASTER}`);
    inState(world.next(monitor), "locked");
  });

  test("is one whose first message is old already, or of an age that cannot be told", () => {
    const world = new ClockWorld();
    const old = world.reading({ phc: null });
    world.pass(3n * SECOND);
    const late = taken(new ClockMonitor().sample({ ...world.reading(), ...(old.ptp && { ptp: old.ptp }) }));
    expect(inState(late, "unsynchronized").reasons).toEqual(["ptpStale"]);
    const monitor = new ClockMonitor();
    const ahead = { ptp: { ingressTimeNs: world.realNs + 50n * SECOND } };
    inState(world.next(monitor, ahead), "unsynchronized");
    // It came after the look before: a second old at most, and then older by each second.
    for (const [mark, age] of [
      [5n, 1],
      [5n, 2],
      [6n, 1],
    ] as const) {
      const { finding } = world.next(monitor, { ptp: { ingressTimeNs: mark } });
      expect(finding).toMatchObject({ state: "degraded", boundNs: 550 + age * 1_000 });
    }
  });

  test("has an age also where there was no bound when it came", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    inState(world.next(monitor, { phc: null }), "holdover");
    // It came after the first look: two seconds old at most.
    expect(world.next(monitor, { stale: true }).finding).toMatchObject({ boundNs: 2_550, holdover: false });
    const first = new ClockMonitor();
    inState(world.next(first, { phc: null }), "unsynchronized");
    expect(world.next(first, { stale: true }).finding).toMatchObject({ boundNs: 1_550, holdover: false });
  });

  test("does not hide that the system clock leaves the hardware clock", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    const away = world.next(monitor, { ptp: null, phc: { offsetNs: 37n * SECOND + 90_000n } });
    expect(inState(away, "holdover").boundNs).toBe(550 - 60 + 90_000 + 1_000);
    const back = world.next(monitor, { ptp: null });
    expect(back.finding.boundNs).toBeGreaterThan(away.finding.boundNs ?? 0);
  });

  test("gives way to NTP when the drift has made its bound the greater one", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor({ holdoverPpm: 100, discipline: "ptp" });
    world.next(monitor, { ntp: {} });
    expect(world.next(monitor, { ptp: null, ntp: {} }).finding).toMatchObject({
      path: "ptp",
      holdover: true,
    });
    world.next(monitor, { ptp: null, ntp: {} });
    const after = world.next(monitor, { ptp: null, ntp: {} });
    expect(after.finding).toMatchObject({ path: "ntp", holdover: false, boundNs: 270_000 });
    // That the grandmaster is lost was told when it was.
    expect(told(after.events)).toEqual(["pathChange warning ptp ntp"]);
  });

  test("drifts as fast as it was seen to drift, if that is more", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    let last = world.next(monitor, { ptp: { masterOffsetNs: 0 } });
    for (let second = 1; second <= 20; second += 1) {
      // One wild sample does not move a median.
      const offset = second === 7 ? 90_000 : second * 4_000;
      last = world.next(monitor, { ptp: { masterOffsetNs: offset } });
    }
    expect(last.finding.driftPpm).toBeCloseTo(4, 6);
    const lost = world.next(monitor, { ptp: null });
    expect(lost.finding.terms?.holdoverNs).toBeCloseTo(4_000, 3);
  });

  test("is no holdover where NTP answers and may be moving the clock, nor is the one that was better when both are lost", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor, { ntp: {} });
    const lost = world.next(monitor, { ptp: null, ntp: {} });
    expect(inState(lost, "outOfTolerance")).toMatchObject({ path: "ntp", boundNs: 270_000, holdover: false });
    expect(told(lost.events)).toContain(`grandmasterLost alarm ${GRANDMASTER}`);
    world.next(monitor, { ntp: {} });
    expect(world.next(monitor, { ptp: null }).finding).toMatchObject({
      path: "ntp",
      boundNs: 271_000,
      holdover: true,
    });
  });

  test("is what is left where NTP was lost before it, and where it is said to set the clock", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor, { ntp: {} });
    world.next(monitor);
    expect(world.next(monitor, { ptp: null }).finding).toMatchObject({ path: "ptp", boundNs: 1_550 });
    const named = new ClockMonitor({ discipline: "ptp" });
    world.next(named, { ntp: {} });
    expect(world.next(named, { ptp: null }).finding).toMatchObject({
      path: "ptp",
      boundNs: 1_550,
      holdover: true,
    });
  });

  test("keeps the drift it was lost with, whatever a later source drifts", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor({ discipline: "ptp" });
    for (let second = 0; second <= 20; second += 1) {
      world.next(monitor, { ptp: { masterOffsetNs: second * 4_000 }, ntp: {} });
    }
    const paths: string[] = [];
    for (let second = 0; second < 80; second += 1) {
      paths.push(world.next(monitor, { ptp: null, phc: null, ntp: {} }).finding.path);
    }
    const from = paths.indexOf("ntp");
    expect(from).toBeGreaterThan(40);
    expect(new Set(paths.slice(from))).toEqual(new Set(["ntp"]));
  });
});

describe("a step", () => {
  test("is a jump of CLOCK_REALTIME against the raw clock, and lasts until sources confirm the time", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    const stepped = world.next(monitor, {}, -2_000_000n);
    expect(inState(stepped, "stepped").terms).toEqual({ ...TERMS, stepNs: 2_000_000 });
    expect(told(stepped.events)).toContain("step alarm -2000000");
    expect(stepped.finding.verdicts[0]?.reasons).toEqual(["boundAboveLimit", "stepped"]);
    inState(world.next(monitor), "stepped");
    inState(world.next(monitor), "stepped");
    const settled = world.next(monitor);
    expect(inState(settled, "locked").boundNs).toBe(550);
    expect(told(settled.events)).toContain("stateChange info stepped locked");
  });

  test("is not confirmed by messages that came before it", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor, {}, 0n);
    inState(world.next(monitor, {}, 2_000_000n), "stepped");
    inState(world.next(monitor, { stale: true }), "stepped");
    inState(world.next(monitor, { stale: true }), "stepped");
    inState(world.next(monitor), "stepped");
    inState(world.next(monitor), "stepped");
    inState(world.next(monitor), "locked");
  });

  test("without a source to confirm it stays in the bound", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    world.next(monitor, { ptp: null }, 1_000_000n);
    let last = world.next(monitor, { ptp: null });
    for (let second = 0; second < 10; second += 1) last = world.next(monitor, { ptp: null });
    expect(inState(last, "stepped").boundNs).toBeGreaterThan(1_000_000);
  });

  test("is not what a daemon slews, nor what coarse stamps show", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    world.next(monitor);
    inState(world.next(monitor, {}, 600_050n), "locked");
    const faster = new ClockMonitor();
    world.next(faster);
    inState(world.next(faster, {}, 600_060n), "stepped");
    const coarse = new ClockMonitor();
    const reading = world.reading();
    const ofMilliseconds = { ...reading.stamps, realtimeResolutionNs: 1_000_000 };
    coarse.sample({ ...reading, stamps: ofMilliseconds });
    const later = {
      ...ofMilliseconds,
      sysRealtimeNs: ofMilliseconds.sysRealtimeNs + SECOND + 2_000_000n,
      monotonicRawNs: ofMilliseconds.monotonicRawNs + SECOND,
    };
    world.pass();
    const sampled = coarse.sample({ ...world.reading(), stamps: later });
    expect(sampled.ok && sampled.finding).toMatchObject({ state: "locked", resolutionNs: 1_000_000 });
    expect(sampled.ok && sampled.finding.verdicts[0]?.reasons).toEqual(["granularity"]);
  });

  test("is not a leap second that was announced, at the end of a UTC day", () => {
    const midnight = 1_798_761_600n * SECOND;
    const world = new ClockWorld(midnight - 3n * SECOND);
    const monitor = new ClockMonitor();
    world.next(monitor, { ptp: { leap: "insert" } });
    world.next(monitor, { ptp: { leap: "insert" } });
    const leap = world.next(
      monitor,
      { ptp: { currentUtcOffset: 38 }, phc: { offsetNs: 38n * SECOND - 60n } },
      -SECOND,
    );
    expect(told(leap.events)).toEqual(["leapSecond info -1000000000", "utcOffsetChange warning 37 38"]);
    inState(leap, "locked");
  });

  test.each([
    ["not announced", "none", -SECOND, 0n],
    ["in the other direction", "insert", SECOND, 0n],
    ["at noon", "insert", -SECOND, 43_200n * SECOND],
  ] as const)("is a second %s", (_name, leap, jump, fromMidnight) => {
    const world = new ClockWorld(1_798_761_600n * SECOND - 3n * SECOND + fromMidnight);
    const monitor = new ClockMonitor();
    world.next(monitor, { ptp: { leap } });
    expect(told(world.next(monitor, { ptp: { leap } }, jump).events)).toContain(`step alarm ${jump}`);
  });
});

describe("events", () => {
  test("tell the first state, another grandmaster, lost traceability, another UTC offset, lost samples, silent sources", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    expect(told(world.next(monitor).events)).toEqual([
      "pathChange warning none ptp",
      `grandmasterChange info ${GRANDMASTER}`,
      "verdictChange info rts25-hft holds",
      "stateChange info unsynchronized locked",
    ]);
    expect(told(world.next(monitor).events)).toEqual([]);
    const other = "00aabbfffe999999";
    expect(told(world.next(monitor, { ptp: { grandmasterIdentity: other } }).events)).toEqual([
      `grandmasterChange warning ${GRANDMASTER} ${other}`,
    ]);
    const untraced = world.next(monitor, { ptp: { grandmasterIdentity: other, timeTraceable: false } });
    expect(told(untraced.events)).toEqual([
      "traceabilityChange alarm not traceable",
      "verdictChange warning rts25-hft notTraceable",
    ]);
    const ahead = {
      ptp: { grandmasterIdentity: other, currentUtcOffset: 38 },
      phc: { offsetNs: 38n * SECOND },
    };
    expect(told(world.next(monitor, ahead).events)).toContain("utcOffsetChange warning 37 38");
    world.pass(SECOND);
    expect(told(world.next(monitor, ahead).events)).toEqual([]);
    world.pass(2n * SECOND);
    expect(told(world.next(monitor, ahead).events)).toEqual(["missingSamples warning 2"]);
    const silent = { ...ahead, missing: [{ source: "chrony", code: "FAULT_IO", message: "no answer" }] };
    expect(told(world.next(monitor, silent).events)).toEqual(["sourceTrouble warning chrony FAULT_IO"]);
    expect(told(world.next(monitor, silent).events)).toEqual([]);
    expect(told(world.next(monitor, ahead).events)).toEqual(["sourceTrouble info chrony answers"]);
  });

  test("are, for an audit trail, a state and an uncertainty rounded up", () => {
    const world = new ClockWorld();
    const monitor = new ClockMonitor();
    expect(clockAuditEvent(world.next(monitor, { ptp: null, phc: null }).finding)).toEqual({
      state: "unsynchronized",
      source: "none",
      offsetNs: 0,
      uncertaintyNs: 0xffff_ffff,
    });
    expect(clockAuditEvent(world.next(monitor, { ptp: { meanPathDelayNs: 300.25 } }).finding)).toEqual({
      state: "locked",
      source: `ptp ${GRANDMASTER}`,
      offsetNs: 100,
      uncertaintyNs: 551,
      reference: GRANDMASTER,
    });
  });
});
