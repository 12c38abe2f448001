import {
  checkInteger,
  checkKeys,
  checkText,
  Fault,
  formatScaled,
  normalizeScaled,
  parseScaled,
  pow10,
  type Refusal,
  type Rounding,
  refuse,
  rescale,
  roundTo,
  type Scaled,
} from "../base/index.ts";
import { type Currency, toCurrency } from "./currency.ts";
import { checkFeeSchedule, type FeeSchedule, NO_FEES } from "./fees.ts";
import type { Money } from "./money.ts";
import type { BookLots, Lots, Ticks } from "./units.ts";

/** The largest price in ticks: books and tapes hold prices in 32 bits. */
export const MAX_TICKS = 1_000_000_000;

/** What an {@link Instrument} is made from. Sizes are decimals as text: nothing is rounded on the way in. */
export interface InstrumentOptions {
  readonly symbol: string;
  readonly venue: string;
  /** The smallest step of a price, in units of the quote currency. */
  readonly tickSize: string;
  /** The smallest step of an order's quantity. */
  readonly lotSize: string;
  /** The smallest step of a quantity shown in the book; `lotSize` unless the venue shows finer ones. */
  readonly bookLotSize?: string;
  /** What one unit of quantity is worth per 1.0 of price; 1 unless a contract says otherwise. */
  readonly multiplier?: string;
  /** The currency prices are in and fills are paid in. */
  readonly quote: Currency | string;
  /** What is bought, for instruments that are delivered. */
  readonly base?: Currency | string;
  /** What a fill costs; `NO_FEES` unless given. */
  readonly fees?: FeeSchedule;
  /** The least and most lots of one order. */
  readonly minLots?: number;
  readonly maxLots?: number;
}

const OPTIONS = [
  "symbol",
  "venue",
  "tickSize",
  "lotSize",
  "bookLotSize",
  "multiplier",
  "quote",
  "base",
  "fees",
  "minLots",
  "maxLots",
] as const;

/**
 * Something that trades on one venue: the grid of its prices and quantities, and what they are worth.
 *
 * @invariant One tick times one lot is a whole number of minor units of the quote currency, so every notional
 * is exact.
 * @throws `FAULT_CONFIG` naming the option: a size that is not a positive decimal, a book lot that does not
 * divide the lot, a currency too coarse for the grid.
 * @example
 * ```ts
 * import { Instrument } from "tickwright/model";
 * const btc = new Instrument({
 *   symbol: "BTCUSDT",
 *   venue: "binance",
 *   tickSize: "0.10",
 *   lotSize: "0.001",
 *   quote: "USDT",
 * });
 * btc.formatPrice(btc.price("61800.20")); // => "61800.2"
 * btc.parsePrice("61800.25").ok; // => false
 * ```
 */
export class Instrument {
  readonly symbol: string;
  readonly venue: string;
  /** `symbol@venue`, unique in a run. */
  readonly key: string;
  readonly quote: Currency;
  readonly base: Currency | undefined;
  readonly fees: FeeSchedule;
  /** Sizes as doubles: for signals and charts, never for books. */
  readonly tickSize: number;
  readonly lotSize: number;
  readonly bookLotSize: number;
  readonly multiplier: number;
  /** How many book lots make one lot; a whole number. */
  readonly bookLotsPerLot: number;
  readonly minLots: number;
  readonly maxLots: number;
  /** The worth of one tick times one lot, in minor units of the quote currency. */
  readonly quantumMinor: bigint;
  readonly #tick: Scaled;
  readonly #lot: Scaled;
  readonly #bookLot: Scaled;
  readonly #options: InstrumentOptions;

