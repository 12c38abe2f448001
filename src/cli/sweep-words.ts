import type { ParamRange, Params, ParamValue, Search, SearchSpace, SweepOptions } from "../sweep/index.ts";
import { Usage } from "./usage.ts";

const SIGNS = ["<=", ">=", "!=", "==", "<", ">"] as const;

/**
 * A space from words such as `fast=5:50:5` (steps), `gamma=0.001~0.1:log` (any number between, here on a logarithmic
 * scale), `n=1~100:int` (whole ones) and `mode=long,both` (a list).
 */
export function spaceOf(words: readonly string[]): SearchSpace {
  const space: Record<string, readonly ParamValue[] | ParamRange> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new Usage(`--space: ${word} is no name=values`);
    const name = word.slice(0, at);
    if (Object.hasOwn(space, name)) throw new Usage(`--space: ${name} is there twice`);
    space[name] = valuesOf(name, word.slice(at + 1));
  }
  return space;
}

function valuesOf(name: string, text: string): readonly ParamValue[] | ParamRange {
  if (text.includes("~")) return between(name, text);
  if (/^[^,]+:[^,]+$/.test(text)) {
    const [from = "", to = "", step = "1", more] = text.split(":");
    if (more !== undefined) throw new Usage(`--space: ${name}=${text} is no from:to:step`);
    return { from: numberIn(name, from), to: numberIn(name, to), step: numberIn(name, step) };
  }
  return text.split(",").map(wordOf);
}

function between(name: string, text: string): ParamRange {
  const [ends = "", kind, more] = text.split(":");
  const [from = "", to = "", third] = ends.split("~");
  const isKnown = kind === undefined || kind === "log" || kind === "int";
  if (third !== undefined || more !== undefined || !isKnown)
    throw new Usage(`--space: ${name}=${text} is no from~to, from~to:log or from~to:int`);
  return {
    ...{ from: numberIn(name, from), to: numberIn(name, to) },
    ...(kind === "log" ? { scale: "log" as const } : kind === "int" ? { integer: true } : {}),
  };
}

function wordOf(text: string): ParamValue {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}

function numberIn(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new Usage(`--space: ${text} of ${name} is no number`);
  return value;
}

/** A search from `grid`, `random:200`, `random:200:7` (its seed) or `sobol:256`. */
export function searchOf(text: string): Search {
  if (text === "grid") return "grid";
  const [method, points, seed, more] = text.split(":");
  const isKnown = method === "random" || (method === "sobol" && seed === undefined);
  const numbers = [points, seed ?? "1"].map((part) => (/^\d+$/.test(part ?? "") ? Number(part) : Number.NaN));
  const [count = Number.NaN, number = Number.NaN] = numbers;
  if (!isKnown || more !== undefined || Number.isNaN(count) || Number.isNaN(number))
    throw new Usage(`--search: ${text} is none of grid, random:POINTS, random:POINTS:SEED, sobol:POINTS`);
  return method === "random" ? { method, points: count, seed: number } : { method: "sobol", points: count };
}

/** When points end early, from shares such as `20%` or `0.2`; nothing where no option says so. */
export function pruneOf(
  values: Readonly<Partial<Record<"prune-loss" | "prune-drawdown" | "prune-after", string | undefined>>>,
): Pick<SweepOptions, "prune"> {
  const names = { loss: "prune-loss", maxDrawdown: "prune-drawdown", after: "prune-after" } as const;
  const given = Object.entries(names).flatMap(([key, name]) => {
    const text = values[name];
    return text === undefined ? [] : [[key, shareOf(`--${name}`, text)] as const];
  });
  return given.length === 0 ? {} : { prune: Object.fromEntries(given) };
}

function shareOf(name: string, text: string): number {
  const [, number = "", percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (number === "") throw new Usage(`${name}: ${text} is no share, such as 20% or 0.2`);
  return percent === "%" ? Number(number) / 100 : Number(number);
}

/** Says of a point whether all of some comparisons hold, such as `fast<slow` or `mode!=both`. */
export function whereOf(words: readonly string[], space: SearchSpace): (params: Params) => boolean {
  const tests = words.map((word) => testOf(word, space));
  return (params) => tests.every((test) => test(params));
}

function testOf(word: string, space: SearchSpace): (params: Params) => boolean {
  const sign = SIGNS.find((each) => word.includes(each));
  const [left = "", right = "", more] = sign === undefined ? [] : word.split(sign).map((part) => part.trim());
  if (sign === undefined || left === "" || right === "" || more !== undefined || !Object.hasOwn(space, left))
    throw new Usage(`--where: ${word} is no comparison of a parameter, such as fast<slow`);
  const of = (params: Params): ParamValue => params[right] ?? wordOf(right);
  return (params) => compare(params[left] ?? "", sign, of(params));
}

function compare(left: ParamValue, sign: (typeof SIGNS)[number], right: ParamValue): boolean {
  switch (sign) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
  }
}
