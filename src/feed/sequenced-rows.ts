import type { DepthBlock } from "../model/index.ts";

/**
 * How a source numbers its messages. `single`: one number a message, each one more than the last. `range`: a first and
 * a last number (`U` and `u`), a message covers all between. `previous`: a last number, and the last one of the message
 * before (`u` and `pu`).
 */
export const NUMBERINGS = ["single", "range", "previous"] as const;

/** One of {@link NUMBERINGS}. */
export type Numbering = (typeof NUMBERINGS)[number];

/**
 * One numbered message as rows: `from` up to, and without, `to` in `block`. One reused object over reused rows: who
 * keeps them copies them.
 */
export interface SequencedRows {
  /** Whether the rows replace the book, rather than change it. */
  readonly isSnapshot: boolean;
  /** The first and last number that the message covers, both -1 where the source numbers nothing. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** The last number of the message before, where the source says it; else -1. */
  readonly previousSequence: number;
  readonly block: DepthBlock;
  readonly from: number;
  readonly to: number;
}

/**
 * Numbers of a wire that begin again at `wrap` (2^32, say) as numbers that only rise: of all numbers that look the same
 * on the wire, the one nearest to `around`. With `wrap` 0 the wire's numbers are taken as they are.
 */
export function unwrapped(sequence: number, around: number, wrap: number): number {
  if (wrap === 0) return sequence;
  const half = wrap / 2;
  let distance = (sequence - around) % wrap;
  if (distance >= half) distance -= wrap;
  else if (distance < -half) distance += wrap;
  return around + distance;
}

/** The number just before all that a message covers, given its last number with the wrap taken out. */
export function sequenceBefore(
  rows: SequencedRows,
  last: number,
  numbering: Numbering,
  wrap: number,
): number {
  if (numbering === "previous") return unwrapped(rows.previousSequence, last, wrap);
  return unwrapped(rows.firstSequence, last, wrap) - 1;
}
