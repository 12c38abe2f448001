import { checkKeys, checkText } from "../base/index.ts";
import { SystemFiles } from "./cpu-files.ts";
import { memoryLine } from "./cpu-topology.ts";

/** What this process may do, and what memory and processor time it can have. What is not told is undefined. */
export interface ProcessReport {
  /** @units KiB */
  readonly memoryKiB: number | undefined;
  readonly memoryFreeKiB: number | undefined;
  readonly swapKiB: number | undefined;
  readonly swappiness: number | undefined;
  /** Whether the kernel moves pages between NUMA nodes by itself. */
  readonly isNumaBalancing: boolean | undefined;
  /** Cores' worth of processor time that the control group may use; Infinity is no limit. */
  readonly cpuQuota: number | undefined;
  /** Time that the hypervisor gave to others, of all time since the start of the machine. @units fraction */
  readonly stolen: number | undefined;
  /** Whether this is a virtual machine, by what the processor says. */
  readonly isVirtual: boolean | undefined;
  /** The highest real-time priority it may ask for. */
  readonly realtimePriorityMax: number | undefined;
  /** What it may do beyond its user: those of these four that it has. */
  readonly capabilities: readonly ("IPC_LOCK" | "NET_ADMIN" | "NET_RAW" | "SYS_NICE")[];
}

/** Bits of the capability mask: include/uapi/linux/capability.h. */
const CAPABILITIES = { NET_ADMIN: 12, NET_RAW: 13, IPC_LOCK: 14, SYS_NICE: 23 } as const;

/**
 * Reads what this process may do here: memory, swap, quota, stolen time, real-time priority, capabilities. It changes
 * nothing; elsewhere than on Linux everything is undefined or empty.
 *
 * @throws `FAULT_CONFIG` for options.
 * @example
 * ```ts
 * import { processReport } from "tickwright/host";
 * const { cpuQuota } = processReport();
 * cpuQuota === undefined || cpuQuota > 0; // => true
 * ```
 */
export function processReport(options: { readonly root?: string } = {}): ProcessReport {
  checkKeys("processReport", options, ["root"]);
  const files = new SystemFiles(checkText("processReport.root", options.root ?? "/"));
  const memory = files.text("proc/meminfo") ?? "";
  const cpu = files.text("proc/cpuinfo");
  const balancing = files.number("proc/sys/kernel/numa_balancing");
  const priority = /^Max realtime priority\s+(\S+)/m.exec(files.text("proc/self/limits") ?? "")?.[1];
  return {
    memoryKiB: memoryLine(memory, "MemTotal"),
    memoryFreeKiB: memoryLine(memory, "MemAvailable"),
    swapKiB: memoryLine(memory, "SwapTotal"),
    swappiness: files.number("proc/sys/vm/swappiness"),
    isNumaBalancing: balancing === undefined ? undefined : balancing !== 0,
    cpuQuota: quota(files),
    stolen: stolen(files.text("proc/stat") ?? ""),
    isVirtual: cpu === undefined ? undefined : /^flags\s*:.*\bhypervisor\b/m.test(cpu),
    realtimePriorityMax:
      priority === undefined ? undefined : priority === "unlimited" ? 99 : Number(priority),
    capabilities: capabilities(files.text("proc/self/status") ?? ""),
  };
}

function capabilities(status: string): ProcessReport["capabilities"] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1] ?? "0"}`);
  const names = Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[];
  return names.filter((name) => (mask >> BigInt(CAPABILITIES[name])) % 2n === 1n).sort();
}

/** The least quota of the control groups above this process: version 2, else version 1. */
function quota(files: SystemFiles): number | undefined {
  const groups = files.text("proc/self/cgroup");
  if (groups === undefined) return undefined;
  const path = /^0::(\/.*)$/m.exec(groups)?.[1] ?? "/";
  let least = Infinity;
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  for (let depth = parts.length; depth >= 0; depth--) {
    const home = `sys/fs/cgroup/${parts.slice(0, depth).join("/")}`;
    const [most, period] = (files.text(`${home}/cpu.max`) ?? "max").split(" ").map(Number);
    if (most !== undefined && period !== undefined && most > 0) least = Math.min(least, most / period);
  }
  const [most = -1, period = 1] = ["quota", "period"].map((word) =>
    files.number(`sys/fs/cgroup/cpu/cpu.cfs_${word}_us`),
  );
  return most > 0 ? Math.min(least, most / period) : least;
}

/** The eighth column of /proc/stat's first line by the sum of the first eight; guests' time is in others. */
function stolen(stat: string): number | undefined {
  const ticks = /^cpu\s+(.*)$/m.exec(stat)?.[1]?.split(/\s+/).slice(0, 8).map(Number);
  const all = ticks?.reduce((sum, each) => sum + each, 0) ?? 0;
  return ticks === undefined || ticks.length < 8 || all === 0 ? undefined : (ticks[7] as number) / all;
}
