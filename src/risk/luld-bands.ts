import { Fault } from "../base/index.ts";
import { NANOS_PER_MINUTE } from "../model/index.ts";
import { checkDate, checkWhole } from "./inputs.ts";

/** The bounds of the LULD Plan as they stood from a date on: {@link LULD_TERMS} is the table of them. */
export interface LuldTerms {
  /** The first trading day, as YYYY-MM-DD. */
  readonly from: string;
  readonly amendment: string;
  /** The percentage of tier 1 and 2 where the prior close is above `upperFromE4`. */
  readonly tier1Percent: number;
  readonly tier2Percent: number;
  /** The percentage of both tiers from `lowerFromE4` to `upperFromE4`, both included. */
  readonly midPercent: number;
  /** Below `lowerFromE4`: the lesser of a percentage and an amount. */
  readonly lowPercent: number;
  readonly lowAmountE4: number;
  readonly lowerFromE4: number;
  readonly upperFromE4: number;
  /** The bands are twice as wide for this long after the open; the end is excluded. */
  readonly openDoubleNs: number;
  /** The bands are twice as wide for this long before the close. */
  readonly closeDoubleNs: number;
  /** Whether tier 2 above `upperFromE4` is doubled before the close as well. */
  readonly closeDoublesAll: boolean;
  /**
   * What stands for the reference price until the first one when the listing market has no opening trade.
   */
  readonly noOpeningTrade: "midpoint" | "priorClose";
}

const ORIGINAL: LuldTerms = {
  from: "2013-04-08",
  amendment: "original plan",
  tier1Percent: 5,
  tier2Percent: 10,
  midPercent: 20,
  lowPercent: 75,
  lowAmountE4: 1_500,
  lowerFromE4: 7_500,
  upperFromE4: 30_000,
  openDoubleNs: 15 * NANOS_PER_MINUTE,
  closeDoubleNs: 25 * NANOS_PER_MINUTE,
  closeDoublesAll: true,
  noOpeningTrade: "midpoint",
};

/**
 * The LULD Plan by effective date, oldest first: data, so a later amendment is one row more.
 *
 * Sure: the percentages; the doubling at the open and at the close of the original plan; the effective date
 * of Amendment 10 as the plan's title page gives it. Second-hand: the first day of Amendment 18 (approved
 * 2019-04-11, in force 2020-02-24 by the plan's annual reports). Not modelled: the roll-out of 2013 and
 * 2014 (tier 2 came later, the last 15 minutes of the day later still), the tripled bands of the early plan
 * after a late reopening, which securities are in which tier (the listing markets publish the list).
 *
 * @units prices in 1e-4 dollars
 * @source Plan to Address Extraordinary Market Volatility (SEC File 4-631), Sections V, VI and Appendix A;
 * Releases 34-67091, 34-77679 (Amendment 10), 34-85623 (Amendment 18)
 */
export const LULD_TERMS: readonly LuldTerms[] = [
  ORIGINAL,
  { ...ORIGINAL, from: "2016-04-21", amendment: "Amendment 10", noOpeningTrade: "priorClose" },
  {
    ...ORIGINAL,
    from: "2020-02-24",
    amendment: "Amendment 18",
    openDoubleNs: 0,
    closeDoublesAll: false,
    noOpeningTrade: "priorClose",
  },
];

/** A regular trading day, 9:30 to 16:00 ET, in ns. */
export const REGULAR_SESSION_NS: number = 390 * NANOS_PER_MINUTE;

/** The highest price a band is computed for: $1,000,000. */
export const LULD_MAX_PRICE_E4 = 10_000_000_000;

/** The highest leverage, in percent: 10 times. */
export const LULD_MAX_LEVERAGE = 1_000;

/** What {@link luldBands} computes from. */
export interface LuldInput {
  readonly tier: 1 | 2;
  /** The reference price, in 1e-4 dollars. */
  readonly referenceE4: number;
  /**
   * The closing price of the day before on the listing market, in 1e-4 dollars: it picks the percentage.
   */
  readonly priorCloseE4: number;
  /** The time since 9:30 ET. */
  readonly sinceOpenNs: number;
  /** The length of the day; {@link REGULAR_SESSION_NS} unless it closes early. */
  readonly sessionNs?: number;
  /**
   * The leverage of a leveraged product, without its sign, in percent: 300 for three times; 100 unless
   * given.
   */
  readonly leveragePercent?: number;
  /** The grid the bands are rounded to, in 1e-4 dollars; 100 (a penny) unless given. */
  readonly incrementE4?: number;
  readonly terms: LuldTerms;
}

/** The price bands, in 1e-4 dollars: nothing trades below `lowerE4` or above `upperE4`. */
export interface LuldBands {
  readonly lowerE4: number;
  readonly upperE4: number;
}

