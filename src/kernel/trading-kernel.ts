import { checkArray, checkInteger, Fault, Prng, type Refusal, refuse } from "../base/index.ts";
import { FeeModel, Ledger } from "../ledger/index.ts";
import {
  type Currency,
  MESSAGE_FIELD as FIELD,
  type Instrument,
  type Money,
  type OrderRequest,
  REASONS,
  REPORT,
  type ReplaceRequest,
} from "../model/index.ts";
import { apply, ORDER_EVENT, OrderEvent, OrderStore, type OrderTerms, OUTCOME } from "../order/index.ts";
import type { OutboundOrder, VenueDoor } from "../port/index.ts";
import type {
  FillReason,
  OrderEventKind,
  OrderTicket,
  PositionView,
  Strategy,
  StrategyClock,
} from "../strategy/index.ts";
import { KernelClock } from "./clock.ts";
import { EFFECT, EffectLog } from "./effect-log.ts";
import type { KernelObserver } from "./observer.ts";
import { checkRequest, isPrice } from "./order-check.ts";
import { PortfolioFlyweight } from "./portfolio.ts";
import type { KernelRefusalCode } from "./refusals.ts";
import { FillFlyweight, OrderFlyweight, PositionFlyweight } from "./report-views.ts";
import { Slot } from "./slot.ts";
import { Station } from "./station.ts";
import { Ticket } from "./ticket.ts";
import { Timers } from "./timers.ts";
import { ViewGuard } from "./view-guard.ts";

/** What a {@link TradingKernel} is made from. */
export interface KernelOptions {
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly Strategy[];
  /** Cash at the start, one amount a currency. */
  readonly cash: readonly Money[];
  /** The currency everything is valued in. */
  readonly reporting: Currency;
  readonly seed: number;
  /** Epoch ns that all times of the run count from. */
  readonly baseNs: bigint;
  /** Orders open at one time over all strategies; 4,096 unless given. */
  readonly orderCapacity?: number;
  /** Poisons views after their callback. */
  readonly debug?: boolean;
}

const OK = Object.freeze({ ok: true as const });
const STATE_EVENTS: readonly number[] = [
  ORDER_EVENT.ack,
  ORDER_EVENT.reject,
  ORDER_EVENT.cancelAck,
  ORDER_EVENT.expire,
  ORDER_EVENT.replaceAck,
  ORDER_EVENT.cancelReject,
  ORDER_EVENT.replaceReject,
];
const KIND_WORDS: readonly OrderEventKind[] = [
  "accepted",
  "rejected",
  "canceled",
  "expired",
  "replaced",
  "cancelRejected",
  "replaceRejected",
];

/**
 * The deterministic core: takes one input at a time (a row of the feed, a report, a timer), settles it into
 * books, orders and ledger, lets the strategies decide, and hands their orders to the venues' doors. It knows
 * neither where inputs come from nor what time it is beyond `nowNs`.
 *
 * @units `nowNs[0]`: ns from the session's base; the caller sets it before every input
 * @invariant Equal inputs in equal order give equal effects: `effects.hex()` tells.
 */
export class TradingKernel {
  readonly instruments: readonly Instrument[];
  readonly stations: readonly Station[];
  readonly slots: readonly Slot[];
  readonly orders: OrderStore;
  readonly ledger: Ledger;
  readonly timers: Timers = new Timers();
  readonly effects: EffectLog = new EffectLog();
  readonly portfolio: PortfolioFlyweight;
  readonly nowNs: Float64Array = new Float64Array(1);
  readonly baseNs: bigint;
  /** How often a strategy sent something or set a timer: who holds times of the future looks again. */
  readonly activity: { count: number } = { count: 0 };
  /** Reports whose order was no longer held. */
  staleReports = 0;
  /** Reports that were not legal where they came: accounted for, nothing overwritten. */
  anomalies = 0;
  /** Cancel and replace requests sent. */
  cancelsSent = 0;
  replacesSent = 0;
  observer: KernelObserver | undefined = undefined;
  readonly #byName: Map<string, Station | "ambiguous"> = new Map();
  readonly #tickets: (Ticket | undefined)[];
  readonly #fees: readonly FeeModel[];
  readonly #event: OrderEvent = new OrderEvent();
  readonly #terms: OrderTerms;
  readonly #outbound: OutboundOrder;
  readonly #orderView: OrderFlyweight;
  readonly #fillView: FillFlyweight;
  #requests = 0;

