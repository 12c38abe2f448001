import { checkKeys, checkText, formatScaled } from "../base/index.ts";
import { FeeModel } from "../ledger/index.ts";
import {
  type CashRow,
  type Instrument,
  type Side,
  sideSign,
  type VenueFill,
  type VenueOrder,
  type VenueSnapshot,
} from "../model/index.ts";
import { unitOf } from "./cash-rows.ts";
import type { VenueOrderName, VenueOrderTerms, VenueQuery, VenueReport } from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/** An order as the venue has it. */
interface Held {
  readonly orderId: string;
  readonly instrument: Instrument;
  clientOrderId: string;
  originalClientOrderId: string | undefined;
  readonly terms: VenueOrderTerms;
  priceTicks: number;
  lots: number;
  cumLots: number;
  state: VenueOrder["state"];
  updatedNs: number;
}

/** What a {@link MemoryVenue} is made from. */
export interface MemoryVenueOptions {
  readonly venue: string;
  readonly account: string;
  readonly clock: VenueClock;
  readonly instruments: readonly Instrument[];
  /** How execution ids are written from their numbers; `<symbol>:<number>` unless given. */
  readonly execId?: (number: number, instrument: Instrument) => string;
  /** Whether a replace changes the order, or cancels it and submits another, only while nothing is executed. */
  readonly replaces?: "atomic" | "cancelNew";
  /** Why an order is rejected; undefined where it is not. */
  readonly rejects?: (terms: VenueOrderTerms) => string | undefined;
  /** What an execution costs, in any currency; undefined, and unless given: what the instrument's schedule says. */
  readonly feeOf?: (fill: MemoryVenueFill) => CashRow | undefined;
}

/** An execution of a {@link MemoryVenue} before it is charged. */
export interface MemoryVenueFill {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly isMaker: boolean;
  /** What the schedule says. @units minor units of the quote currency */
  readonly feeMinor: bigint;
}

const OPTIONS = ["venue", "account", "clock", "instruments", "execId", "replaces", "rejects", "feeOf"];

/**
 * A venue in memory, without queues or latency: what it holds is the truth that a client's account is compared with.
 * Resting orders fill by `print`, incoming ones against `quote`.
 *
 * @invariant Positions are the sum of its executions; a client order id is taken once for ever.
 */
export class MemoryVenue {
  readonly venue: string;
  readonly account: string;
  readonly instruments: readonly Instrument[];
  readonly replaces: "atomic" | "cancelNew";
  /** Every order submit that arrived, by client order id: how often. */
  readonly arrivals: Map<string, number> = new Map();
  /** Hears every report, as the venue makes it. */
  onReport: (report: VenueReport) => void = () => {};
  readonly #options: MemoryVenueOptions;
  readonly #orders = new Map<string, Held>();
  readonly #byName = new Map<string, Held>();
  readonly #fills: VenueFill[] = [];
  readonly #touch = new Map<string, { readonly bid: number; readonly ask: number }>();
  readonly #fees: ReadonlyMap<string, FeeModel>;
  #number = 0;
  #lastNs = -1;

  constructor(options: MemoryVenueOptions) {
    checkKeys("memoryVenue", options, OPTIONS);
    this.replaces = options.replaces ?? "atomic";
    this.#options = options;
    this.venue = checkText("memoryVenue.venue", options.venue);
    this.account = checkText("memoryVenue.account", options.account);
    this.instruments = options.instruments;
    this.#fees = new Map(options.instruments.map((each) => [each.key, new FeeModel({ instrument: each })]));
  }

  /** The best prices of everyone else. @units ticks */
  quote(instrument: Instrument, bid: number, ask: number): void {
    this.#touch.set(instrument.key, { bid, ask });
  }

