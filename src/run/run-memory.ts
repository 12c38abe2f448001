import type { ColumnPool } from "../base/index.ts";
import type { BookMemory } from "../book/index.ts";

/** Memory that backtests, one after another, may hand on: what a `Backtester` surrenders. */
export class RunMemory {
  #books: readonly BookMemory[];
  readonly #columns: ColumnPool;

  /** @internal */
  constructor(books: readonly BookMemory[], columns: ColumnPool) {
    this.#books = books;
    this.#columns = columns;
  }

  /** Hands it over, once: who takes it again gets nothing. @internal */
  take(): { readonly books: readonly BookMemory[]; readonly columns: ColumnPool } {
    const books = this.#books;
    this.#books = [];
    return { books, columns: this.#columns.surrender() };
  }
}
