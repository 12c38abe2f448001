import { Fault } from "../base/index.ts";
import { countMessage } from "./checks-exposure.ts";
import type { Decision } from "./decision.ts";
import { CELL, NODE } from "./exposure.ts";
import type { GateParts } from "./gate-parts.ts";
import { FIRM_NODE, PATH_LENGTH, STRATEGY } from "./levels.ts";

/**
 * What the world says, settled into the gate: executions and ends of orders, prices, charges. Every order is named by
 * its place, `RiskGate.lastSlot` after its approval.
 *
 * What an order may still do is released by its end, its executions and the venue's answers, never by a request: a
 * cancel, a timeout or a lost connection releases nothing.
 *
 * @units lots, ticks; ns from the session's base
 * @throws `FAULT_INPUT` for a place without an order, and numbers that can't be.
 */
export class GateSettlement {
  readonly #parts: GateParts;
  /** What each seat was charged for each instrument, in minor units of its quote currency. */
  readonly #charged: Float64Array;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#charged = new Float64Array(parts.hierarchy.paths.length / PATH_LENGTH);
  }

  /** Books an execution of an order, and releases as much. */
  filled(slot: number, lots: number, ticks: number, nowNs: number): void {
    this.executed(slot, lots, ticks, nowNs);
    const { orders } = this.#parts;
    orders.cumLots[slot] = (orders.cumLots[slot] as number) + lots;
    if ((orders.heldLots[slot] as number) > 0) this.rehold(slot);
  }

  /** Takes an execution back: the position turns back, and the order, where it is open, can execute it again. */
  busted(slot: number, lots: number, ticks: number, nowNs: number): void {
    this.executed(slot, -lots, ticks, nowNs);
    const { orders } = this.#parts;
    orders.cumLots[slot] = Math.max(0, (orders.cumLots[slot] as number) - lots);
    if ((orders.heldLots[slot] as number) > 0) this.rehold(slot);
  }

  /** Books an execution in positions and profits alone; below 0 it takes one back. */
  executed(slot: number, lots: number, ticks: number, nowNs: number): void {
    const { orders } = this.#parts;
    this.#checkSlot(slot);
    const seat = orders.seat[slot] as number;
    const instrument = orders.instrument[slot] as number;
    this.book(seat, instrument, orders.side[slot] as number, lots, ticks, nowNs);
  }

  /** Books an execution that no order of this gate explains, or a position to start with. */
  book(seat: number, instrument: number, side: number, lots: number, ticks: number, nowNs: number): void {
    const { exposure, hierarchy, losses } = this.#parts;
    checkWhole("lots", lots);
    checkWhole("priceTicks", ticks);
    const from = this.#fromOf(seat, instrument);
    exposure.execute(hierarchy.paths, from, instrument, side, lots, ticks);
    if (losses.isUsed)
      for (let at = from; at < from + PATH_LENGTH; at++) losses.sample(hierarchy.paths[at] as number, nowNs);
    this.#watchDay(from);
  }

  /** Nothing of an order can execute any more. Its place still takes late executions, until `forget`. */
  closed(slot: number): void {
    this.#checkSlot(slot);
    this.#parts.orders.dropAll(slot);
    this.hold(slot, 0, 0);
  }

  /** Gives an order's place to others. */
  forget(slot: number): void {
    this.closed(slot);
    this.#parts.orders.free(slot);
  }

  /** An approval was given up before it was sent: a new order is forgotten, a replace is taken back. */
  withdraw(slot: number): void {
    const { orders } = this.#parts;
    const requestId = orders.requestId[slot] as number;
    if (requestId === 0) this.forget(slot);
    else this.replaceRejected(slot, requestId);
  }

  /** The venue put the terms of a replace in force. */
  replaced(slot: number, requestId: number): void {
    const { orders } = this.#parts;
    orders.accept(slot, this.#replaceAt(slot, requestId));
    if ((orders.heldLots[slot] as number) > 0) this.rehold(slot);
  }

  /** The venue refused a replace: only the terms before it hold. */
  replaceRejected(slot: number, requestId: number): void {
    const { orders } = this.#parts;
    orders.drop(slot, this.#replaceAt(slot, requestId));
    if ((orders.heldLots[slot] as number) > 0) this.rehold(slot);
  }

  /** The venue answered a replace; one that this gate does not know changes nothing. */
  answered(slot: number, requestId: number, isAccepted: boolean): void {
    const { orders } = this.#parts;
    this.#checkSlot(slot);
    const at = orders.findReplace(slot, requestId);
    if (at < 0) return;
    if (isAccepted) orders.accept(slot, at);
    else orders.drop(slot, at);
    if ((orders.heldLots[slot] as number) > 0) this.rehold(slot);
  }

  /** Brings what is held in line with an order that its caller keeps: whether it is open, its total, what is filled. */
  sync(slot: number, isOpen: boolean, lots: number, cumLots: number): void {
    const { orders } = this.#parts;
    orders.cumLots[slot] = cumLots;
    orders.lots[slot] = lots;
    if (isOpen) this.rehold(slot);
    else if ((orders.heldLots[slot] as number) > 0) this.closed(slot);
  }

  /** A split: `numerator` new lots stand for `denominator` old ones. Open orders are the venue's to end. */
  split(instrument: number, numerator: number, denominator: number): void {
    this.#parts.exposure.split(instrument, numerator, denominator);
  }

  /** Lots a seat holds of an instrument, as its strategy's level counts them. */
  positionOf(seat: number, instrument: number): number {
    const { exposure, hierarchy } = this.#parts;
    const node = hierarchy.paths[this.#fromOf(seat, instrument) + STRATEGY] as number;
    return exposure.cell(node, instrument, CELL.positionLots);
  }

  /** Whether the firm has a position in an instrument. */
  hasPosition(instrument: number): boolean {
    return this.#parts.exposure.cell(FIRM_NODE, instrument, CELL.positionLots) !== 0;
  }

  /** The venue changed the terms of an order unasked, or brought it back to life. */
  restated(slot: number, lots: number, ticks: number): void {
    const { orders } = this.#parts;
    this.#checkSlot(slot);
    checkWhole("lots", lots);
    checkWhole("priceTicks", ticks);
    orders.lots[slot] = lots;
    orders.priceTicks[slot] = ticks;
    orders.unitTicks[slot] = Math.max(Math.abs(ticks), orders.unitTicks[slot] as number);
    this.rehold(slot);
  }

  /** A cancel leaves: counted, never refused. */
  canceling(slot: number, nowNs: number): void {
    const { orders, rules } = this.#parts;
    this.#checkSlot(slot);
    const instrument = orders.instrument[slot] as number;
    countMessage(this.#parts, this.#fromOf(orders.seat[slot] as number, instrument), nowNs);
    rules.orderToTrade?.canceled(instrument, "single", orders.heldLots[slot] as number);
  }

  /** Holds what an order that was just approved may do, as the decision planned it. */
  opened(slot: number, decision: Decision): void {
    const { orders, exposure, hierarchy } = this.#parts;
    const { order, from, addTickLots, orderValue } = decision;
    exposure.commit(hierarchy.paths, from, order.instrument, order.side, order.lots, addTickLots, orderValue);
    orders.heldLots[slot] = order.lots;
    orders.heldTickLots[slot] = addTickLots;
    orders.heldValue[slot] = orderValue;
  }

  /** Holds what an order's terms and unanswered replaces may still do. */
  rehold(slot: number): void {
    const { orders } = this.#parts;
    this.hold(slot, orders.worstLots(slot), orders.worstTickLots(slot));
  }

  /** Holds so many lots and tick-lots for an order: for callers that keep its terms themselves. */
  hold(slot: number, lots: number, tickLots: number): void {
    const { orders, exposure, hierarchy, worth } = this.#parts;
    if (this.#parts.isUnlimited) {
      orders.heldLots[slot] = lots;
      return;
    }
    const instrument = orders.instrument[slot] as number;
    const from = this.#fromOf(orders.seat[slot] as number, instrument);
    const before = orders.heldLots[slot] as number;
    const value = worth.up(instrument, tickLots);
    const side = orders.side[slot] as number;
    const addLots = lots - before;
    const addTickLots = tickLots - (orders.heldTickLots[slot] as number);
    exposure.hold(hierarchy.paths, from, instrument, side, addLots, addTickLots);
    const opened = lots > 0 ? 1 : 0;
    exposure.count(
      hierarchy.paths,
      from,
      opened - (before > 0 ? 1 : 0),
      value - (orders.heldValue[slot] as number),
    );
    orders.heldLots[slot] = lots;
    orders.heldTickLots[slot] = tickLots;
    orders.heldValue[slot] = value;
    this.#followRest(slot, lots);
  }

  /** A new best bid and ask. */
  quote(instrument: number, bidTicks: number, askTicks: number, nowNs: number): void {
    const { references, exposure } = this.#parts;
    references.bidTicks[instrument] = bidTicks;
    references.askTicks[instrument] = askTicks;
    references.quoteNs[instrument] = nowNs;
    if (bidTicks < askTicks) exposure.mark(instrument, bidTicks, askTicks);
    this.#watch(instrument, nowNs);
  }

  /** A trade print. */
  trade(instrument: number, ticks: number, nowNs: number): void {
    const { references, exposure } = this.#parts;
    references.lastTicks[instrument] = ticks;
    references.lastNs[instrument] = nowNs;
    if (Number.isFinite(ticks) && !references.hasBook(instrument, nowNs))
      exposure.mark(instrument, ticks, ticks);
    this.#watch(instrument, nowNs);
  }

  /** The price of a close or an auction. */
  close(instrument: number, ticks: number, nowNs: number): void {
    this.#parts.references.closeTicks[instrument] = ticks;
    this.#parts.references.closeNs[instrument] = nowNs;
  }

  /**
   * Charges every level of a seat: fees above 0, credits below. What is charged for one instrument is added up in its
   * quote currency and rounded against us once, not with every charge.
   *
   * @units whole minor units of the instrument's quote currency
   */
  charge(seat: number, instrument: number, minor: number): void {
    const { exposure, hierarchy, worth } = this.#parts;
    checkWhole("minor", minor);
    const from = this.#fromOf(seat, instrument);
    const at = from / PATH_LENGTH;
    const before = worth.minorUp(instrument, this.#charged[at] as number);
    this.#charged[at] = (this.#charged[at] as number) + minor;
    const change = worth.minorUp(instrument, this.#charged[at] as number) - before;
    for (let place = from; place < from + PATH_LENGTH; place++) {
      const node = hierarchy.paths[place] as number;
      exposure.setNode(node, NODE.today, exposure.node(node, NODE.today) - change);
    }
    this.#watchDay(from);
  }

  #watch(instrument: number, nowNs: number): void {
    const { hierarchy, instruments, losses } = this.#parts;
    for (let seat = 0; seat < hierarchy.seats.length; seat++) {
      const from = (seat * instruments.length + instrument) * PATH_LENGTH;
      if (losses.isUsed)
        for (let at = from; at < from + PATH_LENGTH; at++)
          losses.sample(hierarchy.paths[at] as number, nowNs);
      this.#watchDay(from);
    }
  }

  #watchDay(from: number): void {
    const { paths } = this.#parts.hierarchy;
    for (let at = from; at < from + PATH_LENGTH; at++) this.#parts.isOverDailyLoss(paths[at] as number);
  }

  /** Tells the rules that follow resting orders what is left of one. */
  #followRest(slot: number, lots: number): void {
    const { orders, rules } = this.#parts;
    const { selfMatch, locates } = rules;
    if (selfMatch?.holds(slot) === true) {
      if (lots > 0) selfMatch.change(slot, orders.priceTicks[slot] as number, lots);
      else selfMatch.remove(slot);
    }
    if (lots === 0) locates?.close(slot);
  }

  #replaceAt(slot: number, requestId: number): number {
    this.#checkSlot(slot);
    const at = this.#parts.orders.findReplace(slot, requestId);
    if (at >= 0) return at;
    const expected = "a replace of this order that waits for its answer";
    throw new Fault("FAULT_INPUT", { path: "requestId", value: requestId, expected });
  }

  #checkSlot(slot: number): void {
    if ((this.#parts.orders.id[slot] as number) > 0) return;
    throw new Fault("FAULT_INPUT", { path: "slot", value: slot, expected: "the place of an approved order" });
  }

  #fromOf(seat: number, instrument: number): number {
    const { instruments, hierarchy } = this.#parts;
    const from = (seat * instruments.length + instrument) * PATH_LENGTH;
    if (seat >= 0 && instrument >= 0 && instrument < instruments.length && from < hierarchy.paths.length)
      return from;
    throw new Fault("FAULT_INPUT", {
      path: "seat, instrument",
      value: [seat, instrument],
      expected: "places of the gate",
    });
  }
}

function checkWhole(path: string, value: number): void {
  if (Number.isSafeInteger(value)) return;
  throw new Fault("FAULT_INPUT", { path, value, expected: "a whole number within 2^53" });
}
