import { civilFromDays, daysFromCivil } from "../model/index.ts";

/** Reads `yyyyMMdd` as days since 1970-01-01; undefined where the text is no date. */
export function leanDay(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || date < 1 || date > 31) return undefined;
  const day = daysFromCivil(year, month, date);
  return civilFromDays(day)[2] === date ? day : undefined;
}

/** Writes days since 1970-01-01 as `yyyyMMdd`. */
export function leanDate(day: number): string {
  const [year, month, date] = civilFromDays(day);
  return `${year}`.padStart(4, "0") + `${month}`.padStart(2, "0") + `${date}`.padStart(2, "0");
}
