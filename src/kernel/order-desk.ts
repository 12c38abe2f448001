import { checkInteger, Fault, type Refusal, refuse } from "../base/index.ts";
import type { OrderRequest, ReplaceRequest, Side } from "../model/index.ts";
import {
  apply,
  ORDER_EVENT,
  OrderEvent,
  type OrderStore,
  type OrderTerms,
  OUTCOME,
  replaceRequestOutcome,
} from "../order/index.ts";
import type { VenueDoor } from "../port/index.ts";
import { ApprovedOrder } from "../risk/index.ts";
import type { OrderTicket } from "../strategy/index.ts";
import { badInstrument, checkHeld, checkReady, requestRefusal, stopped } from "./desk-refusal.ts";
import { EFFECT } from "./effect-log.ts";
import { checkChange, checkFields, checkRequest } from "./order-check.ts";
import type { KernelRefusalCode } from "./refusals.ts";
import type { RiskDesk } from "./risk-desk.ts";
import type { Slot } from "./slot.ts";
import type { Station } from "./station.ts";
import { Ticket } from "./ticket.ts";
import type { TradingKernel } from "./trading-kernel.ts";

const OK = Object.freeze({ ok: true as const });

interface Lingering {
  readonly row: number;
  readonly id: number;
  /** When it ended. */
  readonly ns: number;
}

/** What an {@link OrderDesk} holds beside the order store, JSON-safe. */
export interface SavedOrderDesk {
  readonly cancelsSent: number;
  readonly replacesSent: number;
  readonly requests: number;
  /** Rows and the tags of their orders. */
  readonly tags: readonly (readonly [number, string])[];
  readonly lingering: readonly Lingering[];
}

/**
 * Where strategies' wishes become orders: checked, entered in the store, recorded, handed to the venue's door.
 *
 * @invariant What is refused changes nothing but the record of refusals.
 * @invariant A ticket is good for the strategy it was given to, in its run, while its order lives.
 */
export class OrderDesk {
  /** Cancel and replace requests sent. */
  cancelsSent = 0;
  replacesSent = 0;
  /** Told of every refusal, and whose wish it was. @internal */
  onRefused: ((slot: Slot, refusal: Refusal, nowNs: number) => void) | undefined = undefined;
  readonly #kernel: TradingKernel;
  readonly #orders: OrderStore;
  readonly #tickets: (Ticket | undefined)[];
  readonly #event: OrderEvent = new OrderEvent();
  readonly #terms: OrderTerms = emptyTerms();
  readonly #risk: RiskDesk;
  #requests = 0;
  /** Finished orders that are still held, oldest first: what may still be told of them is known again. */
  readonly #lingering: Lingering[] = [];
  readonly #lingerNs: number;

  constructor(kernel: TradingKernel, orders: OrderStore, risk: RiskDesk, lingerNs: number) {
    this.#kernel = kernel;
    this.#risk = risk;
    this.#lingerNs = lingerNs;
    this.#orders = orders;
    this.#tickets = new Array<Ticket | undefined>(orders.capacity).fill(undefined);
  }

  /** The ticket of a row that is held. */
  ticketOf(row: number): Ticket {
    return this.#tickets[row] as Ticket;
  }

  /** Lets a finished order's row be used again. */
  release(ticket: Ticket): void {
    ticket.finish();
    this.#risk.forget(ticket.row);
    this.#tickets[ticket.row] = undefined;
    this.#orders.free(ticket.row);
  }

  /** An event was applied to an order: where it is over, its row may be used again, at once or after a while. */
  settled(ticket: Ticket): void {
    const { row } = ticket;
    const orders = this.#orders;
    if (goesOn(orders, row) || !ticket.isHeld) return;
    if (this.#lingerNs === 0) {
      this.release(ticket);
      return;
    }
    const now = this.#kernel.nowNs[0] as number;
    this.#lingering.push({ row, id: ticket.id, ns: now });
    this.#sweep(now - this.#lingerNs);
  }

