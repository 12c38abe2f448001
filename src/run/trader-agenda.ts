import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What is due at a trader's session: its timers, and what its venues do by themselves. */
export class TraderAgenda {
  readonly #venues: readonly TraderVenue[];

  constructor(venues: readonly TraderVenue[]) {
    this.#venues = venues;
  }

  /** What is due first. @units ns from the session's base */
  nextNs({ kernel }: TradingSession): number {
    let due = kernel.timers.nextNs[0] as number;
    for (const venue of this.#venues) due = Math.min(due, venue.nextNs());
    return due;
  }

  /** Everything that is due before `toNs`, or at it where `isOver`, each at its time: of one moment venues first. */
  advance(session: TradingSession, toNs: number, isOver: boolean): void {
    const { timers, nowNs } = session.kernel;
    for (;;) {
      let next = NEVER;
      let first: TraderVenue | undefined;
      for (const venue of this.#venues) {
        const ns = venue.nextNs();
        if (ns >= next) continue;
        next = ns;
        first = venue;
      }
      const timer = timers.nextNs[0] as number;
      const due = Math.min(next, timer);
      if (due > toNs || (due === toNs && !isOver) || due === NEVER) return;
      if (first !== undefined && next <= timer) first.step();
      else session.idle(Math.max(timer, nowNs[0] as number));
    }
  }

  /** A time at which nothing else happens: `ns` or a little later, all that is due before it done. */
  free(session: TradingSession, ns: number): number {
    let free = ns;
    for (this.advance(session, free, false); this.nextNs(session) === free; ) {
      free += 1;
      this.advance(session, free, false);
    }
    return free;
  }
}
