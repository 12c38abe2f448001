import { pow10 } from "../base/index.ts";
import type { Station, Ticket, TradingKernel } from "../kernel/index.ts";
import { REPORT } from "../model/index.ts";
import type { FillView } from "../strategy/index.ts";
import type { SessionWatcher } from "./session-watchers.ts";

/** Orders and fills that are remembered one by one. */
const ORDERS_KEPT = 20_000;
const FILLS_KEPT = 20_000;

/** An order as it lives. Times in ns from the base; NaN where it did not happen. */
export interface OrderLife {
  readonly ticket: Ticket;
  readonly station: number;
  readonly createdNs: number;
  /** As last told: a ticket forgets them with its end. */
  lots: number;
  cumLots: number;
  priceTicks: number;
  arrivedNs: number;
  /** Its price then. */
  arrivedTicks: number;
  ackNs: number;
  firstFillNs: number;
  firstFillExchNs: number;
  /** Whether that fill came to it where it rested. */
  isFirstMaker: boolean;
  cancelNs: number;
  endNs: number;
  endExchNs: number;
  end: "filled" | "canceled" | "expired" | "rejected" | "open";
  replaced: number;
}

/** A fill as it is remembered. */
export interface LivedFill {
  readonly orderId: number;
  readonly station: number;
  readonly exchNs: number;
  readonly ns: number;
  readonly sign: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly maker: boolean;
  readonly reason: string;
  readonly fee: number;
  /** Signed position behind it, and what was realized by it, in major units of the quote currency. */
  readonly positionLots: number;
  readonly realized: number;
}

const ENDS: Readonly<Record<number, OrderLife["end"]>> = {
  [REPORT.canceled]: "canceled",
  [REPORT.expired]: "expired",
  [REPORT.rejected]: "rejected",
};

/**
 * Remembers orders and fills of a run one by one, the first 20,000 of each.
 *
 * @invariant Changes nothing: a run with and without it has one hash.
 * @cost An object for each order and fill that is kept; nothing for a row of the market.
 */
export class TradeLives implements SessionWatcher {
  readonly orders: Map<number, OrderLife> = new Map();
  readonly fills: LivedFill[] = [];
  fillCount = 0;
  orderCount = 0;
  readonly #kernel: TradingKernel;
  readonly #realizedMinor: bigint[];

  constructor(kernel: TradingKernel) {
    this.#kernel = kernel;
    this.#realizedMinor = kernel.stations.map((_, i) => kernel.ledger.realizedMinor(i));
  }

  submitted(ticket: Ticket, station: Station, nowNs: number): void {
    this.orderCount += 1;
    if (this.orders.size === ORDERS_KEPT) return;
    const never = Number.NaN;
    this.orders.set(ticket.id, {
      ...{ ticket, station: station.index, createdNs: nowNs, lots: ticket.lots, cumLots: 0 },
      priceTicks: ticket.priceTicks,
      ...{
        arrivedNs: never,
        arrivedTicks: never,
        ackNs: never,
        firstFillNs: never,
        firstFillExchNs: never,
        cancelNs: never,
      },
      ...{ endNs: never, endExchNs: never, end: "open", replaced: 0, isFirstMaker: false },
    });
  }

  canceling(ticket: Ticket, nowNs: number): void {
    const life = this.orders.get(ticket.id);
    if (life !== undefined && Number.isNaN(life.cancelNs)) life.cancelNs = nowNs;
  }

  reported(kind: number, ticket: Ticket, _reason: string, nowNs: number, exchNs: number): void {
    const life = this.orders.get(ticket.id);
    if (life === undefined) return;
    const end = ENDS[kind];
    if (kind === REPORT.accepted) {
      [life.ackNs, life.arrivedNs] = [nowNs, exchNs];
      life.arrivedTicks = ticket.priceTicks;
    } else if (kind === REPORT.replaced) {
      life.replaced += 1;
      life.lots = ticket.lots;
      life.priceTicks = ticket.priceTicks;
    } else if (end !== undefined && !ticket.isOpen) this.#end(life, end, nowNs, exchNs);
  }

  filled(fill: FillView, ticket: Ticket, station: Station): void {
    this.fillCount += 1;
    const { ledger } = this.#kernel;
    const { index, instrument } = station;
    const unit = Number(pow10(instrument.quote.decimals));
    const before = this.#realizedMinor[index] as bigint;
    const realizedMinor = ledger.realizedMinor(index);
    this.#realizedMinor[index] = realizedMinor;
    const life = this.orders.get(ticket.id);
    if (life !== undefined) {
      life.cumLots += fill.lots;
      if (Number.isNaN(life.firstFillNs)) {
        [life.firstFillNs, life.firstFillExchNs] = [fill.ns, fill.exchNs];
        life.isFirstMaker = fill.maker;
      }
      if (!ticket.isOpen && life.end === "open") this.#end(life, "filled", fill.ns, fill.exchNs);
    }
    if (this.fills.length === FILLS_KEPT) return;
    const { feeCurrency, feeMinor, priceTicks } = fill;
    const feeQuote =
      feeCurrency === instrument.quote.code
        ? feeMinor
        : ledger.inQuoteMinor(index, feeCurrency, feeMinor, priceTicks);
    this.fills.push({
      ...{ orderId: ticket.id, station: index, exchNs: fill.exchNs, ns: fill.ns },
      sign: fill.side === "buy" ? 1 : -1,
      ...{ priceTicks, lots: fill.lots, maker: fill.maker, reason: fill.reason },
      fee: Number(feeQuote) / unit,
      positionLots: ledger.positionLots[index] as number,
      realized: Number(realizedMinor - before) / unit,
    });
  }

  #end(life: OrderLife, end: OrderLife["end"], ns: number, exchNs: number): void {
    [life.end, life.endNs, life.endExchNs] = [end, ns, exchNs];
  }
}
