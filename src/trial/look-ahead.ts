import type { TapeSource } from "../port/index.ts";
import { Backtester, type BacktestOptions } from "../run/index.ts";
import { alterTape, WORLDS, type World } from "./altered-tape.ts";
import { type Decision, watched } from "./decisions.ts";
import { checkTrial, type TrialOptions } from "./trial-options.ts";

/** A decision that knew what had not happened yet. */
export interface Leak {
  /** `future`: another future changes it. `carried`: it differs in a second run over the same tapes. */
  readonly kind: "future" | "carried";
  /** The strategy, by its place, and the callback that leaks. */
  readonly strategy: number;
  readonly callback: string;
  /** When it was made, and from when on the future was another. @units ns from the run's base */
  readonly ns: number;
  readonly cutNs: number;
  readonly world: World | "same";
  /** What was asked for, and what in the other world: nothing where there was no further decision. */
  readonly asked: string | undefined;
  readonly otherwise: string | undefined;
}

/** What a search for look-ahead came to. */
export interface LookAheadReport {
  /** The first of every callback, kind and world. */
  readonly leaks: readonly Leak[];
  /** Decisions of the backtest as it is. */
  readonly decisions: number;
  /** Decisions that other worlds were compared in. */
  readonly compared: number;
  readonly runs: number;
}

interface Seen {
  readonly decisions: readonly Decision[];
  readonly baseNs: bigint;
}

/**
 * Searches a backtest for look-ahead: runs it again and again over tapes whose future is another from some moment on,
 * and compares what the strategies decided before. What can be known at a moment does not depend on what comes behind
 * it.
 *
 * Half of the moments lie right behind decisions. A strategy leaks only by what `make` gives it: what it reads from
 * files of its own stays as it is in every world, and is not found.
 *
 * @invariant A strategy that knows only what its callbacks were told has no leak, whatever it does with it.
 * @throws `FAULT_CONFIG` naming the option; what a run throws, of the backtest as it is.
 * @cost 2 + 3 * cuts runs.
 * @example
 * ```ts
 * import { BarTapeBuilder } from "tickwright/feed";
 * import { BarBlock } from "tickwright/model";
 * import type { TapeSource } from "tickwright/port";
 * import type { Strategy } from "tickwright/strategy";
 * import { findLookAhead } from "tickwright/trial";
 * const builder = new BarTapeBuilder({
 *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   baseNs: 0n, source: "by hand", simulated: true,
 * });
 * const day = 86_400_000_000_000;
 * for (let i = 0; i < 60; i++) {
 *   const close = 1_000 + ((i * 37) % 23);
 *   const bar = { open: close, high: close, low: close, close, volume: 1_000 };
 *   builder.push({ openNs: i * day, closeNs: i * day + day / 2, ...bar });
 * }
 * const report = findLookAhead({
 *   tapes: [builder.build()],
 *   make: (tapes) => {
 *     const [tape] = tapes as [TapeSource];
 *     const bars = new BarBlock();
 *     tape.read(0, bars);
 *     let i = 0;
 *     const onBar: Strategy["onBar"] = (bar, ctx) => {
 *       // Tomorrow's close:
 *       const isRising = (bars.close[++i] ?? 0) > bar.closeTicks;
 *       ctx.submit({ instrument: "ABC", side: isRising ? "buy" : "sell", lots: 1, type: "market" });
 *     };
 *     return { markets: [{ tape }], strategies: [{ onBar }], cash: { USD: "10000" } };
 *   },
 * });
 * report.leaks[0]?.callback; // => "onBar"
 * ```
 * @source the guard "shuffle the future, decisions must not change"; freqtrade's lookahead-analysis compares
 * indicators of shorter histories, this compares decisions
 */
