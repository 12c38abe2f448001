import type { SystemFiles } from "./cpu-files.ts";

/** One state in which a core sleeps. */
export interface IdleState {
  readonly name: string;
  /** How long it takes to leave. @units µs */
  readonly exitLatencyUs: number | undefined;
  readonly isDisabled: boolean;
}

/** One processor of this machine, as /sys has it. What it does not say is undefined. */
export interface CpuReading {
  readonly cpu: number;
  /** The NUMA node. */
  readonly node: number | undefined;
  /** The socket. */
  readonly package: number | undefined;
  readonly core: number | undefined;
  /** Processors that share this core, itself included. */
  readonly siblings: readonly number[] | undefined;
  readonly governor: string | undefined;
  readonly minKHz: number | undefined;
  readonly maxKHz: number | undefined;
  readonly currentKHz: number | undefined;
  readonly idleStates: readonly IdleState[];
}

/** Huge pages of one size. */
export interface HugePages {
  /** @units KiB */
  readonly pageKiB: number;
  readonly total: number | undefined;
  readonly free: number | undefined;
  /** Promised to a mapping and not yet used; not told for one node. */
  readonly reserved: number | undefined;
}

/** One NUMA node. */
export interface NumaNode {
  readonly node: number;
  readonly cpus: readonly number[];
  /** @units KiB */
  readonly memoryKiB: number | undefined;
  /** @units KiB */
  readonly freeKiB: number | undefined;
  /** To each node in ascending order: 10 is local. */
  readonly distances: readonly number[];
  readonly hugePages: readonly HugePages[];
}

const CPUS = "sys/devices/system/cpu";
const NODES = "sys/devices/system/node";

/** Every processor in /sys. */
export function readCpus(files: SystemFiles, nodes: readonly NumaNode[]): readonly CpuReading[] {
  return files.numbered(CPUS, "cpu").map((cpu) => {
    const home = `${CPUS}/cpu${cpu}`;
    return {
      cpu,
      node: nodes.find(({ cpus }) => cpus.includes(cpu))?.node,
      package: files.number(`${home}/topology/physical_package_id`),
      core: files.number(`${home}/topology/core_id`),
      siblings: files.list(`${home}/topology/thread_siblings_list`),
      governor: files.text(`${home}/cpufreq/scaling_governor`),
      minKHz: files.number(`${home}/cpufreq/scaling_min_freq`),
      maxKHz: files.number(`${home}/cpufreq/scaling_max_freq`),
      currentKHz: files.number(`${home}/cpufreq/scaling_cur_freq`),
      idleStates: idleStates(files, `${home}/cpuidle`),
    };
  });
}

function idleStates(files: SystemFiles, home: string): readonly IdleState[] {
  return files.numbered(home, "state").map((state) => ({
    name: files.text(`${home}/state${state}/name`) ?? `state${state}`,
    exitLatencyUs: files.number(`${home}/state${state}/latency`),
    isDisabled: (files.number(`${home}/state${state}/disable`) ?? 0) !== 0,
  }));
}

/** Every NUMA node in /sys; none where the kernel knows no nodes. */
export function readNodes(files: SystemFiles): readonly NumaNode[] {
  return files.numbered(NODES, "node").map((node) => {
    const home = `${NODES}/node${node}`;
    const memory = files.text(`${home}/meminfo`) ?? "";
    const distances = (files.text(`${home}/distance`) ?? "").split(/\s+/).filter((each) => each !== "");
    return {
      node,
      cpus: files.list(`${home}/cpulist`) ?? [],
      memoryKiB: memoryLine(memory, "MemTotal"),
      freeKiB: memoryLine(memory, "MemFree"),
      distances: distances.map(Number),
      hugePages: readHugePages(files, `${home}/hugepages`),
    };
  });
}

/** The huge pages of each size in a folder of /sys. */
export function readHugePages(files: SystemFiles, folder: string): readonly HugePages[] {
  return files
    .names(folder)
    .flatMap((name) => {
      const size = /^hugepages-(\d+)kB$/.exec(name)?.[1];
      if (size === undefined) return [];
      const [total, free, reserved] = ["nr_hugepages", "free_hugepages", "resv_hugepages"].map((file) =>
        files.number(`${folder}/${name}/${file}`),
      );
      return [{ pageKiB: Number(size), total, free, reserved }];
    })
    .sort((left, right) => left.pageKiB - right.pageKiB);
}

/** The KiB of one line such as `Node 0 MemTotal: 16 kB`. */
export function memoryLine(text: string, name: string): number | undefined {
  const found = new RegExp(`(?:^|\\s)${name}:\\s+(\\d+) kB`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
