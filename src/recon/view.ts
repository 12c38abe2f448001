import type { CashRow, FillRow, PositionRow, ReconState, Side } from "../model/index.ts";

export type {
  CashRow,
  FillRow,
  Minor,
  PositionRow,
  ReconState,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "../model/index.ts";

/** A request that was sent and not answered. @units `sentNs` ns of our clock from the session's base */
export interface RequestRow {
  readonly kind: "new" | "cancel" | "replace";
  readonly clientOrderId: string;
  readonly sentNs: number;
  /** The terms a replace asks for. */
  readonly priceTicks?: number;
  readonly lots?: number;
}

/**
 * An order as we know it: open, or ended so recently that the venue may still tell of it.
 *
 * @units `priceTicks` ticks (0 without a limit), lots, ns from the session's base
 */
export interface LocalOrder {
  /** The chain of ids it was sent under, the first one first: at least one. */
  readonly clientOrderIds: readonly string[];
  /** The venue's id, where it is known. */
  readonly orderId?: string;
  readonly instrument: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly cumLots: number;
  readonly state: ReconState;
  /** When it was sent, by our clock. */
  readonly sentNs: number;
  /** Venue time of the last report on its state or terms; executions carry their own times. */
  readonly updatedNs?: number;
  /** That report's place in the venue's sequence. */
  readonly updatedSeq?: number;
  /** We do not trust our own view of it: a timeout, a lost connection. */
  readonly isUnknown?: boolean;
  /** Requests without an answer, oldest first. */
  readonly requests: readonly RequestRow[];
}

/**
 * What we hold to be true. It must list every fill after the snapshot's as-of: they are taken out of positions, cash
 * and quantities before these are compared.
 *
 * @units `nowNs` ns of our clock from the session's base
 */
export interface LocalView {
  readonly venue: string;
  readonly account: string;
  readonly nowNs: number;
  /** When the snapshot was asked for, by our clock: it is of that moment or later. */
  readonly askedNs?: number;
  readonly orders: readonly LocalOrder[];
  readonly fills: readonly FillRow[];
  readonly positions: readonly PositionRow[];
  readonly cash: readonly CashRow[];
}
