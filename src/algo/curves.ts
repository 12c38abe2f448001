import { checkArray, checkNumber, Fault } from "../base/index.ts";
import { NANOS_PER_SECOND } from "../model/index.ts";
import { almgrenChriss } from "./almgren-chriss.ts";
import type { BaseTerms, ImpactModel, ProgramTerms } from "./parent-terms.ts";
import type { CurveOf } from "./sliced-program.ts";

type Of<Kind extends ProgramTerms["algo"]> = Extract<ProgramTerms, { readonly algo: Kind }>;

/** Parts of the time from now that are as long as the slices of the whole: at least one. */
function partsLeft(base: BaseTerms, fromNs: number, toNs: number, parts: number): number {
  return Math.max(1, Math.round((parts * (toNs - fromNs)) / (toNs - base.startNs)));
}

/** Equal slices. */
export function twapCurve(base: BaseTerms, { slices }: Of<"twap">): CurveOf {
  return (fromNs, toNs) => new Array<number>(partsLeft(base, fromNs, toNs, slices)).fill(1);
}

/** The volume curve; what is left of it, its first part only as far as it lies ahead. */
export function vwapCurve(base: BaseTerms, { curve }: Of<"vwap">): CurveOf {
  return (fromNs, toNs) => {
    const parts = partsLeft(base, fromNs, toNs, curve.length);
    const rest = curve.slice(curve.length - parts);
    return rest.some((weight) => weight > 0) ? rest : rest.map(() => 1);
  };
}

/**
 * Almgren and Chriss's trades. What is left later is what the same schedule would do then: it is consistent in time.
 */
export function shortfallCurve(base: BaseTerms, slices: number, model: () => ImpactModel): CurveOf {
  return (fromNs, toNs, lots) => {
    const impact = model();
    const periods = partsLeft(base, fromNs, toNs, slices);
    const horizon = (toNs - fromNs) / NANOS_PER_SECOND;
    const least = (impact.gamma * horizon) / periods / 2;
    // A slice that an odd end made longer may pass the bound of the model: equal slices then.
    if (!(impact.eta > least)) return new Array<number>(periods).fill(1);
    return almgrenChriss({ quantity: Math.max(1, lots), horizon, periods, ...impact }).trades.map((n) =>
      Math.max(0, n),
    );
  };
}

/**
 * The curve of volume of a day: the mean of each day's shares. Leave out half days and days with halts.
 *
 * @shape `days[d][b]` is the volume of part b of day d; all days have as many parts
 * @units shares of a day, adding up to 1
 * @throws `FAULT_CONFIG` without days; `FAULT_INPUT` where days have different numbers of parts, or one has no volume.
 * @cost O(days * parts).
 * @example
 * ```ts
 * import { volumeCurve } from "tickwright/algo";
 * volumeCurve([[30, 10, 60], [10, 10, 20]]); // => [0.275, 0.175, 0.55]
 * ```
 */
export function volumeCurve(days: readonly (readonly number[])[]): number[] {
  const parts = checkArray("volumeCurve.days", days)[0]?.length ?? 0;
  const curve = new Array<number>(parts).fill(0);
  for (const [d, day] of days.entries()) {
    const sum = day.reduce(
      (total, each, b) => total + checkNumber(`volumeCurve.days[${d}][${b}]`, each, 0),
      0,
    );
    if (day.length !== parts || !(sum > 0)) {
      const expected = `${parts} parts with a volume above 0`;
      throw new Fault("FAULT_INPUT", { path: `volumeCurve.days[${d}]`, value: day, expected });
    }
    for (const [b, each] of day.entries()) curve[b] = (curve[b] as number) + each / sum / days.length;
  }
  return curve;
}
