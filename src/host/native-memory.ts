import { readFileSync } from "node:fs";
import { checkBoolean, checkKeys, Fault, refuse } from "../base/index.ts";
import { errnoName, nativeDoor } from "../base/native.ts";
import type { CpuRefusal } from "./cpu-refusals.ts";
import { memoryLine } from "./cpu-topology.ts";
import { answered } from "./native-calls.ts";

interface MemoryBinding {
  lockMemory(flags: number): number;
  unlockMemory(): number;
  prefault(bytes: Uint8Array): number;
}

/** What to lock. */
export interface LockMemoryOptions {
  /** Also what is mapped later; false unless given. */
  readonly future?: boolean;
  /**
   * Each page when it is first used, in place of all at once; true unless given. Node reserves gigabytes of addresses
   * that it never uses: without it all of them that can be are filled.
   */
  readonly onFault?: boolean;
}

/** What is locked now. */
export interface LockedMemory {
  /** What the kernel counts as locked; undefined where it does not say. @units KiB */
  readonly lockedKiB: number | undefined;
}

const FUTURE = 1;
const ON_FAULT = 2;
const binding = (): MemoryBinding => nativeDoor("cpu") as MemoryBinding;

/**
 * Keeps this process's memory from being paged out, by mlockall.
 *
 * @refuses `CPU_NOT_PERMITTED` where the limit on locked memory is too low.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` with any other errno; `FAULT_NATIVE_UNAVAILABLE`.
 */
export function lockMemory(options: LockMemoryOptions = {}): LockedMemory | CpuRefusal {
  checkKeys("lockMemory", options, ["future", "onFault"]);
  const future = checkBoolean("lockMemory.future", options.future ?? false) ? FUTURE : 0;
  const onFault = checkBoolean("lockMemory.onFault", options.onFault ?? true) ? ON_FAULT : 0;
  const code = binding().lockMemory(future | onFault);
  if (code < 0 && ["EPERM", "ENOMEM"].includes(errnoName(code))) {
    return refuse("CPU_NOT_PERMITTED", "memory", errnoName(code), "CAP_IPC_LOCK, or a higher RLIMIT_MEMLOCK");
  }
  answered("lockMemory", code, "memory that can be locked");
  return lockedNow();
}

/** Lets all memory be paged out again. @throws `FAULT_IO` elsewhere than on Linux; `FAULT_NATIVE_UNAVAILABLE` */
export function unlockMemory(): LockedMemory {
  answered("unlockMemory", binding().unlockMemory(), "a call that Linux answers");
  return lockedNow();
}

/**
 * Touches every page of some memory, so that no first use waits for the kernel; what stands there stays. Returns how
 * many pages were touched.
 *
 * @throws `FAULT_CONFIG` for what is no view; `FAULT_NATIVE_UNAVAILABLE`.
 */
export function prefaultMemory(view: ArrayBufferView): number {
  if (!ArrayBuffer.isView(view)) {
    throw new Fault("FAULT_CONFIG", {
      path: "prefaultMemory",
      value: view,
      expected: "a typed array or DataView",
    });
  }
  return binding().prefault(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

function lockedNow(): LockedMemory {
  try {
    return { lockedKiB: memoryLine(readFileSync("/proc/self/status", "utf8"), "VmLck") };
  } catch {
    return { lockedKiB: undefined };
  }
}
