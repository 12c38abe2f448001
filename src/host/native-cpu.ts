import { existsSync } from "node:fs";
import { cpus as processors } from "node:os";
import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkKeys,
  Fault,
  refuse,
} from "../base/index.ts";
import { errnoName, nativeDoor } from "../base/native.ts";
import type { CpuRefusal } from "./cpu-refusals.ts";
import { answered, callFault } from "./native-calls.ts";

interface CpuBinding {
  threadId(): number;
  currentCpu(): number;
  getAffinity(tid: number, cpus: Int32Array): number;
  setAffinity(tid: number, cpus: Int32Array): number;
  getScheduling(tid: number, into: Int32Array): number;
  setScheduling(tid: number, policy: number, priority: number): number;
}

const CPUS_MAX = 8192;
const TID_MAX = 2 ** 31 - 1;
/** By the kernel's numbers. */
const POLICIES: readonly SchedulingPolicy[] = ["other", "fifo", "rr", "batch", "iso", "idle", "deadline"];
const ONE_CALL = "a call that Linux answers";

/** How the kernel schedules a thread. `other` is the usual one; `fifo`, `rr` and `deadline` go before it. */
export type SchedulingPolicy = "other" | "fifo" | "rr" | "batch" | "iso" | "idle" | "deadline";

/** How one thread is scheduled now. */
export interface ThreadScheduling {
  readonly policy: SchedulingPolicy;
  /** 1 to 99 for `fifo` and `rr`, 0 for the others. */
  readonly priority: number;
  readonly nice: number;
}

/** Which thread is meant. */
export interface ThreadOptions {
  /** The kernel's number of a thread of this process; the calling thread unless given. */
  readonly tid?: number;
}

/** How a thread is to be scheduled. */
export interface SchedulingOptions extends ThreadOptions {
  readonly policy: "other" | "fifo";
  /** 1 to 99, for `fifo` alone; 1 unless given. */
  readonly priority?: number;
  /**
   * Says that nothing else needs this thread's core. A `fifo` thread that spins lets nothing of lower rank run there: on a
   * core that others need, that is the kernel's own work, and the machine stalls.
   */
  readonly dedicatedCore?: boolean;
}

const binding = (): CpuBinding => nativeDoor("cpu") as CpuBinding;

/**
 * The kernel's number of the calling thread, which other threads can name in {@link ThreadOptions}.
 *
 * @throws `FAULT_NATIVE_UNAVAILABLE`; `FAULT_IO` elsewhere than on Linux.
 */
export function threadId(): number {
  return answered("threadId", binding().threadId(), ONE_CALL);
}

/** The processor that the calling thread runs on at this moment. @throws as {@link threadId} */
export function currentCpu(): number {
  return answered("currentCpu", binding().currentCpu(), ONE_CALL);
}

/** The processors that a thread may run on, ascending. @throws as {@link threadId}; `FAULT_CONFIG` for options */
export function threadAffinity(options: ThreadOptions = {}): readonly number[] {
  checkKeys("threadAffinity", options, ["tid"]);
  const tid = checkTid("threadAffinity.tid", options.tid);
  const cpus = new Int32Array(CPUS_MAX);
  const count = answered("threadAffinity.tid", binding().getAffinity(tid, cpus), "a thread that runs");
  return [...cpus.subarray(0, count)];
}

/**
 * Binds a thread to processors and reads back which ones took effect.
 *
 * In a worker thread it binds that worker. The threads that this one starts later inherit it; those that run go on as
 * they were.
 *
 * @invariant What it returns is what the kernel says afterwards: processors outside the process's cpuset are left out.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` with the errno: EINVAL where none of the processors may be used.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { pinThread, threadAffinity } from "tickwright/host/native";
 * const isHere = nativeReport().isAvailable && process.platform === "linux";
 * const before = isHere ? threadAffinity() : [0];
 * const bound = isHere ? pinThread(before.slice(0, 1)) : [0];
 * bound.length; // => 1
 * if (isHere) pinThread(before);
 * ```
 */
