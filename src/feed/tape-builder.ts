import { checkKeys, Fault } from "../base/index.ts";
import { BarBlock, type DepthBlock } from "../model/index.ts";
import { copyBlock, copyOf, MemoryTape } from "./tape-memory.ts";
import { type BarRow, BarRows, DepthRows, type LocalFalls } from "./tape-rows.ts";
import { TAPE_HEAD_KEYS, type TapeHead, TapeTally } from "./tape-tally.ts";

/** What a {@link DepthTapeBuilder} is made from. */
export interface DepthTapeOptions extends TapeHead {
  /** What to do with a local time that falls; `fail` unless given. */
  readonly localFalls?: LocalFalls;
}

/**
 * Builds a depth tape in memory, row by row.
 *
 * @invariant Exchange times are made monotone by a running maximum, counted as `exchClamped`.
 * @example
 * ```ts
 * import { DepthTapeBuilder } from "tickwright/feed";
 * import { LAST, ROW } from "tickwright/model";
 * const tape = new DepthTapeBuilder({
 *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   baseNs: 1_723_075_200_000_000_000n,
 *   source: "two rows by hand",
 *   simulated: true,
 * });
 * tape.push(0, 1_000, ROW.bid, 9_999, 5);
 * tape.push(0, 1_000, ROW.ask | LAST, 10_001, 7);
 * tape.build().meta.rows; // => 2
 * ```
 */
export class DepthTapeBuilder {
  readonly #tally: TapeTally;
  readonly #rows: DepthRows;
  readonly #blocks: DepthBlock[] = [];

  constructor(options: DepthTapeOptions) {
    checkKeys("tape", options, [...TAPE_HEAD_KEYS, "localFalls"]);
    this.#tally = new TapeTally("depth", options);
    this.#rows = new DepthRows({
      localFalls: options.localFalls ?? "fail",
      onBlock: (block) => {
        this.#tally.add(block);
        this.#blocks.push(copyOf(block));
      },
    });
  }

  /**
   * Appends one row.
   *
   * @units `exchNs`, `localNs`: whole ns from the base; `tick`: ticks; `lots`: book lots
   * @throws `FAULT_TIME`, `FAULT_INPUT` as `DepthRows`
   */
  push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void {
    this.#rows.push(exchNs, localNs, kind, tick, lots);
  }

  /** Adds to a named count of the meta. */
  count(name: string, by = 1): void {
    this.#tally.count(name, by);
  }

  /** Ends the tape. @throws `FAULT_INPUT` where it has no rows, or the last row ends no message. */
  build(): MemoryTape<DepthBlock> {
    this.#rows.end();
    checkRows(this.#rows.rows);
    this.#tally.count("exchClamped", this.#rows.exchClamped);
    this.#tally.count("localClamped", this.#rows.localClamped);
    this.#tally.count("localDropped", this.#rows.localDropped);
    return new MemoryTape(this.#tally.meta(), this.#blocks);
  }
}

/** Builds a bar tape in memory, bar by bar. */
export class BarTapeBuilder {
  readonly #tally: TapeTally;
  readonly #rows: BarRows;
  readonly #blocks: BarBlock[] = [];

  constructor(options: TapeHead) {
    checkKeys("tape", options, TAPE_HEAD_KEYS);
    this.#tally = new TapeTally("bars", options);
    this.#rows = new BarRows({
      onBlock: (block) => {
        this.#tally.add(block);
        const kept = new BarBlock(block.n);
        copyBlock(block, kept);
        this.#blocks.push(kept);
      },
    });
  }

  /** Appends one bar. @throws `FAULT_TIME`, `FAULT_INPUT` as `BarRows` */
  push(bar: BarRow): void {
    this.#rows.push(bar);
  }

  /** Adds to a named count of the meta. */
  count(name: string, by = 1): void {
    this.#tally.count(name, by);
  }

  /** Ends the tape. @throws `FAULT_INPUT` where it has no bars. */
  build(): MemoryTape<BarBlock> {
    this.#rows.end();
    checkRows(this.#rows.rows);
    return new MemoryTape(this.#tally.meta(), this.#blocks);
  }
}

function checkRows(rows: number): void {
  if (rows === 0) throw new Fault("FAULT_INPUT", { path: "tape", value: 0, expected: "at least one row" });
}
