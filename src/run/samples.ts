import { pow10 } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import type { InstrumentSeries } from "./result.ts";

const MOST_SAMPLES = 20_000;

/**
 * Equity, exposure, prices and positions at evenly spaced moments of a run.
 *
 * @units `periodNs`: ns; equity and exposure in major units of the reporting currency
 * @invariant At most 20,000 samples: when full, the period doubles and what is off its grid goes. The first and
 * the last sample of a run stay.
 */
export class Samples {
  readonly atNs: number[] = [];
  readonly equity: number[] = [];
  readonly exposure: number[] = [];
  readonly prices: (number | null)[][];
  readonly positions: number[][];
  periodNs: number;
  readonly #kernel: TradingKernel;
  readonly #unit: number;

  constructor(kernel: TradingKernel, periodNs: number, reportingDecimals: number) {
    this.#kernel = kernel;
    this.periodNs = periodNs;
    this.#unit = Number(pow10(reportingDecimals));
    this.prices = kernel.stations.map(() => []);
    this.positions = kernel.stations.map(() => []);
  }

  /** Takes a sample stamped `ns`; one that is no longer on the grid is left out, unless it is the last. */
  take(ns: number, isLast = false): void {
    if (this.atNs.length >= MOST_SAMPLES) {
      this.#thin();
      if (!isLast && ns % this.periodNs !== 0) return;
    }
    const { kernel, unit } = { kernel: this.#kernel, unit: this.#unit };
    // A sample changes nothing: no replay takes it.
    const marks = kernel.ledger.markTicks.slice();
    kernel.portfolio.mark();
    let exposure = 0;
    for (const [i, station] of kernel.stations.entries()) {
      const { instrument } = station;
      const mark = kernel.ledger.markTicks[i] as number;
      const lots = kernel.ledger.positionLots[i] as number;
      const known = !Number.isNaN(mark);
      (this.prices[i] as (number | null)[]).push(known ? mark * instrument.tickSize : null);
      (this.positions[i] as number[]).push(lots * instrument.lotSize);
      if (known && lots !== 0) {
        const worth = kernel.ledger.conversion.toReporting(
          instrument.quote.code,
          kernel.ledger.valueMinor(i),
        );
        exposure += Math.abs(Number(worth)) / unit;
      }
    }
    this.atNs.push(ns);
    this.equity.push(Number(kernel.ledger.equityMinor()) / unit);
    this.exposure.push(exposure);
    kernel.ledger.markTicks.set(marks);
  }

  /** Takes the last sample again, at its own time: the run ended within its millisecond. */
  retake(): void {
    const ns = this.atNs.pop() as number;
    this.equity.pop();
    this.exposure.pop();
    for (const column of this.prices) column.pop();
    for (const column of this.positions) column.pop();
    this.take(ns, true);
  }

  series(): readonly InstrumentSeries[] {
    return this.#kernel.instruments.map((instrument, i) => ({
      instrument: instrument.key,
      price: this.prices[i] as (number | null)[],
      position: this.positions[i] as number[],
    }));
  }

  /** Doubles the period until half of the samples, or more, are gone. The first one stays: the run's start. */
  #thin(): void {
    do {
      this.periodNs *= 2;
      const stays = this.atNs.map((ns, i) => i === 0 || ns % this.periodNs === 0);
      const keep = <Item>(items: Item[]): void => {
        let kept = 0;
        for (let i = 0; i < items.length; i++) if (stays[i] === true) items[kept++] = items[i] as Item;
        items.length = kept;
      };
      for (const column of [this.equity, this.exposure, this.atNs]) keep(column);
      for (const column of this.prices) keep(column);
      for (const column of this.positions) keep(column);
    } while (this.atNs.length > MOST_SAMPLES / 2 + 1);
  }
}
