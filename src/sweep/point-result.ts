import { Fault } from "../base/index.ts";
import type { RunStopped } from "../run/index.ts";
import type { Params } from "./search-space.ts";

/** One point of a sweep. */
export interface SweepPoint {
  /** Its place among the sweep's points. */
  readonly index: number;
  readonly params: Params;
}

/** Money and counts of a point's run. */
export interface PointRun extends SweepPoint {
  readonly currency: string;
  readonly initialEquity: string;
  readonly finalEquity: string;
  readonly fees: string;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
}

/** What a point's backtest came to. */
export interface PointResult extends PointRun {
  /** The run's: equal to that of the same backtest alone, on any machine. */
  readonly runHash: string;
  /** Figures as `performance` of `stat` makes them; null where a figure has no value. */
  readonly stats: Readonly<Record<string, number | null>>;
  /** Returns between the sweep's moments. */
  readonly returns: Float64Array;
}

/** A point whose backtest failed: parameters refused, a callback that threw. */
export interface PointFailure extends SweepPoint {
  readonly failed: { readonly code: string; readonly message: string };
}

/**
 * A point whose backtest was ended before its tapes, for want of hope: it was tried, and it is no result. Money and
 * counts are of the part that ran, `runHash` is that part's.
 */
export interface PointPruned extends PointRun {
  /** Why, and where. */
  readonly pruned: RunStopped;
  readonly runHash: string;
  /**
   * Returns between the sweep's moments; from where it ended on 0, as of cash: what it would have made is not
   * known.
   */
  readonly returns: Float64Array;
}

/** What became of a point. */
export type PointOutcome = PointResult | PointFailure | PointPruned;

/** Whether a point failed. */
export function isFailure(outcome: PointOutcome): outcome is PointFailure {
  return "failed" in outcome;
}

/** Whether a point was ended early. */
export function isPruned(outcome: PointOutcome): outcome is PointPruned {
  return "pruned" in outcome;
}

/** An outcome as one line of JSON; {@link readOutcome} reads it. */
export function outcomeLine(outcome: PointOutcome): string {
  if (isFailure(outcome)) return JSON.stringify(outcome);
  const { returns, ...rest } = outcome;
  const bytes = Buffer.from(returns.buffer, returns.byteOffset, returns.byteLength);
  return JSON.stringify({ ...rest, returns: bytes.toString("base64") });
}

/** Reads an outcome. @throws `FAULT_INPUT` where the line is none that {@link outcomeLine} wrote */
export function readOutcome(line: string): PointOutcome {
  try {
    const read = JSON.parse(line) as
      | PointFailure
      | (Omit<PointResult | PointPruned, "returns"> & { readonly returns: string });
    if (typeof read.index !== "number") throw new TypeError("no index");
    if ("failed" in read) return read;
    const bytes = Buffer.from(read.returns, "base64");
    const returns = new Float64Array(bytes.length / 8);
    new Uint8Array(returns.buffer).set(bytes);
    return { ...read, returns } as PointResult | PointPruned;
  } catch (cause) {
    throw new Fault("FAULT_INPUT", { path: "sweep line", value: line, expected: "a point's outcome", cause });
  }
}
