import {
  closeSync,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { Fault } from "../base/index.ts";
import { attempt } from "./file-bytes.ts";
import { lockFile, unlockFile } from "./journal-lock.ts";

/** An open file, read and written by position. Calls throw what the system throws, with its `code`. */
export interface DiskFile {
  size(): number;
  /** Reads into all of `into`, or less; returns how many bytes. */
  read(into: Uint8Array, at: number): number;
  /** Writes all of `bytes`, or less; returns how many. */
  write(bytes: Uint8Array, at: number): number;
  truncate(bytes: number): void;
  /** Waits until everything written is on the disk. */
  sync(): void;
  close(): void;
}

/**
 * The few things a journal asks of a disk; a simulated one can take its place.
 *
 * @invariant A created, renamed or removed name is only sure to stay so after `syncFolder`.
 */
export interface Disk {
  /** `create` fails where the name is taken. */
  open(path: string, mode: "read" | "write" | "create"): DiskFile;
  /** The names in a folder; undefined where there is no such folder. */
  list(folder: string): string[] | undefined;
  makeFolder(folder: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  syncFolder(folder: string): void;
  /** Bytes that can still be written. */
  freeBytes(folder: string): number;
  /** Takes a lock that no other running process holds. @throws `FAULT_IO` naming who holds it */
  lock(path: string): void;
  unlock(path: string): void;
  /** Takes everybody's right to write a file and waits until that is on the disk; a disk without rights has it not. */
  seal?(path: string): void;
}

/** The disk of this machine. */
export const localDisk: Disk = {
  open(path, mode) {
    return new LocalFile(openSync(path, { read: "r", write: "r+", create: "wx+" }[mode]));
  },
  list(folder) {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  makeFolder(folder) {
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    // Each new name stands in the folder above it.
    for (let each = resolve(folder); each.length >= first.length; each = dirname(each))
      syncFolder(dirname(each));
  },
  rename: renameSync,
  remove: unlinkSync,
  syncFolder,
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  lock: lockFile,
  unlock: unlockFile,
  seal(path) {
    const file = openSync(path, "r");
    try {
      fchmodSync(file, 0o444);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
};

function syncFolder(folder: string): void {
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

class LocalFile implements DiskFile {
  readonly #file: number;
  /** A size that changed is metadata, which fdatasync need not wait for. */
  #isCut = false;

  constructor(file: number) {
    this.#file = file;
  }

  size(): number {
    return fstatSync(this.#file).size;
  }

  read(into: Uint8Array, at: number): number {
    return readSync(this.#file, into, 0, into.length, at);
  }

  write(bytes: Uint8Array, at: number): number {
    return writeSync(this.#file, bytes, 0, bytes.length, at);
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#file, bytes);
    this.#isCut = true;
  }

  sync(): void {
    if (this.#isCut) fsyncSync(this.#file);
    else fdatasyncSync(this.#file);
    this.#isCut = false;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The system's code of an error, such as `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Runs a disk operation; faults pass, what the system throws becomes a `FAULT_IO` that names the path. */
export function onDisk<Value>(path: string, operation: () => Value): Value {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Fault) throw error;
    return attempt(path, () => {
      throw error;
    });
  }
}

/** Writes all bytes, however many calls that takes. */
export function writeAll(file: DiskFile, bytes: Uint8Array, at: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = file.write(done === 0 ? bytes : bytes.subarray(done), at + done);
    if (count <= 0) throw new Error(`the disk took ${count} bytes of ${bytes.length - done}`);
    done += count;
  }
}

/** Writes zeros, so that later writes change no size and need no new space. */
export function writeZeros(file: DiskFile, from: number, to: number): void {
  for (let at = from; at < to; at += ZEROS.length) {
    writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
}

const ZEROS = new Uint8Array(1024 * 1024);

/** Reads a whole file. */
export function readWhole(disk: Disk, path: string): Uint8Array<ArrayBuffer> {
  const file = disk.open(path, "read");
  try {
    const bytes = new Uint8Array(file.size());
    let done = 0;
    while (done < bytes.length) {
      const count = file.read(bytes.subarray(done), done);
      if (count === 0) throw new Error(`the file ends ${bytes.length - done} bytes early`);
      done += count;
    }
    return bytes;
  } finally {
    file.close();
  }
}

/**
 * Writes a whole file so that its name never stands for a part of it: to `partial`, synced, renamed, folder synced.
 */
export function writeWhole(
  disk: Disk,
  folder: string,
  partial: string,
  name: string,
  bytes: Uint8Array,
): void {
  const path = `${folder}/${partial}`;
  if (disk.list(folder)?.includes(partial)) disk.remove(path);
  const file = disk.open(path, "create");
  try {
    writeAll(file, bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(path, `${folder}/${name}`);
  disk.syncFolder(folder);
}
