import { checkInteger, checkNumber, Fault } from "../base/index.ts";

/** Times in one unit: numbers (offsets), or bigints (a `BigInt64Array` of epoch nanoseconds). */
export type Times = ArrayLike<number> | ArrayLike<bigint>;

/**
 * What each observation knows: it is decided at `fromNs` and its outcome is known at `toNs`, both ends included. A
 * label that looks five bars ahead spans six bars.
 */
export interface InformationSpans {
  /** Never falling. */
  readonly fromNs: Times;
  /** None before its `fromNs`; both of one kind, numbers or bigints. */
  readonly toNs: Times;
}

/** How long nothing is trained on after what was tested, or before it in a walk forward; both hold. */
export interface Embargo {
  /** Observations; 0 unless given. */
  readonly embargo?: number;
  /** Time, in the unit of the spans; 0 unless given. */
  readonly embargoNs?: number;
}

/** The names of an {@link Embargo}'s options. */
export const EMBARGO_KEYS = ["embargo", "embargoNs"] as const;

/** Observations in order with the spans of their information: a number of them alone spans one place each. */
export class Observations {
  readonly count: number;
  readonly #from: Times;
  readonly #to: Times;

  /** @throws `FAULT_INPUT` where spans end before they begin, begin before the one before them, or mix kinds */
  constructor(path: string, given: number | InformationSpans) {
    if (typeof given === "number") {
      this.count = checkInteger(path, given, 2);
      this.#from = Float64Array.from({ length: given }, (_, i) => i);
      this.#to = this.#from;
      return;
    }
    this.count = checkInteger(`${path}.fromNs.length`, given.fromNs.length, 2);
    this.#from = given.fromNs;
    this.#to = given.toNs;
    if (this.#to.length !== this.count) {
      const expected = `as many as fromNs (${this.count})`;
      throw new Fault("FAULT_INPUT", { path: `${path}.toNs.length`, value: this.#to.length, expected });
    }
    this.#check(path);
  }

  /** Whether an observation's span meets that of a block `[first, end)` of others, its embargo included. */
  overlaps(i: number, block: TestBlock): boolean {
    return (
      (this.#from[i] as number) <= (block.to as number) && (this.#to[i] as number) >= (block.from as number)
    );
  }

  /**
   * The span of `[first, end)`: from where the first begins to where the last outcome is known, longer by the embargo.
   * Observations begin in order, so those of an embargo are the next that begin after the last outcome.
   */
  block(first: number, end: number, embargo: Required<Embargo>): TestBlock {
    let last = this.#to[first] as number | bigint;
    for (let i = first + 1; i < end; i++) {
      const to = this.#to[i] as number | bigint;
      if (to > last) last = to;
    }
    let next = end;
    while (next < this.count && (this.#from[next] as number | bigint) <= last) next += 1;
    const skipped = Math.min(next + embargo.embargo, this.count) - 1;
    let to = plus(last, embargo.embargoNs);
    if (embargo.embargo > 0 && skipped >= next) {
      const reach = this.#from[skipped] as number | bigint;
      if (reach > to) to = reach;
    }
    return { from: this.#from[first] as number | bigint, to };
  }

  /** Whether an observation's outcome is known, by an embargo, before another one is decided. */
  isKnownBefore(i: number, later: number, embargoNs: number): boolean {
    return plus(this.#to[i] as number | bigint, embargoNs) < (this.#from[later] as number | bigint);
  }

  #check(path: string): void {
    const kind = typeof this.#from[0];
    let last: number | bigint = this.#from[0] as number | bigint;
    for (let i = 0; i < this.count; i++) {
      const from = this.#from[i] as number | bigint;
      const to = this.#to[i] as number | bigint;
      if (typeof from !== kind || !(from >= last) || from === Infinity) {
        const expected = `a ${kind} of at least ${last}`;
        throw new Fault("FAULT_INPUT", { path: `${path}.fromNs[${i}]`, value: from, expected });
      }
      if (typeof to !== kind || !(to >= from) || to === Infinity) {
        const expected = `a ${kind} of at least ${from}`;
        throw new Fault("FAULT_INPUT", { path: `${path}.toNs[${i}]`, value: to, expected });
      }
      last = from;
    }
  }
}

/** The span of what a block of observations knows, embargo included. */
export interface TestBlock {
  readonly from: number | bigint;
  readonly to: number | bigint;
}

/** Reads an embargo from options whose keys were checked. */
export function checkedEmbargo(path: string, options: Embargo): Required<Embargo> {
  return {
    embargo: checkInteger(`${path}.embargo`, options.embargo ?? 0, 0),
    embargoNs: checkNumber(`${path}.embargoNs`, options.embargoNs ?? 0, 0),
  };
}

/** A time and a length: a whole number of units where times are bigints. */
function plus(time: number | bigint, length: number): number | bigint {
  if (typeof time === "number") return time + length;
  return time + BigInt(Math.ceil(length));
}
