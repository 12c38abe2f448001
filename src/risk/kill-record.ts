import { Fault } from "../base/index.ts";
import type { KillRole } from "./kill-authority.ts";
import { isKillLevel, type KillLevel } from "./kill-latch.ts";
import type { KillScope, KillScopes } from "./kill-scopes.ts";

/** The ways a kill can be asked for. */
export const KILL_CHANNELS = ["gui", "api", "cli", "telephone", "hardware", "deadMan", "agent"] as const;

/** The way a kill was asked for. */
export type KillChannel = (typeof KILL_CHANNELS)[number];

/** What happened, in the order of a run. */
export type KillStep =
  | "activated"
  | "repeated"
  | "raised"
  | "restored"
  | "persisted"
  | "notPersisted"
  | "gateClosed"
  | "strategiesStopped"
  | "egressClosed"
  | "egressOpened"
  | "controlFailed"
  | "ordersListed"
  | "listingFailed"
  | "massCancelHanded"
  | "cancelsHanded"
  | "venueFailed"
  | "venueDown"
  | "venueUp"
  | "chased"
  | "openOrdersAsked"
  | "openOrdersAnswered"
  | "venueVerified"
  | "venueEscalated"
  | "flattenHanded"
  | "flattenRefused"
  | "loggedOut"
  | "completed"
  | "reenableRequested"
  | "reenabled"
  | "drillBegun"
  | "refused";

/** One line of the audit trail of the kill switch: plain JSON. */
export interface KillRecord {
  readonly version: 1;
  /** @units ns from the session's base */
  readonly atNs: number;
  readonly step: KillStep;
  /** The run it belongs to, counted from 1; 0 for a refusal, which belongs to none. */
  readonly run: number;
  readonly drill: boolean;
  readonly who: string;
  /** `null` for somebody whom the authority does not know. */
  readonly role: KillRole | null;
  readonly channel: KillChannel;
  /** `null` is the firm. */
  readonly scope: KillScope | null;
  readonly level: KillLevel | 0;
  readonly reason: string;
  /** The epoch of the latch after the step. */
  readonly epoch: number;
  readonly venue: string | null;
  readonly detail: Readonly<Record<string, number | string | boolean | null>>;
}

/** One latched scope as it is saved. */
export interface LatchedScope {
  readonly scope: KillScope | null;
  readonly level: KillLevel;
  readonly atNs: number;
  readonly who: string;
  readonly role: KillRole | null;
  readonly channel: KillChannel;
  readonly reason: string;
}

/** All that is latched: what {@link LatchStore} keeps and `KillSwitch.restore` takes. Plain JSON. */
export interface LatchRecord {
  readonly version: 1;
  readonly epoch: number;
  readonly latched: readonly LatchedScope[];
}

/** Throws `FAULT_INPUT` unless a record can be restored whole: a latch that is not understood is never left out. */
export function checkLatchRecord(record: LatchRecord, scopes: KillScopes): void {
  const { version, epoch, latched } = record;
  if (version !== 1) throw wrong("version", version, "1");
  if (!(Number.isInteger(epoch) && epoch >= 0)) throw wrong("epoch", epoch, "an integer of at least 0");
  for (const [at, { scope, level }] of latched.entries()) {
    if (scopes.indexOf(scope) < 0) throw wrong(`latched[${at}].scope`, scope, "a scope that is configured");
    if (!isKillLevel(level)) throw wrong(`latched[${at}].level`, level, "1, 2, 3 or 4");
  }
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: `latchRecord.${path}`, value, expected });
}
