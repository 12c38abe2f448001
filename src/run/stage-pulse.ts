const QUIET_NS = 500_000_000;
const OTHERS_MIN = 8;
const OTHERS_FACTOR = 4;
const KEPT = 15 / 16;
/** So many times between messages must be known. */
const KNOWN = 4;

/**
 * Whose book stands still while those of others go on, though its other channels live: nothing else notices that.
 *
 * A book is dead half a second after its last message, where others have brought four times as many meanwhile as they
 * did at most of late, and eight.
 */
export class BookPulse {
  readonly #own: Float64Array;
  /** When the last message came; what others had brought by then; what they brought at most between two. */
  readonly #atNs: Float64Array;
  readonly #others: Float64Array;
  readonly #most: Float64Array;
  #all = 0;

  constructor(sources: number) {
    this.#own = new Float64Array(sources);
    this.#atNs = new Float64Array(sources).fill(Number.POSITIVE_INFINITY);
    this.#others = new Float64Array(sources);
    this.#most = new Float64Array(sources);
  }

  /** A message of a source's book. */
  beat(source: number, nowNs: number): void {
    if (this.#atNs[source] !== Number.POSITIVE_INFINITY) {
      this.#most[source] = Math.max(this.#met(source), (this.#most[source] as number) * KEPT);
    }
    this.#own[source] = (this.#own[source] as number) + 1;
    this.#all += 1;
    this.#restart(source, nowNs);
  }

  /** Nothing is expected of a source until its next message. */
  rest(source: number): void {
    this.#restart(source, Number.POSITIVE_INFINITY);
  }

  /** Nobody listened for so long. */
  paused(ns: number): void {
    for (const source of this.#atNs.keys()) this.#atNs[source] = (this.#atNs[source] as number) + ns;
  }

  isDead(source: number, nowNs: number): boolean {
    if (!(nowNs - (this.#atNs[source] as number) >= QUIET_NS)) return false;
    if ((this.#own[source] as number) <= KNOWN) return false;
    return this.#met(source) >= OTHERS_MIN + OTHERS_FACTOR * (this.#most[source] as number);
  }

  /** What others have brought since the last message. */
  #met(source: number): number {
    return this.#all - (this.#own[source] as number) - (this.#others[source] as number);
  }

  #restart(source: number, nowNs: number): void {
    this.#others[source] = this.#all - (this.#own[source] as number);
    this.#atNs[source] = nowNs;
  }
}
