import { checkBoolean, checkInteger, checkKeys, checkText, Fault, Prng } from "../base/index.ts";
import type { Disk, DiskFile } from "../host/index.ts";
import { DiskCore, FATE, failure } from "./disk-core.ts";
import {
  type DiskCounts,
  type DiskFaults,
  type DiskLatency,
  diskFaults,
  diskLatency,
  type Survival,
} from "./disk-faults.ts";
import { DiskMedium, type FlippedBit } from "./disk-medium.ts";
import { folderOf } from "./disk-names.ts";
import { PagePool } from "./disk-pages.ts";
import type { PagedFile } from "./paged-file.ts";
import { TortureFile } from "./torture-file.ts";

/** Options of a {@link TortureDisk}. */
export interface TortureDiskOptions {
  /** Of the faults that come by a rate; 0 unless given. */
  readonly seed?: number;
  /** None unless given; they can be changed later. */
  readonly faults?: Partial<DiskFaults>;
  /** Parts of `DISK_LATENCY` to replace. */
  readonly latency?: Partial<DiskLatency>;
  /** Whether to keep a line for each changing operation; false unless given. */
  readonly isLogged?: boolean;
}

/**
 * A disk in memory that forgets what was not synced and breaks in every way a disk breaks, by a seed.
 *
 * `crash` points, errors, lies and full disks are set in {@link TortureDisk.faults}; damage to what lies there is done
 * by a method. After a loss of power or of the process the disk can be used again: in place (`losePower`,
 * `loseProcess`) or as another disk (`afterPowerLoss`, `afterProcessLoss`), so that one crash can end in many ways.
 *
 * @invariant Without faults, what was synced under a synced name survives everything; the same seed and the same calls
 * give the same bytes.
 * @cost A write of 200 bytes with its sync is one copy of a page of 4,096 bytes and allocates nothing that stays.
 * @source Pillai et al., All File Systems Are Not Created Equal, OSDI 2014; Rebello et al., Can Applications Recover
 * from fsync Failures, ATC 2020
 * @example
 * ```ts
 * import { TortureDisk } from "tickwright/torture";
 * const disk = new TortureDisk({ seed: 1 });
 * disk.makeFolder("/f");
 * const file = disk.open("/f/a", "create");
 * disk.syncFolder("/f");
 * file.write(Uint8Array.of(1, 2, 3), 0); // => 3
 * disk.afterProcessLoss().bytes("/f/a").length; // => 3
 * disk.afterPowerLoss(1, "none").bytes("/f/a").length; // => 0
 * ```
 */
export class TortureDisk implements Disk {
  readonly #options: TortureDiskOptions;
  readonly #core: DiskCore;
  #medium: DiskMedium;
  readonly #locks = new Set<string>();

  /** @throws `FAULT_CONFIG` on an unknown or wrong option, naming it */
  constructor(options: TortureDiskOptions = {}) {
    checkKeys("options", options, ["seed", "faults", "latency", "isLogged"]);
    const seed = checkInteger("options.seed", options.seed ?? 0);
    const faults = diskFaults("options.faults", options.faults ?? {});
    const latency = diskLatency("options.latency", options.latency ?? {});
    const isLogged = checkBoolean("options.isLogged", options.isLogged ?? false);
    this.#options = options;
    this.#core = new DiskCore(seed, faults, latency, new PagePool(), isLogged ? [] : undefined);
    this.#medium = new DiskMedium(this.#core);
  }

  /** What goes wrong from now on. */
  get faults(): DiskFaults {
    return this.#core.faults;
  }

  /** How often everything has happened so far. */
  get counts(): Readonly<DiskCounts> {
    return this.#core.counts;
  }

  /** Operations that changed something, or would have: what `crashAt` counts. */
  get operations(): number {
    return this.#core.operations;
  }

  /** What each changing operation was; empty unless `isLogged`. */
  get log(): readonly string[] {
    return this.#core.log ?? [];
  }

  /** Whether the machine was lost in an operation and has not come back. */
  get isLost(): boolean {
    return this.#core.isLost;
  }

