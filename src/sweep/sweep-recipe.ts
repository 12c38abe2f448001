import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkKeys, checkText, Fault } from "../base/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { BacktestOptions } from "../run/index.ts";
import type { Params } from "./search-space.ts";

/** The backtest of a point: what a recipe makes of the point's parameters and the sweep's tapes. */
export type MakeBacktest = (params: Params, tapes: readonly TapeSource[]) => BacktestOptions;

/**
 * Where the backtests of a sweep come from: a module that every thread loads for itself. A function cannot be handed to
 * a thread; a name can.
 */
export interface SweepRecipe {
  /** An absolute path, or a URL. */
  readonly module: string;
  /** What of the module makes them, called once a thread with `args`: a {@link MakeBacktest}, or a promise of one. */
  readonly name?: string;
  /** JSON-safe. */
  readonly args?: unknown;
}

/** Checks a recipe and fills in its defaults. @throws `FAULT_CONFIG` naming the field */
export function checkRecipe(recipe: SweepRecipe): Required<SweepRecipe> {
  checkKeys("sweep.recipe", recipe, ["module", "name", "args"]);
  const module = checkText("sweep.recipe.module", recipe.module);
  const url = /^(file|data|node):/.test(module) ? module : pathToFileURL(resolve(module)).href;
  return {
    module: url,
    name: checkText("sweep.recipe.name", recipe.name ?? "default"),
    args: recipe.args ?? null,
  };
}

/**
 * Loads a recipe.
 *
 * @throws `FAULT_IO` where the module cannot be loaded, `FAULT_CONFIG` where it has no such function.
 */
export async function loadRecipe({ module, name, args }: Required<SweepRecipe>): Promise<MakeBacktest> {
  const path = `${module} ${name}`;
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = (await import(module)) as Record<string, unknown>;
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path: module, value, expected: "a module that can be loaded", cause });
  }
  const make = loaded[name];
  if (typeof make !== "function") {
    throw new Fault("FAULT_CONFIG", {
      path,
      value: Object.keys(loaded),
      expected: "a function of this name",
    });
  }
  const made: unknown = await (make as (args: unknown) => unknown)(args);
  if (typeof made === "function") return made as MakeBacktest;
  throw new Fault("FAULT_CONFIG", { path, value: made, expected: "a function of parameters and tapes" });
}
