import { checkInteger, checkKeys, divideBig, Fault } from "../base/index.ts";
import { type Currency, moneyToNumber } from "../model/index.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { TradeTotals } from "./trade-figures.ts";

/** What {@link RoundTrips} is made from. */
export interface RoundTripsOptions {
  /** The worth of one tick of one lot, in minor units of the quote currency: `instrument.quantumMinor`. */
  readonly quantumMinor: bigint;
}

/**
 * Closed trades of one instrument, flat to flat: a trade opens when the position leaves 0 and closes when it
 * is back. A fill that crosses 0 closes one trade and opens the next at its own price; its fee is shared by
 * quantity. Between two flat moments average cost, FIFO and LIFO all realize the same amount, the net cash of
 * the trade, so no cost rule enters.
 *
 * @units lots, ticks, ns; money in minor units of the quote currency
 * @invariant When flat, `netMinor` is all cash received less all cash paid, fees and `cash` entries
 * included, to the minor unit.
 * @cost `fill` is O(1): integer arithmetic in doubles while the sum is within 2^53, bigints at fees and when
 * a trade closes.
 * @example
 * ```ts
 * import { RoundTrips } from "tickwright/stat";
 * const trips = new RoundTrips({ quantumMinor: 1n });
 * trips.fill(2, 100, 0); // => null
 * trips.fill(-2, 103, 5_000); // => 6n
 * trips.wins; // => 1
 * ```
 */
export class RoundTrips {
  readonly #quantum: bigint;
  readonly #holding = new LatencyHistogram();
  /** Net cash of the open trade: ticks times lots, in a double and past 2^53 in a bigint. */
  #cash = 0;
  #cashBig = 0n;
  /** Fees (below 0), dividends and funding of the open trade, in minor units. */
  #extra = 0n;
  #lots = 0;
  #openedNs = 0;
  #wins = 0;
  #losses = 0;
  #scratches = 0;
  #profit = 0n;
  #loss = 0n;

  /** @throws `FAULT_CONFIG` unless the quantum is a bigint above 0. */
  constructor(options: RoundTripsOptions) {
    checkKeys("roundTrips", options, ["quantumMinor"]);
    if (typeof options.quantumMinor !== "bigint" || options.quantumMinor <= 0n) {
      throw new Fault("FAULT_CONFIG", {
        path: "roundTrips.quantumMinor",
        value: options.quantumMinor,
        expected: "a bigint above 0",
      });
    }
    this.#quantum = options.quantumMinor;
  }

  /**
   * Takes one fill; gives the net result of the trade it closed, null where it closed none.
   *
   * @param signedLots - above 0 bought, below 0 sold.
   * @param feeMinor - what the fill cost beside its price, below 0 for a rebate.
   * @throws `FAULT_CONFIG` when lots are 0 or lots or price no integers; `FAULT_TIME` when a fill is
   * earlier than the opening of its trade; `FAULT_ARITHMETIC` when the position is past 2^53.
   */
  fill(signedLots: number, priceTicks: number, ns: number, feeMinor = 0n): bigint | null {
    checkFill(signedLots, priceTicks);
    this.#checkTime(ns);
    const held = this.#lots;
    const next = held + signedLots;
    if (!Number.isSafeInteger(next)) {
      throw new Fault("FAULT_ARITHMETIC", { path: "lots", value: next, expected: "a position within 2^53" });
    }
    if (held === 0) this.#openedNs = ns;
    if (held * next >= 0) {
      this.#pay(signedLots, priceTicks);
      if (feeMinor !== 0n) this.#extra -= feeMinor;
      this.#lots = next;
      return next === 0 ? this.#close(ns) : null;
    }
    const closingFee = divideBig(feeMinor * BigInt(Math.abs(held)), BigInt(Math.abs(signedLots)), "halfEven");
    this.#pay(-held, priceTicks);
    this.#extra -= closingFee;
    const result = this.#close(ns);
    this.#openedNs = ns;
    this.#pay(next, priceTicks);
    this.#extra = closingFee - feeMinor;
    this.#lots = next;
    return result;
  }

