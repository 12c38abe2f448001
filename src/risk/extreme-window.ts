import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { savedFields, savedList, savedNumber, savedTimes } from "./saved-state.ts";
import type { StateReader, StateWriter } from "./state-bytes.ts";

const LANES_MAX = 131_072;
const DEPTH_MAX = 65_536;

/** Options of an `ExtremeWindow`. */
export interface ExtremeWindowOptions {
  /** Windows there are, within 1 and 131,072. */
  readonly lanes: number;
  /** Samples each can hold, within 1 and 65,536. */
  readonly depth: number;
}

/** A lane of a saved `ExtremeWindow`: times rise, values fall. */
export interface SavedExtremes {
  readonly timesNs: readonly number[];
  readonly values: readonly number[];
}

/**
 * The highest value of a moving window, per lane: a monotonic queue, which holds only what can still become the
 * highest. For the lowest, give negated values. Times are rounded up to a grid, and samples of one grid step are
 * one; a grid of 1 ns is exact for whole ns, and with a window of n steps a lane never holds more than n + 1.
 *
 * @units times in ns from the session's base; values in any unit, finite
 * @invariant `highest` is that of all samples whose rounded time is less than `windowNs` old: a sample counts for at
 * least `windowNs` and less than `windowNs + gridNs`.
 * @invariant In a lane times rise and values fall, both strictly. A time before the newest counts as the newest.
 * @cost `push` and `highest` O(1) amortised, nothing allocated; 16 bytes a sample.
 * @throws `FAULT_CONFIG` naming the option.
 */
export class ExtremeWindow {
  readonly lanes: number;
  readonly depth: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  /** Where the oldest sample of a lane stands, from the lane's beginning. */
  readonly #first: Int32Array;
  readonly #counts: Int32Array;
  readonly #windowNs: Float64Array;
  readonly #gridNs: Float64Array;

  constructor(options: ExtremeWindowOptions) {
    checkKeys("extremeWindow", options, ["lanes", "depth"]);
    this.lanes = checkInteger("extremeWindow.lanes", options.lanes, 1, LANES_MAX);
    this.depth = checkInteger("extremeWindow.depth", options.depth, 1, DEPTH_MAX);
    this.#times = new Float64Array(this.lanes * this.depth);
    this.#values = new Float64Array(this.lanes * this.depth);
    this.#first = new Int32Array(this.lanes);
    this.#counts = new Int32Array(this.lanes);
    this.#windowNs = new Float64Array(this.lanes).fill(1);
    this.#gridNs = new Float64Array(this.lanes).fill(1);
  }

  /** Gives a lane its window and its grid, and empties it. @throws `FAULT_CONFIG` naming the field */
  configure(lane: number, windowNs: number, gridNs: number): void {
    checkInteger("extremeWindow.lane", lane, 0, this.lanes - 1);
    checkInteger("extremeWindow.windowNs", windowNs, 1);
    checkInteger("extremeWindow.gridNs", gridNs, 1, windowNs);
    this.clear(lane);
    this.#windowNs[lane] = windowNs;
    this.#gridNs[lane] = gridNs;
  }

