import { ChainDigest, type SavedChainDigest } from "../base/index.ts";

/** What an effect record says happened. Codes are part of the run hash: never renumbered. */
export const EFFECT = {
  submitted: 1,
  cancelSent: 2,
  replaceSent: 3,
  refused: 4,
  report: 5,
  filled: 6,
  dividend: 7,
  split: 8,
  funding: 9,
  disconnected: 10,
  adjusted: 11,
  held: 12,
  strategyFaulted: 13,
  logged: 14,
  charged: 15,
  /** A parent order is held; holds another quantity; is let go. The third field is its number, not an order's. */
  reserved: 16,
  reserveChanged: 17,
  released: 18,
  /** The order before is a child of this parent, and which slice of it. */
  child: 19,
} as const;

const FIELDS = 8;
const RECORDS = 512;

/** The whole state of an {@link EffectLog}, JSON-safe. */
export interface SavedEffectLog {
  readonly count: number;
  readonly digest: SavedChainDigest;
}

/**
 * The run's decisions and effects as records of 64 bytes, hashed in blocks: what makes two runs equal.
 *
 * @shape a record is eight doubles: kind, time in ns from the base, order id, then five fields of its kind
 * @invariant Equal records in equal order give an equal digest.
 * @cost Eight stores a record, and SHA-256 over 32 KiB every 512 records.
 */
export class EffectLog {
  readonly #cells: Float64Array = new Float64Array(FIELDS * RECORDS);
  readonly #bytes: Uint8Array = new Uint8Array(this.#cells.buffer);
  readonly #digest: ChainDigest = new ChainDigest();
  #at = 0;
  /** Records written so far. */
  count = 0;
  /** Handed whole records, as bytes that are good during the call, before they are hashed. */
  sink: ((records: Uint8Array) => void) | undefined = undefined;

  put(kind: number, ns: number, id: number, a: number, b: number, c: number, d: number, e: number): void {
    const cells = this.#cells;
    const at = this.#at;
    cells[at] = kind;
    cells[at + 1] = ns;
    cells[at + 2] = id;
    cells[at + 3] = a;
    cells[at + 4] = b;
    cells[at + 5] = c;
    cells[at + 6] = d;
    cells[at + 7] = e;
    this.count += 1;
    this.#at = at + FIELDS;
    if (this.#at === cells.length) this.#flush();
  }

  /** The digest of all records so far, as 64 hex digits. */
  hex(): string {
    this.#flush();
    return this.#digest.hex();
  }

  /** Hands what was written to the digest and the sink. */
  flush(): void {
    this.#flush();
  }

  /** The state now, JSON-safe. */
  save(): SavedEffectLog {
    this.#flush();
    return { count: this.count, digest: this.#digest.save() };
  }

  /** Goes on from a state that `save` gave. @throws `FAULT_INPUT` for anything else */
  load(saved: SavedEffectLog): void {
    this.#digest.load(saved.digest);
    this.count = saved.count;
    this.#at = 0;
  }

  #flush(): void {
    if (this.#at === 0) return;
    const records = this.#bytes.subarray(0, this.#at * 8);
    this.#at = 0;
    this.sink?.(records);
    this.#digest.update(records);
  }
}
