import type { Side } from "../model/index.ts";
import type { VenueFill, VenueOrder, VenueSnapshot } from "./view.ts";

/** What may have become of an order that was on its way, or working, when the connection went. */
export const DOUBT_OUTCOMES = ["notReceived", "live", "filled", "rejected", "canceled"] as const;

/**
 * One of {@link DOUBT_OUTCOMES}. `canceled` is every end that may have filled a part: an order the venue had
 * acknowledged, or one it cancels with the connection.
 */
export type DoubtOutcome = (typeof DOUBT_OUTCOMES)[number];

/**
 * An order whose state at the venue is not known.
 *
 * @units ticks, lots, ns of our clock from the session's base
 */
export interface DoubtfulOrder {
  /** The chain of ids it was sent under, the first one first; the first names it. */
  readonly clientOrderIds: readonly string[];
  readonly orderId?: string;
  readonly instrument: string;
  readonly side: Side;
  /** The most it may be for: the larger of its own quantity and of any unanswered replace. */
  readonly lots: number;
  /** What is booked of it. */
  readonly cumLots: number;
  readonly sentNs: number;
  /** The venue had acknowledged it: it was received and not rejected. */
  readonly isAcknowledged: boolean;
  /** It may have been canceled: a cancel is unanswered, or the venue cancels what it has when a connection ends. */
  readonly mayBeCanceled: boolean;
}

/** What is known of a doubtful order by now, JSON-safe. */
export interface DoubtState extends DoubtfulOrder {
  /** What may still be true, in the order of {@link DOUBT_OUTCOMES}; never empty. */
  readonly outcomes: readonly DoubtOutcome[];
  /** What the venue said is filled, booked by us or not. */
  readonly toldLots: number;
}

/** What a doubtful order may be before the venue said anything. */
export function firstOutcomes(order: DoubtfulOrder): readonly DoubtOutcome[] {
  if (order.isAcknowledged || order.cumLots > 0) return ["live", "filled", "canceled"];
  return DOUBT_OUTCOMES.filter((each) => each !== "canceled" || order.mayBeCanceled);
}

/** What a snapshot says of one order. */
export interface Narrowed {
  readonly outcomes: readonly DoubtOutcome[];
  /** What is filled at least. */
  readonly toldLots: number;
}

/**
 * Narrows what may have become of an order by what the venue says; no outcome is left where that contradicts what was
 * known. `isDue`: the venue ought to have had the order by the time of the snapshot.
 */
export function narrow(state: DoubtState, venue: VenueSnapshot, isDue: boolean): Narrowed {
  const row = rowOf(state, venue.orders ?? []);
  const fills = (venue.fills ?? []).filter((fill) => fill.isBusted !== true && isOf(state, fill));
  const filledLots = fills.reduce((sum, fill) => sum + fill.lots, 0);
  const isWholeLife = venue.fillsFromNs === undefined || venue.fillsFromNs <= state.sentNs;
  const toldLots = Math.max(state.toldLots, row?.cumLots ?? 0, isWholeLife ? filledLots : 0);
  if (row !== undefined) return { outcomes: only(state, outcomeOf(row)), toldLots };
  if (isDue && state.clientOrderIds.every((id) => venue.notFound?.includes(id))) {
    return { outcomes: only(state, "notReceived"), toldLots };
  }
  if (toldLots >= state.lots) return { outcomes: only(state, "filled"), toldLots };
  const gone = new Set<DoubtOutcome>();
  if (fills.length > 0) {
    gone.add("notReceived");
    gone.add("rejected");
  }
  if (isDue && venue.orders !== undefined) {
    gone.add("live");
    const throughNs = venue.fillsThroughNs;
    const isComplete = venue.fills !== undefined && throughNs !== undefined && throughNs >= venue.asOfNs;
    if (isComplete && isWholeLife) gone.add("filled");
  }
  // A part that is filled, of an order that is neither live nor filled: it was canceled.
  const before = fills.length > 0 ? withCanceled(state.outcomes) : state.outcomes;
  return { outcomes: before.filter((outcome) => !gone.has(outcome)), toldLots };
}

/** Whether an order in this state can still bring executions that are not booked. */
export function isExposed(state: DoubtState): boolean {
  return state.outcomes.some((outcome) => outcome === "live" || outcome === "filled");
}

function rowOf(state: DoubtfulOrder, rows: readonly VenueOrder[]): VenueOrder | undefined {
  const mine = rows.filter((each) => isOf(state, each));
  return mine.find((each) => each.state === "open") ?? mine[0];
}

function isOf(state: DoubtfulOrder, row: VenueOrder | VenueFill): boolean {
  if (state.orderId !== undefined && row.orderId !== undefined && state.orderId === row.orderId) return true;
  const original = "originalClientOrderId" in row ? row.originalClientOrderId : undefined;
  return [row.clientOrderId, original].some((id) => id !== undefined && state.clientOrderIds.includes(id));
}

function outcomeOf(row: VenueOrder): DoubtOutcome {
  if (row.state === "open") return "live";
  if (row.state === "filled" || row.state === "rejected") return row.state;
  return "canceled";
}

/** One outcome, where it was possible. Whatever may have been live may have been canceled since, by anyone. */
function only(state: DoubtState, outcome: DoubtOutcome): readonly DoubtOutcome[] {
  const known = isExposed(state) ? withCanceled(state.outcomes) : state.outcomes;
  return known.includes(outcome) ? [outcome] : [];
}

function withCanceled(outcomes: readonly DoubtOutcome[]): readonly DoubtOutcome[] {
  return DOUBT_OUTCOMES.filter((each) => each === "canceled" || outcomes.includes(each));
}