  /** The virtual time that all operations so far took together; the caller takes differences. @units ns */
  costNs(): number {
    return Math.round(this.#core.costNs);
  }

  open(path: string, mode: "read" | "write" | "create"): DiskFile {
    const core = this.#core;
    core.alive();
    const known = this.#medium.names.find(path);
    if (mode !== "create") {
      if (known === undefined) throw failure("ENOENT", path);
      core.spend(core.latency.nameNs);
      if (mode === "write" && core.faults.isReadOnly) throw this.#readOnly(path);
      return new TortureFile(core, this.#medium, known, mode === "write");
    }
    if (known !== undefined) throw failure("EEXIST", path);
    if (!this.#isFolder(folderOf(path))) throw failure("ENOENT", path);
    let file: PagedFile | undefined;
    this.#change("create", path, () => {
      file = this.#medium.create(path);
    });
    return new TortureFile(core, this.#medium, file as PagedFile, true);
  }

  list(folder: string): string[] | undefined {
    this.#core.alive();
    return this.#isFolder(folder) ? this.#medium.names.list(folder) : undefined;
  }

  makeFolder(folder: string): void {
    this.#core.alive();
    checkText("folder", folder);
    if (this.#isFolder(folder)) return;
    this.#change("makeFolder", folder, () => this.#medium.names.makeFolder(folder));
  }

  rename(from: string, to: string): void {
    this.#core.alive();
    const { names } = this.#medium;
    if (names.find(from) === undefined) throw failure("ENOENT", from);
    if (!this.#isFolder(folderOf(to))) throw failure("ENOENT", to);
    this.#change("rename", `${from} ${to}`, () => {
      this.#core.usedBytes -= names.rename(from, to)?.length ?? 0;
    });
  }

  remove(path: string): void {
    this.#core.alive();
    const file = this.#medium.names.find(path);
    if (file === undefined) throw failure("ENOENT", path);
    this.#change("remove", path, () => {
      this.#core.usedBytes -= file.length;
      this.#medium.names.unlink(path);
    });
  }

  syncFolder(folder: string): void {
    this.#core.alive();
    this.#core.counts.folderSyncs++;
    this.#change("syncFolder", folder, () => this.#medium.syncFolder(folder));
    this.#core.spend(this.#core.latency.syncNs);
  }

