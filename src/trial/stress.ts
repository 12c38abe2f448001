import { checkArray, checkFunction, checkKeys, checkText, Fault } from "../base/index.ts";
import { Backtester, type BacktestOptions, type RunResult } from "../run/index.ts";

/** A worse world: a backtest's options, worsened. `parseStress` makes them from words. */
export interface StressWorld {
  readonly name: string;
  /** The options of the same backtest there. Throws `FAULT_CONFIG` where they would stay as they are. */
  readonly apply: (options: BacktestOptions) => BacktestOptions;
}

/** What is stressed, and how. */
export interface StressOptions {
  /** Makes the backtest anew: strategies of their own for each call. */
  readonly make: () => BacktestOptions;
  readonly worlds: readonly StressWorld[];
  /** The backtest as it is, where it ran already. */
  readonly base?: RunResult;
  /** Told after every run. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The figures that are compared. @units money in the run's currency, ratios of 1, `slippageBp` in basis points */
export const STRESS_FIGURES = [
  ...(["profit", "totalReturn", "sharpe", "maxDrawdown"] as const),
  ...(["orders", "fills", "makerFills", "fees", "slippageBp"] as const),
] as const;
/** The name of a figure of {@link StressFigures}. */
export type StressFigure = (typeof STRESS_FIGURES)[number];
/** Null where a figure has no value. */
export type StressFigures = Readonly<Record<StressFigure, number | null>>;

/** How a figure differs from the base's. */
export interface StressDecay {
  readonly difference: number | null;
  /** Of the base's; null where that is 0. */
  readonly ratio: number | null;
}

/** A run in one world. */
export interface StressRun {
  /** `base`, the world's name, or `all`. */
  readonly name: string;
  /** Null where the run failed, as are its figures and their decay. */
  readonly runHash: string | null;
  readonly figures: StressFigures | null;
  readonly decay: Readonly<Record<StressFigure, StressDecay>> | null;
  /** Why there is no result: a strategy that does not bear the world. */
  readonly failed: { readonly code: string; readonly message: string } | null;
}

/** What became of a backtest in worse worlds. JSON-safe. */
export interface StressReport {
  readonly schema: "tickwright.stress/1";
  readonly name: string;
  readonly currency: string;
  readonly simulated: boolean;
  readonly base: StressRun;
  /** Each world alone. */
  readonly worlds: readonly StressRun[];
  /** All worlds together; null where there is one only. */
  readonly all: StressRun | null;
}

/**
 * Runs a backtest in worse worlds, each alone and all together, and compares what it came to there with what it came
 * to as it is.
 *
 * A run that fails in a worse world is told as such; the others go on.
 *
 * @invariant The base has the `runHash` of the backtest alone. Equal options give an equal report.
 * @throws `FAULT_CONFIG` naming the option, or the world that would change nothing; what the run as it is throws.
 * @cost A run for each world, one more for all of them where there are several, and one for the base unless it is
 * given.
 * @example
 * ```ts
 * import { generateDepthTape } from "tickwright/sim";
 * import type { Strategy } from "tickwright/strategy";
 * import { parseStress, stressBacktest } from "tickwright/trial";
 * const tape = generateDepthTape({
 *   instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   seed: 7,
 *   rows: 5_000,
 * });
 * const { base, worlds } = stressBacktest({
 *   make: () => {
 *     let hasBought = false;
 *     const onBook: Strategy["onBook"] = (_book, ctx) => {
 *       if (!hasBought) ctx.submit({ instrument: "ABC", side: "buy", lots: 5, type: "market" });
 *       hasBought = true;
 *     };
 *     return { markets: [{ tape }], strategies: [{ onBook }], cash: { USD: "10000" } };
 *   },
 *   worlds: parseStress("spread=+2ticks"),
 * });
 * base.figures?.fills; // => 1
 * // Five lots, two ticks of a cent each:
 * Number(worlds[0]?.decay?.profit.difference?.toFixed(6)); // => -0.1
 * ```
 */
export function stressBacktest(options: StressOptions): StressReport {
  const { make, worlds, base, onProgress } = checkStress(options);
  const together: StressWorld = {
    name: "all",
    apply: (made) => worlds.reduce((worse, world) => world.apply(worse), made),
  };
  const tried = worlds.length > 1 ? [...worlds, together] : [...worlds];
  // Refused before anything has run.
  for (const world of tried) world.apply(make());
  const total = tried.length + (base === undefined ? 1 : 0);
  let done = 0;
  const told = <Value>(value: Value): Value => {
    done += 1;
    onProgress(done, total);
    return value;
  };
  const result = base ?? told(new Backtester(quiet(make())).runToEnd());
  const figures = figuresOf(result);
  const runs = tried.map((world) => told(runIn(world, make, figures)));
  const { name, currency, simulated, runHash } = result;
  return {
    ...{ schema: "tickwright.stress/1", name, currency, simulated },
    base: { name: "base", runHash, figures, decay: null, failed: null },
    worlds: runs.slice(0, worlds.length),
    all: runs[worlds.length] ?? null,
  };
}

function checkStress(
  options: StressOptions,
): Required<Omit<StressOptions, "base">> & Pick<StressOptions, "base"> {
  checkKeys("stress", options, ["make", "worlds", "base", "onProgress"]);
  checkFunction("stress.make", options.make);
  const names = new Set(["base", "all"]);
  for (const [i, world] of checkArray("stress.worlds", options.worlds).entries()) {
    const path = `stress.worlds[${i}]`;
    checkKeys(path, world, ["name", "apply"]);
    checkFunction(`${path}.apply`, world.apply);
    if (names.has(checkText(`${path}.name`, world.name))) {
      const expected = "a name that no other world has, nor base, nor all";
      throw new Fault("FAULT_CONFIG", { path: `${path}.name`, value: world.name, expected });
    }
    names.add(world.name);
  }
  if (options.base !== undefined && options.base?.schema !== "tickwright.run/1") {
    throw new Fault("FAULT_CONFIG", {
      path: "stress.base",
      value: options.base,
      expected: "the result of a run",
    });
  }
  return { ...options, onProgress: options.onProgress ?? (() => {}) };
}

/** What no hash holds, and a session's journal, are the base's alone. */
function quiet(options: BacktestOptions): BacktestOptions {
  const { journal, ...rest } = options;
  return { ...(journal === undefined ? options : rest), tca: false, drill: false, markouts: false };
}

function runIn(world: StressWorld, make: () => BacktestOptions, base: StressFigures): StressRun {
  const { name } = world;
  try {
    const result = new Backtester(quiet(world.apply(make()))).runToEnd();
    const figures = figuresOf(result);
    return { name, runHash: result.runHash, figures, decay: decayOf(figures, base), failed: null };
  } catch (error) {
    const code = error instanceof Fault ? error.code : "FAULT_CALLBACK";
    const message = error instanceof Error ? error.message : String(error);
    return { name, runHash: null, figures: null, decay: null, failed: { code, message } };
  }
}

function figuresOf({ money, stats, orders, fills }: RunResult): StressFigures {
  const initial = Number(money.initialEquity);
  const final = Number(money.finalEquity);
  return {
    profit: final - initial,
    totalReturn: initial > 0 ? final / initial - 1 : null,
    ...{ sharpe: stats["sharpe"] ?? null, maxDrawdown: stats["maxDrawdown"] ?? null },
    ...{ orders: orders.submitted, fills: fills.count, makerFills: fills.makerCount },
    ...{ fees: Number(money.fees), slippageBp: fills.slippageBp },
  };
}

function decayOf(worse: StressFigures, base: StressFigures): Readonly<Record<StressFigure, StressDecay>> {
  const one = (name: StressFigure): StressDecay => {
    const [now, then] = [worse[name], base[name]];
    if (now === null || then === null) return { difference: null, ratio: null };
    return { difference: now - then, ratio: then === 0 ? null : now / then };
  };
  return Object.fromEntries(STRESS_FIGURES.map((name) => [name, one(name)])) as Record<
    StressFigure,
    StressDecay
  >;
}

/**
 * A report as comma-separated values: a line for base, each world and all, of each figure the value, its difference
 * and its ratio to the base's; empty where there is none.
 */
export function stressCsv({ base, worlds, all }: StressReport): string {
  const head = STRESS_FIGURES.flatMap((name) => [name, `${name}Difference`, `${name}Ratio`]);
  const runs = [base, ...worlds, ...(all === null ? [] : [all])];
  const lines = runs.map(({ name, figures, decay, runHash, failed }) => [
    name,
    ...STRESS_FIGURES.flatMap((each) => [figures?.[each], decay?.[each].difference, decay?.[each].ratio]),
    ...[runHash, failed?.message],
  ]);
  return [["world", ...head, "runHash", "failed"], ...lines]
    .map((line) => `${line.map(cell).join(",")}\n`)
    .join("");
}

function cell(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