export function findLookAhead(options: TrialOptions): LookAheadReport {
  const { make, tapes, cuts, seed, onProgress } = checkTrial("lookAhead", options);
  const total = 2 + cuts * WORLDS.length;
  const base = run(make, tapes);
  onProgress(1, total);
  const leaks = new Map<string, Leak>();
  const keep = (leak: Leak | undefined): void => {
    if (leak === undefined) return;
    const key = `${leak.kind} ${leak.strategy} ${leak.callback} ${leak.world}`;
    if (!leaks.has(key)) leaks.set(key, leak);
  };
  const again = run(make, tapes);
  onProgress(2, total);
  keep(firstDifference(base, again, Number.POSITIVE_INFINITY, "same"));
  let runs = 2;
  let compared = 0;
  // A strategy that remembers an earlier run would be found in every world: that is told already.
  const moments = leaks.size > 0 ? [] : momentsOf(base, tapes, cuts);
  for (const [i, cutNs] of moments.entries()) {
    for (const world of WORLDS) {
      const altered = tapes.map((tape) =>
        alterTape(tape, cutNs - Number(BigInt(tape.meta.baseNs) - base.baseNs), world, seed + i),
      );
      const fromNs = Math.min(
        ...altered.map(({ fromNs: ns }, k) => ns + Number(BigInt(tapes[k]?.meta.baseNs ?? 0) - base.baseNs)),
      );
      const other = run(
        make,
        altered.map(({ tape }) => tape),
        fromNs,
      );
      runs++;
      onProgress(runs, total);
      compared += base.decisions.filter((decision) => decision.ns < fromNs).length;
      keep(firstDifference(base, other, fromNs, world));
    }
  }
  return { leaks: [...leaks.values()], decisions: base.decisions.length, compared, runs };
}

/**
 * Runs a backtest and notes its decisions. A strategy that a shorter or another world breaks has decided what it has
 * until then; of the backtest as it is (`untilNs` absent) that is thrown.
 */
function run(make: TrialOptions["make"], tapes: readonly TapeSource[], untilNs?: number): Seen {
  const decisions: Decision[] = [];
  let baseNs = 0n;
  try {
    const made = make(tapes);
    const options: BacktestOptions = {
      ...{ tca: false, markouts: false },
      ...made,
      drill: false,
      strategies: watched(made.strategies, (decision) => decisions.push(decision)),
    };
    const backtester = new Backtester(options);
    baseNs = backtester.plan.baseNs;
    backtester.runToEnd();
  } catch (error) {
    if (untilNs === undefined) throw error;
  }
  return { decisions, baseNs };
}

/** Moments right behind decisions, and evenly over the tapes. */
function momentsOf({ decisions, baseNs }: Seen, tapes: readonly TapeSource[], cuts: number): number[] {
  const ends = tapes.map(({ meta }) => [
    Number(BigInt(meta.fromNs) - baseNs),
    Number(BigInt(meta.toNs) - baseNs),
  ]);
  const from = Math.min(...ends.map(([first = 0]) => first));
  const to = Math.max(...ends.map(([, last = 0]) => last));
  const own = Math.min(decisions.length, Math.ceil(cuts / 2));
  const moments = Array.from({ length: own }, (_, i) => {
    const decision = decisions[Math.floor(((i + 0.5) * decisions.length) / own)] as Decision;
    return decision.ns + 1;
  });
  const rest = cuts - own;
  for (let i = 0; i < rest; i++) moments.push(Math.floor(from + ((i + 1) * (to - from)) / (rest + 1)));
  return moments;
}

function firstDifference(base: Seen, other: Seen, cutNs: number, world: Leak["world"]): Leak | undefined {
  const mine = base.decisions.filter((decision) => decision.ns < cutNs);
  const theirs = other.decisions.filter((decision) => decision.ns < cutNs);
  for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
    const [a, b] = [mine[i], theirs[i]];
    const isSame =
      a?.ns === b?.ns && a?.callback === b?.callback && a?.asked === b?.asked && a?.strategy === b?.strategy;
    if (isSame) continue;
    // The earlier of the two is the one that the other world lacks.
    const first = (b === undefined || (a !== undefined && a.ns <= b.ns) ? a : b) as Decision;
    return {
      kind: world === "same" ? "carried" : "future",
      ...{ strategy: first.strategy, callback: first.callback, ns: first.ns, cutNs, world },
      asked: a?.asked,
      otherwise: b?.asked,
    };
  }
  return undefined;
}
