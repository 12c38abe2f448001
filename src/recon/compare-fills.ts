import type { BreakFacts, ReconAction, Severity } from "./break.ts";
import { addLotsTo, type Comparison, FillSums, signedLots } from "./comparison.ts";
import { minorOf } from "./options.ts";
import type { CashRow, FillRow, VenueFill } from "./view.ts";

/**
 * Compares executions by their ids, and says what their differences mean for quantities, positions and cash.
 *
 * @cost O(fills)
 */
export function compareFills(comparison: Comparison): FillSums {
  const { local, venue } = comparison;
  const sums = new FillSums();
  const ours = new Set<string>();
  const theirs = new Map<string, VenueFill>();
  for (const fill of local.fills) ours.add(fill.execId);
  for (const fill of venue.fills ?? []) theirs.set(fill.execId, fill);
  for (const fill of local.fills) {
    const order = comparison.pairing.groupOf(fill);
    if (order !== undefined) addLotsTo(sums.ownByOrder, order, fill.lots);
    const other = theirs.get(fill.execId);
    if (other !== undefined || comparison.isWithin(fill.venueNs, fill.venueSeq)) {
      if (other === undefined) compareAbsent(comparison, sums, fill);
      else if (other.isBusted === true) comparePresent(comparison, sums, fill, true);
      else compareBoth(comparison, sums, fill, other);
    } else addLater(comparison, sums, fill);
  }
  for (const fill of venue.fills ?? []) {
    if (!ours.has(fill.execId) && fill.isBusted !== true) compareUnknown(comparison, sums, fill);
  }
  return sums;
}

/** The venue has it, we do not. */
function compareUnknown(comparison: Comparison, sums: FillSums, fill: VenueFill): void {
  shift(comparison, sums, fill, 1);
  if (!comparison.isTold(fill.venueNs)) {
    comparison.wait("unknownFill", fill.execId, "reportComing");
    return;
  }
  const order = comparison.pairing.localOf(fill);
  const isAdopted =
    comparison.rules.orphans === "adopt" && comparison.pairing.groupOf(fill)?.state === "open";
  const isSynthetic = order === undefined && !isAdopted;
  record(comparison, "unknownFill", fill, {
    local: null,
    venue: factsOf(fill),
    mark: contentOf(fill),
    severity: isSynthetic ? "critical" : "warning",
    action: {
      type: "bookFill",
      fill: plainFill(fill),
      clientOrderId: order?.clientOrderIds[0] ?? null,
      isSynthetic,
    },
    isAutomatic: true,
  });
}

/** We have it; the venue does not list it. That says something only where it vouches for its list. */
function compareAbsent(comparison: Comparison, sums: FillSums, fill: FillRow): void {
  const { fills, fillsFromNs, fillsThroughNs } = comparison.venue;
  if (fills === undefined || fillsThroughNs === undefined) return;
  if (fill.venueNs > fillsThroughNs || (fillsFromNs !== undefined && fill.venueNs < fillsFromNs)) return;
  comparePresent(comparison, sums, fill, false);
}

/** We have it; the venue does not, or took it back. */
function comparePresent(comparison: Comparison, sums: FillSums, fill: FillRow, isBusted: boolean): void {
  shift(comparison, sums, fill, -1);
  const { execId } = fill;
  record(comparison, "missingFill", fill, {
    local: factsOf(fill),
    venue: isBusted ? { isBusted } : null,
    mark: isBusted ? "busted" : "absent",
    severity: "critical",
    action: isBusted ? { type: "bustFill", execId } : { type: "quarantineFill", execId },
    isAutomatic: isBusted,
  });
}

function compareBoth(comparison: Comparison, sums: FillSums, ours: FillRow, theirs: VenueFill): void {
  if (!isSameContent(ours, theirs)) {
    shift(comparison, sums, ours, -1);
    shift(comparison, sums, theirs, 1);
    record(comparison, "conflictingFill", ours, {
      local: factsOf(ours),
      venue: factsOf(theirs),
      mark: contentOf(theirs),
      severity: "critical",
      action: { type: "quarantineFill", execId: ours.execId },
      isAutomatic: false,
    });
    return;
  }
  if (ours.fee === undefined || theirs.fee === undefined) return;
  if (ours.fee.currency !== theirs.fee.currency) {
    compareCurrencies(comparison, sums, ours, ours.fee, theirs.fee);
    return;
  }
  if (ours.fee.minor === theirs.fee.minor) return;
  const minor = amount(ours.fee) - amount(theirs.fee);
  if (minor === 0n) return;
  const { currency } = ours.fee;
  addMinorTo(sums.byCurrency, currency, minor);
  const { cashToleranceMinor } = comparison.rules;
  const isSmall = minor <= cashToleranceMinor && -minor <= cashToleranceMinor;
  record(comparison, "feeDrift", ours, {
    local: { currency, feeMinor: String(ours.fee.minor) },
    venue: { currency, feeMinor: String(theirs.fee.minor) },
    mark: String(minor),
    severity: isSmall ? "info" : "warning",
    action: { type: "adjustCash", currency, minor: String(minor), execId: ours.execId },
    isAutomatic: isSmall,
  });
}

