import type {
  Break,
  LocalOrder,
  LocalView,
  ReconOptions,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "../../src/recon/index.ts";
import { reconcile } from "../../src/recon/index.ts";

/** One second in ns: the times of these tables are small numbers of it. */
export const S = 1_000_000_000;

/** The account every table is about. */
export const SCOPE = { venue: "x", account: "main" } as const;

/** Timeouts of 2 s, grace of 60 s. */
export const OPTIONS: ReconOptions = { ...SCOPE, ackTimeoutNs: 2 * S, graceNs: 60 * S, orphans: "cancel" };

/** A view of ours at 100 s, empty unless told. */
export function localView(part: Partial<LocalView> = {}): LocalView {
  return { ...SCOPE, nowNs: 100 * S, orders: [], fills: [], positions: [], cash: [], ...part };
}

/** A snapshot as of 99 s. */
export function snapshot(part: Partial<VenueSnapshot> = {}): VenueSnapshot {
  return { ...SCOPE, asOfNs: 99 * S, ...part };
}

/** An order acknowledged long ago. */
export function localOrder(part: Partial<LocalOrder> = {}): LocalOrder {
  return {
    clientOrderIds: ["c1"],
    orderId: "v1",
    instrument: "ABC",
    side: "buy",
    priceTicks: 100,
    lots: 10,
    cumLots: 0,
    state: "open",
    sentNs: 10 * S,
    updatedNs: 11 * S,
    requests: [],
    ...part,
  };
}

/** An order sent long ago that nobody acknowledged. */
export function pendingOrder(part: Partial<LocalOrder> = {}): LocalOrder {
  const { orderId: _, updatedNs: __, ...rest } = localOrder();
  const requests = [{ kind: "new", clientOrderId: "c1", sentNs: 10 * S }] as const;
  return { ...rest, state: "pendingNew", requests, ...part };
}

/** The venue's side of `localOrder`. */
export function venueOrder(part: Partial<VenueOrder> = {}): VenueOrder {
  return {
    orderId: "v1",
    clientOrderId: "c1",
    instrument: "ABC",
    side: "buy",
    priceTicks: 100,
    lots: 10,
    cumLots: 0,
    state: "open",
    ...part,
  };
}

/** An execution of `localOrder` at 50 s. */
export function fill(part: Partial<VenueFill> = {}): VenueFill {
  return {
    execId: "e1",
    orderId: "v1",
    instrument: "ABC",
    side: "buy",
    priceTicks: 100,
    lots: 4,
    venueNs: 50 * S,
    ...part,
  };
}

/** The breaks of one comparison. @throws where it is refused. */
export function breaksOf(
  local: Partial<LocalView>,
  venue: Partial<VenueSnapshot>,
  options: Partial<ReconOptions> = {},
): readonly Break[] {
  const breaks = reconcile(localView(local), snapshot(venue), { ...OPTIONS, ...options });
  if ("ok" in breaks) throw new Error(breaks.message);
  return breaks;
}

/** Kind, key and action of each break, on one line. */
export function linesOf(
  local: Partial<LocalView>,
  venue: Partial<VenueSnapshot>,
  options: Partial<ReconOptions> = {},
): readonly string[] {
  return breaksOf(local, venue, options).map((each) => `${each.kind} ${each.key}: ${each.action.type}`);
}
