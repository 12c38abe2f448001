import { checkInteger, Fault, printValue } from "../base/index.ts";
import { decodeSnapshot, encodeSnapshot, type Snapshot } from "../journal/index.ts";
import { type Disk, localDisk, onDisk, readWhole, writeWhole } from "./journal-disk.ts";
import { JournalFolder, SNAPSHOT_PARTIAL_NAME, snapshotName } from "./journal-folder.ts";

/** A snapshot that could not be used, and why. */
export interface DamagedSnapshot {
  readonly path: string;
  readonly seq: number;
  readonly reason: string;
  /** What reading it threw. */
  readonly error: unknown;
}

/** The newest snapshot that is whole, and the newer ones that are not. */
export interface NewestSnapshot {
  /** Undefined where none is whole. */
  readonly snapshot: Snapshot | undefined;
  readonly damaged: readonly DamagedSnapshot[];
}

/**
 * The snapshots of a folder.
 *
 * @invariant A snapshot has its name only once all of it is on the disk; older ones go only after the new one was read
 * back and found whole.
 */
export class SnapshotFolder {
  readonly #folder: JournalFolder;
  readonly #kept: number;

  /** @param kept - how many to keep. */
  constructor(path: string, kept = 3, disk: Disk = localDisk) {
    this.#folder = new JournalFolder(path, disk);
    this.#kept = checkInteger("kept", kept, 2, 1000);
  }

  /** Writes a snapshot, reads it back, and removes those that are too old. */
  save(snapshot: Snapshot): void {
    const { disk, path } = this.#folder;
    const name = snapshotName(snapshot.seq);
    const bytes = encodeSnapshot(snapshot);
    onDisk(this.#folder.file(name), () => writeWhole(disk, path, SNAPSHOT_PARTIAL_NAME, name, bytes));
    this.#check(snapshot.seq, bytes);
    for (const seq of this.seqs().slice(this.#kept)) {
      onDisk(this.#folder.file(snapshotName(seq)), () => this.#folder.removeDurably(snapshotName(seq)));
    }
  }

  /** The sequence numbers of all snapshots, newest first. */
  seqs(): number[] {
    return this.#folder.snapshots();
  }

  /** Reads one snapshot. @throws `FAULT_IO`, `FAULT_JOURNAL_FORMAT`, `FAULT_JOURNAL_CORRUPT` */
  load(seq: number): Snapshot {
    const path = this.#folder.file(snapshotName(seq));
    return this.#read(
      onDisk(path, () => readWhole(this.#folder.disk, path)),
      seq,
    );
  }

  #read(bytes: Uint8Array, seq: number): Snapshot {
    const path = this.#folder.file(snapshotName(seq));
    const snapshot = decodeSnapshot(bytes, path);
    if (snapshot.seq === seq) return snapshot;
    const expected = `snapshot ${seq}, as its name says`;
    throw new Fault("FAULT_JOURNAL_FORMAT", { path, value: `snapshot ${snapshot.seq}`, expected });
  }

  /** The disk must have what was written; where it has not, {@link SnapshotFolder.load} says what is wrong with it. */
  #check(seq: number, written: Uint8Array): void {
    const path = this.#folder.file(snapshotName(seq));
    const found = onDisk(path, () => readWhole(this.#folder.disk, path));
    if (Buffer.compare(found, written) === 0) return;
    this.#read(found, seq);
    const expected = "the bytes that were written";
    throw new Fault("FAULT_JOURNAL_CORRUPT", { path, value: "those of another whole snapshot", expected });
  }

  /** The newest one that is whole. */
  newest(): NewestSnapshot {
    const damaged: DamagedSnapshot[] = [];
    for (const seq of this.seqs()) {
      try {
        return { snapshot: this.load(seq), damaged };
      } catch (error) {
        const reason = error instanceof Error ? error.message : printValue(error);
        damaged.push({ path: this.#folder.file(snapshotName(seq)), seq, reason, error });
      }
    }
    return { snapshot: undefined, damaged };
  }
}

/**
 * Reads a snapshot file and checks all of it; returns what it holds.
 *
 * @throws `FAULT_IO` where it cannot be read, `FAULT_JOURNAL_FORMAT` where it is none or of another version,
 * `FAULT_JOURNAL_CORRUPT` naming the byte where it is damaged
 */
export function verifySnapshot(path: string, disk: Disk = localDisk): Snapshot {
  return decodeSnapshot(
    onDisk(path, () => readWhole(disk, path)),
    path,
  );
}
