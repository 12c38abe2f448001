import { OrderBook } from "../book/index.ts";
import { KIND_MASK, LAST, ROW, SNAPSHOT, VALIDITY } from "../model/index.ts";
import { applyBookRow } from "./book-row.ts";

/** A row without its times. */
export interface RestatedRow {
  readonly kind: number;
  readonly tick: number;
  readonly lots: number;
}

/**
 * What the rows of a depth tape say up to a place, and the fewest rows that say it again: validity where it is not
 * valid, a clear, the book's levels best first, the last mark price.
 *
 * @invariant Rows taken in after {@link rows} of another leave this one with equal rows.
 * @cost A book update a row.
 */
export class BookRestatement {
  readonly #book = new OrderBook();
  #validity: RestatedRow | undefined;
  #mark: RestatedRow | undefined;

  /** Takes in one row. */
  take(kind: number, tick: number, lots: number): void {
    if (applyBookRow(this.#book, kind, tick, lots)) return;
    const what = kind & KIND_MASK;
    if (what === ROW.mark) this.#mark = { kind: ROW.mark | LAST, tick, lots };
    else if (what === ROW.validity)
      this.#validity = tick === VALIDITY.valid ? undefined : { kind: ROW.validity | LAST, tick, lots };
  }

  /** True where the book has no level. */
  get isEmpty(): boolean {
    return !this.#book.hasBid && !this.#book.hasAsk;
  }

  /** The rows that say it again: whole messages. */
  rows(): RestatedRow[] {
    const { bids, asks } = this.#book.copy();
    const levels = [
      { kind: ROW.clear | SNAPSHOT, tick: 0, lots: 0 },
      ...bids.map(({ priceTicks, lots }) => ({ kind: ROW.bid | SNAPSHOT, tick: priceTicks, lots })),
      ...asks.map(({ priceTicks, lots }) => ({ kind: ROW.ask | SNAPSHOT, tick: priceTicks, lots })),
    ];
    const last = levels.pop() as RestatedRow;
    levels.push({ ...last, kind: last.kind | LAST } as (typeof levels)[number]);
    const [validity, mark] = [this.#validity, this.#mark];
    return [...(validity === undefined ? [] : [validity]), ...levels, ...(mark === undefined ? [] : [mark])];
  }

  /** True where these rows say just what is known already. */
  saysThe(rows: readonly RestatedRow[]): boolean {
    const own = this.rows();
    return (
      own.length === rows.length &&
      own.every(({ kind, tick, lots }, i) => {
        const row = rows[i] as RestatedRow;
        return row.kind === kind && row.tick === tick && row.lots === lots;
      })
    );
  }
}
