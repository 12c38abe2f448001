/** Decimals of every amount on the wire. */
const DECIMALS = 8;
const DECIMAL = /^([0-9]{1,20})(?:\.([0-9]{1,20}))?$/;

/**
 * An amount of an asset: whole units of 1e-8.
 *
 * @units 1e-8 of the asset
 */
export type Units = bigint;

/** One whole of an asset. */
export const ONE: Units = 100_000_000n;

/** What a text says as an amount: `malformed`, `tooPrecise` past eight decimals, or the amount. */
export function parseUnits(text: string): Units | "malformed" | "tooPrecise" {
  const match = DECIMAL.exec(text);
  if (match === null) return "malformed";
  const fraction = match[2] ?? "";
  if (/[1-9]/.test(fraction.slice(DECIMALS))) return "tooPrecise";
  return BigInt((match[1] as string) + fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0"));
}

/** An amount as the wire writes it: always eight decimals. */
export function formatUnits(units: Units): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(DECIMALS + 1, "0");
  return `${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}
