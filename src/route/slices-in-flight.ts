/** What a slice is to do: take what is shown, or stand in the queue. */
export const SLICE_KIND = { take: 0, post: 1 } as const;

/** Slices as numbers, JSON-safe. */
export interface SavedSlices {
  readonly nextId: number;
  readonly slices: readonly (readonly number[])[];
  /** Rows that are free, the next to be used last. */
  readonly free: readonly number[];
}

/**
 * Slices that were sent and have not ended, one row each.
 *
 * @invariant An id names one slice for ever: a row that is used again has another id.
 */
export class SlicesInFlight {
  readonly rowsMax: number;
  live = 0;
  readonly id: Float64Array;
  readonly venue: Int32Array;
  /** 0 takes asks, 1 takes bids. */
  readonly side: Uint8Array;
  readonly kind: Uint8Array;
  readonly lots: Float64Array;
  readonly leaves: Float64Array;
  readonly limitTicks: Float64Array;
  /** What of a posted slice is expected to be filled. */
  readonly expected: Float64Array;
  /** The best price its venue showed when a slice that takes was decided. */
  readonly bestTicks: Float64Array;
  readonly #free: Int32Array;
  #nextId = 1;

  constructor(rowsMax: number) {
    this.rowsMax = rowsMax;
    this.id = new Float64Array(rowsMax);
    this.venue = new Int32Array(rowsMax);
    this.side = new Uint8Array(rowsMax);
    this.kind = new Uint8Array(rowsMax);
    this.lots = new Float64Array(rowsMax);
    this.leaves = new Float64Array(rowsMax);
    this.limitTicks = new Float64Array(rowsMax);
    this.expected = new Float64Array(rowsMax);
    this.bestTicks = new Float64Array(rowsMax);
    this.#free = Int32Array.from({ length: rowsMax }, (_, i) => rowsMax - 1 - i);
  }

  /** A row for a new slice; the caller has seen that there is one. */
  take(): number {
    const row = this.#free[this.rowsMax - 1 - this.live] as number;
    this.live += 1;
    // The id carries its row, so that a look-up needs no index.
    this.id[row] = this.#nextId * this.rowsMax + row;
    this.#nextId += 1;
    return row;
  }

  /** The row of an id, or -1. */
  rowOf(id: number): number {
    if (!(Number.isSafeInteger(id) && id >= this.rowsMax)) return -1;
    const row = id % this.rowsMax;
    return this.id[row] === id ? row : -1;
  }

  release(row: number): void {
    this.id[row] = 0;
    this.live -= 1;
    this.#free[this.rowsMax - 1 - this.live] = row;
  }

  /** Every slice as a row of numbers, oldest first. */
  save(): SavedSlices {
    const rows: number[][] = [];
    for (let row = 0; row < this.rowsMax; row++) {
      if (this.id[row] !== 0) rows.push(this.#columns().map((column) => column[row] as number));
    }
    const slices = rows.sort((a, b) => (a[0] as number) - (b[0] as number));
    return { nextId: this.#nextId, slices, free: [...this.#free.subarray(0, this.rowsMax - this.live)] };
  }

  /** Puts saved slices into their rows. */
  restore({ nextId, slices, free }: SavedSlices): void {
    this.#nextId = nextId;
    for (const slice of slices) {
      const row = (slice[0] as number) % this.rowsMax;
      for (const [i, column] of this.#columns().entries()) column[row] = slice[i] as number;
    }
    this.#free.set(free);
    this.live = slices.length;
  }

  #columns(): (Float64Array | Int32Array | Uint8Array)[] {
    const { id, venue, side, kind, lots, leaves, limitTicks, expected, bestTicks } = this;
    return [id, venue, side, kind, lots, leaves, limitTicks, expected, bestTicks];
  }
}