  /**
   * Adds money that the position earned or cost beside fills: dividends, funding, cash in lieu. False where
   * the position is flat: it belongs to no trade and is not counted.
   */
  cash(minor: bigint): boolean {
    if (this.#lots === 0) return false;
    this.#extra += minor;
    return true;
  }

  /**
   * Restates the open position after a split: the same trade with other lots. To 0 it closes the trade.
   *
   * @throws `FAULT_CONFIG` when lots are no integer or would turn the position around.
   */
  restate(lots: number, ns: number): bigint | null {
    const same = Math.sign(checkInteger("lots", lots)) === Math.sign(this.#lots);
    if (!same && lots !== 0) {
      throw new Fault("FAULT_CONFIG", { path: "lots", value: lots, expected: `the sign of ${this.#lots}` });
    }
    if (this.#lots === 0) return null;
    this.#checkTime(ns);
    this.#lots = lots;
    return lots === 0 ? this.#close(ns) : null;
  }

  /** The signed position, in lots. */
  get openLots(): number {
    return this.#lots;
  }

  /** Trades closed. */
  get count(): number {
    return this.#wins + this.#losses + this.#scratches;
  }

  /** Closed trades with a net result above 0, below 0, and of exactly 0. */
  get wins(): number {
    return this.#wins;
  }

  get losses(): number {
    return this.#losses;
  }

  get scratches(): number {
    return this.#scratches;
  }

  /** The sum of winning trades' results. */
  get grossProfitMinor(): bigint {
    return this.#profit;
  }

  /** The size of the sum of losing trades' results: at least 0. */
  get grossLossMinor(): bigint {
    return this.#loss;
  }

  /** Gross profit less gross loss. */
  get netMinor(): bigint {
    return this.#profit - this.#loss;
  }

  /** How long closed trades were open, in ns. */
  get holding(): LatencyHistogram {
    return this.#holding;
  }

  /** Counts and sums as doubles in major units, as performance figures take them. */
  totals(currency: Currency): TradeTotals {
    return {
      count: this.count,
      wins: this.#wins,
      losses: this.#losses,
      grossProfit: moneyToNumber({ minor: this.#profit, currency }),
      grossLoss: moneyToNumber({ minor: this.#loss, currency }),
    };
  }

  #pay(signedLots: number, priceTicks: number): void {
    const product = signedLots * priceTicks;
    const cash = this.#cash - product;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(cash)) {
      this.#cash = cash;
      return;
    }
    this.#cashBig += BigInt(this.#cash) - BigInt(signedLots) * BigInt(priceTicks);
    this.#cash = 0;
  }

  #checkTime(ns: number): void {
    if (this.#lots === 0 ? Number.isFinite(ns) : ns >= this.#openedNs) return;
    const expected = this.#lots === 0 ? "a time in ns" : `at least ${this.#openedNs}, when the trade opened`;
    throw new Fault("FAULT_TIME", { path: "ns", value: ns, expected });
  }

  #close(ns: number): bigint {
    const result = (this.#cashBig + BigInt(this.#cash)) * this.#quantum + this.#extra;
    this.#holding.record(ns - this.#openedNs);
    if (result > 0n) {
      this.#wins += 1;
      this.#profit += result;
    } else if (result < 0n) {
      this.#losses += 1;
      this.#loss -= result;
    } else this.#scratches += 1;
    this.#cash = 0;
    this.#cashBig = 0n;
    this.#extra = 0n;
    this.#lots = 0;
    return result;
  }
}

/** Sums the closed trades of several instruments; all amounts must be of one currency. */
export function sumTrades(parts: readonly TradeTotals[]): TradeTotals {
  let [count, wins, losses, grossProfit, grossLoss] = [0, 0, 0, 0, 0];
  for (const part of parts) {
    count += part.count;
    wins += part.wins;
    losses += part.losses;
    grossProfit += part.grossProfit;
    grossLoss += part.grossLoss;
  }
  return { count, wins, losses, grossProfit, grossLoss };
}

function checkFill(signedLots: number, priceTicks: number): void {
  if (!Number.isSafeInteger(signedLots) || signedLots === 0) {
    throw new Fault("FAULT_CONFIG", { path: "signedLots", value: signedLots, expected: "an integer, not 0" });
  }
  if (!Number.isSafeInteger(priceTicks)) {
    throw new Fault("FAULT_CONFIG", { path: "priceTicks", value: priceTicks, expected: "an integer" });
  }
}
