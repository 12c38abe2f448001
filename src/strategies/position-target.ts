import { checkNumber, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { OrderTicket, StrategyContext } from "../strategy/index.ts";
import { openOrder, savedOrder } from "./saved-state.ts";

/** Which way a bar strategy wants to stand: long, flat or short. */
export type Direction = 1 | 0 | -1;

/** Whether a bar strategy may sell short. */
export type PositionMode = "longFlat" | "longShort";

/**
 * The whole lots that `weight` of the equity buys at a price, towards 0; 0 where the equity is not above 0.
 *
 * @units `equity` in units of the instrument's quote currency, `price` in the same per 1.0 of quantity
 */
export function weightLots(instrument: Instrument, weight: number, equity: number, price: number): number {
  const worth = price * instrument.multiplier;
  if (!(equity > 0) || !(worth > 0)) return 0;
  return instrument.lotsDown((weight * equity) / worth);
}

/**
 * Brings a position to a side with one market order at a time.
 *
 * It acts where the sign of the position is not the wanted one, so a split, a partial fill of an entry or a
 * dividend leaves the position alone, while a refused or unfilled order is sent again at the next bar.
 *
 * @invariant At most one order is open. What was over once is forgotten: a bust does not bring it back.
 */
export class PositionTarget {
  #ticket: OrderTicket | undefined = undefined;

  moveTo(
    ctx: StrategyContext,
    instrument: Instrument,
    wanted: Direction,
    weight: number,
    price: number,
  ): void {
    if (this.#ticket?.isOpen === true || !ctx.isWarm) return;
    this.#ticket = undefined;
    const position = ctx.position(instrument.key);
    // Fees in the base currency are taken from what was bought: what is left of it can be sold.
    const held = position.lots > 0 ? Math.min(position.lots, position.deliverableLots) : position.lots;
    if (Math.sign(held) === wanted) return;
    const target = wanted === 0 ? 0 : wanted * weightLots(instrument, weight, ctx.portfolio.equity, price);
    const missing = target - held;
    const lots = Math.min(Math.abs(missing), instrument.maxLots);
    if (lots < instrument.minLots) return;
    const side = missing > 0 ? "buy" : "sell";
    const ticket = ctx.submit({ instrument: instrument.key, side, lots, type: "market" });
    if (ticket.ok) this.#ticket = ticket;
  }

  /** Forgets an order that is over; strategies call this from `onOrder`. */
  settle(ticket: OrderTicket): void {
    if (ticket === this.#ticket && !ticket.isOpen) this.#ticket = undefined;
  }

  /** The id of the order that is out, null where there is none. */
  save(): number | null {
    return savedOrder(this.#ticket);
  }

  /** Takes up the order of a saved id. @throws `FAULT_INPUT` where it is none of those open */
  load(path: string, id: unknown, open: readonly OrderTicket[]): void {
    this.#ticket = openOrder(`${path}.load.order`, id, open);
  }
}

/** Throws `FAULT_CONFIG` unless a weight is above 0 and at most 100. */
export function checkWeight(path: string, value: number): number {
  if (checkNumber(path, value, 0, 100) > 0) return value;
  throw new Fault("FAULT_CONFIG", { path, value, expected: "a share above 0" });
}

/** Throws `FAULT_INPUT` unless a saved direction is 1, 0 or -1. */
export function checkDirection(path: string, value: unknown): Direction {
  if (value === 1 || value === 0 || value === -1) return value;
  throw new Fault("FAULT_INPUT", { path: `${path}.load.wanted`, value, expected: "1, 0 or -1" });
}
