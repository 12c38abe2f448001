import { Fault, formatScaled, isRefusal, normalizeScaled, parseScaled } from "../base/index.ts";
import { formatNanos, Instrument, type InstrumentOptions } from "../model/index.ts";
import type { DownloadRow } from "./download-pager.ts";

/** Most decimals of a quantity. */
const SCALE_MAX = 18;
const PRICES = ["open", "high", "low", "close"] as const;

/** What the cells of a row are called, prices first. */
function cellsOf(row: DownloadRow, isBars: boolean): { prices: readonly string[]; amount: string } {
  return isBars
    ? { prices: row.slice(1, 5) as string[], amount: row[5] as string }
    : { prices: [row[1]], amount: row[2] };
}

/** Whether a bar has no prices at all: some venues tell bars without a trade that way. It is missing then. */
export function isBlank(row: DownloadRow): boolean {
  return row.slice(1, 5).every((cell) => cell === "");
}

/**
 * Refuses a row whose prices are off the instrument's grid, or whose prices or amount are no numbers.
 *
 * @throws `FAULT_INPUT` naming the row by its time
 */
export function checkRow(row: DownloadRow, instrument: Instrument, isBars: boolean): void {
  const { prices, amount } = cellsOf(row, isBars);
  for (const [i, price] of prices.entries()) {
    const ticks = instrument.parsePrice(price);
    if (!isRefusal(ticks)) continue;
    const expected = `${ticks.expected ?? "a price"}; a finer tick size takes it, where the venue's was finer then`;
    throw rowFault(row, instrument, isBars, isBars ? (PRICES[i] as string) : "price", price, expected);
  }
  const scaled = parseScaled(amount);
  if (scaled !== undefined && scaled.digits >= 0n && scaled.scale <= SCALE_MAX) return;
  throw rowFault(row, instrument, isBars, isBars ? "volume" : "amount", amount, "a quantity of at least 0");
}

/** A fault of one row. */
export function rowFault(
  row: DownloadRow,
  instrument: Instrument,
  isBars: boolean,
  field: string,
  value: unknown,
  expected: string,
): Fault {
  const id = !isBars && row[4] !== "" ? ` ${row[4]}` : "";
  const place = `${instrument.symbol} ${isBars ? "bar" : "trade"}${id} of ${momentText(row[0])} ${field}`;
  return new Fault("FAULT_INPUT", { path: place, value, expected });
}

/** A moment to the second, or to the millisecond where it has some. @units epoch ms */
export function momentText(ms: number): string {
  const text = formatNanos(BigInt(Math.floor(ms)) * 1_000_000n).slice(0, 23);
  return `${text.endsWith(".000") ? text.slice(0, 19) : text}Z`;
}

/**
 * The book lot that holds every quantity of a download: the lot where all are whole lots, else one unit of the last
 * decimal that occurs.
 */
export class LotGrid {
  readonly #instrument: Instrument;
  readonly #isBars: boolean;
  #scale = 0;
  #isWhole = true;

  constructor(instrument: Instrument, isBars: boolean) {
    this.#instrument = instrument;
    this.#isBars = isBars;
  }

  take(row: DownloadRow): void {
    const { amount } = cellsOf(row, this.#isBars);
    if (this.#isWhole && isRefusal(this.#instrument.parseBookQuantity(amount))) this.#isWhole = false;
    const scaled = parseScaled(amount);
    if (scaled !== undefined) this.#scale = Math.max(this.#scale, normalizeScaled(scaled).scale);
  }

  /** The instrument's terms with the book lot that is needed. */
  terms(): InstrumentOptions {
    const terms = this.#instrument.describe();
    if (this.#isWhole) return terms;
    const own = parseScaled(terms.lotSize)?.scale ?? 0;
    return { ...terms, bookLotSize: formatScaled(1n, Math.max(own, this.#scale)) };
  }
}

/** Reads cells of rows as whole ticks and book lots. */
export class RowSteps {
  readonly instrument: Instrument;
  readonly #isBars: boolean;

  constructor(terms: InstrumentOptions, isBars: boolean) {
    this.instrument = new Instrument(terms);
    this.#isBars = isBars;
  }

  /** Prices in ticks and the quantity in book lots. @throws `FAULT_INPUT` naming the row */
  of(row: DownloadRow): { readonly ticks: readonly number[]; readonly lots: number } {
    checkRow(row, this.instrument, this.#isBars);
    const { prices, amount } = cellsOf(row, this.#isBars);
    const lots = this.instrument.parseBookQuantity(amount);
    if (isRefusal(lots)) {
      const field = this.#isBars ? "volume" : "amount";
      throw rowFault(row, this.instrument, this.#isBars, field, amount, lots.expected ?? "book lots");
    }
    return { ticks: prices.map((price) => this.instrument.price(price)), lots: lots.value };
  }
}
