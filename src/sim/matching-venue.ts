import type { ColumnPool, Refusal } from "../base/index.ts";
import type {
  MatchingBook,
  MatchOrder,
  MatchPhase,
  MatchRefusalCode,
  MatchTimeInForce,
} from "../match/index.ts";
import {
  MESSAGE_FIELD as FIELD,
  type Instrument,
  ORDER_FLAG,
  ORDER_TYPE,
  type OrderType,
  REASON,
  REPORT,
  type TapeCounts,
  TIME_IN_FORCE,
} from "../model/index.ts";
import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { OWNER } from "./closed-book.ts";
import { ClosedMarket } from "./closed-market.ts";
import {
  type MatchingVenueOptions,
  type MatchingVenueSettings,
  matchingVenueSettings,
} from "./closed-market-options.ts";
import type { FeedRows } from "./feed-rows.ts";
import { MessageRing } from "./message-ring.ts";
import { NO_GATE } from "./no-gate.ts";
import { OwnOrders } from "./own-orders.ts";
import type { ParticipantDesk } from "./participant.ts";
import { REFUSED, REQUEST, RequestWay } from "./request-way.ts";
import { dayEnd } from "./venue-intake.ts";
import { VENUE_STATE, VenueOrders } from "./venue-orders.ts";
import { VenueReports } from "./venue-reports.ts";

const TYPES = Object.keys(ORDER_TYPE) as OrderType[];
const TIMES = Object.keys(TIME_IN_FORCE) as MatchTimeInForce[];
/** What a refusal of the book is called in a report. */
const WHY: Readonly<Record<MatchRefusalCode, number>> = {
  MATCH_ORDER_INVALID: REASON.invalid,
  MATCH_DUPLICATE_ID: REASON.invalid,
  MATCH_UNKNOWN_ORDER: REASON.tooLate,
  MATCH_OWNER_UNKNOWN: REASON.invalid,
  MATCH_INSTRUMENT_UNKNOWN: REASON.invalid,
  MATCH_PHASE: REASON.phase,
  MATCH_POST_ONLY_WOULD_TAKE: REASON.postOnlyWouldTake,
  MATCH_REDUCE_ONLY_WOULD_OPEN: REASON.reduceOnlyWouldOpen,
  MATCH_CAPACITY: REASON.invalid,
};

/**
 * A simulated venue whose market reacts: our orders stand in one `MatchingBook` with those of a seeded crowd and of
 * participants, and what the feed tells is what that book shows.
 *
 * It lives by itself: `live` does what is next at `nextNs`, `arrive` takes in our next request, `rows` are on their way
 * to us. Limit, market, stop and stop-limit orders, hidden and iceberg ones, and every time in force go to the book as
 * they are; what it refuses is rejected. Stops look at the last trade.
 *
 * @units ns from the session's base, ticks, lots
 * @invariant As `SimVenue`: no fill before the order arrived, none beyond its quantity. Lots and money of us, crowd and
 * participants sum to 0. Equal options and requests give equal rows and reports.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_TIME` for a market too far from the session's base;
 * `FAULT_APPROVAL` as every door
 * @cost An event of the crowd about 10 us with its rows; memory for the orders that stand.
 * @example
 * ```ts
 * import { MatchingVenue } from "tickwright/sim";
 * const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
 * const venue = new MatchingVenue({ market: { instrument, seed: 7, startNs: 0n, durationNs: 60_000_000_000 } });
 * while (venue.nextNs[0] !== Number.POSITIVE_INFINITY) venue.live();
 * (venue.counts.trades ?? 0) > 50; // => true
 * venue.rows.count > 1_000; // => true
 * ```
 */
export class MatchingVenue implements VenueDoor<ApprovedOrder> {
  readonly takesAuctionOrders = true;
  readonly instrument: Instrument;
  readonly settings: MatchingVenueSettings;
  /** The venue's time: set before every request and expiry; `live` sets it. */
  readonly nowNs: Float64Array = new Float64Array(1);
  /** The sender's time: set before a strategy may act. */
  readonly senderNs: Float64Array;
  /** The latency of the last feed message received. */
  readonly feedLatencyNs: Float64Array = new Float64Array(1);
  readonly requests: MessageRing;
  readonly reports: VenueReports;
  readonly orders: VenueOrders;
  /** Our signed position as the venue knows it. */
  readonly position: Float64Array;
  readonly #market: ClosedMarket;
  readonly #own: OwnOrders;
  readonly #way: RequestWay;
  readonly #outbound: OutboundOrder = outboundOrder();
  /** Orders on their way, as the book takes them. */
  readonly #asked: Map<number, Omit<MatchOrder, "id">> = new Map();
  #gate: ApprovalTaker<ApprovedOrder> = NO_GATE;

