import { checkChoice, checkInteger, checkKeys } from "../base/index.ts";
import type { Station } from "../kernel/index.ts";
import { OrderRehearsal } from "./order-rehearsal.ts";
import type { TraderAlerts } from "./trader-alerts.ts";
import type { TraderPlan } from "./trader-options.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/**
 * What a trader's thread does between two messages.
 *
 * `sleep`: the system wakes it when something comes. `spin`: it asks again and again, so that nothing has to wake it and
 * its caches stay its own; it takes a core whole, which should be its own (see `tickwright doctor`).
 */
export interface TraderIdle {
  /** `sleep` unless given. */
  readonly does?: "sleep" | "spin";
  /**
   * So often an order is walked from a row to its bytes without being sent, and some thousand times before the start.
   * Never unless given. @units ns
   */
  readonly rehearseEveryNs?: number;
}

/** {@link TraderIdle} checked. */
export interface TraderIdlePlan {
  readonly spins: boolean;
  /** Infinity: never. */
  readonly rehearseEveryNs: number;
}

/** Steps before the start: V8 compiles what has run some thousand times. */
const STEPS_BEFORE = 3_000;
const STEPS_AT_ONCE = 50;
/** A price to start with, before anything is known of the market. @units ticks */
const FIRST_TICKS = 10_000;
/** An event loop that sleeps is woken at whole milliseconds. */
const LEAST_SLEEP_MS = 1;

/** Checks how a trader idles. @throws `FAULT_CONFIG` naming the option */
export function planIdle(idle: TraderIdle): TraderIdlePlan {
  checkKeys("trader.idle", idle, ["does", "rehearseEveryNs"]);
  const { does = "sleep", rehearseEveryNs } = idle;
  return {
    spins: checkChoice("trader.idle.does", does, ["sleep", "spin"]) === "spin",
    rehearseEveryNs:
      rehearseEveryNs === undefined
        ? Number.POSITIVE_INFINITY
        : checkInteger("trader.idle.rehearseEveryNs", rehearseEveryNs, 1),
  };
}

/** Spins and rehearses between two messages, while a trader runs. */
export class TraderIdler {
  readonly #plan: TraderPlan;
  readonly #alerts: TraderAlerts;
  #rehearsals: readonly { readonly station: number; readonly rehearsal: OrderRehearsal }[];
  #session: TradingSession | undefined = undefined;
  #takeBack: () => void = () => {};
  #nextNs = 0;
  #turn = 0;

  constructor(plan: TraderPlan, venues: readonly TraderVenue[], alerts: TraderAlerts) {
    this.#plan = plan;
    this.#alerts = alerts;
    const { instruments, risk } = plan.session;
    const isAsked = Number.isFinite(plan.idle.rehearseEveryNs);
    const rehearsed = venues.filter(({ stations }) => isAsked && stations.length > 0);
    this.#rehearsals = rehearsed.map((venue) => {
      const station = venue.stations[0] as number;
      const instrument = instruments[station] as (typeof instruments)[number];
      const { time } = plan;
      const rehearse = venue.rehearse?.bind(venue) ?? (() => {});
      return { station, rehearsal: new OrderRehearsal({ instrument, risk, baseNs: time.baseNs, rehearse }) };
    });
  }

  /** Before markets are heard: what an order runs through is compiled when this resolves. */
  async begin(session: TradingSession): Promise<void> {
    this.#session = session;
    try {
      for (const { rehearsal } of this.#rehearsals) await this.#warm(rehearsal);
    } catch (error) {
      this.#stop(error);
    }
    if (this.#plan.idle.spins || this.#rehearsals.length > 0) this.#again();
  }

  end(): void {
    this.#session = undefined;
    this.#takeBack();
  }

  async #warm(rehearsal: OrderRehearsal): Promise<void> {
    await rehearsal.open();
    for (let step = 1; step <= STEPS_BEFORE; step++) {
      rehearsal.step(FIRST_TICKS);
      await rehearsal.settled();
      // What else is due goes on.
      if (step % STEPS_AT_ONCE === 0) await new Promise((done) => setImmediate(done));
    }
  }

  /** What is only rehearsed ends no trading. */
  #stop(error: unknown): void {
    this.#rehearsals = [];
    this.#alerts.rehearsalFailed(error);
  }

  #again(): void {
    const { spins, rehearseEveryNs } = this.#plan.idle;
    if (spins) {
      const soon = setImmediate(() => this.#look());
      this.#takeBack = () => clearImmediate(soon);
      return;
    }
    const timer = setTimeout(() => this.#look(), Math.max(LEAST_SLEEP_MS, rehearseEveryNs / 1e6));
    timer.unref();
    this.#takeBack = () => clearTimeout(timer);
  }

  #look(): void {
    const session = this.#session;
    if (session === undefined) return;
    if (this.#rehearsals.length > 0) this.#rehearse(session);
    this.#again();
  }

  #rehearse(session: TradingSession): void {
    const now = this.#plan.time.nowNs();
    if (now < this.#nextNs) return;
    this.#nextNs = now + this.#plan.idle.rehearseEveryNs;
    this.#turn = (this.#turn + 1) % this.#rehearsals.length;
    const next = this.#rehearsals[this.#turn];
    if (next === undefined) return;
    const { book } = session.kernel.stations[next.station] as Station;
    try {
      if (book.hasBid) next.rehearsal.step(book.bestBid);
    } catch (error) {
      this.#stop(error);
    }
  }
}
