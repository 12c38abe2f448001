import { Fault } from "./fault.ts";

/**
 * How a division that does not come out even is settled. `down` and `up` mean towards and away from zero;
 * `floor` and `ceil` towards minus and plus infinity.
 */
export type Rounding = "down" | "up" | "floor" | "ceil" | "halfEven" | "halfUp";

/**
 * Divides two bigints with a named rounding.
 *
 * @invariant |result * divisor - dividend| < |divisor|
 * @throws `FAULT_ARITHMETIC` when the divisor is 0.
 */
export function divideBig(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  if (divisor === 0n) {
    throw new Fault("FAULT_ARITHMETIC", { path: "divisor", value: divisor, expected: "not 0" });
  }
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  if (rest === 0n) return quotient;
  const away = rest < 0n === divisor < 0n ? 1n : -1n;
  switch (rounding) {
    case "down":
      return quotient;
    case "up":
      return quotient + away;
    case "floor":
      return away < 0n ? quotient + away : quotient;
    case "ceil":
      return away > 0n ? quotient + away : quotient;
    default: {
      const twice = 2n * (rest < 0n ? -rest : rest);
      const size = divisor < 0n ? -divisor : divisor;
      if (twice !== size) return twice > size ? quotient + away : quotient;
      return rounding === "halfUp" || quotient % 2n !== 0n ? quotient + away : quotient;
    }
  }
}

/**
 * Rounds a double to an integer with a named rounding; -0 becomes 0.
 *
 * @throws `FAULT_ARITHMETIC` when the value is not finite or its rounding is past 2^53.
 */
export function roundTo(value: number, rounding: Rounding): number {
  const rounded = roundDouble(value, rounding);
  if (Number.isSafeInteger(rounded)) return rounded + 0;
  throw new Fault("FAULT_ARITHMETIC", { path: "value", value, expected: "a finite number within 2^53" });
}

function roundDouble(value: number, rounding: Rounding): number {
  switch (rounding) {
    case "down":
      return Math.trunc(value);
    case "up":
      return value < 0 ? Math.floor(value) : Math.ceil(value);
    case "floor":
      return Math.floor(value);
    case "ceil":
      return Math.ceil(value);
    default: {
      const low = Math.floor(value);
      const rest = value - low;
      if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
      if (rounding === "halfEven") return low % 2 === 0 ? low : low + 1;
      return value < 0 ? low : low + 1;
    }
  }
}

/**
 * Multiplies two integers exactly.
 *
 * @throws `FAULT_ARITHMETIC` when the product is past 2^53: use bigints there.
 */
export function multiplySafe(left: number, right: number): number {
  const product = left * right;
  if (Number.isSafeInteger(product)) return product + 0;
  throw new Fault("FAULT_ARITHMETIC", {
    path: "product",
    value: `${left} * ${right}`,
    expected: "a safe integer (within 2^53)",
  });
}

/**
 * Adds two integers exactly.
 *
 * @throws `FAULT_ARITHMETIC` when the sum is past 2^53.
 */
export function addSafe(left: number, right: number): number {
  const sum = left + right;
  if (Number.isSafeInteger(sum)) return sum + 0;
  throw new Fault("FAULT_ARITHMETIC", {
    path: "sum",
    value: `${left} + ${right}`,
    expected: "a safe integer (within 2^53)",
  });
}

/** The greatest common divisor of two bigints, never negative. */
export function gcdBig(left: bigint, right: bigint): bigint {
  let a = left < 0n ? -left : left;
  let b = right < 0n ? -right : right;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
