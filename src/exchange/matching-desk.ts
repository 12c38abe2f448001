import type { MatchOrder, SelfMatch } from "../match/index.ts";
import type { Account } from "./account.ts";
import { API_ERRORS, type ApiError, filterFailure } from "./api-error.ts";
import type { ClientOrder } from "./client-order.ts";
import type { MatchHearer, MatchingMarket } from "./matching-market.ts";
import { checkPrices } from "./order-filters.ts";
import { hasLimit, hasStop, type OrderTerms, type SelfTradeMode } from "./order-terms.ts";
import { modeOf, type PreventedMatch, transfer } from "./prevented-matches.ts";
import { type Company, type DeskSurroundings, TradingDesk } from "./trading-desk.ts";
import type { Units } from "./units.ts";
import { WaitingOrders } from "./waiting-orders.ts";

const SELF_MATCH: Readonly<Record<SelfTradeMode, SelfMatch>> = {
  NONE: "none",
  EXPIRE_TAKER: "cancelNewest",
  EXPIRE_MAKER: "cancelOldest",
  EXPIRE_BOTH: "cancelBoth",
  DECREMENT: "decrement",
  TRANSFER: "decrement",
};

/** What a refusal after an order had been taken is called on the wire. */
const REJECT_REASONS = new Map<ApiError, string>([
  [API_ERRORS.noBalance, "INSUFFICIENT_BALANCES"],
  [API_ERRORS.wouldTrigger, "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"],
  [API_ERRORS.wouldTake, "WOULD_MATCH_IMMEDIATELY"],
  [API_ERRORS.relation, "OCO_BAD_PRICES"],
]);

/**
 * Takes the orders of all clients in one symbol to a matching book, and what happens there to their accounts.
 *
 * Stops wait here, not in the book: one that buys at the market has to be paid for when it is sent.
 *
 * @invariant The book holds an order exactly while it stands here as such; its lots left are the same.
 */
export class MatchingDesk extends TradingDesk implements MatchHearer {
  /** Self trades that did not happen, oldest first. */
  readonly preventedMatches: PreventedMatch[] = [];
  protected readonly market: MatchingMarket;
  protected readonly waiting: WaitingOrders = new WaitingOrders();
  /** Orders in the book by number. */
  readonly #standing: Map<number, ClientOrder> = new Map();
  /** The book's number of an account, or of its trade group. */
  readonly #owners: Map<Account | number, number> = new Map();
  readonly #capacity: number;
  readonly #kept: number;
  #queued = 0;
  #matches = 0;
  /** What a cancel makes of its order, and what it is called. */
  #cancelAs: "CANCELED" | "EXPIRED" = "CANCELED";
  #cancelId: string | undefined;

  constructor(market: MatchingMarket, around: DeskSurroundings, kept: number, capacity: number) {
    super(market.symbol, around, kept);
    this.market = market;
    this.#capacity = capacity;
    this.#kept = kept;
    market.hearer = this;
  }

  // --- what a class on this one adds: orders that belong together ---

  /** An order has executed. */
  protected hasTraded(_order: ClientOrder): void {}

  /** The price an order waited for has come: it is sent next. */
  protected hasTriggered(_order: ClientOrder): void {}

  /** An order has ended with something left. */
  protected hasEnded(_order: ClientOrder): void {}

  /** Sends the next orders whose turn has come by another's execution; false where there are none. */
  protected sendReleased(): boolean {
    return false;
  }

  // --- before an order is taken ---

