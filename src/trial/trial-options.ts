import { checkArray, checkFunction, checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { BacktestOptions } from "../run/index.ts";

/** What is put on trial: a backtest as a function of its tapes. */
export interface TrialOptions {
  /** Makes the backtest anew: strategies of their own for each call, over the tapes it is given. */
  readonly make: (tapes: readonly TapeSource[]) => BacktestOptions;
  readonly tapes: readonly TapeSource[];
  /** Moments to look at; 12 unless given. */
  readonly cuts?: number;
  readonly seed?: number;
  /** Told after every run of a backtest. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The options checked, with every default filled in. @throws `FAULT_CONFIG` naming the option */
export function checkTrial(path: string, options: TrialOptions): Required<TrialOptions> {
  checkKeys(path, options, ["make", "tapes", "cuts", "seed", "onProgress"]);
  checkFunction(`${path}.make`, options.make);
  for (const [i, tape] of checkArray(`${path}.tapes`, options.tapes).entries()) {
    if (typeof tape?.read === "function" && tape.meta.rows >= 4) continue;
    const value = tape?.meta?.rows ?? tape;
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.tapes[${i}]`,
      value,
      expected: "a tape of 4 rows at least",
    });
  }
  return {
    make: options.make,
    tapes: options.tapes,
    cuts: checkInteger(`${path}.cuts`, options.cuts ?? 12, 1, 1_000),
    seed: checkInteger(`${path}.seed`, options.seed ?? 1),
    onProgress: options.onProgress ?? (() => {}),
  };
}
