import { parseScaled, pow10, rescale } from "../base/index.ts";
import type { ReportFee, TradingKernel } from "../kernel/index.ts";
import { currency, type Instrument } from "../model/index.ts";
import type { VenueSnapshot } from "../recon/index.ts";
import type { ReconAlertReason } from "./recon-hands.ts";

/** What fees are read with. */
export interface ReconFeesParts {
  readonly kernel: TradingKernel;
  readonly stationOf: (instrument: string | null) => number | undefined;
  readonly alert: (reason: ReconAlertReason, each: null, detail: string) => void;
}

/**
 * What a venue charged, as the books can take it: in the quote currency, the base currency, or one that the session's
 * cash lists and that can be valued.
 *
 * @invariant Of any other currency a human is told once; the scheduled fee stays, and no comparison is made of it.
 */
export class ReconFees {
  readonly #parts: ReconFeesParts;
  readonly #told = new Set<string>();

  constructor(parts: ReconFeesParts) {
    this.#parts = parts;
  }

  /** A fee as a venue writes it; undefined where it cannot be booked. What is finer is rounded against us. */
  told(station: number, currencyCode: string, amount: string): ReportFee | undefined {
    const scaled = parseScaled(amount);
    if (scaled === undefined || !this.#isBookable(station, currencyCode)) return undefined;
    const { decimals } = this.#parts.kernel.ledger.currencyOf(currencyCode) ?? { decimals: 0 };
    const exact = rescale(scaled, decimals);
    if (exact !== undefined) return { currency: currencyCode, minor: exact };
    const down = scaled.digits / pow10(scaled.scale - decimals);
    return { currency: currencyCode, minor: scaled.digits > 0n ? down + 1n : down };
  }

  /** A snapshot without the fees that cannot be booked: nothing is concluded from them. */
  strip(venue: VenueSnapshot): VenueSnapshot {
    const { stationOf } = this.#parts;
    if (!Array.isArray(venue.fills)) return venue;
    let isStripped = false;
    const fills = venue.fills.map((each) => {
      const code: unknown = each?.fee?.currency;
      const station = stationOf(each?.instrument);
      if (typeof code !== "string" || station === undefined || this.#isBookable(station, code)) return each;
      isStripped = true;
      const { fee: _, ...rest } = each;
      return rest;
    });
    return isStripped ? { ...venue, fills } : venue;
  }

  #isBookable(station: number, code: string): boolean {
    const { ledger, instruments } = this.#parts.kernel;
    const { key, quote, base } = instruments[station] as Instrument;
    if (code === quote.code) return true;
    if (code === "") return false;
    const { decimals } = code === base?.code ? base : currency(code);
    if (ledger.currencyOf(code)?.decimals === decimals && ledger.isValued(code)) return true;
    if (!this.#told.has(code)) {
      this.#told.add(code);
      const why = `not in the session's cash with ${decimals} decimals, or of no known worth`;
      this.#parts.alert("feeCurrency", null, `${code} of ${key}: ${why}; charged as scheduled`);
    }
    return false;
  }
}
