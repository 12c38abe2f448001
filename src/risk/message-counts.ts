import type { StateReader, StateWriter } from "./state-bytes.ts";

/**
 * How many messages every node sent within a window, exactly: one log of messages for all nodes, and a counter for
 * each (`NODE.sent`) that goes up when a message is sent and down when it leaves the window.
 *
 * @units times in ns from the session's base
 * @invariant A node's count is the number of messages on its counted paths that are less than `windowNs` old. More messages
 * within a window than there are places push the oldest out early: give what the limits allow, and what cancels may
 * add.
 * @cost `add` and the leaving of one message: a path of counters each; nothing allocated.
 */
export class MessageCounts {
  readonly windowNs: number;
  readonly capacity: number;
  /** 1 for each path that is counted: one that a limit is set for. An unlimited flood pushes nobody's messages out. */
  readonly isCounted: Uint8Array;
  readonly #nodes: Float64Array;
  readonly #paths: Int32Array;
  readonly #times: Float64Array;
  readonly #from: Int32Array;
  #head = 0;
  #tail = 0;

  /** `nodes` are the rows of {@link NODE}; `capacity` is a power of two. */
  constructor(nodes: Float64Array, paths: Int32Array, windowNs: number, capacity: number) {
    this.windowNs = windowNs;
    this.capacity = capacity;
    this.#nodes = nodes;
    this.#paths = paths;
    this.isCounted = new Uint8Array(paths.length / 7).fill(1);
    // Written once, so that the first orders of a day do not wait for the system to find the memory.
    this.#times = new Float64Array(capacity).fill(-1);
    this.#from = new Int32Array(capacity).fill(-1);
  }

  /** Lets messages leave that are `windowNs` old or older. */
  advance(nowNs: number): void {
    while (this.#tail < this.#head && nowNs - this.#timeOf(this.#tail) >= this.windowNs) this.#drop();
  }

  /** Counts a message on the path that starts at `from`; a time before the newest one counts as the newest. */
  add(from: number, nowNs: number): void {
    if (this.isCounted[from / 7] === 0) return;
    this.log(from, nowNs);
    this.#change(from, 1);
  }

  /** Notes a message of a counted path, whose nodes have counted it themselves. */
  log(from: number, nowNs: number): void {
    if (this.#head - this.#tail === this.capacity) this.#drop();
    const at = this.#head & (this.capacity - 1);
    this.#times[at] = nowNs;
    if (this.#head > this.#tail && this.#timeOf(this.#head - 1) > nowNs)
      this.#times[at] = this.#timeOf(this.#head - 1);
    this.#from[at] = from;
    this.#head += 1;
  }

  /** Moves every message within the window to a log with more room; the counters stay as they are. */
  moveTo(larger: MessageCounts): void {
    while (this.#tail < this.#head) {
      const [from, ns] = [this.#from[this.#tail & (this.capacity - 1)] as number, this.#timeOf(this.#tail)];
      this.#drop();
      larger.add(from, ns);
    }
  }

  /** The messages within the window, for the snapshot of a gate; what the nodes have counted is in their rows. */
  saveInto(to: StateWriter): void {
    const usual = this.isCounted[0] as number;
    to.number(this.capacity);
    to.number(usual);
    to.columns([["isCounted", this.isCounted, usual]]);
    to.number(this.#head - this.#tail);
    for (let place = this.#tail; place < this.#head; place++) {
      to.number(this.#timeOf(place));
      to.number((this.#from[place & (this.capacity - 1)] as number) / 7);
    }
  }

  /**
   * Reads what `saveInto` wrote into a log of as much room, at most `most`, which the function returns.
   *
   * @throws `FAULT_INPUT` naming the field
   */
  loadFrom(from: StateReader, most: number): () => MessageCounts {
    const capacity = from.whole("capacity", 2, most);
    from.check("capacity", capacity, (capacity & (capacity - 1)) === 0, "a power of two");
    const loaded = new MessageCounts(this.#nodes, this.#paths, this.windowNs, capacity);
    const apply = from.columns([["isCounted", loaded.isCounted, from.whole("isCounted", 0, 1), 0, 1]]);
    const count = from.whole("messages", 0, capacity);
    for (let k = 0; k < count; k++) {
      const timeNs = from.number();
      loaded.log(7 * from.whole("path", 0, loaded.isCounted.length - 1), timeNs);
    }
    return () => {
      apply();
      return loaded;
    };
  }

  #timeOf(place: number): number {
    return this.#times[place & (this.capacity - 1)] as number;
  }

  #drop(): void {
    this.#change(this.#from[this.#tail & (this.capacity - 1)] as number, -1);
    this.#tail += 1;
  }

  /** Columns stand here as numbers, as in `QuickCheck`: `NODE.sent` of seven nodes. */
  #change(from: number, by: number): void {
    const nodes = this.#nodes;
    const paths = this.#paths;
    for (let level = 0; level < 7; level++) {
      const sent = ((paths[from + level] as number) << 5) + 9;
      nodes[sent] = (nodes[sent] as number) + by;
    }
  }
}
