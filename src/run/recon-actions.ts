import { roundTo } from "../base/index.ts";
import type { ReportFee, Station, TradingKernel } from "../kernel/index.ts";
import { type Instrument, REASON } from "../model/index.ts";
import type { Break, ReconAction, VenueFill, VenueOrder } from "../recon/index.ts";
import {
  carryFill,
  type FillWork,
  heldCorrection,
  isBusted,
  moveFills,
  named,
} from "./recon-fill-actions.ts";
import type { ReconFills } from "./recon-fills.ts";
import type { ReconHands, ReconNames } from "./recon-hands.ts";
import type { CarryResult, ReconMoment } from "./recon-moment.ts";
import type { ReconCard, ReconOrders } from "./recon-orders.ts";
import type { ReconReports } from "./recon-reports.ts";
import type { ReconView } from "./recon-view.ts";

/** What actions are carried out with. */
export interface ReconActionParts {
  readonly kernel: TradingKernel;
  readonly stations: readonly number[];
  readonly names: ReconNames;
  readonly orders: ReconOrders;
  readonly fills: ReconFills;
  readonly view: ReconView;
  readonly reports: ReconReports;
  readonly hands: ReconHands;
  readonly foreignStrategy: number;
}

type Of<Type extends ReconAction["type"]> = Extract<ReconAction, { readonly type: Type }>;

/**
 * Carries out the actions of breaks: what reports can say goes to the kernel as a report, the rest to the hands.
 *
 * @invariant Nothing is done twice where the kernel can tell: reports repeat ids, and known ids change nothing.
 */
export class ReconActions {
  readonly #parts: ReconActionParts;
  readonly #stations: ReadonlyMap<string, number>;

  constructor(parts: ReconActionParts) {
    this.#parts = parts;
    this.#stations = new Map(parts.stations.map((station) => [parts.names.instrument(station), station]));
  }

  /** The station of a venue's instrument. */
  stationOf(instrument: string | null): number | undefined {
    return instrument === null ? undefined : this.#stations.get(instrument);
  }

