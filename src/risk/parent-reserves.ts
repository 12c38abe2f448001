import { ColumnPool } from "../base/index.ts";
import type { Decision } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import type { Exposure } from "./exposure.ts";
import type { GateOrder } from "./gate-order.ts";
import type { Hierarchy } from "./hierarchy.ts";
import { ACCOUNT, PATH_LENGTH } from "./levels.ts";
import { type ParentRow, type ParentTerms, readParent, writeParent } from "./parent-row.ts";
import type { Reservations } from "./reservations.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";
import type { Worth } from "./worth.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/**
 * Parent orders and what is held for what they have not sent yet. A child is held by its own order; so much less is
 * held for its parent, and again more when the child ends unfilled.
 *
 * Lots and money move apart: a child that is cheaper than its parent's price takes its lots, and leaves the money that
 * it does not need with its parent, which needs it when the child ends unfilled. With `open` the lots that are not
 * filled, `unit` the parent's price, and of each child the lots `l` and the worth `w` that are held for it and `b`, the
 * most its versions could cost beyond `unit`:
 *
 *     kept = sum over children of (l * unit + b - w)
 *     held = min(open * unit, max(0, open - sum of l) * unit + kept)
 *
 * @units lots; tick-lots
 * @invariant Lots held for a parent are its quantity less what its children executed and what is held for them, at
 * least 0: a lot is counted once, and what a child has beyond its parent's rest is counted as of any other order.
 * @invariant Worth held for a parent and its children together is at least what they could cost however the children
 * and their replaces end, and that exactly where they have no more lots than it. So it rises by a decision, by the bust
 * of an execution, and by nothing else.
 * @cost O(1) an event of a child: five cells and seven nodes. O(places of orders) where a parent's price changes.
 */
export class ParentReserves implements StatePart {
  /** Whether anything is counted: a gate without limits counts nothing. */
  counts = true;
  /** Parents a seat may have: its share of the places of orders. */
  readonly seatCapacity: number;
  /** The parent of each order's place; 0 where it has none. */
  readonly parentOf: Float64Array;
  /** What each child would give back beyond what is held for it: follows from the orders. */
  readonly #kept: Float64Array;
  readonly #counts: Int32Array;
  readonly #orders: Reservations;
  readonly #rows: Map<number, ParentRow> = new Map();
  readonly #exposure: Exposure;
  readonly #hierarchy: Hierarchy;
  readonly #worth: Worth;
  #lastId = 0;

  constructor(
    orders: Reservations,
    hierarchy: Hierarchy,
    exposure: Exposure,
    worth: Worth,
    columns: ColumnPool = new ColumnPool(),
  ) {
    this.#orders = orders;
    this.seatCapacity = Math.max(1, Math.floor(orders.capacity / hierarchy.seats.length));
    this.parentOf = columns.float64(orders.capacity);
    this.#kept = columns.float64(orders.capacity);
    this.#counts = new Int32Array(hierarchy.seats.length);
    this.#hierarchy = hierarchy;
    this.#exposure = exposure;
    this.#worth = worth;
  }

