import type { HistoryBar } from "../venue/index.ts";
import type { BarFrame } from "./download-frame.ts";
import {
  isSame,
  PageFindings,
  type PageQuestion,
  type Pager,
  type PagerState,
  type PageTaken,
} from "./download-pager.ts";

/** What a pager is made from. @units epoch ms */
export interface BarPagerOptions {
  readonly frame: BarFrame;
  /** Bars open here or later, and are over then or before. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The most rows of one answer; fewer may be asked for at the end. */
  readonly pageRows: number;
  /** See `HistoryMarket`. */
  readonly isWindowed: boolean;
  readonly state?: PagerState;
}

/**
 * Bars of one length, page by page. An answer that holds none moves on by the bars it was asked for, where the venue
 * answers about a window, so that neither a market that did not exist yet nor a silent one ends the download. The first
 * such answer behind bars, or behind a start, is not believed: it is asked for again.
 */
export class BarPager implements Pager<HistoryBar> {
  readonly #options: BarPagerOptions;
  #atMs: number;
  /** Answers without bars in a row, since the last one with some or the start. */
  #empties = 0;
  #isDone: boolean;

  constructor(options: BarPagerOptions) {
    this.#options = options;
    this.#atMs = options.state?.atMs ?? options.fromMs;
    this.#isDone = options.state?.isDone ?? false;
    this.#settle();
  }

  get state(): PagerState {
    return { atMs: this.#atMs, isDone: this.#isDone };
  }

  next(): PageQuestion | undefined {
    if (this.#isDone) return undefined;
    const { frame, toMs, pageRows } = this.#options;
    return { from: { fromMs: this.#atMs }, rows: Math.min(pageRows, frame.count(this.#atMs, toMs)) };
  }

  take(answer: readonly HistoryBar[], asked: PageQuestion): PageTaken<HistoryBar> {
    const { frame, toMs, isWindowed } = this.#options;
    const found = new PageFindings();
    const rows: HistoryBar[] = [];
    for (const bar of answer.toSorted((a, b) => a[0] - b[0])) {
      const last = rows.at(-1);
      // Bars from before, and those behind the end: some venues tell the newest one with every answer.
      if (!(bar[0] >= this.#atMs) || frame.after(bar[0]) > toMs) continue;
      if (last?.[0] !== bar[0]) rows.push(bar);
      else found.add(isSame(last, bar) ? "repeated" : "altered", bar[0]);
    }
    const last = rows.at(-1);
    this.#empties = last === undefined ? this.#empties + 1 : 0;
    if (last !== undefined) this.#atMs = frame.after(last[0]);
    else if (this.#empties === 1) return { rows, found: found.list() };
    else if (!isWindowed) this.#atMs = toMs;
    else this.#atMs = frame.after(this.#atMs, asked.rows);
    this.#settle();
    return { rows, found: found.list() };
  }

  #settle(): void {
    const { frame, toMs } = this.#options;
    if (frame.after(this.#atMs) <= toMs) return;
    this.#isDone = true;
  }
}
