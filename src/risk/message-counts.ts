/**
 * How many messages every node sent within a window, exactly: one log of messages for all nodes, and a counter for
 * each that goes up when a message is sent and down when it leaves the window.
 *
 * @units times in ns from the session's base
 * @invariant A node's count is the number of messages on its paths that are less than `windowNs` old. More messages
 * within a window than there are places push the oldest out early: give at least what the limits allow, and what
 * cancels may add.
 * @cost `add` and the leaving of one message: a path of counters each; nothing allocated.
 */
export class MessageCounts {
  readonly windowNs: number;
  readonly capacity: number;
  /** Messages of each node within the window, as of the last `advance`. */
  readonly counts: Int32Array;
  readonly #paths: Int32Array;
  readonly #length: number;
  readonly #times: Float64Array;
  readonly #from: Int32Array;
  #head = 0;
  #tail = 0;
  #newestNs = Number.NEGATIVE_INFINITY;

  /** `capacity` is a power of two; `paths` holds `length` nodes for each path. */
  constructor(nodes: number, paths: Int32Array, length: number, windowNs: number, capacity: number) {
    this.windowNs = windowNs;
    this.capacity = capacity;
    this.counts = new Int32Array(nodes);
    this.#paths = paths;
    this.#length = length;
    this.#times = new Float64Array(capacity);
    this.#from = new Int32Array(capacity);
  }

  /** Lets messages leave that are `windowNs` old or older. */
  advance(nowNs: number): void {
    const mask = this.capacity - 1;
    while (this.#tail < this.#head && nowNs - (this.#times[this.#tail & mask] as number) >= this.windowNs)
      this.#drop();
  }

  /** Counts a message on the path that starts at `from`; a time before the newest one counts as the newest. */
  add(from: number, nowNs: number): void {
    if (this.#head - this.#tail === this.capacity) this.#drop();
    const at = this.#head & (this.capacity - 1);
    if (nowNs > this.#newestNs) this.#newestNs = nowNs;
    this.#times[at] = this.#newestNs;
    this.#from[at] = from;
    this.#head += 1;
    this.#change(from, 1);
  }

  /** Hands every message within the window to `take`, oldest first. */
  forEach(take: (from: number, ns: number) => void): void {
    for (let i = this.#tail; i < this.#head; i++) {
      const at = i & (this.capacity - 1);
      take(this.#from[at] as number, this.#times[at] as number);
    }
  }

  #drop(): void {
    this.#change(this.#from[this.#tail & (this.capacity - 1)] as number, -1);
    this.#tail += 1;
  }

  #change(from: number, by: number): void {
    const { counts } = this;
    const paths = this.#paths;
    const end = from + this.#length;
    for (let at = from; at < end; at++) {
      const node = paths[at] as number;
      counts[node] = (counts[node] as number) + by;
    }
  }
}
