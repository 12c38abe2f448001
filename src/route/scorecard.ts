import { checkKeys, checkNumber, Fault, roundTo } from "../base/index.ts";
import { FEE_UNITS, PER_LOT_MAX } from "./route-venue.ts";

/** What of a venue's record counts how much, in 1e-8 ticks a lot; each 0 unless given: then only fees count. */
export interface ScoreWeights {
  /** A nanosecond of latency. @units 1e-8 ticks per ns */
  readonly latency?: number;
  /** A tick that the market moved against our fills: 1 counts it whole. */
  readonly markout?: number;
  /** A tick of price improvement: 1 counts it whole. */
  readonly improvement?: number;
  /** A rejection, times the share of slices that were rejected. @units 1e-8 ticks */
  readonly reject?: number;
  /** A miss, times the share of sent lots that were not filled. @units 1e-8 ticks */
  readonly miss?: number;
}

/** How a scorecard learns. */
export interface ScorecardOptions {
  /** The weight of the newest observation, above 0 and at most 1; 0.05 unless given. */
  readonly alpha?: number;
  readonly weights?: ScoreWeights;
}

/** What a router has learned of a venue from its own slices; exponentially weighted. */
export interface VenueScore {
  /** Slices that ended. */
  readonly slices: number;
  /** Filled over sent lots of slices that took; 1 before the first. */
  readonly fillRate: number;
  readonly rejectRate: number;
  readonly latencyNs: number;
  /** How the mid moved after our fills, our way above 0. @units ticks */
  readonly markoutTicks: number;
  /** How much better than expected fills were. @units ticks */
  readonly improvementTicks: number;
  /** Filled over expected lots of slices that were posted; 1 before the first. */
  readonly postRatio: number;
  /** What is added to the all-in price of a lot. @units 1e-8 ticks */
  readonly penaltyUnits: number;
}

const COLUMNS = [
  ...(["slices", "fillRate", "rejectRate", "latencyNs", "markoutTicks"] as const),
  ...(["improvementTicks", "postRatio", "penaltyUnits"] as const),
];

/** Per venue, what own fills have taught; deterministic: equal reports in equal order give equal scores. */
export class Scorecard {
  readonly penalty: Float64Array;
  readonly latencyNs: Float64Array;
  readonly fillRate: Float64Array;
  readonly markoutTicks: Float64Array;
  readonly postRatio: Float64Array;
  readonly #slices: Float64Array;
  readonly #rejectRate: Float64Array;
  readonly #improvement: Float64Array;
  readonly #alpha: number;
  readonly #weights: Required<ScoreWeights>;

  constructor(latencyNs: Float64Array, options: ScorecardOptions = {}) {
    checkKeys("route.scorecard", options, ["alpha", "weights"]);
    this.#alpha = checkNumber("route.scorecard.alpha", options.alpha ?? 0.05, 1e-6, 1);
    this.#weights = wholeWeights(options.weights ?? {});
    const zeros = (): Float64Array => new Float64Array(latencyNs.length);
    this.latencyNs = latencyNs.slice();
    this.penalty = zeros();
    this.fillRate = zeros().fill(1);
    this.markoutTicks = zeros();
    this.postRatio = zeros().fill(1);
    this.#slices = zeros();
    this.#rejectRate = zeros();
    this.#improvement = zeros();
    for (let v = 0; v < latencyNs.length; v++) this.#score(v);
  }

  /** A slice that took has ended with so much of it filled. */
  taken(venue: number, filled: number, lots: number, wasRejected: boolean): void {
    this.#ended(venue, wasRejected);
    this.#learn(this.fillRate, venue, filled / lots);
    this.#score(venue);
  }

  /** A slice that was posted has ended: what of it was filled, and what had been expected. */
  posted(venue: number, filled: number, expected: number, wasRejected: boolean): void {
    this.#ended(venue, wasRejected);
    if (expected > 0) this.#learn(this.postRatio, venue, Math.min(filled / expected, 4));
    this.#score(venue);
  }

  acknowledged(venue: number, latencyNs: number): void {
    this.#learn(this.latencyNs, venue, latencyNs);
    this.#score(venue);
  }

  improved(venue: number, ticks: number): void {
    this.#learn(this.#improvement, venue, ticks);
    this.#score(venue);
  }

  markedOut(venue: number, ticks: number): void {
    this.#learn(this.markoutTicks, venue, ticks);
    this.#score(venue);
  }

  /** A venue's record as a value. */
  of(venue: number): VenueScore {
    const at = (column: Float64Array): number => column[venue] as number;
    return {
      slices: at(this.#slices),
      fillRate: at(this.fillRate),
      rejectRate: at(this.#rejectRate),
      latencyNs: at(this.latencyNs),
      markoutTicks: at(this.markoutTicks),
      improvementTicks: at(this.#improvement),
      postRatio: at(this.postRatio),
      penaltyUnits: at(this.penalty),
    };
  }

  /** Puts a saved record in place. @throws `FAULT_INPUT` naming what is no number */
  restore(venue: number, score: VenueScore): void {
    for (const [i, column] of this.#columns().entries()) {
      const name = COLUMNS[i] as (typeof COLUMNS)[number];
      const value = score?.[name];
      if (!Number.isFinite(value)) {
        throw new Fault("FAULT_INPUT", { path: `route.saved.scores.${name}`, value, expected: "a number" });
      }
      column[venue] = value;
    }
  }

  #columns(): Float64Array[] {
    return [
      ...[this.#slices, this.fillRate, this.#rejectRate, this.latencyNs, this.markoutTicks],
      ...[this.#improvement, this.postRatio, this.penalty],
    ];
  }

  #ended(venue: number, wasRejected: boolean): void {
    this.#slices[venue] = (this.#slices[venue] as number) + 1;
    this.#learn(this.#rejectRate, venue, wasRejected ? 1 : 0);
  }

  #learn(column: Float64Array, venue: number, value: number): void {
    const before = column[venue] as number;
    column[venue] = before + this.#alpha * (value - before);
  }

  #score(venue: number): void {
    const { latency, markout, improvement, reject, miss } = this.#weights;
    const units =
      latency * (this.latencyNs[venue] as number) -
      markout * FEE_UNITS * (this.markoutTicks[venue] as number) -
      improvement * FEE_UNITS * (this.#improvement[venue] as number) +
      reject * (this.#rejectRate[venue] as number) +
      miss * (1 - (this.fillRate[venue] as number));
    this.penalty[venue] = roundTo(Math.max(-PER_LOT_MAX, Math.min(PER_LOT_MAX, units)), "halfEven");
  }
}

function wholeWeights(weights: ScoreWeights): Required<ScoreWeights> {
  checkKeys("route.scorecard.weights", weights, ["latency", "markout", "improvement", "reject", "miss"]);
  const whole = { latency: 0, markout: 0, improvement: 0, reject: 0, miss: 0, ...weights };
  for (const [name, weight] of Object.entries(whole)) {
    checkNumber(`route.scorecard.weights.${name}`, weight, 0, 1e12);
  }
  return whole;
}
