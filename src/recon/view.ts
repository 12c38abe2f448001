import type { Side } from "../model/index.ts";

/**
 * Money in minor units: a bigint, or its decimal text where the row came through JSON.
 *
 * @units minor units of a currency
 */
export type Minor = bigint | string;

/** An amount of one currency. */
export interface CashRow {
  readonly currency: string;
  readonly minor: Minor;
}

/** What an account holds of one instrument. @units lots, signed */
export interface PositionRow {
  readonly instrument: string;
  readonly lots: number;
}

/**
 * One execution, as either side knows it. `cash` is what it moved without its fee (below 0: paid), `fee` what it cost
 * (above 0: charged); both left out where they are not known.
 *
 * @units `priceTicks` ticks, `lots` lots above 0, `venueNs` ns of the venue's clock from the session's base
 */
export interface FillRow {
  /** The venue's number of the execution: unique per venue and account. */
  readonly execId: string;
  readonly orderId?: string;
  readonly clientOrderId?: string;
  readonly instrument: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly venueNs: number;
  /** Its place in the venue's sequence, above 0. */
  readonly venueSeq?: number;
  readonly cash?: CashRow;
  readonly fee?: CashRow;
}

/** An execution as the venue tells it. */
export interface VenueFill extends FillRow {
  /** The venue took it back. */
  readonly isBusted?: boolean;
}

/** Where an order stands, as far as reconciliation cares. `open` is every state in which it may still fill. */
export type ReconState = "pendingNew" | "open" | "filled" | "canceled" | "rejected" | "expired";

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

/** An order as the venue tells it. */
export interface VenueOrder {
  readonly orderId: string;
  /** The id of the last request it accepted. */
  readonly clientOrderId?: string;
  readonly originalClientOrderId?: string;
  readonly instrument: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly cumLots: number;
  readonly state: Exclude<ReconState, "pendingNew">;
  /** When it changed last, by the venue's clock. */
  readonly updatedNs?: number;
}

/**
 * What the venue says is true at one time. A section that is left out was not asked for, and nothing is concluded
 * from it.
 *
 * @units ns of the venue's clock from the session's base
 */
export interface VenueSnapshot {
  readonly venue: string;
  readonly account: string;
  readonly asOfNs: number;
  /** The venue's sequence at that time, above 0; orders events before times do, where both sides have one. */
  readonly asOfSeq?: number;
  /** Every open order, and any ended ones that were asked for. */
  readonly orders?: readonly VenueOrder[];
  /** Client order ids the venue was asked about and does not know. */
  readonly notFound?: readonly string[];
  readonly fills?: readonly VenueFill[];
  /** Fills before this are not listed; from ever unless given. */
  readonly fillsFromNs?: number;
  /** The venue vouches that no fill up to here is left out of the list: an end of day, a status answer. */
  readonly fillsThroughNs?: number;
  readonly positions?: readonly PositionRow[];
  readonly cash?: readonly CashRow[];
}
