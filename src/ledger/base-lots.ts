import { divideBig, normalizeScaled, parseScaled, pow10, type Scaled } from "../base/index.ts";
import type { Currency, Instrument } from "../model/index.ts";

/** Values are exact to 1/1024 of a tick. */
export const MARK_STEPS = 1024;

/**
 * How minor units of an instrument's base currency and its lots stand to each other, exactly: one lot is
 * `numerator / denominator` minor units.
 */
export class BaseLots {
  readonly #instrument: Instrument;
  readonly #numerator: bigint;
  readonly #denominator: bigint;

  constructor(instrument: Instrument, { decimals }: Currency) {
    const { lotSize, multiplier = "1" } = instrument.describe();
    const [lot, per] = [scaledOf(lotSize), scaledOf(multiplier)];
    this.#instrument = instrument;
    this.#numerator = lot.digits * per.digits * pow10(decimals);
    this.#denominator = pow10(lot.scale + per.scale);
  }

  /** What a quantity is in minor units of the base currency, rounded down. */
  minorOf(lots: number): bigint {
    return divideBig(BigInt(lots) * this.#numerator, this.#denominator, "floor");
  }

  /** The whole lots in an amount of the base currency, rounded down. */
  lotsIn(minor: bigint): number {
    return Number(divideBig(minor * this.#denominator, this.#numerator, "floor"));
  }

  /** What an amount of the base currency is worth in minor units of the quote currency; halves to even. */
  worth(minor: bigint, fineTicks: bigint): bigint {
    const exact = minor * this.#denominator * fineTicks * this.#instrument.quantumMinor;
    return divideBig(exact, this.#numerator * BigInt(MARK_STEPS), "halfEven");
  }
}

function scaledOf(text: string): Scaled {
  return normalizeScaled(parseScaled(text) as Scaled);
}
