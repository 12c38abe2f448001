import { ColumnPool, checkInteger, checkKeys, Fault, freePlaces } from "../base/index.ts";
import { ORDER_FLAG, ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import { OrderColumns, type OrderTerms, REQUEST, ROW_FLAG } from "./order-columns.ts";
import { RowChain } from "./row-chain.ts";
import { RowIndex } from "./row-index.ts";
import { OPEN_BY_CODE, ORDER_STATUS } from "./status.ts";

const MAX_VENUE = 65_535;
const FLAGS = ORDER_FLAG.postOnly | ORDER_FLAG.reduceOnly | ORDER_FLAG.hidden;

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
 * @invariant An order is in the lists of its strategy, instrument and venue exactly while its base state is open.
 * @cost About 280 bytes an order and 48 an execution; `open`, `free` O(1), nothing allocated.
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
export class OrderStore extends OrderColumns {
  readonly #byStrategy: RowChain;
  readonly #byInstrument: RowChain;
  /** Kept from the first question on: a list nobody asks for costs nothing. */
  #byVenue: RowChain | undefined;
  /** Kept from the first question on, too. */
  #byId: RowIndex | undefined;
  readonly #freeRows: Int32Array;
  #freeCount: number;
  #nextId = 1;

  /** `columns` are what its rows are held in, where they are handed on. */
  constructor(options: OrderStoreOptions, columns: ColumnPool = new ColumnPool()) {
    checkKeys("orderStore", options, ["capacity", "maxPendingRequests", "maxExecutions"]);
    const capacity = checkInteger("orderStore.capacity", options.capacity, 1, 1 << 24);
    const requests = checkInteger("orderStore.maxPendingRequests", options.maxPendingRequests ?? 2, 1, 16);
    const limit = checkInteger("orderStore.maxExecutions", options.maxExecutions ?? 1 << 22, 1, 1 << 26);
    super(capacity, requests + 1, limit, columns);
    this.#byStrategy = new RowChain(capacity, columns);
    this.#byInstrument = new RowChain(capacity, columns);
    this.#freeRows = freePlaces(capacity, columns);
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

  /** The row the next order will get, -1 when the store is full. */
  get nextRow(): number {
    return this.#freeCount === 0 ? -1 : (this.#freeRows[this.#freeCount - 1] as number);
  }

  /**
   * Opens an order in state `created` and returns its row, or -1 when the store is full.
   *
   * @throws `FAULT_INPUT` on terms no gate would let through: lots below 1, a side that is neither 1 nor -1,
   * prices that are no whole number of ticks within 32 bits, an index out of range.
   */
  open(terms: OrderTerms): number {
    if (this.#freeCount === 0) return -1;
    const { lots, side, priceTicks, venue = 0 } = terms;
    if (!(lots >= 1 && Number.isSafeInteger(lots)) || side * side !== 1 || (priceTicks | 0) !== priceTicks) {
      throw badTerms(terms);
    }
    if (terms.stopTicks !== undefined && (terms.stopTicks | 0) !== terms.stopTicks) throw badTerms(terms);
    this.#byStrategy.reserve("order.strategy", terms.strategy);
    this.#byInstrument.reserve("order.instrument", terms.instrument);
    if (venue !== 0) this.#reserveVenue(venue);
    const row = this.#freeRows[--this.#freeCount] as number;
    this.id[row] = this.#nextId++;
    this.phase[row] = ORDER_STATUS.created;
    this.base[row] = ORDER_STATUS.created;
    this.status[row] = ORDER_STATUS.created;
    this.flags[row] = terms.flags & FLAGS;
    this.side[row] = side;
    this.instrument[row] = terms.instrument;
    this.strategy[row] = terms.strategy;
    this.venue[row] = venue;
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
    this.#clearRare(terms, row);
    if (this.#byId !== undefined) this.#byId.add(row);
    this.#byStrategy.append(terms.strategy, row);
    this.#byInstrument.append(terms.instrument, row);
    if (this.#byVenue !== undefined) this.#byVenue.append(venue, row);
    return row;
  }

  /** Writes the columns that few orders use, where this order or the one before it in the row does. */
  #clearRare(terms: OrderTerms, row: number): void {
    if ((this.sequence[row] as number) > 0) {
      this.sequence[row] = 0;
      this.phaseSequence[row] = 0;
      this.termsSequence[row] = 0;
    }
    if ((this.day[row] as number) > 0) {
      this.day[row] = 0;
      this.priorLots[row] = 0;
      this.priorNotionalTicks[row] = 0;
    }
    const { stopTicks, trigger, guardTicks, displayLots, minLots } = terms;
    if (stopTicks !== undefined || this.stopTicks[row] !== 0) this.stopTicks[row] = stopTicks ?? 0;
    if (trigger !== undefined || this.trigger[row] !== 0) this.trigger[row] = trigger ?? 0;
    if (guardTicks !== undefined || this.guardTicks[row] !== Infinity)
      this.guardTicks[row] = guardTicks ?? Infinity;
    if (displayLots !== undefined || this.displayLots[row] !== 0) this.displayLots[row] = displayLots ?? 0;
    if (minLots !== undefined || this.minLots[row] !== 0) this.minLots[row] = minLots ?? 0;
  }

  /** Gives a row and its executions back; nothing happens where the row holds no order. */
  free(row: number): void {
    if (!((this.id[row] as number) > 0)) return;
    if (OPEN_BY_CODE[this.base[row] as number] === 1) this.unlink(row);
    this.executions.release(this.firstExecution[row] as number);
    this.firstExecution[row] = -1;
    if (this.#byId !== undefined) this.#byId.remove(this.id[row] as number);
    this.id[row] = 0;
    this.#freeRows[this.#freeCount++] = row;
  }

  /** The row that holds the order `id`, -1 where none does. O(1); the first question makes an index: O(capacity). */
  rowOf(id: number): number {
    this.#byId ??= new RowIndex(this.id);
    return this.#byId.rowOf(id);
  }

  /** Whether `row` still holds the order `id`. */
  isCurrent(row: number, id: number): boolean {
    return id > 0 && this.id[row] === id;
  }

  /** Whether the order can still fill as far as we know. */
  isOpen(row: number): boolean {
    return OPEN_BY_CODE[this.base[row] as number] === 1;
  }

  /** Whether it is done for the day and good for another: not open, in no list of those, and it may fill again. */
  restsOvernight(row: number): boolean {
    const term = this.timeInForce[row] as number;
    const isForDays = term === TIME_IN_FORCE.GTC || term === TIME_IN_FORCE.GTD;
    if (!isForDays || this.base[row] !== ORDER_STATUS.doneForDay) return false;
    return (this.lots[row] as number) > (this.cumLots[row] as number);
  }

  /** Whether it is a stop that waits for its trigger. */
  isUntriggered(row: number): boolean {
    const stops = (this.type[row] as number) >= ORDER_TYPE.stop;
    return stops && ((this.flags[row] as number) & ROW_FLAG.triggered) === 0;
  }

  /** What is still to be filled; 0 when the order is not open. */
  leavesLots(row: number): number {
    if (OPEN_BY_CODE[this.base[row] as number] === 0) return 0;
    return (this.lots[row] as number) - (this.cumLots[row] as number);
  }

  /** What a cancel or an expiry took away from the order; 0 for any other order. */
  canceledLots(row: number): number {
    const base = this.base[row] as number;
    if (base !== ORDER_STATUS.canceled && base !== ORDER_STATUS.expired) return 0;
    return (this.lots[row] as number) - (this.cumLots[row] as number);
  }

  /** The mean price of the live executions in ticks, rounded once as a double; NaN before the first. */
  averageTicks(row: number): number {
    const cum = this.cumLots[row] as number;
    return cum === 0 ? NaN : (this.notionalTicks[row] as number) / cum;
  }

  /** The total less what was filled on earlier days. */
  dayLots(row: number): number {
    return (this.lots[row] as number) - (this.priorLots[row] as number);
  }

  /** What was filled since the last `newDay`. */
  dayCumLots(row: number): number {
    return (this.cumLots[row] as number) - (this.priorLots[row] as number);
  }

  /** The mean price in ticks of what was filled since the last `newDay`; NaN before the first. */
  dayAverageTicks(row: number): number {
    const notional = (this.notionalTicks[row] as number) - (this.priorNotionalTicks[row] as number);
    const cum = this.dayCumLots(row);
    return cum === 0 ? NaN : notional / cum;
  }

  /**
   * The most that can still fill under any terms the venue may hold: the order's own, or those of a replace
   * that is not answered yet. An order that is done for the day may fill another day; one that ended counts as open
   * while its flag `unknown` is set. What a risk gate reserves.
   */
  worstLeavesLots(row: number): number {
    const phase = this.phase[row] as number;
    const isUnknown = ((this.flags[row] as number) & ROW_FLAG.unknown) !== 0;
    if (OPEN_BY_CODE[phase] === 0 && phase !== ORDER_STATUS.doneForDay && !isUnknown) return 0;
    let most = this.lots[row] as number;
    const from = row * this.requestSlots;
    for (let slot = from + (this.pendingCount[row] as number) - 1; slot >= from; slot--) {
      if (this.pendingKind[slot] === REQUEST.replace) most = Math.max(most, this.pendingLots[slot] as number);
    }
    return Math.max(0, most - (this.cumLots[row] as number));
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

  /** The oldest open order at a venue, or -1. The first such question makes the lists: O(capacity). */
  firstOfVenue(venue: number): number {
    return this.#venues().first(venue);
  }

  /** The next younger open order at the same venue, or -1. Read it before the row is changed. */
  nextOfVenue(row: number): number {
    return this.#venues().next[row] as number;
  }

  /** The rows that hold no order, the one that is used next last: a copy, for snapshots. */
  freeRows(): Int32Array {
    return this.#freeRows.slice(0, this.#freeCount);
  }

  /** Takes over what a snapshot says about ids and rows; `restoreOrders` calls this on a new store. */
  resume(nextId: number, freeRows: Int32Array): void {
    this.#nextId = nextId;
    this.#byId = undefined;
    this.#freeRows.set(freeRows);
    this.#freeCount = freeRows.length;
  }

  /** Whether a cancel of the order is on its way and not answered. */
  isCanceling(row: number): boolean {
    const first = row * this.requestSlots;
    const kinds = this.pendingKind.subarray(first, first + (this.pendingCount[row] as number));
    return kinds.includes(REQUEST.cancel);
  }

  /** Leaves out the next ids: after a loss of what was durable, ids that a venue may have seen are not used again. */
  skipIds(count: number): void {
    this.#nextId += checkInteger("orderStore.skipIds", count, 0, 0x100_0000_0000);
  }

  /** Makes room in the lists of open orders for a row; `restoreOrders` calls this before `link`. */
  reserve(row: number): void {
    this.#byStrategy.reserve("order.strategy", this.strategy[row] as number);
    this.#byInstrument.reserve("order.instrument", this.instrument[row] as number);
  }

  #reserveVenue(venue: number): void {
    if (!(venue >= 0 && venue <= MAX_VENUE && (venue | 0) === venue)) {
      const expected = `an index within 0 and ${MAX_VENUE}`;
      throw new Fault("FAULT_INPUT", { path: "order.venue", value: venue, expected });
    }
    if (this.#byVenue !== undefined) this.#byVenue.reserve("order.venue", venue);
  }

  #venues(): RowChain {
    if (this.#byVenue !== undefined) return this.#byVenue;
    const chain = new RowChain(this.capacity, new ColumnPool());
    for (let row = 0; row < this.capacity; row++) {
      if (this.id[row] === 0) continue;
      chain.reserve("order.venue", this.venue[row] as number);
      if (this.isOpen(row)) chain.link(this.venue[row] as number, row, this.id);
    }
    this.#byVenue = chain;
    return chain;
  }

  /** Puts a row into the lists of open orders; `apply` calls this. */
  link(row: number): void {
    this.#byStrategy.link(this.strategy[row] as number, row, this.id);
    this.#byInstrument.link(this.instrument[row] as number, row, this.id);
    if (this.#byVenue !== undefined) this.#byVenue.link(this.venue[row] as number, row, this.id);
  }

  /** Takes a row out of the lists of open orders; `apply` calls this. */
  unlink(row: number): void {
    this.#byStrategy.unlink(this.strategy[row] as number, row);
    this.#byInstrument.unlink(this.instrument[row] as number, row);
    if (this.#byVenue !== undefined) this.#byVenue.unlink(this.venue[row] as number, row);
  }
}

function badTerms(terms: OrderTerms): Fault {
  return new Fault("FAULT_INPUT", {
    path: "order",
    value: terms,
    expected: "lots of at least 1, a side of 1 or -1, and prices in whole ticks within 32 bits",
  });
}
