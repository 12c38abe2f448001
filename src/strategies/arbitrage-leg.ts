import type { Instrument, Side } from "../model/index.ts";
import type { BookView, OrderTicket, StrategyContext } from "../strategy/index.ts";

/**
 * One of the two instruments of an arbitrage: its book, its one open order, and what it has traded in the
 * present attack.
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

  constructor(instrument: Instrument, book: BookView, feeRate: number, unitsPerLot: number) {
    this.instrument = instrument;
    this.book = book;
    this.feeRate = feeRate;
    this.unitsPerLot = unitsPerLot;
  }

  get isOpen(): boolean {
    return this.#ticket?.isOpen === true;
  }

  /** The units filled of the order that is out, or was until now, signed. */
  get filled(): number {
    if (this.#ticket === undefined) return 0;
    return (this.#ticket.side === "buy" ? 1 : -1) * this.#ticket.cumLots * this.unitsPerLot;
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
    if (ticket.ok) this.#ticket = ticket;
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
    this.#ticket = ticket;
    return lots * this.unitsPerLot;
  }

  /** Takes the finished order into `net`. */
  settle(): void {
    this.net += this.filled;
    this.#ticket = undefined;
  }
}
