import { ColumnPool, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { savedFields, savedList, savedNumber, savedTimes } from "./saved-state.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const WIDTH_MAX = 64;
const CAPACITY_MAX = 4_194_304;
/** Chains for each place. */
const CHAINS = 4;
const NEVER = Number.NEGATIVE_INFINITY;
/** Any odd number of 32 even-handed bits spreads keys; its powers are as odd. */
const ODD = 0x9e3779b1;

/** Options of a `KeyRing`. */
export interface KeyRingOptions {
  /** Numbers of a key, within 1 and 64. */
  readonly width: number;
  /** Keys held, a power of two of at most 4,194,304. */
  readonly capacity: number;
  /** How long a key is kept: no window that is asked for is longer. */
  readonly keepNs: number;
}

/** What a `KeyRing` keeps over a restart: oldest first. */
export interface SavedKeyRing {
  readonly timesNs: readonly number[];
  readonly keys: readonly (readonly number[])[];
}

/**
 * How often a key of several numbers was added within a window, exactly: a ring in order of arrival, and hash
 * chains through it from the newest back. A place is used again when its key is `keepNs` old, never before.
 *
 * @units times in ns from the session's base
 * @shape write the key into `key`, then call `count` or `add`; a row is the time and the key
 * @invariant A chain is followed back in order of arrival only; an arrival whose place was used again, or that is not
 * older than the one before, ends it.
 * @cost `add` O(width); `count` O(width) and one step per key of the same chain in the window, an eighth of a step on
 * average when the ring is full; numbers that differ by a multiple of 2^32 share a chain. Nothing allocated; a row of
 * the power of two of doubles above width, and 20 bytes, a place.
 * @throws `FAULT_CONFIG` naming the option.
 */
export class KeyRing implements StatePart {
  /** The key that the next call is about. */
  readonly key: Float64Array;
  readonly #capacity: number;
  readonly #keepNs: number;
  /** Doubles from one row to the next, as a shift. */
  readonly #shift: number;
  readonly #rows: Float64Array;
  /** The newest arrival of each chain, and the one before each place's in its chain; both modulo 2^32. */
  readonly #newest: Int32Array;
  readonly #before: Int32Array;
  /** What each number of a key is multiplied by before they are summed. */
  readonly #odd: Int32Array;
  /** Chains, minus 1. */
  readonly #mask: number;
  /** Arrivals so far, modulo 2^32, and how many of them are held. */
  #added = 0;
  #held = 0;
  /** The chain of the key that was counted last. */
  #counted = 0;

  /** `columns` are what it is held in, where they are handed on. */
  constructor(options: KeyRingOptions, columns: ColumnPool = new ColumnPool()) {
    checkKeys("keyRing", options, ["width", "capacity", "keepNs"]);
    const width = checkInteger("keyRing.width", options.width, 1, WIDTH_MAX);
    this.#capacity = powerOfTwo("keyRing.capacity", options.capacity);
    this.#keepNs = checkInteger("keyRing.keepNs", options.keepNs, 1);
    this.key = new Float64Array(width);
    this.#shift = 32 - Math.clz32(width);
    this.#rows = columns.float64(this.#capacity << this.#shift);
    this.#newest = columns.int32(CHAINS * this.#capacity);
    this.#odd = new Int32Array(width).fill(ODD);
    for (let k = 1; k < width; k++) this.#odd[k] = Math.imul(this.#odd[k - 1] as number, ODD);
    this.#mask = this.#newest.length - 1;
    this.#before = columns.int32(this.#capacity);
    this.#clear();
  }

  /** How many equal keys were added less than `windowNs` ago. */
  count(windowNs: number, nowNs: number): number {
    const rows = this.#rows;
    const capacity = this.#capacity;
    const added = this.#added;
    let found = 0;
    let age = 0;
    this.#counted = this.#chain();
    let arrival = this.#newest[this.#counted] as number;
    for (;;) {
      const older = (added - arrival) | 0;
      if (older <= age || older > capacity) break;
      age = older;
      const place = arrival & (capacity - 1);
      const row = place << this.#shift;
      if (nowNs - (rows[row] as number) >= windowNs) break;
      if (this.#isEqual(row + 1)) found++;
      arrival = this.#before[place] as number;
    }
    return found;
  }

  /** Whether the next place is still needed: `add` would fault. So it does for a time that is NaN. */
  isFull(nowNs: number): boolean {
    const next = (this.#added & (this.#capacity - 1)) << this.#shift;
    return !(nowNs - (this.#rows[next] as number) >= this.#keepNs);
  }

  /**
   * Adds the key; a time before the newest one counts as the newest.
   *
   * @throws `FAULT_CAPACITY` when the ring is full: ask `isFull` first.
   */
  add(nowNs: number): void {
    this.#counted = this.#chain();
    this.addCounted(nowNs);
  }

  /** {@link KeyRing.add} for the key that was counted last. @throws `FAULT_CAPACITY` as `add` */
  addCounted(nowNs: number): void {
    if (this.isFull(nowNs)) {
      const expected = `at most ${this.#capacity} keys within ${this.#keepNs} ns`;
      throw new Fault("FAULT_CAPACITY", { path: "keyRing.add", value: nowNs, expected });
    }
    const mask = this.#capacity - 1;
    const rows = this.#rows;
    const { key } = this;
    const place = this.#added & mask;
    const row = place << this.#shift;
    const newest = rows[((this.#added - 1) & mask) << this.#shift] as number;
    rows[row] = nowNs > newest ? nowNs : newest;
    for (let k = 0; k < key.length; k++) rows[row + 1 + k] = key[k] as number;
    this.#before[place] = this.#newest[this.#counted] as number;
    this.#newest[this.#counted] = this.#added;
    this.#added = (this.#added + 1) | 0;
    if (this.#held < this.#capacity) this.#held++;
  }

  /** The state, without what was overwritten. */
  save(): SavedKeyRing {
    const rows = Array.from(
      { length: this.#held },
      (_, i) => ((this.#added - this.#held + i) & (this.#capacity - 1)) << this.#shift,
    );
    const width = this.key.length;
    return {
      timesNs: rows.map((row) => this.#rows[row] as number),
      keys: rows.map((row) => [...this.#rows.subarray(row + 1, row + 1 + width)]),
    };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const saved = savedFields<SavedKeyRing>("keyRing", data, ["timesNs", "keys"]);
    const times = savedTimes("keyRing.timesNs", saved.timesNs, this.#capacity);
    const width = this.key.length;
    const keys = savedList("keyRing.keys", saved.keys, times.length, times.length).map((key, i) =>
      savedList(`keyRing.keys[${i}]`, key, width, width).map((each, k) =>
        savedNumber(`keyRing.keys[${i}][${k}]`, each),
      ),
    );
    this.#clear();
    for (const [i, key] of keys.entries()) {
      this.key.set(key);
      this.add(times[i] as number);
    }
  }

  /**
   * The keys that are less than `keepNs` older than the newest, for the snapshot of a gate: from that moment on no
   * other can count.
   */
  saveInto(to: StateWriter): void {
    const mask = this.#capacity - 1;
    const rows = this.#rows;
    const newest = rows[((this.#added - 1) & mask) << this.#shift] as number;
    let live = 0;
    while (live < this.#held) {
      const older = rows[((this.#added - 1 - live) & mask) << this.#shift] as number;
      if (newest - older >= this.#keepNs) break;
      live++;
    }
    to.number(live);
    for (; live > 0; live--) {
      const row = ((this.#added - live) & mask) << this.#shift;
      for (let k = 0; k <= this.key.length; k++) to.number(rows[row + k] as number);
    }
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const count = from.whole("keys", 0, this.#capacity);
    let before = -Number.MAX_VALUE;
    const rows = Array.from({ length: count }, () => {
      before = from.within("timesNs", before, Number.POSITIVE_INFINITY);
      return { timeNs: before, key: Array.from(this.key, () => from.number()) };
    });
    return () => {
      this.#clear();
      for (const { timeNs, key } of rows) {
        this.key.set(key);
        this.add(timeNs);
      }
    };
  }

  #clear(): void {
    this.#rows.fill(NEVER);
    this.#newest.fill(0);
    this.#added = 0;
    this.#held = 0;
  }

  /** Whether the key that begins at a place of the rows is the key. */
  #isEqual(at: number): boolean {
    const { key } = this;
    for (let k = 0; k < key.length; k++) if (this.#rows[at + k] !== key[k]) return false;
    return true;
  }

  /** The chain of the key: its numbers modulo 2^32, each times its own odd number, summed and mixed. */
  #chain(): number {
    const { key } = this;
    const odd = this.#odd;
    let sum = 0;
    for (let k = 0; k < key.length; k++)
      sum = (sum + Math.imul((key[k] as number) | 0, odd[k] as number)) | 0;
    const mixed = Math.imul(sum ^ (sum >>> 15), ODD);
    return (mixed ^ (mixed >>> 13)) & this.#mask;
  }
}

function powerOfTwo(path: string, value: number): number {
  checkInteger(path, value, 1, CAPACITY_MAX);
  if ((value & (value - 1)) === 0) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a power of two" });
}
