import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../base/index.ts";
import {
  BAR_PERIODS,
  type BarPeriod,
  BarTapeBuilder,
  CaptureRecording,
  type CaptureRecordingOptions,
  type QualityReport,
} from "../feed/index.ts";
import {
  CaptureSegments,
  type CaptureSegmentsOptions,
  type Disk,
  readCaptureSegments,
  TapeFile,
  writeTape,
} from "../host/index.ts";
import { type InstrumentOptions, parseNanos, type TapeMeta } from "../model/index.ts";

/** The files of a day. */
const INSTRUMENT = "instrument.json";
const QUALITY = "quality.json";
const DEPTH = "depth.tape";

/** How a day's lines become files. */
export interface RecordedDayTerms {
  readonly periods?: readonly BarPeriod[];
  readonly latenessNs?: number;
  readonly late?: "drop" | "carry";
  readonly judge?: CaptureRecordingOptions["judge"];
  readonly validation?: CaptureRecordingOptions["validation"];
  readonly disk?: Disk;
  readonly segmentBytesMax?: number;
  readonly segmentNsMax?: number;
  /** Whether nothing is to be written, as for a report alone; false unless given. */
  readonly isReadOnly?: boolean;
}

/** What a day's lines became. */
export interface RecordedDayFiles {
  readonly report: QualityReport;
  /** The tape's meta; none where no snapshot was joined. */
  readonly meta?: TapeMeta;
  /** Names of the tapes in the folder. */
  readonly tapes: readonly string[];
}

/**
 * One day of one instrument: raw segments, and what becomes of their lines as they are written.
 *
 * @invariant The tape is a function of the raw lines alone: whether they were read as they came, or afterwards.
 */
export class RecordedDay {
  readonly folder: string;
  readonly date: string;
  readonly #segments: CaptureSegments;
  readonly #recording: CaptureRecording;
  readonly #bars = new Map<BarPeriod, { readonly tape: BarTapeBuilder; count: number }>();
  readonly #tornSegments: number;
  #tape: TapeFile | undefined;
  /** The first thing that went wrong with the tape: it is made again from the raw lines. */
  #tapeTrouble: Error | undefined;
  /** A line that no book holds: the day is there as raw lines alone. */
  #readTrouble: Error | undefined;

