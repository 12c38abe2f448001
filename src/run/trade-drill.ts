import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import type { QueueFigures } from "./trade-queue.ts";
import type { OrderTiming } from "./trade-timings.ts";

/** What is kept of a run, so that its report can show single trades. */
export interface TradeDrillOptions {
  /** Levels of the book a side; 5 unless given, 20 at most. */
  readonly levels?: number;
  /** How much of the market before and after a fill is shown; 5 s and 10 s unless given. @units ns */
  readonly beforeNs?: number;
  readonly afterNs?: number;
  /** Fills whose market is kept, spread evenly over the run; 60 unless given, 1,000 at most. */
  readonly fillsMax?: number;
}

/** {@link TradeDrillOptions} with every default filled in. */
export type TradeDrillPlan = Required<TradeDrillOptions>;

/** Up to `levels` levels a side, best first, as price and quantity; `ns` is when this state began to hold. */
export interface DrilledBook {
  readonly ns: string;
  readonly bids: readonly (readonly [price: number, quantity: number])[];
  readonly asks: readonly (readonly [price: number, quantity: number])[];
}

/**
 * The market around a fill, in exchange time, as the tape has it: own orders are not in it.
 *
 * @units moments in ns from the fill, prices and quantities in decimal units
 */
export interface DrilledMarket {
  /** What stood when it filled: for a maker before that moment, for a taker at it. */
  readonly before: DrilledBook | null;
  /** After the first message that changed the book since; null at the end of a tape. */
  readonly after: DrilledBook | null;
  /** Best bid and ask from each moment on; the last of each of about 40 stretches a side of the fill. */
  readonly quotes: readonly (readonly [ns: number, bid: number | null, ask: number | null])[];
  /** Prints, those next to the fill; at most 40 a side of it. `side` +1 where a buyer took, -1 a seller, 0 unknown. */
  readonly prints: readonly (readonly [ns: number, price: number, quantity: number, side: number])[];
  /** False where more were printed in that time. */
  readonly hasAllPrints: boolean;
  /** Of a bar tape, in place of the others: open, close, and prices of the bars around. */
  readonly bars: readonly (readonly [
    openNs: number,
    closeNs: number,
    open: number,
    high: number,
    low: number,
    close: number,
  ])[];
}

/** A fill of a drilled trade. Prices and quantities in decimal units, times in epoch ns. */
export interface DrilledFill {
  readonly orderId: number;
  /** When it happened at the exchange, and when we heard of it. */
  readonly exchNs: string;
  readonly ns: string;
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly quantity: number;
  readonly maker: boolean;
  readonly reason: string;
  /** In the quote currency. */
  readonly fee: number;
  /** Null where it was not kept. */
  readonly market: DrilledMarket | null;
}

/** An order with a fill that is listed. Times in epoch ns; null where it did not happen, or is not known. */
export interface DrilledOrder {
  readonly id: number;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly quantity: number;
  readonly filled: number;
  /** Its limit when it ended; null of a market order. */
  readonly price: number | null;
  readonly submittedNs: string;
  /** When the exchange had it, and when we heard so. */
  readonly arrivedNs: string | null;
  readonly ackNs: string | null;
  readonly firstFillNs: string | null;
  readonly cancelNs: string | null;
  readonly endNs: string | null;
  readonly end: "filled" | "canceled" | "expired" | "rejected" | "open";
  readonly replaced: number;
}

/** A position from nothing to nothing, or to the other side. */
export interface DrilledTrade {
  readonly number: number;
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly openedNs: string;
  /** Null where it was open at the end. */
  readonly closedNs: string | null;
  /** The largest position. */
  readonly quantity: number;
  /** Before fees, and fees, in the quote currency; a fill that turned a position counts with what it closed. */
  readonly realized: number;
  readonly fees: number;
  /** How many there were; `fills` has places of those that are listed, the first and the last of them. */
  readonly fillCount: number;
  readonly fills: readonly number[];
}

/** Single trades of a run with their market, JSON-safe. Not part of the hash. */
export interface TradeDrill {
  readonly schema: "tickwright.drill/1";
  readonly levels: number;
  readonly beforeNs: number;
  readonly afterNs: number;
  readonly trades: readonly DrilledTrade[];
  readonly fills: readonly DrilledFill[];
  readonly orders: readonly DrilledOrder[];
  /** Of the orders that its memory held. */
  readonly timings: readonly OrderTiming[];
  /** Of those that rested in a book that a tape tells of; null without any. */
  readonly queue: QueueFigures | null;
  readonly counts: {
    /** Of the run; of trades and fills that its memory held. */
    readonly fills: number;
    readonly trades: number;
    readonly keptFills: number;
    readonly orders: number;
    readonly keptOrders: number;
  };
}

const DEFAULTS: TradeDrillPlan = { levels: 5, beforeNs: 5e9, afterNs: 1e10, fillsMax: 60 };
const HOUR_NS = 3.6e12;

/** Checks the option. @throws `FAULT_CONFIG` naming what of it */
export function checkTradeDrill(
  path: string,
  options: TradeDrillOptions | boolean | undefined,
): TradeDrillPlan | undefined {
  if (options === undefined || options === false) return undefined;
  if (options === true) return DEFAULTS;
  checkKeys(path, options, ["levels", "beforeNs", "afterNs", "fillsMax"]);
  const { levels, beforeNs, afterNs, fillsMax } = { ...DEFAULTS, ...options };
  return {
    levels: checkInteger(`${path}.levels`, levels, 1, 20),
    beforeNs: checkNumber(`${path}.beforeNs`, beforeNs, 1, HOUR_NS),
    afterNs: checkNumber(`${path}.afterNs`, afterNs, 1, HOUR_NS),
    fillsMax: checkInteger(`${path}.fillsMax`, fillsMax, 1, 1_000),
  };
}
