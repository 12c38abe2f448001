import type { Fault } from "../base/index.ts";
import type { JournalFolder } from "./journal-folder.ts";
import type { JournalSettings } from "./journal-options.ts";
import { makeSpare, OpenSegment, type SpareSegment } from "./journal-segment.ts";
import { JournalSpace } from "./journal-space.ts";

/** What the first new segment follows. */
export interface ChainEnd {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly hash: string;
}

/** The segment that is written to, and its successors: each names the hash of the one before. */
export class SegmentChain {
  readonly #folder: JournalFolder;
  readonly #settings: JournalSettings;
  readonly #space: JournalSpace;
  readonly #epoch: number;
  #segment: OpenSegment | undefined;
  #spare: SpareSegment | undefined;
  #baseSeq = 0;
  /** Bytes of all segments but the one that is written to. */
  #bytes: number;

  constructor(folder: JournalFolder, settings: JournalSettings, end: ChainEnd) {
    this.#folder = folder;
    this.#settings = settings;
    this.#space = new JournalSpace(folder, settings);
    this.#epoch = end.epoch;
    const sealed = folder.segments().filter(({ baseSeq }) => baseSeq <= end.lastSeq);
    this.#bytes = sealed.reduce((sum, { name }) => sum + folder.sizeOf(name), 0);
    this.#space.keepReserve();
    this.#begin(end.lastSeq, end.hash);
  }

  /** The first record of the segment that is written to. */
  get baseSeq(): number {
    return this.#baseSeq;
  }

  /** Why only closing records are taken. */
  get full(): Fault | undefined {
    return this.#space.full;
  }

  /** Writes whole records, in the next segment where this one has no room. */
  write(records: Uint8Array, writtenSeq: number): void {
    if (!this.#open().hasRoom(records.length)) this.#begin(writtenSeq, this.seal());
    const segment = this.#open();
    this.#space.use(() => segment.write(records));
  }

  sync(): void {
    this.#open().sync();
  }

  /** Ends the segment; returns its hash. */
  seal(): string {
    const segment = this.#open();
    this.#bytes += segment.length;
    const hash = segment.seal();
    this.#segment = undefined;
    return hash;
  }

  /** Makes the file of the next segment. */
  prepare(): void {
    if (this.full === undefined) this.#spare ??= this.#makeSpare();
  }

  /** Closes the files as they are. */
  abandon(): void {
    for (const file of [this.#segment, this.#spare?.file]) {
      try {
        if (file instanceof OpenSegment) file.abandon();
        else file?.close();
      } catch {
        // The journal ends anyway, and what it had written was synced or has failed before.
      }
    }
    this.#segment = undefined;
    this.#spare = undefined;
  }

  /** So many bytes of older segments were removed. */
  forget(bytes: number): void {
    this.#bytes -= bytes;
  }

  #begin(lastSeq: number, hash: string): void {
    const header = {
      shard: this.#settings.shard,
      epoch: this.#epoch,
      baseSeq: lastSeq + 1,
      createdNs: this.#settings.nowNs(),
      prevSegmentHash: hash,
    };
    this.#segment = this.#space.use(() => {
      const spare = this.#spare ?? this.#makeSpare();
      this.#spare = undefined;
      try {
        return new OpenSegment(this.#folder, spare, header, this.#settings.segmentBytes);
      } catch (error) {
        spare.file.close();
        throw error;
      }
    });
    this.#baseSeq = header.baseSeq;
    this.#space.check(this.#bytes + this.#settings.segmentBytes);
  }

  /** On a full disk the file grows with its records, out of what was kept back. */
  #makeSpare(): SpareSegment {
    const { preallocate, segmentBytes } = this.#settings;
    return makeSpare(this.#folder, preallocate && this.full === undefined ? segmentBytes : 0);
  }

  #open(): OpenSegment {
    if (this.#segment === undefined) throw new Error("no segment is open");
    return this.#segment;
  }
}
