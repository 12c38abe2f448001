import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { ioFault } from "./file-bytes.ts";

/** Who holds a lock: enough to tell a running process from one whose number was given away again. */
interface Holder {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks; empty where the system does not say. */
  readonly started: string;
}

/** Tells apart the files that lie beside a lock for a moment. */
let serial = 0;

/**
 * Takes a lock file, also from a process of this machine that is no longer running.
 *
 * @throws `FAULT_IO` naming the holder where it runs, or where another machine holds it: whether that one runs
 * cannot be seen from here, and somebody has to remove the file.
 */
export function lockFile(path: string): void {
  const own = holderOf(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(path, JSON.stringify(own))) return;
    const text = readLock(path);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined || isRunning(holder)) throw held(path, text);
    takeAway(path, text);
  }
  throw held(path, readLock(path) ?? "a holder that comes and goes");
}

/** Gives the lock back. */
export function unlockFile(path: string): void {
  const holder = parseHolder(readLock(path) ?? "");
  if (holder?.pid === process.pid && holder.host === hostname()) unlinkSync(path);
}

/** A link appears with its whole text at once, or fails where the name is taken. */
function create(path: string, text: string): boolean {
  serial++;
  const own = `${path}.${process.pid}.${serial}`;
  const file = openSync(own, "w");
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** Removes the lock of a dead process, unless another process has taken it meanwhile. */
function takeAway(path: string, text: string): void {
  serial++;
  const aside = `${path}.${process.pid}.${serial}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readLock(aside) !== text) {
    try {
      linkSync(aside, path);
    } catch {
      // A third one holds it now; the next attempt says so.
    }
  }
  unlinkSync(aside);
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const { host, boot, pid, started } = holder ?? {};
    if (typeof host !== "string" || typeof boot !== "string") return undefined;
    if (typeof pid !== "number" || typeof started !== "string") return undefined;
    return { host, boot, pid, started };
  } catch {
    return undefined;
  }
}

function isRunning(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  const now = holderOf(holder.pid);
  if (holder.boot !== now.boot) return false;
  if (holder.started !== "" && now.started !== "") return holder.started === now.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function holderOf(pid: number): Holder {
  const boot = readLock("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  const stat = readLock(`/proc/${pid}/stat`) ?? "";
  // The name in parentheses may hold anything; the start is the 20th field behind it.
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return { host: hostname(), boot, pid, started };
}

function held(path: string, text: string): ReturnType<typeof ioFault> {
  return ioFault(path, text, "a lock that no other process holds; remove the file only if none does");
}
