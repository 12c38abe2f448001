import { describe, expect, it } from "vitest";
import {
  type ClockFacts,
  cpuReport,
  type LatencyCheck,
  latencyChecks,
  networkReport,
  processReport,
  tierReached,
} from "../../src/host/index.ts";
import { TUNED, withMachine } from "../fixtures/machine-files.ts";

const CLOCK: ClockFacts = {
  isSynchronised: true,
  boundNs: 900,
  isMeasured: true,
  devices: ["/dev/ptp0"],
  stampingInterfaces: ["eth1"],
};
const NATIVE = { isAvailable: true, file: "tickwright.node", cause: undefined };

function checksOf(
  files: Readonly<Record<string, string | undefined>> = {},
  rest: { readonly clock?: Partial<ClockFacts>; readonly native?: typeof NATIVE | { cause: string } } = {},
): readonly LatencyCheck[] {
  return withMachine({ ...TUNED, ...files }, (root) => {
    const [cpu, network, process] = [cpuReport({ root }), networkReport({ root }), processReport({ root })];
    const native = { ...NATIVE, ...(rest.native ?? {}) };
    return latencyChecks({ cpu, network, process, clock: { ...CLOCK, ...rest.clock }, native });
  });
}

const notHeld = (checks: readonly LatencyCheck[]): string[] =>
  checks.filter(({ state }) => state !== "holds").map(({ name, state }) => `${name} ${state}`);

const GOVERNOR = "sys/devices/system/cpu/cpu3/cpufreq/scaling_governor";
const SLEEP = "sys/devices/system/cpu/cpu3/cpuidle/state2";
const AWAKE = "sys/devices/system/cpu/cpu0/cpuidle/state2";

