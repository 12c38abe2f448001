import { Fault } from "../base/index.ts";
import type { Disk, DiskFile } from "../host/index.ts";

/** A disk that keeps names and sizes, and no bytes: for a journal that nobody will ever read. */
export function voidDisk(): Disk {
  const files = new Map<string, VoidFile>();
  const folders = new Set<string>();
  return {
    open: (path, mode) => {
      const known = files.get(path);
      if (known !== undefined) return known;
      if (mode !== "create")
        throw new Fault("FAULT_IO", { path, value: mode, expected: "a file that is there" });
      const made = new VoidFile();
      files.set(path, made);
      return made;
    },
    list: (folder) => {
      if (!folders.has(folder)) return undefined;
      const begin = `${folder}/`;
      return [...files.keys()]
        .filter((path) => path.startsWith(begin))
        .map((path) => path.slice(begin.length));
    },
    makeFolder: (folder) => void folders.add(folder),
    rename: (from, to) => {
      files.set(to, files.get(from) ?? new VoidFile());
      files.delete(from);
    },
    remove: (path) => void files.delete(path),
    syncFolder: () => {},
    freeBytes: () => Number.MAX_SAFE_INTEGER,
    lock: () => {},
    unlock: () => {},
  };
}

class VoidFile implements DiskFile {
  #size = 0;

  size(): number {
    return this.#size;
  }

  read(): number {
    return 0;
  }

  write(bytes: Uint8Array, at: number): number {
    this.#size = Math.max(this.#size, at + bytes.length);
    return bytes.length;
  }

  truncate(bytes: number): void {
    this.#size = bytes;
  }

  sync(): void {}

  close(): void {}
}
