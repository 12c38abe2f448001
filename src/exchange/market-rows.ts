import { DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { DepthMarket, type DepthMarketOptions } from "../sim/index.ts";

/** Rows of a market, one at a time: the row at `at` in `block` is next. */
export interface MarketRows {
  readonly block: DepthBlock;
  readonly at: number;
  /** When the next row is due after the first; Infinity at the end. @units ns */
  readonly dueNs: number;
  advance(): void;
}

/** A tape as the exchange's market: once, or again and again. */
export class TapeRows implements MarketRows {
  readonly block: DepthBlock = new DepthBlock();
  at = 0;
  dueNs = Number.POSITIVE_INFINITY;
  readonly #tape: TapeSource<DepthBlock>;
  readonly #repeat: boolean;
  #next = 0;
  #firstNs = 0;
  /** What earlier rounds took. */
  #offsetNs = 0;
  #lastNs = 0;

  constructor(tape: TapeSource<DepthBlock>, repeat: boolean) {
    this.#tape = tape;
    this.#repeat = repeat;
    this.#load();
    this.#firstNs = this.block.exch[0] as number;
    this.#due();
  }

  advance(): void {
    this.#lastNs = this.dueNs;
    this.at += 1;
    if (this.at >= this.block.n && !this.#load() && this.#repeat) {
      this.#next = 0;
      this.#offsetNs = this.#lastNs;
      this.#load();
    }
    this.#due();
  }

  #load(): boolean {
    this.at = 0;
    while (this.#next < this.#tape.blockCount) {
      this.#tape.read(this.#next, this.block);
      this.#next += 1;
      if (this.block.n > 0) return true;
    }
    this.block.seal(0);
    return false;
  }

  #due(): void {
    this.dueNs = this.#offsetNs + (this.block.exch[this.at] as number) - this.#firstNs;
  }
}

/** Rows that one message of a seeded market has at most. */
const MESSAGE_ROWS = 65_536;

/** A seeded market that is made while it is told. */
export class SeededRows implements MarketRows {
  readonly block: DepthBlock = new DepthBlock(MESSAGE_ROWS);
  at = 0;
  dueNs = Number.POSITIVE_INFINITY;
  readonly market: DepthMarket;
  #firstNs = -1;
  #rows = 0;

  constructor(options: DepthMarketOptions) {
    const { block } = this;
    this.market = new DepthMarket(options, (exchNs, localNs, kind, tick, lots) => {
      const row = this.#rows;
      block.exch[row] = exchNs;
      block.local[row] = localNs;
      block.kind[row] = kind;
      block.tick[row] = tick;
      block.lots[row] = lots;
      this.#rows += 1;
    });
    this.#load();
  }

  advance(): void {
    this.at += 1;
    if (this.at >= this.block.n) this.#load();
    else this.#due();
  }

  #load(): void {
    this.#rows = 0;
    this.at = 0;
    this.market.next();
    this.block.seal(this.#rows);
    this.#due();
  }

  #due(): void {
    const exchNs = this.block.exch[this.at] as number;
    if (this.#firstNs < 0) this.#firstNs = exchNs;
    this.dueNs = exchNs - this.#firstNs;
  }
}
