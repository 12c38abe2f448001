import { civilFromDays } from "../model/index.ts";
import { civilMs } from "./calendar.ts";
import { formatNumber } from "./figures.ts";

/** A place on an axis and what is written there. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Chooses round values (1, 2, 2.5 or 5 times a power of ten) across a range, about `most` of them. */
export function valueTicks(low: number, high: number, most: number): Tick[] {
  if (!(high > low)) return [{ at: low, text: formatNumber(low, 2) }];
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const decimals = Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9) + (isQuarter(step) ? 1 : 0)));
  const top = Math.max(Math.abs(low), Math.abs(high));
  const ticks: Tick[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) {
    ticks.push({ at: k * step, text: axisNumber(k * step, step, decimals, top) });
  }
  return ticks;
}

/** Ticks of how many there are: whole numbers from 0. */
export function countTicks(high: number, most: number): Tick[] {
  return valueTicks(0, high, most)
    .filter(({ at }) => Math.abs(at - Math.round(at)) < 1e-9)
    .map(({ at }) => ({ at, text: formatNumber(at, 0) }));
}

function isQuarter(step: number): boolean {
  const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
  return Math.abs(mantissa - 2.5) < 1e-6;
}

/**
 * Prints a value of an axis. Where the axis reaches ten millions, or goes in steps of half a million, all its
 * values are printed in millions (M), billions (B) or trillions (T).
 */
function axisNumber(value: number, step: number, decimals: number, top: number): string {
  const short = top >= 1e7 || step >= 5e5;
  const [size, name] = SIZES.find(([least]) => top >= least) ?? [1, ""];
  if (!short || size === 1 || value === 0) return formatNumber(value, value === 0 ? 0 : decimals);
  const places = Math.max(0, Math.min(3, Math.ceil(-Math.log10(step / size) - 1e-9)));
  return `${formatNumber(value / size, places)}${name}`;
}

const SIZES = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
] as const;

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];

/** Chooses round moments (UTC) across a range of epoch milliseconds, at most `most` of them. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  if (!(to > from)) return [{ at: from, text: timeText(from, DAY) }];
  const rough = (to - from) / Math.max(1, most);
  const step = STEPS.find((length) => length >= rough);
  if (step === undefined) return monthTicks(from, to, rough);
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    ticks.push({ at, text: timeText(at, step) });
  }
  return ticks;
}

function monthTicks(from: number, to: number, rough: number): Tick[] {
  const months = MONTH_STEPS.find((count) => count * 30.44 * DAY >= rough) ?? 600;
  const [startYear, startMonth] = civilFromDays(Math.floor(from / DAY));
  const ticks: Tick[] = [];
  const first = Math.ceil((startYear * 12 + startMonth - 1) / months) * months;
  for (let month = first; ; month += months) {
    const at = civilMs(Math.floor(month / 12), (month % 12) + 1, 1);
    if (at > to) return ticks;
    const text = months >= 12 ? String(Math.floor(month / 12)) : monthText(month);
    if (at >= from) ticks.push({ at, text });
  }
}

function monthText(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}

function timeText(ms: number, step: number): string {
  const iso = new Date(ms).toISOString();
  if (step >= DAY) return iso.slice(0, 10);
  if (ms % DAY === 0) return iso.slice(5, 10);
  if (step >= MINUTE) return iso.slice(11, 16);
  return step >= SECOND ? iso.slice(11, 19) : iso.slice(14, 23);
}
