import type { KillRole } from "./kill-authority.ts";
import type { KillLevel } from "./kill-latch.ts";
import type { KillLine } from "./kill-line.ts";
import type { KillPart } from "./kill-part.ts";
import type { KillChannel, KillStep, LatchedScope } from "./kill-record.ts";
import type { FlattenState, KillReport } from "./kill-report.ts";
import type { KillScope } from "./kill-scopes.ts";
import type { KillTrail } from "./kill-trail.ts";

/** A request to lift that waits for its second person. */
export interface PendingReenable {
  readonly who: string;
  readonly atNs: number;
  readonly override: string | undefined;
}

/** One kill at one of its venues. */
export interface KillReach {
  readonly line: KillLine;
  readonly part: KillPart;
}

/** One kill of one scope, from its activation to its lifting. */
export class KillRun {
  readonly run: number;
  readonly index: number;
  readonly scope: KillScope | null;
  readonly who: string;
  readonly role: KillRole | null;
  readonly channel: KillChannel;
  readonly reason: string;
  t0Ns: number;
  level: KillLevel;
  t1Ns: number | null = null;
  stopped = false;
  egressClosed = false;
  /** What failed and is tried at every step: said once. */
  readonly failing = new Set<KillStep>();
  listed = false;
  unroutable = 0;
  complete = false;
  flatten: FlattenState = "notAsked";
  flattenRefusal: string | null = null;
  pending: PendingReenable | null = null;
  readonly reaches = new Map<string, KillReach>();

  constructor(run: number, index: number, latched: LatchedScope) {
    this.run = run;
    this.index = index;
    this.scope = latched.scope;
    this.level = latched.level;
    this.who = latched.who;
    this.role = latched.role;
    this.channel = latched.channel;
    this.reason = latched.reason;
    this.t0Ns = latched.atNs;
  }

  /** Orders that may still be open, as far as is known. */
  get unknown(): number {
    let unknown = this.unroutable;
    for (const { part } of this.reaches.values()) unknown += part.open;
    return unknown;
  }

  /**
   * Whether nothing of the scope can be open: listed, all confirmed, and every venue's own list empty of it. At
   * level 1, which cancels nothing and so reaches no venue, at once.
   */
  get settled(): boolean {
    return this.unroutable === 0 && this.reachesAll(({ part }) => part.verified);
  }

  /** Whether nothing is left to do. */
  get done(): boolean {
    const flattened = this.flatten === "notAsked" || this.flatten === "handed";
    const closed = this.stopped && (this.level === 1 || this.egressClosed);
    return closed && this.settled && flattened && this.reachesAll(({ part }) => part.logout !== "waiting");
  }

  /** Whether something holds at every venue of the kill. */
  reachesAll(holds: (reach: KillReach) => boolean): boolean {
    for (const reach of this.reaches.values()) if (!holds(reach)) return false;
    return true;
  }

  /** What is saved of it. */
  latched(): LatchedScope {
    const { scope, level, t0Ns, who, role, channel, reason } = this;
    return { scope, level, atNs: t0Ns, who, role, channel, reason };
  }

  /** What it has done so far. */
  report(trail: KillTrail, persisted: boolean): KillReport {
    const { run, scope, level, who, role, channel, reason, t0Ns, t1Ns, unknown, listed, unroutable } = this;
    const venues = [...this.reaches.values()].map(({ line, part }) => part.report(t0Ns, line.down));
    const requested = venues.reduce((sum, venue) => sum + venue.requested, unroutable);
    return {
      version: 1,
      run,
      drill: trail.drill,
      scope,
      level,
      who,
      role,
      channel,
      reason,
      epoch: trail.epoch,
      persisted,
      strategiesStopped: this.stopped,
      egressClosed: this.egressClosed,
      listed,
      complete: this.complete,
      flatten: this.flatten,
      flattenRefusal: this.flattenRefusal,
      unroutable,
      requested,
      confirmed: requested - unknown,
      unknown,
      recordsLost: trail.lost,
      t0Ns,
      t1Ns: t1Ns === null ? null : t1Ns - t0Ns,
      t2Ns: unroutable > 0 ? null : latest(venues.map((venue) => venue.t2Ns)),
      t3Ns:
        unknown > 0 ? null : latest(venues.filter((venue) => venue.requested > 0).map((venue) => venue.t3Ns)),
      venues,
    };
  }
}

/** The greatest; `null` for none, or while one is `null`. */
function latest(times: readonly (number | null)[]): number | null {
  let last: number | null = null;
  for (const time of times) {
    if (time === null) return null;
    last = last === null ? time : Math.max(last, time);
  }
  return last;
}
