import { type ColumnPool, Fault } from "../base/index.ts";

/** What an execution record is. Only `live` ones count. */
export const EXECUTION = {
  live: 1,
  /** Corrected: `successor` counts in its place. */
  superseded: 2,
  busted: 3,
  /** A correction that waits for the execution it names. */
  heldCorrect: 4,
  /** A bust that waits for the execution it names. */
  heldBust: 5,
  /** A bust that was carried out; kept so that its repetition is known. */
  bustRecord: 6,
} as const;

/**
 * The executions of all orders of a store: columns of nodes, chained per order.
 *
 * @invariant A node belongs to one order's chain or to the free list, never to both.
 * @cost `take` and `release` O(1); the columns double when full, up to `limit` nodes.
 * @throws `FAULT_CAPACITY` when more than `limit` executions are held at once.
 */
export class ExecutionPool {
  execId: Float64Array;
  refExecId: Float64Array;
  lots: Float64Array;
  ticks: Int32Array;
  kind: Uint8Array;
  successor: Int32Array;
  next: Int32Array;
  /** The venue that numbered the execution. */
  venue: Uint16Array;
  /** 1 where it happened on an earlier day than the order's. */
  prior: Uint8Array;
  /** What it counts for since a split; 0 where there was none: `lots` and `ticks` stay as reported. */
  splitLots: Float64Array;
  /** Whether `prior` or `splitLots` was ever written: then `release` clears them. */
  isMarked = false;
  readonly limit: number;
  #free = -1;
  #used = 0;

  constructor(size: number, limit: number, columns: ColumnPool) {
    this.limit = limit;
    this.execId = columns.float64(size);
    this.refExecId = columns.float64(size);
    this.lots = columns.float64(size);
    this.ticks = columns.int32(size);
    this.kind = columns.uint8(size);
    this.successor = columns.int32(size);
    this.next = columns.int32(size);
    this.venue = columns.uint16(size);
    this.prior = columns.uint8(size);
    this.splitLots = columns.float64(size);
  }

  /** Nodes the columns have room for. */
  get size(): number {
    return this.next.length;
  }

  /** A node put in front of the chain that starts at `head`. */
  take(head: number): number {
    let node = this.#free;
    if (node >= 0) this.#free = this.next[node] as number;
    else {
      if (this.#used === this.next.length) this.#grow();
      node = this.#used++;
    }
    this.next[node] = head;
    this.successor[node] = -1;
    return node;
  }

  /** Gives a whole chain back. */
  release(head: number): void {
    let node = head;
    while (node >= 0) {
      const after = this.next[node] as number;
      this.next[node] = this.#free;
      this.kind[node] = 0;
      if (this.isMarked) {
        this.prior[node] = 0;
        this.splitLots[node] = 0;
      }
      this.#free = node;
      node = after;
    }
  }

  /** The node of a venue's execution id in a chain, or -1. */
  find(head: number, execId: number, venue: number): number {
    let node = head;
    while (node >= 0 && !(this.execId[node] === execId && this.venue[node] === venue)) {
      node = this.next[node] as number;
    }
    return node;
  }

  /** What an execution counts for: its lots, as a split left them. */
  countedLots(node: number): number {
    const split = this.splitLots[node] as number;
    return split > 0 ? split : (this.lots[node] as number);
  }

  #grow(): void {
    const size = Math.min(this.limit, this.next.length * 2);
    if (size <= this.next.length) {
      throw new Fault("FAULT_CAPACITY", {
        path: "orderStore.maxExecutions",
        value: this.limit,
        expected: "room for one more execution: free finished orders, or raise the limit",
      });
    }
    this.execId = enlarge(this.execId, new Float64Array(size));
    this.refExecId = enlarge(this.refExecId, new Float64Array(size));
    this.lots = enlarge(this.lots, new Float64Array(size));
    this.ticks = enlarge(this.ticks, new Int32Array(size));
    this.kind = enlarge(this.kind, new Uint8Array(size));
    this.successor = enlarge(this.successor, new Int32Array(size));
    this.next = enlarge(this.next, new Int32Array(size));
    this.venue = enlarge(this.venue, new Uint16Array(size));
    this.prior = enlarge(this.prior, new Uint8Array(size));
    this.splitLots = enlarge(this.splitLots, new Float64Array(size));
  }
}

type Column = Float64Array | Int32Array | Uint16Array | Uint8Array;

function enlarge<Kind extends Column>(from: Kind, into: Kind): Kind {
  into.set(from);
  return into;
}
