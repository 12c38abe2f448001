import { civilFromDays, daysFromCivil } from "../model/index.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Returns laid out as a calendar: one row a year, week, half day or ten minutes. */
export interface ReturnsCalendar {
  readonly unit: "month" | "day" | "hour" | "minute";
  readonly corner: string;
  readonly total: string;
  readonly columns: readonly string[];
  readonly rows: readonly CalendarRow[];
}

/** One row of a {@link ReturnsCalendar}: simple returns as fractions, null where there was no sample. */
export interface CalendarRow {
  readonly label: string;
  readonly cells: readonly (number | null)[];
  readonly total: number | null;
}

interface Layout {
  readonly unit: ReturnsCalendar["unit"];
  readonly corner: string;
  readonly total: string;
  readonly columns: readonly string[];
  readonly place: (ms: number) => readonly [row: number, column: number];
  readonly label: (row: number) => string;
}

/**
 * Lays out the returns of an equity curve by calendar, in UTC: months from two months on, days from two days
 * on, hours from two hours on, else minutes. A sample belongs to the day or month it falls in, as in `stat`'s
 * `monthlyReturns`; on the boundary of an hour or a minute it closes the one before. Null below two minutes.
 *
 * @invariant While equity is above 0, the product of `1 + total` over all rows is last over first equity.
 */
export function returnsCalendar(ms: readonly number[], equity: readonly number[]): ReturnsCalendar | null {
  const span = ms.length < 2 ? 0 : (ms[ms.length - 1] as number) - (ms[0] as number);
  if (span < 2 * MINUTE) return null;
  const layout = chooseLayout(span);
  const rows = new Map<number, { first: number; close: number; cells: Map<number, [number, number]> }>();
  let previous = equity[0] as number;
  for (let i = 1; i < ms.length; i += 1) {
    const [row, column] = layout.place(ms[i] as number);
    const value = equity[i] as number;
    const kept = rows.get(row) ?? { first: previous, close: value, cells: new Map() };
    const open = kept.cells.get(column)?.[0] ?? previous;
    kept.cells.set(column, [open, value]);
    kept.close = value;
    rows.set(row, kept);
    previous = value;
  }
  return {
    unit: layout.unit,
    corner: layout.corner,
    total: layout.total,
    columns: layout.columns,
    rows: [...rows].map(([row, kept]) => ({
      label: layout.label(row),
      cells: layout.columns.map((_name, column) => change(kept.cells.get(column))),
      total: change([kept.first, kept.close]),
    })),
  };
}

function change(pair: readonly [number, number] | undefined): number | null {
  if (pair === undefined || !(pair[0] > 0)) return null;
  const value = pair[1] / pair[0] - 1;
  return Number.isFinite(value) ? value : null;
}

function chooseLayout(span: number): Layout {
  if (span >= 59 * DAY) return MONTHLY;
  if (span >= 2 * DAY) return DAILY;
  return span >= 2 * HOUR ? HOURLY : MINUTELY;
}

const MONTHLY: Layout = {
  unit: "month",
  corner: "Year",
  total: "Total",
  columns: MONTHS,
  place: (ms) => {
    const [year, month] = civilFromDays(Math.floor(ms / DAY));
    return [year, month - 1];
  },
  label: (year) => String(year),
};

const DAILY: Layout = {
  unit: "day",
  corner: "Week of",
  total: "Total",
  columns: WEEKDAYS,
  place: (ms) => {
    const day = Math.floor(ms / DAY) + 3;
    const week = Math.floor(day / 7);
    return [week, day - week * 7];
  },
  label: (week) => dateText(week * 7 - 3),
};

const HOURLY: Layout = {
  unit: "hour",
  corner: "From",
  total: "Total",
  columns: Array.from({ length: 12 }, (_hour, i) => `+${i}`),
  place: (ms) => {
    const half = Math.floor((ms - 1) / (12 * HOUR));
    return [half, Math.floor((ms - 1 - half * 12 * HOUR) / HOUR)];
  },
  label: (half) => `${dateText(Math.floor(half / 2))} ${half % 2 === 0 ? "00:00" : "12:00"}`,
};

const MINUTELY: Layout = {
  unit: "minute",
  corner: "From",
  total: "Total",
  columns: Array.from({ length: 10 }, (_minute, i) => `+${i}`),
  place: (ms) => {
    const block = Math.floor((ms - 1) / (10 * MINUTE));
    return [block, Math.floor((ms - 1 - block * 10 * MINUTE) / MINUTE)];
  },
  label: (block) => {
    const minutes = (((block * 10) % 1440) + 1440) % 1440;
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  },
};

function dateText(day: number): string {
  const [year, month, date] = civilFromDays(day);
  return `${year}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
}

/** The midnight of a date as epoch milliseconds, for ticks of a time axis. */
export function civilMs(year: number, month: number, day: number): number {
  return daysFromCivil(year, month, day) * DAY;
}
