import { Fault } from "../base/index.ts";
import { checkDate } from "./inputs.ts";

/** The minimum pricing increments from a date on: {@link SUB_PENNY_TERMS} is the table of them. */
export interface SubPennyTerms {
  /** The first trading day, as YYYY-MM-DD. */
  readonly from: string;
  readonly rule: string;
  /** The price from which the wider increments hold, in 1e-4 dollars. */
  readonly thresholdE4: number;
  /** The increment from the threshold on, of a stock of the wide and of the narrow class. */
  readonly wideE4: number;
  readonly narrowE4: number;
  /** The increment below the threshold. */
  readonly lowE4: number;
}

/**
 * Rule 612 by date, oldest first: data, so a later order is one row more.
 *
 * The half-penny row is to be checked before it is relied on: the amendment (adopted 2024-09-18) had a
 * compliance date in November 2025, which an order of 2025 (FR 2025-19926) put off by a year; the first
 * business day of November 2026 is what this row assumes, and a further delay is possible. Which stocks are
 * narrow (a time-weighted quoted spread of $0.015 or less) the listing market says every half year.
 *
 * @units 1e-4 dollars
 * @source SEC 17 CFR 242.612; Releases 34-51808 and 34-101070
 */
export const SUB_PENNY_TERMS: readonly SubPennyTerms[] = [
  { from: "2006-01-31", rule: "612 (2005)", thresholdE4: 10_000, wideE4: 100, narrowE4: 100, lowE4: 1 },
  { from: "2026-11-02", rule: "612 (2024)", thresholdE4: 10_000, wideE4: 100, narrowE4: 50, lowE4: 1 },
];

/** How a displayed order would stand to a protected quote. */
export const QUOTE_RELATION = { apart: 0, locks: 1, crosses: 2 } as const;

/**
 * The increments on a date (YYYY-MM-DD).
 *
 * @throws `FAULT_INPUT` for a text that is no such date, and for a date before the rule.
 */
export function subPennyTerms(
  date: string,
  table: readonly SubPennyTerms[] = SUB_PENNY_TERMS,
): SubPennyTerms {
  const day = checkDate("subPenny.date", date);
  const terms = table.findLast((row) => row.from <= day);
  if (terms !== undefined) return terms;
  throw new Fault("FAULT_INPUT", {
    path: "subPenny.date",
    value: date,
    expected: "a day on which the rule held",
  });
}

/**
 * The smallest step of an order's price, in 1e-4 dollars.
 *
 * @cost Two comparisons, nothing allocated.
 */
export function incrementE4(terms: SubPennyTerms, priceE4: number, narrow: boolean): number {
  if (priceE4 < terms.thresholdE4) return terms.lowE4;
  return narrow ? terms.narrowE4 : terms.wideE4;
}

/**
 * Whether a price may be quoted: a whole number of increments, so that neither a fraction nor NaN may.
 *
 * @cost One remainder, nothing allocated.
 * @example
 * ```ts
 * import { isOnIncrement, subPennyTerms } from "tickwright/risk";
 * const terms = subPennyTerms("2024-05-01");
 * [isOnIncrement(terms, 10_050, false), isOnIncrement(terms, 10_100, false)]; // => [false, true]
 * isOnIncrement(terms, 9_999, false); // => true
 * ```
 */
export function isOnIncrement(terms: SubPennyTerms, priceE4: number, narrow: boolean): boolean {
  return priceE4 % incrementE4(terms, priceE4, narrow) === 0;
}

/**
 * Whether an execution would trade through a protected quotation: a purchase above the protected offer, a
 * sale below the protected bid. The exceptions (intermarket sweeps, crossed markets, flickering quotes) are
 * the caller's.
 *
 * @units prices in one unit; `side` +1 buys, -1 sells; no bid is -Infinity, no offer Infinity; true for NaN
 * @cost One comparison, nothing allocated.
 * @example
 * ```ts
 * import { tradesThrough } from "tickwright/risk";
 * [tradesThrough(1, 101, 99, 101), tradesThrough(1, 102, 99, 101)]; // => [false, true]
 * tradesThrough(-1, 98, 99, 101); // => true
 * ```
 * @source SEC 17 CFR 242.611
 */
export function tradesThrough(side: number, price: number, bid: number, offer: number): boolean {
  return side > 0 ? !(price <= offer) : !(price >= bid);
}

/**
 * Whether displaying an order at a price would lock or cross a protected quotation: a code of
 * {@link QUOTE_RELATION}.
 *
 * @units prices in one unit; `side` +1 buys, -1 sells; no bid is -Infinity, no offer Infinity; `crosses`
 * for NaN
 * @cost Two comparisons, nothing allocated.
 * @example
 * ```ts
 * import { QUOTE_RELATION, quoteRelation } from "tickwright/risk";
 * quoteRelation(1, 101, 99, 101) === QUOTE_RELATION.locks; // => true
 * quoteRelation(-1, 98, 99, 101) === QUOTE_RELATION.crosses; // => true
 * ```
 * @source SEC 17 CFR 242.610(d), since the amendment of 2024 242.610(e)
 */
export function quoteRelation(side: number, price: number, bid: number, offer: number): number {
  const opposite = side > 0 ? offer : bid;
  if (side > 0 ? price < opposite : price > opposite) return QUOTE_RELATION.apart;
  return price === opposite ? QUOTE_RELATION.locks : QUOTE_RELATION.crosses;
}
