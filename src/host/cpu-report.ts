import { checkKeys, checkText } from "../base/index.ts";
import { parseCpuList, SystemFiles } from "./cpu-files.ts";
import {
  type CpuReading,
  type HugePages,
  memoryLine,
  type NumaNode,
  readCpus,
  readHugePages,
  readNodes,
} from "./cpu-topology.ts";

/** One interrupt line, and which processors may take it. */
export interface InterruptReading {
  readonly irq: number;
  /** Such as `PCI-MSIX-0000:00:04.0 1-edge virtio3-input.0`. */
  readonly name: string;
  /** Taken so far, by processor as the columns of /proc/interrupts stand. */
  readonly counts: readonly number[];
  /** Processors that are allowed to take it. */
  readonly allowed: readonly number[] | undefined;
  /** Processors that do, where the kernel says so. */
  readonly effective: readonly number[] | undefined;
}

/** The words on the kernel's command line that concern latency, as they stand there. */
export type LatencyWords = Readonly<Record<string, string>>;

/**
 * What this machine says of its processors, memory and interrupts. What it does not say is undefined or empty: nothing
 * is concluded from what is missing.
 */
export interface CpuReport {
  readonly kernel: string | undefined;
  readonly online: readonly number[];
  /** Processors that this process may run on: its cpuset and affinity. */
  readonly allowed: readonly number[] | undefined;
  /** Kept free of the scheduler: isolcpus= and isolated cpusets. */
  readonly isolated: readonly number[];
  /** Without a tick while one thread runs. */
  readonly nohzFull: readonly number[];
  /** Whose RCU callbacks run elsewhere. */
  readonly rcuNocbs: readonly number[];
  readonly isSmtActive: boolean | undefined;
  /** Whether the processor may run above its nominal rate. */
  readonly isBoostAllowed: boolean | undefined;
  /** What sleeps a core, such as `intel_idle`; `none` where nothing does. */
  readonly idleDriver: string | undefined;
  readonly clockSource: string | undefined;
  readonly cpus: readonly CpuReading[];
  readonly nodes: readonly NumaNode[];
  readonly hugePages: readonly HugePages[];
  readonly transparentHugePages: {
    readonly enabled: string | undefined;
    readonly defrag: string | undefined;
  };
  /** Real-time threads together get `runtimeUs` of each `periodUs`; -1 is no limit. */
  readonly realtime: { readonly periodUs: number | undefined; readonly runtimeUs: number | undefined };
  /** How much memory this process may lock and has locked; Infinity is no limit. @units bytes; KiB */
  readonly locked: { readonly limitBytes: number | undefined; readonly lockedKiB: number | undefined };
  readonly commandLine: LatencyWords;
  readonly interrupts: readonly InterruptReading[];
}

/** Where to look. */
export interface CpuReportOptions {
  /** The folder that holds `proc` and `sys`; `/` unless given. */
  readonly root?: string;
}

const CPUS = "sys/devices/system/cpu";
const WORDS = [
  "isolcpus",
  "nohz_full",
  "nohz",
  "rcu_nocbs",
  "rcu_nocb_poll",
  "irqaffinity",
  "idle",
  "processor.max_cstate",
  "intel_idle.max_cstate",
  "intel_pstate",
  "amd_pstate",
  "nosmt",
  "mitigations",
  "clocksource",
  "tsc",
  "skew_tick",
  "nosoftlockup",
  "nowatchdog",
  "nmi_watchdog",
  "transparent_hugepage",
  "default_hugepagesz",
  "hugepagesz",
  "hugepages",
  "numa_balancing",
  "preempt",
];

/**
 * Reads what this machine says of processors, NUMA nodes, huge pages, isolation, sleep states and interrupts.
 *
 * It reads files of /proc and /sys and changes nothing; elsewhere than on Linux everything is undefined or empty.
 *
 * @cost A few small files for each processor and interrupt: milliseconds, for when a process starts.
 * @throws `FAULT_CONFIG` for options.
 * @example
 * ```ts
 * import { cpuReport } from "tickwright/host";
 * const { online, isolated, cpus } = cpuReport();
 * cpus.length >= online.length; // => true
 * isolated.every((cpu) => online.includes(cpu)); // => true
 * ```
 */
export function cpuReport(options: CpuReportOptions = {}): CpuReport {
  checkKeys("cpuReport", options, ["root"]);
  const files = new SystemFiles(checkText("cpuReport.root", options.root ?? "/"));
  const commandLine = latencyWords(files.text("proc/cmdline") ?? "");
  const nodes = readNodes(files);
  const status = files.text("proc/self/status") ?? "";
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1];
  return {
    kernel: files.text("proc/version"),
    online: files.list(`${CPUS}/online`) ?? [],
    allowed: allowed === undefined ? undefined : parseCpuList(allowed),
    isolated: files.list(`${CPUS}/isolated`) ?? [],
    nohzFull: files.list(`${CPUS}/nohz_full`) ?? [],
    rcuNocbs: parseCpuList(commandLine.rcu_nocbs ?? "") ?? [],
    isSmtActive: flag(files.number(`${CPUS}/smt/active`)),
    isBoostAllowed: boost(files),
    idleDriver: files.text(`${CPUS}/cpuidle/current_driver`),
    clockSource: files.text("sys/devices/system/clocksource/clocksource0/current_clocksource"),
    cpus: readCpus(files, nodes),
    nodes,
    hugePages: readHugePages(files, "sys/kernel/mm/hugepages"),
    transparentHugePages: {
      enabled: files.chosen("sys/kernel/mm/transparent_hugepage/enabled"),
      defrag: files.chosen("sys/kernel/mm/transparent_hugepage/defrag"),
    },
    realtime: {
      periodUs: files.number("proc/sys/kernel/sched_rt_period_us"),
      runtimeUs: files.number("proc/sys/kernel/sched_rt_runtime_us"),
    },
    locked: {
      limitBytes: lockLimit(files.text("proc/self/limits") ?? ""),
      lockedKiB: memoryLine(status, "VmLck"),
    },
    commandLine,
    interrupts: interrupts(files),
  };
}

function latencyWords(text: string): LatencyWords {
  const found: Record<string, string> = {};
  for (const word of text.split(/\s+/)) {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    if (WORDS.includes(name)) found[name] = at < 0 ? "" : word.slice(at + 1);
  }
  return found;
}

function flag(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value !== 0;
}

function boost(files: SystemFiles): boolean | undefined {
  const isOff = flag(files.number(`${CPUS}/intel_pstate/no_turbo`));
  return isOff === undefined ? flag(files.number(`${CPUS}/cpufreq/boost`)) : !isOff;
}

function lockLimit(limits: string): number | undefined {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Infinity : Number(soft);
}

function interrupts(files: SystemFiles): readonly InterruptReading[] {
  const [head = "", ...lines] = (files.text("proc/interrupts") ?? "").split("\n");
  const columns = head.split(/\s+/).filter((each) => each.startsWith("CPU")).length;
  return lines.flatMap((line) => {
    const found = /^\s*(\d+):\s+(.*)$/.exec(line);
    if (found === null) return [];
    const [irq, cells] = [Number(found[1]), (found[2] as string).trim().split(/\s+/)];
    return [
      {
        irq,
        name: cells.slice(columns).join(" "),
        counts: cells.slice(0, columns).map(Number),
        allowed: files.list(`proc/irq/${irq}/smp_affinity_list`),
        effective: files.list(`proc/irq/${irq}/effective_affinity_list`),
      },
    ];
  });
}
