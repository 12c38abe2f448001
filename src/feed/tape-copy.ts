import { Fault } from "../base/index.ts";
import { BarBlock, DepthBlock, KIND_MASK, LAST, ROW } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BookRestatement, type RestatedRow } from "./book-restatement.ts";
import type { TapeOutlet } from "./tape-draft.ts";
import { BarRows, DepthRows } from "./tape-rows.ts";
import { TimeBase } from "./tape-time.ts";
import { type OffsetWindow, offsetWindow, type TapeWindow } from "./tape-window.ts";

/** The count of rows with which a slice restates the book; they stand at its beginning. */
export const SLICE_ROWS = "sliceRows";

/** A part of a tape, to be copied behind others. */
export interface TapePart<Block extends DepthBlock | BarBlock = DepthBlock | BarBlock> {
  readonly source: TapeSource<Block>;
  readonly window: TapeWindow;
}

/** Copies parts of depth tapes one behind the other, restating the book where a part begins within its tape. */
export class DepthCopy {
  /** Rows copied, of the tapes' own. */
  rows = 0;
  readonly #outlet: TapeOutlet;
  readonly #base: TimeBase;
  readonly #sink: DepthRows;
  /** What the rows written so far say; kept where parts are to be joined. */
  readonly #written: BookRestatement | undefined;

  constructor(outlet: TapeOutlet, base: TimeBase, joins: boolean) {
    this.#outlet = outlet;
    this.#base = base;
    this.#sink = new DepthRows({ onBlock: (block) => outlet.write(block) });
    this.#written = joins ? new BookRestatement() : undefined;
  }

  /** Copies one part: the messages whose first row lies in the window. */
  copy({ source, window }: TapePart<DepthBlock>): void {
    const base = new TimeBase(BigInt(source.meta.baseNs));
    const offsets = offsetWindow(window, base);
    const shiftNs = this.#base.offsetOf(base.epochNs);
    const before = offsets.from === Number.NEGATIVE_INFINITY ? undefined : new BookRestatement();
    const pass = new PartPass(source, offsets, shiftNs, before);
    pass.run({
      head: (rows, exchNs, localNs, isCut) => this.#head(rows, exchNs, localNs, isCut),
      row: (exchNs, localNs, kind, tick, lots) => {
        this.rows += 1;
        this.#push(exchNs, localNs, kind, tick, lots);
      },
    });
  }

  /** Hands over the rest, and what was clamped. */
  end(): number {
    if (this.#sink.rows === 0) return 0;
    this.#sink.end();
    this.#outlet.count("exchClamped", this.#sink.exchClamped);
    return this.#sink.rows;
  }

  /** The beginning of a part: rows that restate a book are left out where the book is that one already. */
  #head(rows: readonly RestatedRow[], exchNs: number, localNs: number, isFresh: boolean): void {
    const isFirst = this.#sink.rows === 0;
    if (rows.length === 0) {
      if (!isFresh || isFirst || this.#written === undefined || this.#written.isEmpty) return;
      this.#outlet.count("seamClears", 1);
      this.#push(exchNs, localNs, ROW.clear | LAST, 0, 0);
      return;
    }
    if (!isFirst && this.#written?.saysThe(rows) === true) return;
    this.#outlet.count(isFirst ? SLICE_ROWS : "seamRows", rows.length);
    for (const { kind, tick, lots } of rows) this.#push(exchNs, localNs, kind, tick, lots);
  }

  #push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void {
    this.#sink.push(exchNs, localNs, kind, tick, lots);
    this.#written?.take(kind, tick, lots);
  }
}

/** Receives a part: first its head, then its rows. */
interface PartTaker {
  /** `isFresh`: the tape begins here, without saying of what book. */
  head(rows: readonly RestatedRow[], exchNs: number, localNs: number, isFresh: boolean): void;
  row(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void;
}

/** One pass over the rows of a part. */
class PartPass {
  readonly #source: TapeSource<DepthBlock>;
  readonly #window: OffsetWindow;
  readonly #shiftNs: number;
  readonly #before: BookRestatement | undefined;
  /** Rows at the tape's beginning that restate a book, and those of them that came. */
  readonly #restated: number;
  readonly #head: RestatedRow[] = [];
  #seen = 0;
  #taken = 0;
  #exchNs = 0;

