import { Fault } from "../base/index.ts";
import { MAX_TICKS } from "../model/index.ts";
import { countMessage } from "./checks-exposure.ts";
import type { Decision } from "./decision.ts";
import { DECISION, DECISION_STRIDE, type DecisionLog, DECISION_FIELD as FIELD } from "./decision-log.ts";
import { CELL, NODE } from "./exposure-rows.ts";
import type { GateParts } from "./gate-parts.ts";
import { FIRM_NODE, PATH_LENGTH, STRATEGY } from "./levels.ts";
import type { Reservations } from "./reservations.ts";

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
  readonly charged: Float64Array;

  readonly #revoke: (slot: number) => void;

  /** `revoke` makes the approvals of a place void. */
  constructor(parts: GateParts, revoke: (slot: number) => void) {
    this.#parts = parts;
    this.#revoke = revoke;
    this.charged = new Float64Array(parts.hierarchy.paths.length / PATH_LENGTH);
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
    this.#parts.parents.executed(slot, lots);
    const { locates, orderToTrade } = this.#parts.rules;
    if (lots <= 0) return;
    orderToTrade?.executed(instrument, lots);
    const located = Math.min(lots, locates?.reservedLots(slot) ?? 0);
    if (located > 0) locates?.commit(slot, located);
  }

  /** Books an execution that no order of this gate explains, or a position to start with. */
  book(seat: number, instrument: number, side: number, lots: number, ticks: number, nowNs: number): void {
    const { exposure, hierarchy, losses } = this.#parts;
    checkWhole("lots", lots);
    checkWhole("priceTicks", ticks);
    if (side !== 1 && side !== -1) {
      throw new Fault("FAULT_INPUT", { path: "side", value: side, expected: "1 or -1" });
    }
    const from = this.#fromOf(seat, instrument);
    exposure.execute(hierarchy.paths, from, instrument, side, lots, ticks);
    if (losses.isUsed)
      for (let at = from; at < from + PATH_LENGTH; at++) losses.sample(hierarchy.paths[at] as number, nowNs);
    this.#watchDay(from);
  }

  /** Nothing of an order can execute any more. Its place still takes late executions, until `forget`. */
  closed(slot: number): void {
    this.#checkSlot(slot);
    this.#revoke(slot);
    this.#parts.orders.dropAll(slot);
    this.hold(slot, 0, 0);
  }

  /** Gives an order's place to others. */
  forget(slot: number): void {
    this.closed(slot);
    this.#parts.parents.forget(slot);
    this.#parts.orders.free(slot);
  }

  /** An approval was given up before it was sent: a new order is forgotten, a replace is taken back. */
  withdraw(slot: number): void {
    const { orders } = this.#parts;
    const requestId = orders.requestId[slot] as number;
    if (requestId === 0) this.forget(slot);
    else {
      orders.isTaken[slot] = 1;
      this.replaceRejected(slot, requestId);
    }
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
    this.#checkSlot(slot);
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
    const { orders, rules, log, version } = this.#parts;
    this.#checkSlot(slot);
    if (log.hasRoomToWarn) writeCancel(log, orders, slot, nowNs, version, this.#parts.latch.read());
    const instrument = orders.instrument[slot] as number;
    countMessage(this.#parts, this.#fromOf(orders.seat[slot] as number, instrument), nowNs);
    rules.orderToTrade?.canceled(instrument, "single", orders.heldLots[slot] as number);
  }

  /** Holds what an order that was just approved may do, as the decision planned it. */
  opened(slot: number, decision: Decision): void {
    const { orders, exposure } = this.#parts;
    const { order, path, addTickLots, orderValue } = decision;
    exposure.commit(path, order.instrument, order.side > 0);
    orders.heldLots[slot] = order.lots;
    orders.heldTickLots[slot] = addTickLots;
    orders.heldValue[slot] = orderValue;
    if (order.parent > 0) this.#parts.parents.opened(slot, order);
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
    const before = orders.heldLots[slot] as number;
    // A parent takes lots back before its child lets them go: money of it never stands without lots.
    this.#parts.parents.changed(slot, lots - before, lots, tickLots);
    if (lots === before && tickLots === orders.heldTickLots[slot]) {
      this.#followRest(slot, lots);
      return;
    }
    const from = this.#fromOf(orders.seat[slot] as number, instrument);
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

  /**
   * What the venue says of an instrument's trading: a code of `MARKET_STATUS`. Repeat it before it is stale.
   *
   * @throws `FAULT_INPUT` for a gate that trusts its venues, an instrument or a code that is not there
   */
  status(instrument: number, status: number, nowNs: number): void {
    this.#checkInstrument(instrument);
    const known = this.#parts.status;
    if (known !== undefined) known.set(instrument, status, nowNs);
    else
      throw new Fault("FAULT_INPUT", {
        path: "status",
        value: status,
        expected: "a gate that asks for a status",
      });
  }

  /** A new best bid and ask; what is no whole number of ticks is no price. */
  quote(instrument: number, bidTicks: number, askTicks: number, nowNs: number): void {
    const { references, exposure } = this.#parts;
    this.#checkInstrument(instrument);
    const bid = priceOf(bidTicks);
    const ask = priceOf(askTicks);
    references.bidTicks[instrument] = bid;
    references.askTicks[instrument] = ask;
    references.quoteNs[instrument] = nowNs;
    if (bid < ask && exposure.mark(instrument, bid, ask)) this.#watch(nowNs);
  }

  /** A trade print. */
  trade(instrument: number, ticks: number, nowNs: number): void {
    const { references, exposure } = this.#parts;
    this.#checkInstrument(instrument);
    const price = priceOf(ticks);
    references.lastTicks[instrument] = price;
    references.lastNs[instrument] = nowNs;
    if (!Number.isNaN(price) && !references.hasBook(instrument, nowNs))
      exposure.mark(instrument, price, price);
    this.#watch(nowNs);
  }

  /** The price of a close or an auction. */
  close(instrument: number, ticks: number, nowNs: number): void {
    this.#checkInstrument(instrument);
    this.#parts.references.closeTicks[instrument] = priceOf(ticks);
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
    const before = worth.minorUp(instrument, this.charged[at] as number);
    this.charged[at] = (this.charged[at] as number) + minor;
    const change = worth.minorUp(instrument, this.charged[at] as number) - before;
    for (let place = from; place < from + PATH_LENGTH; place++) {
      const node = hierarchy.paths[place] as number;
      exposure.setNode(node, NODE.today, exposure.node(node, NODE.today) - change);
    }
    this.#watchDay(from);
  }

  /** Losses latch when they happen, not when the next order comes. */
  #watch(nowNs: number): void {
    const { hierarchy, losses } = this.#parts;
    for (let node = 0; node < hierarchy.nodes; node++) {
      if (losses.isUsed) losses.sample(node, nowNs);
      this.#parts.isOverDailyLoss(node);
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
      if (lots > 0) selfMatch.change(slot, orders.boldestTicks(slot), lots);
      else selfMatch.remove(slot);
    }
    if (lots > 0 || locates === undefined) return;
    const back = locates.reservedLots(slot);
    locates.close(slot);
    this.#parts.parents.located(this.#parts.parents.parentOf[slot] as number, -back);
  }

  #replaceAt(slot: number, requestId: number): number {
    this.#checkSlot(slot);
    const at = this.#parts.orders.findReplace(slot, requestId);
    if (at >= 0) return at;
    const expected = "a replace of this order that waits for its answer";
    throw new Fault("FAULT_INPUT", { path: "requestId", value: requestId, expected });
  }

  #checkInstrument(instrument: number): void {
    const { length } = this.#parts.instruments;
    if (Number.isInteger(instrument) && instrument >= 0 && instrument < length) return;
    const expected = `an index below ${length}`;
    throw new Fault("FAULT_INPUT", { path: "instrument", value: instrument, expected });
  }

  #checkSlot(slot: number): void {
    if ((this.#parts.orders.id[slot] as number) > 0) return;
    throw new Fault("FAULT_INPUT", { path: "slot", value: slot, expected: "the place of an approved order" });
  }

  #fromOf(seat: number, instrument: number): number {
    const { instruments, hierarchy } = this.#parts;
    const from = (seat * instruments.length + instrument) * PATH_LENGTH;
    const isSeat = Number.isInteger(seat) && seat >= 0 && seat < hierarchy.seats.length;
    const isInstrument = Number.isInteger(instrument) && instrument >= 0 && instrument < instruments.length;
    if (isSeat && isInstrument) return from;
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

/** A price in whole ticks; NaN for everything else. */
function priceOf(ticks: number): number {
  return Number.isInteger(ticks) && Math.abs(ticks) <= MAX_TICKS ? ticks + 0 : Number.NaN;
}

/** Writes the record of a cancel. */
function writeCancel(
  log: DecisionLog,
  orders: Reservations,
  slot: number,
  nowNs: number,
  version: number,
  latch: number,
): void {
  const offset = log.next();
  const { cells } = log;
  cells.fill(0, offset, offset + DECISION_STRIDE);
  cells[offset + FIELD.sequence] = log.count;
  cells[offset + FIELD.atNs] = nowNs;
  cells[offset + FIELD.kind] = DECISION.cancel;
  cells[offset + FIELD.id] = orders.id[slot] as number;
  cells[offset + FIELD.seat] = orders.seat[slot] as number;
  cells[offset + FIELD.instrument] = orders.instrument[slot] as number;
  cells[offset + FIELD.side] = orders.side[slot] as number;
  cells[offset + FIELD.lots] = orders.heldLots[slot] as number;
  cells[offset + FIELD.priceTicks] = orders.priceTicks[slot] as number;
  cells[offset + FIELD.node] = -1;
  cells[offset + FIELD.limit] = -1;
  cells[offset + FIELD.version] = version;
  cells[offset + FIELD.latch] = latch;
}
