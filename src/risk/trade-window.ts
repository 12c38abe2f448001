import { checkInteger, checkKeys, checkNumber } from "../base/index.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** Price times trades must stay exact after a comparison in percent. */
const MAX_SUM = 80_000_000_000_000;

/** Options of a {@link TradeWindow}. */
export interface TradeWindowOptions {
  readonly instruments: number;
  /** The most trades remembered of one instrument. */
  readonly trades: number;
  /** The highest price there can be: with `trades` times it, sums stay exact. */
  readonly maxPrice: number;
  /** How long a trade counts, in ns. */
  readonly windowNs: number;
}

/** What {@link TradeWindow.save} writes, JSON-safe. */
export interface SavedTradeWindow {
  readonly prices: SavedColumn;
  readonly timesNs: SavedColumn;
  readonly first: SavedColumn;
  readonly count: SavedColumn;
}

/**
 * The arithmetic mean of the prices of the last minutes, exactly: integer sums that gain and lose whole
 * trades.
 *
 * @units prices whole numbers of any unit; times in ns, never falling
 * @invariant `sum` is the sum of the prices of the last `count` trades, all of them younger than `windowNs`
 * after `expire`; `count` never passes `trades`: a full window loses its oldest trade early and `dropped`
 * says so.
 * @shape row i of `trades` places is the ring of instrument i
 * @cost `push` O(1), `expire` O(trades that leave), nothing allocated; 16 bytes a place.
 * @throws `FAULT_CONFIG` naming the option, `trades` times `maxPrice` past 8e13 included.
 * @example
 * ```ts
 * import { TradeWindow } from "tickwright/risk";
 * const window = new TradeWindow({ instruments: 1, trades: 64, maxPrice: 1_000_000, windowNs: 100 });
 * window.push(0, 10, 0);
 * window.push(0, 13, 50);
 * window.mean(0); // => 12
 * window.expire(0, 100);
 * window.mean(0); // => 13
 * ```
 */
export class TradeWindow implements StatePart {
  readonly trades: number;
  readonly maxPrice: number;
  readonly windowNs: number;
  readonly #prices: Float64Array;
  readonly #timesNs: Float64Array;
  readonly #first: Int32Array;
  readonly #count: Int32Array;
  readonly #sum: Float64Array;
  #dropped = 0;

  constructor(options: TradeWindowOptions) {
    checkKeys("tradeWindow", options, ["instruments", "trades", "maxPrice", "windowNs"]);
    const { instruments, trades } = options;
    checkInteger("tradeWindow.instruments", instruments, 1, 1 << 20);
    this.trades = checkInteger("tradeWindow.trades", trades, 1, 1 << 20);
    this.maxPrice = checkInteger("tradeWindow.maxPrice", options.maxPrice, 1, Math.floor(MAX_SUM / trades));
    this.windowNs = checkNumber("tradeWindow.windowNs", options.windowNs, 0);
    this.#prices = new Float64Array(instruments * trades);
    this.#timesNs = new Float64Array(instruments * trades);
    this.#first = new Int32Array(instruments);
    this.#count = new Int32Array(instruments);
    this.#sum = new Float64Array(instruments);
  }

  /** Trades that left early because a ring was full; the means since then cover less than the window. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a trade; the caller vouches for the instrument and for a whole price within `maxPrice`. */
  push(instrument: number, price: number, nowNs: number): void {
    if (this.#count[instrument] === this.trades) {
      this.#shift(instrument);
      this.#dropped++;
    }
    const count = this.#count[instrument] as number;
    const at = this.#place(instrument, count);
    this.#prices[at] = price;
    this.#timesNs[at] = nowNs;
    this.#count[instrument] = count + 1;
    this.#sum[instrument] = (this.#sum[instrument] as number) + price;
  }

  /** Lets the trades go that are `windowNs` old or older. */
  expire(instrument: number, nowNs: number): void {
    while ((this.#count[instrument] as number) > 0) {
      if (nowNs - (this.#timesNs[this.#place(instrument, 0)] as number) < this.windowNs) return;
      this.#shift(instrument);
    }
  }

  /** Lets every trade of an instrument go. */
  clear(instrument: number): void {
    this.#count[instrument] = 0;
    this.#sum[instrument] = 0;
  }

  /** How many trades are in the window. */
  count(instrument: number): number {
    return this.#count[instrument] as number;
  }

  /** The sum of their prices. */
  sum(instrument: number): number {
    return this.#sum[instrument] as number;
  }

  /** Their mean to the nearest whole price, halves up; NaN without a trade. */
  mean(instrument: number): number {
    const count = this.#count[instrument] as number;
    const twice = 2 * (this.#sum[instrument] as number) + count;
    return (twice - (twice % (2 * count))) / (2 * count);
  }

  /** The whole state, JSON-safe. */
  save(): SavedTradeWindow {
    return {
      prices: saveColumn(this.#prices),
      timesNs: saveColumn(this.#timesNs),
      first: saveColumn(this.#first),
      count: saveColumn(this.#count),
    };
  }

  /**
   * Takes the state that `save` wrote; a state that does not fit changes nothing.
   *
   * @throws `FAULT_INPUT` naming the column.
   */
  load(saved: SavedTradeWindow): void {
    const [rows, places, far] = [this.#count.length, this.#prices.length, Number.MAX_VALUE];
    const prices = readColumn("tradeWindow.prices", saved.prices, places, 0, this.maxPrice);
    const timesNs = readColumn("tradeWindow.timesNs", saved.timesNs, places, -far, far, false);
    const first = readColumn("tradeWindow.first", saved.first, rows, 0, this.trades - 1);
    const count = readColumn("tradeWindow.count", saved.count, rows, 0, this.trades);
    this.#prices.set(prices);
    this.#timesNs.set(timesNs);
    this.#first.set(first);
    this.#count.set(count);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let k = 0; k < (count[i] as number); k++) sum += prices[this.#place(i, k)] as number;
      this.#sum[i] = sum;
    }
  }

  /** The trades that count, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.number(this.#dropped);
    for (let i = 0; i < this.#count.length; i++) {
      const count = this.#count[i] as number;
      to.number(count);
      for (let k = 0; k < count; k++) {
        to.number(this.#timesNs[this.#place(i, k)] as number);
        to.number(this.#prices[this.#place(i, k)] as number);
      }
    }
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const dropped = from.whole("dropped", 0, Number.MAX_SAFE_INTEGER);
    const rows = Array.from(this.#count, () => {
      const count = from.whole("trades", 0, this.trades);
      return Array.from({ length: count }, () => {
        return { timeNs: from.number(), price: from.whole("price", 0, this.maxPrice) };
      });
    });
    return () => {
      this.#first.fill(0);
      for (const [i, row] of rows.entries()) {
        this.clear(i);
        for (const { timeNs, price } of row) this.push(i, price, timeNs);
      }
      this.#dropped = dropped;
    };
  }

  #shift(instrument: number): void {
    const price = this.#prices[this.#place(instrument, 0)] as number;
    this.#sum[instrument] = (this.#sum[instrument] as number) - price;
    this.#first[instrument] = ((this.#first[instrument] as number) + 1) % this.trades;
    this.#count[instrument] = (this.#count[instrument] as number) - 1;
  }

  /** Where the k-th oldest trade stands. */
  #place(instrument: number, k: number): number {
    return instrument * this.trades + (((this.#first[instrument] as number) + k) % this.trades);
  }
}
