/** The arrays that columns are held in. */
type Column =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/**
 * Arrays of numbers that owners, one after another, hold their columns in: what one no longer needs the next takes,
 * so that a row of backtests leaves little behind to be collected.
 *
 * @invariant An array that is taken is zero everywhere, and the taker's alone until the pool surrenders it.
 * @cost Taking a spare array writes zeros over it.
 * @example
 * ```ts
 * import { ColumnPool } from "tickwright/base";
 * const columns = new ColumnPool();
 * const first = columns.float64(1024);
 * first[0] = 7;
 * const next = columns.surrender(); // whoever held `first` is done with it
 * const second = next.float64(1024);
 * [second === first, second[0]]; // => [true, 0]
 * ```
 */
export class ColumnPool {
  /** By element and length. */
  #spare: Map<string, Column[]> = new Map();
  #taken: Column[] = [];

  float64(length: number): Float64Array<ArrayBuffer> {
    return this.#take(Float64Array, length);
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    return this.#take(Int32Array, length);
  }

  uint16(length: number): Uint16Array<ArrayBuffer> {
    return this.#take(Uint16Array, length);
  }

  int8(length: number): Int8Array<ArrayBuffer> {
    return this.#take(Int8Array, length);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    return this.#take(Uint8Array, length);
  }

  /** All its arrays, in a pool of their own where they are spare; this one is empty then, and can go on. */
  surrender(): ColumnPool {
    const pool = new ColumnPool();
    pool.#spare = this.#spare;
    for (const column of this.#taken) {
      const key = keyOf(column.constructor.name, column.length);
      const spare = pool.#spare.get(key);
      if (spare === undefined) pool.#spare.set(key, [column]);
      else spare.push(column);
    }
    this.#spare = new Map();
    this.#taken = [];
    return pool;
  }

  #take<Taken extends Column>(type: new (length: number) => Taken, length: number): Taken {
    const spare = this.#spare.get(keyOf(type.name, length))?.pop() as Taken | undefined;
    const column = spare ?? new type(length);
    if (spare !== undefined) column.fill(0);
    this.#taken.push(column);
    return column;
  }
}

function keyOf(name: string, length: number): string {
  return `${name} ${length}`;
}