  freeBytes(_folder: string): number {
    this.#core.alive();
    return Math.max(0, this.#core.faults.capacityBytes - this.#core.usedBytes);
  }

  lock(path: string): void {
    this.#core.alive();
    if (this.#core.faults.isReadOnly) throw this.#readOnly(path);
    if (!this.#locks.has(path)) {
      this.#locks.add(path);
      return;
    }
    const expected = "a lock that no other process holds";
    throw new Fault("FAULT_IO", { path, value: "a lock that is held", expected });
  }

  unlock(path: string): void {
    this.#core.alive();
    this.#locks.delete(path);
  }

  /** Takes a lock in another process's name; `breakLock` gives it back. */
  holdLock(path: string): void {
    this.#locks.add(path);
    this.#core.counts.staleLocks++;
  }

  /** Removes a lock, whoever holds it: what an operator does. */
  breakLock(path: string): void {
    this.#locks.delete(path);
  }

  /** This disk after the loss of power; handles opened before are dead, `crashAt` is off, other faults stay. */
  losePower(seed: number, survival: Survival = "any"): void {
    this.#medium.losePower(new Prng(seed), survival);
    this.#core.counts.powerLosses++;
    this.#restart();
  }

  /** This disk after the process alone ended: everything that was written is there; handles are dead. */
  loseProcess(): void {
    this.#medium.names.loseProcess();
    this.#core.counts.processLosses++;
    this.#restart();
  }

  /**
   * Another disk, without faults: this one after the loss of power. Of what was not synced a part survives, by the
   * seed.
   */
  afterPowerLoss(seed: number, survival: Survival = "any"): TortureDisk {
    const disk = this.#copy();
    disk.losePower(seed, survival);
    return this.#lockedAsHere(disk);
  }

  /** Another disk, without faults: this one after the process alone ended. */
  afterProcessLoss(): TortureDisk {
    const disk = this.#copy();
    disk.loseProcess();
    return this.#lockedAsHere(disk);
  }

  /**
   * Flips a bit of the medium; path, byte and bit are drawn by the disk's seed where not given. A page that is in the
   * cache and not dirty is read again from the medium. Returns what was flipped; undefined where there is no such byte.
   */
  flipBit(path?: string, byte?: number, bit?: number): FlippedBit | undefined {
    return this.#medium.flip(this.#core.rng, path, byte, bit);
  }

  /** Overwrites bytes of the medium from `at` on, as far as the file goes. */
  damage(path: string, bytes: Uint8Array, at: number): void {
    const before = this.#file(path).durableBytes();
    for (let i = 0; i < bytes.length && at + i < before.length; i++) {
      const changed = (before[at + i] as number) ^ (bytes[i] as number);
      for (let bit = 0; bit < 8; bit++) if ((changed & (1 << bit)) !== 0) this.#file(path).flip(at + i, bit);
    }
  }

  /** Cuts a file on the medium, as a damaged file system does. */
  truncateFile(path: string, bytes: number): void {
    const file = this.#file(path);
    checkInteger("bytes", bytes, 0, file.length);
    this.#core.usedBytes -= file.length - bytes;
    file.cut(bytes);
    file.sync();
    this.#core.counts.truncations++;
  }

  /** Takes a name out of its folder for good. */
  loseEntry(path: string): void {
    this.#core.usedBytes -= this.#file(path).length;
    this.#medium.names.lose(path);
    this.#core.counts.entriesLost++;
  }

  /** The page cache forgets what is not dirty: what is wrong on the medium can be seen. */
  dropCache(): void {
    for (const file of this.#medium.names.files()) file.dropCache();
  }

  /** A copy of the bytes of a file, as a reader sees them. */
  bytes(path: string): Uint8Array<ArrayBuffer> {
    return this.#file(path).bytes();
  }

  /** A copy of the bytes of a file, as the medium has them. */
  durableBytes(path: string): Uint8Array<ArrayBuffer> {
    return this.#file(path).durableBytes();
  }

  /** Puts a file there, durable, also on a disk that is lost; counts as no operation. */
  put(folder: string, name: string, bytes: Uint8Array): void {
    this.#medium.names.makeFolder(checkText("folder", folder));
    this.#medium.put(`${folder}/${checkText("name", name)}`, bytes);
  }

  /** The paths of all files, in the order they came. */
  paths(): string[] {
    return Array.from(this.#medium.names.entries(), ([path]) => path);
  }

  #file(path: string): PagedFile {
    const file = this.#medium.names.find(path);
    if (file === undefined) throw failure("ENOENT", path);
    return file;
  }

  #isFolder(folder: string): boolean {
    return folder === "" || this.#medium.names.folders.has(folder);
  }

  #readOnly(path: string): Error {
    this.#core.counts.refusedReadOnly++;
    return failure("EROFS", path);
  }

  /** Changes names; half of such a change is none. */
  #change(what: string, names: string, work: () => void): void {
    const core = this.#core;
    const fate = core.begin(what);
    core.log?.push(`${what} ${names}`);
    if (fate === FATE.whole || fate === FATE.after) work();
    core.end(fate, `${what} ${names}`);
    core.spend(core.latency.nameNs);
  }

  #restart(): void {
    this.#core.generation++;
    this.#core.isLost = false;
    this.#core.faults.crashAt = -1;
    if (!this.#core.faults.locksSurvive) this.#locks.clear();
    else this.#core.counts.staleLocks += this.#locks.size;
  }

  #copy(): TortureDisk {
    const { faults: _, ...options } = this.#options;
    const disk = new TortureDisk(options);
    disk.#medium = new DiskMedium(disk.#core, this.#medium.names.copy());
    disk.#core.usedBytes = this.#core.usedBytes;
    return disk;
  }

  #lockedAsHere(disk: TortureDisk): TortureDisk {
    if (this.#core.faults.locksSurvive) for (const lock of this.#locks) disk.#locks.add(lock);
    return disk;
  }
}
