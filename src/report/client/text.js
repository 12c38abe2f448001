/** Prints a number with grouped thousands and fixed decimals, as the page's tables do. */
export function numberText(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** Prints a price or quantity with the digits it has, ten at most. */
export function exactText(value) {
  const text = String(Number(value.toPrecision(10)));
  if (text.includes("e")) return text;
  return numberText(value, (text.split(".")[1] ?? "").length);
}

const SIZES = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
];

/** Prints the values of an axis; where it reaches ten millions, all of them shortened alike. */
export function axisTexts(values, step) {
  const top = Math.max(...values.map(Math.abs));
  const [size, name] = SIZES.find(([least]) => top >= least) ?? [1, ""];
  if (size === 1 || (top < 1e7 && step < 5e5)) return values.map((value) => plainTick(value, step));
  const places = Math.min(3, Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9)));
  return values.map((value) => (value === 0 ? "0" : numberText(value / size, places) + name));
}

function plainTick(value, step) {
  return value === 0 ? "0" : numberText(value, stepDecimals(step));
}

function stepDecimals(step) {
  for (let decimals = 0; decimals < 8; decimals += 1) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 8;
}

/** Prints epoch milliseconds in UTC, as finely as the span of the chart asks for. */
export function momentText(ms, spanMs) {
  const iso = new Date(ms).toISOString();
  if (spanMs > 400 * 86_400_000 && iso.endsWith("T00:00:00.000Z")) return iso.slice(0, 10);
  const end = spanMs > 2 * 86_400_000 ? 16 : spanMs > 7_200_000 ? 19 : 23;
  return `${iso.slice(0, 10)} ${iso.slice(11, end)} UTC`;
}
