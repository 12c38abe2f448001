/**
 * Raises to a whole power by repeated multiplication: the same bits on every version of Node, which the
 * built-in power does not promise.
 *
 * @cost O(log n) multiplications.
 */
export function powInteger(value: number, exponent: number): number {
  let factor = exponent < 0 ? 1 / value : value;
  let rest = Math.abs(exponent);
  let result = 1;
  while (rest > 0) {
    if (rest % 2 === 1) result *= factor;
    factor *= factor;
    rest = Math.floor(rest / 2);
  }
  return result;
}

/**
 * Raises a positive number to any power as `exp(exponent * log(value))`; whole exponents go through
 * {@link powInteger}. Zero to a positive power is 0.
 */
export function powReal(value: number, exponent: number): number {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024) return powInteger(value, exponent);
  if (value === 0 && exponent > 0) return 0;
  return Math.exp(exponent * Math.log(value));
}
