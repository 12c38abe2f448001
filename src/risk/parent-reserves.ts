import type { Exposure } from "./exposure.ts";
import type { GateOrder } from "./gate-order.ts";
import type { Hierarchy } from "./hierarchy.ts";
import { PATH_LENGTH } from "./levels.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";
import type { Worth } from "./worth.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/**
 * A parent order as the gate knows it, and what is held for it beside its children.
 *
 * @units lots; `unitTicks` ticks above 0 or 0; `heldValue` whole minor units of the gate's currency
 */
export interface ParentRow {
  readonly id: number;
  readonly seat: number;
  readonly instrument: number;
  /** +1 buys, -1 sells. */
  readonly side: number;
  /** The whole quantity. */
  lots: number;
  /** The worst price it is held at. */
  unitTicks: number;
  /** What its children executed, late executions in it, less what was undone. */
  filledLots: number;
  /** What is held for its children, each by its own order. */
  childLots: number;
  /** The highest slice of a child that was approved. */
  lastSlice: number;
  /** What is held for the parent itself: what is neither filled nor held for a child. */
  heldLots: number;
  heldTickLots: number;
  heldValue: number;
}

/** The columns of a row in a snapshot, in this order. */
const SAVED = [
  ...(["id", "seat", "instrument", "side", "lots", "unitTicks", "filledLots", "childLots"] as const),
  ...(["lastSlice", "heldLots", "heldTickLots", "heldValue"] as const),
] as const;

/**
 * Parent orders and what is held for what they have not sent yet. A child is held by its own order; so much less is
 * held for its parent, and again more when the child ends unfilled.
 *
 * @units lots; tick-lots
 * @invariant Held for a parent is its quantity less what its children executed and what is held for them, at least 0:
 * a lot is counted once, and what a child has beyond its parent's rest is counted as of any other order.
 * @cost O(1) an event of a child: five cells and seven nodes.
 */
export class ParentReserves implements StatePart {
  /** Whether anything is counted: a gate without limits counts nothing. */
  counts = true;
  readonly capacity: number;
  /** The parent of each order's place; 0 where it has none. */
  readonly parentOf: Float64Array;
  readonly #rows: Map<number, ParentRow> = new Map();
  readonly #exposure: Exposure;
  readonly #hierarchy: Hierarchy;
  readonly #worth: Worth;
  #lastId = 0;

  constructor(capacity: number, hierarchy: Hierarchy, exposure: Exposure, worth: Worth) {
    this.capacity = capacity;
    this.parentOf = new Float64Array(capacity);
    this.#hierarchy = hierarchy;
    this.#exposure = exposure;
    this.#worth = worth;
  }

  /** Parents there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** The number of the last parent there was; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  /** A seat's parent by its number. */
  find(seat: number, id: number): ParentRow | undefined {
    const row = this.#rows.get(id);
    return row?.seat === seat ? row : undefined;
  }

