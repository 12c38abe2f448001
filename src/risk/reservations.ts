import { ColumnPool, freePlaces } from "../base/index.ts";
import { ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import { GATE_FLAG, type GateOrder } from "./gate-order.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** The bits of an order's flags that a venue is told. */
const VENUE_FLAGS = GATE_FLAG.postOnly | GATE_FLAG.reduceOnly;

/** Replaces that may be unanswered for one order. */
export const MOST_REPLACES = 4;

/** What of an order is saved: all but with which limits and latch it was approved. */
const SAVED_ROW = [
  ...(["id", "row", "seat", "instrument", "side", "type", "timeInForce", "flags", "priceTicks"] as const),
  ...(["stopTicks", "lots", "displayLots", "expireNs", "unitTicks", "cumLots", "heldLots"] as const),
  ...(["heldTickLots", "heldValue", "isAtomic", "isSent", "isTaken", "requestId"] as const),
] as const;

/**
 * What each approved order may still do at the venue: its terms, its unanswered replaces, and the lots and
 * tick-lots held for it.
 *
 * @units lots; `unitTicks`: the worst price an order can trade at, in ticks above 0; `heldValue` in the gate's money
 * @invariant Held is the most that can execute under the terms in force or any unanswered replace: their largest
 * where the venue replaces in one step, their sum where it cancels and sends anew.
 */
export class Reservations implements StatePart {
  readonly capacity: number;
  readonly id: Float64Array;
  readonly row: Int32Array;
  readonly seat: Int32Array;
  readonly instrument: Int32Array;
  readonly side: Int8Array;
  readonly type: Uint8Array;
  readonly timeInForce: Uint8Array;
  readonly flags: Uint8Array;
  readonly priceTicks: Int32Array;
  readonly stopTicks: Int32Array;
  readonly lots: Float64Array;
  readonly displayLots: Float64Array;
  readonly expireNs: Float64Array;
  readonly unitTicks: Float64Array;
  readonly cumLots: Float64Array;
  readonly heldLots: Float64Array;
  readonly heldTickLots: Float64Array;
  readonly heldValue: Float64Array;
  /** 1 where the venue replaces in one step. */
  readonly isAtomic: Uint8Array;
  /** 1 once a door took the order; and what was approved last. */
  readonly isSent: Uint8Array;
  readonly isTaken: Uint8Array;
  /** What was approved last, and with which limits and latch: an order is request 0. */
  readonly requestId: Float64Array;
  readonly version: Int32Array;
  readonly latch: Int32Array;
  readonly #replaces: Uint8Array;
  readonly #replaceId: Float64Array;
  readonly #replaceLots: Float64Array;
  readonly #replaceTicks: Int32Array;
  readonly #replaceUnit: Float64Array;
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(capacity: number, columns: ColumnPool = new ColumnPool()) {
    this.capacity = capacity;
    const doubles = (times = 1): Float64Array => columns.float64(capacity * times);
    this.id = doubles();
    this.row = columns.int32(capacity);
    this.seat = columns.int32(capacity);
    this.instrument = columns.int32(capacity);
    this.side = columns.int8(capacity);
    this.type = columns.uint8(capacity);
    this.timeInForce = columns.uint8(capacity);
    this.flags = columns.uint8(capacity);
    this.priceTicks = columns.int32(capacity);
    this.stopTicks = columns.int32(capacity);
    this.lots = doubles();
    this.displayLots = doubles();
    this.expireNs = doubles();
    this.unitTicks = doubles();
    this.cumLots = doubles();
    this.heldLots = doubles();
    this.heldTickLots = doubles();
    this.heldValue = doubles();
    this.isAtomic = columns.uint8(capacity);
    this.isSent = columns.uint8(capacity);
    this.isTaken = columns.uint8(capacity);
    this.requestId = doubles();
    this.version = columns.int32(capacity);
    this.latch = columns.int32(capacity);
    this.#replaces = columns.uint8(capacity);
    this.#replaceId = doubles(MOST_REPLACES);
    this.#replaceLots = doubles(MOST_REPLACES);
    this.#replaceTicks = columns.int32(capacity * MOST_REPLACES);
    this.#replaceUnit = doubles(MOST_REPLACES);
    this.#free = freePlaces(capacity, columns);
    this.#freeCount = capacity;
  }

  /** Places that are free. */
  get room(): number {
    return this.#freeCount;
  }

  /** Whether a place holds the order `id`. */
  isCurrent(slot: number, id: number): boolean {
    return id > 0 && this.id[slot] === id;
  }

  /** Takes a free place for an order; there must be one. */
  open(order: GateOrder, unitTicks: number, isAtomic: number): number {
    const slot = this.#free[--this.#freeCount] as number;
    this.id[slot] = order.id;
    this.row[slot] = order.row;
    this.seat[slot] = order.seat;
    this.instrument[slot] = order.instrument;
    this.side[slot] = order.side;
    this.type[slot] = order.type;
    this.timeInForce[slot] = order.timeInForce;
    this.flags[slot] = order.flags;
    this.priceTicks[slot] = order.priceTicks;
    this.stopTicks[slot] = order.stopTicks;
    this.lots[slot] = order.lots;
    this.displayLots[slot] = order.displayLots;
    this.expireNs[slot] = order.expireNs;
    this.unitTicks[slot] = unitTicks;
    this.cumLots[slot] = 0;
    this.isAtomic[slot] = isAtomic;
    this.requestId[slot] = 0;
    this.isSent[slot] = 0;
    this.#replaces[slot] = 0;
    return slot;
  }

  /** Gives a place back. */
  free(slot: number): void {
    this.id[slot] = 0;
    this.#free[this.#freeCount++] = slot;
  }

  /** Whether one more replace fits. */
  canReplace(slot: number): boolean {
    return (this.#replaces[slot] as number) < MOST_REPLACES;
  }

  /** Adds an unanswered replace; there must be room. */
  addReplace(slot: number, requestId: number, lots: number, ticks: number, unitTicks: number): void {
    this.#dropUntaken(slot);
    const count = this.#replaces[slot] as number;
    const at = slot * MOST_REPLACES + count;
    this.#replaceId[at] = requestId;
    this.#replaceLots[at] = lots;
    this.#replaceTicks[at] = ticks;
    this.#replaceUnit[at] = unitTicks;
    this.#replaces[slot] = count + 1;
    this.requestId[slot] = requestId;
  }

  /**
   * The orders there are and the places that are free, in the order they will be used in, for the snapshot of a gate.
   * The limits and the latch of an approval are asked until it is taken, and are not in it.
   */
  saveInto(to: StateWriter): void {
    const free = this.#free;
    let untouched = 0;
    while (untouched < this.#freeCount && free[untouched] === this.capacity - 1 - untouched) untouched += 1;
    to.number(this.#freeCount);
    to.number(untouched);
    for (let i = untouched; i < this.#freeCount; i++) to.number(free[i] as number);
    const slots = this.#used();
    for (const slot of slots) to.number(slot);
    for (const name of SAVED_ROW) writeRows(to, this[name], slots);
    for (const slot of slots) {
      const count = this.#replaces[slot] as number;
      to.number(count);
      for (let at = slot * MOST_REPLACES; at < slot * MOST_REPLACES + count; at++) {
        to.number(this.#replaceId[at] as number);
        to.number(this.#replaceLots[at] as number);
        to.number(this.#replaceTicks[at] as number);
        to.number(this.#replaceUnit[at] as number);
      }
    }
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const { capacity } = this;
    const free = Array.from({ length: from.whole("freePlaces", 0, capacity) }, (_, i) => capacity - 1 - i);
    const seen = new Uint8Array(capacity);
    const once = (field: string): number => {
      const slot = from.whole(field, 0, capacity - 1);
      from.check(field, slot, seen[slot] === 0, "a place that is named once");
      seen[slot] = 1;
      return slot;
    };
    const untouched = from.whole("freePlaces", 0, free.length);
    for (let i = 0; i < untouched; i++) seen[capacity - 1 - i] = 1;
    for (let i = untouched; i < free.length; i++) free[i] = once("freePlaces");
    const slots = Array.from({ length: capacity - free.length }, () => once("slot"));
    const rows = SAVED_ROW.map(() => slots.map(() => from.number()));
    const replaces = slots.map(() => {
      const count = from.whole("replaces", 0, MOST_REPLACES);
      return Array.from({ length: 4 * count }, () => from.number());
    });
    return () => {
      this.#free.set(free);
      this.#freeCount = free.length;
      this.id.fill(0);
      for (const [k, name] of SAVED_ROW.entries()) {
        for (const [n, slot] of slots.entries()) this[name][slot] = (rows[k] as number[])[n] as number;
      }
      for (const [n, slot] of slots.entries()) this.#putReplaces(slot, replaces[n] as number[]);
    };
  }

  /** A replace that was approved and never taken can't be sent any more once another is approved. */
  #dropUntaken(slot: number): void {
    if (this.isTaken[slot] === 1) return;
    const at = this.findReplace(slot, this.requestId[slot] as number);
    if (at >= 0) this.drop(slot, at);
  }

  /** The terms of an unanswered replace, where it stands in the columns; -1 where there is none. */
  findReplace(slot: number, requestId: number): number {
    const from = slot * MOST_REPLACES;
    const to = from + (this.#replaces[slot] as number);
    for (let at = from; at < to; at++) if (this.#replaceId[at] === requestId) return at;
    return -1;
  }

  /** Puts the terms of a replace in force and takes it off the list. */
  accept(slot: number, at: number): void {
    this.lots[slot] = this.#replaceLots[at] as number;
    this.priceTicks[slot] = this.#replaceTicks[at] as number;
    this.unitTicks[slot] = this.#replaceUnit[at] as number;
    this.drop(slot, at);
  }

  /** Takes a replace off the list. */
  drop(slot: number, at: number): void {
    const count = (this.#replaces[slot] as number) - 1;
    const last = slot * MOST_REPLACES + count;
    for (let i = at; i < last; i++) {
      this.#replaceId[i] = this.#replaceId[i + 1] as number;
      this.#replaceLots[i] = this.#replaceLots[i + 1] as number;
      this.#replaceTicks[i] = this.#replaceTicks[i + 1] as number;
      this.#replaceUnit[i] = this.#replaceUnit[i + 1] as number;
    }
    this.#replaces[slot] = count;
  }

  /** Takes every replace off the list. */
  dropAll(slot: number): void {
    this.#replaces[slot] = 0;
  }

  /** The price at which an order would be met first: its own, or that of an unanswered replace. */
  boldestTicks(slot: number): number {
    const side = this.side[slot] as number;
    let ticks = this.priceTicks[slot] as number;
    const from = slot * MOST_REPLACES;
    const to = from + (this.#replaces[slot] as number);
    for (let at = from; at < to; at++) {
      const other = this.#replaceTicks[at] as number;
      if (side * other > side * ticks) ticks = other;
    }
    return ticks;
  }

  /** The most lots that can still execute. */
  worstLots(slot: number): number {
    return this.#worst(slot, false);
  }

  /** The most tick-lots that can still be paid or got. */
  worstTickLots(slot: number): number {
    return this.#worst(slot, true);
  }

  /**
   * The most tick-lots beyond a price of `unitTicks` that can still be paid or got: of the terms in force, or of an
   * unanswered replace.
   */
  beyond(slot: number, unitTicks: number): number {
    const cum = this.cumLots[slot] as number;
    const from = slot * MOST_REPLACES;
    const to = from + (this.#replaces[slot] as number);
    const of = (lots: number, unit: number): number =>
      Math.max(0, lots - cum) * Math.max(0, unit - unitTicks);
    let most = of(this.lots[slot] as number, this.unitTicks[slot] as number);
    for (let at = from; at < to; at++) {
      const more = of(this.#replaceLots[at] as number, this.#replaceUnit[at] as number);
      most = this.isAtomic[slot] === 1 ? Math.max(most, more) : most + more;
    }
    return most;
  }

  /** As {@link Reservations.beyond}, with one more replace to `lots` in all at a worst price of `ticks`. */
  beyondWith(slot: number, unitTicks: number, lots: number, ticks: number): number {
    const most = this.beyond(slot, unitTicks);
    const more = Math.max(0, lots - (this.cumLots[slot] as number)) * Math.max(0, ticks - unitTicks);
    return this.isAtomic[slot] === 1 ? Math.max(most, more) : most + more;
  }

  #worst(slot: number, isWorth: boolean): number {
    const cum = this.cumLots[slot] as number;
    const unit = isWorth ? (this.unitTicks[slot] as number) : 1;
    let worst = Math.max(0, (this.lots[slot] as number) - cum) * unit;
    const from = slot * MOST_REPLACES;
    const to = from + (this.#replaces[slot] as number);
    for (let at = from; at < to; at++) {
      const replaceUnit = isWorth ? (this.#replaceUnit[at] as number) : 1;
      const held = Math.max(0, (this.#replaceLots[at] as number) - cum) * replaceUnit;
      worst = this.isAtomic[slot] === 1 ? Math.max(worst, held) : worst + held;
    }
    return worst;
  }

  /** Writes an order's terms into `order`, but for its quantity and price. */
  read(slot: number, order: GateOrder): void {
    order.id = this.id[slot] as number;
    order.row = this.row[slot] as number;
    order.seat = this.seat[slot] as number;
    order.instrument = this.instrument[slot] as number;
    order.side = this.side[slot] as number;
    order.type = this.type[slot] as number;
    order.timeInForce = this.timeInForce[slot] as number;
    order.flags = this.flags[slot] as number;
    order.stopTicks = this.stopTicks[slot] as number;
    order.displayLots = 0;
    order.expireNs = this.expireNs[slot] as number;
    order.slice = 0;
    order.parent = 0;
  }

  /** Writes what was approved last into `into`. */
  write(slot: number, into: OutboundOrder): void {
    const requestId = this.requestId[slot] as number;
    const at = requestId === 0 ? -1 : this.findReplace(slot, requestId);
    into.row = this.row[slot] as number;
    into.id = this.id[slot] as number;
    into.requestId = requestId;
    into.sideSign = this.side[slot] as number;
    into.type = this.type[slot] as number;
    into.timeInForce = this.timeInForce[slot] as number;
    into.flags = (this.flags[slot] as number) & VENUE_FLAGS;
    into.priceTicks = (at < 0 ? this.priceTicks[slot] : this.#replaceTicks[at]) as number;
    into.stopTicks = this.stopTicks[slot] as number;
    into.lots = (at < 0 ? this.lots[slot] : this.#replaceLots[at]) as number;
    into.displayLots = this.displayLots[slot] as number;
    into.expireNs = this.expireNs[slot] as number;
  }

  /** Makes a market order an immediate limit order. */
  toLimit(slot: number, priceTicks: number): void {
    this.type[slot] = ORDER_TYPE.limit;
    this.priceTicks[slot] = priceTicks;
    if (this.timeInForce[slot] !== TIME_IN_FORCE.FOK) this.timeInForce[slot] = TIME_IN_FORCE.IOC;
  }

  /** By how many lots a replace to `lots` in all would raise what is held. */
  addedLots(slot: number, lots: number): number {
    const leaves = Math.max(0, lots - (this.cumLots[slot] as number));
    return this.#added(slot, leaves, this.heldLots[slot] as number);
  }

  /** By how many tick-lots. */
  addedTickLots(slot: number, lots: number, unitTicks: number): number {
    const leaves = Math.max(0, lots - (this.cumLots[slot] as number));
    return this.#added(slot, leaves * unitTicks, this.heldTickLots[slot] as number);
  }

  #added(slot: number, worth: number, held: number): number {
    return this.isAtomic[slot] === 1 ? Math.max(0, worth - held) : worth;
  }

  /** Places that hold an order. */
  #used(): readonly number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.capacity; slot++) if ((this.id[slot] as number) > 0) slots.push(slot);
    return slots;
  }

  #putReplaces(slot: number, figures: readonly number[]): void {
    this.#replaces[slot] = figures.length / 4;
    for (let k = 0; k < figures.length; k += 4) {
      const at = slot * MOST_REPLACES + k / 4;
      this.#replaceId[at] = figures[k] as number;
      this.#replaceLots[at] = figures[k + 1] as number;
      this.#replaceTicks[at] = figures[k + 2] as number;
      this.#replaceUnit[at] = figures[k + 3] as number;
    }
  }
}

function writeRows(to: StateWriter, column: ArrayLike<number>, slots: readonly number[]): void {
  for (let n = 0; n < slots.length; n++) to.number(column[slots[n] as number] as number);
}
