import { checkInteger, checkKeys, checkNumber, checkText } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { BookView, OrderTicket, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import { checkSaved, openOrders, SAVED_VERSION } from "./saved-state.ts";

/** What a {@link GridMaker} is made from. */
export interface GridMakerOptions {
  /** Key or symbol of the instrument it quotes. */
  readonly instrument: string;
  /** Distance of the first quote from the mid, as a share of the price. */
  readonly halfSpread: number;
  /** Distance between quotes, as a share of the price; rounded to `minStepTicks`, and never below it. */
  readonly gridInterval: number;
  /** Quotes a side. */
  readonly levels: number;
  /** How far both sides move for each order's worth of position held, as a share of the price. */
  readonly skew: number;
  /** Lots of each quote. */
  readonly orderLots: number;
  /** The position, in lots, at which the side that would add to it stops. */
  readonly maxPositionLots: number;
  /** The step the distance between quotes is rounded to, in ticks; 1 unless given. */
  readonly minStepTicks?: number;
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
  "minStepTicks",
  "periodNs",
] as const;

/** Orders a side it keeps account of, for each level: on the grid, and on their way in and out. */
const ROOM_PER_LEVEL = 8;

/**
 * Quotes a grid of post-only orders on both sides of the mid, leaning against its position. On every look it
 * cancels what is off the grid and fills what is missing.
 *
 * Prices are doubles (ticks times the tick size) until they are rounded to the nearest tick, in the order of
 * operations of the published example, so that both decide alike to the tick.
 *
 * @units shares of the price for distances, lots for quantities, ns for time
 * @invariant At most `levels` quotes a side are wanted at one time; none is sent on a side whose position
 * is at `maxPositionLots`. No two own orders are sent at one price.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost A look costs O(orders * levels) comparisons and allocates nothing but the requests it sends.
 * @source hftbacktest's grid trading example: the same decisions from the same book
 * @example
 * ```ts
 * import { GridMaker } from "tickwright/strategies";
 * const maker = new GridMaker({
 *   instrument: "BTCUSDT",
 *   halfSpread: 0.0005,
 *   gridInterval: 0.0005,
 *   levels: 10,
 *   skew: 0.00001,
 *   orderLots: 1,
 *   maxPositionLots: 10,
 * });
 * maker.params.periodNs; // => 100_000_000
 * ```
 */
export class GridMaker implements Strategy {
  readonly name = "grid-maker";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #options: Required<GridMakerOptions>;
  readonly #bids: (OrderTicket | undefined)[];
  readonly #asks: (OrderTicket | undefined)[];
  /** The grid of the side that is looked at, in ticks. */
  readonly #grid: Float64Array;
  #bidCount = 0;
  #askCount = 0;
  #instrument: Instrument | undefined = undefined;
  #book: BookView | undefined = undefined;

  constructor(options: GridMakerOptions) {
    this.#options = checkOptions(options);
    this.params = { ...this.#options };
    const room = options.levels * ROOM_PER_LEVEL;
    this.#bids = new Array<OrderTicket | undefined>(room).fill(undefined);
    this.#asks = new Array<OrderTicket | undefined>(room).fill(undefined);
    this.#grid = new Float64Array(options.levels);
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
    const book = this.#book;
    const instrument = this.#instrument;
    if (book === undefined || instrument === undefined || !book.hasBid || !book.hasAsk) return;
    if (book.validity !== "valid") {
      this.#quote(ctx, "buy", false);
      this.#quote(ctx, "sell", false);
      return;
    }
    const { halfSpread, gridInterval, skew, orderLots, maxPositionLots, minStepTicks } = this.#options;
    const { tickSize } = instrument;
    const position = ctx.position(this.#options.instrument).lots;
    const bid = book.bestBid * tickSize;
    const ask = book.bestAsk * tickSize;
    const mid = (bid + ask) / 2;
    const held = position / orderLots;
    const bidPrice = Math.min(mid * (1 - (halfSpread + skew * held)), bid);
    const askPrice = Math.max(mid * (1 + (halfSpread - skew * held)), ask);
    const minStep = minStepTicks * tickSize;
    const interval = Math.max(Math.round((mid * gridInterval) / minStep) * minStep, minStep);
    this.#layGrid(Math.floor(bidPrice / interval) * interval, -interval, tickSize);
    this.#quote(ctx, "buy", position < maxPositionLots);
    this.#layGrid(Math.ceil(askPrice / interval) * interval, interval, tickSize);
    this.#quote(ctx, "sell", position > -maxPositionLots);
  }

  /** The ids of its orders, in the order in which it goes through them. */
  onSave(): { readonly version: number; readonly state: unknown } {
    const ids = (own: readonly (OrderTicket | undefined)[], count: number): number[] =>
      own.slice(0, count).map((ticket) => (ticket as OrderTicket).id);
    const state = { bids: ids(this.#bids, this.#bidCount), asks: ids(this.#asks, this.#askCount) };
    return { version: SAVED_VERSION, state };
  }

  /** @throws `FAULT_INPUT` on a state of another version, or with an order that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved("gridMaker", saved, ["bids", "asks"]);
    this.#instrument = ctx.instrument(this.#options.instrument);
    this.#book = ctx.book(this.#options.instrument);
    const open = ctx.openOrders(this.#instrument.key);
    this.#bidCount = 0;
    this.#askCount = 0;
    for (const [side, name] of [
      ["buy", "bids"],
      ["sell", "asks"],
    ] as const) {
      const own = open.filter((ticket) => ticket.side === side);
      const kept = openOrders(`gridMaker.load.${name}`, state[name], own, this.#bids.length);
      for (const ticket of kept) this.#keep(ticket);
    }
  }

  /** Writes the prices of one side, from the nearest to the mid, as ticks. */
  #layGrid(first: number, step: number, tickSize: number): void {
    let price = first;
    for (let level = 0; level < this.#grid.length; level++) {
      this.#grid[level] = Math.round(price / tickSize);
      price += step;
    }
  }

  /** Cancels this side's quotes that are off the grid, then sends the missing ones. */
  #quote(ctx: StrategyContext, side: "buy" | "sell", wanted: boolean): void {
    const own = side === "buy" ? this.#bids : this.#asks;
    const count = side === "buy" ? this.#bidCount : this.#askCount;
    for (let i = 0; i < count; i++) {
      const ticket = own[i] as OrderTicket;
      if (ticket.isPending || ticket.status === "pendingNew") continue;
      if (!(wanted && this.#isOnGrid(ticket.priceTicks))) ctx.cancel(ticket);
    }
    if (!wanted) return;
    const { instrument, orderLots } = this.#options;
    for (let level = 0; level < this.#grid.length; level++) {
      const priceTicks = this.#grid[level] as number;
      if (stands(this.#bids, this.#bidCount, priceTicks)) continue;
      if (stands(this.#asks, this.#askCount, priceTicks)) continue;
      if ((side === "buy" ? this.#bidCount : this.#askCount) === own.length) return;
      const ticket = ctx.submit({ instrument, side, lots: orderLots, priceTicks, postOnly: true });
      if (ticket.ok) this.#keep(ticket);
    }
  }

  #isOnGrid(ticks: number): boolean {
    for (let level = 0; level < this.#grid.length; level++) if (this.#grid[level] === ticks) return true;
    return false;
  }

  #keep(ticket: OrderTicket): void {
    if (ticket.side === "buy") {
      this.#bids[this.#bidCount] = ticket;
      this.#bidCount += 1;
    } else {
      this.#asks[this.#askCount] = ticket;
      this.#askCount += 1;
    }
  }
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

function checkOptions(options: GridMakerOptions): Required<GridMakerOptions> {
  checkKeys("gridMaker", options, KEYS);
  return {
    instrument: checkText("gridMaker.instrument", options.instrument),
    halfSpread: checkNumber("gridMaker.halfSpread", options.halfSpread, 0, 1),
    gridInterval: checkNumber("gridMaker.gridInterval", options.gridInterval, 0, 1),
    levels: checkInteger("gridMaker.levels", options.levels, 1, 1_000),
    skew: checkNumber("gridMaker.skew", options.skew, 0, 1),
    orderLots: checkInteger("gridMaker.orderLots", options.orderLots, 1),
    maxPositionLots: checkInteger("gridMaker.maxPositionLots", options.maxPositionLots, 1),
    minStepTicks: checkInteger("gridMaker.minStepTicks", options.minStepTicks ?? 1, 1, 1_000_000),
    periodNs: checkInteger("gridMaker.periodNs", options.periodNs ?? 100_000_000, 1),
  };
}
