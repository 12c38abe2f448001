import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const INSTRUMENTS_MAX = 65_536;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/**
 * Orders a message counts as, by kind of order: the annex of RTS 9. `single` are limit, stop, market, immediate (IOC
 * and FOK: 1, and 2 once the rest was canceled), iceberg, market-to-limit, peg and trailing stop orders: a
 * modification is a cancellation and a new insertion. A quote has two sides, a pair (one cancels the other) two orders.
 *
 * The annex prints modifications of limit orders, quotes and pairs only; the others follow the limit order, as
 * Article 3(4) asks for kinds that are not listed.
 *
 * @source Delegated Regulation (EU) 2017/566 (RTS 9), Annex
 */
export const ORDER_COUNT = {
  single: { submit: 1, modify: 2, cancel: 1 },
  quote: { submit: 2, modify: 4, cancel: 2 },
  pair: { submit: 2, modify: 4, cancel: 2 },
} as const;

/** A kind of order, as {@link ORDER_COUNT} counts it. */
export type OrderCountKind = keyof typeof ORDER_COUNT;

/** Limits of the ratio of unexecuted orders to transactions; one left out does not apply. */
export interface OrderToTradeLimit {
  /** The highest ratio by number, at least 0. */
  readonly byNumber?: number;
  /** The highest ratio by volume, at least 0. */
  readonly byVolume?: number;
  /** Orders, counted as the annex does, up to which nothing is refused. */
  readonly minOrders: number;
}

/** What an {@link OrderToTrade} keeps over a restart: a column of each, by instrument. */
export interface SavedOrderToTrade {
  readonly orders: readonly number[];
  readonly orderLots: readonly number[];
  readonly transactions: readonly number[];
  readonly transactionLots: readonly number[];
}

/**
 * The ratio of unexecuted orders to transactions of each instrument and day, by the venue's formula: orders /
 * transactions - 1 by number, and ordered volume / traded volume - 1 by volume; a partial fill is a transaction.
 *
 * Each message counts as {@link ORDER_COUNT} says; by volume a cancel counts what it takes away, and a modification
 * that and what it brings. Do not report cancels that the regulation leaves out: after the uncrossing of an auction,
 * after a loss of the connection, by a kill switch. Cancels are counted, never refused.
 *
 * @units volumes in lots; a quote or a pair: both sides together
 * @invariant An order at the limit passes: `orders <= (limit + 1) x transactions`, so without a transaction none does
 * beyond `minOrders`.
 * @cost O(1), nothing allocated; 56 bytes an instrument.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { OrderToTrade } from "tickwright/risk";
 * const ratio = new OrderToTrade({ instruments: 1 });
 * ratio.configure(0, { byNumber: 3, minOrders: 2 });
 * ratio.submitted(0, "single", 10);
 * ratio.modified(0, "single", 10, 12);
 * [ratio.byNumber(0), ratio.allows(0, "single", 12)]; // => [Infinity, false]
 * ratio.executed(0, 4);
 * [ratio.byNumber(0), ratio.byVolume(0), ratio.allows(0, "single", 12)]; // => [2, 7, true]
 * [ratio.allows(0, "quote", 12)]; // => [false]
 * ```
 * @source Delegated Regulation (EU) 2017/566 (RTS 9), Articles 1 and 3, Annex
 */
export class OrderToTrade implements StatePart {
  readonly instruments: number;
  readonly #orders: Float64Array;
  readonly #orderLots: Float64Array;
  readonly #transactions: Float64Array;
  readonly #transactionLots: Float64Array;
  readonly #byNumber: Float64Array;
  readonly #byVolume: Float64Array;
  readonly #minOrders: Float64Array;

  constructor(options: { readonly instruments: number }) {
    checkKeys("orderToTrade", options, ["instruments"]);
    this.instruments = checkInteger("orderToTrade.instruments", options.instruments, 1, INSTRUMENTS_MAX);
    this.#orders = new Float64Array(this.instruments);
    this.#orderLots = new Float64Array(this.instruments);
    this.#transactions = new Float64Array(this.instruments);
    this.#transactionLots = new Float64Array(this.instruments);
    this.#byNumber = new Float64Array(this.instruments).fill(NO_LIMIT);
    this.#byVolume = new Float64Array(this.instruments).fill(NO_LIMIT);
    this.#minOrders = new Float64Array(this.instruments).fill(NO_LIMIT);
  }