  /** `columns` are what its orders are held in, where they are handed on. */
  constructor(
    options: MatchingVenueOptions,
    senderNs: Float64Array = new Float64Array(1),
    columns?: ColumnPool,
  ) {
    const settings = matchingVenueSettings(options);
    const { latency, capacity } = settings;
    this.settings = settings;
    this.instrument = settings.instrument;
    this.senderNs = senderNs;
    this.requests = new MessageRing(1024, columns);
    this.orders = new VenueOrders(capacity, columns);
    const { orders, nowNs, feedLatencyNs, requests } = this;
    this.reports = new VenueReports(latency, orders, nowNs, feedLatencyNs, 0, columns);
    this.#own = new OwnOrders(orders, this.reports, capacity);
    this.#way = new RequestWay({ latency, requests, reports: this.reports, senderNs, feedLatencyNs });
    this.#market = new ClosedMarket(settings);
    this.position = this.book.positions.subarray(OWNER.own, OWNER.own + 1);
    this.#market.floor.ears.set(OWNER.own, this.#own);
    this.#market.floor.closed = () => this.#endDay();
  }

  // --- what is seen ---

  /** When the market does something by itself next, Infinity when it is over. */
  get nextNs(): Float64Array {
    return this.#market.nextNs;
  }

  /** Rows of the feed on their way to us. */
  get rows(): FeedRows {
    return this.#market.rows;
  }

  /** The book everybody trades in. To be read: a command from outside would be told to nobody. */
  get book(): MatchingBook {
    return this.#market.floor.book;
  }

  /** When the first order expires, Infinity where none does. */
  get nextExpiryNs(): number {
    return this.#market.floor.expiresNs;
  }

  /** What each owner has got less what he has paid; ours is at 1. @units ticks times lots */
  get money(): Float64Array {
    return this.#market.floor.money;
  }

  /** The price that informed traders know. @units ticks, not rounded */
  get fundamentalTicks(): number {
    return this.#market.fundamentalTicks;
  }

  /** Half the sum of best bid and best ask; NaN where one is missing. @units ticks */
  get midTicks(): number {
    return this.#market.midTicks;
  }

  /** The share of the market's time that has passed. */
  get passed(): number {
    return this.#market.passed;
  }

  /**
   * Between which prices the auction may trade that ends a trading pause of the LULD Plan; undefined outside of one.
   *
   * @units ticks
   */
  get reopeningCollars(): { readonly lowerTicks: number; readonly upperTicks: number } | undefined {
    return this.#market.luld?.collars;
  }

  get counts(): TapeCounts {
    return this.#market.counts;
  }

  /** What a participant sees and can do; undefined for a name that nobody has. */
  desk(name: string): ParticipantDesk | undefined {
    return this.#market.desks.get(name);
  }

  /** JSON-safe words and numbers for the manifest. */
  describe(): Readonly<Record<string, unknown>> {
    const { latency, selfMatch } = this.settings;
    const { fees } = this.instrument;
    return { venue: "matching", latency: latency.describe(), selfMatch, fees, ...this.#market.describe() };
  }

  // --- what is sent, in the sender's time ---

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    const order = this.#outbound;
    this.#gate.take(approved, order);
    const { row, id, requestId } = order;
    if (requestId !== 0) {
      this.#way.send(REQUEST.replace, row, id, requestId, order.priceTicks, order.lots);
      return;
    }
    this.#keep(order);
    if (!this.#way.send(REQUEST.submit, row, id, 0, order.priceTicks, order.lots))
      this.orders.state[row] = VENUE_STATE.done;
  }

  cancel(row: number, id: number, requestId: number): void {
    this.#way.send(REQUEST.cancel, row, id, requestId, 0, 0);
  }

  #keep(order: OutboundOrder): void {
    const { orders, settings } = this;
    const { row } = order;
    orders.state[row] = VENUE_STATE.onTheWay;
    orders.id[row] = order.id;
    orders.side[row] = order.sideSign;
    orders.type[row] = order.type;
    orders.timeInForce[row] = order.timeInForce;
    orders.flags[row] = order.flags & ORDER_FLAG.postOnly;
    orders.tick[row] = order.priceTicks;
    orders.lots[row] = order.lots;
    orders.leaves[row] = order.lots;
    const isDay = order.timeInForce === TIME_IN_FORCE.DAY;
    orders.expireNs[row] = isDay ? dayEnd(settings, this.senderNs[0] as number) : order.expireNs;
    this.#asked.set(row, this.#orderOf(order, orders.expireNs[row] as number));
  }

