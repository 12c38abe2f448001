import type { Instrument, Side } from "../model/index.ts";
import type { BookView, OrderTicket, StrategyContext } from "../strategy/index.ts";
import { openOrder, savedInteger } from "./saved-state.ts";

/** What an {@link ArbitrageLeg} knows that its context does not, JSON-safe. */
export interface SavedLeg {
  readonly net: number;
  /** The id of the order sent last, 0 before the first. */
  readonly order: number;
  /** How many lots of that order `net` counts. */
  readonly countedLots: number;
  /** Whether that order is out. */
  readonly isOut: boolean;
}

/**
 * One of the two instruments of an arbitrage: its book, its one open order, and what it has traded in the
 * present attack.
 *
 * The order sent last counts as far as it is filled, also where an execution is taken back or corrected after it is
 * over; what was over once is not out again.
 *
 * @units `net` in shared units (see {@link ArbitrageLeg.unitsPerLot}), signed
 */
export class ArbitrageLeg {
  readonly instrument: Instrument;
  readonly book: BookView;
  /** What a fill costs as a share of its worth. */
  readonly feeRate: number;
  /** How many shared units one lot of this instrument is. */
  readonly unitsPerLot: number;
  /** Units bought less units sold since the last time both legs were even. */
  net = 0;
  #ticket: OrderTicket | undefined = undefined;
  #order = 0;
  #countedLots = 0;

  constructor(instrument: Instrument, book: BookView, feeRate: number, unitsPerLot: number) {
    this.instrument = instrument;
    this.book = book;
    this.feeRate = feeRate;
    this.unitsPerLot = unitsPerLot;
  }

  get isOpen(): boolean {
    return this.#ticket?.isOpen === true;
  }

  /** The best ask in the quote currency, and the whole units standing there. */
  get ask(): number {
    return this.book.bestAsk * this.instrument.tickSize;
  }

  get askUnits(): number {
    return Math.floor(this.book.bestAskLots / this.instrument.bookLotsPerLot) * this.unitsPerLot;
  }

  get bid(): number {
    return this.book.bestBid * this.instrument.tickSize;
  }

  get bidUnits(): number {
    return Math.floor(this.book.bestBidLots / this.instrument.bookLotsPerLot) * this.unitsPerLot;
  }

  positionUnits(ctx: StrategyContext): number {
    return ctx.position(this.instrument.key).lots * this.unitsPerLot;
  }

  /** Takes what stands at the touch, at its price or better, at once or not at all; false where refused. */
  take(ctx: StrategyContext, side: Side, units: number, tag: string): boolean {
    const priceTicks = side === "buy" ? this.book.bestAsk : this.book.bestBid;
    const lots = units / this.unitsPerLot;
    const { key } = this.instrument;
    const ticket = ctx.submit({ instrument: key, side, lots, priceTicks, timeInForce: "IOC", tag });
    if (ticket.ok) this.#sent(ticket);
    return ticket.ok;
  }

  /** Trades whole lots of `units` at the market; the units sent. */
  trade(ctx: StrategyContext, units: number, tag: string): number {
    const { key, minLots, maxLots } = this.instrument;
    const lots = Math.min(Math.floor(Math.abs(units) / this.unitsPerLot), maxLots);
    if (lots < minLots) return 0;
    const ticket = ctx.submit({
      instrument: key,
      side: units > 0 ? "buy" : "sell",
      lots,
      type: "market",
      tag,
    });
    if (!ticket.ok) return 0;
    this.#sent(ticket);
    return lots * this.unitsPerLot;
  }

  /** Takes into `net` what is filled of the order sent last; the owner calls this from `onOrder`. */
  count(ticket: OrderTicket): void {
    if (ticket.id !== this.#order) return;
    const sign = ticket.side === "buy" ? 1 : -1;
    this.net += sign * (ticket.cumLots - this.#countedLots) * this.unitsPerLot;
    this.#countedLots = ticket.cumLots;
    if (!ticket.isOpen) this.#ticket = undefined;
  }

  save(): SavedLeg {
    return { net: this.net, order: this.#order, countedLots: this.#countedLots, isOut: this.isOpen };
  }

  /** Takes up a saved state. @throws `FAULT_INPUT` naming the field, also where its order should be open and is not */
  load(path: string, saved: SavedLeg | undefined, open: readonly OrderTicket[]): void {
    this.net = savedInteger(`${path}.net`, saved?.net);
    this.#order = savedInteger(`${path}.order`, saved?.order, 0);
    this.#countedLots = savedInteger(`${path}.countedLots`, saved?.countedLots, 0);
    this.#ticket = openOrder(`${path}.order`, saved?.isOut === true ? this.#order : null, open);
  }

  #sent(ticket: OrderTicket): void {
    this.#ticket = ticket;
    this.#order = ticket.id;
    this.#countedLots = 0;
  }
}
