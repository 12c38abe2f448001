import { checkInteger, checkKeys } from "../base/index.ts";
import { MAX_PERIOD } from "./indicator.ts";

/** The options of a signal over a window of samples. */
export interface PeriodOptions {
  /** Samples in the window. */
  readonly period: number;
}

/** The options of a signal that has none. */
export type NoOptions = Readonly<Record<string, never>>;

/** Checks `{ period }` and nothing else, and gives the period. */
export function checkPeriodOnly(name: string, options: PeriodOptions, least = 1): number {
  checkKeys(name, options, ["period"]);
  return checkPeriod(`${name}.period`, options.period, least);
}

/** Checks one window length in samples. */
export function checkPeriod(path: string, value: unknown, least = 1): number {
  return checkInteger(path, value, least, MAX_PERIOD);
}
