import { describe, expect, test } from "vitest";
import { Fault, type Refusal } from "../../src/base/index.ts";
import {
  ClockMonitor,
  type ClockPart,
  type ClockSampled,
  type ClockSource,
  ClockWatch,
  defaultClockSources,
  nodeClockStamps,
  readClockSources,
  surveyClock,
} from "../../src/host/index.ts";
import { NTP, PHC, PTP } from "./host-clock-world.ts";

const source = (name: string, sample: () => ClockPart | Promise<ClockPart>): ClockSource => ({
  name,
  sample,
});
/** A message that came a moment ago, by a hardware clock on TAI. */
const soon = (): bigint => BigInt(Date.now() + 37_000) * 1_000_000n;
const broken = source("broken", () => {
  throw new Fault("FAULT_IO", { path: "socket", value: "gone", expected: "a daemon" });
});

describe("sources", () => {
  test("are put together, the earlier one first, and those that fail are missing with their fault", async () => {
    const reading = await readClockSources([
      source("ntp", () => ({ ntp: NTP })),
      source("later", async () => ({ ntp: { ...NTP, stratum: 9 }, phc: PHC })),
      broken,
      source("a type error", () => (undefined as never as { sample(): ClockPart }).sample()),
    ]);
    expect(reading.ntp?.stratum).toBe(2);
    expect(reading.phc).toEqual(PHC);
    expect(reading.stamps.monotonic).toBe("slewed");
    expect(reading.missing).toMatchObject([
      { source: "a type error", code: "FAULT_CALLBACK" },
      { source: "broken", code: "FAULT_IO", message: 'FAULT_IO socket: found "gone", expected a daemon' },
    ]);
  });

  test("may bring stamps, which count in place of Node's", async () => {
    const stamps = { ...nodeClockStamps(), monotonic: "raw", realtimeResolutionNs: 1 } as const;
    expect((await readClockSources([source("native", () => ({ stamps }))])).stamps).toEqual(stamps);
  });

  test("by Node's clocks go on, one by nanoseconds and one by milliseconds", () => {
    const before = nodeClockStamps();
    const after = nodeClockStamps();
    expect(after.monotonicRawNs).toBeGreaterThan(before.monotonicRawNs);
    expect(before.sysRealtimeNs % 1_000_000n).toBe(0n);
    expect(before).toMatchObject({ realtimeResolutionNs: 1_000_000, pairUncertaintyNs: expect.any(Number) });
  });
});

describe("a survey", () => {
  test("says what answers, what does not and what follows", async () => {
    const survey = await surveyClock([
      source("ptp", () => ({ ptp: { ...PTP, ingressTimeNs: soon() }, phc: PHC })),
      broken,
    ]);
    expect(survey.sources).toEqual([
      { name: "ptp", answers: true, parts: ["ptp", "phc"] },
      {
        name: "broken",
        answers: false,
        parts: [],
        trouble: 'FAULT_IO socket: found "gone", expected a daemon',
      },
    ]);
    expect(survey.finding).toMatchObject({ state: "locked", hardware: "present", resolutionNs: 1_000_000 });
    expect(Array.isArray(survey.hardwareClocks)).toBe(true);
  });

  test("of a source that lies is a refusal", async () => {
    const survey = await surveyClock([source("phc", () => ({ phc: { ...PHC, uncertaintyNs: -1 } }))]);
    expect(survey.finding).toMatchObject({ ok: false, code: "CLOCK_READING_RANGE" });
  });

  test("asks ptp4l, chronyd and chronyc unless told whom to ask", () => {
    expect(defaultClockSources().map(({ name }) => name)).toEqual([
      "pmc -u -b 0 -d 0",
      "chrony udp 127.0.0.1:323",
      "chronyc -n -c tracking",
    ]);
  });
});

describe("a watch", () => {
  /** Runs until so many samples or refusals came. */
  function watched(sources: readonly ClockSource[], count: number) {
    const seen: (ClockSampled | Refusal)[] = [];
    return new Promise<typeof seen>((resolve) => {
      const take = (item: ClockSampled | Refusal): void => {
        seen.push(item);
        if (seen.length < count) return;
        watch.stop();
        resolve(seen);
      };
      const monitor = new ClockMonitor({ sampleNs: 10_000_000 });
      const watch = new ClockWatch({ monitor, sources, onSample: take, onRefusal: take });
      watch.start();
      watch.start();
    });
  }

  test("samples on a timer until it is stopped, and closes its sources", async () => {
    let closed = 0;
    const ntp = { ...source("ntp", () => ({ ntp: NTP })), close: () => void (closed += 1) };
    const seen = await watched([ntp], 3);
    expect(seen).toMatchObject([
      { ok: true, finding: { path: "ntp" } },
      { ok: true, finding: { path: "ntp" } },
      { ok: true, finding: { path: "ntp" } },
    ]);
    expect(closed).toBe(1);
    const before = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(before);
  });

  test("asks one sample at a time, however long a source takes", async () => {
    let asked = 0;
    let most = 0;
    const slow = source("slow", async () => {
      asked += 1;
      most = Math.max(most, asked);
      await new Promise((resolve) => setTimeout(resolve, 40));
      asked -= 1;
      return {};
    });
    await watched([slow], 3);
    expect(most).toBe(1);
  });

  test("hands over what the monitor refuses", async () => {
    const lies = source("lies", () => ({ ntp: { ...NTP, rootDelayNs: -1 } }));
    expect(await watched([lies], 1)).toMatchObject([{ ok: false, field: "ntp.rootDelayNs" }]);
  });

  test("refuses options by name", () => {
    const monitor = new ClockMonitor();
    const known = { monitor, sources: [], onSample: () => undefined, onRefusal: () => undefined };
    expect(() => new ClockWatch({ ...known, onEvent: () => undefined } as never)).toThrow("options.onEvent");
    expect(() => new ClockWatch({ ...known, onSample: 5 } as never)).toThrow("options.onSample");
    expect(() => new ClockWatch({ ...known, sources: 5 } as never)).toThrow("options.sources");
  });
});
