import { Fault } from "../base/index.ts";
import { type Side, sideSign } from "../model/index.ts";

/** One execution of an order. */
export interface TcaFill {
  readonly venue: string;
  /** From {@link TcaOptions.baseMs}. @units ns */
  readonly ns: number;
  readonly lots: number;
  readonly priceTicks: number;
  /** Below 0 for a rebate. @units minor units */
  readonly feeMinor: bigint;
  /** The quotes just before it. */
  readonly bidTicks: number;
  readonly askTicks: number;
}

/**
 * A parent order, and what became of it. Mids are in half ticks, so that they are whole.
 *
 * @units prices of fills in ticks, mids in half ticks, times in ns from {@link TcaOptions.baseMs}
 */
export interface TcaOrder {
  readonly id: string;
  readonly strategy: string;
  readonly side: Side;
  readonly lots: number;
  /** When it was decided, and when nothing more of it could trade. */
  readonly startNs: number;
  readonly endNs: number;
  /** The mid when it was decided, when its first part was at the market, and at its end. */
  readonly decisionHalfTicks: number;
  readonly arrivalHalfTicks: number;
  readonly endHalfTicks: number;
  readonly fills: readonly TcaFill[];
}

/** What an amount of ticks times lots is worth. */
export interface TcaOptions {
  /** The minor units that one lot gains when the price rises by one tick: numerator / denominator, both above 0. */
  readonly tickValue: readonly [numerator: bigint, denominator: bigint];
  /** The moment that times count from; 0 unless given. @units epoch ms */
  readonly baseMs?: number;
}

/** The bid and the ask of a fill, added: its mid in half ticks. */
export function midOf({ bidTicks, askTicks }: TcaFill): number {
  return bidTicks + askTicks;
}

/** The largest price of either sign: no difference of two passes 2^53. */
const PRICE_MAX = 0x4_0000_0000_0000;

/** Checks an order and its fills. @throws `FAULT_INPUT` naming what is wrong with an order */
export function checkTcaOrder(order: TcaOrder, path: string): void {
  const wrong = (field: string, value: unknown, expected: string): Fault =>
    new Fault("FAULT_INPUT", { path: `${path}.${field}`, value, expected });
  const whole = (field: string, value: unknown, least = Number.MIN_SAFE_INTEGER): number => {
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    throw wrong(
      field,
      value,
      least > Number.MIN_SAFE_INTEGER ? `an integer of at least ${least}` : "an integer",
    );
  };
  for (const field of ["id", "strategy"] as const) {
    if (typeof order[field] !== "string" || order[field] === "") throw wrong(field, order[field], "a text");
  }
  sideSign(order.side);
  whole("lots", order.lots, 1);
  whole("endNs", order.endNs, whole("startNs", order.startNs, 0));
  const price = (field: string, value: unknown, least = -PRICE_MAX): number => {
    if (whole(field, value, least) <= PRICE_MAX) return value as number;
    throw wrong(field, value, "a price within 2^50");
  };
  for (const field of ["decisionHalfTicks", "arrivalHalfTicks", "endHalfTicks"] as const)
    price(field, order[field]);
  let left = order.lots;
  for (const [i, fill] of order.fills.entries()) {
    const at = `fills[${i}]`;
    if (typeof fill.venue !== "string" || fill.venue === "") throw wrong(`${at}.venue`, fill.venue, "a text");
    whole(`${at}.ns`, fill.ns, order.startNs);
    price(`${at}.priceTicks`, fill.priceTicks);
    price(`${at}.askTicks`, fill.askTicks, price(`${at}.bidTicks`, fill.bidTicks));
    if (typeof fill.feeMinor !== "bigint") throw wrong(`${at}.feeMinor`, fill.feeMinor, "a bigint");
    left -= whole(`${at}.lots`, fill.lots, 1);
    if (left < 0) throw wrong(`${at}.lots`, fill.lots, `no more than the order's ${order.lots} in sum`);
  }
}
