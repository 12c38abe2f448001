import type { Instrument, OrderType, Side, TimeInForce, VenueOrder, VenueSnapshot } from "../model/index.ts";

/** What a venue can do, as its adapter found out: what it cannot is refused before anything is sent. */
export interface VenueCapabilities {
  readonly types: readonly OrderType[];
  readonly timesInForce: readonly TimeInForce[];
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** Orders of which only a part is shown. */
  readonly displayLots: boolean;
  /** `atomic`: the old order stands where it fails; `cancelNew`: the old one may be gone without a new one. */
  readonly replace: "atomic" | "cancelNew" | "none";
  /** What one request cancels. */
  readonly massCancel: "account" | "instrument" | "none";
  readonly clientOrderIds: {
    /** The longest id. @units characters */
    readonly lengthMax: number;
    /** The characters an id is made of, as a regular expression of one of them. */
    readonly characters: string;
    /** Among which orders the venue refuses an id a second time. */
    readonly uniqueAmong: "ever" | "open" | "none";
    /** Whether an order can be asked for by it. */
    readonly canBeQueried: boolean;
  };
  /** Whether what is open is canceled when the connection ends. */
  readonly cancelsOnDisconnect: boolean;
  /** Budgets that requests draw on; a share of each is kept for cancels. */
  readonly rateLimits: readonly VenueRateLimit[];
}

/** What is asked of a venue, as far as budgets tell it apart. */
export type VenueRequestKind = "submit" | "cancel" | "replace" | "cancelAll" | "queryOrder" | "query";

/** A budget of requests. @units `perNs` ns */
export interface VenueRateLimit {
  readonly name: string;
  readonly weight: number;
  readonly perNs: number;
  /** What one request draws on it; 1 where it is left out, 0 where it draws nothing. */
  readonly costs?: Readonly<Partial<Record<VenueRequestKind, number>>>;
}

/**
 * A new order as it goes to the venue.
 *
 * @units prices in ticks (0 where there is none), quantities in lots, `expireNs` ns from the session's base (Infinity
 * unless GTD)
 */
export interface VenueOrderTerms {
  readonly instrument: Instrument;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly priceTicks: number;
  readonly stopTicks: number;
  readonly lots: number;
  readonly displayLots: number;
  readonly expireNs: number;
}

/** An order that was sent before, by the names it has. */
export interface VenueOrderName {
  readonly instrument: Instrument;
  /** The id of the last request that the venue accepted. */
  readonly clientOrderId: string;
  /** The venue's own, where it is known. */
  readonly orderId?: string;
}

/** What a report says happened. */
export type VenueReportKind =
  | "accepted"
  | "rejected"
  | "canceled"
  | "expired"
  | "replaced"
  | "cancelRejected"
  | "replaceRejected"
  | "trade"
  | "busted"
  | "corrected"
  | "restated"
  | "triggered";

/**
 * What a venue says of one order, on its stream or in an answer; the same may be said twice, and in any order.
 *
 * @units ticks, lots, `venueNs` ns of the venue's clock from the session's base
 */
export interface VenueReport {
  readonly kind: VenueReportKind;
  /** The instrument's key. */
  readonly instrument: string;
  /** The id of the request it answers, or the order's last one. */
  readonly clientOrderId: string;
  /** The id the order had before, where the request is a cancel or a replace. */
  readonly originalClientOrderId?: string;
  readonly orderId?: string;
  readonly side?: Side;
  readonly priceTicks?: number;
  /** Of a trade its own, else the order's whole quantity. */
  readonly lots?: number;
  readonly cumLots?: number;
  readonly leavesLots?: number;
  /** The venue's number of an execution: unique per venue and account. */
  readonly execId?: string;
  readonly isMaker?: boolean;
  /** What an execution cost (above 0) or brought, as the venue writes it. */
  readonly fee?: { readonly currency: string; readonly amount: string };
  readonly venueNs: number;
  /** The venue's own words for a rejection or an end. */
  readonly words?: string;
}

/**
 * What became of a request: `answered` with what the venue said of it; `notSent`, which is certain; `unknown`: it may
 * have arrived, and what became of it is asked, never sent again.
 */
export type VenueOutcome =
  | { readonly outcome: "answered"; readonly reports: readonly VenueReport[] }
  | { readonly outcome: "notSent" | "unknown"; readonly cause: VenueTrouble };

/** Why something went wrong at the door of a venue: a code that is for ever, and the venue's own words. */
export interface VenueTrouble {
  readonly code: VenueTroubleCode;
  readonly words: string;
  /** When asking again makes sense, where the venue said so. @units ns from now */
  readonly retryNs?: number;
}

