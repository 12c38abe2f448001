import { type Refusal, refuse } from "../base/index.ts";
import { NO_ASK, NO_BID } from "../book/index.ts";
import type { MatchOrder, MatchOrderView, MatchRefusalCode, MatchReplace } from "../match/index.ts";
import type { ClosedBook } from "./closed-book.ts";

/**
 * A trader of a closed market whose orders a program gives: for tests and for markets with somebody particular in them.
 *
 * `act` is called at the market's start, then at the times it returns (ns from that start, later than now; Infinity for
 * never again). It has no clock and no randomness but what it makes of its calls.
 */
export interface Participant {
  readonly name: string;
  readonly act: (desk: ParticipantDesk) => number;
}

/**
 * An order of a participant: as `MatchOrder`, named and owned by the desk, `expireNs` from the market's start. All-or-none
 * orders could cross the book.
 */
export type ParticipantOrder = Omit<MatchOrder, "id" | "owner" | "allOrNone">;

const RESERVED = ["id", "owner", "allOrNone"] as const;

/**
 * What a participant of a closed market sees and can do.
 *
 * @units prices in ticks, quantities in lots, `moneyTicks` in ticks times lots, `nowNs` ns from the market's start
 * @refuses as `MatchingBook`; `MATCH_UNKNOWN_ORDER` for an order of somebody else
 */
export class ParticipantDesk {
  readonly owner: number;
  readonly #floor: ClosedBook;
  readonly #startNs: number;
  readonly #done: () => void;

  /** @internal */
  constructor(floor: ClosedBook, owner: number, startNs: number, done: () => void) {
    this.owner = owner;
    this.#floor = floor;
    this.#startNs = startNs;
    this.#done = done;
  }

  get nowNs(): number {
    return this.#floor.nowNs - this.#startNs;
  }

  /** What it has bought less what it has sold. */
  get positionLots(): number {
    return this.#floor.book.positions[this.owner] as number;
  }

  /** What it has got less what it has paid. */
  get moneyTicks(): number {
    return this.#floor.money[this.owner] as number;
  }

  /** The best shown bid; NaN where there is none. */
  get bestBid(): number {
    const { bestBid } = this.#floor.book;
    return bestBid === NO_BID ? Number.NaN : bestBid;
  }

  get bestAsk(): number {
    const { bestAsk } = this.#floor.book;
    return bestAsk === NO_ASK ? Number.NaN : bestAsk;
  }

  /** Sends an order, which is matched at once; its id, or why not. */
  submit(order: ParticipantOrder): number | Refusal<MatchRefusalCode> {
    for (const field of RESERVED) {
      const value: unknown =
        typeof order === "object" && order !== null ? Reflect.get(order, field) : undefined;
      if (value !== undefined) return refuse("MATCH_ORDER_INVALID", field, value, "none of a participant");
    }
    if (typeof order !== "object" || order === null)
      return refuse("MATCH_ORDER_INVALID", "order", order, "an object");
    let named = 0;
    const { expireNs } = order;
    const dated = expireNs === undefined ? {} : { expireNs: expireNs + this.#startNs };
    const refused = this.#floor.enter({ ...order, ...dated, owner: this.owner }, (id) => {
      named = id;
    });
    this.#done();
    return refused ?? named;
  }

  cancel(id: number): Refusal<MatchRefusalCode> | undefined {
    const refused = this.#own(id) ?? this.#floor.cancel(id);
    this.#done();
    return refused;
  }

  replace(id: number, terms: MatchReplace): Refusal<MatchRefusalCode> | undefined {
    const refused = this.#own(id) ?? this.#floor.replace(id, terms);
    this.#done();
    return refused;
  }

  /** An order of its own that has not ended, as a value. */
  order(id: number): MatchOrderView | undefined {
    return this.#own(id) === undefined ? this.#floor.book.order(id) : undefined;
  }

  #own(id: number): Refusal<MatchRefusalCode> | undefined {
    if (this.#floor.order(id)?.owner === this.owner) return undefined;
    return refuse("MATCH_UNKNOWN_ORDER", "id", id, "an order of one's own that has not ended");
  }
}
