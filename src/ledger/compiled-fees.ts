import {
  divideBig,
  isRefusal,
  parseScaled,
  pow10,
  type Rounding,
  rescale,
  type Scaled,
} from "../base/index.ts";
import {
  type FeeCharge,
  type FeeLimits,
  type FeeTerms,
  type Instrument,
  parseNanos,
} from "../model/index.ts";

/** What a tier charges: `(size * rate + lots * perLot) / 10^scale`, the rate on sells not included. */
interface Tier {
  readonly fromMinor: bigint;
  readonly maker: bigint;
  readonly taker: bigint;
  readonly makerPerLot: bigint;
  readonly takerPerLot: bigint;
}

/** The least and the most of a commission; the most as minor units, and as a share of the notional at the scale. */
interface Limits {
  readonly minimumMinor: bigint;
  readonly maximumMinor: bigint | undefined;
  readonly maximumRate: bigint | undefined;
}

/** A charge on top, at the scale. */
interface Charge {
  /** +1 for buys, -1 for sells, 0 for both. */
  readonly sign: number;
  readonly rate: bigint;
  readonly perLot: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
}

/** One schedule's terms as integers. */
export interface CompiledTerms {
  /** From when on they hold. @units epoch ns */
  readonly fromNs: bigint | undefined;
  readonly tiers: readonly Tier[];
  readonly sellRate: bigint;
  /** Limits of each fill, or of all fills of an order. */
  readonly limits: Limits | undefined;
  readonly isPerOrder: boolean;
  readonly charges: readonly Charge[];
}

/** A schedule and its revisions as integers of one scale. */
export interface CompiledFees {
  readonly divisor: bigint;
  /** Rising; the first holds from the beginning. */
  readonly terms: readonly CompiledTerms[];
}

const ZERO: Scaled = { digits: 0n, scale: 0 };

/** Compiles an instrument's schedule. */
export function compileFees(instrument: Instrument): CompiledFees {
  const { revisions = [], ...first } = instrument.fees;
  const all: readonly (FeeTerms & { readonly from?: string })[] = [first, ...revisions];
  const { decimals } = instrument.quote;
  const lot = decimal(instrument.formatQuantity(1));
  const amount = (text: string | undefined): Scaled => {
    const { digits, scale } = decimal(text);
    return { digits: digits * pow10(decimals), scale };
  };
  const perLot = (text: string | undefined): Scaled => {
    const { digits, scale } = amount(text);
    return { digits: digits * lot.digits, scale: scale + lot.scale };
  };
  const scale = Math.max(
    0,
    ...all.flatMap((terms) => scaledOf(terms, amount, perLot).map((one) => one.scale)),
  );
  const rate = (text: string | undefined): bigint => atScale(decimal(text), scale);
  const lots = (text: string | undefined): bigint => atScale(perLot(text), scale);
  const minor = (text: string | undefined): bigint => toMinor(decimal(text), decimals, "ceil");
  const limitsOf = ({ minimum, maximum, maximumRate }: FeeLimits): Limits | undefined => {
    if (minimum === undefined && maximum === undefined && maximumRate === undefined) return undefined;
    return {
      minimumMinor: minor(minimum),
      maximumMinor: maximum === undefined ? undefined : toMinor(decimal(maximum), decimals, "floor"),
      maximumRate: maximumRate === undefined ? undefined : rate(maximumRate),
    };
  };
  const chargeOf = ({ side, ...charge }: FeeCharge): Charge => ({
    sign: side === undefined ? 0 : side === "buy" ? 1 : -1,
    rate: rate(charge.rate),
    perLot: lots(charge.perUnit),
    minimum: atScale(amount(charge.minimum), scale),
    maximum: charge.maximum === undefined ? undefined : atScale(amount(charge.maximum), scale),
  });
  const terms = all.map(
    ({ from, tiers = [], perUnit, sellRate, order, charges = [], ...own }): CompiledTerms => {
      const fromNs = from === undefined ? undefined : parseNanos(from);
      const steps = tiers.length === 0 ? [{ maker: "0", taker: "0" }] : tiers;
      return {
        fromNs: fromNs === undefined || isRefusal(fromNs) ? undefined : fromNs,
        tiers: steps.map((tier) => ({
          ...{ fromMinor: minor(tier.fromVolume), maker: rate(tier.maker), taker: rate(tier.taker) },
          makerPerLot: lots(perUnit) + lots(tier.makerPerUnit),
          takerPerLot: lots(perUnit) + lots(tier.takerPerUnit),
        })),
        sellRate: rate(sellRate),
        limits: limitsOf(order ?? own),
        isPerOrder: order !== undefined,
        charges: charges.map(chargeOf),
      };
    },
  );
  return { divisor: pow10(scale), terms };
}

/** Every number of terms that the scale has to hold. */
function scaledOf(
  { tiers = [], perUnit, sellRate, order, maximumRate, charges = [] }: FeeTerms,
  amount: (text: string | undefined) => Scaled,
  perLot: (text: string | undefined) => Scaled,
): Scaled[] {
  return [
    ...[perLot(perUnit), decimal(sellRate), decimal(maximumRate), decimal(order?.maximumRate)],
    ...tiers.flatMap((tier) => [
      ...[decimal(tier.maker), decimal(tier.taker)],
      ...[perLot(tier.makerPerUnit), perLot(tier.takerPerUnit)],
    ]),
    ...charges.flatMap((charge) => [
      ...[decimal(charge.rate), perLot(charge.perUnit), amount(charge.minimum), amount(charge.maximum)],
    ]),
  ];
}

/** A commission within its limits: where the most is below the least, the most. @units minor units */
export function limitFee(
  feeMinor: bigint,
  sizeMinor: bigint,
  limits: Limits,
  divisor: bigint,
  rounding: Rounding,
): bigint {
  const { minimumMinor, maximumMinor, maximumRate } = limits;
  let fee = feeMinor >= 0n && feeMinor < minimumMinor ? minimumMinor : feeMinor;
  if (maximumMinor !== undefined && fee > maximumMinor) fee = maximumMinor;
  if (maximumRate === undefined) return fee;
  const most = divideBig(sizeMinor * maximumRate, divisor, rounding);
  return fee > most ? most : fee;
}

/** What charges on top come to, exactly: to be divided by the divisor. */
export function chargesOf(charges: readonly Charge[], size: bigint, lots: bigint, sign: number): bigint {
  let sum = 0n;
  for (const charge of charges) {
    if (charge.sign !== 0 && charge.sign !== sign) continue;
    const raw = size * charge.rate + lots * charge.perLot;
    const least = raw < charge.minimum ? charge.minimum : raw;
    sum += charge.maximum !== undefined && least > charge.maximum ? charge.maximum : least;
  }
  return sum;
}

function decimal(text: string | undefined): Scaled {
  return (text === undefined ? undefined : parseScaled(text)) ?? ZERO;
}

/** The digits at a scale that is at least the value's own. */
function atScale(value: Scaled, scale: number): bigint {
  return value.digits * pow10(scale - value.scale);
}

/** Amounts finer than the minor unit: a minimum and a tier's threshold are reached, not missed; a maximum is kept. */
function toMinor(value: Scaled, decimals: number, rounding: "ceil" | "floor"): bigint {
  return rescale(value, decimals) ?? divideBig(value.digits, pow10(value.scale - decimals), rounding);
}
