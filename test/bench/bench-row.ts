import type { Spread } from "./rounds.ts";

/** One row of a bench: our figure against a peer's, measured in the same run. */
export interface BenchRow {
  readonly name: string;
  /** Our median. */
  readonly ours: number;
  readonly unit: string;
  /** What it is compared with. */
  readonly peer: string;
  /** The peer's median, in the same unit. */
  readonly peerValue: number;
  /** How many times better ours is: the median of the ratios of each round; above 1 is better. */
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** The ratio this row must reach, where there is one. */
  readonly floor?: number;
  /** The ratio it is meant to reach. */
  readonly aim?: number;
  readonly p50Ns?: number;
  readonly p99Ns?: number;
  readonly p999Ns?: number;
}

/** What a bench hands to the runner. */
export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** Sentences to print under the table: what was checked, what was left out and why. */
  readonly notes: readonly string[];
}

/** The three fields a spread of ratios fills. */
export function ratioFields(spread: Spread): Pick<BenchRow, "ratio" | "ratioMin" | "ratioMax"> {
  return { ratio: spread.median, ratioMin: spread.min, ratioMax: spread.max };
}
