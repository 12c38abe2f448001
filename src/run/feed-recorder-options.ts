import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import { type BarPeriod, type CaptureRecordingOptions, validationParameters } from "../feed/index.ts";
import type { Disk } from "../host/index.ts";
import { type Instrument, NANOS_PER_SECOND } from "../model/index.ts";

/** What is wrong with a recording; trading never waits for it. */
export interface FeedRecorderTrouble {
  /**
   * `RECORDER_DISK_FULL`, `RECORDER_DISK`: lines are kept in memory and written later; `RECORDER_LINES_LOST`: there was
   * no room left for them; `RECORDER_RESUMED`: they are written again; `RECORDER_DAY`, `RECORDER_PARQUET`: a day's files
   * were not made, its raw lines are there.
   */
  readonly code:
    | "RECORDER_DISK_FULL"
    | "RECORDER_DISK"
    | "RECORDER_LINES_LOST"
    | "RECORDER_RESUMED"
    | "RECORDER_DAY"
    | "RECORDER_PARQUET";
  readonly words: string;
}

/** What a `FeedRecorder` is made from. */
export interface FeedRecorderOptions {
  /** Where the days go: `date=2024-08-08/symbol=BTCUSDT/`. */
  readonly folder: string;
  readonly instruments: readonly Instrument[];
  /** The epoch ns that the lines' local times count from: the feed's. */
  readonly baseNs: bigint;
  /** A new day has begun for an instrument: its book must be asked for, so that the day stands alone. */
  readonly onDay?: (instrument: Instrument) => void;
  readonly onTrouble?: (trouble: FeedRecorderTrouble) => void;
  /** Whether days become Parquet files too, by `@duckdb/node-api`; false unless given. */
  readonly parquet?: boolean;
  /** Bars of which periods; all five unless given. */
  readonly periods?: readonly BarPeriod[];
  /** How long a bar waits for trades that come late; a second unless given. @units ns of the exchange's time */
  readonly latenessNs?: number;
  /** What to do with later ones: `carry` unless given. */
  readonly late?: "drop" | "carry";
  /** A validator's verdict on a message, counted by reason in the day's report. */
  readonly judge?: CaptureRecordingOptions["judge"];
  /** A validator of each instrument's messages: its findings are counted by reason in the day's report. */
  readonly validation?: CaptureRecordingOptions["validation"];
  /** How often lines are written; 1,000 unless given. What is lost in a crash is younger. @units ms */
  readonly flushMs?: number;
  /** How many are written at once at most; 256 KiB unless given. @units bytes */
  readonly batchBytes?: number;
  /** What is kept in memory of an instrument while the disk refuses; 64 MiB unless given. @units bytes */
  readonly pendingBytesMax?: number;
  /** Nothing is written while the disk has less left; 256 MiB unless given. @units bytes */
  readonly freeBytesMin?: number;
  /** The oldest whole days are removed while all take more; nothing is removed unless given. @units bytes */
  readonly keepBytesMax?: number;
  /** When a new segment begins; 64 MiB and an hour unless given. @units bytes, ns */
  readonly segmentBytesMax?: number;
  readonly segmentNsMax?: number;
  /** Of the raw segments; this machine's unless given. */
  readonly disk?: Disk;
}

/** Options with every default filled in. */
export interface FeedRecorderTerms extends FeedRecorderOptions {
  readonly parquet: boolean;
  readonly latenessNs: number;
  readonly late: "drop" | "carry";
  readonly flushMs: number;
  readonly batchBytes: number;
  readonly pendingBytesMax: number;
  readonly freeBytesMin: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const DEFAULTS = {
  parquet: false,
  latenessNs: NANOS_PER_SECOND,
  late: "carry",
  flushMs: 1_000,
  batchBytes: 256 * KIB,
  pendingBytesMax: 64 * MIB,
  freeBytesMin: 256 * MIB,
} as const;
const KEYS = [
  ...Object.keys(DEFAULTS),
  "folder",
  "instruments",
  "baseNs",
  "onDay",
  "onTrouble",
  "periods",
  "judge",
  "validation",
  "keepBytesMax",
  "segmentBytesMax",
  "segmentNsMax",
  "disk",
];

/** Checks options and fills in their defaults. @throws `FAULT_CONFIG` naming the option */
export function recorderTerms(options: FeedRecorderOptions): FeedRecorderTerms {
  checkKeys("recorder", options, KEYS);
  const terms: FeedRecorderTerms = { ...DEFAULTS, ...options };
  checkText("recorder.folder", terms.folder);
  checkBoolean("recorder.parquet", terms.parquet);
  checkInteger("recorder.latenessNs", terms.latenessNs, 0);
  checkChoice("recorder.late", terms.late, ["drop", "carry"]);
  checkInteger("recorder.flushMs", terms.flushMs, 1, 60_000);
  checkInteger("recorder.batchBytes", terms.batchBytes, 1, 16 * MIB);
  checkInteger("recorder.pendingBytesMax", terms.pendingBytesMax, terms.batchBytes);
  checkInteger("recorder.freeBytesMin", terms.freeBytesMin, 0);
  if (terms.keepBytesMax !== undefined) checkInteger("recorder.keepBytesMax", terms.keepBytesMax, 0);
  for (const name of ["onDay", "onTrouble", "judge"] as const) {
    if (terms[name] !== undefined) checkFunction(`recorder.${name}`, terms[name]);
  }
  if (terms.validation !== undefined) validationParameters(terms.validation);
  for (const { symbol } of terms.instruments) {
    if (/^[\w.-]{1,40}$/.test(symbol) && !/^[.]/.test(symbol)) continue;
    throw new Fault("FAULT_CONFIG", {
      path: "recorder.instruments",
      value: symbol,
      expected: "a symbol of letters, digits, _, . and -, since it names a folder",
    });
  }
  return terms;
}
