import { parseScaled, pow10, rescale } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { LimitName, NodeLimits } from "../risk/index.ts";
import type { VenueCapabilities, VenueFilters } from "../venue/index.ts";
import { boundedLimits, limitsLacking } from "./live-refusals.ts";
import type { PreflightCheck } from "./preflight.ts";
import { check } from "./preflight-check.ts";

/** An instrument beside what its venue takes. */
export interface FilteredInstrument {
  /** Of the venue and account. */
  readonly path: string;
  readonly instrument: Instrument;
  readonly filters: VenueFilters;
  /** About where its market is; 0 where nobody said. @units ticks */
  readonly ticks: number;
}

/** Whether our limits are all said, and bounded where they have to be. */
export function limitChecks(limits: readonly NodeLimits[] | undefined): readonly PreflightCheck[] {
  const [lack] = limitsLacking(limits);
  const expected = "every required limit said, size, position, loss, rate and collar bounded";
  if (lack !== undefined)
    return [check("limits", "fail", lack.message, expected, "say them in `risk.limits`")];
  return [check("limits", "ok", `${boundedLimits(limits ?? []).length} bounded`, expected)];
}

/** Our limits of one instrument beside what its venue takes of orders. */
export function filterChecks(
  of: FilteredInstrument,
  limits: readonly NodeLimits[],
  currency: string | undefined,
): readonly PreflightCheck[] {
  const { instrument, filters, path } = of;
  const name = `${path}.${instrument.key}`;
  const trades = filters.isTrading;
  return [
    check(
      `${name}.trading`,
      trades === false ? "fail" : trades === true ? "ok" : "warn",
      trades === null ? "not said" : trades ? "trades" : "halted",
      "a market that trades",
      "wait until it does, or leave it out",
    ),
    gridCheck(name, instrument, filters),
    leastCheck(name, of, limits, currency),
    mostCheck(name, of, limits, currency),
    openOrdersCheck(name, tightest(limits, "maxOpenOrders", instrument), filters.maxOpenOrders),
  ];
}

function gridCheck(
  name: string,
  instrument: Instrument,
  { tickSize, lotSize }: VenueFilters,
): PreflightCheck {
  const ours = instrument.describe();
  const isOn = isMultiple(ours.tickSize, tickSize) && isMultiple(ours.lotSize, lotSize);
  const measured = `ticks of ${ours.tickSize}, lots of ${ours.lotSize}`;
  const said = tickSize === null && lotSize === null ? "the venue's grid, which it does not say" : undefined;
  const expected = said ?? `multiples of ${tickSize ?? "?"} and ${lotSize ?? "?"}`;
  return check(`${name}.grid`, isOn ? "ok" : "fail", measured, expected, "take the venue's grid");
}

/** Whether an order that our limits allow is large enough for the venue. */
function leastCheck(
  name: string,
  { instrument, filters, ticks }: FilteredInstrument,
  limits: readonly NodeLimits[],
  currency: string | undefined,
): PreflightCheck {
  const { minQuantity, minNotional } = filters;
  const lots = tightest(limits, "maxOrderLots", instrument) ?? instrument.maxLots;
  const value = isIn(currency, instrument) ? tightest(limits, "maxOrderValue", instrument) : undefined;
  const isLarge = !isAbove(minQuantity, instrument.formatQuantity(lots));
  const worth = ticks === 0 ? undefined : instrument.notionalMinor(ticks, lots);
  const least = minNotional === null ? 0n : minorUp(minNotional, instrument.quote.decimals);
  const isWorth = (worth === undefined || worth >= least) && !isAbove(minNotional, value?.toString());
  const measured = [`at most ${instrument.formatQuantity(lots)}`, ...valueWords(value, worth, instrument)];
  const expected = `room for ${minQuantity ?? "any quantity"} and a worth of ${minNotional ?? "anything"}`;
  const change = "raise `maxOrderLots` or `maxOrderValue`: the venue takes no order that they allow";
  return check(`${name}.least`, isLarge && isWorth ? "ok" : "fail", measured.join(", "), expected, change);
}

