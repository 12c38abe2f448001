import { formatScaled, normalizeScaled, parseScaled, type Scaled } from "../base/index.ts";

/**
 * Writes counts of one step as decimals: what an `Instrument` writes, without a bigint.
 *
 * @invariant The text is that of `Instrument.formatPrice`, or of `formatQuantity`.
 * @cost Integer arithmetic within 2^53, beyond it bigints.
 */
export class GridText {
  readonly #step: Scaled;
  readonly #digits: number;
  readonly #unit: number;

  /** `step`: a decimal above 0, as an instrument's options have it. */
  constructor(step: string) {
    this.#step = normalizeScaled(parseScaled(step) as Scaled);
    this.#digits = Number(this.#step.digits);
    this.#unit = 10 ** this.#step.scale;
  }

  /** The decimal of so many steps; undefined for what is no whole number of them within 2^53, or below 0. */
  text(count: number): string | undefined {
    if (!Number.isSafeInteger(count) || count < 0) return undefined;
    const units = count * this.#digits;
    const unit = this.#unit;
    if (!(units + unit <= Number.MAX_SAFE_INTEGER)) {
      return formatScaled(BigInt(count) * this.#step.digits, this.#step.scale);
    }
    if (unit === 1) return String(units);
    const part = units % unit;
    // The part with a 1 before it has all its zeros.
    return `${(units - part) / unit}.${String(part + unit).slice(1)}`;
  }
}
