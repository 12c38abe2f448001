import type { Refusal } from "../base/index.ts";
import type { KillLevel } from "./kill-latch.ts";
import type { LatchRecord } from "./kill-record.ts";
import type { KillScope } from "./kill-scopes.ts";

/** What names an order at a venue: the caller's own id, the same value in every call and answer. */
export type OrderRef = number | string;

/**
 * A way to one venue that can only take orders away. Every method hands over and returns at once; what the
 * venue says comes back through the `on...` methods of {@link KillSwitch}, even from inside the call.
 *
 * @invariant A method that throws is tried again; it never holds up another venue.
 */
export interface KillVenue {
  /** The name that the answers, the orders and the venue scope give. */
  readonly name: string;
  /** The sessions behind it: a kill of a session reaches the venues that list it. */
  readonly sessions?: readonly string[];
  /** Cancels everything at the venue. Left out where the venue has no such message. */
  massCancel?(requestId: number): void;
  cancel(ref: OrderRef, requestId: number): void;
  /** Asks for all that is open; the answer names the same request. */
  queryOpenOrders(requestId: number): void;
  logout?(): void;
}

/** One order that may be open when a kill begins: working, pending, in flight or unknown. */
export interface KillOrder {
  /** The name of its {@link KillVenue}. */
  readonly venue: string;
  readonly ref: OrderRef;
  /** How near the price is to trading, in any unit: the greatest is cancelled first. */
  readonly aggressiveness: number;
  /** When it was sent: the oldest of equal aggressiveness is cancelled first. @units ns from the session's base */
  readonly openedNs: number;
}

/** Where a kill finds the orders of a scope. */
export interface KillOrders {
  /** Every order of the scope that may be open; `null` is the firm. */
  open(scope: KillScope | null): Iterable<KillOrder>;
  /** Whether an order that a venue has just acknowledged or listed belongs to the scope; a throw counts as yes. */
  includes(scope: KillScope, venue: string, ref: OrderRef): boolean;
}

/** Where the latch outlives the process: `save` returns when the record is durable, and throws when it is not. */
export interface LatchStore {
  save(record: LatchRecord): void;
}

/** What a kill closes beside the latch. The gate and the door read the latch themselves. */
export interface KillControls {
  stopStrategies?(scope: KillScope | null, level: KillLevel): void;
  /** Closes the last hop before the wire, at level 2 and above. Cancels must still pass. */
  closeEgress?(scope: KillScope | null, level: KillLevel): void;
  /** The scope is lifted: the last hop may open. Strategies stay stopped until somebody starts them. */
  openEgress?(scope: KillScope | null): void;
}

/** The caller's own way out of the positions of a scope. */
export interface FlattenPlan {
  /** The age of the oldest reference price that the plan would trade on. @units ns */
  referenceAgeNs(scope: KillScope | null, nowNs: number): number;
  /** Begins; returns a refusal when it will not. Called again until it accepts. */
  start(scope: KillScope | null, requestId: number): Refusal | null;
  /** Whether an order is one of the plan's own: the kill that began it does not cancel it. */
  owns(venue: string, ref: OrderRef): boolean;
}

/** How fast a kill works and when it asks for people. All times in nanoseconds. */
export interface KillPace {
  /** Cancels handed to each venue in one step: the reserved budget, which no order may use. */
  readonly cancelsPerStep: number;
  /** A cancel without an answer for this long, or rejected, is sent again. */
  readonly retryNs: number;
  /** Between two queries of the open orders of one venue. */
  readonly queryNs: number;
  /** How long an order can be on the wire: a list asked for earlier after the kill proves nothing. */
  readonly inFlightNs: number;
  /** Queries of one venue before people are called. */
  readonly roundsMax: number;
  /** Time for one venue before people are called. */
  readonly escalateNs: number;
  /** How long a request to re-enable waits for its second person. */
  readonly requestNs: number;
}
