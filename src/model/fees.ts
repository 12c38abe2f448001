import { checkArray, checkKeys, checkText, Fault, parseScaled } from "../base/index.ts";

/**
 * One step of a fee schedule, valid from a traded volume up.
 *
 * @units rates are decimal fractions of the notional ("0.0002" is 2 bp, negative for a rebate);
 * `fromVolume` is a notional in the quote currency over the schedule's window
 */
export interface FeeTier {
  readonly fromVolume?: string;
  readonly maker: string;
  readonly taker: string;
}

/**
 * What a venue charges for a fill: a rate of the notional by tier, an amount per unit of quantity, a minimum
 * per order, and a rate on sells only (taxes and regulatory fees).
 *
 * @units `perUnit` and `minimum` are amounts of the fee currency (per 1.0 of quantity; per fill)
 */
export interface FeeSchedule {
  readonly tiers?: readonly FeeTier[];
  readonly perUnit?: string;
  readonly minimum?: string;
  readonly sellRate?: string;
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

/**
 * Checks a schedule: every number a decimal, tiers rising by volume from 0.
 *
 * @throws `FAULT_CONFIG` naming the path.
 */
export function checkFeeSchedule(path: string, schedule: FeeSchedule): FeeSchedule {
  checkKeys(path, schedule, ["tiers", "perUnit", "minimum", "sellRate"]);
  for (const key of ["perUnit", "minimum", "sellRate"] as const) {
    const text = schedule[key];
    if (text !== undefined) checkDecimal(`${path}.${key}`, text, key !== "sellRate");
  }
  if (schedule.tiers !== undefined) checkTiers(`${path}.tiers`, schedule.tiers);
  return schedule;
}

function checkTiers(path: string, tiers: readonly FeeTier[]): void {
  let last = -1;
  for (const [i, tier] of checkArray(path, tiers).entries()) {
    checkKeys(`${path}[${i}]`, tier, ["fromVolume", "maker", "taker"]);
    checkDecimal(`${path}[${i}].maker`, tier.maker, false);
    checkDecimal(`${path}[${i}].taker`, tier.taker, false);
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
