import { MATCH_EVENT, type MatchingBook } from "../match/index.ts";
import type { SideSign } from "../model/index.ts";

/** One order of the market's own. @units lots */
interface Standing {
  readonly id: number;
  /** Its whole quantity, with what has been executed of it. */
  whole: number;
  leaves: number;
  /** Whether no order of a client came behind it. */
  isLast: boolean;
}

/** The market's own orders at one price, oldest first. */
interface BackgroundLevel {
  readonly orders: Standing[];
  lots: number;
}

/** Hears that a command of the market's own is carried out: `id` is the order that took, if one did. */
export type BackgroundHearer = (id: number, buys: boolean) => void;

/**
 * The market's own orders in a matching book: what its source says stands there beside the clients.
 *
 * What a level gains stands behind everybody at that price. What it loses goes from behind: the newest of the market's
 * own first, so that a client's place comes forward by trades alone. What clients took is gone until the source says
 * again what the level holds. An order of the market that enters against an older one of its own ends that one: the
 * source's newer word counts.
 *
 * @units ticks, lots
 * @invariant A level's `lots` are what its orders have left, and stand in the book.
 */
export class Background {
  readonly #book: MatchingBook;
  readonly #heard: BackgroundHearer;
  readonly #bids: Map<number, BackgroundLevel> = new Map();
  readonly #asks: Map<number, BackgroundLevel> = new Map();
  /** Where an order stands: its price, below 0 where it sells. */
  readonly #places: Map<number, number> = new Map();
  #lastId = 0;

  constructor(book: MatchingBook, heard: BackgroundHearer) {
    this.#book = book;
    this.#heard = heard;
  }

  #of(side: number): Map<number, BackgroundLevel> {
    return side > 0 ? this.#bids : this.#asks;
  }

  /** The prices of a side where the market has orders. */
  ticks(side: number): number[] {
    return [...this.#of(side).keys()];
  }

  /** What the market has at a price. */
  lots(side: number, tick: number): number {
    return this.#of(side).get(tick)?.lots ?? 0;
  }

  /** The source says what a level holds. */
  set(side: SideSign, tick: number, lots: number): void {
    const more = lots - this.lots(side, tick);
    if (more > 0) this.#add(side, tick, more);
    else if (more < 0) this.#remove(side, tick, -more);
  }

  #add(side: SideSign, tick: number, lots: number): void {
    let level = this.#of(side).get(tick);
    const newest = level?.orders.at(-1);
    if (level !== undefined && newest?.isLast === true) {
      // Nobody stands behind it: it grows where it is.
      newest.whole += lots;
      newest.leaves += lots;
      level.lots += lots;
      this.#book.replace(newest.id, { lots: newest.whole });
      this.#heard(newest.id, side > 0);
      return;
    }
    if (level === undefined) {
      level = { orders: [], lots: 0 };
      this.#of(side).set(tick, level);
    }
    const id = this.#nextId();
    level.orders.push({ id, whole: lots, leaves: lots, isLast: true });
    level.lots += lots;
    this.#places.set(id, tick * side);
    const refused = this.#book.submit({
      ...{ id, side: side > 0 ? "buy" : "sell", lots, priceTicks: tick, selfMatch: "cancelOldest" },
    });
    if (refused === undefined) this.#heard(id, side > 0);
    else this.left(id, 0);
  }

  #remove(side: SideSign, tick: number, lots: number): void {
    const level = this.#of(side).get(tick);
    let left = lots;
    for (let newest = level?.orders.at(-1); newest !== undefined && left > 0; newest = level?.orders.at(-1)) {
      const { id } = newest;
      if (newest.leaves > left) {
        newest.whole -= left;
        this.#book.replace(id, { lots: newest.whole });
        this.left(id, newest.leaves - left);
        left = 0;
      } else {
        left -= newest.leaves;
        this.#book.cancel(id);
      }
      this.#heard(id, side > 0);
    }
  }

  /** A stranger takes what stands up to a price. Gives what was not there. */
  take(side: SideSign, tick: number, lots: number): number {
    return lots - this.#send(side, tick, lots, { timeInForce: "IOC" });
  }

  /** Two strangers trade between the best prices, where nothing stands that either of them could have had. */
  meet(side: SideSign, tick: number, lots: number): void {
    this.#send(side > 0 ? -1 : 1, tick, lots, { hidden: true });
    this.#send(side, tick, lots, { timeInForce: "IOC" });
  }

  /** Sends an order that is not the source's level; gives what it traded. */
  #send(side: SideSign, tick: number, lots: number, more: { timeInForce: "IOC" } | { hidden: true }): number {
    const id = this.#nextId();
    const { events } = this.#book;
    const terms = { id, side: side > 0 ? "buy" : "sell", lots, priceTicks: tick } as const;
    if (this.#book.submit({ ...terms, ...more }) !== undefined) return 0;
    let traded = 0;
    for (let i = 0; i < events.count; i++) {
      if (events.kind[i] === MATCH_EVENT.traded) traded += events.lots[i] as number;
    }
    this.#heard(id, side > 0);
    return traded;
  }

  #nextId(): number {
    this.#lastId -= 1;
    return this.#lastId;
  }

  /** An order of the market has so much left; one with nothing is gone. */
  left(id: number, leaves: number): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    const side = place > 0 ? 1 : -1;
    const tick = place * side;
    const level = this.#of(side).get(tick) as BackgroundLevel;
    const at = level.orders.findIndex((each) => each.id === id);
    const order = level.orders[at] as Standing;
    level.lots -= order.leaves - leaves;
    order.leaves = leaves;
    if (leaves > 0) return;
    level.orders.splice(at, 1);
    this.#places.delete(id);
    if (level.orders.length === 0) this.#of(side).delete(tick);
  }

  /** An order of a client came to the end of a price's queue. */
  cameBehind(side: number, tick: number): void {
    const newest = this.#of(side).get(tick)?.orders.at(-1);
    if (newest !== undefined) newest.isLast = false;
  }
}
