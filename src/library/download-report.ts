import type { HistoryBar, HistoryTrade } from "../venue/index.ts";
import type { BarFrame } from "./download-frame.ts";
import type { DownloadPage } from "./download-journal.ts";
import { isNumber } from "./download-trade-pager.ts";

/** A span that the venue told nothing of. JSON-safe. @units epoch ms; `toMs` not included */
export interface DownloadGap {
  /** `bars`: bars that are not there; `ids`: numbers of trades; `silence`: no trade for long. */
  readonly kind: "bars" | "ids" | "silence";
  readonly fromMs: number;
  readonly toMs: number;
  /** How many bars or numbers; 0 of a silence. */
  readonly missing: number;
  /** The numbers before and behind; only of `ids`. */
  readonly afterId?: string;
  readonly beforeId?: string;
}

/** What a download lacks, and what was odd about it. JSON-safe. */
export interface DownloadReport {
  /** In order of time, at most 10,000 of them. */
  readonly gaps: readonly DownloadGap[];
  /** How many gaps there are, also beyond those that are listed. */
  readonly gapCount: number;
  /** Bars, or numbers of trades, that are missing in all gaps. */
  readonly missing: number;
  /** Rows told twice; told again otherwise, where the first telling stands. */
  readonly repeated: number;
  readonly altered: number;
  /** Milliseconds with more trades than an answer holds: some of them may be missing. */
  readonly crowded: number;
  /** Bars that open within the one before, or off the rhythm of the first. */
  readonly offRhythm: number;
  /**
   * Whether trades are numbered one by one (nine steps of ten are 1), with holes that prove nothing, or not at all:
   * only the first tells what is missing.
   */
  readonly ids: "sequential" | "sparse" | "none";
}

const GAPS_LISTED = 10_000;
/** Of ten steps between numbers, how many are 1 where they are numbered one by one. */
const SEQUENTIAL = 0.9;

/** What is looked for. @units ms */
export interface ReportTerms {
  readonly fromMs: number;
  readonly toMs: number;
  /** Undefined where it is trades. */
  readonly frame: BarFrame | undefined;
  /** A time without a trade of this length or longer is told. */
  readonly silenceMs: number;
}

/** Reads a journal's pages, in order, for what is missing; see {@link DownloadReport}. */
export class DownloadSurvey {
  rows = 0;
  readonly #terms: ReportTerms;
  readonly #gaps: DownloadGap[] = [];
  #counts = { bars: 0, ids: 0, silence: 0 };
  #missing = { bars: 0, ids: 0 };
  #found = { repeated: 0, altered: 0, crowded: 0 };
  #offRhythm = 0;
  #numbered = 0;
  #ones = 0;
  #lastMs: number | undefined = undefined;
  #lastId = "";

  constructor(terms: ReportTerms) {
    this.#terms = terms;
  }

  take({ rows, found }: DownloadPage): void {
    for (const { kind, count } of found) this.#found[kind] += count;
    const { frame } = this.#terms;
    for (const row of rows) {
      if (frame === undefined) this.#trade(row as HistoryTrade);
      else this.#bar(row as HistoryBar, frame);
      this.rows += 1;
      this.#lastMs = row[0];
    }
  }

  /** Whether numbers of trades tell what is missing. */
  get ids(): DownloadReport["ids"] {
    if (this.#numbered === 0) return this.rows === 1 && isNumber(this.#lastId) ? "sparse" : "none";
    return this.#ones >= SEQUENTIAL * this.#numbered ? "sequential" : "sparse";
  }

  report(): DownloadReport {
    this.#end();
    const { ids } = this;
    const isTold = (kind: DownloadGap["kind"]): boolean => kind !== "ids" || ids === "sequential";
    return {
      gaps: this.#gaps.filter(({ kind }) => isTold(kind)),
      gapCount: this.#counts.bars + this.#counts.silence + (isTold("ids") ? this.#counts.ids : 0),
      missing: this.#missing.bars + (isTold("ids") ? this.#missing.ids : 0),
      ...this.#found,
      offRhythm: this.#offRhythm,
      ids,
    };
  }

  #bar([openMs]: HistoryBar, frame: BarFrame): void {
    const { fromMs } = this.#terms;
    if (this.#lastMs === undefined) {
      this.#lacks(fromMs, openMs, frame.countBefore(fromMs, openMs));
      return;
    }
    const expected = frame.after(this.#lastMs);
    const missing = openMs > expected ? frame.count(expected, openMs) : 0;
    if (openMs < expected || frame.after(expected, missing) !== openMs) this.#offRhythm += 1;
    this.#lacks(expected, openMs, missing);
  }

  #trade([timeMs, , , , id]: HistoryTrade): void {
    const sinceMs = this.#lastMs ?? this.#terms.fromMs;
    if (timeMs - sinceMs >= this.#terms.silenceMs) this.#silence(sinceMs, timeMs);
    const [afterId, beforeId] = [this.#lastId, id];
    this.#lastId = id;
    if (!isNumber(afterId) || !isNumber(beforeId)) return;
    const step = Number(BigInt(beforeId) - BigInt(afterId));
    this.#numbered += 1;
    if (step === 1) this.#ones += 1;
    if (step <= 1) return;
    this.#counts.ids += 1;
    this.#missing.ids += step - 1;
    this.#list({ kind: "ids", fromMs: sinceMs, toMs: timeMs, missing: step - 1, afterId, beforeId });
  }

  #end(): void {
    const { frame, fromMs, toMs, silenceMs } = this.#terms;
    if (frame === undefined) {
      const sinceMs = this.#lastMs ?? fromMs;
      if (toMs - sinceMs >= silenceMs) this.#silence(sinceMs, toMs);
    } else {
      const sinceMs = this.#lastMs === undefined ? fromMs : frame.after(this.#lastMs);
      this.#lacks(sinceMs, toMs, frame.count(sinceMs, toMs));
    }
    this.#lastMs = toMs;
  }

  #lacks(fromMs: number, toMs: number, missing: number): void {
    if (missing <= 0) return;
    this.#counts.bars += 1;
    this.#missing.bars += missing;
    this.#list({ kind: "bars", fromMs, toMs, missing });
  }

  #silence(fromMs: number, toMs: number): void {
    this.#counts.silence += 1;
    this.#list({ kind: "silence", fromMs, toMs, missing: 0 });
  }

  #list(gap: DownloadGap): void {
    if (this.#gaps.length < GAPS_LISTED) this.#gaps.push(gap);
  }
}
