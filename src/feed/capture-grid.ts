import { checkText, Fault, normalizeScaled, parseScaled, pow10 } from "../base/index.ts";

/** Digits after the point that the fast path reads. */
export const FRACTION_MAX = 9;

/** 10^0 to 10^9, as doubles. */
export const TENS: Float64Array = Float64Array.from({ length: FRACTION_MAX + 1 }, (_, i) => Number(pow10(i)));

/**
 * The arithmetic that turns a decimal's digits into whole steps of a grid, exactly, in doubles.
 *
 * A decimal is `digits / 10^scale`; its steps are `digits * multiply[scale] / divide[scale]`, reduced. With
 * `digits * multiply` within 2^53 the quotient is whole exactly when the decimal lies on the grid: a fraction
 * is at least `1 / divide` away from a whole number, and the rounding error is smaller.
 *
 * @throws `FAULT_CONFIG` where the step is no positive decimal or has more than 9 decimals.
 */
export class StepGrid {
  readonly step: string;
  readonly multiply: Float64Array = new Float64Array(FRACTION_MAX + 1);
  readonly divide: Float64Array = new Float64Array(FRACTION_MAX + 1);

  constructor(path: string, step: string) {
    this.step = step;
    const parsed = parseScaled(checkText(path, step));
    const scaled = parsed === undefined ? undefined : normalizeScaled(parsed);
    if (
      scaled === undefined ||
      scaled.digits <= 0n ||
      scaled.scale > FRACTION_MAX ||
      scaled.digits > 1_000_000n
    ) {
      throw new Fault("FAULT_CONFIG", {
        path,
        value: step,
        expected: "a positive decimal with at most 9 decimals",
      });
    }
    for (let scale = 0; scale <= FRACTION_MAX; scale++) {
      const [over, under] = reduced(pow10(scaled.scale), scaled.digits * pow10(scale));
      this.multiply[scale] = Number(over);
      this.divide[scale] = Number(under);
    }
  }
}

function reduced(over: bigint, under: bigint): [bigint, bigint] {
  let [a, b] = [over, under];
  while (b !== 0n) [a, b] = [b, a % b];
  return [over / a, under / a];
}
