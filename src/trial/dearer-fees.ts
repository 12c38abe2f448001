import { divideBig, formatScaled, normalizeScaled, parseScaled, pow10, type Scaled } from "../base/index.ts";
import type { FeeCharge, FeeLimits, FeeSchedule, FeeTerms, FeeTier } from "../model/index.ts";

/** Decimals that a rebate keeps when it is divided. */
const DECIMALS = 12;

type Change = (amount: string) => string;

/**
 * A schedule that costs so many times as much: rates, amounts per unit, limits and charges are multiplied, rebates
 * divided.
 *
 * @param factor - a decimal of at least 1
 */
export function multipliedFees(schedule: FeeSchedule, factor: Scaled): FeeSchedule {
  const times: Change = (text) => {
    const { digits, scale } = parseScaled(text) as Scaled;
    if (digits >= 0n) return plain({ digits: digits * factor.digits, scale: scale + factor.scale });
    // What is given back is rounded towards 0: never more than its share.
    const dividend = digits * pow10(DECIMALS + factor.scale);
    return plain({ digits: divideBig(dividend, factor.digits * pow10(scale), "down"), scale: DECIMALS });
  };
  return changed(schedule, (terms) => multiplied(terms, times));
}

/** A schedule whose rates are so much higher, of makers and takers alike; what else it has stays. */
export function raisedFees(schedule: FeeSchedule, rate: Scaled): FeeSchedule {
  const raise: Change = (text) => {
    const { digits, scale } = parseScaled(text) as Scaled;
    const most = Math.max(scale, rate.scale);
    const sum = digits * pow10(most - scale) + rate.digits * pow10(most - rate.scale);
    return plain({ digits: sum, scale: most });
  };
  return changed(schedule, (terms) => {
    const tiers = terms.tiers ?? [{ maker: "0", taker: "0" }];
    return { tiers: tiers.map((tier) => ({ ...tier, maker: raise(tier.maker), taker: raise(tier.taker) })) };
  });
}

function plain(value: Scaled): string {
  const { digits, scale } = normalizeScaled(value);
  return formatScaled(digits, scale);
}

function changed(schedule: FeeSchedule, change: (terms: FeeTerms) => FeeTerms): FeeSchedule {
  const { revisions } = schedule;
  return {
    ...schedule,
    ...change(schedule),
    ...(revisions === undefined
      ? {}
      : { revisions: revisions.map((revision) => ({ ...revision, ...change(revision) })) }),
  };
}

function multiplied(terms: FeeTerms, times: Change): FeeTerms {
  const { tiers, order, charges } = terms;
  return {
    ...these(terms, ["perUnit", "sellRate", "minimum", "maximum", "maximumRate"], times),
    ...(tiers === undefined ? {} : { tiers: tiers.map((tier) => tierOf(tier, times)) }),
    ...(order === undefined ? {} : { order: limitsOf(order, times) }),
    ...(charges === undefined ? {} : { charges: charges.map((charge) => chargeOf(charge, times)) }),
  };
}

function tierOf(tier: FeeTier, times: Change): FeeTier {
  return { ...tier, ...these(tier, ["maker", "taker", "makerPerUnit", "takerPerUnit"], times) };
}

function limitsOf(limits: FeeLimits, times: Change): FeeLimits {
  return { ...limits, ...these(limits, ["minimum", "maximum", "maximumRate"], times) };
}

function chargeOf(charge: FeeCharge, times: Change): FeeCharge {
  return { ...charge, ...these(charge, ["rate", "perUnit", "minimum", "maximum"], times) };
}

/** The amounts of an object that are there, changed. */
function these<Of extends object>(of: Of, names: readonly (keyof Of)[], times: Change): Partial<Of> {
  const there = names.filter((name) => of[name] !== undefined);
  return Object.fromEntries(there.map((name) => [name, times(of[name] as string)])) as Partial<Of>;
}
