import {
  canonicalJson,
  checkArray,
  checkInteger,
  checkKeys,
  checkMethods,
  checkNumber,
  checkText,
  Fault,
  sha256Hex,
} from "../base/index.ts";
import { SharedTape } from "../feed/index.ts";
import type { TapeSource } from "../port/index.ts";
import { checkStop, type RunStop, VERSION } from "../run/index.ts";
import { PERFORMANCE_FIGURES } from "../stat/index.ts";
import { pointsOf, type Search } from "./search.ts";
import { type Axis, axesOf, type Params, type SearchSpace } from "./search-space.ts";
import type { SweepExecutor } from "./sweep-executor.ts";
import { checkRecipe, type SweepRecipe } from "./sweep-recipe.ts";
import { type SweepSeries, seriesOf } from "./sweep-series.ts";

/** When a sweep has seen enough. */
export interface SweepPatience {
  /** Ends behind so many points in a row, by their index, of which none is better than the best before. */
  readonly points: number;
}

/**
 * When a point is hopeless and its backtest ends before its tapes: judged at the samples of its equity (`periodNs`,
 * unless the recipe samples otherwise), so that neither threads nor speed change what becomes of it.
 */
export interface SweepPruning {
  /** Equity so far below its highest sample. @units share, above 0, at most 1 */
  readonly maxDrawdown?: number;
  /** So much of the initial equity lost. @units share, above 0, at most 1 */
  readonly loss?: number;
  /** No point ends before this part of the tapes' time; 0 unless given. @units share, 0 to 1 */
  readonly after?: number;
}

/** What a sweep is made from. */
export interface SweepOptions {
  readonly name?: string;
  readonly space: SearchSpace;
  /** `grid` unless given. */
  readonly search?: Search;
  readonly where?: (params: Params) => boolean;
  readonly recipe: SweepRecipe;
  /** Tapes, which are decoded once into memory that all threads share. */
  readonly tapes: readonly TapeSource[];
  /** The figure of `stat` that is wanted high; with a `-` before it, low. `sharpe` unless given. */
  readonly objective?: string;
  /** Periods of the returns that are kept of each point; the longest that makes 250 unless given. @units ns */
  readonly periodNs?: number;
  /** Where the sweep keeps what it has done: the same sweep goes on there. In memory alone unless given. */
  readonly folder?: string;
  readonly executor?: SweepExecutor;
  readonly patience?: SweepPatience;
  /**
   * Ends points early; part of what the sweep is, so a folder goes on with the same alone. Every point runs to its
   * end unless given.
   */
  readonly prune?: SweepPruning;
}

/** What a sweep is, checked and whole: JSON-safe but for its tapes. */
export interface SweepPlan {
  readonly name: string;
  /** SHA-256 over all that the results depend on. */
  readonly id: string;
  readonly axes: readonly Axis[];
  readonly points: readonly Params[];
  readonly recipe: Required<SweepRecipe>;
  readonly tapes: readonly SharedTape[];
  readonly series: SweepSeries;
  readonly objective: string;
  /** 1 where a high figure is wanted, else -1. */
  readonly sign: 1 | -1;
  readonly patience: number;
  /** As every backtest has it; undefined where every point runs to its end. */
  readonly prune: RunStop | undefined;
  readonly folder: string | undefined;
  /** What `id` was made of, by name: so a sweep that differs can say in what. */
  readonly making: Readonly<Record<string, string>>;
}

const KEYS = [
  ...["name", "space", "search", "where", "recipe", "tapes", "objective", "periodNs", "folder", "executor"],
  ...["patience", "prune"],
] as const;

/**
 * Checks the options of a sweep, draws its points and shares its tapes.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function planSweep(options: SweepOptions): SweepPlan {
  checkKeys("sweep", options, KEYS);
  const { space, search = "grid", where } = options;
  const axes = axesOf(space);
  const points = pointsOf({ space, search, ...(where === undefined ? {} : { where }) });
  const recipe = checkRecipe(options.recipe);
  const { objective, sign } = objectiveOf(options.objective ?? "sharpe");
  const tapes = checkArray("sweep.tapes", options.tapes).map((tape, i) => shared(tape, i));
  const series = seriesOf(tapes, options.periodNs);
  if (options.executor !== undefined) checkMethods("sweep.executor", options.executor, ["run", "stop"]);
  const prune = pruneOf(options.prune, tapes);
  const making = {
    version: VERSION,
    points: sha256Hex(canonicalJson(points)),
    recipe: canonicalJson(recipe),
    tapes: tapes.map(({ meta }) => meta.contentSha256).join(" "),
    periods: sha256Hex(canonicalJson(series)),
    ...(prune === undefined ? {} : { prune: canonicalJson(prune) }),
  };
  return {
    ...{ name: checkText("sweep.name", options.name ?? "sweep"), id: sha256Hex(canonicalJson(making)) },
    ...{ axes, points, recipe, tapes, series, objective, sign, prune, making },
    patience: patienceOf(options.patience),
    folder: options.folder === undefined ? undefined : checkText("sweep.folder", options.folder),
  };
}

function pruneOf(prune: SweepPruning | undefined, tapes: readonly TapeSource[]): RunStop | undefined {
  if (prune === undefined) return undefined;
  checkKeys("sweep.prune", prune, ["maxDrawdown", "loss", "after"]);
  const { after = 0, ...limits } = prune;
  checkNumber("sweep.prune.after", after, 0, 1);
  const from = tapes.map(({ meta }) => BigInt(meta.fromNs)).reduce((a, b) => (a < b ? a : b));
  const to = tapes.map(({ meta }) => BigInt(meta.toNs)).reduce((a, b) => (a > b ? a : b));
  return checkStop("sweep.prune", { ...limits, afterNs: Math.floor(after * Number(to - from)) });
}

function patienceOf(patience: SweepPatience | undefined): number {
  if (patience === undefined) return Number.POSITIVE_INFINITY;
  checkKeys("sweep.patience", patience, ["points"]);
  return checkInteger("sweep.patience.points", patience.points, 1);
}

function objectiveOf(text: string): { readonly objective: string; readonly sign: 1 | -1 } {
  const sign = text.startsWith("-") ? -1 : 1;
  const objective = sign < 0 ? text.slice(1) : text;
  if ((PERFORMANCE_FIGURES as readonly string[]).includes(objective)) return { objective, sign };
  const expected = `one of ${PERFORMANCE_FIGURES.join(", ")}`;
  throw new Fault("FAULT_CONFIG", { path: "sweep.objective", value: text, expected });
}

function shared(tape: TapeSource, i: number): SharedTape {
  if (tape instanceof SharedTape) return tape;
  if (typeof tape?.read === "function") return SharedTape.from(tape);
  throw new Fault("FAULT_CONFIG", { path: `sweep.tapes[${i}]`, value: tape, expected: "an opened tape" });
}
