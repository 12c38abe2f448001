import { CELL, NODE } from "../../src/risk/exposure-rows.ts";
import type { RiskGate } from "../../src/risk/index.ts";

/** A parent, as a plain object. */
export interface OracleParent {
  readonly id: number;
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  lots: number;
  limit: number;
  unit: number;
  filled: number;
  lastSlice: number;
  isOpen: boolean;
}

/** An order of a parent or of none. */
export interface OracleOrder {
  readonly slot: number;
  readonly id: number;
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly parent: number;
  lots: number;
  unit: number;
  filled: number;
  isOpen: boolean;
  requests: number;
}

/** What a gate holds, worked out anew from lists of all parents and orders there ever were. */
export class ReservesOracle {
  readonly parents: OracleParent[] = [];
  readonly orders: OracleOrder[] = [];
  /** By instrument. */
  readonly position = [0, 0];

  held(order: OracleOrder): number {
    return order.isOpen ? Math.max(0, order.lots - order.filled) : 0;
  }

  rest(parent: OracleParent): number {
    if (!parent.isOpen) return 0;
    const children = this.orders.filter((order) => order.parent === parent.id);
    const sent = children.reduce((sum, order) => sum + this.held(order), 0);
    return Math.max(0, parent.lots - parent.filled - sent);
  }

  /** What is held for a parent itself: its rest, and what dearer lots its cheaper children may give back. */
  worth(parent: OracleParent, lots = parent.lots, unit = parent.unit): number {
    if (!parent.isOpen) return 0;
    const open = Math.max(0, lots - parent.filled);
    let [rest, saved] = [lots - parent.filled, 0];
    for (const child of this.orders.filter((order) => order.parent === parent.id)) {
      rest -= this.held(child);
      saved += this.held(child) * Math.max(0, unit - child.unit);
    }
    return Math.min(open * unit, Math.max(0, rest) * unit + saved);
  }

  /** Lots and tick-lots held on one side of an instrument, of one seat or of all. */
  sums(instrument: number, side: number, seat = -1): readonly [number, number] {
    const isIn = (each: OracleParent | OracleOrder): boolean =>
      each.instrument === instrument && each.side === side && (seat < 0 || each.seat === seat);
    let [lots, tickLots] = [0, 0];
    for (const order of this.orders.filter(isIn)) {
      lots += this.held(order);
      tickLots += this.held(order) * order.unit;
    }
    for (const parent of this.parents.filter(isIn)) {
      lots += this.rest(parent);
      tickLots += this.worth(parent);
    }
    return [lots, tickLots];
  }

  /** Whether an account that holds as much as this in the worst case on a side only reduces its position. */
  isReducing(instrument: number, side: number, addLots: number): boolean {
    const [lots] = this.sums(instrument, side);
    return side * (this.position[instrument] as number) + lots + addLots <= 0;
  }

  worst(instrument: number, side: number): number {
    return side * (this.position[instrument] as number) + this.sums(instrument, side)[0];
  }

  /** What a gate should say of itself, in the words of `gateSums`. */
  expected(seats: number): string {
    const rows: unknown[] = [];
    for (const instrument of [0, 1]) {
      for (let seat = -1; seat < seats; seat++) {
        rows.push([...this.sums(instrument, 1, seat), ...this.sums(instrument, -1, seat)]);
      }
    }
    const open = this.orders.filter((order) => this.held(order) > 0).length;
    let value = 0;
    for (const instrument of [0, 1]) for (const side of [1, -1]) value += this.sums(instrument, side)[1];
    return JSON.stringify([rows, open, value, this.position]);
  }
}

/** What a gate holds: of the firm and of each strategy, by instrument; its open orders, their worth; positions. */
export function gateSums(gate: RiskGate, strategies: readonly string[]): string {
  const { exposure, hierarchy } = gate.parts;
  const nodes = [0, ...strategies.map((name) => hierarchy.find("strategy", name) as number)];
  const cells = ["buyLots", "buyTickLots", "sellLots", "sellTickLots"] as const;
  const rows = [0, 1].flatMap((i) =>
    nodes.map((node) => cells.map((name) => exposure.cell(node, i, CELL[name]))),
  );
  const positions = [0, 1].map((i) => exposure.cell(0, i, CELL.positionLots));
  return JSON.stringify([
    rows,
    exposure.node(0, NODE.openOrders),
    exposure.node(0, NODE.openValue),
    positions,
  ]);
}
