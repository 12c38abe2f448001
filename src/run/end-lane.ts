import type { TradingKernel } from "../kernel/index.ts";
import type { Lane } from "./lane.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The end of a run that lasts as long as it was told to: until then timers fire and orders expire, though every tape is
 * over.
 */
export class EndLane implements Lane {
  readonly rows = 0;
  readonly totalRows = 0;
  readonly #toNs: number;
  readonly #kernel: TradingKernel;
  #isOver = false;

  constructor(toNs: number, kernel: TradingKernel) {
    this.#toNs = toNs;
    this.#kernel = kernel;
  }

  nextNs(): number {
    return this.#isOver ? NEVER : this.#toNs;
  }

  restNs(): number {
    return NEVER;
  }

  /** After all else of its moment. */
  nextRank(): number {
    return 2;
  }

  advance(): void {
    this.#isOver = true;
    this.#kernel.nowNs[0] = this.#toNs;
  }
}
