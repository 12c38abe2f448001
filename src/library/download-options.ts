import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import type { TapeCodec } from "../feed/index.ts";
import type { ParquetNumbers } from "../store/index.ts";
import type { HistoryClient, VenueTrouble } from "../venue/index.ts";

/** How far a download is. @units epoch ms */
export interface DownloadProgress {
  /** Rows that are there, and those of them that an earlier start had fetched. */
  readonly rows: number;
  readonly rowsBefore: number;
  /** Answers so far, those of earlier starts included. */
  readonly pages: number;
  readonly fromMs: number;
  /** Everything before is there. */
  readonly atMs: number;
  readonly toMs: number;
}

/** What a {@link TapeDownload} is made from. */
export interface TapeDownloadOptions {
  /** The history of one market: `CcxtHistory` of `tickwright/venue/ccxt`, or your own. It is closed in the end. */
  readonly client: HistoryClient;
  /** The first moment that is meant: bars that open then or later, trades that happened then or later. Whole ms. */
  readonly fromNs: bigint;
  /**
   * The first moment that is not: bars that are over then or before, trades that happened before. Not later than the
   * venue's clock less `settleMs`, and that unless given, as of the first start. Whole ms.
   */
  readonly toNs?: bigint;
  /** The file to write, by its ending: `.tape` or `.parquet`. Either this or a library. */
  readonly out?: string;
  /** The folder of a `TapeLibrary` to add the tape to; made where it is not there. */
  readonly library?: string;
  /**
   * What is there so far, until it is whole: beside the file (`FILE.download`) unless given; a library needs it given.
   */
  readonly journal?: string;
  /** Replaces a file that is there; false unless given. */
  readonly overwrite?: boolean;
  /** Of the tape; `none` unless given. */
  readonly codec?: TapeCodec;
  /** Of a Parquet file; `steps` unless given. */
  readonly numbers?: ParquetNumbers;
  /** Marks the tape as of a simulated market; false unless given. */
  readonly simulated?: boolean;
  /** Whether the client was told steps of prices and quantities: they count in place of those of an earlier start. */
  readonly tickSize?: string;
  readonly lotSize?: string;
  /** Rows asked for at once; what the venue is known to give unless given (100 bars where it is not known). */
  readonly pageRows?: number;
  /** Failures of one question in a row before the download gives up; 10 unless given. */
  readonly attempts?: number;
  /** The longest wait that a venue may ask for; longer ones end the download. An hour unless given. @units ms */
  readonly waitMsMax?: number;
  /** How long before the venue's clock nothing is taken: late trades still change it. 10 s unless given. @units ms */
  readonly settleMs?: number;
  /**
   * Trades: how far an answer without any moves on where they are asked for by time. An hour unless given.
   *
   * @units ms
   */
  readonly emptySpanMs?: number;
  /** Trades: a time without one of this length or longer is told. An hour unless given. @units ms */
  readonly silenceMs?: number;
  /** What back-off is drawn with; 1 unless given. */
  readonly seed?: number;
  /** Waits; a timer unless given. @units ms */
  readonly wait?: (ms: number) => Promise<void>;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Told before each wait, with its length. @units ms */
  readonly onTrouble?: (trouble: VenueTrouble, waitMs: number) => void;
}

/** {@link TapeDownloadOptions} with every default in place. */
export interface DownloadPlan {
  readonly client: HistoryClient;
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly format: "tape" | "parquet" | "library";
  /** The file or the folder. */
  readonly place: string;
  readonly journal: string;
  readonly overwrite: boolean;
  readonly codec: TapeCodec;
  readonly numbers: ParquetNumbers;
  readonly simulated: boolean;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly pageRows: number | undefined;
  readonly attempts: number;
  readonly waitMsMax: number;
  readonly settleMs: number;
  readonly emptySpanMs: number;
  readonly silenceMs: number;
  readonly seed: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onTrouble: (trouble: VenueTrouble, waitMs: number) => void;
}

