import { Fault } from "../base/index.ts";

/** The most lots of a parent: 2^50, so that quotas of it are exact to a lot. */
export const PARENT_LOTS_MAX = 1_125_899_906_842_624;

/**
 * Divides whole lots by weights with the largest remainders: the parts are whole, none is negative, and their sum is
 * the whole, exactly. Of equal remainders the earlier part gets the lot.
 *
 * @units lots
 * @invariant The sum of the parts is `lots`; a part of weight 0 is 0 unless all weights are.
 * @throws `FAULT_INPUT` unless `lots` is a whole number within 0 and 2^50 and the weights are finite, at least 0, and
 * not all 0.
 * @cost O(n log n).
 * @example
 * ```ts
 * import { apportion } from "tickwright/algo";
 * apportion(10, [1, 1, 1]); // => [4, 3, 3]
 * apportion(7, [1, 0, 5]); // => [1, 0, 6]
 * ```
 */
export function apportion(lots: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!Number.isSafeInteger(lots) || lots < 0 || lots > PARENT_LOTS_MAX) {
    throw new Fault("FAULT_INPUT", { path: "lots", value: lots, expected: "whole lots within 0 and 2^50" });
  }
  if (!(sum > 0 && Number.isFinite(sum)) || weights.some((weight) => !(weight >= 0))) {
    const expected = "finite weights of at least 0, not all 0";
    throw new Fault("FAULT_INPUT", { path: "weights", value: weights, expected });
  }
  const quotas = weights.map((weight) => lots * (weight / sum));
  const parts = quotas.map(Math.floor);
  let rest = lots - parts.reduce((total, part) => total + part, 0);
  const order = [...quotas.keys()]
    .filter((i) => (weights[i] as number) > 0)
    .sort((a, b) => remainder(quotas, b) - remainder(quotas, a) || a - b);
  // More than one round is for quantities so large that quotas are off by lots.
  for (let i = 0; rest > 0; i = (i + 1) % order.length, rest--) {
    const at = order[i] as number;
    parts[at] = (parts[at] as number) + 1;
  }
  for (let i = order.length - 1; rest < 0; i = i === 0 ? order.length - 1 : i - 1) {
    const at = order[i] as number;
    if (parts[at] === 0) continue;
    parts[at] = (parts[at] as number) - 1;
    rest += 1;
  }
  return parts;
}

function remainder(quotas: readonly number[], i: number): number {
  const quota = quotas[i] as number;
  return quota - Math.floor(quota);
}
