import type { Break } from "./break.ts";
import type { LocalView, VenueSnapshot } from "./view.ts";

/**
 * Whether a comparison that found nothing for a break could have seen it: only then is the break gone.
 *
 * | Kind | Gone when |
 * |---|---|
 * | orphanOrder | the venue listed its orders |
 * | ghostOrder, orderMismatch | the venue listed its orders, or we hold the order no longer |
 * | stuckPending | always: whether a request waits, we know ourselves |
 * | unknownFill | we have it now, or a list that covers its time tells it no more, or as busted |
 * | missingFill, conflictingFill, feeDrift | we do not have it any more, or the venue lists it |
 * | positionDrift, cashDrift | the section was there |
 */
export function isCovered(each: Break, local: LocalView, venue: VenueSnapshot): boolean {
  switch (each.kind) {
    case "orphanOrder":
      return venue.orders !== undefined;
    case "ghostOrder":
    case "orderMismatch":
      return (
        venue.orders !== undefined || !local.orders.some((order) => order.clientOrderIds[0] === each.key)
      );
    case "stuckPending":
      return true;
    case "unknownFill":
      return local.fills.some((fill) => fill.execId === each.key) || isListed(each, venue);
    case "missingFill":
    case "conflictingFill":
    case "feeDrift":
      return !local.fills.some((fill) => fill.execId === each.key) || isListedFill(each.key, venue);
    case "positionDrift":
      return venue.positions !== undefined;
    case "cashDrift":
      return venue.cash !== undefined;
  }
}

function isListedFill(execId: string, venue: VenueSnapshot): boolean {
  return venue.fills?.some((fill) => fill.execId === execId) ?? false;
}

/** Whether the list of fills would hold a fill if the venue still had it, or says that it is busted. */
function isListed(each: Break, venue: VenueSnapshot): boolean {
  if (venue.fills === undefined) return false;
  if (isListedFill(each.key, venue)) return true;
  const venueNs = Number(each.venue?.["venueNs"]);
  const { fillsFromNs, fillsThroughNs } = venue;
  if (fillsThroughNs === undefined || venueNs > fillsThroughNs) return false;
  return fillsFromNs === undefined || venueNs >= fillsFromNs;
}
