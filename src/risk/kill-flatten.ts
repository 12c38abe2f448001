import { type Refusal, refuse } from "../base/index.ts";
import type { FlattenPlan, OrderRef } from "./kill-port.ts";
import type { KillRefusalCode } from "./kill-refusal.ts";
import type { KillScope } from "./kill-scopes.ts";

/** How a level 3 kill may leave its positions. */
export interface FlattenOptions {
  readonly plan: FlattenPlan;
  /** The oldest reference price that the plan may trade on. @units ns */
  readonly referenceAgeNsMax: number;
}

/**
 * Hands the positions of a scope to the caller's plan, never on prices that are stale or of unknown age.
 *
 * @source Commission Delegated Regulation (EU) 2017/589, article 14(3)
 */
export class KillFlatten {
  readonly #options: FlattenOptions | undefined;

  constructor(options: FlattenOptions | undefined) {
    this.#options = options;
  }

  /** Whether an order is one of the plan's own; a plan that throws has none. */
  owns(venue: string, ref: OrderRef): boolean {
    try {
      return this.#options?.plan.owns(venue, ref) ?? false;
    } catch {
      return false;
    }
  }

  /** Hands over, or says why not. */
  attempt(scope: KillScope | null, requestId: number, nowNs: number): Refusal | null {
    if (this.#options === undefined) {
      return refuse<KillRefusalCode>("RISK_KILL_NO_PLAN", "flatten", null, "a plan to flatten by");
    }
    const { plan, referenceAgeNsMax } = this.#options;
    try {
      const ageNs = plan.referenceAgeNs(scope, nowNs);
      if (ageNs >= 0 && ageNs <= referenceAgeNsMax) return plan.start(scope, requestId);
      const expected = `within 0 and ${referenceAgeNsMax} ns`;
      return refuse<KillRefusalCode>("RISK_KILL_STALE_REFERENCE", "referenceAgeNs", ageNs, expected);
    } catch (error) {
      return refuse<KillRefusalCode>(
        "RISK_KILL_PLAN_FAILED",
        "plan",
        String(error),
        "a plan that does not throw",
      );
    }
  }
}
