import { checkInteger, checkKeys } from "../base/index.ts";
import { MAX_TICKS } from "../model/index.ts";
import { checkIndex, checkWhole } from "./inputs.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** Options of a {@link ShortSale}. */
export interface ShortSaleOptions {
  readonly instruments: number;
}

/** What {@link ShortSale.save} writes, JSON-safe. */
export interface SavedShortSale {
  readonly closeTicks: SavedColumn;
  readonly closeDay: SavedColumn;
  readonly triggerDay: SavedColumn;
}

const MAX_INSTRUMENTS = 1 << 24;
const MAX_DAY = 0x7fff_ffff;
const NO_DAY = -2;

/**
 * How many lots of a sell order are sold short: those that the long position, less the sells already open,
 * does not cover. An order with any is marked short as a whole, or split by the caller.
 *
 * @units lots; the position is signed
 * @invariant Within 0 and `lots`; `lots` when anything is NaN.
 * @cost Two comparisons, nothing allocated.
 * @example
 * ```ts
 * import { shortLots } from "tickwright/risk";
 * shortLots(100, 60, 50); // => 10
 * shortLots(100, 60, 40); // => 0
 * shortLots(-5, 0, 40); // => 40
 * ```
 * @source SEC 17 CFR 242.200(a) to (c) and (g)
 */
export function shortLots(positionLots: number, openSellLots: number, lots: number): number {
  const coveredLots = positionLots - openSellLots;
  return coveredLots > 0 ? Math.max(lots - coveredLots, 0) : lots;
}

/**
 * The short-sale price test of Regulation SHO: a stock that trades 10 % or more below its prior close may,
 * for the rest of the day and the next trading day, be sold short only above the national best bid.
 *
 * Feed it the trades of regular hours of the listing market, or that market's own messages (`trigger`). An
 * instrument whose prior close of the day is not known counts as restricted. Orders marked short exempt are
 * the caller's to let through; the exception for crossed markets is not used.
 *
 * @units prices in ticks; days are indices of trading days, so that the next trading day is one more
 * @invariant A restriction set on day d holds on d and d + 1 and on no other day; it can be set again on d
 * + 1.
 * @cost Every call O(1), nothing allocated, but `save` and `load`; 12 bytes an instrument.
 * @throws `FAULT_CONFIG` for a number of instruments that is none; `FAULT_INPUT` from the setters for an
 * index, a price or a day that is none. The questions answer no instead.
 * @example
 * ```ts
 * import { ShortSale } from "tickwright/risk";
 * const test = new ShortSale({ instruments: 1 });
 * test.setPriorClose(0, 1_000, 5);
 * [test.trade(0, 901, 5), test.trade(0, 900, 5)]; // => [false, true]
 * [test.allows(0, 5, 898, 898), test.allows(0, 5, 899, 898)]; // => [false, true]
 * ```
 * @source SEC 17 CFR 242.201(b)
 */
export class ShortSale implements StatePart {
  readonly instruments: number;
  readonly #closeTicks: Int32Array;
  readonly #closeDay: Int32Array;
  readonly #triggerDay: Int32Array;

  constructor(options: ShortSaleOptions) {
    checkKeys("shortSale", options, ["instruments"]);
    this.instruments = checkInteger("shortSale.instruments", options.instruments, 1, MAX_INSTRUMENTS);
    this.#closeTicks = new Int32Array(this.instruments);
    this.#closeDay = new Int32Array(this.instruments).fill(NO_DAY);
    this.#triggerDay = new Int32Array(this.instruments).fill(NO_DAY);
  }

  /** Says what the instrument closed at on the listing market before a trading day. */
  setPriorClose(instrument: number, ticks: number, day: number): void {
    const at = checkIndex("shortSale.instrument", instrument, this.instruments);
    checkWhole("shortSale.closeTicks", ticks, 1, MAX_TICKS);
    this.#closeDay[at] = checkWhole("shortSale.day", day, 0, MAX_DAY);
    this.#closeTicks[at] = ticks;
  }

  /** Takes a trade of regular hours; returns whether it set the restriction off. */
  trade(instrument: number, ticks: number, day: number): boolean {
    if (this.#closeDay[instrument] !== day || this.#triggerDay[instrument] === day) return false;
    if (!(ticks * 10 <= (this.#closeTicks[instrument] as number) * 9)) return false;
    this.#triggerDay[instrument] = day;
    return true;
  }

  /** Takes the listing market's message that the restriction was set off on a day. */
  trigger(instrument: number, day: number): void {
    const at = checkIndex("shortSale.instrument", instrument, this.instruments);
    this.#triggerDay[at] = checkWhole("shortSale.day", day, 0, MAX_DAY);
  }

  /** Whether the price test holds on a day, or cannot be ruled out. */
  isRestricted(instrument: number, day: number): boolean {
    const since = day - (this.#triggerDay[instrument] as number);
    return this.#closeDay[instrument] !== day || since === 0 || since === 1;
  }

  /**
   * Whether a short sale at a price may be sent while `bidTicks` is the national best bid (-Infinity for
   * none).
   */
  allows(instrument: number, day: number, priceTicks: number, bidTicks: number): boolean {
    return priceTicks > bidTicks || !this.isRestricted(instrument, day);
  }

  /** The whole state, JSON-safe. */
  save(): SavedShortSale {
    return {
      closeTicks: saveColumn(this.#closeTicks),
      closeDay: saveColumn(this.#closeDay),
      triggerDay: saveColumn(this.#triggerDay),
    };
  }

  /**
   * Takes the state that `save` wrote; a state that does not fit changes nothing.
   *
   * @throws `FAULT_INPUT` naming the column.
   */
  load(saved: SavedShortSale): void {
    const count = this.instruments;
    const closeTicks = readColumn("shortSale.closeTicks", saved.closeTicks, count, 0, MAX_TICKS);
    const closeDay = readColumn("shortSale.closeDay", saved.closeDay, count, NO_DAY, MAX_DAY);
    const triggerDay = readColumn("shortSale.triggerDay", saved.triggerDay, count, NO_DAY, MAX_DAY);
    this.#closeTicks.set(closeTicks);
    this.#closeDay.set(closeDay);
    this.#triggerDay.set(triggerDay);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return from.columns(this.#saved());
  }

  #saved(): readonly StateColumn[] {
    return [
      ["closeTicks", this.#closeTicks, 0, 0, MAX_TICKS],
      ["closeDay", this.#closeDay, NO_DAY, NO_DAY, MAX_DAY],
      ["triggerDay", this.#triggerDay, NO_DAY, NO_DAY, MAX_DAY],
    ];
  }
}
