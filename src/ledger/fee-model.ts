import { checkChoice, checkKeys, divideBig, Fault, type Rounding } from "../base/index.ts";
import { type Instrument, NANOS_PER_DAY } from "../model/index.ts";
import { type CompiledFees, type CompiledTerms, chargesOf, compileFees, limitFee } from "./compiled-fees.ts";
import { OrderFees, type SavedOrderFee } from "./order-fees.ts";

/** What a {@link FeeModel} is made from. */
export interface FeeModelOptions {
  readonly instrument: Instrument;
  /** How a fee finer than the minor unit is settled; `halfEven` unless given. */
  readonly rounding?: Rounding;
  /** The moment that times count from, for schedules with revisions; 1970 unless given. @units epoch ns */
  readonly baseNs?: bigint;
}

/** The whole state of a {@link FeeModel}, JSON-safe: amounts in minor units as decimals. */
export interface SavedFeeModel {
  /** The day of the window's end; null before the first `advance`. */
  readonly day: number | null;
  readonly volume: string;
  /** @shape 30 days, a ring */
  readonly days: readonly string[];
  /** What orders were charged, where limits are of an order. */
  readonly orders?: readonly SavedOrderFee[];
  /** When the fill before happened, where the schedule has revisions. @units ns */
  readonly ns?: number;
}

const ROUNDINGS = ["down", "up", "floor", "ceil", "halfEven", "halfUp"] as const;
const WINDOW_DAYS = 30;

