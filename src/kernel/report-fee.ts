import type { Ledger } from "../ledger/index.ts";
import type { Station } from "./station.ts";

/**
 * What a venue charged for an execution: above 0 it cost, below 0 it brought. Of a bust it is what is given back, of a
 * correction what stays charged.
 *
 * @units `minor`: minor units of the currency as the ledger has it
 */
export interface ReportFee {
  readonly currency: string;
  readonly minor: bigint;
}

/** What of an adjustment is not as usual: cash in the instrument's quote currency, and no fee. */
export interface AdjustTerms {
  /** The currency; the instrument's quote unless given. */
  readonly currency?: string;
  /** It is a fee that is given back (above 0) or charged: false unless given. */
  readonly isFee?: boolean;
}

/** A fee as it is booked: what goes with the fill, what beside it, and what the gate is charged. */
export interface BookedFee extends ReportFee {
  /** In the instrument's quote currency: what the ledger books with the fill. */
  readonly quoteMinor: bigint;
  /**
   * What counts against limits, in the quote currency: of a fee in the base currency its worth at the price of the
   * execution, of one in a third what the schedule says.
   */
  readonly worthMinor: bigint;
}

/** A currency as effects have it: 0 for the quote of an instrument, else one above its place in the ledger. */
export function currencyCode(ledger: Ledger, { instrument }: Station, currency: string): number {
  return currency === instrument.quote.code ? 0 : ledger.currencies.indexOf(currency) + 1;
}

/** What an execution is charged: as the venue said, else as the schedule says. */
export function bookedFee(
  ledger: Ledger,
  { index, instrument }: Station,
  told: ReportFee | undefined,
  scheduledMinor: bigint,
  ticks: number,
): BookedFee {
  const quote = instrument.quote.code;
  if (told === undefined || told.currency === quote) {
    const minor = told?.minor ?? scheduledMinor;
    return { currency: quote, minor, quoteMinor: minor, worthMinor: minor };
  }
  const isBase = told.currency === instrument.base?.code;
  const worthMinor = isBase ? ledger.inQuoteMinor(index, told.currency, told.minor, ticks) : scheduledMinor;
  return { ...told, quoteMinor: 0n, worthMinor: told.minor === 0n ? 0n : worthMinor };
}
