import type { ArbiterSettings, SwitchReason } from "./arbiter-options.ts";
import type { ArbiterSource } from "./arbiter-source.ts";

const NONE = -1;
/** Scores this close are a matter of latency. */
const TIE = 0.02;
/** A median latency must be this much of the current one to be preferred. */
const FASTER = 0.8;

/** Which source is to be taken: by what speaks against it, its score, its latency, its place. */
export class SourceChoice {
  /** Why `better` named a source. */
  reason: SwitchReason = "score";
  readonly #settings: ArbiterSettings;
  readonly #sources: readonly ArbiterSource[];
  readonly #mids: Float64Array;
  /** When the source last changed; since when a better one, and the primary, could have been taken. */
  readonly #at = new Float64Array([
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);

  constructor(settings: ArbiterSettings, sources: readonly ArbiterSource[]) {
    this.#settings = settings;
    this.#sources = sources;
    this.#mids = new Float64Array(sources.length);
  }

  /** The source changed: nothing that was better before counts. */
  switched(nowNs: number): void {
    this.#at[0] = nowNs;
    this.#at[1] = Number.POSITIVE_INFINITY;
    this.#at[2] = Number.POSITIVE_INFINITY;
  }

  /** The best source that is good, but for one; those on probation only where no other is. -1 where there is none. */
  best(except: number, nowNs: number): number {
    const settled = this.#bestOf(except, nowNs, false);
    return settled === NONE ? this.#bestOf(except, nowNs, true) : settled;
  }

  /** The source to change to though nothing speaks against the current one; -1 where there is none. */
  better(current: number, nowNs: number): number {
    const source = this.#sources[current];
    if (source === undefined) return NONE;
    const { switchMargin, switchAfterNs, holdDownNs } = this.#settings;
    const best = this.#bestOf(current, nowNs, false);
    const isBetter = best !== NONE && this.#score(best) - source.quality.score > switchMargin;
    const primary = this.#primary(source, nowNs);
    this.#since(1, isBetter, nowNs);
    this.#since(2, primary !== NONE, nowNs);
    if (nowNs - (this.#at[0] as number) < holdDownNs) return NONE;
    if (isBetter && nowNs - (this.#at[1] as number) >= switchAfterNs) {
      this.reason = "score";
      return best;
    }
    this.reason = "primary";
    return primary !== NONE && nowNs - (this.#at[2] as number) >= switchAfterNs ? primary : NONE;
  }

  /** Compares the mids of all good sources with their median, for their scores. */
  compare(): void {
    let n = 0;
    for (const source of this.#sources) {
      const mid = source.isGood ? source.book.midTicks : Number.NaN;
      if (Number.isNaN(mid)) continue;
      let place = n;
      for (; place > 0 && (this.#mids[place - 1] as number) > mid; place--) {
        this.#mids[place] = this.#mids[place - 1] as number;
      }
      this.#mids[place] = mid;
      n += 1;
    }
    if (n < 2) return;
    const half = n >> 1;
    const upper = this.#mids[half] as number;
    const isApart = n === 2 && upper - (this.#mids[0] as number) > this.#settings.agreementTicks;
    const median = n % 2 === 1 ? upper : ((this.#mids[half - 1] as number) + upper) / 2;
    for (const { isGood, book, quality } of this.#sources) {
      if (!isGood || Number.isNaN(book.midTicks)) continue;
      quality.sample(!isApart && Math.abs(book.midTicks - median) <= this.#settings.agreementTicks);
    }
  }

  #bestOf(except: number, nowNs: number, isLastResort: boolean): number {
    let best = NONE;
    for (const source of this.#sources) {
      if (source.index === except || !source.isGood) continue;
      if (!isLastResort && source.isOnProbation(nowNs)) continue;
      if (best === NONE || this.#isBefore(source, this.#sources[best] as ArbiterSource)) best = source.index;
    }
    return best;
  }

  #isBefore(a: ArbiterSource, b: ArbiterSource): boolean {
    const ahead = a.quality.score - b.quality.score;
    if (Math.abs(ahead) > TIE) return ahead > 0;
    return a.quality.latencyP50Ns < b.quality.latencyP50Ns;
  }

  /** The source to be preferred to the current one, as long as it is about as good. */
  #primary(current: ArbiterSource, nowNs: number): number {
    const { primary } = this.#settings;
    if (primary === "none" || primary === current.name) return NONE;
    let found = NONE;
    let least = current.quality.latencyP50Ns * FASTER;
    for (const source of this.#sources) {
      if (source === current || !source.isGood || source.isOnProbation(nowNs)) continue;
      if (source.quality.score < current.quality.score - TIE) continue;
      if (source.name === primary) return source.index;
      if (primary !== "latency" || source.quality.latencyP50Ns >= least) continue;
      found = source.index;
      least = source.quality.latencyP50Ns;
    }
    return found;
  }

  #since(slot: number, holds: boolean, nowNs: number): void {
    if (!holds) this.#at[slot] = Number.POSITIVE_INFINITY;
    else if (this.#at[slot] === Number.POSITIVE_INFINITY) this.#at[slot] = nowNs;
  }

  #score(index: number): number {
    return (this.#sources[index] as ArbiterSource).quality.score;
  }
}
