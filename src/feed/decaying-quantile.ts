import { Fault, powInteger } from "../base/index.ts";

const OCTAVE = 8;
const OCTAVE_BITS = 3;
const BUCKETS = 29 * OCTAVE;
const UNITS_MAX = 2_147_483_647;

/** What is kept of quantiles that forget: the weights of its buckets, by place. JSON-safe. */
export interface SavedDecayingQuantile {
  readonly unit: number;
  readonly weights: readonly (readonly [bucket: number, weight: number])[];
}

/**
 * Quantiles of a stream that forgets: a count per bucket, eight buckets to a doubling, all halved by `fade`.
 *
 * @units values are counted in whole `unit`s of up to 2^31
 * @invariant A quantile is at most an eighth above the true one of the weighted values (or one unit), never below it.
 * @cost `add` O(1), `quantile` and `fade` 232 buckets; nothing allocated.
 */
export class DecayingQuantile {
  readonly #unit: number;
  readonly #weights = new Float64Array(BUCKETS);
  /** Sum of the weights. */
  readonly #total = new Float64Array(1);

  constructor(unit: number) {
    this.#unit = unit;
  }

  /** The weight of all that was added: their number, where nothing faded. */
  get weight(): number {
    return this.#total[0] as number;
  }

  /** Adds a value; one below 0 counts as 0. */
  add(value: number): void {
    const units = value / this.#unit;
    const bucket = units < UNITS_MAX ? bucketOf(units > 0 ? units | 0 : 0) : BUCKETS - 1;
    this.#weights[bucket] = (this.#weights[bucket] as number) + 1;
    this.#total[0] = (this.#total[0] as number) + 1;
  }

  /** The least value that `share` of the weight does not pass, 0 where there is none; the bucket's upper end. */
  quantile(share: number): number {
    const weights = this.#weights;
    let above = (this.#total[0] as number) * (1 - share);
    if (!(this.weight > 0)) return 0;
    for (let bucket = BUCKETS - 1; bucket > 0; bucket--) {
      above -= weights[bucket] as number;
      if (above < 0) return upperEnd(bucket) * this.#unit;
    }
    return upperEnd(0) * this.#unit;
  }

  /** Halves the weight of all that was added; what weighs next to nothing is forgotten. */
  fade(): void {
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const weight = (this.#weights[bucket] as number) / 2;
      const kept = weight < 1 / 1024 ? 0 : weight;
      this.#weights[bucket] = kept;
      total += kept;
    }
    this.#total[0] = total;
  }

  clear(): void {
    this.#weights.fill(0);
    this.#total[0] = 0;
  }

  save(): SavedDecayingQuantile {
    const weights: [number, number][] = [];
    for (const [bucket, weight] of this.#weights.entries()) if (weight > 0) weights.push([bucket, weight]);
    return { unit: this.#unit, weights };
  }

  /** @throws `FAULT_INPUT` naming what is wrong; nothing has changed then. */
  load(path: string, saved: SavedDecayingQuantile): void {
    const rows = saved?.unit === this.#unit && Array.isArray(saved.weights) ? saved.weights : undefined;
    const isGood = (row: unknown): boolean =>
      Array.isArray(row) && row[0] in this.#weights && Number.isFinite(row[1]) && row[1] >= 0;
    if (rows === undefined || !rows.every(isGood)) {
      throw new Fault("FAULT_INPUT", {
        path,
        value: saved,
        expected: `weights of ${BUCKETS} buckets of unit ${this.#unit}`,
      });
    }
    this.clear();
    for (const [bucket, weight] of rows) {
      this.#weights[bucket] = weight;
      this.#total[0] = (this.#total[0] as number) + weight;
    }
  }
}

/** Units below 8 have a bucket each; from there on, eight a doubling. */
function bucketOf(units: number): number {
  if (units < OCTAVE) return units;
  const shift = 31 - Math.clz32(units) - OCTAVE_BITS;
  return (shift << OCTAVE_BITS) + (units >>> shift);
}

/** The highest number of units that a bucket counts. */
function upperEnd(bucket: number): number {
  if (bucket < OCTAVE) return bucket;
  const shift = (bucket >>> OCTAVE_BITS) - 1;
  return ((bucket & (OCTAVE - 1)) + OCTAVE + 1) * powInteger(2, shift) - 1;
}