  /** The parents of a seat, oldest first. */
  of(seat: number): readonly ParentRow[] {
    return [...this.#rows.values()].filter((row) => row.seat === seat);
  }

  /** Whether an order names a parent of its own seat, in its instrument and on its side. */
  isParentOf(order: GateOrder): boolean {
    return this.#parentOf(order) !== undefined;
  }

  /** Whether a child's slice is not above every one of its parent that was approved. */
  isRepeated(order: GateOrder): boolean {
    return order.slice > 0 && order.slice <= (this.#parentOf(order)?.lastSlice ?? 0);
  }

  /** What is held for an order's parent itself, which its other orders do not compete with. */
  restOf(order: GateOrder): number {
    return this.#parentOf(order)?.heldLots ?? 0;
  }

  /** Whether an order is no more than its parent may still do, or has none. */
  covers(order: GateOrder): boolean {
    if (order.parent === 0) return true;
    const row = this.#parentOf(order);
    return row !== undefined && order.lots <= row.lots - row.filledLots - row.childLots;
  }

  /** What is held for the parents below a node of a level, in an instrument and on a side. O(parents). */
  heldAt(level: number, node: number, instrument: number, side: number): number {
    const { paths } = this.#hierarchy;
    const { instruments } = this.#exposure;
    let lots = 0;
    for (const row of this.#rows.values()) {
      if (row.instrument !== instrument || row.side !== side) continue;
      const from = (row.seat * instruments + instrument) * PATH_LENGTH;
      if (paths[from + level] === node) lots += row.heldLots;
    }
    return lots;
  }

  /** Holds a new parent. */
  open(order: GateOrder, unitTicks: number): ParentRow {
    this.#lastId += 1;
    const { seat, instrument, side, lots } = order;
    const row: ParentRow = {
      ...{ id: this.#lastId, seat, instrument, side, lots, unitTicks },
      ...{ filledLots: 0, childLots: 0, lastSlice: 0, heldLots: 0, heldTickLots: 0, heldValue: 0 },
    };
    this.#rows.set(row.id, row);
    this.#settle(row);
    return row;
  }

  /** Brings another quantity and price in force. */
  change(row: ParentRow, lots: number, unitTicks: number): void {
    row.lots = lots;
    row.unitTicks = unitTicks;
    this.#settle(row);
  }

  /** Nothing more is sent for a parent: its children are held by their own orders alone. */
  release(row: ParentRow): void {
    this.#hold(row, 0);
    this.#rows.delete(row.id);
  }

  /** Takes what a child is about to draw off what is held for its parent, until {@link ParentReserves.settle}. */
  withhold(order: GateOrder): void {
    const row = this.#parentOf(order);
    if (row !== undefined && Number.isSafeInteger(order.lots) && order.lots > 0)
      this.#hold(row, Math.max(0, row.heldLots - order.lots));
  }

  /** As {@link ParentReserves.withhold}, for so many lots more of an order that is open. */
  withholdMore(slot: number, lots: number): void {
    const row = this.#rows.get(this.parentOf[slot] as number);
    if (row !== undefined && lots > 0) this.#hold(row, Math.max(0, row.heldLots - lots));
  }

  /** Takes all off that is held for a parent itself. */
  withholdAll(row: ParentRow): void {
    this.#hold(row, 0);
  }

  /** Brings what is held for a parent in line with its quantity and its children. */
  settle(id: number): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.#settle(row);
  }

  /** An order was approved, and is held. */
  opened(slot: number, order: GateOrder): void {
    this.parentOf[slot] = order.parent;
    const row = this.#rows.get(order.parent);
    if (row === undefined) return;
    row.lastSlice = Math.max(row.lastSlice, order.slice);
    this.changed(slot, order.lots);
  }

  /** So many lots more are held for an order, or less. */
  changed(slot: number, lots: number): void {
    const row = this.#rows.get(this.parentOf[slot] as number);
    if (row === undefined || !this.counts) return;
    row.childLots += lots;
    this.#settle(row);
  }

  /** An order executed so many lots; below 0 where that was undone. */
  executed(slot: number, lots: number): void {
    const row = this.#rows.get(this.parentOf[slot] as number);
    if (row === undefined) return;
    row.filledLots += lots;
    this.#settle(row);
  }

  /** The place of an order is free again. */
  forget(slot: number): void {
    this.parentOf[slot] = 0;
  }

  /** Every row, JSON-safe. */
  save(): readonly ParentRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  saveInto(to: StateWriter): void {
    to.number(this.#lastId);
    to.number(this.#rows.size);
    for (const row of this.#rows.values()) for (const name of SAVED) to.number(row[name]);
    to.columns([["parentOf", this.parentOf, 0, 0, MOST]]);
  }

  loadFrom(from: StateReader): () => void {
    const lastId = from.whole("lastId", 0, MOST);
    const count = from.whole("parents", 0, this.capacity);
    const rows = Array.from({ length: count }, () => this.#read(from, lastId));
    const apply = from.columns([["parentOf", this.parentOf, 0, 0, lastId]]);
    return () => {
      this.#lastId = lastId;
      this.#rows.clear();
      for (const row of rows) this.#rows.set(row.id, row);
      apply();
    };
  }

  #read(from: StateReader, lastId: number): ParentRow {
    const next = (name: keyof ParentRow): number => from.whole(name, -MOST, MOST);
    const row: ParentRow = {
      ...{ id: next("id"), seat: next("seat"), instrument: next("instrument"), side: next("side") },
      ...{ lots: next("lots"), unitTicks: next("unitTicks"), filledLots: next("filledLots") },
      ...{ childLots: next("childLots"), lastSlice: next("lastSlice"), heldLots: next("heldLots") },
      ...{ heldTickLots: next("heldTickLots"), heldValue: next("heldValue") },
    };
    const seats = this.#hierarchy.seats.length;
    from.check("id", row.id, row.id >= 1 && row.id <= lastId, "the number of a parent there was");
    from.check("seat", row.seat, row.seat >= 0 && row.seat < seats, "a place of the gate");
    const isPlace = row.instrument >= 0 && row.instrument < this.#exposure.instruments;
    from.check("instrument", row.instrument, isPlace, "a place of the gate");
    from.check("side", row.side, row.side === 1 || row.side === -1, "1 or -1");
    return row;
  }

  #parentOf(order: GateOrder): ParentRow | undefined {
    const row = this.#rows.get(order.parent);
    const isOwn = row?.seat === order.seat && row.instrument === order.instrument && row.side === order.side;
    return isOwn ? row : undefined;
  }

  #settle(row: ParentRow): void {
    this.#hold(row, Math.max(0, row.lots - row.filledLots - row.childLots));
  }

  #hold(row: ParentRow, lots: number): void {
    const tickLots = lots * row.unitTicks;
    if (!this.counts || (lots === row.heldLots && tickLots === row.heldTickLots)) return;
    const { paths } = this.#hierarchy;
    const from = (row.seat * this.#exposure.instruments + row.instrument) * PATH_LENGTH;
    const value = this.#worth.up(row.instrument, tickLots);
    const [addLots, addTickLots] = [lots - row.heldLots, tickLots - row.heldTickLots];
    this.#exposure.hold(paths, from, row.instrument, row.side, addLots, addTickLots);
    this.#exposure.count(paths, from, 0, value - row.heldValue);
    row.heldLots = lots;
    row.heldTickLots = tickLots;
    row.heldValue = value;
  }
}
