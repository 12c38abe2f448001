import {
  checkChoice,
  checkKeys,
  divideBig,
  parseScaled,
  pow10,
  type Rounding,
  rescale,
  type Scaled,
} from "../base/index.ts";
import { type FeeTier, type Instrument, NANOS_PER_DAY } from "../model/index.ts";

/** What a {@link FeeModel} is made from. */
export interface FeeModelOptions {
  readonly instrument: Instrument;
  /** How a fee finer than the minor unit is settled; `halfEven` unless given. */
  readonly rounding?: Rounding;
}

interface Tier {
  readonly fromMinor: bigint;
  readonly maker: Scaled;
  readonly taker: Scaled;
}

const WINDOW_DAYS = 30;
const ZERO: Scaled = { digits: 0n, scale: 0 };

/**
 * What fills of one instrument cost: its fee schedule, compiled to integers.
 *
 * The rate of a fill is that of the tier its traded volume of the last 30 days has reached before it; the
 * window moves by whole days with `advance`.
 *
 * @units fees in minor units of the quote currency, negative for a rebate
 * @invariant A fee differs from the exact product by less than one minor unit, in the direction of the
 * named rounding.
 * @throws `FAULT_CONFIG` on an unknown option.
 * @cost About ten bigint operations a fill.
 * @example
 * ```ts
 * import { FeeModel } from "tickwright/ledger";
 * import { flatFees, Instrument } from "tickwright/model";
 * const instrument = new Instrument({
 *   symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD", fees: flatFees("-0.0001", "0.0005"),
 * });
 * const fees = new FeeModel({ instrument });
 * fees.feeMinor(10_000, 50, 1, false); // => 250n
 * fees.feeMinor(10_000, 50, 1, true); // => -50n
 * ```
 */
export class FeeModel {
  readonly #instrument: Instrument;
  readonly #rounding: Rounding;
  readonly #tiers: readonly Tier[];
  readonly #perUnit: Scaled;
  readonly #minimumMinor: bigint;
  readonly #sellRate: Scaled;
  readonly #lot: Scaled;
  readonly #days: bigint[] = new Array<bigint>(WINDOW_DAYS).fill(0n);
  #day = Number.NEGATIVE_INFINITY;
  #volumeMinor = 0n;

  constructor(options: FeeModelOptions) {
    checkKeys("feeModel", options, ["instrument", "rounding"]);
    const { instrument } = options;
    this.#rounding = checkChoice("feeModel.rounding", options.rounding ?? "halfEven", ROUNDINGS);
    this.#instrument = instrument;
    const { tiers, perUnit, minimum, sellRate } = instrument.fees;
    const decimals = instrument.quote.decimals;
    this.#tiers = (tiers ?? []).map((tier) => compileTier(tier, decimals));
    this.#perUnit = decimal(perUnit);
    this.#sellRate = decimal(sellRate);
    this.#minimumMinor = toMinor(decimal(minimum), decimals, "ceil");
    this.#lot = decimal(instrument.formatQuantity(1));
  }

  /** Moves the volume window to the day of `ns` (any fixed base); days older than 30 leave it. */
  advance(ns: number): void {
    const day = Math.floor(ns / NANOS_PER_DAY);
    if (day <= this.#day) return;
    const passed = this.#day === Number.NEGATIVE_INFINITY ? 0 : Math.min(day - this.#day, WINDOW_DAYS);
    for (let i = 0; i < passed; i++) {
      const slot = (((day - i) % WINDOW_DAYS) + WINDOW_DAYS) % WINDOW_DAYS;
      this.#volumeMinor -= this.#days[slot] as bigint;
      this.#days[slot] = 0n;
    }
    this.#day = day;
  }

  /** The fee of a fill, which also adds to the traded volume. `sign` is +1 for a buy, -1 for a sell. */
  feeMinor(ticks: number, lots: number, sign: number, maker: boolean): bigint {
    const notional = this.#instrument.notionalMinor(ticks, lots);
    const size = notional < 0n ? -notional : notional;
    const tier = this.#tier();
    let fee = tier === undefined ? 0n : this.#share(size, maker ? tier.maker : tier.taker);
    if (this.#perUnit.digits !== 0n) fee += this.#unitFee(lots);
    if (sign < 0 && this.#sellRate.digits !== 0n) fee += this.#share(size, this.#sellRate);
    this.#remember(size);
    return fee >= 0n && fee < this.#minimumMinor ? this.#minimumMinor : fee;
  }

  /** Volume traded within the window, in minor units. */
  get volumeMinor(): bigint {
    return this.#volumeMinor;
  }

  #tier(): Tier | undefined {
    let found = this.#tiers[0];
    for (let i = 1; i < this.#tiers.length; i++) {
      const tier = this.#tiers[i] as Tier;
      if (this.#volumeMinor < tier.fromMinor) break;
      found = tier;
    }
    return found;
  }

  #share(sizeMinor: bigint, rate: Scaled): bigint {
    if (rate.digits === 0n) return 0n;
    return divideBig(sizeMinor * rate.digits, pow10(rate.scale), this.#rounding);
  }

  #unitFee(lots: number): bigint {
    const digits = BigInt(lots) * this.#lot.digits * this.#perUnit.digits;
    const scale = this.#lot.scale + this.#perUnit.scale;
    return toMinor({ digits, scale }, this.#instrument.quote.decimals, this.#rounding);
  }

  #remember(sizeMinor: bigint): void {
    if (this.#tiers.length < 2) return;
    const day = this.#day === Number.NEGATIVE_INFINITY ? 0 : this.#day;
    const slot = ((day % WINDOW_DAYS) + WINDOW_DAYS) % WINDOW_DAYS;
    this.#days[slot] = (this.#days[slot] as bigint) + sizeMinor;
    this.#volumeMinor += sizeMinor;
  }
}

const ROUNDINGS = ["down", "up", "floor", "ceil", "halfEven", "halfUp"] as const;

function compileTier(tier: FeeTier, decimals: number): Tier {
  return {
    fromMinor: toMinor(decimal(tier.fromVolume), decimals, "ceil"),
    maker: decimal(tier.maker),
    taker: decimal(tier.taker),
  };
}

function decimal(text: string | undefined): Scaled {
  return (text === undefined ? undefined : parseScaled(text)) ?? ZERO;
}

function toMinor(value: Scaled, decimals: number, rounding: Rounding): bigint {
  const exact = rescale(value, decimals);
  return exact ?? divideBig(value.digits, pow10(value.scale - decimals), rounding);
}
