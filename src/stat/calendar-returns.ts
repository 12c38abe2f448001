import { civilFromDays } from "../model/index.ts";
import { checkPairs } from "./drawdown.ts";
import { finite, type Series } from "./series.ts";

/** The return of one calendar month (UTC). */
export interface MonthlyReturn {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** A share; null where the equity before it was not above 0. */
  readonly value: number | null;
}

/** The return of one calendar year (UTC). */
export interface YearlyReturn {
  readonly year: number;
  readonly value: number | null;
}

/**
 * The simple return of every calendar month with samples, in UTC: the month's last equity over the last
 * equity before the month. The first month is measured from the first sample; a month without samples is
 * left out, and its change falls to the next one.
 *
 * @units `ms` epoch milliseconds, strictly rising
 * @invariant While equity is above 0, the product of all `1 + value` is last over first equity.
 * @throws `FAULT_INPUT` where lengths differ, times do not rise or a value is not finite.
 * @cost O(n)
 */
export function monthlyReturns(ms: Series, equity: Series): readonly MonthlyReturn[] {
  return periodReturns(ms, equity, (year, month) => year * 12 + month - 1).map(({ key, value }) => {
    const year = Math.floor(key / 12);
    return { year, month: key - year * 12 + 1, value };
  });
}

/** The simple return of every calendar year with samples, as {@link monthlyReturns} does for months. */
export function yearlyReturns(ms: Series, equity: Series): readonly YearlyReturn[] {
  return periodReturns(ms, equity, (year) => year).map(({ key, value }) => ({ year: key, value }));
}

interface Keyed {
  readonly key: number;
  readonly value: number | null;
}

function periodReturns(ms: Series, equity: Series, keyOf: (year: number, month: number) => number): Keyed[] {
  checkPairs(ms, equity);
  const rows: Keyed[] = [];
  if (equity.length === 0) return rows;
  let base = equity[0] as number;
  let lastDay = Number.NaN;
  let key = Number.NaN;
  for (let i = 0; i < equity.length; i++) {
    const day = Math.floor((ms[i] as number) / 86_400_000);
    if (day === lastDay) continue;
    lastDay = day;
    const [year, month] = civilFromDays(day);
    const next = keyOf(year, month);
    if (next === key) continue;
    if (i > 0) {
      rows.push({ key, value: change(base, equity[i - 1] as number) });
      base = equity[i - 1] as number;
    }
    key = next;
  }
  rows.push({ key, value: change(base, equity[equity.length - 1] as number) });
  return rows;
}

function change(before: number, now: number): number | null {
  return before > 0 ? finite(now / before - 1) : null;
}