/** One execution, charged in two currencies: what the venue took is known to the unit, so no human is asked. */
function compareCurrencies(
  comparison: Comparison,
  sums: FillSums,
  fill: FillRow,
  ours: CashRow,
  theirs: CashRow,
): void {
  const [own, other] = [amount(ours), amount(theirs)];
  if (own === 0n && other === 0n) return;
  addMinorTo(sums.byCurrency, ours.currency, own);
  addMinorTo(sums.byCurrency, theirs.currency, -other);
  const [from, to] = [plainCash(ours), plainCash(theirs)];
  record(comparison, "feeDrift", fill, {
    local: { currency: from.currency, feeMinor: String(own) },
    venue: { currency: to.currency, feeMinor: String(other) },
    mark: `${own} ${from.currency} ${other} ${to.currency}`,
    severity: "info",
    action: { type: "rechargeFee", execId: fill.execId, from, to },
    isAutomatic: true,
  });
}

interface Finding {
  readonly local: BreakFacts | null;
  readonly venue: BreakFacts | null;
  readonly mark: string;
  readonly severity: Severity;
  readonly action: ReconAction;
  readonly isAutomatic: boolean;
}

function record(
  comparison: Comparison,
  kind: "unknownFill" | "missingFill" | "conflictingFill" | "feeDrift",
  fill: FillRow,
  finding: Finding,
): void {
  comparison.differ({ kind, key: fill.execId, instrument: fill.instrument, ...finding });
}

/** What the venue has beyond us because of a fill: with the factor 1 it has it, with -1 it lacks it. */
function shift(comparison: Comparison, sums: FillSums, fill: FillRow, factor: 1 | -1): void {
  sums.open.add(fill.instrument);
  const order = comparison.pairing.groupOf(fill);
  if (order !== undefined) addLotsTo(sums.byOrder, order, factor * fill.lots);
  addLotsTo(sums.byInstrument, fill.instrument, factor * signedLots(fill));
  moveCash(sums, sums.byCurrency, fill, BigInt(factor));
}

function addLater(comparison: Comparison, sums: FillSums, fill: FillRow): void {
  const order = comparison.pairing.groupOf(fill);
  if (order !== undefined) addLotsTo(sums.laterByOrder, order, fill.lots);
  addLotsTo(sums.laterByInstrument, fill.instrument, signedLots(fill));
  moveCash(sums, sums.laterByCurrency, fill, 1n);
}

function moveCash(sums: FillSums, into: Map<string, bigint>, fill: FillRow, factor: bigint): void {
  if (fill.cash === undefined || fill.fee === undefined) {
    sums.isCashOpen = true;
    return;
  }
  addMinorTo(into, fill.cash.currency, factor * amount(fill.cash));
  addMinorTo(into, fill.fee.currency, -factor * amount(fill.fee));
}

function addMinorTo(sums: Map<string, bigint>, currency: string, minor: bigint): void {
  sums.set(currency, (sums.get(currency) ?? 0n) + minor);
}

/** The amount of a checked row. */
export function amount(cash: CashRow): bigint {
  return minorOf(cash.minor) ?? 0n;
}

/** All of an execution that must agree, as text. */
function contentOf(fill: FillRow): string {
  return JSON.stringify([fill.instrument, fill.side, fill.priceTicks, fill.lots]);
}

/** Whether {@link contentOf} gives one text for both. */
function isSameContent(left: FillRow, right: FillRow): boolean {
  const { instrument, side, priceTicks, lots } = left;
  if (instrument !== right.instrument || side !== right.side) return false;
  return priceTicks === right.priceTicks && lots === right.lots;
}

function factsOf(fill: FillRow): BreakFacts {
  return {
    instrument: fill.instrument,
    side: fill.side,
    priceTicks: fill.priceTicks,
    lots: fill.lots,
    venueNs: fill.venueNs,
    ...(fill.orderId === undefined ? {} : { orderId: fill.orderId }),
    ...(fill.clientOrderId === undefined ? {} : { clientOrderId: fill.clientOrderId }),
    ...(fill.fee === undefined ? {} : { feeCurrency: fill.fee.currency, feeMinor: String(fill.fee.minor) }),
  };
}

/** The fill with its money as text: actions are JSON-safe. */
function plainFill(fill: VenueFill): VenueFill {
  return {
    ...fill,
    ...(fill.cash === undefined ? {} : { cash: plainCash(fill.cash) }),
    ...(fill.fee === undefined ? {} : { fee: plainCash(fill.fee) }),
  };
}

function plainCash({ currency, minor }: CashRow): CashRow {
  return { currency, minor: String(minor) };
}
