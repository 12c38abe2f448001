import type { ReconAction } from "./break.ts";
import { amount } from "./compare-fills.ts";
import type { Comparison, FillSums } from "./comparison.ts";
import type { CashRow } from "./view.ts";

/**
 * Compares positions as of the snapshot, beside what the fills already explain.
 *
 * @cost O(positions)
 */
export function comparePositions(comparison: Comparison, sums: FillSums): void {
  const { local, venue } = comparison;
  if (venue.positions === undefined) return;
  const ours = new Map(local.positions.map((row) => [row.instrument, row.lots]));
  const theirs = new Map(venue.positions.map((row) => [row.instrument, row.lots]));
  const instruments = [ours, theirs, sums.byInstrument, sums.laterByInstrument].flatMap((each) => [
    ...each.keys(),
  ]);
  for (const instrument of new Set(instruments)) {
    const lots = (ours.get(instrument) ?? 0) - (sums.laterByInstrument.get(instrument) ?? 0);
    const theirLots = theirs.get(instrument) ?? 0;
    const explainedLots = sums.byInstrument.get(instrument) ?? 0;
    const drift = theirLots - lots - explainedLots;
    if (drift === 0) continue;
    const action = positionAction(comparison, sums, instrument, drift);
    comparison.differ({
      kind: "positionDrift",
      key: instrument,
      instrument,
      local: { lots, explainedLots },
      venue: { lots: theirLots },
      mark: String(drift),
      severity: action.type === "haltSymbol" ? "critical" : action.type === "queryFills" ? "warning" : "info",
      action,
      isAutomatic: true,
    });
  }
}

/** First the cause, then a correction: only fills that agree up to the snapshot leave a drift without a cause. */
function positionAction(
  comparison: Comparison,
  sums: FillSums,
  instrument: string,
  lots: number,
): ReconAction {
  const { asOfNs, fills, fillsThroughNs } = comparison.venue;
  const isAgreed = fills !== undefined && fillsThroughNs !== undefined && fillsThroughNs >= asOfNs;
  if (!isAgreed || sums.open.has(instrument)) return { type: "queryFills", instrument, fromNs: null };
  const isSmall = Math.abs(lots) <= comparison.rules.positionToleranceLots;
  return { type: isSmall ? "correctPosition" : "haltSymbol", instrument, lots };
}

/**
 * Compares cash as of the snapshot, beside what the fills already explain.
 *
 * @cost O(currencies)
 */
export function compareCash(comparison: Comparison, sums: FillSums): void {
  const { local, venue, rules } = comparison;
  if (venue.cash === undefined) return;
  const minors = (rows: readonly CashRow[]) => new Map(rows.map((row) => [row.currency, amount(row)]));
  const [ours, theirs] = [minors(local.cash), minors(venue.cash)];
  const currencies = [ours, theirs, sums.byCurrency, sums.laterByCurrency].flatMap((each) => [
    ...each.keys(),
  ]);
  for (const currency of new Set(currencies)) {
    const minor = (ours.get(currency) ?? 0n) - (sums.laterByCurrency.get(currency) ?? 0n);
    const theirMinor = theirs.get(currency) ?? 0n;
    const explained = sums.byCurrency.get(currency) ?? 0n;
    const drift = theirMinor - minor - explained;
    if (drift === 0n) continue;
    if (sums.isCashOpen) {
      comparison.wait("cashDrift", currency, "fillsOpen");
      continue;
    }
    const isSmall = drift <= rules.cashToleranceMinor && -drift <= rules.cashToleranceMinor;
    comparison.differ({
      kind: "cashDrift",
      key: currency,
      instrument: null,
      local: { minor: String(minor), explainedMinor: String(explained) },
      venue: { minor: String(theirMinor) },
      mark: String(drift),
      severity: isSmall ? "info" : "critical",
      action: { type: "adjustCash", currency, minor: String(drift), execId: null },
      isAutomatic: isSmall,
    });
  }
}
