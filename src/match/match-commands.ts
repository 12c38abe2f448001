import { type Refusal, refuse } from "../base/index.ts";
import { type SideSign, TIME_IN_FORCE } from "../model/index.ts";
import type { AuctionResult } from "./auction-price.ts";
import type { MatchPhase } from "./match-auction.ts";
import { invalid, isPlainLimit, isTick, range } from "./match-check.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import type { MatchOrder, MatchOrderId, MatchOrderList, MatchReplace, MatchTrigger } from "./match-order.ts";
import { isQueued } from "./match-places.ts";
import { MatchPlain } from "./match-plain.ts";
import { MATCH_FLAG, NOT_WAITING, PLACE } from "./match-rows.ts";
import { SOURCE } from "./match-triggers.ts";
import type { MatchRefusalCode } from "./refusals.ts";

type Refused = Refusal<MatchRefusalCode> | undefined;

/** The commands of a book: what may come, and what is done with it. */
export class MatchCommands extends MatchPlain {
  // --- commands ---

  /** Takes an order. */
  submit(order: MatchOrder): Refused {
    this.events.count = 0;
    if (isPlainLimit(order)) {
      const { id, side, priceTicks, lots, owner = 0, timeInForce = "GTC" } = order;
      const sign = side === "buy" ? 1 : side === "sell" ? -1 : 0;
      const time = timeInForce === "GTC" ? 0 : timeInForce === "IOC" ? 1 : timeInForce === "FOK" ? 2 : -1;
      if (this.enterLimit(id, sign, priceTicks as number, lots, owner, time)) return undefined;
    }
    const refused = this.mayEnter(order, false);
    if (refused !== undefined) return refused;
    const row = this.accept(order);
    this.start(row);
    this.settle();
    return undefined;
  }

  /** As `submit` for a limit order of nothing but these, without an object. @units ticks, lots */
  submitLimit(
    id: MatchOrderId,
    side: SideSign,
    tick: number,
    lots: number,
    owner = 0,
    timeInForce: number = TIME_IN_FORCE.GTC,
  ): Refused {
    this.events.count = 0;
    if (this.enterLimit(id, side, tick, lots, owner, timeInForce)) return undefined;
    return this.#refuseLimit(id, side, tick, lots, owner, timeInForce);
  }

  /** Takes orders that belong together: all of them, or none. */
  submitList(of: MatchOrderList): Refused {
    this.events.count = 0;
    if (typeof of !== "object" || of === null) return invalid("list", of, "an object");
    for (const field in of)
      if (!LIST_FIELDS.has(field)) return invalid(field, undefined, "a field of a list");
    const { parent, orders, onTrade = "cancel" } = of;
    if (!Array.isArray(orders)) return invalid("orders", orders, "orders");
    const all = parent === undefined ? orders : [parent, ...orders];
    if (orders.length < (parent === undefined ? 2 : 1)) {
      return invalid(
        "orders",
        orders.length,
        parent === undefined ? "two orders or more" : "an order or more",
      );
    }
    if (onTrade !== "cancel" && onTrade !== "reduce") return invalid("onTrade", onTrade, "cancel or reduce");
    const ids = new Set<MatchOrderId>();
    for (const order of all) {
      const isLater = parent !== undefined && order !== parent;
      if (order?.allOrNone === true) return invalid("allOrNone", true, "none in a list");
      if (isLater && (order?.timeInForce === "atOpen" || order?.timeInForce === "atClose")) {
        return invalid("timeInForce", order.timeInForce, "none of an auction behind a parent");
      }
      const refused = this.mayEnter(order, isLater, all.length, ids);
      if (refused !== undefined) return refused;
      ids.add(order.id);
    }
    const list = ++this.lastList;
    this.rows.hasLists = true;
    const rows = all.map((order) => this.accept(order));
    for (const row of rows) this.rows.list[row] = list;
    const [first = 0, ...rest] = rows;
    const hasParent = parent !== undefined;
    this.lists.set(list, {
      ...{ parent: hasParent ? first : 0, others: hasParent ? rest : rows, reduces: onTrade === "reduce" },
    });
    for (const row of hasParent ? [first] : rows) {
      // A trade of the one before may have ended it.
      if (this.rows.place[row] === PLACE.parked && this.rows.list[row] === list) this.start(row);
    }
    this.settle();
    return undefined;
  }

