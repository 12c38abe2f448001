import type { Currency, Instrument, Money } from "../model/index.ts";

/** What a `Ledger` is made from. */
export interface LedgerOptions {
  readonly instruments: readonly Instrument[];
  /**
   * Cash at the start: one amount for each currency the instruments are quoted in, and any others. Of a base currency:
   * what is owned beside the positions; 0 unless given.
   */
  readonly cash: readonly Money[];
  /** The currency everything is valued in. */
  readonly reporting: Currency | string;
}

/** Sums over all instruments, in minor units of the reporting currency. */
export interface LedgerTotals {
  readonly realizedMinor: bigint;
  readonly unrealizedMinor: bigint;
  readonly feesMinor: bigint;
  readonly fundingMinor: bigint;
  readonly dividendsMinor: bigint;
}

/** The whole state of a `Ledger`, JSON-safe: bigints as decimals. */
export interface LedgerSnapshot {
  readonly cash: Readonly<Record<string, string>>;
  /** Fees charged in another currency than their instrument is quoted in, where there are any. */
  readonly otherFees?: Readonly<Record<string, string>>;
  /** Rates into the reporting currency as `[numerator, denominator]`. */
  readonly rates: Readonly<Record<string, readonly [string, string]>>;
  readonly positions: readonly {
    readonly lots: number;
    readonly markTicks: number | null;
    readonly cost: string;
    readonly realized: string;
    readonly fees: string;
    readonly funding: string;
    readonly dividends: string;
  }[];
}
