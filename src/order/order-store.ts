import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { ExecutionPool } from "./execution-pool.ts";
import { RowChain } from "./row-chain.ts";
import { OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";

/**
 * What an order is opened with; `open` copies it, so one object can be used again and again.
 *
 * @units `priceTicks` ticks (0 for market orders); `lots` lots; `expireNs`, `createdNs` ns from the session's base
 */
export interface OrderTerms {
  instrument: number;
  strategy: number;
  /** +1 buys, -1 sells. */
  side: number;
  /** Codes `ORDER_TYPE` and `TIME_IN_FORCE` of the room `model`. */
  type: number;
  timeInForce: number;
  /** Bits of `ORDER_FLAG` of the room `model`. */
  flags: number;
  priceTicks: number;
  lots: number;
  expireNs: number;
  createdNs: number;
}

/**
 * Bits of the column `flags`. The lowest two are `ORDER_FLAG` of the room `model`; the others are set by events.
 */
export const ROW_FLAG = {
  postOnly: 1,
  reduceOnly: 2,
  /** The venue said that it has the order. */
  acknowledged: 4,
  /** The venue's state is not known: a timeout or a lost connection. */
  unknown: 8,
  /** More was filled than ordered. */
  overfilled: 16,
  /** An execution was busted when the order was no longer open. */
  bustedAfterTerminal: 32,
  /** An execution came when the order was no longer open. */
  lateFill: 64,
  /** An execution came for an order that was rejected or never sent. */
  critical: 128,
  /** A report marked as a repetition changed the order. */
  staleReplay: 256,
} as const;

/** Kinds of pending requests, as the column `pendingKind` holds them. */
export const REQUEST = { cancel: 1, replace: 2 } as const;

/** Options of an {@link OrderStore}. */
export interface OrderStoreOptions {
  /** The most orders held at once, finished ones that were not freed included. */
  readonly capacity: number;
  /** Unanswered requests per order, 2 unless given; a cancel may always be one more. */
  readonly maxPendingRequests?: number;
  /** The most executions held at once over all orders; 4,194,304 unless given. */
  readonly maxExecutions?: number;
}

/**
 * Orders as columns of typed arrays: a row per order, used again after `free`. Read the columns directly; only
 * `open`, `free` and `apply` write them.
 *
 * @invariant An id is given once: a reference (row, id) kept too long is found out by `isCurrent`.
 * @invariant An order is in the lists of its strategy and its instrument exactly while its base state is open.
 * @cost About 110 bytes an order and 41 an execution; `open`, `free` O(1), nothing allocated.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { apply, ORDER_EVENT, ORDER_STATUSES, OrderEvent, OrderStore } from "tickwright/order";
 * const store = new OrderStore({ capacity: 1024 });
 * const event = new OrderEvent();
 * const row = store.open({
 *   instrument: 0, strategy: 0, side: 1, type: 0, timeInForce: 0, flags: 0,
 *   priceTicks: 1000, lots: 5, expireNs: Infinity, createdNs: 0,
 * });
 * apply(store, row, event.set(ORDER_EVENT.submit));
 * apply(store, row, event.set(ORDER_EVENT.ack));
 * ORDER_STATUSES[store.status[row]]; // => "new"
 * store.leavesLots(row); // => 5
 * ```
 */
export class OrderStore {
  readonly capacity: number;
  /** Request slots per row: `maxPendingRequests` and one for a cancel. */
  readonly requestSlots: number;
  /** 0 where the row holds no order; ids rise from 1 in the order of `open`. */
  readonly id: Float64Array;
  /** What the venue's words made of the order, before quantities are looked at; codes of `ORDER_STATUS`. */
  readonly phase: Uint8Array;
  /** The base state: phase and quantities together. */
  readonly base: Uint8Array;
  /** The reported status: base and pending requests together. */
  readonly status: Uint8Array;
  /** Bits of {@link ROW_FLAG}. */
  readonly flags: Uint16Array;
  readonly side: Int8Array;
  readonly instrument: Int32Array;
  readonly strategy: Int32Array;
  readonly type: Uint8Array;
  readonly timeInForce: Uint8Array;
  readonly priceTicks: Int32Array;
  readonly lots: Float64Array;
  readonly cumLots: Float64Array;
  /** The sum of lots times ticks of the live executions. */
  readonly notionalTicks: Float64Array;
  /** What the venue guaranteed when it stopped the order. */
  readonly stoppedLots: Float64Array;
  readonly expireNs: Float64Array;
  readonly createdNs: Float64Array;
  /** The reason code of the last event that gave one. */
  readonly reason: Int32Array;
  /** Pending requests of a row stand at `row * requestSlots`, oldest first. */
  readonly pendingCount: Uint8Array;
  readonly pendingKind: Uint8Array;
  readonly pendingId: Float64Array;
  readonly pendingTicks: Int32Array;
  readonly pendingLots: Float64Array;
  /** The highest request id sent, and the highest whose terms the venue accepted. */
  readonly lastRequestId: Float64Array;
  readonly termsRequestId: Float64Array;
  /** The executions of a row start at this node of `executions`, newest first; -1 for none. */
  readonly firstExecution: Int32Array;
  readonly lastExecId: Float64Array;
  /** Busts and corrections that wait for their execution. */
  readonly heldCount: Int32Array;
  readonly executions: ExecutionPool;
  readonly #byStrategy: RowChain;
  readonly #byInstrument: RowChain;
  readonly #freeRows: Int32Array;
  #freeCount: number;
  #nextId = 1;

  constructor(options: OrderStoreOptions) {
    checkKeys("orderStore", options, ["capacity", "maxPendingRequests", "maxExecutions"]);
    const capacity = checkInteger("orderStore.capacity", options.capacity, 1, 1 << 24);
    const requests = checkInteger("orderStore.maxPendingRequests", options.maxPendingRequests ?? 2, 1, 16);
    const limit = checkInteger("orderStore.maxExecutions", options.maxExecutions ?? 1 << 22, 1, 1 << 26);
    this.capacity = capacity;
    this.requestSlots = requests + 1;
    this.id = new Float64Array(capacity);
    this.phase = new Uint8Array(capacity);
    this.base = new Uint8Array(capacity);
    this.status = new Uint8Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.side = new Int8Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.strategy = new Int32Array(capacity);
    this.type = new Uint8Array(capacity);
    this.timeInForce = new Uint8Array(capacity);
    this.priceTicks = new Int32Array(capacity);
    this.lots = new Float64Array(capacity);
    this.cumLots = new Float64Array(capacity);
    this.notionalTicks = new Float64Array(capacity);
    this.stoppedLots = new Float64Array(capacity);
    this.expireNs = new Float64Array(capacity);
    this.createdNs = new Float64Array(capacity);
    this.reason = new Int32Array(capacity);
    this.pendingCount = new Uint8Array(capacity);
    this.pendingKind = new Uint8Array(capacity * this.requestSlots);
    this.pendingId = new Float64Array(capacity * this.requestSlots);
    this.pendingTicks = new Int32Array(capacity * this.requestSlots);
    this.pendingLots = new Float64Array(capacity * this.requestSlots);
    this.lastRequestId = new Float64Array(capacity);
    this.termsRequestId = new Float64Array(capacity);
    this.firstExecution = new Int32Array(capacity).fill(-1);
    this.lastExecId = new Float64Array(capacity);
    this.heldCount = new Int32Array(capacity);
    this.executions = new ExecutionPool(Math.min(limit, Math.max(16, capacity)), limit);
    this.#byStrategy = new RowChain(capacity);
    this.#byInstrument = new RowChain(capacity);
    this.#freeRows = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#freeCount = capacity;
  }

  /** Orders held now, finished ones that were not freed included. */
  get size(): number {
    return this.capacity - this.#freeCount;
  }

  /** The id the next order will get. */
  get nextId(): number {
    return this.#nextId;
  }

  /**
   * Opens an order in state `created` and returns its row, or -1 when the store is full.
   *
   * @throws `FAULT_INPUT` on terms no gate would let through: lots below 1, a side that is neither 1 nor -1,
   * a price that is no whole number of ticks within 32 bits, an index out of range.
   */
  open(terms: OrderTerms): number {
    if (this.#freeCount === 0) return -1;
    const { lots, side, priceTicks } = terms;
    if (!(lots >= 1 && Number.isSafeInteger(lots)) || side * side !== 1 || (priceTicks | 0) !== priceTicks) {
      throw badTerms(terms);
    }
    this.#byStrategy.reserve("order.strategy", terms.strategy);
    this.#byInstrument.reserve("order.instrument", terms.instrument);
    const row = this.#freeRows[--this.#freeCount] as number;
    this.id[row] = this.#nextId++;
    this.phase[row] = ORDER_STATUS.created;
    this.base[row] = ORDER_STATUS.created;
    this.status[row] = ORDER_STATUS.created;
    this.flags[row] = terms.flags & (ROW_FLAG.postOnly | ROW_FLAG.reduceOnly);
    this.side[row] = side;
    this.instrument[row] = terms.instrument;
    this.strategy[row] = terms.strategy;
    this.type[row] = terms.type;
    this.timeInForce[row] = terms.timeInForce;
    this.priceTicks[row] = priceTicks;
    this.lots[row] = lots;
    this.cumLots[row] = 0;
    this.notionalTicks[row] = 0;
    this.stoppedLots[row] = 0;
    this.expireNs[row] = terms.expireNs;
    this.createdNs[row] = terms.createdNs;
    this.reason[row] = 0;
    this.pendingCount[row] = 0;
    this.lastRequestId[row] = 0;
    this.termsRequestId[row] = 0;
    this.firstExecution[row] = -1;
    this.lastExecId[row] = 0;
    this.heldCount[row] = 0;
    this.#byStrategy.link(terms.strategy, row, this.id);
    this.#byInstrument.link(terms.instrument, row, this.id);
    return row;
  }

  /** Gives a row and its executions back; nothing happens where the row holds no order. */
  free(row: number): void {
    if (!((this.id[row] as number) > 0)) return;
    if (OPEN_BY_CODE[this.base[row] as number] === 1) this.unlink(row);
    this.executions.release(this.firstExecution[row] as number);
    this.firstExecution[row] = -1;
    this.id[row] = 0;
    this.#freeRows[this.#freeCount++] = row;
  }

  /** Whether `row` still holds the order `id`. */
  isCurrent(row: number, id: number): boolean {
    return id > 0 && this.id[row] === id;
  }

  /** Whether the order can still fill as far as we know. */
  isOpen(row: number): boolean {
    return OPEN_BY_CODE[this.base[row] as number] === 1;
  }

  /** What is still to be filled; 0 when the order is not open. */
  leavesLots(row: number): number {
    if (OPEN_BY_CODE[this.base[row] as number] === 0) return 0;
    const leaves = (this.lots[row] as number) - (this.cumLots[row] as number);
    return leaves > 0 ? leaves : 0;
  }

  /** The mean price of the live executions in ticks, rounded once as a double; NaN before the first. */
  averageTicks(row: number): number {
    const cum = this.cumLots[row] as number;
    return cum === 0 ? NaN : (this.notionalTicks[row] as number) / cum;
  }

  /**
   * The most that can still fill under any terms the venue may hold: the order's own, or those of a replace
   * that is not answered yet. What a risk gate reserves.
   */
  worstLeavesLots(row: number): number {
    const cum = this.cumLots[row] as number;
    let most = this.leavesLots(row);
    if (OPEN_BY_CODE[this.phase[row] as number] === 1) {
      const from = row * this.requestSlots;
      for (let slot = from + (this.pendingCount[row] as number) - 1; slot >= from; slot--) {
        if (this.pendingKind[slot] !== REQUEST.replace) continue;
        most = Math.max(most, (this.pendingLots[slot] as number) - cum);
      }
    }
    return most;
  }

  /** The oldest open order of a strategy, or -1. */
  firstOfStrategy(strategy: number): number {
    return this.#byStrategy.first(strategy);
  }

  /** The next younger open order of the same strategy, or -1. Read it before the row is changed. */
  nextOfStrategy(row: number): number {
    return this.#byStrategy.next[row] as number;
  }

  /** The oldest open order of an instrument, or -1. */
  firstOfInstrument(instrument: number): number {
    return this.#byInstrument.first(instrument);
  }

  /** The next younger open order of the same instrument, or -1. Read it before the row is changed. */
  nextOfInstrument(row: number): number {
    return this.#byInstrument.next[row] as number;
  }

  /** Puts a row into the lists of open orders; `apply` calls this. */
  link(row: number): void {
    this.#byStrategy.link(this.strategy[row] as number, row, this.id);
    this.#byInstrument.link(this.instrument[row] as number, row, this.id);
  }

  /** Takes a row out of the lists of open orders; `apply` calls this. */
  unlink(row: number): void {
    this.#byStrategy.unlink(this.strategy[row] as number, row);
    this.#byInstrument.unlink(this.instrument[row] as number, row);
  }
}

function badTerms(terms: OrderTerms): Fault {
  return new Fault("FAULT_INPUT", {
    path: "order",
    value: terms,
    expected: "lots of at least 1, a side of 1 or -1, and a price in whole ticks within 32 bits",
  });
}
