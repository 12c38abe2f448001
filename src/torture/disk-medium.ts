import type { Prng } from "../base/index.ts";
import type { DiskCore } from "./disk-core.ts";
import type { Survival } from "./disk-faults.ts";
import { DiskNames } from "./disk-names.ts";
import { PAGE_BYTES } from "./disk-pages.ts";
import { PagedFile } from "./paged-file.ts";

/** A bit of the medium that has flipped. */
export interface FlippedBit {
  readonly path: string;
  readonly byte: number;
  readonly bit: number;
}

/** The names and the files of a disk, and what can go wrong with them on the medium. */
export class DiskMedium {
  readonly names: DiskNames;
  readonly #core: DiskCore;

  constructor(core: DiskCore, names = new DiskNames()) {
    this.#core = core;
    this.names = names;
  }

  /** A file without content. */
  create(path: string): PagedFile {
    const file = new PagedFile(this.#core.pool);
    this.names.link(path, file);
    return file;
  }

  /** Puts a file there, durable; one that has the name is replaced. */
  put(path: string, bytes: Uint8Array): void {
    const old = this.names.find(path);
    if (old !== undefined) {
      this.#core.usedBytes -= old.length;
      this.names.lose(path);
    }
    const file = new PagedFile(this.#core.pool);
    file.write(bytes, bytes.length, 0);
    file.sync();
    this.names.put(path, file);
    this.#core.usedBytes += bytes.length;
  }

  /** Writes the dirty pages of a file to the medium, or elsewhere. */
  syncFile(file: PagedFile): void {
    const core = this.#core;
    const { misdirectedWrites, bitFlips } = core.faults;
    if (misdirectedWrites > 0 && file.dirtyPages > 0 && core.happens(misdirectedWrites)) {
      this.#misdirect(file);
    }
    file.sync();
    if (bitFlips > 0 && core.happens(bitFlips)) this.flip(core.rng, undefined, undefined, undefined);
  }

  /** Flips a bit of the medium; what is not given is drawn. Undefined where there is no byte. */
  flip(
    rng: Prng,
    path: string | undefined,
    byte: number | undefined,
    bit: number | undefined,
  ): FlippedBit | undefined {
    const found = path === undefined ? this.#pick(rng) : this.#entry(path);
    if (found === undefined || found.file.durableLength === 0) return undefined;
    const at = byte ?? below(rng, found.file.durableLength);
    if (at >= found.file.durableLength) return undefined;
    const which = bit ?? rng.below(8);
    found.file.flip(at, which);
    this.#core.counts.bitFlips++;
    return { path: found.path, byte: at, bit: which };
  }

  /** Makes the names of a folder durable. */
  syncFolder(folder: string): void {
    for (const file of this.names.sync(folder)) file.release();
  }

  /** A handle of a file was closed. */
  closed(file: PagedFile): void {
    file.handles--;
    if (this.names.isLost(file)) file.release();
  }

  /** What a loss of power leaves. */
  losePower(rng: Prng, survival: Survival): void {
    const core = this.#core;
    const coin = (): boolean => {
      const survives = rng.float() < 0.5;
      if (!survives) core.counts.changesLost++;
      return survives;
    };
    const before = this.names.files();
    this.names.losePower(survival, coin);
    const left = this.names.files();
    for (const file of left) file.losePower(survival, coin);
    for (const file of before) if (!left.has(file)) file.release();
    this.recount();
  }

  /** Counts the bytes of all names again. */
  recount(): void {
    let bytes = 0;
    for (const [, file] of this.names.entries()) bytes += file.length;
    this.#core.usedBytes = bytes;
  }

  #misdirect(file: PagedFile): void {
    const { rng, counts } = this.#core;
    const target = this.#pick(rng);
    if (target === undefined) return;
    const pages = Math.ceil(target.file.durableLength / PAGE_BYTES);
    const bytes = file.divert(rng.below(file.dirtyPages));
    target.file.overwriteDurable(rng.below(pages), bytes);
    this.#core.pool.give(bytes);
    counts.misdirectedWrites++;
  }

  /** A file of the medium, the more likely the longer it is. */
  #pick(rng: Prng): { readonly path: string; readonly file: PagedFile } | undefined {
    let total = 0;
    for (const [, file] of this.names.entries()) total += file.durableLength;
    if (total === 0) return undefined;
    let at = below(rng, total);
    for (const [path, file] of this.names.entries()) {
      if (at < file.durableLength) return { path, file };
      at -= file.durableLength;
    }
    return undefined;
  }

  #entry(path: string): { readonly path: string; readonly file: PagedFile } | undefined {
    const file = this.names.find(path);
    return file === undefined ? undefined : { path, file };
  }
}

function below(rng: Prng, bound: number): number {
  return Math.min(bound - 1, Math.floor(rng.float() * bound));
}