  /** Goes on with what is in the folder already. @throws `FAULT_IO`, `FAULT_TAPE_CORRUPT` */
  constructor(folder: string, date: string, instrument: InstrumentOptions, terms: RecordedDayTerms = {}) {
    this.folder = folder;
    this.date = date;
    const { disk, segmentBytesMax, segmentNsMax, judge, validation } = terms;
    const isReadOnly = terms.isReadOnly === true;
    if (!isReadOnly) mkdirSync(folder, { recursive: true });
    const baseNs = dayBase(date);
    const segments: CaptureSegmentsOptions = {
      folder,
      ...(disk === undefined ? {} : { disk }),
      ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
      ...(segmentNsMax === undefined ? {} : { segmentNsMax }),
    };
    this.#segments = new CaptureSegments(segments);
    this.#recording = new CaptureRecording({
      market: "spot",
      instrument,
      baseNs,
      name: `${instrument.symbol} ${date}`,
      onBlock: (block) => {
        if (!isReadOnly) this.#onTape((tape) => tape.write(block));
      },
      bars: {
        ...(terms.periods === undefined ? {} : { periods: terms.periods }),
        latenessNs: terms.latenessNs ?? BAR_PERIODS["1s"],
        late: terms.late ?? "carry",
        onBar: (period, bar) => {
          const known = this.#bars.get(period) ?? { tape: this.#barTape(period), count: 0 };
          known.tape.push(bar);
          known.count += 1;
          this.#bars.set(period, known);
        },
      },
      ...(judge === undefined ? {} : { judge }),
      ...(validation === undefined ? {} : { validation }),
    });
    const path = join(folder, INSTRUMENT);
    if (!isReadOnly && !existsSync(path)) writeFileSync(path, `${JSON.stringify(instrument)}\n`);
    if (!isReadOnly) rmSync(join(folder, QUALITY), { force: true });
    this.#tornSegments = readCaptureSegments(folder, (lines) => this.#read(lines), disk).tornSegments;
  }

  /** A folder that was recorded before. @throws `FAULT_INPUT` where it is none */
  static open(folder: string, terms: RecordedDayTerms = {}): RecordedDay {
    const path = join(folder, INSTRUMENT);
    const date = /date=(\d{4}-\d\d-\d\d)/.exec(folder)?.[1];
    if (date === undefined || !existsSync(path)) {
      throw new Fault("FAULT_INPUT", {
        path: folder,
        value: "no recording",
        expected: "a folder of a recorded day",
      });
    }
    return new RecordedDay(folder, date, JSON.parse(readFileSync(path, "utf8")) as InstrumentOptions, terms);
  }

  /** Bytes on disk that were written through this object. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  get lines(): number {
    return this.#recording.lines;
  }

  get isSynced(): boolean {
    return this.#recording.isSynced;
  }

  count(name: string): number {
    return this.#recording.count(name);
  }

  /** Writes whole lines; when they are on the disk they are read. @throws `FAULT_IO`: they may be written again */
  write(lines: Uint8Array, nowNs: number): void {
    this.#segments.write(lines, nowNs);
    this.#read(lines);
  }

  /** What is there and what is missing, without ending the day. */
  report(): QualityReport {
    return this.#recording.report(this.#tornSegments);
  }

  /** Lets go of what is open, and makes no files. */
  abandon(): void {
    this.#segments.close();
    this.#tape?.abort();
    this.#tape = undefined;
  }

  /** Ends the day: depth tape, bar tapes, report. @throws `FAULT_IO` where the disk refuses */
  finish(): RecordedDayFiles {
    this.#segments.close();
    const counts = this.#readTrouble === undefined ? this.#recording.end() : {};
    const trouble = this.#readTrouble ?? this.#tapeTrouble;
    if (trouble !== undefined) {
      this.abandon();
      throw trouble;
    }
    for (const [name, count] of Object.entries(counts)) this.#tape?.count(name, count);
    const meta = this.#tape?.finish();
    this.#tape = undefined;
    const tapes = meta === undefined ? [] : [DEPTH];
    for (const [period, { tape }] of this.#bars) {
      const name = `bars-${period}.tape`;
      writeTape(join(this.folder, name), tape.build(), { overwrite: true });
      tapes.push(name);
    }
    const report = this.report();
    writeFileSync(join(this.folder, QUALITY), `${JSON.stringify(report, null, 1)}\n`);
    return { report, tapes, ...(meta === undefined ? {} : { meta }) };
  }

  /** Reads lines that are on the disk: what goes wrong with them is no reason to write them again. */
  #read(lines: Uint8Array): void {
    if (this.#readTrouble !== undefined) return;
    try {
      this.#recording.push(lines);
    } catch (error) {
      this.#readTrouble = errorOf(error);
    }
  }

  #onTape(work: (tape: TapeFile) => void): void {
    if (this.#tapeTrouble !== undefined) return;
    try {
      this.#tape ??= new TapeFile(
        join(this.folder, DEPTH),
        { ...this.#recording.head, schema: "depth" },
        { overwrite: true },
      );
      work(this.#tape);
    } catch (error) {
      this.#tapeTrouble = errorOf(error);
    }
  }

  #barTape(period: BarPeriod): BarTapeBuilder {
    const { head } = this.#recording;
    return new BarTapeBuilder({ ...head, source: `${head.source}: bars of ${period}` });
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The midnight of a date such as 2024-08-08. @units epoch ns */
function dayBase(date: string): bigint {
  const ns = parseNanos(`${date}T00:00:00Z`);
  if (typeof ns === "bigint") return ns;
  throw new Fault("FAULT_INPUT", { path: "date", value: date, expected: "a date, such as 2024-08-08" });
}

/** The folder of a day of a symbol, as Parquet readers know it. */
export function dayFolder(folder: string, date: string, symbol: string): string {
  return join(folder, `date=${date}`, `symbol=${symbol}`);
}

/** Whether a day's report was made. */
export function isFinished(folder: string): boolean {
  return existsSync(join(folder, QUALITY));
}