/**
 * What fills of one instrument cost: its fee schedule, compiled to integers.
 *
 * The rate of a fill is that of the tier its traded volume of the last 30 days (today and the 29 before) has
 * reached before it; the window moves by whole days with `advance`. A commission of 0 or more that is below the
 * schedule's minimum is the minimum, of a fill or of an order; a rebate never is. A maximum holds before a minimum.
 * Charges come on top. Of a schedule with revisions the one in force at the time of the last `advance` holds.
 *
 * @units fees in minor units of the quote currency, negative for a rebate
 * @invariant The share of the notional, the amount per unit and the sell rate are added exactly and rounded
 * once: a commission differs from the exact sum by less than one minor unit, in the direction of the named rounding;
 * that of an order is rounded once over all its fills, charges once a fill.
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
  readonly #fees: CompiledFees;
  readonly #baseNs: bigint;
  /** Volumes are kept where any terms have tiers. */
  readonly #hasTiers: boolean;
  /** Undefined where no limit is of an order. */
  readonly #orders: OrderFees | undefined;
  #terms: CompiledTerms;
  #ns = Number.NEGATIVE_INFINITY;
  readonly #days: bigint[] = new Array<bigint>(WINDOW_DAYS).fill(0n);
  #day = Number.NEGATIVE_INFINITY;
  #volumeMinor = 0n;

  constructor(options: FeeModelOptions) {
    checkKeys("feeModel", options, ["instrument", "rounding", "baseNs"]);
    this.#instrument = options.instrument;
    this.#rounding = checkChoice("feeModel.rounding", options.rounding ?? "halfEven", ROUNDINGS);
    this.#baseNs = options.baseNs ?? 0n;
    if (typeof this.#baseNs !== "bigint") {
      throw new Fault("FAULT_CONFIG", {
        path: "feeModel.baseNs",
        value: options.baseNs,
        expected: "a bigint",
      });
    }
    this.#fees = compileFees(options.instrument);
    const { terms } = this.#fees;
    this.#terms = terms[0] as CompiledTerms;
    this.#hasTiers = terms.some(({ tiers }) => tiers.length > 1);
    this.#orders = terms.some(({ isPerOrder }) => isPerOrder) ? new OrderFees() : undefined;
  }

  /**
   * Moves the volume window to the day of `ns` (from `baseNs`); days older than 30 leave it. What was traded
   * before the first call belongs to the first day. Terms are those in force at `ns`, also where that is earlier than
   * what was told before.
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
    if (this.#fees.terms.length > 1) this.#revise(ns);
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
   * @param order - names its order among all of the instrument, for limits over all fills of it; without, the fill is
   * all of it. The last 16,384 orders that traded are known.
   * @throws `FAULT_INPUT` on ticks that are no whole number, or lots that are none above 0.
   */
  feeMinor(ticks: number, lots: number, sign: number, maker: boolean, order?: number | string): bigint {
    return this.#charge(ticks, lots, sign, maker, order, 1n);
  }

  /**
   * What taking a fill back changes: minus its fee, or as much as its order's fee shrinks by. Volume is counted as by
   * `feeMinor`.
   *
   * @throws as `feeMinor`
   */
  undoneMinor(ticks: number, lots: number, sign: number, maker: boolean, order?: number | string): bigint {
    return this.#charge(ticks, lots, sign, maker, order, -1n);
  }

  /** Volume traded within the window, in minor units; kept only where the schedule has tiers. */
  get volumeMinor(): bigint {
    return this.#volumeMinor;
  }

  /** The traded volume by days, JSON-safe. */
  save(): SavedFeeModel {
    const day = Number.isFinite(this.#day) ? this.#day : null;
    return {
      ...{ day, volume: String(this.#volumeMinor), days: this.#days.map(String) },
      ...(this.#orders === undefined ? {} : { orders: this.#orders.save() }),
      ...(this.#fees.terms.length > 1 && Number.isFinite(this.#ns) ? { ns: this.#ns } : {}),
    };
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
    this.#orders?.load(saved.orders ?? []);
    this.#terms = this.#fees.terms[0] as CompiledTerms;
    this.#ns = Number.NEGATIVE_INFINITY;
    if (saved.ns !== undefined) this.#revise(saved.ns);
  }

  #charge(
    ticks: number,
    lots: number,
    sign: number,
    maker: boolean,
    order: number | string | undefined,
    way: bigint,
  ): bigint {
    if (!Number.isSafeInteger(ticks) || !(lots > 0 && Number.isSafeInteger(lots))) {
      const expected = "whole ticks, and whole lots above 0";
      throw new Fault("FAULT_INPUT", { path: "feeModel.fill", value: { ticks, lots }, expected });
    }
    const { sellRate, isPerOrder, charges } = this.#terms;
    const tier = this.#tier();
    let rate = maker ? tier.maker : tier.taker;
    if (sign < 0) rate += sellRate;
    const notional = this.#instrument.notionalMinor(ticks, lots);
    const size = notional < 0n ? -notional : notional;
    const sum = size * rate + BigInt(lots) * (maker ? tier.makerPerLot : tier.takerPerLot);
    if (this.#hasTiers) this.#remember(size);
    const orders = isPerOrder && order !== undefined ? this.#orders : undefined;
    const fee =
      orders === undefined || order === undefined
        ? way * this.#commission(sum, size)
        : orders.charge(order, way * sum, way * size, Number(way) * lots, (all, traded) =>
            this.#commission(all, traded),
          );
    if (charges.length === 0) return fee;
    const top = chargesOf(charges, size, BigInt(lots), sign);
    return fee + way * divideBig(top, this.#fees.divisor, this.#rounding);
  }

  /** A commission of its exact sum, rounded once and within the limits. */
  #commission(sum: bigint, size: bigint): bigint {
    const { divisor } = this.#fees;
    const { limits } = this.#terms;
    const fee = divideBig(sum, divisor, this.#rounding);
    return limits === undefined ? fee : limitFee(fee, size, limits, divisor, this.#rounding);
  }

  /** The terms in force at a moment. */
  #revise(ns: number): void {
    this.#ns = ns;
    const epochNs = this.#baseNs + BigInt(Math.floor(ns));
    const { terms } = this.#fees;
    let last = terms.length - 1;
    while (last > 0 && ((terms[last] as CompiledTerms).fromNs as bigint) > epochNs) last -= 1;
    this.#terms = terms[last] as CompiledTerms;
  }

  #tier(): CompiledTerms["tiers"][number] {
    const { tiers } = this.#terms;
    let found = tiers[0] as CompiledTerms["tiers"][number];
    for (let i = 1; i < tiers.length; i++) {
      const tier = tiers[i] as CompiledTerms["tiers"][number];
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