  /** Ends an order. */
  cancel(id: MatchOrderId): Refused {
    this.events.count = 0;
    const row = this.byId.get(id);
    if (row === undefined) return refuse("MATCH_UNKNOWN_ORDER", "id", id, "an order that has not ended");
    this.cancelRow(row, MATCH_REASON.asked);
    this.settle();
    return undefined;
  }

  /** Ends every order, or every one of an owner, in the order of acceptance; returns how many. O(orders). */
  cancelAll(owner?: number): number {
    this.events.count = 0;
    const { rows } = this;
    let count = 0;
    for (const row of this.inSequence()) {
      if (rows.place[row] === PLACE.none || (owner !== undefined && rows.owner[row] !== owner)) continue;
      this.cancelRow(row, MATCH_REASON.massCancel);
      count++;
    }
    this.settle();
    return count;
  }

  /**
   * Gives an order other terms. Smaller keeps its place; larger, or another price, goes behind, and takes what it
   * reaches there. A whole quantity that has been executed already ends it.
   */
  replace(id: MatchOrderId, terms: MatchReplace): Refused {
    this.events.count = 0;
    const row = this.byId.get(id);
    if (row === undefined) return refuse("MATCH_UNKNOWN_ORDER", "id", id, "an order that has not ended");
    const refused = this.#mayReplace(row, terms);
    if (refused !== undefined) return refused;
    this.#replaceRow(row, terms);
    this.settle();
    return undefined;
  }

  /** As `replace` for another price alone, without an object. @units ticks */
  move(id: MatchOrderId, ticks: number): Refused {
    const { rows, settings } = this;
    const row = this.byId.find(id);
    const isPlain =
      rows.isMovable(row, ticks) &&
      (ticks | 0) === ticks &&
      ticks >= settings.lowestTicks &&
      ticks <= settings.highestTicks &&
      this.isContinuous;
    if (!isPlain) return this.replace(id, { priceTicks: ticks });
    this.events.count = 0;
    this.movePlain(row, ticks);
    this.settle();
    return undefined;
  }

  /** Tells a price that orders may wait for. @units ticks */
  tell(trigger: Extract<MatchTrigger, "mark" | "index">, ticks: number): Refused {
    this.events.count = 0;
    if (trigger !== "mark" && trigger !== "index") return invalid("trigger", trigger, "mark or index");
    if (!isTick(ticks, this.settings)) return invalid("ticks", ticks, range(this.settings));
    this.told[SOURCE[trigger]] = ticks;
    this.sourceMoved(SOURCE[trigger], ticks);
    this.settle();
    return undefined;
  }

  /** The time is another: orders whose time has come end, the earliest first. Going back is refused. @units ns */
  advance(nowNs: number): Refused {
    this.events.count = 0;
    if (!Number.isSafeInteger(nowNs) || nowNs < this.now)
      return invalid("nowNs", nowNs, `an integer from ${this.now}`);
    this.now = nowNs;
    const { rows } = this;
    for (let due = this.expiries.due(nowNs); due !== undefined; due = this.expiries.due(nowNs)) {
      const [, seq, row] = due;
      // An entry whose order has ended, or has another place in time, is of the past.
      if (rows.place[row] === PLACE.none || rows.seq[row >> 1] !== seq) continue;
      this.cancelRow(row, MATCH_REASON.gtdReached, MATCH_EVENT.expired);
    }
    this.settle();
    return undefined;
  }

