import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { savedFields, savedList, savedNumber, savedTimes } from "./saved-state.ts";

const WIDTH_MAX = 64;
const CAPACITY_MAX = 4_194_304;
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
 * @shape write the key into `key`, then call `count` or `add`
 * @invariant A chain is followed back in order of arrival only: a link to a place that was used again ends it, and so
 * does the link of a first key, which leads to place 0.
 * @cost `add` O(width); `count` O(width) and one step per key of the same chain in the window, half a step on
 * average when the ring is full; numbers that differ by a multiple of 2^32 share a chain. Nothing allocated;
 * 8 (width + 3) bytes a place.
 * @throws `FAULT_CONFIG` naming the option.
 */
export class KeyRing {
  /** The key that the next call is about. */
  readonly key: Float64Array;
  readonly #capacity: number;
  readonly #keepNs: number;
  readonly #keys: Float64Array;
  readonly #times: Float64Array;
  /** How many were added before the key of this place. */
  readonly #arrival: Float64Array;
  /** The place of the key that was the newest of the chain before this one. */
  readonly #link: Int32Array;
  /** The newest place of each chain. */
  readonly #head: Int32Array;
  /** What each number of a key is multiplied by before they are summed. */
  readonly #odd: Int32Array;
  #added = 0;
  /** The chain of the key that was counted last. */
  #counted = 0;

  constructor(options: KeyRingOptions) {
    checkKeys("keyRing", options, ["width", "capacity", "keepNs"]);
    const width = checkInteger("keyRing.width", options.width, 1, WIDTH_MAX);
    this.#capacity = powerOfTwo("keyRing.capacity", options.capacity);
    this.#keepNs = checkInteger("keyRing.keepNs", options.keepNs, 1);
    this.key = new Float64Array(width);
    this.#keys = new Float64Array(width * this.#capacity);
    this.#times = new Float64Array(this.#capacity).fill(NEVER);
    this.#arrival = new Float64Array(this.#capacity);
    this.#link = new Int32Array(this.#capacity);
    this.#head = new Int32Array(this.#capacity);
    this.#odd = new Int32Array(width).fill(ODD);
    for (let k = 1; k < width; k++) this.#odd[k] = Math.imul(this.#odd[k - 1] as number, ODD);
  }

  /** How many equal keys were added less than `windowNs` ago. */
  count(windowNs: number, nowNs: number): number {
    let found = 0;
    this.#counted = this.#chain();
    let slot = this.#head[this.#counted] as number;
    let before = this.#added;
    while ((this.#arrival[slot] as number) < before) {
      if (nowNs - (this.#times[slot] as number) >= windowNs) break;
      if (this.#isEqual(slot)) found++;
      before = this.#arrival[slot] as number;
      slot = this.#link[slot] as number;
    }
    return found;
  }

  /** Whether the next place is still needed: `add` would fault. So it does for a time that is NaN. */
  isFull(nowNs: number): boolean {
    return !(nowNs - (this.#times[this.#added & (this.#capacity - 1)] as number) >= this.#keepNs);
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
    const slot = this.#added & mask;
    const newest = this.#times[(this.#added + mask) & mask] as number;
    const { key } = this;
    const first = slot * key.length;
    this.#times[slot] = Math.max(nowNs, newest);
    for (let k = 0; k < key.length; k++) this.#keys[first + k] = key[k] as number;
    this.#arrival[slot] = this.#added;
    this.#link[slot] = this.#head[this.#counted] as number;
    this.#head[this.#counted] = slot;
    this.#added++;
  }

  /** The state, without what was overwritten. */
  save(): SavedKeyRing {
    const first = Math.max(0, this.#added - this.#capacity);
    const slots = Array.from({ length: this.#added - first }, (_, i) => (first + i) % this.#capacity);
    const width = this.key.length;
    return {
      timesNs: slots.map((slot) => this.#times[slot] as number),
      keys: slots.map((slot) => [...this.#keys.subarray(slot * width, (slot + 1) * width)]),
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
    this.#times.fill(NEVER);
    this.#added = 0;
    for (const [i, key] of keys.entries()) {
      this.key.set(key);
      this.add(times[i] as number);
    }
  }

  #isEqual(slot: number): boolean {
    const first = slot * this.key.length;
    for (let k = 0; k < this.key.length; k++) {
      if (this.#keys[first + k] !== this.key[k]) return false;
    }
    return true;
  }

  /** The chain of the key: its numbers modulo 2^32, each times its own odd number, summed and mixed. */
  #chain(): number {
    let sum = 0;
    for (let k = 0; k < this.key.length; k++) {
      sum = (sum + Math.imul(this.key[k] as number, this.#odd[k] as number)) | 0;
    }
    const mixed = Math.imul(sum ^ (sum >>> 15), ODD);
    return (mixed ^ (mixed >>> 13)) & (this.#capacity - 1);
  }
}

function powerOfTwo(path: string, value: number): number {
  checkInteger(path, value, 1, CAPACITY_MAX);
  if ((value & (value - 1)) === 0) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a power of two" });
}
