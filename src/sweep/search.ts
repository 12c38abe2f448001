import { checkChoice, checkFunction, checkInteger, checkKeys, Fault, Prng } from "../base/index.ts";
import { type Axis, axesOf, type Params, type ParamValue, type SearchSpace } from "./search-space.ts";
import { Sobol } from "./sobol.ts";

/** Points a search has at most. */
export const POINTS_MAX = 1_000_000;

/**
 * How a space is looked through: every point of a grid; so many random ones; so many of the Sobol sequence, which
 * leaves smaller holes.
 */
export type Search =
  | "grid"
  | { readonly method: "random"; readonly points: number; readonly seed?: number }
  | { readonly method: "sobol"; readonly points: number };

/** What {@link pointsOf} needs to know. */
export interface SearchOptions {
  readonly space: SearchSpace;
  /** `grid` unless given. */
  readonly search?: Search;
  /** Leaves points out, such as those where the fast average is the slower one. */
  readonly where?: (params: Params) => boolean;
}

/**
 * The points of a search in their order, each once.
 *
 * A grid turns its last parameter fastest. Random and Sobol points that fall on one another, or where `where` says no,
 * are left out and drawn again, 20 times as many as asked for at most: a space that has fewer gives fewer.
 *
 * @invariant Equal options give equal points.
 * @throws `FAULT_CONFIG` naming the option: a grid over a range without steps, no point at all, more than 1,000,000.
 * @example
 * ```ts
 * import { pointsOf } from "tickwright/sweep";
 * const space = { fast: [5, 10], slow: { from: 10, to: 20, step: 10 } };
 * pointsOf({ space, where: ({ fast = 0, slow = 0 }) => fast < slow }).length; // => 3
 * ```
 */
export function pointsOf(options: SearchOptions): Params[] {
  const { search = "grid", where } = options;
  const axes = axesOf(options.space);
  if (where !== undefined) checkFunction("where", where);
  const points = search === "grid" ? gridOf(axes, where) : drawnOf(axes, search, where);
  if (points.length > 0) return points;
  throw new Fault("FAULT_CONFIG", { path: "where", value: "no point", expected: "a point at least" });
}

function gridOf(axes: readonly Axis[], where: SearchOptions["where"]): Params[] {
  const endless = axes.find(({ size }) => size === Number.POSITIVE_INFINITY);
  if (endless !== undefined) {
    const expected = "a step, or a random or Sobol search";
    throw new Fault("FAULT_CONFIG", { path: `space.${endless.name}.step`, expected });
  }
  const count = axes.reduce((product, { size }) => product * size, 1);
  if (count > POINTS_MAX) {
    throw new Fault("FAULT_CONFIG", {
      ...{ path: "space", value: count, expected: `at most ${POINTS_MAX} points in a grid` },
    });
  }
  const points: Params[] = [];
  const places = axes.map(() => 0);
  for (let i = 0; i < count; i++) {
    const params = paramsOf(axes, (axis, k) => axis.at(places[k] as number));
    if (where === undefined || where(params)) points.push(params);
    for (let k = axes.length - 1; k >= 0; k--) {
      places[k] = (places[k] as number) + 1;
      if ((places[k] as number) < (axes[k] as Axis).size) break;
      places[k] = 0;
    }
  }
  return points;
}

function drawnOf(
  axes: readonly Axis[],
  search: Exclude<Search, "grid">,
  where: SearchOptions["where"],
): Params[] {
  checkKeys("search", search, ["method", "points", "seed"]);
  checkChoice("search.method", search.method, ["random", "sobol"]);
  const wanted = checkInteger("search.points", search.points, 1, POINTS_MAX);
  const draw = search.method === "random" ? randomOf(axes, search.seed ?? 1) : sobolOf(axes);
  const points: Params[] = [];
  const seen = new Set<string>();
  for (let i = 0; points.length < wanted && i < wanted * 20; i++) {
    const shares = draw(i);
    const params = paramsOf(axes, (axis, k) => axis.pick(shares[k] as number));
    const key = JSON.stringify(Object.values(params));
    if (seen.has(key) || where?.(params) === false) continue;
    seen.add(key);
    points.push(params);
  }
  return points;
}

function randomOf(axes: readonly Axis[], seed: number): (i: number) => readonly number[] {
  const draws = new Prng(checkInteger("search.seed", seed));
  return () => axes.map(() => draws.float());
}

/** Without its first point, the corner where every parameter is at its end. */
function sobolOf(axes: readonly Axis[]): (i: number) => readonly number[] {
  const sobol = new Sobol(axes.length);
  return (i) => sobol.point(i + 1);
}

function paramsOf(axes: readonly Axis[], value: (axis: Axis, k: number) => ParamValue): Params {
  return Object.fromEntries(axes.map((axis, k) => [axis.name, value(axis, k)]));
}
