import { DASH } from "./figures.ts";

/** Writes a value on one line: text as it is, anything else as spaced JSON. */
export function plain(value: unknown): string {
  if (typeof value === "string") return value;
  const text = JSON.stringify(value, bigintText, 1) ?? DASH;
  return text.replace(/\n\s*/g, " ");
}

/** Writes bigints as text in JSON. */
export function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
