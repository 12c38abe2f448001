import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";

const SOURCES_MAX = 16;

/** What a {@link SourceBoard} is made from. */
export interface SourceBoardOptions {
  /** How many sources there are, within 2 and 16. */
  readonly sources: number;
  /** How far a mid may be from the median of all, in 1/10,000 of it: 10 unless given. */
  readonly bpsMax?: number;
  /** The same in standard deviations of the source's own price changes: 10 unless given. */
  readonly sigmas?: number;
  /** How long a difference may last, for sources are not equally fast: 200 ms unless given. */
  readonly alignNs?: number;
  /** A source that has been silent for longer has no vote: 5 s unless given. */
  readonly ageNsMax?: number;
  /** Weight of the newest difference in a source's basis, within 0 and 1: 0.01 unless given. */
  readonly basisWeight?: number;
  /** The largest basis, in 1/10,000 of the median: 50 unless given. */
  readonly basisBpsMax?: number;
}

/** What a {@link SourceBoard} says of a source: it agrees; two or a split vote differ; the majority is against it. */
export const AGREEMENT = { agrees: 0, differs: 1, outvoted: 2 } as const;

/** What it keeps over a restart, JSON-safe. */
export interface SavedSourceBoard {
  readonly mids: readonly number[];
  readonly seen: readonly number[];
  readonly basis: readonly number[];
  readonly since: readonly number[];
  readonly outlier: readonly [source: number, twice: number];
}

const NEVER = -Number.MAX_VALUE;

/**
 * The mids of one instrument as several sources tell them: who is far from the median of those heard of lately.
 *
 * Venues have different fair prices: each source has a basis, the moving mean of its difference from the median while
 * it agrees, which is taken off first. A difference counts once it has lasted for `alignNs`. With two sources nobody
 * can say which is wrong; with three and more the minority is outvoted if a majority agrees with the median.
 *
 * @units mids in doubled ticks of one grid for all; times in ns from the session's base
 * @cost O(sources), at most 16; nothing allocated.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { AGREEMENT, SourceBoard } from "tickwright/feed";
 * const board = new SourceBoard({ sources: 3, alignNs: 0 });
 * const isOutvoted = [20_000, 20_001, 20_400].map((twice, i) => board.judge(i, twice, 1, 0) === AGREEMENT.outvoted);
 * isOutvoted; // => [false, false, true]
 * ```
 */
export class SourceBoard {
  readonly sources: number;
  readonly #bpsMax: number;
  readonly #sigmas: number;
  readonly #alignNs: number;
  readonly #ageNsMax: number;
  readonly #weight: number;
  readonly #basisBpsMax: number;
  readonly #mids: Float64Array;
  readonly #seen: Float64Array;
  readonly #basis: Float64Array;
  readonly #since: Float64Array;
  readonly #sorted: Float64Array;
  #outlierSource = -1;
  readonly #outlier = new Float64Array(1);

  constructor(options: SourceBoardOptions) {
    const known = ["sources", "bpsMax", "sigmas", "alignNs", "ageNsMax", "basisWeight", "basisBpsMax"];
    checkKeys("sourceBoard", options, known);
    const { bpsMax = 10, sigmas = 10, alignNs = 200e6, ageNsMax = 5e9 } = options;
    const { basisWeight = 0.01, basisBpsMax = 50 } = options;
    this.sources = checkInteger("sourceBoard.sources", options.sources, 2, SOURCES_MAX);
    this.#bpsMax = checkNumber("sourceBoard.bpsMax", bpsMax, 0, 1e6);
    this.#sigmas = checkNumber("sourceBoard.sigmas", sigmas, 0, 1e6);
    this.#alignNs = checkInteger("sourceBoard.alignNs", alignNs, 0);
    this.#ageNsMax = checkInteger("sourceBoard.ageNsMax", ageNsMax, 0);
    this.#weight = checkNumber("sourceBoard.basisWeight", basisWeight, 0, 1);
    this.#basisBpsMax = checkNumber("sourceBoard.basisBpsMax", basisBpsMax, 0, 1e6);
    const column = (value: number): Float64Array => new Float64Array(this.sources).fill(value);
    this.#mids = column(0);
    this.#seen = column(NEVER);
    this.#basis = column(0);
    this.#since = column(NEVER);
    this.#sorted = column(0);
  }