/** Codes of {@link VenueTrouble}. */
export type VenueTroubleCode =
  | "VENUE_AUTHENTICATION"
  | "VENUE_PERMISSION"
  | "VENUE_CLOCK"
  | "VENUE_RATE_LIMITED"
  | "VENUE_BANNED"
  | "VENUE_MAINTENANCE"
  | "VENUE_TIMEOUT"
  | "VENUE_DISCONNECTED"
  | "VENUE_UNREACHABLE"
  | "VENUE_MALFORMED"
  | "VENUE_TOO_LARGE"
  | "VENUE_UNSUPPORTED"
  | "VENUE_UNKNOWN_INSTRUMENT"
  | "VENUE_SERVER"
  | "VENUE_REJECTED"
  | "VENUE_BUSY"
  | "VENUE_IN_DOUBT";

/** What of an account is asked. */
export type VenueSection = "orders" | "fills" | "positions" | "cash";

/** What is asked of an account. @units `fillsFromNs` ns of the venue's clock from the session's base */
export interface VenueQuery {
  readonly sections: readonly VenueSection[];
  /** The instruments; all of the account's unless given. */
  readonly instruments?: readonly Instrument[];
  readonly fillsFromNs?: number;
}

/** What a key may do, and what its account is for, as the venue says; `null` where it does not say. */
export interface VenuePermissions {
  readonly canTrade: boolean | null;
  readonly canWithdraw: boolean | null;
  /** Whether requests with this key are taken from listed addresses alone. */
  readonly isIpRestricted: boolean | null;
  /** In the venue's own words, such as `SPOT`. */
  readonly accountTypes: readonly string[] | null;
}

/**
 * What a venue takes of orders in an instrument; `null` where it does not say.
 *
 * @units decimal text: prices and worths in the quote currency, quantities in the instrument's own units
 */
export interface VenueFilters {
  /** Whether orders are taken at all at this time. */
  readonly isTrading: boolean | null;
  readonly tickSize: string | null;
  readonly lotSize: string | null;
  readonly minQuantity: string | null;
  readonly maxQuantity: string | null;
  /** The least and most worth of one order. */
  readonly minNotional: string | null;
  readonly maxNotional: string | null;
  /** Open orders of one account in the instrument. */
  readonly maxOpenOrders: number | null;
}

/** Who hears what a venue says unasked. */
export interface VenueListener {
  report(report: VenueReport): void;
  /** The stream of executions is live: what was said before may have been missed. */
  connected(): void;
  /** Nothing is heard of executions any more, until `connected`. */
  disconnected(cause: VenueTrouble): void;
  /** Something is wrong that ends nothing: a malformed message, a request that is near its limit. */
  trouble(trouble: VenueTrouble): void;
}

/**
 * One account at one venue, as an adapter offers it: requests that are answered later, questions, and what the venue
 * says unasked. It keeps no order's state and sends nothing twice. Traders hold a `VenueLink`, not this.
 *
 * @invariant A request whose outcome is `unknown` is not sent again by the client.
 * @invariant Prices and quantities pass as decimal text of the instrument's grid; what is off the grid is trouble
 * (`VENUE_MALFORMED`), never rounded.
 */
export interface VenueClient {
  readonly venue: string;
  readonly account: string;
  /** Known once `open` has resolved. */
  readonly capabilities: VenueCapabilities;
  /** Connects, and keeps connected until `close`. @throws `FAULT_IO` naming a {@link VenueTroubleCode} */
  open(listener: VenueListener): Promise<void>;
  submit(order: VenueOrderTerms): Promise<VenueOutcome>;
  /**
   * Does what `submit` does until bytes would leave, and sends nothing: so that the code is compiled and in the caches
   * when an order comes. Absent where an adapter has no such way.
   */
  rehearse?(order: VenueOrderTerms): void;
  /** Cancels; `clientRequestId` names the request itself. */
  cancel(order: VenueOrderName, clientRequestId: string): Promise<VenueOutcome>;
  /** Replaces price and whole quantity; `terms` carries the request's own id. */
  replace(order: VenueOrderName, terms: VenueOrderTerms): Promise<VenueOutcome>;
  /** Cancels everything of one instrument, or of the account where that is `null`. */
  cancelAll(instrument: Instrument | null): Promise<VenueOutcome>;
  /** One order by its ids, `null` where the venue does not know it. @throws `FAULT_IO` where it cannot say. */
  queryOrder(name: VenueOrderName): Promise<VenueOrder | null>;
  /** What the venue holds to be true now. @throws `FAULT_IO` where it cannot say. */
  query(query: VenueQuery): Promise<VenueSnapshot>;
  /** What this key may do. @throws `FAULT_IO` where the venue would say and cannot. */
  permissions(): Promise<VenuePermissions>;
  /** What orders in an instrument have to be like. @throws `FAULT_IO` where the venue would say and cannot. */
  filters(instrument: Instrument): Promise<VenueFilters>;
  close(): Promise<void>;
}
