import type { Refusal } from "../base/index.ts";
import { type Break, compareBreaks, type Difference, type InFlight } from "./break.ts";
import { checkLocalView, checkSnapshot } from "./check-views.ts";
import { compareCash, comparePositions } from "./compare-balances.ts";
import { compareFills } from "./compare-fills.ts";
import { compareOrders } from "./compare-orders.ts";
import { compareRequests } from "./compare-requests.ts";
import { Comparison } from "./comparison.ts";
import { checkReconOptions, type ReconOptions, type ReconRules } from "./options.ts";
import type { ReconRefusalCode } from "./refusals.ts";
import type { LocalView, VenueSnapshot } from "./view.ts";

/** What one comparison of two views says. */
export interface Reconciliation {
  readonly asOfNs: number;
  readonly nowNs: number;
  /** Every difference, in the order in which actions are applied. */
  readonly differences: readonly Difference[];
  /** What differs and may yet agree: no break. */
  readonly inFlight: readonly InFlight[];
  /** First client order ids of orders marked `isUnknown` that agree with the venue: their doubt is over. */
  readonly agreed: readonly string[];
}

/**
 * Compares what we hold with what the venue says, once: every break is seen for the first time.
 *
 * @invariant Views that agree give no break; the order of rows changes nothing; nothing is changed in the views.
 * @refuses `RECON_FIELD_UNKNOWN`, `RECON_FIELD_MALFORMED`, `RECON_ROWS_EXCEEDED`, `RECON_KEY_REPEATED`,
 * `RECON_ACCOUNT_WRONG`, `RECON_AS_OF_CROSSED`
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` naming a row of our own view.
 * @cost O(rows), with a Map a section; no hot path.
 * @example
 * ```ts
 * import { reconcile } from "tickwright/recon";
 * const scope = { venue: "x", account: "main" };
 * const local = { ...scope, nowNs: 9e9, orders: [], fills: [], positions: [], cash: [] };
 * const fill = { execId: "E1", instrument: "ABC", side: "buy", priceTicks: 100, lots: 5, venueNs: 1e9 } as const;
 * const venue = { ...scope, asOfNs: 8e9, fills: [fill], positions: [{ instrument: "ABC", lots: 5 }] };
 * const breaks = reconcile(local, venue, { ...scope, ackTimeoutNs: 1e9, graceNs: 60e9, orphans: "cancel" });
 * "ok" in breaks ? breaks.code : breaks.map((each) => `${each.kind} ${each.key}`); // => ["unknownFill E1"]
 * ```
 */
export function reconcile(
  local: LocalView,
  venue: VenueSnapshot,
  options: ReconOptions,
): readonly Break[] | Refusal<ReconRefusalCode> {
  const rules = checkReconOptions(options);
  const refusal = checkSnapshot(venue, rules);
  if (refusal !== undefined) return refusal;
  checkLocalView(local, rules);
  const { nowNs } = local;
  return compareViews(local, venue, rules).differences.map((difference) => ({
    ...difference,
    firstSeenNs: nowNs,
    lastSeenNs: nowNs,
    ageNs: 0,
    mismatches: 1,
    isConfirmed: rules.confirmations === 1,
  }));
}

/** Compares two checked views. */
export function compareViews(local: LocalView, venue: VenueSnapshot, rules: ReconRules): Reconciliation {
  const comparison = new Comparison(local, venue, rules);
  const sums = compareFills(comparison);
  compareOrders(comparison, sums);
  compareRequests(comparison);
  comparePositions(comparison, sums);
  compareCash(comparison, sums);
  return {
    asOfNs: venue.asOfNs,
    nowNs: local.nowNs,
    differences: comparison.differences.sort(compareBreaks),
    inFlight: comparison.inFlight.sort(compareBreaks),
    agreed: comparison.agreed.sort(),
  };
}
