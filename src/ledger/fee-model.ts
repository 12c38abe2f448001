import {
  checkChoice,
  checkKeys,
  divideBig,
  Fault,
  parseScaled,
  pow10,
  type Rounding,
  rescale,
  type Scaled,
} from "../base/index.ts";
import { type Instrument, NANOS_PER_DAY } from "../model/index.ts";

/** What a {@link FeeModel} is made from. */
export interface FeeModelOptions {
  readonly instrument: Instrument;
  /** How a fee finer than the minor unit is settled; `halfEven` unless given. */
  readonly rounding?: Rounding;
}

/** The whole state of a {@link FeeModel}, JSON-safe: amounts in minor units as decimals. */
export interface SavedFeeModel {
  /** The day of the window's end; null before the first `advance`. */
  readonly day: number | null;
  readonly volume: string;
  /** @shape 30 days, a ring */
  readonly days: readonly string[];
}

/** A fee is `(size * rate + lots * perLot) / 10^scale`: the rates of a tier, sell rate not included. */
interface Tier {
  readonly fromMinor: bigint;
  readonly maker: bigint;
  readonly taker: bigint;
}

const ROUNDINGS = ["down", "up", "floor", "ceil", "halfEven", "halfUp"] as const;
const WINDOW_DAYS = 30;
const ZERO: Scaled = { digits: 0n, scale: 0 };