  /** Carries out the action of a break that is due and may be. */
  carry(each: Break, moment: ReconMoment): CarryResult {
    const { action } = each;
    switch (action.type) {
      case "bookFill":
        return this.#bookFill(action, moment);
      case "bustFill":
      case "quarantineFill":
        return carryFill(this.#fillWork(moment), each, action.execId);
      case "queryHistory":
        return this.#query(action.clientOrderIds, moment);
      case "requestStatus":
        return this.#query([action.clientOrderId], moment);
      case "queryFills":
        this.#parts.hands.queryFills(this.stationOf(action.instrument) ?? null, action.fromNs);
        return "asked";
      case "cancelOrder":
        return this.#cancel(action, moment);
      case "answerRequest":
        return this.#answer(action, moment);
      case "applyTerminal":
        return this.#end(action, moment);
      case "closeUnknown":
        return this.#close(action.clientOrderId, moment);
      case "adoptOrder":
        return this.#adopt(action, moment);
      case "takeVenueTerms":
        return this.#restate(action, moment);
      case "correctPosition":
        return this.#correct(action.instrument, action.lots, moment);
      case "haltSymbol":
        return this.#halt(each, action, moment);
      case "adjustCash":
        return this.#adjust(action);
      case "rechargeFee":
        return this.#recharge(action);
    }
  }

  /** Asks what became of an order, unless an action before has ended it. */
  #query(clientOrderIds: readonly string[], moment: ReconMoment): CarryResult {
    const card = this.#cardOf(clientOrderIds[0] as string, moment);
    const row = card === undefined ? undefined : this.#rowOf(card.id, moment);
    const isOver = card !== undefined && (row === undefined || !(this.#isLive(row) || this.#waits(row)));
    if (isOver) return "done";
    this.#parts.hands.queryOrder(clientOrderIds);
    return "asked";
  }

  #cancel(action: Of<"cancelOrder">, moment: ReconMoment): CarryResult {
    const { orderId, clientOrderId, instrument } = action;
    const already = this.#opensItself(clientOrderId, moment);
    if (already !== undefined) return already;
    this.#parts.hands.cancelOrphan(orderId, clientOrderId, this.stationOf(instrument) ?? null);
    return "asked";
  }

  #bookFill({ fill, clientOrderId }: Of<"bookFill">, moment: ReconMoment): CarryResult {
    const { fills, foreignStrategy, names, orders, reports } = this.#parts;
    const station = this.stationOf(fill.instrument);
    if (station === undefined) return "instrument";
    if (fills.get(fill.execId) !== undefined) return "done";
    const card = this.#cardOf(clientOrderId, moment) ?? orders.byOrderId(fill.orderId ?? "");
    const row = card === undefined ? undefined : this.#rowOf(card.id, moment);
    const number = names.execNumber(fill.execId);
    if (card !== undefined && row !== undefined) return this.#trade(card, row, fill, number, moment);
    // It may be of an order of ours whose venue id nobody told yet: that is asked about, and its own report may come.
    if (card === undefined && this.#mayBeOurs(fill, station, moment)) return "waiting";
    const sign = fill.side === "buy" ? 1 : -1;
    const { execId, priceTicks, lots, venueNs, isMaker = false } = fill;
    const fee = feeTold(fill);
    const isOther = fee !== undefined && fee.currency !== this.#quoteOf(station);
    const put = {
      ...{ execId, id: 0, station, sign, priceTicks, lots, venueNs, isMaker },
      ...(isOther ? { feeMinor: String(fee.minor), feeCurrency: fee.currency } : { feeMinor: "0" }),
      latestNs: venueNs,
      number: Number.isSafeInteger(number) ? number : 0,
      orderId: fill.orderId ?? null,
      clientOrderId: fill.clientOrderId ?? null,
    };
    const { nowNs } = moment;
    const at = [priceTicks, nowNs, venueNs] as const;
    reports.foreign(station, foreignStrategy, sign * lots, ...at, { put }, fee, isMaker);
    return "done";
  }

  /**
   * Whether an execution that bears none of our names can be of an order that is open and whose venue id is not known:
   * nobody told it yet, or a replace waits, which may have given it another one.
   */
  #mayBeOurs(fill: VenueFill, station: number, { local }: ReconMoment): boolean {
    if (fill.clientOrderId !== undefined) return false;
    const { instrument, side } = this.#parts.kernel.orders;
    const sign = fill.side === "buy" ? 1 : -1;
    for (const [id, row] of local.rows) {
      const isLike = instrument[row] === station && side[row] === sign && this.#isLive(row);
      if (isLike && (this.#parts.orders.get(id)?.orderId === null || waitsForReplace(local, id))) return true;
    }
    return false;
  }

  #trade(card: ReconCard, row: number, fill: VenueFill, number: number, { nowNs }: ReconMoment): CarryResult {
    const { kernel, names, reports } = this.#parts;
    if (!(Number.isSafeInteger(number) && number > 0)) return "execId";
    const side = (kernel.orders.side[row] as number) > 0 ? "buy" : "sell";
    const instrument = names.instrument(kernel.orders.instrument[row] as number);
    if (fill.side !== side || fill.instrument !== instrument) return "wrongOrder";
    const { priceTicks, lots, venueNs, isMaker = false } = fill;
    if (isBusted(kernel.orders, row, number)) {
      // Taken back here, and it counts at the venue: its number is used up, so it is booked under one of ours.
      const own = reports.nextOwn;
      const change = { own, rename: [card.id, own, fill.execId] } as const;
      const again = { number: own, priceTicks, lots, isMaker };
      reports.traded(row, again, nowNs, venueNs, change, feeTold(fill));
      return "done";
    }
    // A correction that waits for what it corrects has the number already: that execution, booked, becomes this one.
    const waits = heldCorrection(kernel.orders, row, number);
    const change = named(names, card.id, number, fill.execId);
    const told = { number: waits > 0 ? waits : number, priceTicks, lots, isMaker };
    reports.traded(row, told, nowNs, venueNs, change, feeTold(fill));
    return "done";
  }

  /** Whether an order's request has no answer: one that is over may have such. */
  #waits(row: number): boolean {
    return (this.#parts.kernel.orders.pendingCount[row] as number) > 0;
  }

  #answer({ requestId, isAccepted, orderId }: Of<"answerRequest">, moment: ReconMoment): CarryResult {
    const { orders, reports } = this.#parts;
    const waiting = moment.local.requests.get(requestId);
    const row = waiting === undefined ? undefined : this.#rowOf(waiting.id, moment);
    if (waiting === undefined || row === undefined) return "gone";
    if (orderId !== null) orders.name(waiting.id, orderId);
    const { nowNs, asOfNs } = moment;
    if (waiting.kind === "new") reports.accepted(row, nowNs, asOfNs);
    else reports.answered(row, waiting.requestId, isAccepted, nowNs, asOfNs);
    return "done";
  }