  override refusal(account: Account, terms: OrderTerms, company: Company = {}): ApiError | undefined {
    const refused = super.refusal(account, terms, company);
    if (refused !== undefined) return refused;
    if (this.#standing.size + (company.beside?.length ?? 0) >= this.#capacity) return API_ERRORS.overloaded;
    if (company.isLater === true || hasStop(terms.type) || terms.type === "MARKET") return undefined;
    const ticks = this.entryTicks(terms);
    if (ticks === 0) return API_ERRORS.noPeg;
    const filter = terms.peg === undefined ? undefined : super.refusal(account, { ...terms, ticks }, company);
    return (
      filter ?? (terms.type === "LIMIT_MAKER" && this.#takes(terms, ticks) ? API_ERRORS.wouldTake : undefined)
    );
  }

  #takes({ buys }: OrderTerms, ticks: number): boolean {
    return buys ? ticks >= this.market.bestAsk : ticks <= this.market.bestBid;
  }

  /** The limit with which an order would enter the book now; 0 where its peg finds no price. @units ticks */
  protected entryTicks({ buys, peg, ticks }: OrderTerms): number {
    if (peg === undefined) return ticks;
    const side = (peg.to === "PRIMARY_PEG") === buys ? 1 : -1;
    const found = this.market.levels(side, peg.levels + 1)[peg.levels];
    if (found === undefined) return 0;
    if (ticks === 0) return found;
    return buys ? Math.min(found, ticks) : Math.max(found, ticks);
  }

  protected override stopsOf(account: Account): number {
    let count = 0;
    for (const order of this.orders.open(account))
      if (hasStop(order.terms.type) && !order.isWorking) count += 1;
    return count;
  }

  protected override isReached(terms: OrderTerms): boolean {
    return this.waiting.isReached(terms, this.around.lastTicks());
  }

  protected override worth(account: Account, terms: OrderTerms): { units: Units; lots: number } {
    const { symbol } = this;
    if (terms.type === "MARKET") return this.#takeable(account, terms);
    const entry = hasStop(terms.type) ? terms.ticks : this.entryTicks(terms);
    const ticks = entry || terms.stopTicks || this.around.lastTicks();
    return { units: symbol.notional(ticks, terms.lots), lots: terms.lots };
  }

  /** What an order at the market would take, price by price; of its own account's orders what is behind them. */
  #takeable(account: Account, terms: OrderTerms): { units: Units; lots: number } {
    const against = terms.buys ? -1 : 1;
    // What is transferred is paid for, as what is traded.
    const isPaid = terms.selfTrade === "NONE" || terms.selfTrade === "TRANSFER";
    const beside = this.#besideShown(against, isPaid ? undefined : account);
    let units = 0n;
    let lots = 0;
    for (const { priceTicks, lots: shown } of this.#levels(against)) {
      const there = shown + (beside.get(priceTicks) ?? 0);
      const price = BigInt(priceTicks) * this.symbol.quantumUnits;
      const left = terms.lots > 0 ? terms.lots - lots : Number((terms.quoteUnits - units) / price);
      const taken = Math.min(left, there);
      lots += taken;
      units += price * BigInt(taken);
      if (taken < there) break;
    }
    return { units, lots: terms.lots > 0 ? terms.lots : lots };
  }

