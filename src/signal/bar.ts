import { inputFault, MAX_SAMPLE } from "./indicator.ts";

/** The range and close of a bar, in one unit of price. */
export interface RangeBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** A whole bar, in one unit of price. A `BarView` is one. */
export interface OhlcBar extends RangeBar {
  readonly open: number;
}

/** Throws `FAULT_INPUT` unless the close lies within the range and all are finite. */
export function checkRangeBar(path: string, bar: RangeBar): void {
  const { high, low, close } = bar;
  if (low >= -MAX_SAMPLE && low <= close && close <= high && high <= MAX_SAMPLE) return;
  throw inputFault(path, { high, low, close }, "finite prices with low <= close <= high");
}

/** Throws `FAULT_INPUT` unless open and close lie within the range and all prices are above 0. */
export function checkOhlcBar(path: string, bar: OhlcBar): void {
  const { open, high, low, close } = bar;
  if (low > 0 && low <= open && low <= close && open <= high && close <= high && high <= MAX_SAMPLE) return;
  throw inputFault(path, { open, high, low, close }, "prices above 0 with low <= open, close <= high");
}
