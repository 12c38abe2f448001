import type { BreakFacts, BreakKind, Difference, InFlight, ReconAction } from "./break.ts";
import { requestsOf } from "./compare-requests.ts";
import type { Comparison, FillSums } from "./comparison.ts";
import type { LocalOrder, ReconState, VenueOrder } from "./view.ts";

/** A local order as of the snapshot. */
interface OrderAsOf {
  readonly order: LocalOrder;
  readonly key: string;
  readonly partner: VenueOrder | undefined;
  readonly cumLots: number;
  readonly state: ReconState;
  readonly isOpen: boolean;
  /** Lots of our fills after the snapshot. */
  readonly laterLots: number;
  /** Lots the venue's fills have beyond ours. */
  readonly shiftLots: number;
}

/**
 * Compares open orders, and ended ones where the venue tells of them.
 *
 * @cost O(orders)
 */
export function compareOrders(comparison: Comparison, sums: FillSums): void {
  if (comparison.venue.orders === undefined) return;
  for (const order of comparison.local.orders) {
    const now = orderAsOf(comparison, sums, order);
    const difference = differenceOf(comparison, now);
    const why = whyInFlight(comparison, now);
    if (difference === undefined) {
      if (order.isUnknown === true && why === undefined) comparison.agreed.push(now.key);
    } else if (why === undefined) comparison.differ(difference);
    else comparison.wait(difference.kind, difference.key, why);
  }
  for (const row of comparison.pairing.unpaired) {
    if (row.state !== "open") continue;
    if (row.updatedNs !== undefined && !comparison.isTold(row.updatedNs)) {
      comparison.wait("orphanOrder", row.orderId, "reportComing");
    } else comparison.differ(orphan(comparison, row, undefined, strangerCumLots(comparison, sums, row)));
  }
}

function orderAsOf(comparison: Comparison, sums: FillSums, order: LocalOrder): OrderAsOf {
  const laterLots = sums.laterByOrder.get(order) ?? 0;
  const cumLots = order.cumLots - laterLots;
  const wasOpen = order.state === "filled" && laterLots > 0 && cumLots < order.lots;
  const state = wasOpen ? "open" : order.state;
  return {
    order,
    key: order.clientOrderIds[0] as string,
    partner: comparison.pairing.partnerOf(order),
    cumLots,
    state,
    isOpen: state === "open" || state === "pendingNew",
    laterLots,
    shiftLots: sums.byOrder.get(order) ?? 0,
  };
}

/** Why a difference of an order need not be one; undefined where it is. */
function whyInFlight(comparison: Comparison, now: OrderAsOf): InFlight["why"] | undefined {
  const { order, partner } = now;
  const isSilent = order.updatedNs === undefined;
  if (requestsOf(order).some((request) => !comparison.isDue(request.sentNs))) return "requestSent";
  if (isSilent && !comparison.isDue(order.sentNs)) return "requestSent";
  const isAhead = isSilent
    ? now.laterLots > 0
    : !comparison.isWithin(order.updatedNs as number, order.updatedSeq);
  if (isAhead) return "localAhead";
  const changedNs = partner?.updatedNs;
  return changedNs !== undefined && !comparison.isTold(changedNs) ? "reportComing" : undefined;
}

type Found = Omit<Difference, "account"> | undefined;

function differenceOf(comparison: Comparison, now: OrderAsOf): Found {
  const { partner } = now;
  if (now.isOpen) {
    if (partner === undefined) return lost(comparison, now);
    if (partner.state === "open") return otherTerms(comparison, now, partner);
    return ended(comparison, now, partner);
  }
  if (partner === undefined) return undefined;
  if (partner.state !== "open") return otherEnd(comparison, now, partner);
  return orphan(comparison, partner, now, ownCumLots(comparison, now, partner));
}

/** Open with us, not told by the venue at all. */
function lost(comparison: Comparison, now: OrderAsOf): Found {
  const { order, key } = now;
  const missing = new Set(comparison.venue.notFound ?? []);
  const isKnownNever = order.clientOrderIds.every((id) => missing.has(id));
  const wasThere = order.state !== "pendingNew" || order.cumLots > 0;
  const action: ReconAction = isKnownNever
    ? { type: "closeUnknown", clientOrderId: key }
    : { type: "queryHistory", clientOrderIds: order.clientOrderIds };
  const isAutomatic = !isKnownNever || !wasThere;
  return found("ghostOrder", now, isKnownNever ? { isFound: false } : null, isAutomatic, action);
}

/** Open with us, ended at the venue. */
function ended(comparison: Comparison, now: OrderAsOf, partner: VenueOrder): Found {
  const expected = now.cumLots + now.shiftLots;
  const isExplained = expected === partner.cumLots;
  // The fills that are booked by their own breaks fill it; nothing else is to be done.
  if (isExplained && partner.state === "filled" && now.shiftLots !== 0) return undefined;
  const action =
    isExplained || areFillsKnown(comparison, now.order.sentNs)
      ? end(comparison, now, partner)
      : queryFills(now);
  return found("ghostOrder", now, factsOf(partner), true, action);
}

/** Ended on both sides: the same end, the same quantity? */
function otherEnd(comparison: Comparison, now: OrderAsOf, partner: VenueOrder): Found {
  const isExplained = now.cumLots + now.shiftLots === partner.cumLots;
  // Fills that are still to be booked may change how it ended.
  if (isExplained && (now.state === partner.state || now.shiftLots !== 0)) return undefined;
  const action =
    isExplained || areFillsKnown(comparison, now.order.sentNs)
      ? end(comparison, now, partner)
      : queryFills(now);
  return found("orderMismatch", now, factsOf(partner), isExplained, action);
}

