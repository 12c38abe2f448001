import { ChainDigest, type ColumnPool, type Refusal, type SavedChainDigest } from "../base/index.ts";
import { NO_ASK, NO_BID } from "../book/index.ts";
import type { OrderStore, OrderTerms } from "../order/index.ts";
import {
  type ApprovedOrder,
  type ControlAnswer,
  type ControlRequest,
  carryOut,
  type GateOrder,
  gateOrder,
  type RiskGate,
} from "../risk/index.ts";
import { type KernelRisk, makeGate } from "./kernel-gate.ts";
import type { Station } from "./station.ts";

const DAY_NS = 86_400_000_000_000n;
/** Records of decisions that wait at most before they are hashed. */
const MOST_WAITING = 1024;

/** What a {@link RiskDesk} holds beside its gate, JSON-safe. */
export interface SavedRiskDesk {
  readonly nextDayNs: number;
  readonly day: number;
  readonly digest: SavedChainDigest;
  /** Rows of the order store and their places in the gate. */
  readonly places: readonly (readonly [number, number])[];
}

/**
 * The kernel's side of the risk gate: brings prices to it before it decides, and what venues report after.
 *
 * @invariant The gate's places follow the order store's rows: a place is forgotten when its row is freed.
 */
export class RiskDesk {
  readonly gate: RiskGate;
  readonly #orders: OrderStore;
  readonly #stations: readonly Station[];
  /** The gate's place of each row. */
  readonly #places: Int32Array;
  readonly #order: GateOrder = gateOrder();
  readonly #digest: ChainDigest = new ChainDigest();
  readonly #isBound: boolean;
  readonly #seats: number;
  /** Handed the records of decisions, as bytes that are good during the call. */
  sink: ((records: Uint8Array) => void) | undefined = undefined;
  /** How the gate is changed, where it is changed by nobody else. */
  #enter: <Value>(work: () => Value) => Value = (work) => work();
  /** When the next day of the gate begins, and which: UTC days of the session. */
  #nextDayNs: number;
  #day: number;

  constructor(
    orders: OrderStore,
    stations: readonly Station[],
    strategies: readonly string[],
    currency: string,
    baseNs: bigint,
    risk: KernelRisk | undefined,
    columns?: ColumnPool,
  ) {
    this.#day = Number(baseNs / DAY_NS);
    this.#nextDayNs = Number(DAY_NS - (((baseNs % DAY_NS) + DAY_NS) % DAY_NS));
    this.#orders = orders;
    this.#stations = stations;
    this.#places = new Int32Array(orders.capacity).fill(-1);
    this.gate = makeGate(orders, stations, strategies, currency, risk, columns);
    this.#seats = strategies.length;
    this.#isBound = !this.gate.isUnlimited;
    this.#order.displayLots = 0;
    this.#order.slice = 0;
  }

  /** Lets nobody but this desk change the gate; `owner` is what others have to call. */
  reserve(owner: string): void {
    this.#enter = this.gate.control.reserve(owner);
  }

  /** Changes the gate. */
  control(request: ControlRequest, nowNs: number): ControlAnswer {
    return this.#enter(() => carryOut(this.gate, request, nowNs));
  }

  /** The parent and the slice of the next order that is decided on; 0 for none. */
  name(parent: number, slice: number): void {
    this.#order.parent = parent;
    this.#order.slice = slice;
  }

  get parent(): number {
    return this.#order.parent;
  }

  get slice(): number {
    return this.#order.slice;
  }

