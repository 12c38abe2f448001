import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Fault } from "../base/index.ts";
import type { KernelRisk } from "../kernel/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { Strategy } from "../strategy/index.ts";
import { Usage } from "./usage.ts";

/** What a strategy's class or function is given beside its parameters, where it is made for a backtest. */
export interface StrategyGiven {
  /** The tapes that the backtest runs over, for strategies that compute ahead from them. */
  readonly tapes: readonly TapeSource[];
}

/** What a file exports as its strategy. */
export interface StrategySource {
  /** Whether each call makes a strategy of its own: the file exports a class or a function. */
  readonly isMaker: boolean;
  make(params: Readonly<Record<string, unknown>>, given?: StrategyGiven): Strategy;
}

/**
 * Loads what a file exports as its strategy: the default export, or the one named `strategy`. It may be a strategy, a
 * class, or a function of the parameters (and of what is given in a backtest) that returns a strategy.
 *
 * @throws `FAULT_IO` where the file cannot be loaded, `FAULT_CONFIG` where it exports no strategy.
 */
export async function loadStrategySource(path: string): Promise<StrategySource> {
  const module = await load(path);
  const found: unknown = module["default"] ?? module["strategy"];
  if (typeof found === "function") {
    return {
      isMaker: true,
      make: (params, given) => make(found as (...args: readonly unknown[]) => unknown, params, given),
    };
  }
  if (typeof found === "object" && found !== null) return { isMaker: false, make: () => found as Strategy };
  const value = Object.keys(module);
  const expected = "a default export: a strategy, a class, or a function";
  throw new Fault("FAULT_CONFIG", { path, value, expected });
}

/** Loads a strategy from a file, as {@link loadStrategySource}, and makes it. */
export async function loadStrategy(
  path: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Strategy> {
  return (await loadStrategySource(path)).make(params);
}

/**
 * Loads what makes strategies from a file, for whoever needs more than one: as {@link loadStrategy}, but what the file
 * exports has to be a class or a function, and is called for each with its parameters.
 *
 * @throws `FAULT_IO` where the file cannot be loaded, `FAULT_CONFIG` where it exports no class and no function.
 */
export async function loadStrategyMaker(
  path: string,
): Promise<(params: Readonly<Record<string, unknown>>, given?: StrategyGiven) => Strategy> {
  const module = await load(path);
  const found: unknown = module["default"] ?? module["strategy"];
  if (typeof found === "function") {
    return (params, given) => make(found as (...args: readonly unknown[]) => unknown, params, given);
  }
  const value = Object.keys(module);
  const expected = "a default export that is a class or a function: every start of the process makes its own";
  throw new Fault("FAULT_CONFIG", { path, value, expected });
}

/**
 * Loads limits from a file: its default export, or the one named `risk`.
 *
 * @throws `FAULT_IO` where the file cannot be loaded, `FAULT_CONFIG` where it exports none.
 */
export async function loadRisk(path: string): Promise<KernelRisk> {
  const module = await load(path);
  const found: unknown = module["default"] ?? module["risk"];
  if (typeof found === "object" && found !== null) return found as KernelRisk;
  const expected = "a default export: the `risk` of the session's options";
  throw new Fault("FAULT_CONFIG", { path, value: Object.keys(module), expected });
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const value = cause instanceof Error ? cause.message : String(cause);
    const isScript = cause instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(value);
    const hint = `"type": "module" in the nearest package.json, or a name that ends in .mts or .mjs`;
    const expected = isScript ? `an ES module: ${hint}` : "a module that can be loaded";
    throw new Fault("FAULT_IO", { path, value, expected, cause });
  }
}

/** @throws `Usage` where the strategy refuses its parameters with a fault */
function make(
  found: (...args: readonly unknown[]) => unknown,
  params: Readonly<Record<string, unknown>>,
  given: StrategyGiven | undefined,
): Strategy {
  const args = given === undefined ? [params] : [params, given];
  const isClass = /^class\b/.test(Function.prototype.toString.call(found));
  try {
    return (isClass ? Reflect.construct(found, args) : found(...args)) as Strategy;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "FAULT_CONFIG") throw error;
    const given = JSON.stringify(params);
    throw new Usage(`--param: the strategy does not take ${given}: ${error.message}`, { cause: error });
  }
}

/** Reads `--param name=value` pairs: numbers and booleans as such, the rest as text. */
export function readParams(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new Usage(`--param: ${pair} is no name=value`);
    const text = pair.slice(at + 1);
    const number = Number(text);
    params[pair.slice(0, at)] =
      text === "true"
        ? true
        : text === "false"
          ? false
          : text !== "" && Number.isFinite(number)
            ? number
            : text;
  }
  return params;
}
