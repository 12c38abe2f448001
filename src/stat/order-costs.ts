import { Fault } from "../base/index.ts";
import { type Side, sideSign } from "../model/index.ts";
import type { CostTally } from "./cost-tally.ts";
import type { MarketTrace } from "./market-trace.ts";
import { PWP_MULTIPLE } from "./tca-market.ts";

/** An order, or a parent of orders, when it is decided. */
export interface CostOpening {
  /** Its own among all orders analysed. */
  readonly id: string;
  readonly strategy: string;
  readonly side: Side;
  readonly lots: number;
  /** When it was decided, and the mid or price then as the strategy knew it: NaN where it knew none. */
  readonly startNs: number;
  readonly decisionHalfTicks: number;
  /** An offer to trade and no wish to: what of it does not trade missed nothing. */
  readonly isQuote?: boolean;
}

/** One execution, as it is told. */
export interface CostFill {
  readonly venue: string;
  /** When it happened. */
  readonly ns: number;
  readonly lots: number;
  readonly priceTicks: number;
  /** Minor units of the market's currency; below 0 for a rebate. */
  readonly feeMinor: bigint;
  readonly maker: boolean;
}

/** Where orders of one instrument trade. */
export interface CostMarket {
  readonly trace: MarketTrace;
  /** As `TcaOptions.tickValue`. */
  readonly tickValue: readonly [numerator: bigint, denominator: bigint];
}

/** What of an order traded at one venue on one day. */
export interface CostPart {
  readonly venue: string;
  readonly day: string;
  lots: number;
  /** Prices times lots, and mids times lots in half ticks. */
  worth: bigint;
  mids: bigint;
  feeMinor: bigint;
}

/** Sums of a market at the start and at the end of an order. */
export interface CostSpan {
  lots: number;
  worth: number;
  area: number;
  ns: number;
  mid: number;
}

/**
 * What is known of one order's cost while it works, and a while after: made by `TcaCollector.open`, told by whoever
 * watches the order.
 *
 * A fill that is told after the end is one of the order's: it ended no earlier than its last fill happened. It is
 * counted once, when 8,192 orders have ended after it and the market has passed its end, or at the end of the analysis;
 * what is told then is left out, and counted as late.
 *
 * @cost O(1) an order and a fill, beside O(log n) for each moment it asks the market about.
 */
export class OrderCosts {
  readonly id: string;
  readonly strategy: string;
  readonly side: Side;
  readonly startNs: number;
  readonly isQuote: boolean;
  readonly market: CostMarket;
  /** Its number among all orders, in order of their decision. */
  readonly member: number;
  readonly parts: CostPart[] = [];
  lots: number;
  /** Orders that were sent for it; 0 where it is one itself. */
  children = 0;
  filledLots = 0;
  decisionHalfTicks: number;
  arrivalHalfTicks = Number.NaN;
  endHalfTicks = Number.NaN;
  endNs = Number.NaN;
  /** Above its start, times lots. */
  waitedNs = 0;
  pwpTicks = Number.NaN;
  /** Sums of its market when it was decided and at its end: undefined where the market could not tell. */
  start: CostSpan | undefined = undefined;
  end: CostSpan | undefined = undefined;
  /** The mid a while after its end: NaN while it is not known. */
  laterHalfTicks = Number.NaN;
  /** The mid of its last fill. */
  lastMid = Number.NaN;
  readonly #tally: CostTally;
  #asked = 0;
  #hasArrived = false;
  #isReleased = false;
  #isCounted = false;

