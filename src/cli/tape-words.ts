import { basename } from "node:path";
import process from "node:process";
import { isRefusal } from "../base/index.ts";
import type { CaptureMarket } from "../feed/index.ts";
import { formatNanos, parseNanos, type TapeMeta } from "../model/index.ts";
import { Usage } from "./usage.ts";

/** What a verb of `tickwright tape` is called with. */
export interface TapeCall {
  readonly paths: readonly string[];
  readonly values: Readonly<Record<TapeText, string | undefined>> &
    Readonly<Record<"json" | "csv" | "overwrite" | "trades" | "simulated", boolean | undefined>>;
}

/** Options that take a value. */
export type TapeText =
  | "out"
  | "codec"
  | "overlap"
  | "from"
  | "to"
  | "times"
  | "numbers"
  | "period"
  | "prices"
  | "clock"
  | "empty"
  | "late"
  | "lateness"
  | "market"
  | "library"
  | "symbol"
  | "exchange"
  | "bars"
  | "url"
  | "tick-size"
  | "lot-size"
  | "page-rows";

/** Tells what a tape says about itself. */
export function tellTape(meta: TapeMeta, isJson: boolean): number {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(meta)}\n`);
    return 0;
  }
  const { symbol, venue, tickSize, lotSize } = meta.instrument;
  const counts = Object.entries(meta.counts).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `${symbol}@${venue}  ${meta.schema}${meta.simulated ? "  SIMULATED" : ""}  tick ${tickSize}  lot ${lotSize}`,
    `rows      ${meta.rows.toLocaleString("en-US")}`,
    `from      ${formatNanos(BigInt(meta.fromNs))}`,
    `to        ${formatNanos(BigInt(meta.toNs))}`,
    `source    ${meta.source}`,
    `sha256    ${meta.contentSha256}`,
    `counts    ${counts.length === 0 ? "nothing dropped or repaired" : counts.join(", ")}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}

/** A moment of an option. */
export function momentOf(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const ns = parseNanos(text);
  if (isRefusal(ns)) throw new Usage(`--${name} is a moment such as 2024-08-08T14:30Z, not ${text}`);
  return ns;
}

/** Rows under heads, in columns as wide as their widest cell; numbers to the right. */
export function tableText(heads: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = heads.map((head, k) =>
    cells.reduce((most, row) => Math.max(most, (row[k] ?? "").length), head.length),
  );
  const isNumber = heads.map(
    (_, k) => cells.length > 0 && cells.every((row) => /^-?[\d.,]*$/.test(row[k] ?? "")),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, k) => (isNumber[k] === true ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0)))
      .join("  ")
      .trimEnd();
  return `${[line(heads), ...cells.map(line)].join("\n")}\n`;
}

/** Rows under heads as comma-separated values. */
export function csvText(heads: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const quoted = (cell: unknown): string => {
    const text = plainText(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[heads, ...rows].map((row) => row.map(quoted).join(",")).join("\n")}\n`;
}

/** What a file says cannot reach the terminal as a command. */
function cellText(cell: unknown): string {
  return plainText(cell).replaceAll(/\p{Cc}/gu, "?");
}

/** A value as text: nothing of nothing, objects as JSON. */
function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" ? value : String(value as number | bigint | boolean);
}

/** The market of a capture: as told, else as its name says. */
export function marketOf(path: string, market: string | undefined): CaptureMarket {
  const guess = market ?? (/usdm|futures|perp/i.test(basename(path)) ? "usdm" : "spot");
  if (guess === "spot" || guess === "usdm") return guess;
  throw new Usage(`--market is spot or usdm, not ${guess}`);
}
