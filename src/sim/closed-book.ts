import type { Refusal } from "../base/index.ts";
import {
  MATCH_EVENT,
  MATCH_PHASE,
  MATCH_REASON,
  MatchingBook,
  type MatchingOptions,
  type MatchOrder,
  type MatchPhase,
  type MatchRefusalCode,
  type MatchReplace,
} from "../match/index.ts";
import { type SideSign, sideSign, VALIDITY } from "../model/index.ts";
import type { MarketFeed } from "./market-generator-feed.ts";

/** Owners of orders in a closed market; participants follow from `first` on. */
export const OWNER = { own: 1, order: 2, quote: 3, noise: 4, excited: 5, informed: 6, first: 16 } as const;

type Refused = Refusal<MatchRefusalCode> | undefined;

/** An order of a closed market that has not ended. @units ticks, lots */
export interface Standing {
  readonly id: number;
  readonly owner: number;
  readonly side: SideSign;
  tick: number;
  lots: number;
  leaves: number;
  readonly expireNs: number;
}

/** Who hears what becomes of his orders. No command may be given from here. */
export interface BookEar {
  accepted(order: Standing): void;
  traded(order: Standing, tick: number, lots: number, isMaker: boolean, isAuction: boolean): void;
  /** Other terms; `tick` and `leaves` are what they were before. */
  changed(order: Standing, reason: number, tick: number, leaves: number): void;
  triggered(order: Standing): void;
  ended(order: Standing, isExpired: boolean, reason: number): void;
}

/** What a closed market hears of its book. */
export interface BookWatch {
  traded(tick: number, lots: number, side: SideSign | 0, taker: number): void;
  /** Trading is continuous again; the auction's price, or NaN. */
  reopened(priceTicks: number): void;
}

/**
 * The book of a closed market: everybody's orders in one {@link MatchingBook}, what becomes of them told to their
 * owners, what is shown told to the feed, what changed hands counted.
 *
 * @units prices in ticks, quantities in lots, money in ticks times lots
 * @invariant Lots and money of all owners sum to 0. The feed is told every level that changed.
 */
export class ClosedBook {
  readonly book: MatchingBook;
  readonly ears: Map<number, BookEar> = new Map();
  /** What each owner has got less what he has paid, by owner. */
  readonly money: Float64Array;
  feed: MarketFeed | undefined;
  watch: BookWatch | undefined;
  /** Called when the book has closed: the day is over. */
  closed: (() => void) | undefined;
  nowNs: number = Number.NEGATIVE_INFINITY;
  trades = 0;
  readonly #standing: Map<number, Standing> = new Map();
  readonly #dated: Set<Standing> = new Set();
  #ids = 0;
  #isContinuous = true;

  constructor(options: MatchingOptions) {
    this.book = new MatchingBook(options);
    this.money = new Float64Array(options.ownersMax ?? 1024);
  }

  get isContinuous(): boolean {
    return this.book.phase === "continuous";
  }

