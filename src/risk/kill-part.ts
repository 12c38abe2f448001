import type { OrderRef } from "./kill-port.ts";
import type { LogoutState, VenueKillReport } from "./kill-report.ts";
import type { KillActor } from "./kill-trail.ts";

/** How an order ended. */
export type KillEnd = "canceled" | "filled" | "absent";

/** Whether an order at a venue belongs to the scope of a kill. */
export type Belongs = (ref: OrderRef) => boolean;

/** Spares no order. */
export function spareNone(): boolean {
  return false;
}

/** One kill at one venue: what it wants gone there and what became of it. */
export class KillPart {
  /** The kill: records name it. */
  readonly actor: KillActor;
  readonly venue: string;
  /** The scope takes in everything behind the venue. */
  readonly wide: boolean;
  /** The orders of the scope have been listed. */
  listed = false;
  massDue: boolean;
  /** The mass cancel has left; true where none is due. */
  massHanded: boolean;
  /** Whether an order is the way out of a position, which a level 3 kill wants. */
  spares: Belongs = spareNone;
  requested = 0;
  unhanded = 0;
  canceled = 0;
  filled = 0;
  absent = 0;
  chased = 0;
  rejected = 0;
  rounds = 0;
  verified = false;
  escalated = false;
  logout: LogoutState = "notAsked";
  /** When patience began, and the rounds before it. */
  sinceNs: number;
  sinceRounds = 0;
  t2Ns: number | null = null;
  /** When an order ended last. */
  t3Ns: number | null = null;
  readonly #belongs: Belongs | null;

  /** `belongs` is `null` where the scope takes in everything behind the venue. */
  constructor(actor: KillActor, venue: string, belongs: Belongs | null, nowNs: number) {
    this.actor = actor;
    this.venue = venue;
    this.wide = belongs === null;
    this.massDue = this.wide;
    this.massHanded = !this.wide;
    this.sinceNs = nowNs;
    this.#belongs = belongs;
  }

  /** Orders that are not confirmed gone. */
  get open(): number {
    return this.requested - this.canceled - this.filled - this.absent;
  }

  /** Whether an order at the venue belongs to the scope; a caller's look-up that throws counts as yes. */
  includes(ref: OrderRef): boolean {
    if (this.spares(ref)) return false;
    if (this.#belongs === null) return true;
    try {
      return this.#belongs(ref);
    } catch {
      return true;
    }
  }

  /** One more order is wanted gone. */
  add(handed: boolean, nowNs: number): void {
    this.requested += 1;
    if (!handed) this.unhanded += 1;
    if (this.listed) this.chased += 1;
    this.#doubt(nowNs);
  }

  /** An order has ended. */
  ended(end: KillEnd, nowNs: number): void {
    this[end] += 1;
    this.t3Ns = nowNs;
  }

  /** An order that had ended is open after all. */
  reopened(end: KillEnd, nowNs: number): void {
    this[end] -= 1;
    this.#doubt(nowNs);
  }

  /** The venue's own list has nothing of the scope. */
  verify(): void {
    this.verified = true;
    this.escalated = false;
  }

  report(t0Ns: number, down: boolean): VenueKillReport {
    const t3Ns = this.listed && this.open === 0 ? this.t3Ns : null;
    return {
      venue: this.venue,
      requested: this.requested,
      confirmed: this.requested - this.open,
      canceled: this.canceled,
      filled: this.filled,
      absent: this.absent,
      unknown: this.open,
      chased: this.chased,
      rejected: this.rejected,
      rounds: this.rounds,
      verified: this.verified,
      escalated: this.escalated,
      down,
      logout: this.logout,
      t2Ns: this.t2Ns === null ? null : this.t2Ns - t0Ns,
      t3Ns: t3Ns === null ? null : t3Ns - t0Ns,
    };
  }

  #doubt(nowNs: number): void {
    if (!this.verified) return;
    this.verified = false;
    this.sinceNs = nowNs;
    this.sinceRounds = this.rounds;
  }
}