describe("latency checks", () => {
  it("hold on a tuned machine, which reaches the fastest tier", () => {
    const checks = checksOf();
    expect(notHeld(checks)).toEqual([]);
    expect(tierReached(checks)).toBe("ultra");
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const { found, why, change, expected } of checks) {
      for (const text of [found, why, change, expected]) expect(text.length).toBeGreaterThan(1);
    }
  });

  it.each([
    [
      "cpu.cores.16",
      { "proc/self/status": "Cpus_allowed_list:\t0-14\nCapEff:\t0\n" },
      "15 that this process may use",
    ],
    ["cpu.quota", { "sys/fs/cgroup/trading.slice/cpu.max": "150000 100000" }, "1.5 cores' worth"],
    ["memory.size", { "proc/meminfo": "MemTotal: 8388608 kB\nSwapTotal: 0 kB\n" }, "8.0 GiB"],
    ["cpu.stolen", { "proc/stat": "cpu 1000 0 1000 97500 0 0 0 500 0 0\n" }, "0.500 % since the start"],
    ["cpu.governor", { [GOVERNOR]: "powersave" }, "performance, powersave"],
    ["cpu.sleep", { [`${SLEEP}/name`]: "C6", [`${SLEEP}/latency`]: "133" }, "C6, 133 µs to wake"],
    ["cpu.smt", { "sys/devices/system/cpu/smt/active": "1" }, "on"],
    ["machine.bare", { "proc/cpuinfo": "flags : fpu hypervisor avx2\n" }, "virtual machine"],
    ["cpu.interrupts", { "proc/irq/24/effective_affinity_list": "2" }, "1 of 1 on isolated cores"],
    ["cpu.rcu", { "proc/cmdline": "isolcpus=2-15 rcu_nocbs=2-14" }, "2,3,4,5,6,7,8,9,10,11,12,13,14"],
    ["cpu.tickless", { "sys/devices/system/cpu/nohz_full": "2-14" }, "2,3,4,5,6,7,8,9,10,11,12,13,14"],
    ["memory.swap", { "proc/meminfo": "MemTotal: 65536000 kB\nSwapTotal: 2097152 kB\n" }, "2.0 GiB"],
    [
      "memory.transparent",
      { "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never" },
      "always",
    ],
    ["memory.huge", { "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "511" }, "1022 MiB reserved"],
    ["clock.source", { "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet" }, "hpet"],
    ["net.buffer", { "proc/sys/net/core/rmem_max": "212992" }, "0.2 MiB"],
    ["net.busyPoll", { "proc/sys/net/core/busy_read": "0" }, "off"],
  ])("%s lacks where %j", (name, files, found) => {
    const checks = checksOf(files);
    expect(notHeld(checks)).toEqual([`${name} lacks`]);
    const check = checks.find((each) => each.name === name);
    expect(check?.found).toBe(found);
    expect(tierReached(checks)).toBe(
      { ultra: "high", high: "medium", medium: undefined }[check?.tier ?? "ultra"],
    );
  });

  it.each([
    ["clock.synchronised", { isSynchronised: false }, undefined],
    ["clock.divergence", { boundNs: 100_001 }, "medium"],
    ["clock.divergence", { isMeasured: false }, "medium"],
    ["clock.ptp", { devices: [] }, "high"],
    ["net.stamps", { stampingInterfaces: [] }, "high"],
  ] as const)("%s lacks where the clock says %j", (name, clock, reached) => {
    const checks = checksOf({}, { clock });
    expect(notHeld(checks)).toEqual([`${name} lacks`]);
    expect(tierReached(checks)).toBe(reached);
  });

  it("name the cause where the native binary does not load", () => {
    const native = { isAvailable: false, file: undefined, cause: "no binary for plan9-x64" };
    const check = checksOf({}, { native } as object).find(({ name }) => name === "native.binary");
    expect(check).toMatchObject({ state: "lacks", found: "no binary for plan9-x64" });
  });

  it("let a core that is not isolated sleep, and ask of all where none is", () => {
    const driver = { "sys/devices/system/cpu/cpuidle/current_driver": "intel_idle" };
    const sleepy = { ...driver, [`${AWAKE}/name`]: "C6", [`${AWAKE}/latency`]: "133" };
    expect(notHeld(checksOf(sleepy))).toEqual(["cpu.sleep unknown"]);
    const awake = { ...sleepy, [`${SLEEP}/name`]: "C1", [`${SLEEP}/latency`]: "2" };
    expect(notHeld(checksOf(awake))).toEqual([]);
    const none = { ...awake, "sys/devices/system/cpu/isolated": "" };
    expect(notHeld(checksOf(none))).toContain("cpu.sleep lacks");
    expect(notHeld(checksOf({ ...none, [`${AWAKE}/disable`]: "1" }))).not.toContain("cpu.sleep lacks");
  });

  it("count memory that may be locked, and priority that may be asked, by limit or by capability", () => {
    const limits = "Max locked memory  8388608  8388608  bytes\nMax realtime priority  0  0\n";
    const status = (mask: string) => `Cpus_allowed_list:\t0-15\nCapEff:\t${mask}\n`;
    const held = (mask: string) =>
      notHeld(checksOf({ "proc/self/limits": limits, "proc/self/status": status(mask) }));
    expect(held("0000000000000000")).toEqual(["memory.lock lacks", "cpu.realtime lacks"]);
    expect(held("0000000000004000")).toEqual(["cpu.realtime lacks"]);
    expect(held("0000000000800000")).toEqual(["memory.lock lacks"]);
    expect(held("000001ffffffffff")).toEqual([]);
  });

  it("ask for balancing to be off only where there are nodes to balance", () => {
    const balancing = { "proc/sys/kernel/numa_balancing": "1" };
    expect(notHeld(checksOf(balancing))).toEqual([]);
    const two = { ...balancing, "sys/devices/system/node/node1/cpulist": "8-15" };
    expect(notHeld(checksOf(two))).toEqual(["memory.nodes lacks"]);
  });

  it("are unknown, and reach nothing, on a machine that says nothing", () => {
    const checks = withMachine({}, (root) => {
      const clock = {
        isSynchronised: undefined,
        boundNs: undefined,
        isMeasured: undefined,
        devices: undefined,
        stampingInterfaces: undefined,
      };
      const [cpu, network, process] = [cpuReport({ root }), networkReport({ root }), processReport({ root })];
      return latencyChecks({ cpu, network, process, clock, native: NATIVE });
    });
    const known = checks.filter(({ state }) => state !== "unknown").map(({ name }) => name);
    expect(known).toEqual(["native.binary", "memory.nodes"]);
    expect(tierReached(checks)).toBeUndefined();
  });
});

describe("reports of a machine", () => {
  it("read interfaces with their driver, node, queues and clocks, without the loopback", () => {
    const { interfaces } = withMachine(TUNED, (root) => networkReport({ root }));
    expect(interfaces).toEqual([
      {
        name: "eth1",
        state: "up",
        speedMbit: 25_000,
        mtu: 1500,
        driver: "ice",
        node: 0,
        receiveQueues: 2,
        clocks: ["ptp0"],
        deferHardIrqs: undefined,
        groFlushTimeoutNs: undefined,
      },
    ]);
  });

  it("take the least quota of the groups above, of either version", () => {
    const quota = (files: Readonly<Record<string, string>>) =>
      withMachine({ "proc/self/cgroup": "0::/a/b", ...files }, (root) => processReport({ root }).cpuQuota);
    expect(quota({})).toBe(Infinity);
    expect(
      quota({ "sys/fs/cgroup/a/cpu.max": "200000 100000", "sys/fs/cgroup/a/b/cpu.max": "50000 100000" }),
    ).toBe(0.5);
    const one = {
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    };
    expect(quota(one)).toBe(3);
    expect(quota({ ...one, "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1" })).toBe(Infinity);
  });

  it("name an option that is not there", () => {
    for (const report of [networkReport, processReport]) {
      expect(() => report({ rot: "/" } as object)).toThrow(/FAULT_CONFIG .*rot/);
    }
  });
});
