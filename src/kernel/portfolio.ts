import { pow10 } from "../base/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Currency } from "../model/index.ts";
import type { PortfolioView, PositionView } from "../strategy/index.ts";
import type { Station } from "./station.ts";

/** Money over all positions, read from the ledger at the marks of this moment. */
export class PortfolioFlyweight implements PortfolioView {
  readonly #ledger: Ledger;
  readonly #stations: readonly Station[];
  readonly #stationOf: (name: string) => Station;
  readonly #unit: number;
  /** The ledger's own marks while a look puts others in their place. */
  readonly #kept: Float64Array;

  constructor(
    ledger: Ledger,
    stations: readonly Station[],
    reporting: Currency,
    stationOf: (name: string) => Station,
  ) {
    this.#ledger = ledger;
    this.#stations = stations;
    this.#stationOf = stationOf;
    this.#unit = Number(pow10(reporting.decimals));
    this.#kept = new Float64Array(ledger.markTicks.length);
  }

  cashMinor(currency: string): bigint {
    return this.#ledger.cashMinor(currency);
  }

  get equityMinor(): bigint {
    // A look changes nothing: not what others see, and not what is saved.
    const { markTicks } = this.#ledger;
    this.#kept.set(markTicks);
    try {
      this.mark();
      return this.#ledger.equityMinor();
    } finally {
      markTicks.set(this.#kept);
    }
  }

  get equity(): number {
    return Number(this.equityMinor) / this.#unit;
  }

  position(instrument: string): PositionView {
    return this.#stationOf(instrument).position;
  }

  /** Brings the ledger's marks to what every instrument is worth now, for good: at the end of a run. */
  mark(): void {
    for (const station of this.#stations) {
      const ticks = station.worthTicks();
      if (!Number.isNaN(ticks)) this.#ledger.mark(station.index, ticks);
    }
  }
}