  #orderOf(order: OutboundOrder, expireNs: number): Omit<MatchOrder, "id"> {
    const { flags, displayLots } = order;
    const type = TYPES[order.type] as OrderType;
    const time = TIMES[order.timeInForce] as MatchTimeInForce;
    const isDated = expireNs < Number.POSITIVE_INFINITY;
    const hasLimit = type === "limit" || type === "stopLimit";
    const hasStop = type === "stop" || type === "stopLimit";
    return {
      ...{ side: order.sideSign > 0 ? "buy" : "sell", lots: order.lots, type, owner: OWNER.own },
      ...{ timeInForce: isDated && time === "DAY" ? "GTD" : time, selfMatch: this.settings.selfMatch },
      ...(hasLimit ? { priceTicks: order.priceTicks } : {}),
      ...(hasStop ? { stopTicks: order.stopTicks } : {}),
      ...(isDated ? { expireNs } : {}),
      ...((flags & ORDER_FLAG.postOnly) !== 0 ? { postOnly: true } : {}),
      ...((flags & ORDER_FLAG.reduceOnly) !== 0 ? { reduceOnly: true } : {}),
      ...((flags & ORDER_FLAG.hidden) !== 0 ? { hidden: true } : {}),
      ...(displayLots > 0 ? { displayLots } : {}),
    };
  }

  // --- the venue, in exchange time ---

  /** The market does what is next. */
  live(): void {
    this.nowNs[0] = this.nextNs[0] as number;
    this.#market.live();
  }

  /** Takes in the first request on its way. `nowNs[0]` holds its arrival. */
  arrive(): void {
    const { cells, first } = this.requests;
    const row = cells[first + FIELD.row] as number;
    const id = cells[first + FIELD.id] as number;
    const requestId = cells[first + FIELD.requestId] as number;
    const tick = cells[first + FIELD.priceTicks] as number;
    const lots = cells[first + FIELD.lots] as number;
    const kind = cells[first + FIELD.kind] as number;
    this.requests.shift();
    this.#market.floor.advance(this.nowNs[0] as number);
    if (kind === REQUEST.submit) this.#submit(row, id);
    else if (this.orders.id[row] !== id || this.orders.state[row] !== VENUE_STATE.resting) {
      this.reports.state(REFUSED[kind] as number, row, id, requestId, REASON.tooLate);
    } else if (kind === REQUEST.cancel) this.#cancel(row, id, requestId);
    else this.#replace(row, id, requestId, tick, lots);
    this.#market.settle();
  }

  /** Ends the orders whose time has come. `nowNs[0]` holds that time. */
  expire(): void {
    this.#market.floor.advance(this.nowNs[0] as number);
    this.#market.settle();
  }

  /**
   * Turns the book to another phase now: `closed` ends orders of the day, ours too. Undefined, or why not.
   *
   * @refuses `MATCH_ORDER_INVALID`
   */
  turn(phase: MatchPhase): Refusal<MatchRefusalCode> | undefined {
    this.#market.floor.advance(this.nowNs[0] as number);
    const refused = this.#market.floor.turn(phase);
    this.#market.settle();
    return refused;
  }

  /** Orders of the day end with it. The book has them as orders until a time, midnight or sooner. */
  #endDay(): void {
    const own = this.#own;
    own.endsDay = true;
    for (const row of own.rows()) {
      if (this.orders.timeInForce[row] === TIME_IN_FORCE.DAY) this.#market.floor.cancel(own.idOf(row));
    }
    own.endsDay = false;
  }

  #submit(row: number, id: number): void {
    const asked = this.#asked.get(row) as Omit<MatchOrder, "id">;
    this.#asked.delete(row);
    const now = this.nowNs[0] as number;
    const isDay = this.orders.timeInForce[row] === TIME_IN_FORCE.DAY;
    if ((this.orders.expireNs[row] as number) <= now) {
      this.orders.state[row] = VENUE_STATE.done;
      this.reports.state(REPORT.rejected, row, id, 0, isDay ? REASON.dayEnded : REASON.gtdReached);
      return;
    }
    const refused = this.#market.floor.enter(asked, (bookId) => this.#own.entering(row, bookId));
    if (refused === undefined) return;
    this.#own.refused(row);
    this.reports.state(REPORT.rejected, row, id, 0, WHY[refused.code]);
  }

  #cancel(row: number, id: number, requestId: number): void {
    const own = this.#own;
    const refused = own.answering(requestId, false, () => this.#market.floor.cancel(own.idOf(row)));
    if (refused !== undefined)
      this.reports.state(REPORT.cancelRejected, row, id, requestId, WHY[refused.code]);
  }

  #replace(row: number, id: number, requestId: number, tick: number, lots: number): void {
    const own = this.#own;
    const type = this.orders.type[row];
    const hasLimit = type === ORDER_TYPE.limit || type === ORDER_TYPE.stopLimit;
    const terms = hasLimit ? { priceTicks: tick, lots } : { lots };
    const refused = own.answering(requestId, true, () => this.#market.floor.replace(own.idOf(row), terms));
    if (refused !== undefined)
      this.reports.state(REPORT.replaceRejected, row, id, requestId, WHY[refused.code]);
  }
}
