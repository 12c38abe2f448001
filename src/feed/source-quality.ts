import { DecayingQuantile, type SavedDecayingQuantile } from "./decaying-quantile.ts";

/** The shares that a source's score is made of, each within 0 and 1, over the window. */
export interface QualityParts {
  /** Numbers missing of all numbers sent. */
  readonly gapRate: number;
  /** Messages that were stale, and those that were rejected, of all messages. */
  readonly staleShare: number;
  readonly rejectShare: number;
  /** 1 where the p99 latency is at its target, 0 at twice the target. */
  readonly latencyScore: number;
  /** Samples of the mid price that agreed with the other sources. */
  readonly agreement: number;
  /** Time connected and not disqualified. */
  readonly uptime: number;
}

/** How much each part counts; they add up to 1. */
export interface QualityWeights {
  readonly gaps: number;
  readonly stale: number;
  readonly latency: number;
  readonly rejects: number;
  readonly agreement: number;
  readonly uptime: number;
}

/** Names of {@link QualityWeights}. */
export const QUALITY_WEIGHTS: QualityWeights = {
  gaps: 0.25,
  stale: 0.2,
  latency: 0.2,
  rejects: 0.15,
  agreement: 0.15,
  uptime: 0.05,
};

/** What is kept of a source's score over a restart. JSON-safe. */
export interface SavedQuality {
  readonly sums: readonly number[];
  readonly latency: SavedDecayingQuantile;
}

/** Counts since the last fold, and their decaying sums behind them. */
const SENT = 0;
const MISSING = 1;
const MESSAGES = 2;
const STALE = 3;
const REJECTED = 4;
const SAMPLES = 5;
const AGREED = 6;
const TICKS = 7;
const UP = 8;
const FIELDS = 9;
/** Latency is counted in 2^13 ns, about 8 us. */
const LATENCY_UNIT = 8_192;

/** How good one source has been: shares over an exponential window, folded in at every tick. */
export class SourceQuality {
  readonly #now = new Float64Array(FIELDS);
  readonly #sums = new Float64Array(FIELDS);
  readonly #latency = new DecayingQuantile(LATENCY_UNIT);
  /** p99 and median latency, and the score, as of the last fold. */
  readonly #scores = new Float64Array([0, 0, 1]);
  readonly #weights: QualityWeights;
  readonly #targetNs: number;

  constructor(weights: QualityWeights, targetNs: number) {
    this.#weights = weights;
    this.#targetNs = targetNs;
  }

  /** A message; its latency is NaN where it does not say. */
  message(latencyNs: number, isStale: boolean): void {
    const now = this.#now;
    now[MESSAGES] = (now[MESSAGES] as number) + 1;
    now[SENT] = (now[SENT] as number) + 1;
    if (isStale) now[STALE] = (now[STALE] as number) + 1;
    if (!Number.isNaN(latencyNs)) this.#latency.add(latencyNs);
  }

  missing(numbers: number): void {
    this.#count(MISSING, numbers);
    this.#count(SENT, numbers);
  }

  /** A message that a validator dropped, or that could not be applied. */
  rejected(): void {
    this.#count(REJECTED, 1);
    this.#count(MESSAGES, 1);
  }

  sample(isAgreed: boolean): void {
    this.#count(SAMPLES, 1);
    if (isAgreed) this.#count(AGREED, 1);
  }

  /** Ends a tick: what was counted joins the window, and the score is made anew. */
  fold(decay: number, isUp: boolean): void {
    this.#count(TICKS, 1);
    if (isUp) this.#count(UP, 1);
    const now = this.#now;
    const sums = this.#sums;
    for (let i = 0; i < FIELDS; i++) sums[i] = (sums[i] as number) * decay + (now[i] as number);
    now.fill(0);
    this.#scores[0] = this.#latency.quantile(0.99);
    this.#scores[1] = this.#latency.quantile(0.5);
    this.#scores[2] = this.#score();
  }

  /** Halves what is known of latencies: to be called every half-life of the window. */
  fade(): void {
    this.#latency.fade();
  }

  /** The quality within 0 and 1, as of the last fold. */
  get score(): number {
    return this.#scores[2] as number;
  }

  /** @units ns, local less source time, as of the last fold */
  get latencyP99Ns(): number {
    return this.#scores[0] as number;
  }

  get latencyP50Ns(): number {
    return this.#scores[1] as number;
  }

  get parts(): QualityParts {
    const late = ((this.#scores[0] as number) - this.#targetNs) / this.#targetNs;
    return {
      gapRate: this.#share(MISSING, SENT, 0),
      staleShare: this.#share(STALE, MESSAGES, 0),
      rejectShare: this.#share(REJECTED, MESSAGES, 0),
      latencyScore: Math.min(1, Math.max(0, 1 - late)),
      agreement: this.#share(AGREED, SAMPLES, 1),
      uptime: this.#share(UP, TICKS, 0),
    };
  }

  save(): SavedQuality {
    return { sums: [...this.#sums], latency: this.#latency.save() };
  }

  /** Whether `sums` are what {@link SourceQuality.save} gives. */
  static isSums(sums: unknown): sums is readonly number[] {
    return (
      Array.isArray(sums) && sums.length === FIELDS && sums.every((sum) => Number.isFinite(sum) && sum >= 0)
    );
  }

  /** @throws `FAULT_INPUT` where the latencies are none; the sums are to be checked before. */
  load(path: string, saved: SavedQuality): void {
    this.#latency.load(`${path}.latency`, saved.latency);
    this.#sums.set(saved.sums);
    this.#now.fill(0);
  }

  #score(): number {
    const weights = this.#weights;
    const { gapRate, staleShare, rejectShare, latencyScore, agreement, uptime } = this.parts;
    return (
      weights.gaps * (1 - gapRate) +
      weights.stale * (1 - staleShare) +
      weights.latency * latencyScore +
      weights.rejects * (1 - rejectShare) +
      weights.agreement * agreement +
      weights.uptime * uptime
    );
  }

  #count(field: number, by: number): void {
    this.#now[field] = (this.#now[field] as number) + by;
  }

  #share(of: number, all: number, none: number): number {
    const whole = this.#sums[all] as number;
    return whole > 1e-9 ? Math.min(1, (this.#sums[of] as number) / whole) : none;
  }
}
