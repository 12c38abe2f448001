import { checkKeys, checkNumber } from "../base/index.ts";
import { finite } from "./series.ts";

/** Closed trades, counted and summed. */
export interface TradeTotals {
  /** Trades closed, scratches (neither won nor lost) among them. */
  readonly count: number;
  readonly wins: number;
  readonly losses: number;
  /** The sum of what winning trades won, and the size of what losing trades lost: both at least 0. */
  readonly grossProfit: number;
  readonly grossLoss: number;
}

/** Winning trades over all closed trades; null without trades. */
export function hitRate(trades: TradeTotals): number | null {
  checkTrades(trades);
  return trades.count === 0 ? null : trades.wins / trades.count;
}

/** Gross profit over gross loss; null where nothing was lost. */
export function profitFactor(trades: TradeTotals): number | null {
  checkTrades(trades);
  return trades.grossLoss === 0 ? null : finite(trades.grossProfit / trades.grossLoss);
}

/** The mean result of a closed trade, in the currency of the totals; null without trades. */
export function expectancy(trades: TradeTotals): number | null {
  checkTrades(trades);
  return trades.count === 0 ? null : finite((trades.grossProfit - trades.grossLoss) / trades.count);
}

/** Quantity filled over quantity ordered; null where nothing was ordered. */
export function fillRate(filled: number, ordered: number): number | null {
  return share("filled", filled, "ordered", ordered);
}

/** Orders accepted over orders submitted; null where none was. Not the fill rate: a rested order counts. */
export function successRate(accepted: number, submitted: number): number | null {
  return share("accepted", accepted, "submitted", submitted);
}

/**
 * What a fill cost against a reference price: `sign * (fill - reference) / |reference|`, positive is a cost.
 * Null where the reference is 0 or not a number.
 *
 * @units basis points; `sign` is +1 for a buy, -1 for a sell; both prices in one unit
 * @example
 * ```ts
 * import { slippageBp } from "tickwright/stat";
 * slippageBp(-1, 99, 100); // => 100
 * ```
 */
export function slippageBp(sign: number, fillPrice: number, referencePrice: number): number | null {
  if (referencePrice === 0) return null;
  return finite(((Math.sign(sign) * (fillPrice - referencePrice)) / Math.abs(referencePrice)) * 10_000);
}

/**
 * The running mean of slippage in basis points, plain and weighted by quantity. Fills without a usable
 * reference are counted apart and weigh nothing.
 *
 * @cost `record` is O(1) and allocates nothing.
 */
export class Slippage {
  #count = 0;
  #skipped = 0;
  #total = 0;
  #weighted = 0;
  #weight = 0;

  /** Adds a fill: its side's sign, its price, the price it is measured against and its quantity. */
  record(sign: number, fillPrice: number, referencePrice: number, quantity: number): void {
    const cost = ((Math.sign(sign) * (fillPrice - referencePrice)) / Math.abs(referencePrice)) * 10_000;
    if (!(Number.isFinite(cost) && quantity > 0 && quantity < Infinity)) {
      this.#skipped += 1;
      return;
    }
    this.#count += 1;
    this.#total += cost;
    this.#weighted += cost * quantity;
    this.#weight += quantity;
  }

  get count(): number {
    return this.#count;
  }

  /** Fills whose reference was 0 or not a number. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The mean over fills; null without any. */
  get meanBp(): number | null {
    return this.#count === 0 ? null : finite(this.#total / this.#count);
  }

  /** The mean weighted by quantity; null without any. */
  get weightedBp(): number | null {
    return this.#weight === 0 ? null : finite(this.#weighted / this.#weight);
  }
}

/** Throws `FAULT_CONFIG` unless totals are numbers of at least 0. */
export function checkTrades(trades: TradeTotals): void {
  checkKeys("trades", trades, ["count", "wins", "losses", "grossProfit", "grossLoss"]);
  for (const key of ["count", "wins", "losses", "grossProfit", "grossLoss"] as const) {
    checkNumber(`trades.${key}`, trades[key], 0);
  }
}

function share(partPath: string, part: number, wholePath: string, whole: number): number | null {
  checkNumber(wholePath, whole, 0);
  checkNumber(partPath, part, 0);
  return whole === 0 ? null : finite(part / whole);
}
