/** What ended a wait: as `Atomics.wait` names it. */
export type WaitEnd = "ok" | "not-equal" | "timed-out";

/** A wait that is over at once, or one that settles later. */
export type AsyncWait =
  | { readonly async: false; readonly value: WaitEnd }
  | { readonly async: true; readonly value: PromiseLike<WaitEnd> };

/**
 * The 32-bit words of a ring. The protocol is written once, over this; there is a body for one thread and one for
 * several, and a test puts a model in their place that runs every interleaving.
 *
 * @invariant `load`, `store`, `add` and `compareExchange` are sequentially consistent; `get` and `put` are plain, and
 * each is ordered against every other use of its word by one of those four.
 */
export interface RingWords {
  /** Whether other threads may see the words: only then does a wait make sense. */
  readonly isShared: boolean;
  load(at: number): number;
  store(at: number, value: number): void;
  /** Adds and returns what was there before. */
  add(at: number, value: number): number;
  /** Writes `value` where `expected` stands; returns what was there before. */
  compareExchange(at: number, expected: number, value: number): number;
  get(at: number): number;
  put(at: number, value: number): void;
  /** Blocks while the word is `expected`, at most `timeoutMs`. */
  wait(at: number, expected: number, timeoutMs: number): WaitEnd;
  waitAsync(at: number, expected: number, timeoutMs: number): AsyncWait;
  /** Wakes all that wait at the word. */
  notify(at: number): void;
  /** Tells the processor that this is a spin. */
  pause(): void;
  /** Gives the core away for about `ms` milliseconds. */
  nap(ms: number): void;
}

const AT_ONCE = { async: false, value: "timed-out" } as const;

/** Words of one thread: no atomic operation anywhere; a wait ends at once, since nobody could end it. */
export class PlainWords implements RingWords {
  readonly isShared = false;
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  load(at: number): number {
    return this.#words[at] as number;
  }

  store(at: number, value: number): void {
    this.#words[at] = value;
  }

  add(at: number, value: number): number {
    const before = this.#words[at] as number;
    this.#words[at] = before + value;
    return before;
  }

  compareExchange(at: number, expected: number, value: number): number {
    const before = this.#words[at] as number;
    if (before === expected) this.#words[at] = value;
    return before;
  }

  get(at: number): number {
    return this.#words[at] as number;
  }

  put(at: number, value: number): void {
    this.#words[at] = value;
  }

  wait(): WaitEnd {
    return "timed-out";
  }

  waitAsync(): AsyncWait {
    return AT_ONCE;
  }

  notify(): void {}

  pause(): void {}

  nap(): void {}
}

/** `Atomics.pause` where the platform has it (Node 24 and later). */
const pauseOf: { readonly pause?: () => void } = Atomics as object;
const pause = pauseOf.pause ?? (() => {});

/** Words that several threads share: every operation but `get` and `put` is one of `Atomics`. */
export class SharedWords implements RingWords {
  readonly isShared = true;
  readonly #words: Int32Array;
  /** A word that nobody writes: a wait on it is a sleep. */
  readonly #idle = new Int32Array(new SharedArrayBuffer(4));

  constructor(words: Int32Array) {
    this.#words = words;
  }

  load(at: number): number {
    return Atomics.load(this.#words, at);
  }

  store(at: number, value: number): void {
    Atomics.store(this.#words, at, value);
  }

  add(at: number, value: number): number {
    return Atomics.add(this.#words, at, value);
  }

  compareExchange(at: number, expected: number, value: number): number {
    return Atomics.compareExchange(this.#words, at, expected, value);
  }

  get(at: number): number {
    return this.#words[at] as number;
  }

  put(at: number, value: number): void {
    this.#words[at] = value;
  }

  wait(at: number, expected: number, timeoutMs: number): WaitEnd {
    return Atomics.wait(this.#words, at, expected, timeoutMs);
  }

  waitAsync(at: number, expected: number, timeoutMs: number): AsyncWait {
    return Atomics.waitAsync(this.#words, at, expected, timeoutMs);
  }

  notify(at: number): void {
    Atomics.notify(this.#words, at);
  }

  pause(): void {
    pause();
  }

  nap(ms: number): void {
    Atomics.wait(this.#idle, 0, 0, ms);
  }
}