/** Whether our limits keep orders within what the venue takes. */
function mostCheck(
  name: string,
  { instrument, filters }: FilteredInstrument,
  limits: readonly NodeLimits[],
  currency: string | undefined,
): PreflightCheck {
  const { maxQuantity, maxNotional } = filters;
  const lots = tightest(limits, "maxOrderLots", instrument) ?? instrument.maxLots;
  const value = isIn(currency, instrument) ? tightest(limits, "maxOrderValue", instrument) : undefined;
  const isSmall = maxQuantity === null || !isAbove(instrument.formatQuantity(lots), maxQuantity);
  const isWorth = value === undefined || maxNotional === null || !isAbove(String(value), maxNotional);
  const measured = [
    `at most ${instrument.formatQuantity(lots)}`,
    ...valueWords(value, undefined, instrument),
  ];
  const expected = `at most ${maxQuantity ?? "any quantity"} and a worth of ${maxNotional ?? "anything"}`;
  const change = "lower them: the venue refuses what is larger";
  return check(`${name}.most`, isSmall && isWorth ? "ok" : "warn", measured.join(", "), expected, change);
}

function openOrdersCheck(name: string, ours: number | undefined, most: number | null): PreflightCheck {
  const isWithin = most === null || (ours !== undefined && ours <= most);
  const expected = most === null ? "what the venue takes, which it does not say" : `at most ${most}`;
  const change = "say `maxOpenOrders`: the venue refuses what is more";
  return check(`${name}.openOrders`, isWithin ? "ok" : "warn", `${ours ?? "no"} at most`, expected, change);
}

/** Our rate of new orders beside the venue's budgets. */
export function rateCheck(
  path: string,
  { rateLimits }: VenueCapabilities,
  limits: readonly NodeLimits[],
): PreflightCheck {
  const perSecond = [
    tightest(limits, "maxOrdersPerSecond", undefined),
    (tightest(limits, "maxOrdersPerMinute", undefined) ?? Number.POSITIVE_INFINITY) / 60,
  ];
  const ours = Math.min(...perSecond.map((each) => each ?? Number.POSITIVE_INFINITY));
  const theirs = rateLimits.map(({ name, weight, perNs, costs }) => {
    return { name, perSecond: (weight * 1e9) / perNs / (costs?.submit ?? 1) };
  });
  const [first] = theirs.sort((a, b) => a.perSecond - b.perSecond);
  const isWithin = first === undefined || ours <= first.perSecond;
  const measured = Number.isFinite(ours) ? `${Number(ours.toFixed(2))} orders a second` : "no limit for all";
  const expected = first === undefined ? "no budget of the venue" : `${first.perSecond} (${first.name})`;
  const change = "lower `maxOrdersPerSecond` or `maxOrdersPerMinute`: orders beyond it stay here";
  return check(`${path}.rate`, isWithin ? "ok" : "warn", measured, expected, change);
}

/** The tightest number that a limit has for every order in an instrument: at the firm, and at its symbol. */
function tightest(
  limits: readonly NodeLimits[],
  limit: LimitName,
  instrument: Instrument | undefined,
): number | undefined {
  let least: number | undefined;
  for (const { level, name, limits: said } of limits) {
    const isOf = level === "firm" || (level === "symbol" && name === instrument?.key && name !== undefined);
    const value = said[limit];
    if (!isOf || value === undefined || value === "unlimited") continue;
    if (least === undefined || Number(value) < least) least = Number(value);
  }
  return least;
}

function valueWords(
  value: number | undefined,
  worth: bigint | undefined,
  { quote }: Instrument,
): readonly string[] {
  return [
    ...(worth === undefined ? [] : [`worth ${Number(worth) / 10 ** quote.decimals} ${quote.code} now`]),
    ...(value === undefined ? [] : [`at most ${value} ${quote.code} an order`]),
  ];
}

function isIn(currency: string | undefined, { quote }: Instrument): boolean {
  return currency === quote.code;
}

/** Whether one decimal text is above another; not where one of them is not said. */
function isAbove(one: string | null | undefined, other: string | null | undefined): boolean {
  const [a, b] = [parseScaled(one ?? ""), parseScaled(other ?? "")];
  if (a === undefined || b === undefined) return false;
  const scale = Math.max(a.scale, b.scale);
  return a.digits * pow10(scale - a.scale) > b.digits * pow10(scale - b.scale);
}

/** Whether a step is a whole multiple of another; also where the other is not said. */
function isMultiple(step: string, of: string | null): boolean {
  const [a, b] = [parseScaled(step), parseScaled(of ?? "")];
  if (a === undefined || b === undefined || b.digits === 0n) return true;
  const scale = Math.max(a.scale, b.scale);
  return (a.digits * pow10(scale - a.scale)) % (b.digits * pow10(scale - b.scale)) === 0n;
}

/** Minor units of a decimal amount, rounded up. */
function minorUp(text: string, decimals: number): bigint {
  const scaled = parseScaled(text);
  if (scaled === undefined) return 0n;
  return rescale(scaled, decimals) ?? scaled.digits / pow10(scaled.scale - decimals) + 1n;
}
