import { checkInteger, checkKeys, checkNumber, checkText } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { BookView, OrderTicket, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";

/** What a {@link GridMaker} is made from. */
export interface GridMakerOptions {
  /** Key or symbol of the instrument it quotes. */
  readonly instrument: string;
  /** Distance of the first quote from the mid, as a share of the price. */
  readonly halfSpread: number;
  /** Distance between quotes, as a share of the price; never below one tick. */
  readonly gridInterval: number;
  /** Quotes a side. */
  readonly levels: number;
  /** How far both sides move for each order's worth of position held, as a share of the price. */
  readonly skew: number;
  /** Lots of each quote. */
  readonly orderLots: number;
  /** The position, in lots, at which the side that would add to it stops. */
  readonly maxPositionLots: number;
  /** How often it looks, in ns; 100 ms unless given. */
  readonly periodNs?: number;
}

const KEYS = [
  "instrument",
  "halfSpread",
  "gridInterval",
  "levels",
  "skew",
  "orderLots",
  "maxPositionLots",
  "periodNs",
] as const;

/**
 * Quotes a grid of post-only orders on both sides of the mid, leaning against its position. On every look it
 * cancels what is off the grid and fills what is missing.
 *
 * @units shares of the price for distances, lots for quantities, ns for time
 * @invariant At most `levels` quotes a side are wanted at one time; none of a side beyond `maxPositionLots`.
 * @throws `FAULT_CONFIG` naming the option.
 * @source hftbacktest's grid trading example: the same decisions from the same book
 */
export class GridMaker implements Strategy {
  readonly name = "grid-maker";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #options: Required<GridMakerOptions>;
  readonly #bids: (OrderTicket | undefined)[];
  readonly #asks: (OrderTicket | undefined)[];
  #bidCount = 0;
  #askCount = 0;
  #instrument: Instrument | undefined = undefined;
  #book: BookView | undefined = undefined;

  constructor(options: GridMakerOptions) {
    checkKeys("gridMaker", options, KEYS);
    checkText("gridMaker.instrument", options.instrument);
    checkNumber("gridMaker.halfSpread", options.halfSpread, 0, 1);
    checkNumber("gridMaker.gridInterval", options.gridInterval, 0, 1);
    checkNumber("gridMaker.skew", options.skew, 0, 1);
    checkInteger("gridMaker.levels", options.levels, 1, 1000);
    checkInteger("gridMaker.orderLots", options.orderLots, 1);
    checkInteger("gridMaker.maxPositionLots", options.maxPositionLots, 1);
    const periodNs = checkInteger("gridMaker.periodNs", options.periodNs ?? 100_000_000, 1);
    this.#options = { ...options, periodNs };
    this.params = this.#options as unknown as Readonly<Record<string, unknown>>;
    const room = options.levels * 8;
    this.#bids = new Array<OrderTicket | undefined>(room).fill(undefined);
    this.#asks = new Array<OrderTicket | undefined>(room).fill(undefined);
  }

  onStart(ctx: StrategyContext): void {
    this.#instrument = ctx.instrument(this.#options.instrument);
    this.#book = ctx.book(this.#options.instrument);
    ctx.clock.every(this.#options.periodNs);
  }

  /** Forgets orders that are over. */
  onOrder(order: OrderView): void {
    if (order.ticket.isOpen) return;
    if (order.ticket.side === "buy") this.#bidCount = drop(this.#bids, this.#bidCount, order.ticket);
    else this.#askCount = drop(this.#asks, this.#askCount, order.ticket);
  }

  onTimer(_timer: number, ctx: StrategyContext): void {
    const { bestBid, bestAsk, hasBid, hasAsk } = this.#book as BookView;
    if (!hasBid || !hasAsk) return;
    const options = this.#options;
    const tickSize = (this.#instrument as Instrument).tickSize;
    const position = ctx.position(options.instrument).lots;
    const bid = bestBid * tickSize;
    const ask = bestAsk * tickSize;
    const mid = (bid + ask) / 2;
    const held = position / options.orderLots;
    const bidPrice = Math.min(mid * (1 - (options.halfSpread + options.skew * held)), bid);
    const askPrice = Math.max(mid * (1 + (options.halfSpread - options.skew * held)), ask);
    const steps = Math.round((mid * options.gridInterval) / tickSize) * tickSize;
    const interval = Math.max(steps, tickSize);
    const buys = position < options.maxPositionLots;
    const sells = position > -options.maxPositionLots;
    this.#quote(ctx, 1, Math.floor(bidPrice / interval) * interval, interval, tickSize, buys);
    this.#quote(ctx, -1, Math.ceil(askPrice / interval) * interval, interval, tickSize, sells);
  }

  /** Cancels this side's quotes off the grid that starts at `first`, then sends the missing ones. */
  #quote(
    ctx: StrategyContext,
    sign: 1 | -1,
    first: number,
    interval: number,
    tickSize: number,
    wanted: boolean,
  ): void {
    const { levels, instrument, orderLots } = this.#options;
    const own = sign > 0 ? this.#bids : this.#asks;
    const count = sign > 0 ? this.#bidCount : this.#askCount;
    for (let i = 0; i < count; i++) {
      const ticket = own[i] as OrderTicket;
      if (ticket.isPending || ticket.status === "pendingNew") continue;
      if (!(wanted && isOnGrid(ticket.priceTicks, first, interval * sign, levels, tickSize))) ctx.cancel(ticket);
    }
    if (!wanted) return;
    let price = first;
    for (let level = 0; level < levels; level++) {
      const priceTicks = Math.round(price / tickSize);
      price -= interval * sign;
      if (stands(this.#bids, this.#bidCount, priceTicks) || stands(this.#asks, this.#askCount, priceTicks)) continue;
      const side = sign > 0 ? "buy" : "sell";
      const ticket = ctx.submit({ instrument, side, lots: orderLots, priceTicks, postOnly: true });
      if (ticket.ok) this.#keep(sign, ticket);
    }
  }

  #keep(sign: 1 | -1, ticket: OrderTicket): void {
    if (sign > 0) this.#bids[this.#bidCount++] = ticket;
    else this.#asks[this.#askCount++] = ticket;
  }
}

function isOnGrid(ticks: number, first: number, step: number, levels: number, tickSize: number): boolean {
  let price = first;
  for (let level = 0; level < levels; level++) {
    if (Math.round(price / tickSize) === ticks) return true;
    price -= step;
  }
  return false;
}

function stands(own: readonly (OrderTicket | undefined)[], count: number, ticks: number): boolean {
  for (let i = 0; i < count; i++) if ((own[i] as OrderTicket).priceTicks === ticks) return true;
  return false;
}

function drop(own: (OrderTicket | undefined)[], count: number, ticket: OrderTicket): number {
  for (let i = 0; i < count; i++) {
    if (own[i] !== ticket) continue;
    own[i] = own[count - 1];
    own[count - 1] = undefined;
    return count - 1;
  }
  return count;
}
