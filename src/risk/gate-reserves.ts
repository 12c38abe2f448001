import { MAX_TICKS, ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import { judgeReserve } from "./checks.ts";
import { checkReserveFields, findPlaces } from "./checks-order.ts";
import { weigh } from "./checks-price.ts";
import { parentPrint } from "./checks-rules.ts";
import type { Decision, RiskRefusal } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import type { GateControl } from "./gate-control.ts";
import { type GateOrder, gateOrder } from "./gate-order.ts";
import type { GateParts } from "./gate-parts.ts";
import type { ParentRow } from "./parent-row.ts";

/**
 * What is to be held for a parent order.
 *
 * @units `lots` lots; `priceTicks` ticks: no child is beyond it, NaN where there is no limit
 */
export interface GateReserve {
  /** Places in the gate's options: who works it, and what. */
  readonly seat: number;
  readonly instrument: number;
  /** +1 buys, -1 sells. */
  readonly side: number;
  readonly lots: number;
  readonly priceTicks: number;
}

/**
 * Parent orders at the gate: what they have not sent yet is held like an order of that quantity, at the worst price
 * their limit and the collar leave today. Children name their parent (`GateOrder.parent`) and are orders like any
 * other: every rule is asked in full, and what is held moves from the parent to the child and back.
 *
 * Asked of a parent are the rules that are about a total: the kill latch, permissions, limits that must be said, its
 * share of the daily volume, positions, exposure, open value, equity, value at risk, losses, lists and locates. What
 * judges one order (its size, price, rate, repetition) or a moment (hours, halts, breakers) is asked of each child.
 *
 * @units lots, ticks; ns from the session's base
 * @invariant A lot is counted once: for the parent, or for a child. A parent is no open order.
 * @invariant What is refused changes nothing but the records. A smaller quantity is never refused.
 * @cost A decision on an order and the same again; an object a parent.
 */
export class GateReserves {
  readonly #parts: GateParts;
  readonly #decision: Decision;
  readonly #control: GateControl;
  readonly #refused: (decision: Decision) => RiskRefusal;
  readonly #order: GateOrder = gateOrder();

  /** @internal */
  constructor(
    parts: GateParts,
    decision: Decision,
    control: GateControl,
    refused: (decision: Decision) => RiskRefusal,
  ) {
    this.#parts = parts;
    this.#decision = decision;
    this.#control = control;
    this.#refused = refused;
  }

  /**
   * Holds a parent.
   *
   * @returns its number, which its children name; rises from 1
   * @refuses `RISK_ORDER_INVALID`, and the codes of the rules that are about a total
   */
  open(request: GateReserve, nowNs: number): number | RiskRefusal {
    const { parents, recent, isUnlimited } = this.#parts;
    const { lots, priceTicks } = request;
    this.#fill(request, parents.lastId + 1);
    const refusal = this.#judge(nowNs, lots, priceTicks);
    if (refusal !== undefined) return refusal;
    const unitTicks = this.#unitTicks();
    const row = parents.open(this.#order, {
      lots,
      unitTicks,
      limitTicks: priceTicks,
      shortLots: this.#shortLots(),
    });
    if (!isUnlimited) recent.commit(parentPrint(this.#order), nowNs);
    this.#record();
    return row.id;
  }

  /**
   * Holds another quantity for a parent. Where that is a larger quantity, or more worth by a worse limit, it is asked
   * as if it came anew, at the new limit: so it is refused under a kill, however much its children hold already. What
   * is less or the same stays at the price it was held at, and is not asked.
   *
   * @refuses `RISK_ORDER_INVALID` for a parent that is not the seat's, and as {@link GateReserves.open}
   */
  change(seat: number, id: number, lots: number, priceTicks: number, nowNs: number): RiskRefusal | undefined {
    const { parents, isUnlimited } = this.#parts;
    const row = parents.find(seat, id);
    if (row === undefined) return this.#unknown(seat, id, nowNs);
    const rest = Math.max(0, lots - row.filledLots - row.childLots);
    this.#fill({ ...row, lots, priceTicks }, id);
    if (checkReserveFields(this.#begin(nowNs, rest))) return this.#refused(this.#decision);
    const limit = { lots, limitTicks: priceTicks };
    const unitTicks = isUnlimited ? 0 : this.#unitAfter(row, priceTicks);
    const isSame =
      unitTicks <= row.unitTicks || parents.tickLotsFor(row, lots, unitTicks) <= row.heldTickLots;
    if (isUnlimited || (lots <= row.lots && isSame)) {
      const { shortLots } = row;
      parents.change(row, { ...limit, unitTicks: Math.max(unitTicks, row.unitTicks), shortLots });
      this.#record();
      return undefined;
    }
    parents.withholdAll(row);
    let refusal: RiskRefusal | undefined;
    try {
      refusal = this.#judge(nowNs, rest, priceTicks);
    } finally {
      parents.settle(id);
    }
    if (refusal !== undefined) return refusal;
    parents.change(row, { ...limit, unitTicks: this.#unitTicks(), shortLots: this.#shortLots() });
    this.#record();
    return undefined;
  }

  /** Nothing more is sent for a parent: what is held for it is free. Orders of it that are open stay held. */
  release(seat: number, id: number, nowNs: number): RiskRefusal | undefined {
    const row = this.#parts.parents.find(seat, id);
    if (row === undefined) return this.#unknown(seat, id, nowNs);
    this.#parts.parents.release(row);
    return undefined;
  }

  /** Releases every parent of a seat. @returns their numbers */
  releaseAll(seat: number): readonly number[] {
    const rows = this.#parts.parents.of(seat);
    for (const row of rows) this.#parts.parents.release(row);
    return rows.map(({ id }) => id);
  }

  /** A seat's parent as it is held now. */
  find(seat: number, id: number): Readonly<ParentRow> | undefined {
    return this.#parts.parents.find(seat, id);
  }

  #fill({ seat, instrument, side, lots, priceTicks }: GateReserve, id: number): void {
    const order = this.#order;
    Object.assign(order, { id, seat, instrument, side, lots, displayLots: 0, slice: 0 });
    order.type = ORDER_TYPE.market;
    order.timeInForce = TIME_IN_FORCE.IOC;
    order.priceTicks = Number.isNaN(priceTicks) ? 0 : priceTicks;
  }

  /** The worst price of a parent by another limit: what it is held at, unless that lets it be worth more. */
  #unitAfter({ unitTicks, side, limitTicks }: ParentRow, priceTicks: number): number {
    const hadNone = Number.isNaN(limitTicks);
    const isWorse = Number.isNaN(priceTicks)
      ? side > 0 && !hadNone
      : hadNone
        ? side < 0
        : priceTicks > limitTicks;
    if (!isWorse || !findPlaces(this.#parts, this.#decision)) return unitTicks;
    weigh(this.#parts, this.#decision, priceTicks);
    return this.#decision.unitTicks;
  }

  #judge(nowNs: number, lots: number, priceTicks: number): RiskRefusal | undefined {
    const decision = this.#begin(nowNs, lots);
    return judgeReserve(this.#parts, decision, priceTicks) ? this.#refused(decision) : undefined;
  }

  #begin(nowNs: number, lots: number): Decision {
    const decision = this.#decision;
    this.#control.endOverrides(nowNs);
    decision.take(this.#order, nowNs, DECISION.reserve, -1, lots);
    decision.begin(false);
    decision.latch = this.#parts.latch.read();
    return decision;
  }

  #unitTicks(): number {
    const { unitTicks } = this.#decision;
    return this.#parts.isUnlimited || Number.isNaN(unitTicks) ? 0 : Math.min(unitTicks, MAX_TICKS);
  }

  #shortLots(): number {
    return this.#parts.isUnlimited ? 0 : this.#decision.shortLots;
  }

  #unknown(seat: number, id: number, nowNs: number): RiskRefusal {
    this.#fill({ seat, instrument: -1, side: 0, lots: 0, priceTicks: Number.NaN }, id);
    const decision = this.#begin(nowNs, 0);
    decision.fail("RISK_ORDER_INVALID", "parent", id, "a parent of this seat that was not released");
    return this.#refused(decision);
  }

  #record(): void {
    const { log, version, isUnlimited } = this.#parts;
    // What only gets smaller is let through, whether or not there is room to say so.
    if (isUnlimited || !log.hasRoomToWarn) return;
    const at = log.next();
    this.#decision.writeApproved(log.cells, at, log.count, DECISION.reserve, version);
  }
}
