import { Fault } from "../base/index.ts";
import type { Instrument, Side } from "../model/index.ts";
import {
  type RouteDecision,
  type RouterOptions,
  type SavedRouter,
  SmartOrderRouter,
} from "../route/index.ts";
import type { BookView, OrderEventKind, OrderTicket, StrategyContext } from "../strategy/index.ts";
import { openOrder, savedInteger } from "./saved-state.ts";

/** What a {@link RoutedLeg} knows that its context does not, JSON-safe. */
export interface SavedLeg {
  readonly net: number;
  /** Orders sent last: id, place of its venue, slice, lots that `net` counts, 1 where it is out. */
  readonly orders: readonly (readonly number[])[];
  readonly router: SavedRouter;
}

/** A level with fees: what a lot comes to in the quote currency. */
export interface LegLevel {
  readonly price: number;
  readonly worth: number;
  readonly units: number;
  readonly ticks: number;
}

/** One order to send, and when. */
export interface LegSlice {
  readonly venue: number;
  readonly slice: number;
  readonly lots: number;
  readonly priceTicks: number;
  readonly latencyNs: number;
}

interface LegOrder {
  readonly id: number;
  readonly venue: number;
  readonly slice: number;
  countedLots: number;
  ticket: OrderTicket | undefined;
}

/** How a leg is made. */
export interface RoutedLegOptions {
  readonly instruments: readonly Instrument[];
  readonly books: readonly BookView[];
  /** What a taker pays as a share of the worth, by venue. */
  readonly feeRates: readonly number[];
  readonly latencyNs: readonly number[];
  /** How many shared units one lot of these instruments is. */
  readonly unitsPerLot: number;
  readonly levels: number;
}

/**
 * One side of an arbitrage: the venues that trade one thing on one grid, a router that divides orders among them, and
 * what they have traded in the present attack.
 *
 * An order counts as far as it is filled, also where an execution is taken back or corrected after it is over; what
 * was over once is not out again.
 *
 * @units `net` in shared units (see {@link RoutedLegOptions.unitsPerLot}), signed
 */
export class RoutedLeg {
  readonly instruments: readonly Instrument[];
  readonly unitsPerLot: number;
  /** Units bought less units sold since the last time both legs were even. */
  net = 0;
  readonly #books: readonly BookView[];
  readonly #feeRates: readonly number[];
  readonly #levels: number;
  readonly #latencyNs: readonly number[];
  readonly #making: RouterOptions;
  #router: SmartOrderRouter;
  /** Those of the present attack, and those of the last one until the next. */
  #orders: LegOrder[] = [];