  /** When the first order expires, Infinity where none does. */
  get expiresNs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { expireNs } of this.#dated) if (expireNs < next) next = expireNs;
    return next;
  }

  /** The order of an id, while it has not ended. */
  order(id: number): Standing | undefined {
    return this.#standing.get(id);
  }

  /** Enters a plain limit order. @units `timeInForce`: a code of `TIME_IN_FORCE` up to FOK */
  post(side: SideSign, tick: number, lots: number, owner: number, timeInForce: number): Standing | undefined {
    const standing = this.#add(owner, side, tick, lots, Number.POSITIVE_INFINITY);
    const refused = this.book.submitLimit(standing.id, side, tick, lots, owner, timeInForce);
    return this.#entered(standing, refused) === undefined ? standing : undefined;
  }

  /** Enters an order; `onId` is told its id before anything happens to it. Undefined, or why not. */
  enter(order: Omit<MatchOrder, "id">, onId: (id: number) => void): Refused {
    const { owner = 0, side, priceTicks = 0, lots, expireNs = Number.POSITIVE_INFINITY } = order;
    const standing = this.#add(owner, side === "sell" ? -1 : sideSign("buy"), priceTicks, lots, expireNs);
    onId(standing.id);
    return this.#entered(standing, this.book.submit({ ...order, id: standing.id }));
  }

  cancel(id: number): Refused {
    return this.#heard(this.book.cancel(id));
  }

  replace(id: number, terms: MatchReplace): Refused {
    return this.#heard(this.book.replace(id, terms));
  }

  turn(phase: MatchPhase): Refused {
    const refused = this.#heard(this.book.turn(phase));
    if (phase === "closed") this.closed?.();
    return refused;
  }

  setBands(bands?: { readonly lowerTicks: number; readonly upperTicks: number }): Refused {
    return this.#heard(this.book.setBands(bands));
  }

  tell(trigger: "mark" | "index", ticks: number): Refused {
    return this.#heard(this.book.tell(trigger, ticks));
  }

  /** It is later: orders whose time has come end. */
  advance(nowNs: number): void {
    if (nowNs > this.nowNs) this.nowNs = nowNs;
    if (nowNs > this.book.nowNs) this.#heard(this.book.advance(nowNs));
  }

  /** From here on the feed is told. */
  begin(): void {
    const { feed, nowNs } = this;
    if (feed === undefined) return;
    feed.live = true;
    if (this.#isContinuous) feed.snapshot(nowNs);
    else feed.validity(nowNs, VALIDITY.halted);
  }

  #add(owner: number, side: SideSign, tick: number, lots: number, expireNs: number): Standing {
    const standing = { id: ++this.#ids, owner, side, tick, lots, leaves: lots, expireNs };
    this.#standing.set(standing.id, standing);
    if (expireNs < Number.POSITIVE_INFINITY) this.#dated.add(standing);
    return standing;
  }

  #entered(standing: Standing, refused: Refused): Refused {
    if (refused !== undefined) this.#drop(standing);
    this.#heard(refused);
    if (this.#standing.has(standing.id)) this.#show(standing, standing.tick);
    return refused;
  }

  #drop(standing: Standing): void {
    this.#standing.delete(standing.id);
    this.#dated.delete(standing);
  }

  /** Tells everybody what the last command did. */
  #heard(refused: Refused): Refused {
    if (refused !== undefined) return refused;
    const { events } = this.book;
    let isAuction = false;
    let price = Number.NaN;
    for (let i = 0; i < events.count; i++) {
      const kind = events.kind[i] as number;
      if (kind === MATCH_EVENT.priced) {
        isAuction = true;
        price = events.tick[i] as number;
      } else if (kind === MATCH_EVENT.phase) {
        isAuction = false;
        this.#turned(events.tick[i] === MATCH_PHASE.continuous);
      } else if (kind === MATCH_EVENT.traded) this.#traded(i, isAuction);
      else this.#order(i, kind);
    }
    if (this.#isContinuous || !this.isContinuous) return undefined;
    this.#isContinuous = true;
    this.feed?.validity(this.nowNs, VALIDITY.valid);
    if (this.feed?.live === true) this.feed.snapshot(this.nowNs);
    this.watch?.reopened(price);
    return undefined;
  }

  /** What is no longer continuous shows no book until it is again, after all that follows. */
  #turned(isContinuous: boolean): void {
    if (isContinuous || !this.#isContinuous) return;
    this.#isContinuous = false;
    this.feed?.validity(this.nowNs, VALIDITY.halted);
  }

  #traded(i: number, isAuction: boolean): void {
    const { events } = this.book;
    const taker = this.#standing.get(events.idAt(i) as number) as Standing;
    const maker = this.#standing.get(events.otherIdAt(i) as number) as Standing;
    const tick = events.tick[i] as number;
    const lots = events.lots[i] as number;
    taker.leaves = events.leaves[i] as number;
    maker.leaves = events.otherLeaves[i] as number;
    const paid = taker.side * tick * lots;
    this.money[taker.owner] = (this.money[taker.owner] as number) - paid;
    this.money[maker.owner] = (this.money[maker.owner] as number) + paid;
    this.trades += 1;
    const side = isAuction ? 0 : taker.side;
    this.feed?.trade(this.nowNs, side, tick, lots);
    this.#show(maker, tick);
    if (isAuction) this.#show(taker, taker.tick);
    this.ears.get(maker.owner)?.traded(maker, tick, lots, true, isAuction);
    this.ears.get(taker.owner)?.traded(taker, tick, lots, false, isAuction);
    this.watch?.traded(tick, lots, side, taker.owner);
    if (maker.leaves === 0) this.#drop(maker);
    if (taker.leaves === 0) this.#drop(taker);
  }

  #order(i: number, kind: number): void {
    const { events } = this.book;
    const standing = this.#standing.get(events.idAt(i) as number);
    if (standing === undefined) return;
    const ear = this.ears.get(standing.owner);
    if (kind === MATCH_EVENT.accepted) {
      ear?.accepted(standing);
      return;
    }
    if (!NEVER_SHOWN.has(events.reason[i] as number)) this.#show(standing, standing.tick);
    switch (kind) {
      case MATCH_EVENT.canceled:
      case MATCH_EVENT.expired:
        this.#drop(standing);
        ear?.ended(standing, kind === MATCH_EVENT.expired, events.reason[i] as number);
        break;
      case MATCH_EVENT.triggered:
        ear?.triggered(standing);
        break;
      case MATCH_EVENT.replaced:
      case MATCH_EVENT.restated:
        this.#changed(i, standing, ear);
        break;
    }
  }

  #changed(i: number, standing: Standing, ear: BookEar | undefined): void {
    const { events } = this.book;
    const { tick, leaves } = standing;
    standing.tick = events.tick[i] as number;
    standing.lots = events.lots[i] as number;
    standing.leaves = events.leaves[i] as number;
    this.#show(standing, standing.tick);
    ear?.changed(standing, events.reason[i] as number, tick, leaves);
  }

  #show({ side }: Standing, tick: number): void {
    if (this.#isContinuous && tick > 0) this.feed?.changed(side, side * tick);
  }
}

/** Why orders end that stood nowhere. */
const NEVER_SHOWN: ReadonlySet<number> = new Set([
  ...[MATCH_REASON.iocRemainder, MATCH_REASON.fokNotFillable, MATCH_REASON.noLiquidity],
  MATCH_REASON.minLots,
]);
