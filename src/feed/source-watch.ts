import { DecayingQuantile, type SavedDecayingQuantile } from "./decaying-quantile.ts";

/** When a source counts as silent or frozen. @units ns */
export interface WatchLimits {
  /** Never silent before this long without a message. */
  readonly silentNsMin: number;
  /** Silent after this long, whatever is expected, and while too little is known. */
  readonly silentNsMax: number;
  /** Silent after this many times the p99.9 of the time between messages (and of those that others brought). */
  readonly silentFactor: number;
  /** Messages before an expectation is formed. */
  readonly samplesMin: number;
  /** Heartbeats come this often, 0 where there are none; silent after `heartbeatMisses` of them. */
  readonly heartbeatNs: number;
  readonly heartbeatMisses: number;
  /** Frozen where its own time stands still for longer, or `silentFactor` times the p99.9 of what it did. */
  readonly frozenNs: number;
}

/** What is kept of what a source leads one to expect. JSON-safe. */
export interface SavedWatch {
  readonly between: SavedDecayingQuantile;
  readonly others: SavedDecayingQuantile;
  readonly steps: SavedDecayingQuantile;
}

const TIME_UNIT = 1_024;
const MESSAGE_AT = 0; // when its last message came
const HEARD_AT = 1; // when anything of it came
const OTHERS_AT = 2; // messages of other sources at that time
const EXCH = 3; // its own time, and since when it stands
const EXCH_SINCE = 4;
const SILENT_NS = 5; // the bounds as of the last estimate
const OTHERS_MAX = 6;
const FROZEN_NS = 7;
const OTHERS_NS = 8; // the mean time between messages of others
const SPOKE_AT = 9; // when another source spoke first since its last message
const BEHIND_AT = 10; // when another source's time was first ahead of its own
const SAME_MESSAGES_MIN = 3;
const OTHERS_SPARE = 2;
const OUTAGES_MAX = 16;

/**
 * What one source's messages lead one to expect: how long it is quiet, how many messages of others come meanwhile, how
 * long its own time stands still. A source that is far beyond is silent or frozen.
 *
 * A quiet market is quiet on all sources: what others bring while this one says nothing tells a dead line from a quiet
 * one, sooner than time alone.
 */
export class SourceWatch {
  readonly #limits: WatchLimits;
  readonly #between = new DecayingQuantile(TIME_UNIT);
  readonly #others = new DecayingQuantile(1);
  readonly #steps = new DecayingQuantile(TIME_UNIT);
  readonly #at = new Float64Array(11);
  #sameMessages = 0;
  #isHeard = false;
  /** Whether another source spoke since its last message. */
  isAwaited = false;
  /** Whether another source's time is ahead of its own. */
  #isBehind = false;
  /** Silences beyond what is expected since the last fade. */
  #outages = 0;

  constructor(limits: WatchLimits) {
    this.#limits = limits;
    this.estimate();
  }

  /** A message came; `others` is how many messages other sources have brought in all, `exchNs` its own time. */
  message(nowNs: number, exchNs: number, others: number): void {
    const at = this.#at;
    if (this.#isHeard) {
      const quiet = nowNs - (at[MESSAGE_AT] as number);
      const met = others - (at[OTHERS_AT] as number);
      if (!(met > (at[OTHERS_MAX] as number)) || this.#isUsual()) {
        this.#between.add(Math.min(quiet, at[SILENT_NS] as number));
        this.#others.add(Math.min(met, at[OTHERS_MAX] as number));
      }
      if (met > 0) at[OTHERS_NS] = (at[OTHERS_NS] as number) * 0.99 + 0.01 * (quiet / met);
    }
    this.#isHeard = true;
    this.isAwaited = false;
    at[MESSAGE_AT] = nowNs;
    at[HEARD_AT] = nowNs;
    at[OTHERS_AT] = others;
    if (exchNs > (at[EXCH] as number) || this.#sameMessages === 0) {
      const stoodNs = nowNs - (at[EXCH_SINCE] as number);
      const isKnown = this.#sameMessages > 0 && (stoodNs <= (at[FROZEN_NS] as number) || this.#isUsual());
      if (isKnown) this.#steps.add(Math.min(stoodNs, at[FROZEN_NS] as number));
      at[EXCH] = exchNs;
      at[EXCH_SINCE] = nowNs;
      this.#sameMessages = 1;
      this.#isBehind = false;
    } else this.#sameMessages += 1;
  }