  /** Parents a seat has. */
  sizeOf(seat: number): number {
    return this.#counts[seat] as number;
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

  /** Whether nothing of an order's parent was approved before it. */
  isFirst(order: GateOrder): boolean {
    const row = this.#parentOf(order);
    return row !== undefined && row.lastSlice === 0 && row.childLots === 0 && row.filledLots === 0;
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
    let lots = 0;
    for (const row of this.#rows.values()) {
      if (row.instrument !== instrument || row.side !== side) continue;
      if (this.#nodeOf(row, level) === node) lots += row.heldLots;
    }
    return lots;
  }

  /** Located shares that parents of an account hold in an instrument, without one of them. O(parents). */
  locatedAt(account: number, instrument: number, without: number): number {
    let lots = 0;
    for (const row of this.#rows.values()) {
      if (row.instrument !== instrument || row.side > 0 || row.id === without) continue;
      if (this.#nodeOf(row, ACCOUNT) === account) lots += Math.min(row.shortLots, row.heldLots);
    }
    return lots;
  }

  /** An order reserved so many located shares of its own, or gave them back where below 0. */
  located(id: number, lots: number): void {
    const row = this.#rows.get(id);
    if (row !== undefined) row.shortLots = Math.max(0, row.shortLots - lots);
  }

  /** Holds a new parent. */
  open(order: GateOrder, terms: ParentTerms): ParentRow {
    this.#lastId += 1;
    const { seat, instrument, side } = order;
    const row: ParentRow = {
      ...{ id: this.#lastId, seat, instrument, side, ...terms },
      ...{ filledLots: 0, childLots: 0, lastSlice: 0, keptTickLots: 0 },
      ...{ heldLots: 0, heldTickLots: 0, heldValue: 0 },
    };
    this.#rows.set(row.id, row);
    this.#counts[seat] = this.sizeOf(seat) + 1;
    this.#settle(row);
    return row;
  }

  /** Brings other terms in force. */
  change(row: ParentRow, terms: ParentTerms): void {
    Object.assign(row, terms);
    this.#keepAll(row);
    this.#settle(row);
  }

  /** What would be held for a parent by another quantity and price. @units tick-lots */
  tickLotsFor(row: ParentRow, lots: number, unitTicks: number): number {
    let kept = 0;
    for (const slot of this.#childrenOf(row)) kept += this.#keptOf(slot, unitTicks);
    return worstOf(lots - row.filledLots, lots - row.filledLots - row.childLots, unitTicks, kept);
  }

  /** Nothing more is sent for a parent: its children are held by their own orders alone. */
  release(row: ParentRow): void {
    this.#hold(row, 0, 0);
    this.#rows.delete(row.id);
    this.#counts[row.seat] = this.sizeOf(row.seat) - 1;
  }

  /** Takes the lots that a child is about to draw off its parent, until {@link ParentReserves.settle}. */
  withhold(order: GateOrder): void {
    const row = this.#parentOf(order);
    if (row !== undefined && Number.isSafeInteger(order.lots) && order.lots > 0) {
      this.#withhold(row, order.lots, 0);
    }
  }

  /** As {@link ParentReserves.withhold}, for so many lots more of an order that is open. */
  withholdMore(slot: number, lots: number): void {
    const row = this.#rows.get(this.parentOf[slot] as number);
    if (row !== undefined && lots > 0) this.#withhold(row, lots, 0);
  }

  /** Takes all off that is held for a parent itself. */
  withholdAll(row: ParentRow): void {
    this.#hold(row, 0, 0);
  }

  /**
   * Leaves with a parent what its child under decision does not need of its money, once that was weighed. The figures
   * of the decision and what is withheld then add up to what will be held: what a parent would hold more after a
   * replace is the replace's to ask for.
   */
  weighed(decision: Decision): void {
    const { kind, order, unitTicks } = decision;
    const row = kind === DECISION.order ? this.#parentOf(order) : this.#rows.get(order.parent);
    if (row === undefined || Number.isNaN(unitTicks) || !this.counts) return;
    if (kind === DECISION.order) {
      this.#withhold(row, order.lots, Math.max(0, row.unitTicks - unitTicks) * order.lots);
    } else this.#weighedReplace(row, decision);
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
    if (this.counts)
      this.#follow(row, slot, order.lots, order.lots, this.#orders.heldTickLots[slot] as number);
  }

  /** So many lots and tick-lots are about to be held for an order, lots by `addLots` more or less than before. */
  changed(slot: number, addLots: number, lots: number, tickLots: number): void {
    const row = this.#rows.get(this.parentOf[slot] as number);
    if (row !== undefined && this.counts) this.#follow(row, slot, addLots, lots, tickLots);
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
    this.#kept[slot] = 0;
  }

  /** Every row, JSON-safe. */
  save(): readonly ParentRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  saveInto(to: StateWriter): void {
    to.number(this.#lastId);
    to.number(this.#rows.size);
    for (const row of this.#rows.values()) writeParent(to, row);
    to.columns([["parentOf", this.parentOf, 0, 0, MOST]]);
  }

  loadFrom(from: StateReader): () => void {
    const lastId = from.whole("lastId", 0, MOST);
    const count = from.whole("parents", 0, this.seatCapacity * this.#counts.length);
    const seats = this.#counts.length;
    const rows = Array.from({ length: count }, () =>
      readParent(from, lastId, seats, this.#exposure.instruments),
    );
    const counts = new Int32Array(this.#counts.length);
    for (const { seat } of rows) counts[seat] = (counts[seat] as number) + 1;
    const most = Math.max(0, ...counts);
    from.check("parents", most, most <= this.seatCapacity, `at most ${this.seatCapacity} parents of a seat`);
    const apply = from.columns([["parentOf", this.parentOf, 0, 0, lastId]]);
    return () => {
      this.#lastId = lastId;
      this.#rows.clear();
      for (const row of rows) this.#rows.set(row.id, row);
      apply();
      this.#counts.set(counts);
      this.#kept.fill(0);
      for (const row of rows) this.#keepAll(row);
    };
  }

  #parentOf(order: GateOrder): ParentRow | undefined {
    const row = this.#rows.get(order.parent);
    const isOwn = row?.seat === order.seat && row.instrument === order.instrument && row.side === order.side;
    return isOwn ? row : undefined;
  }

  #nodeOf(row: ParentRow, level: number): number {
    const from = (row.seat * this.#exposure.instruments + row.instrument) * PATH_LENGTH;
    return this.#hierarchy.paths[from + level] as number;
  }

  /** The places of a parent's orders. */
  #childrenOf(row: ParentRow): readonly number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.parentOf.length; slot++)
      if (this.parentOf[slot] === row.id) slots.push(slot);
    return slots;
  }

  #keptOf(slot: number, unitTicks: number): number {
    const orders = this.#orders;
    const lots = orders.heldLots[slot] as number;
    if (lots === 0) return 0;
    return lots * unitTicks + orders.beyond(slot, unitTicks) - (orders.heldTickLots[slot] as number);
  }

  #keepAll(row: ParentRow): void {
    row.keptTickLots = 0;
    for (const slot of this.#childrenOf(row)) {
      const kept = this.counts ? this.#keptOf(slot, row.unitTicks) : 0;
      this.#kept[slot] = kept;
      row.keptTickLots += kept;
    }
  }

  #follow(row: ParentRow, slot: number, addLots: number, lots: number, tickLots: number): void {
    const unit = row.unitTicks;
    const kept = lots === 0 ? 0 : lots * unit + this.#orders.beyond(slot, unit) - tickLots;
    row.childLots += addLots;
    row.keptTickLots += kept - (this.#kept[slot] as number);
    this.#kept[slot] = kept;
    this.#settle(row);
  }

  #weighedReplace(row: ParentRow, decision: Decision): void {
    const { slot, order, unitTicks, addLots, addTickLots } = decision;
    const orders = this.#orders;
    const { unitTicks: unit } = row;
    const lots = (orders.heldLots[slot] as number) + addLots;
    const worth = (orders.heldTickLots[slot] as number) + addTickLots;
    const kept = lots * unit + orders.beyondWith(slot, unit, order.lots, unitTicks) - worth;
    this.#settle(row);
    const before = row.heldTickLots;
    this.#withhold(row, addLots, kept - (this.#kept[slot] as number));
    const more = row.heldTickLots - before;
    if (more <= 0) return;
    decision.addTickLots += more;
    this.#hold(row, row.heldLots, before);
  }

  #withhold(row: ParentRow, lots: number, keptTickLots: number): void {
    const open = row.lots - row.filledLots;
    const rest = open - row.childLots - lots;
    this.#hold(row, Math.max(0, rest), worstOf(open, rest, row.unitTicks, row.keptTickLots + keptTickLots));
  }

  #settle(row: ParentRow): void {
    this.#withhold(row, 0, 0);
  }

  #hold(row: ParentRow, lots: number, tickLots: number): void {
    if (!this.counts || (lots === row.heldLots && tickLots === row.heldTickLots)) return;
    const { paths } = this.#hierarchy;
    const from = (row.seat * this.#exposure.instruments + row.instrument) * PATH_LENGTH;
    const value = this.#worth.up(row.instrument, tickLots);
    const [addLots, addTickLots] = [lots - row.heldLots, tickLots - row.heldTickLots];
    this.#exposure.hold(paths, from, row.instrument, row.side, addLots, addTickLots, tickLots);
    this.#exposure.count(paths, from, 0, value - row.heldValue);
    row.heldLots = lots;
    row.heldTickLots = tickLots;
    row.heldValue = value;
  }
}

/** What is held for a parent: `open` lots are not filled, `rest` of them not with a child. @units tick-lots */
function worstOf(open: number, rest: number, unitTicks: number, kept: number): number {
  return Math.min(Math.max(0, open) * unitTicks, Math.max(0, rest) * unitTicks + kept);
}