/**
 * What fills of one instrument cost: its fee schedule, compiled to integers.
 *
 * The rate of a fill is that of the tier its traded volume of the last 30 days (today and the 29 before) has
 * reached before it; the window moves by whole days with `advance`. A fee of 0 or more that is below the
 * schedule's minimum is the minimum; a rebate never is.
 *
 * @units fees in minor units of the quote currency, negative for a rebate
 * @invariant The share of the notional, the amount per unit and the sell rate are added exactly and rounded
 * once: a fee differs from the exact sum by less than one minor unit, in the direction of the named rounding.
 * @throws `FAULT_CONFIG` on an unknown option.
 * @cost Two bigint multiplications and one division a fill.
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
  readonly #perLot: bigint;
  readonly #sellRate: bigint;
  readonly #minimumMinor: bigint;
  readonly #divisor: bigint;
  readonly #days: bigint[] = new Array<bigint>(WINDOW_DAYS).fill(0n);
  #day = Number.NEGATIVE_INFINITY;
  #volumeMinor = 0n;

  constructor(options: FeeModelOptions) {
    checkKeys("feeModel", options, ["instrument", "rounding"]);
    const { instrument } = options;
    this.#rounding = checkChoice("feeModel.rounding", options.rounding ?? "halfEven", ROUNDINGS);
    this.#instrument = instrument;
    const { tiers = [], perUnit, minimum, sellRate } = instrument.fees;
    const decimals = instrument.quote.decimals;
    const lot = decimal(instrument.formatQuantity(1));
    const unit = decimal(perUnit);
    const perLot = { digits: unit.digits * lot.digits * pow10(decimals), scale: unit.scale + lot.scale };
    const rates = tiers.flatMap((tier) => [decimal(tier.maker), decimal(tier.taker)]);
    const scale = Math.max(perLot.scale, decimal(sellRate).scale, ...rates.map((rate) => rate.scale));
    this.#tiers = tiers.map((tier) => ({
      fromMinor: toMinor(decimal(tier.fromVolume), decimals),
      maker: atScale(decimal(tier.maker), scale),
      taker: atScale(decimal(tier.taker), scale),
    }));
    this.#perLot = atScale(perLot, scale);
    this.#sellRate = atScale(decimal(sellRate), scale);
    this.#minimumMinor = toMinor(decimal(minimum), decimals);
    this.#divisor = pow10(scale);
  }

  /**
   * Moves the volume window to the day of `ns` (any fixed base); days older than 30 leave it. What was traded
   * before the first call belongs to the first day.
   *
   * @throws `FAULT_INPUT` when `ns` is no finite number.
   */
  advance(ns: number): void {
    const day = Math.floor(ns / NANOS_PER_DAY);
    if (!Number.isFinite(day)) {
      throw new Fault("FAULT_INPUT", {
        path: "feeModel.advance",
        value: ns,
        expected: "a finite time in ns",
      });
    }
    if (day <= this.#day) return;
    if (this.#day === Number.NEGATIVE_INFINITY) {
      this.#days.fill(0n);
      this.#days[slotOf(day)] = this.#volumeMinor;
    } else {
      const passed = Math.min(day - this.#day, WINDOW_DAYS);
      for (let i = 0; i < passed; i++) {
        this.#volumeMinor -= this.#days[slotOf(day - i)] as bigint;
        this.#days[slotOf(day - i)] = 0n;
      }
    }
    this.#day = day;
  }

  /**
   * The fee of a fill, which also adds to the traded volume. `sign` is +1 for a buy, -1 for a sell.
   *
   * @throws `FAULT_INPUT` on ticks that are no whole number, or lots that are none above 0.
   */
  feeMinor(ticks: number, lots: number, sign: number, maker: boolean): bigint {
    if (!Number.isSafeInteger(ticks) || !(lots > 0 && Number.isSafeInteger(lots))) {
      const expected = "whole ticks, and whole lots above 0";
      throw new Fault("FAULT_INPUT", { path: "feeModel.fill", value: { ticks, lots }, expected });
    }
    const tier = this.#tier();
    let rate = tier === undefined ? 0n : maker ? tier.maker : tier.taker;
    if (sign < 0) rate += this.#sellRate;
    const notional = this.#instrument.notionalMinor(ticks, lots);
    const size = notional < 0n ? -notional : notional;
    const fee = divideBig(size * rate + BigInt(lots) * this.#perLot, this.#divisor, this.#rounding);
    if (this.#tiers.length > 1) this.#remember(size);
    return fee >= 0n && fee < this.#minimumMinor ? this.#minimumMinor : fee;
  }

  /** Volume traded within the window, in minor units; kept only where the schedule has tiers. */
  get volumeMinor(): bigint {
    return this.#volumeMinor;
  }

  /** The traded volume by days, JSON-safe. */
  save(): SavedFeeModel {
    const day = Number.isFinite(this.#day) ? this.#day : null;
    return { day, volume: String(this.#volumeMinor), days: this.#days.map(String) };
  }

  /** Goes on from a state that `save` gave. @throws `FAULT_INPUT` for anything else */
  load(saved: SavedFeeModel): void {
    if (saved.days.length !== WINDOW_DAYS) {
      const expected = `volumes of ${WINDOW_DAYS} days`;
      throw new Fault("FAULT_INPUT", { path: "feeModel.days", value: saved.days.length, expected });
    }
    this.#day = saved.day ?? Number.NEGATIVE_INFINITY;
    this.#volumeMinor = BigInt(saved.volume);
    for (const [i, volume] of saved.days.entries()) this.#days[i] = BigInt(volume);
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

  #remember(sizeMinor: bigint): void {
    this.#volumeMinor += sizeMinor;
    if (this.#day === Number.NEGATIVE_INFINITY) return;
    const slot = slotOf(this.#day);
    this.#days[slot] = (this.#days[slot] as bigint) + sizeMinor;
  }
}

function slotOf(day: number): number {
  return ((day % WINDOW_DAYS) + WINDOW_DAYS) % WINDOW_DAYS;
}

function decimal(text: string | undefined): Scaled {
  return (text === undefined ? undefined : parseScaled(text)) ?? ZERO;
}

/** The digits at a scale that is at least the value's own. */
function atScale(value: Scaled, scale: number): bigint {
  return value.digits * pow10(scale - value.scale);
}

/** Amounts finer than the minor unit round up: a minimum and a tier's threshold are reached, not missed. */
function toMinor(value: Scaled, decimals: number): bigint {
  return rescale(value, decimals) ?? divideBig(value.digits, pow10(value.scale - decimals), "ceil");
}
