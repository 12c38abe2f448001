/** An exact decimal: `digits / 10^scale`. */
export interface Scaled {
  readonly digits: bigint;
  /** Number of digits after the point, 0 or more. */
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal number exactly; `undefined` where the text is none. Exponents are read too, since venues
 * and spreadsheets write them.
 *
 * @invariant `formatScaled(parseScaled(text))` denotes the same number as `text`.
 * @cost One regular expression; not for hot paths.
 */
export function parseScaled(text: string): Scaled | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  let digits = BigInt(`${match[2]}${fraction}`);
  if (match[1] === "-") digits = -digits;
  const scale = fraction.length - exponent;
  if (scale < 0) return { digits: digits * pow10(-scale), scale: 0 };
  return { digits, scale };
}

/**
 * Writes `digits / 10^scale` as a plain decimal with exactly `scale` digits after the point.
 *
 * @invariant `parseScaled(formatScaled(digits, scale))` gives the same digits and scale back.
 */
export function formatScaled(digits: bigint, scale: number): string {
  if (scale === 0) return digits.toString();
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, "0");
  const point = text.length - scale;
  return `${negative ? "-" : ""}${text.slice(0, point)}.${text.slice(point)}`;
}

/** Drops trailing zeros after the point, keeping the value. */
export function normalizeScaled(value: Scaled): Scaled {
  let { digits, scale } = value;
  if (digits === 0n) return { digits: 0n, scale: 0 };
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return { digits, scale };
}

/**
 * Rewrites a value at another scale; `undefined` where that would lose digits.
 */
export function rescale(value: Scaled, scale: number): bigint | undefined {
  if (scale >= value.scale) return value.digits * pow10(scale - value.scale);
  const factor = pow10(value.scale - scale);
  return value.digits % factor === 0n ? value.digits / factor : undefined;
}

/** 10^exponent as a bigint; the exponent is a whole number, 0 or more. */
export function pow10(exponent: number): bigint {
  return BigInt(`1${"0".repeat(exponent)}`);
}
