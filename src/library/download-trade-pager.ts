import type { HistoryTrade } from "../venue/index.ts";
import {
  isSame,
  PageFindings,
  type PageQuestion,
  type Pager,
  type PagerState,
  type PageTaken,
} from "./download-pager.ts";

/** What a pager is made from. @units epoch ms */
export interface TradePagerOptions {
  /** Trades happened here or later, and before then. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The most rows of one answer; 0 where it is not known. */
  readonly pageRows: number;
  /** Whether trades are asked for by number once one is known. */
  readonly byId: boolean;
  /** How far an answer without trades moves on. @units ms */
  readonly emptySpanMs: number;
  readonly state?: PagerState;
}

/**
 * Trades, page by page. By time: from the time of the last one on, included, so that none of its millisecond is lost;
 * what comes again is recognised by its number, or, where there is none, counted. By number, where the venue has that:
 * nothing comes twice. An answer without trades moves on by `emptySpanMs`; by number it is the end. The first such
 * answer behind trades, or behind a start, is not believed: it is asked for again.
 */
export class TradePager implements Pager<HistoryTrade> {
  readonly #options: TradePagerOptions;
  #atMs: number;
  #by: "first" | "time" | "id";
  #lastId: string;
  #edge: readonly HistoryTrade[];
  #isDone: boolean;
  /** Answers without trades in a row, since the last one with some or the start. */
  #empties = 0;
  /** The most rows of an answer so far: what a full one is where the venue does not say. */
  #rowsMost: number;

  constructor(options: TradePagerOptions) {
    const { state, byId, fromMs, toMs } = options;
    this.#options = options;
    this.#atMs = state?.atMs ?? fromMs;
    this.#by = state?.by ?? (byId ? "first" : "time");
    this.#lastId = state?.lastId ?? "";
    this.#edge = state?.edge ?? [];
    this.#rowsMost = state?.rowsMost ?? 2;
    this.#isDone = state?.isDone ?? fromMs >= toMs;
  }

