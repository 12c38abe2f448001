/** What stands where a figure is absent. */
export const DASH = "–";

const MINUS = "−";
const SPACE = "\u00a0";

/** A figure that may be absent: null, undefined, NaN and infinities print as {@link DASH}. */
export type Figure = number | null | undefined;

/** Prints a number with grouped thousands and a fixed number of decimals. */
export function formatNumber(value: Figure, decimals = 2): string {
  if (!present(value)) return DASH;
  if (Math.abs(value) >= 1e15) return value.toExponential(3).replace("-", MINUS).replace("+", "");
  return groupText(value.toFixed(decimals));
}

/** Prints a whole number with grouped thousands. */
export function formatCount(value: Figure): string {
  return formatNumber(value, 0);
}

/** Prints a ratio as a percentage: 0.1234 is `12.34 %`. */
export function formatPercent(ratio: Figure, decimals = 2): string {
  return present(ratio) ? `${formatNumber(ratio * 100, decimals)}${SPACE}%` : DASH;
}

/** Prints a number with its unit: `1.25 bp`. */
export function formatUnit(value: Figure, unit: string, decimals = 2): string {
  return present(value) ? `${formatNumber(value, decimals)}${SPACE}${unit}` : DASH;
}

/** Puts a plus before a printed figure above zero; zero, losses and dashes stay as they are. */
export function signed(printed: string): string {
  return /^[^1-9]*[1-9]/.test(printed) && !printed.startsWith(MINUS) ? `+${printed}` : printed;
}

/**
 * Prints a decimal given as text, rounded half away from zero to `decimals`, without passing through a
 * double: amounts of any length stay exact. Text that is no decimal prints as {@link DASH}.
 */
export function formatDecimal(text: string, decimals: number): string {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return DASH;
  const fraction = (match[3] ?? "").padEnd(decimals + 1, "0");
  let scaled = BigInt((match[2] as string) + fraction.slice(0, decimals));
  if (fraction.charCodeAt(decimals) >= 53) scaled += 1n;
  const digits = scaled.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = decimals === 0 ? "" : `.${digits.slice(digits.length - decimals)}`;
  return groupText(`${match[1]}${whole}${rest}`);
}

/** Prints a price or quantity with the digits it has, at most ten of them, thousands grouped. */
export function formatExact(value: Figure): string {
  if (!present(value)) return DASH;
  const rounded = Number(value.toPrecision(10));
  const text = String(rounded);
  if (!text.includes("e")) return groupText(text);
  return Math.abs(rounded) < 1 ? groupText(trimZeros(rounded.toFixed(16))) : formatNumber(rounded, 0);
}

/** The decimals that amounts of this size are printed with: 2 from 1,000 on, 4 from 1 on, else 8. */
export function moneyDecimals(amount: number): number {
  const size = Math.abs(amount);
  if (size >= 1_000) return 2;
  return size >= 1 ? 4 : 8;
}

/** The decimals that tell values apart over a range of this width, 0 to 8. */
export function rangeDecimals(width: number): number {
  if (!(width > 0) || !Number.isFinite(width)) return 2;
  return Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(width))));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function groupText(text: string): string {
  const negative = text.startsWith("-") && /[1-9]/.test(text);
  const [whole = "", fraction] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? MINUS : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}

function present(value: Figure): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
