const HEAD = 0;
const TAIL = 32;
const WORDS = 64;

/** A ring as one writes it first: for each message both indices are read and one written atomically, at both ends. */
export class NaiveRing {
  readonly buffer: SharedArrayBuffer;
  readonly f64: Float64Array;
  readonly #words: Int32Array;
  readonly #capacity: number;

  constructor(capacity: number, buffer = new SharedArrayBuffer(4 * WORDS + 64 * capacity)) {
    this.buffer = buffer;
    this.f64 = new Float64Array(buffer, 4 * WORDS);
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#capacity = capacity;
  }

  /** The next slot to write, -1 where the ring is full. */
  claim(): number {
    const head = Atomics.load(this.#words, HEAD);
    const depth = (head - Atomics.load(this.#words, TAIL)) | 0;
    return depth < this.#capacity ? head & (this.#capacity - 1) : -1;
  }

  commit(): void {
    Atomics.store(this.#words, HEAD, (Atomics.load(this.#words, HEAD) + 1) | 0);
  }

  /** The next slot to read, -1 where there is none. */
  poll(): number {
    const tail = Atomics.load(this.#words, TAIL);
    return tail === Atomics.load(this.#words, HEAD) ? -1 : tail & (this.#capacity - 1);
  }

  release(): void {
    Atomics.store(this.#words, TAIL, (Atomics.load(this.#words, TAIL) + 1) | 0);
  }

  isEmpty(): boolean {
    return this.poll() < 0;
  }
}
