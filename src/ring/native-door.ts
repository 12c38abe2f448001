import { Fault } from "../base/index.ts";
import { errnoName, nativeDoor } from "../base/native.ts";

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

const EXPECTED: Readonly<Record<string, string>> = {
  EPERM: "a file that is this user's and that nobody else may write",
  ENOENT: "a folder, or a file, that exists",
  EBADF: "a file descriptor that this process holds",
  EAGAIN: "a thread to wait in, and at most 256 waits at once",
  ENOMEM: "as much free memory as the ring needs",
  EACCES: "a file that this user may read and write",
  ENODEV: "memory that can be mapped, such as /dev/shm has",
  ENOTDIR: "a path in a folder",
  EISDIR: "a file",
  EINVAL: "the memory of a ring",
  EMFILE: "a file descriptor that is free",
  ENOSPC: "as much free shared memory as the ring needs",
  ENOSYS: "Linux",
  EOPNOTSUPP: "a folder in memory, such as /dev/shm",
  ENOTSUP: "a folder in memory, such as /dev/shm",
};

const LACKING: readonly string[] = ["ENOMEM", "ENOSPC", "EAGAIN"];

/** The fault of a system call that answered a negative errno. */
export function systemFault(path: string, value: unknown, errno: number): Fault {
  const name = errnoName(errno);
  const code = LACKING.includes(name) ? "FAULT_CAPACITY" : "FAULT_IO";
  const expected = EXPECTED[name] ?? "a system that can do this";
  return new Fault(code, { path, value: `${String(value)}: ${name}`, expected });
}

/** Whether what a system call lacks is memory. */
export function lacksMemory(errno: number): boolean {
  return LACKING.includes(errnoName(errno));
}