/**
 * The terms of the plan on a date (YYYY-MM-DD).
 *
 * @throws `FAULT_INPUT` for a text that is no such date, and for a date before the plan.
 * @example
 * ```ts
 * import { luldTerms } from "tickwright/risk";
 * luldTerms("2020-02-21").amendment; // => "Amendment 10"
 * luldTerms("2020-02-24").amendment; // => "Amendment 18"
 * ```
 */
export function luldTerms(date: string, table: readonly LuldTerms[] = LULD_TERMS): LuldTerms {
  const day = checkDate("luld.date", date);
  const terms = table.findLast((row) => row.from <= day);
  if (terms !== undefined) return terms;
  throw new Fault("FAULT_INPUT", {
    path: "luld.date",
    value: date,
    expected: "a day on which the plan held",
  });
}

/**
 * 2 while the terms double the bands of a security, 1 else.
 *
 * @cost A few comparisons, nothing allocated.
 */
export function luldFactor(
  terms: LuldTerms,
  tier: number,
  priorCloseE4: number,
  sinceOpenNs: number,
  sessionNs: number,
): 1 | 2 {
  if (sinceOpenNs < terms.openDoubleNs) return 2;
  if (sinceOpenNs < sessionNs - terms.closeDoubleNs) return 1;
  return terms.closeDoublesAll || tier === 1 || priorCloseE4 <= terms.upperFromE4 ? 2 : 1;
}

/**
 * Half the distance between the bands, in 1e-8 dollars.
 *
 * @cost A few products, exact within 2^53, nothing allocated.
 */
export function luldOffsetE8(
  terms: LuldTerms,
  tier: number,
  priorCloseE4: number,
  referenceE4: number,
  factor: number,
  leveragePercent: number,
): number {
  const scale = factor * leveragePercent;
  if (priorCloseE4 > terms.upperFromE4) {
    return referenceE4 * (tier === 1 ? terms.tier1Percent : terms.tier2Percent) * scale;
  }
  if (priorCloseE4 >= terms.lowerFromE4) return referenceE4 * terms.midPercent * scale;
  return Math.min(referenceE4 * terms.lowPercent, terms.lowAmountE4 * 100) * scale;
}

/**
 * A price in 1e-8 dollars on its grid: to the nearest step, halves up, never below 0.
 *
 * @cost One remainder, exact, nothing allocated.
 */
export function roundBandE4(priceE8: number, incrementE4: number): number {
  const step = incrementE4 * 10_000;
  const raised = Math.max(priceE8, 0) + step / 2;
  return (raised - (raised % step)) / 10_000;
}

/**
 * The LULD price bands of a security, exactly: the reference price plus and minus its percentage, to the
 * nearest penny with halves up; `undefined` outside of the trading day, when there are none.
 *
 * Not checked against the processors' own bands: that halves go up, and that the penny holds below $1 too.
 * A lower band that would be below 0 (75 % doubled) is 0; the published tables double it for the upper band
 * only.
 *
 * @units prices in 1e-4 dollars, times in ns since 9:30 ET; the open and the close are inside of the day
 * @throws `FAULT_INPUT` for a price, a leverage, an increment or a tier that is none.
 * @cost O(1), one object; {@link luldOffsetE8} and {@link roundBandE4} allocate nothing.
 * @example
 * ```ts
 * import { luldBands, luldTerms } from "tickwright/risk";
 * const input = { sinceOpenNs: 150 * 60e9, terms: luldTerms("2024-05-01"), priorCloseE4: 995_000 };
 * const bands = luldBands({ ...input, tier: 1, referenceE4: 1_000_000 });
 * bands; // => { lowerE4: 950000, upperE4: 1050000 }
 * luldBands({ ...input, tier: 2, referenceE4: 20_000 })?.upperE4; // => 22000
 * ```
 * @source LULD Plan, Section V(A) and Appendix A
 */
export function luldBands(input: LuldInput): LuldBands | undefined {
  const { tier, sinceOpenNs, terms } = input;
  const sessionNs = input.sessionNs ?? REGULAR_SESSION_NS;
  checkWhole("luld.tier", tier, 1, 2);
  const referenceE4 = checkWhole("luld.referenceE4", input.referenceE4, 1, LULD_MAX_PRICE_E4);
  const closeE4 = checkWhole("luld.priorCloseE4", input.priorCloseE4, 1, LULD_MAX_PRICE_E4);
  const leverage = checkWhole("luld.leveragePercent", input.leveragePercent ?? 100, 1, LULD_MAX_LEVERAGE);
  const incrementE4 = checkWhole("luld.incrementE4", input.incrementE4 ?? 100, 1, 10_000);
  if (!(sinceOpenNs >= 0 && sinceOpenNs <= sessionNs)) return undefined;
  const factor = luldFactor(terms, tier, closeE4, sinceOpenNs, sessionNs);
  const offsetE8 = luldOffsetE8(terms, tier, closeE4, referenceE4, factor, leverage);
  return {
    lowerE4: roundBandE4(referenceE4 * 10_000 - offsetE8, incrementE4),
    upperE4: roundBandE4(referenceE4 * 10_000 + offsetE8, incrementE4),
  };
}
