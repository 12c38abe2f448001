import { mkdirSync, statfsSync } from "node:fs";
import { Fault } from "../base/index.ts";
import { formatNanos, type Instrument } from "../model/index.ts";
import {
  type FeedRecorderOptions,
  type FeedRecorderTerms,
  type FeedRecorderTrouble,
  recorderTerms,
} from "./feed-recorder-options.ts";
import { dayFolder, isFinished, RecordedDay } from "./recorded-day.ts";
import { makeRecordedDay, pruneDays, recordedDays, writeDayParquet } from "./recorded-days.ts";

const DAY = 86_400_000_000_000n;
const DAY_NS = Number(DAY);

/** How far a recording of one instrument is. */
export interface FeedRecorderProgress {
  readonly symbol: string;
  readonly date: string;
  /** Lines written and read today, and those in memory that wait for the disk. @units lines, bytes */
  readonly lines: number;
  readonly pendingBytes: number;
  /** @units bytes on disk, today */
  readonly bytes: number;
  readonly gaps: number;
  readonly isSynced: boolean;
  /** Lines for which there was no room. */
  readonly linesLost: number;
}

/** One instrument's lines: those that wait, and the day they go to. */
class Track {
  readonly instrument: Instrument;
  day: RecordedDay | undefined;
  dayIndex = -1;
  pending: Uint8Array = new Uint8Array(65_536);
  pendingBytes = 0;
  linesLost = 0;
  lastNs = 0;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    const size = this.pendingBytes + to - from;
    if (size > this.pending.length) {
      const wider = new Uint8Array(Math.max(size, 2 * this.pending.length));
      wider.set(this.pending.subarray(0, this.pendingBytes));
      this.pending = wider;
    }
    this.pending.set(bytes.subarray(from, to), this.pendingBytes);
    this.pendingBytes = size;
  }
}

/**
 * Records what a feed says: its lines, exactly, in compressed segments that a crash leaves readable; and day by day and
 * symbol by symbol a depth tape, bars and a report of what is missing, Parquet if wanted.
 *
 * `line` is what a `BinanceFeed` calls as `onLine`; it never throws and never waits for a disk that refuses: lines are
 * kept, then lost and counted, and trading goes on.
 *
 * @invariant A day's tape is what `importCapture` makes of its raw lines, to the bit.
 * @throws `FAULT_CONFIG` naming the option
 * @cost About 1 us a line, most of it in portions of `batchBytes`; a batch and a block an instrument in memory.
 */
