import { checkArray, checkNumber, checkPositive, checkText } from "../base/index.ts";
import type { VenueRateLimit, VenueRequestKind } from "./venue-client.ts";

/** Parts a budget's time is counted in: it is at least 16/17 of what the venue allows. */
const PARTS = 16;

interface Window {
  readonly limit: VenueRateLimit;
  /** What was drawn in each part, a ring; one more than fill the time, so that no shift of it holds more. */
  readonly drawn: Float64Array;
  readonly partNs: number;
  /** The number of the youngest part. */
  part: number;
  sum: number;
}

/**
 * The budgets of requests a venue allows, each counted over a sliding time; a share of each is for cancels alone.
 *
 * @invariant In no stretch of a limit's `perNs` more than its `weight` is drawn; new orders never draw on the share that
 * is kept for cancels.
 * @cost `take` O(limits), nothing allocated.
 * @example
 * ```ts
 * import { RequestBudget } from "tickwright/venue";
 * const budget = new RequestBudget([{ name: "orders", weight: 10, perNs: 1e9 }], 0.2);
 * let sent = 0;
 * while (budget.take("submit", 0)) sent++;
 * sent; // => 8
 * budget.take("cancel", 0); // => true
 * ```
 */
export class RequestBudget {
  readonly #windows: readonly Window[];
  readonly #kept: number;
  #pausedUntilNs = Number.NEGATIVE_INFINITY;

  constructor(limits: readonly VenueRateLimit[], cancelShare: number) {
    this.#kept = checkNumber("requestBudget.cancelShare", cancelShare, 0, 1);
    this.#windows = checkArray("requestBudget.limits", limits, 0).map((limit, i) => {
      checkText(`requestBudget.limits[${i}].name`, limit.name);
      checkPositive(`requestBudget.limits[${i}].weight`, limit.weight);
      const perNs = checkPositive(`requestBudget.limits[${i}].perNs`, limit.perNs);
      return { limit, drawn: new Float64Array(PARTS + 1), partNs: perNs / PARTS, part: 0, sum: 0 };
    });
  }

  /** Draws what a request costs on every budget; false, and nothing is drawn, where one has not enough. */
  take(kind: VenueRequestKind, nowNs: number): boolean {
    if (nowNs < this.#pausedUntilNs) return false;
    const keeps = kind === "cancel" || kind === "cancelAll" ? 0 : this.#kept;
    for (const window of this.#windows) {
      advance(window, nowNs);
      const { weight } = window.limit;
      const cost = costOf(window, kind);
      if (cost > 0 && window.sum + cost > weight - keeps * weight) return false;
    }
    for (const window of this.#windows) {
      const cost = costOf(window, kind);
      const place = window.part % window.drawn.length;
      window.drawn[place] = (window.drawn[place] as number) + cost;
      window.sum += cost;
    }
    return true;
  }

  /** When a request may go at the earliest: now, or when the venue's pause or a part of a budget's time is over. */
  nextNs(kind: VenueRequestKind, nowNs: number): number {
    let next = Math.max(nowNs, this.#pausedUntilNs);
    for (const window of this.#windows) {
      advance(window, nowNs);
      const isShort = costOf(window, kind) > 0 && window.sum + costOf(window, kind) > window.limit.weight;
      if (isShort) next = Math.max(next, Math.ceil((window.part + 1) * window.partNs));
    }
    return next;
  }

  /** The venue said that it takes nothing for a while. */
  pauseUntil(ns: number): void {
    this.#pausedUntilNs = Math.max(this.#pausedUntilNs, ns);
  }
}

function costOf({ limit }: Window, kind: VenueRequestKind): number {
  return limit.costs?.[kind] ?? 1;
}

function advance(window: Window, nowNs: number): void {
  const part = Math.floor(nowNs / window.partNs);
  const { drawn } = window;
  if (part - window.part >= drawn.length) {
    drawn.fill(0);
    window.sum = 0;
    window.part = part;
  }
  while (window.part < part) {
    window.part += 1;
    const place = window.part % drawn.length;
    window.sum -= drawn[place] as number;
    drawn[place] = 0;
  }
}