  /** The basis of a source, in doubled ticks. */
  basisOf(source: number): number {
    return this.#basis[source] as number;
  }

  /** The source lives and its mid is what it was. */
  alive(source: number, nowNs: number): void {
    if (this.#seen[source] !== NEVER) this.#seen[source] = nowNs;
  }

  /** The source has no book now: it has no vote. */
  silence(source: number): void {
    this.#seen[source] = NEVER;
    this.#since[source] = NEVER;
  }

  /** Takes a source's mid and says, by {@link AGREEMENT}, what the others make of it. */
  judge(source: number, twice: number, sigmaTwice: number, nowNs: number): number {
    this.#mids[source] = twice;
    this.#seen[source] = nowNs;
    const count = this.#gather(nowNs);
    if (count < 2) return AGREEMENT.agrees;
    const sorted = this.#sorted;
    const middle = this.#median(count);
    const byPrice = (Math.abs(middle) * this.#bpsMax) / 10_000;
    const bySigma = this.#sigmas * sigmaTwice;
    const limit = byPrice > bySigma ? byPrice : bySigma;
    const own = twice - (this.#basis[source] as number);
    // Of two the median is the middle between them: what counts is how far they are from one another.
    const away = count === 2 ? (sorted[1] as number) - (sorted[0] as number) : Math.abs(own - middle);
    if (away <= limit) {
      this.#since[source] = NEVER;
      this.#settle(source, twice - middle, middle);
      return AGREEMENT.agrees;
    }
    if (this.#since[source] === NEVER) this.#since[source] = nowNs;
    if (nowNs - (this.#since[source] as number) < this.#alignNs) return AGREEMENT.agrees;
    if (count === 2) return AGREEMENT.differs;
    let near = 0;
    for (let i = 0; i < count; i++) if (Math.abs((sorted[i] as number) - middle) <= limit) near++;
    return 2 * near > count ? AGREEMENT.outvoted : AGREEMENT.differs;
  }

  /** Takes note of an outlier; true where the one before was of another source and `isNear` it. */
  outlier(source: number, twice: number, isNear: (left: number, right: number) => boolean): boolean {
    const before = this.#outlierSource;
    const agrees = before >= 0 && before !== source && isNear(this.#outlier[0] as number, twice);
    this.#outlierSource = source;
    this.#outlier[0] = twice;
    return agrees;
  }

  /** A price was accepted: outliers before it are not consecutive with those after. */
  accepted(): void {
    this.#outlierSource = -1;
  }

  save(): SavedSourceBoard {
    const list = (column: Float64Array): number[] => [...column];
    return {
      mids: list(this.#mids),
      seen: list(this.#seen),
      basis: list(this.#basis),
      since: list(this.#since),
      outlier: [this.#outlierSource, this.#outlier[0] as number],
    };
  }

  load(saved: SavedSourceBoard): void {
    this.#mids.set(saved.mids);
    this.#seen.set(saved.seen);
    this.#basis.set(saved.basis);
    this.#since.set(saved.since);
    this.#outlierSource = saved.outlier[0];
    this.#outlier[0] = saved.outlier[1];
  }

  /** Sorts the mids of the sources heard of lately, without their basis; how many there are. */
  #gather(nowNs: number): number {
    const sorted = this.#sorted;
    let count = 0;
    for (let i = 0; i < this.sources; i++) {
      const seen = this.#seen[i] as number;
      if (seen === NEVER || nowNs - seen > this.#ageNsMax) continue;
      const value = (this.#mids[i] as number) - (this.#basis[i] as number);
      let at = count++;
      while (at > 0 && (sorted[at - 1] as number) > value) {
        sorted[at] = sorted[at - 1] as number;
        at--;
      }
      sorted[at] = value;
    }
    return count;
  }

  #median(count: number): number {
    const half = count >> 1;
    const upper = this.#sorted[half] as number;
    return count % 2 === 1 ? upper : ((this.#sorted[half - 1] as number) + upper) / 2;
  }

  #settle(source: number, difference: number, middle: number): void {
    const most = (Math.abs(middle) * this.#basisBpsMax) / 10_000;
    const basis = this.#basis[source] as number;
    const next = basis + (difference - basis) * this.#weight;
    this.#basis[source] = next > most ? most : next < -most ? -most : next;
  }
}
