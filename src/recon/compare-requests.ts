import type { ReconAction } from "./break.ts";
import type { Comparison } from "./comparison.ts";
import type { LocalOrder, RequestRow, VenueOrder } from "./view.ts";

/** After so many times `stuckNs` of questions a late replace that the venue shows nothing of is taken for refused. */
const MOOT_AFTER = 4;

/** The unanswered requests of an open order; that of an order never acknowledged is one of them always. */
export function requestsOf(order: LocalOrder): readonly RequestRow[] {
  if (order.state !== "pendingNew") return order.state === "open" ? order.requests : [];
  if (order.requests.some((request) => request.kind === "new")) return order.requests;
  const clientOrderId = order.clientOrderIds[0] as string;
  return [{ kind: "new", clientOrderId, sentNs: order.sentNs }, ...order.requests];
}

/**
 * Finds the requests that wait for too long, and what the snapshot says became of them.
 *
 * @cost O(requests)
 */
export function compareRequests(comparison: Comparison): void {
  const missing = new Set(comparison.venue.notFound ?? []);
  for (const order of comparison.local.orders) {
    const partner = comparison.pairing.partnerOf(order);
    const isGhost = comparison.venue.orders !== undefined && partner?.state !== "open";
    for (const request of requestsOf(order)) {
      const waitsNs = comparison.local.nowNs - request.sentNs;
      if (waitsNs <= comparison.rules.stuckNs) {
        comparison.wait("stuckPending", request.clientOrderId, "requestSent");
      } else if (!isGhost) stick(comparison, order, request, partner, missing);
    }
    // What is open there though it is over here is a break of its own.
    if (isGhost && isOver(order)) {
      for (const request of order.requests) late(comparison, order, request, partner, missing);
    }
  }
}

function isOver({ state }: LocalOrder): boolean {
  return state !== "open" && state !== "pendingNew";
}

/** A request that was overtaken by the end of its order, and whose answer never came. */
function late(
  comparison: Comparison,
  order: LocalOrder,
  request: RequestRow,
  partner: VenueOrder | undefined,
  missing: ReadonlySet<string>,
): void {
  const waitsNs = comparison.local.nowNs - request.sentNs;
  if (waitsNs <= comparison.rules.stuckNs || !comparison.isDue(request.sentNs)) {
    comparison.wait("stuckPending", request.clientOrderId, "requestSent");
  } else stick(comparison, order, request, partner, missing);
}

function stick(
  comparison: Comparison,
  order: LocalOrder,
  request: RequestRow,
  partner: VenueOrder | undefined,
  missing: ReadonlySet<string>,
): void {
  const { kind, clientOrderId, sentNs } = request;
  comparison.differ({
    kind: "stuckPending",
    key: clientOrderId,
    instrument: order.instrument,
    local: { clientOrderId: order.clientOrderIds[0] as string, request: kind, sentNs, state: order.state },
    venue: partner === undefined ? null : { orderId: partner.orderId, state: partner.state },
    mark: kind,
    severity: "warning",
    action: answerTo(comparison, order, request, partner, missing),
    isAutomatic: true,
  });
}

/** What the snapshot says became of a request; where it does not say, the venue is asked. */
function answerTo(
  comparison: Comparison,
  order: LocalOrder,
  request: RequestRow,
  partner: VenueOrder | undefined,
  missing: ReadonlySet<string>,
): ReconAction {
  const requestId = request.clientOrderId;
  const clientOrderId = order.clientOrderIds[0] as string;
  const orderId = partner?.orderId ?? null;
  const answer = (isAccepted: boolean): ReconAction => {
    return { type: "answerRequest", clientOrderId, requestId, isAccepted, orderId };
  };
  // What is over can't be canceled: whatever the answer was, it changes nothing any more.
  if (isOver(order) && request.kind === "cancel") return answer(false);
  if (partner !== undefined && isInForce(order, request, partner)) return answer(true);
  if (isMoot(comparison, order, request, partner)) return answer(false);
  const isNever = missing.has(requestId) && comparison.isDue(request.sentNs);
  return isNever && request.kind !== "new"
    ? answer(false)
    : { type: "requestStatus", clientOrderId: requestId };
}

/**
 * Whether a replace came too late: its order is over on both sides under another name. One that was filled took no new
 * terms; of others the venue is asked for a while, since a replace that is a new order there may have gone on.
 */
function isMoot(
  comparison: Comparison,
  order: LocalOrder,
  { kind, sentNs }: RequestRow,
  partner: VenueOrder | undefined,
): boolean {
  if (kind !== "replace" || !isOver(order) || partner === undefined || partner.state === "open") return false;
  return (
    partner.state === "filled" || comparison.local.nowNs - sentNs > MOOT_AFTER * comparison.rules.stuckNs
  );
}

/** Whether the venue's order shows that it accepted the request. */
function isInForce(order: LocalOrder, request: RequestRow, partner: VenueOrder): boolean {
  if (request.kind === "new") return true;
  if (request.kind === "cancel") return false;
  if (partner.clientOrderId === request.clientOrderId) return true;
  if (isOver(order)) return false;
  const { priceTicks = order.priceTicks, lots = order.lots } = request;
  const isOther = priceTicks !== order.priceTicks || lots !== order.lots;
  return isOther && priceTicks === partner.priceTicks && lots === partner.lots;
}
