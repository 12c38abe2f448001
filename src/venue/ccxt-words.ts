import { Fault } from "../base/index.ts";
import type { CashRow, Instrument, Side, VenueFill, VenueOrder } from "../model/index.ts";
import { cashOf } from "./cash-rows.ts";
import type { CcxtOrder, CcxtText, CcxtTrade } from "./ccxt-exchange.ts";
import { textOf } from "./ccxt-instrument.ts";
import type { VenueReport, VenueReportKind } from "./venue-client.ts";

const NS_PER_MS = 1_000_000n;
const STATES: Readonly<Record<string, VenueOrder["state"]>> = {
  open: "open",
  closed: "filled",
  canceled: "canceled",
  canceling: "open",
  expired: "expired",
  rejected: "rejected",
};
const KINDS: Readonly<Record<VenueOrder["state"], VenueReportKind | undefined>> = {
  open: "accepted",
  filled: undefined,
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
};

/** Turns what an exchange class says into rows and reports, exactly; what is off the grid is a fault. */
export class CcxtWords {
  readonly #baseNs: bigint;

  constructor(baseNs: bigint) {
    this.#baseNs = baseNs;
  }

  /** Session time of epoch milliseconds. @units ns */
  ns(ms: CcxtText): number {
    const whole = Number(ms ?? 0);
    return Number(BigInt(Math.trunc(whole)) * NS_PER_MS - this.#baseNs);
  }

  /** Epoch milliseconds of a session time, rounded down. */
  ms(ns: number): number {
    return Number((BigInt(Math.floor(ns)) + this.#baseNs) / NS_PER_MS);
  }

  /** An order as a row of a snapshot. @throws `FAULT_INPUT` for what is off the grid */
  order(instrument: Instrument, order: CcxtOrder): VenueOrder {
    const { id, clientOrderId } = order;
    const state = STATES[order.status ?? "open"] ?? "open";
    const isPriced = order.type !== "market" && Number(order.price ?? 0) > 0;
    const lots = lotsOf(instrument, order.amount);
    const cumLots = lotsOf(instrument, order.filled ?? "0");
    const updated = updatedOf(order);
    return {
      orderId: String(id),
      ...(clientOrderId ? { clientOrderId } : {}),
      instrument: instrument.key,
      side: sideOf(order.side),
      priceTicks: isPriced ? ticksOf(instrument, order.price) : 0,
      ...{ lots, cumLots },
      // A class that calls an order closed though it is not filled says no more than that it ended.
      state: state === "filled" && cumLots < lots ? "canceled" : state,
      ...(updated === undefined ? {} : { updatedNs: this.ns(updated) }),
    };
  }

  /** An execution as a row of a snapshot. @throws `FAULT_INPUT` for what is off the grid */
  fill(instrument: Instrument, trade: CcxtTrade): VenueFill {
    const fee = feeOf(instrument, trade);
    return {
      execId: execIdOf(instrument, trade),
      ...(trade.order ? { orderId: trade.order } : {}),
      ...(trade.clientOrderId ? { clientOrderId: trade.clientOrderId } : {}),
      instrument: instrument.key,
      side: sideOf(trade.side),
      priceTicks: ticksOf(instrument, trade.price),
      lots: lotsOf(instrument, trade.amount),
      venueNs: this.ns(trade.timestamp),
      isMaker: trade.takerOrMaker === "maker",
      ...(fee === undefined ? {} : { fee }),
    };
  }

  /** What the stream or an answer says of an order's state; undefined where only its executions say more. */
  orderReport(instrument: Instrument, order: CcxtOrder): VenueReport | undefined {
    const row = this.order(instrument, order);
    const kind = row.state === "open" && row.cumLots > 0 ? undefined : KINDS[row.state];
    if (kind === undefined) return undefined;
    return {
      ...{ kind, instrument: instrument.key, clientOrderId: row.clientOrderId ?? "", orderId: row.orderId },
      ...{ side: row.side, priceTicks: row.priceTicks, lots: row.lots, cumLots: row.cumLots },
      leavesLots: row.state === "open" ? row.lots - row.cumLots : 0,
      venueNs: row.updatedNs ?? this.ns(order.timestamp),
    };
  }

  /** What the stream says of an execution; `clientOrderId` where it is known. */
  tradeReport(instrument: Instrument, trade: CcxtTrade, clientOrderId: string | undefined): VenueReport {
    const row = this.fill(instrument, trade);
    const currencyCode = trade.fee?.currency;
    const amount = textOf(trade.fee?.cost);
    return {
      ...{ kind: "trade", instrument: instrument.key, clientOrderId: clientOrderId ?? "" },
      ...(row.orderId === undefined ? {} : { orderId: row.orderId }),
      ...{
        side: row.side,
        priceTicks: row.priceTicks,
        lots: row.lots,
        execId: row.execId,
        venueNs: row.venueNs,
      },
      isMaker: row.isMaker === true,
      ...(currencyCode && amount !== undefined ? { fee: { currency: currencyCode, amount } } : {}),
    };
  }
}

/** An execution's id: unique over all markets, where a venue numbers them market by market. */
export function execIdOf(instrument: Instrument, { id }: CcxtTrade): string {
  return `${instrument.symbol}:${id}`;
}

/** When an order changed last, epoch ms; undefined where nobody said. */
export function updatedOf(order: CcxtOrder): CcxtText {
  return order.lastUpdateTimestamp ?? order.lastTradeTimestamp ?? order.timestamp ?? undefined;
}

/** A quantity in lots. @throws `FAULT_INPUT` for what is off the grid */
export function lotsOf(instrument: Instrument, value: CcxtText): number {
  return instrument.quantity(textOrThrow(value, "amount"));
}

/** A fee as a row, in whatever currency it was charged; undefined where it is not told. */
function feeOf(instrument: Instrument, { fee }: CcxtTrade): CashRow | undefined {
  const amount = textOf(fee?.cost);
  return amount === undefined || !fee?.currency ? undefined : cashOf(fee.currency, amount, instrument);
}

function ticksOf(instrument: Instrument, value: CcxtText): number {
  return instrument.price(textOrThrow(value, "price"));
}

function sideOf(side: string | null | undefined): Side {
  if (side === "buy" || side === "sell") return side;
  throw new Fault("FAULT_INPUT", { path: "ccxt.side", value: side, expected: "buy or sell" });
}

function textOrThrow(value: CcxtText, path: string): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  throw new Fault("FAULT_INPUT", { path: `ccxt.${path}`, value, expected: "a decimal number" });
}
