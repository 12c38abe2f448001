import type { Side } from "./side.ts";

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
  /** A resting order was taken: what it is charged as when it is booked out of a snapshot. */
  readonly isMaker?: boolean;
}

/** Where an order stands, as far as reconciliation cares. `open` is every state in which it may still fill. */
export type ReconState = "pendingNew" | "open" | "filled" | "canceled" | "rejected" | "expired";

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