  constructor(
    source: TapeSource<DepthBlock>,
    window: OffsetWindow,
    shiftNs: number,
    before: BookRestatement | undefined,
  ) {
    this.#source = source;
    this.#window = window;
    this.#shiftNs = shiftNs;
    this.#before = before;
    this.#restated = source.meta.counts[SLICE_ROWS] ?? 0;
  }

  run(taker: PartTaker): void {
    const block = new DepthBlock();
    const { from, to } = this.#window;
    let isTaken = false;
    let isFirst = true;
    for (let b = 0; b < this.#source.blockCount; b++) {
      this.#source.read(b, block);
      for (let i = 0; i < block.n; i++) {
        const local = block.local[i] as number;
        if (isFirst) {
          if (local >= to) return;
          isTaken = local >= from;
        }
        isFirst = ((block.kind[i] as number) & LAST) !== 0;
        if (isTaken) this.#take(block, i, taker);
        else this.#pass(block, i);
      }
    }
  }

  #pass(block: DepthBlock, i: number): void {
    this.#seen += 1;
    this.#exchNs = block.exch[i] as number;
    this.#before?.take(block.kind[i] as number, block.tick[i] as number, block.lots[i] as number);
  }

  #take(block: DepthBlock, i: number, taker: PartTaker): void {
    const [kind, tick, lots] = [block.kind[i] as number, block.tick[i] as number, block.lots[i] as number];
    const exch = shifted(block.exch[i] as number, this.#shiftNs);
    const local = shifted(block.local[i] as number, this.#shiftNs);
    if (this.#seen === 0 && this.#head.length < this.#restated) {
      // What restates a book is handed on whole: it may say nothing new.
      this.#head.push({ kind, tick, lots });
      if (this.#head.length === this.#restated) taker.head(this.#head, exch, local, false);
      return;
    }
    if (this.#taken === 0 && this.#head.length === 0) this.#begin(exch, local, kind, taker);
    this.#taken += 1;
    taker.row(exch, local, kind, tick, lots);
  }

  #begin(exch: number, local: number, kind: number, taker: PartTaker): void {
    if (this.#seen === 0) {
      taker.head([], exch, local, (kind & KIND_MASK) !== ROW.clear);
      return;
    }
    const at = shifted(this.#window.from, this.#shiftNs);
    taker.head(this.#before?.rows() ?? [], shifted(this.#exchNs, this.#shiftNs), at, false);
  }
}

/** Copies parts of bar tapes one behind the other, by the time that `timeOf` picks. */
export class BarCopy {
  rows = 0;
  readonly #base: TimeBase;
  readonly #sink: BarRows;
  readonly #timeOf: "openNs" | "closeNs";

  constructor(outlet: TapeOutlet, base: TimeBase, timeOf: "openNs" | "closeNs") {
    this.#base = base;
    this.#sink = new BarRows({ onBlock: (block) => outlet.write(block) });
    this.#timeOf = timeOf;
  }

  /** Copies one part: the bars whose time lies in the window. */
  copy({ source, window }: TapePart<BarBlock>): void {
    const base = new TimeBase(BigInt(source.meta.baseNs));
    const { from, to } = offsetWindow(window, base);
    const shiftNs = this.#base.offsetOf(base.epochNs);
    const block = new BarBlock();
    for (let b = 0; b < source.blockCount; b++) {
      source.read(b, block);
      const times = block[this.#timeOf];
      for (let i = 0; i < block.n; i++) {
        const at = times[i] as number;
        if (at < from || at >= to) continue;
        this.rows += 1;
        this.#push(block, i, shiftNs);
      }
    }
  }

  /** Hands over the rest. */
  end(): number {
    this.#sink.end();
    return this.#sink.rows;
  }

  #push(block: BarBlock, i: number, shiftNs: number): void {
    this.#sink.push({
      openNs: shifted(block.openNs[i] as number, shiftNs),
      closeNs: shifted(block.closeNs[i] as number, shiftNs),
      open: block.open[i] as number,
      high: block.high[i] as number,
      low: block.low[i] as number,
      close: block.close[i] as number,
      volume: block.volume[i] as number,
      factor: block.factor[i] as number,
      kind: block.kind[i] as number,
    });
  }
}

/** An offset from another base. @throws `FAULT_TIME` where a double cannot hold it exactly */
function shifted(ns: number, shiftNs: number): number {
  const sum = ns + shiftNs;
  if (sum - shiftNs === ns && sum - ns === shiftNs) return sum;
  throw new Fault("FAULT_TIME", {
    path: "offset",
    value: ns,
    expected: "a time within 104 days of the base",
  });
}
