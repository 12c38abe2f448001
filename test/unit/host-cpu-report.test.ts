import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCpuList } from "../../src/host/cpu-files.ts";
import { cpuReport } from "../../src/host/index.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tickwright-cpu-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
}

const CPUS = "sys/devices/system/cpu";
const NODES = "sys/devices/system/node";

/** Two sockets of two cores with two threads each, the second socket kept for trading. */
function twoSockets(): void {
  for (let cpu = 0; cpu < 8; cpu++) {
    const home = `${CPUS}/cpu${cpu}`;
    const node = Math.floor((cpu % 4) / 2);
    put({
      [`${home}/topology/physical_package_id`]: String(node),
      [`${home}/topology/core_id`]: String(cpu % 2),
      [`${home}/topology/thread_siblings_list`]: `${cpu % 4},${(cpu % 4) + 4}`,
      [`${home}/cpufreq/scaling_governor`]: node === 1 ? "performance" : "powersave",
      [`${home}/cpufreq/scaling_min_freq`]: "800000",
      [`${home}/cpufreq/scaling_max_freq`]: "3600000",
      [`${home}/cpuidle/state0/name`]: "POLL",
      [`${home}/cpuidle/state0/latency`]: "0",
      [`${home}/cpuidle/state0/disable`]: "0",
      [`${home}/cpuidle/state1/name`]: "C6",
      [`${home}/cpuidle/state1/latency`]: "133",
      [`${home}/cpuidle/state1/disable`]: node === 1 ? "1" : "0",
    });
  }
  for (const node of [0, 1]) {
    const home = `${NODES}/node${node}`;
    put({
      [`${home}/cpulist`]: node === 0 ? "0-1,4-5" : "2-3,6-7",
      [`${home}/distance`]: node === 0 ? "10 21" : "21 10",
      [`${home}/meminfo`]: `Node ${node} MemTotal:       65866232 kB\nNode ${node} MemFree:        1200 kB`,
      [`${home}/hugepages/hugepages-2048kB/nr_hugepages`]: String(512 * node),
      [`${home}/hugepages/hugepages-2048kB/free_hugepages`]: String(500 * node),
    });
  }
  put({
    "proc/cmdline":
      "BOOT_IMAGE=/vmlinuz isolcpus=managed_irq,2-3 nohz_full=2-3 rcu_nocbs=2-3,6 quiet idle=poll nosmt",
    "proc/self/status": "Name:\tnode\nCpus_allowed_list:\t0-7\nVmLck:\t     128 kB",
    "proc/self/limits":
      "Limit  Soft  Hard  Units\nMax locked memory         8388608              8388608              bytes",
    "proc/sys/kernel/sched_rt_period_us": "1000000",
    "proc/sys/kernel/sched_rt_runtime_us": "-1",
    "proc/interrupts": [
      "           CPU0       CPU1       CPU2",
      "  9:          1          0          7   IO-APIC   9-fasteoi   acpi",
      " 41:        100          2          0 PCI-MSIX-0000:3b:00.0   1-edge      mlx5_comp0",
      "NMI:          4          5          6   Non-maskable interrupts",
    ].join("\n"),
    "proc/irq/41/smp_affinity_list": "0-1",
    "proc/irq/41/effective_affinity_list": "1",
    [`${CPUS}/online`]: "0-7",
    [`${CPUS}/isolated`]: "2-3",
    [`${CPUS}/nohz_full`]: "2-3",
    [`${CPUS}/smt/active`]: "1",
    [`${CPUS}/intel_pstate/no_turbo`]: "1",
    [`${CPUS}/cpuidle/current_driver`]: "intel_idle",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
    "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "512",
    "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages": "500",
    "sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages": "3",
    "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages": "0",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc",
  });
}

describe("cpuReport", () => {
  it("reads a machine of two sockets", () => {
    twoSockets();
    const report = cpuReport({ root });
    expect(report.cpus.map(({ cpu, node, siblings }) => [cpu, node, siblings])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((cpu) => [cpu, [0, 0, 1, 1][cpu % 4], [cpu % 4, (cpu % 4) + 4]]),
    );
    expect(report.cpus[6]).toMatchObject({ governor: "performance", package: 1, maxKHz: 3_600_000 });
    expect(report.cpus[6]?.idleStates).toEqual([
      { name: "POLL", exitLatencyUs: 0, isDisabled: false },
      { name: "C6", exitLatencyUs: 133, isDisabled: true },
    ]);
    expect(report.nodes[1]).toMatchObject({
      cpus: [2, 3, 6, 7],
      memoryKiB: 65_866_232,
      freeKiB: 1200,
      distances: [21, 10],
      hugePages: [{ pageKiB: 2048, total: 512, free: 500, reserved: undefined }],
    });
    expect(report).toMatchObject({
      online: [0, 1, 2, 3, 4, 5, 6, 7],
      allowed: [0, 1, 2, 3, 4, 5, 6, 7],
      isolated: [2, 3],
      nohzFull: [2, 3],
      rcuNocbs: [2, 3, 6],
      isSmtActive: true,
      isBoostAllowed: false,
      idleDriver: "intel_idle",
      clockSource: "tsc",
      transparentHugePages: { enabled: "madvise", defrag: undefined },
      realtime: { periodUs: 1_000_000, runtimeUs: -1 },
      locked: { limitBytes: 8_388_608, lockedKiB: 128 },
      commandLine: { isolcpus: "managed_irq,2-3", rcu_nocbs: "2-3,6", idle: "poll", nosmt: "" },
    });
    expect(report.hugePages.map(({ pageKiB, total, reserved }) => [pageKiB, total, reserved])).toEqual([
      [2048, 512, 3],
      [1_048_576, 0, undefined],
    ]);
    expect(report.interrupts).toEqual([
      { irq: 9, name: "IO-APIC 9-fasteoi acpi", counts: [1, 0, 7], allowed: undefined, effective: undefined },
      {
        irq: 41,
        name: "PCI-MSIX-0000:3b:00.0 1-edge mlx5_comp0",
        counts: [100, 2, 0],
        allowed: [0, 1],
        effective: [1],
      },
    ]);
  });

  it("says nothing of what is not there", () => {
    const report = cpuReport({ root });
    expect(report).toMatchObject({
      online: [],
      cpus: [],
      nodes: [],
      hugePages: [],
      interrupts: [],
      commandLine: {},
    });
    expect([report.allowed, report.isSmtActive, report.isBoostAllowed, report.clockSource]).toEqual(
      Array(4).fill(undefined),
    );
    expect(report.locked).toEqual({ limitBytes: undefined, lockedKiB: undefined });
  });

  it("tells no limit from none told", () => {
    put({ "proc/self/limits": "Max locked memory         unlimited            unlimited            bytes" });
    expect(cpuReport({ root }).locked.limitBytes).toBe(Infinity);
  });

  it("refuses a misspelt option", () => {
    expect(() => cpuReport({ rot: "/" } as never)).toThrow(/FAULT_CONFIG cpuReport.rot/);
  });

  it.each([
    ["0-3,8", [0, 1, 2, 3, 8]],
    ["", []],
    ["0-7:1/4", [0, 4]],
    ["0-9:2/4", [0, 1, 4, 5, 8, 9]],
    ["3,1,1", [1, 3]],
    ["all", undefined],
    ["1-", undefined],
  ])("reads the list %j", (text, cpus) => {
    expect(parseCpuList(text)).toEqual(cpus);
  });
});
