import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Fault } from "../base/index.ts";
import type { TraderSetup } from "../run/index.ts";
import { loadStrategy, readParams } from "./load-strategy.ts";

/** What a desk is made for. */
export type DeskMode = "paper" | "live" | "preflight";

/**
 * Loads a desk from a module: what its default export, a function of the mode, returns; with another strategy in place
 * of its own where one is given.
 *
 * @throws `FAULT_IO` where the module cannot be loaded, `FAULT_CONFIG` where it makes no desk.
 */
export async function loadDesk(
  path: string,
  mode: DeskMode,
  strategy: string | undefined,
  params: readonly string[],
): Promise<TraderSetup> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_IO", { path, value, expected: "a module that can be loaded", cause });
  }
  const make: unknown = module["default"];
  const made: unknown = typeof make === "function" ? await make(mode) : make;
  if (typeof made !== "object" || made === null || !("instruments" in made)) {
    const expected = "a default export: a function of the mode that returns a desk's options";
    throw new Fault("FAULT_CONFIG", { path, value: typeof make, expected });
  }
  const setup = made as TraderSetup;
  if (strategy === undefined) return setup;
  return { ...setup, strategies: [await loadStrategy(strategy, readParams(params))] };
}

/** Checks that credentials are there. @throws `FAULT_CONFIG` naming an environment variable that is not set */
export function checkCredentials(names: readonly string[]): void {
  for (const name of names) {
    if ((process.env[name] ?? "") !== "") continue;
    throw new Fault("FAULT_CONFIG", {
      path: `environment ${name}`,
      value: "not set",
      expected: "a credential",
    });
  }
}
