import { type ColumnPool, Fault } from "../base/index.ts";
import { ORDER_TYPE, TIME_IN_FORCE } from "../model/index.ts";
import type { ApprovalTaker, OutboundOrder } from "../port/index.ts";
import { ApprovalVault, type ApprovedOrder, refuseToken } from "./approved-order.ts";
import { judge } from "./checks.ts";
import { countMessage } from "./checks-exposure.ts";
import { isWhole } from "./checks-order.ts";
import { marketBoundTicks } from "./checks-price.ts";
import { Decision, type RiskRefusal } from "./decision.ts";
import { DECISION } from "./decision-log.ts";
import { GateControl } from "./gate-control.ts";
import { describeOptions, type RiskGateOptions } from "./gate-options.ts";
import { type GateOrder, gateOrder } from "./gate-order.ts";
import { GateParts } from "./gate-parts.ts";
import { type RiskRequest, readRequest } from "./gate-request.ts";
import { GateReserves } from "./gate-reserves.ts";
import { GateSettlement } from "./gate-settlement.ts";
import { QuickCheck } from "./quick-check.ts";
import { SavedGate } from "./saved-gate.ts";

// A constant of another file is loaded and checked at every use, one of this file is not.
const NEW_ORDER = DECISION.order;
const MARKET = ORDER_TYPE.market;

/**
 * The gate every order passes: ten checks at seven levels, then the reservation of what the order may still do, in one
 * call. Approved is what a venue's door takes; nothing else makes an `ApprovedOrder`.
 *
 * Decisions read settled state and every approval before them, so two orders cannot spend one limit. What an order may
 * still do stays reserved until its end is confirmed; cancels are never refused.
 *
 * @units ticks, lots, ns from the session's base; money in whole minor units of the gate's currency, rounded against us
 * @invariant What is refused changes nothing but the records.
 * @invariant NaN, infinities, -0 and numbers past 2^53 are never approved; what can't be known refuses new risk.
 * @refuses every code of `RISK_REFUSALS`, in that order
 * @throws `FAULT_CONFIG` naming the option; `FAULT_APPROVAL` from `take`.
 * @cost `check` compares at seven levels and allocates the 48 bytes of the approval; `npm run bench -- gate`.
 * @example
 * ```ts
 * import { Instrument } from "tickwright/model";
 * import { NO_LIMITS, RiskGate } from "tickwright/risk";
 * const gate = new RiskGate({
 *   currency: "USD",
 *   instruments: [new Instrument({ symbol: "ABC", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" })],
 *   seats: [{ desk: "equities", account: "A1", user: "mara", strategy: "pairs" }],
 *   limits: [
 *     { level: "firm", limits: NO_LIMITS },
 *     { level: "account", name: "A1", limits: { maxLongLots: 100, priceCollarBps: 500 } },
 *   ],
 *   capital: [],
 *   hours: "always",
 *   status: "trusted",
 * });
 * gate.quote(0, 9_999, 10_001, 0);
 * const order = { strategy: "pairs", instrument: "ABC@XNAS", side: "buy", lots: 60, priceTicks: 10_000 } as const;
 * gate.decide(order, 1).ok; // => true
 * const second = gate.decide({ ...order, lots: 50 }, 2);
 * second.ok ? "" : second.code; // => "RISK_POSITION_EXCEEDED"
 * ```
 * @source SEC 17 CFR 240.15c3-5; Delegated Regulation (EU) 2017/589 (RTS 6) Art. 12, 15 to 17; FIA, Best Practices for
 * Automated Trading Risk Controls (2024)
 */
export class RiskGate implements ApprovalTaker<ApprovedOrder> {
  /** Feeds the gate: what the world says of orders, prices and status. */
  readonly settlement: GateSettlement;
  /** Changes the gate: limits, overrides, days, resets. */
  readonly control: GateControl;
  /** Holds parent orders: what they have not sent yet. */
  readonly reserves: GateReserves;
  readonly #parts: GateParts;
  readonly #vault: ApprovalVault;
  readonly #decision: Decision;
  readonly #order: GateOrder = gateOrder();
  readonly #quick: QuickCheck;
  readonly #options: RiskGateOptions;
  #lastSlot = -1;
  #saved: SavedGate | undefined;

