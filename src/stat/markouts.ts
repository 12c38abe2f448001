import { checkArray, checkInteger, checkKeys, Fault } from "../base/index.ts";

/** Horizons used unless others are given: 0, 10 ms, 100 ms, 1 s, 10 s and 60 s, in ns. */
export const MARKOUT_HORIZONS_NS: readonly number[] = [
  0, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 60_000_000_000,
];

/** What {@link Markouts} is made from. */
export interface MarkoutsOptions {
  /** Rising, in ns; {@link MARKOUT_HORIZONS_NS} unless given. */
  readonly horizonsNs?: readonly number[];
  /** Fills that may wait at once, rounded up to a power of two; 65,536 unless given. */
  readonly capacity?: number;
}

/** The mean markout over one horizon. */
export interface Markout {
  readonly horizonNs: number;
  /** The mean of `sign * (mid after - fill) / |fill|`, in basis points; below 0 is adverse selection. */
  readonly bp: number;
  /** Fills in the mean. */
  readonly count: number;
}

const FIRST_SLOTS = 1_024;

/**
 * Mean signed markouts of fills over fixed horizons, as events stream by. The mid of a horizon is the one in
 * force at the end of that very nanosecond: the last that was set at or before `fill + horizon`.
 *
 * The caller tells the passing of time *before* it applies what the new moment brings:
 * `if (ns > markouts.nextDueNs[0]) markouts.settle(ns, midSoFar)`. Fills still waiting when the data end have
 * no mid at their horizon and are left out.
 *
 * @units times in ns, prices and mids in ticks (mids may be halves), results in basis points
 * @shape one ring of fills in typed arrays, one cursor a horizon: with fixed horizons fills come due in order
 * @invariant Equal to looking up, for each fill, the last mid at or before its horizon.
 * @cost `record` O(horizons) at most, `settle` O(1) amortized per fill and horizon; nothing is allocated once
 * the ring has grown to the fills that wait at once. 17 bytes a slot.
 * @example
 * ```ts
 * import { Markouts } from "tickwright/stat";
 * const markouts = new Markouts({ horizonsNs: [1_000] });
 * markouts.record(1, 10_000, 0);
 * markouts.nextDueNs[0]; // => 1000
 * markouts.settle(1_500, 10_010);
 * markouts.means()[0]?.bp; // => 10
 * ```
 */
export class Markouts {
  /** When the next fill comes due, in slot 0; Infinity while none waits. Read it, do not write it. */
  readonly nextDueNs = Float64Array.of(Infinity);
  readonly #horizons: Float64Array;
  /** Per horizon: the ordinal of the next fill to settle, settled sums in bp, and counts. */
  readonly #cursors: Float64Array;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #capacity: number;
  #ns: Float64Array;
  #price: Float64Array;
  #sign: Int8Array;
  /** Fills recorded so far: the ordinal of the next one. */
  #head = 0;
  #lastNs = -Infinity;
  #dropped = 0;
  #skipped = 0;