export class FeedRecorder {
  readonly #terms: FeedRecorderTerms;
  readonly #tracks = new Map<string, Track>();
  readonly #baseDay: number;
  readonly #baseOffsetNs: number;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: FeedRecorderOptions) {
    this.#terms = recorderTerms(options);
    const { instruments, baseNs } = this.#terms;
    for (const instrument of instruments) this.#tracks.set(instrument.symbol, new Track(instrument));
    this.#baseDay = Number(baseNs / DAY);
    this.#baseOffsetNs = Number(baseNs % DAY);
  }

  /** Starts writing in time, and makes the files of days that a crash left without them. */
  start(): void {
    this.#timer ??= setInterval(() => this.flush(), this.#terms.flushMs);
    this.#timer.unref();
    this.#later(async () => await this.#makeLeftDays());
  }

  /** Takes a line of a capture; what comes for an instrument that is not recorded is left out. */
  line(instrument: Instrument, localNs: number, bytes: Uint8Array, from: number, to: number): void {
    const track = this.#tracks.get(instrument.symbol);
    if (track === undefined) return;
    const dayIndex = this.#baseDay + Math.floor((this.#baseOffsetNs + localNs) / DAY_NS);
    if (dayIndex !== track.dayIndex) this.#roll(track, dayIndex);
    track.lastNs = localNs;
    if (track.pendingBytes + to - from > this.#terms.pendingBytesMax) {
      if (track.linesLost === 0)
        this.#trouble("RECORDER_LINES_LOST", `${instrument.symbol}: no room for more lines`);
      track.linesLost += 1;
      return;
    }
    track.append(bytes, from, to);
    if (track.pendingBytes >= this.#terms.batchBytes && !this.#isFull) this.#flush(track);
  }

  /** Writes what waits. */
  flush(): void {
    for (const track of this.#tracks.values()) this.#flush(track);
  }

  progress(): FeedRecorderProgress[] {
    return [...this.#tracks.values()].map(({ instrument, day, pendingBytes, linesLost }) => ({
      symbol: instrument.symbol,
      date: day?.date ?? "",
      lines: day?.lines ?? 0,
      pendingBytes,
      bytes: day?.bytes ?? 0,
      gaps: day?.count("gap") ?? 0,
      isSynced: day?.isSynced ?? false,
      linesLost,
    }));
  }

  /** Writes the rest and makes the files of the days that are open. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const track of this.#tracks.values()) this.#end(track);
    await this.#work;
  }

  #flush(track: Track): void {
    const { pendingBytes } = track;
    if (pendingBytes === 0) return;
    try {
      this.#checkRoom(pendingBytes);
      track.day ??= this.#open(track);
      track.day.write(track.pending.subarray(0, pendingBytes), track.lastNs);
      track.pendingBytes = 0;
      if (!this.#isFull) return;
      this.#isFull = false;
      this.#trouble("RECORDER_RESUMED", `${track.instrument.symbol}: lines are written again`);
    } catch (error) {
      if (this.#isFull) return;
      this.#isFull = true;
      this.#trouble(isFullDisk(error) ? "RECORDER_DISK_FULL" : "RECORDER_DISK", wordsOf(error));
    }
  }

  #checkRoom(bytes: number): void {
    const { folder, freeBytesMin, disk } = this.#terms;
    if (disk === undefined) mkdirSync(folder, { recursive: true });
    const free = disk === undefined ? freeBytesOf(folder) : disk.freeBytes(folder);
    if (free >= freeBytesMin + bytes) return;
    throw new Fault("FAULT_DISK_FULL", {
      path: folder,
      value: free,
      expected: `${freeBytesMin + bytes} bytes free`,
    });
  }

  /** Ends the day of an instrument, begins the next and asks for its book. */
  #roll(track: Track, dayIndex: number): void {
    const isFirst = track.dayIndex < 0;
    this.#end(track);
    track.dayIndex = dayIndex;
    track.linesLost = 0;
    const { onDay, keepBytesMax } = this.#terms;
    const date = dateOf(dayIndex);
    if (!isFirst) queueMicrotask(() => onDay?.(track.instrument));
    if (keepBytesMax === undefined) return;
    this.#later(async () => {
      for (const { date: old, symbol: of } of pruneDays(this.#terms.folder, keepBytesMax, date)) {
        this.#trouble("RECORDER_DAY", `${of} ${old} was removed to keep within ${keepBytesMax} bytes`);
      }
      await Promise.resolve();
    });
  }

  /** The day of a track, gone on with where it was begun before. */
  #open(track: Track): RecordedDay {
    const { symbol } = track.instrument;
    const date = dateOf(track.dayIndex);
    const folder = dayFolder(this.#terms.folder, date, symbol);
    return new RecordedDay(folder, date, track.instrument.describe(), this.#terms);
  }

  #end(track: Track): void {
    this.#flush(track);
    const { day, pendingBytes, instrument } = track;
    track.day = undefined;
    track.pendingBytes = 0;
    if (pendingBytes > 0) {
      this.#trouble("RECORDER_LINES_LOST", `${instrument.symbol}: ${pendingBytes} bytes at the end of a day`);
    }
    if (day === undefined || day.lines === 0) {
      day?.abandon();
      return;
    }
    this.#later(async () => {
      try {
        const { tapes } = day.finish();
        await this.#parquet(day.folder, tapes);
      } catch {
        await this.#remake(day.folder);
      }
    });
  }

  async #makeLeftDays(): Promise<void> {
    const { folder } = this.#terms;
    let left: ReturnType<typeof recordedDays>;
    try {
      left = recordedDays(folder).filter((day) => !isFinished(day.folder));
    } catch {
      return;
    }
    const open = new Set([...this.#tracks.values()].map(({ day }) => day?.folder));
    for (const day of left) if (!open.has(day.folder)) await this.#remake(day.folder);
  }

  /** Makes a day's files from its raw lines. */
  async #remake(folder: string): Promise<void> {
    try {
      await this.#parquet(folder, makeRecordedDay(folder, this.#terms).tapes);
    } catch (error) {
      this.#trouble("RECORDER_DAY", `${folder}: ${wordsOf(error)}`);
    }
  }

  async #parquet(folder: string, tapes: readonly string[]): Promise<void> {
    if (!this.#terms.parquet) return;
    try {
      await writeDayParquet(folder, tapes);
    } catch (error) {
      this.#trouble("RECORDER_PARQUET", `${folder}: ${wordsOf(error)}`);
    }
  }

  /** Work that may take its time, one after the other. */
  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  #trouble(code: FeedRecorderTrouble["code"], words: string): void {
    this.#terms.onTrouble?.({ code, words });
  }
}

function dateOf(dayIndex: number): string {
  return formatNanos(BigInt(dayIndex) * DAY).slice(0, 10);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isFullDisk(error: unknown): boolean {
  if (!(error instanceof Fault)) return false;
  if (error.code === "FAULT_DISK_FULL") return true;
  const cause: unknown = error.cause;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
