import { checkText, Fault } from "../base/index.ts";
import { RecordEncoder, type RecordVisitor, type Snapshot } from "../journal/index.ts";
import type { DurabilityPolicy, Journal } from "../port/index.ts";
import { onDisk } from "./journal-disk.ts";
import { JournalFolder, LOCK_NAME } from "./journal-folder.ts";
import { measureSync } from "./journal-measure.ts";
import { type JournalOptions, type JournalSettings, journalSettings } from "./journal-options.ts";
import { ReplicaSet } from "./journal-quorum.ts";
import { type JournalEnd, type JournalRecovery, recoverJournal } from "./journal-recovery.ts";
import { SegmentChain } from "./journal-segments.ts";
import { SnapshotFolder } from "./journal-snapshots.ts";
import { packOldest, type Retired, readRecords, retireSegments } from "./journal-upkeep.ts";

/** So many records at most may wait for a sync: their place in the batch has to fit its field. */
const UNSYNCED_MAX = 65_536;

/** An opened journal, and what opening it found. */
export interface OpenedJournal {
  readonly journal: FileJournal;
  readonly recovery: JournalRecovery;
}

/**
 * Opens the journal of a folder for writing: takes the lock, reads and checks all segments, cuts off a torn tail (and
 * says so in `recovery`), and begins a new segment under a higher epoch.
 *
 * @throws `FAULT_CONFIG` on a wrong option, or a disk too slow for `syncBudgetNs`; `FAULT_IO` where the folder cannot
 * be written, another process holds it, or no journal is there and `create` was not given; `FAULT_JOURNAL_FORMAT`
 * where the folder or a segment is somebody else's; `FAULT_JOURNAL_CORRUPT` where what had been durable is damaged or
 * missing; `FAULT_DISK_FULL`. A journal that is refused stays as it was.
 */
export function openJournal(path: string, options: JournalOptions): OpenedJournal {
  const settings = journalSettings(options);
  const folder = new JournalFolder(checkText("path", path), settings.disk);
  const { disk } = settings;
  if (onDisk(path, () => disk.list(path)) === undefined && settings.create) {
    onDisk(path, () => disk.makeFolder(path));
  }
  const isThere = onDisk(path, () => folder.isJournal());
  if (!isThere && !settings.create) {
    throw new Fault("FAULT_IO", { path, value: "no journal", expected: "a journal, or create: true" });
  }
  onDisk(folder.file(LOCK_NAME), () => disk.lock(folder.file(LOCK_NAME)));
  try {
    if (settings.policy === "sync") checkBudget(path, settings);
    const end = recoverJournal(folder, settings);
    onDisk(path, () => folder.tidy());
    const journal = onDisk(path, () => new FileJournal(folder, settings, end));
    return { journal, recovery: end.recovery };
  } catch (error) {
    unlockQuietly(folder);
    throw error;
  }
}

/** Gives the lock back after a fault, which is what has to be told. */
function unlockQuietly(folder: JournalFolder): void {
  try {
    folder.disk.unlock(folder.file(LOCK_NAME));
  } catch {
    // A lock of a process that ends is taken over.
  }
}

function checkBudget(path: string, settings: JournalSettings): void {
  const { syncBudgetNs, disk } = settings;
  if (syncBudgetNs === undefined) return;
  const { p99Ns } = measureSync(path, { disk });
  if (p99Ns <= syncBudgetNs) return;
  const value = `sync, on a disk whose 99th percentile is ${p99Ns} ns`;
  throw new Fault("FAULT_CONFIG", {
    path: "options.policy",
    value,
    expected: `at most ${syncBudgetNs} ns (syncBudgetNs), or another policy`,
  });
}

/**
 * A journal in a folder: one file a segment, one writer. {@link openJournal} makes it.
 *
 * @invariant A record that `durableSeq` has reached is found again, in its place and unchanged; a record that was not
 * appended is never found.
 * @invariant After a failed write or sync every call but `close` is `FAULT_IO`: what the disk has is not known then, and
 * a later sync that succeeds would prove nothing.
 */