  /** @throws `FAULT_CONFIG` naming the option: no horizon, one below 0, horizons that do not rise. */
  constructor(options: MarkoutsOptions = {}) {
    checkKeys("markouts", options, ["horizonsNs", "capacity"]);
    this.#horizons = checkHorizons(options.horizonsNs ?? MARKOUT_HORIZONS_NS);
    this.#cursors = new Float64Array(this.#horizons.length);
    this.#sums = new Float64Array(this.#horizons.length);
    this.#counts = new Float64Array(this.#horizons.length);
    const most = checkInteger("markouts.capacity", options.capacity ?? 65_536, 1, 16_777_216);
    this.#capacity = powerOfTwo(most);
    const slots = Math.min(FIRST_SLOTS, this.#capacity);
    this.#ns = new Float64Array(slots);
    this.#price = new Float64Array(slots);
    this.#sign = new Int8Array(slots);
  }

  /**
   * Adds a fill. False where `capacity` fills wait already: it is counted as dropped and enters no mean.
   *
   * @param sign - +1 bought, -1 sold.
   * @throws `FAULT_TIME` when it is earlier than the fill before; `FAULT_INPUT` when the price is 0 or not
   * finite, or the sign is neither +1 nor -1.
   */
  record(sign: number, priceTicks: number, ns: number): boolean {
    if (!(ns >= this.#lastNs && ns < Infinity)) {
      throw new Fault("FAULT_TIME", {
        path: "ns",
        value: ns,
        expected: `a time of at least ${this.#lastNs}`,
      });
    }
    if (priceTicks === 0 || !Number.isFinite(priceTicks)) {
      throw new Fault("FAULT_INPUT", { path: "priceTicks", value: priceTicks, expected: "finite, not 0" });
    }
    if (sign !== 1 && sign !== -1) {
      throw new Fault("FAULT_INPUT", { path: "sign", value: sign, expected: "1 or -1" });
    }
    if (this.waiting === this.#ns.length && !this.#grow()) {
      this.#dropped += 1;
      return false;
    }
    const slot = this.#head & (this.#ns.length - 1);
    this.#ns[slot] = ns;
    this.#price[slot] = priceTicks;
    this.#sign[slot] = sign;
    this.#head += 1;
    this.#lastNs = ns;
    const due = ns + (this.#horizons[0] as number);
    if (due < (this.nextDueNs[0] as number)) this.nextDueNs[0] = due;
    return true;
  }

  /**
   * Tells that it is `nowNs`, and that `midTicks` was the mid in force until now: settles every fill whose
   * horizon lies before `nowNs`. A mid that is not finite (a side of the book empty) settles nothing: those
   * fills are counted as skipped.
   *
   * @throws `FAULT_INPUT` when `nowNs` is not finite: no mid holds for ever.
   */
  settle(nowNs: number, midTicks: number): void {
    if (!Number.isFinite(nowNs)) {
      throw new Fault("FAULT_INPUT", { path: "nowNs", value: nowNs, expected: "a time in ns" });
    }
    let next = Infinity;
    for (let h = 0; h < this.#horizons.length; h++) {
      const due = this.#settleHorizon(h, nowNs, midTicks);
      if (due < next) next = due;
    }
    this.nextDueNs[0] = next;
  }

  /** The horizons with at least one settled fill, in order. */
  means(): readonly Markout[] {
    const rows: Markout[] = [];
    for (let h = 0; h < this.#horizons.length; h++) {
      const count = this.#counts[h] as number;
      if (count === 0) continue;
      rows.push({ horizonNs: this.#horizons[h] as number, bp: (this.#sums[h] as number) / count, count });
    }
    return rows;
  }

  /** Fills that wait for their last horizon. */
  get waiting(): number {
    return this.#head - (this.#cursors[this.#cursors.length - 1] as number);
  }

  /** Fills refused because the ring was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Horizons (of any fill) that came due while there was no mid. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Settles what is due of one horizon; gives when its next fill comes due. */
  #settleHorizon(h: number, nowNs: number, midTicks: number): number {
    const horizon = this.#horizons[h] as number;
    const mask = this.#ns.length - 1;
    const usable = Number.isFinite(midTicks);
    let cursor = this.#cursors[h] as number;
    let due = Infinity;
    while (cursor < this.#head) {
      const slot = cursor & mask;
      due = (this.#ns[slot] as number) + horizon;
      if (due >= nowNs) break;
      due = Infinity;
      cursor += 1;
      if (!usable) {
        this.#skipped += 1;
        continue;
      }
      const price = this.#price[slot] as number;
      const gain = (((this.#sign[slot] as number) * (midTicks - price)) / Math.abs(price)) * 10_000;
      this.#sums[h] = (this.#sums[h] as number) + gain;
      this.#counts[h] = (this.#counts[h] as number) + 1;
    }
    this.#cursors[h] = cursor;
    return due;
  }

  /** Doubles the ring; false at the bound. */
  #grow(): boolean {
    const size = this.#ns.length;
    if (size >= this.#capacity) return false;
    const [ns, price, sign] = [this.#ns, this.#price, this.#sign];
    this.#ns = new Float64Array(2 * size);
    this.#price = new Float64Array(2 * size);
    this.#sign = new Int8Array(2 * size);
    for (let ordinal = this.#head - size; ordinal < this.#head; ordinal++) {
      const from = ordinal & (size - 1);
      const to = ordinal & (2 * size - 1);
      this.#ns[to] = ns[from] as number;
      this.#price[to] = price[from] as number;
      this.#sign[to] = sign[from] as number;
    }
    return true;
  }
}

function checkHorizons(horizonsNs: readonly number[]): Float64Array {
  checkArray("markouts.horizonsNs", horizonsNs);
  let least = 0;
  for (const [i, horizon] of horizonsNs.entries()) {
    checkInteger(`markouts.horizonsNs[${i}]`, horizon, least);
    least = horizon + 1;
  }
  return Float64Array.from(horizonsNs);
}

function powerOfTwo(least: number): number {
  let size = 1;
  while (size < least) size *= 2;
  return size;
}