  /** @throws `FAULT_INPUT` naming what is no lots, no time or no price */
  constructor(opening: CostOpening, market: CostMarket, member: number, tally: CostTally) {
    checkOpening(opening);
    const { id, strategy, side, lots, startNs, decisionHalfTicks, isQuote } = opening;
    this.id = id;
    this.strategy = strategy;
    this.side = side;
    this.lots = lots;
    this.startNs = startNs;
    this.decisionHalfTicks = decisionHalfTicks;
    this.isQuote = isQuote === true;
    this.market = market;
    this.member = member;
    this.#tally = tally;
    this.#ask(startNs, (span) => {
      this.start = span;
      if (!this.isQuote) this.#askPwp();
    });
  }

  get isEnded(): boolean {
    return !Number.isNaN(this.endNs);
  }

  /** Its quantity is another one now. @throws `FAULT_INPUT` on lots that are no whole number above 0 */
  resize(lots: number): void {
    if (lots === this.lots) return;
    this.lots = checkLots("order.lots", lots);
    this.pwpTicks = Number.NaN;
    if (!this.isQuote) this.#askPwp();
  }

  /** Its first part is at the market. @throws `FAULT_INPUT` where the time is none */
  arrive(ns: number): void {
    if (this.#hasArrived) return;
    checkTime("order.arrivalNs", ns);
    this.#hasArrived = true;
    this.#ask(before(ns), ({ mid }) => {
      this.arrivalHalfTicks = mid;
    });
  }

  /** @throws `FAULT_INPUT` naming what is no whole number, or none within its range */
  fill(fill: CostFill): void {
    checkFill(fill);
    if (this.#isCounted) {
      this.#tally.late += 1;
      return;
    }
    if (this.isEnded) this.#prolong(fill.ns);
    this.arrive(fill.ns);
    const sign = sideSign(this.side);
    const { trace } = this.market;
    this.filledLots += fill.lots;
    this.waitedNs += (fill.ns - this.startNs) * fill.lots;
    this.#tally.filled(fill, this.startNs);
    this.#asked += 1;
    const taken = trace.ask(before(fill.ns), ({ bidTicks, askTicks }) => {
      this.#quoted(fill, sign, bidTicks, askTicks);
    });
    if (!taken) this.#quoted(fill, sign, Number.NaN, Number.NaN);
  }

  /** Nothing more of it can trade, as far as is known. @throws `FAULT_INPUT` where the time is none */
  finish(ns: number): void {
    if (this.isEnded) return;
    this.endNs = Math.max(checkTime("order.endNs", ns), this.startNs);
    // A quote that nobody took cost nothing.
    if (!this.isQuote || this.filledLots > 0) this.#askEnd();
    this.#tally.ended(this);
  }

  /** What comes after this is too late: it is counted once the market has passed its end. */
  release(): void {
    this.#isReleased = true;
    this.#settle();
  }

  /** A fill is told after the end: the end was not before it. */
  #prolong(ns: number): void {
    this.#tally.afterEnd += 1;
    const isTaken = this.isQuote && this.filledLots === 0;
    if (ns <= this.endNs && !isTaken) return;
    this.endNs = Math.max(ns, this.endNs);
    this.#askEnd();
  }

  #askEnd(): void {
    const { endNs } = this;
    this.end = undefined;
    this.endHalfTicks = this.laterHalfTicks = Number.NaN;
    this.#ask(endNs, (span) => {
      if (endNs !== this.endNs) return;
      this.end = span;
      this.endHalfTicks = span.mid;
    });
    this.market.trace.ask(endNs + this.#tally.laterNs, ({ midHalfTicks }, isKnown) => {
      if (isKnown && endNs === this.endNs) this.laterHalfTicks = midHalfTicks;
    });
  }

  /** What the market was just before a fill: NaN where no quotes are known. */
  #quoted(fill: CostFill, sign: number, bidTicks: number, askTicks: number): void {
    const isQuoted = !Number.isNaN(bidTicks);
    const mid = isQuoted ? bidTicks + askTicks : 2 * fill.priceTicks;
    this.lastMid = mid;
    this.#tally.add(this, fill, mid);
    if (isQuoted) this.#tally.quoted(this, fill, sign, bidTicks, askTicks);
    this.#asked -= 1;
    this.#settle();
  }

  /** What it has to trade may come long after its end, or have traded before this is asked. */
  #askPwp(): void {
    if (this.start === undefined) return;
    const { lots, worth } = this.start;
    const wanted = this.lots * PWP_MULTIPLE;
    const { trace } = this.market;
    trace.askVolume(lots + wanted, (moment) => {
      if (wanted !== this.lots * PWP_MULTIPLE) return;
      this.pwpTicks = (moment.worth - worth) / wanted + trace.baseTicks;
      if (this.#isCounted) this.#tally.measurePwp(this);
    });
  }

  /** Asks what it needs to be counted: what the market cannot tell is not told. */
  #ask(ns: number, told: (span: CostSpan) => void): void {
    this.#asked += 1;
    const taken = this.market.trace.ask(ns, ({ lots, worth, area, midHalfTicks }) => {
      told({ lots, worth, area, ns, mid: midHalfTicks });
      this.#asked -= 1;
      this.#settle();
    });
    if (!taken) this.#asked -= 1;
  }

  #settle(): void {
    if (!this.#isReleased || this.#asked > 0 || this.#isCounted) return;
    this.#isCounted = true;
    this.#tally.count(this);
  }
}

/** Prices of either sign within 2^50, so that no difference of two mids passes 2^53. */
const PRICE_MAX = 0x4_0000_0000_0000;

function checkOpening({ lots, startNs, side, decisionHalfTicks: mid }: CostOpening): void {
  checkLots("order.lots", lots);
  checkTime("order.startNs", startNs);
  sideSign(side);
  if (Number.isNaN(mid) || (Number.isSafeInteger(mid) && Math.abs(mid) <= 2 * PRICE_MAX)) return;
  throw wrong("order.decisionHalfTicks", mid, "whole half ticks within 2^51, or NaN");
}

function checkFill({ ns, lots, priceTicks, feeMinor }: CostFill): void {
  checkTime("fill.ns", ns);
  checkLots("fill.lots", lots);
  if (!(Number.isSafeInteger(priceTicks) && Math.abs(priceTicks) <= PRICE_MAX)) {
    throw wrong("fill.priceTicks", priceTicks, "whole ticks within 2^50");
  }
  if (typeof feeMinor !== "bigint") throw wrong("fill.feeMinor", feeMinor, "a bigint");
}

function checkLots(path: string, lots: number): number {
  if (Number.isSafeInteger(lots) && lots > 0) return lots;
  throw wrong(path, lots, "whole lots above 0");
}

function checkTime(path: string, ns: number): number {
  if (Number.isFinite(ns)) return ns;
  throw wrong(path, ns, "a time in ns");
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}

/** Just before a moment. */
function before(ns: number): number {
  return ns - 1;
}
