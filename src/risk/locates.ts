import { checkChoice, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { checkIndex, checkWhole } from "./inputs.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** How an instrument can be borrowed, as {@link Locates} holds it. */
export const BORROW = { hard: 0, easy: 1, never: 2 } as const;

/**
 * The name of a way to borrow: `hard` needs a locate, `easy` is on the easy-to-borrow list, `never` is not
 * lent.
 */
export type BorrowName = keyof typeof BORROW;

const BORROW_NAMES = Object.keys(BORROW) as BorrowName[];

/** Options of {@link Locates}. */
export interface LocatesOptions {
  readonly accounts: number;
  readonly instruments: number;
  /** The rows of orders; a slot is below it. */
  readonly orders: number;
}

/** What {@link Locates.save} writes, JSON-safe. */
export interface SavedLocates {
  readonly borrow: SavedColumn;
  readonly grantedLots: SavedColumn;
  readonly usedLots: SavedColumn;
  readonly reservedLots: SavedColumn;
  readonly untilNs: SavedColumn;
  readonly orderKey: SavedColumn;
  readonly orderLots: SavedColumn;
}

const NO_KEY = -1;
const MAX_LOTS = Number.MAX_SAFE_INTEGER;

/**
 * Locates of shares to borrow, per account and instrument: a short sale of an instrument that is not on the
 * easy-to-borrow list needs one, reserves it with the order, uses it up with each fill and gives the rest
 * back.
 *
 * One account has one locate in one instrument: a second grant adds its lots and the earlier of both
 * expiries holds; a grant after the expiry begins anew. An instrument nobody spoke about is hard to borrow.
 *
 * @units lots; `untilNs`, `nowNs` ns from the session's base; a locate is good before `untilNs`, not at it
 * @shape account a and instrument i stand at `a * instruments + i`
 * @invariant used + reserved never passes granted by a reservation; the reserved lots of a locate are the
 * sum of those of its orders.
 * @cost Every call O(1), nothing allocated, but `save` and `load`; 32 bytes a pair of account and
 * instrument, 12 an order.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an index or a quantity that is none, and for
 * an order that reserves in two places.
 * @example
 * ```ts
 * import { Locates } from "tickwright/risk";
 * const locates = new Locates({ accounts: 1, instruments: 1, orders: 8 });
 * locates.reserve(3, 0, 0, 100, 0); // => false
 * locates.grant(0, 0, 150, 1_000);
 * locates.reserve(3, 0, 0, 100, 0); // => true
 * locates.commit(3, 40); // 40 lots are filled
 * locates.close(3); // the other 60 are canceled
 * locates.availableLots(0, 0, 0); // => 110
 * ```
 * @source SEC 17 CFR 242.203(b)(1)
 */
export class Locates implements StatePart {
  readonly accounts: number;
  readonly instruments: number;
  readonly orders: number;
  readonly #borrow: Uint8Array;
  readonly #grantedLots: Float64Array;
  readonly #usedLots: Float64Array;
  readonly #reservedLots: Float64Array;
  readonly #untilNs: Float64Array;
  readonly #orderKey: Int32Array;
  readonly #orderLots: Float64Array;

  constructor(options: LocatesOptions) {
    checkKeys("locates", options, ["accounts", "instruments", "orders"]);
    this.accounts = checkInteger("locates.accounts", options.accounts, 1, 1 << 16);
    this.instruments = checkInteger("locates.instruments", options.instruments, 1, 1 << 24);
    this.orders = checkInteger("locates.orders", options.orders, 1, 1 << 24);
    const pairs = checkInteger(
      "locates.accounts * instruments",
      this.accounts * this.instruments,
      1,
      1 << 26,
    );
    this.#borrow = new Uint8Array(this.instruments);
    this.#grantedLots = new Float64Array(pairs);
    this.#usedLots = new Float64Array(pairs);
    this.#reservedLots = new Float64Array(pairs);
    this.#untilNs = new Float64Array(pairs);
    this.#orderKey = new Int32Array(this.orders).fill(NO_KEY);
    this.#orderLots = new Float64Array(this.orders);
  }

  /** Puts an instrument on the easy-to-borrow list, off it, or out of lending. */
  setBorrow(instrument: number, borrow: BorrowName): void {
    const at = checkIndex("locates.instrument", instrument, this.instruments);
    this.#borrow[at] = BORROW[checkChoice("locates.borrow", borrow, BORROW_NAMES)];
  }

  /** The code of {@link BORROW} of an instrument. */
  borrowOf(instrument: number): number {
    return this.#borrow[checkIndex("locates.instrument", instrument, this.instruments)] as number;
  }

  /** Takes a locate: `lots` that can be borrowed before `untilNs`. */
  grant(account: number, instrument: number, lots: number, untilNs: number, nowNs = 0): void {
    const at = this.#pair(account, instrument);
    checkWhole("locates.lots", lots, 1);
    if (!(untilNs > nowNs)) {
      throw new Fault("FAULT_INPUT", { path: "locates.untilNs", value: untilNs, expected: "a later moment" });
    }
    const live = nowNs < (this.#untilNs[at] as number);
    if (!live) this.#usedLots[at] = 0;
    this.#grantedLots[at] = live ? (this.#grantedLots[at] as number) + lots : lots;
    this.#untilNs[at] = live ? Math.min(this.#untilNs[at] as number, untilNs) : untilNs;
  }

  /** The lots an account can still sell short in an instrument: Infinity where no locate is needed. */
  availableLots(account: number, instrument: number, nowNs: number): number {
    const at = this.#pair(account, instrument);
    if (this.#borrow[instrument] === BORROW.easy) return Number.POSITIVE_INFINITY;
    if (this.#borrow[instrument] === BORROW.never || !(nowNs < (this.#untilNs[at] as number))) return 0;
    const takenLots = (this.#usedLots[at] as number) + (this.#reservedLots[at] as number);
    return Math.max((this.#grantedLots[at] as number) - takenLots, 0);
  }

  /**
   * Reserves `lots` for the order in `slot`, on top of what it reserved before; false where too few are
   * left. Where no locate is needed nothing is reserved.
   */
  reserve(slot: number, account: number, instrument: number, lots: number, nowNs: number): boolean {
    const row = checkIndex("locates.slot", slot, this.orders);
    const at = this.#pair(account, instrument);
    checkWhole("locates.lots", lots, 1);
    if (!(lots <= this.availableLots(account, instrument, nowNs))) return false;
    if (this.#borrow[instrument] === BORROW.easy) return true;
    const key = this.#orderKey[row] as number;
    if (key !== NO_KEY && key !== at) {
      const expected = "an order of one account and instrument";
      throw new Fault("FAULT_INPUT", { path: "locates.slot", value: slot, expected });
    }
    this.#orderKey[row] = at;
    this.#move(row, at, lots);
    return true;
  }

  /** A fill: `lots` of the order are borrowed for good, those it did not reserve included. */
  commit(slot: number, lots: number): void {
    const at = this.#giveBack(slot, lots);
    if (at !== NO_KEY) this.#usedLots[at] = (this.#usedLots[at] as number) + lots;
  }

  /** Gives `lots` of the order back, at most what it still reserves. */
  release(slot: number, lots: number): void {
    this.#giveBack(slot, lots);
  }

  /** The order is finished: gives back what it still reserves and frees the slot. */
  close(slot: number): void {
    this.#giveBack(slot, MAX_LOTS);
    this.#orderKey[slot] = NO_KEY;
  }

  /** The lots the order in a slot still reserves. */
  reservedLots(slot: number): number {
    return this.#orderLots[checkIndex("locates.slot", slot, this.orders)] as number;
  }

  /** The whole state, JSON-safe. */
  save(): SavedLocates {
    return {
      borrow: saveColumn(this.#borrow),
      grantedLots: saveColumn(this.#grantedLots),
      usedLots: saveColumn(this.#usedLots),
      reservedLots: saveColumn(this.#reservedLots),
      untilNs: saveColumn(this.#untilNs),
      orderKey: saveColumn(this.#orderKey),
      orderLots: saveColumn(this.#orderLots),
    };
  }

  /**
   * Takes the state that `save` wrote; a state that does not fit changes nothing.
   *
   * @throws `FAULT_INPUT` naming the column.
   */
  load(saved: SavedLocates): void {
    const pairs = this.#untilNs.length;
    const lots = (name: "grantedLots" | "usedLots" | "reservedLots" | "orderLots", length: number) =>
      readColumn(`locates.${name}`, saved[name], length, 0, MAX_LOTS);
    const borrow = readColumn("locates.borrow", saved.borrow, this.instruments, 0, BORROW_NAMES.length - 1);
    const [granted, used] = [lots("grantedLots", pairs), lots("usedLots", pairs)];
    const [reserved, orderLots] = [lots("reservedLots", pairs), lots("orderLots", this.orders)];
    const untilNs = readColumn("locates.untilNs", saved.untilNs, pairs, -Number.MAX_VALUE, Infinity, false);
    const orderKey = readColumn("locates.orderKey", saved.orderKey, this.orders, NO_KEY, pairs - 1);
    this.#borrow.set(borrow);
    this.#grantedLots.set(granted);
    this.#usedLots.set(used);
    this.#reservedLots.set(reserved);
    this.#untilNs.set(untilNs);
    this.#orderKey.set(orderKey);
    this.#orderLots.set(orderLots);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    let last = -1;
    for (let at = 0; at < this.#grantedLots.length; at++) {
      // Nothing is used, reserved or given an end that was not granted.
      if (this.#grantedLots[at] === 0) continue;
      to.number(at - last);
      for (const column of this.#pairColumns()) to.number(column[at] as number);
      last = at;
    }
    to.number(0);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const apply = from.columns(this.#saved());
    const columns = this.#pairColumns();
    const pairs: { at: number; figures: readonly number[] }[] = [];
    from.places("pairs", this.#grantedLots.length, (at) => {
      pairs.push({ at, figures: columns.map(() => from.number()) });
    });
    return () => {
      apply();
      for (const column of columns) column.fill(0);
      for (const { at, figures } of pairs) {
        for (const [k, column] of columns.entries()) column[at] = figures[k] as number;
      }
    };
  }

  /** Takes up to `lots` off the reservation of a slot and returns its locate, `NO_KEY` for none. */
  #giveBack(slot: number, lots: number): number {
    const row = checkIndex("locates.slot", slot, this.orders);
    checkWhole("locates.lots", lots, 1);
    const at = this.#orderKey[row] as number;
    if (at !== NO_KEY) this.#move(row, at, -Math.min(lots, this.#orderLots[row] as number));
    return at;
  }

  #move(row: number, at: number, lots: number): void {
    this.#orderLots[row] = (this.#orderLots[row] as number) + lots;
    this.#reservedLots[at] = (this.#reservedLots[at] as number) + lots;
  }

  #pair(account: number, instrument: number): number {
    const row = checkIndex("locates.account", account, this.accounts);
    return row * this.instruments + checkIndex("locates.instrument", instrument, this.instruments);
  }

  #saved(): readonly StateColumn[] {
    return [
      ["borrow", this.#borrow, 0, 0, BORROW_NAMES.length - 1],
      ["orderKey", this.#orderKey, NO_KEY, NO_KEY, this.#untilNs.length - 1],
      ["orderLots", this.#orderLots, 0],
    ];
  }

  #pairColumns(): readonly Float64Array[] {
    return [this.#grantedLots, this.#usedLots, this.#reservedLots, this.#untilNs];
  }
}
