import type { KillRole } from "./kill-authority.ts";
import type { KillLevel } from "./kill-latch.ts";
import type { KillChannel } from "./kill-record.ts";
import type { KillScope } from "./kill-scopes.ts";

/** What came of the flattening of a level 3 kill: `refused` carries the code, and is tried again. */
export type FlattenState = "notAsked" | "waiting" | "refused" | "handed";

/** What came of the logout of a level 4 kill: `unsupported` where the venue has none or others share it. */
export type LogoutState = "notAsked" | "waiting" | "unsupported" | "handed";

/** One venue in a {@link KillReport}. @invariant `requested` = `confirmed` + `unknown` */
export interface VenueKillReport {
  readonly venue: string;
  /** Orders that this kill wants gone. */
  readonly requested: number;
  /** Orders of which the venue said that they are gone: `canceled` + `filled` + `absent`. */
  readonly confirmed: number;
  readonly canceled: number;
  readonly filled: number;
  /** Missing in a list of open orders that the venue made long enough after the gate closed. */
  readonly absent: number;
  readonly unknown: number;
  /** Orders that showed up after the listing: a late acknowledgement or a list of the venue. */
  readonly chased: number;
  /** Cancels that the venue rejected. */
  readonly rejected: number;
  /** Queries of open orders handed out. */
  readonly rounds: number;
  /** Every order confirmed, and the venue's own list empty of this scope. */
  readonly verified: boolean;
  readonly escalated: boolean;
  readonly down: boolean;
  readonly logout: LogoutState;
  /** T2 − T0: every cancel handed over. `null` until then. */
  readonly t2Ns: number | null;
  /** T3 − T0: every order confirmed. `null` until then, and where there was none. */
  readonly t3Ns: number | null;
}

/** What one kill has done so far: plain JSON. */
export interface KillReport {
  readonly version: 1;
  readonly run: number;
  readonly drill: boolean;
  readonly scope: KillScope | null;
  readonly level: KillLevel;
  readonly who: string;
  readonly role: KillRole | null;
  readonly channel: KillChannel;
  readonly reason: string;
  readonly epoch: number;
  /** The saved record holds the latch as it stands. */
  readonly persisted: boolean;
  readonly strategiesStopped: boolean;
  readonly egressClosed: boolean;
  /** The open orders were listed; false while the lister throws. */
  readonly listed: boolean;
  readonly complete: boolean;
  readonly flatten: FlattenState;
  /** The code of the last refusal to flatten. */
  readonly flattenRefusal: string | null;
  /** Orders listed at a venue that the switch does not know: they count as unknown. */
  readonly unroutable: number;
  readonly requested: number;
  readonly confirmed: number;
  readonly unknown: number;
  /** Records that `onRecord` threw on, over the life of the switch. */
  readonly recordsLost: number;
  readonly t0Ns: number;
  /** T1 − T0: the gate closed and the latch saved. Each of the three is the first moment given to the switch
   * after the deed, so none is early. */
  readonly t1Ns: number | null;
  /** The latest T2 − T0 of the venues; `null` until every venue has one. */
  readonly t2Ns: number | null;
  /** The latest T3 − T0 of the venues that had orders; `null` while an order is unknown. */
  readonly t3Ns: number | null;
  readonly venues: readonly VenueKillReport[];
}
