import { checkInteger, checkKeys } from "../base/index.ts";
import { type Disk, localDisk, onDisk, writeAll, writeZeros } from "./journal-disk.ts";
import { MEASURE_NAME } from "./journal-folder.ts";

/** How a disk is measured. */
export interface MeasureSyncOptions {
  /** How often; 100 unless given. */
  readonly samples?: number;
  /** Bytes of each write; 256 unless given. */
  readonly bytes?: number;
  readonly disk?: Disk;
  /** A monotonic clock; the system's unless given. @units ns */
  readonly clockNs?: () => bigint;
}

/** How long a write and its sync take. @units ns */
export interface SyncFigures {
  readonly samples: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/**
 * Measures how long a disk takes to make a small write durable: in a file of the folder that was filled with zeros
 * before, as a journal's is, and that is removed afterwards.
 *
 * @throws `FAULT_IO` where the folder cannot be written
 */
export function measureSync(folder: string, options: MeasureSyncOptions = {}): SyncFigures {
  checkKeys("options", options, ["samples", "bytes", "disk", "clockNs"]);
  const samples = checkInteger("options.samples", options.samples ?? 100, 1, 100_000);
  const size = checkInteger("options.bytes", options.bytes ?? 256, 1, 65_536);
  const disk = options.disk ?? localDisk;
  const clockNs = options.clockNs ?? (() => process.hrtime.bigint());
  const path = `${folder}/${MEASURE_NAME}`;
  return onDisk(path, () => {
    if (disk.list(folder)?.includes(MEASURE_NAME)) disk.remove(path);
    const file = disk.open(path, "create");
    try {
      writeZeros(file, 0, samples * size);
      file.sync();
      const bytes = new Uint8Array(size).fill(1);
      const times = new Float64Array(samples);
      for (let i = 0; i < samples; i++) {
        const start = clockNs();
        writeAll(file, bytes, i * size);
        file.sync();
        times[i] = Number(clockNs() - start);
      }
      times.sort();
      const at = (share: number): number =>
        times[Math.min(samples - 1, Math.floor(share * samples))] as number;
      return { samples, p50Ns: at(0.5), p99Ns: at(0.99), maxNs: at(1) };
    } finally {
      file.close();
      disk.remove(path);
    }
  });
}
