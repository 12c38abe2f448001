/** Which price triggers a stop, as codes. */
export const TRIGGER = { last: 0, bidAsk: 1, mark: 2, index: 3 } as const;

/** A price that can trigger a stop. */
export type TriggerSource = keyof typeof TRIGGER;

/**
 * The prices a stop may be triggered by: validated ones only, NaN where there is none.
 *
 * @units ticks
 */
export interface ReferencePrices {
  readonly lastTicks: number;
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly markTicks: number;
  readonly indexTicks: number;
}

/**
 * The price a stop of a side watches: for `bidAsk` the price it would trade at, the ask for a buy and the bid for
 * a sell.
 *
 * @units ticks; NaN where there is no such price
 */
export function referenceTicks(trigger: number, sideSign: number, prices: ReferencePrices): number {
  switch (trigger) {
    case TRIGGER.last:
      return prices.lastTicks;
    case TRIGGER.bidAsk:
      return sideSign > 0 ? prices.askTicks : prices.bidTicks;
    case TRIGGER.mark:
      return prices.markTicks;
    default:
      return prices.indexTicks;
  }
}

/**
 * Whether a stop fires now: a buy at or above its trigger price, a sell at or below it, once. An absent price
 * (NaN) fires nothing.
 *
 * @param fired - whether it fired before: then it never fires again.
 * @example
 * ```ts
 * import { stopFires } from "tickwright/order";
 * stopFires(false, 1, 100, 100); // => true
 * stopFires(false, -1, 100, 101); // => false
 * stopFires(true, 1, 100, 101); // => false
 * ```
 */
export function stopFires(
  fired: boolean,
  sideSign: number,
  stopTicks: number,
  referenceTicks: number,
): boolean {
  if (fired) return false;
  return sideSign > 0 ? referenceTicks >= stopTicks : referenceTicks <= stopTicks;
}

/**
 * The worst price a triggered stop may trade at: `guardTicks` beyond its trigger price; without a guard
 * (Infinity) there is none.
 *
 * @units ticks
 */
export function guardedTicks(sideSign: number, stopTicks: number, guardTicks: number): number {
  return stopTicks + sideSign * guardTicks;
}
