import { Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";

/** Memory that processes share, as the native binary offers it: what fails answers a negative errno. */
export interface NativeRingMemory {
  create(bytes: number, folder: string, wantsHugePages: boolean): number;
  /** 0, a negative errno, or in words why it is no ring's memory. */
  attachFd(fd: number): number | string;
  attachPath(path: string): number | string;
  buffer(): ArrayBuffer;
  fd(): number;
  isSealed(): boolean;
  pages(): number;
  publish(path: string): number;
  unpublish(path: string): number;
  closeFile(): void;
  /** 0 woken, 1 not equal, 2 timed out. */
  wait(at: number, expected: number, timeoutMs: number): number;
  waitAsync(at: number, expected: number, timeoutMs: number): PromiseLike<number> | number;
  notify(at: number): void;
}

/** The part `ring` of the native binary. */
interface NativeRingDoor {
  readonly RingMemory: new () => NativeRingMemory;
  isOpenElsewhere(path: string): number;
}

/** Loads the native binary on its first call. */
export function ringDoor(): NativeRingDoor {
  return nativeDoor("ring") as NativeRingDoor;
}

const ERRNO: Readonly<Record<number, readonly [name: string, expected: string]>> = {
  1: ["EPERM", "a file that is this user's and that nobody else may write"],
  2: ["ENOENT", "a folder, or a file, that exists"],
  9: ["EBADF", "a file descriptor that this process holds"],
  11: ["EAGAIN", "a thread to wait in, and at most 256 waits at once"],
  12: ["ENOMEM", "as much free memory as the ring needs"],
  13: ["EACCES", "a file that this user may read and write"],
  19: ["ENODEV", "memory that can be mapped, such as /dev/shm has"],
  20: ["ENOTDIR", "a path in a folder"],
  21: ["EISDIR", "a file"],
  22: ["EINVAL", "the memory of a ring"],
  24: ["EMFILE", "a file descriptor that is free"],
  28: ["ENOSPC", "as much free shared memory as the ring needs"],
  38: ["ENOSYS", "Linux"],
  95: ["EOPNOTSUPP", "a folder in memory, such as /dev/shm"],
};

/** The fault of a system call that answered a negative errno. */
export function systemFault(path: string, value: unknown, errno: number): Fault {
  const [name, expected] = ERRNO[-errno] ?? [`errno ${-errno}`, "a system that can do this"];
  const code = name === "ENOMEM" || name === "ENOSPC" || name === "EAGAIN" ? "FAULT_CAPACITY" : "FAULT_IO";
  return new Fault(code, { path, value: `${String(value)}: ${name}`, expected });
}