export function pinThread(cpus: readonly number[], options: ThreadOptions = {}): readonly number[] {
  checkKeys("pinThread", options, ["tid"]);
  const tid = checkTid("pinThread.tid", options.tid);
  checkArray("pinThread.cpus", cpus);
  for (const [at, cpu] of cpus.entries()) checkInteger(`pinThread.cpus[${at}]`, cpu, 0, CPUS_MAX - 1);
  const code = binding().setAffinity(tid, Int32Array.from(cpus));
  if (code < 0)
    throw callFault("pinThread.cpus", code, "processors of this process's cpuset, and a thread that runs");
  return threadAffinity(options);
}

/** How a thread is scheduled. @throws as {@link threadAffinity} */
export function threadScheduling(options: ThreadOptions = {}): ThreadScheduling {
  checkKeys("threadScheduling", options, ["tid"]);
  return schedulingOf(checkTid("threadScheduling.tid", options.tid));
}

function schedulingOf(tid: number): ThreadScheduling {
  const into = new Int32Array(3);
  answered("threadScheduling.tid", binding().getScheduling(tid, into), "a thread that runs");
  const [policy = 0, priority = 0, nice = 0] = into;
  return { policy: POLICIES[policy] ?? "other", priority, nice };
}

/**
 * Changes how a thread is scheduled, and reads back what took effect.
 *
 * @invariant No thread becomes `fifo` unless `dedicatedCore` is said and it is bound to one processor of several.
 * @refuses `CPU_NOT_DEDICATED`, `CPU_NOT_PINNED`, `CPU_NOT_PERMITTED`
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` with any errno but EPERM.
 */
export function scheduleThread(options: SchedulingOptions): ThreadScheduling | CpuRefusal {
  checkKeys("scheduleThread", options, ["tid", "policy", "priority", "dedicatedCore"]);
  const tid = checkTid("scheduleThread.tid", options.tid);
  const policy = checkChoice("scheduleThread.policy", options.policy, ["other", "fifo"]);
  const isFifo = policy === "fifo";
  if (!isFifo && options.priority !== undefined) {
    const expected = "no priority for the policy other";
    throw new Fault("FAULT_CONFIG", { path: "scheduleThread.priority", value: options.priority, expected });
  }
  const priority = isFifo ? checkInteger("scheduleThread.priority", options.priority ?? 1, 1, 99) : 0;
  const isDedicated = checkBoolean("scheduleThread.dedicatedCore", options.dedicatedCore ?? false);
  const refusal = isFifo ? sharedCore(tid, isDedicated) : undefined;
  if (refusal !== undefined) return refusal;
  const code = binding().setScheduling(tid, POLICIES.indexOf(policy), priority);
  if (code < 0 && errnoName(code) === "EPERM") {
    return refuse(
      "CPU_NOT_PERMITTED",
      "policy",
      policy,
      "CAP_SYS_NICE, or RLIMIT_RTPRIO of the priority at least",
    );
  }
  answered("scheduleThread.tid", code, "a thread that runs");
  return schedulingOf(tid);
}

function sharedCore(tid: number, isDedicated: boolean): CpuRefusal | undefined {
  if (!isDedicated) {
    return refuse("CPU_NOT_DEDICATED", "dedicatedCore", false, "true: nothing else needs the thread's core");
  }
  const cpus = threadAffinity({ tid });
  if (cpus.length === 1 && processors().length > 1) return undefined;
  return refuse("CPU_NOT_PINNED", "cpus", cpus, "a thread bound to one processor, on a machine with others");
}

/** 0 is the calling thread, to the kernel too. */
function checkTid(path: string, tid: number | undefined): number {
  if (tid === undefined) return 0;
  const checked = checkInteger(path, tid, 0, TID_MAX);
  if (checked === 0 || process.platform !== "linux" || existsSync(`/proc/self/task/${checked}`))
    return checked;
  throw new Fault("FAULT_CONFIG", { path, value: tid, expected: "a thread of this process" });
}