  /** Another source spoke, at a time of its own. */
  await(nowNs: number, exchNs: number): void {
    if (!this.isAwaited) {
      this.isAwaited = true;
      this.#at[SPOKE_AT] = nowNs;
    }
    if (this.#isBehind || exchNs <= (this.#at[EXCH] as number)) return;
    this.#isBehind = true;
    this.#at[BEHIND_AT] = nowNs;
  }

  alive(nowNs: number): void {
    this.#at[HEARD_AT] = nowNs;
  }

  /** Nobody listened for so long: time did not pass. */
  paused(ns: number): void {
    const at = this.#at;
    for (const slot of [MESSAGE_AT, HEARD_AT, SPOKE_AT, EXCH_SINCE, BEHIND_AT])
      at[slot] = (at[slot] as number) + ns;
  }

  /** An outage tells nothing of what is usual. Where there are many, the market is another one, and they do. */
  #isUsual(): boolean {
    this.#outages += 1;
    return this.#outages > OUTAGES_MAX;
  }

  /** Begins anew at a connection: what is expected stays, what is awaited does not. */
  connected(nowNs: number, others: number): void {
    this.#at[MESSAGE_AT] = nowNs;
    this.#at[HEARD_AT] = nowNs;
    this.#at[OTHERS_AT] = others;
    this.#sameMessages = 0;
    this.#isHeard = false;
    this.isAwaited = false;
    this.#isBehind = false;
  }

  /** Makes the bounds anew from what is known. */
  estimate(): void {
    const at = this.#at;
    const { silentNsMin, silentNsMax, silentFactor, samplesMin, frozenNs } = this.#limits;
    const isKnown = this.#between.weight >= samplesMin;
    const expected = isKnown ? silentFactor * this.#between.quantile(0.999) : silentNsMax;
    at[SILENT_NS] = Math.min(silentNsMax, Math.max(silentNsMin, expected));
    at[OTHERS_MAX] = isKnown
      ? silentFactor * this.#others.quantile(0.999) + OTHERS_SPARE
      : Number.POSITIVE_INFINITY;
    const isStepped = this.#steps.weight >= samplesMin;
    at[FROZEN_NS] = isStepped
      ? Math.max(frozenNs, silentFactor * this.#steps.quantile(0.999))
      : Math.max(frozenNs, silentNsMax);
  }

  /** Halves what is known. */
  fade(): void {
    this.#outages = 0;
    this.#between.fade();
    this.#others.fade();
    this.#steps.fade();
  }

  /**
   * When it will count as silent, unless it is heard. Where others say nothing either the market may be quiet, and it
   * has the longest time. Otherwise it has `silentNsMin` from the first message of another, and what is expected.
   *
   * @units ns from the session's base
   */
  silentAtNs(others: number): number {
    const at = this.#at;
    const { heartbeatNs, heartbeatMisses, silentNsMin, silentNsMax } = this.#limits;
    const messageNs = at[MESSAGE_AT] as number;
    const met = others - (at[OTHERS_AT] as number);
    // The first to speak after a lull is not to make the others late.
    const leastNs = this.isAwaited ? (at[SPOKE_AT] as number) + silentNsMin : messageNs + silentNsMax;
    if (met > (at[OTHERS_MAX] as number)) return leastNs;
    if (heartbeatNs > 0) return (at[HEARD_AT] as number) + heartbeatNs * heartbeatMisses;
    return Math.max(leastNs, messageNs + (at[SILENT_NS] as number));
  }

  /** Whether its messages keep coming and its own time stands still, while that of another goes on. */
  isFrozen(nowNs: number): boolean {
    if (this.#sameMessages < SAME_MESSAGES_MIN || !this.#isBehind) return false;
    if (nowNs - (this.#at[BEHIND_AT] as number) < this.#limits.silentNsMin) return false;
    return nowNs - (this.#at[EXCH_SINCE] as number) > (this.#at[FROZEN_NS] as number);
  }

  /** How long a silence lasts at most before it is noticed, where others say anything meanwhile. @units ns */
  get boundNs(): number {
    const { heartbeatNs, heartbeatMisses } = this.#limits;
    return heartbeatNs > 0 ? heartbeatNs * heartbeatMisses : (this.#at[SILENT_NS] as number);
  }

  /** How long it should last as long as others bring messages as often as lately; not above the bound. @units ns */
  get expectedNs(): number {
    const byOthers = ((this.#at[OTHERS_MAX] as number) + 1) * (this.#at[OTHERS_NS] as number);
    if (!(byOthers > 0)) return this.boundNs;
    return Math.min(this.boundNs, Math.max(this.#limits.silentNsMin, byOthers));
  }

  /** How long its own time stands still before that is noticed. @units ns */
  get frozenBoundNs(): number {
    return this.#at[FROZEN_NS] as number;
  }

  save(): SavedWatch {
    return { between: this.#between.save(), others: this.#others.save(), steps: this.#steps.save() };
  }

  /** @throws `FAULT_INPUT` naming what is wrong. */
  load(path: string, saved: SavedWatch): void {
    this.#between.load(`${path}.between`, saved.between);
    this.#others.load(`${path}.others`, saved.others);
    this.#steps.load(`${path}.steps`, saved.steps);
    this.estimate();
  }
}
