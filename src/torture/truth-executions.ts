import { longerDoubles, longerIntegers } from "./columns.ts";

/** What became of an execution: `corrected` ones are replaced by another, which is live. */
export const EXECUTION_STATE = { live: 0, busted: 1, corrected: 2 } as const;

/**
 * Every execution of a simulated venue by row, in order of their numbers.
 *
 * @units ticks, lots, `exchNs` ns of the venue's clock from the session's base, `feeMinor` minor units
 * @invariant `execId` is the row + 1: unique per venue, and found without a search.
 */
export class TruthExecutions {
  count = 0;
  /** The order's row. */
  order: Int32Array;
  priceTicks: Float64Array;
  lots: Float64Array;
  /** A code of {@link EXECUTION_STATE}. */
  state: Int32Array;
  /** 1 where a resting order was taken. */
  maker: Int32Array;
  /** A code of `REASON`. */
  reason: Int32Array;
  exchNs: Float64Array;
  /** The venue's number of the event. */
  venueSeq: Float64Array;
  /** The execution id that this one replaces, or 0. */
  refExecId: Float64Array;
  /** As the report said. */
  leavesLots: Float64Array;
  cumLots: Float64Array;
  readonly feeMinor: bigint[] = [];

  constructor(capacity = 1024) {
    this.order = new Int32Array(capacity);
    this.priceTicks = new Float64Array(capacity);
    this.lots = new Float64Array(capacity);
    this.state = new Int32Array(capacity);
    this.maker = new Int32Array(capacity);
    this.reason = new Int32Array(capacity);
    this.exchNs = new Float64Array(capacity);
    this.venueSeq = new Float64Array(capacity);
    this.refExecId = new Float64Array(capacity);
    this.leavesLots = new Float64Array(capacity);
    this.cumLots = new Float64Array(capacity);
  }

  /** Adds a live execution; the other columns are the caller's to fill. Returns its row. */
  add(order: number, priceTicks: number, lots: number, refExecId: number): number {
    if (this.count === this.order.length) this.#grow();
    const row = this.count++;
    this.order[row] = order;
    this.priceTicks[row] = priceTicks;
    this.lots[row] = lots;
    this.refExecId[row] = refExecId;
    this.feeMinor.push(0n);
    return row;
  }

  isLive(row: number): boolean {
    return this.state[row] === EXECUTION_STATE.live;
  }

  #grow(): void {
    const capacity = this.order.length * 2;
    this.order = longerIntegers(this.order, capacity);
    this.priceTicks = longerDoubles(this.priceTicks, capacity);
    this.lots = longerDoubles(this.lots, capacity);
    this.state = longerIntegers(this.state, capacity);
    this.maker = longerIntegers(this.maker, capacity);
    this.reason = longerIntegers(this.reason, capacity);
    this.exchNs = longerDoubles(this.exchNs, capacity);
    this.venueSeq = longerDoubles(this.venueSeq, capacity);
    this.refExecId = longerDoubles(this.refExecId, capacity);
    this.leavesLots = longerDoubles(this.leavesLots, capacity);
    this.cumLots = longerDoubles(this.cumLots, capacity);
  }
}
