/** A venue's queue, as {@link expectedFill} sees it. */
export interface PostQueue {
  /** What stands before us. @units lots */
  readonly ahead: number;
  /** The mean of what will trade there while we stand; exponentially distributed. @units lots */
  readonly flow: number;
}

/**
 * How much of a posted quantity is expected to be filled: of an exponential flow what is beyond the queue, at most
 * all of it: `flow * exp(-ahead / flow) * (1 - exp(-lots / flow))`.
 *
 * @units lots
 * @source Cont and Kukanov, Optimal order placement in limit order markets, 2017 (section 2, outflow beyond the queue)
 * @example
 * ```ts
 * import { expectedFill } from "tickwright/route";
 * Math.round(expectedFill({ ahead: 0, flow: 100 }, 100)); // => 63
 * ```
 */
export function expectedFill({ ahead, flow }: PostQueue, lots: number): number {
  return flow <= 0 ? 0 : flow * Math.exp(-ahead / flow) * (1 - Math.exp(-lots / flow));
}

/** What a placement is found from, one slot a venue. */
export interface PlacementColumns {
  readonly ahead: Float64Array;
  readonly flow: Float64Array;
  /** What a filled lot saves against taking it. @units 1e-8 ticks */
  readonly saving: Float64Array;
  readonly step: Float64Array;
  readonly min: Float64Array;
  readonly most: Float64Array;
}

/** How finely a placement divides a parent. */
const PIECES = 64;

/**
 * Divides a quantity among queues, piece by piece to the venue where the next piece saves most in expectation: what a
 * venue saves is concave in its lots, so that no exchange of two pieces saves more. A piece whose probability of being
 * filled is below the least is not posted. A venue's first piece is at least its least order.
 *
 * @cost O(64 * venues) exponentials; allocates nothing
 */
export class Placement {
  readonly lots: Float64Array;
  readonly columns: PlacementColumns;
  readonly #next: Float64Array;
  readonly #gain: Float64Array;

  constructor(step: Float64Array, min: Float64Array) {
    const zeros = (): Float64Array => new Float64Array(step.length);
    this.columns = { ahead: zeros(), flow: zeros(), saving: zeros(), step, min, most: zeros() };
    this.lots = zeros();
    this.#next = zeros();
    this.#gain = zeros();
  }

  /** Fills `lots`; returns what was posted. Venues with `most` 0 are left out. */
  run(wanted: number, probabilityMin: number): number {
    const venues = this.lots.length;
    this.lots.fill(0);
    for (let v = 0; v < venues; v++) this.#offer(v, wanted, wanted, probabilityMin);
    let left = wanted;
    for (;;) {
      let best = -1;
      for (let v = 0; v < venues; v++) {
        if ((this.#next[v] as number) === 0) continue;
        if (best < 0 || (this.#gain[v] as number) > (this.#gain[best] as number)) best = v;
      }
      if (best < 0) return wanted - left;
      const piece = this.#next[best] as number;
      if (piece <= left) {
        this.lots[best] = (this.lots[best] as number) + piece;
        left -= piece;
      }
      this.#offer(best, wanted, left, probabilityMin);
      for (let v = 0; v < venues; v++)
        if ((this.#next[v] as number) > left) this.#offer(v, wanted, left, probabilityMin);
    }
  }

  /** The next piece of a venue, none as 0, and what a lot of it saves. */
  #offer(venue: number, wanted: number, left: number, probabilityMin: number): void {
    const { ahead, flow, saving, step, min, most } = this.columns;
    const lots = this.lots[venue] as number;
    const unit = step[venue] as number;
    const room = Math.min(left, (most[venue] as number) - lots);
    const usual = Math.max(Math.ceil(wanted / PIECES / unit) * unit, lots === 0 ? (min[venue] as number) : 0);
    const piece = usual <= room ? usual : Math.floor(room / unit) * unit;
    this.#next[venue] = 0;
    if (piece <= 0 || lots + piece < (min[venue] as number)) return;
    const queue = flow[venue] as number;
    if (queue <= 0) return;
    const before = (ahead[venue] as number) + lots;
    const probability = (queue * Math.exp(-before / queue) * (1 - Math.exp(-piece / queue))) / piece;
    const gain = probability * (saving[venue] as number);
    if (probability < probabilityMin || !(gain > 0)) return;
    this.#next[venue] = piece;
    this.#gain[venue] = gain;
  }
}
