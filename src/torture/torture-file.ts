import type { DiskFile } from "../host/index.ts";
import { type DiskCore, FATE, failure } from "./disk-core.ts";
import type { DiskMedium } from "./disk-medium.ts";
import type { PagedFile } from "./paged-file.ts";

/** An open file of a `TortureDisk`. */
export class TortureFile implements DiskFile {
  readonly #core: DiskCore;
  readonly #medium: DiskMedium;
  readonly #file: PagedFile;
  readonly #isWritable: boolean;
  readonly #generation: number;
  #isOpen = true;

  constructor(core: DiskCore, medium: DiskMedium, file: PagedFile, isWritable: boolean) {
    this.#core = core;
    this.#medium = medium;
    this.#file = file;
    this.#isWritable = isWritable;
    this.#generation = core.generation;
    file.handles++;
  }

  size(): number {
    this.#usable("size");
    return this.#file.length;
  }

  read(into: Uint8Array, at: number): number {
    this.#usable("read");
    const core = this.#core;
    const { faults, counts } = core;
    if (counts.reads++ === faults.readFailsAt || core.happens(faults.readErrors)) {
      counts.readErrors++;
      throw failure("EIO", "read");
    }
    const count = this.#file.read(into, this.#part(into.length), at);
    counts.bytesRead += count;
    core.spend(core.latency.readNs + count * core.latency.byteNs);
    return count;
  }

  write(bytes: Uint8Array, at: number): number {
    this.#usable("write");
    const core = this.#core;
    const { faults, counts } = core;
    const file = this.#file;
    if (!this.#isWritable) throw failure("EBADF", "write");
    if (!(at >= 0)) throw failure("EINVAL", "write");
    if (counts.writes++ === faults.writeFailsAt || core.happens(faults.writeErrors)) {
      counts.writeErrors++;
      throw failure(faults.writeFailsWith, "write");
    }
    const count = this.#part(bytes.length);
    const grown = Math.max(0, at + count - file.length);
    if (core.usedBytes + grown > faults.capacityBytes && grown > 0) {
      counts.refusedFull++;
      throw failure("ENOSPC", "write");
    }
    const fate = core.begin("write");
    core.log?.push(`write ${count} at ${at}`);
    if (fate === FATE.whole || fate === FATE.after) this.#put(bytes, count, at);
    else if (fate === FATE.partly) this.#put(bytes, count >> 1, at);
    core.end(fate, "write");
    core.spend(core.latency.writeNs + count * core.latency.byteNs);
    return count;
  }

  truncate(bytes: number): void {
    this.#usable("cut");
    const core = this.#core;
    const file = this.#file;
    if (!this.#isWritable || !(bytes >= 0)) throw failure("EINVAL", "cut");
    const grown = bytes - file.length;
    if (grown > 0 && core.usedBytes + grown > core.faults.capacityBytes) throw failure("ENOSPC", "cut");
    const fate = core.begin("cut");
    core.log?.push(`cut ${bytes}`);
    if (fate === FATE.whole || fate === FATE.after) {
      file.cut(bytes);
      if (file.isLinked) core.usedBytes += grown;
    }
    core.end(fate, "cut");
    core.spend(core.latency.nameNs);
  }

  sync(): void {
    this.#usable("sync");
    const core = this.#core;
    const { faults, counts } = core;
    const file = this.#file;
    const ordinal = counts.syncs++;
    if (ordinal === faults.syncFailsAt || core.happens(faults.syncErrors)) {
      counts.syncErrors++;
      file.strand();
      throw failure("EIO", "sync");
    }
    const fate = core.begin("sync");
    core.log?.push("sync");
    if (fate === FATE.whole || fate === FATE.after) {
      if (ordinal === faults.syncLiesAt || core.happens(faults.syncLies)) {
        counts.syncLies++;
        file.strand();
      } else this.#medium.syncFile(file);
    }
    core.end(fate, "sync");
    core.spend(core.latency.syncNs);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#generation === this.#core.generation) this.#medium.closed(this.#file);
  }

  /** How many bytes of a transfer are taken. */
  #part(length: number): number {
    const core = this.#core;
    const { chunkBytes, shortTransfers } = core.faults;
    let count = length;
    if (count > chunkBytes) count = chunkBytes;
    if (count > 1 && core.happens(shortTransfers)) count = 1 + core.rng.below(count - 1);
    if (count < length) core.counts.shortTransfers++;
    return count;
  }

  #put(bytes: Uint8Array, count: number, at: number): void {
    const file = this.#file;
    const before = file.length;
    file.write(bytes, count, at);
    if (file.isLinked) this.#core.usedBytes += file.length - before;
    this.#core.counts.bytesWritten += count;
  }

  /** @throws `MachineLost` where the process that opened it is gone */
  #usable(what: string): void {
    this.#core.alive();
    if (this.#generation !== this.#core.generation) this.#core.dead();
    if (!this.#isOpen) throw failure("EBADF", what);
  }
}
