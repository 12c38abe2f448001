import type { LatencyQuestion } from "./latency-check.ts";
import type { MachineFacts } from "./latency-checks.ts";

/** KiB of a GiB, and bytes of a MiB. */
const GIB = 1024 * 1024;
const MIB = 1024 * 1024;

/** Memory that stays where it is. */
export function memory({ cpu, process }: MachineFacts): LatencyQuestion[] {
  const { transparentHugePages, hugePages, locked, nodes } = cpu;
  const { limitBytes } = locked;
  const mayLock = process.capabilities.includes("IPC_LOCK") || (limitBytes ?? 0) >= 1024 * MIB;
  const reserved = hugePages.reduce((sum, { pageKiB, total = 0 }) => sum + pageKiB * total, 0);
  const { swapKiB, swappiness } = process;
  const balancing = nodes.length < 2 ? false : process.isNumaBalancing;
  return [
    {
      name: "memory.swap",
      tier: "high",
      holds: swapKiB === undefined ? undefined : swapKiB === 0 || swappiness === 0,
      found: swapKiB === undefined ? undefined : swapKiB === 0 ? "none" : `${(swapKiB / GIB).toFixed(1)} GiB`,
      expected: "none, or vm.swappiness 0",
      why: "a page that went to disk comes back in milliseconds",
      change: "swapoff -a",
    },
    {
      name: "memory.lock",
      tier: "high",
      holds: limitBytes === undefined ? undefined : mayLock,
      found: limitBytes === undefined ? undefined : mayLock ? "may lock" : `${limitBytes / 1024} KiB`,
      expected: "1 GiB or more",
      why: "locked pages are neither dropped nor swapped",
      change: "LimitMEMLOCK=infinity in the unit, memlock in limits.conf, or CAP_IPC_LOCK",
    },
    {
      name: "memory.transparent",
      tier: "high",
      holds:
        transparentHugePages.enabled === undefined ? undefined : transparentHugePages.enabled !== "always",
      found: transparentHugePages.enabled,
      expected: "madvise or never",
      why: "gathering pages into huge ones stops the process that is gathered for",
      change: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    },
    {
      name: "memory.huge",
      tier: "ultra",
      holds: hugePages.length === 0 ? undefined : reserved >= GIB,
      found: hugePages.length === 0 ? undefined : `${reserved / 1024} MiB reserved`,
      expected: "1 GiB or more reserved",
      why: "rings and books miss the address cache less",
      change: "sysctl vm.nr_hugepages=512, early after the start or on the kernel's command line",
    },
    {
      name: "memory.nodes",
      tier: "ultra",
      holds: balancing === undefined ? undefined : !balancing,
      found:
        nodes.length < 2
          ? "one node"
          : `${nodes.length} nodes, balancing ${balancing === true ? "on" : "off"}`,
      expected: "one node, or kernel.numa_balancing 0",
      why: "moving a page stops who reads it; memory of another node is slower",
      change: "sysctl kernel.numa_balancing=0; run on the node of the network card",
    },
  ];
}

/** Clocks, and how well they are known. */
export function clocks({ cpu, clock }: MachineFacts): LatencyQuestion[] {
  const { isSynchronised, boundNs, isMeasured, devices } = clock;
  return [
    {
      name: "clock.synchronised",
      tier: "medium",
      holds: isSynchronised,
      found: isSynchronised === undefined ? undefined : isSynchronised ? "yes" : "no source is followed",
      expected: "the clock follows a source",
      why: "times on orders and in the audit trail must mean something",
      change: "chronyd, with a few servers close by",
    },
    {
      name: "clock.divergence",
      tier: "high",
      holds: boundNs === undefined ? undefined : boundNs <= 100_000 && isMeasured === true,
      found:
        boundNs === undefined
          ? undefined
          : `at most ${(boundNs / 1000).toFixed(1)} µs, ${isMeasured === true ? "measured" : "estimated"}`,
      expected: "at most 100 µs, measured",
      why: "the bound that the rules set for high-frequency trading",
      change: "chronyd with hardware time stamps, or ptp4l and phc2sys",
    },
    {
      name: "clock.source",
      tier: "high",
      holds: cpu.clockSource === undefined ? undefined : cpu.clockSource === "tsc",
      found: cpu.clockSource,
      expected: "tsc",
      why: "another source costs a call into the kernel, or a microsecond, each time the clock is read",
      change: "boot with tsc=reliable clocksource=tsc where the processor's is invariant",
    },
    {
      name: "clock.ptp",
      tier: "ultra",
      holds: devices === undefined ? undefined : devices.length > 0,
      found: listed(devices),
      expected: "a PTP hardware clock",
      why: "without one nothing below a few microseconds can be shown",
      change:
        "a network card with IEEE 1588 support; in a virtual machine ptp_kvm, for what the host's clock is worth",
    },
  ];
}

/** The native bodies. */
export function native({ native: binary }: MachineFacts): LatencyQuestion[] {
  return [
    {
      name: "native.binary",
      tier: "high",
      holds: binary.isAvailable,
      found: binary.isAvailable ? binary.file : binary.cause,
      expected: "loads",
      why: "affinity, locked memory, socket options, receiver threads and PTP clocks have no other way",
      change: "npx tickwright build-native",
    },
  ];
}

/** Sockets and network cards. */
export function network({ network: report, clock, process }: MachineFacts): LatencyQuestion[] {
  const { receiveBufferMax: buffer, busyReadUs } = report;
  const { stampingInterfaces } = clock;
  const mayPoll = (busyReadUs ?? 0) > 0 || process.capabilities.includes("NET_ADMIN");
  return [
    {
      name: "net.buffer",
      tier: "high",
      holds: buffer === undefined ? undefined : buffer >= 8 * MIB,
      found: buffer === undefined ? undefined : `${(buffer / MIB).toFixed(1)} MiB`,
      expected: "8 MiB or more, and what a feed's bursts need",
      why: "a burst that comes while nobody reads is lost where the buffer ends",
      change: "sysctl net.core.rmem_max=268435456",
    },
    {
      name: "net.busyPoll",
      tier: "ultra",
      holds: busyReadUs === undefined ? undefined : mayPoll,
      found:
        busyReadUs === undefined ? undefined : mayPoll ? `${busyReadUs} µs, and a socket may ask` : "off",
      expected: "net.core.busy_read above 0, or CAP_NET_ADMIN",
      why: "a read that polls the card waits for no interrupt and no wake-up",
      change: "sysctl net.core.busy_read=50 net.core.busy_poll=50",
    },
    {
      name: "net.stamps",
      tier: "ultra",
      holds: stampingInterfaces === undefined ? undefined : stampingInterfaces.length > 0,
      found: listed(stampingInterfaces),
      expected: "an interface that stamps packets in hardware",
      why: "when a packet came is known to nanoseconds, whatever the machine was doing",
      change: "a network card with IEEE 1588 support",
    },
  ];
}

function listed(list: readonly string[] | undefined): string | undefined {
  return list === undefined ? undefined : list.length === 0 ? "none" : list.join(", ");
}