  /** Holds a parent order; its number, or why not. */
  holdParent(
    strategy: number,
    instrument: number,
    side: number,
    lots: number,
    priceTicks: number | undefined,
    nowNs: number,
  ): number | Refusal {
    if (this.#isBound) this.#prepare(instrument, nowNs);
    const request = { seat: strategy, instrument, side, lots, priceTicks: priceTicks ?? Number.NaN };
    return this.gate.reserves.open(request, nowNs);
  }

  /** Holds another quantity for one. */
  changeParent(
    strategy: number,
    id: number,
    lots: number,
    priceTicks: number | undefined,
    nowNs: number,
  ): Refusal | undefined {
    if (this.#isBound) this.#prepare(this.gate.reserves.find(strategy, id)?.instrument ?? 0, nowNs);
    return this.gate.reserves.change(strategy, id, lots, priceTicks ?? Number.NaN, nowNs);
  }

  /** Lets one go. */
  releaseParent(strategy: number, id: number, nowNs: number): Refusal | undefined {
    if (this.#isBound) this.#prepare(this.gate.reserves.find(strategy, id)?.instrument ?? 0, nowNs);
    return this.gate.reserves.release(strategy, id, nowNs);
  }

  /** Decides on new terms that the store has a row for next. */
  check(terms: OrderTerms, nowNs: number): ApprovedOrder | Refusal {
    return this.gate.check(this.#fill(terms, nowNs), nowNs);
  }

  /** Every rule that would refuse new terms now. */
  explain(terms: OrderTerms, nowNs: number): readonly Refusal[] {
    return this.gate.explain(this.#fill(terms, nowNs), nowNs);
  }

  #fill(terms: OrderTerms, nowNs: number): GateOrder {
    if (this.#isBound) this.#prepare(terms.instrument, nowNs);
    const order = this.#order;
    order.seat = terms.strategy;
    order.instrument = terms.instrument;
    order.id = this.#orders.nextId;
    order.row = this.#orders.nextRow;
    order.side = terms.side;
    order.type = terms.type;
    order.timeInForce = terms.timeInForce;
    order.flags = terms.flags;
    order.priceTicks = terms.priceTicks;
    order.lots = terms.lots;
    order.expireNs = terms.expireNs;
    return order;
  }

  /** Decides on new terms of an order. */
  checkReplace(
    row: number,
    requestId: number,
    lots: number,
    ticks: number,
    nowNs: number,
  ): ApprovedOrder | Refusal {
    if (this.#isBound) this.#prepare(this.#orders.instrument[row] as number, nowNs);
    const place = this.#places[row] as number;
    return this.gate.checkReplace(place, this.#orders.id[row] as number, requestId, lots, ticks, nowNs);
  }

  /** Remembers the place of the order that was approved last. */
  opened(row: number): void {
    this.#places[row] = this.gate.lastSlot;
  }

  /** A cancel leaves. */
  canceling(row: number, nowNs: number): void {
    if (this.#isBound) this.gate.settlement.canceling(this.#places[row] as number, nowNs);
  }

  /** Books what an event changed: lots above 0 were executed, below 0 undone. */
  executed(row: number, lots: number, ticks: number, nowNs: number): void {
    if (!this.#isBound) return;
    this.#beginDays(nowNs);
    this.gate.settlement.executed(this.#places[row] as number, lots, ticks, nowNs);
  }

  /** The venue answered a replace. */
  answered(row: number, requestId: number, isAccepted: boolean): void {
    this.gate.settlement.answered(this.#places[row] as number, requestId, isAccepted);
  }

  /** The venue changed the terms of an order that is open. */
  restated(row: number): void {
    const orders = this.#orders;
    const [lots, ticks] = [orders.lots[row] as number, orders.priceTicks[row] as number];
    this.gate.settlement.restated(this.#places[row] as number, lots, ticks);
  }

  /** Brings what is held for an order in line with the store. */
  settle(row: number): void {
    const orders = this.#orders;
    const place = this.#places[row] as number;
    this.gate.settlement.sync(
      place,
      orders.isOpen(row) || orders.restsOvernight(row),
      orders.lots[row] as number,
      orders.cumLots[row] as number,
    );
  }

  /** The row is used again. */
  forget(row: number): void {
    this.gate.settlement.forget(this.#places[row] as number);
    this.#places[row] = -1;
  }

  /** A fee above 0, a credit below, in minor units of the quote currency. */
  charge(strategy: number, instrument: number, minor: bigint): void {
    if (this.#isBound) this.gate.settlement.charge(strategy, instrument, Number(minor));
  }

  /** Money for what each strategy holds, by `minorOf` its lots: what it pays is above 0. */
  chargeHolders(instrument: number, minorOf: (lots: number) => bigint): void {
    if (!this.#isBound) return;
    const { settlement } = this.gate;
    for (let seat = 0; seat < this.#seats; seat++) {
      const lots = settlement.positionOf(seat, instrument);
      if (lots !== 0) settlement.charge(seat, instrument, Number(minorOf(lots)));
    }
  }

  split(instrument: number, numerator: number, denominator: number): void {
    if (this.#isBound) this.gate.settlement.split(instrument, numerator, denominator);
  }

  /** An execution that no order here explains. */
  foreign(
    strategy: number,
    instrument: number,
    side: number,
    lots: number,
    ticks: number,
    nowNs: number,
  ): void {
    if (!this.#isBound) return;
    this.#beginDays(nowNs);
    this.gate.settlement.book(strategy, instrument, side, lots, ticks, nowNs);
  }

  /** Hands the records of decisions to the run's digest, and to whoever listens. */
  seal(): void {
    this.gate.sealInto({
      update: (bytes) => {
        this.sink?.(bytes);
        this.#digest.update(bytes);
      },
    });
  }

  /** The state beside the gate's own, JSON-safe; records that wait are sealed first. */
  save(): SavedRiskDesk {
    this.seal();
    const places: [number, number][] = [];
    for (let row = 0; row < this.#places.length; row++) {
      const place = this.#places[row] as number;
      if (place >= 0) places.push([row, place]);
    }
    return { nextDayNs: this.#nextDayNs, day: this.#day, digest: this.#digest.save(), places };
  }

  load(saved: SavedRiskDesk): void {
    this.#nextDayNs = saved.nextDayNs;
    this.#day = saved.day;
    this.#digest.load(saved.digest);
    this.#places.fill(-1);
    for (const [row, place] of saved.places) this.#places[row] = place;
  }

  /** The digest of all decisions so far. */
  hex(): string {
    this.seal();
    return this.#digest.hex();
  }

  /** The gate's day begins with the first order or execution of a UTC day. */
  #beginDays(nowNs: number): void {
    while (nowNs >= this.#nextDayNs) {
      this.#day += 1;
      this.#nextDayNs += Number(DAY_NS);
      if (nowNs < this.#nextDayNs) this.#enter(() => this.gate.control.newDay(nowNs, this.#day));
    }
  }

  /** Room for records, and fresh prices. */
  #prepare(instrument: number, nowNs: number): void {
    if (this.gate.recordsWaiting > MOST_WAITING) this.seal();
    this.#beginDays(nowNs);
    this.#freshen(instrument, nowNs);
  }

  /** Tells the gate the prices of an order's instrument and of those with a position. */
  #freshen(instrument: number, nowNs: number): void {
    for (let i = 0; i < this.#stations.length; i++) {
      const station = this.#stations[i] as Station;
      if (i !== instrument && !this.gate.settlement.hasPosition(i)) continue;
      const { bestBid, bestAsk } = station.book;
      const seenNs = station.seenNs[0] as number;
      const last = station.lastTicks[0] as number;
      if (!Number.isNaN(last)) this.gate.settlement.trade(i, last, seenNs);
      const bid = bestBid === NO_BID ? Number.NaN : bestBid;
      this.gate.settlement.quote(i, bid, bestAsk === NO_ASK ? Number.NaN : bestAsk, Math.min(seenNs, nowNs));
    }
  }
}