  constructor(options: RoutedLegOptions) {
    const { instruments, books, feeRates, latencyNs, unitsPerLot, levels } = options;
    this.instruments = instruments;
    this.unitsPerLot = unitsPerLot;
    this.#books = books;
    this.#feeRates = feeRates;
    this.#levels = levels;
    this.#latencyNs = latencyNs;
    this.#making = {
      venues: instruments.map(({ key, minLots }, v) => ({
        id: key,
        fees: [{ takerRate: Math.round((feeRates[v] as number) * 1e8) }],
        latencyNs: latencyNs[v] as number,
        minLots,
      })),
      levelsMax: levels,
      slicesMax: 64 + 4 * instruments.length,
    };
    this.#router = new SmartOrderRouter(this.#making);
  }

  get isOpen(): boolean {
    return this.#orders.some(({ ticket }) => ticket?.isOpen === true);
  }

  /** The least order that every venue takes, in shared units. */
  get leastUnits(): number {
    return Math.max(...this.instruments.map(({ minLots }) => minLots)) * this.unitsPerLot;
  }

  positionUnits(ctx: StrategyContext): number {
    const lots = this.instruments.reduce((sum, { key }) => sum + ctx.position(key).lots, 0);
    return lots * this.unitsPerLot;
  }

  /** What a unit costs, or brings, at the best touch with fees; NaN where no venue has a sound one. */
  touch(side: Side): number {
    let best = Number.NaN;
    for (let v = 0; v < this.#books.length; v++) {
      const book = this.#books[v] as BookView;
      if (!isUsable(book, side)) continue;
      const worth = this.#worth(v, side, side === "buy" ? book.bestAsk : book.bestBid);
      if (Number.isNaN(best) || (side === "buy" ? worth < best : worth > best)) best = worth;
    }
    return best;
  }

  /** What venues show, the cheapest with fees first. */
  levels(side: Side): LegLevel[] {
    const levels: LegLevel[] = [];
    for (let v = 0; v < this.#books.length; v++) {
      const { tickSize } = this.instruments[v] as Instrument;
      for (const { priceTicks: ticks, lots } of this.#side(v, side)) {
        const units = lots * this.unitsPerLot;
        levels.push({ price: ticks * tickSize, worth: this.#worth(v, side, ticks), units, ticks });
      }
    }
    return levels.sort((a, b) => (side === "buy" ? a.worth - b.worth : b.worth - a.worth));
  }

  /** Divides units among the venues; empty where the router has no room or nothing stands there. */
  route(ctx: StrategyContext, side: Side, units: number, limitTicks: number | undefined): LegSlice[] {
    const nowNs = Math.trunc(ctx.clock.ns);
    for (let v = 0; v < this.#books.length; v++) {
      const book = { asks: this.#side(v, "buy"), bids: this.#side(v, "sell") };
      // What the router takes for no book at all is none here: it would show as crossed or unsorted.
      if (this.#router.setBook(v, book, nowNs) !== undefined)
        this.#router.setBook(v, { asks: [], bids: [] }, nowNs);
    }
    const lots = Math.floor(units / this.unitsPerLot);
    const limit = limitTicks === undefined ? {} : { limitTicks };
    const decision = this.#router.route({ side, lots, nowNs, policy: "cost", isProtecting: false, ...limit });
    return decision.ok ? this.#slices(decision) : [];
  }

  /** Sends a slice, immediate or cancel; false where it is refused. */
  send(ctx: StrategyContext, side: Side, { venue, slice, lots, priceTicks }: LegSlice, tag: string): boolean {
    const { key } = this.instruments[venue] as Instrument;
    const ticket = ctx.submit({ instrument: key, side, lots, priceTicks, timeInForce: "IOC", tag });
    return this.#sent(ticket.ok ? ticket : undefined, venue, slice);
  }

  /** A slice that is not sent after all: what it claimed is free. */
  drop({ slice }: LegSlice): void {
    this.#router.end(slice, "notSent");
  }

  /** Trades whole lots of `units` at the market, where it is cheapest; the units sent. */
  trade(ctx: StrategyContext, units: number, tag: string): number {
    const side = units > 0 ? "buy" : "sell";
    const wanted = Math.floor(Math.abs(units) / this.unitsPerLot);
    const slices =
      this.instruments.length === 1 ? [] : this.route(ctx, side, wanted * this.unitsPerLot, undefined);
    const shown = slices.reduce((sum, { lots }) => sum + lots, 0);
    // What no venue shows is asked for all the same, where most stands.
    const largest = slices.reduce((a, b) => (b.lots > a.lots ? b : a), {
      ...{ venue: 0, slice: 0, lots: 0, priceTicks: 0, latencyNs: 0 },
    });
    const orders = slices.length === 0 ? [largest] : slices;
    let sent = 0;
    for (const each of orders) {
      const { key, minLots, maxLots } = this.instruments[each.venue] as Instrument;
      const more = each === largest ? wanted - shown : 0;
      const lots = Math.min(each.lots + more, maxLots);
      if (lots < minLots) {
        if (each.slice > 0) this.drop(each);
        continue;
      }
      const ticket = ctx.submit({ instrument: key, side, lots, type: "market", tag });
      // An order for more than its slice, or of none, is not followed by the router.
      const slice = more === 0 ? each.slice : 0;
      if (slice === 0 && each.slice > 0) this.drop(each);
      if (this.#sent(ticket.ok ? ticket : undefined, each.venue, slice)) sent += lots * this.unitsPerLot;
    }
    return sent;
  }

  /** A new attack begins: what was sent before counts no more. */
  begin(): void {
    this.#orders = this.#orders.filter(({ ticket }) => ticket?.isOpen === true);
  }

  /** Takes into `net` what is filled of an order of this leg; the owner calls this from `onOrder`. */
  count(ticket: OrderTicket, kind: OrderEventKind): void {
    const order = this.#orders.find(({ id }) => id === ticket.id);
    if (order === undefined) return;
    const sign = ticket.side === "buy" ? 1 : -1;
    const lots = ticket.cumLots - order.countedLots;
    this.net += sign * lots * this.unitsPerLot;
    order.countedLots = ticket.cumLots;
    if (order.slice > 0 && lots > 0 && order.ticket !== undefined) {
      this.#router.fill(order.slice, lots, Math.round(ticket.averageTicks));
    }
    if (ticket.isOpen || order.ticket === undefined) return;
    order.ticket = undefined;
    if (order.slice > 0) this.#router.end(order.slice, kind === "rejected" ? "rejected" : "done");
  }

  save(): SavedLeg {
    return {
      net: this.net,
      orders: this.#orders.map(({ id, venue, slice, countedLots, ticket }) => [
        ...[id, venue, slice, countedLots],
        ticket?.isOpen === true ? 1 : 0,
      ]),
      router: this.#router.save(),
    };
  }

  /** Takes up a saved state. @throws `FAULT_INPUT` naming the field, also where an order should be open and is not */
  load(path: string, saved: SavedLeg | undefined, ctx: StrategyContext): void {
    this.net = savedInteger(`${path}.net`, saved?.net);
    if (!Array.isArray(saved?.orders)) {
      throw new Fault("FAULT_INPUT", {
        path: `${path}.orders`,
        value: saved?.orders,
        expected: "a list of orders",
      });
    }
    this.#orders = saved.orders.map((each, i) => {
      const at = `${path}.orders[${i}]`;
      const field = (k: number): number => savedInteger(at, Array.isArray(each) ? each[k] : each, 0);
      const [id, venue, slice, countedLots, isOut] = [
        field(0),
        field(1),
        field(2),
        field(3),
        field(4),
      ] as const;
      const instrument = this.instruments[venue];
      if (instrument === undefined) {
        const expected = `the place of one of ${this.instruments.length} venues`;
        throw new Fault("FAULT_INPUT", { path: at, value: venue, expected });
      }
      const ticket = openOrder(at, isOut === 1 ? id : null, ctx.openOrders(instrument.key));
      return { ...{ id, venue, slice, countedLots }, ticket };
    });
    this.#router = SmartOrderRouter.restore(saved.router, this.#making);
  }

  #sent(ticket: OrderTicket | undefined, venue: number, slice: number): boolean {
    if (ticket === undefined) {
      if (slice > 0) this.#router.end(slice, "notSent");
      return false;
    }
    this.#orders.push({ id: ticket.id, venue, slice, countedLots: 0, ticket });
    return true;
  }

  #slices(decision: RouteDecision): LegSlice[] {
    return decision.slices().map(({ id, venue, lots, limitTicks }) => ({
      ...{ venue, slice: id, lots, priceTicks: limitTicks },
      latencyNs: this.#latencyNs[venue] as number,
    }));
  }

  #worth(venue: number, side: Side, ticks: number): number {
    const rate = this.#feeRates[venue] as number;
    const price = ticks * (this.instruments[venue] as Instrument).tickSize;
    return side === "buy" ? price + Math.abs(price) * rate : price - Math.abs(price) * rate;
  }

  /** Whole lots by level that an order of this side would take, best first; none of data that cannot be trusted. */
  #side(venue: number, side: Side): { priceTicks: number; lots: number }[] {
    const book = this.#books[venue] as BookView;
    const { bookLotsPerLot } = this.instruments[venue] as Instrument;
    const levels: { priceTicks: number; lots: number }[] = [];
    if (!isUsable(book, side)) return levels;
    let price: number = side === "buy" ? book.bestAsk : book.bestBid;
    for (let i = 0; i < this.#levels && Number.isSafeInteger(price); i++) {
      const shown = side === "buy" ? book.askLots(price) : book.bidLots(price);
      const lots = Math.floor(shown / bookLotsPerLot);
      if (!(shown > 0)) break;
      if (lots > 0) levels.push({ priceTicks: price, lots });
      const next: number = side === "buy" ? book.nextAsk(price) : book.nextBid(price);
      if (side === "buy" ? !(next > price) : !(next < price)) break;
      price = next;
    }
    return levels;
  }
}

/** Whether a side of a book is there, and its data can be trusted. */
function isUsable(book: BookView, side: Side): boolean {
  return book.validity === "valid" && (side === "buy" ? book.hasAsk : book.hasBid);
}
