import { type Refusal, refuse } from "../base/index.ts";
import { DECISION, DECISION_FIELD as FIELD } from "./decision-log.ts";
import { CELL, CELL_STRIDE, PLAN } from "./exposure-rows.ts";
import { type GateOrder, gateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import { LEVELS, type Level, OWNER_LEVELS } from "./levels.ts";
import { LIMIT_COLUMNS } from "./limit-table.ts";
import { LIMIT_UNITS, type LimitName, type LimitUnit } from "./limits.ts";
import { RISK_CODE, type RiskRefusalCode } from "./refusals.ts";

/** The gate's no: which rule of which level, what was measured, and what was allowed. */
export interface RiskRefusal extends Refusal<RiskRefusalCode> {
  /** The level and name of the limit; absent where the rule is no limit. */
  readonly level?: Level;
  readonly name?: string;
  readonly limit?: LimitName;
  readonly unit?: LimitUnit;
  readonly measured?: number;
  readonly bound?: number;
}

/**
 * The order under decision, with everything the checks share, and where they say no. One object is used again and
 * again: nothing is allocated until something is refused.
 */
export class Decision {
  order: GateOrder = gateOrder();
  nowNs = 0.5;
  kind: number = DECISION.order;
  /** The place of the order that a replace is for; -1 for new orders. */
  slot = -1;
  /** The order's seat and instrument as one number, and where its seven nodes stand in `hierarchy.paths`. */
  path = 0;
  from = 0;
  /** Lots and tick-lots that would be held beyond what is held now; 0 and more. */
  addLots = 0.5;
  addTickLots = 0.5;
  /** Twice the reference price, and how far from it a doubled price may be: NaN and Infinity where none. */
  twiceReference = 0.5;
  allowedTwice = 0.5;
  /** The worst price the order can trade at, above 0; what the order is worth there. */
  unitTicks = 0.5;
  orderValue = 0.5;
  /** Lots of the order that would be sold short. */
  shortLots = 0.5;
  /** Whether the account's position only gets smaller. */
  isReducing = false;
  /** Collect every refusal, not the first only. */
  collects = false;
  latch = 0;
  refusal: RiskRefusal | undefined = undefined;
  readonly all: RiskRefusal[] = [];
  readonly #parts: GateParts;
  code = 0;
  node = -1;
  limit = -1;
  measured = 0.5;
  bound = 0.5;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Takes an order up: `slot` is the place of the order that a replace is for, -1 for a new one. */
  take(order: GateOrder, nowNs: number, kind: number, slot: number, addLots: number): void {
    this.order = order;
    this.nowNs = nowNs;
    this.kind = kind;
    this.slot = slot;
    this.addLots = addLots;
  }

  /** Forgets every refusal before the checks. */
  begin(collects: boolean): void {
    this.collects = collects;
    this.refusal = undefined;
    this.all.length = 0;
    this.code = 0;
    this.node = -1;
    this.limit = -1;
    this.measured = 0;
    this.bound = 0;
  }

  /** The node of the order's path at a level. */
  nodeAt(level: number): number {
    return this.#parts.hierarchy.paths[this.from + level] as number;
  }

  /** Where the row of a level's cell begins: a class and a symbol look at the firm's. */
  cellAt(level: number): number {
    const owner = level < OWNER_LEVELS ? level : 0;
    return (this.nodeAt(owner) * this.#parts.exposure.instruments + this.order.instrument) * CELL_STRIDE;
  }

  /**
   * Whether a level's position only gets smaller by the order and all open ones on its side, and does not turn; `aside`
   * lots of what is held on its side are not counted.
   */
  reducesAt(level: number, aside = 0): boolean {
    const { cells } = this.#parts.exposure;
    const cell = this.cellAt(level);
    const held = cells[cell + CELL.positionLots] as number;
    return this.order.side > 0
      ? held + (cells[cell + CELL.buyLots] as number) - aside + this.addLots <= 0
      : held - (cells[cell + CELL.sellLots] as number) + aside - this.addLots >= 0;
  }

  /** A level's worst-case gross worth of the order's instrument after it. */
  plannedGross(level: number): number {
    return this.#planned(level, PLAN.gross);
  }

  /** By how much that grows. */
  grossGrowth(level: number): number {
    return this.plannedGross(level) - (this.#parts.exposure.cells[this.cellAt(level) + CELL.gross] as number);
  }

  /** By how much a level's margin grows. */
  marginGrowth(level: number): number {
    return (
      this.#planned(level, PLAN.margin) -
      (this.#parts.exposure.cells[this.cellAt(level) + CELL.margin] as number)
    );
  }

  #planned(level: number, figure: number): number {
    return this.#parts.exposure.plannedAt(level, figure);
  }

  /**
   * Whether an order is stopped by a limit that its measure passes the soft part of: warned of below the hard
   * limit, refused above it, let through where the order makes the measure no larger.
   */
  over(
    code: RiskRefusalCode,
    limit: LimitName,
    column: number,
    level: number,
    measured: number,
    grows: number,
  ): boolean {
    const node = this.nodeAt(level);
    const bound = this.#parts.limits.hard[node * LIMIT_COLUMNS + column] as number;
    if (grows <= 0) return false;
    if (Number.isNaN(measured) && this.isReducing) return false;
    if (measured <= bound) {
      this.#parts.warn(this, code, node, column, measured, bound);
      return false;
    }
    if (Number.isNaN(measured))
      return this.fail("RISK_REFERENCE_UNAVAILABLE", limit, measured, "a fresh price");
    return this.stop(code, limit, node, column, measured, bound);
  }

  /** Says no by a limit. Returns whether to stop here. */
  stop(
    code: RiskRefusalCode,
    limit: LimitName,
    node: number,
    column: number,
    measured: number,
    bound: number,
  ): boolean {
    const { hierarchy } = this.#parts;
    const level = LEVELS[hierarchy.levelOf[node] as number] as Level;
    const unit = LIMIT_UNITS[limit];
    const where = hierarchy.describe(node);
    const shown = (value: number): string =>
      unit === "money" ? this.#parts.money(value) : `${value} ${unit}`;
    const expected = `at most ${shown(bound)} (${limit} of ${where})`;
    const message = `${code} ${limit}: found ${shown(measured)}, expected ${expected}`;
    const refusal = { ok: false, code, message, field: limit, value: measured, expected } as const;
    const name = hierarchy.nameOf[node] as string;
    return this.#no({ ...refusal, level, name, limit, unit, measured, bound }, node, column, measured, bound);
  }

  /** Says no by a rule that is no limit. Returns whether to stop here. */
  fail(code: RiskRefusalCode, field: string, value: unknown, expected: string): boolean {
    return this.#no(refuse(code, field, value, expected), -1, -1, typeof value === "number" ? value : 0, 0);
  }

  /** Takes over a refusal that was made before the checks. */
  adopt(refusal: RiskRefusal): void {
    this.#no(refusal, -1, -1, 0, 0);
  }

  #no(refusal: RiskRefusal, node: number, limit: number, measured: number, bound: number): boolean {
    if (this.refusal === undefined) {
      this.refusal = refusal;
      this.code = RISK_CODE[refusal.code];
      this.node = node;
      this.limit = limit;
      this.measured = measured;
      this.bound = bound;
    }
    this.all.push(refusal);
    return !this.collects;
  }

  /** Writes the record of a refusal at `offset`; what is no number is NaN there. */
  write(cells: Float64Array, offset: number, sequence: number, kind: number, version: number): void {
    const { order } = this;
    cells[offset + FIELD.sequence] = sequence;
    cells[offset + FIELD.atNs] = numberOf(this.nowNs);
    cells[offset + FIELD.kind] = kind;
    cells[offset + FIELD.code] = this.code;
    cells[offset + FIELD.id] = numberOf(order.id);
    cells[offset + FIELD.seat] = numberOf(order.seat);
    cells[offset + FIELD.instrument] = numberOf(order.instrument);
    cells[offset + FIELD.side] = numberOf(order.side);
    cells[offset + FIELD.lots] = numberOf(order.lots);
    cells[offset + FIELD.priceTicks] = numberOf(order.priceTicks);
    cells[offset + FIELD.node] = this.node;
    cells[offset + FIELD.limit] = this.limit;
    cells[offset + FIELD.measured] = this.measured;
    cells[offset + FIELD.bound] = this.bound;
    cells[offset + FIELD.version] = version;
    cells[offset + FIELD.latch] = this.latch;
  }

  /** Writes the record of an approval; columns stand here as numbers, as in `QuickCheck`. */
  writeApproved(cells: Float64Array, offset: number, sequence: number, kind: number, version: number): void {
    const { order } = this;
    cells[offset] = sequence;
    cells[offset | 1] = this.nowNs;
    cells[offset | 2] = kind;
    cells[offset | 3] = 0;
    cells[offset | 4] = order.id;
    cells[offset | 5] = order.seat;
    cells[offset | 6] = order.instrument;
    cells[offset | 7] = order.side;
    cells[offset | 8] = order.lots;
    cells[offset | 9] = order.priceTicks;
    cells[offset | 10] = -1;
    cells[offset | 11] = -1;
    cells[offset | 12] = 0;
    cells[offset | 13] = 0;
    cells[offset | 14] = version;
    cells[offset | 15] = this.latch;
  }
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}