  /**
   * Turns to another phase. The end of an auction trades what it can at one price; `closed` ends orders of the day; in
   * `halted` and `closed` orders can only be canceled.
   */
  turn(phase: MatchPhase): Refused {
    this.events.count = 0;
    if (!Object.hasOwn(PHASES, phase))
      return invalid("phase", phase, `one of ${Object.keys(PHASES).join(", ")}`);
    this.turnTo(phase);
    this.settle();
    return undefined;
  }

  /** What the auction would do if it ended now; undefined where nothing would trade. O(orders log orders). */
  indicative(): AuctionResult | undefined {
    return this.indicate();
  }

  /**
   * Lots at the market that the auction would leave over if it ended now: above 0 of buyers, below 0 of sellers; what
   * both have over is taken off each other. O(orders log orders).
   */
  marketSurplusLots(): number {
    return this.marketSurplus();
  }

  /** Nothing trades outside of the bands, and what would rest there is put to them; without them, everything may. */
  setBands(bands?: { readonly lowerTicks: number; readonly upperTicks: number }): Refused {
    this.events.count = 0;
    if (bands !== undefined && (typeof bands !== "object" || bands === null)) {
      return invalid("bands", bands, "two prices");
    }
    const { lowerTicks, upperTicks } = bands ?? WIDEST(this.settings);
    if (!isTick(lowerTicks, this.settings)) return invalid("lowerTicks", lowerTicks, range(this.settings));
    if (!isTick(upperTicks, this.settings) || upperTicks < lowerTicks) {
      return invalid("upperTicks", upperTicks, `a price from ${lowerTicks}`);
    }
    this.band(bands === undefined ? undefined : { lowerTicks, upperTicks });
    this.settle();
    return undefined;
  }