  #end({ clientOrderId, state, cumLots }: Of<"applyTerminal">, moment: ReconMoment): CarryResult {
    const card = this.#cardOf(clientOrderId, moment);
    const row = card === undefined ? undefined : this.#rowOf(card.id, moment);
    if (card === undefined || row === undefined) return "gone";
    const isExplained = moment.local.orders.get(card.id)?.cumLots === cumLots;
    card.endState = state;
    this.#finish(row, state, REASON.reconciled, moment);
    return isExplained ? "done" : "cumLots";
  }

  #close(clientOrderId: string, moment: ReconMoment): CarryResult {
    const card = this.#cardOf(clientOrderId, moment);
    const row = card === undefined ? undefined : this.#rowOf(card.id, moment);
    if (row === undefined) return "gone";
    this.#finish(row, "rejected", REASON.unknownOrder, moment);
    return "done";
  }

  /** Ends an order that is open with us. */
  #finish(row: number, state: string, reason: number, { nowNs, asOfNs }: ReconMoment): void {
    if (this.#isLive(row)) this.#parts.reports.ended(row, state, reason, nowNs, asOfNs);
  }

  /** An order that was over is open again where an execution of it was taken back, or will be. */
  #opensItself(clientOrderId: string | null, moment: ReconMoment): CarryResult | undefined {
    const card = this.#cardOf(clientOrderId, moment);
    const row = card === undefined ? undefined : this.#rowOf(card.id, moment);
    if (card === undefined || row === undefined) return undefined;
    if (this.#isLive(row)) return "done";
    return moment.disputed.has(card.id) ? "waiting" : undefined;
  }

  #isLive(row: number): boolean {
    const state = this.#parts.view.stateOf(row);
    return state === "open" || state === "pendingNew";
  }

  #adopt({ order, clientOrderId }: Of<"adoptOrder">, moment: ReconMoment): CarryResult {
    const { hands, orders } = this.#parts;
    const station = this.stationOf(order.instrument);
    if (station === undefined) return "instrument";
    if (orders.byOrderId(order.orderId) !== undefined && clientOrderId === null) return "done";
    const already = this.#opensItself(clientOrderId, moment);
    if (already !== undefined) return already;
    if (hands.adopt === undefined) return "noHand";
    const held = this.#cardOf(clientOrderId, moment) ?? orders.byOrderId(order.orderId);
    const isHeld = held !== undefined && this.#rowOf(held.id, moment) !== undefined;
    const alive = isHeld ? hands.adopt(station, order, held.id) : 0;
    const id = alive > 0 ? alive : hands.adopt(station, order, 0);
    const row = this.#rowOf(id, moment);
    if (row === undefined) return "refused";
    const card = held?.id === id ? held : this.#newCard(id, order, held, moment);
    card.endState = null;
    card.updatedNs = order.updatedNs ?? moment.asOfNs;
    orders.name(id, order.orderId);
    return moveFills(this.#fillWork(moment), card, row, order);
  }

  /** The card of an adopted order: of one that is over here and does not come back, it takes the names. */
  #newCard(
    id: number,
    order: VenueOrder,
    held: ReconCard | undefined,
    { local, nowNs }: ReconMoment,
  ): ReconCard {
    const { orders } = this.#parts;
    const text = order.originalClientOrderId ?? order.clientOrderId ?? order.orderId;
    const isFree = !local.ids.has(text) || held?.clientOrderId === text;
    if (held !== undefined) orders.unname(held.id);
    return orders.adopt(id, nowNs, isFree ? text : order.orderId);
  }

  #restate({ clientOrderId, order }: Of<"takeVenueTerms">, moment: ReconMoment): CarryResult {
    const { hands } = this.#parts;
    const card = this.#cardOf(clientOrderId, moment);
    const own = card === undefined ? undefined : moment.local.orders.get(card.id);
    if (card === undefined || own === undefined) return "gone";
    if (own.side !== order.side || own.instrument !== order.instrument) return "wrongOrder";
    const station = this.stationOf(order.instrument);
    if (station === undefined) return "instrument";
    if (own.priceTicks !== order.priceTicks || own.lots !== order.lots) {
      if (hands.restate === undefined) return "noHand";
      if (!hands.restate(station, card.id, order.priceTicks, order.lots)) return "refused";
    }
    return own.cumLots === order.cumLots ? "done" : "cumLots";
  }

  /** Brings a position to the venue's, at its mark: what that moves in cash is a matter of comparing cash. */
  #correct(instrument: string, lots: number, { nowNs, asOfNs }: ReconMoment): CarryResult {
    const { foreignStrategy, kernel, reports } = this.#parts;
    const station = this.stationOf(instrument);
    if (station === undefined) return "instrument";
    const now = (kernel.stations[station] as Station).markTicks();
    const mark = Number.isNaN(now) ? (kernel.ledger.markTicks[station] as number) : now;
    if (Number.isNaN(mark)) return "noPrice";
    reports.foreign(station, foreignStrategy, lots, roundTo(mark, "halfEven"), nowNs, asOfNs);
    return "done";
  }

  /** Stops an instrument, or, once a human approved that, takes the venue's position. */
  #halt(each: Break, { instrument, lots }: Of<"haltSymbol">, moment: ReconMoment): CarryResult {
    if (moment.isApproved) return this.#correct(instrument, lots, moment);
    const station = this.stationOf(instrument);
    if (station === undefined) return "instrument";
    this.#parts.hands.hold?.(station, true);
    this.#parts.hands.halt(station, each);
    return "halted";
  }

  #adjust({ currency, minor, execId }: Of<"adjustCash">): CarryResult {
    const { fills, hands, kernel, reports, stations } = this.#parts;
    if (hands.adjust === undefined) return "noHand";
    if (kernel.ledger.currencyOf(currency) === undefined) return "instrument";
    const fill = execId === null ? undefined : fills.get(execId);
    const isKnown = fill !== undefined && fill.feeMinor !== null;
    const change = isKnown
      ? { put: { ...fill, feeMinor: String(BigInt(fill.feeMinor) - BigInt(minor)) } }
      : {};
    const isTaken = reports.adjusted(stations[0] as number, change, (note) => {
      return hands.adjust?.(currency, BigInt(minor), execId, note) === true;
    });
    return isTaken ? "done" : "refused";
  }

  /** Gives back the fee we booked, and charges the venue's: two inputs, each with what is kept from then on. */
  #recharge({ execId, from, to }: Of<"rechargeFee">): CarryResult {
    const { fills, hands, kernel, reports } = this.#parts;
    const fill = fills.get(execId);
    if (fill === undefined) return "gone";
    if (hands.adjust === undefined) return "noHand";
    if (kernel.ledger.currencyOf(to.currency) === undefined) return "feeCurrency";
    const { station } = fill;
    const quote = this.#quoteOf(station);
    // What an input charges in the quote currency is added to what is kept: given back, nothing is left.
    const free = {
      ...fill,
      feeMinor: from.currency === quote ? String(from.minor) : "0",
      feeCurrency: undefined,
    };
    const isOther = to.currency !== quote;
    const charged = isOther
      ? { ...fill, feeMinor: String(to.minor), feeCurrency: to.currency }
      : { ...fill, feeMinor: "0", feeCurrency: undefined };
    const steps = [
      { put: free, currency: from.currency, minor: BigInt(from.minor) },
      { put: charged, currency: to.currency, minor: -BigInt(to.minor) },
    ];
    for (const { put, currency, minor } of steps) {
      const isTaken = reports.adjusted(station, { put }, (note) => {
        return hands.adjust?.(currency, minor, execId, note, station) === true;
      });
      if (!isTaken) return "refused";
    }
    return "done";
  }

  #quoteOf(station: number): string {
    return (this.#parts.kernel.instruments[station] as Instrument).quote.code;
  }

  /** The card of an order by any id of its chain, where the store still holds it. */
  #cardOf(clientOrderId: string | null, { local }: ReconMoment): ReconCard | undefined {
    const id = clientOrderId === null ? undefined : local.ids.get(clientOrderId);
    return id === undefined ? undefined : this.#parts.orders.get(id);
  }

  /** The row of an order; undefined where it is no longer held, or a report before let it go. */
  #rowOf(id: number, { local }: ReconMoment): number | undefined {
    const store = this.#parts.kernel.orders;
    const row = local.rows.get(id) ?? store.rowOf(id);
    return store.isCurrent(row, id) ? row : undefined;
  }

  #fillWork(moment: ReconMoment): FillWork {
    return { ...this.#parts, moment, rowOf: (id) => this.#rowOf(id, moment) };
  }
}

/** What the venue charged for an execution; undefined where it did not tell. */
function feeTold({ fee }: VenueFill): ReportFee | undefined {
  return fee === undefined ? undefined : { currency: fee.currency, minor: BigInt(fee.minor) };
}

function waitsForReplace({ orders }: ReconMoment["local"], id: number): boolean {
  return orders.get(id)?.requests?.some(({ kind }) => kind === "replace") === true;
}
