import {
  checkArray,
  checkChoice,
  checkKeys,
  checkText,
  Fault,
  isRefusal,
  parseScaled,
} from "../base/index.ts";
import { parseNanos } from "./nanos.ts";

/**
 * One step of a fee schedule, valid from a traded volume up.
 *
 * @units rates are decimal fractions of the notional ("0.0002" is 2 bp, negative for a rebate); amounts per unit are
 * of the fee currency per 1.0 of quantity, negative for a rebate a share; `fromVolume` is a notional in the quote
 * currency over the schedule's window
 */
export interface FeeTier {
  readonly fromVolume?: string;
  readonly maker: string;
  readonly taker: string;
  /** Beside the rates, and beside the schedule's `perUnit`; 0 unless given. */
  readonly makerPerUnit?: string;
  readonly takerPerUnit?: string;
}

/**
 * The least and the most that a commission may be. A rebate is never raised to the least; where the most is below the
 * least, as a share of a small notional may be, the most holds.
 *
 * @units amounts of the fee currency; `maximumRate` is a decimal fraction of the notional
 */
export interface FeeLimits {
  readonly minimum?: string;
  readonly maximum?: string;
  readonly maximumRate?: string;
}

/**
 * What others than the broker take of each fill: clearing, a regulator, a tax. It comes on top of the commission and of
 * its limits.
 *
 * @units as {@link FeeTier}; `minimum` and `maximum` are amounts per fill
 */
export interface FeeCharge {
  readonly name: string;
  /** Whose fills are charged; both sides' unless given. */
  readonly side?: "buy" | "sell";
  readonly rate?: string;
  readonly perUnit?: string;
  readonly minimum?: string;
  readonly maximum?: string;
}

/**
 * What a venue and a broker charge for a fill: a commission, which is a rate of the notional and an amount per unit by
 * tier, an amount per unit, and a rate on sells only; limits of it for each fill, or over all fills of an order; and
 * charges on top.
 *
 * @units `perUnit` is an amount of the fee currency per 1.0 of quantity; `minimum`, `maximum` and `maximumRate` are limits
 * of each fill, those of `order` of all fills of one order together
 */
export interface FeeTerms extends FeeLimits {
  readonly tiers?: readonly FeeTier[];
  readonly perUnit?: string;
  readonly sellRate?: string;
  /** In place of the limits of each fill. */
  readonly order?: FeeLimits;
  readonly charges?: readonly FeeCharge[];
}

/** Terms that hold from a moment on, in place of all before: ISO 8601, UTC unless it says otherwise. */
export interface FeeRevision extends FeeTerms {
  readonly from: string;
}

/**
 * Terms of fees, and what they become: a fill is charged by the terms in force when it happened.
 *
 * @example
 * ```ts
 * import { checkFeeSchedule, type FeeSchedule } from "tickwright/model";
 * const shares: FeeSchedule = {
 *   perUnit: "0.005",
 *   order: { minimum: "1.00", maximumRate: "0.01" },
 *   charges: [{ name: "TAF", side: "sell", perUnit: "0.000166", maximum: "8.30" }],
 *   revisions: [{ from: "2025-05-14", perUnit: "0.004" }],
 * };
 * checkFeeSchedule("fees", shares).revisions?.length; // => 1
 * ```
 */
export interface FeeSchedule extends FeeTerms {
  /** Rising by `from`. */
  readonly revisions?: readonly FeeRevision[];
}

/** A schedule that charges nothing; it must be asked for by name. */
export const NO_FEES: FeeSchedule = { tiers: [{ maker: "0", taker: "0" }] };

/**
 * A schedule with one maker and one taker rate.
 *
 * @example
 * ```ts
 * import { flatFees } from "tickwright/model";
 * flatFees("-0.00005", "0.0007").tiers?.[0]?.taker; // => "0.0007"
 * ```
 */
export function flatFees(maker: string, taker: string): FeeSchedule {
  return { tiers: [{ maker, taker }] };
}

const LIMITS = ["minimum", "maximum", "maximumRate"] as const;
const TERMS = ["tiers", "perUnit", "sellRate", "order", "charges", ...LIMITS] as const;

/**
 * Checks a schedule: every number a decimal, tiers rising by volume from 0, revisions by time, limits that can be kept.
 *
 * @throws `FAULT_CONFIG` naming the path.
 */