  constructor(options: RiskGateOptions, columns?: ColumnPool) {
    if (new.target !== RiskGate) {
      throw new Fault("FAULT_CONFIG", { path: "riskGate", value: "a subclass", expected: "the gate itself" });
    }
    this.#options = options;
    this.#parts = new GateParts(options, columns);
    this.#vault = new ApprovalVault(this.#parts.orders.capacity);
    this.#decision = new Decision(this.#parts);
    this.#quick = new QuickCheck(this.#parts);
    this.settlement = new GateSettlement(this.#parts, (slot) => this.#vault.revoke(slot));
    this.control = new GateControl(this.#parts, options.onChange);
    const refused = (decision: Decision): RiskRefusal => this.#refused(decision);
    this.reserves = new GateReserves(this.#parts, this.#decision, this.control, refused);
  }

  /** The place of the order that was approved last: what reports of it are told by. */
  get lastSlot(): number {
    return this.#lastSlot;
  }

  /** Decides on an order. The object may be used again. */
  check(order: GateOrder, nowNs: number): ApprovedOrder | RiskRefusal {
    const decision = this.#decision;
    const parts = this.#parts;
    this.control.endOverrides(nowNs);
    decision.take(order, nowNs, NEW_ORDER, -1, order.lots);
    // A child is decided on beside what is left of its parent without it.
    const isChild = isWhole(order.parent) && order.parent > 0;
    if (isChild) parts.parents.withhold(order);
    if (parts.isUnlimited || !this.#quick.isClear(order, nowNs, decision)) {
      decision.begin(false);
      if (isChild ? this.#judgeBeside(order.parent) : judge(parts, decision)) return this.#refused(decision);
    }
    const slot = parts.orders.open(order, decision.unitTicks, parts.isAtomic[order.instrument] as number);
    if (parts.isUnlimited) {
      this.settlement.hold(slot, order.lots, 0);
      if (isChild) parts.parents.opened(slot, order);
      return this.#approved(decision, slot);
    }
    this.settlement.opened(slot, decision);
    if (order.type === MARKET) this.#protect(decision, slot);
    parts.remember(decision, slot, nowNs);
    return this.#approved(decision, slot);
  }

  /** Judges while a parent's draw is withheld, which is given back where it is refused, or where a rule throws. */
  #judgeBeside(parent: number): boolean {
    let isRefused = true;
    try {
      isRefused = judge(this.#parts, this.#decision);
    } finally {
      if (isRefused) this.#parts.parents.settle(parent);
    }
    return isRefused;
  }

  /** Decides on an order in words. */
  decide(request: RiskRequest, nowNs: number): ApprovedOrder | RiskRefusal {
    const refusal = readRequest(this.#parts, request, this.#order);
    if (refusal === undefined) return this.check(this.#order, nowNs);
    const decision = this.#decision;
    decision.take(this.#order, nowNs, DECISION.order, -1, 0);
    decision.begin(false);
    decision.adopt(refusal);
    return this.#refused(decision);
  }

  /** Every rule that refuses an order now, without any effect. */
  explain(order: GateOrder, nowNs: number): readonly RiskRefusal[] {
    const decision = this.#decision;
    this.control.endOverrides(nowNs);
    decision.take(order, nowNs, DECISION.order, -1, order.lots);
    decision.begin(true);
    const isChild = isWhole(order.parent) && order.parent > 0;
    if (isChild) this.#parts.parents.withhold(order);
    try {
      judge(this.#parts, decision);
    } finally {
      if (isChild) this.#parts.parents.settle(order.parent);
    }
    const all = [...decision.all];
    decision.begin(false);
    return all;
  }

  /**
   * Decides on new terms of an order that was approved: a total quantity, and a price. Until the venue answers both
   * versions are reserved for.
   *
   * @refuses `RISK_ORDER_NOT_OPEN` where the place holds no such order or too many replaces are unanswered
   */
  checkReplace(
    slot: number,
    id: number,
    requestId: number,
    lots: number,
    priceTicks: number,
    nowNs: number,
  ): ApprovedOrder | RiskRefusal {
    const { orders } = this.#parts;
    const decision = this.#decision;
    const order = this.#order;
    const isHeld = Number.isInteger(slot) && Number.isSafeInteger(id) && orders.isCurrent(slot, id);
    if (isHeld) orders.read(slot, order);
    else Object.assign(order, gateOrder(), { id, seat: -1, instrument: -1 });
    order.lots = lots;
    order.priceTicks = priceTicks;
    decision.take(
      order,
      nowNs,
      DECISION.replace,
      slot,
      isHeld && Number.isSafeInteger(lots) ? orders.addedLots(slot, lots) : 0,
    );
    decision.begin(false);
    this.control.endOverrides(nowNs);
    decision.latch = this.#parts.latch.read();
    const isOpen =
      isHeld && orders.heldLots[slot] !== 0 && orders.isSent[slot] === 1 && orders.canReplace(slot);
    if (!isOpen) {
      decision.fail(
        "RISK_ORDER_NOT_OPEN",
        "slot",
        slot,
        "an open order that was sent, with room for one more replace",
      );
      return this.#refused(decision);
    }
    if (!Number.isSafeInteger(requestId) || requestId <= (orders.requestId[slot] as number)) {
      decision.fail(
        "RISK_ORDER_INVALID",
        "requestId",
        requestId,
        "a whole number above the order's last request",
      );
      return this.#refused(decision);
    }
    const { parents } = this.#parts;
    const parent = parents.parentOf[slot] as number;
    order.parent = parent;
    parents.withholdMore(slot, decision.addLots);
    if (this.#judgeBeside(parent)) return this.#refused(decision);
    orders.addReplace(slot, requestId, lots, priceTicks, decision.unitTicks);
    this.settlement.rehold(slot);
    parents.settle(parent);
    if (!this.#parts.isUnlimited) {
      countMessage(this.#parts, decision.from, nowNs);
      this.#parts.remember(decision, slot, nowNs);
    }
    return this.#approved(decision, slot);
  }

  /**
   * Gives a door the terms of an approval, once.
   *
   * @throws `FAULT_APPROVAL` on anything but a good approval of this gate, and on one that is older than a change of
   * limits or of the kill latch.
   */
  take(approved: ApprovedOrder, into: OutboundOrder): void {
    const slot = this.#vault.slotOf(approved);
    const { orders, latch, version } = this.#parts;
    if (orders.latch[slot] !== latch.read())
      throw refuseToken("older than a kill", "an approval after the kill");
    if (orders.version[slot] !== version)
      throw refuseToken("older than a change of limits", "one of these limits");
    this.#vault.revoke(slot);
    orders.isSent[slot] = 1;
    orders.isTaken[slot] = 1;
    orders.write(slot, into);
  }

  /** The place of an approval that was not taken yet. @throws `FAULT_APPROVAL` on anything else */
  slotOf(approved: ApprovedOrder): number {
    return this.#vault.slotOf(approved);
  }

  /** Gives up an approval that was not sent: what it reserved is free again. @throws `FAULT_APPROVAL` */
  abandon(approved: ApprovedOrder): void {
    const slot = this.#vault.slotOf(approved);
    this.#vault.revoke(slot);
    this.settlement.withdraw(slot);
  }

  /** A new price of an instrument: best bid and ask. @units ticks */
  quote(instrument: number, bidTicks: number, askTicks: number, nowNs: number): void {
    this.settlement.quote(instrument, bidTicks, askTicks, nowNs);
  }

  /** A trade print of an instrument. @units ticks */
  trade(instrument: number, ticks: number, nowNs: number): void {
    this.settlement.trade(instrument, ticks, nowNs);
  }

  /** Hands every record of a decision that waits to `take`, oldest first. */
  drain(take: (cells: Float64Array, offset: number) => void): void {
    this.#parts.log.drain(take);
  }

  /** Takes every record of a decision that waits into a digest. */
  sealInto(digest: { update(bytes: Uint8Array): unknown }): void {
    this.#parts.log.drainBlocks((bytes) => digest.update(bytes));
  }

  /** What the gate was made from, JSON-safe, for manifests; null where nothing is limited. */
  describe(): Readonly<Record<string, unknown>> | null {
    return this.isUnlimited ? null : describeOptions(this.#options);
  }

  /**
   * Writes all that a later decision can depend on into bytes, for {@link RiskGate.load}: orders and what is held
   * for them, exposure, limits and overrides as they are now, losses, rates, duplicates, prices, and the state of
   * every rule of `rules`; with a CRC-32C of it all.
   *
   * Not in it are the kill latch, which lives in its own store; trading hours; limits that the caller gave to a rule
   * (`configure`), which are configuration; and fingerprints of orders older than the window of the newest one.
   *
   * @invariant Canonical: equal states give equal bytes, and the gate that loads them decides and saves as this one,
   * for moments that are not before its last decision.
   * @throws `FAULT_INPUT` while records wait (`gateSnapshot.recordsWaiting`: seal them first) or an approval was neither
   * taken nor given up (`gateSnapshot.approvals`).
   * @cost O(owners x instruments, capacity) to look, and about 50 bytes an open order, 60 a cell that holds anything.
   * @example
   * ```ts
   * import { Instrument } from "tickwright/model";
   * import { NO_LIMITS, RiskGate } from "tickwright/risk";
   * const options = {
   *   currency: "USD",
   *   instruments: [new Instrument({ symbol: "ABC", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" })],
   *   seats: [{ desk: "equities", account: "A1", user: "mara", strategy: "pairs" }],
   *   limits: [{ level: "firm", limits: { ...NO_LIMITS, maxLongLots: 100 } }],
   *   capital: [],
   *   hours: "always",
   *   status: "trusted",
   * } as const;
   * const gate = new RiskGate(options);
   * gate.settlement.book(0, 0, 1, 60, 10_000, 0);
   * const again = new RiskGate(options);
   * again.load(gate.save());
   * again.settlement.positionOf(0, 0); // => 60
   * ```
   */
  save(): Uint8Array {
    return this.#state().save(this.#lastSlot);
  }

  /**
   * Goes on from what {@link RiskGate.save} wrote, on a gate that was made from the same options and has decided
   * nothing yet. Set the kill latch from its own store.
   *
   * @throws `FAULT_INPUT` naming what is wrong: `gateSnapshot.checksum`, `.magic`, `.version`, `.sections`,
   * `.gate.capacity` and the other sizes, `.gate.options`, or a section and its field; nothing has changed then.
   */
  load(bytes: Uint8Array): void {
    this.#lastSlot = this.#state().load(bytes, this.#lastSlot);
  }

  /**
   * The SHA-256 of one section of what `save` writes, by its name: `limits`, `nodes`, the name of a rule.
   *
   * @cost As {@link RiskGate.save}, of that section.
   */
  digestOf(section: string): string {
    return this.#state().digestOf(section);
  }

  /** Records of decisions that wait for `drain` or `sealInto`. */
  get recordsWaiting(): number {
    return this.#parts.log.size;
  }

  /** Whether nothing is limited at all: then only orders' own fields and the kill latch are looked at. */
  get isUnlimited(): boolean {
    return this.#parts.isUnlimited;
  }

  /** Everything the gate looks at, for reading: utilisation, exposure, hierarchy. */
  get parts(): GateParts {
    return this.#parts;
  }

  #state(): SavedGate {
    this.#saved ??= new SavedGate({
      ...{ options: this.#options, parts: this.#parts, settlement: this.settlement, control: this.control },
      ...{ decision: this.#decision, vault: this.#vault, lastSlot: this.#lastSlot },
    });
    return this.#saved;
  }

  #approved(decision: Decision, slot: number): ApprovedOrder {
    const { orders, log, version } = this.#parts;
    orders.version[slot] = version;
    orders.isTaken[slot] = 0;
    orders.latch[slot] = decision.latch;
    this.#lastSlot = slot;
    if (!this.#parts.isUnlimited) {
      const at = log.next();
      decision.writeApproved(log.cells, at, log.count, decision.kind, version);
    }
    return this.#vault.mint(slot);
  }

  #refused(decision: Decision): RiskRefusal {
    const { log, version } = this.#parts;
    if (log.hasRoom && !this.#parts.isUnlimited) {
      const at = log.next();
      decision.write(log.cells, at, log.count, decision.kind, version);
    }
    return decision.refusal as RiskRefusal;
  }

  /** A market order leaves as an immediate limit order at its bound, where there is one. */
  #protect(decision: Decision, slot: number): void {
    const { order } = decision;
    if (!this.#parts.protectsMarketOrders) return;
    if (order.timeInForce === TIME_IN_FORCE.atOpen || order.timeInForce === TIME_IN_FORCE.atClose) return;
    const bound = marketBoundTicks(decision);
    if (!Number.isFinite(bound)) return;
    this.#parts.orders.toLimit(slot, bound);
  }
}

Object.freeze(RiskGate.prototype);
