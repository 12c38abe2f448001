import type { CpuReport } from "./cpu-report.ts";
import { LATENCY_TIERS, type LatencyQuestion } from "./latency-check.ts";
import type { MachineFacts } from "./latency-checks.ts";

/** KiB of a GiB. */
const GIB = 1024 * 1024;

/** A core that sleeps deeper than this is late by so much more. @units µs */
const EXIT_LATENCY_US_MAX = 2;

/** How much of everything: what the tiers' reference machines have. */
export function size({ cpu, process }: MachineFacts): LatencyQuestion[] {
  const cores = cpu.allowed?.length ?? (cpu.online.length === 0 ? undefined : cpu.online.length);
  const needed = { medium: 4, high: 8, ultra: 16 };
  const why = "kernel, feed, journal and kill agent are threads; one that spins needs a core of its own";
  const memory = process.memoryKiB;
  return [
    ...LATENCY_TIERS.map((tier) => ({
      name: `cpu.cores.${needed[tier]}`,
      tier,
      holds: cores === undefined ? undefined : cores >= needed[tier],
      found: cores === undefined ? undefined : `${cores} that this process may use`,
      expected: `${needed[tier]} or more`,
      why,
      change: "a machine with more cores, or a wider cpuset",
    })),
    {
      name: "cpu.quota",
      tier: "medium",
      holds: process.cpuQuota === undefined ? undefined : process.cpuQuota === Infinity,
      found:
        process.cpuQuota === Infinity ? "no quota" : process.cpuQuota && `${process.cpuQuota} cores' worth`,
      expected: "no quota",
      why: "a group that has used up its quota stands still until the next period, up to 100 ms",
      change:
        "give whole cores in place of a quota: in Kubernetes equal requests and limits, static CPU policy",
    } as LatencyQuestion,
    {
      name: "memory.size",
      tier: "medium",
      holds: memory === undefined ? undefined : memory >= 15 * GIB,
      found: memory === undefined ? undefined : `${(memory / GIB).toFixed(1)} GiB`,
      expected: "16 GiB",
      why: "an engine needs below 1 GiB; tapes, research and the page cache of the journal need the rest",
      change: "more memory",
    },
  ];
}

/** What makes equal work take unequal time. */
export function steadiness({ cpu, process }: MachineFacts): LatencyQuestion[] {
  const governors = [...new Set(cpu.cpus.flatMap(({ governor }) => governor ?? []))];
  const stolen = process.stolen;
  const deep = deepest(cpu);
  return [
    {
      name: "cpu.stolen",
      tier: "high",
      holds: stolen === undefined ? undefined : stolen < 0.001,
      found: stolen === undefined ? undefined : `${(100 * stolen).toFixed(3)} % since the start`,
      expected: "below 0.1 %",
      why: "time that the hypervisor gives to others is missing in the midst of a turn",
      change: "an instance with dedicated cores, or no virtual machine",
    },
    {
      name: "cpu.governor",
      tier: "high",
      holds: governors.length === 0 ? undefined : governors.every((each) => each === "performance"),
      found: governors.length === 0 ? undefined : governors.join(", "),
      expected: "performance",
      why: "a core that slowed down in a quiet minute is slow when the market moves",
      change: "cpupower frequency-set --governor performance",
    },
    {
      name: "cpu.sleep",
      tier: "ultra",
      holds: deep === undefined ? undefined : deep.us <= EXIT_LATENCY_US_MAX,
      found: deep === undefined ? undefined : `${deep.name}, ${deep.us} µs to wake`,
      expected: `no state that takes more than ${EXIT_LATENCY_US_MAX} µs to leave`,
      why: "a core that sleeps deeply is late for the first packet",
      change: `cpupower idle-set --disable-by-latency ${EXIT_LATENCY_US_MAX}, or keep /dev/cpu_dma_latency open at 0`,
    },
    {
      name: "cpu.smt",
      tier: "ultra",
      holds: cpu.isSmtActive === undefined ? undefined : !cpu.isSmtActive,
      found: cpu.isSmtActive === undefined ? undefined : cpu.isSmtActive ? "on" : "off",
      expected: "off",
      why: "two threads of one core share its caches and units",
      change: "echo off > /sys/devices/system/cpu/smt/control",
    },
    {
      name: "machine.bare",
      tier: "ultra",
      holds: process.isVirtual === undefined ? undefined : !process.isVirtual,
      found:
        process.isVirtual === undefined
          ? undefined
          : process.isVirtual
            ? "virtual machine"
            : "no hypervisor seen",
      expected: "no virtual machine",
      why: "what the host does cannot be seen or kept away from inside",
      change: "a machine of your own, at the exchange",
    },
  ];
}