export function checkFeeSchedule(path: string, schedule: FeeSchedule): FeeSchedule {
  checkKeys(path, schedule, [...TERMS, "revisions"]);
  checkTerms(path, schedule);
  if (schedule.revisions === undefined) return schedule;
  let last: bigint | undefined;
  for (const [i, revision] of checkArray(`${path}.revisions`, schedule.revisions).entries()) {
    const at = `${path}.revisions[${i}]`;
    checkKeys(at, revision, [...TERMS, "from"]);
    const from = parseNanos(checkText(`${at}.from`, revision.from));
    if (isRefusal(from) || (last !== undefined && from <= last)) {
      const expected = isRefusal(from) ? "a moment as ISO 8601" : "a moment after the revision before";
      throw new Fault("FAULT_CONFIG", { path: `${at}.from`, value: revision.from, expected });
    }
    last = from;
    checkTerms(at, revision);
  }
  return schedule;
}

function checkTerms(path: string, terms: FeeTerms): void {
  if (terms.perUnit !== undefined) checkDecimal(`${path}.perUnit`, terms.perUnit, true);
  if (terms.sellRate !== undefined) checkDecimal(`${path}.sellRate`, terms.sellRate, false);
  if (terms.tiers !== undefined) checkTiers(`${path}.tiers`, terms.tiers);
  checkLimits(path, terms);
  if (terms.order !== undefined) {
    checkKeys(`${path}.order`, terms.order, LIMITS);
    checkLimits(`${path}.order`, terms.order);
    const both = LIMITS.find((key) => terms[key] !== undefined);
    if (both !== undefined) {
      const expected = "no limits of each fill where there are limits of an order";
      throw new Fault("FAULT_CONFIG", { path: `${path}.${both}`, value: terms[both], expected });
    }
  }
  if (terms.charges === undefined) return;
  for (const [i, charge] of checkArray(`${path}.charges`, terms.charges).entries()) {
    checkCharge(`${path}.charges[${i}]`, charge);
  }
}

function checkCharge(path: string, charge: FeeCharge): void {
  checkKeys(path, charge, ["name", "side", "rate", "perUnit", "minimum", "maximum"]);
  checkText(`${path}.name`, charge.name);
  if (charge.side !== undefined) checkChoice(`${path}.side`, charge.side, ["buy", "sell"]);
  for (const key of ["rate", "perUnit"] as const) {
    if (charge[key] !== undefined) checkDecimal(`${path}.${key}`, charge[key], true);
  }
  checkLimits(path, charge);
}

function checkLimits(path: string, limits: FeeLimits): void {
  for (const key of LIMITS) {
    const text = limits[key];
    if (text !== undefined) checkDecimal(`${path}.${key}`, text, true);
  }
  const { minimum, maximum } = limits;
  if (minimum === undefined || maximum === undefined || Number(maximum) >= Number(minimum)) return;
  const expected = `at least the minimum, ${minimum}`;
  throw new Fault("FAULT_CONFIG", { path: `${path}.maximum`, value: maximum, expected });
}

function checkTiers(path: string, tiers: readonly FeeTier[]): void {
  let last = -1;
  for (const [i, tier] of checkArray(path, tiers).entries()) {
    checkKeys(`${path}[${i}]`, tier, ["fromVolume", "maker", "taker", "makerPerUnit", "takerPerUnit"]);
    checkDecimal(`${path}[${i}].maker`, tier.maker, false);
    checkDecimal(`${path}[${i}].taker`, tier.taker, false);
    for (const key of ["makerPerUnit", "takerPerUnit"] as const) {
      if (tier[key] !== undefined) checkDecimal(`${path}[${i}].${key}`, tier[key], false);
    }
    const from = tier.fromVolume ?? "0";
    checkDecimal(`${path}[${i}].fromVolume`, from, true);
    const volume = Number(from);
    if (i === 0 ? volume === 0 : volume > last) last = volume;
    else {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}[${i}].fromVolume`,
        value: from,
        expected:
          i === 0 ? "0: the first tier holds from the first trade" : `a volume above ${last}: tiers rise`,
      });
    }
  }
}

function checkDecimal(path: string, text: string, positive: boolean): void {
  const scaled = parseScaled(checkText(path, text));
  if (scaled !== undefined && !(positive && scaled.digits < 0n)) return;
  const expected = positive ? "a decimal number of at least 0, as text" : "a decimal number as text";
  throw new Fault("FAULT_CONFIG", { path, value: text, expected });
}
