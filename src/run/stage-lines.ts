import { LineArbiter, type SequencedRows } from "../feed/index.ts";
import type { FeedChannel } from "../venue/index.ts";
import type { StageLines } from "./market-data-options.ts";

/** Who takes what {@link MergedLines} let through. */
export interface MergedListener {
  message(rows: SequencedRows, channel: FeedChannel, nowNs: number): void;
  /** Two lines differ under one number of the book. */
  divergent(nowNs: number): void;
}

/**
 * Lines that carry the same messages of an instrument, as one source: the first copy of each goes on, in order. The
 * book and trades are numbered apart; quotes go on as they come, and copies of them are known by their numbers.
 */
export class MergedLines {
  readonly names: readonly string[];
  readonly #listener: MergedListener;
  readonly #depth: LineArbiter;
  readonly #trades: LineArbiter;
  readonly #isUp: boolean[];

  constructor({ sources, numbering, windowNs }: StageLines, listener: MergedListener) {
    this.names = sources;
    this.#listener = listener;
    this.#isUp = sources.map(() => false);
    const make = (channel: FeedChannel): LineArbiter =>
      new LineArbiter({
        lines: sources,
        numbering: channel === "depth" ? numbering : "single",
        ...(windowNs === undefined ? {} : { windowNs }),
        ...{ windowMessages: 64, rowsMax: 4_096 },
        listener: {
          release: (rows, nowNs) => listener.message(rows, channel, nowNs),
          // Who stands behind sees that they are missing.
          gap: () => {},
          divergent: (_sequence, _line, _winner, nowNs) => {
            if (channel === "depth") listener.divergent(nowNs);
          },
        },
      });
    this.#depth = make("depth");
    this.#trades = make("trades");
  }

  /** Whether any of them is up. */
  get isUp(): boolean {
    return this.#isUp.includes(true);
  }

  isLineUp(source: string): boolean {
    return this.#isUp[this.names.indexOf(source)] === true;
  }

  get nextNs(): number {
    return Math.min(this.#depth.nextNs, this.#trades.nextNs);
  }

  turn(source: string, isUp: boolean): void {
    this.#isUp[this.names.indexOf(source)] = isUp;
  }

  message(source: string, rows: SequencedRows, channel: FeedChannel, nowNs: number): void {
    const line = this.names.indexOf(source);
    this.#isUp[line] = true;
    const isNumbered = rows.lastSequence >= 0 && channel !== "quotes";
    if (!isNumbered) {
      // Rows missing on one line are no gap of all: numbers tell whether they are missing.
      if (channel !== "depth") this.#listener.message(rows, channel, nowNs);
    } else if (channel === "depth") this.#depth.message(line, rows, nowNs);
    else this.#trades.message(line, rows, nowNs);
  }

  advance(nowNs: number): void {
    this.#depth.advance(nowNs);
    this.#trades.advance(nowNs);
  }
}
