import type { TapeSource } from "../port/index.ts";
import { Backtester } from "../run/index.ts";
import { eventTimes, withoutPast } from "./altered-tape.ts";
import { type Decision, watched } from "./decisions.ts";
import { checkTrial, type TrialOptions } from "./trial-options.ts";

/** A beginning in the midst of the tapes, beside the run that knows all that came before. */
export interface WarmUpStart {
  /** Where the short history begins, and when the warm-up had passed. @units ns from the run's base */
  readonly beginNs: number;
  readonly warmNs: number;
  /** Decisions behind the warm-up, of the run that knew more. */
  readonly decisions: number;
  /** The first that differs; undefined where none does. */
  readonly difference:
    | {
        readonly strategy: number;
        readonly callback: string;
        readonly ns: number;
        /** With all the past, and with the short one. */
        readonly asked: string | undefined;
        readonly otherwise: string | undefined;
      }
    | undefined;
}

/** What a check of the warm-up came to. */
export interface WarmUpReport {
  /** Market events that the strategies ask for, the most of them. */
  readonly warmup: number;
  readonly starts: readonly WarmUpStart[];
  /** Whether no start with this warm-up decides otherwise than one that knew all the past. */
  readonly isEnough: boolean;
  /** The least of 1, 2, 4 … times the warm-up that is enough; undefined where none within the tapes is. */
  readonly enough: number | undefined;
  readonly runs: number;
}

/**
 * Checks whether a strategy's warm-up is long enough: begins in the midst of the tapes, and compares what it decides
 * once it is warm with what it decides at the same moments when it has known all the past. Until then both may trade
 * nothing, so that both hold the same: nothing.
 *
 * What differs says which callback decided by something older than the warm-up: an average that is not filled, a state
 * that never forgets, a count of bars from the beginning.
 *
 * @throws `FAULT_CONFIG` naming the option; what a run throws.
 * @cost 2 runs a start and length of warm-up; lengths double up to half of the tapes.
 */
export function checkWarmUp(options: TrialOptions): WarmUpReport {
  const { make, tapes, cuts, onProgress } = checkTrial("warmUp", { cuts: 4, ...options });
  const { warmup, baseNs } = declared(make, tapes);
  const shiftOf = ({ meta }: TapeSource): number => Number(BigInt(meta.baseNs) - baseNs);
  const events = tapes
    .flatMap((tape) => eventTimes(tape).map((ns) => ns + shiftOf(tape)))
    .sort((a, b) => a - b);
  const begins = Array.from({ length: cuts }, (_, i) =>
    Math.floor((events.length * (i + 1)) / (2 * (cuts + 1))),
  );
  let runs = 0;
  const startAt = (begin: number, length: number): WarmUpStart | undefined => {
    // One event more: orders are taken behind the event that ends the warm-up.
    const warmNs = events[begin + length + 1];
    if (warmNs === undefined) return undefined;
    const beginNs = (events[begin - 1] ?? 0) + 1;
    const long = decide(make, tapes, warmNs);
    const short = decide(
      make,
      tapes.map((tape) => withoutPast(tape, beginNs - shiftOf(tape))),
      warmNs,
    );
    runs += 2;
    onProgress(runs, runs + 2);
    return { beginNs, warmNs, decisions: long.length, difference: differenceOf(long, short) };
  };
  const startsOf = (length: number): WarmUpStart[] =>
    begins.map((begin) => startAt(begin, length)).filter((start) => start !== undefined);
  const isQuiet = (starts: readonly WarmUpStart[]): boolean =>
    starts.length > 0 && starts.every(({ difference }) => difference === undefined);
  const starts = startsOf(warmup);
  const isEnough = isQuiet(starts);
  let enough = isEnough ? warmup : undefined;
  for (
    let length = Math.max(1, 2 * warmup);
    enough === undefined && length < events.length / 2;
    length *= 2
  ) {
    if (isQuiet(startsOf(length))) enough = length;
  }
  return { warmup, starts, isEnough, enough, runs };
}

function declared(
  make: TrialOptions["make"],
  tapes: readonly TapeSource[],
): { readonly warmup: number; readonly baseNs: bigint } {
  const made = make(tapes);
  const { baseNs } = new Backtester({ tca: false, ...made }).plan;
  return { warmup: Math.max(0, ...made.strategies.map((strategy) => strategy.warmup ?? 0)), baseNs };
}

function decide(make: TrialOptions["make"], tapes: readonly TapeSource[], fromNs: number): Decision[] {
  const decisions: Decision[] = [];
  const made = make(tapes);
  const strategies = watched(made.strategies, (decision) => decisions.push(decision), fromNs);
  new Backtester({ tca: false, markouts: false, ...made, drill: false, strategies }).runToEnd();
  return decisions;
}

function differenceOf(long: readonly Decision[], short: readonly Decision[]): WarmUpStart["difference"] {
  for (let i = 0; i < Math.max(long.length, short.length); i++) {
    const [a, b] = [long[i], short[i]];
    const isSame = a?.ns === b?.ns && a?.callback === b?.callback && a?.asked === b?.asked;
    if (isSame && a?.strategy === b?.strategy) continue;
    const first = (b === undefined || (a !== undefined && a.ns <= b.ns) ? a : b) as Decision;
    const { strategy, callback, ns } = first;
    return { strategy, callback, ns, asked: a?.asked, otherwise: b?.asked };
  }
  return undefined;
}
