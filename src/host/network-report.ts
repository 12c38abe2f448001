import { checkKeys, checkText } from "../base/index.ts";
import { SystemFiles } from "./cpu-files.ts";

/** One network interface, as /sys has it. What it does not say is undefined. */
export interface InterfaceReading {
  readonly name: string;
  /** `up`, `down`, or `unknown` for the loopback and some virtual ones. */
  readonly state: string | undefined;
  /** @units Mbit/s */
  readonly speedMbit: number | undefined;
  /** @units bytes */
  readonly mtu: number | undefined;
  /** The kernel's driver; undefined for an interface without a device. */
  readonly driver: string | undefined;
  /** The NUMA node that its device hangs on. */
  readonly node: number | undefined;
  readonly receiveQueues: number;
  /** PTP hardware clocks of its device, such as `ptp0`. */
  readonly clocks: readonly string[];
  /** How often polling goes on before the interrupt is armed again, and how long packets are gathered. @units ns */
  readonly deferHardIrqs: number | undefined;
  readonly groFlushTimeoutNs: number | undefined;
}

/** What this machine says of its network: interfaces, and the limits of sockets. */
export interface NetworkReport {
  /** By name; without the loopback. */
  readonly interfaces: readonly InterfaceReading[];
  /** How much a socket may ask for by SO_RCVBUF and SO_SNDBUF. @units bytes */
  readonly receiveBufferMax: number | undefined;
  readonly sendBufferMax: number | undefined;
  /** How long `poll` and a read spin on the device by default; 0 is not at all. @units µs */
  readonly busyPollUs: number | undefined;
  readonly busyReadUs: number | undefined;
  /** Packets that wait between driver and protocol, for each processor. */
  readonly backlogMax: number | undefined;
}

const NET = "sys/class/net";
const CORE = "proc/sys/net/core";

/**
 * Reads what this machine says of its network interfaces and of the limits of sockets. It changes nothing; elsewhere
 * than on Linux everything is undefined or empty.
 *
 * @throws `FAULT_CONFIG` for options.
 * @cost A few small files for each interface.
 * @example
 * ```ts
 * import { networkReport } from "tickwright/host";
 * const { interfaces } = networkReport();
 * interfaces.some(({ name }) => name === "lo"); // => false
 * ```
 */
export function networkReport(options: { readonly root?: string } = {}): NetworkReport {
  checkKeys("networkReport", options, ["root"]);
  const files = new SystemFiles(checkText("networkReport.root", options.root ?? "/"));
  return {
    interfaces: files
      .names(NET)
      .filter((name) => name !== "lo")
      .map((name) => readInterface(files, name)),
    receiveBufferMax: files.number(`${CORE}/rmem_max`),
    sendBufferMax: files.number(`${CORE}/wmem_max`),
    busyPollUs: files.number(`${CORE}/busy_poll`),
    busyReadUs: files.number(`${CORE}/busy_read`),
    backlogMax: files.number(`${CORE}/netdev_max_backlog`),
  };
}

function readInterface(files: SystemFiles, name: string): InterfaceReading {
  const home = `${NET}/${name}`;
  const [speed, node] = [files.number(`${home}/speed`), files.number(`${home}/device/numa_node`)];
  return {
    name,
    state: files.text(`${home}/operstate`),
    // Interfaces that know no speed, and devices without a node, say -1.
    speedMbit: speed === undefined || speed < 0 ? undefined : speed,
    mtu: files.number(`${home}/mtu`),
    driver: /^DRIVER=(.+)$/m.exec(files.text(`${home}/device/uevent`) ?? "")?.[1],
    node: node === undefined || node < 0 ? undefined : node,
    receiveQueues: files.names(`${home}/queues`).filter((queue) => queue.startsWith("rx-")).length,
    clocks: files.names(`${home}/device/ptp`),
    deferHardIrqs: files.number(`${home}/napi_defer_hard_irqs`),
    groFlushTimeoutNs: files.number(`${home}/gro_flush_timeout`),
  };
}
