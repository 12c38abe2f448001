import { checkKeys, checkNumber, Fault } from "../base/index.ts";

/** When a run ends before its tapes do. It is judged at each sample of its equity (`sampleNs`), and nowhere else. */
export interface RunStop {
  /**
   * Ends it where equity lies so far below the highest sample before. @units share of that sample, above 0, at most
   * 1
   */
  readonly maxDrawdown?: number;
  /** Ends it where so much of the equity at its begin is lost. @units share of that equity, above 0, at most 1 */
  readonly loss?: number;
  /**
   * Not before: earlier samples only raise what a drawdown is measured from. 0 unless given. @units ns from the run's
   * begin
   */
  readonly afterNs?: number;
}

/** Which limit of a {@link RunStop} ended a run: `loss` where both did. */
export type StopCause = "maxDrawdown" | "loss";

/** Where a run was ended before its tapes, and why. */
export interface RunStopped {
  readonly cause: StopCause;
  /** The sample that ended it. @units epoch ms */
  readonly ms: number;
  /** What was lost there, by the limit's own measure. @units share */
  readonly share: number;
}

/** The limit that a sample has passed. */
export interface StopReached {
  readonly cause: StopCause;
  readonly ns: number;
  readonly share: number;
}

/** Checks when a run stops. @throws `FAULT_CONFIG` naming the field */
export function checkStop(path: string, stop: RunStop): RunStop {
  checkKeys(path, stop, ["maxDrawdown", "loss", "afterNs"]);
  const { maxDrawdown, loss, afterNs } = stop;
  for (const [name, share] of Object.entries({ maxDrawdown, loss })) {
    if (share === undefined || checkNumber(`${path}.${name}`, share, 0, 1) > 0) continue;
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.${name}`,
      value: share,
      expected: "above 0 and at most 1",
    });
  }
  if (afterNs !== undefined) checkNumber(`${path}.afterNs`, afterNs, 0);
  if (maxDrawdown !== undefined || loss !== undefined) return stop;
  throw new Fault("FAULT_CONFIG", { path, value: stop, expected: "maxDrawdown or loss" });
}

/**
 * Judges a run's samples, one after another.
 *
 * @invariant Depends on the samples alone. Nothing is judged of an account that began with nothing.
 */
export class StopJudge {
  /** What ended the run; undefined while it goes on. */
  reached: StopReached | undefined = undefined;
  readonly #stop: RunStop;
  readonly #fromNs: number;
  readonly #initial: number;
  #highest: number;

  /** @param fromNs, initial - the run's begin and its equity there */
  constructor(stop: RunStop, fromNs: number, initial: number) {
    this.#stop = stop;
    this.#fromNs = fromNs + (stop.afterNs ?? 0);
    this.#initial = initial;
    this.#highest = initial;
  }

  judge(ns: number, equity: number): void {
    if (equity > this.#highest) this.#highest = equity;
    if (this.reached !== undefined || ns < this.#fromNs || !(this.#initial > 0)) return;
    const { loss, maxDrawdown } = this.#stop;
    if (loss !== undefined && this.#initial - equity >= loss * this.#initial) {
      this.reached = { cause: "loss", ns, share: 1 - equity / this.#initial };
    } else if (maxDrawdown !== undefined && this.#highest - equity >= maxDrawdown * this.#highest) {
      this.reached = { cause: "maxDrawdown", ns, share: 1 - equity / this.#highest };
    }
  }
}
