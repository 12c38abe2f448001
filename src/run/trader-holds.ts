import type { TradingSession } from "./trading-session.ts";

/** Why an instrument takes no new orders. */
export type HoldReason =
  /** Its venue is not known to agree with us: it was not asked yet, is not connected, or something is in doubt. */
  | "venue"
  /** Reconciliation stopped it, and nobody let it go on. */
  | "reconciliation"
  /** Its market was not heard of for too long. */
  | "stale"
  /** Its market data is not to be trusted, a validator says. */
  | "data"
  /** The trader is about to stop. */
  | "stopping"
  /** Somebody said so. */
  | "operator";

/** Instruments that are held for reasons which outlive the process. */
export interface SavedHolds {
  readonly operator: readonly number[];
  readonly reconciliation: readonly number[];
}

/**
 * Which instruments take no new orders, and why: an instrument is held in the session, durably, while there is one
 * reason or more.
 */
export class TraderHolds {
  readonly #reasons: readonly Set<HoldReason>[];

  constructor(instruments: number) {
    this.#reasons = Array.from({ length: instruments }, () => new Set<HoldReason>());
  }

  set(station: number, reason: HoldReason, isHeld: boolean): void {
    const reasons = this.#reasons[station];
    if (isHeld) reasons?.add(reason);
    else reasons?.delete(reason);
  }

  isHeld(station: number): boolean {
    return (this.#reasons[station]?.size ?? 0) > 0;
  }

  of(station: number): readonly HoldReason[] {
    return [...(this.#reasons[station] ?? [])].sort();
  }

  /** Instruments that are held for any reason. */
  held(): readonly number[] {
    return this.#reasons.flatMap(({ size }, station) => (size > 0 ? [station] : []));
  }

  /** Makes the session hold what is to be held, and nothing else. */
  settle(session: TradingSession, nowNs: number): void {
    for (const { index, isHeld } of session.kernel.stations) {
      const wanted = this.isHeld(index);
      if (isHeld !== wanted) session.hold(index, wanted, nowNs);
    }
  }

  /** What outlives the process. */
  save(): SavedHolds {
    const of = (reason: HoldReason): readonly number[] =>
      this.#reasons.flatMap((reasons, station) => (reasons.has(reason) ? [station] : []));
    return { operator: of("operator"), reconciliation: of("reconciliation") };
  }

  load(saved: SavedHolds): void {
    for (const station of this.#reasons.keys()) {
      this.set(station, "operator", saved.operator.includes(station));
      this.set(station, "reconciliation", saved.reconciliation.includes(station));
    }
  }
}