  /** Gives an instrument limits, or none; what was counted stays. @throws `FAULT_CONFIG` naming the field */
  configure(instrument: number, limit: OrderToTradeLimit | undefined): void {
    checkInteger("orderToTrade.instrument", instrument, 0, this.instruments - 1);
    if (limit === undefined) {
      this.#minOrders[instrument] = NO_LIMIT;
      return;
    }
    checkKeys("orderToTrade.limit", limit, ["byNumber", "byVolume", "minOrders"]);
    const { byNumber, byVolume } = limit;
    const minOrders = checkInteger("orderToTrade.minOrders", limit.minOrders, 0);
    const number = byNumber === undefined ? NO_LIMIT : checkNumber("orderToTrade.byNumber", byNumber, 0);
    const volume = byVolume === undefined ? NO_LIMIT : checkNumber("orderToTrade.byVolume", byVolume, 0);
    this.#minOrders[instrument] = minOrders;
    this.#byNumber[instrument] = number;
    this.#byVolume[instrument] = volume;
  }

  /** Whether a new order stays within the limits, counted as if it were sent. */
  allows(instrument: number, kind: OrderCountKind, lots: number): boolean {
    const orders = (this.#orders[instrument] as number) + ORDER_COUNT[kind].submit;
    if (orders <= (this.#minOrders[instrument] as number)) return true;
    const orderLots = (this.#orderLots[instrument] as number) + lots;
    return (
      isWithin(orders, this.#transactions[instrument] as number, this.#byNumber[instrument] as number) &&
      isWithin(orderLots, this.#transactionLots[instrument] as number, this.#byVolume[instrument] as number)
    );
  }

  /** Counts a new order. */
  submitted(instrument: number, kind: OrderCountKind, lots: number): void {
    this.#count(instrument, ORDER_COUNT[kind].submit, lots);
  }

  /** Counts a modification: what is taken away and what comes in its place. */
  modified(instrument: number, kind: OrderCountKind, oldLots: number, newLots: number): void {
    this.#count(instrument, ORDER_COUNT[kind].modify, oldLots + newLots);
  }

  /** Counts a cancellation of what was left. */
  canceled(instrument: number, kind: OrderCountKind, lots: number): void {
    this.#count(instrument, ORDER_COUNT[kind].cancel, lots);
  }

  /** Counts a transaction: a full or a partial execution. */
  executed(instrument: number, lots: number): void {
    this.#transactions[instrument] = (this.#transactions[instrument] as number) + 1;
    this.#transactionLots[instrument] = (this.#transactionLots[instrument] as number) + lots;
  }

  /** Orders / transactions - 1; Infinity when nothing traded yet, NaN when nothing was sent either. */
  byNumber(instrument: number): number {
    return (this.#orders[instrument] as number) / (this.#transactions[instrument] as number) - 1;
  }

  /** Ordered volume / traded volume - 1; Infinity when nothing traded yet, NaN when nothing was sent either. */
  byVolume(instrument: number): number {
    return (this.#orderLots[instrument] as number) / (this.#transactionLots[instrument] as number) - 1;
  }

  /** Begins a session: every count is 0. */
  newDay(): void {
    this.#orders.fill(0);
    this.#orderLots.fill(0);
    this.#transactions.fill(0);
    this.#transactionLots.fill(0);
  }

  /** The counts; limits are configuration and are not in it. */
  save(): SavedOrderToTrade {
    return {
      orders: [...this.#orders],
      orderLots: [...this.#orderLots],
      transactions: [...this.#transactions],
      transactionLots: [...this.#transactionLots],
    };
  }

  /** Continues from saved counts. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "orderToTrade";
    const fields = ["orders", "orderLots", "transactions", "transactionLots"] as const;
    const saved = savedFields<SavedOrderToTrade>(path, data, fields);
    const [orders, orderLots, transactions, transactionLots] = fields.map((field) =>
      readColumn(`${path}.${field}`, saved[field], this.instruments, 0, Number.MAX_SAFE_INTEGER),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    this.#orders.set(orders);
    this.#orderLots.set(orderLots);
    this.#transactions.set(transactions);
    this.#transactionLots.set(transactionLots);
  }

  /** The state, for the snapshot of a gate; limits are configuration and are not in it. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return from.columns(this.#saved());
  }

  #count(instrument: number, orders: number, lots: number): void {
    this.#orders[instrument] = (this.#orders[instrument] as number) + orders;
    this.#orderLots[instrument] = (this.#orderLots[instrument] as number) + lots;
  }

  #saved(): readonly StateColumn[] {
    return [
      ["orders", this.#orders, 0],
      ["orderLots", this.#orderLots, 0],
      ["transactions", this.#transactions, 0],
      ["transactionLots", this.#transactionLots, 0],
    ];
  }
}

function isWithin(orders: number, transactions: number, limit: number): boolean {
  return limit === NO_LIMIT || orders <= (limit + 1) * transactions;
}
