import { Decimal } from "decimal.js";
import type { Instrument } from "../../src/model/index.ts";

const Exact = Decimal.clone({ precision: 400 });

/** An exact decimal of the oracle. */
export type Exact = Decimal;

export function exact(value: string | number | bigint | Decimal): Decimal {
  return new Exact(typeof value === "bigint" ? value.toString() : value);
}

/** One booking, in the decimals a person would write. */
export type Booking =
  | {
      readonly kind: "fill";
      readonly sign: number;
      readonly ticks: number;
      readonly lots: number;
      readonly fee: bigint;
    }
  | { readonly kind: "mark"; readonly ticks: number }
  | { readonly kind: "funding" | "dividend" | "transfer"; readonly minor: bigint };

/**
 * One instrument's books in exact decimals of the major unit, recomputed from the list of all bookings: slow
 * and obvious. Realised profit is by an average cost that is never rounded.
 */
export class LedgerOracle {
  readonly bookings: Booking[] = [];
  readonly #instrument: Instrument;
  readonly #start: Decimal;

  constructor(instrument: Instrument, startMinor: bigint) {
    this.#instrument = instrument;
    this.#start = this.#major(startMinor);
  }

  #major(minor: bigint): Decimal {
    return exact(minor).div(exact(10).pow(this.#instrument.quote.decimals));
  }

  #notional(ticks: number, lots: number): Decimal {
    const price = exact(this.#instrument.formatPrice(ticks));
    const quantity = exact(this.#instrument.formatQuantity(1)).times(lots);
    return price.times(quantity).times(exact(this.#instrument.describe().multiplier ?? "1"));
  }

  get position(): number {
    return this.bookings.reduce((sum, each) => sum + (each.kind === "fill" ? each.sign * each.lots : 0), 0);
  }

  get cash(): Decimal {
    let lots = 0;
    let cash = this.#start;
    for (const each of this.bookings) {
      if (each.kind === "fill") {
        lots += each.sign * each.lots;
        cash = cash
          .minus(this.#notional(each.ticks, each.lots).times(each.sign))
          .minus(this.#major(each.fee));
      } else if (each.kind === "dividend") cash = cash.plus(this.#major(each.minor).times(lots));
      else if (each.kind !== "mark") cash = cash.plus(this.#major(each.minor));
    }
    return cash;
  }

  get value(): Decimal {
    const last = this.bookings.findLast((each) => each.kind === "mark" || each.kind === "fill");
    if (last === undefined || !("ticks" in last)) return exact(0);
    return this.#notional(last.ticks, 1).times(this.position);
  }

  /** Realised profit by the unrounded average, and how many closing fills it took. */
  get realized(): { readonly profit: Decimal; readonly closings: number } {
    let lots = 0;
    let cost = exact(0);
    let profit = exact(0);
    let closings = 0;
    for (const each of this.bookings) {
      if (each.kind !== "fill") continue;
      const closing = Math.sign(lots) === -each.sign ? Math.min(Math.abs(lots), each.lots) : 0;
      if (closing > 0) {
        const share = cost.times(closing).div(Math.abs(lots));
        profit = profit.minus(this.#notional(each.ticks, closing).times(each.sign)).minus(share);
        cost = cost.minus(share);
        closings += 1;
      }
      cost = cost.plus(this.#notional(each.ticks, each.lots - closing).times(each.sign));
      lots += each.sign * each.lots;
    }
    return { profit, closings };
  }
}
