import { checkInteger, Fault } from "../base/index.ts";

const FIRM = 1;
const NARROW = 2;
const EPOCH_STEP = 4;
const FLAGS = FIRM | NARROW;

/** Half of the epochs that fit: a restart never comes near the wrap. */
const MAX_EPOCH = 536_870_911;

const MAX_SCOPES = 65_536;

/** The scope index that stands for everything. */
export const FIRM_SCOPE = 0;

/** How hard a kill closes: see {@link KillLatch}. */
export type KillLevel = 1 | 2 | 3 | 4;

/** Tells a level from anything else. */
export function isKillLevel(value: unknown): value is KillLevel {
  return value === 1 || value === 2 || value === 3 || value === 4;
}

/**
 * The kill latch: one word of shared memory that says whether anything is latched, and a level for each scope
 * behind it. A flag set in any thread closes the gate in every thread that holds the same buffer.
 *
 * @shape word 0: bit 0 the firm is latched, bit 1 a narrower scope is, the other bits count changes (the epoch);
 * word 1 + n: the level of scope n, 0 for none, scope 0 is the firm
 * @invariant Every change of any scope changes word 0, so one comparison finds a token that is older than a kill.
 * @cost `read` one atomic load, nothing allocated. `set` and `clear` O(scopes).
 * @throws `FAULT_CONFIG` for a number of scopes that is no integer within 1 and 65,536, or a buffer that is no
 * latch's: give another thread `latch.buffer`.
 * @example
 * ```ts
 * import { FIRM_SCOPE, KillLatch } from "tickwright/risk";
 * const latch = new KillLatch(8);
 * const elsewhere = new KillLatch(latch.buffer); // in another thread
 * const before = latch.read();
 * elsewhere.set(FIRM_SCOPE, 2);
 * [KillLatch.isOpen(before), KillLatch.isOpen(latch.read()), latch.levelOf(FIRM_SCOPE)]; // => [true, false, 2]
 * ```
 */
export class KillLatch {
  readonly buffer: SharedArrayBuffer;
  /** The scopes there are; indices are below it. */
  readonly scopes: number;
  readonly #words: Int32Array;

  constructor(scopes: number | SharedArrayBuffer) {
    if (typeof scopes === "number") {
      this.scopes = checkInteger("killLatch.scopes", scopes, 1, MAX_SCOPES);
      this.buffer = new SharedArrayBuffer(4 * (1 + scopes));
    } else {
      this.buffer = scopes;
      this.scopes = scopesOf(scopes);
    }
    this.#words = new Int32Array(this.buffer);
  }

  /** Whether a value of `read` says that nothing is latched. */
  static isOpen(word: number): boolean {
    return (word & FLAGS) === 0;
  }

  /** Whether a value of `read` says that the whole firm is latched. */
  static isFirmLatched(word: number): boolean {
    return (word & FIRM) !== 0;
  }

  /** The number of changes that a value of `read` has seen, modulo 2^30. */
  static epochOf(word: number): number {
    return word >>> 2;
  }

  /** The word: flags and epoch. Two equal reads mean that nothing was latched or lifted between them. */
  read(): number {
    return Atomics.load(this.#words, 0);
  }

  /**
   * The word as this thread may see it a moment late: for a first look, where `read` follows before anything leaves.
   */
  peek(): number {
    return this.#words[0] as number;
  }

  /** The level a scope is latched at, 0 for none. */
  levelOf(scope: number): number {
    return Atomics.load(this.#words, 1 + this.#check(scope));
  }

  /** The highest level over the firm and some scopes, 0 for none: what holds for one seat. O(scopes given). */
  levelOver(scopes: ArrayLike<number>): number {
    let level = this.levelOf(FIRM_SCOPE);
    for (let at = 0; at < scopes.length; at++) {
      level = Math.max(level, this.levelOf(scopes[at] as number));
    }
    return level;
  }

  /** Latches a scope; a lower level never replaces a higher one. Says whether anything changed. */
  set(scope: number, level: KillLevel): boolean {
    const at = 1 + this.#check(scope);
    checkInteger("killLatch.level", level, 1, 4);
    for (;;) {
      const now = Atomics.load(this.#words, at);
      if (now >= level) return false;
      if (Atomics.compareExchange(this.#words, at, now, level) === now) break;
    }
    this.#publish();
    return true;
  }

  /** Lifts one scope: a narrower or wider one stays latched. Says whether anything changed. */
  clear(scope: number): boolean {
    const at = 1 + this.#check(scope);
    if (Atomics.exchange(this.#words, at, 0) === 0) return false;
    this.#publish();
    return true;
  }

  /** Raises the epoch above `epoch`, so that no run of the program repeats the epochs of the one before. */
  advance(epoch: number): void {
    checkInteger("killLatch.epoch", epoch, 0, MAX_EPOCH);
    for (;;) {
      const word = Atomics.load(this.#words, 0);
      if (KillLatch.epochOf(word) > epoch) return;
      const next = ((epoch + 1) << 2) | (word & FLAGS);
      if (Atomics.compareExchange(this.#words, 0, word, next) === word) return;
    }
  }

  /** Brings word 0 in line with the scopes, with a new epoch; a race is run again until it is settled. */
  #publish(): void {
    for (;;) {
      const word = Atomics.load(this.#words, 0);
      let flags = Atomics.load(this.#words, 1) === 0 ? 0 : FIRM;
      for (let at = 2; at <= this.scopes; at++) {
        if (Atomics.load(this.#words, at) !== 0) flags |= NARROW;
      }
      const next = ((word & ~FLAGS) + EPOCH_STEP) | flags;
      if (Atomics.compareExchange(this.#words, 0, word, next) === word) return;
    }
  }

  #check(scope: number): number {
    if (Number.isInteger(scope) && scope >= 0 && scope < this.scopes) return scope;
    throw new Fault("FAULT_INPUT", {
      path: "killLatch.scope",
      value: scope,
      expected: `an index within 0 and ${this.scopes - 1}`,
    });
  }
}

function scopesOf(buffer: SharedArrayBuffer): number {
  const scopes = buffer instanceof SharedArrayBuffer ? buffer.byteLength / 4 - 1 : -1;
  if (Number.isInteger(scopes) && scopes >= 1 && scopes <= MAX_SCOPES) return scopes;
  throw new Fault("FAULT_CONFIG", {
    path: "killLatch.buffer",
    value: buffer,
    expected: "the buffer of a latch",
  });
}