  constructor(options: KernelOptions) {
    const { instruments, strategies } = options;
    this.instruments = checkArray("kernel.instruments", instruments);
    this.baseNs = options.baseNs;
    const capacity = checkInteger("kernel.orderCapacity", options.orderCapacity ?? 4096, 1, 1 << 20);
    this.orders = new OrderStore({ capacity });
    this.#tickets = new Array<Ticket | undefined>(capacity).fill(undefined);
    this.ledger = new Ledger({ instruments, cash: options.cash, reporting: options.reporting });
    this.#fees = instruments.map((instrument) => new FeeModel({ instrument }));
    this.stations = instruments.map((instrument, i) => {
      const position = new PositionFlyweight(instrument, this.ledger, i);
      return new Station(i, instrument, position, this.nowNs);
    });
    for (const station of this.stations) this.#register(station);
    this.portfolio = new PortfolioFlyweight(this.ledger, this.stations, options.reporting, (name) =>
      this.stationOf(name),
    );
    this.#orderView = new OrderFlyweight(this.nowNs);
    this.#fillView = new FillFlyweight(this.nowNs);
    this.#terms = emptyTerms();
    this.#outbound = emptyOutbound();
    const rng = new Prng(options.seed);
    const guard = options.debug === true ? new ViewGuard() : undefined;
    this.slots = checkArray("kernel.strategies", strategies).map(
      (strategy, i) => new Slot(this, i, strategy, rng.fork(`strategy ${i}`), guard),
    );
    for (const station of this.stations) this.#subscribe(station);
  }

  /** Ties an instrument to the venue that takes its orders. */
  connect(index: number, door: VenueDoor): void {
    (this.stations[index] as Station).door = door;
  }

  clockOf(owner: number): StrategyClock {
    return new KernelClock(this, owner);
  }

  /** The station of an instrument. @throws `FAULT_INPUT` when the name is unknown or stands for several. */
  stationOf(name: string): Station {
    const station = this.#byName.get(name);
    if (station instanceof Station) return station;
    const known = this.instruments.map((instrument) => instrument.key).join(", ");
    const expected = station === "ambiguous" ? `a full key, one of ${known}` : `one of ${known}`;
    throw new Fault("FAULT_INPUT", { path: "instrument", value: name, expected });
  }

  // --- inputs ---

  start(): void {
    for (const slot of this.slots) slot.strategy.onStart?.(slot);
  }

  stop(): void {
    for (const slot of this.slots) slot.strategy.onStop?.(slot);
  }

  /** Fires the next timer. */
  timer(): void {
    const { owner, id } = this.timers.take();
    const slot = this.slots[owner] as Slot;
    slot.strategy.onTimer?.(id, slot);
  }

  /** One report of a venue: a record of `MESSAGE_FIELD` at `offset`. */
  report(station: Station, cells: Float64Array, offset: number): void {
    const row = cells[offset + FIELD.row] as number;
    if (!this.orders.isCurrent(row, cells[offset + FIELD.id] as number)) {
      this.staleReports += 1;
      return;
    }
    const ticket = this.#tickets[row] as Ticket;
    const kind = cells[offset + FIELD.kind] as number;
    if (kind === REPORT.trade) this.#settleTrade(station, ticket, cells, offset);
    else this.#settleState(kind, ticket, cells, offset);
    if (ticket.isHeld && !this.orders.isOpen(row) && this.orders.pendingCount[row] === 0)
      this.#release(ticket);
  }

  /** A cash dividend of `minorPerLot` minor units a lot. */
  dividend(station: Station, minorPerLot: number): void {
    this.ledger.dividend(station.index, BigInt(minorPerLot));
    this.effects.put(EFFECT.dividend, this.nowNs[0] as number, 0, station.index, minorPerLot, 0, 0, 0);
    this.#tellPosition(station);
  }

  /** `numerator` new units stand for `denominator` old ones. */
  split(station: Station, numerator: number, denominator: number): void {
    this.ledger.split(station.index, BigInt(numerator), BigInt(denominator));
    this.effects.put(EFFECT.split, this.nowNs[0] as number, 0, station.index, numerator, denominator, 0, 0);
    this.#tellPosition(station);
  }

  // --- decisions ---