  /** The levels of a side, best first; asked for piece by piece, since most orders need few. */
  *#levels(side: number): Iterable<{ readonly priceTicks: number; readonly lots: number }> {
    let told = 0;
    for (let depth = 16; ; depth *= 4) {
      const { bids, asks } = this.market.book.depth(depth);
      const levels = side > 0 ? bids : asks;
      yield* levels.slice(told);
      if (levels.length < depth) return;
      told = depth;
    }
  }

  /** By price, what stands behind what is shown; less what an account would not trade with. */
  #besideShown(side: number, own: Account | undefined): Map<number, number> {
    const beside = new Map<number, number>();
    for (const order of this.#standing.values()) {
      const { terms, ticks } = order;
      const isOwn = own?.isOneWith(order.account) === true;
      if (terms.buys !== side > 0 || (terms.displayLots === 0 && !isOwn)) continue;
      const shown = this.market.book.order(order.orderId)?.shownLots ?? 0;
      const lots = isOwn ? -shown : order.leavesLots - shown;
      beside.set(ticks, (beside.get(ticks) ?? 0) + lots);
    }
    return beside;
  }

  // --- orders on their way ---

  protected override open(account: Account, terms: OrderTerms): ClientOrder {
    const order = super.open(account, terms);
    order.reckonedTicks = this.around.lastTicks();
    return order;
  }

  protected override wait(order: ClientOrder): void {
    order.isWorking = false;
    this.waiting.add(order, this.around.lastTicks(), this.around.time.wireMs);
  }

  protected override send(order: ClientOrder): ApiError | undefined {
    const { terms } = order;
    if (order.lots === 0) {
      this.tell(order, "NEW");
      this.end(order, "EXPIRED", "EXPIRED");
      return undefined;
    }
    if (hasLimit(terms.type)) order.ticks = this.entryTicks(terms);
    this.#standing.set(order.orderId, order);
    const refused = this.market.submit(this.#asMatchOrder(order));
    if (refused === undefined) return undefined;
    const error = errorOf(refused);
    if (order.isTold) this.reject(order, error);
    else this.forget(order);
    return error;
  }

  #asMatchOrder(order: ClientOrder): MatchOrder & { readonly id: number } {
    const { terms, leavesLots: lots } = order;
    const { type, timeInForce, displayLots } = terms;
    return {
      ...{ id: order.orderId, side: terms.buys ? "buy" : "sell", lots },
      ...{ owner: this.#ownerOf(order.account), selfMatch: SELF_MATCH[terms.selfTrade] },
      ...(hasLimit(type) ? { priceTicks: order.ticks, timeInForce } : { type: "market" }),
      ...(type === "LIMIT_MAKER" ? { postOnly: true } : {}),
      ...(displayLots > 0 ? { displayLots: Math.min(displayLots, lots) } : {}),
    };
  }

  /** The book's number of who may not trade with himself; 0 is the market itself. */
  #ownerOf(account: Account): number {
    const key = account.tradeGroupId > 0 ? account.tradeGroupId : account;
    let owner = this.#owners.get(key);
    if (owner === undefined) {
      owner = this.#owners.size + 1;
      this.#owners.set(key, owner);
    }
    return owner;
  }

  /** An order that had been taken is refused after all. */
  protected reject(order: ClientOrder, error: ApiError): void {
    order.rejectReason = REJECT_REASONS.get(error) ?? "NONE";
    this.end(order, "REJECTED", "REJECTED");
    this.hasEnded(order);
  }

  override cancel(order: ClientOrder, requestId?: string): void {
    this.endNow(order, "CANCELED", requestId);
  }

  /** Ends an open order wherever it is. */
  protected endNow(order: ClientOrder, as: "CANCELED" | "EXPIRED", requestId?: string): void {
    if (!order.isOpen) return;
    if (!this.#standing.has(order.orderId)) {
      this.end(order, as, as, requestId);
      this.hasEnded(order);
      return;
    }
    this.#cancelAs = as;
    this.#cancelId = requestId;
    this.market.cancel(order.orderId);
    this.#cancelAs = "CANCELED";
    this.#cancelId = undefined;
  }

  protected override shrink(order: ClientOrder, lots: number): void {
    if (this.#standing.has(order.orderId)) this.market.shrink(order.orderId, lots - order.preventedLots);
  }

  protected override left(order: ClientOrder): void {
    this.#standing.delete(order.orderId);
    this.waiting.remove(order);
  }

  override settle(): void {}

  override trigger(): void {
    do {
      for (let order = this.waiting.next(); order !== undefined; order = this.waiting.next())
        this.#enter(order);
    } while (this.sendReleased());
  }

  /** An order whose price has come enters. */
  #enter(order: ClientOrder): void {
    order.isWorking = true;
    order.workingTimeMs = this.around.time.wireMs;
    this.hasTriggered(order);
    const refused = this.priced(order);
    if (refused !== undefined) this.reject(order, refused);
    else if (this.covers(order)) this.send(order);
    else {
      this.end(order, "EXPIRED", "EXPIRED");
      this.hasEnded(order);
    }
  }

  /** Gives an order that was taken before the price of its peg; an error where there is none, or none that may be. */
  protected priced(order: ClientOrder): ApiError | undefined {
    const { terms } = order;
    if (terms.peg === undefined) return undefined;
    const ticks = this.entryTicks(terms);
    if (ticks === 0) return API_ERRORS.noPeg;
    order.ticks = ticks;
    return checkPrices(this.symbol, { ...terms, ticks }, this.around.averageTicks());
  }

  // --- what the book says ---

  accepted(id: number): void {
    const order = this.#standing.get(id);
    if (order === undefined) return;
    order.queued = this.#nextInQueue();
    this.tell(order, "NEW");
  }

  traded(id: number, tradeId: number, ticks: number, lots: number, isMaker: boolean): void {
    const order = this.#standing.get(id);
    if (order === undefined) return;
    this.fill(order, tradeId, ticks, lots, isMaker);
    this.hasTraded(order);
  }

  priceTraded(ticks: number): void {
    this.waiting.traded(ticks, this.around.time.wireMs);
  }

  refreshed(id: number): void {
    const order = this.#standing.get(id);
    if (order !== undefined) order.queued = this.#nextInQueue();
  }

  #nextInQueue(): number {
    this.#queued += 1;
    return this.#queued;
  }

  ended(id: number, wasAsked: boolean): void {
    const order = this.#standing.get(id);
    if (order === undefined) return;
    const as = wasAsked ? this.#cancelAs : "EXPIRED";
    this.end(order, as, as, wasAsked ? this.#cancelId : undefined);
    this.hasEnded(order);
  }

  prevented(id: number, takerId: number, leaves: number): void {
    const order = this.#standing.get(id);
    const taker = this.#standing.get(takerId);
    if (order === undefined || taker === undefined) return;
    const lots = order.leavesLots - leaves;
    const match = order === taker ? this.#matchOf(taker) : this.#newMatch(taker, order);
    if (match !== undefined) {
      if (order === taker) match.takerLots = lots;
      else match.makerLots = lots;
      order.prevented.push(match);
      // Of a taker that goes on nothing else is told.
      if (match.mode === "EXPIRE_MAKER") taker.prevented.push(match);
      if (match.mode === "TRANSFER" && order !== taker) transfer(match, lots);
    }
    order.preventedLots += lots;
    if (leaves === 0) {
      this.end(order, "EXPIRED_IN_MATCH", "TRADE_PREVENTION");
      this.hasEnded(order);
      return;
    }
    this.trim(order);
    this.tell(order, "TRADE_PREVENTION");
  }

  /** The match that a taker is told of after its maker; where the maker stays as it is, the one it came upon. */
  #matchOf(taker: ClientOrder): PreventedMatch | undefined {
    if (taker.terms.selfTrade !== "EXPIRE_TAKER") return this.preventedMatches.at(-1);
    const { buys } = taker.terms;
    const best = buys ? this.market.bestAsk : this.market.bestBid;
    let maker: ClientOrder | undefined;
    for (const each of this.#standing.values()) {
      if (!each.account.isOneWith(taker.account) || each.terms.buys === buys || each.ticks !== best) continue;
      if (maker === undefined || each.queued < maker.queued) maker = each;
    }
    return maker === undefined ? undefined : this.#newMatch(taker, maker);
  }

  #newMatch(taker: ClientOrder, maker: ClientOrder): PreventedMatch {
    this.#matches += 1;
    const match: PreventedMatch = {
      ...{ id: this.#matches, taker, maker, mode: modeOf(taker, maker), ticks: maker.ticks },
      ...{ takerLots: 0, makerLots: 0, timeMs: this.around.time.wireMs },
    };
    this.preventedMatches.push(match);
    if (this.preventedMatches.length > this.#kept * 2 + 16) this.preventedMatches.splice(0, this.#kept);
    return match;
  }
}

/** What a refusal of the book is on the wire. */
function errorOf(code: string): ApiError {
  if (code === "MATCH_POST_ONLY_WOULD_TAKE") return API_ERRORS.wouldTake;
  return code === "MATCH_ORDER_INVALID" ? filterFailure("LOT_SIZE") : API_ERRORS.overloaded;
}
