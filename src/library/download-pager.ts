import type { HistoryBar, HistoryPlace, HistoryTrade } from "../venue/index.ts";

/** A row of either kind: its first cell is its time. */
export type DownloadRow = HistoryBar | HistoryTrade;

/** What is asked next: where from, and for how many rows (0: as many as the venue likes to give). */
export interface PageQuestion {
  readonly from: HistoryPlace;
  readonly rows: number;
}

/** Something about a page that the rows kept do not show. */
export interface PageFinding {
  /**
   * `repeated`: rows that came twice, equal; `altered`: rows told again otherwise, the first telling stands;
   * `crowded`: more trades in one millisecond than an answer holds, some of them may be missing. @units epoch ms
   */
  readonly kind: "repeated" | "altered" | "crowded";
  readonly atMs: number;
  readonly count: number;
}

/** What of an answer is kept, and where the download stands then. */
export interface PageTaken<Row extends DownloadRow> {
  readonly rows: readonly Row[];
  readonly found: readonly PageFinding[];
}

/** Where a download stands; JSON-safe, written with each page. @units epoch ms */
export interface PagerState {
  /** Everything before is settled. */
  readonly atMs: number;
  /** Trades: how the next are asked for, and the last number of those that are kept. */
  readonly by?: "first" | "time" | "id";
  readonly lastId?: string;
  /** Trades: those kept at `atMs`, which a question by time brings again. */
  readonly edge?: readonly HistoryTrade[];
  /** Trades: the most rows of an answer so far. */
  readonly rowsMost?: number;
  readonly isDone: boolean;
}

/**
 * Turns answers of a venue into rows in order, each once, and says what to ask next. Holds nothing but its state, and
 * doubt of the answer before.
 */
export interface Pager<Row extends DownloadRow> {
  readonly state: PagerState;
  /** Undefined when everything is there. */
  next(): PageQuestion | undefined;
  take(answer: readonly Row[], asked: PageQuestion): PageTaken<Row>;
}

/** Whether two rows say the same. */
export function isSame(a: DownloadRow, b: DownloadRow): boolean {
  return a.length === b.length && a.every((cell, i) => cell === b[i]);
}

/** Findings of a page: kinds that happened, with the first time of each. */
export class PageFindings {
  readonly #found = new Map<PageFinding["kind"], PageFinding>();

  add(kind: PageFinding["kind"], atMs: number): void {
    const before = this.#found.get(kind);
    this.#found.set(kind, { kind, atMs: before?.atMs ?? atMs, count: (before?.count ?? 0) + 1 });
  }

  list(): readonly PageFinding[] {
    return [...this.#found.values()];
  }
}