export class FileJournal implements Journal {
  readonly #settings: JournalSettings;
  readonly #folder: JournalFolder;
  readonly #encoder: RecordEncoder;
  readonly #segments: SegmentChain;
  readonly #replicas: ReplicaSet;
  readonly #snapshots: SnapshotFolder;
  readonly epoch: number;
  #lastSeq: number;
  #writtenSeq: number;
  #syncedSeq: number;
  #durableSeq: number;
  #failure: Fault | undefined;
  #isClosed = false;

  /** @internal */
  constructor(folder: JournalFolder, settings: JournalSettings, end: JournalEnd) {
    const { lastSeq } = end.recovery;
    this.#settings = settings;
    this.#folder = folder;
    this.epoch = Math.max(end.epoch + 1, settings.epochMin);
    this.#encoder = new RecordEncoder({
      bufferBytes: settings.bufferBytes,
      nextSeq: lastSeq + 1,
      epoch: this.epoch,
      baseNs: settings.baseNs,
    });
    this.#lastSeq = lastSeq;
    this.#writtenSeq = lastSeq;
    this.#syncedSeq = lastSeq;
    this.#durableSeq = lastSeq;
    this.#replicas = new ReplicaSet(settings.replicas, settings.quorum);
    this.#snapshots = new SnapshotFolder(folder.path, settings.snapshotsKept, folder.disk);
    this.#segments = new SegmentChain(folder, settings, { epoch: this.epoch, lastSeq, hash: end.hash });
  }

  get policy(): DurabilityPolicy {
    return this.#settings.policy;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** The highest record that a sync of this machine's disk has covered, whatever the policy. */
  get syncedSeq(): number {
    return this.#syncedSeq;
  }

  /** Whether only closing records are taken. */
  get isDiskFull(): boolean {
    return this.#segments.full !== undefined;
  }

  /** The longest payload of a record: what its buffer holds. @units bytes */
  get payloadBytesMax(): number {
    return this.#encoder.payloadBytesMax;
  }

  append(type: number, payload: Uint8Array, tsNs: number): number {
    const full = this.#segments.full;
    if (full !== undefined) {
      this.#live();
      const { path, value, expected, cause } = full;
      throw new Fault("FAULT_DISK_FULL", { path: path ?? "", value, expected: expected ?? "", cause });
    }
    return this.appendClosing(type, payload, tsNs);
  }

  appendClosing(type: number, payload: Uint8Array, tsNs: number): number {
    this.#live();
    const encoder = this.#encoder;
    if (!encoder.fits(payload.length)) this.#write();
    if (this.#lastSeq - this.#syncedSeq >= UNSYNCED_MAX) this.sync();
    const place = this.#lastSeq - this.#syncedSeq;
    this.#lastSeq = encoder.append(type, payload, tsNs, place);
    return this.#lastSeq;
  }

  commit(): number {
    this.#live();
    const { policy } = this.#settings;
    if (policy === "sync") this.sync();
    else this.#write();
    if (policy === "replicated" && this.#durableSeq < this.#lastSeq) {
      try {
        this.#replicas.await(this.#lastSeq);
      } catch (error) {
        throw this.#fail(error);
      }
    }
    this.#durableSeq = this.#lastSeq;
    return this.#durableSeq;
  }

  /** Writes everything and waits for the disk, whatever the policy: `replicated` and `async` call it when idle. */
  sync(): void {
    this.#live();
    this.#write();
    if (this.#syncedSeq === this.#writtenSeq) return;
    this.#do(() => this.#segments.sync());
    this.#syncedSeq = this.#writtenSeq;
    if (this.policy === "sync") this.#durableSeq = this.#syncedSeq;
  }

  close(): void {
    if (this.#isClosed) return;
    const lock = this.#folder.file(LOCK_NAME);
    try {
      if (this.#failure === undefined) {
        this.commit();
        this.#do(() => this.#segments.seal());
        this.#syncedSeq = this.#writtenSeq;
      }
    } finally {
      this.#isClosed = true;
      this.#segments.abandon();
      onDisk(lock, () => this.#folder.disk.unlock(lock));
    }
  }

  /** Makes the next segment's file ahead of time, so that no commit has to wait for it: call it when idle. */
  prepareNext(): void {
    this.#live();
    this.#do(() => this.#segments.prepare());
  }

  /** Packs the oldest segment that is sealed and not packed; returns the bytes saved, 0 where there is none. */
  packNext(): number {
    this.#live();
    const saved = onDisk(this.#folder.path, () =>
      packOldest(this.#folder, this.#segments.baseSeq, this.#settings.codec),
    );
    this.#segments.forget(saved);
    return saved;
  }

  /**
   * Saves a snapshot of the state after one of the records, once the disk has that record.
   *
   * @throws `FAULT_INPUT` where the snapshot knows a record that was not appended
   */
  saveSnapshot(snapshot: Snapshot): void {
    this.sync();
    if (!(snapshot.seq <= this.#syncedSeq)) {
      const expected = `at most ${this.#syncedSeq}, the last record`;
      throw new Fault("FAULT_INPUT", { path: "snapshot.seq", value: snapshot.seq, expected });
    }
    this.#snapshots.save(snapshot);
  }

  /** The sequence numbers of the snapshots that are kept, newest first. */
  snapshotSeqs(): number[] {
    return this.#snapshots.seqs();
  }

  /** Reads one snapshot. @throws as `SnapshotFolder.load` */
  loadSnapshot(seq: number): Snapshot {
    return this.#snapshots.load(seq);
  }

  /**
   * Removes sealed segments whose records are all at or before `uptoSeq` and in every snapshot that is kept: also the
   * oldest snapshot can still be replayed to the end. With fewer than two snapshots nothing is removed.
   */
  retire(uptoSeq: number): Retired {
    this.#live();
    const seqs = this.#snapshots.seqs();
    const limit = seqs.length < 2 ? 0 : Math.min(uptoSeq, seqs.at(-1) ?? 0);
    const retired = onDisk(this.#folder.path, () =>
      retireSegments(this.#folder, this.#segments.baseSeq, limit),
    );
    this.#segments.forget(retired.bytes);
    return retired;
  }

  /** Tells every written record from `fromSeq` on to `visit`, in order; returns how many. For replay. */
  read(fromSeq: number, visit: RecordVisitor): number {
    this.#live();
    this.#write();
    return readRecords(this.#folder, this.#settings.shard, fromSeq, visit);
  }

  /** Hands the collected records to the operating system and the replicas. */
  #write(): void {
    const { bytes, length } = this.#encoder;
    if (length === 0) return;
    this.#do(() => this.#segments.write(bytes, this.#writtenSeq));
    // A segment is left only once the disk has all of it.
    this.#syncedSeq = Math.max(this.#syncedSeq, this.#segments.baseSeq - 1);
    this.#replicas.send(bytes, this.#writtenSeq + 1, this.#lastSeq);
    this.#writtenSeq = this.#lastSeq;
    this.#encoder.clear();
  }

  #do(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): Fault {
    const known = cause instanceof Fault ? cause : undefined;
    const value = cause instanceof Error ? cause.message : String(cause);
    const expected = "a disk that works; open the journal again to see what it has";
    const fault = known ?? new Fault("FAULT_IO", { path: this.#folder.path, value, expected, cause });
    this.#failure = fault;
    return fault;
  }

  #live(): void {
    if (!this.#isClosed && this.#failure === undefined) return;
    const value = this.#isClosed ? "a journal that is closed" : "a journal that failed before";
    const expected = "one that is open; open it again";
    throw new Fault("FAULT_IO", { path: this.#folder.path, value, expected, cause: this.#failure });
  }
}
