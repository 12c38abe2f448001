import { checkBoolean, checkChoice, checkInteger, checkKeys, checkNumber, checkText } from "../base/index.ts";

/** What of the operation the machine dies in still happens; of a write, `partly` is its first half. */
export type CrashMode = "before" | "partly" | "after";

/** How much of what was not synced survives a loss of power: none of it, all of it, or any part by the seed. */
export type Survival = "none" | "all" | "any";

/**
 * The faults of a `TortureDisk`, to be changed at any time: a name that is not one of these cannot be set.
 *
 * An ordinal counts the operations of that kind from the disk's beginning, from 0; -1 is never. A rate is the
 * probability of each operation, by the disk's seed.
 */
export interface DiskFaults {
  /** The ordinal of the changing operation that is the last one: the machine is lost in it. */
  crashAt: number;
  crashMode: CrashMode;
  /** The ordinal of the write that fails with `writeFailsWith`. */
  writeFailsAt: number;
  /** The system's code of failing writes. */
  writeFailsWith: string;
  /** The ordinal of the sync of a file that fails with `EIO`; what it should have written is clean, and lost. */
  syncFailsAt: number;
  /** The ordinal of the sync of a file that is a lie: it returns, and nothing is durable then or later. */
  syncLiesAt: number;
  /** The ordinal of the read that fails with `EIO`. */
  readFailsAt: number;
  /** Rate of reads that fail with `EIO`. */
  readErrors: number;
  /** Rate of writes that fail with `writeFailsWith`. */
  writeErrors: number;
  /** Rate of syncs that fail as `syncFailsAt` does. */
  syncErrors: number;
  /** Rate of syncs that are lies. */
  syncLies: number;
  /** Rate of syncs in which one page is written over another page of this or another file. */
  misdirectedWrites: number;
  /** Rate of syncs after which one bit of some file has flipped on the medium. */
  bitFlips: number;
  /** Rate of reads and writes that take a part only. */
  shortTransfers: number;
  /** Reads and writes take so many bytes at most. */
  chunkBytes: number;
  /** Bytes all files may take together. */
  capacityBytes: number;
  /** Every change fails with `EROFS`. */
  isReadOnly: boolean;
  /** Locks outlive their process, as on a disk that several machines share. */
  locksSurvive: boolean;
  /** Every operation takes so many times as long. */
  slowness: number;
  /** Rate of operations that take `stallNs` longer. */
  stalls: number;
  stallNs: number;
}

/** How long operations take when nothing is wrong. @units ns */
export interface DiskLatency {
  readonly readNs: number;
  readonly writeNs: number;
  readonly syncNs: number;
  /** A change or a sync of a folder, an open. */
  readonly nameNs: number;
  readonly byteNs: number;
}

/** A disk with a write cache that survives: assumed, not measured. */
export const DISK_LATENCY: DiskLatency = {
  readNs: 2_000,
  writeNs: 1_500,
  syncNs: 40_000,
  nameNs: 15_000,
  byteNs: 0.5,
};

/** How often each operation and each fault has happened. */
export interface DiskCounts {
  reads: number;
  writes: number;
  syncs: number;
  folderSyncs: number;
  bytesRead: number;
  bytesWritten: number;
  crashes: number;
  powerLosses: number;
  processLosses: number;
  readErrors: number;
  writeErrors: number;
  syncErrors: number;
  syncLies: number;
  misdirectedWrites: number;
  bitFlips: number;
  shortTransfers: number;
  refusedFull: number;
  refusedReadOnly: number;
  truncations: number;
  entriesLost: number;
  staleLocks: number;
  stalls: number;
  /** Operations that were slower than usual. */
  slowOperations: number;
  /** Pieces of writes, cuts and names that were not durable when power went and did not survive. */
  changesLost: number;
}

/** No faults. */
export function noDiskFaults(): DiskFaults {
  return {
    crashAt: -1,
    crashMode: "before",
    writeFailsAt: -1,
    writeFailsWith: "EIO",
    syncFailsAt: -1,
    syncLiesAt: -1,
    readFailsAt: -1,
    readErrors: 0,
    writeErrors: 0,
    syncErrors: 0,
    syncLies: 0,
    misdirectedWrites: 0,
    bitFlips: 0,
    shortTransfers: 0,
    chunkBytes: Number.MAX_SAFE_INTEGER,
    capacityBytes: Number.MAX_SAFE_INTEGER,
    isReadOnly: false,
    locksSurvive: false,
    slowness: 1,
    stalls: 0,
    stallNs: 0,
  };
}

/** All counts at 0. */
export function noDiskCounts(): DiskCounts {
  return {
    reads: 0,
    writes: 0,
    syncs: 0,
    folderSyncs: 0,
    bytesRead: 0,
    bytesWritten: 0,
    crashes: 0,
    powerLosses: 0,
    processLosses: 0,
    readErrors: 0,
    writeErrors: 0,
    syncErrors: 0,
    syncLies: 0,
    misdirectedWrites: 0,
    bitFlips: 0,
    shortTransfers: 0,
    refusedFull: 0,
    refusedReadOnly: 0,
    truncations: 0,
    entriesLost: 0,
    staleLocks: 0,
    stalls: 0,
    slowOperations: 0,
    changesLost: 0,
  };
}

const ORDINALS = ["crashAt", "writeFailsAt", "syncFailsAt", "syncLiesAt", "readFailsAt"] as const;
const RATES = [
  "readErrors",
  "writeErrors",
  "syncErrors",
  "syncLies",
  "misdirectedWrites",
  "bitFlips",
  "shortTransfers",
  "stalls",
] as const;

/** Fills in what is not given. @throws `FAULT_CONFIG` naming the field */
export function diskFaults(path: string, given: Partial<DiskFaults>): DiskFaults {
  const none = noDiskFaults();
  checkKeys(path, given, Object.keys(none));
  const faults: DiskFaults = { ...none, ...given };
  for (const name of ORDINALS) checkInteger(`${path}.${name}`, faults[name], -1);
  for (const name of RATES) checkNumber(`${path}.${name}`, faults[name], 0, 1);
  checkChoice(`${path}.crashMode`, faults.crashMode, ["before", "partly", "after"]);
  checkText(`${path}.writeFailsWith`, faults.writeFailsWith);
  checkInteger(`${path}.chunkBytes`, faults.chunkBytes, 1);
  checkInteger(`${path}.capacityBytes`, faults.capacityBytes, 0);
  checkBoolean(`${path}.isReadOnly`, faults.isReadOnly);
  checkBoolean(`${path}.locksSurvive`, faults.locksSurvive);
  checkNumber(`${path}.slowness`, faults.slowness, 1);
  checkNumber(`${path}.stallNs`, faults.stallNs, 0);
  return Object.seal(faults);
}

/** Fills in what is not given. @throws `FAULT_CONFIG` naming the field */
export function diskLatency(path: string, given: Partial<DiskLatency>): DiskLatency {
  const names = Object.keys(DISK_LATENCY) as (keyof DiskLatency)[];
  checkKeys(path, given, names);
  const latency = { ...DISK_LATENCY, ...given };
  for (const name of names) checkNumber(`${path}.${name}`, latency[name], 0);
  return latency;
}
