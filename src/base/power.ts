import { Fault } from "./fault.ts";

/**
 * Raises to a whole power by repeated multiplication: the same bits on every version of Node, which the
 * built-in power does not promise. A negative power is one over the positive one.
 *
 * @throws `FAULT_ARITHMETIC` when the exponent is not an integer within 2^53.
 * @cost O(log n) multiplications.
 * @example
 * ```ts
 * import { powInteger } from "tickwright/base";
 * powInteger(10, -2); // => 0.01
 * ```
 */
export function powInteger(value: number, exponent: number): number {
  if (!Number.isSafeInteger(exponent)) {
    throw new Fault("FAULT_ARITHMETIC", {
      path: "exponent",
      value: exponent,
      expected: "an integer within 2^53",
    });
  }
  if (exponent >= 0) return multiplyOut(value, exponent);
  const power = multiplyOut(value, -exponent);
  return Number.isFinite(power) ? 1 / power : multiplyOut(1 / value, -exponent);
}

function multiplyOut(value: number, exponent: number): number {
  let factor = value;
  let rest = exponent;
  let result = 1;
  while (rest > 0) {
    if (rest % 2 === 1) result *= factor;
    factor *= factor;
    rest = Math.floor(rest / 2);
  }
  return result;
}

/**
 * Raises a positive number to any power as `exp(exponent * log(value))`; whole exponents within 1024 go
 * through {@link powInteger}. Zero to a positive power is 0; a negative number has no real power: NaN.
 */
export function powReal(value: number, exponent: number): number {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024) return powInteger(value, exponent);
  if (value === 0 && exponent > 0) return 0;
  return Math.exp(exponent * Math.log(value));
}