  constructor(options: InstrumentOptions) {
    checkKeys("instrument", options, OPTIONS);
    this.#options = Object.freeze({ ...options });
    this.symbol = checkText("instrument.symbol", options.symbol);
    this.venue = checkText("instrument.venue", options.venue);
    this.key = `${this.symbol}@${this.venue}`;
    this.quote = toCurrency("instrument.quote", options.quote);
    this.base = options.base === undefined ? undefined : toCurrency("instrument.base", options.base);
    this.fees = checkFeeSchedule("instrument.fees", options.fees ?? NO_FEES);
    this.#tick = checkSize("instrument.tickSize", options.tickSize);
    this.#lot = checkSize("instrument.lotSize", options.lotSize);
    this.#bookLot = checkSize("instrument.bookLotSize", options.bookLotSize ?? options.lotSize);
    const multiplier = checkSize("instrument.multiplier", options.multiplier ?? "1");
    this.tickSize = toNumber(this.#tick);
    this.lotSize = toNumber(this.#lot);
    this.bookLotSize = toNumber(this.#bookLot);
    this.multiplier = toNumber(multiplier);
    this.minLots = checkInteger("instrument.minLots", options.minLots ?? 1, 1);
    this.maxLots = checkInteger(
      "instrument.maxLots",
      options.maxLots ?? Number.MAX_SAFE_INTEGER,
      this.minLots,
    );
    this.bookLotsPerLot = wholeRatio(this.#lot, this.#bookLot);
    this.quantumMinor = quantum(this.#tick, this.#lot, multiplier, this.quote);
  }

  /** The options this was made from, JSON-safe: for manifests and tape headers. */
  describe(): InstrumentOptions {
    return this.#options;
  }

  /**
   * Reads a decimal price exactly.
   *
   * @refuses `PRICE_NOT_A_NUMBER`, `PRICE_OFF_GRID`, `PRICE_OUT_OF_RANGE`
   */
  parsePrice(text: string): Grid<Ticks, "PRICE_NOT_A_NUMBER" | "PRICE_OFF_GRID" | "PRICE_OUT_OF_RANGE"> {
    const steps = toSteps(text, this.#tick);
    if (steps === "malformed") return refuse("PRICE_NOT_A_NUMBER", "price", text, "a decimal number as text");
    if (steps === "off-grid") {
      return refuse("PRICE_OFF_GRID", "price", text, `a multiple of ${this.#options.tickSize}`);
    }
    if (steps > BigInt(MAX_TICKS) || steps < -BigInt(MAX_TICKS)) {
      return refuse("PRICE_OUT_OF_RANGE", "price", text, `at most ${MAX_TICKS} ticks`);
    }
    return accepted(Number(steps) as Ticks);
  }

  /**
   * Reads a decimal quantity exactly, in order lots.
   *
   * @refuses `QUANTITY_NOT_A_NUMBER`, `QUANTITY_OFF_GRID`, `QUANTITY_OUT_OF_RANGE`
   */
  parseQuantity(text: string): Grid<Lots, QuantityCode> {
    return this.#quantity<Lots>(text, this.#lot, this.#options.lotSize);
  }

  /**
   * Reads a decimal quantity exactly, in book lots.
   *
   * @refuses as {@link Instrument.parseQuantity}
   */
  parseBookQuantity(text: string): Grid<BookLots, QuantityCode> {
    return this.#quantity<BookLots>(text, this.#bookLot, this.#options.bookLotSize ?? this.#options.lotSize);
  }

  /**
   * Reads a price that must be on the grid.
   *
   * @throws `FAULT_INPUT` where {@link Instrument.parsePrice} refuses.
   */
  price(text: string): Ticks {
    return orThrow(this.parsePrice(text));
  }

  /**
   * Reads a quantity that must be on the grid.
   *
   * @throws `FAULT_INPUT` where {@link Instrument.parseQuantity} refuses.
   */
  quantity(text: string): Lots {
    return orThrow(this.parseQuantity(text));
  }

  /** Writes a price exactly, with the decimals of the tick. */
  formatPrice(price: number): string {
    return formatSteps("price", price, this.#tick);
  }

  /** Writes a quantity of lots exactly, with the decimals of the lot. */
  formatQuantity(quantity: number): string {
    return formatSteps("quantity", quantity, this.#lot);
  }

  /** Writes a quantity of book lots exactly. */
  formatBookQuantity(quantity: number): string {
    return formatSteps("quantity", quantity, this.#bookLot);
  }

  /**
   * The highest price on the grid that is not above `price`.
   *
   * @throws `FAULT_ARITHMETIC` on NaN and infinities.
   */
  priceDown(price: number): Ticks {
    return toGrid(price / this.tickSize, "floor") as Ticks;
  }

  /**
   * The lowest price on the grid that is not below `price`.
   *
   * @throws `FAULT_ARITHMETIC` on NaN and infinities.
   */
  priceUp(price: number): Ticks {
    return toGrid(price / this.tickSize, "ceil") as Ticks;
  }

  /**
   * The price on the grid nearest to `price`.
   *
   * @throws `FAULT_ARITHMETIC` on NaN and infinities.
   */
  priceNearest(price: number): Ticks {
    return roundTo(price / this.tickSize, "halfEven") as Ticks;
  }

  /**
   * The most whole lots within `quantity`, towards 0.
   *
   * @throws `FAULT_ARITHMETIC` on NaN and infinities.
   */
  lotsDown(quantity: number): Lots {
    return toGrid(quantity / this.lotSize, "down") as Lots;
  }

  /** A price as a double, in units of the quote currency. */
  priceToNumber(price: number): number {
    return price * this.tickSize;
  }

  /** A quantity as a double. */
  quantityToNumber(quantity: number): number {
    return quantity * this.lotSize;
  }

  /** The exact worth of a quantity at a price. */
  notional(price: Ticks, quantity: Lots): Money {
    return { minor: this.notionalMinor(price, quantity), currency: this.quote };
  }

  /**
   * The exact worth of a quantity at a price, in minor units of the quote currency.
   *
   * @cost One double product where it is safe, a bigint product past 2^53.
   */
  notionalMinor(price: number, quantity: number): bigint {
    const product = price * quantity;
    if (Number.isSafeInteger(product)) return BigInt(product) * this.quantumMinor;
    return BigInt(price) * BigInt(quantity) * this.quantumMinor;
  }

  #quantity<Unit extends number>(text: string, step: Scaled, size: string): Grid<Unit, QuantityCode> {
    const steps = toSteps(text, step);
    if (steps === "malformed") {
      return refuse("QUANTITY_NOT_A_NUMBER", "quantity", text, "a decimal number as text");
    }
    if (steps === "off-grid") return refuse("QUANTITY_OFF_GRID", "quantity", text, `a multiple of ${size}`);
    if (steps > BigInt(Number.MAX_SAFE_INTEGER) || steps < 0n) {
      return refuse("QUANTITY_OUT_OF_RANGE", "quantity", text, `within 0 and 2^53 times ${size}`);
    }
    return accepted(Number(steps) as Unit);
  }
}

type QuantityCode = "QUANTITY_NOT_A_NUMBER" | "QUANTITY_OFF_GRID" | "QUANTITY_OUT_OF_RANGE";

/** A value on the grid, or the refusal that says why there is none. */
export type Grid<Unit extends number, Code extends string> =
  | { readonly ok: true; readonly value: Unit }
  | Refusal<Code>;

function accepted<Unit extends number>(value: Unit): { readonly ok: true; readonly value: Unit } {
  return { ok: true, value };
}

function orThrow<Unit extends number, Code extends string>(grid: Grid<Unit, Code>): Unit {
  if (grid.ok) return grid.value;
  throw new Fault("FAULT_INPUT", {
    path: grid.field ?? "value",
    value: grid.value,
    expected: grid.expected ?? grid.code,
  });
}

/**
 * Rounds a number of steps, forgiving what computing it may have lost: a product such as 0.1 * 3 is the
 * grid's own price, not a finer one. 1e-9 of a step, and 16 units in the last place for large numbers.
 */
function toGrid(steps: number, rounding: Rounding): number {
  const near = Math.round(steps);
  const slack = 1e-9 + Math.abs(near) * 3.5527136788005009e-15;
  return Math.abs(steps - near) <= slack ? roundTo(near, rounding) : roundTo(steps, rounding);
}

function toSteps(text: string, step: Scaled): bigint | "malformed" | "off-grid" {
  const scaled = typeof text === "string" ? parseScaled(text) : undefined;
  if (scaled === undefined) return "malformed";
  const digits = rescale(normalizeScaled(scaled), step.scale);
  return digits === undefined || digits % step.digits !== 0n ? "off-grid" : digits / step.digits;
}

function formatSteps(path: string, count: number, step: Scaled): string {
  if (Number.isSafeInteger(count)) return formatScaled(BigInt(count) * step.digits, step.scale);
  throw new Fault("FAULT_INPUT", { path, value: count, expected: "a whole number of steps within 2^53" });
}

function checkSize(path: string, text: string): Scaled {
  const scaled = parseScaled(checkText(path, text));
  if (scaled !== undefined && scaled.digits > 0n) return normalizeScaled(scaled);
  throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a decimal number above 0, as text" });
}

function toNumber(scaled: Scaled): number {
  return Number(formatScaled(scaled.digits, scaled.scale));
}

function wholeRatio(lot: Scaled, bookLot: Scaled): number {
  const scale = Math.max(lot.scale, bookLot.scale);
  const [whole, part] = [rescale(lot, scale) ?? 0n, rescale(bookLot, scale) ?? 1n];
  if (whole % part === 0n && Number.isSafeInteger(Number(whole / part))) return Number(whole / part);
  throw new Fault("FAULT_CONFIG", {
    path: "instrument.bookLotSize",
    value: formatScaled(bookLot.digits, bookLot.scale),
    expected: `a size that divides the lot ${formatScaled(lot.digits, lot.scale)}`,
  });
}

function quantum(tick: Scaled, lot: Scaled, multiplier: Scaled, quote: Currency): bigint {
  const digits = tick.digits * lot.digits * multiplier.digits;
  const scale = tick.scale + lot.scale + multiplier.scale;
  const minor = rescale(normalizeScaled({ digits, scale }), quote.decimals);
  if (minor !== undefined) return minor;
  const least = normalizeScaled({ digits, scale }).scale;
  throw new Fault("FAULT_CONFIG", {
    path: "instrument.quote",
    value: quote,
    expected: `a currency with at least ${least} decimals: one tick of one lot is worth 1e-${least}${
      digits === pow10(scale - least) ? "" : " steps"
    }`,
  });
}
