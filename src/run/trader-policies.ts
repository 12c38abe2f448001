import type { KillLatch } from "../risk/index.ts";
import type { TraderAlerts } from "./trader-alerts.ts";
import type { TraderHolds } from "./trader-holds.ts";
import type { TraderPlan } from "./trader-options.ts";
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

  constructor(parts: TraderPolicyParts) {
    this.#parts = parts;
  }

  look(session: TradingSession, now: number): void {
    this.#actOnStale(session, now);
    this.#lookAtLatch();
  }

  #actOnStale(session: TradingSession, now: number): void {
    const { plan, venues, holds, stale, alerts, inputNs } = this.#parts;
    const { instruments, strategies } = plan.session;
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
      const strategy = strategies.findIndex(({ name }) => name !== undefined && name === policy.strategy);
      const venue = venues.find(({ stations }) => stations.includes(station));
      venue?.cancelOpen(inputNs(), [station], strategy < 0 ? undefined : strategy);
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