const KEYS = [
  "client",
  "fromNs",
  "toNs",
  "out",
  "library",
  "journal",
  "overwrite",
  "codec",
  "numbers",
  "simulated",
  "tickSize",
  "lotSize",
  "pageRows",
  "attempts",
  "waitMsMax",
  "settleMs",
  "emptySpanMs",
  "silenceMs",
  "seed",
  "wait",
  "onProgress",
  "onTrouble",
] as const satisfies readonly (keyof TapeDownloadOptions)[];

const HOUR = 3_600_000;
const NS_PER_MS = 1_000_000n;

/** Checks options and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function planDownload(options: TapeDownloadOptions): DownloadPlan {
  checkKeys("download", options, KEYS);
  const fromMs = msOf("download.fromNs", options.fromNs);
  const toMs = options.toNs === undefined ? undefined : msOf("download.toNs", options.toNs);
  if (toMs !== undefined && toMs <= fromMs) {
    const expected = `a moment after download.fromNs, ${options.fromNs}`;
    throw new Fault("FAULT_CONFIG", { path: "download.toNs", value: options.toNs, expected });
  }
  const { format, place } = placeOf(options);
  const [numbers, codec] = [options.numbers ?? "steps", options.codec ?? "none"];
  const whole = (name: keyof TapeDownloadOptions, fallback: number, least: number): number =>
    checkInteger(`download.${name}`, options[name] ?? fallback, least);
  return {
    ...{ client: options.client, fromMs, toMs, format, place },
    journal: checkText(
      "download.journal",
      options.journal ?? (format === "library" ? "" : `${place}.download`),
    ),
    overwrite: checkBoolean("download.overwrite", options.overwrite ?? false),
    codec: checkChoice("download.codec", codec, ["none", "zstd"]),
    numbers: checkChoice("download.numbers", numbers, ["steps", "decimals"]),
    simulated: checkBoolean("download.simulated", options.simulated ?? false),
    tickSize: options.tickSize ?? "",
    lotSize: options.lotSize ?? "",
    pageRows: options.pageRows === undefined ? undefined : whole("pageRows", 1, 1),
    attempts: whole("attempts", 10, 1),
    waitMsMax: whole("waitMsMax", HOUR, 0),
    settleMs: whole("settleMs", 10_000, 0),
    emptySpanMs: whole("emptySpanMs", HOUR, 1),
    silenceMs: whole("silenceMs", HOUR, 1),
    seed: whole("seed", 1, 0),
    wait: checkFunction("download.wait", options.wait ?? pause),
    onProgress: checkFunction("download.onProgress", options.onProgress ?? (() => {})),
    onTrouble: checkFunction("download.onTrouble", options.onTrouble ?? (() => {})),
  };
}

function placeOf({ out, library }: TapeDownloadOptions): Pick<DownloadPlan, "format" | "place"> {
  if (library !== undefined && out === undefined) {
    return { format: "library", place: checkText("download.library", library) };
  }
  if (out === undefined || library !== undefined) {
    const value = out === undefined ? "neither" : "both";
    throw new Fault("FAULT_CONFIG", { path: "download.out", value, expected: "a file or a library" });
  }
  if (out.endsWith(".tape")) return { format: "tape", place: out };
  if (out.endsWith(".parquet")) return { format: "parquet", place: out };
  const expected = "a path that ends in .tape or .parquet";
  throw new Fault("FAULT_CONFIG", { path: "download.out", value: out, expected });
}

function msOf(path: string, ns: bigint): number {
  if (typeof ns === "bigint" && ns >= 0n && ns % NS_PER_MS === 0n) return Number(ns / NS_PER_MS);
  const expected = "epoch ns of a whole millisecond since 1970, as a bigint";
  throw new Fault("FAULT_CONFIG", { path, value: ns, expected });
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, ms));
}