  /** Adds a sample. False when the lane is full: the sample is not in it then. */
  push(lane: number, value: number, nowNs: number): boolean {
    this.#expire(lane, nowNs);
    const gridNs = this.#gridNs[lane] as number;
    let count = this.#counts[lane] as number;
    let time = Math.ceil(nowNs / gridNs) * gridNs + 0; // never -0, which JSON loses
    if (count > 0) time = Math.max(time, this.#times[this.#slot(lane, count - 1)] as number);
    while (count > 0 && (this.#values[this.#slot(lane, count - 1)] as number) <= value) count--;
    if (count > 0 && this.#times[this.#slot(lane, count - 1)] === time) return true;
    if (count === this.depth) return false;
    const slot = this.#slot(lane, count);
    this.#times[slot] = time;
    this.#values[slot] = value;
    this.#counts[lane] = count + 1;
    return true;
  }

  /** The highest value within the window, -Infinity when there is none. */
  highest(lane: number, nowNs: number): number {
    this.#expire(lane, nowNs);
    if (this.#counts[lane] === 0) return Number.NEGATIVE_INFINITY;
    return this.#values[this.#slot(lane, 0)] as number;
  }

  /** Whether a lane has no room for a value below all the others. */
  isFull(lane: number, nowNs: number): boolean {
    this.#expire(lane, nowNs);
    return this.#counts[lane] === this.depth;
  }

  /** Empties a lane. */
  clear(lane: number): void {
    this.#first[lane] = 0;
    this.#counts[lane] = 0;
  }

  /** The samples of every lane; windows and grids are configuration and are not in it. */
  save(): readonly SavedExtremes[] {
    return Array.from(this.#counts, (count, lane) => {
      const slots = Array.from({ length: count }, (_, k) => this.#slot(lane, k));
      return {
        timesNs: slots.map((slot) => this.#times[slot] as number),
        values: slots.map((slot) => this.#values[slot] as number),
      };
    });
  }

  /**
   * Continues from saved samples.
   *
   * @throws `FAULT_INPUT` naming the place under `path`, also for times that do not rise or values that do not
   * fall; nothing has changed then.
   */
  load(path: string, data: unknown): void {
    const lanes = savedList(path, data, this.lanes, this.lanes).map((lane, i) =>
      savedLane(`${path}[${i}]`, lane, this.depth),
    );
    for (const [lane, { timesNs, values }] of lanes.entries()) {
      this.#times.set(timesNs, lane * this.depth);
      this.#values.set(values, lane * this.depth);
      this.#first[lane] = 0;
      this.#counts[lane] = timesNs.length;
    }
  }

  /** The samples of the lanes that `counts` names, for the snapshot of a gate. */
  saveInto(to: StateWriter, counts: (lane: number) => boolean = () => true): void {
    let last = -1;
    for (let lane = 0; lane < this.lanes; lane++) {
      const count = this.#counts[lane] as number;
      if (count === 0 || !counts(lane)) continue;
      to.number(lane - last);
      to.number(count);
      for (let k = 0; k < count; k++) {
        to.number(this.#times[this.#slot(lane, k)] as number);
        to.number(this.#values[this.#slot(lane, k)] as number);
      }
      last = lane;
    }
    to.number(0);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const rows: { lane: number; timesNs: number[]; values: number[] }[] = [];
    from.places("lanes", this.lanes, (lane) => {
      const [timesNs, values]: [number[], number[]] = [[], []];
      const count = from.whole("samples", 1, this.depth);
      for (let k = 0; k < count; k++) {
        timesNs.push(from.number());
        values.push(from.number());
      }
      rows.push({ lane, timesNs, values });
    });
    return () => {
      this.#first.fill(0);
      this.#counts.fill(0);
      for (const { lane, timesNs, values } of rows) {
        this.#times.set(timesNs, lane * this.depth);
        this.#values.set(values, lane * this.depth);
        this.#counts[lane] = timesNs.length;
      }
    };
  }

  #expire(lane: number, nowNs: number): void {
    const windowNs = this.#windowNs[lane] as number;
    let count = this.#counts[lane] as number;
    let first = this.#first[lane] as number;
    while (count > 0 && nowNs - (this.#times[lane * this.depth + first] as number) >= windowNs) {
      first = first + 1 === this.depth ? 0 : first + 1;
      count--;
    }
    this.#first[lane] = first;
    this.#counts[lane] = count;
  }

  #slot(lane: number, k: number): number {
    return lane * this.depth + (((this.#first[lane] as number) + k) % this.depth);
  }
}

function savedLane(path: string, data: unknown, depth: number): SavedExtremes {
  const saved = savedFields<SavedExtremes>(path, data, ["timesNs", "values"]);
  const timesNs = savedTimes(`${path}.timesNs`, saved.timesNs, depth);
  const list = savedList(`${path}.values`, saved.values, timesNs.length, timesNs.length);
  const values = list.map((each, k) => savedNumber(`${path}.values[${k}]`, each));
  for (let k = 1; k < timesNs.length; k++) {
    const isLater = (timesNs[k] as number) > (timesNs[k - 1] as number);
    if (isLater && (values[k] as number) < (values[k - 1] as number)) continue;
    throw new Fault("FAULT_INPUT", { path: `${path}[${k}]`, expected: "times that rise, values that fall" });
  }
  return { timesNs, values };
}