/** The state of sleep, enabled on any isolated core or else on any core, that takes longest to leave. */
function deepest({ cpus, isolated, idleDriver }: CpuReport): { name: string; us: number } | undefined {
  const of = isolated.length === 0 ? cpus : cpus.filter(({ cpu }) => isolated.includes(cpu));
  const states = of.flatMap(({ idleStates }) => idleStates);
  if (states.length === 0) return idleDriver === "none" ? { name: "none", us: 0 } : undefined;
  return states
    .filter(({ isDisabled }) => !isDisabled)
    .map(({ name, exitLatencyUs = 0 }) => ({ name, us: exitLatencyUs }))
    .reduce((most, each) => (each.us > most.us ? each : most), { name: "none enabled", us: 0 });
}

/** Cores of one's own. */
export function isolation({ cpu, process }: MachineFacts): LatencyQuestion[] {
  const { isolated, nohzFull, rcuNocbs, interrupts, online } = cpu;
  const known = online.length > 0;
  const outside = (list: readonly number[]): readonly number[] =>
    isolated.filter((each) => !list.includes(each));
  const all = (list: readonly number[]): boolean => isolated.length > 0 && outside(list).length === 0;
  const listed = (list: readonly number[]): string => (list.length === 0 ? "none" : list.join(","));
  const guests = interrupts.filter(({ allowed, effective }) =>
    (effective ?? allowed ?? []).some((each) => isolated.includes(each)),
  );
  const onIsolated =
    isolated.length === 0
      ? "no core is isolated"
      : `${guests.length} of ${interrupts.length} on isolated cores`;
  const priority = process.realtimePriorityMax;
  const mayNice = process.capabilities.includes("SYS_NICE") || (priority ?? 0) > 0;
  const tier = "ultra";
  return [
    {
      name: "cpu.isolated",
      tier,
      holds: known ? isolated.length >= 2 : undefined,
      found: known ? listed(isolated) : undefined,
      expected: "two or more: one for the trading thread, one for the receiver",
      why: "the scheduler puts nothing else there",
      change: "boot with isolcpus=managed_irq,domain,2-5 nohz_full=2-5 rcu_nocbs=2-5, then pinThread",
    },
    {
      name: "cpu.tickless",
      tier,
      holds: known ? all(nohzFull) : undefined,
      found: known ? listed(nohzFull) : undefined,
      expected: "every isolated core",
      why: "the timer interrupts a busy core up to 1,000 times a second",
      change: "boot with nohz_full= for the isolated cores",
    },
    {
      name: "cpu.rcu",
      tier,
      holds: known ? all(rcuNocbs.length > 0 ? rcuNocbs : nohzFull) : undefined,
      found: known ? listed(rcuNocbs) : undefined,
      expected: "every isolated core; nohz_full= brings it along",
      why: "the kernel's deferred work runs elsewhere",
      change: "boot with rcu_nocbs= for the isolated cores",
    },
    {
      name: "cpu.interrupts",
      tier,
      holds: known && interrupts.length > 0 ? isolated.length > 0 && guests.length === 0 : undefined,
      found: interrupts.length === 0 ? undefined : onIsolated,
      expected: "none on isolated cores, but the receiver's own",
      why: "each interrupt takes microseconds from whoever runs there",
      change: "stop irqbalance, or ban the cores there; boot with irqaffinity= for the others",
    },
    {
      name: "cpu.realtime",
      tier,
      holds: priority === undefined ? undefined : mayNice,
      found: priority === undefined ? undefined : mayNice ? "may ask" : `priority up to ${priority}`,
      expected: "may ask for SCHED_FIFO",
      why: "nothing of the same core comes between; only ever on a core of its own",
      change: "LimitRTPRIO= in the unit, rtprio in limits.conf, or CAP_SYS_NICE",
    },
  ];
}