  submit(slot: Slot, request: OrderRequest): OrderTicket | Refusal {
    const station =
      typeof request === "object" && request !== null ? this.#find(request.instrument) : undefined;
    if (station === undefined) {
      return this.#refused(slot, badInstrument(request, this.instruments));
    }
    const terms = this.#terms;
    const now = this.nowNs[0] as number;
    const refusal = checkRequest(request, station.instrument, now, terms);
    if (refusal !== undefined) return this.#refused(slot, refusal);
    if (!slot.isWarm) {
      return this.#refused(
        slot,
        refuse("ORDER_NOT_WARM", "warmup", false, "the strategy's warm-up to have passed"),
      );
    }
    const door = station.door;
    if (door === undefined) {
      return this.#refused(
        slot,
        refuse("ORDER_NO_VENUE", "instrument", request.instrument, "a connected venue"),
      );
    }
    terms.instrument = station.index;
    terms.strategy = slot.index;
    const row = this.orders.open(terms);
    if (row < 0) {
      const expected = `at most ${this.orders.capacity} orders at one time`;
      return this.#refused(slot, refuse("ORDER_CAPACITY", "orders", this.orders.size, expected));
    }
    apply(this.orders, row, this.#event.set(ORDER_EVENT.submit));
    const ticket = new Ticket(this.orders, row, station.instrument, request.side, request.tag ?? "");
    this.#tickets[row] = ticket;
    this.effects.put(
      EFFECT.submitted,
      now,
      ticket.id,
      station.index * 64 + terms.type * 32 + terms.timeInForce * 4 + terms.flags,
      terms.side,
      terms.priceTicks,
      terms.lots,
      slot.index,
    );
    this.#sendOut(door, row, terms);
    if (this.observer !== undefined) this.observer.submitted(ticket, station, now);
    return ticket;
  }

  cancel(slot: Slot, ticket: OrderTicket): { readonly ok: true } | Refusal {
    const refusal = this.#checkOwn(slot, ticket);
    if (refusal !== undefined) return this.#refused(slot, refusal);
    const own = ticket as Ticket;
    this.#requests += 1;
    const event = this.#event.set(ORDER_EVENT.cancelRequest);
    event.requestId = this.#requests;
    const outcome = apply(this.orders, own.row, event);
    if (outcome !== OUTCOME.applied) return this.#refused(slot, requestRefusal(outcome, own));
    this.cancelsSent += 1;
    this.effects.put(EFFECT.cancelSent, this.nowNs[0] as number, own.id, this.#requests, 0, 0, 0, slot.index);
    this.activity.count += 1;
    this.#doorOf(own).cancel(own.row, own.id, this.#requests);
    return OK;
  }

  replace(slot: Slot, ticket: OrderTicket, change: ReplaceRequest): { readonly ok: true } | Refusal {
    const refusal = this.#checkOwn(slot, ticket) ?? checkChange(change, ticket);
    if (refusal !== undefined) return this.#refused(slot, refusal);
    const own = ticket as Ticket;
    const tick = change.priceTicks ?? own.priceTicks;
    const lots = change.lots ?? own.lots;
    this.#requests += 1;
    const event = this.#event.set(ORDER_EVENT.replaceRequest);
    event.requestId = this.#requests;
    event.newTicks = tick;
    event.newLots = lots;
    const outcome = apply(this.orders, own.row, event);
    if (outcome !== OUTCOME.applied) return this.#refused(slot, requestRefusal(outcome, own));
    this.replacesSent += 1;
    this.effects.put(
      EFFECT.replaceSent,
      this.nowNs[0] as number,
      own.id,
      this.#requests,
      tick,
      lots,
      0,
      slot.index,
    );
    this.activity.count += 1;
    this.#doorOf(own).replace(own.row, own.id, this.#requests, tick, lots);
    return OK;
  }

  openOrders(slot: Slot, instrument: string | undefined): readonly OrderTicket[] {
    const only = instrument === undefined ? -1 : this.stationOf(instrument).index;
    const open: OrderTicket[] = [];
    for (let row = this.orders.firstOfStrategy(slot.index); row >= 0; row = this.orders.nextOfStrategy(row)) {
      if (only < 0 || this.orders.instrument[row] === only) open.push(this.#tickets[row] as Ticket);
    }
    return open;
  }

  /** What is left at the end, canonical: part of the run hash. */
  finalState(): Readonly<Record<string, unknown>> {
    this.portfolio.mark();
    return {
      positions: Array.from(this.ledger.positionLots),
      equityMinor: this.ledger.equityMinor(),
      openOrders: this.orders.size,
      ordersSent: this.orders.nextId - 1,
      effects: this.effects.count,
      staleReports: this.staleReports,
      anomalies: this.anomalies,
    };
  }

  // --- settling ---

  #settleTrade(station: Station, ticket: Ticket, cells: Float64Array, offset: number): void {
    const event = this.#event.set(ORDER_EVENT.trade);
    const { orders } = this;
    const row = ticket.row;
    event.execId = cells[offset + FIELD.execId] as number;
    event.lastTicks = cells[offset + FIELD.priceTicks] as number;
    event.lastLots = cells[offset + FIELD.lots] as number;
    const outcome = apply(orders, row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    const lots = event.bookedLots;
    if (!(lots > 0)) return;
    const tick = event.bookedTicks;
    const sign = orders.side[row] as number;
    const maker = cells[offset + FIELD.maker] === 1;
    const reason = cells[offset + FIELD.reason] as number;
    const feeMinor = (this.#fees[station.index] as FeeModel).feeMinor(tick, lots, sign, maker);
    this.ledger.fill(station.index, sign, tick, lots, feeMinor);
    this.activity.count += 1;
    const now = this.nowNs[0] as number;
    this.effects.put(
      EFFECT.filled,
      now,
      ticket.id,
      sign,
      tick,
      lots,
      Number(feeMinor),
      reason * 2 + (maker ? 1 : 0),
    );
    const view = this.#fillView;
    view.ticket = ticket;
    view.priceTicks = tick as typeof view.priceTicks;
    view.lots = lots as typeof view.lots;
    view.maker = maker;
    view.reason = REASONS[reason] as FillReason;
    view.exchNs = cells[offset + FIELD.exchNs] as number;
    view.feeMinor = feeMinor;
    if (this.observer !== undefined) this.observer.filled(view, ticket, station);
    const slot = this.slots[orders.strategy[row] as number] as Slot;
    const orderView = this.#orderView;
    orderView.ticket = ticket;
    orderView.kind = orders.isOpen(row) ? "partiallyFilled" : "filled";
    orderView.reason = view.reason;
    slot.onOrder(orderView);
    slot.onFill(view);
    this.#tellPosition(station);
  }

  #settleState(kind: number, ticket: Ticket, cells: Float64Array, offset: number): void {
    const event = this.#event.set(STATE_EVENTS[kind] as number);
    const requestId = cells[offset + FIELD.requestId] as number;
    const reason = cells[offset + FIELD.reason] as number;
    if (kind === REPORT.canceled && requestId === 0) event.type = ORDER_EVENT.unsolicitedCancel;
    event.requestId = requestId;
    event.reason = reason;
    if (kind === REPORT.replaced) {
      event.newTicks = cells[offset + FIELD.priceTicks] as number;
      event.newLots = cells[offset + FIELD.lots] as number;
    }
    const outcome = apply(this.orders, ticket.row, event);
    if (outcome !== OUTCOME.applied) this.anomalies += 1;
    const now = this.nowNs[0] as number;
    const exchNs = cells[offset + FIELD.exchNs] as number;
    this.effects.put(EFFECT.report, now, ticket.id, kind, requestId, reason, exchNs, outcome);
    const word = REASONS[reason] as string;
    if (this.observer !== undefined) this.observer.reported(kind, ticket, word, now, exchNs);
    const view = this.#orderView;
    view.ticket = ticket;
    view.kind = KIND_WORDS[kind] as OrderEventKind;
    view.reason = word;
    (this.slots[this.orders.strategy[ticket.row] as number] as Slot).onOrder(view);
  }

  #release(ticket: Ticket): void {
    ticket.finish();
    this.#tickets[ticket.row] = undefined;
    this.orders.free(ticket.row);
  }

  #tellPosition(station: Station): void {
    const view: PositionView = station.position;
    for (const slot of this.slots) slot.strategy.onPosition?.(view, slot);
  }

  // --- sending ---

  #sendOut(door: VenueDoor, row: number, terms: OrderTerms): void {
    const out = this.#outbound;
    out.row = row;
    out.id = this.orders.id[row] as number;
    out.sideSign = terms.side;
    out.type = terms.type;
    out.timeInForce = terms.timeInForce;
    out.flags = terms.flags;
    out.priceTicks = terms.priceTicks;
    out.lots = terms.lots;
    out.expireNs = terms.expireNs;
    this.activity.count += 1;
    door.submit(out);
  }

  #doorOf(ticket: Ticket): VenueDoor {
    return (this.stations[this.orders.instrument[ticket.row] as number] as Station).door as VenueDoor;
  }

  #checkOwn(slot: Slot, ticket: OrderTicket): Refusal<KernelRefusalCode> | undefined {
    if (!(ticket instanceof Ticket)) {
      return refuse("ORDER_NOT_YOURS", "ticket", ticket, "a ticket that submit returned");
    }
    if (!ticket.isHeld)
      return refuse("ORDER_NOT_OPEN", "ticket", ticket.id, `an open order, not ${ticket.status}`);
    if (this.#tickets[ticket.row] === ticket && this.orders.strategy[ticket.row] === slot.index)
      return undefined;
    return refuse("ORDER_NOT_YOURS", "ticket", ticket.id, "an order of this strategy in this run");
  }

  #refused(slot: Slot, refusal: Refusal): Refusal {
    this.effects.put(EFFECT.refused, this.nowNs[0] as number, 0, codeHash(refusal.code), 0, 0, 0, slot.index);
    if (this.observer !== undefined) this.observer.refused(refusal);
    return refusal;
  }

  #find(name: unknown): Station | undefined {
    const station = this.#byName.get(name as string);
    return station instanceof Station ? station : undefined;
  }

  #register(station: Station): void {
    const { key, symbol } = station.instrument;
    if (this.#byName.has(key)) {
      throw new Fault("FAULT_CONFIG", {
        path: "kernel.instruments",
        value: key,
        expected: "each instrument once",
      });
    }
    this.#byName.set(key, station);
    this.#byName.set(symbol, this.#byName.has(symbol) ? "ambiguous" : station);
  }

  #subscribe(station: Station): void {
    const warming = this.slots.filter((slot) => !slot.isWarm);
    const listening = (has: (strategy: Strategy) => boolean): Slot[] =>
      this.slots.filter((slot) => has(slot.strategy) || warming.includes(slot));
    station.bookSlots = listening((strategy) => strategy.onBook !== undefined);
    station.tradeSlots = listening((strategy) => strategy.onTrade !== undefined);
    station.quoteSlots = listening((strategy) => strategy.onQuote !== undefined);
    station.barSlots = listening((strategy) => strategy.onBar !== undefined);
  }
}

