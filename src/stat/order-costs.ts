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
 * What is known of one order's cost while it works: made by `TcaCollector.open`, told by whoever watches the order.
 *
 * @invariant Once it has ended and the market has passed its end it is counted, once.
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
  start: CostSpan | undefined = undefined;
  end: CostSpan | undefined = undefined;
  /** The mid a while after its end: NaN while it is not known. */
  laterHalfTicks = Number.NaN;
  /** The mid of its last fill. */
  lastMid = Number.NaN;
  readonly #tally: CostTally;
  #asked = 0;
  #hasArrived = false;
  #isCounted = false;

  constructor(opening: CostOpening, market: CostMarket, member: number, tally: CostTally) {
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
      if (!this.isQuote) this.#askPwp(span);
    });
  }

  get isEnded(): boolean {
    return !Number.isNaN(this.endNs);
  }

  /** Its quantity is another one now. */
  resize(lots: number): void {
    this.lots = lots;
  }

  /** Its first part is at the market. */
  arrive(ns: number): void {
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    this.#ask(before(ns), ({ mid }) => {
      this.arrivalHalfTicks = mid;
    });
  }

  /** @throws `FAULT_INPUT` naming what is no whole number, or none within its range */
  fill(fill: CostFill): void {
    checkFill(fill);
    if (this.isEnded) {
      this.#tally.late += 1;
      return;
    }
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

  /** Nothing more of it can trade. */
  finish(ns: number): void {
    if (this.isEnded) return;
    this.endNs = Math.max(ns, this.startNs);
    // A quote that nobody took cost nothing.
    if (this.isQuote && this.filledLots === 0) return this.#count();
    this.#ask(this.endNs, (span) => {
      this.end = span;
      this.endHalfTicks = span.mid;
    });
    this.market.trace.ask(this.endNs + this.#tally.laterNs, ({ midHalfTicks }, isKnown) => {
      if (isKnown) this.laterHalfTicks = midHalfTicks;
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

  /** What it has to trade may come long after its end. */
  #askPwp({ lots, worth }: CostSpan): void {
    const wanted = this.lots * PWP_MULTIPLE;
    const { trace } = this.market;
    trace.askVolume(lots + wanted, (moment) => {
      this.pwpTicks = (moment.worth - worth) / wanted + trace.baseTicks;
      if (this.#isCounted) this.#tally.measurePwp(this);
    });
  }

  /** Asks what it needs to be counted. */
  #ask(ns: number, told: (span: CostSpan) => void): void {
    this.#asked += 1;
    const answer = (span: CostSpan): void => {
      told(span);
      this.#asked -= 1;
      this.#settle();
    };
    const taken = this.market.trace.ask(ns, ({ lots, worth, area, midHalfTicks }) =>
      answer({ lots, worth, area, ns, mid: midHalfTicks }),
    );
    if (!taken) answer({ lots: 0, worth: 0, area: 0, ns, mid: Number.NaN });
  }

  #settle(): void {
    if (this.isEnded && this.#asked === 0) this.#count();
  }

  #count(): void {
    if (this.#isCounted) return;
    this.#isCounted = true;
    this.#tally.count(this);
  }
}

/** Prices of either sign within 2^50, so that no difference of two mids passes 2^53. */
const PRICE_MAX = 0x4_0000_0000_0000;

function checkFill({ ns, lots, priceTicks, feeMinor }: CostFill): void {
  const wrong = (field: string, value: unknown, expected: string): Fault =>
    new Fault("FAULT_INPUT", { path: `fill.${field}`, value, expected });
  if (!Number.isFinite(ns)) throw wrong("ns", ns, "a time in ns");
  if (!(Number.isSafeInteger(lots) && lots > 0)) throw wrong("lots", lots, "whole lots above 0");
  if (!(Number.isSafeInteger(priceTicks) && Math.abs(priceTicks) <= PRICE_MAX)) {
    throw wrong("priceTicks", priceTicks, "whole ticks within 2^50");
  }
  if (typeof feeMinor !== "bigint") throw wrong("feeMinor", feeMinor, "a bigint");
}

/** Just before a moment. */
function before(ns: number): number {
  return ns - 1;
}