  #refuseLimit(
    id: MatchOrderId,
    side: number,
    tick: number,
    lots: number,
    owner: number,
    timeInForce: number,
  ): Refused {
    const words = ["GTC", "IOC", "FOK"] as const;
    const word = words[timeInForce];
    if (side !== 1 && side !== -1) return invalid("side", side, "1 or -1");
    if (word === undefined) return invalid("timeInForce", timeInForce, "0, 1 or 2: GTC, IOC or FOK");
    return this.submit({
      ...{ id, side: side > 0 ? "buy" : "sell", lots, priceTicks: tick, owner, timeInForce: word },
    });
  }

  // --- replaces ---

  #mayReplace(row: number, terms: MatchReplace): Refused {
    const { rows, settings, phase } = this;
    if (typeof terms !== "object" || terms === null) return invalid("terms", terms, "an object");
    for (const field in terms) {
      if (!["priceTicks", "lots", "stopTicks"].includes(field))
        return invalid(field, undefined, "a field of new terms");
    }
    const { priceTicks, lots, stopTicks } = terms;
    const flags = rows.flags[row] as number;
    if (priceTicks !== undefined && ((flags & MATCH_FLAG.market) !== 0 || !isTick(priceTicks, settings))) {
      return invalid("priceTicks", priceTicks, `${range(settings)}, of an order with a limit`);
    }
    if (lots !== undefined && !(Number.isSafeInteger(lots) && lots > 0 && lots <= settings.lotsMax)) {
      return invalid("lots", lots, `an integer within 1 to ${settings.lotsMax}`);
    }
    const isTriggered = (flags & MATCH_FLAG.triggered) !== 0;
    const mayWait = rows.stop[row] !== NOT_WAITING && !isTriggered;
    if (stopTicks !== undefined && (!mayWait || !isTick(stopTicks, settings))) {
      return invalid("stopTicks", stopTicks, `${range(settings)}, of an order that waits`);
    }
    if (phase === "halted" || phase === "closed")
      return refuse("MATCH_PHASE", "phase", phase, "cancels only");
    const tick = priceTicks ?? (rows.tick[row] as number);
    const isMoved = this.#goesBehind(row, tick, lots ?? (rows.lots[row >> 1] as number));
    const isPostOnly = (flags & (MATCH_FLAG.postOnly | MATCH_FLAG.reprice)) === MATCH_FLAG.postOnly;
    if (isMoved && isPostOnly && this.isContinuous && this.crosses(rows.side[row] as number, tick)) {
      return refuse("MATCH_POST_ONLY_WOULD_TAKE", "priceTicks", tick, "a price that takes nothing");
    }
    return undefined;
  }

  /** Whether a resting order loses its place by other terms. */
  #goesBehind(row: number, tick: number, lots: number): boolean {
    const { rows } = this;
    const isPegged = ((rows.flags[row] as number) & MATCH_FLAG.pegged) !== 0;
    return (
      isQueued(rows.place[row] as number) &&
      !isPegged &&
      (tick !== rows.tick[row] || lots > (rows.lots[row >> 1] as number))
    );
  }

  #replaceRow(row: number, { priceTicks, lots, stopTicks }: MatchReplace): void {
    const { rows } = this;
    const whole = lots ?? (rows.lots[row >> 1] as number);
    const executed = (rows.lots[row >> 1] as number) - (rows.leaves[row >> 1] as number);
    if (whole <= executed) {
      this.cancelRow(row, MATCH_REASON.asked);
      return;
    }
    const isPegged = ((rows.flags[row] as number) & MATCH_FLAG.pegged) !== 0;
    const place = rows.place[row];
    if (isPegged) {
      this.#replacePeg(row, priceTicks ?? (rows.limit[row] as number), whole);
      return;
    }
    const tick = priceTicks ?? (rows.tick[row] as number);
    if (this.#goesBehind(row, tick, whole)) {
      this.unrest(row);
      this.#resize(row, whole);
      rows.tick[row] = tick;
      rows.seq[row >> 1] = ++this.sequence;
      if (rows.timeInForce[row] === TIME_IN_FORCE.GTD) this.expire(row);
      this.note(MATCH_EVENT.replaced, row, whole, MATCH_REASON.asked);
      if (place !== PLACE.auction && this.isContinuous) this.enter(row);
      else this.gather(row);
      return;
    }
    rows.tick[row] = tick;
    this.#resize(row, whole);
    this.note(MATCH_EVENT.replaced, row, whole, MATCH_REASON.asked);
    if (stopTicks === undefined) return;
    if (this.isWaiting(row)) this.moveTrigger(row, stopTicks);
    else rows.stop[row] = stopTicks;
  }

  /** A larger peg goes behind; so does one in an auction that may no longer stand where it is. */
  #replacePeg(row: number, limit: number, whole: number): void {
    const { rows, isContinuous } = this;
    const isBeyond = ((rows.tick[row] as number) - limit) * (rows.side[row] as number) > 0 && !isContinuous;
    const isBehind =
      rows.place[row] === PLACE.hidden && (whole > (rows.lots[row >> 1] as number) || isBeyond);
    rows.limit[row] = limit;
    if (isBehind) this.unrest(row);
    if (isBehind && isBeyond) rows.tick[row] = limit;
    this.#resize(row, whole);
    this.note(MATCH_EVENT.replaced, row, whole, MATCH_REASON.asked);
    if (isContinuous && this.pegged.includes(row)) this.follow(row);
    else if (isBehind) this.gather(row);
  }

  #resize(row: number, lots: number): void {
    const { rows } = this;
    const by = (rows.lots[row >> 1] as number) - lots;
    if (by > 0) this.shrink(row, by);
    else if (by < 0) this.enlarge(row, -by);
  }
}

const PHASES = { continuous: 0, opening: 0, closing: 0, volatility: 0, halted: 0, closed: 0 } as const;

const LIST_FIELDS: ReadonlySet<string> = new Set(["parent", "orders", "onTrade"]);

const WIDEST = ({ lowestTicks, highestTicks }: { lowestTicks: number; highestTicks: number }) => ({
  lowerTicks: lowestTicks,
  upperTicks: highestTicks,
});
