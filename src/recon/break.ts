import type { CashRow, ReconState, VenueFill, VenueOrder } from "./view.ts";

/** How bad a break is: `critical` ones call a human. */
export type Severity = "info" | "warning" | "critical";

/** The kinds of breaks, in the order they are told and their actions applied. */
export const BREAK_KINDS = [
  "orphanOrder",
  "unknownFill",
  "missingFill",
  "conflictingFill",
  "ghostOrder",
  "stuckPending",
  "orderMismatch",
  "positionDrift",
  "feeDrift",
  "cashDrift",
] as const;

/** A kind of break: what the two views disagree on. */
export type BreakKind = (typeof BREAK_KINDS)[number];

/** What each kind means, and what its key names. */
export const BREAK_MEANING: Readonly<Record<BreakKind, { readonly key: string; readonly meaning: string }>> =
  {
    orphanOrder: { key: "venue order id", meaning: "open at the venue, not open with us" },
    unknownFill: { key: "execution id", meaning: "an execution of the venue that we never booked" },
    missingFill: { key: "execution id", meaning: "an execution we booked that the venue does not have" },
    conflictingFill: { key: "execution id", meaning: "one execution id with two contents" },
    ghostOrder: { key: "first client order id", meaning: "open with us, not open at the venue" },
    stuckPending: { key: "client order id of the request", meaning: "a request without an answer" },
    orderMismatch: { key: "first client order id", meaning: "other side, price, quantity or end" },
    positionDrift: { key: "instrument", meaning: "positions differ by more than the fills that do" },
    feeDrift: {
      key: "execution id",
      meaning: "an execution was charged another fee, or in another currency",
    },
    cashDrift: { key: "currency", meaning: "cash differs by more than the fills that do" },
  };

/**
 * What to do about a break, as data. Nothing here is done by this room. A `cumLots` is what the order must have filled
 * for the actions on its fills to bring it to the venue's figure; where its fills were not all compared, what it has.
 *
 * | Action | What the caller does |
 * |---|---|
 * | bookFill | books it by its execution id; with `isSynthetic` no order of ours explains it |
 * | bustFill | takes back what it booked: the venue says that it busted it |
 * | quarantineFill | sets it aside for a human; nothing is taken out of the books |
 * | queryHistory | asks the venue what became of an order; its exposure stays |
 * | queryFills | asks for all fills from a time on |
 * | requestStatus | asks for the status of a request |
 * | answerRequest | settles a request as the venue has it: in force, or never received |
 * | applyTerminal | ends the order as the venue did |
 * | closeUnknown | ends it as rejected, unknown to the venue; only now its exposure is released |
 * | adoptOrder | takes the venue's order as ours; its fills are booked by their own breaks |
 * | cancelOrder | cancels it at the venue |
 * | takeVenueTerms | writes the venue's side, price and quantities over ours |
 * | correctPosition | adds `lots` (signed) to our position |
 * | haltSymbol | stops trading it and calls a human, who may then add `lots` |
 * | adjustCash | adds `minor` to our cash by an adjusting entry; with `execId`, to our fee of it the opposite |
 * | rechargeFee | gives back the fee we booked, `from`, and charges the venue's, `to`, in its currency |
 */
export type ReconAction =
  | {
      readonly type: "bookFill";
      readonly fill: VenueFill;
      readonly clientOrderId: string | null;
      readonly isSynthetic: boolean;
    }
  | { readonly type: "bustFill"; readonly execId: string }
  | { readonly type: "quarantineFill"; readonly execId: string }
  | { readonly type: "queryHistory"; readonly clientOrderIds: readonly string[] }
  | { readonly type: "queryFills"; readonly instrument: string | null; readonly fromNs: number | null }
  | { readonly type: "requestStatus"; readonly clientOrderId: string }
  | {
      readonly type: "answerRequest";
      readonly clientOrderId: string;
      readonly requestId: string;
      readonly isAccepted: boolean;
      readonly orderId: string | null;
    }
  | {
      readonly type: "applyTerminal";
      readonly clientOrderId: string;
      readonly state: ReconState;
      readonly cumLots: number;
    }
  | { readonly type: "closeUnknown"; readonly clientOrderId: string }
  | {
      readonly type: "adoptOrder";
      readonly order: VenueOrder;
      readonly clientOrderId: string | null;
      readonly cumLots: number;
    }
  | {
      readonly type: "cancelOrder";
      readonly orderId: string;
      readonly clientOrderId: string | null;
      readonly instrument: string;
    }
  | { readonly type: "takeVenueTerms"; readonly clientOrderId: string; readonly order: VenueOrder }
  | { readonly type: "correctPosition"; readonly instrument: string; readonly lots: number }
  | { readonly type: "haltSymbol"; readonly instrument: string; readonly lots: number }
  | {
      readonly type: "adjustCash";
      readonly currency: string;
      readonly minor: string;
      readonly execId: string | null;
    }
  | {
      readonly type: "rechargeFee";
      readonly execId: string;
      readonly from: CashRow;
      readonly to: CashRow;
    };

/** Facts of one side, JSON-safe: money as decimal text. */
export type BreakFacts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * One difference between the two views, as one comparison sees it.
 *
 * @invariant Kind and key name it: the same difference has the same name in every comparison.
 */
export interface Difference {
  readonly kind: BreakKind;
  readonly key: string;
  readonly account: string;
  readonly instrument: string | null;
  /** What we hold; `null` for nothing. Of positions, cash and quantities: as of the snapshot. */
  readonly local: BreakFacts | null;
  /** What the venue holds; `null` for nothing. */
  readonly venue: BreakFacts | null;
  /** What must stay the same for a second mismatch to confirm the first. */
  readonly mark: string;
  readonly severity: Severity;
  readonly action: ReconAction;
  /** Whether the action may be taken without a human, once confirmed. */
  readonly isAutomatic: boolean;
}

/**
 * A difference with its history.
 *
 * @units ns of our clock from the session's base
 */
export interface Break extends Difference {
  readonly firstSeenNs: number;
  readonly lastSeenNs: number;
  /** Since it was first seen. */
  readonly ageNs: number;
  /** Consecutive mismatches with the same difference. */
  readonly mismatches: number;
  readonly isConfirmed: boolean;
}

/** Something that differs and may yet agree: younger than the timeout, or the snapshot is older than our view of it. */
export interface InFlight {
  readonly kind: BreakKind;
  readonly key: string;
  readonly why: "requestSent" | "reportComing" | "localAhead" | "fillsOpen";
}

/** The name of a difference, unique among all. */
export function breakName(each: { readonly kind: BreakKind; readonly key: string }): string {
  return `${each.kind} ${each.key}`;
}

/** Orders differences as their actions are applied: by kind, then by key in UTF-16 code units. */
export function compareBreaks(
  left: { readonly kind: BreakKind; readonly key: string },
  right: { readonly kind: BreakKind; readonly key: string },
): number {
  const byKind = BREAK_KINDS.indexOf(left.kind) - BREAK_KINDS.indexOf(right.kind);
  if (byKind !== 0) return byKind;
  if (left.key === right.key) return 0;
  return left.key < right.key ? -1 : 1;
}
