import type { Station } from "../kernel/index.ts";
import { reasonOf, VALIDITY } from "../model/index.ts";
import type { KillLatch } from "../risk/index.ts";
import { OPEN_STAGE } from "./feed-stage.ts";
import type { TraderAlerts } from "./trader-alerts.ts";
import type { TraderHolds } from "./trader-holds.ts";
import type { HaltedPolicy, TraderPlan } from "./trader-options.ts";
import type { StaleWatch } from "./trader-stale.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** What policies act on. */
export interface TraderPolicyParts {
  readonly plan: TraderPlan;
  readonly venues: readonly TraderVenue[];
  readonly holds: TraderHolds;
  readonly stale: StaleWatch;
  readonly alerts: TraderAlerts;
  readonly inputNs: () => number;
}

/** What a trader does by itself: where the market is not heard of, and where somebody killed. */
export class TraderPolicies {
  readonly #parts: TraderPolicyParts;
  #isKilled = false;
  /** Instruments whose data was halted, and is not valid again. */
  readonly #halted = new Set<number>();

  constructor(parts: TraderPolicyParts) {
    this.#parts = parts;
  }

  look(session: TradingSession, now: number): void {
    this.#actOnStale(session, now);
    this.#lookAtLatch();
  }

  /** The trader begins: what was halted when the process ended is held until a validator says otherwise. */
  begin({ kernel }: TradingSession): void {
    const { plan, holds } = this.#parts;
    const isHeld = plan.halted.some(({ does }) => does === "hold");
    if (plan.stage === OPEN_STAGE) return;
    for (const { index, validity } of kernel.stations) {
      if (validity.state !== VALIDITY.halted) continue;
      this.#halted.add(index);
      if (isHeld) holds.set(index, "data", true);
    }
  }

  /** The word of a validator of an instrument, as the session has it. */
  judged(session: TradingSession, station: number): void {
    const { validity, instrument } = session.kernel.stations[station] as Station;
    if (validity.state === VALIDITY.valid && this.#halted.size === 0) return;
    const { plan, holds, inputNs, alerts } = this.#parts;
    if (validity.state === VALIDITY.valid && this.#halted.delete(station)) holds.set(station, "data", false);
    if (validity.state !== VALIDITY.halted || this.#halted.has(station)) return;
    this.#halted.add(station);
    const reason = reasonOf(validity.reason);
    const words = `${instrument.key}: its data is halted, ${reason}`;
    alerts.alert("warn", "TRADER_DATA_HALTED", words, { instrument: instrument.key, reason });
    for (const policy of plan.halted) {
      if (policy.does === "tell") continue;
      if (policy.does === "hold") {
        holds.set(station, "data", true);
        holds.settle(session, inputNs());
      }
      this.#cancel(station, policy);
    }
  }

  #cancel(station: number, policy: HaltedPolicy): void {
    const { plan, venues, inputNs } = this.#parts;
    const strategy = plan.session.strategies.findIndex(
      ({ name }) => name !== undefined && name === policy.strategy,
    );
    const venue = venues.find(({ stations }) => stations.includes(station));
    venue?.cancelOpen(inputNs(), [station], strategy < 0 ? undefined : strategy);
  }

  #actOnStale(session: TradingSession, now: number): void {
    const { plan, holds, stale, alerts, inputNs } = this.#parts;
    const { instruments } = plan.session;
    for (const { station, policy, ageNs } of stale.due(now)) {
      const instrument = instruments[station]?.key ?? "";
      const { does } = policy;
      const words = `${instrument} was last heard of ${Math.round(ageNs / 1e6)} ms ago: ${does}`;
      alerts.alert("warn", "TRADER_MARKET_STALE", words, { instrument, ageNs, does });
      if (does === "tell") continue;
      if (does === "hold") {
        holds.set(station, "stale", true);
        holds.settle(session, inputNs());
      }
      this.#cancel(station, policy);
    }
  }

  #lookAtLatch(): void {
    const { plan, alerts, venues, inputNs } = this.#parts;
    const isKilled = isKilling(plan.session.risk?.kill?.latch);
    if (isKilled === this.#isKilled) return;
    this.#isKilled = isKilled;
    if (!isKilled) return;
    alerts.alert("fatal", "TRADER_KILLED", "the kill latch is closed: everything open is canceled");
    for (const venue of venues) venue.cancelOpen(inputNs());
  }
}

/** Whether a latch asks for cancels anywhere. */
function isKilling(latch: KillLatch | undefined): boolean {
  if (latch === undefined || latch.read() === 0) return false;
  return Array.from({ length: latch.scopes }, (_, i) => latch.levelOf(i)).some((level) => level > 1);
}