  /** What the desk holds beside the order store, JSON-safe. */
  save(): SavedOrderDesk {
    const { cancelsSent, replacesSent } = this;
    const tags: [number, string][] = [];
    for (const [row, ticket] of this.#tickets.entries())
      if (ticket !== undefined) tags.push([row, ticket.tag]);
    return { cancelsSent, replacesSent, requests: this.#requests, tags, lingering: [...this.#lingering] };
  }

  /** Goes on from a state that `save` gave; the order store has its own already. */
  load(saved: SavedOrderDesk): void {
    this.cancelsSent = saved.cancelsSent;
    this.replacesSent = saved.replacesSent;
    this.#requests = saved.requests;
    this.#lingering.splice(0, this.#lingering.length, ...saved.lingering);
    for (const [row, tag] of saved.tags) {
      const { instrument } = this.#kernel.stations[this.#orders.instrument[row] as number] as Station;
      const side = this.#orders.side[row] === 1 ? "buy" : "sell";
      this.#tickets[row] = new Ticket(this.#orders, row, instrument, side, tag);
    }
  }

  /** Lets go of orders that ended at `endedNs` or before; one that came back to life is forgotten here. */
  #sweep(endedNs: number): void {
    const lingering = this.#lingering;
    let gone = 0;
    for (const { row, id, ns } of lingering) {
      if (ns > endedNs) break;
      gone += 1;
      const orders = this.#orders;
      if (!orders.isCurrent(row, id) || goesOn(orders, row)) continue;
      this.release(this.ticketOf(row));
    }
    if (gone > 0) lingering.splice(0, gone);
  }

  /** Leaves out the next numbers of requests. */
  skipRequests(count: number): void {
    this.#requests += checkInteger("orders.skipRequests", count, 0);
  }

  submit(slot: Slot, request: OrderRequest): OrderTicket | Refusal {
    const kernel = this.#kernel;
    kernel.checkWhole();
    if (slot.fault !== undefined) return this.refused(slot, stopped(slot));
    const wrong = checkFields(request);
    if (wrong !== undefined) return this.refused(slot, wrong);
    const station = kernel.findStation(request.instrument);
    if (station === undefined) return this.refused(slot, badInstrument(request, kernel.instruments));
    const terms = this.#terms;
    const now = kernel.nowNs[0] as number;
    const refusal = checkRequest(request, station, now, terms) ?? checkReady(slot, station);
    if (refusal !== undefined) return this.refused(slot, refusal);
    const { side, tag, parent = 0, slice = 0 } = request;
    this.#risk.name(parent, slice);
    // From here on nothing of the strategy's is read: what throws is not its fault.
    try {
      return this.#enter(slot, station, side, tag ?? "");
    } catch (error) {
      throw kernel.broke(error);
    }
  }

  /** What would refuse an order now, without any effect of it. */
  explain(slot: Slot, request: OrderRequest): readonly Refusal[] {
    const kernel = this.#kernel;
    kernel.checkWhole();
    if (slot.fault !== undefined) return [stopped(slot)];
    const wrong = checkFields(request);
    if (wrong !== undefined) return [wrong];
    const station = kernel.findStation(request.instrument);
    if (station === undefined) return [badInstrument(request, kernel.instruments)];
    const terms = this.#terms;
    const now = kernel.nowNs[0] as number;
    const refusal = checkRequest(request, station, now, terms) ?? checkReady(slot, station);
    if (refusal !== undefined) return [refusal];
    terms.instrument = station.index;
    terms.strategy = slot.index;
    this.#risk.name(request.parent ?? 0, request.slice ?? 0);
    try {
      return this.#risk.explain(terms, now);
    } catch (error) {
      throw kernel.broke(error);
    }
  }

  /** Has an order decided, entered and handed to its door: its fields are checked and stand in the terms. */
  #enter(slot: Slot, station: Station, side: Side, tag: string): OrderTicket | Refusal {
    const kernel = this.#kernel;
    const terms = this.#terms;
    const now = kernel.nowNs[0] as number;
    terms.instrument = station.index;
    terms.strategy = slot.index;
    if (this.#orders.nextRow < 0 && this.#lingering.length > 0) this.#sweep(this.#lingering[0]?.ns ?? now);
    if (this.#orders.nextRow < 0) {
      const expected = `at most ${this.#orders.capacity} orders at one time`;
      return this.refused(slot, refuse("ORDER_CAPACITY", "orders", this.#orders.size, expected));
    }
    const approved = this.#risk.check(terms, now);
    if (!(approved instanceof ApprovedOrder)) return this.refused(slot, approved);
    const row = this.#orders.open(terms);
    this.#risk.opened(row);
    apply(this.#orders, row, this.#event.set(ORDER_EVENT.submit));
    const ticket = new Ticket(this.#orders, row, station.instrument, side, tag);
    this.#tickets[row] = ticket;
    kernel.effects.put(
      EFFECT.submitted,
      now,
      ticket.id,
      station.index * 64 + terms.type * 32 + terms.timeInForce * 4 + terms.flags,
      terms.side,
      terms.priceTicks,
      terms.lots,
      slot.index,
    );
    const { parent, slice } = this.#risk;
    if (parent !== 0) kernel.effects.put(EFFECT.child, now, ticket.id, parent, slice, 0, 0, slot.index);
    kernel.activity.count += 1;
    const late = this.#send(station.door as VenueDoor<ApprovedOrder>, approved);
    if (late !== undefined) return this.#takeBack(slot, ticket, late);
    if (kernel.observer !== undefined) kernel.observer.submitted(ticket, station, now);
    return ticket;
  }

  cancel(slot: Slot, ticket: OrderTicket): { readonly ok: true } | Refusal {
    this.#kernel.checkWhole();
    const refusal = this.#checkOwn(slot, ticket);
    if (refusal !== undefined) return this.refused(slot, refusal);
    try {
      return this.#cancel(slot, ticket as Ticket);
    } catch (error) {
      throw this.#kernel.broke(error);
    }
  }

  /**
   * Asks for everything of a stopped strategy that may fill, today or another day, and was not asked for; or counts it.
   *
   * @returns how many of its orders may fill, however often they were asked for
   */
  wantBack(slot: Slot, asks: boolean): number {
    const held = this.#tickets.filter((each) => each?.strategy === slot.index && each.isHeld) as Ticket[];
    let open = 0;
    for (const ticket of held.sort((left, right) => left.id - right.id)) {
      if (!ticket.isOpen && !this.#orders.restsOvernight(ticket.row)) continue;
      open += 1;
      if (asks && !this.#orders.isCanceling(ticket.row)) this.#cancel(slot, ticket);
    }
    return open;
  }

  #cancel(slot: Slot, own: Ticket): { readonly ok: true } | Refusal {
    const kernel = this.#kernel;
    this.#requests += 1;
    const event = this.#event.set(ORDER_EVENT.cancelRequest);
    event.requestId = this.#requests;
    const outcome = apply(this.#orders, own.row, event);
    if (outcome !== OUTCOME.applied) return this.refused(slot, requestRefusal(outcome, own));
    this.cancelsSent += 1;
    const now = kernel.nowNs[0] as number;
    kernel.effects.put(EFFECT.cancelSent, now, own.id, this.#requests, 0, 0, 0, slot.index);
    kernel.activity.count += 1;
    this.#risk.canceling(own.row, now);
    kernel.observer?.canceling?.(own, now);
    this.#doorOf(own).cancel(own.row, own.id, this.#requests);
    return OK;
  }

  replace(slot: Slot, ticket: OrderTicket, change: ReplaceRequest): { readonly ok: true } | Refusal {
    this.#kernel.checkWhole();
    const refusal = this.#checkOwn(slot, ticket) ?? checkChange(change, ticket);
    if (refusal !== undefined) return this.refused(slot, refusal);
    const own = ticket as Ticket;
    const held = checkHeld(this.#stationOf(own));
    if (held !== undefined) return this.refused(slot, held);
    const tick = change.priceTicks ?? own.priceTicks;
    const lots = change.lots ?? own.lots;
    try {
      return this.#change(slot, own, tick, lots);
    } catch (error) {
      throw this.#kernel.broke(error);
    }
  }

  #change(slot: Slot, own: Ticket, tick: number, lots: number): { readonly ok: true } | Refusal {
    const kernel = this.#kernel;
    const now = kernel.nowNs[0] as number;
    this.#requests += 1;
    const event = this.#event.set(ORDER_EVENT.replaceRequest);
    event.requestId = this.#requests;
    event.newTicks = tick;
    event.newLots = lots;
    const outcome = replaceRequestOutcome(this.#orders, own.row, event);
    if (outcome !== OUTCOME.applied) return this.refused(slot, requestRefusal(outcome, own));
    const approved = this.#risk.checkReplace(own.row, this.#requests, lots, tick, now);
    if (!(approved instanceof ApprovedOrder)) return this.refused(slot, approved);
    const late = this.#send(this.#doorOf(own), approved);
    if (late !== undefined) return this.refused(slot, late);
    apply(this.#orders, own.row, event);
    this.replacesSent += 1;
    kernel.effects.put(EFFECT.replaceSent, now, own.id, this.#requests, tick, lots, 0, slot.index);
    kernel.activity.count += 1;
    return OK;
  }

  /** A strategy's open orders, oldest first; of one instrument where it is given. */
  openOrders(slot: Slot, instrument: string | undefined): readonly OrderTicket[] {
    const orders = this.#orders;
    const only = instrument === undefined ? -1 : this.#kernel.stationOf(instrument).index;
    const open: OrderTicket[] = [];
    for (let row = orders.firstOfStrategy(slot.index); row >= 0; row = orders.nextOfStrategy(row)) {
      if (only < 0 || orders.instrument[row] === only) open.push(this.ticketOf(row));
    }
    return open;
  }

  /** Hands an approval to the door; the refusal where a kill or a change of limits came between. */
  #send(door: VenueDoor<ApprovedOrder>, approved: ApprovedOrder): Refusal | undefined {
    try {
      door.send(approved);
      return undefined;
    } catch (fault) {
      if (!(fault instanceof Fault) || fault.code !== "FAULT_APPROVAL") throw fault;
      this.#risk.gate.abandon(approved);
      return refuse("RISK_APPROVAL_LATE", "approval", fault.value, fault.expected ?? "a good approval");
    }
  }

  /** An order that did not leave: rejected by us, and its row free. */
  #takeBack(slot: Slot, ticket: Ticket, late: Refusal): Refusal {
    apply(this.#orders, ticket.row, this.#event.set(ORDER_EVENT.reject));
    ticket.finish();
    this.#tickets[ticket.row] = undefined;
    this.#orders.free(ticket.row);
    return this.refused(slot, late);
  }

  #doorOf(ticket: Ticket): VenueDoor<ApprovedOrder> {
    return this.#stationOf(ticket).door as VenueDoor<ApprovedOrder>;
  }

  #stationOf(ticket: Ticket): Station {
    return this.#kernel.stations[this.#orders.instrument[ticket.row] as number] as Station;
  }

  #checkOwn(slot: Slot, ticket: OrderTicket): Refusal<KernelRefusalCode> | undefined {
    if (slot.fault !== undefined) return stopped(slot);
    if (!(ticket instanceof Ticket)) {
      return refuse("ORDER_NOT_YOURS", "ticket", ticket, "a ticket that submit returned");
    }
    if (ticket.strategy !== slot.index || !ticket.isOf(this.#orders)) {
      return refuse("ORDER_NOT_YOURS", "ticket", ticket.id, "an order of this strategy in this run");
    }
    if (ticket.isHeld) return undefined;
    return refuse("ORDER_NOT_OPEN", "ticket", ticket.id, `an open order, not ${ticket.status}`);
  }

  /** Records a refusal, and returns it. @internal */
  refused(slot: Slot, refusal: Refusal): Refusal {
    const kernel = this.#kernel;
    const now = kernel.nowNs[0] as number;
    try {
      kernel.effects.put(EFFECT.refused, now, 0, codeHash(refusal.code), 0, 0, 0, slot.index);
      this.onRefused?.(slot, refusal, now);
      if (kernel.observer !== undefined) kernel.observer.refused(refusal);
    } catch (error) {
      throw kernel.broke(error);
    }
    return refusal;
  }
}

/** Whether more is to come of an order: it is open, rests until another day, or waits for an answer. */
function goesOn(orders: OrderStore, row: number): boolean {
  return orders.isOpen(row) || orders.restsOvernight(row) || orders.pendingCount[row] !== 0;
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
