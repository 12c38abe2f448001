import { ColumnPool, checkChoice, checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import {
  type BarBlock,
  type Instrument,
  NANOS_PER_DAY,
  ORDER_FLAG,
  ORDER_TYPE,
  REASON,
  REPORT,
  TIME_IN_FORCE,
} from "../model/index.ts";
import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { ConstantLatency } from "./latency.ts";
import { NO_GATE } from "./no-gate.ts";
import { checkBaseNs, checkInstrument, SPREAD_TICKS_MAX } from "./venue-options.ts";
import { VENUE_STATE, VenueOrders } from "./venue-orders.ts";
import { VenueReports } from "./venue-reports.ts";

/** What a {@link SimBarVenue} is made from. */
export interface SimBarVenueOptions {
  readonly instrument: Instrument;
  readonly capacity?: number;
  /** The most of a bar's volume our fills may be, 0.1 unless given; 0 volume in the data means no cap. */
  readonly participation?: number;
  /** What a market order pays beyond the open, in ticks; 0 unless given. */
  readonly slippageTicks?: number;
  /** How much further from us the market is than its bars show, as of a `SimVenue`. */
  readonly spreadTicks?: number;
  /** Which way a bar is walked: `worse` for the order unless given. */
  readonly path?: "worse" | "OHLC" | "OLHC";
  /** Epoch ns of the session's base, for the days of DAY orders (UTC); 0 unless given. */
  readonly baseNs?: bigint;
}

const NONE = -1;

/**
 * A simulated venue that knows bars only. An order made at a bar's close meets the next bar: its open first,
 * then its inside; an order made while a bar is open waits for the next one. A resting limit fills only when
 * the price trades through it. Of the two ways through a bar (high or low first) the one worse for our orders
 * is taken. Volume caps what we can be.
 *
 * @units prices in ticks, quantities in lots, times in ns from the session's base
 * @invariant No fill uses a price of before its order came: opens are met at the open, the inside at the close,
 * and only by orders that were there when the bar opened.
 */
export class SimBarVenue implements VenueDoor<ApprovedOrder> {
  readonly instrument: Instrument;
  readonly nowNs: Float64Array = new Float64Array(1);
  readonly reports: VenueReports;
  readonly orders: VenueOrders;
  readonly position: Float64Array = new Float64Array(1);
  readonly #senderNs: Float64Array;
  readonly #participation: number;
  readonly #slippageTicks: number;
  readonly #spreadTicks: number;
  readonly #path: "worse" | "OHLC" | "OLHC";
  /** Orders in the order they came, by row. */
  readonly #live: number[] = [];
  /** The first bar an order may meet: rows that came during bar `n` meet bar `n + 1`. */
  readonly #fromBar: Float64Array;
  readonly #day: Float64Array;
  /** How far into its UTC day the session's base is. */
  readonly #baseOfDayNs: number;
  readonly #outbound: OutboundOrder = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> = NO_GATE;
  #bar = 0;
  #isOpen = false;
  #volumeLeft = 0;
  #lastDay = 0;

  /** `columns` are what its orders are held in, where they are handed on. */
  constructor(
    options: SimBarVenueOptions,
    senderNs: Float64Array = new Float64Array(1),
    columns: ColumnPool = new ColumnPool(),
  ) {
    checkKeys("venue", options, [
      "instrument",
      "capacity",
      "participation",
      "slippageTicks",
      "spreadTicks",
      "path",
      "baseNs",
    ]);
    this.instrument = checkInstrument(options.instrument);
    const day = BigInt(NANOS_PER_DAY);
    this.#baseOfDayNs = Number(((checkBaseNs(options.baseNs ?? 0n) % day) + day) % day);
    const capacity = checkInteger("venue.capacity", options.capacity ?? 4096, 1, 1 << 20);
    this.#participation = checkNumber("venue.participation", options.participation ?? 0.1, 0, 1);
    this.#slippageTicks = checkInteger("venue.slippageTicks", options.slippageTicks ?? 0, 0, 1_000_000);
    this.#spreadTicks = checkInteger("venue.spreadTicks", options.spreadTicks ?? 0, 0, SPREAD_TICKS_MAX);
    this.#path = checkChoice("venue.path", options.path ?? "worse", ["worse", "OHLC", "OLHC"]);
    this.orders = new VenueOrders(capacity, columns);
    this.#fromBar = columns.float64(capacity);
    this.#day = columns.float64(capacity).fill(-1);
    this.#senderNs = senderNs;
    const none = new ConstantLatency({ entryNs: 0, responseNs: 0 });
    this.reports = new VenueReports(
      none,
      this.orders,
      this.nowNs,
      new Float64Array(1),
      this.#spreadTicks,
      columns,
    );
  }

  /** JSON-safe words and numbers for the manifest. */
  describe(): Readonly<Record<string, unknown>> {
    return {
      model: "bars",
      participation: this.#participation,
      slippageTicks: this.#slippageTicks,
      ...(this.#spreadTicks === 0 ? {} : { spreadTicks: this.#spreadTicks }),
      path: this.#path,
      fees: this.instrument.fees,
    };
  }

  /** No order lives here and no report is on its way. */
  get isIdle(): boolean {
    return this.#live.length === 0 && this.reports.ring.size === 0;
  }

  /** A whole bar passes while the venue is idle. */
  skip(): void {
    this.#bar += 1;
  }

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    const order = this.#outbound;
    this.#gate.take(approved, order);
    if (order.requestId === 0) this.#submit(order);
    else this.#replace(order);
  }

  #submit(order: OutboundOrder): void {
    const { orders } = this;
    const { row } = order;
    orders.state[row] = VENUE_STATE.resting;
    orders.id[row] = order.id;
    orders.side[row] = order.sideSign;
    orders.type[row] = order.type;
    orders.timeInForce[row] = order.timeInForce;
    orders.flags[row] = order.flags;
    orders.tick[row] = order.priceTicks - order.sideSign * this.#spreadTicks;
    orders.lots[row] = order.lots;
    orders.leaves[row] = order.lots;
    orders.expireNs[row] = order.expireNs;
    this.#fromBar[row] = this.#nextBar();
    this.#day[row] = -1;
    this.#live.push(row);
    this.nowNs[0] = this.#senderNs[0] as number;
    this.reports.state(REPORT.accepted, row, order.id, 0, 0);
  }

  cancel(row: number, id: number, requestId: number): void {
    this.nowNs[0] = this.#senderNs[0] as number;
    if (!this.#isLive(row, id)) {
      this.reports.state(REPORT.cancelRejected, row, id, requestId, REASON.tooLate);
      return;
    }
    this.#drop(row);
    this.reports.state(REPORT.canceled, row, id, requestId, 0);
  }

  #replace(order: OutboundOrder): void {
    const { orders } = this;
    const { row, id, requestId, lots } = order;
    this.nowNs[0] = this.#senderNs[0] as number;
    if (!this.#isLive(row, id)) {
      this.reports.state(REPORT.replaceRejected, row, id, requestId, REASON.tooLate);
      return;
    }
    const cum = (orders.lots[row] as number) - (orders.leaves[row] as number);
    const priceTicks = order.priceTicks - (orders.side[row] as number) * this.#spreadTicks;
    if (priceTicks !== orders.tick[row] || lots > (orders.lots[row] as number)) {
      this.#fromBar[row] = this.#nextBar();
      this.#live.push(...this.#live.splice(this.#live.indexOf(row), 1));
    }
    orders.tick[row] = priceTicks;
    orders.lots[row] = Math.max(lots, cum);
    orders.leaves[row] = Math.max(lots - cum, 0);
    if (lots <= cum) this.#drop(row);
    this.reports.replaced(row, requestId);
  }

  /** Bar `i` opens. `nowNs[0]` holds that moment. */
  open(block: BarBlock, i: number): void {
    this.#isOpen = true;
    if (this.#live.length === 0) return;
    const { orders } = this;
    const price = block.open[i] as number;
    const volume = (block.volume[i] as number) / this.instrument.bookLotsPerLot;
    this.#volumeLeft = volume > 0 ? Math.floor(volume * this.#participation) : Number.POSITIVE_INFINITY;
    this.#lastDay = Math.floor(((block.closeNs[i] as number) + this.#baseOfDayNs) / NANOS_PER_DAY);
    for (const row of [...this.#live]) {
      if ((this.#fromBar[row] as number) > this.#bar || orders.state[row] !== VENUE_STATE.resting) continue;
      if (this.#isOver(row)) continue;
      const buys = (orders.side[row] as number) > 0;
      const market = orders.type[row] === ORDER_TYPE.market;
      const limit = orders.tick[row] as number;
      if (market) this.#takeOpen(row, price + (buys ? this.#slippageTicks : -this.#slippageTicks));
      else if (buys ? limit > price : limit < price) this.#meetOpen(row, price);
      else if (limit === price && this.#isFirstBar(row)) this.#meetOpen(row, price);
      else this.#missOpen(row);
    }
  }

  /** Bar `i` closes: its inside is met. `nowNs[0]` holds that moment. */
  close(block: BarBlock, i: number): void {
    if (this.#live.length > 0) {
      this.#meetInside(block, i);
      for (const row of [...this.#live]) this.#endIfReached(row);
    }
    this.#isOpen = false;
    this.#bar += 1;
  }

  /** A split: `numerator` new units stand for `denominator` old ones. Live orders end: their terms are of old units. */
  split(numerator: number, denominator: number): void {
    for (const row of [...this.#live]) this.#end(row, REPORT.canceled, REASON.corporateAction);
    this.position[0] = Math.trunc(((this.position[0] as number) * numerator) / denominator);
  }

  /** The first bar an order that comes now may meet. */
  #nextBar(): number {
    return this.#isOpen ? this.#bar + 1 : this.#bar;
  }

  #meetInside(block: BarBlock, i: number): void {
    const { orders } = this;
    const closeNs = this.nowNs[0] as number;
    for (const buys of this.#sides(block, i)) {
      const extreme = (buys ? block.low[i] : block.high[i]) as number;
      for (const row of [...this.#live]) {
        if ((this.#fromBar[row] as number) > this.#bar || orders.state[row] !== VENUE_STATE.resting) continue;
        if ((orders.side[row] as number) > 0 !== buys || (orders.expireNs[row] as number) < closeNs) continue;
        const limit = orders.tick[row] as number;
        if (buys ? extreme < limit : extreme > limit) this.#fill(row, limit, true, REASON.barTraded);
      }
    }
  }

  /** The order in which buys and sells meet a bar. */
  #sides(block: BarBlock, i: number): readonly boolean[] {
    const falls = (block.close[i] as number) < (block.open[i] as number);
    if (this.#path === "OLHC") return [true, false];
    if (this.#path === "OHLC") return [false, true];
    // Worse for us: the side that adds to the position first, at the price that then moves against it.
    const position = this.position[0] as number;
    if (position !== 0) return position > 0 ? [true, false] : [false, true];
    return falls ? [true, false] : [false, true];
  }

  #takeOpen(row: number, price: number): void {
    const id = this.orders.id[row] as number;
    if (this.#isUnfillable(row)) {
      this.#end(row, REPORT.expired, REASON.fokNotFillable);
      return;
    }
    this.#fill(row, price, false, REASON.barOpen);
    if (this.#isLive(row, id)) this.#end(row, REPORT.expired, REASON.volumeCap);
  }

  #meetOpen(row: number, price: number): void {
    const { orders } = this;
    const id = orders.id[row] as number;
    if (((orders.flags[row] as number) & ORDER_FLAG.postOnly) !== 0 && this.#isFirstBar(row)) {
      this.#end(row, REPORT.canceled, REASON.postOnlyWouldTake);
      return;
    }
    if (this.#isUnfillable(row)) {
      this.#end(row, REPORT.expired, REASON.fokNotFillable);
      return;
    }
    this.#fill(row, price, !this.#isFirstBar(row), REASON.barOpen);
    if (orders.timeInForce[row] === TIME_IN_FORCE.IOC && this.#isLive(row, id)) {
      this.#end(row, REPORT.expired, REASON.iocRemainder);
    }
  }

  /** Whether a fill-or-kill order cannot be had whole. */
  #isUnfillable(row: number): boolean {
    const { orders } = this;
    if (orders.timeInForce[row] !== TIME_IN_FORCE.FOK) return false;
    const most = this.#isReduceOnly(row)
      ? this.#roomToReduce(orders.side[row] as number)
      : Number.POSITIVE_INFINITY;
    return (orders.leaves[row] as number) > Math.min(this.#volumeLeft, most);
  }

  #missOpen(row: number): void {
    const timeInForce = this.orders.timeInForce[row] as number;
    if (timeInForce === TIME_IN_FORCE.IOC) this.#end(row, REPORT.expired, REASON.iocRemainder);
    else if (timeInForce === TIME_IN_FORCE.FOK) this.#end(row, REPORT.expired, REASON.fokNotFillable);
  }

  #isFirstBar(row: number): boolean {
    return this.#fromBar[row] === this.#bar;
  }

  /** Ends DAY orders whose day has passed and GTD orders whose time has come. */
  #isOver(row: number): boolean {
    const { orders } = this;
    const timeInForce = orders.timeInForce[row] as number;
    if (timeInForce === TIME_IN_FORCE.DAY) {
      if ((this.#day[row] as number) < 0) this.#day[row] = this.#lastDay;
      if ((this.#day[row] as number) >= this.#lastDay) return false;
      this.#end(row, REPORT.expired, REASON.dayEnded);
      return true;
    }
    return this.#endIfReached(row);
  }

  #endIfReached(row: number): boolean {
    if ((this.orders.expireNs[row] as number) > (this.nowNs[0] as number)) return false;
    this.#end(row, REPORT.expired, REASON.gtdReached);
    return true;
  }

  #fill(row: number, tick: number, maker: boolean, reason: number): void {
    const { orders } = this;
    const side = orders.side[row] as number;
    const reduceOnly = this.#isReduceOnly(row);
    const wanted = Math.min(orders.leaves[row] as number, this.#volumeLeft);
    const lots = reduceOnly ? Math.min(wanted, this.#roomToReduce(side)) : wanted;
    if (lots > 0) {
      this.#volumeLeft -= lots;
      orders.leaves[row] = (orders.leaves[row] as number) - lots;
      this.position[0] = (this.position[0] as number) + side * lots;
      if ((orders.leaves[row] as number) <= 0) this.#drop(row);
      this.reports.trade(row, tick, lots, maker, reason);
    }
    if (reduceOnly && (orders.leaves[row] as number) > 0 && this.#roomToReduce(side) <= 0) {
      this.#end(row, REPORT.canceled, REASON.reduceOnlyWouldOpen);
    }
  }

  #isReduceOnly(row: number): boolean {
    return ((this.orders.flags[row] as number) & ORDER_FLAG.reduceOnly) !== 0;
  }

  /** How many lots an order of this side can fill before it would open a position. */
  #roomToReduce(side: number): number {
    return Math.max(0, -((this.position[0] as number) * side));
  }

  #end(row: number, kind: number, reason: number): void {
    this.#drop(row);
    this.reports.state(kind, row, this.orders.id[row] as number, 0, reason);
  }

  #isLive(row: number, id: number): boolean {
    return this.orders.id[row] === id && this.orders.state[row] === VENUE_STATE.resting;
  }

  #drop(row: number): void {
    this.orders.state[row] = VENUE_STATE.done;
    const at = this.#live.indexOf(row);
    if (at !== NONE) this.#live.splice(at, 1);
  }
}