/** Open on both sides: the same terms, those of an unanswered replace included? */
function otherTerms(comparison: Comparison, now: OrderAsOf, partner: VenueOrder): Found {
  const { order } = now;
  const fields: string[] = [];
  if (order.instrument !== partner.instrument) fields.push("instrument");
  if (order.side !== partner.side) fields.push("side");
  if (!hasTerms(order, partner)) {
    if (order.priceTicks !== partner.priceTicks) fields.push("priceTicks");
    if (order.lots !== partner.lots) fields.push("lots");
  }
  if (now.cumLots + now.shiftLots !== partner.cumLots) fields.push("cumLots");
  if (fields.length === 0) return undefined;
  const isFillsOnly = fields.length === 1 && fields[0] === "cumLots";
  const action: ReconAction =
    isFillsOnly && !areFillsKnown(comparison, order.sentNs)
      ? queryFills(now)
      : {
          type: "takeVenueTerms",
          clientOrderId: now.key,
          order: { ...partner, cumLots: ownCumLots(comparison, now, partner) },
        };
  const isGrave = fields.some((field) => field !== "priceTicks" && field !== "lots");
  const isWrongOrder = fields.includes("side") || fields.includes("instrument");
  const difference = found("orderMismatch", now, { fields, ...factsOf(partner) }, !isWrongOrder, action);
  return difference && { ...difference, severity: isGrave ? "critical" : "warning" };
}

/** Open at the venue, not open with us. */
function orphan(
  comparison: Comparison,
  row: VenueOrder,
  now: OrderAsOf | undefined,
  cumLots: number,
): Omit<Difference, "account"> {
  const clientOrderId = now?.key ?? row.clientOrderId ?? null;
  const { orderId, instrument } = row;
  return {
    kind: "orphanOrder",
    key: orderId,
    instrument,
    local: now === undefined ? null : localFacts(now),
    venue: factsOf(row),
    mark: "open",
    severity: "critical",
    action:
      comparison.rules.orphans === "adopt"
        ? { type: "adoptOrder", order: row, clientOrderId, cumLots }
        : { type: "cancelOrder", orderId, clientOrderId, instrument },
    isAutomatic: true,
  };
}

/** Whether the venue's terms are ours, or those of a replace that it has not answered. */
function hasTerms(order: LocalOrder, partner: VenueOrder): boolean {
  const isSame = (priceTicks: number, lots: number): boolean =>
    priceTicks === partner.priceTicks && lots === partner.lots;
  if (isSame(order.priceTicks, order.lots)) return true;
  return order.requests.some(
    (each) => each.kind === "replace" && isSame(each.priceTicks ?? order.priceTicks, each.lots ?? order.lots),
  );
}

/** Whether every fill of an order sent then was compared, up to the snapshot. */
function areFillsKnown(comparison: Comparison, sentNs: number): boolean {
  const { asOfNs, fills, fillsFromNs, fillsThroughNs } = comparison.venue;
  if (fills === undefined || fillsThroughNs === undefined || fillsThroughNs < asOfNs) return false;
  return fillsFromNs === undefined || fillsFromNs <= sentNs - comparison.rules.clockErrorNs;
}

/**
 * What our order must have filled now, for the breaks of its fills to bring it to the venue's figure. Where not all of
 * its fills were compared nobody knows which they are, and our figure stays.
 */
function ownCumLots(comparison: Comparison, now: OrderAsOf, partner: VenueOrder): number {
  if (!areFillsKnown(comparison, now.order.sentNs)) return now.order.cumLots;
  return partner.cumLots - now.shiftLots + now.laterLots;
}

/** The same for an order that we do not have: we may hold fills of it all the same. */
function strangerCumLots(comparison: Comparison, sums: FillSums, row: VenueOrder): number {
  const laterLots = sums.laterByOrder.get(row) ?? 0;
  if (!areFillsKnown(comparison, -Infinity)) return sums.ownByOrder.get(row) ?? 0;
  return row.cumLots - (sums.byOrder.get(row) ?? 0) + laterLots;
}

function end(comparison: Comparison, now: OrderAsOf, partner: VenueOrder): ReconAction {
  const cumLots = ownCumLots(comparison, now, partner);
  return { type: "applyTerminal", clientOrderId: now.key, state: partner.state, cumLots };
}

function queryFills(now: OrderAsOf): ReconAction {
  return { type: "queryFills", instrument: now.order.instrument, fromNs: now.order.sentNs };
}

function found(
  kind: BreakKind,
  now: OrderAsOf,
  venue: BreakFacts | null,
  isAutomatic: boolean,
  action: ReconAction,
): Omit<Difference, "account"> {
  const mark = kind === "ghostOrder" ? "gone" : JSON.stringify(venue);
  const { instrument } = now.order;
  const severity = isAutomatic ? "warning" : "critical";
  return {
    kind,
    key: now.key,
    instrument,
    local: localFacts(now),
    venue,
    mark,
    severity,
    action,
    isAutomatic,
  };
}

function localFacts(now: OrderAsOf): BreakFacts {
  const { order } = now;
  return {
    ...(order.orderId === undefined ? {} : { orderId: order.orderId }),
    side: order.side,
    priceTicks: order.priceTicks,
    lots: order.lots,
    cumLots: now.cumLots,
    state: now.state,
  };
}

function factsOf(row: VenueOrder): BreakFacts {
  const { orderId, side, priceTicks, lots, cumLots, state } = row;
  return { orderId, side, priceTicks, lots, cumLots, state };
}