function badInstrument(request: OrderRequest, known: readonly Instrument[]): Refusal<KernelRefusalCode> {
  if (typeof request !== "object" || request === null) {
    return refuse("ORDER_MALFORMED", "request", request, "an order request");
  }
  const expected = `one of ${known.map((instrument) => instrument.key).join(", ")}`;
  return refuse("ORDER_INSTRUMENT_UNKNOWN", "instrument", request.instrument, expected);
}

function checkChange(change: ReplaceRequest, ticket: OrderTicket): Refusal<KernelRefusalCode> | undefined {
  if (typeof change !== "object" || change === null) {
    return refuse("ORDER_MALFORMED", "terms", change, "{ priceTicks?, lots? }");
  }
  for (const key in change) {
    if (key === "priceTicks" || key === "lots") continue;
    return refuse("ORDER_MALFORMED", key, Reflect.get(change, key), "priceTicks or lots");
  }
  const { priceTicks, lots } = change;
  const { minLots, maxLots } = ticket.instrument;
  if (lots !== undefined && !(Number.isSafeInteger(lots) && lots >= minLots && lots <= maxLots)) {
    return refuse("ORDER_QUANTITY", "lots", lots, `a whole number of lots within ${minLots} and ${maxLots}`);
  }
  if (priceTicks !== undefined && !isPrice(priceTicks)) {
    return refuse("ORDER_PRICE", "priceTicks", priceTicks, "a whole number of ticks");
  }
  return undefined;
}

function requestRefusal(outcome: number, ticket: Ticket): Refusal<KernelRefusalCode> {
  if (outcome === OUTCOME.requestPending || outcome === OUTCOME.requestsFull) {
    return refuse("ORDER_REQUEST_PENDING", "ticket", ticket.id, "no earlier request on its way");
  }
  return refuse("ORDER_NOT_OPEN", "ticket", ticket.id, `an open order, not ${ticket.status}`);
}

function codeHash(code: string): number {
  let hash = 0;
  for (let i = 0; i < code.length; i++) hash = (Math.imul(hash, 31) + code.charCodeAt(i)) | 0;
  return hash;
}

function emptyTerms(): OrderTerms {
  return {
    instrument: 0,
    strategy: 0,
    side: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: 0,
    lots: 1,
    expireNs: Number.POSITIVE_INFINITY,
    createdNs: 0.5,
  };
}

function emptyOutbound(): OutboundOrder {
  return {
    row: 0,
    id: 0,
    sideSign: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: 0,
    lots: 1,
    expireNs: Number.POSITIVE_INFINITY,
  };
}