  /** Someone trades `lots` at a price: open orders at it or better fill, the oldest first. Returns what is left. */
  print(instrument: Instrument, priceTicks: number, lots: number): number {
    let left = lots;
    for (const order of this.#orders.values()) {
      if (left === 0) break;
      if (order.state !== "open" || order.instrument.key !== instrument.key) continue;
      if (order.terms.type === "stop" || order.terms.type === "stopLimit") continue;
      const sign = sideSign(order.terms.side);
      if (sign * (order.priceTicks - priceTicks) < 0) continue;
      const filled = Math.min(left, order.lots - order.cumLots);
      left -= filled;
      this.#fill(order, order.priceTicks, filled, true);
    }
    return left;
  }

  /** A new order arrives. */
  submit(terms: VenueOrderTerms): readonly VenueReport[] {
    const { clientOrderId, instrument } = terms;
    this.arrivals.set(clientOrderId, (this.arrivals.get(clientOrderId) ?? 0) + 1);
    const words = this.#whyNot(terms);
    if (words !== undefined) {
      const { key } = instrument;
      return [this.#say({ kind: "rejected", instrument: key, clientOrderId, venueNs: this.#now(), words })];
    }
    return this.#enter(terms, undefined);
  }

  cancel(name: VenueOrderName, clientRequestId: string): readonly VenueReport[] {
    const order = this.#find(name);
    if (order === undefined || order.state !== "open") {
      return [this.#no("cancelRejected", name, clientRequestId, "no such open order")];
    }
    return [this.#end(order, "canceled", clientRequestId)];
  }

  replace(name: VenueOrderName, terms: VenueOrderTerms): readonly VenueReport[] {
    const order = this.#find(name);
    this.arrivals.set(terms.clientOrderId, (this.arrivals.get(terms.clientOrderId) ?? 0) + 1);
    const isTaken = this.#byName.has(terms.clientOrderId);
    if (order === undefined || order.state !== "open" || isTaken || terms.lots <= order.cumLots) {
      return [this.#no("replaceRejected", name, terms.clientOrderId, "no such open order, or too few lots")];
    }
    if (this.replaces === "cancelNew") return this.#replaceAnew(order, terms);
    order.originalClientOrderId = order.clientOrderId;
    order.clientOrderId = terms.clientOrderId;
    this.#byName.set(terms.clientOrderId, order);
    order.priceTicks = terms.priceTicks;
    order.lots = terms.lots;
    order.updatedNs = this.#now();
    const said = [this.#say(this.#report(order, "replaced"))];
    said.push(...this.#take(order));
    return said;
  }

  cancelAll(instrument: Instrument | null): readonly VenueReport[] {
    const open = [...this.#orders.values()].filter(({ state }) => state === "open");
    const chosen = open.filter((order) => instrument === null || order.instrument.key === instrument.key);
    return chosen.map((order) => this.#end(order, "canceled", undefined));
  }

  /** The venue ends an order unasked. */
  expire(clientOrderId: string): void {
    const order = this.#byName.get(clientOrderId);
    if (order?.state === "open") this.#end(order, "expired", undefined);
  }

  /** The venue starts anew without its open orders, and says nothing of it. */
  forget(): void {
    for (const order of this.#orders.values()) {
      if (order.state !== "open") continue;
      order.state = "canceled";
      order.updatedNs = this.#now();
    }
  }

  queryOrder(name: VenueOrderName): VenueOrder | null {
    const order = this.#find(name);
    return order === undefined ? null : rowOf(order);
  }

  query({ sections, instruments, fillsFromNs }: VenueQuery): VenueSnapshot {
    const asOfNs = this.#now();
    const keys = new Set((instruments ?? this.instruments).map(({ key }) => key));
    const isAsked = (each: { readonly instrument: string }): boolean => keys.has(each.instrument);
    const open = [...this.#orders.values()].filter(({ state }) => state === "open").map(rowOf);
    const from = fillsFromNs ?? Number.NEGATIVE_INFINITY;
    const fills = this.#fills.filter((fill) => isAsked(fill) && fill.venueNs >= from);
    return {
      ...{ venue: this.venue, account: this.account, asOfNs },
      ...(sections.includes("orders") ? { orders: open.filter(isAsked) } : {}),
      ...(sections.includes("fills") ? { fills, fillsThroughNs: asOfNs } : {}),
      ...(sections.includes("fills") && fillsFromNs !== undefined ? { fillsFromNs } : {}),
      ...(sections.includes("positions") ? { positions: this.#positions().filter(isAsked) } : {}),
      ...(sections.includes("cash") ? { cash: this.#cash() } : {}),
    };
  }

  /** One order ends, another begins: where the second is rejected, the first is gone all the same. */
  #replaceAnew(order: Held, terms: VenueOrderTerms): readonly VenueReport[] {
    const name = { instrument: order.instrument, clientOrderId: order.clientOrderId };
    if (order.cumLots > 0) return [this.#no("replaceRejected", name, terms.clientOrderId, "partly executed")];
    const old = this.#end(order, "canceled", undefined);
    const words = this.#whyNot(terms);
    if (words !== undefined) return [old, this.#no("replaceRejected", name, terms.clientOrderId, words)];
    return [old, ...this.#enter(terms, order.clientOrderId)];
  }

  #enter(terms: VenueOrderTerms, originalClientOrderId: string | undefined): readonly VenueReport[] {
    const { clientOrderId, instrument, priceTicks, lots } = terms;
    const orderId = `v${++this.#number}`;
    const order: Held = {
      ...{ orderId, instrument, clientOrderId, originalClientOrderId, terms, priceTicks, lots },
      ...{ cumLots: 0, state: "open", updatedNs: this.#now() },
    };
    this.#orders.set(order.orderId, order);
    this.#byName.set(clientOrderId, order);
    const said = [this.#say(this.#report(order, "accepted"))];
    said.push(...this.#take(order));
    return said;
  }

  #positions(): { readonly instrument: string; readonly lots: number }[] {
    const sums = new Map(this.instruments.map(({ key }) => [key, 0]));
    for (const { instrument, side, lots } of this.#fills) {
      sums.set(instrument, (sums.get(instrument) ?? 0) + sideSign(side) * lots);
    }
    return Array.from(sums, ([instrument, lots]) => ({ instrument, lots }));
  }

  #cash(): CashRow[] {
    const sums = new Map<string, bigint>();
    for (const { cash, fee } of this.#fills) {
      if (cash !== undefined) sums.set(cash.currency, (sums.get(cash.currency) ?? 0n) + BigInt(cash.minor));
      if (fee !== undefined) sums.set(fee.currency, (sums.get(fee.currency) ?? 0n) - BigInt(fee.minor));
    }
    return Array.from(sums, ([currency, minor]) => ({ currency, minor }));
  }

  #whyNot(terms: VenueOrderTerms): string | undefined {
    const { clientOrderId, instrument, lots, priceTicks, type, postOnly, side, timeInForce } = terms;
    if (this.#byName.has(clientOrderId)) return "duplicate client order id";
    if (!this.instruments.some(({ key }) => key === instrument.key)) return "unknown instrument";
    if (lots < instrument.minLots || lots > instrument.maxLots) return "quantity out of range";
    const refused = this.#options.rejects?.(terms);
    if (refused !== undefined) return refused;
    const touch = this.#touch.get(instrument.key);
    const far = side === "buy" ? touch?.ask : touch?.bid;
    const takes = far !== undefined && (type === "market" || sideSign(side) * (priceTicks - far) >= 0);
    if (postOnly && takes) return "post-only order would take";
    if (timeInForce === "FOK" && !takes) return "fill or kill";
    return undefined;
  }

  /** An order that reaches the other side takes there; what must not rest ends. */
  #take(order: Held): readonly VenueReport[] {
    const { terms, instrument } = order;
    if (terms.type === "stop" || terms.type === "stopLimit") return [];
    const touch = this.#touch.get(instrument.key);
    const far = terms.side === "buy" ? touch?.ask : touch?.bid;
    const said: VenueReport[] = [];
    const reaches = terms.type === "market" || sideSign(terms.side) * (order.priceTicks - (far ?? 0)) >= 0;
    if (far !== undefined && reaches) said.push(this.#fill(order, far, order.lots - order.cumLots, false));
    const rests = terms.type !== "market" && terms.timeInForce !== "IOC" && terms.timeInForce !== "FOK";
    if (!rests && order.state === "open") said.push(this.#end(order, "expired", undefined));
    return said;
  }

  #fill(order: Held, priceTicks: number, lots: number, isMaker: boolean): VenueReport {
    const { instrument, terms, orderId } = order;
    const venueNs = this.#now();
    order.cumLots += lots;
    order.updatedNs = venueNs;
    if (order.cumLots === order.lots) order.state = "filled";
    const number = ++this.#number;
    const execId = this.#options.execId?.(number, instrument) ?? `${instrument.symbol}:${number}`;
    const sign = sideSign(terms.side);
    const fees = this.#fees.get(instrument.key) as FeeModel;
    fees.advance(venueNs);
    const feeMinor = fees.feeMinor(priceTicks, lots, sign, isMaker, orderId);
    const { code } = instrument.quote;
    const { side } = terms;
    const told = this.#options.feeOf?.({ instrument, side, priceTicks, lots, isMaker, feeMinor });
    const fee = told ?? { currency: code, minor: feeMinor };
    this.#fills.push({
      ...{
        execId,
        orderId,
        clientOrderId: order.clientOrderId,
        instrument: instrument.key,
        side: terms.side,
      },
      ...{ priceTicks, lots, venueNs, isMaker },
      cash: { currency: code, minor: BigInt(-sign) * instrument.notionalMinor(priceTicks, lots) },
      fee,
    });
    const { decimals } = unitOf(instrument, fee.currency);
    const amount = { currency: fee.currency, amount: formatScaled(BigInt(fee.minor), decimals) };
    return this.#say({ ...this.#report(order, "trade"), execId, priceTicks, lots, isMaker, fee: amount });
  }

  #end(order: Held, state: "canceled" | "expired", requestId: string | undefined): VenueReport {
    order.state = state;
    order.updatedNs = this.#now();
    const names = {
      clientOrderId: requestId || order.clientOrderId,
      originalClientOrderId: order.clientOrderId,
    };
    return this.#say({ ...this.#report(order, state), ...names });
  }

  #report(order: Held, kind: VenueReport["kind"]): VenueReport {
    const { instrument, clientOrderId, originalClientOrderId, orderId, terms, priceTicks, lots, cumLots } =
      order;
    return {
      ...{
        kind,
        instrument: instrument.key,
        clientOrderId,
        orderId,
        side: terms.side,
        priceTicks,
        lots,
        cumLots,
      },
      ...(originalClientOrderId === undefined ? {} : { originalClientOrderId }),
      leavesLots: order.state === "open" ? lots - cumLots : 0,
      venueNs: order.updatedNs,
    };
  }

  #no(
    kind: "cancelRejected" | "replaceRejected",
    { instrument, clientOrderId }: VenueOrderName,
    request: string,
    words: string,
  ): VenueReport {
    const names = { clientOrderId: request || clientOrderId, originalClientOrderId: clientOrderId };
    return this.#say({ kind, instrument: instrument.key, ...names, venueNs: this.#now(), words });
  }

  #say(report: VenueReport): VenueReport {
    this.onReport(report);
    return report;
  }

  #find({ clientOrderId, orderId }: VenueOrderName): Held | undefined {
    return (orderId === undefined ? undefined : this.#orders.get(orderId)) ?? this.#byName.get(clientOrderId);
  }

  /** Every event has a time of its own. */
  #now(): number {
    this.#lastNs = Math.max(this.#lastNs + 1, this.#options.clock.nowNs());
    return this.#lastNs;
  }
}

function rowOf(order: Held): VenueOrder {
  const { orderId, clientOrderId, originalClientOrderId, instrument, terms, priceTicks, lots, cumLots } =
    order;
  return {
    ...{ orderId, clientOrderId, instrument: instrument.key, side: terms.side, priceTicks, lots, cumLots },
    ...(originalClientOrderId === undefined ? {} : { originalClientOrderId }),
    ...{ state: order.state, updatedNs: order.updatedNs },
  };
}