  get state(): PagerState {
    const by = this.#by;
    return {
      ...{ atMs: this.#atMs, by, lastId: this.#lastId, edge: by === "time" ? this.#edge : [] },
      ...{ rowsMost: this.#rowsMost, isDone: this.#isDone },
    };
  }

  next(): PageQuestion | undefined {
    if (this.#isDone) return undefined;
    const { pageRows } = this.#options;
    if (this.#by === "first") return { from: { fromId: "0" }, rows: 1 };
    if (this.#by === "time") return { from: { fromMs: this.#atMs }, rows: pageRows };
    return { from: { fromId: (BigInt(this.#lastId) + 1n).toString() }, rows: pageRows };
  }

  take(answer: readonly HistoryTrade[], _asked: PageQuestion): PageTaken<HistoryTrade> {
    if (this.#by === "first") return this.#takeFirst(answer);
    const isTimed = answer.filter(([timeMs]) => Number.isFinite(timeMs));
    return this.#by === "id" ? this.#takeById(isTimed) : this.#takeByTime(isTimed);
  }

  /** The first trade there is: where the market is younger than what is asked for, it begins there. */
  #takeFirst(answer: readonly HistoryTrade[]): PageTaken<HistoryTrade> {
    const first = answer.filter(([, , , , id]) => isNumber(id)).toSorted(byNumber)[0];
    this.#by = "time";
    if (first !== undefined && first[0] > this.#atMs) {
      this.#by = "id";
      this.#lastId = (BigInt(first[4]) - 1n).toString();
      this.#atMs = Math.min(first[0], this.#options.toMs);
      this.#isDone = first[0] >= this.#options.toMs;
    }
    return { rows: [], found: [] };
  }

  #takeById(answer: readonly HistoryTrade[]): PageTaken<HistoryTrade> {
    const found = new PageFindings();
    const rows: HistoryTrade[] = [];
    let [isBeyond, last] = [false, BigInt(this.#lastId)];
    const sorted = answer.filter(([, , , , id]) => isNumber(id)).toSorted(byNumber);
    for (const trade of sorted) {
      const id = BigInt(trade[4]);
      if (id <= last) {
        if (rows.at(-1)?.[4] === trade[4])
          found.add(isSame(rows.at(-1) as HistoryTrade, trade) ? "repeated" : "altered", trade[0]);
        continue;
      }
      last = id;
      if (trade[0] >= this.#options.toMs) isBeyond = true;
      else if (trade[0] >= this.#options.fromMs) rows.push(trade);
    }
    const isStuck = last.toString() === this.#lastId;
    this.#lastId = last.toString();
    this.#atMs = Math.max(this.#atMs, rows.at(-1)?.[0] ?? this.#atMs);
    this.#empties = isStuck ? this.#empties + 1 : 0;
    if (isBeyond || this.#empties > 1) this.#end();
    return { rows, found: found.list() };
  }

  #takeByTime(answer: readonly HistoryTrade[]): PageTaken<HistoryTrade> {
    const { toMs, pageRows, emptySpanMs } = this.#options;
    const found = new PageFindings();
    const isNewestFirst = (answer[0]?.[0] ?? 0) > (answer.at(-1)?.[0] ?? 0);
    const told = isNewestFirst ? answer.toReversed() : answer;
    const sorted = told.filter(([timeMs]) => timeMs >= this.#atMs).toSorted(inOrder);
    const rows = this.#fresh(
      sorted.filter(([timeMs]) => timeMs < toMs),
      found,
    );
    const isBeyond = sorted.length > 0 && (sorted.at(-1) as HistoryTrade)[0] >= toMs;
    const isFull = answer.length >= (pageRows > 0 ? pageRows : this.#rowsMost);
    this.#rowsMost = Math.max(this.#rowsMost, answer.length);
    const last = rows.at(-1);
    this.#empties = sorted.length === 0 ? this.#empties + 1 : 0;
    if (this.#empties === 1) return { rows, found: found.list() };
    if (last !== undefined) {
      const atLast = rows.filter(([timeMs]) => timeMs === last[0]);
      this.#edge = last[0] === this.#atMs ? [...this.#edge, ...atLast] : atLast;
      this.#atMs = last[0];
      if (this.#options.byId && isNumber(last[4])) {
        this.#by = "id";
        this.#lastId = rows.reduce((most, [, , , , id]) => (BigInt(id) > BigInt(most) ? id : most), last[4]);
      }
    } else if (sorted.length > 0) {
      // Everything of this millisecond is known; where the answer is full there may be more of it.
      if (isFull) found.add("crowded", this.#atMs);
      this.#atMs += 1;
      this.#edge = [];
    } else {
      this.#atMs += emptySpanMs;
      this.#edge = [];
    }
    if (isBeyond || this.#atMs >= toMs) this.#end();
    return { rows, found: found.list() };
  }

  /** What of the trades is new: by number, or, where there is none, beyond as many equal ones as are kept. */
  #fresh(trades: readonly HistoryTrade[], found: PageFindings): HistoryTrade[] {
    const byId = new Map(this.#edge.filter(([, , , , id]) => id !== "").map((trade) => [trade[4], trade]));
    const kept = new Map<string, number>();
    for (const trade of this.#edge) kept.set(textOf(trade), (kept.get(textOf(trade)) ?? 0) + 1);
    const rows: HistoryTrade[] = [];
    for (const trade of trades) {
      const id = trade[4];
      const before = id === "" ? undefined : byId.get(id);
      const left = id === "" ? (kept.get(textOf(trade)) ?? 0) : 0;
      if (before !== undefined) {
        if (!isSame(before, trade)) found.add("altered", trade[0]);
        else if (!this.#edge.includes(before)) found.add("repeated", trade[0]);
      } else if (left > 0) kept.set(textOf(trade), left - 1);
      else {
        rows.push(trade);
        if (id !== "") byId.set(id, trade);
      }
    }
    return rows;
  }

  #end(): void {
    this.#isDone = true;
    this.#atMs = this.#options.toMs;
    this.#edge = [];
  }
}

/** Whether an id is a number that ids can be counted by. */
export function isNumber(id: string): boolean {
  return /^\d{1,30}$/.test(id);
}

function textOf(trade: HistoryTrade): string {
  return trade.join(" ");
}

function byNumber(a: HistoryTrade, b: HistoryTrade): number {
  const [left, right] = [BigInt(a[4]), BigInt(b[4])];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By time; within a millisecond by number, where there are numbers, else as the venue has them. */
function inOrder(a: HistoryTrade, b: HistoryTrade): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return isNumber(a[4]) && isNumber(b[4]) ? byNumber(a, b) : 0;
}
